"""Networks of PyPSA whose snapshots last or count differently: segments and periods, with PyPSA's optimum there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pypsa = pytest.importorskip("pypsa")

from lodeworks import check  # noqa: E402 (PyPSA first: without it there is nothing to compare with)
from lodeworks.chain.entities import Chain  # noqa: E402
from lodeworks.errors import InputError  # noqa: E402
from lodeworks.exchange import export_pypsa, import_pypsa  # noqa: E402
from lodeworks.exchange.snapshots import common_step  # noqa: E402
from lodeworks.network import compile_network, compile_pathway  # noqa: E402
from lodeworks.plan import optimise  # noqa: E402
from lodeworks.plan.pathway import optimise_pathway  # noqa: E402
from tests.exchange.networks import (  # noqa: E402
    committed_network,
    periods_network,
    random_network,
    saved,
    scenarios_network,
)

pytestmark = pytest.mark.filterwarnings("ignore")
ALL = ["objective", "stores", "generators"]


def cost(chain: Chain) -> float:
    answer = optimise(compile_network(chain), gap=0.0)
    return answer.program.objective(answer.x)


def pathway_cost(chain: Chain) -> float:
    return optimise_pathway(compile_pathway(chain), gap=0.0).objective


def segmented(seed: int) -> Any:
    """Return a random network, with stores that lose, of snapshots of half an hour to half a day."""
    network = random_network(seed)
    lengths = np.random.default_rng(seed).choice([0.5, 1.0, 2.0, 3.0, 6.0, 12.0], len(network.snapshots))
    network.snapshot_weightings = network.snapshot_weightings.assign(**dict.fromkeys(ALL, lengths))
    network.generators[["ramp_limit_up", "ramp_limit_down"]] = np.nan
    return network


# What PyPSA 1.4 finds, which takes it a second.
SEGMENTED = {0: 17209.3095898799}


@pytest.mark.parametrize("seed", SEGMENTED)
def test_snapshots_of_any_length_are_segments_with_pypsas_optimum_there_and_back(seed: int, tmp_path: Path) -> None:
    network = segmented(seed)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert [p for p in check(chain) if p.severity == "error"] == []
    assert chain.profiles[chain.horizon.segments].values == network.snapshot_weightings.stores.to_list()
    assert cost(chain) == pytest.approx(SEGMENTED[seed], rel=1e-9)
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    back = pypsa.Network(str(tmp_path / "back.nc"))
    assert (back.snapshot_weightings[ALL].to_numpy() == network.snapshot_weightings[ALL].to_numpy()).all()
    assert cost(import_pypsa(tmp_path / "back.nc")[0]) == pytest.approx(SEGMENTED[seed], rel=1e-9)
    begins = (back.snapshots - back.snapshots[0]).total_seconds() / 3600.0
    assert begins.to_list() == (network.snapshot_weightings.stores.cumsum().shift(fill_value=0.0)).to_list()


def weighed(network: Any, seed: int) -> Any:
    """Let snapshots of a network last an hour or three and come once to ninety times, and sums count double."""
    rng, count = np.random.default_rng(seed), len(network.snapshots)
    lengths, times = rng.choice([1.0, 3.0], count), rng.choice([1.0, 4.0, 30.5, 90.0], count)
    network.snapshot_weightings = network.snapshot_weightings.assign(
        stores=lengths, objective=lengths * times, generators=lengths * times * 2.0)
    network.generators[["ramp_limit_up", "ramp_limit_down"]] = np.nan
    limits = network.global_constraints
    limits["constant"] = 30.0 * float(network.snapshot_weightings["generators"].sum())
    return network


# What PyPSA 1.4 finds, which takes it a second.
WEIGHED = {6: 76507.92508699151}


@pytest.mark.parametrize("seed", WEIGHED)
def test_snapshots_that_count_differently_are_periods_with_pypsas_optimum_there_and_back(seed: int, tmp_path: Path) -> None:
    """Stores go on through them, cyclic ones and others; a limit on a sum counts them as money does, by a factor."""
    network = weighed(random_network(seed), seed)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert [p for p in check(chain) if p.severity == "error"] == []
    assert {store.over_periods for store in chain.stores.values()} == {"once"}
    assert pathway_cost(chain) == pytest.approx(WEIGHED[seed], rel=1e-9)
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    back = pypsa.Network(str(tmp_path / "back.nc"))
    for column in ("objective", "stores"):
        assert back.snapshot_weightings[column].to_list() == pytest.approx(network.snapshot_weightings[column].to_list())
    assert pathway_cost(import_pypsa(tmp_path / "back.nc")[0]) == pytest.approx(WEIGHED[seed], rel=1e-9)


SCENARIOS = 241037.83063918137  # so PyPSA


def test_scenarios_of_such_snapshots_have_pypsas_optimum_there_and_back(tmp_path: Path) -> None:
    chain, left = import_pypsa(saved(weighed(scenarios_network(1), 1), tmp_path))
    assert left == []
    assert pathway_cost(chain) == pytest.approx(SCENARIOS, rel=1e-9)
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    assert pathway_cost(import_pypsa(tmp_path / "back.nc")[0]) == pytest.approx(SCENARIOS, rel=1e-9)


def staged() -> Any:
    """Return a network of investment periods whose snapshots count differently in each, and whose stores begin each anew."""
    network = periods_network(0)
    periods = len(network.investment_periods)
    lengths, times = (np.tile(own, periods) for own in ([1.0, 2.0, 3.0, 1.0, 1.0], [2.0, 30.5, 30.5, 7.0, 2.0]))
    network.snapshot_weightings = network.snapshot_weightings.assign(
        stores=lengths, objective=lengths * times, generators=lengths * times)
    network.generators[["ramp_limit_up", "ramp_limit_down"]] = np.nan
    network.stores[["e_cyclic_per_period", "e_initial_per_period"]] = True, False
    network.storage_units[["cyclic_state_of_charge_per_period", "state_of_charge_initial_per_period"]] = True, False
    network.global_constraints["constant"] *= 20.0
    return network


STAGED = 3270.705681899915  # so PyPSA


def test_investment_periods_of_such_snapshots_have_pypsas_optimum_and_go_back_no_more(tmp_path: Path) -> None:
    chain, left = import_pypsa(saved(staged(), tmp_path))
    assert left == []
    assert pathway_cost(chain) == pytest.approx(STAGED, rel=1e-9)
    with pytest.raises(InputError, match="PyPSA has no component for periods within stages"):
        export_pypsa(chain, tmp_path / "back.nc")


def test_what_goes_over_from_snapshot_to_snapshot_is_refused_by_name_where_they_count_differently(tmp_path: Path) -> None:
    network = committed_network(1)
    network.snapshot_weightings = network.snapshot_weightings.assign(
        stores=1.0, generators=1.0, objective=np.resize([1.0, 1.0, 9.0], len(network.snapshots)))
    network.generators["min_up_time"] = 0
    network.add("GlobalConstraint", "gas", type="operational_limit", carrier_attribute="gas", sense="<=", constant=9e9)
    network.generators.loc["peak", "carrier"] = "gas"
    network.add("Carrier", "gas")
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert {(p.element, p.key) for p in caught.value.problems} == {
        ("snapshots.weightings", "generators"), *((f"generators.unit {k}", "start_up_cost") for k in range(4)),
        *((f"generators.unit {k}", f"ramp_limit_{way}") for k in (1, 3) for way in ("up", "down"))}


@pytest.mark.parametrize(("key", "value"), [("stores", 0.0), ("objective", 0.0), ("objective", -3.0), ("stores", np.nan)])
def test_a_snapshot_that_lasts_or_counts_nothing_is_refused_by_name(key: str, value: float, tmp_path: Path) -> None:
    network = segmented(3)
    network.snapshot_weightings.loc[network.snapshots[1], key] = value
    with pytest.raises(InputError, match=rf"snapshots\.weightings\.{key}: a snapshot that lasts or counts nothing"):
        import_pypsa(saved(network, tmp_path))


def test_what_ends_with_a_period_is_refused_by_name_on_the_way_to_pypsa(tmp_path: Path) -> None:
    chain = Chain.model_validate({
        "chain": "parts", "commodities": {"metal": {"unit": "t"}},
        "horizon": {"start": "2026-01-01", "length": "4 h", "cyclic": False,
                    "periods": {"a": {"length": "1 h", "times": 9}, "b": {"length": "3 h", "times": 2}}},
        "demands": {"sale": {"commodity": "metal", "price": "9 CNY/t"}}, "stores": {"yard": {"commodity": "metal", "capacity": "3 t"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "3 t/h", "on_off": True, "start_cost": "2 CNY", "ramp_up": "50 %/h"}},
    })
    with pytest.raises(InputError) as caught:
        export_pypsa(chain, tmp_path / "parts.nc")
    assert {(p.element, str(p).split("component for ")[1].split(";")[0]) for p in caught.value.problems} >= {
        ("yard", "a stock that is not carried over periods as if each came once (`over_periods: once` goes)"),
        ("works", "a ramp within a period alone"), ("works", "starts and stops within a period alone")}


def test_what_a_store_is_told_to_hold_holds_at_the_end_of_its_snapshot(tmp_path: Path) -> None:
    network = segmented(3)
    network.add("Store", "basin", bus="heat", e_nom=90.0, e_initial=4.0)
    network.stores_t.e_set["basin"] = [np.nan] * (len(network.snapshots) - 2) + [7.0, np.nan]
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert cost(chain) == pytest.approx(11655.784348630132, rel=1e-9)  # what PyPSA 1.4 finds


@pytest.mark.parametrize(("hours", "step"), [
    ([2.0, 2.0], 2.0), ([1.0, 3.0, 12.0], 1.0), ([0.5, 1.0, 1.25], 0.25), ([4.0, 6.0, 10.0], 2.0), ([1 / 3, 1.0], 1 / 3),
    ([1.001, 2.0], 0.001), ([1.0, np.pi], None), ([0.001, 8760.0], None),
])
def test_the_base_step_is_the_longest_that_all_lengths_are_multiples_of(hours: list[float], step: float | None) -> None:
    assert common_step(np.array(hours)) == (pytest.approx(step) if step is not None else None)


def test_what_pypsa_counts_by_the_snapshot_is_refused_by_name_where_these_last_differently(tmp_path: Path) -> None:
    network = committed_network(1)
    network.snapshot_weightings = network.snapshot_weightings.assign(
        **dict.fromkeys(ALL, np.resize([1.0, 3.0], len(network.snapshots))))
    network.add("Bus", "far", carrier="AC")
    network.add("Link", "pipe", bus0="b", bus1="far", p_nom=9.0, delay=2.0, cyclic_delay=False)
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert {(p.element, p.key) for p in caught.value.problems} == {
        *((f"generators.unit {k}", "min_up_time") for k in range(4)), ("links.pipe", "delay"),
        *((f"generators.unit {k}", f"ramp_limit_{way}") for k in (1, 3) for way in ("up", "down"))}


def test_lengths_without_a_step_in_common_are_refused_by_name(tmp_path: Path) -> None:
    network = segmented(3)
    network.snapshot_weightings.loc[network.snapshots[1], ALL] = np.pi
    with pytest.raises(InputError, match=r"snapshots\.weightings\.stores: lengths without a step in common"):
        import_pypsa(saved(network, tmp_path))


def test_what_a_chain_counts_by_the_hour_is_refused_by_name_on_the_way_to_pypsa(tmp_path: Path) -> None:
    chain = Chain.model_validate({
        "chain": "cut", "horizon": {"start": "2026-01-01", "length": "4 h", "cyclic": False, "segments": "lengths"},
        "profiles": {"lengths": {"values": [1, 3]}}, "commodities": {"metal": {"unit": "t"}},
        "demands": {"sale": {"commodity": "metal", "price": "9 CNY/t"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "3 t/h", "on_off": True, "min_up": "2 h", "ramp_up": "50 %/h"}},
    })
    with pytest.raises(InputError) as caught:
        export_pypsa(chain, tmp_path / "cut.nc")
    said = " ".join(str(p) for p in caught.value.problems)
    assert "a ramp over segments of different length" in said
    assert "minimum times over segments of different length" in said
