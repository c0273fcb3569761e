"""The reference page of the chain language, made from the attribute table: ``python -m lodeworks.chain.reference``.

What an attribute means is written once, at the entity; here it is only laid out.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, get_args, get_origin

from lodeworks.chain.conform import bare_type, is_entity
from lodeworks.chain.entities import Attribute, Chain, Entity, Quantity, attributes_of, sections

__all__ = ["reference_page"]

_INTRODUCTION = """# Reference of the chain language

Made from the attribute table by `python -m lodeworks.chain.reference docs/reference.md`; edit the entities, not
this page. How a chain is written and read is told in the guide; here is every key.

- A **quantity** is a number and its unit: `3.8 Mt/a`, `60 %`, `380万吨/年`; no unit means a plain number.
- A **varying** is a quantity, the name of a profile or calendar, or `{profile: NAME, times: QUANTITY}`.
- A **flow** is a varying, or `{amount: VARYING, lag: TIME, site: NAME}`.
- A **lag** is a time, or `{0 h: 30 %, 2 h: 70 %}`.
- A **title** is one text, or `{en: …, zh: …}`.
- `no`, `on` and `08:00` are text, only `true` and `false` are booleans, and `1e3` is a number.
- A section may name a table instead: `processes: processes.csv` has an element a row, the column `name`, dotted
  headings for parts (`expansion.cost`), units in headings (`capacity [Mt/a]`), and `{…}` in a cell for mappings.
- A file with `overlay: other.yaml` changes that chain: what it gives replaces, and `null` takes away.
- Required keys are in **bold**.
"""


def reference_page() -> str:
    """Return the page as Markdown."""
    waiting: list[type[Entity]] = [Chain]
    done: dict[str, tuple[str, type[Entity]]] = {}
    where = {kind: name for name, kind in sections().items()}
    while waiting:
        kind = waiting.pop(0)
        if kind.__name__ in done:
            continue
        done[kind.__name__] = (where.get(kind, ""), kind)
        waiting += [inner for attribute in attributes_of(kind).values() for inner in _inner(attribute.annotation)]
    return _INTRODUCTION + "".join(_part(section, kind) for section, kind in done.values())


def _inner(annotation: Any) -> list[type[Entity]]:
    kind = bare_type(annotation)
    if get_origin(kind) in (dict, list):
        return _inner(get_args(kind)[-1])
    return [kind] if is_entity(kind) else []


def _part(section: str, kind: type[Entity]) -> str:
    heading = f"`{section}`: {kind.__name__.lower()}" if section else kind.__name__.lower()
    lines = [f"\n## {heading}\n", (kind.__doc__ or "").strip().splitlines()[0] + "\n",
             "| key | 中文 | what it is | written as | unless given |", "| --- | --- | --- | --- | --- |"]
    lines += [_row(attribute) for attribute in attributes_of(kind).values()]
    return "\n".join(lines) + "\n"


def _row(attribute: Attribute) -> str:
    key = f"**`{attribute.key}`**" if attribute.required else f"`{attribute.key}`"
    meaning = attribute.description + (f" Names: `{attribute.ref}`." if attribute.ref else "")
    written = _written(attribute.annotation)
    if attribute.measure is not None:
        written += f" ({attribute.measure})"
    cells = [key, attribute.zh, meaning, written, "" if attribute.required else _default(attribute.default)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _written(annotation: Any) -> str:
    kind = bare_type(annotation)
    if get_origin(kind) is dict:
        return f"name: {_written(get_args(kind)[1])}"
    if get_origin(kind) is list:
        return f"list of {_written(get_args(kind)[0])}"
    if is_entity(kind) and kind is not Quantity:
        return str(kind.__name__).lower()
    return {"Quantity": "quantity", "str": "text", "bool": "true or false", "float": "number", "int": "whole number",
            "datetime": "date, or date and time"}[kind.__name__]


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str | Quantity) and str(value) else ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference_page(), encoding="utf-8")
