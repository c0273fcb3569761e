"""A chain in which nothing discrete is written runs in regular batches of a sensible size, which the log tells."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.simulate import layout as y
from lodeworks.simulate.tables import measures
from tests.simulate.running import chain, simulate


def works(step: float, store: float | None, **more: Any) -> Any:
    """Return a mill of 20 cases an hour before a smelter of 12, with a store between them."""
    heap = {"commodity": "mid", "end": "free"} | ({"capacity": f"{store} case"} if store is not None else {})
    return chain(
        720.0, step, supplies={"in": {"commodity": "job", "price": "1 CNY/case", "most": "40 case/h"}},
        stores={"heap": heap}, demands={"out": {"commodity": "done", "price": "9 CNY/case"}},
        processes={"mill": {"inputs": {"job": "2 case"}, "outputs": {"mid": "1 case"}, "capacity": "20 case/h"},
                   "smelter": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"}, "capacity": "12 case/h", **more}},
    )


@pytest.mark.parametrize("store", [2.0, 50.0, None])
@pytest.mark.parametrize("step", [0.25, 1.0, 24.0])
def test_what_has_only_rates_runs_near_its_plan_whatever_the_step_and_the_store(step: float, store: float | None) -> None:
    made = measures(simulate(works(step, store), 2))["exit", "done@here", "in"].mean()
    assert 0.98 * 12.0 <= made <= 12.0


@pytest.mark.parametrize("batch", [7.0, 26.0, 50.0])
def test_beside_a_batch_that_is_written_others_are_a_whole_part_of_it(batch: float) -> None:
    """Else a mill of 20 could wait for room, and a smelter of 26 for more, in a store of 50 that holds 25."""
    outcome = simulate(works(24.0, 50.0, runs={"batch": f"{batch} case"}), 2)
    assert 0.9 * 12.0 <= measures(outcome)["exit", "done@here", "in"].mean() <= 12.0
    mill = outcome.built.tables["tf"][outcome.built.transitions.index("mill"), y.T_BATCH]
    assert batch / mill == pytest.approx(round(batch / mill))


def test_the_log_tells_the_batches_that_nobody_wrote() -> None:
    told = [line for line in simulate(works(1.0, 50.0), 2).built.log if line.startswith("batches")]
    assert told == ["batches where none is written: mill 20 case, smelter 12 case, in 40 case"]
    assert not [line for line in simulate(works(1.0, 50.0, runs={"batch": "5 case"}), 2).built.log if "smelter 5" in line]
