"""Which distributions are phase-type, and how many stages of which rate stand for one.

Whether a chain may use them, and what becomes of the others, is said in `qualify`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodeworks.simulate import layout as y

__all__ = ["Phases", "family_of", "phases_of"]

_FAMILIES = {
    y.D_CONSTANT: "constant", y.D_UNIFORM: "uniform", y.D_TRIANGULAR: "triangular", y.D_EXPONENTIAL: "exponential",
    y.D_GAMMA: "gamma", y.D_ERLANG: "erlang", y.D_LOGNORMAL: "lognormal", y.D_WEIBULL: "weibull", y.D_PERT: "pert",
    y.D_DISCRETE: "discrete", y.D_EMPIRICAL: "empirical",
}


@dataclass(frozen=True)
class Phases:
    """So many exponential stages one after the other, each ending at `rate` an hour; none: no time passes."""

    count: int
    rate: float


NO_TIME = Phases(0, 0.0)


def family_of(model: y.Model, row: int) -> str:
    """Return what a row of the table of distributions is called in the chain file, a constant with its value."""
    kind = int(model.dist_i[row, y.D_KIND])
    name = _FAMILIES[kind]
    return f"{name} {model.dist_f[row, 0]:g} h" if kind == y.D_CONSTANT else name


def phases_of(model: y.Model, row: int) -> Phases | None:
    """Return the stages of a distribution of times, or None where it is not phase-type.

    Erlang, and a gamma whose shape is a whole number, are sums of stages (Erlang 1917); a Weibull of shape one is
    exponential. A constant of nought has no stage.
    """
    kind, p = int(model.dist_i[row, y.D_KIND]), model.dist_f[row]
    if kind == y.D_EXPONENTIAL:
        return Phases(1, 1.0 / float(p[0]))
    if kind == y.D_ERLANG:
        return Phases(round(float(p[1])), 1.0 / float(p[0]))
    if kind == y.D_GAMMA and round(p[1]) >= 1 and np.isclose(p[1], round(p[1]), rtol=1e-9, atol=0.0):
        return Phases(round(float(p[1])), 1.0 / float(p[0]))
    if kind == y.D_WEIBULL and p[1] == 1.0:
        return Phases(1, 1.0 / float(p[0]))
    if kind == y.D_CONSTANT and p[0] == 0.0:
        return NO_TIME
    return None
