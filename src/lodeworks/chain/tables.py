"""Tables beside a chain file: sections and profiles in CSV or Parquet, read with the row of every fault."""

from __future__ import annotations

import codecs
import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.chain.conform import shown
from lodeworks.chain.entities import Entity
from lodeworks.chain.origin import Document, is_null, number_of
from lodeworks.chain.rows import Table, from_rows, quoted, read_heading, unquoted
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import UnitProblem, Units

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Columns", "fill_arrivals", "fill_profiles", "read_columns", "read_section", "write_columns", "write_table"]

_MOST_BYTES = 200_000_000
_DELIMITERS = ",;\t"
_NO_TIME = "0 h"  # in the place of times that cannot be read, which is told: nobody need ask for some


class Columns:
    """Named columns of one table, read on demand; a sheet of a workbook or a file."""

    def __init__(self, label: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], first: int = 2) -> None:
        self.label, self.headings, self.rows, self.first = label, list(headings), rows, first

    def find(self, name: str) -> tuple[int, str] | None:
        """Return a column's number and the unit in its heading."""
        for i, heading in enumerate(self.headings):
            if unquoted(heading) == name:
                return i, ""
        for i, heading in enumerate(self.headings):
            read = read_heading(heading)
            if read.key == name.strip():
                return i, read.unit
        return None

    def column(self, i: int) -> list[Any]:
        """Return a column's cells, without empty ones at its end."""
        cells = [row[i] if i < len(row) else None for row in self.rows]
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        return cells

    def place(self, row: int) -> str:
        """Return where a row is."""
        return f"{self.label} row {row + self.first}"


# ---- sections ---------------------------------------------------------------------------------------


def read_section(document: Document, section: str, kind: type[Entity], name: str) -> Any:
    """Return the elements of a section kept in a table; faults go to the document's problems."""
    try:
        table = read_columns(document.folder / name, name)
    except InputError as error:
        document.problems += [_named(problem, document, section) for problem in error.problems]
        return None
    rows = ((str(i + table.first), row) for i, row in enumerate(table.rows))
    document.places.setdefault(section, name)
    return from_rows(document, section, kind, table.headings, rows, lambda row, _: f"{name} row {row}")


def _named(problem: Problem, document: Document, section: str) -> Problem:
    return Problem(problem.message, file=problem.file, element=section, found=problem.found, expected=problem.expected,
                   suggestion=problem.suggestion)


# ---- profiles ---------------------------------------------------------------------------------------


def fill_profiles(document: Document, profiles: dict[str, Any]) -> None:
    """Replace each profile's ``table`` and ``column`` by the values found there."""
    tables: dict[str, Columns | None] = {}
    for name, profile in profiles.items():
        if not isinstance(profile, dict) or is_null(profile.get("table")):
            continue
        path, table = f"profiles.{name}", profile.pop("table")
        column = profile.pop("column", None)
        if not isinstance(table, str):
            document.fault(f"{path}.table", "wrong shape", found=shown(table), expected="the name of a table")
            continue
        if table not in tables:
            tables[table] = _open_table(document, f"{path}.table", table)
        found = tables[table]
        if found is not None:
            _fill(document, name, profile, found, name if is_null(column) else str(column))


def fill_arrivals(document: Document, section: str, traders: dict[str, Any]) -> None:
    """Replace the ``table`` of arrivals by the times and amounts found there."""
    for name, trade in traders.items():
        arrivals = trade.get("arrivals") if isinstance(trade, dict) else None
        if not isinstance(arrivals, dict) or is_null(arrivals.get("table")):
            continue
        path, table = f"{section}.{name}.arrivals", arrivals.pop("table")
        if not isinstance(table, str):
            document.fault(f"{path}.table", "wrong shape", found=shown(table), expected="the name of a table")
            continue
        columns = _open_table(document, f"{path}.table", table)
        if columns is not None:
            _fill_arrivals(document, path, trade, arrivals, columns)


