"""Printed claims and what recomputing them says. The table `claims`; nothing is judged here."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import FONT, empty, styled
from lodeworks.views.numbers import amounts_told
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["CLAIMS", "claim_rows", "claims"]

_NAMES = ("id", "title_en", "title_zh", "verdict", "printed", "computed", "computed_zh", "note_en", "note_zh")
_ORDER = {"fails": 0, "needs assumption": 1, "holds": 2}
_SIGN = {"holds": "✓", "fails": "✗", "needs assumption": "?"}


def claim_rows(results: Results) -> pl.DataFrame:
    """Return the claims with their verdicts, those that fail first."""
    table = optional_table(results, "claims")
    if table is None:
        return pl.DataFrame(schema=dict.fromkeys(_NAMES, pl.String))
    if "computed_zh" not in table.columns:  # of a run that said it in English only
        table = table.with_columns(computed_zh="computed")
    return (
        table.with_columns(_order=pl.col("verdict").replace_strict(_ORDER, default=3, return_dtype=pl.Int64))
        .sort(["_order", "id"])
        .drop("_order")
    )


def claims(results: Results, language: str = "en") -> go.Figure:
    """Draw the claims as a table: what was printed, what comes out, and whether it holds."""
    rows = claim_rows(results)
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    headings = words.pick("#|Claim|Printed|Recomputed|Verdict", "编号|说法|原文|复算|结论").split("|")
    verdicts = [f"{_SIGN.get(v, '')} {words.say(v)}" for v in rows["verdict"]]
    figure = go.Figure(
        go.Table(
            columnwidth=[8, 40, 22, 22, 16],
            header={"values": headings, "align": "left", "fill_color": "#eef1f5", "font": {"family": FONT, "size": 13}},
            cells={
                "values": [
                    rows["id"].to_list(),
                    rows[f"title_{language}"].to_list(),
                    *([amounts_told(text or "", language) for text in rows[name]]
                      for name in ("printed", "computed_zh" if language == "zh" else "computed")),
                    verdicts,
                ],
                "align": "left",
                "height": 26,
                "fill_color": "white",
                "font": {"family": FONT, "size": 12},
            },
        )
    )
    return styled(figure, height=min(900, 70 + 30 * len(rows)), legend=False)


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), claim_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    count = dict(rows.group_by("verdict").len().iter_rows())
    hold, fail, need = (count.get(v, 0) for v in ("holds", "fails", "needs assumption"))
    return words.pick(
        f"Of {len(rows)} printed claims recomputed with units, {hold} hold, {fail} fail and {need} need an assumption.",
        f"对{len(rows)}条公开说法逐条带单位复算：{hold}条成立，{fail}条不成立，{need}条需要补充假设。",
    )


CLAIMS = View(
    "claims",
    "Printed claims, recomputed",
    "公开数据复核",
    (
        Column("id", "#", "编号"),
        Column("title_en", "Claim", "说法（英文）"),
        Column("title_zh", "Claim (zh)", "说法"),
        Column("verdict", "Verdict", "结论", "word"),
        Column("printed", "Printed", "原文"),
        Column("computed", "Recomputed", "复算（英文）"),
        Column("computed_zh", "Recomputed (zh)", "复算"),
    ),
    claim_rows,
    claims,
    _sentence,
)
