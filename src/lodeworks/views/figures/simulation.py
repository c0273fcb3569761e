"""What a simulation shows of its machines: their states, and the plan beside what ran.

Every number is one of the run's tables; here they are only grouped and drawn.
"""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, PALETTE, empty, height_for, pattern, styled
from lodeworks.views.numbers import percent, quantity
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View, reasons
from lodeworks.views.words import Words, say

__all__ = ["AGAINST_PLAN", "STATES", "STATE_COLOURS", "add_states", "apart", "bar_height", "state_rows"]

_STATES = ("working", "setup", "blocked", "starved", "no vehicle", "no pool", "on plan", "no crew", "down", "off shift")
STATE_COLOURS = dict(zip(_STATES, (
    PALETTE[2], PALETTE[6], PALETTE[3], PALETTE[1], "#e0b060", PALETTE[7], PALETTE[4], "#8a5a6a", PALETTE[5], "#c9ced6",
), strict=True))
_MOST_GROUPS = 30


def bar_height(bars: int) -> int:
    """Return how high a bar with its gap is: many stand closer, that a long list still is one sight."""
    return 26 if bars <= 16 else 19


# ---- states ----


def state_rows(results: Results) -> pl.DataFrame:
    """Return each group's share of time in every state, the busiest first; sales, which take what comes, are none."""
    rows = results.table("statistics").filter(pl.col("kind") == "machines")
    elements = optional_table(results, "elements")
    if elements is not None:
        rows = rows.filter(~pl.col("name").is_in(elements.filter(pl.col("kind") == "demand")["element"].to_list()))
    if rows.is_empty():
        return pl.DataFrame()
    wide = rows.pivot("measure", index="name", values="mean", aggregate_function="first").fill_null(0.0)
    wide = wide.with_columns(pl.lit(0.0).alias(state) for state in _STATES if state not in wide.columns)
    on = 1.0 - pl.col("off shift")
    busy = pl.col("working") + pl.col("setup") + pl.col("down") + pl.col("no crew")
    return wide.with_columns(
        busy=pl.when(on > 1e-9).then(busy / on).otherwise(0.0), held=pl.col("blocked") / pl.max_horizontal(on, 1e-9),
    ).sort("busy", descending=True)


def states(results: Results, language: str = "en") -> go.Figure:
    """Draw the share of time in each state as stacked bars."""
    rows = state_rows(results).head(_MOST_GROUPS).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names = apart([words.named(name) for name in rows["name"]])
    figure = go.Figure()
    add_states(figure, rows, names, words, {state: k for k, state in enumerate(_STATES)})
    figure = styled(figure, height=height_for(len(names), each=bar_height(len(names))) + 90)
    figure.update_layout(barmode="stack", legend_y=-60 / figure.layout.height, legend_traceorder="normal")
    figure.update_xaxes(range=[0, 100.01], ticksuffix=words.pick(" %", "%"))
    return figure


def add_states(figure: go.Figure, rows: pl.DataFrame, names: list[str], words: Words, drawn: dict[str, int]) -> None:
    """Add bars of the share of time in each state that occurs; `drawn` are states with their patterns' numbers."""
    for state, k in drawn.items():
        if rows[state].max():
            figure.add_bar(
                orientation="h", y=names, x=[100.0 * (v or 0.0) for v in rows[state]], name=words.say(state),
                marker={"color": STATE_COLOURS[state], "pattern": pattern(k)},
                hovertemplate="%{y}: " + words.say(state) + " %{x:.1f} %<extra></extra>",
            )


