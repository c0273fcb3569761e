"""Why a plan over stages and scenarios has no answer is told with the stage and scenario in which it fails."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.errors import InfeasibleError, UnboundedError
from tests.analytic.test_pathways import planned


def why(**more: Any) -> str:
    with pytest.raises(InfeasibleError) as caught:
        planned([2026, 2030], **more)
    return str(caught.value)


def test_a_demand_that_cannot_be_met_is_told_in_its_stage_and_scenario() -> None:
    told = why(
        expansion={"most": "10 t/h"}, sell={"least": "2 t/h", "most": "50 t/h"},
        scenarios={"bad": {"probability": "40 %", "set": {"demands.sell.most": "40 t/h"}}, "good": {"probability": "60 %"}},
        stages={"2030": {"set": {"demands.sell.least": "12 t/h"}}},
    )
    assert "the demand sell (12 t/h of metal) in stage 2030, scenario" in told
    assert "of metal short, at all times in stage 2030" in told
    assert "2026" not in told


def test_a_budget_too_small_for_what_must_be_built_is_told() -> None:
    told = why(sell={"least": "5 t/h", "most": "7 t/h"}, stages={"2026": {"budget": "120000 CNY"}})
    assert "the budget of stage 2026" in told
    assert "the demand sell" in told


def test_a_limit_over_all_stages_that_cannot_be_kept_is_told() -> None:
    told = why(sell={"least": "5 t/h", "most": "7 t/h"},
               policies={"reserve": {"sum": {"mine": 1}, "most": "100 t", "over": "all"}})
    assert "the policy reserve over all stages" in told


def test_what_earns_without_limit_is_told_with_its_stage() -> None:
    with pytest.raises(UnboundedError, match="earns 2 CNY/t of sell without limit in stage"):
        planned([2026, 2030], expansion={"most": None, "cost": "0 CNY/(t/h)"}, sell={"most": None})
