"""PyPSA's networks become chains and chains PyPSA's networks, with the same optimum; what is not carried is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pypsa = pytest.importorskip("pypsa")

from lodeworks import check, read  # noqa: E402 (PyPSA first: without it there is nothing to compare with)
from lodeworks.chain.entities import Chain  # noqa: E402
from lodeworks.chain.write import write_chain  # noqa: E402
from lodeworks.errors import InputError  # noqa: E402
from lodeworks.exchange import export_pypsa, import_pypsa  # noqa: E402
from lodeworks.network import compile_network, compile_pathway  # noqa: E402
from lodeworks.plan import Answer, optimise  # noqa: E402
from lodeworks.plan.pathway import optimise_pathway  # noqa: E402
from tests.exchange.networks import (  # noqa: E402
    committed_network,
    optimum,
    periods_network,
    random_network,
    saved,
    scenarios_network,
    sector_network,
    switching_network,
)
from tests.parity.random_chain import random_chain  # noqa: E402

DATA = Path(__file__).parents[1] / "data" / "pypsa"
pytestmark = pytest.mark.filterwarnings("ignore")


def planned(chain: Chain) -> Answer:
    return optimise(compile_network(chain), gap=0.0)


def cost(chain: Chain) -> float:
    answer = planned(chain)
    return answer.program.objective(answer.x)


def pathway_cost(chain: Chain) -> float:
    return optimise_pathway(compile_pathway(chain), gap=0.0).objective


# What `n.optimize(solver_name="highs")` of PyPSA 1.4 gives: `n.objective + n.objective_constant`.
EXAMPLES = {"ac-dc-meshed": -3474256.0405499237 + 21915277.518279143, "storage-hvdc": 14670508.825359242 + 1211329.7804769464}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_pypsa_has_its_optimum_there_and_back(name: str, tmp_path: Path) -> None:
    """Through a folder on disk and back, as a user's would go."""
    chain, left = import_pypsa(DATA / f"{name}.nc")
    assert left == []
    write_chain(chain, tmp_path / name)
    again = read(tmp_path / name)
    assert [p for p in check(again) if p.severity == "error"] == []
    assert cost(again) == pytest.approx(EXAMPLES[name], rel=1e-6)
    assert export_pypsa(again, tmp_path / "back.nc") == []
    assert cost(import_pypsa(tmp_path / "back.nc")[0]) == pytest.approx(EXAMPLES[name], rel=1e-6)


@pytest.mark.parametrize("seed", [0])
def test_a_random_network_has_pypsas_optimum(seed: int, tmp_path: Path) -> None:
    network = random_network(seed)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert [p for p in check(chain) if p.severity == "error"] == []
    assert cost(chain) == pytest.approx(optimum(network), rel=1e-6)


@pytest.mark.parametrize("seed", [1])
def test_units_held_by_minimum_times_and_ramps_have_pypsas_optimum(seed: int, tmp_path: Path) -> None:
    """And they are held: without either the plan is cheaper."""
    network = committed_network(seed)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    found = cost(chain)
    assert found == pytest.approx(optimum(network), rel=1e-6)
    for keys in (("min_up",), ("ramp_up", "ramp_down"), ("start_load", "stop_load")):
        freer = chain.model_dump(exclude_unset=True, by_alias=True)
        for process in freer["processes"].values():
            for key in keys:
                process.pop(key, None)
        assert cost(Chain.model_validate(freer)) < found - 1.0


# What PyPSA 1.4 finds, which takes it a second for each.
SWITCHING = {1: 60467.67335, 5: 86133.9766}


@pytest.mark.parametrize("seed", SWITCHING)
def test_costs_of_stopping_and_being_on_and_what_was_before_have_pypsas_optimum_there_and_back(seed: int, tmp_path: Path) -> None:
    """And each of them matters."""
    chain, left = import_pypsa(saved(switching_network(seed), tmp_path))
    assert left == []
    assert [p for p in check(chain) if p.severity == "error"] == []
    found = cost(chain)
    assert found == pytest.approx(SWITCHING[seed], rel=1e-9)
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    again, left = import_pypsa(tmp_path / "back.nc")
    assert left == []
    assert cost(again) == pytest.approx(SWITCHING[seed], rel=1e-9)
    for key in ("stop_cost", "on_cost", "before"):
        freer = chain.model_dump(exclude_unset=True, by_alias=True)
        for process in freer["processes"].values():
            process.pop(key, None)
        assert abs(cost(Chain.model_validate(freer)) - found) > 1.0


