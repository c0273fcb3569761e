"""A plan from a state is the plan of a chain that begins there; what it leaves counts what it is worth."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lodeworks import verbs
from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError
from lodeworks.views.report.headline import better_text

WORKS: dict[str, Any] = {
    "chain": "works", "horizon": {"start": "2026-03-02", "length": "6 d"},
    "commodities": {"coal": {"unit": "t", "step": "1 d"}, "gas": {"unit": "Nm3", "let_go": True}, "power": {"unit": "kWh"}},
    "profiles": {"tariff": {"unit": "CNY/kWh", "daily": [0.2] * 7 + [0.5] * 5 + [0.9] * 7 + [0.4] * 5},
                 "need": {"unit": "kWh/h", "daily": [900.0] * 8 + [2100.0] * 10 + [1500.0] * 6}},
    "supplies": {"mine": {"commodity": "coal", "price": "500 CNY/t", "most": "40 t/d"},
                 "grid": {"commodity": "power", "price": "tariff"}},
    "processes": {
        "oven": {"inputs": {"coal": "1 t"}, "outputs": {"gas": "400 Nm3"}, "reference": "coal",
                 "capacity": "36 t/d", "min_load": "50 %", "fixed_cost": "900 CNY/(t/h)/a"},
        "engine": {"inputs": {"gas": "0.4 Nm3"}, "outputs": {"power": "1 kWh"}, "capacity": "2 MW", "on_off": True,
                   "min_load": "40 %", "start_cost": "60 CNY", "cost": "0.02 CNY/kWh"},
    },
    "stores": {"holder": {"commodity": "gas", "capacity": "3000 Nm3"}, "heap": {"commodity": "coal", "capacity": "300 t"}},
    "demands": {"town": {"commodity": "power", "amount": "need", "unserved": "4 CNY/kWh"}},
}


def test_a_plan_from_a_state_is_that_of_a_chain_that_begins_so(tmp_path: Path) -> None:
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-04\nuntil: 2026-03-06\nlevels: {holder: 1300 Nm3, heap: 52 t}\nvalues: {gas: 0.3 CNY/Nm3, coal: 700 CNY/t}\n")
    found = verbs.plan(Chain.model_validate(WORKS), state=state, gap=1e-9)
    cold = json.loads(json.dumps(WORKS))
    cold["horizon"] = {"start": "2026-03-04", "length": "2 d", "cyclic": False}
    cold["stores"]["holder"] |= {"initial": "1300 Nm3", "end": "free"}
    cold["stores"]["heap"] |= {"initial": "52 t", "end": "free"}
    # what is left is sold in the last hour, or on the last day, without taking part in anything else
    worth = verbs.plan(Chain.model_validate(cold), gap=1e-9)
    assert found.objective > worth.objective
    left = found.levels.filter(found.levels["time"] == found.levels["time"].max())
    counted = dict(zip(left["store"].cast(str).to_list(), left["level"].to_list(), strict=True))
    stock = found.costs.filter(found.costs["item"] == "in store")["amount"].sum()
    assert stock == pytest.approx(0.3 * counted["holder"] + 700.0 * counted["heap"])
    assert found.costs["amount"].sum() == pytest.approx(found.objective)
    state.write_text("at: 2026-03-04\nuntil: 2026-03-06\nlevels: {holder: 1300 Nm3, heap: 52 t}\n")
    assert verbs.plan(Chain.model_validate(WORKS), state=state, gap=1e-9).objective == pytest.approx(worth.objective, rel=1e-6)


def test_with_the_marginal_values_of_a_longer_plan_a_day_earns_what_it_earned_there(tmp_path: Path) -> None:
    """What is best with linear prices of the stocks at the end is what the longer plan did: its duals are such prices."""
    plain = {key: value for key, value in WORKS["processes"]["engine"].items() if key not in ("on_off", "min_load", "start_cost")}
    chain = Chain.model_validate({**WORKS, "processes": {"oven": WORKS["processes"]["oven"], "engine": plain}})
    week = verbs.plan(chain, out=tmp_path / "week")
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-04\nplan: week\nvalues: week\n")
    day = verbs.plan(chain, state=state)
    begin, end = dt.datetime(2026, 3, 4), dt.datetime(2026, 3, 5)

    def moved(name: str, commodity: str) -> list[float]:
        chosen = (pl.col("element").cast(str) == name) & (pl.col("commodity").cast(str) == commodity)
        return week.flows.filter(chosen & (pl.col("time") >= begin) & (pl.col("time") < end)).sort("time")["amount"].to_list()

    values = week.marginal_values.filter((pl.col("what").cast(str) == "balance") & (pl.col("time") == end))
    worth = dict(zip(values["commodity"].cast(str).to_list(), values["value"].to_list(), strict=True))
    held = week.levels.filter(pl.col("time") == end)
    stock = sum(worth[commodity] * level for commodity, level in zip(held["commodity"].cast(str), held["level"], strict=True))
    tariff = WORKS["profiles"]["tariff"]["daily"]
    spent = 500.0 * sum(moved("mine", "coal")) + 0.02 * sum(moved("engine", "power"))
    spent += sum(price * amount for price, amount in zip(tariff, moved("grid", "power"), strict=True))
    fixed = day.costs.filter(pl.col("item") == "fixed")["amount"].sum()
    assert fixed == pytest.approx(-900.0 * 1.5 / 365)
    assert day.objective == pytest.approx(stock - spent + fixed, rel=1e-6)
    assert day.manifest["state"]["until"] == "2026-03-05T00:00:00"


SENT: dict[str, Any] = {
    "chain": "sent", "horizon": {"start": "2026-03-02", "length": "6 d"}, "sites": {"works": {}, "port": {}},
    "commodities": {"coke": {"unit": "t"}, "coal": {"unit": "t"}},
    "profiles": {"price": {"unit": "CNY/t", "daily": [1500.0 + 10.0 * h for h in range(24)]}},
    "supplies": {"mine": {"commodity": "coal", "site": "works", "price": "600 CNY/t"}},
    "processes": {"oven": {"site": "works", "inputs": {"coal": "1.4 t"}, "outputs": {"coke": "1 t"}, "capacity": "20 t/h"}},
    "routes": {"rail": {"commodity": "coke", "from": "works", "to": "port", "lag": {"20 h": "60 %", "31 h": "40 %"},
                        "capacity": "50 t/h", "cost": "90 CNY/t"}},
    "demands": {"abroad": {"commodity": "coke", "site": "port", "price": "price", "most": "30 t/h"}},
}


def test_what_arrives_after_the_end_counts_what_it_is_worth_there(tmp_path: Path) -> None:
    """The oven runs on and its coke is sent though all of it arrives after the end, as in the plan of the whole."""
    chain = Chain.model_validate(SENT)
    week = verbs.plan(chain, out=tmp_path / "week")
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-04 10:30\nplan: week\nvalues: week\n")
    day = verbs.plan(chain, state=state)
    rail = day.table("rates").filter(pl.col("element").cast(str) == "rail")
    assert rail["rate"].to_list() == pytest.approx([20.0] * 14)
    value = week.marginal_values.filter((pl.col("what").cast(str) == "balance") & (pl.col("site").cast(str) == "port")).sort("time")
    worth = dict(zip(value["time"].to_list(), value["value"].to_list(), strict=True))

    def arrives(lag: float) -> float:
        """The worth of 20 t/h sent from 10:30 to midnight that arrive after it, minute by minute."""
        sent = [dt.datetime(2026, 3, 4, 10, 30, 30) + dt.timedelta(minutes=m, hours=lag) for m in range(810)]
        return sum(worth[t.replace(minute=0, second=0)] * 20.0 / 60.0 for t in sent if t >= dt.datetime(2026, 3, 5))

    counted = day.costs.filter(pl.col("item") == "on the way")
    assert counted["element"].to_list() == ["rail"]
    assert counted["amount"].item() == pytest.approx(0.6 * arrives(20.0) + 0.4 * arrives(31.0))
    assert day.costs["amount"].sum() == pytest.approx(day.objective)


def test_what_arrives_after_the_end_of_a_cyclic_plan_counts_as_at_its_beginning(tmp_path: Path) -> None:
    chain = Chain.model_validate(SENT)
    verbs.plan(chain, out=tmp_path / "week")
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-07 14:00\nplan: week\nvalues: week\n")
    rail = verbs.plan(chain, state=state).table("rates").filter(pl.col("element").cast(str) == "rail")
    assert rail["rate"].to_list() == pytest.approx([20.0] * 10)
    ends = Chain.model_validate({**SENT, "horizon": {**SENT["horizon"], "cyclic": False}})
    verbs.plan(ends, out=tmp_path / "week", replace=True)
    rail = verbs.plan(ends, state=state).table("rates").filter(pl.col("element").cast(str) == "rail")
    assert rail["rate"].to_list() == pytest.approx([0.0] * 10)


def test_what_is_on_its_way_to_a_store_counts_as_what_is_in_it(tmp_path: Path) -> None:
    kept = {**SENT, "stores": {"quay": {"commodity": "coke", "site": "port", "capacity": "900 t"}}}
    state = tmp_path / "now.yaml"
    for value, rate in (("1400 CNY/t", 20.0), ("500 CNY/t", 0.0)):
        state.write_text(f"at: 2026-03-04\nhours: 12 h\nlevels: {{quay: 0 t}}\nvalues: {{quay: {value}}}\n")
        day = verbs.plan(Chain.model_validate(kept), state=state)
        rail = day.table("rates").filter(pl.col("element").cast(str) == "rail")
        assert rail["rate"].to_list() == pytest.approx([rate] * 12)


BRICKS: dict[str, Any] = {
    "chain": "bricks", "horizon": {"start": "2026-03-02", "length": "2 d"},
    "commodities": {"clay": {"unit": "t"}, "brick": {"unit": "t"}},
    "profiles": {"price": {"unit": "CNY/t", "daily": [100.0 + 5.0 * h for h in range(24)]}},
    "calendars": {"day": {"hours": ["00:00-18:00"]}},
    "supplies": {"pit": {"commodity": "clay", "price": "price"}},
    "processes": {"kiln": {"inputs": {"clay": "1 t"}, "outputs": {"brick": "1 t"}, "capacity": "50 t/h", "cost": "10 CNY/t", "availability": "day"}},
    "stores": {"yard": {"commodity": "brick", "capacity": "120 t"}},
    "demands": {"town": {"commodity": "brick", "amount": "20 t/h", "unserved": "501 CNY/t"}},
}


@pytest.mark.parametrize("goal", ["profit", "cost"])
def test_what_deciding_anew_is_worth_beside_going_on_as_planned(tmp_path: Path, goal: str) -> None:
    """Clay is dear later, so the plan fills the yard from midnight to four and then makes what the town takes, 20 t/h.

    At ten 40 t of the 120 t for the evening are gone. Going on at 20 t/h the town lacks 40 t, for 501 CNY/t; anew 30 t
    more are made at ten (clay 150 CNY/t) and 10 t at eleven (155 CNY/t), each for 10 CNY/t: 20,040 - 4,800 - 1,650 CNY.
    """
    chain = Chain.model_validate({**BRICKS, "objective": {"goal": goal}})
    verbs.plan(chain, out=tmp_path / "days")
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-02 10:00\nplan: days\nvalues: days\nlevels: {yard: 80 t}\n")
    found = verbs.plan(chain, state=state).manifest
    assert found["state"]["as_planned"]["better_by"] == pytest.approx(13_590.0, rel=1e-5)
    english, chinese = better_text(found) or ("", "")
    assert english == "Better than going on as planned by 13.59 kCNY until 03-03 00:00, counting what is then left."
    assert chinese == "到 03-03 00:00，比按原计划继续更优 1.36 万元（含届时存量的价值）。"
    state.write_text("at: 2026-03-02 10:00\nplan: days\nvalues: days\n")
    found = verbs.plan(chain, state=state).manifest
    assert found["state"]["as_planned"]["better_by"] == 0.0
    day = verbs.plan(chain, state=state).table("rates").filter(pl.col("element").cast(str) == "kiln").sort("time")["rate"]
    assert day.to_list() == pytest.approx([20.0] * 8 + [0.0] * 6)
    assert better_text(found) == ("Until 03-03 00:00 going on as planned is as good.", "到 03-03 00:00，按原计划继续同样好。")
    state.write_text("at: 2026-03-02 10:00\nvalues: days\nlevels: {yard: 80 t}\n")
    assert better_text(verbs.plan(chain, state=state).manifest) is None


def test_where_nobody_can_go_on_as_planned_the_reason_is_told(tmp_path: Path) -> None:
    strict = {**BRICKS, "demands": {"town": {"commodity": "brick", "amount": "20 t/h"}}}
    chain = Chain.model_validate(strict)
    verbs.plan(chain, out=tmp_path / "days")
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-02 10:00\nplan: days\nvalues: days\nlevels: {yard: 80 t}\n")
    found = verbs.plan(chain, state=state).manifest
    assert "town" in found["state"]["as_planned"]["why"]
    assert (better_text(found) or ("", ""))[1].startswith("到 03-03 00:00 无法按原计划继续：")


def test_on_plan_there_is_nothing_to_gain_within_a_step_or_a_limit_on_a_sum(tmp_path: Path) -> None:
    """Coal closes by the day but is burnt by the hour, most of it at night; a limit on the week is used up unevenly.

    What was not yet burnt by the moment, and what the plan meant to buy this day of what it may buy in all, are what
    the plan has for the rest of the day: nothing anew is better, and the week's limit is not spread evenly over it.
    """
    data = json.loads(json.dumps(BRICKS))
    data["commodities"]["clay"]["step"] = "1 d"
    data["profiles"] = {"price": {"unit": "CNY/t", "values": [100.0] * 24 + [300.0] * 24}}
    data["supplies"]["pit"]["step"] = "1 d"
    data["stores"]["yard"]["capacity"] = "900 t"
    data["calendars"]["day"]["hours"] = ["12:00-24:00"]
    data["policies"] = {"dug": {"sum": {"pit": 1}, "most": "700 t"}}
    chain = Chain.model_validate(data)
    whole = verbs.plan(chain, out=tmp_path / "days")
    dug = whole.table("rates").filter(pl.col("element").cast(str) == "pit")["rate"].to_list()
    assert dug == pytest.approx([600.0 / 24.0, 100.0 / 24.0])
    state = tmp_path / "now.yaml"
    for at in ("2026-03-02 18:00", "2026-03-02 00:00", "2026-03-03 15:30"):
        state.write_text(f"at: {at}\nplan: days\nvalues: days\n")
        day = verbs.plan(chain, state=state)
        assert day.manifest["state"]["as_planned"]["better_by"] == pytest.approx(0.0, abs=1e-6)
        rate = day.table("rates").filter(pl.col("element").cast(str) == "pit")["rate"].to_list()
        assert rate == pytest.approx([dug[int(at[9]) - 2]])


def test_what_is_out_does_not_run_until_it_is_back(tmp_path: Path) -> None:
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-04 14:20\nlevels: {holder: 3000 Nm3, heap: 52 t}\non: [engine]\n"
                     "out: {engine: 2026-03-04 18:00, mine: {share: 50 %}}\n")
    found = verbs.plan(Chain.model_validate(WORKS), state=state)
    rates = found.table("rates")
    engine = rates.filter(rates["element"].cast(str) == "engine")
    assert engine["hours"].to_list() == pytest.approx([2 / 3] + [1.0] * 9)
    assert engine["rate"].to_list()[:4] == [0.0] * 4
    assert max(engine["rate"].to_list()[4:]) > 0.0
    mine = rates.filter(rates["element"].cast(str) == "mine")
    assert mine["rate"].to_list()[0] <= 20.0 / 24.0 + 1e-9


def test_a_chain_of_stages_has_no_state(tmp_path: Path) -> None:
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-04\nlevels: {holder: 1 Nm3, heap: 2 t}\n")
    staged = {**WORKS, "horizon": {**WORKS["horizon"], "stages": [2026, 2030]}}
    with pytest.raises(InputError, match="one horizon"):
        verbs.plan(Chain.model_validate(staged), state=state)


def test_a_plan_from_a_state_says_that_it_knows_nothing_of_cash(tmp_path: Path) -> None:
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-04\nuntil: 2026-03-05\nlevels: {holder: 1300 Nm3, heap: 52 t}\n")
    told: list[str] = []
    owned = json.loads(json.dumps(WORKS)) | {"firms": {"works": {"cash": "1 MCNY"}}}
    verbs.plan(Chain.model_validate(owned), state=state, caution=lambda problem: told.append(str(problem)))
    assert any("their accounts are left out; found accounts of works" in text for text in told)
    told.clear()
    verbs.plan(Chain.model_validate(WORKS), state=state, caution=lambda problem: told.append(str(problem)))
    assert not any("accounts" in text for text in told)
