"""Histograms of stays: every stay is counted once, however many fall in one bin, and found again by place and checkpoint."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks.network import compile_network
from lodeworks.simulate import layout as y
from lodeworks.simulate.bins import stays_by_place
from lodeworks.simulate.build import build
from lodeworks.simulate.engine import run_once
from tests.simulate.running import chain
from tests.simulate.test_language import OUT, coming, desk
from tests.simulate.varied import VARIED

PLACES = 3
COUNTS = st.dictionaries(
    st.tuples(st.integers(0, y.CHECKPOINTS - 1), st.integers(0, PLACES - 1), st.integers(0, y.BINS - 1)),
    st.integers(1, (1 << y.STAYS_BITS) - 1), max_size=8)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(COUNTS, st.integers(0, y.CHECKPOINTS))
def test_stays_of_a_place_are_those_written_down_from_a_checkpoint_on(counts: dict, first: int) -> None:
    words = [(((c * PLACES + p) * y.BINS + k) << y.STAYS_BITS) + count for (c, p, k), count in sorted(counts.items())]
    expected = np.zeros((PLACES, y.BINS), np.int64)
    for (c, p, k), count in counts.items():
        expected[p, k] += count if c >= first else 0
    of_place = stays_by_place(np.array(words, np.int64), PLACES, first)
    assert all(np.array_equal(of_place(p), expected[p]) for p in range(PLACES))


@pytest.mark.parametrize("name", VARIED)
def test_every_lot_that_left_is_in_the_histogram_of_its_place(name: str) -> None:
    built = build(compile_network(VARIED[name]()))
    s = run_once(built, 5, 2)
    of_place = stays_by_place(s.histogram[: s.c[y.C_STAYS]], len(s.pi), 0)
    left = s.pi[:, y.P_N_OUT] + s.pi[:, y.P_N_EXPIRED] + s.pi[:, y.P_N_RENEGED]
    assert [int(of_place(p).sum()) for p in range(len(s.pi))] == left.tolist()
    assert left.sum() > 0


def test_more_stays_of_one_length_than_a_byte_counts_are_all_counted() -> None:
    built = build(compile_network(chain(
        10_000.0, supplies=coming(between="1 h"), stores={"q": {"commodity": "job", "end": "free"}}, demands=OUT,
        processes={"desk": desk(runs={"batch": "1 case", "time": "0.5 h"})})))
    s = run_once(built, 1, 0)
    waiting = next(p for p in range(len(s.pi)) if s.pi[p, y.P_KIND] != y.KIND_EXIT)
    for first in (0, 4):
        counts = stays_by_place(s.histogram[: s.c[y.C_STAYS]], len(s.pi), first)(waiting)
        assert counts[0] == counts.sum() == pytest.approx(10_000 * (1.0 - first / y.CHECKPOINTS), abs=1.0)
