"""How alarms sound: tones by priority, and what is said of those that have just come, in English or Chinese.

What sounds is decided by the states (`AlarmNow.sounds`); how a page makes the tones is the page's. In a burst the first
few are said and the rest are counted, so that the voice does not run behind the plant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lodeworks.network.live import Live
from lodeworks.watch.alarms.now import AlarmNow

__all__ = ["LEVELS", "SOUNDS", "Sound", "sounding", "spoken"]


@dataclass(frozen=True)
class Sound:
    """Tones (Hz) one after another, each so many seconds, said again after so many; 0 is once only."""

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


def sounding(alarms: Iterable[AlarmNow]) -> Sound | None:
    """Return the sound of the most urgent alarm that is to be heard, if there is one."""
    urgent = min((alarm.priority for alarm in alarms if alarm.sounds), default=None)
    return None if urgent is None else SOUNDS.get(urgent, SOUNDS[max(SOUNDS)])


def spoken(alarms: Iterable[AlarmNow], live: Live, language: str = "zh", *, most: int = 3) -> str:
    """Return what is said of alarms just announced: the most urgent by name, the rest by number; empty for none."""
    zh = language.startswith("zh")
    heard = sorted((a for a in alarms if a.sounds), key=lambda a: (a.priority, a.announced, a.alarm))
    said = [_one(alarm, live, zh=zh) for alarm in heard[:most]]
    if (more := len(heard) - most) > 0:
        said.append(f"另有{more}条报警" if zh else f"{more} more")
    if not said:
        return ""
    return "。".join(said) + "。" if zh else ". ".join(said) + "."


def _one(alarm: AlarmNow, live: Live, *, zh: bool) -> str:
    rule = next((rule for rule in live.rules if rule.name == alarm.rule), None)
    title = alarm.rule if rule is None else rule.title_zh if zh else rule.title_en
    level = LEVELS[alarm.level][zh] if alarm.level in LEVELS else ""
    unit = ""
    if rule is not None and rule.kind == "limit" and rule.tag in live.place:
        unit = live.tags[live.place[rule.tag]].unit
    measured = f"{alarm.value:.4g} {unit}".strip() if rule is not None and rule.kind == "limit" and \
        alarm.value is not None else ""
    return ("，" if zh else ", ").join(part for part in (title, level, measured) if part)
