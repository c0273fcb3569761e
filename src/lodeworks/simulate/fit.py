"""Propose a distribution for measured times or amounts, as the text that is written in a chain file.

Here stand the estimates, the test of each and the reading of a column of measurements. What a text in a chain file may
say is not decided here, nor are units converted: the unit is only written behind the numbers. Draws for a simulation
come from the kernel's own streams.

Every family is fitted by maximum likelihood; families on the positive numbers begin at nought. The Kolmogorov-Smirnov
distance is measured to a curve fitted to the same values, which makes it smaller than the textbook table supposes (the
Lilliefors effect): its p-value is therefore had by drawing 200 samples from the fitted curve, fitting each anew and
counting how often one lies as far off. Values rounded coarsely when noted down follow no smooth curve, and a large
sample shows it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from lodeworks.errors import LodeworksError, did_you_mean

__all__ = ["Fit", "FitError", "propose", "read_column"]

Floats = npt.NDArray[np.float64]
# The parameters as written in a chain file, and the log-likelihood; none if the family cannot have made the values.
_Estimate = tuple[tuple[float, ...], float] | None

_FEWEST: Final = 10
_DRAWS: Final = 200
_SEED: Final = 20240229
_MOST_TESTED: Final = 2000  # a larger sample is tested by so many of its values
_REJECT: Final = 0.05
_SAME: Final = 1e-6  # values that spread less, of the largest, are one value
_QUANTILES: Final = 21
_ERLANG_K: Final = np.arange(2.0, 51.0)
_SHOWN: Final = 5  # faults listed in one message
_TINY: Final = 1e-300
# A beta-PERT is a beta of shapes (a, 6 - a); its likelihood is greatest where digamma(a) - digamma(6 - a) has a value.
_PERT_A: Final = np.linspace(1.0, 5.0, 4001)
_PERT_SCORE: Final = special.digamma(_PERT_A) - special.digamma(6.0 - _PERT_A)


class FitError(LodeworksError, ValueError):
    """The measurements cannot be used; the message says which rows and why."""

    exit_code = 2


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


@dataclass(frozen=True)
class _Family:
    name: str
    parameters: tuple[str, ...]
    estimate: Callable[[Floats], _Estimate]  # of values in rising order
    cdf: Callable[[tuple[float, ...], Floats], Floats]
    draw: Callable[[tuple[float, ...], np.random.Generator, int], Floats]


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
    found = [fit for fit in (_fit(family, x, tested, unit) for family in _FAMILIES) if fit is not None]
    found.sort(key=lambda fit: (fit.p_value <= _REJECT, fit.aic))
    if not found or found[0].p_value <= _REJECT:
        found.insert(0, _empirical(x, unit))
    return found


def read_column(path: str | Path, column: str) -> Floats:
    """Return a column of numbers from a csv or parquet file; rows count from one, without the header.

    Raises
    ------
    FitError
        If there is no such file or column, or a cell is empty or not a number.
    """
    import polars as pl

    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise FitError(f"{path}: expected a file ending in .csv or .parquet")
    if not path.is_file():
        raise FitError(f"{path}: there is no such file")
    try:
        table = pl.read_csv(path, infer_schema=False) if kind == ".csv" else pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise FitError(f"{path}: cannot be read as {kind[1:]}: {reason}") from error
    if column not in table.columns:
        hint = did_you_mean(column, table.columns)
        raise FitError(f"{path}: no column {column!r}; there are {', '.join(map(repr, table.columns))}{hint}")
    cells = table[column]
    if cells.dtype == pl.String:
        numbers = cells.str.strip_chars().cast(pl.Float64, strict=False)
    elif cells.dtype.is_numeric():
        numbers = cells.cast(pl.Float64)
    elif cells.dtype == pl.Null:
        numbers = pl.Series(column, [None] * len(cells), dtype=pl.Float64)
    else:
        raise FitError(f"{path}: column {column!r} holds no numbers but {cells.dtype}")
    bad = numbers.is_null().arg_true().to_list()
    if bad:
        told = _listed(f"row {i + 1} {_cell(cells[i])}" for i in bad)
        raise FitError(f"{path}: column {column!r} holds cells that are not numbers: {told}")
    return numbers.to_numpy().astype(np.float64)


def _fit(family: _Family, x: Floats, tested: Floats, unit: str) -> Fit | None:
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


def _cell(cell: object) -> str:
    return "is empty" if cell is None or not str(cell).strip() else f"is {str(cell)!r}"


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
        raise FitError(f"values must be finite and not below nought: {_listed(faults)}")
    if x.size < _FEWEST:
        raise FitError(f"{x.size} values are too few to choose a distribution by; at least {_FEWEST} are needed")
    return x


def _listed(faults: Iterable[str]) -> str:
    faults = list(faults)
    more = len(faults) - _SHOWN
    return ", ".join(faults[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


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


def _p_value(family: _Family, x: Floats) -> float:
    """Return the p-value of the distance by parametric bootstrap: every draw is fitted anew (Lilliefors effect)."""
    estimate = family.estimate(x)
    if estimate is None:
        return 0.0
    parameters = estimate[0]
    observed = _distance(family.cdf(parameters, x))
    rng = np.random.default_rng(_SEED)
    as_far = 0
    for _ in range(_DRAWS):
        drawn = np.sort(np.maximum(family.draw(parameters, rng, x.size), _TINY))
        again = family.estimate(drawn)
        as_far += again is None or _distance(family.cdf(again[0], drawn)) >= observed
    return (1 + as_far) / (1 + _DRAWS)


# Families whose ends are known or read off.


def _uniform(x: Floats) -> _Estimate:
    low, high = float(x[0]), float(x[-1])
    return (low, high), -x.size * math.log(high - low)


def _uniform_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return np.clip((x - p[0]) / (p[1] - p[0]), 0.0, 1.0)


def _uniform_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return rng.uniform(p[0], p[1], n)


def _exponential(x: Floats) -> _Estimate:
    mean = float(np.mean(x))
    return (mean,), -x.size * (math.log(mean) + 1.0)


def _exponential_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return -np.expm1(-x / p[0])


def _exponential_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return rng.exponential(p[0], n)


# Families on the positive numbers: a value of nought rules them out.


def _gamma_likelihood(shape: Floats | float, mean: float, log_mean: float, n: int) -> Floats:
    """Return the log-likelihood for a shape, `log_mean` being the mean of the logarithms."""
    k = np.asarray(shape, dtype=np.float64)
    return np.asarray(n * (k * (np.log(k / mean) - 1.0) - special.gammaln(k) + (k - 1.0) * log_mean), dtype=np.float64)


def _gamma(x: Floats) -> _Estimate:
    if x[0] <= 0.0:
        return None
    mean = float(np.mean(x))
    log_mean = float(np.mean(np.log(x)))
    s = -float(np.mean(np.log(x / mean)))
    if s <= 0.0:
        return None
    k = (3.0 - s + math.sqrt((s - 3.0) ** 2 + 24.0 * s)) / (12.0 * s)
    if k < 1e4:  # above, the start is exact to the last digits and the differences below are not
        for _ in range(20):
            gap = math.log(k) - float(special.digamma(k)) - s
            step = gap / (1.0 / k - float(special.polygamma(1, k)))
            k = k - step if step < k else k / 2.0
            if abs(step) < 1e-10 * k:
                break
    return (mean, mean / math.sqrt(k)), float(_gamma_likelihood(k, mean, log_mean, x.size))


def _gamma_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    k = (p[0] / p[1]) ** 2
    return np.asarray(special.gammainc(k, x * (k / p[0])), dtype=np.float64)


def _gamma_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    k = (p[0] / p[1]) ** 2
    return rng.gamma(k, p[0] / k, n)


def _erlang(x: Floats) -> _Estimate:
    if x[0] <= 0.0:
        return None
    mean = float(np.mean(x))
    likelihoods = _gamma_likelihood(_ERLANG_K, mean, float(np.mean(np.log(x))), x.size)
    best = int(np.argmax(likelihoods))
    return (float(_ERLANG_K[best]), mean), float(likelihoods[best])


def _erlang_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return np.asarray(special.gammainc(p[0], x * (p[0] / p[1])), dtype=np.float64)


def _erlang_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return rng.gamma(p[0], p[1] / p[0], n)


def _lognormal(x: Floats) -> _Estimate:
    if x[0] <= 0.0:
        return None
    logs = np.log(x)
    mu, variance = float(np.mean(logs)), float(np.var(logs))
    if not 0.0 < variance < 300.0:
        return None
    mean = math.exp(mu + variance / 2.0)
    likelihood = -x.size * (mu + 0.5 * math.log(2.0 * math.pi * variance) + 0.5)
    return (mean, mean * math.sqrt(math.expm1(variance))), likelihood


def _of_logs(p: tuple[float, ...]) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm."""
    variance = math.log1p((p[1] / p[0]) ** 2)
    return math.log(p[0]) - variance / 2.0, math.sqrt(variance)


