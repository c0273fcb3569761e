"""What a simulation shows: states of machines, the bottleneck, stocks with bands, waits, the plan beside.

Every number is one of the run's tables; here they are only grouped and drawn.
"""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, PALETTE, empty, faded, height_for, pattern, styled
from lodeworks.views.numbers import digits, percent
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words, say

__all__ = [
    "AGAINST_PLAN", "BOTTLENECK", "STATES", "STATE_COLOURS", "WAITS", "bar_height", "level_views", "quantile_marks",
]

_STATES = ("working", "setup", "blocked", "starved", "no vehicle", "no pool", "on plan", "no crew", "down", "off shift")
STATE_COLOURS = dict(zip(_STATES, (
    PALETTE[2], PALETTE[6], PALETTE[3], PALETTE[1], "#e0b060", PALETTE[7], PALETTE[4], "#8a5a6a", PALETTE[5], "#c9ced6",
), strict=True))
_MOST_GROUPS = 30
_MOST_PLACES = 10


def bar_height(bars: int) -> int:
    """Return how high a bar with its gap is: many stand closer, that a long list still is one sight."""
    return 26 if bars <= 16 else 19


# ---- states and the bottleneck ----


def state_rows(results: Results) -> pl.DataFrame:
    """Return each group's share of time in every state, the busiest first."""
    rows = results.table("statistics").filter(pl.col("kind") == "machines")
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
    names = _apart([words.named(name) for name in rows["name"]])
    figure = go.Figure()
    for k, state in enumerate(_STATES):
        if rows[state].max():
            figure.add_bar(
                orientation="h", y=names, x=[100.0 * v for v in rows[state]], name=words.say(state),
                marker={"color": STATE_COLOURS[state], "pattern": pattern(k)},
                hovertemplate="%{y}: " + words.say(state) + " %{x:.1f} %<extra></extra>",
            )
    figure = styled(figure, height=height_for(len(names), each=bar_height(len(names))) + 90)
    figure.update_layout(barmode="stack", legend_y=-60 / figure.layout.height, legend_traceorder="normal")
    figure.update_xaxes(range=[0, 100.01], ticksuffix=words.pick(" %", "%"))
    return figure


def _apart(names: list[str]) -> list[str]:
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


def bottleneck_rows(results: Results) -> pl.DataFrame:
    """Return groups and pools by how busy they are while they are open, with the evidence beside."""
    rows = state_rows(results)
    machines = rows.filter(~pl.col("name").is_in(_sales(results))) if not rows.is_empty() else rows
    found = [
        {"name": r["name"], "busy": r["busy"], "blocked": r["blocked"], "starved": r["starved"] + r["no vehicle"],
         "down": r["down"] + r["no crew"]} for r in machines.iter_rows(named=True)
    ]
    pools = results.table("statistics").filter(pl.col("kind") == "pool")
    found += [{"name": r["name"], "busy": r["mean"], "blocked": None, "starved": None, "down": None}
              for r in pools.iter_rows(named=True)]
    schema = {"name": pl.String, "busy": pl.Float64, "blocked": pl.Float64, "starved": pl.Float64, "down": pl.Float64}
    return pl.DataFrame(found, schema=schema).sort("busy", descending=True)


def _sales(results: Results) -> list[str]:
    elements = optional_table(results, "elements")
    if elements is None:
        return []
    return elements.filter(pl.col("kind").is_in(["demand", "supply"]))["element"].to_list()


def bottleneck(results: Results, language: str = "en") -> go.Figure:
    """Draw how busy each group and pool is while it is open."""
    rows = bottleneck_rows(results).head(20).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    figure = go.Figure(go.Bar(
        orientation="h", y=_apart([words.named(name) for name in rows["name"]]), x=[100.0 * v for v in rows["busy"]],
        marker_color=[PALETTE[5] if v > 0.95 else PALETTE[0] for v in rows["busy"]],
        text=[f" {percent(v, language)}" for v in rows["busy"]], textposition="outside", cliponaxis=False,
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    ))
    figure = styled(figure, height=height_for(len(rows), each=bar_height(len(rows))), legend=False)
    figure.update_xaxes(range=[0, 112], ticksuffix=words.pick(" %", "%"))
    return figure


def _bottleneck_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), bottleneck_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    first = rows.row(0, named=True)
    name = words.named(first["name"])
    if first["busy"] < 0.85:
        return words.pick(
            f"Nothing is short: the busiest, {name}, works {percent(first['busy'])} of the time it is open.",
            f"没有瓶颈：最忙的{name}开班时间内工作{percent(first['busy'], 'zh')}。",
        )
    return words.pick(
        f"Bottleneck: {name}, busy {percent(first['busy'])} of the time it is open. What stands before a bottleneck "
        "is blocked, what stands behind it is starved.",
        f"瓶颈是{name}：开班时间内{percent(first['busy'], 'zh')}在忙。瓶颈之前的环节多为阻塞，之后的多为缺料。",
    )


