"""What holds a simulated chain back: machines and pools by how busy they are while open, with the evidence beside.

Every number is one of the run's table `statistics`; here they are only put beside one another and drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from lodeworks.units import Units, parse_quantity
from lodeworks.views.figures.simulation import add_states, apart, bar_height, state_rows
from lodeworks.views.figures.style import empty, height_for, styled
from lodeworks.views.numbers import duration, percent
from lodeworks.views.results import Results, horizon_hours, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["BOTTLENECK", "bottleneck_rows"]

_MOST_BARS = 20
_SHORT, _AT_LIMIT = 0.85, 0.95
_WELL_BEFORE = 0.9  # of the horizon
_BUSY = ("working", "setup", "down")


def bottleneck_rows(results: Results) -> pl.DataFrame:
    """Return groups and pools by how busy they are while they are open, with the evidence beside.

    Shares are of the open time. What people do beside a machine that waits for room is no work: that part of a pool's
    use is told as blocked.
    """
    rows = state_rows(results)
    found = [*_machines(results, rows), *_pools(results, rows)]
    shares = ("busy", *_BUSY, "blocked", "starved", "no_pool")
    schema = {"name": pl.String, **dict.fromkeys(shares, pl.Float64), "before": pl.Float64}
    return pl.DataFrame(found, schema=schema).sort(
        pl.col("busy").round(3), pl.col("starved").fill_null(0.0).round(3), "working", descending=[True, False, True])


def _machines(results: Results, rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Machines; what stands before each is the longest wait of its inputs."""
    elements = optional_table(results, "elements")
    sites = dict(elements.select("element", "site").iter_rows()) if elements is not None else {}
    waits = {name: mean for name, measure, mean in results.table("statistics").select("name", "measure", "mean").rows()
             if measure == "wait"}
    for row in rows.iter_rows(named=True):
        name = row["name"]
        inputs = (results.chain.get("processes") or {}).get(name, {}).get("inputs") or {}
        places = [f"{commodity}@{sites[name]}" if sites.get(name) else commodity for commodity in inputs]
        on = max(1.0 - row["off shift"], 1e-9)
        yield {
            "name": name, "busy": row["busy"], "working": row["working"] / on, "setup": row["setup"] / on,
            "down": (row["down"] + row["no crew"]) / on, "blocked": row["blocked"] / on,
            "starved": (row["starved"] + row["no vehicle"]) / on, "no_pool": row["no pool"] / on,
            "before": max((waits[place] for place in places if place in waits), default=None),
        }


def _pools(results: Results, rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Pools, what they hold beside blocked machines apart."""
    states = {row["name"]: row for row in rows.iter_rows(named=True)}
    pools = results.table("statistics").filter((pl.col("kind") == "pool") & (pl.col("measure") == "used"))
    for name, used in pools.select("name", "mean").iter_rows():
        held = blocked = 0.0
        for worker, units in _crews(results.chain, name):
            if worker in states:
                blocked += units * states[worker]["blocked"]
                held += units * (states[worker]["blocked"] + states[worker]["working"] + states[worker]["setup"])
        part = blocked / held if held > 0.0 else 0.0
        yield {"name": name, "busy": used * (1.0 - part), "working": used * (1.0 - part), "blocked": used * part}


def _crews(chain: Mapping[str, Any], pool: str) -> Iterator[tuple[str, float]]:
    """Yield who works with a pool and how much of it all his machines hold, in the pool's unit."""
    units = Units.of({str(name): str(said or "") for name, said in (chain.get("units") or {}).items()})
    own = parse_quantity(chain["pools"][pool]["amount"]).unit
    for section in ("processes", "supplies", "demands", "routes"):
        for name, entity in (chain.get(section) or {}).items():
            runs = entity.get("runs") or {}
            written = (runs.get("crew") or {}).get(pool)
            if written is not None:
                held = parse_quantity(written)
                each = units.convert(held, own) if held.unit else held.value
                yield name, each * parse_quantity(runs.get("servers", 1)).value


def bottleneck(results: Results, language: str = "en") -> go.Figure:
    """Draw how busy each group and pool is while it is open: at work, being set up, or down."""
    rows = bottleneck_rows(results).head(_MOST_BARS).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names = apart([words.named(name) for name in rows["name"]])
    figure = go.Figure()
    add_states(figure, rows, names, words, {state: 2 * k for k, state in enumerate(_BUSY)})
    figure.add_scatter(
        x=[100.0 * v for v in rows["busy"]], y=names, mode="text", textposition="middle right", cliponaxis=False,
        text=[f" {percent(v, language)}" for v in rows["busy"]], hoverinfo="skip", showlegend=False,
    )
    figure = styled(figure, height=height_for(len(rows), each=bar_height(len(rows))) + 50)
    figure.update_layout(barmode="stack", legend_y=-45 / figure.layout.height, legend_traceorder="normal")
    figure.update_xaxes(range=[0, 112], ticksuffix=words.pick(" %", "%"))
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), bottleneck_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    return _who_binds(words, rows) + _work_is_done(results, words)


