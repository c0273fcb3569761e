"""Recipes whose amounts change over time, against sums done by hand; how they are written, checked and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lodeworks import read, simulate
from lodeworks.chain.entities import Chain, Flow, Quantity, Varying
from lodeworks.errors import InputError
from lodeworks.network import compile_network, window
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.engine import Answer
from lodeworks.plan.reduced.certify import averages_bound, certified_plan
from tests.chain.check.written import told

COP = [2.0, 2.5, 4.0, 3.2]
PUMP: dict[str, Any] = {
    "inputs": {"power": "1 MWh"}, "outputs": {"heat": {"profile": "cop", "times": "1 MWh"}}, "ambient": True,
}


def warm(pump: dict[str, Any] = PUMP, **sections: Any) -> Chain:
    return Chain.model_validate({
        "chain": "warm", "currency": "EUR", "objective": "cost",
        "horizon": {"start": "2026-01-01", "length": "4 h", "cyclic": False},
        "commodities": {"power": {"unit": "MWh"}, "heat": {"unit": "MWh"}}, "profiles": {"cop": {"values": COP}},
        "processes": {"pump": pump}, "supplies": {"grid": {"commodity": "power", "price": "100 EUR/MWh"}},
        "demands": {"homes": {"commodity": "heat", "amount": "12 MW"}}, **sections,
    })


def planned(chain: Chain) -> Answer:
    return optimise(compile_network(chain))


def cost(chain: Chain) -> float:
    answer = planned(chain)
    assert answer.verified
    return answer.program.objective(answer.x)


def test_heat_costs_the_power_of_each_hour() -> None:
    assert cost(warm()) == pytest.approx(100.0 * sum(12.0 / c for c in COP))


def test_capacity_counts_the_reference_in_every_hour() -> None:
    """Counted by its heat the pump gives 10 MW in each hour; counted by its power it takes 4 MW."""
    boiler = {"inputs": {"power": "1 MWh"}, "outputs": {"heat": "1 MWh"}}

    def with_boiler(**pump: Any) -> float:
        return cost(warm(processes={"pump": {**PUMP, **pump}, "boiler": boiler}))

    by_heat = with_boiler(capacity="10 MW", reference="heat")
    assert by_heat == pytest.approx(100.0 * sum(10.0 / c + 2.0 for c in COP))
    by_power = with_boiler(capacity="4 MW", reference="power")
    assert by_power == pytest.approx(100.0 * sum(min(4.0, 12.0 / c) + max(0.0, 12.0 - 4.0 * c) for c in COP))


def test_a_coarse_rate_flows_as_its_amount_changes_within_it() -> None:
    """One rate over four hours gives 2, 2.5, 4 and 3.2 times as much; what the homes do not take is held."""
    tank = {"tank": {"commodity": "heat", "capacity": "99 MWh", "end": "free"}}
    chain = warm({**PUMP, "step": "4 h", "reference": "power"}, stores=tank)
    rate = 12.0 / 2.0  # by the end of the first hour 12 MWh of heat are needed
    assert cost(chain) == pytest.approx(100.0 * 4.0 * rate)
    level = plan_tables(planned(chain))["levels"]["level"].to_numpy()
    assert level == pytest.approx(np.cumsum(rate * np.array(COP) - 12.0))


def test_the_tables_tell_the_flows_of_each_hour() -> None:
    flows = plan_tables(planned(warm()))["flows"].filter(pl.col("element").cast(pl.String) == "pump")
    by = {name: flows.filter(pl.col("commodity").cast(pl.String) == name)["amount"].to_numpy() for name in ("power", "heat")}
    assert by["heat"] == pytest.approx(12.0)
    assert by["power"] == pytest.approx([-12.0 / c for c in COP])


def test_a_policy_and_a_goal_count_what_flows_in_each_hour() -> None:
    """Of two ways to heat the pump takes 9 MWh of power in all, where it saves most."""
    both = {"pump": PUMP, "stove": {"outputs": {"heat": "1 MWh"}, "cost": "1 kEUR/MWh"}}
    capped = planned(warm(processes=both, policies={"cap": {"sum": {"pump.power": 1}, "most": "9 MWh"}}))
    heat = 12.0 + 12.0 + (9.0 - 3.0 - 3.75) * 2.5
    assert capped.program.objective(capped.x) == pytest.approx(900.0 + 1000.0 * (48.0 - heat))
    assert plan_tables(capped)["policies"]["value"].to_list() == pytest.approx([9.0])
    smoky = {"stove": {"inputs": {"power": "1 MWh"}, "outputs": {"heat": "1 MWh", "soot": {"profile": "cop", "times": "1 kg"}},
                       "reference": "heat"}}
    sooty = warm(processes=smoky, commodities={"power": {"unit": "MWh"}, "heat": {"unit": "MWh"},
                                               "soot": {"unit": "kg", "let_go": True}},
                 objective={"goal": "emissions", "commodity": "soot"})
    assert cost(sooty) == pytest.approx(12.0 * sum(COP))


def test_a_window_has_the_amounts_of_its_own_hours() -> None:
    cut = optimise(window(compile_network(warm()), 2, 4))
    assert cut.program.objective(cut.x) == pytest.approx(100.0 * (12.0 / 4.0 + 12.0 / 3.2))


def test_segments_are_certified_by_tangents_not_by_means() -> None:
    grown = {**PUMP, "expansion": {"most": "99 MW", "cost": "1 kEUR/MW", "life": "20 a"}}
    net = compile_network(warm(grown, demands={"homes": {"commodity": "heat", "amount": "12 MW", "unserved": "9 kEUR/MWh"}}))
    assert averages_bound(net) == "amounts of recipes over time"
    best = optimise(net)
    found = certified_plan(net, segments=2, within=1e-6, options={})
    assert found.answer.program.objective(found.answer.x) == pytest.approx(best.program.objective(best.x), rel=1e-6)


def test_an_amount_over_time_is_written_like_any_number_over_time(tmp_path: Path) -> None:
    text = """
