"""The kernel run as plain Python and the compiled one agree to the last bit, over all it can do."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.network import compile_network
from lodeworks.simulate.build import build
from lodeworks.simulate.engine import run_once
from tests.simulate.interpreted import run_interpreted, seldom_noted
from tests.simulate.varied import VARIED


@pytest.mark.parametrize("name", VARIED)
def test_both_kernels_end_in_the_same_state(name: str) -> None:
    built = seldom_noted(build(compile_network(VARIED[name]())))
    slow, _ = run_interpreted(built, 5, 2)
    fast = run_once(built, 5, 2)
    assert fast.c[0] > 100
    for table in ("pi", "pf", "ti", "tf", "gi", "shares", "ri", "rf", "si", "xi", "ahead", "notes", "histogram"):
        assert np.array_equal(getattr(slow, table), getattr(fast, table)), table
