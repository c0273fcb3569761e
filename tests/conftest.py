"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# What an example takes says how busy the computer is; which laws hold does not depend on it.
settings.register_profile("lodeworks", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("lodeworks")