def _work_is_done(results: Results, words: Words) -> str:
    """Say when all that was ordered is delivered, where that is long before the end: shares count the time after it."""
    orders = optional_table(results, "orders")
    if orders is None or orders.is_empty() or orders["complete"].min() < 1.0:  # type: ignore[operator]
        return ""
    done, hours = float(orders["done_50"].max()), horizon_hours(results)  # type: ignore[arg-type]
    if done > _WELL_BEFORE * hours:
        return ""
    by, of = duration(done, words.language), duration(hours, words.language)
    return words.pick(f" All that was ordered is delivered after {by} (median); shares are of all {of}.",
                      f"全部订单在{by}后交付完毕（中位数）；占比按全部{of}计算。")


def _who_binds(words: Words, rows: pl.DataFrame) -> str:
    language = words.language
    first = rows.row(0, named=True)
    name, busy = words.named(first["name"]), percent(first["busy"], language)
    if first["busy"] < _SHORT:
        return words.pick(f"Nothing works all of its open time: the busiest, {name}, {busy} of it",
                          f"没有环节在开班时间内一直在忙：最忙的{name}占{busy}") + _waits_for_pool(words, rows)
    full = [words.named(row) for row in rows.filter(pl.col("busy") >= _AT_LIMIT)["name"]]
    if len(full) > 1:
        some = words.pick(", ", "、").join(full[:4])
        more = words.pick(f" and {len(full) - 4} more", f"等{len(full)}个") if len(full) > 4 else ""
        said = words.pick(f"At their limit: {some}{more}, the first busy {busy} of the time it is open.",
                          f"已到极限：{some}{more}，第一个开班时间内{busy}在忙。")
    else:
        said = words.pick(f"Bottleneck: {name}, busy {busy} of the time it is open.",
                          f"瓶颈是{name}：开班时间内{busy}在忙。")
    before = rows.filter((pl.col("busy") >= min(_AT_LIMIT, first["busy"])) & (pl.col("before") > 0.0))
    if before.is_empty():
        return said
    queue = before.sort("before", descending=True).row(0, named=True)
    wait = duration(queue["before"], language)
    return said + words.pick(f" What {words.named(queue['name'])} works on has waited {wait} before it.",
                             f"{words.named(queue['name'])}之前平均等{wait}。")


def _waits_for_pool(words: Words, rows: pl.DataFrame) -> str:
    """Say who waits most for people, weather or whatever else a pool is."""
    waits = rows.filter(pl.col("no_pool") > 0.05).sort("no_pool", descending=True)
    if waits.is_empty():
        return words.pick(".", "。")
    name, share = words.named(waits["name"][0]), percent(waits["no_pool"][0], words.language)
    return words.pick(f"; {name} waits {share} of its own for a pool it needs.",
                      f"；{name}有{share}的时间在等所需的资源池。")


BOTTLENECK = View(
    "binding", "What binds", "瓶颈",
    (Column("name", "Group or pool", "机组或人手", "named"), Column("busy", "Busy while open", "开班忙碌", "percent"),
     Column("down", "of it down", "其中故障", "percent"), Column("blocked", "Blocked", "阻塞", "percent"),
     Column("starved", "Starved", "缺料", "percent"), Column("no_pool", "Waits for a pool", "等人手", "percent"),
     Column("before", "What it takes waited", "所取物料等待", "duration")),
    bottleneck_rows, bottleneck, _sentence,
)
