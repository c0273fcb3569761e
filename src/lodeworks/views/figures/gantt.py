"""The Gantt chart of a traced stretch of a simulation: what each machine and vehicle did when.

Every number is one of the run's table `gantt`; here lanes are only chosen, ordered and drawn.
"""

from __future__ import annotations

from datetime import datetime

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.clock import at_clock, milliseconds
from lodeworks.views.figures.simulation import STATE_COLOURS, bar_height
from lodeworks.views.figures.style import PALETTE, empty, height_for, styled
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["GANTT"]

_MOST_LANES = 40
_MOST_BARS = 8000
_TRIP = {  # what a vehicle does, by the part of its trip
    "load": PALETTE[6], "drive": PALETTE[0], "unload": "#2a9d8f", "return": "#a9c4e0", "refuel": "#e76f51",
    "service": "#8a5a6a",
}


def gantt_rows(results: Results) -> pl.DataFrame:
    """Return what each machine and vehicle did, in the chain's order, vehicles last; nothing without a trace."""
    rows = optional_table(results, "gantt")
    elements = optional_table(results, "elements")
    if rows is None or elements is None:
        return pl.DataFrame()
    kind = dict(elements.select("element", "kind").iter_rows())
    order = {name: i for i, name in enumerate(kind)}
    worked = set(rows.filter(pl.col("what") != "")["group"])
    groups = [  # orders that are only taken when they can be are no machines
        group for group in rows["group"].unique(maintain_order=True)
        if group in worked or kind.get(group.partition(".")[0]) not in ("demand", "supply")
    ]
    groups.sort(key=lambda group: (kind.get(group) == "fleet", order.get(group.partition(".")[0], len(order)), group))
    place = pl.DataFrame({"group": groups, "place": range(len(groups))}, schema={"group": pl.String, "place": pl.Int64})
    return rows.join(place, on="group").sort("place", "machine", "start").drop("place").with_columns(
        begin=at_clock(results, pl.col("start")), until=at_clock(results, pl.col("end")))


def lanes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return which machines are drawn: all of small groups and the first of large ones, so that every group is seen."""
    every = rows.select("group", "machine").unique(maintain_order=True)
    counts = dict(every.group_by("group", maintain_order=True).len().iter_rows())
    room, share = _MOST_LANES, {}
    for left, (group, count) in enumerate(sorted(counts.items(), key=lambda item: item[1])):
        share[group] = min(count, max(1, room // (len(counts) - left)))
        room -= share[group]
    limits = pl.DataFrame({"group": list(share), "drawn": list(share.values())})
    drawn = every.join(limits, on="group", maintain_order="left").filter(
        pl.int_range(pl.len()).over("group") < pl.col("drawn"))
    return drawn.select("group", "machine").head(_MOST_LANES)


def gantt(results: Results, language: str = "en") -> go.Figure:
    """Draw machines and vehicles as lanes over time."""
    rows = gantt_rows(results)
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    drawn = lanes(rows)
    several = dict(rows.group_by("group").agg(pl.col("machine").n_unique()).iter_rows())
    rows = rows.join(drawn, on=["group", "machine"], how="semi", maintain_order="left").head(_MOST_BARS)
    part = pl.col("what").str.split(".").list.last()
    trip = (~pl.col("group").str.contains(".", literal=True)) & pl.col("what").str.contains(".", literal=True)
    doing = pl.when(trip).then(part).otherwise(pl.col("state"))
    lane = [words.named(group) + (f" {machine}" if several[group] > 1 else "")
            for group, machine in rows.select("group", "machine").iter_rows()]
    rows = rows.with_columns(lane=pl.Series(lane, dtype=pl.String), doing=doing)
    figure = go.Figure()
    for what, colour in {**STATE_COLOURS, **_TRIP}.items():
        chosen = rows.filter(pl.col("doing") == what)
        if not chosen.is_empty():
            figure.add_bar(
                orientation="h", y=chosen["lane"], base=milliseconds(results, chosen["start"]),
                x=3.6e6 * (chosen["end"] - chosen["start"]).to_numpy(), name=words.say(what),
                marker={"color": colour, "line": {"width": 0.4, "color": "white"}},
                customdata=[_told(words, *row) for row in chosen.select("what", "doing", "begin", "until").iter_rows()],
                hovertemplate="%{y}: %{customdata}<extra></extra>",
            )
    names = list(dict.fromkeys(lane))
    figure = styled(figure, height=height_for(len(names), each=bar_height(len(names)) - 2) + 80)
    figure.update_layout(barmode="overlay", bargap=0.2, legend_y=-60 / figure.layout.height)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])
    ends = pl.Series([rows["start"].min(), rows["end"].max()])
    figure.update_xaxes(type="date", range=milliseconds(results, ends).tolist())
    return figure


def _told(words: Words, what: str, doing: str, begin: datetime, until: datetime) -> str:
    """What a bar says when it is pointed at."""
    return f"{words.named(what) if what else words.say(doing)}, {begin:%H:%M}–{until:%H:%M}"


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), gantt_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    every, drawn = rows.select("group", "machine").n_unique(), len(lanes(rows))
    said = words.pick(f"{every} machines and vehicles in one replication", f"一次仿真中的{every}台机器与车辆")
    if drawn < every:
        said += words.pick(f"; {drawn} are drawn, some of each group", f"，各组各取若干，画出{drawn}台")
    fleets = any("." not in group and "." in what for group, what in rows.select("group", "what").unique().iter_rows())
    waits = words.pick(" A vehicle waits where its lane is empty.", "车辆泳道空白处为等待。") if fleets else ""
    return said + words.pick(".", "。") + waits


GANTT = View(
    "gantt", "Machines and vehicles hour by hour", "机器与车辆甘特图",
    (Column("group", "Group", "机组", "named"), Column("machine", "No.", "编号", "number"),
     Column("what", "Run", "作业", "named"),
     Column("state", "State", "状态", "word"), Column("begin", "From", "起", "time"),
     Column("until", "To", "止", "time")),
    gantt_rows, gantt, _sentence,
)