def test_ramps_that_bind_a_switch_and_modules_that_were_on_are_refused_by_name(tmp_path: Path) -> None:
    network = committed_network(1)
    generators = network.generators
    generators.loc["unit 0", ["p_nom_extendable", "p_nom_max", "p_nom_mod", "up_time_before"]] = True, 90.0, 30.0, 0
    generators.loc["unit 1", ["ramp_limit_up", "ramp_limit_start_up"]] = 0.2, np.nan
    generators.loc["unit 3", ["p_nom_extendable", "p_nom_max", "p_init"]] = True, 90.0, 20.0
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert {(p.element, p.key) for p in caught.value.problems} >= {
        ("generators.unit 0", "up_time_before"), ("generators.unit 1", "ramp_limit_up"),
        ("generators.unit 3", "ramp_limit_start_up"), ("generators.unit 3", "ramp_limit_shut_down"),
        ("generators.unit 3", "p_init")}


def test_a_start_counts_as_often_as_money_does_on_the_way_to_pypsa_and_back(tmp_path: Path) -> None:
    """PyPSA weighs what runs twelve times, and a start once."""
    network = switching_network(1)
    network.snapshot_weightings["objective"] = 12.0 * network.snapshot_weightings["stores"]
    chain, _ = import_pypsa(saved(network, tmp_path))
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    again, _ = import_pypsa(tmp_path / "back.nc")
    assert pathway_cost(again) == pytest.approx(pathway_cost(chain), rel=1e-9)
    back = pypsa.Network(str(tmp_path / "back.nc"))
    weight = float(back.investment_period_weightings["objective"].iloc[0])
    assert back.generators.start_up_cost["unit 2"] == pytest.approx(network.generators.start_up_cost["unit 2"])
    assert float(back.snapshot_weightings["objective"].iloc[0]) * weight == pytest.approx(network.snapshot_weightings["objective"].iloc[0])


def test_what_may_be_on_or_off_at_the_start_as_the_plan_likes_is_not_lost_on_the_way_to_pypsa(tmp_path: Path) -> None:
    """Minimum up times and loads at start go there; what follows a stop does not, as PyPSA knows what was before."""
    chain = Chain.model_validate({
        "chain": "unit", "horizon": {"start": "2026-01-01", "length": "4 h", "cyclic": False},
        "commodities": {"metal": {"unit": "t"}}, "demands": {"sale": {"commodity": "metal", "price": "9 CNY/t"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "3 t/h", "min_load": "50 %", "on_off": True,
                                "min_up": "2 h", "start_load": "60 %", "on_cost": "1 CNY/h"}},
    })
    assert export_pypsa(chain, tmp_path / "unit.nc") == []
    assert cost(import_pypsa(tmp_path / "unit.nc")[0]) == pytest.approx(-cost(chain))
    data = chain.model_dump(mode="json")
    data["processes"]["works"] |= {"min_down": "2 h"}
    with pytest.raises(InputError, match="stops of what may be on or off at the start as the plan likes"):
        export_pypsa(Chain.model_validate(data), tmp_path / "stops.nc")
    data["horizon"]["cyclic"] = True
    with pytest.raises(InputError, match="starts and stops over the end of the horizon"):
        export_pypsa(Chain.model_validate(data), tmp_path / "round.nc")


def test_years_periods_and_limits_on_capacities_are_not_lost_on_the_way_to_pypsa(tmp_path: Path) -> None:
    chain = Chain.model_validate({
        "chain": "years", "horizon": {"start": "2026-01-01", "length": "4 h", "stages": [2026, 2030],
                                      "periods": {"day": {"length": "4 h", "times": 9}}},
        "investment": {"capacities": {"all": {"sum": {"works": 1}, "most": "9 t/h"}}},
        "commodities": {"metal": {"unit": "t"}, "ready": {"unit": "t"}}, "demands": {"sale": {"commodity": "metal", "price": "9 CNY/t"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "3 t/h", "fixed_cost": "1 CNY/(t/h)/a", "unit": "1 t/h",
                                "on_off": True, "start_inputs": {"metal": "1 t"}, "may_close": True, "reserves": {"ready": {}}}},
        "stores": {"yard": {"commodity": "metal", "least_stay": "2 h", "exclusive": True, "capacity": "3 t"}},
    })
    with pytest.raises(InputError) as caught:
        export_pypsa(chain, tmp_path / "years.nc")
    said = " ".join(str(p) for p in caught.value.problems)
    for what in ("stages", "periods", "the limit all", "many alike units", "what a start takes", "may be closed", "a least stay",
                 "reserves", "either filling or emptying"):
        assert what in said


