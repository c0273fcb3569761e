"""Children are started and never waited for; whatever becomes of them is told; what their runs say is read."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from lodeworks.errors import RunError, WatchError
from lodeworks.network.live import Live
from lodeworks.runs import read_run, write_run
from lodeworks.verbs import plan
from lodeworks.watch.against_plan import Against
from lodeworks.watch.ahead import Ahead, latest
from lodeworks.watch.errands import Errand
from lodeworks.watch.outlook import bands, changes, runs_out
from lodeworks.watch.planned import Planned
from lodeworks.watch.state import Snapshot, snapshot
from tests.watch.works import TAGS, WORKS, ZONE, ms, planned_works, values

# Stands in the place of the command: what it does is said by the name of the chain.
CHILD = """
import json, pathlib, sys, time
kind, chain, arguments = sys.argv[1], pathlib.Path(sys.argv[2]).name, sys.argv[3:]
out = pathlib.Path(arguments[arguments.index("--out") + 1])
print("began", *arguments, flush=True)
if chain == "slow": time.sleep(60)
if chain == "bad":
    print("error: coking needs 30 t/h of clean coal; washing can give 10: out", file=sys.stderr)
    sys.exit(3)
if chain == "good":
    out.mkdir(parents=True)
    (out / "manifest.json").write_text(json.dumps({"kind": kind, "tables": {}}))
