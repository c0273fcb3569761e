"""The physics of the Liupanshui year: annual totals within what the facts allow, whatever digits the solver gives."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import lodeworks
from lodeworks.chain.entities import Chain
from lodeworks.plan import Plan

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return lodeworks.plan(CASES / "liupanshui")


def total(plan: Plan, commodity: str, *elements: str, kind: str = "") -> float:
    """Return what elements bring (positive) or take over the year."""
    rows = plan.flows.filter(pl.col("commodity") == commodity)
    if kind:
        rows = rows.filter(pl.col("kind") == kind)
    if elements:
        rows = rows.filter(pl.col("element").is_in(list(elements)))
    return float(rows["amount"].sum())


def test_the_year_is_optimal_and_verified(plan: Plan) -> None:
    assert plan.manifest["status"] == "optimal"
    assert plan.manifest["verified"] is True
    assert plan.manifest["horizon"]["steps"] == 8760
    assert 100_000 < plan.manifest["size"]["columns"] < 400_000


def test_a_year_cut_by_hand_into_months_and_the_holiday_is_near_the_year_of_hours(plan: Plan) -> None:
    """Fourteen segments: every month, and in February the week in which the mines are closed."""
    days = [31, 13, 7, 8, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    data = lodeworks.read(CASES / "liupanshui").model_dump(mode="json")
    data["horizon"]["segments"] = "months"
    data["profiles"]["months"] = {"values": [24.0 * d for d in days], "unit": "h"}
    cut = lodeworks.plan(Chain.model_validate(data))
    assert cut.manifest["horizon"]["segments"] == 14
    assert cut.manifest["size"]["columns"] < 3_000
    assert cut.objective == pytest.approx(plan.objective, rel=0.03)
    rates = cut.table("rates").filter(pl.col("element") == "mine_faer").sort("time")
    assert rates["hours"].to_list() == [24.0 * d for d in days]
    assert rates["rate"][2] == pytest.approx(0.0, abs=1e-6)
    assert total(cut, "raw_coal", "mine_faer") == pytest.approx(float((rates["rate"] * rates["hours"]).sum()))
    assert total(cut, "coke_oven_gas", "psa") == pytest.approx(-23.4 * total(cut, "hydrogen", "psa"), rel=1e-6)


def test_coal_and_gangue_are_what_the_city_digs(plan: Plan) -> None:
    mines = ("mines_panzhou", "mines_shuicheng", "mines_liuzhi", "mine_faer")
    washed = ("wash_panzhou", "wash_shuicheng", "wash_liuzhi")
    assert 35e6 < total(plan, "raw_coal", *mines) < 60e6  # X17
    assert 6e6 < total(plan, "gangue", *mines, *washed) < 20e6  # A070, B92


def test_coke_stays_within_the_city_and_gas_follows_it(plan: Plan) -> None:
    ovens = ("coking_meijin", "coking_panzhou", "coking_shuicheng")
    coke = total(plan, "coke", *ovens)
    assert 6e6 < coke <= 10.8e6 * (1 + 1e-9)  # B26
    assert total(plan, "coke", "coking_meijin") <= 3.8e6 * (1 + 1e-9)  # B01
    assert total(plan, "coke_oven_gas", *ovens) == pytest.approx(215.0 * coke, rel=1e-6)  # B12, B19
    assert total(plan, "coal_tar", *ovens) == pytest.approx(0.0399 * coke, rel=1e-6)  # X09


def test_hydrogen_is_made_of_gas_and_drives_the_trucks(plan: Plan) -> None:
    made = total(plan, "hydrogen", "psa")
    assert 0.3 * 3_596e3 < made <= 3_596e3 * (1 + 1e-3)  # X01
    assert total(plan, "coke_oven_gas", "psa") == pytest.approx(-23.4 * made, rel=1e-6)  # X06
    burnt = -total(plan, "pump_hydrogen", "h2_trucks")
    assert 1_600 * 365 * 0.5 < burnt < 4_800 * 365  # X19
    assert burnt < made


def test_trucks_carry_no_more_than_their_hours_allow(plan: Plan) -> None:
    hauled = plan.flows.filter(pl.col("element").cast(pl.String).str.contains("_h2") & (pl.col("amount") > 0))["amount"].sum()
    assert 1e6 < hauled < 100 * 8760 * 0.45 / 1.6 * 31  # no trip is shorter than 1.6 h
    fleet = plan.table("resources").filter((pl.col("name") == "h2_trucks") & (pl.col("kind") == "fleet"))
    assert (fleet["used"] <= fleet["available"] * (1 + 1e-6) + 1e-6).all()


def test_the_spur_carries_no_more_than_it_can(plan: Plan) -> None:
    over = sum(
        float(plan.flows.filter((pl.col("element") == name) & (pl.col("amount") > 0))["amount"].sum())
        for name in ("fat_over_spur", "coke_over_spur")
    )
    assert over <= 8.0e6 * (1 + 1e-6)  # B06


def test_aluminium_draws_its_power_and_is_used_within_the_day(plan: Plan) -> None:
    metal = total(plan, "molten_aluminium", "smelter")
    assert 180e3 <= metal <= 200e3 * (1 + 1e-9)  # A020
    assert total(plan, "electricity", "smelter") == pytest.approx(-14_000 * metal, rel=1e-6)  # X12
    liquid = -total(plan, "molten_aluminium", "casting_yingyuefan", "casting_park")
    assert 0.9 < liquid / metal <= 1.0
    ladles = plan.levels.filter(pl.col("store") == "ladles")
    assert ladles["level"].max() <= 20 * 200e3 / 8760 * 1.01  # at most twenty hours of metal stand hot


def test_no_named_taker_gets_more_than_it_can_work_up(plan: Plan) -> None:
    assert -total(plan, "molten_aluminium", "casting_yingyuefan") <= 160 * 365 * (1 + 1e-6)  # A038


def test_policies_hold(plan: Plan) -> None:
    for row in plan.table("policies").iter_rows(named=True):
        assert row["most"] is None or row["value"] <= row["most"] * (1 + 1e-6), row["policy"]
        assert row["least"] is None or row["value"] >= row["least"] * (1 - 1e-6), row["policy"]


def test_nothing_is_bought_to_be_sold_again(plan: Plan) -> None:
    """Power bought in an hour is never sold in the same hour: its price is above."""
    power = plan.flows.filter(pl.col("element").is_in(["grid_bought", "grid_sold"]))
    both = power.group_by("time").agg(pl.col("amount").abs().min().alias("least"), pl.len().alias("sides"))
    assert both.filter(pl.col("sides") == 2)["least"].max() < 1e-3 * 3.3e6


def test_money_adds_up(plan: Plan) -> None:
    assert plan.costs["amount"].sum() == pytest.approx(plan.objective, rel=1e-9)
    assert plan.capacities["investment"].sum() <= 1e9 * (1 + 1e-9)


def test_every_number_of_the_case_says_where_it_comes_from(plan: Plan) -> None:
    """Each attribute with a unit of a process, trade, route, store or fleet is covered by `source`."""
    missing = []
    for section in ("processes", "supplies", "demands", "routes", "stores", "fleets", "policies"):
        for name, element in plan.chain[section].items():
            if not element.get("source"):
                missing.append(f"{section}.{name}")
    assert missing == []


@pytest.mark.parametrize("name", ["as-is", "next-100-mcny", "all-liquid", "all-ingots"])
def test_variants_are_sound(name: str) -> None:
    assert [p for p in lodeworks.check(CASES / "liupanshui" / "variants" / f"{name}.yaml") if p.severity == "error"] == []


def test_the_first_chain_is_small_and_pays() -> None:
    text = (CASES / "first-chain" / "chain.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 75
    plan = lodeworks.plan(CASES / "first-chain")
    assert plan.manifest["verified"] is True
    assert plan.objective > 0
    assert plan.manifest["duals"] == "integers fixed"
