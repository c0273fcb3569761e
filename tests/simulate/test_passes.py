"""A pool used in proportion to rates lets no more start than it gives, by priority, and is nobody's stock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.errors import InputError
from lodeworks.network import compile_network
from lodeworks.simulate import layout as y
from lodeworks.simulate import replay, simulation_tables, trace_tables
from lodeworks.simulate.build import build
from lodeworks.simulate.engine import run_once
from lodeworks.simulate.tables import measures
from tests.simulate.running import chain, simulate
from tests.simulate.test_language import haulage
from tests.simulate.test_law import planned

LENGTH = 480.0
NAMES = ("a", "b", "done")


def member(takes: str, **more: Any) -> dict[str, Any]:
    """Return a process of ten cases an hour whose every case takes one from the spur."""
    return {"inputs": {takes: "1 case"}, "outputs": {"done": "1 case"}, "capacity": "10 case/h", "pools": {"spur": 1}, **more}


def spur(processes: dict[str, Any] | None = None, pool: dict[str, Any] | None = None, **more: Any) -> Any:
    """Return a chain of one or more members of a pool of two cases an hour."""
    return chain(
        LENGTH, **{
            "step": 1.0, "commodities": {name: {"unit": "case"} for name in NAMES},
            "supplies": {f"in_{name}": {"commodity": name, "price": "0 CNY/case"} for name in "ab"},
            "processes": {"p": member("a")} if processes is None else processes,
            "pools": {"spur": {"amount": "2 case/h", **(pool or {})}},
            "demands": {"out": {"commodity": "done", "price": "1 CNY/case"}},
            "objective": {"goal": "output", "commodity": "done"}, **more})


def means(entity: Any, replications: int = 2) -> dict[tuple[str, str, str], float]:
    return {key: float(np.mean(v)) for key, v in measures(simulate(entity, replications)).items()}


def test_one_member_runs_at_the_pace_of_the_pool() -> None:
    """Ten cases are five hours of the pool: the last pass before hour 480 lets the last ten start, and no more."""
    entity = spur()
    found = means(entity)
    assert planned(entity) == pytest.approx(2.0 * LENGTH)
    assert found["run", "p", "started"] * LENGTH == pytest.approx(960.0)
    assert found["exit", "done@here", "in"] * LENGTH == pytest.approx(950.0)  # one batch is in work at the end
    assert found["pool", "spur", "used"] == pytest.approx(1.0)
    assert found["machines", "p", "no pool"] > 0.75


def test_a_run_far_larger_than_the_pool_starts_once_its_pass_is_whole() -> None:
    found = means(spur({"p": member("a", runs={"batch": "200 case", "time": "1 h"})}))
    assert found["run", "p", "started"] * LENGTH == pytest.approx(800.0)  # at hours 100, 200, 300, 400


def test_what_is_used_for_one_unit_counts() -> None:
    found = means(spur({"p": member("a", pools={"spur": 4})}))
    assert found["run", "p", "started"] == pytest.approx(0.5)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
def test_of_two_members_the_smaller_number_is_served_first_and_the_other_has_the_rest(first: int, second: int) -> None:
    """In all they get two an hour; who is first and wants 1.2 gets it, with batches five times as large as the other's."""
    runs = {"p": {"batch": "5 case", "time": "6 min"}, "q": {"batch": "1 case", "time": "6 min"}}
    wanted = {"p": "a", "q": "b"} if first == 0 else {"p": "b", "q": "a"}
    entity = spur(
        {name: member(wanted[name], runs={**runs[name], "priority": first if name == "p" else second}) for name in runs},
        supplies={"in_a": {"commodity": "a", "most": "1.2 case/h", "price": "0 CNY/case"},
                  "in_b": {"commodity": "b", "price": "0 CNY/case"}},
        stores={"yard": {"commodity": "a", "end": "free"}})
    found = means(entity)
    ahead, behind = ("p", "q") if first == 0 else ("q", "p")
    assert found["run", ahead, "started"] == pytest.approx(1.2, abs=0.02)
    assert found["run", behind, "started"] == pytest.approx(0.8, abs=0.02)
    assert found["pool", "spur", "used"] == pytest.approx(1.0, abs=0.01)


