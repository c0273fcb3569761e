"""The cells of an .xlsx file, exactly as stored, with what makes a cell unusable.

Readers built for speed round numbers when a column mixes them with text, and do not tell an empty cell from
a formula nobody calculated; a chain needs both, so the file's own XML is read here. What sheets mean is for
`lodeworks.chain.workbook`.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lodeworks.errors import InputError, Problem

__all__ = ["Sheet", "column_letters", "read_sheets"]

_MOST_BYTES = 400_000_000
_MOST_CELLS = 30_000_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}


@dataclass
class Sheet:
    """One sheet: rows of cells from A1, merged ranges, and cells that hold no usable value."""

    name: str
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)


def column_letters(number: int) -> str:
    """Return the letters of a column counted from nought."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_sheets(path: Path) -> dict[str, Sheet]:
    """Return all sheets of a workbook by name.

    Raises
    ------
    InputError
        If the file is no workbook, broken, locked by a password or too large.
    """
    from lodeworks.chain.yaml import read_bytes

    with path.open("rb") if path.is_file() else _nothing(read_bytes, path) as file:
        head = file.read(8)
    if not head.startswith(b"PK"):
        what = {b"%PDF": "a PDF document", b"\xd0\xcf\x11\xe0": "an old .xls workbook, or one locked by a password"}
        raise InputError(Problem(f"this is {what.get(head[:4], 'no workbook')}, whatever its name says", file=path.name,
                                 expected="a workbook saved as .xlsx"))
    try:
        with zipfile.ZipFile(path) as package:
            if sum(item.file_size for item in package.infolist()) > _MOST_BYTES:
                raise InputError(Problem("the workbook is too large", file=path.name,
                                         expected=f"at most {_MOST_BYTES / 1e6:,.0f} MB unpacked"))
            return _sheets(package, path.name)
    except (zipfile.BadZipFile, zlib.error, KeyError, IndexError, ValueError, ElementTree.ParseError, EOFError,
            NotImplementedError, RuntimeError, AttributeError, OverflowError) as error:
        missing = isinstance(error, KeyError) and "xl/workbook.xml" in str(error)
        words = "a zipped file, but no workbook" if missing else "a broken workbook"
        raise InputError(Problem(f"this is {words}", file=path.name, expected="a workbook saved as .xlsx")) from None


def _nothing(read: Any, path: Path) -> Any:
    read(path)
    raise InputError(Problem("cannot be read", file=str(path)))


def _tree(package: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(_checked(package.read(name)))


def _checked(content: bytes) -> bytes:
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:4096]:
        raise ValueError("document types are not read")
    return content


def _sheets(package: zipfile.ZipFile, file: str) -> dict[str, Sheet]:
    book = _tree(package, "xl/workbook.xml")
    properties = book.find(f"{_MAIN}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    relations = {item.get("Id"): item for item in _tree(package, "xl/_rels/workbook.xml.rels")}
    names = set(package.namelist())
    strings = _strings(package) if "xl/sharedStrings.xml" in names else []
    dates = _date_styles(package) if "xl/styles.xml" in names else set()
    found: dict[str, Sheet] = {}
    for item in book.iter(f"{_MAIN}sheet"):
        relation = relations[item.get(_RELATION)]
        if not str(relation.get("Type")).endswith("/worksheet"):
            continue
        target = str(relation.get("Target"))
        name = str(item.get("name"))
        member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found[name] = _sheet(package, member, name, strings, dates, since_1904)
    if not found:
        raise InputError(Problem("the workbook has no sheets", file=file))
    return found


def _strings(package: zipfile.ZipFile) -> list[str]:
    return [_text_of(item) for item in _tree(package, "xl/sharedStrings.xml").findall(f"{_MAIN}si")]


def _text_of(item: ElementTree.Element) -> str:
    """Join the runs of a text, leaving out its phonetic reading."""
    runs = [item.find(f"{_MAIN}t"), *(run.find(f"{_MAIN}t") for run in item.findall(f"{_MAIN}r"))]
    text = "".join(run.text or "" for run in runs if run is not None)
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def _date_styles(package: zipfile.ZipFile) -> set[int]:
    styles = _tree(package, "xl/styles.xml")
    own = {}
    for item in styles.iter(f"{_MAIN}numFmt"):
        code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", str(item.get("formatCode")))
        own[int(str(item.get("numFmtId")))] = bool(re.search("[ymdhs]", code, re.IGNORECASE))
    formats = styles.find(f"{_MAIN}cellXfs")
    numbers = [int(item.get("numFmtId", "0")) for item in formats] if formats is not None else []
    return {i for i, number in enumerate(numbers) if own.get(number, number in _DATES)}


def _sheet(
    package: zipfile.ZipFile, member: str, name: str, strings: list[str], dates: set[int], since_1904: bool
) -> Sheet:
    sheet = Sheet(name)
    cells: dict[int, dict[int, Any]] = {}
    with package.open(member) as head:
        _checked(head.read(4096))
    row = 0
    with package.open(member) as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):
            if event == "start":
                if element.tag == f"{_MAIN}row":
                    row = int(element.get("r", row + 1))
                    cells[row] = {}
            elif element.tag == f"{_MAIN}c":
                column = _column(element, cells[row])
                value = _value(element, sheet, f"{column_letters(column)}{row}", strings, dates, since_1904)
                if value is not None:
                    cells[row][column] = value
                element.clear()
            elif element.tag == f"{_MAIN}row":
                element.clear()
            elif element.tag == f"{_MAIN}mergeCell":
                sheet.merged.append(str(element.get("ref")))
    sheet.rows = list(_dense(cells))
    return sheet


def _column(element: ElementTree.Element, row: dict[int, Any]) -> int:
    letters = re.match("[A-Z]{1,3}", element.get("r", ""))
    if letters is None:
        return max(row, default=-1) + 1
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _dense(cells: dict[int, dict[int, Any]]) -> Iterator[list[Any]]:
    filled = {row: columns for row, columns in cells.items() if columns}
    if sum(max(columns) + 1 for columns in filled.values()) + max(filled, default=0) > _MOST_CELLS:
        raise ValueError("too many cells")
    for row in range(1, max(filled, default=0) + 1):
        columns = filled.get(row, {})
        yield [columns.get(column) for column in range(max(columns, default=-1) + 1)]


def _value(
    cell: ElementTree.Element, sheet: Sheet, place: str, strings: list[str], dates: set[int], since_1904: bool
) -> Any:
    kind, stored = cell.get("t", "n"), cell.find(f"{_MAIN}v")
    text = stored.text if stored is not None else None
    formula = cell.find(f"{_MAIN}f")
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return _text_of(inline) if inline is not None else None
    if kind == "e":
        sheet.faults.append((place, "the cell holds an error", str(text)))
        return None
    if text is None or text == "":
        if formula is not None and kind != "str":
            sheet.faults.append((place, "the formula has no stored result; open the workbook in Excel and save it",
                                 f"={formula.text or ''}"))
        return None
    if kind == "s":
        return strings[int(text)]
    if kind == "str":
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    if kind == "b":
        return text == "1"
    if kind == "d":
        return text
    number = float(text)
    return _date(number, since_1904) if int(cell.get("s", "0")) in dates else number


def _date(serial: float, since_1904: bool) -> dt.datetime:
    first = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30)
    return first + dt.timedelta(seconds=round(serial * 86400))
