"""Families with both ends to find: their estimates, curves and draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import optimize, special

from lodeworks.simulate.fit.family import TINY, Estimate, Family, Floats

__all__ = ["BOUNDED"]

# A beta-PERT is a beta of shapes (a, 6 - a); its likelihood is greatest where digamma(a) - digamma(6 - a) has a value.
_PERT_A: Final = np.linspace(1.0, 5.0, 4001)
_PERT_SCORE: Final = special.digamma(_PERT_A) - special.digamma(6.0 - _PERT_A)


def _ends(x: Floats, likelihood: Callable[[float, float], float]) -> tuple[float, float]:
    """Return the ends, from nought and beyond the values, that make the likelihood greatest (Nelder-Mead).

    The search is over the logarithms of the gaps between ends and extreme values, in units of the values' range.
    """
    least, most = float(x[0]), float(x[-1])
    span = most - least

    def ends(gaps: Floats) -> tuple[float, float]:
        low = least - span * math.exp(gaps[0])
        return (low if low > 1e-9 * span else 0.0), most + span * math.exp(gaps[1])

    def loss(gaps: Floats) -> float:
        return -likelihood(*ends(gaps))

    lowest = -12.0
    bounds = ((lowest, max(lowest, math.log(max(least / span, TINY)))), (lowest, 3.0))
    simplex: Floats = np.array([(-3.0, -3.0), (-1.0, -3.0), (-3.0, -1.0)])
    simplex[:, 0] = np.clip(simplex[:, 0], *bounds[0])
    if simplex[0, 0] == simplex[1, 0]:  # nought is nearer than the search would begin
        simplex[1, 0] = max(lowest, simplex[0, 0] - 2.0)
    begin: Floats = simplex[0].copy()
    found = optimize.minimize(
        loss, begin, method="Nelder-Mead", bounds=bounds,
        options={"initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-4, "maxiter": 400},
    )
    return ends(np.asarray(found.x, dtype=np.float64))


def _triangular(x: Floats) -> Estimate:
    n = x.size
    before = np.arange(n)

    def likelihoods(low: float, high: float) -> Floats:
        """Return the log-likelihood with the mode at each value: it is greatest at one of them (Oliver 1972)."""
        left, right = np.log(x - low), np.log(high - x)
        total = np.zeros(n)
        total[1:] += np.cumsum(left[:-1]) - before[1:] * left[1:]
        total[:-1] += np.cumsum(right[:0:-1])[::-1] - before[:0:-1] * right[:-1]
        return np.where(np.isnan(total), -np.inf, total) + n * math.log(2.0 / (high - low))

    low, high = _ends(x, lambda low, high: float(np.max(likelihoods(low, high))))
    of_modes = likelihoods(low, high)
    best = int(np.argmax(of_modes))
    return (low, float(x[best]), high), float(of_modes[best])


def _triangular_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    low, mode, high = p
    falling = 1.0 - (high - x) ** 2 / ((high - low) * (high - mode))
    if mode == low:
        return falling
    return np.where(x < mode, (x - low) ** 2 / ((high - low) * (mode - low)), falling)


def _triangular_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return rng.triangular(p[0], p[1], p[2], n)


def _pert(x: Floats) -> Estimate:
    n = x.size

    def best(low: float, high: float) -> tuple[float, float]:
        """Return the first shape of the beta and the log-likelihood."""
        left, right = float(np.mean(np.log(x - low))), float(np.mean(np.log(high - x)))
        a = float(np.interp(left - right, _PERT_SCORE, _PERT_A))
        rising = (a - 1.0) * left if a > 1.0 else 0.0
        total = rising + (5.0 - a) * right - 5.0 * math.log(high - low)
        return a, n * (total - float(special.betaln(a, 6.0 - a)))

    low, high = _ends(x, lambda low, high: best(low, high)[1])
    a, likelihood = best(low, high)
    return (low, low + (a - 1.0) / 4.0 * (high - low), high), likelihood


def _pert_shape(p: tuple[float, ...]) -> float:
    return 1.0 + 4.0 * (p[1] - p[0]) / (p[2] - p[0])


def _pert_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    a = _pert_shape(p)
    return special.betainc(a, 6.0 - a, np.clip((x - p[0]) / (p[2] - p[0]), 0.0, 1.0))


def _pert_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    a = _pert_shape(p)
    return p[0] + (p[2] - p[0]) * rng.beta(a, 6.0 - a, n)


BOUNDED: Final = (
    Family("triangular", ("low", "mode", "high"), _triangular, _triangular_cdf, _triangular_draw),
    Family("pert", ("low", "mode", "high"), _pert, _pert_cdf, _pert_draw),
)
