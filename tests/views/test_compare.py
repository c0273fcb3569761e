"""What changed between runs adds up."""

from __future__ import annotations

import polars as pl
import pytest

from lodeworks.errors import RunError
from lodeworks.views.compare import compare
from tests.views.synthetic import Made
from tests.views.test_terminal import printed


@pytest.fixture
def other(run: Made) -> Made:
    costs = run.table("costs").with_columns(
        amount=pl.when(pl.col("element") == "coke_sales").then(pl.col("amount") * 1.1).otherwise(pl.col("amount"))
    )
    capacity = run.table("capacities").with_columns(
        total=pl.when(pl.col("element") == "ovens").then(121.0).otherwise(pl.col("total"))
    )
    changed = run.having(costs=costs, capacities=capacity)
    objective = {**run.manifest["objective"], "value": float(costs["amount"].sum())}
    changed.manifest = {**run.manifest, "objective": objective}
    return changed


def test_changes_of_money_add_up_to_that_of_the_objective(run: Made, other: Made) -> None:
    found = compare(run, other)[0]
    change = other.manifest["objective"]["value"] - run.manifest["objective"]["value"]
    assert found.money["change"].sum() == pytest.approx(change)
    assert found.money_by_element["change"].sum() == pytest.approx(change)


def test_only_what_changed_is_told(run: Made, other: Made) -> None:
    found = compare(run, other)[0]
    assert found.capacities.select("element", "before", "after", "change").rows() == [("ovens", 110.0, 121.0, 11.0)]
    assert found.flows.is_empty()
    assert found.values.is_empty()


def test_it_is_told_in_both_languages(run: Made, other: Made) -> None:
    assert "Profit rises by" in printed(compare(run, other))
    assert "Coke ovens goes from 110 t/h to 121 t/h." in printed(compare(run, other))
    assert "利润增加" in printed(compare(run, other, language="zh"))
    assert "Profit falls by" in printed(compare(other, run))


def test_the_same_run_twice_is_the_same(run: Made) -> None:
    found = compare(run, run)[0]
    assert found.money.is_empty()
    assert "Profit is the same" in found.sentences("en")[0]


def test_several_runs_are_compared_with_the_first(run: Made, other: Made) -> None:
    assert len(compare(run, other, run)) == 2


def test_what_cannot_be_compared_is_refused(run: Made) -> None:
    foreign = run.having()
    foreign.manifest = {**run.manifest, "currency": "EUR"}
    with pytest.raises(RunError, match="CNY and EUR"):
        compare(run, foreign)
    with pytest.raises(RunError, match="two runs"):
        compare(run)


def test_other_goals_are_not_set_side_by_side(run: Made) -> None:
    greener = run.having()
    greener.manifest = {**run.manifest, "objective": {"goal": "emissions", "value": 1.0, "unit": "t"}}
    assert "goals differ" in compare(run, greener)[0].sentences("en")[0]


def test_lines_that_stop_or_run_less_are_named(run: Made) -> None:
    flows, processes = run.table("flows"), run.table("elements").filter(pl.col("kind") == "process")["element"].to_list()
    assert "ovens" in processes
    others = [name for name in processes if name != "ovens"]

    def running(**factor: float) -> Made:
        amount = pl.col("amount")
        for name, share in factor.items():
            amount = pl.when(pl.col("element").cast(pl.String) == name).then(amount * share).otherwise(amount)
        return run.having(flows=flows.with_columns(amount))

    halved = compare(run, running(**{"ovens": 0.5}))[0]
    assert "Runs less: Coke ovens (−50 %)." in halved.sentences("en")
    assert any(line.startswith("产量减少：") and "−50 %" in line for line in halved.sentences("zh"))
    stopped = compare(run, running(**{"ovens": 0.0}))[0].sentences("en")
    assert "Stops: Coke ovens." in stopped
    assert not any(line.startswith("Runs less") for line in stopped)
    little = compare(run, running(**dict.fromkeys(others, 0.97)))[0].sentences("en")
    assert not any(line.startswith(("Stops", "Runs less")) for line in little)
