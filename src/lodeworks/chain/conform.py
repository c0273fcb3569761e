"""From data as written to a Chain: every value held against its attribute, every fault told in plain words.

The walk follows the one table of attributes. It finds unknown keys, wrong shapes and faulty numbers of all
elements at once; what only an entity can judge is then asked of the entity. Meaning across elements is for
`lodeworks.chain.check`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher, get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError

from lodeworks.chain.entities import (
    Attribute,
    Chain,
    Element,
    Entity,
    Flow,
    Lag,
    Measure,
    Objective,
    Quantity,
    Scenario,
    Stage,
    Title,
    Varying,
    attributes_of,
)
from lodeworks.chain.entities.pathway import settings
from lodeworks.chain.origin import Document, Plain, is_null, number_of
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import parse_quantity

__all__ = ["STAND_IN", "WATCHED", "bare_type", "conform", "conform_in_part", "is_entity", "shown"]

STAND_IN = "\ufffc"
"""Stands for a text that could not be read; a number that could not is no number. What a check says of either is none
of its business."""

_MISSING = object()
_SHORT = (Title, Varying, Lag, Flow, Objective)
WATCHED = (
    "feeds", "tags", "limits", "alarms", "zones", "roadways", "cameras", "rounds", "incidents", "actions", "screens",
)
"""The sections of what is watched."""
_UNREAD: dict[Measure | None, Quantity] = {
    Measure.DURATION: Quantity(math.nan, "h"), Measure.LENGTH: Quantity(math.nan, "m"),
    Measure.SPEED: Quantity(math.nan, "m/s"),
}
_QUANTITY = "a number with its unit, such as `3.8 Mt/a`"


def conform(document: Document) -> Chain:
    """Return the chain a document describes.

    Raises
    ------
    InputError
        With every problem of the document, those found before included.
    """
    chain, problems = conform_in_part(document)
    if chain is None or problems:
        raise InputError(problems)
    return chain


def conform_in_part(document: Document) -> tuple[Chain | None, list[Problem]]:
    """Return what is left of a chain when everything faulty is left out, None if that is no chain, and the faults.

    Of what is watched, parts that could not be read have a stand-in, so that the rest of the element is looked at too.
    """
    walk = _Walk(document)
    data = walk.entity(Chain, document.data, "")
    chain = None
    if isinstance(data, dict):
        try:
            chain = Chain.model_validate(data)
        except ValidationError as error:
            walk.translate(error)
    return chain, _unique(document.problems)


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def shown(value: object) -> str:
    """Return a value as it may be quoted in a message: short, and in the file's own writing."""
    if isinstance(value, dict):
        return "a mapping {" + ", ".join(map(str, list(value)[:3])) + (", …}" if len(value) > 3 else "}")
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if is_null(value):
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "…")