# ---- stocks and queues ----


def level_views(results: Results) -> list[View]:
    """Return a view for each place where something waits, those that hold most of their own greatest first."""
    rows = optional_table(results, "levels")
    if rows is None:
        return []
    held = rows.group_by("name", maintain_order=True).agg(pl.col("mean").mean().alias("mean"), pl.col("high").max())
    plain = held.filter((pl.col("high") > 0.0) & (pl.col("mean") > 1e-6))
    stores = _stores(results)
    stored = {name for name in plain["name"] if name in stores or name.startswith("orders of ")}
    ranked = sorted(plain.iter_rows(named=True), key=lambda r: (r["name"] not in stored, -r["mean"] / r["high"]))
    return [_level_view(row["name"], results) for row in ranked[:_MOST_PLACES]]


def _stores(results: Results) -> set[str]:
    """Return the places that are stores, as `commodity@site`."""
    elements = optional_table(results, "elements")
    if elements is None:
        return set()
    rows = elements.filter(pl.col("kind") == "store").select("commodity", "site").iter_rows()
    return {f"{commodity}@{site}" if site else str(commodity) for commodity, site in rows}


def _level_view(name: str, results: Results) -> View:
    key = "level_" + "".join(c if c.isalnum() else "_" for c in name)
    titles = [Words(results, language).named(name) for language in ("en", "zh")]
    return View(
        key, titles[0], titles[1],
        (Column("hour", "Hour", "小时", "number"), Column("mean", "Mean", "平均", "number"),
         Column("low", "10 %", "10%", "number"), Column("high", "90 %", "90%", "number")),
        partial(_level_rows, name), partial(_level_figure, name), partial(_level_sentence, name),
    )


def _level_rows(name: str, results: Results) -> pl.DataFrame:
    return results.table("levels").filter(pl.col("name") == name).drop("name")


def _level_figure(name: str, results: Results, language: str = "en") -> go.Figure:
    words, rows = Words(results, language), _level_rows(name, results)
    days = rows["hour"] / 24.0 if rows["hour"][-1] > 72.0 else rows["hour"]
    figure = go.Figure()
    figure.add_scatter(x=days, y=rows["high"], mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
    figure.add_scatter(x=days, y=rows["low"], mode="lines", line={"width": 0}, fill="tonexty",
                       fillcolor=faded(PALETTE[0], 0.25), name=words.pick("8 of 10 replications", "十次中八次"),
                       hoverinfo="skip")
    figure.add_scatter(x=days, y=rows["mean"], mode="lines", line={"color": PALETTE[0], "width": 2},
                       name=words.pick("mean", "平均"), hovertemplate="%{x:.2f}: %{y:.4~r}<extra></extra>")
    figure = styled(figure, height=340)
    figure.update_xaxes(title_text=words.pick("days", "天") if rows["hour"][-1] > 72.0 else words.pick("hours", "小时"))
    figure.update_yaxes(rangemode="tozero")
    return figure


def _level_sentence(name: str, results: Results, language: str) -> str:
    words, rows = Words(results, language), _level_rows(name, results)
    mean, most = rows["mean"].mean(), rows["high"].max()
    assert isinstance(mean, float)
    assert isinstance(most, float)
    return words.pick(
        f"{words.named(name)}: {digits(mean)} on average; 9 of 10 replications never hold more than {digits(most)} "
        "between two marks.",
        f"{words.named(name)}：平均{digits(mean)}；十次中九次各时段平均不超过{digits(most)}。",
    )


# ---- waits ----


def wait_rows(results: Results) -> pl.DataFrame:
    """Return quantiles of stays by place, longest first."""
    rows = results.table("waits")
    if rows.is_empty():
        return pl.DataFrame()
    wide = rows.with_columns(q=pl.format("q{}", (pl.col("quantile") * 100).round().cast(pl.Int64))).pivot(
        "q", index="name", values="mean", aggregate_function="first")
    return wide.filter(pl.col("q95") > 1e-3).sort("q95", descending=True)


def waits(results: Results, language: str = "en") -> go.Figure:
    """Draw the median, 80th and 95th percentile of stays."""
    rows = wait_rows(results).head(24).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names = _apart([words.named(name) for name in rows["name"]])
    figure = quantile_marks(
        rows, names, {q: words.pick(f"{q[1:]} of 100 shorter", f"{q[1:]}%更短") for q in ("q50", "q80", "q95")},
        shown="%{x:.3~r} h",
    )
    figure = styled(figure, height=height_for(len(names), each=bar_height(len(names))) + 80)
    figure.update_layout(legend_y=-70 / figure.layout.height)
    figure.update_xaxes(type="log", title_text=words.pick("hours (each mark tenfold)", "小时（对数）"), dtick=1)
    return figure


def quantile_marks(rows: pl.DataFrame, names: list[str], titles: dict[str, str], shown: str) -> go.Figure:
    """Return a figure with a mark for each quantile: `titles` by column, and how a number is shown when pointed at."""
    figure = go.Figure()
    for k, (column, title) in enumerate(titles.items()):
        figure.add_scatter(
            mode="markers", x=rows[column], y=names, name=title,
            marker={"symbol": ("circle", "diamond", "square")[k], "size": 11, "color": PALETTE[k]},
            hovertemplate=f"%{{y}}: {shown}<extra></extra>",
        )
    return figure


def _waits_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), wait_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    first = rows.row(0, named=True)
    return words.pick(
        f"Longest: {words.named(first['name'])}; half stay {digits(first['q50'])} h or less, 95 of 100 "
        f"{digits(first['q95'])} h or less. Where lots leave the chain, it is their age since they came in.",
        f"最长：{words.named(first['name'])}，一半不超过{digits(first['q50'])}小时，95%不超过{digits(first['q95'])}小时。"
        "离开全链处为自进入以来的时间。",
    )