@pytest.mark.parametrize("seed", [2])
def test_a_network_that_went_through_a_chain_has_the_same_optimum(seed: int, tmp_path: Path) -> None:
    """Out of PyPSA into a chain, out of the chain into PyPSA."""
    network = random_network(seed)
    for name in network.global_constraints.index[network.global_constraints.type == "operational_limit"]:
        network.remove("GlobalConstraint", name)
    chain, _ = import_pypsa(saved(network, tmp_path))
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    assert optimum(pypsa.Network(str(tmp_path / "back.nc"))) == pytest.approx(cost(chain), rel=1e-6)


def test_a_network_of_many_sectors_has_pypsas_optimum(tmp_path: Path) -> None:
    chain, left = import_pypsa(saved(sector_network(4), tmp_path))
    assert left == []
    assert cost(chain) == pytest.approx(23107.336651956393, rel=1e-9)  # what PyPSA 1.4 finds, which takes it two seconds


def test_efficiencies_over_time_have_pypsas_optimum_there_and_back(tmp_path: Path) -> None:
    """A heat pump by the weather, and heat from electrolysis that is the second thing it gives."""
    network = sector_network(4)
    network.c.links.dynamic["efficiency"]["a heat pump"] = np.linspace(2.0, 3.0, len(network.snapshots))
    network.c.links.dynamic["efficiency2"]["b electrolysis"] = np.linspace(0.2, 0.3, len(network.snapshots))
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert [p for p in check(chain) if p.severity == "error"] == []
    assert cost(chain) == pytest.approx(23962.60509689869, rel=1e-9)  # what PyPSA 1.4 finds
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    again, left = import_pypsa(tmp_path / "back.nc")
    assert left == []
    assert cost(again) == pytest.approx(23962.60509689869, rel=1e-9)
    network.c.links.dynamic["efficiency2"]["b electrolysis"] = np.linspace(-0.2, 0.3, len(network.snapshots))
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert [(p.element, p.key) for p in caught.value.problems] == [("links.b electrolysis", "efficiency2")]


def test_a_recipe_that_takes_no_fixed_amount_goes_to_pypsa_and_back(tmp_path: Path) -> None:
    """A heat pump counted by its heat takes power by the hour: PyPSA's link needs something fixed to take."""
    chain = Chain.model_validate({
        "chain": "warm", "currency": "EUR", "objective": "cost",
        "horizon": {"start": "2026-01-01", "length": "3 h", "cyclic": False},
        "commodities": {"power": {"unit": "MWh"}, "heat": {"unit": "MWh"}}, "profiles": {"use": {"values": [0.5, 0.25, 0.4]}},
        "processes": {"pump": {"inputs": {"power": {"profile": "use", "times": "1 MWh"}}, "outputs": {"heat": "1 MWh"},
                               "capacity": "8 MW", "ambient": True},
                      "boiler": {"inputs": {"power": "1 MWh"}, "outputs": {"heat": "1 MWh"}}},
        "supplies": {"grid": {"commodity": "power", "price": "100 EUR/MWh"}},
        "demands": {"homes": {"commodity": "heat", "amount": "10 MW"}},
    })
    assert cost(chain) == pytest.approx(100.0 * (3 * 2.0 + 8.0 * 1.15))
    assert export_pypsa(chain, tmp_path / "warm.nc") == []
    assert optimum(pypsa.Network(str(tmp_path / "warm.nc"))) == pytest.approx(cost(chain), rel=1e-9)
    assert cost(import_pypsa(tmp_path / "warm.nc")[0]) == pytest.approx(cost(chain), rel=1e-9)


def test_scenarios_of_a_chain_have_its_optimum_in_pypsa_and_back(tmp_path: Path) -> None:
    """Prices, loads, wind and what exists differ by scenario; of one of them in one scenario over time only."""
    chain = Chain.model_validate({
        "chain": "luck", "horizon": {"start": "2026-01-01", "step": "1 h", "length": "4 h", "cyclic": False, "discount": "5 %/a"},
        "objective": "cost", "commodities": {"power": {"unit": "MWh"}},
        "profiles": {"wind": {"values": [0.2, 0.9, 0.4, 0.7]}, "calm": {"values": [0.1, 0.2, 0.0, 0.3]}},
        "processes": {
            "wind": {"outputs": {"power": "1 MWh"}, "availability": "wind", "expansion": {"cost": "300 CNY/MW", "life": "1 a"}},
            "old": {"outputs": {"power": "1 MWh"}, "capacity": "20 MW", "cost": "7 CNY/MWh", "fixed_cost": "8760 CNY/MW/a"}},
        "stores": {"tank": {"commodity": "power", "capacity": "6 MWh", "end": "free", "initial": "2 MWh"}},
        "demands": {"town": {"commodity": "power", "amount": "9 MW"}},
        "scenarios": {
            "fair": {"probability": "70 %"},
            "poor": {"probability": "30 %", "set": {
                "processes.wind.availability": "calm", "processes.old.cost": "9 CNY/MWh", "processes.old.capacity": "30 MW",
                "demands.town.amount": "11 MW"}}},
    })
    assert export_pypsa(chain, tmp_path / "luck.nc") == []
    network = pypsa.Network(str(tmp_path / "luck.nc"))
    theirs = optimum(network) - network.objective_constant + network.meta["constant"]
    assert theirs == pytest.approx(pathway_cost(chain), rel=1e-6)
    back, left = import_pypsa(tmp_path / "luck.nc")
    assert left == []
    assert pathway_cost(back) + network.meta["constant"] == pytest.approx(pathway_cost(chain), rel=1e-6)
    averse = chain.model_copy(update={"objective": chain.objective.model_validate({"goal": "cost", "risk": {"weight": "50 %"}})})
    with pytest.raises(InputError, match="aversion to risk"):
        export_pypsa(averse, tmp_path / "averse.nc")


