"""What deviations come to: their sums over the plan's hour so far and over the day so far, and the hours known.

Of what is held against a plan only; a day begins at midnight in the chain's time zone, an hour where a step of the plan
does. What was not known is not counted, nor what passed while nobody asked.
"""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Bools, Floats
from lodeworks.watch.planned import Planned, midnight_ms

__all__ = ["Sums"]

_HOUR = 3_600_000.0
_GAP = 5 * 60_000  # longer silences of the caller are not counted as known


class Sums:
    """The sums of each tag that stands beside the plan, shape (tags,) each.

    Parameters
    ----------
    summed
        Of which tags deviations are rates, so that they come to something over time; of a level they do not.

    Attributes
    ----------
    behind, cost, known
        Since midnight: the sum of the deviation, what it cost, and the hours in which it was known.
    behind_hour, cost_hour
        Since the plan's hour began: the sum of the deviation, and what it cost.
    """

    def __init__(self, planned: Planned, summed: Bools) -> None:
        self._planned, self._summed = planned, summed
        self.behind, self.cost, self.known = np.zeros((3, len(summed)))
        self.behind_hour, self.cost_hour = np.zeros((2, len(summed)))
        self._last: tuple[int, Floats, Floats] | None = None

    def add(self, now: int, deviation: Floats, cost: Floats) -> None:
        """Add what held since the last call; a new day and a new hour begin at nought."""
        begin, before, spent = self._last if self._last is not None else (now, deviation, cost)
        held = np.isfinite(before)
        behind = np.where(held & self._summed, before, 0.0)
        spent = np.where(np.isfinite(spent) & self._summed, spent, 0.0)
        gap = now - begin > _GAP
        for since, sums in (
            (midnight_ms(now, self._planned.zone), ((self.behind, behind), (self.cost, spent), (self.known, held))),
            (self._planned.step_begin(now), ((self.behind_hour, behind), (self.cost_hour, spent))),
        ):
            hours = 0.0 if gap else max(0, now - max(begin, since)) / _HOUR
            for total, rate in sums:
                if begin < since:
                    total[:] = 0.0
                total += rate * hours
        self._last = now, deviation, cost
