"""Every number of a case that is planned or simulated names the rows of its sources, or says that it is assumed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.chain.entities.attribute import Entity
from lodeworks.units import Quantity
from lodeworks.verbs import read

CASES = sorted(path.parent.name for path in Path("cases").glob("*/sources.csv"))
SECTIONS = ("commodities", "sites", "firms", "lenders", "loans", "processes", "supplies", "demands", "routes", "stores", "fleets",
            "pools", "policies")
SAYS_NOTHING = {0.0, 1.0}  # one unit of what is counted, nothing to begin with; a whole share
UNCITED = {"step", "at"}   # how finely it is planned, where on a way it is drawn


def numbers(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    if isinstance(value, Quantity):
        if value.value not in SAYS_NOTHING and (value.value, value.unit) != (100.0, "%"):
            yield path, value.value
    elif isinstance(value, Entity):
        for name in type(value).model_fields:
            if name not in ("source", "ranges", "title", "note"):
                yield from numbers(getattr(value, name), (*path, name.rstrip("_")))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from numbers(inner, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from numbers(inner, path)


def said(source: dict[str, str], path: tuple[str, ...]) -> str:
    """Return what is said of where a number comes from: of it, of what it is part of, or of all."""
    keys = [".".join(path[:count]) for count in range(len(path), 0, -1)]
    return next((source[key] for key in (*keys, "*") if key in source), "")


def elements(chain: Chain) -> Iterator[tuple[str, Entity]]:
    for section in SECTIONS:
        for name, element in getattr(chain, section).items():
            yield f"{section}.{name}", element


@pytest.mark.parametrize("case", CASES)
def test_every_number_says_where_it_comes_from_and_the_row_is_there(case: str) -> None:
    chain = read(f"cases/{case}")
    rows = {row["name"] for row in csv.DictReader(Path("cases", case, "sources.csv").read_text(encoding="utf-8").splitlines())}
    silent = [f"{name}.{'.'.join(path)} = {value:g}" for name, element in elements(chain)
              for path, value in numbers(element) if path[0] not in UNCITED and not said(element.source, path)]
    unknown = [f"{name}: {row}" for name, element in elements(chain) for text in element.source.values()
               for row in re.findall(r"\b[A-EKTWX]\d{2,3}[a-e]?\b", text) if row not in rows]
    assert (silent, unknown) == ([], [])