def test_stages_of_a_chain_have_its_optimum_in_pypsa_and_back(tmp_path: Path) -> None:
    """What is built late, wears out or retires, whole lumps, prices and limits of a stage or of all, stocks that go on."""
    plant = {"outputs": {"power": "1 MWh"}}
    chain = Chain.model_validate({
        "chain": "years", "objective": "cost", "commodities": {"power": {"unit": "MWh"}},
        "horizon": {"start": "2026-01-01", "step": "1 h", "length": "4 h", "cyclic": False, "discount": "5 %/a",
                    "stages": [2026, 2030, 2037], "last": "6 a"},
        "profiles": {"wind": {"values": [0.2, 0.9, 0.4, 0.7]}},
        "supplies": {"import": {"commodity": "power", "most": "5 MW", "price": "90 CNY/MWh"}},
        "processes": {
            "wind": {**plant, "availability": "wind", "capacity": "4 MW", "retires": {"2030": "3 MW"},
                     "expansion": {"cost": "90000 CNY/MW", "fixed": "900 CNY/MW/a", "life": "9 a", "lead": "2 a"}},
            "gas": {**plant, "capacity": "9 MW", "cost": "40 CNY/MWh", "fixed_cost": "500 CNY/MW/a"},
            "block": {**plant, "cost": "20 CNY/MWh", "expansion": {"cost": "50000 CNY/MW", "lump": "2 MW", "life": "5 a"}}},
        "stores": {"tank": {"commodity": "power", "capacity": "6 MWh"}, "start": {
            "commodity": "power", "capacity": "3 MWh", "initial": "2 MWh", "end": "free", "over_stages": "anew", "loss": "1 %/h"},
            "lake": {"commodity": "power", "capacity": "30 MWh", "initial": "9 MWh", "end": "free", "over_stages": "once"},
            "battery": {"commodity": "power", "discharge_efficiency": "90 %", "charge_share": "50 %/h", "discharge_share": "25 %/h",
                        "expansion": {"cost": "30000 CNY/MWh", "life": "30 a"}}},
        "demands": {"town": {"commodity": "power", "amount": "9 MW"}},
        "policies": {"abroad": {"sum": {"import": 1}, "most": "14 MWh"}, "gas": {"sum": {"gas": 1}, "most": "500 GWh", "over": "all"}},
        "stages": {"2030": {"set": {"demands.town.amount": "12 MW", "processes.gas.cost": "55 CNY/MWh"}},
                   "2037": {"set": {"processes.block.expansion.cost": "40000 CNY/MW", "policies.abroad.most": "11 MWh"}}},
    })
    assert export_pypsa(chain, tmp_path / "years.nc") == []
    network = pypsa.Network(str(tmp_path / "years.nc"))
    ours = pathway_cost(chain)
    assert optimum(network) - network.objective_constant + network.meta["constant"] == pytest.approx(ours, rel=1e-6)
    back, left = import_pypsa(tmp_path / "years.nc")
    assert left == []
    assert pathway_cost(back) + network.meta["constant"] == pytest.approx(ours, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_random_chain_exported_has_its_optimum_or_says_why_not(seed: int, tmp_path: Path) -> None:
    chain = random_chain(seed)
    try:
        export_pypsa(chain, tmp_path / "chain.nc")
    except InputError as error:
        problems = error.problems
    else:
        problems = ()
    if problems:
        assert all("PyPSA has no component for" in problem.message for problem in problems)
        return
    network = pypsa.Network(str(tmp_path / "chain.nc"))
    theirs = optimum(network) - network.objective_constant + network.meta["constant"]
    answer = planned(chain)
    assert -answer.program.objective(answer.x) == pytest.approx(theirs, rel=1e-6, abs=1e-6)


def test_a_chain_of_the_liupanshui_kind_exported_has_its_optimum(tmp_path: Path) -> None:
    from benchmarks.chains import works

    chain = works(24, 2)
    export_pypsa(chain, tmp_path / "works.nc")
    network = pypsa.Network(str(tmp_path / "works.nc"))
    theirs = optimum(network) - network.objective_constant + network.meta["constant"]
    answer = planned(chain)
    assert -answer.program.objective(answer.x) == pytest.approx(theirs, rel=1e-6)


def spoiled(tmp_path: Path, **changes: Any) -> Path:
    network = random_network(1)
    for key, value in changes.items():
        component, attribute = key.split("__")
        frame = getattr(network, component)
        frame[attribute] = value
    return saved(network, tmp_path)


def test_everything_that_is_not_carried_is_told_at_once(tmp_path: Path) -> None:
    path = spoiled(tmp_path, generators__marginal_cost_quadratic=0.1, links__p_set=2.0, lines__s_nom_set=5.0)
    with pytest.raises(InputError) as caught:
        import_pypsa(path)
    found = {(p.element, p.key) for p in caught.value.problems}
    assert {("generators.gas 0", "marginal_cost_quadratic"), ("links.cable", "p_set"), ("lines.line 0", "s_nom_set")} <= found


def test_what_is_not_carried_is_left_out_when_asked(tmp_path: Path) -> None:
    path = spoiled(tmp_path, generators__marginal_cost_quadratic=0.1)
    chain, left = import_pypsa(path, leave_out=True)
    whole, _ = import_pypsa(saved(random_network(1), tmp_path))
    assert cost(chain) == pytest.approx(cost(whole), rel=1e-9)
    assert {p.key for p in left} == {"marginal_cost_quadratic"}


def test_a_carrier_and_a_bus_that_are_missing_are_both_told(tmp_path: Path) -> None:
    import xarray

    network = random_network(2)
    path = saved(network, tmp_path)
    data = xarray.load_dataset(path)
    carriers = data["generators_carrier"].values.astype(object)
    buses = data["loads_bus"].values.astype(object)
    carriers[0], buses[1] = "peat", "nowhere"
    data["generators_carrier"], data["loads_bus"] = ("generators_i", carriers), ("loads_i", buses)
    data.to_netcdf(tmp_path / "faulty.nc")
    with pytest.raises(InputError) as caught:
        import_pypsa(tmp_path / "faulty.nc", leave_out=True)
    assert {p.found for p in caught.value.problems} == {"peat", "nowhere"}


@pytest.mark.parametrize(("seed", "expected"), [(0, 3269.123952993587)])  # what PyPSA 1.4 finds
def test_stages_of_a_network_of_periods_have_pypsas_optimum_there_and_back(seed: int, expected: float, tmp_path: Path) -> None:
    """What comes and goes with its build year and lifetime, wires whose cycles open, weights that no discount gives."""
    chain, left = import_pypsa(saved(periods_network(seed), tmp_path))
    assert left == []
    write_chain(chain, tmp_path / "grid")
    again = read(tmp_path / "grid")
    assert [p for p in check(again) if p.severity == "error"] == []
    assert pathway_cost(again) == pytest.approx(expected, rel=1e-9)
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    assert optimum(pypsa.Network(str(tmp_path / "back.nc"))) == pytest.approx(expected, rel=1e-6)
    back, left = import_pypsa(tmp_path / "back.nc")
    assert left == []
    assert pathway_cost(back) == pytest.approx(expected, rel=1e-9)


def test_wires_and_sums_that_periods_of_pypsa_cannot_say_are_refused_by_name(tmp_path: Path) -> None:
    """Beside a line that stands PyPSA would build another; a weight that changes for one flow only has no word there."""
    wire = {"commodity": "power", "from": "a", "to": "b", "reactance": 0.3, "min_load": "-100 %"}
    data: dict[str, Any] = {
        "chain": "grid", "objective": "cost", "commodities": {"power": {"unit": "MWh"}}, "sites": {"a": {}, "b": {}},
        "horizon": {"start": "2026-01-01", "length": "3 h", "cyclic": False, "stages": [2026, 2030], "last": "5 a"},
        "supplies": {name: {"commodity": "power", "site": "a", "most": "9 MW"} for name in ("coal", "gas")},
        "demands": {"town": {"commodity": "power", "site": "b", "amount": "5 MW"}},
        "routes": {
            "stands": {**wire, "capacity": "3 MW", "expansion": {"cost": "9 CNY/MW", "most": "5 MW"}},
            "costs": {**wire, "capacity": "3 MW", "cost": "1 CNY/MWh"}, "later": {**wire, "expansion": {"cost": "9 CNY/MW"}},
            "fails": {**wire, "capacity": "3 MW"}, "plain": {**wire, "capacity": "3 MW"},
        },
        "policies": {"smoke": {"sum": {"coal": 2, "gas": 1}, "most": "99 GWh", "over": "all"}},
        "stages": {"2030": {"set": {"routes.fails.reactance": "", "policies.smoke.sum.gas": "2"}}},
    }
    with pytest.raises(InputError) as caught:
        export_pypsa(Chain.model_validate(data), tmp_path / "grid.nc")
    assert {(p.element, p.message.removeprefix("PyPSA has no component for ")) for p in caught.value.problems} == {
        ("costs", "a cost, a loss or other flows of a wire"), ("stands", "a limit on what is built in several stages together"),
        *((f"lines.{name}", "a wire that stands in part, or loses its reactance, from stage to stage")
          for name in ("stands", "later", "fails")),
        ("policies.smoke", "a sum over stages whose weights change from stage to stage")}
    for name in ("stands", "costs", "later", "fails"):
        del data["routes"][name]
    data["policies"]["smoke"] = {"sum": {"coal": 2, "gas": 1}, "most": "24 MWh"}  # in each stage, where weights may change
    data["stages"]["2030"]["set"] = {"policies.smoke.sum.coal": "3", "policies.smoke.most": "36 MWh"}
    data["supplies"]["gas"]["price"] = "3 CNY/MWh"
    data["routes"]["plain"]["capacity"] = "6 MW"
    chain = Chain.model_validate(data)
    assert export_pypsa(chain, tmp_path / "smoke.nc") == []
    again, left = import_pypsa(tmp_path / "smoke.nc")
    assert left == []
    assert pathway_cost(again) == pytest.approx(pathway_cost(chain), rel=1e-9)


@pytest.mark.parametrize("seed", [1])
def test_scenarios_of_a_network_have_pypsas_optimum(seed: int, tmp_path: Path) -> None:
    network = scenarios_network(seed)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    write_chain(chain, tmp_path / "grid")
    assert pathway_cost(read(tmp_path / "grid")) == pytest.approx(optimum(network), rel=1e-6)
    assert [scenario.probability.value for scenario in chain.scenarios.values()] == [0.25, 0.5, 0.25]


def test_modules_and_overnight_costs_have_pypsas_optimum(tmp_path: Path) -> None:
    network = random_network(3)
    weights = network.snapshot_weightings
    weights["objective"], weights["generators"] = 12.0 * weights["stores"], 4.0 * weights["stores"]
    for k, (life, rate) in enumerate(((20.0, 0.07), (np.inf, 0.05), (10.0, 0.0))):
        network.add("Generator", f"bought {k}", bus="b0", carrier="gas", p_nom_extendable=True, p_nom_mod=3.0, overnight_cost=9e4,
                    discount_rate=rate, lifetime=life, fom_cost=2.0, marginal_cost=21.0 + k, p_nom_max=9.0 if k else np.inf,
                    efficiency=0.5)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert pathway_cost(chain) == pytest.approx(optimum(network), rel=1e-6)


def test_what_periods_and_scenarios_cannot_say_is_refused_by_name(tmp_path: Path) -> None:
    network = periods_network(0)
    network.stores.loc["tank 2030", ["e_cyclic_per_period", "lifetime"]] = False, 12  # gone by 2042
    network.generators.loc["old gas", "committable"] = True
    network.generators.loc["wind a 2030", ["overnight_cost", "discount_rate"]] = 900.0, 0.05
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    found = {(p.element, p.key) for p in caught.value.problems}
    assert {("stores.tank 2030", "e_cyclic_per_period"), ("generators.old gas", "committable"),
            ("generators.wind a 2030", "overnight_cost")} == found
    both = pypsa.Network()
    both.set_snapshots(range(3))
    both.add("Bus", "b")
    both.add("Generator", "g", bus="b", p_nom=9.0)
    both.add("Load", "l", bus="b", p_set=4.0)
    both.set_investment_periods([2030, 2040])
    both.set_scenarios({"dry": 0.4, "wet": 0.6})
    with pytest.raises(InputError, match="periods and scenarios together are not carried"):
        import_pypsa(saved(both, tmp_path), leave_out=True)


def test_a_file_that_is_no_netcdf_and_one_that_is_no_network(tmp_path: Path) -> None:
    import xarray

    (tmp_path / "text.nc").write_text("name: not a network\n" * 40, encoding="utf-8")
    (tmp_path / "empty.nc").write_bytes(b"")
    xarray.Dataset({"rain": ("day", np.ones(3))}).to_netcdf(tmp_path / "rain.nc")
    (tmp_path / "csv").mkdir()
    (tmp_path / "cut.nc").write_bytes((DATA / "ac-dc-meshed.nc").read_bytes()[:60_000])
    for name, message in (("text.nc", "not a NetCDF file"), ("empty.nc", "not a NetCDF file"),
                          ("rain.nc", "not of a PyPSA network"), ("none.nc", "there is no such file"), ("csv", "a folder, not a NetCDF file"),
                          ("cut.nc", "not a NetCDF file")):
        with pytest.raises(InputError, match=message):
            import_pypsa(tmp_path / name)


def test_a_file_from_before_there_were_three_weights_of_a_snapshot_counts_its_one_weight(tmp_path: Path) -> None:
    import xarray

    network = pypsa.Network(snapshots=range(2))
    network.add("Bus", "b")
    network.add("Load", "l", bus="b", p_set=4.0)
    network.add("Generator", "g", bus="b", p_nom=9.0, marginal_cost=3.0)
    data = xarray.load_dataset(saved(network, tmp_path)).drop_vars([f"snapshots_{key}" for key in ("objective", "stores", "generators")])
    data["snapshots_weightings"] = ("snapshots", [6.0, 6.0])
    data.to_netcdf(tmp_path / "old.nc")
    assert cost(import_pypsa(tmp_path / "old.nc")[0]) == pytest.approx(2 * 6.0 * 4.0 * 3.0)


def test_more_than_its_size_is_what_a_component_reaches_at_best(tmp_path: Path) -> None:
    """A plant that gives up to 1.5 of its size, moves half of that in a step, and costs by its size."""
    network = pypsa.Network(snapshots=range(3))
    for bus in ("a", "b"):
        network.add("Bus", bus)
    network.add("Load", "l", bus="b", p_set=[12.0, 12.0, 8.0])
    network.add("Generator", "g", bus="a", p_nom_extendable=True, capital_cost=7.0, p_max_pu=[1.5, 1.5, 1.0], ramp_limit_down=0.5)
    network.add("Generator", "dear", bus="b", p_nom=20.0, marginal_cost=100.0)
    network.add("Line", "w", bus0="a", bus1="b", x=0.1, s_nom=10.0, s_max_pu=1.2)
    network.c.generators.dynamic["efficiency"]["g"] = [0.5, 0.4, 0.5]  # counts in limits alone, of which there are none
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert cost(chain) == pytest.approx(7.0 * 8.0)
    assert [p for p in check(chain) if p.severity == "error"] == []


def test_a_second_limit_on_one_store_is_not_written_over_the_first(tmp_path: Path) -> None:
    network = pypsa.Network(snapshots=range(3))
    network.add("Carrier", "co2", co2_emissions=-1.0)
    network.add("Bus", "air", carrier="co2")
    network.add("Store", "air", bus="air", e_nom=100.0)
    network.add("Generator", "chimney", bus="air", p_nom=5.0, marginal_cost=-1.0)
    for name, constant in (("tight", 4.0), ("loose", 9.0)):
        network.add("GlobalConstraint", name, sense="<=", constant=constant)
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert [p.element for p in caught.value.problems] == ["global_constraints.loose"]


def test_names_that_two_components_share_or_that_hold_points_stay_apart(tmp_path: Path) -> None:
    network = pypsa.Network()
    network.set_snapshots(range(2))
    for name in ("1", "1.5"):
        network.add("Bus", name, carrier="AC")
    network.add("Line", "1", bus0="1", bus1="1.5", x=0.1, s_nom=9.0)
    network.add("Load", "1", bus="1.5", p_set=4.0)
    network.add("Generator", "1", bus="1", p_nom=9.0, marginal_cost=3.0)
    chain, _ = import_pypsa(saved(network, tmp_path))
    assert set(chain.sites) == {"1", "1_5"}
    assert cost(chain) == pytest.approx(24.0)


def test_a_carrier_that_is_not_listed_matters_only_where_something_is_limited(tmp_path: Path) -> None:
    network = pypsa.Network()
    network.set_snapshots(range(2))
    network.add("Bus", "b", carrier="AC")
    network.add("Load", "l", bus="b", p_set=4.0)
    network.add("Generator", "g", bus="b", carrier="peat", p_nom=9.0, marginal_cost=3.0)
    assert cost(import_pypsa(saved(network, tmp_path))[0]) == pytest.approx(24.0)
    network.add("Carrier", "AC")
    network.add("GlobalConstraint", "co2", type="primary_energy", sense="<=", constant=9.0)
    with pytest.raises(InputError, match="no carrier of this name"):
        import_pypsa(saved(network, tmp_path))


def test_a_limit_on_what_a_store_takes_up_is_heard_where_the_store_names_no_carrier(tmp_path: Path) -> None:
    """PyPSA takes the carrier of its bus: a tonne of carbon in the air is half of what burning for all would leave there."""
    network = pypsa.Network(snapshots=range(4))
    network.add("Carrier", "co2", co2_emissions=-1.0)
    for bus in ("fuel", "power"):
        network.add("Bus", bus)
    network.add("Bus", "air", carrier="co2")
    network.add("Store", "air", bus="air", e_nom=100.0, e_min_pu=-1.0)
    network.add("Load", "town", bus="power", p_set=1.0)
    network.add("Generator", "well", bus="fuel", p_nom=9.0, marginal_cost=1.0)
    network.add("Generator", "wind", bus="power", p_nom=9.0, marginal_cost=5.0)
    network.add("Link", "stove", bus0="fuel", bus1="power", bus2="air", efficiency=1.0, efficiency2=0.5, p_nom=9.0)
    network.add("GlobalConstraint", "limit", sense="<=", constant=1.0)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert [p for p in check(chain) if p.severity == "error"] == []
    assert cost(chain) == pytest.approx(2.0 * 1.0 + 2.0 * 5.0)
    network.add("Store", "deep", bus="air", e_nom=100.0)
    network.c.buses.static["nom_max_wind"] = [np.inf, 4.0, np.inf]
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert {(p.element, p.key) for p in caught.value.problems} == {("global_constraints.limit", ""), ("buses.power", "nom_max_wind")}


@pytest.mark.parametrize(("around", "expected"), [(True, 8.0), (False, 44.0)])
def test_delays_of_links_are_lags_that_go_round_the_end_or_not(around: bool, expected: float, tmp_path: Path) -> None:
    """Three hours are two steps of two: what is sent in the last two comes in the first two, or never."""
    network = pypsa.Network(snapshots=range(4))
    network.snapshot_weightings.loc[:, :] = 2.0
    for bus, price in (("a", 1.0), ("b", 10.0)):
        network.add("Bus", bus)
        network.add("Generator", f"plant {bus}", bus=bus, p_nom=9.0, marginal_cost=price)
    network.add("Load", "town", bus="b", p_set=1.0)
    network.add("Link", "barge", bus0="a", bus1="b", p_nom=9.0, delay=3, cyclic_delay=around)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert cost(chain) == pytest.approx(expected)
    network.add("Link", "boat", bus0="a", bus1="b", p_nom=9.0, delay=1, cyclic_delay=not around)
    network.generators["ramp_limit_up"] = 0.5
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert {(p.element, p.key) for p in caught.value.problems} == {
        ("links.*", "cyclic_delay"), ("processes.plant a", ""), ("processes.plant b", "")}


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    chain, _ = import_pypsa(DATA / "ac-dc-meshed.nc")
    (tmp_path / "there.nc").write_text("mine")
    with pytest.raises(InputError, match="there is a file of this name already"):
        export_pypsa(chain, tmp_path / "there.nc")
    assert (tmp_path / "there.nc").read_text() == "mine"
    with pytest.raises(InputError, match=r"ends in \.nc"):
        export_pypsa(chain, tmp_path / "there.txt")


def test_what_pypsa_has_no_component_for_is_told_all_at_once(tmp_path: Path) -> None:
    chain = Chain.model_validate({
        "chain": "much", "horizon": {"start": "2026-01-01", "length": "4 h"}, "investment": {"budget": "9 CNY"},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "pools": {"crew": {"amount": "6 person"}},
        "processes": {"mill": {"outputs": {"metal": {"amount": "1 t", "lag": "1 h"}}, "inputs": {"ore": "2 t"},
                               "capacity": "3 t/h", "pools": {"crew": "2 person/(t/h)"}}},
        "stores": {"heap": {"commodity": "ore", "shelf_life": "2 h", "charge": "1 t/h"}},
    })
    with pytest.raises(InputError) as caught:
        export_pypsa(chain, tmp_path / "much.nc")
    said = " ".join(str(p) for p in caught.value.problems)
    for words in ("a budget", "a pool", "a flow that comes later", "a shelf life", "limits on filling"):
        assert words in said
    assert not (tmp_path / "much.nc").exists()
