"""Steady states: the start is left out, of all replications alike and of every mean, and what is none is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml

from lodeworks.errors import SimulationError
from lodeworks.network import compile_network
from lodeworks.simulate import engine, replicate, simulation_tables
from lodeworks.simulate import layout as y
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.tables import measures
from tests.analytic import systems as of
from tests.simulate.running import chain
from tests.test_cli import lodeworks

STEADY = {"kind": "steady"}


def backlogs(job: int, mid: int) -> Any:
    """Two desks at half their load, before which so many wait at first: it takes an hour for each to be gone."""
    system = of.queue("exponential(0.5 h)", store={"initial": f"{job} case"})
    desk = system["processes"]["desk"]
    system["supplies"]["others"] = {"commodity": "mid", "arrivals": {"between": "exponential(1 h)"}}
    system["stores"]["hall"] = {"commodity": "mid", "end": "free", "initial": f"{mid} case"}
    system["processes"]["other"] = {**desk, "inputs": {"mid": "1 case"}}
    return chain(10_000.0, 10.0, simulation=STEADY, **system)


def found(entity: Any, **options: Any) -> Outcome:
    return replicate(compile_network(entity), replications=10, **options)


@pytest.mark.parametrize(("job", "mid"), [(100, 0), (400, 0), (50, 400), (400, 50)])
def test_a_start_that_is_plainly_other_is_left_out(job: int, mid: int) -> None:
    outcome = found(backlogs(job, mid))
    assert outcome.warm_up >= 0.9 * max(job, mid)
    means = measures(outcome)
    for place in ("job@here", "mid@here"):  # a half each; with its start one to nine
        assert 0.43 < means["queue", place, "level"].mean() < 0.57
        assert 0.43 < means["queue", place, "wait"].mean() < 0.57
    assert means["exit", "done@here", "in"].mean() == pytest.approx(2.0, rel=0.01)
    assert means["machines", "desk", "working"].mean() == pytest.approx(0.5, rel=0.02)
    waits = simulation_tables(outcome)["waits"].filter(name="job@here", quantile=0.99)["mean"][0]
    assert waits < 5.0  # -ln(0.01 / 0.5) / 1 is 3.9 h; those who wait at first, up to hundreds


def test_of_two_stores_the_later_cut_counts() -> None:
    cuts = [found(backlogs(job, mid)).warm_up for job, mid in ((50, 0), (50, 1500), (1500, 50))]
    assert cuts[0] < 1000.0
    assert min(cuts[1:]) > 1300.0


def test_what_is_left_out_is_the_same_hours_of_every_replication() -> None:
    """All sums at the cut are kept, found or given; the mean after it is what a run tells that is stopped there and begun."""
    outcome = found(backlogs(400, 0))
    marks = outcome.built.model.marks
    first = int(np.searchsorted(marks, outcome.warm_up))
    assert first in outcome.kept
    areas = np.stack([r.areas[[first, -1], 0] for r in outcome.replications])
    levels = measures(outcome)["queue", outcome.built.places[0], "level"]
    assert levels == pytest.approx(np.diff(areas, axis=1)[:, 0] / (marks[-1] - marks[first]), rel=1e-12)
    given = found(backlogs(400, 0), warm_up=outcome.warm_up)
    assert len(given.kept) == 2
    for key, values in measures(outcome).items():
        assert np.array_equal(values, measures(given)[key]), key


def test_little_is_kept_of_each_replication() -> None:
    """A thousand of them must find room: what is kept does not grow with the marks but for each place's level."""
    for entity, rows in ((backlogs(0, 0), 21), (chain(10_000.0, 10.0, **of.tandem()), 1)):
        replication = found(entity).replications[0]
        assert replication.notes.shape[0] == rows
        assert replication.areas.shape == (1000, 3)
        assert replication.histogram.nbytes < 4 * y.CHECKPOINTS * 3 * y.BINS  # less than a number of four bytes for each bin


@pytest.mark.parametrize("seed", range(3))
def test_a_load_of_one_is_refused_before_anything_runs(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a load of just one the queue's mean grows as the root of time: one sample in six looks steady."""
    monkeypatch.setattr(engine, "run_once", None)
    with pytest.raises(SimulationError, match="not steady: job@here has a load of 1: "):
        found(chain(4000.0, 10.0, simulation=STEADY, **of.queue("exponential(1 h)")), seed=seed)


@pytest.mark.parametrize("more", [{"capacity": "5 case"}, {"patience": "4 h"}, {"shelf_life": "5 h"}])
def test_where_not_all_wait_a_load_above_one_is_steady(more: dict[str, str]) -> None:
    outcome = found(chain(4000.0, 10.0, simulation=STEADY, **of.queue("exponential(1.2 h)", store=more)))
    assert measures(outcome)["machines", "desk", "working"].mean() > 0.8


def test_one_in_one_out_without_chance_is_steady() -> None:
    outcome = found(chain(4000.0, 10.0, simulation=STEADY, **of.queue("1 h", between="1 h")))
    assert measures(outcome)["machines", "desk", "working"].mean() == pytest.approx(1.0, abs=1e-3)


def overloaded(**simulation: Any) -> dict[str, Any]:
    """Two on the way: the second is too slow, which means alone do not tell as it is fed by the first."""
    system = of.tandem()
    system["processes"]["two"]["runs"] = {"batch": "1 case", "time": "exponential(1.1 h)"}
    return {"simulation": simulation, **system}


@pytest.mark.parametrize("warm_up", [0.0, 500.0, 1500.0])
def test_what_grows_is_refused_whatever_warm_up_is_given(warm_up: float) -> None:
    with pytest.raises(SimulationError, match=r"not steady: mid@here: .*times what is taken"):
        found(chain(4000.0, 10.0, **overloaded(**STEADY)), warm_up=warm_up)


def test_a_warm_up_that_is_given_counts() -> None:
    assert found(backlogs(100, 0), warm_up=700.0).warm_up == 700.0


def test_the_command_line_refuses_it_and_writes_nothing(tmp_path: Any) -> None:
    data = {"chain": "slow", "horizon": {"start": "2026-01-01", "length": "4000 h", "step": "10 h"}, "units": {"case": "case"},
            "sites": {"here": {}}, "commodities": {name: {"unit": "case"} for name in ("job", "mid", "done")},
            **overloaded(**STEADY)}
    (tmp_path / "slow.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    done = lodeworks("simulate", tmp_path / "slow.yaml", "--out", tmp_path / "run")
    assert done.returncode == 5
    assert "not steady: mid@here" in done.stderr
    assert "kind: terminating" in done.stderr
    assert not (tmp_path / "run").exists()
