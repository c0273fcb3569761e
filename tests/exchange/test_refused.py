"""What a network or a chain says and the other cannot is refused by name, not lost and not met as a fault of arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pypsa = pytest.importorskip("pypsa")

from lodeworks.chain.entities import Chain  # noqa: E402 (PyPSA first: without it there is nothing to compare with)
from lodeworks.errors import InputError  # noqa: E402
from lodeworks.exchange import export_pypsa, import_pypsa  # noqa: E402
from tests.exchange.networks import saved  # noqa: E402
from tests.exchange.test_wild import planned  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def small_network() -> Any:
    network = pypsa.Network(snapshots=range(2))
    for bus in ("a", "b"):
        network.add("Bus", bus, v_nom=110.0)
    network.add("Carrier", "coal", co2_emissions=0.3)
    network.add("Load", "town", bus="b", p_set=4.0)
    network.add("Generator", "plant", bus="a", carrier="coal", p_nom=9.0, marginal_cost=3.0)
    network.add("Generator", "dear", bus="b", p_nom=9.0, marginal_cost=30.0)
    network.add("Line", "wire", bus0="a", bus1="b", x=0.1, s_nom=9.0)
    return network


def _scenarios(network: Any, kind: str, name: str, key: str, value: Any) -> None:
    network.set_scenarios({"dry": 0.3, "wet": 0.7})
    network.c[kind].static.loc[("wet", name), key] = value


IN: dict[str, tuple[Callable[[Any], Any], set[tuple[str, str]]]] = {
    "a transformer without a size": (
        lambda n: n.add("Transformer", "t", bus0="a", bus1="b", x=0.1, s_nom_extendable=True), {("transformers.t", "x")}),
    "none in parallel": (
        lambda n: n.add("Line", "l", bus0="a", bus1="b", type="243-AL1/39-ST1A 110.0", length=5, num_parallel=0.0, s_nom=3.0), {("lines.l", "x")}),
    "no voltage": (lambda n: n.buses.__setitem__("v_nom", 0.0), {("lines.wire", "x")}),
    "a sign of nought": (lambda n: n.generators.__setitem__("sign", [1.0, 0.0]), {("generators.dear", "sign")}),
    "an efficiency of nought": (
        lambda n: (n.generators.__setitem__("efficiency", [0.0, 1.0]), n.add("GlobalConstraint", "co2", sense="<=", constant=9.0)),
        {("generators.plant", "efficiency")}),
    "an overnight cost without a rate": (
        lambda n: n.add("Generator", "new", bus="b", p_nom_extendable=True, overnight_cost=9.0, lifetime=20.0), {("generators.new", "discount_rate")}),
    "a delay over weights that differ": (
        lambda n: (n.add("Link", "barge", bus0="a", bus1="b", p_nom=9.0, delay=1), n.snapshot_weightings.__setitem__("generators", [1.0, 3.0])),
        {("links.barge", "delay")}),
    "modules of a given size that are on one by one": (
        lambda n: n.add("Generator", "units", bus="a", p_nom=9.0, p_nom_mod=3.0, committable=True, p_min_pu=0.5), {("generators.units", "p_nom_mod")}),
    "a plant in one scenario": (lambda n: _scenarios(n, "generators", "dear", "active", False), {("generators.dear", "active")}),
    "a reactance in one scenario": (lambda n: _scenarios(n, "lines", "wire", "x", 0.2), {("scenarios.wet", "routes.wire.reactance")}),
}


@pytest.mark.parametrize("case", IN)
def test_what_of_a_network_no_chain_can_say_is_refused_by_name(case: str, tmp_path: Path) -> None:
    network = small_network()
    IN[case][0](network)
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert {(p.element, p.key) for p in caught.value.problems} == IN[case][1]


def test_a_limit_on_a_carrier_that_no_one_lists_holds_for_a_store_that_takes_its_buses(tmp_path: Path) -> None:
    """Of ten that lie there three may be used; the rest is bought."""
    network = pypsa.Network(snapshots=range(2))
    network.add("Bus", "b", carrier="gas")
    network.add("Load", "l", bus="b", p_set=4.0)
    network.add("Store", "s", bus="b", e_nom=10.0, e_initial=10.0)
    network.add("Generator", "g", bus="b", p_nom=9.0, marginal_cost=2.0)
    network.add("GlobalConstraint", "most", type="operational_limit", carrier_attribute="gas", sense="<=", constant=3.0)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert planned(chain) == pytest.approx(2.0 * (8.0 - 3.0))


def small_chain(stages: bool = False, **more: Any) -> Chain:
    return Chain.model_validate({
        "chain": "small", "currency": "EUR", "objective": "cost",
        "horizon": {"start": "2026-01-01", "step": "1 h", "length": "3 h", "cyclic": False, "discount": "0 %/a",
                    **({"stages": [2026, 2030], "last": "4 a"} if stages else {})},
        "commodities": {"power": {"unit": "MWh"}}, "demands": {"town": {"commodity": "power", "amount": "9 MW"}},
        "supplies": {"grid": {"commodity": "power", "price": "50 EUR/MWh"}}, **more})


GROWS = {"commodity": "power", "initial": "0 MWh", "end": "free", "charge_share": "0.5 1/h", "discharge_share": "0.5 1/h", "charge_efficiency": "90 %",
         "expansion": {"most": "9 MWh", "fixed": "5 EUR/MWh/a"}}
PROJECT = {"outputs": {"power": "1 MWh"}, "expansion": {"most": "4 MW", "lump": "4 MW", "fixed": "9 EUR/MW/a"}}
OUT = {
    "levels": (small_chain(stores={"battery": {**GROWS, "min_level": "20 %"}}), "a least or most level"),
    "needs": (small_chain(processes={"road": PROJECT, "mill": {**PROJECT, "expansion": {**PROJECT["expansion"], "needs": ["road"]}}}), "projects that need"),
    "closing": (small_chain(True, stores={"tank": {"commodity": "power", "capacity": "9 MWh", "fixed_cost": "7 EUR/MWh/a", "may_close": True}}),
                "may be closed in a later stage"),
    "no reactance": (small_chain(sites={"a": {}, "b": {}}, **{
        "demands": {"town": {"commodity": "power", "site": "b", "amount": "9 MW"}}, "supplies": {"grid": {"commodity": "power", "site": "a"}},
        "routes": {name: {"commodity": "power", "from": "a", "to": "b", "capacity": "9 MW", "min_load": "-100 %", "reactance": x, "phase_shift": "1 deg"}
                   for name, x in (("short", 0.0), ("long", 0.1))}}), "a phase shift of a wire without reactance"),
}


@pytest.mark.parametrize("case", OUT)
def test_what_of_a_chain_pypsa_cannot_say_is_refused_by_name(case: str, tmp_path: Path) -> None:
    chain, words = OUT[case]
    with pytest.raises(InputError, match=words):
        export_pypsa(chain, tmp_path / "out.nc")
