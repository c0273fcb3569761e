"""A view: rows grouped from a run's tables, a figure of them, and a sentence that says what is seen.

Columns say how their numbers are to be written, so that the report, the terminal and the workbook write them
alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeworks.views.numbers import (
    MULTIPLES,
    amounts_told,
    at_most,
    digits,
    duration,
    money,
    money_scale,
    percent,
    quantity,
    unit_words,
)
from lodeworks.views.results import Results
from lodeworks.views.words import Words, say

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

__all__ = ["Column", "View", "reasons", "written"]


@dataclass(frozen=True)
class Column:
    """How a column is headed and its cells are written.

    `kind` is one of text, element, commodity, site, owner, scenario, loan, lender, word, path (`section.name.key`,
    its key in words), told (an amount as somebody wrote it), named, amount, money, price, number, percent, bound (a
    share, never told better than it is), duration (of hours), reasons (states with their shares), settings
    (`path = value`, a line each), time; `unit` names the column that holds an amount's unit.
    """

    name: str
    title_en: str
    title_zh: str
    kind: str = "text"
    unit: str = ""

    @property
    def is_number(self) -> bool:
        """Whether cells are aligned as numbers."""
        return self.kind in ("amount", "money", "price", "number", "percent", "bound", "duration")


@dataclass(frozen=True)
class View:
    """One thing to be seen: its rows, its figure and its sentence."""

    key: str
    title_en: str
    title_zh: str
    columns: tuple[Column, ...]
    rows: Callable[[Results], pl.DataFrame]
    figure: Callable[..., go.Figure] | None
    sentence: Callable[[Results, str], str]

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return self.title_zh if language == "zh" else self.title_en

    def nothing(self) -> pl.DataFrame:
        """Return its columns without a row, for a run that has none of it."""
        import polars as pl

        return pl.DataFrame(schema={c.name: pl.Float64 if c.is_number else pl.String for c in self.columns})


def written(rows: pl.DataFrame, columns: tuple[Column, ...], words: Words) -> tuple[list[str], list[list[str]]]:
    """Return headings and cells as text, in the language of `words`."""
    headings, cells = [], []
    sums = [largest for c in columns if c.kind == "money" and (largest := _largest(rows[c.name])) > 0.0]
    divisor, money_unit = money_scale(min(sums, default=0.0), words.currency, words.language)
    for column in columns:
        values = rows[column.name].to_list()
        units = rows[column.unit].to_list() if column.unit else [""] * len(values)
        heading = column.title_zh if words.language == "zh" else column.title_en
        if column.kind == "money":
            headings.append(words.pick(f"{heading} ({money_unit})", f"{heading}（{money_unit}）"))
            cells.append(["–" if value is None else digits(value / divisor) for value in values])
        else:
            headings.append(heading)
            cells.append(
                [_cell(column.kind, value, unit or "", words) for value, unit in zip(values, units, strict=True)]
            )
    return headings, [list(row) for row in zip(*cells, strict=True)]


def _largest(values: pl.Series) -> float:
    sizes = [abs(value) for value in values.to_list() if value is not None]
    return max(sizes, default=0.0)


def _cell(kind: str, value: Any, unit: str, words: Words) -> str:
    if value is None:
        return "–"
    match kind:
        case "element":
            return words.element(value)
        case "commodity":
            return words.commodity(value)
        case "site":
            return words.site(value)
        case "owner":
            return words.owner(value)
        case "scenario":
            return words.scenario(value)
        case "loan" | "lender":
            return words.financed(kind, value)
        case "named":
            return words.named(value)
        case "path":
            section, _, key = str(value).partition(".")
            return words.attribute(key.partition(".")[2], section)
        case "told":
            return amounts_told(str(value), words.language)
        case "word":
            return say(str(value), words.language)
        case "amount":
            return words.amount(value, unit)
        case "price":
            return _price(float(value), unit, words)
        case "percent":
            return percent(value)
        case "bound":
            return at_most(float(value), words.language)
        case "duration":
            return duration(float(value), words.language)
        case "number":
            return digits(float(value))
        case "reasons":
            return reasons(str(value), words)
        case "settings":
            return _settings(str(value), words)
        case "time":
            return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def reasons(texts: str, words: Words) -> str:
    """Return states with their shares, such as ``starved 1.3%, down 0.8%``, in the language of `words`."""
    parts = [text.rpartition(" ") for text in texts.split(", ") if text]
    return words.pick(", ", "、").join(f"{words.say(state)} {share}" if state else words.say(share)
                                      for state, _, share in parts)


def _settings(text: str, words: Words) -> str:
    parts = [line.partition(" = ") for line in text.splitlines()]
    told = [f"{words.setting(path)} {amounts_told(value, words.language)}" for path, _, value in parts]
    return words.pick("; ", "；").join(told) or "–"


def _price(value: float, unit: str, words: Words) -> str:
    """A value per unit: money in its own scale, then what it is per."""
    top, slash, per = unit.partition("/")
    if words.language == "zh" and per in MULTIPLES:  # money per million tonnes is read as money per tonne
        per, many = MULTIPLES[per]
        value /= many
    if top == words.currency and slash:
        return f"{money(value, top, words.language)}/{unit_words(per, words.language)}"
    if words.language == "zh" and unit in MULTIPLES:
        return quantity(value, unit, "zh")
    return f"{digits(value)} {unit_words(unit, words.language)}".rstrip()
