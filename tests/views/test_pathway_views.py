"""What is shown of a plan over stages and scenarios comes from its tables, and every common view shows a slice of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import lodeworks
from lodeworks import Plan, RunError
from lodeworks.chain.entities import Chain
from lodeworks.views.figures import VIEWS, views_of
from lodeworks.views.figures.leaving import LEAVING
from lodeworks.views.figures.pathway import PATHWAY, PATHWAY_VIEWS, SCENARIOS, STAGES, changes
from lodeworks.views.report import write_report
from lodeworks.views.report.headline import horizon_text
from lodeworks.views.slices import sliced
from tests.plan.test_pathway_tables import CHAIN


@pytest.fixture(scope="module")
def plan() -> Plan:
    return lodeworks.plan(Chain.model_validate(CHAIN))


def test_a_slice_is_the_last_stage_and_the_likeliest_scenario_unless_named(plan: Plan) -> None:
    assert sliced(plan).manifest["slice"] == {"stage": "2035", "scenario": "normal"}
    other = sliced(plan, "2030", "bust")
    sold = other.table("flows").filter(pl.col("element") == "sell")
    whole = plan.flows.filter((pl.col("element") == "sell") & (pl.col("stage") == "2030") & (pl.col("scenario") == "bust"))
    assert sold["amount"].to_list() == whole["amount"].to_list()


def test_a_slice_that_is_not_there_is_told_with_the_nearest(plan: Plan) -> None:
    with pytest.raises(RunError, match="no scenario 'bus'; did you mean 'bust'"):
        sliced(plan, "", "bus")


def test_the_summary_shows_the_stages_in_which_something_changes() -> None:
    rows = pl.DataFrame({"element": ["a"] * 3 + ["b"] * 3, "stage": ["2026", "2030", "2035"] * 2,
                         "decided": [0.0, 0.0, 2.0, 0.0, 0.0, 0.0], "total": [5.0, 3.0, 3.0, 4.0, 4.0, 4.0]})
    assert changes(rows).select("element", "stage").rows() == [("a", "2030"), ("a", "2035")]


def test_what_building_counts_is_told_beside_what_is_left_and_what_is_paid_on(plan: Plan) -> None:
    sentence = STAGES.sentence(sliced(plan), "en")
    assert "less what of it is left after the last stage, in all 2,909 CNY" in sentence
    assert "10.87 kCNY more, discounted, for what lives that end within a stage" in sentence


def test_the_head_names_the_years_to_the_end_of_the_last_stage(plan: Plan) -> None:
    first, *_, last = plan.manifest["stages"]["names"]
    ends = int(last) + round(plan.manifest["stages"]["years"][-1]) - 1
    assert horizon_text(sliced(plan), "en").startswith(f"{first}–{ends} in {len(plan.manifest['stages']['names'])} stages")


def test_money_shown_adds_up_to_the_objective(plan: Plan) -> None:
    assert float(sliced(plan).table("costs")["amount"].sum()) == pytest.approx(plan.objective)
    assert float(STAGES.rows(plan)["total"].sum()) == pytest.approx(plan.objective)


def test_what_leaves_by_stage_is_what_the_flows_say_and_adds_up_over_all_years(plan: Plan) -> None:
    rows = LEAVING.rows(sliced(plan))
    flows = plan.flows.filter((pl.col("kind") == "demand") & (pl.col("scenario") == "normal"))
    sold = dict(flows.group_by(pl.col("stage").cast(pl.String)).agg(-pl.col("amount").sum()).iter_rows())
    assert dict(rows.select("stage", "amount").iter_rows()) == pytest.approx(sold)
    years = dict(zip(*(plan.manifest["stages"][key] for key in ("names", "years")), strict=True))
    assert rows["together"].to_list() == pytest.approx([sum(sold[stage] * years[stage] for stage in sold)] * 3)
    assert LEAVING.sentence(sliced(plan), "zh").startswith("2026至2035各阶段全部年份合计：sell ")


def test_capacities_of_plans_with_long_steps_are_said_by_the_year(plan: Plan) -> None:
    """Steps of 73 days: 3 t/h are 26.28 kt a year, and what one more unit is worth goes with it."""
    rows = PATHWAY.rows(sliced(plan)).filter(pl.col("stage") == "2026")
    assert dict(rows.select("element", "existing").iter_rows())["old"] == pytest.approx(3.0 * 8760.0)
    assert set(rows["unit"]) == {"t/a"}
    for view, table in (("candidates", "candidates"), ("capacities", "capacities")):
        said = next(v for v in VIEWS if v.key == view).rows(sliced(plan))
        raw = {row["element"]: row for row in sliced(plan).table(table).iter_rows(named=True)}
        for row in said.iter_rows(named=True):
            own = raw[row["element"]]
            assert row["built"] == pytest.approx(own["built"] * 8760.0)
            assert row["marginal_value"] * 8760.0 == pytest.approx(max(own["marginal_value"], 0.0))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_view_shows_a_pathway(plan: Plan, language: str) -> None:
    part = sliced(plan)
    for view in [*views_of(part), *PATHWAY_VIEWS]:
        rows = view.rows(part)
        assert view.sentence(part, language) or rows.is_empty()
        if view.figure is not None:
            view.figure(part, language)


def test_a_plan_on_fewer_steps_says_between_what_information_is_worth() -> None:
    chain = Chain.model_validate({
        "chain": "town", "horizon": {"start": "2026-01-01", "length": "6 h"}, "commodities": {"power": {"unit": "MWh"}},
        "processes": {"plant": {"outputs": {"power": "1 MWh"}, "capacity": "0 MW",
                                "expansion": {"most": "9 MW", "cost": "1 CNY/MW", "life": "1 a"}}},
        "demands": {"town": {"commodity": "power", "price": "9 CNY/MWh", "most": "5 MW"}},
        "scenarios": {"low": {"probability": "50 %", "set": {"demands.town.most": "2 MW"}}, "high": {"probability": "50 %"}},
    })
    fewer, whole = lodeworks.plan(chain, segments=2), lodeworks.plan(chain)
    assert "To know what comes would be worth" in SCENARIOS.sentence(whole, "en")
    low, high = fewer.manifest["scenarios"]["information"]["perfect_between"]
    assert low <= whole.manifest["scenarios"]["information"]["perfect_information"] <= high
    assert "between" not in SCENARIOS.sentence(fewer, "en")  # nothing changes over time here: fewer steps lose nothing


def test_long_titles_of_panels_are_broken_in_two() -> None:
    chain = Chain.model_validate({
        "chain": "park", "horizon": {"start": "2026-01-01", "length": "2 h", "stages": [2026, 2027], "discount": "5 %/a"},
        "commodities": {"coke": {"unit": "t"}},
        "processes": {
            "park": {"title": "new coking park at Shuicheng", "outputs": {"coke": "1 t"}, "capacity": "0 t/h",
                     "expansion": {"most": "2 t/h", "cost": "1 CNY/(t/h)", "life": "9 a"}},
            "old": {"title": "old park", "outputs": {"coke": "1 t"}, "capacity": "1 t/h", "retires": {"2027": "1 t/h"}}},
        "demands": {"sell": {"commodity": "coke", "price": "9 CNY/t", "most": "2 t/h"}}})
    figure = PATHWAY_VIEWS[0].figure
    assert figure is not None
    titles = [note.text for note in figure(lodeworks.plan(chain), "en").layout.annotations]
    assert titles == ["new coking park at<br>Shuicheng (t/h)", "old park (t/h)"]


def test_the_views_of_pathways_are_empty_for_other_plans() -> None:
    plain = {key: value for key, value in CHAIN.items() if key not in ("stages", "scenarios")}
    horizon = {key: value for key, value in CHAIN["horizon"].items() if key not in ("stages", "last")}  # type: ignore[attr-defined]
    plan = lodeworks.plan(Chain.model_validate({**plain, "horizon": horizon}))
    assert sliced(plan) is plan
    assert all(view.rows(plan).is_empty() for view in PATHWAY_VIEWS)
    assert "stage" not in plan.flows.columns
    assert len(VIEWS) > 0


def test_the_report_opens_with_the_pathway(plan: Plan, tmp_path: Path) -> None:
    page = write_report(plan, tmp_path / "report.html", language="en").read_text(encoding="utf-8")
    assert 'id="pathway"' in page
    assert 'id="scenarios"' in page
    assert "stage 2035" in page


def test_a_simulation_follows_plans_of_one_horizon_only(plan: Plan, tmp_path: Path) -> None:
    plan.write(tmp_path / "run")
    with pytest.raises(RunError, match="cannot be followed"):
        lodeworks.simulate(Chain.model_validate(CHAIN), plan=tmp_path / "run")


def test_a_limit_over_all_stages_is_shown_as_one_with_its_own_sum() -> None:
    limited = {**CHAIN, "policies": {"all_metal": {"sum": {"sell": 1}, "most": "90 kt", "over": "all"}}}
    plan = lodeworks.plan(Chain.model_validate(limited))
    rows = sliced(plan).table("policies").filter(pl.col("policy") == "all_metal")
    assert rows["value"].to_list() == [pytest.approx(90.0)]
    assert rows["most"].to_list() == [pytest.approx(90.0)]


def test_a_plan_over_periods_shows_the_one_that_comes_most_often_unless_named(tmp_path: Path) -> None:
    plan = lodeworks.plan(Path(__file__).parent.parent / "data" / "peers" / "genx-electrolyzer")
    assert sliced(plan).manifest["slice"] == {"period": "third"}
    first = sliced(plan, period="first")
    assert first.table("flows").filter(pl.col("element") == "town")["amount"].len() == 24
    assert float(first.table("costs")["amount"].sum()) == pytest.approx(plan.objective)
    assert all(view.sentence(first, "en") for view in views_of(first) if not view.rows(first).is_empty())
    assert all(view.rows(first).is_empty() for view in PATHWAY_VIEWS)
    page = write_report(first, tmp_path / "report.html", language="en").read_text(encoding="utf-8")
    assert "period first" in page
    assert "sold, first" in page
    with pytest.raises(RunError, match="no period 'frist'; did you mean 'first'"):
        sliced(plan, period="frist")
