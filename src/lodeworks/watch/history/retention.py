"""How long samples are kept: whole for a while, then the extremes of each minute, then not at all.

Chinese mines keep statistics and records of alarms, counts of people and states for two years or more, and live
values of methane points for three months or more (as proposed for the standard of monitoring systems; see
docs/live-data.md). After a class's own time the highest and the lowest of each minute stay until two years are over,
so that no spike is ever lost before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from lodeworks.network.live import Tag
from lodeworks.watch.history.thin import extremes
from lodeworks.watch.samples import Samples

__all__ = ["GAS", "RECORD", "VALUE", "Keep", "aged", "keep_of", "passed_ages"]

_DAY_MS = 86_400_000
_MINUTE_MS = 60_000


@dataclass(frozen=True)
class Keep:
    """Days for which every sample is kept, and days after which nothing is."""

    whole_days: int
    days: int


# Two years are 731 days if one has a 29 February; a month more, for who asks late.
_TWO_YEARS = 762
RECORD = Keep(_TWO_YEARS, _TWO_YEARS)
GAS = Keep(123, _TWO_YEARS)
VALUE = Keep(396, _TWO_YEARS)

_RECORDED = ("people", "stay", "count")
_GASES = ("methane", "co", "co2", "oxygen", "hydrogen_sulphide", "hydrogen", "dust", "smoke", "fire")


def keep_of(tags: Sequence[Tag]) -> list[Keep]:
    """Return how long each tag is kept: states, counters and counts of people as records, gases and dust, the rest."""
    return [
        RECORD if tag.kind in ("state", "counter") or tag.quantity in _RECORDED
        else GAS if tag.quantity in _GASES
        else VALUE
        for tag in tags
    ]


def passed_ages(age: int, keep: Set[Keep]) -> str:
    """Return which ages at which something is thinned or deleted a day of this age (days) has passed, as text."""
    ages = {age for one in (*keep, VALUE) for age in (one.whole_days, one.days)}
    return " ".join(str(one) for one in sorted(ages) if age >= one)


def aged(samples: Samples, begin: int, age: int, keep: Mapping[int, Keep]) -> Samples:
    """Return what is kept of one day's samples at an age.

    Parameters
    ----------
    samples
        In order of tag and time; tags as they are numbered in `keep`, those not in it are kept as values.
    begin
        When the day begins, ms.
    age
        Days since the day was over.
    """
    minutes = np.arange(begin, begin + _DAY_MS + 1, _MINUTE_MS)
    kept = []
    bounds = np.flatnonzero(np.diff(samples.tag, prepend=-1, append=-1))
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rule = keep.get(int(samples.tag[first]), VALUE)
        if age >= rule.days:
            continue
        rows = np.arange(first, last)
        if age >= rule.whole_days:
            rows = rows[extremes(samples.at[first:last], samples.value[first:last], samples.quality[first:last],
                                 minutes)]
        kept.append(rows)
    return samples.take(np.concatenate(kept)) if kept else Samples.of([], [], [], [], [])
