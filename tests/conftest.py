"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# What an example takes says how busy the computer is; which laws hold does not depend on it.
settings.register_profile("lodeworks", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("lodeworks")

# Commands speak the language of the environment; what they say here does not depend on whose computer it is.
os.environ["LC_ALL"] = "C.UTF-8"
