"""Measures of a desk: how many alarms it was told, how bunched, how long they stood, whether any were a nuisance.

Read from the journal alone. Numbers that are often named as goals stand in `GOALS` with where they come from; a site
sets its own. None of them is a certificate of anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lodeworks.watch.alarms.flood import WINDOW_MS
from lodeworks.watch.alarms.now import AlarmNow
from lodeworks.watch.journal import Row

__all__ = ["CHATTER_MS", "CHATTER_TIMES", "GOALS", "STANDING_MS", "Measures", "measures"]

CHATTER_TIMES, CHATTER_MS = 3, 60_000
"""An alarm announced so often within so long chatters."""
_HOUR_MS = 3_600_000
STANDING_MS = 24 * 3_600_000
"""An alarm that stands longer than this says nothing any more."""

GOALS: Mapping[str, tuple[float, str]] = {
    "per_ten_minutes": (1.0, "EEMUA 191, after the survey of 1998"),
    "most_in_ten_minutes": (10.0, "EEMUA 191: the edge of a flood"),
    "flood_share": (0.01, "common practice"),
    "chattering": (0.0, "common practice"),
    "standing": (5.0, "common practice"),
    "urgent_share": (0.05, "EEMUA 191: about 80 / 15 / 5"),
}
"""At most so much, by the name of the measure, and where that is said."""


@dataclass(frozen=True)
class Measures:
    """A desk from `since` to before `until` (ms).

    Parameters
    ----------
    announced
        How often it was told of an alarm; being told again counts.
    per_ten_minutes, most_in_ten_minutes
        The mean, and the most in any ten minutes, as a flood is told by.
    flood_share
        The part of the time that was a flood.
    top, top_share
        The ten alarms announced most often, with how often, and their part of all.
    chattering
        Alarms announced three times or more within a minute.
    standing
        Alarms active for more than a day at the end, without a break.
    by_priority
        How many announcements of each priority.
    urgent_share
        The part of the announcements that was of the first priority.
    acknowledged, acknowledged_s
        How many were acknowledged, and after how many seconds in the mean from being told (NaN for none).
    suppressed, shelved
        How often alarms were suppressed by design and shelved.
    by_hour
        The announcements of each hour from `since` on.
    """

    desk: str
    since: int
    until: int
    announced: int
    per_ten_minutes: float
    most_in_ten_minutes: int
    flood_share: float
    top: tuple[tuple[str, int], ...]
    top_share: float
    chattering: tuple[str, ...]
    standing: tuple[str, ...]
    by_priority: tuple[tuple[int, int], ...]
    urgent_share: float
    acknowledged: int
    acknowledged_s: float
    suppressed: int
    shelved: int
    by_hour: tuple[int, ...] = ()

    def beyond(self, goals: Mapping[str, tuple[float, str]] = GOALS) -> dict[str, float]:
        """Return the measures that are beyond a goal, with what they are."""
        found = {name: getattr(self, name) for name in goals}
        numbers = {name: float(len(value) if isinstance(value, tuple) else value) for name, value in found.items()}
        return {name: number for name, number in numbers.items() if number > goals[name][0]}


def measures(rows: Iterable[Row], since: int, until: int, *, simulated: bool = False) -> dict[str, Measures]:
    """Return the measures of each desk that was told anything, or has alarms standing.

    Parameters
    ----------
    rows
        Of the journal, from its beginning, so that what stands since long is known.
    since, until
        The stretch, ms; events at `until` are not in it.
    simulated
        Whether to count alarms of a rehearsal, which are left out otherwise.
    """
    told: dict[str, list[Row]] = {}
    deeds: dict[str, list[Row]] = {}
    floods: dict[str, list[tuple[int, int]]] = {}
    active: dict[str, AlarmNow] = {}
    for row in rows:
        if row.at >= until:
            continue
        if row.kind == "flood":
            spans = floods.setdefault(row.subject, [])
            if row.event == "began":
                spans.append((row.at, until))
            elif spans:
                spans[-1] = (spans[-1][0], row.at)
        if row.kind != "alarm" or "now" not in row.data:
            continue
        now = AlarmNow.of_data(row.data["now"])
        if now.simulated and not simulated:
            continue
        if now.active:
            active[now.alarm] = now
        else:
            active.pop(now.alarm, None)
        if row.at >= since:
            (told if row.event == "announced" else deeds).setdefault(now.desk, []).append(row)
    desks = {*told, *deeds, *(now.desk for now in active.values())}
    return {desk: _of_desk(desk, told.get(desk, []), deeds.get(desk, []), floods.get(desk, []),
                           [now for now in active.values() if now.desk == desk], since, until)
            for desk in sorted(desks)}


def _of_desk(
    desk: str, told: list[Row], deeds: list[Row], floods: list[tuple[int, int]], active: list[AlarmNow], since: int,
    until: int,
) -> Measures:
    count = len(told)
    often = Counter(row.subject for row in told)
    times = np.sort(np.array([row.at for row in told], np.int64))
    within = np.arange(1, count + 1) - np.searchsorted(times, times - WINDOW_MS, side="right")
    hours = Counter((row.at - since) // _HOUR_MS for row in told)
    priority = Counter(int(row.data["now"]["priority"]) for row in told)
    top = tuple(sorted(often.items(), key=lambda one: (-one[1], one[0]))[:10])
    flood = sum(max(0, min(end, until) - max(begin, since)) for begin, end in floods)
    waits = [(row.data["now"]["acknowledged"] - row.data["now"]["announced"]) / 1000.0 for row in deeds
             if row.event == "acknowledged" and "announced" in row.data["now"]]
    return Measures(
        desk, since, until, count, count * WINDOW_MS / max(until - since, 1), int(within.max(initial=0)),
        flood / max(until - since, 1), top, sum(n for _, n in top) / count if count else 0.0, _chattering(told),
        tuple(sorted(now.alarm for now in active if until - now.began > STANDING_MS)), tuple(sorted(priority.items())),
        priority[1] / count if count else 0.0, sum(row.event == "acknowledged" for row in deeds),
        sum(waits) / len(waits) if waits else float("nan"), sum(row.event == "suppressed" for row in deeds),
        sum(row.event == "shelved" for row in deeds),
        tuple(hours.get(hour, 0) for hour in range(-(-(until - since) // _HOUR_MS))),
    )


def _chattering(told: list[Row]) -> tuple[str, ...]:
    """The alarms with so many announcements within so long."""
    times: dict[str, list[int]] = {}
    for row in told:
        times.setdefault(row.subject, []).append(row.at)
    return tuple(sorted(
        name for name, at in times.items()
        if any(later - earlier <= CHATTER_MS for earlier, later in zip(sorted(at), sorted(at)[CHATTER_TIMES - 1:],
                                                                       strict=False))
    ))
