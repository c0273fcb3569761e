"""Workbooks of the live reading: plain tables with a heading, made whole or not at all.

The journal is one; the report of an incident is another. What stands in the tables is for those who ask.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lodeworks.errors import WatchError
from lodeworks.files import written_whole
from lodeworks.watch.occurrences import occurrences

if TYPE_CHECKING:
    from lodeworks.watch.journal import Row

__all__ = ["Sheet", "journal_book", "stamp", "write_book", "write_whole"]

Sheet = tuple[Sequence[str], Sequence[Sequence[Any]]]
"""A heading and rows."""

_ROWS = 1_048_575  # rows below the heading that a sheet holds


def stamp(at: int | None, timezone: str = "Asia/Shanghai") -> str:
    """Return a time (ms) as text in a zone (an IANA name); empty for none."""
    if at is None:
        return ""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(timezone)).isoformat(sep=" ", timespec="milliseconds")


def journal_book(
    rows: Sequence[Row], path: str | Path, *, timezone: str = "Asia/Shanghai", replace: bool = False
) -> Path:
    """Write rows of the journal as a workbook, over several sheets when they are many; return its path.

    A sheet beside them has each alarm's times as corrected: with what late samples moved or took back.

    Raises
    ------
    WatchError
        If the file is there already, or cannot be written.
    """
    heading = ("row", "at", "written", "kind", "subject", "event", "user", "value", "note", "data", "hash")
    lines = [
        (r.number, stamp(r.at, timezone), stamp(r.written, timezone), r.kind, r.subject, r.event, r.user, r.value,
         r.note, json.dumps(dict(r.data), ensure_ascii=False) if r.data else "", r.hash) for r in rows
    ]
    sheets: dict[str, Sheet] = {
        "journal" if first == 0 else f"journal {first // _ROWS + 1}": (heading, lines[first:first + _ROWS])
        for first in range(0, max(len(lines), 1), _ROWS)
    }
    alarms = [(one.rule, one.level, stamp(one.since, timezone), stamp(one.began, timezone), stamp(one.ended, timezone))
              for one in occurrences(rows)]
    sheets["alarms as corrected"] = ("rule", "level", "since", "began", "ended"), alarms[:_ROWS]
    return write_book(sheets, path, replace=replace)


def write_book(sheets: Mapping[str, Sheet], path: str | Path, *, replace: bool = False) -> Path:
    """Write named tables as a workbook and return its path. Text stays text: nothing is read as a formula or a link.

    Raises
    ------
    WatchError
        If the file is there already, or cannot be written.
    """
    import xlsxwriter

    held = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(held, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, (heading, rows) in sheets.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(heading):
                sheet.write(0, column, title, bold)
                longest = max([len(title), *(len(str(row[column])) for row in rows[:200])])
                sheet.set_column(column, column, min(max(longest, 6) + 1, 60))
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    if isinstance(value, bool) or not isinstance(value, int | float | None):
                        value = str(value)[:32767]  # the longest text a cell holds
                    sheet.write(number, column, value)
            if rows:
                sheet.autofilter(0, 0, len(rows), len(heading) - 1)
    return write_whole(path, held.getvalue(), replace=replace)


def write_whole(path: str | Path, content: bytes, *, replace: bool = False) -> Path:
    """Put content at a path.

    Raises
    ------
    WatchError
        If something is there that may not be replaced, or the place cannot be written; what was there stays.
    """
    path = Path(path)
    if path.exists() and (path.is_dir() or not replace):
        raise WatchError(f"{path}: it exists already; choose another name or replace it")
    try:
        with written_whole(path) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise WatchError(f"{path}: it cannot be written: {error.strerror or error}") from error
    return path
