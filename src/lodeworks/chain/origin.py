"""Where each part of a chain was written, and the plain data it was written as.

A `Document` is what any door gives: nested dicts and lists of text, with the place of each dotted path.
Nothing here knows a file format or an entity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lodeworks.errors import Problem

__all__ = ["Document", "Faults", "Origin", "Plain", "dotted", "is_null", "number_of", "resolve", "split_path"]


class Plain(str):
    """Text as written without quotes: what it is (number, boolean, text) is for the attribute to say."""

    __slots__ = ()


def is_null(value: object) -> bool:
    """Say whether a value was written as nothing: empty, ``~`` or ``null`` without quotes."""
    return value is None or (isinstance(value, Plain) and value in ("", "~", "null", "Null", "NULL"))


def resolve(value: object) -> object:
    """Turn unquoted text into what YAML 1.2 takes it for; only ``true`` and ``false`` are booleans.

    ``no``, ``on`` and ``08:00`` stay text, ``1e3`` is a number, and so are neither dates nor ``007``.
    """
    if isinstance(value, dict):
        return {key: resolve(item) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item) for item in value]
    if not isinstance(value, Plain):
        return value
    if is_null(value):
        return None
    if value in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return value[0] in "tT"
    return number_of(value)


def number_of(text: str) -> int | float | str:
    """Return the number `text` is in YAML 1.2, else the text."""
    import re

    if re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,17})", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return float(text.replace(".", ""))
    return str(text)


def dotted(*parts: str) -> str:
    """Join the parts of a path that say something."""
    return ".".join(part for part in parts if part)


@dataclass(frozen=True)
class Origin:
    """Where the parts of a chain were written: ``places`` by dotted path, ``file`` for all else."""

    file: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    def locate(self, element: str, key: str = "") -> str:
        """Return where `key` of `element` was written, else the closest thing around it.

        Examples
        --------
        ``chain.yaml:41``, ``processes.csv row 3``, ``processes!B4``, or just ``chain.yaml``.
        """
        path = dotted(element, key)
        while path:
            if path in self.places:
                return self.places[path]
            path = path.rpartition(".")[0]
        return self.file

    def placed(self, problem: Problem) -> Problem:
        """Return `problem` with its file filled in."""
        return problem if problem.file else replace(problem, file=self.locate(problem.element, problem.key))


class Faults:
    """What is wrong with a file that is read to its end, so that all of it is told at once."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.problems: list[Problem] = []

    def fault(self, path: str, message: str, found: object = "", expected: str = "", suggestion: str = "") -> None:
        """Record a problem at a dotted path: its first part is the element, the rest the key."""
        element, _, key = path.partition(".")
        self.problems.append(self.origin.placed(Problem(
            message, element=element, key=key, found=str(found), expected=expected, suggestion=suggestion,
        )))


@dataclass
class Document:
    """What one door gave: the data as written, where its parts are, and the folder other files are beside."""

    data: dict[str, Any]
    file: str
    folder: Path
    places: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    sheets: dict[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        """The places, as problems want them."""
        return Origin(self.file, self.places)

    def fault(self, path: str, message: str, *, found: str = "", expected: str = "", suggestion: str = "") -> None:
        """Record a problem at a dotted path."""
        element, key = split_path(path)
        self.problems.append(
            Problem(message, file=self.origin.locate(path), element=element, key=key, found=found,
                    expected=expected, suggestion=suggestion)
        )


def split_path(path: str) -> tuple[str, str]:
    """Split a dotted path into element (``processes.psa``, or ``horizon``) and key."""
    from lodeworks.chain.entities import sections

    parts = path.split(".")
    depth = 2 if parts[0] in sections() else 1
    return ".".join(parts[:depth]), ".".join(parts[depth:])
