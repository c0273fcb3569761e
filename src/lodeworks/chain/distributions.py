"""Distributions as people write them, `lognormal(7 min, 1 min)`, brought to plain numbers in one unit.

Sampling belongs to the engine; here stands which families there are, what each needs, and what is wrong with a text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lodeworks.chain.entities import Chain, Entity, named
from lodeworks.errors import Problem, did_you_mean
from lodeworks.units import UnitProblem, Units, parse_quantity

__all__ = ["FAMILIES", "distribution_problems", "mean_of", "parse_distribution"]

# Family: its parameters; those in `_PLAIN` are without a unit.
FAMILIES = {
    "constant": ("value",), "uniform": ("low", "high"), "triangular": ("low", "mode", "high"),
    "exponential": ("mean",), "erlang": ("k", "mean"), "gamma": ("mean", "sd"), "lognormal": ("mean", "sd"),
    "weibull": ("shape", "scale"), "pert": ("low", "mode", "high"),
}
_PLAIN = {"k", "shape"}
_TIMES = {"time", "setup", "between", "repair", "due", "patience", "load", "laden", "unload", "empty"}
_CHOICES = {
    "blocking": ("after", "before"), "shift_end": ("finish", "suspend", "restart"), "stopped": ("resume", "repeat"),
    "clock": ("working", "calendar"), "seize": ("together", "in order"),
    "interval": ("repair", "start"), "routing": ("priority", "shortest"),
}


def parse_distribution(text: str, units: Units, unit: str) -> tuple[str, tuple[float, ...]]:
    """Return family and parameters in `unit`; `discrete` and `empirical` give values, then their shares.

    Raises
    ------
    UnitProblem
        With what is wrong: an unknown family, a missing or impossible parameter.
    """
    shape = re.fullmatch(r"\s*([A-Za-z]+)\s*\((.*)\)\s*", text)
    if shape is None:
        family, parts = "constant", [text]
    else:
        family, parts = shape[1].lower(), [part.strip() for part in shape[2].split(",")]
    if family in ("discrete", "empirical"):
        return family, _table(family, parts, units, unit)
    if family not in FAMILIES:
        known = [*FAMILIES, "discrete", "empirical"]
        raise UnitProblem(f"no distribution {family!r}" + did_you_mean(family, known))
    names = FAMILIES[family]
    if len(parts) != len(names) or not all(parts):
        count = f"{len(names)} parameter{'s' if len(names) > 1 else ''}"
        raise UnitProblem(f"{family} needs {count}: {family}({', '.join(names)}); found {text.strip()!r}")
    values = tuple(
        _number(part, units, "" if name in _PLAIN else unit) for name, part in zip(names, parts, strict=True)
    )
    _sensible(family, dict(zip(names, values, strict=True)), text)
    return family, values


def _number(text: str, units: Units, unit: str) -> float:
    try:
        quantity = parse_quantity(text)
    except ValueError as error:
        raise UnitProblem(f"{text!r} is not a number with a unit") from error
    try:
        value = units.convert(quantity, unit)
    except UnitProblem as error:
        raise UnitProblem(f"{text!r} is in another unit than is needed: {error}") from error
    if not math.isfinite(value):
        raise UnitProblem(f"{text!r} is not finite")
    return value


def _sensible(family: str, given: dict[str, float], text: str) -> None:
    if any(value < 0.0 for value in given.values()):
        raise UnitProblem(f"a time or amount cannot be negative: {text.strip()!r}")
    order = [given[name] for name in ("low", "mode", "high") if name in given]
    if order and (order != sorted(order) or order[0] == order[-1]):
        between = "low <= mode <= high and " if "mode" in given else ""
        raise UnitProblem(f"{family} needs {between}low < high; found {text.strip()!r}")
    if family == "erlang" and (given["k"] < 1 or given["k"] != round(given["k"])):
        raise UnitProblem(f"erlang needs a whole number k of at least one; found {text.strip()!r}")
    positive = {"exponential": ("mean",), "gamma": ("mean", "sd"), "lognormal": ("mean", "sd"),
                "weibull": ("shape", "scale"), "erlang": ("mean",)}.get(family, ())
    for name in positive:
        if given[name] <= 0.0:
            raise UnitProblem(f"the {name} of {family} must be above nought; found {text.strip()!r}")
    try:
        finite = math.isfinite(mean_of(family, tuple(given.values())))
    except OverflowError:
        finite = False
    if not finite:
        raise UnitProblem(f"the mean of {text.strip()!r} is beyond all numbers")


def _table(family: str, parts: list[str], units: Units, unit: str) -> tuple[float, ...]:
    """Read ``discrete(2 h: 30 %, 4 h: 70 %)`` or ``empirical(1 h, 2 h, 5 h)`` (evenly spaced quantiles)."""
    if family == "empirical":
        values = [_number(part, units, unit) for part in parts]
        if len(values) < 2 or values != sorted(values) or values[0] < 0.0:
            raise UnitProblem("empirical needs at least two values from nought up, in rising order: its quantiles")
        shares = [i / (len(values) - 1) for i in range(len(values))]
    else:
        pairs = [part.partition(":") for part in parts]
        if not all(colon for _, colon, _ in pairs):
            raise UnitProblem("discrete needs values with shares: discrete(2 h: 30 %, 4 h: 70 %)")
        values = [_number(value, units, unit) for value, _, _ in pairs]
        weights = [_number(share, units, "") for _, _, share in pairs]
        if min(values) < 0.0 or min(weights) < 0.0 or abs(sum(weights) - 1.0) > 1e-6:
            raise UnitProblem("the shares of a discrete distribution must not be negative and must add to one; "
                              f"found {', '.join(f'{w:g}' for w in weights)}, {sum(weights):.6g} in all")
        shares = [sum(weights[: i + 1]) for i in range(len(weights))]
        shares[-1] = 1.0
    return (*values, *shares)


def mean_of(family: str, p: tuple[float, ...]) -> float:
    """Return the mean of a distribution."""
    if family in ("constant", "exponential", "gamma", "lognormal"):
        return p[0]
    if family == "erlang":
        return p[1]
    if family == "uniform":
        return (p[0] + p[1]) / 2.0
    if family == "triangular":
        return sum(p) / 3.0
    if family == "pert":
        return (p[0] + 4.0 * p[1] + p[2]) / 6.0
    if family == "weibull":
        return p[1] * math.gamma(1.0 + 1.0 / p[0])
    half = len(p) // 2
    values, shares = p[:half], p[half:]
    if family == "empirical":
        return sum((values[i] + values[i + 1]) / 2.0 * (shares[i + 1] - shares[i]) for i in range(half - 1))
    return sum(v * (s - (shares[i - 1] if i else 0.0)) for i, (v, s) in enumerate(zip(values, shares, strict=True)))


def distribution_problems(chain: Chain, units: Units) -> Iterator[Problem]:
    """Yield what is wrong with the distributions and the named choices of a chain's discrete attributes."""
    for section, name, entity in named(chain):
        place = f"{section}.{name}"
        for part in ("runs", "failures", "arrivals", "haul", "upkeep"):
            yield from _of_part(chain, units, place, part, getattr(entity, part, None), entity)
        for mode, recipe in getattr(entity, "modes", {}).items():
            yield from _of_part(chain, units, place, f"modes.{mode}.runs", recipe.runs, entity)
        if getattr(entity, "patience", ""):
            yield from _problem(str(entity.patience), units, "h", place, "patience")  # type: ignore[attr-defined]


def _of_part(chain: Chain, units: Units, place: str, part: str, held: object, entity: Entity) -> Iterator[Problem]:
    if not isinstance(held, Entity):
        return
    for key in type(held).model_fields:
        value = getattr(held, key)
        if key in _CHOICES and value not in _CHOICES[key]:
            yield Problem(f"{key} is none of the choices", element=place, key=f"{part}.{key}", found=repr(value),
                          expected=" or ".join(_CHOICES[key]))
        elif key == "setup_from":
            for other, text in value.items():
                yield from _problem(text, units, "h", place, f"{part}.{key}.{other}")
        elif isinstance(value, str) and value and (key in _TIMES or key == "amount"):
            commodity = chain.commodities.get(getattr(entity, "commodity", ""))
            if key in _TIMES or commodity is not None:
                unit = "h" if key in _TIMES or commodity is None else commodity.unit
                yield from _problem(value, units, unit, place, f"{part}.{key}")


def _problem(text: str, units: Units, unit: str, place: str, key: str) -> Iterator[Problem]:
    try:
        parse_distribution(text, units, unit)
    except UnitProblem as error:
        yield Problem(str(error), element=place, key=key)
