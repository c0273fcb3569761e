"""The end of the warm-up: where a series is cut, the same for all replications, and whether the rest is steady."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lodeworks.simulate.statistics.intervals import interval
from lodeworks.simulate.statistics.values import vector

__all__ = ["WarmUp", "mser5", "trend", "warm_up"]

_BATCH = 5  # of MSER-5
_LATE = 0.9  # of the half that is searched: a cut from here on is at its end
_DRIFT = 0.1  # of the mean: less is not called a trend
_ROUNDING = 1e-9  # of the largest value: less is not called a drift at all


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
    x = vector(series)
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
    reason = trend(x, level)
    return WarmUp(cut, not reason, reason)


def trend(series_per_replication: npt.ArrayLike, level: float = 0.95) -> str:
    """Return in words what trend there is over the second half of a series, or nothing.

    Parameters
    ----------
    series_per_replication
        One value for each bucket of time, of shape (replications, buckets).
    level
        The confidence level at which a trend is told from chance.

    Notes
    -----
    See `warm_up`.
    """
    x = np.asarray(series_per_replication, dtype=np.float64)
    half = x[:, x.shape[1] // 2 :]
    if half.shape[1] < 2:
        return ""
    time = np.arange(half.shape[1]) - (half.shape[1] - 1) / 2.0
    drifts = half @ time / float(time @ time) * (half.shape[1] - 1)
    drift, mean = float(drifts.mean()), float(half.mean())
    if abs(drift) <= max(_DRIFT * abs(mean), _ROUNDING * float(np.abs(half).max())):
        return ""
    sure = interval(drifts, level) if len(drifts) > 1 else None
    if sure is not None and sure.low <= 0.0 <= sure.high:
        return ""
    way = "rises" if drift > 0.0 else "falls"
    share = f", {abs(drift / mean):.0%} of its mean" if mean else ""
    return f"there is a trend: over its second half the series {way} by {abs(drift):.4g}{share}"