def _fill_arrivals(
    document: Document, path: str, trade: dict[str, Any], arrivals: dict[str, Any], columns: Columns
) -> None:
    time, amount = columns.find("time"), columns.find("amount")
    if time is None:
        document.fault(f"{path}.table", f"{columns.label} has no column 'time'",
                       expected="columns `time` and perhaps `amount`")
        arrivals["at"] = [_NO_TIME]  # so that nobody asks for times as well
        return
    arrivals["at"] = [str(cell) + (f" {time[1]}" if time[1] else "") for cell in columns.column(time[0])]
    document.places.setdefault(f"{path}.at", f"{columns.label} from row {columns.first}")
    if not arrivals["at"]:
        document.fault(f"{path}.table", f"{columns.label} has no row of arrivals")
        arrivals["at"] = [_NO_TIME]
    elif amount is not None:
        cells = columns.column(amount[0])[: len(arrivals["at"])]
        values, faults = _numbers(cells)
        wrong = dict(faults)
        numbers = zip((row for row in range(len(cells)) if row not in wrong), values, strict=True)
        nothing = [(row, value) for row, value in numbers if not value > 0.0]
        factor = _factor(document, path, str(trade.get("commodity", "")), amount[1])
        document.problems += [
            Problem("not a number", file=columns.place(row), element=path, key="column 'amount'", found=shown(cell))
            for row, cell in faults[:3]
        ] + [
            Problem("an arrival brings more than nought", file=columns.place(row), element=path,
                    key="column 'amount'", found=f"{value:g}") for row, value in nothing[:3]
        ]
        arrivals["amounts"] = [] if faults or nothing else [factor * value for value in values]


def _factor(document: Document, path: str, commodity: str, unit: str) -> float:
    """Return how many of its commodity's units one of the heading's is; one where the heading has none."""
    commodities = document.data.get("commodities")
    row = commodities.get(commodity) if isinstance(commodities, dict) else None
    own = row.get("unit") if isinstance(row, dict) else None
    if not unit or not isinstance(own, str):
        return 1.0
    units = document.data.get("units")
    try:
        return Units.of({str(k): str(v) for k, v in units.items()} if isinstance(units, dict) else {}).factor(unit, own)
    except UnitProblem as error:
        document.fault(f"{path}.table", f"column 'amount': {error}", expected=f"a unit like {own}")
        return 1.0


def _open_table(document: Document, path: str, name: str) -> Columns | None:
    if name in document.sheets:
        sheet = document.sheets[name]
        return sheet if isinstance(sheet, Columns) else None
    try:
        return read_columns(document.folder / name, name)
    except InputError as error:
        for problem in error.problems:
            document.fault(path, problem.message, found=problem.found or name, expected=problem.expected,
                           suggestion=problem.suggestion)
        return None


def _fill(document: Document, name: str, profile: dict[str, Any], table: Columns, column: str) -> None:
    path = f"profiles.{name}"
    found = table.find(column)
    if found is None:
        document.fault(f"{path}.column", f"{table.label} has no column {column!r}",
                       suggestion=nearest(column, table.headings),
                       expected="" if nearest(column, table.headings) else "one of " + ", ".join(table.headings[:8]))
        return
    values, faults = _numbers(table.column(found[0]))
    for row, cell in faults[:3]:
        gap = cell is None or cell == ""
        document.problems.append(
            Problem("a gap" if gap else "not a number", file=table.place(row), element=path, key=f"column {column!r}",
                    found="nothing" if gap else shown(cell), expected="a finite number in every row"))
    if len(faults) > 3:
        document.fault(f"{path}.table", f"{len(faults)} faulty cells in all in column {column!r} of {table.label}")
    if not faults:
        if not values:
            document.fault(f"{path}.table", f"column {column!r} of {table.label} is empty")
        profile["values"] = values
        document.places.setdefault(f"{path}.values", table.label)
        if found[1] and is_null(profile.get("unit")):
            profile["unit"] = found[1]


def _numbers(cells: Sequence[Any]) -> tuple[list[float], list[tuple[int, Any]]]:
    values: list[float] = []
    faults: list[tuple[int, Any]] = []
    for row, cell in enumerate(cells):
        number = number_of(cell.strip().replace(",", "")) if isinstance(cell, str) else cell
        if isinstance(number, str):
            try:
                number = float(number) if number[:1].isdecimal() else None
            except ValueError:
                number = None
        if isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number):
            values.append(float(number))
        else:
            faults.append((row, cell))
    return values, faults


# ---- files ------------------------------------------------------------------------------------------


