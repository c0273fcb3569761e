"""Looking ahead from a state: what stores will hold, when they run out, and what is out or under way at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from lodeworks import verbs
from lodeworks.errors import InputError
from lodeworks.network import begin, compile_network
from lodeworks.simulate import replicate
from tests.simulate.running import chain
from tests.simulate.test_language import OUT

NAMES = {name: {"unit": "case"} for name in ("job", "mid", "done")}
ONE = {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case"}}
STOCK = {"stock": {"commodity": "job", "capacity": "100 case", "initial": "0 case", "end": "free"}}


def drain(**process: Any) -> Any:
    """One store and what empties it."""
    return chain(240.0, step=1.0, commodities=NAMES, demands=OUT, stores=STOCK, processes={"desk": {**ONE, **process}})


def ahead(entity: Any, folder: Path, state: str, **options: Any) -> Any:
    file = folder / "now.yaml"
    file.write_text(state)
    return verbs.simulate(entity, state=file, **options)


def row(run: Any, store: str = "stock") -> dict[str, Any]:
    return run.table("runs_out").row(by_predicate=pl.col("store") == store, named=True)


def made(run: Any, name: str = "done@here") -> float:
    """Return the mean amount that left the chain in the window."""
    hours = run.manifest["horizon"]["hours"]
    return run.mean(name, "in") * hours


@pytest.mark.parametrize("at", ["2026-01-02 00:00", "2026-01-02 07:24"])
def test_a_steady_drain_empties_the_store_at_the_known_hour(tmp_path: Path, at: str) -> None:
    """10.5 cases at two an hour last 5.25 h, also from within a step; a rate runs in two-hundredths of the window."""
    run = ahead(drain(capacity="2 case/h"), tmp_path, f"at: {at}\nhours: 20 h\nlevels: {{stock: 10.5 case}}\n", replications=4)
    found = row(run)
    assert (found["share"], found["level"]) == (1.0, 10.5)
    assert found["hours_q05"] == found["hours_q95"] == pytest.approx(5.25, abs=0.1)
    bands = run.table("bands")
    assert str(bands["time"][0]) == f"{at}:00"
    held = bands.filter(pl.col("hour") < 5.0)
    assert np.abs(held["q50"].to_numpy() - (10.5 - 2.0 * held["hour"].to_numpy())).max() <= 0.2 + 1e-9
    assert bands.filter(pl.col("hour") > 5.3)["mean"].max() == pytest.approx(0.0, abs=0.2)


def test_exponential_services_empty_it_after_the_gamma_law(tmp_path: Path) -> None:
    run = ahead(drain(runs={"batch": "1 case", "time": "exponential(1 h)"}), tmp_path,
                "at: 2026-01-02\nhours: 200 h\nlevels: {stock: 8 case}\n", replications=2000)
    found = row(run)
    for q in (5, 50, 95):
        exact = stats.gamma(8).ppf(q / 100)
        error = np.sqrt(q / 100 * (1 - q / 100) / 2000) / stats.gamma(8).pdf(exact)
        assert abs(found[f"hours_q{q:02d}"] - exact) < 4 * error
    at = run.table("bands").row(by_predicate=(pl.col("hour") - 4.0).abs() < 0.36, named=True)
    left = 8 - 1 - stats.poisson(at["hour"]).ppf([0.95, 0.5, 0.05])  # the desk has taken one more than it has done
    assert [at["q05"], at["q50"], at["q95"]] == pytest.approx(np.maximum(left, 0.0), abs=1.0)


def test_the_interval_of_nine_tenths_holds_nine_tenths_of_what_happens() -> None:
    """Runs of other seeds are what happens: the 5 and 95 % quantiles of 200 replications hold 90 % of them."""
    from lodeworks.chain.state import state_of

    entity = chain(
        240.0, step=1.0, commodities=NAMES, demands=OUT, stores=STOCK,
        supplies={"in": {"commodity": "job", "arrivals": {"between": "exponential(2 h)"}}},
        processes={"desk": {**ONE, "runs": {"batch": "1 case", "time": "lognormal(1 h, 30 min)"},
                            "failures": {"between": "exponential(20 h)", "repair": "exponential(3 h)"}}},
    )
    state = state_of({"at": "2026-01-02 03:20", "hours": "200 h", "levels": {"stock": "9 case"}, "rates": {"desk": "1 case/h"}},
                     entity)
    network = begin(compile_network(entity), state, runs=True)

    def emptied(seed: int, count: int) -> np.ndarray:
        outcome = replicate(network, replications=count, seed=seed)
        return np.array([r.short[outcome.built.places.index("job@here")] for r in outcome.replications])

    happens = emptied(1000, 1500)
    held = [np.mean((happens >= low) & (happens <= high))
            for low, high in (np.quantile(emptied(seed, 200), [0.05, 0.95], method="inverted_cdf") for seed in range(12))]
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


def test_the_same_seed_gives_the_same_bits(tmp_path: Path) -> None:
    entity = drain(runs={"batch": "1 case", "time": "exponential(1 h)"}, failures={"between": "5 h", "repair": "exponential(1 h)"})
    state = "at: 2026-01-02 05:17\nhours: 9 h\nlevels: {stock: 20 case}\nrates: {desk: 1 case/h}\n"
    first, again, other = (ahead(entity, tmp_path, state, replications=20, seed=seed) for seed in (4, 4, 5))
    assert first.table("bands").equals(again.table("bands"))
    assert not first.table("bands").equals(other.table("bands"))


@pytest.mark.parametrize(("state", "words"), [
    ("at: 2026-01-02\nlevels: {stock: 101 case}\n", "more than the store can hold"),
    ("at: 2026-01-02\nlevels: {stok: 1 case}\n", "stok"),
    ("at: 2027-01-02\nlevels: {stock: 1 case}\n", "outside the horizon"),
    ("at: 2026-01-02\nhours: 24 h\n", "what stores hold is not said"),
    ("at: 2026-01-02\nlevels: {stock: 1 case}\nout: {desk: 2026-01-01}\n", "a time that has passed"),
])
def test_a_bad_state_is_told_and_nothing_written(tmp_path: Path, state: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ahead(drain(capacity="2 case/h"), tmp_path, state, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


# ---- what is out, and what is under way ----


def test_a_machine_that_is_out_comes_back_to_the_minute(tmp_path: Path) -> None:
    """Out until 03:45, then two an hour for 4.25 h."""
    run = ahead(drain(runs={"batch": "0.1 case", "time": "3 min"}), tmp_path,
                "at: 2026-01-02\nhours: 8 h\nlevels: {stock: 90 case}\nout: {desk: 2026-01-02 03:45}\n", replications=2)
    assert made(run) == pytest.approx(4.25 * 2, abs=0.11)
    assert run.mean("desk", "down") == pytest.approx(3.75 / 8)


def test_of_several_machines_so_many_are_out_as_the_share_says(tmp_path: Path) -> None:
    entity = drain(runs={"batch": "0.1 case", "time": "3 min", "servers": 4})
    run = ahead(entity, tmp_path, "at: 2026-01-02\nhours: 8 h\nlevels: {stock: 90 case}\nout: {desk: {share: 75 %}}\n", replications=2)
    assert made(run) == pytest.approx(3 * 2 * 8, abs=0.4)


@pytest.mark.parametrize("until", ["2026-01-02 02:30", None])
def test_a_supply_without_limit_that_is_out_gives_nothing_until_it_is_back(tmp_path: Path, until: str | None) -> None:
    entity = chain(240.0, step=1.0, commodities=NAMES, demands=OUT, stores={}, supplies={"in": {"commodity": "job", "price": "1 CNY/case"}},
                   processes={"desk": {**ONE, "runs": {"batch": "0.1 case", "time": "6 min"}}})
    out = until or "{share: 0 %}"
    run = ahead(entity, tmp_path, f"at: 2026-01-02\nhours: 8 h\nout: {{in: {out}}}\n", replications=2)
    assert made(run) == pytest.approx(5.5 if until else 0.0, abs=0.11)


def test_what_is_sold_without_limit_waits_while_the_buyer_is_out(tmp_path: Path) -> None:
    entity = drain(runs={"batch": "1 case", "time": "1 h"})
    run = ahead(entity, tmp_path, "at: 2026-01-02\nhours: 8 h\nlevels: {stock: 50 case}\nout: {out: 2026-01-02 05:30}\n",
                replications=2)
    assert run.mean("desk", "blocked") == pytest.approx(2.5 / 8)  # room for two, then the third waits from 03:00 on


@pytest.mark.parametrize(("arrivals", "exact"), [
    ({"at": ["1 h", "2 h", "27 h", "28 h"]}, 1), ({"at": ["08:00", "20:00"]}, 4), ({"between": "exponential(1 h)"}, 24.0 * 2 - 2.5),
])
def test_arrivals_go_on_from_the_moment_and_stop_while_they_are_out(tmp_path: Path, arrivals: Any, exact: float) -> None:
    """From 03:15 on the second day for two days, and out until 05:45: of a timetable only what is still to come."""
    entity = chain(240.0, step=1.0, commodities=NAMES, demands=OUT, stores=STOCK,
                   supplies={"in": {"commodity": "job", "arrivals": arrivals}},
                   processes={"desk": {**ONE, "runs": {"batch": "1 case", "time": "1 min"}}})
    state = "at: 2026-01-02 03:15\nhours: 48 h\nlevels: {stock: 0 case}\n"
    run = ahead(entity, tmp_path, state, replications=100)
    assert run.mean("job@here", "in") * 48.0 == pytest.approx(exact + 2.5 if isinstance(exact, float) else exact, abs=3 * (48 / 100) ** 0.5)
    stopped = ahead(entity, tmp_path, state + "out: {in: 2026-01-02 05:45}\n", replications=100)
    gone = {"at": 1} if arrivals.get("at", [""])[0] == "1 h" else {}
    assert stopped.mean("job@here", "in") * 48.0 == pytest.approx(exact - gone.get("at", 0), abs=3 * (48 / 100) ** 0.5)


def test_shifts_begin_at_their_hour_also_from_within_a_step(tmp_path: Path) -> None:
    entity = chain(240.0, step=1.0, commodities=NAMES, demands=OUT, stores=STOCK, calendars={"day": {"hours": ["08:00-12:00"]}},
                   processes={"desk": {**ONE, "availability": "day", "runs": {"batch": "0.1 case", "time": "6 min"}}})
    run = ahead(entity, tmp_path, "at: 2026-01-02 06:21\nuntil: 2026-01-02 10:39\nlevels: {stock: 50 case}\n", replications=2)
    assert made(run) == pytest.approx(2.65, abs=0.11)
    assert run.mean("desk", "off shift") == pytest.approx(1.65 / 4.3, abs=1e-6)


def test_runs_under_way_end_within_their_time(tmp_path: Path) -> None:
    """Runs of 10 h on four machines at work: in 5 h half of them end; without a word of rates none does."""
    entity = drain(runs={"batch": "1 case", "time": "10 h", "servers": 4}, failures={"between": "1000 a", "repair": "1 h"})
    state = "at: 2026-01-02\nhours: 5 h\nlevels: {stock: 50 case}\n"
    assert made(ahead(entity, tmp_path, state, replications=50)) == 0.0
    run = ahead(entity, tmp_path, state + "rates: {desk: 0.4 case/h}\n", replications=400)
    assert made(run) == pytest.approx(2.0, abs=4 * (4 * 0.25 / 400) ** 0.5)
    assert run.table("bands")["mean"][0] == 50.0
    half = ahead(entity, tmp_path, state + "rates: {desk: 0.2 case/h}\n", replications=400)
    assert made(half) == pytest.approx(1.0, abs=0.2)


def test_a_run_seen_at_an_instant_has_what_renewal_theory_leaves_of_it(tmp_path: Path) -> None:
    """Of lengths 2 h and 10 h, as many of each, five in six of those seen are long: the mean rest is 26/6 h."""
    entity = drain(runs={"batch": "1 case", "time": "discrete(2 h: 50 %, 10 h: 50 %)"})
    state = "at: 2026-01-02\nhours: 2 h\nlevels: {stock: 0 case}\nrates: {desk: 0.17 case/h}\n"
    run = ahead(entity, tmp_path, state, replications=2000)
    assert made(run) == pytest.approx(1 / 6 + 5 / 6 * 0.2, abs=0.04)


def test_what_a_plan_has_on_the_way_comes_in(tmp_path: Path) -> None:
    entity = chain(
        48.0, step=1.0, sites={"a": {}, "b": {}}, commodities={"job": {"unit": "case"}, "done": {"unit": "case"}},
        horizon={"start": "2026-01-01", "length": "48 h", "cyclic": False},
        supplies={"in": {"commodity": "job", "site": "a", "price": "1 CNY/case", "most": "3 case/h"}},
        routes={"belt": {"commodity": "job", "from": "a", "to": "b", "lag": "4 h", "capacity": "3 case/h"}},
        stores={"heap": {"commodity": "job", "site": "b", "capacity": "500 case", "initial": "0 case", "end": "free"}},
        processes={"desk": {"site": "b", "inputs": {"job": "1 case"}, "outputs": {"done": "1 case"}, "capacity": "3 case/h"}},
        demands={"out": {"commodity": "done", "site": "b", "price": "9 CNY/case"}},
    )
    verbs.plan(entity, out=tmp_path / "plan")
    state = "at: 2026-01-01 12:30\nhours: 4 h\nplan: plan\nout: {in: 2026-01-02, belt: 2026-01-02}\n"
    assert made(ahead(entity, tmp_path, state, replications=2), "done@b") == pytest.approx(12.0, abs=0.6)


def test_what_comes_over_several_ways_comes_in_by_its_time(tmp_path: Path) -> None:
    """A belt of 4 h and a road of 2 h to one heap: 12 and 4 cases are on their way, four of each in the first two hours."""
    entity = chain(
        48.0, step=1.0, sites={"a": {}, "b": {}}, commodities={"job": {"unit": "case"}, "done": {"unit": "case"}},
        horizon={"start": "2026-01-01", "length": "48 h", "cyclic": False},
        supplies={"in": {"commodity": "job", "site": "a", "price": "1 CNY/case", "most": "5 case/h"}},
        routes={"belt": {"commodity": "job", "from": "a", "to": "b", "lag": "4 h", "capacity": "3 case/h"},
                "road": {"commodity": "job", "from": "a", "to": "b", "lag": "2 h", "capacity": "2 case/h"}},
        stores={"heap": {"commodity": "job", "site": "b", "capacity": "500 case", "initial": "0 case", "end": "free"}},
        processes={"desk": {"site": "b", "inputs": {"job": "1 case"}, "outputs": {"done": "1 case"}, "capacity": "6 case/h"}},
        demands={"out": {"commodity": "done", "site": "b", "price": "9 CNY/case"}},
    )
    verbs.plan(entity, out=tmp_path / "plan")
    state = "at: 2026-01-01 12:30\nhours: 5 h\nplan: plan\nlevels: {heap: 0 case}\nout: {in: 2026-01-02, belt: 2026-01-02, road: 2026-01-02}\n"
    run = ahead(entity, tmp_path, state, replications=2)
    assert made(run, "done@b") == pytest.approx(16.0, abs=0.8)
    band = run.table("bands")
    assert band["mean"].max() < 1.0  # it is used as it comes, and so comes no faster than that


def test_a_plan_is_followed_from_the_moment_on(tmp_path: Path) -> None:
    """The plan sells where it pays, in the second half of each day: from 06:30 on nothing before noon."""
    entity = chain(
        48.0, step=1.0, commodities=NAMES, stores=STOCK | {"shelf": {"commodity": "done", "capacity": "5 case", "initial": "5 case", "end": "free"}},
        profiles={"price": {"unit": "CNY/case", "daily": [1.0] * 12 + [5.0] * 12}},
        supplies={"in": {"commodity": "job", "price": "2 CNY/case"}},
        processes={"desk": {**ONE, "capacity": "2 case/h"}},
        demands={"out": {"commodity": "done", "price": "price", "most": "9 case/h"}},
    )
    verbs.plan(entity, out=tmp_path / "plan")
    state = "at: 2026-01-01 06:30\nuntil: 2026-01-01 14:00\nlevels: {stock: 0 case, shelf: 5 case}\n"
    run = ahead(entity, tmp_path, state, replications=2, plan=tmp_path / "plan")
    beside = run.table("against_plan").row(by_predicate=pl.col("name") == "desk", named=True)
    assert beside["planned"] == pytest.approx(4.0)
    assert beside["mean"] == pytest.approx(4.0, abs=0.2)


def trucked(**more: Any) -> Any:
    """Ten trucks of 10 cases, two hours there and two back, from a heap that never lacks to a yard that is only filled."""
    return chain(
        240.0, step=1.0, sites={"a": {}, "b": {}}, commodities={"job": {"unit": "t"}, "done": {"unit": "t"}},
        supplies={"mine": {"commodity": "job", "site": "a", "price": "1 CNY/t"}},
        fleets={"trucks": {"vehicles": 10, "payload": "10 t", "speed": "50 km/h", **more}},
        routes={"road": {"commodity": "job", "from": "a", "to": "b", "distance": "100 km", "fleet": "trucks",
                         "haul": {"laden": "triangular(1 h, 2 h, 3 h)", "empty": "2 h"}}},
        stores={"yard": {"commodity": "job", "site": "b", "capacity": "5000 t", "initial": "0 t", "end": "free"}},
        pools={"drivers": {"amount": "10 person"}},
    )


@pytest.mark.parametrize("crew", [{}, {"crew": {"drivers": "1 person"}}])
def test_vehicles_of_a_route_that_ran_are_on_its_road(tmp_path: Path, crew: Any) -> None:
    """25 t/h are 2.5 trips an hour: five trucks on their way, five back; so as much comes from the first hour on."""
    state = "at: 2026-01-02 05:40\nhours: 4 h\nlevels: {yard: 0 t}\n"
    idle = ahead(trucked(**crew), tmp_path, state, replications=200)
    assert idle.table("bands").filter(pl.col("hour") < 0.99)["mean"].max() == 0.0
    run = ahead(trucked(**crew), tmp_path, state + "rates: {road: 25 t/h}\n", replications=400)
    bands = run.table("bands").filter(pl.col("hour") > 0.0)
    hours, mean = bands["hour"].to_numpy(), bands["mean"].to_numpy()
    assert np.abs(mean - 25.0 * hours).max() < 5.0
    assert ahead(trucked(**crew), tmp_path, state + "rates: {road: 25 t/h}\n", replications=400).table("bands").equals(run.table("bands"))