def test_who_wants_all_of_the_pool_and_comes_first_leaves_only_one_batch() -> None:
    """The other has the pass that is made while the first one's lies ready, if there is such a time: here never."""
    entity = spur({"p": member("a", runs={"batch": "1 case", "time": "6 min", "priority": 1}),
                   "q": member("b", runs={"batch": "1 case", "time": "6 min"})})
    found = means(entity)
    assert found["run", "q", "started"] * LENGTH == pytest.approx(960.0, abs=1.5)
    assert found["run", "p", "started"] * LENGTH <= 1.0


def test_a_pool_that_is_closed_by_night_gives_and_keeps_nothing_for_it() -> None:
    """By day two an hour for 12 h: 24 a day, as planned; and a machine that is open by night only never runs."""
    day, night = {"values": [0.0] * 6 + [1.0] * 12 + [0.0] * 6}, {"values": [1.0] * 6 + [0.0] * 12 + [1.0] * 6}
    more = {"profiles": {"day": {"values": day["values"] * 20}, "night": {"values": night["values"] * 20}}}
    runs = {"batch": "1 case", "time": "6 min"}
    entity = spur({"p": member("a", runs=runs)}, {"availability": "day"}, **more)
    found = means(entity)
    assert planned(entity) == pytest.approx(480.0)
    assert 479.0 - 1e-6 <= found["run", "p", "started"] * LENGTH <= 480.0 + 1e-6  # the last pass was ready at dusk
    assert found["pool", "spur", "used"] == pytest.approx(1.0, abs=0.003)
    assert found["machines", "p", "off shift"] == pytest.approx(0.5)
    never = spur({"p": member("a", runs=runs, availability="night")}, {"availability": "day"}, **more)
    assert planned(never) == pytest.approx(0.0)
    assert means(never)["run", "p", "started"] == 0.0


def test_half_a_pool_gives_half() -> None:
    found = means(spur(pool={"availability": "half"}, profiles={"half": {"values": [0.5] * int(LENGTH)}}))
    assert found["run", "p", "started"] * LENGTH == pytest.approx(480.0)
    assert found["pool", "spur", "used"] == pytest.approx(1.0)


def test_a_pool_of_nothing_lets_nobody_run_and_the_log_says_so() -> None:
    outcome = simulate(spur(pool={"amount": "0 case/h"}), 2)
    assert measures(outcome)["exit", "done@here", "in"].max() == 0.0
    assert "p: a pool it uses has nothing, so it does not run" in outcome.built.log


def test_two_pools_bind_by_the_tighter() -> None:
    entity = spur({"p": member("a", pools={"spur": 1, "wharf": 1})})
    both = entity.model_copy(update={"pools": {**entity.pools, "wharf": entity.pools["spur"].model_copy(
        update={"amount": spur(pool={"amount": "0.5 case/h"}).pools["spur"].amount})}})
    assert means(both)["run", "p", "started"] * LENGTH == pytest.approx(240.0)


@pytest.mark.parametrize("kind", ["supply", "route", "sale"])
def test_what_has_no_limit_of_its_own_has_that_of_its_pools(kind: str) -> None:
    used = {"pools": {"spur": 1}}
    entity = spur(
        {}, sites={"here": {}, "there": {}},
        supplies={"in": {"commodity": "a", "site": "here", "price": "0 CNY/case", **(used if kind == "supply" else {})}},
        routes={"way": {"commodity": "a", "from": "here", "to": "there", **(used if kind == "route" else {}),
                        **({"capacity": "5 case/h"} if kind == "sale" else {})}},
        demands={"out": {"commodity": "a", "site": "there", "price": "1 CNY/case", **(used if kind == "sale" else {})}},
        objective={"goal": "output", "commodity": "a"})
    best = planned(entity)
    assert best == pytest.approx(960.0)
    name = {"supply": "in", "route": "way", "sale": "out"}[kind]
    assert 0.98 * best <= means(entity)["run", name, "started"] * LENGTH <= best * (1.0 + 1e-9)


