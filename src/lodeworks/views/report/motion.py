"""The animation of a traced stretch of time: stations in the order of the flow, batches that move, levels that rise.

The picture is drawn in the page from the rows of the table `motion`; the script beside this module only moves it.
"""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files

import polars as pl

from lodeworks.views.report.markup import both
from lodeworks.views.results import Results, optional_table
from lodeworks.views.words import Words

__all__ = ["animation"]

_MOST_MOVES = 6000
_MOST_PLACES = 60


def animation(results: Results) -> str:
    """Return the animation as HTML; nothing where no trace was kept."""
    rows = optional_table(results, "motion")
    if rows is None:
        return ""
    runs = rows.filter((pl.col("kind") == "run") & (pl.col("from") != "") & (pl.col("to") != "")).head(_MOST_MOVES)
    levels = rows.filter(pl.col("kind") == "level")
    places = _columns(runs)
    if not places:
        return ""
    number = {name: i for i, name in enumerate(places)}
    begin = float(rows["hour"].min() or 0.0)  # type: ignore[arg-type]
    last = runs["end"].max()
    end = float(last) if isinstance(last, float) else begin + 1.0
    moves = [[round(h, 4), round(e, 4), number[a], number[b]] for h, e, a, b in runs.select("hour", "end", "from", "to")
             .iter_rows() if a in number and b in number]
    held: list[list[list[float]]] = [[] for _ in places]
    for hour, name, value in levels.filter(pl.col("name").is_in(places)).select("hour", "name", "value").iter_rows():
        line = held[number[name]]
        if line and line[-1][0] == round(hour, 3):
            line[-1][1] = round(value, 4)
        else:
            line.append([round(hour, 3), round(value, 4)])
    words = {language: Words(results, language) for language in ("zh", "en")}
    data = {
        "begin": begin, "end": end, "moves": moves, "levels": held, "columns": list(places.values()),
        "names": {language: [word.named(name) for name in places] for language, word in words.items()},
    }
    script = (files(__package__) / "motion.js").read_text(encoding="utf-8")
    inside = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return (
        f'<p class="seen">{both("每个圆点是一批货或一辆车；方框内的横条是该处的存量。", _SAID)}</p>'
        '<div class="motion"><div class="motion-bar">'
        '<button type="button" id="motion-play" aria-label="play">▶</button>'
        '<input type="range" id="motion-time" min="0" max="1000" value="0" aria-label="time">'
        '<select id="motion-speed" aria-label="speed"><option value="0.2">× 0.2</option><option value="1" selected>× 1'
        '</option><option value="4">× 4</option></select><output id="motion-clock"></output></div>'
        f'<div class="scroll"><svg id="motion-svg" role="img" aria-label="{escape(_SAID)}"></svg></div></div>'
        f'<script type="application/json" id="motion-data">{inside}</script><script>{script}</script>'
    )


_SAID = "Each dot is a batch or a vehicle on its way; the bar in a box is what the place holds."


def _columns(runs: pl.DataFrame) -> dict[str, int]:
    """Return the places that batches move between, each with its column: one further than what it comes from."""
    pairs = runs.select("from", "to").unique(maintain_order=True).rows()
    counts = runs.group_by("from", maintain_order=True).len().sort("len", descending=True)
    names = list(dict.fromkeys([*(name for pair in pairs for name in pair)]))
    if len(names) > _MOST_PLACES:
        often = set(counts["from"].head(_MOST_PLACES // 2))
        names = [name for name in names if name in often or any(a in often and b == name for a, b in pairs)]
        names = names[:_MOST_PLACES]
    column = dict.fromkeys(names, 0)
    for _ in range(len(names)):
        moved = False
        for a, b in pairs:
            if a in column and b in column and a != b and column[b] <= column[a] < 8 and not _leads(pairs, b, a):
                column[b] = column[a] + 1
                moved = True
        if not moved:
            break
    return column


def _leads(pairs: list[tuple[str, str]], start: str, goal: str) -> bool:
    """Return whether one gets from a place to another: then the move between them closes a circle."""
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for a, b in pairs:
            if a == here and b not in seen:
                if b == goal:
                    return True
                seen.add(b)
                todo.append(b)
    return False
