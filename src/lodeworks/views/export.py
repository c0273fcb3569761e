"""A run as a workbook: a sheet a table, long tables as sums by year and by month as well.

A sheet holds 1,048,576 rows and people read far fewer; a long table is given hour by hour only where it is short
enough to be of use there. The run folder has every row.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from lodeworks.views.files import write_whole
from lodeworks.views.results import LONG, Results, horizon_hours

if TYPE_CHECKING:
    import xlsxwriter

__all__ = ["SHEET_ROWS", "export", "sheets"]

SHEET_ROWS = 1_048_575
"""Rows below the heading that a sheet holds."""

_USEFUL_ROWS = 60_000
_SUMMED = ("flows", "unserved")


def export(results: Results, path: str | Path, *, replace: bool = False) -> Path:
    """Write a run as an Excel workbook and return its path.

    Raises
    ------
    RunError
        If the file is there already, or cannot be written; nothing is left half written.
    """
    return write_whole(Path(path), lambda: _workbook(results), replace=replace)


def sheets(results: Results) -> dict[str, pl.DataFrame]:
    """Return what each sheet holds, by its name: `calendar`, `flows by year`, `flows by month`, `capacities` …

    Flows and shortfalls are added up; levels, rates, values and uses are means weighted by time.
    """
    made: dict[str, pl.DataFrame] = {}
    order = [name for name in results.tables if name not in LONG] + [name for name in results.tables if name in LONG]
    for name in order:
        table = results.table(name)
        if name in LONG and "time" in table.columns:
            for period, form in (("year", "%Y"), ("month", "%Y-%m")):
                made[f"{name} by {period}"] = _by_period(name, table, form)
            if len(table) > _USEFUL_ROWS:
                continue
        made[name] = table.head(SHEET_ROWS)
    return {**_calendars(results), **made}


def _calendars(results: Results) -> dict[str, pl.DataFrame]:
    """Return the calendar with a column a time or stage, a sheet a language, where a run has one."""
    from lodeworks.views.figures.calendar import calendar_wide

    both = {"calendar": calendar_wide(results, "en"), "日程": calendar_wide(results, "zh")}
    return {name: table for name, table in both.items() if table is not None}


def _by_period(name: str, table: pl.DataFrame, form: str) -> pl.DataFrame:
    """A long table grouped by its names and a stretch of the calendar."""
    number = LONG[name]
    names = [c for c in table.columns if c != "time" and not table[c].dtype.is_numeric()]
    # A level is that of the end of its step: midnight belongs to the day before.
    stamp = pl.col("time").dt.offset_by("-1ms") if name == "levels" else pl.col("time")
    period = stamp.dt.strftime(form).alias("period")
    groups = table.group_by([*names, period], maintain_order=True)
    if name in _SUMMED:
        return groups.agg(pl.col("hours").sum(), pl.col(number).sum()).with_columns(pl.col(names).cast(pl.String))
    weight = pl.col("hours") if "hours" in table.columns else pl.lit(1.0)
    found = groups.agg(
        mean=(pl.col(number) * weight).sum() / (weight.sum() if "hours" in table.columns else pl.len()),
        least=pl.col(number).min(),
        most=pl.col(number).max(),
    )
    return found.with_columns(pl.col(names).cast(pl.String))


def _about(results: Results) -> list[tuple[str, Any]]:
    manifest = results.manifest
    objective, title = manifest["objective"], manifest.get("title") or {}
    rows: list[tuple[str, Any]] = [
        ("chain", manifest["chain"]),
        ("title", title.get("en", "")),
        ("名称", title.get("zh", "")),
        ("status", manifest["status"]),
        (objective["goal"], objective["value"]),
        ("unit", objective["unit"]),
        ("verified", "yes" if manifest.get("verified") else "no"),
        ("start", str(manifest["horizon"]["start"])),
        ("hours", horizon_hours(results)),
        ("currency", manifest.get("currency", "")),
        ("made", str(manifest.get("created", ""))),
        ("chain hash", str(manifest.get("chain_hash", ""))),
    ]
    rows += [(f"residual, {name}", value) for name, value in (manifest.get("residuals") or {}).items()]
    return rows


def _workbook(results: Results) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
            "default_date_format": "yyyy-mm-dd hh:mm",
        },
    )
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "bg_color": "#EEF1F5", "bottom": 1})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    about = book.add_worksheet("about")
    about.set_column(0, 0, 22, bold)
    about.set_column(1, 1, 60)
    for i, (name, value) in enumerate(_about(results)):
        about.write(i, 0, name)
        about.write(i, 1, value)
    for name, table in sheets(results).items():
        _sheet(book, name, table, head, time)
    book.close()
    return buffer.getvalue()


def _sheet(book: xlsxwriter.Workbook, name: str, table: pl.DataFrame, head: Any, time: Any) -> None:
    """One table on one sheet: heading frozen, a filter on it, columns as wide as what they hold."""
    sheet = book.add_worksheet(name[:31])
    sheet.freeze_panes(1, 0)
    for k, column in enumerate(table.columns):
        values = table[column]
        temporal = values.dtype.is_temporal()
        texts = values.head(200).cast(pl.String).fill_null("").to_list() if not temporal else ["0000-00-00 00:00"]
        widest = max([len(column), *(_width(text) for text in texts)], default=8)
        sheet.set_column(k, k, min(max(9, 1.1 * widest + 1), 48), time if temporal else None)
        sheet.write_string(0, k, column, head)
        listed = values.cast(pl.String).to_list() if values.dtype == pl.Categorical else values.to_list()
        for i, value in enumerate(listed, start=1):
            if value is None or (isinstance(value, float) and value != value):
                continue
            if temporal:
                sheet.write_datetime(i, k, value, time)
            else:
                sheet.write(i, k, value)
    if len(table):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _width(text: str) -> int:
    """Columns a text takes: Chinese letters take two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
