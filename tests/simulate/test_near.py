"""What is asked for ahead changes nothing; what an event needs of an element stands together in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.network import compile_network
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build, fresh_state
from lodeworks.simulate.engine import run_once
from tests.simulate.interpreted import run_interpreted
from tests.simulate.running import chain
from tests.simulate.varied import VARIED

LINE = 64  # bytes of a cache line
ALWAYS = (("kernel.near", "SCALARS(w)[C_HEAP] < ASKED_FROM", "False"),)


def stations(count: int) -> Any:
    """Queues side by side that have nothing to do with one another."""
    names = [f"s{i}" for i in range(count)]
    return build(compile_network(chain(
        100.0, step=10.0, commodities={name: {"unit": "case"} for name in (*names, "done")},
        supplies={f"to_{name}": {"commodity": name, "arrivals": {"between": "exponential(75 min)"}} for name in names},
        stores={f"of_{name}": {"commodity": name, "end": "free"} for name in names},
        processes={f"at_{name}": {"inputs": {name: "1 case"}, "outputs": {"done": "1 case"},
                                  "runs": {"batch": "1 case", "time": "exponential(1 h)"}} for name in names},
        demands={"out": {"commodity": "done", "price": "1 CNY/case"}})))


@pytest.mark.parametrize("name", ["queue", "trucks"])
def test_asking_ahead_changes_nothing(name: str) -> None:
    built = build(compile_network(VARIED[name]()))
    asked, _ = run_interpreted(built, 5, 2, ALWAYS)
    plain = run_once(built, 5, 2)
    for table in ("pi", "pf", "ti", "tf", "gi", "shares", "ri", "rf", "si", "notes", "histogram"):
        assert np.array_equal(getattr(asked, table), getattr(plain, table)), table


def test_a_station_among_hundreds_runs_as_it_does_among_few() -> None:
    few, many = stations(5), stations(400)
    alone, among = run_once(few, 3, 0), run_once(many, 3, 0)
    assert among.c[y.C_HEAP] > y.ASKED_FROM
    for p in np.flatnonzero(alone.pi[:, y.P_KIND] != y.KIND_EXIT):
        q = many.places.index(few.places[p])
        assert alone.pi[p, y.P_N_OUT] > 50
        assert all(alone.pi[p, column] == among.pi[q, column] for column in (y.P_N_IN, y.P_N_OUT, y.P_N_MOST))
        assert alone.pf[p, y.P_STAY] == among.pf[q, y.P_STAY]


def test_stays_that_are_counted_later_are_all_counted() -> None:
    """With many places a count is asked for and changed some stays later; at the checkpoints none is left out."""
    built = stations(y.ASKED_FROM)
    s = run_once(built, 3, 0)
    place, counts = s.histogram[: s.c[y.C_STAYS]] >> y.STAYS_BITS, s.histogram[: s.c[y.C_STAYS]] & ((1 << y.STAYS_BITS) - 1)
    place = place // y.BINS % len(built.places)
    assert len(built.places) > y.ASKED_FROM
    assert np.array_equal(np.bincount(place, counts, len(built.places)), s.pi[:, y.P_N_OUT])


def test_distributions_that_are_alike_are_one_row_and_one_cache_line() -> None:
    built = stations(40)
    assert len(np.unique(built.tables["ti"][:, y.T_TIME])) == 1
    assert len(built.model.dist_i) < 6
    assert all(built.model.dist_i[row].ctypes.data % LINE == 0 for row in range(len(built.model.dist_i)))


def test_what_most_events_need_begins_a_cache_line() -> None:
    s = fresh_state(build(compile_network(VARIED["queue"]())), 10)
    for table, first in ((s.pi, y.P_HEAD), (s.ti, y.T_LISTED), (s.gi, y.G_M0), (s.mi, y.M_DOWN), (s.ji, y.J_TRANSITION),
                         (s.li, y.L_NEXT), (s.si, y.S_AMOUNT_STREAM)):
        assert all(table[row, first:].ctypes.data % LINE == 0 for row in range(len(table)))