chain: warm
horizon: {start: 2026-01-01, length: 4 h}
commodities: {power: {unit: MWh}, heat: {unit: MWh}, steam: {unit: MWh}}
profiles: {cop: {values: [2, 2.5, 4, 3.2], unit: MWh}, use: {values: [1, 1, 1, 2]}}
processes:
  pump: {inputs: {power: use}, outputs: {heat: cop, steam: {amount: {profile: use, times: 2 MWh}, lag: 1 h}}, ambient: true}
supplies: {grid: {commodity: power, price: 1 CNY/MWh}}
demands: {homes: {commodity: heat, price: 2 CNY/MWh, most: 9 MW}, laundry: {commodity: steam, price: 2 CNY/MWh}}
"""
    (tmp_path / "chain.yaml").write_text(text, encoding="utf-8")
    pump = read(tmp_path / "chain.yaml").processes["pump"]
    assert pump.outputs["heat"] == Flow(amount=Varying(profile="cop"))
    assert pump.outputs["steam"].amount == Varying(profile="use", times=Quantity(2.0, "MWh"))
    assert pump.model_dump(mode="json")["outputs"] == {
        "heat": "cop", "steam": {"amount": {"profile": "use", "times": "2 MWh"}, "lag": "1 h"}}
    assert "power" in told(text, tmp_path)  # `use` counts nothing, power is counted in MWh
    assert "error" not in told(text, tmp_path, ("power: use", "power: {profile: use, times: 1 MWh}"))


@pytest.mark.parametrize(("profile", "said"), [
    ("[2, 2.5, -4, 3.2]", "must not be negative"), ("[2, 2.5, 0, 3.2]", "amount of the reference commodity is nought"),
    ("[2, 2.5, 4]", "wrong number of values"), ("[0.9, 0.5, 1.2, 0.3]", "makes energy out of nothing"),
])
def test_a_faulty_amount_over_time_is_told(tmp_path: Path, profile: str, said: str) -> None:
    text = f"""
chain: warm
horizon: {{start: 2026-01-01, length: 4 h}}
commodities: {{power: {{unit: MWh}}, heat: {{unit: MWh}}}}
profiles: {{cop: {{values: {profile}}}}}
processes: {{pump: {{inputs: {{power: 1 MWh}}, outputs: {{heat: {{profile: cop, times: 1 MWh}}}}}}}}
supplies: {{grid: {{commodity: power, price: 1 CNY/MWh}}}}
demands: {{homes: {{commodity: heat, price: 2 CNY/MWh, most: 9 MW}}}}
"""
    assert said in told(text, tmp_path)


def test_a_simulation_says_that_it_has_no_such_recipes() -> None:
    with pytest.raises(InputError, match="pump: amounts of a recipe that change over time hold for plans only"):
        simulate(warm())
