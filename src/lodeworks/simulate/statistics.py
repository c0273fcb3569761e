"""Statistics over independent replications: intervals, the end of the warm-up, how many are enough, which is best.

Here is what can be said of numbers that replications have given, one number or one series each. How a replication is
run, which numbers it gives and how they are written down is said elsewhere; nothing here draws a random number or
knows what is simulated. Every interval is over replications, never over the correlated values within one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = [
    "Interval",
    "Precision",
    "Selection",
    "WarmUp",
    "best_of",
    "interval",
    "mser5",
    "paired",
    "quantile_interval",
    "warm_up",
    "welch",
    "wilson",
]

Floats = npt.NDArray[np.float64]

_BATCH = 5  # of MSER-5
_LATE = 0.9  # of the half that is searched: a cut from here on is at its end
_DRIFT = 0.1  # of the mean: less is not called a trend
_ROUNDING = 1e-9  # of the largest value: less is not called a drift at all


@dataclass(frozen=True)
class Interval:
    """A point estimate and its confidence interval.

    Attributes
    ----------
    mean
        The point: a mean, a share or a quantile.
    low, high
        The ends; infinite where there are too few values to bound that side.
    half
        Half the interval's width. Only a mean lies in its middle.
    count
        How many values it rests on.
    level
        The confidence level, between nought and one.
    """

    mean: float
    low: float
    high: float
    half: float
    count: int
    level: float


@dataclass(frozen=True)
class WarmUp:
    """Where the warm-up ends, and whether what follows is steady.

    Attributes
    ----------
    cut
        How many buckets to leave out at the start, of every replication.
    steady
        Whether the rest may be taken for a steady state.
    reason
        Why not, in words; empty if it is.
    """

    cut: int
    steady: bool
    reason: str


@dataclass(frozen=True)
class Selection:
    """The best of several alternatives, and those that may be it.

    Attributes
    ----------
    best
        The alternative with the best mean; the first of equals.
    differences
        For each alternative, its paired difference to `best`; nought for `best` itself.
    keep
        The alternatives that cannot be excluded, in order; `best` is one of them.
    """

    best: int
    differences: tuple[Interval, ...]
    keep: tuple[int, ...]


def interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean over replications and its Student t interval.

    Parameters
    ----------
    values
        One value for each replication, of shape (replications,).
    level
        The confidence level.

    Raises
    ------
    ValueError
        If there are fewer than two values, or one is not finite.

    Notes
    -----
    Law, *Simulation Modeling and Analysis*, 5th ed., section 9.4.1. Exact for normal values, and close to it for
    means over a replication.
    """
    x = _vector(values)
    n = len(x)
    if n < 2:
        raise ValueError(f"an interval needs at least two replications, not {n}")
    t = _student(n - 1, 1.0 - _level(level))
    shifted = x - x[0]  # equal values have a spread of exactly nought
    middle = float(shifted.mean())
    mean = float(x[0]) + middle
    half = t * math.sqrt(float(np.square(shifted - middle).sum()) / (n - 1) / n)
    return Interval(mean, mean - half, mean + half, half, n, level)


