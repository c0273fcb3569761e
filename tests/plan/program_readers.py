"""A reader of LP and MPS files for the tests, written from the published forms and sharing nothing with what writes them.

Stricter than solvers are: a name or section that the forms do not have, a bound said twice or a column nobody named is
an error. What a form takes for granted (nought to infinity; nought to one for a whole number in MPS without a bound) is
taken for granted here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


@dataclass
class Read:
    """A program as read: rows and columns in the order of the file."""

    maximise: bool = False
    constant: float = 0.0
    cost: dict[str, float] = field(default_factory=dict)
    terms: dict[str, dict[str, float]] = field(default_factory=dict)
    sides: dict[str, tuple[float, float]] = field(default_factory=dict)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys([*self.cost, *(c for row in self.terms.values() for c in row), *self.bounds]))

    def optimum(self) -> float | None:
        """Return the optimum, None where there is none."""
        columns = {name: number for number, name in enumerate(self.columns)}
        entries = [(r, columns[c], v) for r, row in enumerate(self.terms.values()) for c, v in row.items()]
        row, col, value = (np.array(part) for part in zip(*entries, strict=True))
        matrix = coo_array((value, (row, col)), shape=(len(self.terms), len(columns)))
        low, high = zip(*(self.sides[name] for name in self.terms), strict=True)
        sign = -1.0 if self.maximise else 1.0
        ends = [self.bounds.get(name, (0.0, math.inf)) for name in columns]
        found = milp(
            [sign * self.cost.get(name, 0.0) for name in columns],
            integrality=[int(name in self.whole) for name in columns],
            bounds=Bounds([a for a, _ in ends], [b for _, b in ends]),
            constraints=LinearConstraint(matrix.tocsr(), low, high), options={"mip_rel_gap": 0.0})
        return None if found.x is None else sign * found.fun + self.constant


def read_program(path: Path) -> Read:
    return (_read_lp if path.suffix == ".lp" else _read_mps)(path.read_text(encoding="utf-8"))


def _named(name: str) -> str:
    assert NAME.fullmatch(name), name
    assert name[0] not in "eE", name
    return name


def _read_lp(text: str) -> Read:
    found, section, row = Read(), "", ""
    for line in (line.split("\\")[0].strip() for line in text.splitlines()):
        if not line:
            continue
        if line in ("maximize", "minimize", "subject to", "bounds", "general", "end"):
            section, found.maximise = line, found.maximise or line == "maximize"
        elif section in ("maximize", "minimize"):
            if line != "obj:":
                name, value = _term(line)
                assert name not in found.cost
                found.cost[name] = value
        elif section == "subject to":
            label, _, rest = line.rpartition(":")
            if label:
                row = _named(label)
                assert row not in found.terms
                found.terms[row] = {}
            left, sense, right = re.fullmatch(r"(.*?)(?:(<=|>=|=)\s*(\S+))?", rest.strip()).groups()  # type: ignore[union-attr]
            if left.strip():
                name, value = _term(left.strip())
                assert name not in found.terms[row]
                found.terms[row][name] = value
            if sense:
                side = float(right)
                found.sides[row] = {"=": (side, side), "<=": (-math.inf, side), ">=": (side, math.inf)}[sense]
        elif section == "bounds":
            name, ends = _lp_bound(line)
            assert name not in found.bounds
            found.bounds[name] = ends
        else:
            assert section == "general", line
            found.whole.add(_named(line))
    assert section == "end"
    if found.bounds.get("constant") == (1.0, 1.0):
        found.constant = found.cost.pop("constant", 0.0)
        del found.bounds["constant"]
    return found


def _term(text: str) -> tuple[str, float]:
    value, name = text.split()
    return _named(name), float(value)


def _lp_bound(line: str) -> tuple[str, tuple[float, float]]:
    words = line.split()
    if words[1:] == ["free"]:
        return _named(words[0]), (-math.inf, math.inf)
    if len(words) == 3:
        value = float(words[2])
        return _named(words[0]), {"=": (value, value), ">=": (value, math.inf)}[words[1]]
    low, first, name, second, high = words
    assert first == second == "<="
    return _named(name), (float(low), float(high))


def _read_mps(text: str) -> Read:
    found, section, whole = Read(), "", False
    kinds: dict[str, str] = {}
    right: dict[str, float] = {}
    ranges: dict[str, float] = {}
    said: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        words = line.split()
        if line.startswith("*"):
            continue
        if not line.startswith(" "):
            section = words[0]
            assert section in ("NAME", "OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "ENDATA"), line
        elif section == "OBJSENSE":
            found.maximise = words == ["MAX"]
        elif section == "ROWS":
            assert words[1] not in kinds
            kinds[_named(words[1])] = words[0]
        elif section == "COLUMNS" and words[1] == "'MARKER'":
            assert whole == (words[2] == "'INTEND'")
            whole = not whole
        elif section == "COLUMNS":
            name, row, value = _named(words[0]), words[1], float(words[2])
            found.bounds.setdefault(name, (0.0, 1.0 if whole else math.inf))
            found.whole |= {name} if whole else set()
            into = found.cost if kinds[row] == "N" else found.terms.setdefault(row, {})
            assert name not in into
            into[name] = value
        elif section in ("RHS", "RANGES"):
            (right if section == "RHS" else ranges)[words[1]] = float(words[2])
        elif section == "BOUNDS":
            kind, _, name, *value = words
            assert name in found.bounds
            assert kind not in said.setdefault(name, {})
            said[name][kind] = float(value[0]) if value else math.nan
    assert section == "ENDATA"
    assert not whole
    for name, words_of in said.items():
        found.bounds[name] = _mps_bound(words_of, found.bounds[name])
    found.constant = -right.get("obj", 0.0)
    found.terms = {name: found.terms.get(name, {}) for name, kind in kinds.items() if kind != "N"}
    found.sides = dict(_mps_sides(kinds, right, ranges))
    return found


def _mps_bound(said: dict[str, float], usual: tuple[float, float]) -> tuple[float, float]:
    if "FX" in said:
        return said["FX"], said["FX"]
    if "FR" in said:
        return -math.inf, math.inf
    low = -math.inf if "MI" in said else said.get("LO", usual[0])
    if "UP" in said and said["UP"] <= 0.0:
        assert {"MI", "LO"} & said.keys(), "readers differ in what is least then"
    return low, math.inf if "PL" in said else said.get("UP", usual[1])


def _mps_sides(kinds: dict[str, str], right: dict[str, float], ranges: dict[str, float]) -> Iterator[tuple[str, tuple[float, float]]]:
    for name, kind in kinds.items():
        at, wide = right.get(name, 0.0), abs(ranges[name]) if name in ranges else math.inf
        if kind != "N":
            yield name, {"E": (at, at), "L": (at - wide, at), "G": (at, at + wide)}[kind]
