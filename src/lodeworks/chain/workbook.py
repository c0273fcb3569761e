"""A chain as an Excel workbook: a sheet a section, an element a row, units in the headings.

The first sheet, ``chain``, holds what is no section, a key a row. A second row of every section sheet gives
the titles in both languages and is left out on reading, as is any row whose first cell begins with ``#``.
Long profiles are columns of the sheet ``profile_values``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lodeworks.chain.entities import Chain, Entity, attributes_of, sections
from lodeworks.chain.origin import Document
from lodeworks.chain.rows import (
    Cell,
    annotation_at,
    attribute_at,
    flatten,
    from_rows,
    put_cell,
    quoted,
    read_heading,
    to_table,
)
from lodeworks.chain.xlsx import Sheet, column_letters, read_sheets
from lodeworks.errors import InputError, Problem, nearest

__all__ = ["read_workbook", "write_workbook"]

_VALUES = "profile_values"
_MOST_TEXT, _MOST_ROWS, _MOST_COLUMNS = 32_767, 1_048_576, 16_384


# ---- reading ----------------------------------------------------------------------------------------


def read_workbook(path: Path) -> Document:
    """Return what a workbook says, with the cell of everything.

    Raises
    ------
    InputError
        If the file is no workbook or has no sheet ``chain``.
    """
    from lodeworks.chain.tables import Columns

    sheets = read_sheets(path)
    document = Document({}, path.name, path.parent)
    kinds = {name: kind for name, kind in sections().items() if kind is not str}
    if "chain" not in sheets:
        raise InputError(Problem("the workbook has no sheet `chain`", file=path.name, found=", ".join(list(sheets)[:8]),
                                 suggestion=nearest("chain", sheets)))
    for name, sheet in sheets.items():
        if name.startswith("#"):
            continue
        if name == "chain":
            _read_chain(document, sheet)
        elif name in kinds:
            _read_section(document, sheet, kinds[name])
        else:
            headings = [str(cell) if cell is not None else "" for cell in (sheet.rows or [[]])[0]]
            document.sheets[name] = Columns(name, headings, sheet.rows[1:])
    _unknown_sheets(document, sheets, kinds)
    return document


def _unknown_sheets(document: Document, sheets: Mapping[str, Sheet], kinds: Mapping[str, Any]) -> None:
    profiles = document.data.get("profiles", {})
    used = {profile.get("table") for profile in profiles.values()} if isinstance(profiles, dict) else set()
    for name in document.sheets:
        if name in used or not sheets[name].rows:
            _unusable(document, sheets[name])
            continue
        near = nearest(name, kinds)
        document.problems.append(
            Problem(f"the sheet {name!r} is no section of a chain", file=document.file, suggestion=near,
                    expected="" if near else "a section's name, or a `#` before the name of a sheet of notes"))


def _unusable(document: Document, sheet: Sheet) -> None:
    """Tell cells that cannot be used: merged ones, errors, formulas nobody calculated."""
    for ref in sheet.merged:
        document.problems.append(
            Problem("merged cells: which row or column a value is for is not said", file=f"{sheet.name}!{ref}",
                    element=sheet.name, expected="cells that are not merged"))
    for place, message, found in sheet.faults:
        document.problems.append(Problem(message, file=f"{sheet.name}!{place}", element=sheet.name, found=found))


def _read_chain(document: Document, sheet: Sheet) -> None:
    _unusable(document, sheet)
    seen: dict[str, str] = {}
    for number, row in enumerate(sheet.rows, 1):
        key, value = (*row, None, None)[:2]
        if not isinstance(key, str) or key.startswith("#") or (number == 1 and key.strip() == "key"):
            if key is not None and not isinstance(key, str):
                document.problems.append(Problem("not a key", file=f"chain!A{number}", found=str(key)))
            continue
        heading = read_heading(key)
        if heading.key in seen:
            document.problems.append(
                Problem(f"{heading.key!r} is written twice", file=f"chain!A{number}", found=seen[heading.key]))
            continue
        seen[heading.key] = f"chain!A{number}"
        if annotation_at(Chain, heading.key) is None:
            near = nearest(heading.key, attributes_of(Chain))
            document.problems.append(
                Problem(f"unknown key {heading.key!r}", file=f"chain!A{number}", suggestion=near))
        elif value is not None and value != "":
            put_cell(document, document.data, Chain, "", heading, value, f"chain!B{number}")


def _read_section(document: Document, sheet: Sheet, kind: type[Entity]) -> None:
    _unusable(document, sheet)
    if not sheet.rows:
        return
    headings = [str(cell) if cell is not None else "" for cell in sheet.rows[0]]
    rows = [(str(number), row) for number, row in enumerate(sheet.rows[1:], 2)]
    document.places[sheet.name] = sheet.name
    document.data[sheet.name] = from_rows(
        document, sheet.name, kind, headings, rows, lambda row, column: f"{sheet.name}!{column_letters(column)}{row}")


# ---- writing ----------------------------------------------------------------------------------------


class _Exact(float):
    """A number written with all its digits; the writer would keep sixteen of seventeen."""

    def __format__(self, specification: str) -> str:
        return repr(float(self))


def write_workbook(data: dict[str, Any], path: Path) -> None:
    """Write a chain's plain data as a workbook.

    Raises
    ------
    InputError
        If a text or a profile is longer than a workbook can hold.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    from lodeworks.chain.write import long_profiles

    columns = long_profiles(data, _VALUES)
    book = Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"title": str(data.get("chain", "")), "created": dt.datetime(2000, 1, 1)})
    writer = _Writer(book)
    writer.chain(data)
    for section, kind in sections().items():
        if kind is not str and data.get(section):
            writer.section(section, kind, data[section])
    if columns:
        writer.values(columns)
    try:
        book.close()
    except XlsxWriterException as error:
        raise OSError(str(error)) from None


