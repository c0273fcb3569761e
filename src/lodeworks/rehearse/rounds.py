"""A robot on its round along a belt: where it is, what it meets there, and when it can be heard.

It rides from the beginning of its round to the end, stands at its stops, rides back and charges until the next. What it
measures in a gap of coverage it keeps, and sends when it is out of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Floats
from lodeworks.network.live import Round
from lodeworks.rehearse.script import Event, Script
from lodeworks.rehearse.sensors import key_of, normal
from lodeworks.rehearse.shapes import Timed, ramp

__all__ = ["Riding"]

_FIRST_S = 120.0  # the first round begins after so much
_STAND_S = 40.0
_NEAR_M = 2.0  # a roller is felt so far, in both directions
_ROLLER_M = 1.2  # from roller to roller
CHARGING, RIDES, STANDS = "charging", "rides", "stands"
_AMBIENT = 24.0


@dataclass(frozen=True, eq=False)
class Riding:
    """One round's rides over a rehearsal; times in seconds since it began.

    Attributes
    ----------
    times, metres
        Where it is when; it moves evenly in between.
    """

    made: Round
    script: Script
    seed: int
    times: Floats
    metres: Floats
    charges: tuple[tuple[float, float], ...]

    @classmethod
    def over(cls, made: Round, script: Script, seed: int, hours: float) -> Riding:
        """Return its rides over so many hours."""
        times, metres, charges = [0.0], [made.start_m], []
        at, begun = _FIRST_S, 0.0
        while at < hours * 3600.0:
            charges.append((begun, at))
            begin = at
            for target in (*sorted(m for m in made.stops if made.start_m < m < made.end_m), made.end_m):
                times += [at, at + abs(target - metres[-1]) / made.speed_m_s]
                metres += [metres[-1], target]
                at = times[-1] + _STAND_S
            times += [at, at + abs(made.end_m - made.start_m) / made.speed_m_s]
            metres += [metres[-1], made.start_m]
            begun = times[-1]
            at = max(begin + made.every_s, begun + _STAND_S)
        charges.append((begun, max(hours * 3600.0, begun)))
        return cls(made, script, seed, np.array(times), np.array(metres), tuple(charges))

    def position(self, hours: Floats) -> Floats:
        """Return the metres it is at."""
        return np.interp(hours * 3600.0, self.times, self.metres)

    def charging(self, hours: Floats) -> NDArray[np.bool_]:
        """Return whether it charges."""
        s = hours * 3600.0
        found = np.zeros(len(s), bool)
        for begin, end in self.charges:
            found |= (s >= begin) & (s < end)
        return found

    def doing(self, hours: Floats) -> NDArray[np.str_]:
        """Return whether it charges, stands or rides."""
        moves = np.abs(self.position(hours + 1.0 / 3600.0) - self.position(hours)) > 1e-6
        return np.where(self.charging(hours), CHARGING, np.where(moves, RIDES, STANDS))

    def battery(self, hours: Floats) -> Floats:
        """Return the charge in per cent: a round takes some forty, a dock gives a hundred in two hours."""
        grid = np.arange(0.0, float(np.max(hours, initial=0.0)) + 0.02, 1.0 / 60.0)
        change = np.where(self.charging(grid), 50.0, -22.0) / 60.0
        level, values = 96.0, np.empty(len(grid))
        for i, step in enumerate(change):
            values[i] = level
            level = min(100.0, max(5.0, level + step))
        return np.interp(hours, grid, values)

    def roller(self, hours: Floats) -> Floats:
        """Return the temperature of the rollers it passes: each has its own, a hot one stands out."""
        at = self.position(hours)
        number = np.round(at / _ROLLER_M).astype(np.int64)
        found: Floats = _AMBIENT + 8.0 + 1.5 * normal(key_of(self.seed, self.made.name, "rollers"), number)
        for event in self.hot():
            found = found + (event.values["to"] - _AMBIENT - 8.0) * self._near(event, at) * ramp(event, hours)
        return found

    def sound(self, hours: Floats) -> Floats:
        """Return the sound it hears, dB; a hot roller may be louder."""
        at = self.position(hours)
        base: Floats = np.where(self.charging(hours), 55.0, 76.0)
        number = np.round(at / _ROLLER_M).astype(np.int64)
        base = base + 1.2 * normal(key_of(self.seed, self.made.name, "sounds"), number)
        for event in self.hot():
            more = np.maximum(event.values["sound"] - base, 0.0)
            base = base + more * self._near(event, at) * ramp(event, hours)
        return base

    def hot(self) -> tuple[Event, ...]:
        """Return the hot rollers planted on its belt."""
        return tuple(event for event in self.script.of("hot_roller") if event.about == self.made.name)

    @staticmethod
    def _near(event: Event, at: Floats) -> Floats:
        found: Floats = np.exp(-0.5 * ((at - event.values["metres"]) / _NEAR_M) ** 2)
        return found

    def heard_ms(self, at_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return when what was measured at some moments can be sent, ms since the rehearsal began."""
        found = at_ms.copy()
        for begin, end in self.silences():
            inside = (at_ms >= begin * 1000.0) & (at_ms < end * 1000.0)
            found[inside] = np.maximum(found[inside], round(end * 1000.0))
        return found

    def silences(self) -> list[tuple[float, float]]:
        """Return when it cannot be heard, in seconds, put together where they meet."""
        rows = [(event.at_s, event.at_s + event.hold_s) for event in self.script.of("robot_lost")
                if event.about == self.made.name]
        for low, high in self.made.gaps:
            for k in range(len(self.times) - 1):
                a, b = self.metres[k], self.metres[k + 1]
                first, last = max(min(a, b), low), min(max(a, b), high)
                if a != b and first < last:
                    span = sorted(float(np.interp(m, *_rising(a, b, self.times[k], self.times[k + 1])))
                                  for m in (first, last))
                    rows.append((span[0], span[1]))
                elif a == b and low <= a < high:
                    rows.append((float(self.times[k]), float(self.times[k + 1])))
        merged: list[tuple[float, float]] = []
        for begin, end in sorted(rows):
            if merged and begin <= merged[-1][1] + 1e-6:
                merged[-1] = merged[-1][0], max(merged[-1][1], end)
            else:
                merged.append((begin, end))
        return merged

    def by_tag(self, reads: dict[str, str]) -> dict[str, Timed]:
        """Return what its tags read that depends on the ride, by tag, given what each reads."""
        own: dict[str, Timed] = {"temperature": self.roller, "sound": self.sound, "charge": self.battery,
                                 "position": self.position, "distance": self.position}
        return {name: own[what] for name, what in reads.items() if what in own}


def _rising(a: float, b: float, begin: float, end: float) -> tuple[list[float], list[float]]:
    """Return metres in rising order with their times."""
    return ([a, b], [begin, end]) if a < b else ([b, a], [end, begin])
