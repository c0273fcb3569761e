"""How many replications are enough for a mean to be as precise as is wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lodeworks.simulate.statistics.laws import student
from lodeworks.simulate.statistics.values import Floats, checked_level, vector

__all__ = ["Precision"]


@dataclass(frozen=True)
class Precision:
    """How precise a mean is to be, and so how many replications are enough.

    Attributes
    ----------
    relative
        The half width wanted, as a share of the mean.
    least
        The fewest replications to judge by.
    ahead
        For how many more replications it must stay so; beyond a hundred, for so many in each hundred.
    level
        The confidence level.

    Notes
    -----
    The replications algorithm of Hoad, Robinson and Davies, *Automated selection of the number of replications for
    a discrete-event simulation*, Journal of the Operational Research Society 61 (2010) 1632-1644. Looking ahead
    guards against a few replications that are alike by chance. A mean of nought is never precise, unless every
    value is nought.
    """

    relative: float = 0.02
    least: int = 10
    ahead: int = 5
    level: float = 0.95

    def __post_init__(self) -> None:
        if not self.relative > 0.0:
            raise ValueError(f"the relative half width must be positive, not {self.relative}")
        if self.least < 2:
            raise ValueError(f"at least two replications are needed to judge by, not {self.least}")
        if self.ahead < 0:
            raise ValueError(f"one cannot look ahead {self.ahead} replications")
        checked_level(self.level)

    def satisfied(self, values: npt.ArrayLike) -> bool:
        """Return whether one may stop here: it is precise, and has been for as long as it must stay so.

        Parameters
        ----------
        values
            One value for each replication so far, of shape (replications,), in the order they were run.
        """
        met = self._met(vector(values))
        since = len(met)  # the replication since which it has been met without a break
        while since > 0 and met[since - 1]:
            since -= 1
        return self._seen_through(since + 1, len(met))

    def replications_enough(self, values: npt.ArrayLike) -> int | None:
        """Return the first number of replications that was enough and stayed so, or None.

        Parameters
        ----------
        values
            One value for each replication so far, of shape (replications,), in the order they were run.
        """
        met = self._met(vector(values))
        since = 1
        for n, good in enumerate(met, start=1):
            if not good:
                since = n + 1
            elif self._seen_through(since, n):
                return since
        return None

    def _seen_through(self, since: int, n: int) -> bool:
        return since + self.ahead * max(since, 100) // 100 <= n

    def _met(self, x: Floats) -> list[bool]:
        """Return for each prefix, by its length less one, whether it is precise and long enough to judge by."""
        if len(x) < self.least:
            return [False] * len(x)
        n = np.arange(1, len(x) + 1)
        shifted = x - x[0]  # the first is in every prefix: from it, the sums lose no digits
        total = np.cumsum(shifted)
        spread = np.maximum(np.cumsum(shifted * shifted) - total * total / n, 0.0)
        means = x[0] + total / n
        degrees = np.maximum(n - 1, 1)
        t = np.array([student(d, 1.0 - self.level) for d in degrees.tolist()])
        half = t * np.sqrt(spread / degrees / n)
        met: list[bool] = ((half <= self.relative * np.abs(means)) & (n >= self.least)).tolist()
        return met
