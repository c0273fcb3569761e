"""Every problem that a test meets is told in Chinese too: what is then left in English is a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from lodeworks.chinese import told
from lodeworks.errors import Problem

A_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
NO_WORDS = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\{[^}]*\}|<[^>]*>|[\w.]+(?:, [\w.]+)+")  # quoted, keys, lists of names
USERS_OWN = {"interest only", "equal instalments", "daily and monthly"}  # found as they were written
LIBRARIES = re.compile(r"\S+\.geojson: |\[Errno ")  # what readers of JSON and NetCDF say
_judged: set[tuple[str, str, str]] = set()


def left_in_english(message: str, found: str, expected: str) -> str:
    """Return what a problem says in Chinese where an English sentence is left in it."""
    zh = told(Problem(message, found="" if found in USERS_OWN or LIBRARIES.match(found) else found, expected=expected))
    return zh if A_SENTENCE.search(NO_WORDS.sub("", zh)) else ""


@pytest.fixture(autouse=True)
def every_problem_has_its_chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    made: set[tuple[str, str, str]] = set()
    plain = Problem.__init__

    def heard(self: Problem, *given: str, **named: str) -> None:
        plain(self, *given, **named)
        made.add((self.message, str(self.found), self.expected))

    monkeypatch.setattr(Problem, "__init__", heard)
    yield
    new = made - _judged
    _judged.update(new)
    left = [zh for texts in new if (zh := left_in_english(*texts))]
    assert not left, f"told to who reads Chinese in English; see src/lodeworks/chinese: {left}"
