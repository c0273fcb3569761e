"""Fitting every family to values, testing each, and the text that is written in a chain file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lodeworks.simulate.fit.bounded import BOUNDED
from lodeworks.simulate.fit.family import TINY, Family, FitError, Floats, listed
from lodeworks.simulate.fit.simple import SIMPLE

__all__ = ["Fit", "propose"]

_FEWEST: Final = 10
_DRAWS: Final = 200
_SEED: Final = 20240229
_MOST_TESTED: Final = 2000  # a larger sample is tested by so many of its values
_REJECT: Final = 0.05
_SAME: Final = 1e-6  # values that spread less, of the largest, are one value
_QUANTILES: Final = 21


@dataclass(frozen=True)
class Fit:
    """A distribution proposed for measured values.

    Parameters
    ----------
    family
        The family's name in a chain file.
    text
        What to write in the chain file.
    parameters
        The parameters by name, in the unit of the values and not rounded; for ``empirical`` ``q0`` to ``q20``.
    ks
        The largest distance between the fitted curve and that of the values (Kolmogorov-Smirnov).
    p_value
        The share of samples of the fitted curve that lie as far off as the values do, each fitted anew. It is no
        number (nan) for ``empirical``, which is not put to the test.
    aic
        Akaike's criterion; smaller is better. It is nan for ``empirical`` and ``-inf`` for ``constant``.
    """

    family: str
    text: str
    parameters: dict[str, float]
    ks: float
    p_value: float
    aic: float


def propose(values: npt.ArrayLike, unit: str = "h") -> list[Fit]:
    """Return the families that could have made the values, best first.

    Families the test does not reject (p above 0.05) stand before those it does, each group by Akaike's criterion.
    When every family is rejected, a table of 21 quantiles (``empirical``) stands first. The p-values come from 200
    draws with a fixed seed, so the same values always give the same answer; of more than 2000 values, 2000 picked with
    a fixed seed are tested.

    Parameters
    ----------
    values
        Measured times or amounts, none below nought.
    unit
        The unit of the values, written behind the numbers; ``""`` for none.

    Returns
    -------
    list of Fit
        Only ``constant`` when all values are equal (to one part in a million).

    Raises
    ------
    FitError
        If there are fewer than ten values, or some are not finite numbers from nought up; rows count from one.
    """
    x = np.sort(_checked(values))
    if x[-1] - x[0] <= _SAME * x[-1]:
        value = float(np.median(x))
        return [Fit("constant", _text("constant", {"value": value}, unit), {"value": value}, 0.0, 1.0, -math.inf)]
    tested = x
    if x.size > _MOST_TESTED:
        tested = np.sort(np.random.default_rng(_SEED).choice(x, _MOST_TESTED, replace=False))
    found = [fit for fit in (_fit(family, x, tested, unit) for family in (*SIMPLE, *BOUNDED)) if fit is not None]
    found.sort(key=lambda fit: (fit.p_value <= _REJECT, fit.aic))
    if not found or found[0].p_value <= _REJECT:
        found.insert(0, _empirical(x, unit))
    return found


def _fit(family: Family, x: Floats, tested: Floats, unit: str) -> Fit | None:
    try:
        with np.errstate(all="ignore"):  # what is out of range is seen in the estimate
            estimate = family.estimate(x)
            if estimate is None or not all(map(math.isfinite, (*estimate[0], estimate[1]))):
                return None
            parameters, likelihood = estimate
            ks, p_value = _distance(family.cdf(parameters, x)), _p_value(family, tested)
    except ArithmeticError:  # values so far apart that a parameter is no finite number
        return None
    named = dict(zip(family.parameters, parameters, strict=True))
    aic = 2.0 * len(parameters) - 2.0 * likelihood
    return Fit(family.name, _text(family.name, named, unit), named, ks, p_value, aic)


def _checked(values: npt.ArrayLike) -> Floats:
    """Return the values as floats, or say what is wrong with them."""
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FitError(f"the values are not all numbers: {error}") from error
    if x.ndim != 1:
        raise FitError(f"expected one column of values; found an array of {x.ndim} dimensions")
    if x.size == 0:
        raise FitError("there are no values")
    faults = [
        f"row {i + 1} is {'not a number' if math.isnan(x[i]) else 'infinite' if math.isinf(x[i]) else f'{x[i]:g}'}"
        for i in np.flatnonzero(~np.isfinite(x) | (x < 0.0))
    ]
    if faults:
        raise FitError(f"values must be finite and not below nought: {listed(faults)}")
    if x.size < _FEWEST:
        raise FitError(f"{x.size} values are too few to choose a distribution by; at least {_FEWEST} are needed")
    return x


def _text(family: str, parameters: dict[str, float], unit: str) -> str:
    """Return the text of a chain file: four digits, and more only where the spread would be lost."""
    numbers = list(parameters.values())
    digits = 4
    if family in ("uniform", "triangular", "pert", "empirical"):
        spread = numbers[-1] - numbers[0]
        while digits < 15 and abs(_round(numbers[-1], digits) - _round(numbers[0], digits) - spread) > 0.01 * spread:
            digits += 1
    parts = []
    for name, number in parameters.items():
        shown = f"{_round(number, digits):.15g}"
        parts.append(shown if name in ("k", "shape") or not unit else f"{shown} {unit}")
    return f"{family}({', '.join(parts)})"


def _round(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")


def _empirical(x: Floats, unit: str) -> Fit:
    table = np.quantile(x, np.linspace(0.0, 1.0, _QUANTILES))
    named = {f"q{i}": float(q) for i, q in enumerate(table)}
    # The curve jumps where quantiles coincide; the values there are reached from both sides of the jump.
    shares = np.linspace(0.0, 1.0, _QUANTILES)
    upper = np.searchsorted(table, x, side="right")
    lower = np.searchsorted(table, x, side="left")
    smooth = np.interp(x, table, shares)
    after = np.where(upper - lower > 1, shares[np.maximum(upper - 1, 0)], smooth)
    before = np.where(upper - lower > 1, shares[np.minimum(lower, _QUANTILES - 1)], smooth)
    n = x.size
    ks = max(float(np.max(np.searchsorted(x, x, side="right") / n - after)),
             float(np.max(before - np.searchsorted(x, x, side="left") / n)), 0.0)
    return Fit("empirical", _text("empirical", named, unit), named, ks, math.nan, math.nan)


def _distance(curve: Floats) -> float:
    """Return the Kolmogorov-Smirnov distance, from the fitted curve at the values in rising order."""
    steps = np.arange(curve.size + 1) / curve.size
    return float(max(np.max(steps[1:] - curve), np.max(curve - steps[:-1])))


def _p_value(family: Family, x: Floats) -> float:
    """Return the p-value of the distance by parametric bootstrap: every draw is fitted anew (Lilliefors effect)."""
    estimate = family.estimate(x)
    if estimate is None:
        return 0.0
    parameters = estimate[0]
    observed = _distance(family.cdf(parameters, x))
    rng = np.random.default_rng(_SEED)
    as_far = 0
    for _ in range(_DRAWS):
        drawn = np.sort(np.maximum(family.draw(parameters, rng, x.size), TINY))
        again = family.estimate(drawn)
        as_far += again is None or _distance(family.cdf(again[0], drawn)) >= observed
    return (1 + as_far) / (1 + _DRAWS)
