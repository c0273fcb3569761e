"""How near the best a plan is that was decided on fewer steps or in windows: round by round, window by window."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import DASHES, PALETTE, empty, styled
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["ROUNDS", "ROUND_VIEWS", "WINDOWS"]


_LINES = (("bound", "No plan is better", "任何方案不优于此"), ("achieved", "Run on all steps", "按全部时段运行"),
          ("promised", "Promised by the fewer steps", "归并后的预计"))


def round_rows(results: Results) -> pl.DataFrame:
    """Return the rounds in which a plan on fewer steps was found."""
    table = optional_table(results, "rounds")
    if table is None:
        return ROUNDS.nothing()
    return table.with_columns(unit=pl.lit(results.manifest["objective"]["unit"]))


def round_figure(results: Results, language: str = "en") -> go.Figure:
    """Draw what each round promised and achieved, and the bound between which and that the best lies."""
    rows = round_rows(results)
    if rows.is_empty():
        return empty(language)
    words, unit = Words(results, language), str(results.manifest["objective"]["unit"])
    known = [abs(value) for name, _, _ in _LINES for value in rows[name].to_list() if value is not None]
    divisor, unit = words.scale(max(known, default=0.0), unit)
    names = [f"{number}: {pieces:,} {words.say(by)}"
             for number, (by, pieces) in enumerate(rows.select("by", "pieces").iter_rows(), 1)]
    figure = go.Figure()
    for k, (column, english, chinese) in enumerate(_LINES):
        figure.add_scatter(
            x=names, y=[None if value is None else value / divisor for value in rows[column].to_list()],
            name=words.pick(english, chinese), mode="lines+markers",
            line={"color": PALETTE[k], "dash": DASHES[k % len(DASHES)]},
            hovertemplate="%{x}: %{y:.5g}<extra></extra>",
        )
    figure = styled(figure, height=380)
    figure.update_yaxes(title_text=unit)
    return figure


def _round_sentence(results: Results, language: str) -> str:
    from lodeworks.views.report.headline import certified_text

    words, rows = Words(results, language), round_rows(results)
    text = words.pick(*certified_text(results.manifest["certified"])) + words.pick(".", "。")
    text += words.pick(
        " Each round decides what is built on fewer steps, runs all with it, and bounds what any plan could reach.",
        "每一轮按较少的时段决定新建，再按全部时段运行，并给出任何方案都不能超过的界。",
    )
    short = rows["achieved"].null_count()
    if short:
        text += words.pick(
            f" In {short} of {len(rows)} what was built fell short on some steps (–); these stay whole from then on.",
            f"其中{short}轮的新建在某些时段不够用（–），这些时段此后保持原样。",
        )
    return text


def window_rows(results: Results) -> pl.DataFrame:
    """Return the windows in which what is on and off was decided."""
    table = optional_table(results, "windows")
    return WINDOWS.nothing() if table is None else table


def _window_sentence(results: Results, language: str) -> str:
    from lodeworks.views.report.headline import rolled_text

    words, rows = Words(results, language), window_rows(results)
    text = words.pick(*rolled_text(results.manifest["rolling"])) + words.pick(".", "。")
    back = int((rows["again"] > 0).sum())
    if back:
        text += words.pick(f" {back} of them had no plan where the one before had ended, and began again further back.",
                           f"其中{back}个接不上前一窗口，从更早处重新开始。")
    return text


ROUNDS = View(
    "rounds", "Round by round", "逐轮结果",
    (
        Column("by", "Decided on", "归并方式", "word"),
        Column("pieces", "How many", "数量", "number"),
        Column("promised", "Promised by them", "归并后预计", "amount", "unit"),
        Column("achieved", "Run on all steps", "按全部时段运行", "amount", "unit"),
        Column("bound", "No plan is better", "任何方案不优于此", "amount", "unit"),
        Column("gap", "From the best, at most", "与最优的差距至多", "bound"),
        Column("seconds", "Seconds", "用时（秒）", "number"),
    ),
    round_rows, round_figure, _round_sentence,
)
WINDOWS = View(
    "windows", "Window by window", "逐窗口结果",
    (
        Column("begin_h", "From hour", "起（小时）", "number"),
        Column("end_h", "Decided to hour", "定至（小时）", "number"),
        Column("ahead_h", "Looked ahead to hour", "前瞻至（小时）", "number"),
        Column("integers", "Whole numbers", "整数变量", "number"),
        Column("gap", "From its own best, at most", "与本窗口最优的差距至多", "bound"),
        Column("again", "Begun again", "重新开始次数", "number"),
        Column("seconds", "Seconds", "用时（秒）", "number"),
    ),
    window_rows, None, _window_sentence,
)
ROUND_VIEWS: tuple[View, ...] = (ROUNDS, WINDOWS)
"""The views of plans on fewer steps and in windows; empty for other runs."""