def test_vehicles_wait_for_the_pool_of_their_route() -> None:
    """Ten cases a vehicle and four an hour of the pool: 0.4 trips, of 3.3 that four vehicles could make."""
    entity = haulage(route={"pools": {"gate": 1}}, pools={"gate": {"amount": "4 case/h"}})
    found = means(entity)
    assert found["run", "road.load", "started"] * 1200.0 == pytest.approx(4800.0)


def test_part_batches_use_their_part() -> None:
    """A vehicle that leaves every hour with the two cases that came uses two of the pool; all are carried."""
    entity = haulage(route={"pools": {"gate": 1}, "haul": {"least": "10 %", "linger": "0 h"}},
                     pools={"gate": {"amount": "4 case/h"}})
    data = entity.model_dump(mode="json", exclude_unset=True)
    data["supplies"]["people"] = {"commodity": "job", "site": "a", "arrivals": {"between": "1 h", "amount": "2 case"}}
    data["stores"] = {"yard": {"commodity": "job", "site": "a", "end": "free"}}
    found = means(type(entity).model_validate(data))
    assert found["run", "road.load", "started"] == pytest.approx(2.0, rel=0.02)
    assert found["pool", "gate", "used"] == pytest.approx(0.5, rel=0.02)


def test_a_pool_that_fails_stops_its_passes_as_long() -> None:
    """Six hours out after every 18: three quarters of two an hour."""
    entity = spur({"p": member("a", runs={"batch": "1 case", "time": "6 min"})},
                  {"failures": {"between": "18 h", "repair": "6 h", "clock": "calendar"}})
    assert means(entity)["run", "p", "started"] == pytest.approx(1.5, rel=0.005)


def test_what_is_made_is_no_older_for_its_pass() -> None:
    """A pass lies ready for hours before the goods come: their age is that of the goods."""
    entity = spur({"p": member("a", runs={"batch": "1 case", "time": "1 h"})},
                  supplies={"in_a": {"commodity": "a", "arrivals": {"between": "10 h"}}},
                  stores={"yard": {"commodity": "a", "end": "free"}})
    assert means(entity)["exit", "done@here", "age"] == pytest.approx(1.0)


def test_passes_are_nobodys_stock() -> None:
    entity = spur({"p": member("a"), "q": member("b")})
    outcome = simulate(entity, 2)
    tables = simulation_tables(outcome)
    own = {"in_a", "in_b", "p", "q", "spur", "a@here", "b@here", "done@here"}
    for name in ("statistics", "replications", "levels", "waits", "spread", "chances"):
        assert set(tables[name]["name"].unique()) <= own, name
    kinds = set(tables["statistics"].select("kind", "name").unique().rows())
    assert ("machines", "spur") not in kinds
    assert ("pool", "spur") in kinds
    assert ("spur", "used by rates", "a pass for each batch, by priority, one ahead") in tables["choices"].rows()
    traced = trace_tables(outcome.built, replay(outcome.built, 1, 0, 0.0, 100.0))
    assert set(traced["gantt"]["group"].unique()) <= own
    assert set(traced["gantt"]["what"].unique()) <= {*own, ""}
    assert set(traced["motion"]["name"].unique()) <= own
    assert set(traced["lots"]["place"].unique()) <= own


def test_every_pass_is_counted_where_it_was_made_and_taken() -> None:
    built = build(compile_network(spur({"p": member("a"), "q": member("b")})))
    state = run_once(built, 1, 0)
    (passes,) = built.passes
    made = sum(state.pf[p, y.P_IN] for p in passes.places)
    used = sum(state.tf[t, y.T_DONE] * use for t, use in passes.members)
    ready = sum(state.pf[p, y.P_LEVEL] for p in passes.places)
    assert made == pytest.approx(used + ready)
    assert used <= passes.amount * LENGTH * (1.0 + 1e-9)


