"""Elements as rows of cells, and back: one row an element, one heading an attribute.

Nested entities become dotted headings (``expansion.cost``), lists and mappings one cell in YAML's one-line
writing (``{clean_coal: 1.37 t, electricity: 45 kWh}``), and a unit that all numbers of a column share moves
into its heading (``capacity [Mt/a]``). CSV, Parquet and workbooks share this codec; none is known here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from lodeworks.chain.conform import bare_type, is_entity
from lodeworks.chain.entities import Attribute, Entity, Flow, Lag, Quantity, Varying, attributes_of
from lodeworks.chain.origin import Document, Plain, dotted
from lodeworks.chain.yaml import flow_text, parse_yaml
from lodeworks.errors import nearest
from lodeworks.units import parse_quantity

__all__ = ["Cell", "Heading", "Table", "annotation_at", "attribute_at", "flatten", "from_rows", "put_cell", "quoted",
           "read_heading", "to_table", "unquoted"]

Cell = str | float | bool | None
_WRITTEN_AS_ONE = (Varying, Lag, Flow)
_NUMBER = re.compile(r"\s*[+-]?(\d{1,3}(,\d{3})+\.?\d*|\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: the dotted key and the unit its plain numbers are in."""

    key: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.key} [{self.unit}]" if self.unit else self.key


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of equal length; the first column is the name."""

    headings: list[Heading]
    rows: list[list[Cell]]


# ---- to rows ----------------------------------------------------------------------------------------


def flatten(kind: type[Entity], data: Mapping[str, Any], prefix: str = "") -> dict[str, Cell]:
    """Return one element's cells by dotted key."""
    cells: dict[str, Cell] = {}
    table = attributes_of(kind)
    for key, value in data.items():
        inner = bare_type(table[key].annotation)
        if is_entity(inner) and inner not in _WRITTEN_AS_ONE and isinstance(value, dict) and value:
            cells |= flatten(inner, value, f"{prefix}{key}.")
        elif inner is str:
            cells[prefix + key] = quoted(str(value))
        elif isinstance(value, dict | list):
            cells[prefix + key] = flow_text(value)
        elif isinstance(value, str) and value[:1] in tuple('{["'):
            cells[prefix + key] = json.dumps(value, ensure_ascii=False)
        else:
            cells[prefix + key] = value
    return cells


def quoted(text: str) -> str:
    """Quote a text that a cell would not keep as it is."""
    plain = text and text == text.strip() and text[0] not in '"#' and text.isprintable()
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())


