"""Changes laid over a chain: overlay files and single settings, checked as strictly as the chain itself.

A mapping laid over a mapping changes the keys it names, nothing (``null``) takes an element or attribute
away, and anything else replaces. A change to an element that is not there is a fault, unless it gives a
whole new one.
"""

from __future__ import annotations

import re
from typing import Any

from lodeworks.chain.conform import bare_type, is_entity
from lodeworks.chain.entities import Chain, Entity, Flow, Objective, Title, Varying, attributes_of, sections
from lodeworks.chain.origin import Document, Plain, is_null
from lodeworks.errors import Problem, nearest

__all__ = ["apply_set", "lay_over"]

_FORMS = ("values", "daily", "weekly", "monthly")
# What makes a new element of an entity that requires nothing: without it, a new name is a slip of the pen.
_WHOLE = {"processes": ("inputs", "outputs", "modes", "blends"), "profiles": (*_FORMS, "table")}


def lay_over(base: Document, above: Document) -> None:
    """Change `base` by what `above` says; faults of both end up in the base's problems."""
    base.problems += above.problems
    kinds = sections()
    for key, value in above.data.items():
        kind = kinds.get(key)
        if kind is not None and kind is not str and isinstance(value, dict):
            section = base.data.get(key)
            if not isinstance(section, dict):
                section = base.data[key] = {}
            for name, element in value.items():
                _lay_element(base, above, key, kind, section, name, element)
        elif key in attributes_of(Chain):
            _lay_key(base.data, key, value, Chain)
        else:
            base.data[key] = value
    base.places |= above.places


def _lay_element(
    base: Document, above: Document, section: str, kind: type[Entity], elements: dict[str, Any], name: str, element: Any
) -> None:
    path = f"{section}.{name}"
    if name not in elements:
        whole = not is_null(element) and (
            section not in _WHOLE or (isinstance(element, dict) and any(key in element for key in _WHOLE[section]))
        )
        required = [key for key, attribute in attributes_of(kind).items() if attribute.required]
        partial = isinstance(element, dict) and required and not any(key in element for key in required)
        if whole and not partial:
            elements[name] = element
            return
        base.problems.append(
            Problem("there is no such element to change", file=above.origin.locate(path), element=path,
                    expected="an element of the chain below, or a whole new one", suggestion=nearest(name, elements)))
        return
    if is_null(element):
        del elements[name]
        return
    below = elements[name]
    if isinstance(element, dict) and isinstance(below, dict):
        if section == "profiles" and any(key in element for key in _FORMS):
            for form in _FORMS:
                below.pop(form, None)
        for key, value in element.items():
            _lay_key(below, key, value, kind)
    else:
        elements[name] = element


def _lay_key(data: dict[str, Any], key: str, value: Any, kind: type[Entity] | None) -> None:
    """Lay one key over a mapping."""
    if is_null(value):
        data.pop(key, None)
        return
    attribute = attributes_of(kind).get(key) if kind is not None else None
    inner = bare_type(attribute.annotation) if attribute is not None else None
    entity = inner if is_entity(inner) else None
    below = data.get(key)
    if entity is not None and isinstance(value, dict):
        below = _long_form(entity, below)
    if not isinstance(value, dict) or not isinstance(below, dict) or entity is Varying:
        data[key] = value
        return
    below = data[key] = dict(below)
    for step, item in value.items():
        if entity is not None:
            _lay_key(below, step, item, entity)
        elif is_null(item):
            below.pop(step, None)
        elif isinstance(item, dict) and isinstance(below.get(step), dict):
            below[step] = {k: v for k, v in {**below[step], **item}.items() if not is_null(v)}
        else:
            below[step] = item


def _long_form(entity: type[Entity], value: Any) -> Any:
    """Return an entity written as one text in keys and values, so that one key can be changed."""
    if isinstance(value, dict) or is_null(value) or isinstance(value, list):
        return value
    if entity is Title:
        return {"zh" if re.search(r"[一-鿿]", str(value)) else "en": value}
    if entity is Varying:
        return {"times" if re.match(r"\s*[+-]?[.\d]", str(value)) else "profile": value}
    if entity is Flow or entity is Objective:
        return {"amount" if entity is Flow else "goal": value}
    return value


# ---- single settings --------------------------------------------------------------------------------


