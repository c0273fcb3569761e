"""Student's t and the binomial law, by plain arithmetic: what intervals need of them, without a library of functions.

Loading one takes longer than a small simulation runs. What is asked for is the same for every measure of a run, a few
quantiles for each count of values, and is kept, so that speed does not matter here; exactness does.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["binomial_up_to", "student"]

_TINY = 1e-300
_SERIES_FROM = 20.0  # from here on the series of a ratio of gamma functions is exact to the last places


@cache
def student(degrees: float, alpha: float) -> float:
    """Return the two-sided t quantile for so many degrees of freedom.

    That t which is exceeded with the chance alpha, either way; not a number where there is no degree of freedom.

    Notes
    -----
    Halley's steps from nought, where the chance to exceed t is convex in t, so that they come from one side.
    """
    if not degrees > 0.0 or not 0.0 < alpha <= 1.0:
        return math.nan
    log_scale = _log_gamma_ratio(degrees / 2.0) - 0.5 * math.log(degrees * math.pi)
    t = 0.0
    for _ in range(200):
        density = math.exp(log_scale - 0.5 * (degrees + 1.0) * math.log1p(t * t / degrees))
        newton = (_exceeds(t, degrees) - 0.5 * alpha) / density
        step = newton / (1.0 - 0.5 * newton * (degrees + 1.0) * t / (degrees + t * t))
        if not step > 4e-16 * t:  # as near as numbers lie
            return t + step
        t += step
    return t


def _exceeds(t: float, degrees: float) -> float:
    """Return the chance that a t is above one that is not negative."""
    square = t * t
    x, y = degrees / (degrees + square), square / (degrees + square)
    a = 0.5 * degrees
    if y == 0.0:
        return 0.5
    log_front = _log_gamma_ratio(a) - 0.5 * math.log(math.pi) + a * (math.log1p(-y) if y < 0.5 else math.log(x))
    front = math.exp(log_front) * math.sqrt(y)
    if x < (a + 1.0) / (a + 2.5):
        return 0.5 * front * _fraction(x, a, 0.5) / a
    return 0.5 - front * _fraction(y, 0.5, a)


def _log_gamma_ratio(a: float) -> float:
    """Return log(gamma(a + 1/2) / gamma(a)): differences of large logarithms would lose digits.

    The series is that of Tricomi and Erdélyi (Pacific J. Math. 1, 1951).
    """
    if a < _SERIES_FROM:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    r = 1.0 / (a * a)
    return 0.5 * math.log(a) - (1.0 / 8.0 - r * (1.0 / 192.0 - r * (1.0 / 640.0 - r * 17.0 / 14336.0))) / a


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method as Thompson and Barnett say.

    Olver et al., *NIST Handbook of Mathematical Functions*, 8.17.22.
    """
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    found = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / ((1.0 + term * d) or _TINY)
            c = (1.0 + term / c) or _TINY
            found *= c * d
        if abs(c * d - 1.0) < 2e-16:
            break
    return found


@cache
def binomial_up_to(n: int, p: float) -> npt.NDArray[np.float64]:
    """Return the chances of at most 0, 1, … n - 1 of n, where each comes with a chance p, shape (n,)."""
    logs = [math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0) for k in range(n)]
    k = np.arange(n)
    found = np.cumsum(np.exp(np.array(logs) + k * math.log(p) + (n - k) * math.log1p(-p)))
    found.flags.writeable = False  # it is kept, and handed to everybody
    return found
