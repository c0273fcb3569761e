"""How near the best: rounds of a plan on fewer steps and windows of one decided by windows, told by their tables alone."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from rich.console import Console

from lodeworks.views.figures.rounds import ROUND_VIEWS, ROUNDS, WINDOWS
from lodeworks.views.report.headline import status_word
from lodeworks.views.terminal import show, summary
from tests.views.synthetic import Made

CERTIFIED = {"pieces": 317, "gap": 0.0131, "by": "segments", "better": "segments"}
ROLLED = {"windows": 2, "window_h": 168.0, "gap": 0.00123}


@pytest.fixture
def fewer(run: Made) -> Made:
    rounds = pl.DataFrame({
        "by": ["days", "segments"], "pieces": [4, 317], "promised": [19.1e6, 24.2e6], "achieved": [None, 24.7e6],
        "bound": [24.0e6, 24.38e6], "gap": [None, 0.0131], "seconds": [2.7, 1.4]})
    made = run.having(rounds=rounds)
    made.manifest = {**run.manifest, "certified": CERTIFIED}
    return made


@pytest.fixture
def rolled(run: Made) -> Made:
    windows = pl.DataFrame({"begin_h": [0.0, 168.0], "end_h": [168.0, 336.0], "ahead_h": [216.0, 336.0], "columns": [9, 9],
                            "integers": [4, 4], "gap": [1e-6, 1.72e-4], "again": [0, 1], "seconds": [4.3, 2.9], "slice": ["", ""]})
    made = run.having(windows=windows)
    made.manifest = {**run.manifest, "rolling": ROLLED}
    return made


def printed(what: Any) -> str:
    console = Console(width=160, record=True)
    console.print(what)
    return console.export_text()


def test_rounds_are_told_in_words(fewer: Made) -> None:
    text = printed(show(fewer, "rounds"))
    assert all(word in text for word in ("typical days", "merged steps", "24.38 MCNY", "1.4 %", "–"))
    assert "典型日" in printed(show(fewer, "rounds", "zh"))
    assert "In 1 of 2 what was built fell short" in ROUNDS.sentence(fewer, "en")
    assert [trace.name for trace in ROUNDS.figure(fewer, "en").data] == [  # type: ignore[misc]
        "No plan is better", "Run on all steps", "Promised by the fewer steps"]


def test_windows_are_told_in_words(rolled: Made) -> None:
    text = printed(show(rolled, "windows"))
    assert "Looked ahead to hour" in text
    assert "0.018 %" in text, "a gap of 0.017 % and a little is never told as less"
    assert "1 of them had no plan where the one before had ended" in WINDOWS.sentence(rolled, "en")


def test_a_plan_with_a_bound_is_not_called_optimal_and_says_where_more_is_told(fewer: Made, rolled: Made) -> None:
    for made, what in ((fewer, "rounds"), (rolled, "windows")):
        text = " ".join(printed(summary(made)).split())
        assert "optimal" not in text
        assert f"lodeworks show RUN {what}" in text
    assert status_word({"status": "optimal", "certified": {**CERTIFIED, "gap": 5e-5}}) == "optimal"
    assert status_word({"status": "optimal", "certified": {**CERTIFIED, "gap": None}}) == "feasible"


def test_other_runs_have_no_rounds(run: Made) -> None:
    assert all(view.rows(run).is_empty() for view in ROUND_VIEWS)