def read_columns(path: Path, name: str) -> Columns:
    """Read a table whole."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".tsv", ".txt", ".parquet"):
        raise InputError(Problem("not the name of a table", file=name, found=name, expected="a .csv or .parquet file"))
    try:
        if not path.is_file():
            near = nearest(path.name, [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else [])
            raise InputError(Problem("there is no such table", file=name, suggestion=near))
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise InputError(Problem("the table is too large", file=name, found=f"{size / 1e6:,.0f} MB",
                                     expected=f"at most {_MOST_BYTES / 1e6:,.0f} MB"))
        return _read_parquet(path, name) if suffix == ".parquet" else _read_csv(path, name)
    except (OSError, ValueError) as error:
        raise InputError(Problem(f"cannot be read: {getattr(error, 'strerror', None) or error}", file=name)) from None


def _read_csv(path: Path, name: str) -> Columns:
    encoding = _encoding(path, name)
    rows: list[list[str]] = []
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=_delimiter(first), strict=True)
        try:
            rows.extend(reader)
        except csv.Error as error:
            raise InputError(Problem(f"this is not a table: {error}", file=f"{name} row {len(rows) + 1}")) from None
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise InputError(Problem("the table is empty", file=name, expected="a row of headings"))
    if rows[0][0].startswith("\ufeff"):
        rows[0][0] = rows[0][0][1:]
    return Columns(name, rows[0], rows[1:])


def _delimiter(line: str) -> str:
    """Return the delimiter most used outside quotes in the headings."""
    outside = "".join(part for i, part in enumerate(line.split('"')) if i % 2 == 0)
    return max(_DELIMITERS, key=outside.count)


def _encoding(path: Path, name: str) -> str:
    from lodeworks.chain.yaml import decode

    with path.open("rb") as file:
        head = file.read(1 << 16)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        for encoding in ("utf-8-sig", "gb18030"):
            file.seek(0)
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                nul = False
                while chunk := file.read(1 << 20):
                    nul = nul or b"\x00" in chunk
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            if not nul and head[:4] != b"%PDF":
                return encoding
    decode(head, name)
    raise InputError(Problem("this is not text", file=name, expected="a table in UTF-8"))


def _read_parquet(path: Path, name: str) -> Columns:
    frame = _frame(path, name)
    return Columns(name, frame.columns, frame.rows(), first=1)


def _frame(path: Path, name: str) -> pl.DataFrame:
    import polars as pl

    try:
        return pl.read_parquet(path.read_bytes())
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # a broken file makes the library panic, which is no Exception
        if isinstance(error, SystemExit | GeneratorExit):
            raise
        raise InputError(Problem("this is not a Parquet table, or it is broken", file=name)) from None


# ---- writing ----------------------------------------------------------------------------------------


def write_table(path: Path, table: Table) -> None:
    """Write a section as CSV or Parquet."""
    if path.suffix == ".parquet":
        import polars as pl

        columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.headings)
        pl.DataFrame({str(heading): pl.Series([_text(cell) for cell in column], dtype=pl.String)
                      for heading, column in zip(table.headings, columns, strict=True)}).write_parquet(path)
        return
    _write_csv(path, [[str(heading) for heading in table.headings], *([_text(c) for c in row] for row in table.rows)])


def write_columns(path: Path, columns: Mapping[str, Sequence[float]]) -> None:
    """Write profiles, one a column, as CSV or Parquet; shorter ones end in empty cells."""
    longest = max((len(values) for values in columns.values()), default=0)
    if path.suffix == ".parquet":
        import polars as pl

        filled = {quoted(name): [*values, *([None] * (longest - len(values)))] for name, values in columns.items()}
        pl.DataFrame(filled, schema=dict.fromkeys(filled, pl.Float64)).write_parquet(path)
        return
    listed = list(columns.values())
    body = ([_text(values[row]) if row < len(values) else None for values in listed] for row in range(longest))
    _write_csv(path, [[quoted(name) for name in columns], *body])


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return repr(cell) if isinstance(cell, float) else str(cell)


def _write_csv(path: Path, rows: Sequence[Sequence[str | None]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for row in rows:
            line = ",".join(_field(cell or "") for cell in row)
            file.write((line or '""') + "\r\n")  # a line with nothing on it would be no row


def _field(text: str) -> str:
    """Quote what any delimiter, quote or line end would break."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',;\t"\r\n') or text != text.strip() else text
