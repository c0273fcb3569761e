"""Views of a real plan: what they show is what the engine found."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan import Plan, optimise, plan_manifest, plan_tables
from lodeworks.views.figures import views_of
from lodeworks.views.figures.money import money_rows
from lodeworks.views.report import write_report
from tests.views.towns import towns


@pytest.fixture(scope="module")
def plan() -> Plan:
    chain = Chain.model_validate(towns("7 d"))
    answer = optimise(compile_network(chain))
    return Plan(
        {**plan_manifest(answer), "timings": {}, "tables": {}}, plan_tables(answer), chain.model_dump(mode="json")
    )


def test_money_is_the_solver_s_objective(plan: Plan) -> None:
    assert money_rows(plan)["amount"].sum() == pytest.approx(plan.manifest["objective"]["value"], rel=1e-9)


def test_every_view_of_it_draws(plan: Plan) -> None:
    for view in views_of(plan):
        assert view.figure is not None
        assert view.figure(plan, "zh").layout.height > 0
        assert view.sentence(plan, "en")


def test_its_report_is_written(plan: Plan, tmp_path: Path) -> None:
    page = write_report(plan, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "四镇煤气铝产业链" in page