# ---- the plan beside ----


def against_rows(results: Results) -> pl.DataFrame:
    """Return what was planned beside what ran; nothing where no plan was followed."""
    rows = optional_table(results, "against_plan")
    return rows if rows is not None else pl.DataFrame()


def against(results: Results, language: str = "en") -> go.Figure:
    """Draw what ran as a share of what was planned, with its interval."""
    rows = against_rows(results).filter(pl.col("planned") > 0.0).head(40).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    share = [100.0 * m / p for m, p in rows.select("mean", "planned").iter_rows()]
    half = [100.0 * (h - m) / p for h, m, p in rows.select("high", "mean", "planned").iter_rows()]
    figure = go.Figure(go.Scatter(
        mode="markers", x=share, y=_apart([words.named(name) for name in rows["name"]]),
        error_x={"type": "data", "array": half, "color": INK}, marker={"size": 10, "color": PALETTE[0]},
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    ))
    figure = styled(figure, height=height_for(len(rows), each=24), legend=False)
    figure.add_vline(x=100.0, line={"color": PALETTE[3], "dash": "dash"})
    figure.update_xaxes(ticksuffix=words.pick(" %", "%"), title_text=words.pick("of the plan", "占计划"))
    return figure


def _against_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), against_rows(results)
    behind = rows.filter(pl.col("high") < pl.col("planned") * (1 - 1e-6)) if not rows.is_empty() else rows
    return words.pick(
        f"{len(behind)} of {len(rows)} fall behind the plan for sure; what held them back stands in the table.",
        f"{len(rows)}项中有{len(behind)}项确定落后于计划，原因见表。",
    )


STATES = View(
    "states", "What machines do", "机器在做什么",
    (Column("name", "Group", "机组", "named"), *(Column(s, say(s, "en"), say(s, "zh"), "percent") for s in _STATES)),
    state_rows, states, _states_sentence,
)
BOTTLENECK = View(
    "binding", "What binds", "瓶颈",
    (Column("name", "Group or pool", "机组或人手", "named"), Column("busy", "Busy while open", "开班忙碌", "percent"),
     Column("blocked", "Blocked", "阻塞", "percent"), Column("starved", "Starved", "缺料", "percent"),
     Column("down", "Down", "故障", "percent")),
    bottleneck_rows, bottleneck, _bottleneck_sentence,
)
WAITS = View(
    "waits", "How long things wait", "等待时间",
    (Column("name", "Place", "位置", "named"), Column("q50", "Half within, h", "一半不超过(h)", "number"),
     Column("q80", "80 % within, h", "80%不超过(h)", "number"),
     Column("q95", "95 % within, h", "95%不超过(h)", "number"),
     Column("q99", "99 % within, h", "99%不超过(h)", "number")),
    wait_rows, waits, _waits_sentence,
)
AGAINST_PLAN = View(
    "against", "The plan beside what happens", "计划与实际",
    (Column("name", "Element", "环节", "named"), Column("planned", "Planned", "计划", "amount", "unit"),
     Column("mean", "Ran", "实际", "amount", "unit"), Column("low", "from", "低", "amount", "unit"),
     Column("high", "to", "高", "amount", "unit"), Column("why", "Held back by", "原因")),
    against_rows, against, _against_sentence,
)
