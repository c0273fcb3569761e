"""The kernel's logarithm against decimals of 40 places: wrong by less than one last place, wherever it is asked."""

from __future__ import annotations

import math
from decimal import Context, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulate.interpreted import kernel_with

LOG = kernel_with()["logarithm"].log
PLACES = Context(prec=40)
LEAST = 2.0**-1022  # that is not subnormal


def last_places(x: float) -> float:
    """Return how far the logarithm of x is from the true one, in last places of that."""
    true = Decimal(x).ln(PLACES)
    return float(abs(Decimal(float(LOG(x))) - true) / Decimal(math.ulp(float(true)))) if true else abs(float(LOG(x)))


@given(st.floats(LEAST, 1.7e308))
def test_it_is_wrong_by_less_than_one_last_place(x: float) -> None:
    assert last_places(x) < 1.0


@given(st.floats(-0.5, 0.5), st.integers(0, 53))
def test_so_it_is_however_near_one(away: float, places: int) -> None:
    assert last_places(1.0 + away * 0.5**places) < 1.0


@pytest.mark.parametrize("x", [
    LEAST, 2.0**-53, 0.5, math.sqrt(0.5), math.nextafter(math.sqrt(0.5), 0.0), 1.0 - 2.0**-53, 1.0, 1.0 + 2.0**-52,
    math.sqrt(2.0), 2.0, math.nextafter(math.inf, 0.0),
])
def test_so_it_is_at_the_edges(x: float) -> None:
    assert last_places(x) < 1.0


def test_a_larger_number_never_has_a_logarithm_smaller_by_more_than_rounding() -> None:
    x = np.sort(np.random.default_rng(3).random(400_000))
    found = LOG(x)
    assert np.all(np.diff(found) >= -np.spacing(np.abs(found[1:])))
    assert np.all(np.abs(found - np.log(x)) <= 1.5 * np.spacing(np.abs(found)))
