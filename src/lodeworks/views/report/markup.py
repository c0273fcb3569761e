"""Pieces of HTML in two languages. Every text is escaped here and nowhere else.

Both languages stand in the page; which one shows follows from ``<html lang>``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import polars as pl

from lodeworks.views.view import Column, written
from lodeworks.views.words import Words

__all__ = ["both", "folded", "in_both", "table"]

MOST_ROWS = 240


def both(zh: str, en: str) -> str:
    """Return a text in both languages, once if they are the same."""
    if zh == en:
        return escape(zh)
    return f'<span lang="zh-CN">{escape(zh)}</span><span lang="en">{escape(en)}</span>'


def in_both(text: Callable[[str], str]) -> str:
    """Return what a function of the language says, in both languages."""
    return both(text("zh"), text("en"))


def table(rows: pl.DataFrame, columns: Sequence[Column], zh: Words, en: Words) -> str:
    """Return rows as an HTML table; long ones are cut, and say so."""
    shown = rows.head(MOST_ROWS)
    heads_zh, cells_zh = written(shown, tuple(columns), zh)
    heads_en, cells_en = written(shown, tuple(columns), en)
    number = ["n" if column.is_number else "" for column in columns]
    head = "".join(
        f'<th scope="col" class="{n}">{both(z, e)}</th>' for z, e, n in zip(heads_zh, heads_en, number, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f'<td class="{n}">{both(z, e)}</td>' for z, e, n in zip(row_zh, row_en, number, strict=True))
        + "</tr>"
        for row_zh, row_en in zip(cells_zh, cells_en, strict=True)
    )
    more = ""
    if len(rows) > len(shown):
        more = (
            "<p class='more'>"
            + both(
                f"共 {len(rows):,} 行，此处为前 {len(shown)} 行；全部见结果文件夹或导出的工作簿。",
                f"The first {len(shown)} of {len(rows):,} rows; all are in the run folder and the exported workbook.",
            )
            + "</p>"
        )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}'


def folded(inside: str, rows: int) -> str:
    """Return something behind a button that says it is a table."""
    label = both(f"查看数据表（{rows:,} 行）", f"Show the table ({rows:,} {'row' if rows == 1 else 'rows'})")
    return f"<details><summary>{label}</summary>{inside}</details>"