def paired(a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean of a - b and its interval, where replication i of both saw the same random numbers.

    Parameters
    ----------
    a, b
        One value for each replication, of shape (replications,), in the same order.
    level
        The confidence level.

    Raises
    ------
    ValueError
        If the two differ in length, have fewer than two values, or one is not finite.

    Notes
    -----
    The paired t interval of Law, section 10.2.1. Common random numbers make the two alike, and so the difference
    surer than either; it is right without them too.
    """
    first, second = _vector(a), _vector(b)
    if len(first) != len(second):
        raise ValueError(f"pairs need as many of one as of the other, not {len(first)} and {len(second)}")
    return interval(first - second, level)


def welch(a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean of a less that of b and its interval, where the two are independent of each other.

    Parameters
    ----------
    a, b
        One value for each replication, of shapes (replications of a,) and (replications of b,).
    level
        The confidence level.

    Raises
    ------
    ValueError
        If either has fewer than two values, or one is not finite.

    Notes
    -----
    Welch, *Biometrika* 34 (1947) 28-35, with the degrees of freedom of Satterthwaite: neither the numbers of
    replications nor the spreads need be alike. `count` is the smaller number.
    """
    first, second = _vector(a), _vector(b)
    fewest = min(len(first), len(second))
    if fewest < 2:
        raise ValueError(f"an interval needs at least two replications, not {fewest}")
    parts = [float(np.square(x - x.mean()).sum()) / (len(x) - 1) / len(x) for x in (first, second)]
    both = sum(parts)
    degrees = both**2 / sum(p * p / (len(x) - 1) for p, x in zip(parts, (first, second), strict=True)) if both else 1.0
    half = _student(degrees, 1.0 - _level(level)) * math.sqrt(both)
    mean = float(first.mean() - second.mean())
    return Interval(mean, mean - half, mean + half, half, fewest, level)


def wilson(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Return the share of successes and its score interval.

    Parameters
    ----------
    successes, trials
        In how many replications it happened, and of how many.
    level
        The confidence level.

    Raises
    ------
    ValueError
        If there are no trials, or successes are not between nought and the trials.

    Notes
    -----
    Wilson, *Journal of the American Statistical Association* 22 (1927) 209-212. It never leaves [0, 1], and keeps
    a width when every trial ends alike, as the interval around the share does not.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share of trials")
    z = -NormalDist().inv_cdf((1.0 - _level(level)) / 2.0)
    p, grow = successes / trials, z * z / trials
    middle = (p + grow / 2.0) / (1.0 + grow)
    half = math.sqrt(p * (1.0 - p) * grow + grow * grow / 4.0) / (1.0 + grow)
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == trials else middle + half
    return Interval(p, low, high, (high - low) / 2.0, trials, level)


def quantile_interval(values: npt.ArrayLike, q: float, level: float = 0.95) -> Interval:
    """Return a quantile over replications and an interval that holds for any distribution.

    Parameters
    ----------
    values
        One value for each replication, of shape (replications,).
    q
        Which quantile, between nought and one.
    level
        The least confidence level; the steps of the binomial make the true one higher.

    Returns
    -------
    Interval
        The point is the least value with at least a share q of the values at or below it; the ends are values
        too, or infinite where there are too few of them.

    Raises
    ------
    ValueError
        If there are no values, one is not finite, or q is not strictly between nought and one.

    Notes
    -----
    David and Nagaraja, *Order Statistics*, 3rd ed., section 7.1: the number of values at or below the quantile is
    binomial, so it lies between the l-th and the u-th value unless that number is below l or not below u. Each
    side may be missed with half of what `level` leaves.
    """
    x = np.sort(_vector(values))
    n = len(x)
    if n == 0:
        raise ValueError("a quantile needs at least one value")
    if not 0.0 < q < 1.0:
        raise ValueError(f"a quantile lies strictly between 0 and 1, not at {q}")
    from scipy.special import bdtr

    miss = (1.0 - _level(level)) / 2.0
    ranks = np.arange(n)
    lower = int(np.count_nonzero(bdtr(ranks, n, q) <= miss))  # P(fewer than l at or below) <= miss
    upper = n + 1 - int(np.count_nonzero(bdtr(ranks, n, 1.0 - q) <= miss))  # P(u or more at or below) <= miss
    point = float(x[max(math.ceil(n * q * (1.0 - 1e-12)), 1) - 1])  # 100 * 0.07 is a little more than 7
    low = float(x[lower - 1]) if lower > 0 else -math.inf
    high = float(x[upper - 1]) if upper <= n else math.inf
    return Interval(point, low, high, (high - low) / 2.0, n, level)


def mser5(series: npt.ArrayLike) -> int:
    """Return how many values to leave out at the start of a series.

    Parameters
    ----------
    series
        Values in order of time, of shape (buckets,); best the average over replications.

    Returns
    -------
    int
        A multiple of five, at most half the series; the least of equals.

    Raises
    ------
    ValueError
        If there are fewer than ten values, or one is not finite.

    Notes
    -----
    White, *An effective truncation heuristic for bias reduction in simulation output*, Simulation 69 (1997)
    323-334, on means of five as in White, Cobb and Spratt, *Proceedings of the 2000 Winter Simulation Conference*,
    755-760: of the batch means z, those after the first d are kept for which ::

        sum over kept (z - their mean)² / (how many are kept)²

    is least, with d in the first half, where few enough are left out for it to mean something. Values beyond the
    last full batch do not count.
    """
    x = _vector(series)
    count = len(x) // _BATCH
    if count < 2:
        raise ValueError(f"MSER-5 needs at least {2 * _BATCH} values, not {len(x)}")
    z = x[: count * _BATCH].reshape(count, _BATCH).mean(axis=1)
    z = (z - z[-1])[::-1]  # the last is always kept: from it, the sums lose no digits
    kept = np.arange(1, count + 1)
    spread = np.maximum(np.cumsum(z * z) - np.square(np.cumsum(z)) / kept, 0.0)
    errors = (spread / np.square(kept))[::-1]  # by how many batches are left out
    return int(np.argmin(errors[: count // 2 + 1])) * _BATCH


def warm_up(series_per_replication: npt.ArrayLike, level: float = 0.95) -> WarmUp:
    """Return where the warm-up ends, the same for every replication, and whether the rest is steady.

    Parameters
    ----------
    series_per_replication
        One value for each bucket of time, of shape (replications, buckets).
    level
        The confidence level at which a trend is told from chance.

    Returns
    -------
    WarmUp
        Not steady if there are too few buckets; if the cut lies in the last tenth of the half that is searched,
        as it then may belong further on; or if the second half has a trend.

    Raises
    ------
    ValueError
        If the array has another shape, no replications, or a value that is not finite.

    Notes
    -----
    The cut is that of MSER-5 on the average over replications, as in Hoad, Robinson and Davies, *Automating warm-up
    length estimation*, Journal of the Operational Research Society 61 (2010) 1389-1403. There is a trend if the
    t interval of the replications' own least-squares slopes over the second half excludes nought, and the drift
    over it exceeds a tenth of its mean: the slopes are independent, however correlated the buckets are. With one
    replication there is no such interval, and the drift alone decides.

    Few buckets are soon called not steady, as chance alone may put the cut late: of steady series of ten replications
    with little correlation, about one in twenty with 100 buckets, one in eight with 50, and four in ten with 20.
    """
    x = np.asarray(series_per_replication, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] < 1:
        raise ValueError(f"expected (replications, buckets), not an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    buckets = x.shape[1]
    if buckets < 2 * _BATCH:
        return WarmUp(0, False, f"{buckets} buckets are too few to find a warm-up: it takes {2 * _BATCH}")
    cut = mser5(x.mean(axis=0))
    searched = buckets // _BATCH // 2 * _BATCH
    if cut >= _LATE * searched:
        return WarmUp(cut, False, f"the warm-up may not have ended: the cut, {cut} of {buckets} buckets, "
                                  "lies at the end of the half in which it is looked for")
    half = x[:, buckets // 2 :]
    time = np.arange(half.shape[1]) - (half.shape[1] - 1) / 2.0
    drifts = half @ time / float(time @ time) * (half.shape[1] - 1)
    drift, mean = float(drifts.mean()), float(half.mean())
    if abs(drift) > max(_DRIFT * abs(mean), _ROUNDING * float(np.abs(half).max())):
        sure = interval(drifts, level) if len(drifts) > 1 else None
        if sure is None or sure.low > 0.0 or sure.high < 0.0:
            way = "rises" if drift > 0.0 else "falls"
            share = f", {abs(drift / mean):.0%} of its mean" if mean else ""
            return WarmUp(cut, False, f"there is a trend: over its second half the series {way} "
                                      f"by {abs(drift):.4g}{share}")
    return WarmUp(cut, True, "")


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
        _level(self.level)

    def satisfied(self, values: npt.ArrayLike) -> bool:
        """Return whether one may stop here: it is precise, and has been for as long as it must stay so.

        Parameters
        ----------
        values
            One value for each replication so far, of shape (replications,), in the order they were run.
        """
        met = self._met(_vector(values))
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
        met = self._met(_vector(values))
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
        from scipy.special import stdtrit

        half = stdtrit(degrees, (1.0 + self.level) / 2.0) * np.sqrt(spread / degrees / n)
        met: list[bool] = ((half <= self.relative * np.abs(means)) & (n >= self.least)).tolist()
        return met


def best_of(samples: npt.ArrayLike, level: float = 0.95, larger: bool = True) -> Selection:
    """Return the best of several alternatives by their means, and those that may be it.

    Parameters
    ----------
    samples
        One value for each alternative and replication, of shape (alternatives, replications); replication i of
        all saw the same random numbers.
    level
        The confidence level for all comparisons together.
    larger
        Whether more is better.

    Raises
    ------
    ValueError
        If the array has another shape, no alternatives, fewer than two replications, or a value not finite.

    Notes
    -----
    Hsu's multiple comparisons with the best, *Annals of Statistics* 12 (1984) 1136-1144, under common random numbers
    as in Nelson and Matejcik, *Management Science* 41 (1995) 1935-1945, in the form by Bonferroni's inequality that
    asks nothing of how the alternatives are correlated. With k alternatives, each pair is compared at the level
    1 - (1 - level) / (k - 1). An alternative is excluded if it is surely worse than some other at that level. That
    the true best is kept takes k - 1 comparisons only, those with itself, and so holds with at least `level`,
    whichever it is. The differences hold together, at `level`, for the true best; so also for `best` if it is that.
    They are two-sided and so is what excludes, that the two agree: Hsu's one-sided bound would exclude a little more.
    """
    x = np.asarray(samples, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] < 1:
        raise ValueError(f"expected (alternatives, replications), not an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    k, n = x.shape
    if n < 2:
        raise ValueError(f"a comparison needs at least two replications, not {n}")
    each = 1.0 - (1.0 - _level(level)) / max(k - 1, 1)
    means = x.mean(axis=1)
    best = int(np.argmax(means) if larger else np.argmin(means))
    differences = tuple(paired(row, x[best], each) for row in x)
    t = _student(n - 1, 1.0 - each)
    keep = tuple(i for i in range(k) if i == best or not _surely_worse(x[i] if larger else -x[i],
                                                                       x if larger else -x, t))
    return Selection(best, differences, keep)


def _surely_worse(one: Floats, others: Floats, t: float) -> bool:
    """Return whether some other is larger for sure; `one` may be among `others`, (replications,) and (k, …)."""
    lead = others - one
    half = t * lead.std(axis=1, ddof=1) / math.sqrt(len(one))
    return bool((lead.mean(axis=1) > half).any())


def _student(degrees: float, alpha: float) -> float:
    """Return the two-sided t quantile for so many degrees of freedom."""
    from scipy.special import stdtrit  # 0.1 s to load, which a simulation does not need before it runs

    return -float(stdtrit(degrees, alpha / 2.0))


def _level(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level lies strictly between 0 and 1, not at {level}")
    return level


def _vector(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"expected one value for each, not an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    return x
