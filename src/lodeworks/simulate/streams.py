"""Random numbers: one counter-based stream for each element, purpose and replication, and draws from distributions.

The n-th number of a stream depends on its key and n alone, so no draw depends on the order of events or on what else
the chain holds. The generator mixes key and counter twice with the finaliser of SplitMix64 (Steele, Lea and Flood,
*Fast splittable pseudorandom number generators*, OOPSLA 2014), with an independent half of the key each time. Which
stream an element uses is said elsewhere; the keys are in `keys`. Exponential draws, the most common, are by inversion.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lodeworks.simulate.compiled import AHEAD, DIST_F, DIST_I, KEYS, VALUES, XI, compiled, hot
from lodeworks.simulate.lanes import LANES, as_float, four_from
from lodeworks.simulate.layout import (
    D_CONSTANT,
    D_EMPIRICAL,
    D_ERLANG,
    D_EXPONENTIAL,
    D_FROM,
    D_GAMMA,
    D_KIND,
    D_LOGNORMAL,
    D_TO,
    D_TRIANGULAR,
    D_UNIFORM,
    D_WEIBULL,
    X_AHEAD,
    X_DRAWN,
    X_ROW,
    X_UNTIL,
    Ints,
)
from lodeworks.simulate.logarithm import log

__all__ = ["draw", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_ONE = np.uint64(0x3FF0000000000000)  # one, as it stands in memory
_BELOW_ONE = 1.0 - 0.5**53  # the greatest number that is less


@hot
def _mix(z: Any) -> Any:
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


@hot
def _number(w: Ints, stream: int, n: Any) -> Any:
    """Return the n-th number of a stream, or four of them in lanes, strictly between nought and one.

    Its 52 binary places stand behind the point of a number from one to two, and half a place is added.
    """
    z = _mix(n * _GOLDEN + KEYS(w)[stream, 0])
    z = _mix(z ^ KEYS(w)[stream, 1])
    return as_float((z >> _S12) | _ONE) - _BELOW_ONE


@hot
def uniform(w: Ints, stream: int) -> float:
    """Return the stream's next number, strictly between nought and one."""
    n = XI(w)[stream, X_DRAWN]
    XI(w)[stream, X_DRAWN] = n + 1
    return _number(w, stream, np.uint64(n))


@compiled
def _normal(p: float) -> float:
    """Return the standard normal quantile of p (Wichura 1988, algorithm AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                        + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
                     + 133.14166789178437745) * r + 3.387132872796366608) / (
            ((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
             + 42.313330701600911252) * r + 1.0)
    r = math.sqrt(-log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
              + 4.6303378461565452959) * r + 1.42343711074968357734) / (
            ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
             + 2.05319162663775882187) * r + 1.0)
    else:
        r -= 5.0
        x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
              + 5.4637849111641143699) * r + 6.6579046435011037772) / (
            ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
             + 0.59983220655588793769) * r + 1.0)
    return -x if q < 0.0 else x


@compiled
def _gamma(w: Ints, stream: int, shape: float) -> float:
    """Return a gamma variate of scale one (Marsaglia and Tsang 2000)."""
    boost = 1.0
    if shape < 1.0:
        boost = uniform(w, stream) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = _normal(uniform(w, stream))
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            u = uniform(w, stream)
            if log(u) < 0.5 * x * x + d - d * v + d * log(v):
                return boost * d * v


@compiled
def _of_table(w: Ints, row: int, u: float, smooth: bool) -> float:
    """Return the value at cumulated share u: a step, or on the straight line between two rows."""
    low, high = DIST_I(w)[row, D_FROM], DIST_I(w)[row, D_TO] - 1
    first = low
    while low < high:
        middle = (low + high) // 2
        if VALUES(w)[middle, 1] < u:
            low = middle + 1
        else:
            high = middle
    if not smooth or low == first:
        return VALUES(w)[low, 0]
    x0, p0, x1, p1 = VALUES(w)[low - 1, 0], VALUES(w)[low - 1, 1], VALUES(w)[low, 0], VALUES(w)[low, 1]
    return x0 + (x1 - x0) * (u - p0) / (p1 - p0) if p1 > p0 else x1


@hot
def draw(w: Ints, row: int, stream: int) -> float:
    """Return the next draw of a distribution; a constant takes none from its stream.

    What takes one number of its stream is made ahead, while the processor waits for other things: the n-th number is
    the same whenever it is asked for. Exponential draws are made in blocks.
    """
    kind = DIST_I(w)[row, D_KIND]
    if kind == D_CONSTANT:
        return DIST_F(w)[row, 0]
    if kind >= D_GAMMA:
        return _of_several(w, row, stream, kind)
    n = XI(w)[stream, X_DRAWN]
    XI(w)[stream, X_DRAWN] = n + 1
    if n >= XI(w)[stream, X_UNTIL] or XI(w)[stream, X_ROW] != row:
        _make_one(w, row, kind, stream, n)
    i = n & (X_AHEAD - 1)
    value = AHEAD(w)[stream, i]
    if kind != D_EXPONENTIAL:
        _make_one(w, row, kind, stream, n + 1)
    elif i == X_AHEAD - 1:
        _make_block(w, row, stream, n + 1)
    return value


@compiled
def _make_one(w: Ints, row: int, kind: int, stream: int, n: int) -> None:
    """Make the n-th draw alone."""
    AHEAD(w)[stream, n & (X_AHEAD - 1)] = _of_one(w, row, kind, _number(w, stream, np.uint64(n)))
    XI(w)[stream, X_ROW] = row
    XI(w)[stream, X_UNTIL] = n + 1


@compiled
def _make_block(w: Ints, row: int, stream: int, n: int) -> None:
    """Make the exponential draws of the block that begins with the n-th number, four at once."""
    for first in range(0, X_AHEAD, LANES):
        draws = log(_number(w, stream, four_from(n + first))) * -DIST_F(w)[row, 0]
        for i in range(LANES):
            AHEAD(w)[stream, first + i] = draws[i]
    XI(w)[stream, X_UNTIL] = n + X_AHEAD


@compiled
def _of_one(w: Ints, row: int, kind: int, u: float) -> float:
    """Return the draw of a distribution that takes one number."""
    a = DIST_F(w)[row, 0]
    if kind == D_EXPONENTIAL:
        return -a * log(u)
    b = DIST_F(w)[row, 1]
    if kind == D_LOGNORMAL:
        return math.exp(a + b * _normal(u))
    if kind == D_UNIFORM:
        return a + (b - a) * u
    if kind == D_TRIANGULAR:
        c = DIST_F(w)[row, 2]
        if u * (c - a) < b - a:
            return a + math.sqrt(u * (b - a) * (c - a))
        return c - math.sqrt((1.0 - u) * (c - b) * (c - a))
    if kind == D_WEIBULL:
        return a * (-log(u)) ** (1.0 / b)
    return _of_table(w, row, u, kind == D_EMPIRICAL)


@compiled
def _of_several(w: Ints, row: int, stream: int, kind: int) -> float:
    """Return the draw of a distribution that takes several numbers."""
    a, b = DIST_F(w)[row, 0], DIST_F(w)[row, 1]
    if kind == D_ERLANG:
        product = 1.0
        total = 0.0
        for _ in range(int(b)):
            product *= uniform(w, stream)
            if product < 1e-280:
                total -= log(product)
                product = 1.0
        return a * (total - log(product))
    if kind == D_GAMMA:
        return a * _gamma(w, stream, b)
    x = _gamma(w, stream, b)
    y = _gamma(w, stream, DIST_F(w)[row, 2])
    return a + (DIST_F(w)[row, 3] - a) * x / (x + y)
