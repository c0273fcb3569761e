"""What moves when in the animation: runs, levels, stops, and from when to when, as the tables of a trace tell.

Where things stand is said elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from lodeworks.views.report.schematic import Arc
from lodeworks.views.results import Results, optional_table

__all__ = ["busiest", "levels_of", "moves_of", "offs_of", "stops_of", "stretch"]

_MOST_STOPS = 4000
_WAYS = {"drive": "laden", "return": "empty"}  # what a vehicle does between sites


def stretch(rows: pl.DataFrame, moving: pl.DataFrame, most: int) -> tuple[float, float]:
    """Return from which whole hour to when something moves; with more than `most` moves, to the first left out."""
    first = float(rows["hour"].min() or 0.0)  # type: ignore[arg-type]
    changed = rows.filter((pl.col("hour") > first) | (pl.col("kind") == "run"))["hour"]
    begin = max(first, math.floor(float(changed.min() or first)))  # type: ignore[arg-type]
    if moving.height > most:
        return begin, float(moving["hour"][most])
    return begin, max(begin + 1e-6, float(moving["end"].max() or 0.0))  # type: ignore[arg-type]


def moves_of(
    runs: pl.DataFrame, number: Mapping[str, int], ways: Mapping[str, Arc], lanes: list[Arc]
) -> list[list[Any]]:
    """Return each run as start, end, and either its station or, beyond those, its lane, with what moves."""
    found: list[list[Any]] = []
    for hour, end, name in runs.select("hour", "end", "name").iter_rows():
        station = name.partition(": ")[0]
        if name in ways:
            if ways[name] in lanes:
                what = _WAYS.get(name.rpartition(".")[2], "laden")
                found.append([round(hour, 3), round(end, 3), -1 - lanes.index(ways[name]), what])
        elif station in number:
            found.append([round(hour, 3), round(end, 3), number[station], "work"])
    return found


def levels_of(rows: pl.DataFrame, number: Mapping[str, int]) -> list[list[list[float]]]:
    """Return what each queue held from when on; of one instant the last counts."""
    held: list[list[list[float]]] = [[] for _ in number]
    levels = rows.filter((pl.col("kind") == "level") & pl.col("name").is_in(list(number)))
    for hour, name, value in levels.select("hour", "name", "value").iter_rows():
        line, at = held[number[name]], round(hour, 3)
        if line and line[-1][0] == at:
            line[-1][1] = float(f"{value:.5g}")
        else:
            line.append([at, float(f"{value:.5g}")])
    return held


def stops_of(results: Results, number: Mapping[str, int]) -> list[list[Any]]:
    """Return when machines were down and when they were off shift, with how many the station has."""
    gantt = optional_table(results, "gantt")
    if gantt is None:
        return []
    of = gantt.with_columns(pl.col("group").str.split(": ").list.first())
    machines = dict(of.group_by("group").agg(pl.col("machine").n_unique()).rows())
    chosen = of.filter(pl.col("state").is_in(["down", "off shift"]) & pl.col("group").is_in(list(number)))
    return [
        [number[group], round(start, 3), round(end, 3), "down" if state == "down" else "off", machines[group]]
        for group, state, start, end in chosen.select("group", "state", "start", "end").head(_MOST_STOPS).iter_rows()
    ]


def offs_of(stops: list[list[Any]], nodes: int) -> list[list[list[float]]]:
    """Return of each box from when to when all its machines are off shift, or its only one is down.

    What is under way stands still meanwhile.
    """
    edges: list[list[tuple[float, int]]] = [[] for _ in range(nodes)]
    machines = [0] * nodes
    for node, start, end, kind, of in stops:
        if kind == "off" or of == 1:
            edges[node] += [(start, 1), (end, -1)]
            machines[node] = of
    found: list[list[list[float]]] = [[] for _ in range(nodes)]
    for node, line in enumerate(edges):
        off = 0
        for at, change in sorted(line):
            before, off = off, off + change
            if off == machines[node] > before:
                found[node].append([at, at])
            elif before == machines[node] > off:
                found[node][-1][1] = at
    return found


def busiest(moves: list[list[Any]], offs: list[list[list[float]]], begin: float, end: float) -> float:
    """Return when the most moves at once: where the picture opens, which plays only when it is asked to."""
    at = np.linspace(begin, end, 97)[:-1]
    start, until, where = (np.array([move[k] for move in moves], dtype=float) for k in range(3))
    under_way = (start[:, None] <= at) & (at < until[:, None])
    for node, line in enumerate(offs):
        for off, on in line:
            under_way[np.ix_(where == node, (off <= at) & (at < on))] = False
    return float(at[np.argmax(under_way.sum(axis=0))])
