"""What is well written but could never run, or never end, is told before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lodeworks.errors import InputError, SimulationError
from lodeworks.verbs import check, read, simulate

HALL = """
chain: hall
horizon: {start: 2026-03-02, step: 1 h, length: 10 d, cyclic: false}
simulation: {replications: 2}
units: {case: case}
sites: {here: {}, there: {}}
commodities: {job: {unit: case}, done: {unit: case}, fuel: {unit: kg}}
calendars:
  day: {hours: ["08:00-18:00"]}
  holidays: {closed: ["2026-01-01/2026-12-31"]}
profiles: {nobody: {daily: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}}
supplies:
  people: {commodity: job, site: here, arrivals: {between: exponential(1 h)}}
  gas: {commodity: fuel, site: here, price: 1 CNY/kg}
pools: {staff: {amount: 2 person}, idlers: {amount: 1 person, availability: holidays}}
stores:
  queue: {commodity: job, site: here, capacity: 50 case, end: free}
  yard: {commodity: done, site: there, capacity: 40 case, end: free}
processes:
  desk: {site: here, inputs: {job: 1 case}, outputs: {done: 1 case}, runs: {batch: 1 case, time: "exponential(30 min)", crew: {staff: 1 person}}}
routes:
  way: {commodity: done, from: here, to: there, distance: 10 km, fleet: vans, load: 1 min, unload: 1 min}
fleets:
  vans: {vehicles: 2, payload: 1 case, speed: 40 km/h, fuel: {fuel: {laden: 0.1 kg/km, empty: 0.1 kg/km}}, tank: 10 kg, refuel: {site: here, pumps: 1, rate: 60 kg/h}}