def test_units_that_runs_hold_and_rates_are_told_apart() -> None:
    runs = {"batch": "1 case", "time": "30 min", "crew": {"spur": "1 case/h"}}
    found = means(spur({"p": member("a", runs=runs, pools={}), "q": member("b")}))
    assert found["pool", "spur", "used by rates"] == pytest.approx(1.0)
    assert found["pool", "spur", "used"] == pytest.approx(0.5)


def test_a_member_that_ends_is_no_standstill() -> None:
    """The goods are used up; a pass lies ready for ever and waits for nobody."""
    entity = spur({"p": member("a"), "q": member("b")}, supplies={}, stores={
        "yard": {"commodity": "a", "initial": "50 case", "end": "free"},
        "quay": {"commodity": "b", "initial": "50 case", "end": "free"}})
    outcome = simulate(entity, 2)
    assert measures(outcome)["exit", "done@here", "in"].mean() * LENGTH == pytest.approx(100.0)
    assert not [r.still for r in outcome.replications if "spur" in r.still]


def test_what_no_pass_can_gate_is_refused() -> None:
    with pytest.raises(InputError, match="pools of arrivals hold for plans only"):
        simulate(spur(supplies={"in_a": {"commodity": "a", "arrivals": {"between": "1 h"}, "pools": {"spur": 1}}}), 2)
    with pytest.raises(InputError, match="pools of orders up to a level hold for plans only"):
        simulate(spur(supplies={"in_a": {"commodity": "a", "price": "0 CNY/case", "pools": {"spur": 1}, "runs": {
            "batch": "1 case", "time": "1 h", "order_at": "5 case", "order_to": "10 case"}}}), 2)


def in_line(halved: int) -> Any:
    """Return two steps in line that share the spur, the second served first, with batches halved so often."""
    def step(takes: str, gives: str, priority: int) -> dict[str, Any]:
        return {"inputs": {takes: "1 case"}, "outputs": {gives: "1 case"}, "pools": {"spur": 1},
                "runs": {"batch": f"{8.0 / 2**halved} case", "time": f"{1.0 / 2**halved} h", "priority": priority}}
    return spur({"first": step("a", "b", 1), "second": step("b", "done", 0)},
                supplies={"in": {"commodity": "a", "price": "0 CNY/case"}},
                stores={"yard": {"commodity": "b", "capacity": "40 case", "end": "free"}})


def test_with_small_batches_it_tends_to_the_plan() -> None:
    best = planned(in_line(0))
    assert best == pytest.approx(480.0)
    gaps = [1.0 - means(in_line(k))["exit", "done@here", "in"] * LENGTH / best for k in (0, 2, 4)]
    assert gaps[0] > gaps[1] > gaps[2] >= 0.0
    assert gaps[2] < 0.005


def test_from_a_state_runs_under_way_have_their_pass_and_the_rest_wait(tmp_path: Any) -> None:
    """One run of half an hour's mean is under way or none; then two an hour start for five hours, and no more."""
    from lodeworks import verbs

    entity = spur({"p": member("a", runs={"batch": "1 case", "time": "exponential(30 min)", "servers": 5})},
                  stores={"yard": {"commodity": "a", "initial": "0 case", "end": "free", "capacity": "500 case"}}, supplies={})
    (tmp_path / "now.yaml").write_text("at: 2026-01-02 07:30\nhours: 5 h\nlevels: {yard: 400 case}\nrates: {p: 2 case/h}\n")
    run = verbs.simulate(entity, state=tmp_path / "now.yaml", replications=40)
    begun = run.mean("p", "started") * 5.0 - 10.0
    assert begun == pytest.approx(1.0, abs=0.5)  # on each of five machines with the chance 2 / 10


def test_a_plan_is_followed_through_the_pool(tmp_path: Any) -> None:
    from lodeworks import verbs

    entity = in_line(4)
    best = verbs.plan(entity, out=tmp_path / "plan")
    told = verbs.simulate(entity, plan=tmp_path / "plan", replications=2)
    amount = float(best.flows.filter(best.flows["kind"].cast(str) == "demand")["amount"].abs().sum())
    assert 0.98 * amount <= told.mean("done@here", "in") * LENGTH <= amount * (1.0 + 1e-6)