def to_table(kind: type[Entity], records: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the rows of a section; columns are in the order of the attribute table."""
    flat = {name: flatten(kind, record) for name, record in records.items()}
    used = {key for cells in flat.values() for key in cells}
    keys = sorted(used, key=lambda key: _order(kind, key))
    headings, columns = [Heading("name")], [[quoted(name) for name in flat]]
    for key in keys:
        column = [cells.get(key) for cells in flat.values()]
        unit, column = _shared_unit(kind, key, column)
        headings.append(Heading(key, unit))
        columns.append(column)  # type: ignore[arg-type]
    return Table(headings, [list(row) for row in zip(*columns, strict=True)])


def _order(kind: type[Entity], key: str) -> tuple[int, ...]:
    place: list[int] = []
    inner: Any = kind
    for part in key.split("."):
        if not is_entity(inner):
            break
        table = attributes_of(inner)
        place.append(list(table).index(part))
        inner = bare_type(table[part].annotation)
    return tuple(place)


def _shared_unit(kind: type[Entity], key: str, column: list[Cell]) -> tuple[str, list[Cell]]:
    """Move the unit into the heading when every quantity of the column has it and none is a plain number."""
    if annotation_at(kind, key) not in (Quantity, Varying):
        return "", column
    found = [_as_quantity(cell) for cell in column]
    units = {quantity.unit for quantity in found if quantity is not None}
    if len(units) != 1 or "" in units or re.search(r"[\[\]]", next(iter(units))):
        return "", column
    return units.pop(), [q.value if q is not None else cell for q, cell in zip(found, column, strict=True)]


def _as_quantity(cell: Cell) -> Quantity | None:
    if cell is None or isinstance(cell, bool) or (isinstance(cell, str) and not re.match(r"\s*[+-]?[.\d]", cell)):
        return None  # the name of a profile, though it may hold a raised figure
    try:
        return parse_quantity(cell)
    except ValueError:
        return None


def attribute_at(kind: type[Entity], key: str) -> Attribute | None:
    """Return the attribute at a dotted key of nested entities."""
    inner: Any = kind
    attribute: Attribute | None = None
    for part in key.split("."):
        attribute = attributes_of(inner).get(part) if is_entity(inner) else None
        if attribute is None:
            return None
        inner = bare_type(attribute.annotation)
    return attribute


def annotation_at(kind: type[Entity], key: str) -> Any:
    """Return the type at a dotted key, or None where there is no such key."""
    inner: Any = kind
    for part in key.split("."):
        if is_entity(inner):
            table = attributes_of(inner)
            if part not in table:
                return None
            inner = bare_type(table[part].annotation)
        elif get_origin(inner) is dict:
            inner = bare_type(get_args(inner)[1])
        else:
            return None
    return inner


# ---- from rows --------------------------------------------------------------------------------------


def read_heading(text: str) -> Heading:
    """Read ``capacity [Mt/a]``."""
    match = re.fullmatch(r"(.*?)\s*\[([^\[\]]*)\]\s*", text, re.DOTALL)
    return Heading(match[1].strip(), match[2].strip()) if match else Heading(text.strip())


def from_rows(
    document: Document,
    section: str,
    kind: type[Entity],
    headings: Sequence[str],
    rows: Iterable[tuple[str, Sequence[Any]]],
    place: Callable[[str, int], str],
) -> dict[str, Any]:
    """Return a section's elements from rows.

    Parameters
    ----------
    headings
        The first row's texts.
    rows
        For each further row: its label (``"3"``) and its cells; nothing or empty text is an empty cell.
    place
        Where a row's column is, for messages: from the row's label and the column's number.
    """
    read = [read_heading(text) for text in headings]
    names = [i for i, heading in enumerate(read) if heading.key == "name"]
    if len(names) != 1:
        found = ", ".join(str(h) for h in read[:6] if h.key) or "nothing"
        _fault_at(document, section, place("1", 0), "one column must be headed `name`", found=found)
        return {}
    _check_headings(document, section, kind, read, place)
    elements: dict[str, Any] = {}
    lines: dict[str, str] = {}
    for label, cells in rows:
        filled = [i for i, cell in enumerate(cells) if cell is not None and cell != ""]
        written = str(cells[names[0]]) if names[0] in filled else ""
        if not filled or written.startswith("#"):
            continue
        if len(cells) > len(read) and filled[-1] >= len(read):
            _fault_at(document, section, place(label, len(read)), "more cells than headings", found=str(filled[-1] + 1),
                      expected=str(len(read)))
        if not written:
            _fault_at(document, section, place(label, names[0]), "the row has no name")
            continue
        name = unquoted(written)
        path = f"{section}.{name}"
        if name in elements:
            document.problems.append(_problem(place(label, names[0]), path, f"{name!r} is written twice", lines[name]))
            continue
        lines[name] = document.places[path] = place(label, names[0])
        elements[name] = {}
        for i in filled:
            if i != names[0] and i < len(read) and not read[i].key.startswith("#"):
                put_cell(document, elements[name], kind, path, read[i], cells[i], place(label, i))
    return elements


def _check_headings(
    document: Document, section: str, kind: type[Entity], read: list[Heading], place: Callable[[str, int], str]
) -> None:
    seen: dict[str, int] = {}
    for i, heading in enumerate(read):
        if not heading.key or heading.key.startswith("#"):
            continue
        if heading.key in seen:
            _fault_at(document, section, place("1", i), f"two columns are headed {heading.key!r}")
        seen[heading.key] = i
        wanted = annotation_at(kind, heading.key)
        if heading.key != "name" and wanted is None:
            known = list(attributes_of(kind))
            _fault_at(document, section, place("1", i), f"unknown heading {heading.key!r}",
                      suggestion=nearest(heading.key.split(".")[0], known))
        elif heading.unit and wanted in (str, bool):
            _fault_at(document, section, place("1", i), f"{heading.key!r} is no quantity and takes no unit",
                      found=heading.unit)


def put_cell(
    document: Document, element: dict[str, Any], kind: type[Entity], path: str, heading: Heading, cell: Any, place: str
) -> None:
    """Put one cell where its heading says."""
    wanted = annotation_at(kind, heading.key)
    if wanted is None:
        return  # told once, at the heading
    parts = heading.key.split(".")
    inner = element
    for part in parts[:-1]:
        step = inner.setdefault(part, {})
        if not isinstance(step, dict):
            _fault_at(document, path, place, f"{part!r} is given as a whole and in parts")
            return
        inner = step
    if parts[-1] in inner:
        _fault_at(document, path, place, f"{parts[-1]!r} is given as a whole and in parts")
        return
    where = dotted(path, heading.key)
    document.places[where] = place
    value = _cell_value(document, wanted, where, cell, place)
    if heading.unit and (isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value))):
        value = f"{value} {heading.unit}"
    inner[parts[-1]] = value


def _cell_value(document: Document, wanted: Any, path: str, cell: Any, place: str) -> Any:
    if not isinstance(cell, str):
        return cell
    if wanted is str:
        return unquoted(cell)
    if wanted is bool:
        return Plain(cell.strip())
    if cell.lstrip()[:1] in tuple('{["'):
        parsed = parse_yaml(cell, place)
        for problem in parsed.problems:
            document.problems.append(_problem(place, path, problem.message, cell[:60]))
        return None if parsed.problems else parsed.data
    return cell


def unquoted(text: str) -> str:
    """Return the text `quoted` made a cell of."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            found = json.loads(text)
        except ValueError:
            return text
        return found if isinstance(found, str) else text
    return text.strip()


def _fault_at(document: Document, path: str, place: str, message: str, **more: str) -> None:
    document.problems.append(_problem(place, path, message, **more))


def _problem(place: str, path: str, message: str, found: str = "", expected: str = "", suggestion: str = "") -> Any:
    from lodeworks.chain.origin import split_path
    from lodeworks.errors import Problem

    element, key = split_path(path)
    return Problem(message, file=place, element=element, key=key, found=found, expected=expected, suggestion=suggestion)