class _Writer:
    """Sheets in one style: headings in bold, titles in grey, both and the names kept in view."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"})
        self.grey = book.add_format({"italic": True, "font_color": "#6A737D"})

    def cell(self, sheet: Any, row: int, column: int, value: Cell, form: Any = None) -> None:
        if row >= _MOST_ROWS or column >= _MOST_COLUMNS:
            raise InputError(Problem("more than a sheet can hold", file=sheet.name,
                                     expected=f"at most {_MOST_ROWS:,} rows and {_MOST_COLUMNS:,} columns"))
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value, form)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, _Exact(value), form)
        elif value is not None:
            if len(value) > _MOST_TEXT:
                raise InputError(Problem("longer than a cell of a workbook can hold", element=sheet.name,
                                         file=f"{sheet.name}!{column_letters(column)}{row + 1}",
                                         found=f"{len(value):,} characters", expected=f"at most {_MOST_TEXT:,}"))
            sheet.write_string(row, column, value, form)

    def chain(self, data: Mapping[str, Any]) -> None:
        sheet = self.book.add_worksheet("chain")
        own = {key: value for key, value in data.items() if key not in sections() or key == "units"}
        for column, text in enumerate(("key", "value", "# title")):
            self.cell(sheet, 0, column, text, self.bold)
        for row, (key, value) in enumerate(flatten(Chain, own).items(), 1):
            self.cell(sheet, row, 0, key)
            self.cell(sheet, row, 1, value)
            self.cell(sheet, row, 2, _title(Chain, key), self.grey)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 48)
        sheet.set_column(2, 2, 40)
        sheet.freeze_panes(1, 1)

    def section(self, section: str, kind: type[Entity], elements: Mapping[str, Mapping[str, Any]]) -> None:
        table = to_table(kind, elements)
        sheet = self.book.add_worksheet(section)
        for column, heading in enumerate(table.headings):
            self.cell(sheet, 0, column, str(heading), self.bold)
            title = "# name 名称" if column == 0 else _title(kind, heading.key)
            self.cell(sheet, 1, column, title, self.grey)
            cells = [row[column] for row in table.rows]
            for row, value in enumerate(cells, 2):
                self.cell(sheet, row, column, value)
            sheet.set_column(column, column, _width([str(heading), title, *cells]))
        sheet.freeze_panes(2, 1)
        sheet.autofilter(1, 0, len(table.rows) + 1, len(table.headings) - 1)

    def values(self, columns: Mapping[str, Sequence[float]]) -> None:
        sheet = self.book.add_worksheet(_VALUES)
        for column, (name, values) in enumerate(columns.items()):
            self.cell(sheet, 0, column, quoted(name), self.bold)
            for row, value in enumerate(values, 1):
                self.cell(sheet, row, column, value)
            sheet.set_column(column, column, _width([name]))
        sheet.freeze_panes(1, 0)


def _title(kind: type[Entity], key: str) -> str:
    attribute = attribute_at(kind, key)
    return f"{attribute.title} {attribute.zh}" if attribute is not None else ""


def _width(cells: Sequence[Cell]) -> float:
    """Return a column's width for its texts; Chinese characters are two wide."""
    texts = [str(cell)[:60] for cell in cells if cell is not None]
    longest = max((sum(2 if ord(c) > 0x2E7F else 1 for c in text) for text in texts), default=8)
    return min(max(longest + 2, 9), 48)