def _lognormal_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    mu, sigma = _of_logs(p)
    return special.ndtr((np.log(x) - mu) / sigma)


def _lognormal_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    mu, sigma = _of_logs(p)
    return rng.lognormal(mu, sigma, n)


def _weibull(x: Floats) -> _Estimate:
    if x[0] <= 0.0:
        return None
    logs = np.log(x)
    top = float(logs[-1])
    below = logs - top
    log_mean = float(np.mean(below))

    def score(shape: float) -> float:
        weights = np.exp(shape * below)
        return float(weights @ below) / float(np.sum(weights)) - 1.0 / shape - log_mean

    low = high = 1.2825 / float(np.std(logs))
    while score(low) > 0.0:
        low /= 2.0
    while score(high) < 0.0:
        high *= 2.0
    shape = low if low == high else float(optimize.brentq(score, low, high, rtol=1e-10))
    log_scale = top + math.log(float(np.mean(np.exp(shape * below)))) / shape
    likelihood = x.size * (math.log(shape) - shape * log_scale + (shape - 1.0) * (log_mean + top) - 1.0)
    return (shape, math.exp(log_scale)), likelihood


def _weibull_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return -np.expm1(-((x / p[1]) ** p[0]))


def _weibull_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return p[1] * rng.weibull(p[0], n)


# Families with both ends to find.


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
    bounds = ((lowest, max(lowest, math.log(max(least / span, _TINY)))), (lowest, 3.0))
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


def _triangular(x: Floats) -> _Estimate:
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


def _pert(x: Floats) -> _Estimate:
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


_FAMILIES: Final = (
    _Family("uniform", ("low", "high"), _uniform, _uniform_cdf, _uniform_draw),
    _Family("triangular", ("low", "mode", "high"), _triangular, _triangular_cdf, _triangular_draw),
    _Family("exponential", ("mean",), _exponential, _exponential_cdf, _exponential_draw),
    _Family("gamma", ("mean", "sd"), _gamma, _gamma_cdf, _gamma_draw),
    _Family("erlang", ("k", "mean"), _erlang, _erlang_cdf, _erlang_draw),
    _Family("lognormal", ("mean", "sd"), _lognormal, _lognormal_cdf, _lognormal_draw),
    _Family("weibull", ("shape", "scale"), _weibull, _weibull_cdf, _weibull_draw),
    _Family("pert", ("low", "mode", "high"), _pert, _pert_cdf, _pert_draw),
)
