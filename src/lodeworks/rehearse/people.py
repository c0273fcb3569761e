"""People in zones over a rehearsal: shifts that change, a crowd, a withdrawal until nobody is left."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Floats
from lodeworks.network.live import Live, Zone
from lodeworks.rehearse.script import Script
from lodeworks.rehearse.sensors import key_of, wander
from lodeworks.rehearse.shapes import Timed, ramp

__all__ = ["people_by_tag"]

# Three shifts: when they begin, and the share of the most allowed that is there.
_BEGINS, _SHARES = np.array([[6.0, 14.0, 22.0], [0.6, 0.55, 0.35]])
_CHANGE_H = 0.4  # before and after a change some are on their way
_UNSAID = 8  # where no number is allowed, so many might be there
_ON_THE_WAY_H = 0.5


def people_by_tag(live: Live, script: Script, moment: dt.datetime, seed: int) -> dict[str, Timed]:
    """Return how many people are in each zone that is counted, by the tag that counts them, and longest stays.

    A zone without a site is all of them together.
    """
    clock = moment.hour + moment.minute / 60.0 + moment.second / 3600.0
    own = {zone.name: _of_zone(zone, script, clock, seed) for zone in live.zones if zone.site}

    def everybody(hours: Floats) -> Floats:
        return np.sum([count(hours) for count in own.values()], axis=0) if own else np.zeros_like(hours)

    found: dict[str, Timed] = {}
    for zone in live.zones:
        count = own.get(zone.name, everybody)
        if zone.count:
            found[zone.count] = count
        if zone.stay:
            found[zone.stay] = _stay(count, clock)
    return found


def _of_zone(zone: Zone, script: Script, clock: float, seed: int) -> Timed:
    most = 0 if zone.forbidden or zone.refuge else zone.most if zone.most is not None else _UNSAID
    key = key_of(seed, zone.name, "people")
    crowds = [event for event in script.of("crowd") if zone.name in event.zones]
    leaving = [event for event in script.of("withdraw") if zone.name in event.zones]

    def count(hours: Floats) -> Floats:
        there = most * _staffed((clock + hours) % 24.0) + 0.06 * most * wander(key, hours, slow_h=1.0)
        there = np.clip(np.round(there), 0.0, max(0, most - 1))
        for event in crowds:
            there = there + np.round(event.values["people"] * ramp(event, hours))
        for event in leaving:
            there = np.maximum(np.ceil(there * (1.0 - ramp(event, hours)) - 1e-9), 0.0)
        return there

    return count


def _shift(hour: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return which shift works at an hour of the day, and for how many hours it has."""
    k = (np.searchsorted(_BEGINS, hour, side="right") - 1) % len(_BEGINS)
    return k, (hour - _BEGINS[k]) % 24.0


def _staffed(hour: Floats) -> Floats:
    """Return the share of a zone's people that is there at an hour of the day; at a change half of it."""
    k, since = _shift(hour)
    until = (_BEGINS[(k + 1) % len(_BEGINS)] - hour) % 24.0
    near = np.minimum(since, until) / _CHANGE_H
    found: Floats = _SHARES[k] * np.clip(0.5 + 0.5 * near, 0.5, 1.0)
    return found


def _stay(count: Timed, clock: float) -> Timed:
    """Return the longest stay: since the shift began, and the way in; nought where nobody is."""
    def hours_in(hours: Floats) -> Floats:
        _, since = _shift((clock + hours) % 24.0)
        return np.where(count(hours) > 0.0, since + _ON_THE_WAY_H, 0.0)

    return hours_in