demands: {out: {commodity: done, site: there, price: 1 CNY/case}}
"""


def written(folder: Path, key: str, value: Any) -> Path:
    """Write the hall with one key (dotted) changed, and return its file."""
    data = yaml.safe_load(HALL)
    *path, last = key.split(".")
    here = data
    for part in path:
        here = here.setdefault(part, {})
    here[last] = value
    file = folder / "hall.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def test_the_hall_has_no_fault(tmp_path: Path) -> None:
    assert not [p for p in check(written(tmp_path, "chain", "hall")) if p.severity == "error"]


FAULTS: list[tuple[str, Any, str, str]] = [
    ("processes.desk.runs.time", "-5 min", "runs.time", "negative"),
    ("processes.desk.runs.time", "nan min", "runs.time", "number"),
    ("processes.desk.runs.time", "lognormal(3 min)", "runs.time", "2 parameters"),
    ("processes.desk.runs.time", "exponential()", "runs.time", "1 parameter:"),
    ("processes.desk.runs.setup", "-1 min", "runs.setup", "negative"),
    ("supplies.people.arrivals.between", "exponential(-1 h)", "arrivals.between", "negative"),
    ("supplies.people.arrivals.between", "0 h", "arrivals.between", "never end"),
    ("processes.desk.failures", {"between": "0 h", "repair": "1 h"}, "failures.between", "never end"),
    ("calendars.day.hours", [], "hours", "never open"),
    ("calendars.day.days", [], "days", "never open"),
    ("processes.desk.availability", "holidays", "availability", "no hour"),
    ("pools.staff.availability", "holidays", "availability", "no hour"),
    ("supplies.people.arrivals.profile", "nobody", "arrivals.profile", "no hour"),
    ("stores.yard.patience", "1 h", "", ""),
    ("demands.out.site", "here", "patience", "nothing takes"),
    ("processes.desk.runs.batch", "60 case", "runs.batch", "does not fit"),
    ("fleets.vans.payload", "60 case", "fleet", "does not fit"),
    ("supplies.people.arrivals.amount", "60 case", "arrivals.amount", "does not fit"),
    ("processes.desk.runs.crew.staff", "3 person", "runs.crew.staff", "than there is"),
    ("fleets.vans.tank", "1 kg", "tank", "does not last"),
    ("horizon.length", "0 h", "length", "longer than nought"),
    ("simulation.seed", 1.5, "seed", "whole number"),
    ("simulation.seed", "abc", "seed", "not a number"),
    ("simulation.warm_up", "20 d", "warm_up", "leaves nothing"),
    ("supplies.people.arrivals", {"at": ["3 h", "2 h"]}, "arrivals.at", "out of order"),
    ("processes.desk.runs.time", "weibull(0.001, 3 h)", "runs.time", "beyond all numbers"),
    ("processes.desk.runs.time", "7 kg", "runs.time", "kg is mass, not time"),
    ("processes.desk.runs.time", "weibull(2 h, 3 h)", "runs.time", "h is time, not dimensionless"),
    ("processes.desk.runs.time", "discrete(2 h: 30 %, 4 h: 50 %)", "runs.time", "0.8 in all"),
    ("processes.desk.runs.priority", 0.5, "runs.priority", "whole number"),
    ("processes.desk.runs.crew.staff", "1 MW", "runs.crew.staff", "not person"),
    ("processes.desk.failures", {"between": "9 h", "repair": "1 h", "crew": "idlers"}, "availability", "no hour"),
    ("processes.desk.modes", {"big": {"runs": {"batch": "60 case"}}}, "modes.big.runs.batch", "does not fit"),
    ("processes.desk.modes", {"many": {"runs": {"crew": {"staff": 3}}}}, "modes.many.runs.crew.staff", "than there is"),
    ("supplies.people", {"commodity": "job", "site": "here", "runs": {"batch": "60 case"}}, "runs.batch", "not fit"),
    ("demands.out.runs", {"batch": "41 case"}, "runs.batch", "does not fit"),
    ("supplies.people.arrivals.balk_at", "0 case", "arrivals.balk_at", "stays away"),
    ("supplies.people.arrivals", {"at": ["3 h"], "amounts": [1.0], "amount": "2 case"}, "arrivals.amount", "not both"),
    ("stores.queue.expires_to", "done", "expires_to", "a life"),
    ("fleets.vans.refuel.pumps", 0, "refuel.pumps", "whole number"),
    ("fleets.vans.upkeep", {"every": "0 km", "time": "1 h"}, "upkeep.every", "greater than nought"),
    ("fleets.vans.upkeep", {"every": "9 km", "time": "1 h", "bays": 0}, "upkeep.bays", "whole number"),
    ("fleets.vans.crew", {"staff": "3 person"}, "crew.staff", "a vehicle holds more"),
    ("fleets.vans.availability", "holidays", "availability", "no hour"),
    ("routes.way.failures", {"between": "9 h", "repair": "1 h"}, "failures", "vehicles do not fail"),
]


@pytest.mark.parametrize(("key", "value", "at", "says"), FAULTS)
def test_a_fault_is_told_with_its_place(tmp_path: Path, key: str, value: Any, at: str, says: str) -> None:
    file = written(tmp_path, key, value)
    if key == "demands.out.site":  # then nobody takes what waits in the yard
        file = written(tmp_path, "stores.yard.patience", "1 h")
        data = yaml.safe_load(file.read_text())
        data["demands"]["out"]["site"] = "here"
        file.write_text(yaml.safe_dump(data))
    errors = [p for p in check(file) if p.severity == "error"]
    if not at:
        assert not errors
        return
    assert any(at == p.key and says in str(p) for p in errors), errors
    with pytest.raises(InputError):
        simulate(file, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_table_of_arrivals_out_of_order_is_told(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text("time,amount\n3 h,1\n2 h,1\n")
    file = written(tmp_path, "supplies.people.arrivals", {"table": "trace.csv"})
    assert any("out of order" in str(p) and "trace.csv" in p.file for p in check(file))


def test_every_fault_of_a_trace_is_told_at_once_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text("time,amount\n3 h,-1\n2 h,1\nnoon,x\n")
    file = written(tmp_path, "supplies.people.arrivals", {"table": "trace.csv"})
    told = [(p.file, p.message) for p in check(file) if p.severity == "error"]
    assert told == [
        ("trace.csv row 4", "not a number"), ("trace.csv row 2", "an arrival brings more than nought"),
        ("trace.csv from row 2", "time 2 is out of order: '2 h' comes before '3 h'"),
        ("trace.csv from row 2", "time 3 is neither `07:30`, nor `2026-03-02 07:30`, nor `3 h`: 'noon'"),
    ]


@pytest.mark.parametrize(("text", "says"), [("time,amount\n", "no row"), ("when\n3 h\n", "no column 'time'"),
                                            ("time,amount [kg]\n3 h,1\n", "kg is mass")])
def test_a_trace_without_times_or_in_another_unit_is_told_once(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "trace.csv").write_text(text)
    file = written(tmp_path, "supplies.people.arrivals", {"table": "trace.csv"})
    assert [says in str(p) for p in check(file) if p.severity == "error"] == [True]


def test_amounts_of_a_trace_are_in_the_unit_of_their_heading(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text("time [h],amount [dozen]\n1,1\n2.5,3\n")
    file = written(tmp_path, "supplies.people.arrivals", {"table": "trace.csv"})
    data = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(data | {"units": {"case": "case", "dozen": "12 case"}}))
    assert read(file).supplies["people"].arrivals.amounts == [12.0, 36.0]


def test_a_trace_that_begins_after_the_end_is_worth_a_word(tmp_path: Path) -> None:
    problems = check(written(tmp_path, "supplies.people.arrivals", {"at": ["2027-01-01 08:00"]}))
    assert [(p.severity, p.key) for p in problems if "nothing arrives" in p.message] == [("warning", "arrivals.at")]


@pytest.mark.parametrize(("hours", "told"), [("08:00-16:00", 0), ("08:30-16:30", 1)])
def test_hours_that_fall_within_a_step_are_worth_a_word(tmp_path: Path, hours: str, told: int) -> None:
    written(tmp_path, "pools.staff.availability", "day")
    file = tmp_path / "hall.yaml"
    file.write_text(file.read_text().replace("08:00-18:00", hours))
    problems = [p for p in check(file) if "within a step" in p.message]
    assert [(p.severity, p.element) for p in problems] == [("warning", "pools.staff")] * told


def test_part_of_a_batch_may_be_larger_than_the_store(tmp_path: Path) -> None:
    runs = {"batch": "60 case", "time": "1 h", "least": "50 %"}
    assert not [p for p in check(written(tmp_path, "processes.desk.runs", runs)) if p.severity == "error"]


def test_more_machines_than_can_be_followed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more machines"):
        simulate(written(tmp_path, "processes.desk.runs.servers", 10**9), out=tmp_path / "run")



def test_patience_written_where_nobody_waits_is_no_key(tmp_path: Path) -> None:
    problems = check(written(tmp_path, "processes.desk.patience", "1 h"))
    assert any("patience" in str(p) for p in problems)


def test_events_without_end_are_refused_and_named(tmp_path: Path) -> None:
    file = written(tmp_path, "supplies.people.arrivals.between", "1e-9 h")
    with pytest.raises(SimulationError, match=r"events without end.*arrivals in job@here"):
        simulate(file, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_share_of_a_vehicle_is_told_to_be_rounded(tmp_path: Path) -> None:
    problems = check(written(tmp_path, "fleets.vans.vehicles", 1.6))
    assert [(p.severity, p.key) for p in problems if p.key == "vehicles"] == [("warning", "vehicles")]
