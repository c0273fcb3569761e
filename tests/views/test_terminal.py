"""The terminal says what the tables say."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from lodeworks.errors import RunError
from lodeworks.views import simulated
from lodeworks.views.report.headline import heading
from lodeworks.views.terminal import claims, show, summary
from tests.views.synthetic import Made


def printed(what: Any) -> str:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_summary_says_what_everybody_asks(run: Made) -> None:
    text = printed(summary(run, "en"))
    for words in ("Coal & coke of two towns", "optimal, verified", "Coke 876 kt", "Coke ovens", "Hydrogen plant"):
        assert words in text
    assert "两镇煤焦链" in printed(summary(run, "zh"))


def test_what_somebody_is_paid_to_take_is_not_sold(run: Made) -> None:
    costs = run.table("costs").with_columns(
        amount=pl.when((pl.col("item") == "revenue") & (pl.col("commodity") == "coke")).then(-1.0).otherwise(pl.col("amount")))
    assert "Coke 876 kt" not in printed(summary(run.having(costs=costs), "en"))


def test_a_plan_not_verified_is_said_so(run: Made) -> None:
    doubtful = run.having()
    doubtful.manifest = {**run.manifest, "verified": False}
    assert "NOT verified" in printed(summary(doubtful))


@pytest.mark.parametrize(
    ("gap", "english", "chinese"),
    [(0.978, "the best is at most 98 % better", "最优至多再好 98%"),
     (float("inf"), "how much better the best is is not known", "与最优的差距未知")],
)
def test_a_plan_found_within_a_time_limit_says_how_far_the_best_may_be(
    run: Made, gap: float, english: str, chinese: str
) -> None:
    hurried = run.having()
    hurried.manifest = {**run.manifest, "status": "time limit", "mip_gap": gap}
    assert english in printed(summary(hurried))
    assert chinese in printed(summary(hurried, "zh"))
    assert english in heading(hurried)
    assert english not in printed(summary(run))


def test_a_plan_found_within_a_wide_gap_is_not_called_optimal(run: Made) -> None:
    wide = run.having()
    wide.manifest = {**run.manifest, "status": "optimal", "mip_gap": 0.0047}
    text = printed(summary(wide))
    assert "as good as asked for" in text
    assert "the best is at most 0.47 % better" in text
    wide.manifest = {**run.manifest, "status": "optimal", "mip_gap": 1e-5}
    assert "  optimal" in printed(summary(wide))


@pytest.mark.parametrize("what", ["capacities", "flows", "bottlenecks", "money", "prices", "policies", "elements"])
def test_any_table_or_view_can_be_shown(run: Made, what: str) -> None:
    assert len(printed(show(run, what)).splitlines()) > 3


def test_long_tables_say_how_long_they_are(run: Made) -> None:
    assert "5 of 122,640 rows" in printed(show(run, "flows", rows=5))


def test_a_wrong_name_is_answered_with_the_nearest(run: Made) -> None:
    with pytest.raises(RunError, match="did you mean 'capacities'"):
        show(run, "capacites")


def test_claims_that_fail_come_first(run: Made) -> None:
    class Verdict:
        def __init__(self, **fields: str) -> None:
            self.__dict__.update(fields)

    verdicts = [Verdict(**row) for row in run.table("claims").iter_rows(named=True)]
    text = printed(claims(verdicts))  # type: ignore[arg-type]
    assert text.index("K2") < text.index("K3") < text.index("K1")
    assert "Growth <b>21 %</b>" in text


def test_orders_of_a_simulation_are_told_with_their_dates() -> None:
    rows = pl.DataFrame([
        {"name": "may", "due": 48.0, "delivered": 30.0, "amount": 40.0, "unit": "pair", "late": 0.5, "low": 0.2,
         "high": 0.8, "done_50": 60.0, "done_95": None},
        {"name": "july", "due": None, "delivered": 40.0, "amount": 40.0, "unit": "pair", "late": 0.0, "low": 0.0,
         "high": 0.1, "done_50": 1.0, "done_95": 2.0},
    ])
    told = printed(simulated.orders({"horizon": {"start": "2026-03-02T00:00:00"}}, rows))
    assert "2026-03-04 00:00" in told
    assert "30 of 40 pair" in told
    assert "50.0%" in told
    assert "2026-03-04 12:00" in told