def apply_set(document: Document, text: str, label: str = "") -> None:
    """Change one value: ``processes.psa.capacity=20t/d``; nothing after ``=`` takes the value away."""
    path, equals, written = text.partition("=")
    parts = [part.strip() for part in path.split(".")]
    label = label or f"--set {text}"
    if not equals or not all(parts):
        document.problems.append(
            Problem("not a setting", file=label, expected="path=value, such as processes.psa.capacity=20t/d"))
        return
    value = _setting(document, label, written.strip())
    _Setting(document, label).into(document.data, Chain, parts, [], value)


def _setting(document: Document, label: str, written: str) -> Any:
    if written[:1] not in tuple("{['\""):
        return Plain(written)
    from lodeworks.chain.yaml import parse_yaml

    parsed = parse_yaml(written, label)
    document.problems += parsed.problems
    return parsed.data


class _Setting:
    """Walks one path down, told by types what a step may be."""

    def __init__(self, document: Document, label: str) -> None:
        self.document, self.label = document, label

    def fault(
        self, done: list[str], message: str, *, found: str = "", expected: str = "", suggestion: str = ""
    ) -> None:
        depth = 2 if done and done[0] in sections() else 1
        self.document.problems.append(
            Problem(message, file=self.label, element=".".join(done[:depth]), key=".".join(done[depth:]), found=found,
                    expected=expected, suggestion=suggestion))

    def into(self, data: dict[str, Any], kind: Any, parts: list[str], done: list[str], value: Any) -> None:
        """Set the value at `parts` below `data`, which is what `kind` describes."""
        key, rest, below = self.step(data, kind, parts)
        here = [*done, key]
        if is_entity(kind) and key not in attributes_of(kind):
            known = list(attributes_of(kind))
            self.fault(here, f"unknown key {key!r}", suggestion=nearest(key, known),
                       expected="" if nearest(key, known) else "one of " + ", ".join(known[:12]))
            return
        if not is_entity(kind) and is_entity(below) and len(done) == 1 and key not in data:
            there = "one of " + ", ".join(list(data)[:12]) if data else f"none are given in {done[0]}"
            self.fault(here, "there is no such element", suggestion=nearest(key, data),
                       expected="" if nearest(key, data) else there)
            return
        if not rest:
            if is_null(value):
                data.pop(key, None)
            else:
                data[key] = value
            self.document.places[".".join(here)] = self.label
            return
        if not is_entity(below) and not _is_mapping(below) and not isinstance(data.get(key), list):
            self.fault([*here, *rest], f"{'.'.join(here)} has no parts")
            return
        current = data.get(key)
        if isinstance(current, list):
            self.into_list(current, below, rest, here, value)
            return
        if is_entity(below):
            current = _long_form(bare_type(below), current)
        current = dict(current) if isinstance(current, dict) else {}
        data[key] = current
        self.into(current, bare_type(below), rest, here, value)

    def into_list(self, items: list[Any], kind: Any, parts: list[str], done: list[str], value: Any) -> None:
        from typing import get_args

        number = int(parts[0]) if parts[0].isdecimal() and len(parts[0]) < 9 else 0
        if not 1 <= number <= len(items):
            self.fault([*done, parts[0]], "there is no such place in the list", expected=f"1 to {len(items)}")
            return
        inner = bare_type(get_args(kind)[0]) if get_args(kind) else str
        if len(parts) == 1:
            items[number - 1] = value
        elif isinstance(items[number - 1], dict):
            self.into(items[number - 1], inner, parts[1:], [*done, parts[0]], value)
        else:
            self.fault([*done, *parts], f"{'.'.join([*done, parts[0]])} has no parts")

    def step(self, data: dict[str, Any], kind: Any, parts: list[str]) -> tuple[str, list[str], Any]:
        """Return the next key (names may hold points: the longest that is there), what is left, and its type."""
        from typing import get_args

        if is_entity(kind):
            attribute = attributes_of(kind).get(parts[0])
            return parts[0], parts[1:], bare_type(attribute.annotation) if attribute else None
        inner = bare_type(get_args(kind)[1])
        for count in range(len(parts), 0, -1):
            if ".".join(parts[:count]) in data:
                return ".".join(parts[:count]), parts[count:], inner
        count = 1 if is_entity(inner) or _is_mapping(inner) else len(parts)
        return ".".join(parts[:count]), parts[count:], inner


def _is_mapping(kind: Any) -> bool:
    from typing import get_origin

    return get_origin(kind) is dict
