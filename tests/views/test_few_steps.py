"""A plan of few long steps is drawn to the end of its last, and nothing is told by the month that is not known so."""

from __future__ import annotations

import numpy as np
import pytest

import lodeworks
from lodeworks import Plan
from lodeworks.chain.entities import Chain
from lodeworks.views.figures import views_of
from lodeworks.views.figures.dispatch import dispatch
from lodeworks.views.figures.duration import DURATION
from lodeworks.views.figures.heat import heat
from lodeworks.views.figures.money import BY_SITE, FLOW, money_flow
from lodeworks.views.report.headline import certified_text
from lodeworks.views.report.prose import policies
from lodeworks.views.sums import key_balances


@pytest.fixture(scope="module")
def halves() -> Plan:
    """Two halves of a year: 2 t/h are sold in the first, 1 t/h in the second; 8,760 and 4,380 t of 20,000."""
    return lodeworks.plan(Chain.model_validate({
        "chain": "halves", "horizon": {"start": "2026-01-01", "step": "4380 h", "length": "1 a"},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "profiles": {"need": {"every": "4380 h", "values": [1, 0.5]}},
        "supplies": {"seam": {"title": {"en": "seam", "zh": "煤层"}, "commodity": "ore", "total": "20 kt",
                              "price": {"profile": "need", "times": "4 CNY/t"}}},
        "processes": {"works": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "2 t/h"}},
        "demands": {"sell": {"commodity": "metal", "price": "9 CNY/t", "most": {"profile": "need", "times": "2 t/h"}}},
    }))


def test_flows_are_drawn_to_the_end_of_the_last_step(halves: Plan) -> None:
    sold = next(trace for trace in dispatch(halves, "en", "metal", "").data if "out" in trace.name)
    assert [float(v) for v in sold.y] == [-2.0, -1.0, -1.0]
    assert (sold.x0[:10], sold.dx) == ("2026-01-01", 4380 * 3_600_000)


def test_a_value_is_drawn_to_the_end_of_the_last_step(halves: Plan) -> None:
    line = heat(halves, "en", "value", "ore", "").data[0]
    assert [float(v) for v in line.y] == pytest.approx([4.0, 2.0, 2.0])
    assert (line.x[-1] - line.x[0]).days == 365


def test_the_load_of_a_step_is_drawn_over_that_step(halves: Plan) -> None:
    """Full for the first 4,380 h, half of it for the others: a line that goes up or down first, and then along."""
    assert DURATION.figure is not None
    line = DURATION.figure(halves, "en").data[0]
    assert line.line.shape == "vh"
    np.testing.assert_allclose(line.x, [0.0, 4380.0, 8760.0])
    np.testing.assert_allclose(line.y, [100.0, 100.0, 50.0])


def test_half_years_are_not_told_as_months(halves: Plan) -> None:
    assert not [view.key for view in views_of(halves) if view.key.startswith("months_")]


def test_the_total_of_a_supply_is_named_after_it(halves: Plan) -> None:
    assert "total of seam" in policies(halves)
    assert "煤层的总量" in policies(halves)


@pytest.mark.parametrize(("pieces", "better", "english", "chinese"), [
    (12, "days", "Built on 12 typical days, run on all: at most 1 % from the best; typical days built the better plan here",
     "按 12 个典型日决定新建，按全部时段运行：与最优的差距不超过 1%；此处典型日更优"),
    (1, "neither", "Built on 1 typical day, run on all: at most 1 % from the best; typical days and merged steps built "
                   "equally good plans here",
     "按 1 个典型日决定新建，按全部时段运行：与最优的差距不超过 1%；此处典型日与合并时段同样好"),
])
def test_fewer_steps_say_on_what_was_built_and_which_way_did_better(
    pieces: int, better: str, english: str, chinese: str
) -> None:
    told = certified_text({"pieces": pieces, "gap": 0.01, "by": "days", "better": better})
    assert told == (english, chinese)


def test_what_is_paid_to_be_rid_of_goes_out_by_its_own_name() -> None:
    """Of 2 t/h of ash one is bought for 9 CNY, the other taken for 12: 9 come in and 12 go out an hour."""
    plan = lodeworks.plan(Chain.model_validate({
        "chain": "ash", "horizon": {"start": "2026-01-01", "length": "4 h"},
        "commodities": {"ash": {"unit": "t", "title": {"en": "ash", "zh": "灰"}}, "cement": {"unit": "t"}},
        "processes": {"boiler": {"outputs": {"ash": "1 t"}, "capacity": "2 t/h", "min_load": "100 %"},
                      "mill": {"inputs": {"ash": "1 t"}, "outputs": {"cement": "1 t"}, "capacity": "1 t/h"}},
        "demands": {"heap": {"commodity": "ash", "price": "-12 CNY/t"}, "buyer": {"commodity": "cement", "price": "9 CNY/t"}},
    }))
    assert "Paid to be taken: ash" in money_flow(plan, "en").data[0].node.label
    assert FLOW.sentence(plan, "en") == (
        "36 CNY come in, 48 CNY go out and 12 CNY are lacking. The largest outlay is paid to be taken: 100 %.")
    assert FLOW.sentence(plan, "zh") == "收入36 元，支出48 元，差额12 元。最大的支出是付费处置，占100 %。"
    assert BY_SITE.sentence(plan, "en").startswith("In all −12 CNY are left.")


def test_what_is_balanced_once_is_not_watched_by_the_step() -> None:
    plan = lodeworks.plan(Chain.model_validate({
        "chain": "once", "horizon": {"start": "2026-01-01", "length": "4 h"}, "profiles": {"dear": {"values": [1, 2, 3, 4]}},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t", "step": "4 h"}},
        "supplies": {"mine": {"commodity": "ore", "most": "4 t/h", "price": {"profile": "dear", "times": "1 CNY/t"}}},
        "processes": {"works": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "3 t/h"}},
        "demands": {"sell": {"commodity": "metal", "price": "9 CNY/t", "most": "1 t/h"}},
    }))
    assert [commodity for commodity, _ in key_balances(plan)] == ["ore"]