def apart(names: list[str]) -> list[str]:
    """Number names that are alike, so that each has a bar of its own."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _states_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), state_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    return words.pick(
        f"{len(rows)} groups of machines, loading points and pumps; the busiest of their open time first.",
        f"{len(rows)}组机器、装卸位与加注枪，按开班时间内的工作占比排列。",
    )


# ---- the plan beside ----


def against_rows(results: Results) -> pl.DataFrame:
    """Return what was planned beside what ran; nothing where no plan was followed."""
    rows = optional_table(results, "against_plan")
    if rows is None:
        return pl.DataFrame()
    # A run of before says no time of it.
    never: dict[str, pl.DataType] = {"from": pl.Datetime("ms"), "to": pl.Datetime("ms"), "lost": pl.Float64()}
    return rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in never.items() if name not in rows.columns)


def against(results: Results, language: str = "en") -> go.Figure:
    """Draw what ran as a share of what was planned, with its interval; what held it back is told when pointed at."""
    rows = against_rows(results).filter(pl.col("planned") > 0.0).head(40).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    share = [100.0 * m / p for m, p in rows.select("mean", "planned").iter_rows()]
    half = [100.0 * (h - m) / p for h, m, p in rows.select("high", "mean", "planned").iter_rows()]
    names = apart([words.named(name) for name in rows["name"]])
    figure = go.Figure(go.Bar(
        orientation="h", x=share, y=names, marker={"color": PALETTE[0]},
        error_x={"type": "data", "array": half, "color": INK},
        hovertemplate="%{y}: %{x:.1f} %  %{customdata}<extra></extra>",
        customdata=[reasons(why, words) for why in rows["why"]],
    ))
    figure.add_scatter(
        x=[max(part + wide, 100.0) for part, wide in zip(share, half, strict=True)], y=names, mode="text",
        text=[f" {percent(part / 100.0, language)}" for part in share], textposition="middle right", cliponaxis=False,
        hoverinfo="skip",
    )
    figure = styled(figure, height=height_for(len(rows), each=bar_height(len(rows))) + 20, legend=False)
    figure.add_vline(x=100.0, line={"color": PALETTE[3], "dash": "dash"})
    marks, sign = [0, 50, 100], words.pick(" %", "%")
    figure.update_xaxes(range=[0, max(125.0, max(share) + 25.0)], tickvals=marks,
                        ticktext=[f"{mark}{sign}" for mark in marks], title_text=words.pick("of the plan", "占计划"))
    return figure


def _against_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), against_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    behind = rows.filter(pl.col("high") < pl.col("planned") * (1 - 1e-6))
    said = words.pick(f"{len(behind)} of {len(rows)} fall behind the plan for sure",
                      f"{len(rows)}项中有{len(behind)}项确定落后于计划")
    if behind.is_empty():
        return said + words.pick(".", "。")
    worst = behind.sort(pl.col("mean") / pl.col("planned")).row(0, named=True)
    why = reasons(worst["why"], words)
    name, part = words.named(worst["name"]), percent(worst["mean"] / worst["planned"], language)
    told = words.pick(f"; furthest {name}, {part} of it", f"；最落后的是{name}，为计划的{part}")
    when = ""
    if worst.get("from") is not None:  # a run of before has no time of it
        begin, end = (f"{worst[key]:%m-%d %H:%M}" for key in ("from", "to"))
        lost = quantity(worst["lost"], worst["unit"], language)
        when = words.pick(f"; most of it from {begin} to {end} ({lost})", f"；{begin}至{end}落后最多（{lost}）")
    return said + told + (words.pick(f": {why}", f"：{why}") if why else "") + when + words.pick(".", "。")


STATES = View(
    "states", "What machines do", "机器在做什么",
    (Column("name", "Group", "机组", "named"), *(Column(s, say(s, "en"), say(s, "zh"), "percent") for s in _STATES)),
    state_rows, states, _states_sentence,
)
AGAINST_PLAN = View(
    "against", "The plan beside what happens", "计划与实际",
    (Column("name", "Element", "环节", "named"), Column("planned", "Planned", "计划", "amount", "unit"),
     Column("mean", "Ran", "实际", "amount", "unit"), Column("low", "from", "低", "amount", "unit"),
     Column("high", "to", "高", "amount", "unit"), Column("why", "Held back by", "原因", "reasons"),
     Column("from", "Most behind from", "落后最多自", "time"), Column("to", "until", "至", "time"),
     Column("lost", "lost there", "其间少", "amount", "unit")),
    against_rows, against, _against_sentence,
)
