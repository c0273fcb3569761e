"""Amounts as fractions, and the largest amount of which several are whole multiples."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

__all__ = ["fraction_of", "grain_of"]

_FINEST = 10**6  # of a unit: amounts are taken as multiples of such parts
_ROUNDING = 1e-9


def fraction_of(x: float) -> Fraction:
    """Return an amount as a fraction with a small denominator, where it is one to within rounding."""
    found = Fraction(x).limit_denominator(_FINEST)
    return found if abs(float(found) - x) <= _ROUNDING * max(1.0, abs(x)) else Fraction(x)


def grain_of(amounts: Iterable[Fraction]) -> Fraction:
    """Return the largest amount of which all are multiples; one where there are none."""
    top, bottom = 0, 1
    for amount in amounts:
        if amount:
            bottom = math.lcm(bottom, amount.denominator)
    for amount in amounts:
        top = math.gcd(top, int(amount * bottom))
    return Fraction(top, bottom) if top else Fraction(1)
