"""Intervals of means, differences, shares and quantiles, each over independent replications."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from lodeworks.simulate.statistics.laws import binomial_up_to, student
from lodeworks.simulate.statistics.values import checked_level, vector

__all__ = ["Interval", "interval", "paired", "quantile_interval", "welch", "wilson"]


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
    x = vector(values)
    n = len(x)
    if n < 2:
        raise ValueError(f"an interval needs at least two replications, not {n}")
    t = student(n - 1, 1.0 - checked_level(level))
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
    first, second = vector(a), vector(b)
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
    first, second = vector(a), vector(b)
    fewest = min(len(first), len(second))
    if fewest < 2:
        raise ValueError(f"an interval needs at least two replications, not {fewest}")
    parts = [float(np.square(x - x.mean()).sum()) / (len(x) - 1) / len(x) for x in (first, second)]
    both = sum(parts)
    degrees = both**2 / sum(p * p / (len(x) - 1) for p, x in zip(parts, (first, second), strict=True)) if both else 1.0
    half = student(degrees, 1.0 - checked_level(level)) * math.sqrt(both)
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
    z = -NormalDist().inv_cdf((1.0 - checked_level(level)) / 2.0)
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
    x = np.sort(vector(values))
    n = len(x)
    if n == 0:
        raise ValueError("a quantile needs at least one value")
    if not 0.0 < q < 1.0:
        raise ValueError(f"a quantile lies strictly between 0 and 1, not at {q}")
    miss = (1.0 - checked_level(level)) / 2.0
    lower = int(np.count_nonzero(binomial_up_to(n, q) <= miss))  # P(fewer than l at or below) <= miss
    upper = n + 1 - int(np.count_nonzero(binomial_up_to(n, 1.0 - q) <= miss))  # P(u or more at or below) <= miss
    point = float(x[max(math.ceil(n * q * (1.0 - 1e-12)), 1) - 1])  # 100 * 0.07 is a little more than 7
    low = float(x[lower - 1]) if lower > 0 else -math.inf
    high = float(x[upper - 1]) if upper <= n else math.inf
    return Interval(point, low, high, (high - low) / 2.0, n, level)