class _Walk:
    """One pass over a document; what is faulty is reported and left out."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faulty: set[str] = set()

    def fault(self, path: str, message: str, **more: str) -> Any:
        self.faulty.add(path)
        self.document.fault(path, message, **more)
        return _MISSING

    # ---- entities ----

    def entity(self, kind: type[Entity], value: Any, path: str) -> Any:
        """Return what the entity's constructor takes."""
        if not isinstance(value, dict):
            if issubclass(kind, _SHORT) and not isinstance(value, list):
                return self.short(kind, value, path)
            return self.fault(path, "wrong shape", found=shown(value), expected="keys and values: " + _some_keys(kind))
        if kind is Lag:
            return self.lag(value, path)
        if kind is Flow and value and set(value) <= set(attributes_of(Varying)):
            got = self.entity(Varying, value, path)
            return got if got is _MISSING else {"amount": got}
        table = attributes_of(kind)
        data: dict[str, Any] = {}
        for key, item in value.items():
            where = f"{path}.{key}" if path else key
            if key not in table:
                self.unknown(kind, key, where, table)
            elif not is_null(item) or (table[key].required and not isinstance(item, Plain | None)):
                got = self.attribute(kind, table[key], item, where)
                if got is _MISSING and bare_type(table[key].annotation) is Quantity:
                    got = self.stand_in(table[key], path)
                if got is not _MISSING:
                    data[key] = got
        for key, attribute in table.items():
            where = f"{path}.{key}" if path else key
            if not attribute.required or key in data:
                continue
            if where not in self.faulty:
                self.fault(where, f"{attribute.title} is missing" if attribute.title == key
                           else f"`{key}` ({attribute.title}) is missing", expected=_expected(attribute))
            got = self.stand_in(attribute, path)
            if got is not _MISSING:
                data[key] = got
            elif path:  # an element is nothing without it
                self.faulty.add(path)
                return _MISSING
        return data

    def stand_in(self, attribute: Attribute, path: str) -> Any:
        """Return what stands for a part of what is watched that could not be read."""
        if path.partition(".")[0] not in WATCHED:
            return _MISSING
        kind = bare_type(attribute.annotation)
        return {str: STAND_IN, Title: STAND_IN,
                Quantity: _UNREAD.get(attribute.measure, Quantity(math.nan))}.get(kind, _MISSING)

    def unknown(self, kind: type[Entity], key: str, where: str, table: Mapping[str, Attribute]) -> None:
        known = list(table)
        if kind is Chain:
            self.fault(where, f"unknown section or key {key!r}", suggestion=nearest(key, known),
                       expected="" if nearest(key, known) else "one of " + ", ".join(known))
            return
        meant = _meant(key, table)
        self.fault(where, f"unknown key {key!r}", suggestion=meant,
                   expected="" if meant else "one of " + ", ".join(known))

    def attribute(self, kind: type[Entity], attribute: Attribute, value: Any, path: str) -> Any:
        if attribute.key == "source" and issubclass(kind, Element) and not isinstance(value, dict | list):
            return {"*": str(value)}
        if attribute.key == "set" and kind in (Stage, Scenario) and isinstance(value, dict):
            value = settings(value)
        return self.value(attribute.annotation, value, path)

    def short(self, kind: type[Entity], value: Any, path: str) -> Any:
        """Take an entity written as one text or number."""
        if isinstance(value, bool) or is_null(value):
            return self.fault(path, "wrong value", found=shown(value), expected=_shape(kind))
        if kind is Title or kind is Objective:
            return self.text(value, path)
        if kind is Flow:
            got = self.short(Varying, value, path)
            return got if got is _MISSING else {"amount": got}
        if kind is Lag:
            return {"shares": {str(value): Quantity(1.0)}}
        text = str(value)
        if not isinstance(value, str) or re.match(r"\s*[+-]?[.\d]", text):
            got = self.quantity(value, path)
            return got if got is _MISSING else {"times": got}
        if not text.strip():
            return self.fault(path, "wrong value", found=shown(value), expected=_shape(kind))
        return {"profile": text}

    def lag(self, value: dict[str, Any], path: str) -> Any:
        shares = value["shares"] if set(value) == {"shares"} and isinstance(value["shares"], dict) else value
        got = self.mapping(shares, path, Quantity)
        return got if got is _MISSING else {"shares": got}

    # ---- values ----

    def value(self, annotation: Any, value: Any, path: str) -> Any:
        """Return `value` as the annotation wants it."""
        kind = bare_type(annotation)
        origin = get_origin(kind)
        if origin is dict:
            key, item = get_args(kind)
            return self.mapping(value, path, item, names=get_origin(key) is Annotated)
        if origin is list:
            return self.items(value, path, get_args(kind)[0])
        if isinstance(kind, type) and issubclass(kind, Entity):
            return self.entity(kind, value, path)
        readers: dict[Any, Callable[[Any, str], Any]] = {
            Quantity: self.quantity, str: self.text, bool: self.boolean, float: self.number, int: self.whole,
            dt.datetime: self.instant,
        }
        return readers[kind](value, path)

    def mapping(self, value: Any, path: str, item: Any, *, names: bool = False) -> Any:
        if not isinstance(value, dict):
            example = "name: {…}" if is_entity(item) else "name: value"
            return self.fault(path, "wrong shape", found=shown(value), expected=f"names with values: `{example}`")
        data: dict[str, Any] = {}
        for key, entry in value.items():
            where = f"{path}.{key}" if path else key
            if names and (wrong := _name_fault(key)):
                self.fault(where, wrong, found=repr(key))
                continue
            if is_null(entry):
                if not is_entity(item) or issubclass(bare_type(item), _SHORT):
                    self.fault(where, "nothing is given", expected=_shape(item))
                    continue
                entry = {}
            got = self.value(item, entry, where)
            if got is not _MISSING:
                data[key] = got
        return data

    def items(self, value: Any, path: str, item: Any) -> Any:
        if not isinstance(value, list):
            return self.fault(path, "wrong shape", found=shown(value), expected="a list: `[…, …]`")
        if bare_type(item) is float:
            return self.numbers(value, path)
        found = [self.value(item, entry, f"{path}.{place}") for place, entry in enumerate(value, 1)]
        return [entry for entry in found if entry is not _MISSING]

    def numbers(self, value: list[Any], path: str) -> Any:
        """Read many numbers; the first few faulty ones are told."""
        found, faults = [], 0
        for place, entry in enumerate(value, 1):
            number = entry if type(entry) is float else _float(entry)
            if number is None or not math.isfinite(number):
                faults += 1
                if faults <= 3:
                    self.fault(path, f"value {place} is not a number", found=shown(entry), expected="a finite number")
            else:
                found.append(number)
        if faults > 3:
            self.fault(path, f"{faults} values in all are not numbers")
        return found if not faults else _MISSING

    def quantity(self, value: Any, path: str) -> Any:
        if isinstance(value, Quantity):
            return value
        try:
            return parse_quantity(str(value) if isinstance(value, str) else value)
        except (ValueError, OverflowError) as error:
            finite = "finite" in str(error) or str(value).strip().lower() in (".nan", "nan", ".inf", "inf", "-.inf")
            return self.fault(path, "not a finite number" if finite else "not a number with a unit",
                              found=shown(value), expected=_QUANTITY)

    def text(self, value: Any, path: str) -> Any:
        if isinstance(value, str):
            return str(value)
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
        if isinstance(value, dt.date):
            return value.isoformat()
        return self.fault(path, "wrong shape", found=shown(value), expected="text")

    def boolean(self, value: Any, path: str) -> Any:
        if isinstance(value, bool):
            return value
        if isinstance(value, Plain) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return self.fault(path, "not true or false", found=shown(value), expected="true or false")

    def number(self, value: Any, path: str) -> Any:
        number = _float(value)
        if number is None or not math.isfinite(number):
            return self.fault(path, "not a number", found=shown(value), expected="a finite number")
        return number

    def whole(self, value: Any, path: str) -> Any:
        number = _float(value)
        if number is None or not math.isfinite(number) or number != int(number):
            return self.fault(path, "not a whole number", found=shown(value), expected="a whole number, such as 2026")
        return int(number)

    def instant(self, value: Any, path: str) -> Any:
        expected = "a date such as 2026-01-01, or with a time, 2026-01-01 08:00"
        if isinstance(value, dt.datetime):
            found = value
        elif isinstance(value, dt.date):
            found = dt.datetime.combine(value, dt.time())
        else:
            text = str(value).strip()
            clock = r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?)?"
            shape = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})" + clock + r"\s*(\S*)", text)
            if shape is None:
                return self.fault(path, "not a date", found=shown(value), expected=expected)
            if shape[8]:
                return self.fault(path, "times are local, without a time zone", found=shown(value), expected=expected)
            micro = round(float(shape[7] or 0) * 1e6)
            try:
                year, month, day, hour, minute, second = (int(part or 0) for part in shape.groups()[:6])
                found = dt.datetime(year, month, day, hour, minute, second, micro)
            except ValueError:
                return self.fault(path, "there is no such date or time", found=shown(value), expected=expected)
        if found.tzinfo is not None:
            return self.fault(path, "times are local, without a time zone", found=str(found), expected=expected)
        return found

    # ---- what the entities themselves refuse ----

    def translate(self, error: ValidationError) -> None:
        """Tell what an entity refused, without its library's words."""
        for item in error.errors(include_url=False):
            path = ".".join(str(part) for part in item["loc"] if "[" not in str(part))
            if any(f"{path}.".startswith(f"{faulty}.") or faulty.startswith(f"{path}.") for faulty in self.faulty):
                continue
            context = item.get("ctx", {}).get("error")
            if item["type"] == "value_error" and context is not None:
                self.fault(path, str(context), found=shown(item.get("input")))
            elif item["type"] == "missing":
                self.fault(path, "this is missing")
            else:
                self.fault(path, "this value cannot be used", found=shown(item.get("input")))


