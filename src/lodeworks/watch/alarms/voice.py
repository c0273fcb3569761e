"""How alarms sound and what is said of them: tones by priority, and the words of one alarm, in English or Chinese.

Which alarms sound is decided by the states (`AlarmNow.sounds`); a browser makes the tones and speaks. In a burst the
first few are said and the rest are counted, so that the voice does not run behind the plant; what lives depend on is
said again until somebody acknowledges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["LEVELS", "MOST", "REPEAT_S", "SOUNDS", "Sound", "phrase"]

MOST = 3
"""So many of those that come together are said by name."""
REPEAT_S = 20.0
"""An alarm of life safety is said again after so many seconds, until it is acknowledged or silenced."""


@dataclass(frozen=True)
class Sound:
    """Tones (Hz) one after another, each so many seconds, heard again after so many; 0 is once only."""

    tones: tuple[float, ...]
    each_s: float
    again_s: float


SOUNDS: Mapping[int, Sound] = {
    1: Sound((880.0, 660.0, 880.0, 660.0, 880.0), 0.15, 2.0),
    2: Sound((660.0, 550.0), 0.25, 5.0),
    3: Sound((550.0,), 0.3, 15.0),
    4: Sound((440.0,), 0.2, 0.0),
}
"""By priority: the more urgent the higher, the quicker and the sooner again."""

LEVELS = {"HH": ("very high", "高高限"), "H": ("high", "高限"), "L": ("low", "低限"), "LL": ("very low", "低低限")}
"""What the levels of a limit are called, in English and Chinese."""


def phrase(title: str, level: str, measured: str, language: str) -> str:
    """Return what is said of one alarm: its title, the level's word, the value as it is shown; what is empty is not."""
    zh = language == "zh"
    word = LEVELS[level][zh] if level in LEVELS else ""
    return ("，" if zh else ", ").join(part for part in (title, word, measured) if part)