"""
STATE = Snapshot({"at": "2026-03-03 14:20", "levels": {}}, ())


def ahead(tmp_path: Path, chain: str, **more: Any) -> Ahead:
    return Ahead(Path(chain), tmp_path / "ahead", command=(sys.executable, "-c", CHILD), **more)


def ended(of: Ahead, kind: str, seconds: float = 20.0) -> Errand:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        errand = of.poll(kind)
        assert errand is not None
        if errand.status != "running":
            return errand
        time.sleep(0.02)
    raise AssertionError("the child did not end")


def test_a_start_does_not_wait_and_the_answer_is_found_by_any_process(tmp_path: Path) -> None:
    own = ahead(tmp_path, "good")
    assert own.poll("plan") is None
    begun = own.start("plan", STATE)
    assert begun.status == "running"
    found = ended(own, "plan")
    assert (found.status, found.told) == ("done", "")
    run = latest(tmp_path / "ahead", "plan")
    assert run is not None
    assert (run[0].folder, run[1]) == (found.run, begun.began)
    assert latest(tmp_path / "ahead", "simulate") is None


def test_a_child_reads_the_chain_with_what_was_laid_over_it(tmp_path: Path) -> None:
    own = ahead(tmp_path, "good", changed=("--set", "processes.washing.capacity=20 t/h"))
    for kind in ("plan", "simulate"):
        own.start(kind, STATE)
        done = ended(own, kind)
        assert "--set processes.washing.capacity=20 t/h --from " in (done.folder / "out.txt").read_text()


def test_a_look_ahead_follows_the_plan_of_its_state(tmp_path: Path) -> None:
    own = ahead(tmp_path, "good")
    own.start("simulate", Snapshot({**STATE.data, "plan": "/runs/week"}, ()), ["--replications", "100"])
    found = ended(own, "simulate")
    said = (found.folder / "out.txt").read_text().split()
    assert said[said.index("--plan") + 1] == "/runs/week"
    assert said[-2:] == ["--replications", "100"]


def test_a_child_that_fails_tells_why(tmp_path: Path) -> None:
    own = ahead(tmp_path, "bad")
    own.start("plan", STATE)
    found = ended(own, "plan")
    assert found.status == "failed"
    assert found.told.endswith("coking needs 30 t/h of clean coal; washing can give 10: out")
    assert latest(tmp_path / "ahead", "plan") is None


def test_a_child_that_is_killed_is_told_with_its_signal(tmp_path: Path) -> None:
    own = ahead(tmp_path, "slow")
    own.start("plan", STATE)
    os.kill(own._child["plan"].pid, signal.SIGKILL)
    found = ended(own, "plan")
    assert (found.status, found.told) == ("killed", "ended by signal SIGKILL")


def test_a_child_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    own = ahead(tmp_path, "slow", limit_s=0.2)
    own.start("plan", STATE)
    found = ended(own, "plan")
    assert (found.status, found.told) == ("late", "stopped after 0.2 s")
    assert own._child["plan"].returncode == -signal.SIGKILL


def test_a_child_that_leaves_no_run_is_told(tmp_path: Path) -> None:
    own = ahead(tmp_path, "neither")
    own.start("plan", STATE)
    found = ended(own, "plan")
    assert found.status == "missing"
    assert "no such run folder" in found.told


def test_a_new_start_stops_the_one_before_and_old_errands_go(tmp_path: Path) -> None:
    own = ahead(tmp_path, "slow", keep=2)
    folders = [own.start("plan", STATE).folder for _ in range(4)]
    assert [folder.exists() for folder in folders] == [False, True, True, True]
    own.stop_all()
    assert own.poll("plan").status == "stopped"  # type: ignore[union-attr]


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match="cannot be started"):
        Ahead(Path("good"), tmp_path, command=("no-such-command",)).start("plan", STATE)


def test_a_plan_anew_is_made_by_the_command_itself_and_shown_as_a_difference(tmp_path: Path) -> None:
    """Washing is out until 18:00: the plan made anew lets it stand, and tells by how much the rest goes down."""
    chain = tmp_path / "works.yaml"
    chain.write_text(yaml.safe_dump(WORKS, allow_unicode=True))
    old = read_run(plan(chain, out=tmp_path / "week").write(tmp_path / "week", replace=True))
    net, _ = planned_works()
    against = Against(net, Planned.of_run(old, net), Live("works", "", "", tags=TAGS))
    now = ms("2026-03-03 14:00")
    state = snapshot(against, values(against.live, now, {"heap_level": 30.0}), now)
    state.data["out"] = {"washing": "2026-03-03 18:00"}
    own = Ahead(chain, tmp_path / "ahead")
    own.start("plan", state)
    found = ended(own, "plan", 60.0)
    assert found.status == "done", found.told
    new = read_run(found.run)
    every = changes(new, old)
    told = {change.element: change for change in every}
    assert told["washing"].first_after == 0.0
    flows = [change.element for change in every if change.what == "flow"]
    assert flows.index("coking") < flows.index("engine")  # a tonne of coke is worth more than what its gas makes
    assert [change.what for change in every] == sorted((change.what for change in every), key=["unserved", "flow", "level"].index)
    assert told["coking"].difference < 0.0
    assert told["coking"].unit == "t/h"
    rates = new.table("rates").filter(pl.col("element").cast(str) == "coking")
    assert told["coking"].after == pytest.approx((rates["rate"] * rates["hours"]).sum() / 10.0)
    whole = old.table("rates").filter((pl.col("element").cast(str) == "coking") & pl.col("time").is_between(
        dt.datetime(2026, 3, 3, 14), dt.datetime(2026, 3, 3, 23)))
    assert told["coking"].before == pytest.approx((whole["rate"] * whole["hours"]).sum() / 10.0)


def looked(tmp_path: Path) -> Path:
    times = [dt.datetime(2026, 3, 3, 14), dt.datetime(2026, 3, 3, 15)]
    band = pl.DataFrame({"store": ["heap"] * 2, "hour": [0.0, 1.0], "time": times, "mean": [40.0, 30.0],
                         **{q: [40.0, 20.0 + i] for i, q in enumerate(("q05", "q25", "q50", "q75", "q95"))}, "unit": ["t"] * 2})
    out = pl.DataFrame({"store": ["heap", "yard"], "level": [40.0, 5.0], "unit": ["t", "t"], "replications": [200, 200], "share": [0.6, 0.0],
                        "low": [0.53, 0.0], "high": [0.67, 0.02], "hours_q05": [2.5, None], "hours_q50": [3.25, None], "hours_q95": [None, None]},
                       schema_overrides={"hours_q95": pl.Float64})
    return write_run(tmp_path / "look", {"kind": "simulation", "state": {"at": "2026-03-03T14:00:00", "until": "2026-03-04T00:00:00"},
                                         "tables": {"bands": [], "runs_out": []}}, {"bands": band, "runs_out": out}, {})


def test_a_look_ahead_gives_bands_and_when_something_runs_out(tmp_path: Path) -> None:
    run = read_run(looked(tmp_path))
    (band,) = bands(run, ZONE)
    assert (band.store, band.unit, band.at.tolist()) == ("heap", "t", [ms("2026-03-03 14:00"), ms("2026-03-03 15:00")])
    assert (band.q05[1], band.q95[1]) == (20.0, 24.0)
    (heap,) = runs_out(run, ZONE)
    assert (heap.early, heap.middle, heap.late) == (ms("2026-03-03 16:30"), ms("2026-03-03 17:15"), None)
    assert (heap.share, heap.urgency) == (0.6, "soon")


def test_the_run_of_something_else_has_no_bands(tmp_path: Path) -> None:
    write_run(tmp_path / "week", {"kind": "plan", "tables": {}}, {}, {})
    with pytest.raises(RunError, match="no table 'bands'"):
        bands(read_run(tmp_path / "week"), ZONE)