def _float(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        found = number_of(value.strip())
        if isinstance(found, str):
            try:
                found = float(found) if found.strip()[:1].isdecimal() else found
            except ValueError:
                return None
        return float(found) if not isinstance(found, str) else None
    return float(value) if isinstance(value, int | float) else None


def _name_fault(name: str) -> str:
    if not name.strip():
        return "a name must not be empty"
    if name != name.strip():
        return "a name must not begin or end with a space"
    if "." in name:
        return "a name must not hold a point"
    if any(ord(c) < 32 or ord(c) == 127 for c in name):
        return "a name must not hold a control character"
    return ""


def bare_type(annotation: Any) -> Any:
    """Return the type within ``X | None`` and ``Annotated``."""
    if get_origin(annotation) is Annotated:
        return bare_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return bare_type(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def is_entity(annotation: Any) -> bool:
    """Say whether an annotation is that of an entity."""
    bare = bare_type(annotation)
    return isinstance(bare, type) and issubclass(bare, Entity)


def _some_keys(kind: type[Entity]) -> str:
    keys = list(attributes_of(kind))
    if kind is Chain:
        return "chain, horizon, commodities, processes, …"
    own = [key for key in keys if key not in ("title", "note", "source", "ranges")] or keys
    return ", ".join(own[:5]) + (", …" if len(own) > 5 else "")


def _shape(annotation: Any) -> str:
    kind = bare_type(annotation)
    if get_origin(kind) is dict:
        return "names with values"
    if get_origin(kind) is list:
        return "a list"
    plain = {Quantity: _QUANTITY, str: "text", bool: "true or false", float: "a number",
             int: "a whole number",
             dt.datetime: "a date such as 2026-01-01", Title: "text, or {en, zh}",
             Objective: "profit, cost, output or emissions",
             Varying: "a quantity, the name of a profile, or {profile, times}", Lag: "a time, or {time: share}",
             Flow: "an amount, the name of a profile, or {amount, lag}"}
    return plain.get(kind) or (_some_keys(kind) if is_entity(kind) else "a value")


def _meant(key: str, table: Mapping[str, Attribute]) -> str:
    """Return the key that is meant: a slip of one, its title in either language, or the one that shares a word with it.

    So `tax` is answered with `profit_tax` and `interest` with `rate`, whose title is interest rate.
    """
    slip = get_close_matches(key, list(table), n=1, cutoff=0.7)
    if slip and SequenceMatcher(None, key, slip[0]).ratio() >= 0.8:
        return slip[0]
    own = _words(key)
    shared = {name: len(own & (_words(name) | _words(a.title))) if key != a.zh else 99 for name, a in table.items()}
    most = max(shared.values(), default=0)
    best = [name for name, count in shared.items() if count == most]
    return best[0] if most and len(best) == 1 else next(iter(slip), "")


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"[\W_]+", text.lower()) if len(word) > 2}


def _expected(attribute: Attribute) -> str:
    if attribute.ref:
        return f"a name from `{attribute.ref}`"
    return _shape(attribute.annotation)


