"""A message in Chinese, found by what its English says.

A message is made where the fault is found, in English, as a text with things filled in. The tables here hold each such
text once, with ``{}`` for what is filled in, and its Chinese, in which ``{1}`` is the first of those. A test reads the
source for every text a problem is made of and fails where one is in no table. What is filled in is told in Chinese
too where it is a message of its own; a single word only where the Chinese says ``{1w}``, since a user's own name may
look like one. A text that no table knows stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from lodeworks.chinese import (
    of_alarms,
    of_commands,
    of_elements,
    of_exchange,
    of_files,
    of_many,
    of_plans,
    of_ranges,
    of_runs,
    of_state,
    of_values,
    of_watched,
    of_watching,
    of_years,
)
from lodeworks.chinese.words import DIMENSIONS, LIBRARIES, WORDS

__all__ = ["TABLES", "filled", "in_chinese", "joined"]

TABLES: tuple[dict[str, str], ...] = (
    of_files.SAID, of_values.SAID, of_state.SAID, of_elements.SAID, of_ranges.SAID, of_years.SAID, of_alarms.SAID,
    of_watched.SAID, of_runs.SAID, of_exchange.SAID, of_many.SAID, of_plans.SAID,
    of_watching.SAID, of_commands.SAID,
)
"""Every message by its English, in tables of about a subject each."""

_NOTHING: Mapping[str, str] = {}
_FEW = 4  # so little that is fixed is in any text, as in ``{} to {}``: without a number it is not one of ours
_JOINT = re.compile(r"[\u4e00-\u9fff][!-~]|[!-~][\u4e00-\u9fff]")
_FIELD = re.compile(r"\{([1-9])(w?)\}")
_MEANT = re.compile(r"(?P<said>.+); did you mean (?P<meant>.+)\?", re.DOTALL)


class _Text(NamedTuple):
    """A text with things filled in: how much of it is fixed, its longest fixed part, and itself in both languages."""

    fixed: int
    longest: str
    english: str
    chinese: str


def in_chinese(said: str, own: Mapping[str, str] = _NOTHING) -> str | None:
    """Return what a message says in Chinese; None where no table knows it.

    `own` are words that mean in this message what they do not mean in every one.
    """
    meant = _MEANT.fullmatch(said)
    if meant is not None:
        return f"{in_chinese(meant['said'], own) or meant['said']}；是否想写 {meant['meant']}？"
    head, colon, tail = said.partition(": ")
    found = _looked_up(said, 0, own)
    if found is None and colon and (found := _looked_up(tail, 0, own)) is not None:  # a file, and what is wrong with it
        return f"{head}：{found}"
    return found


def filled(chinese: str) -> list[int]:
    """Return the numbers of what a Chinese text fills in."""
    return [int(number) for number, _ in _FIELD.findall(chinese)]


def _looked_up(said: str, depth: int, own: Mapping[str, str]) -> str | None:
    if depth > 4:
        return None
    plain, texts = _known()
    if said in plain:
        return plain[said]
    for text in texts:
        if text.fixed <= _FEW and depth == 0 and not re.search(r"\d", said):
            continue
        if text.longest in said and (match := _pattern(text.english).fullmatch(said)) is not None:
            parts = match.groups()
            if text.fixed > _FEW or all(part.count(" ") < 2 for part in parts):  # names and amounts
                return _put_in(text.chinese, parts, depth + 1, own)
    return None


def _put_in(chinese: str, parts: tuple[str, ...], depth: int, own: Mapping[str, str]) -> str:
    """Return a text with its parts put in, apart from Chinese characters by a space where they are none."""
    told = ""
    for at, piece in enumerate(_FIELD.split(chinese)):
        if at % 3 == 2:  # the mark of a word, which its number has told of
            continue
        more = piece if at % 3 == 0 else _part(parts[int(piece) - 1], f"{{{piece}w}}" in chinese, depth, own)
        told = joined(told, more)
    return told


def joined(left: str, right: str) -> str:
    """Return two texts as one, with a space between a Chinese character and a letter, a figure or a mark of ours."""
    return f"{left} {right}" if _JOINT.fullmatch(left[-1:] + right[:1]) else left + right


def _part(part: str, word: bool, depth: int, own: Mapping[str, str]) -> str:
    """Return what is filled in; in Chinese where that is known."""
    if word and (known := own.get(part) or WORDS.get(part) or _dimension(part) or _titles().get(part)):
        return known
    if not word and not re.search(r"\w\W* \W*\w", part):
        return part
    return _looked_up(part, depth, own) or part


def _dimension(part: str) -> str:
    """Return a dimension such as ``mass / time``, or with powers, in Chinese; empty where that is none."""
    words = re.split(r"( · | / |\^-?[\d.]+)", part)
    told = [word if at % 2 else DIMENSIONS.get(word, "" if word else " ") for at, word in enumerate(words)]
    return "".join(told).replace("  ", " ").strip() if all(told) else ""


@cache
def _known() -> tuple[dict[str, str], tuple[_Text, ...]]:
    """Return texts that fill in nothing, and the others: first what is mostly fixed, then what fills in least."""
    every = {english: chinese for table in (*TABLES, LIBRARIES) for english, chinese in table.items()}
    texts = []
    for english, chinese in every.items():
        if "{}" in english:
            parts = english.split("{}")
            texts.append(_Text(sum(map(len, parts)), max(parts, key=len), english, chinese))
    texts.sort(key=lambda text: (-text.fixed, text.english.count("{}")))
    return {english: chinese for english, chinese in every.items() if "{}" not in english}, tuple(texts)


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL)


@cache
def _titles() -> dict[str, str]:
    """Return the titles of attributes, and their keys as they are read, in Chinese, where all agree on it."""
    told: dict[str, set[str]] = {}
    for english, chinese in _attributes():
        told.setdefault(english, set()).add(chinese)
    return {english: next(iter(chinese)) for english, chinese in told.items() if len(chinese) == 1}


def _attributes() -> Iterator[tuple[str, str]]:
    from lodeworks.chain import entities

    for kind in vars(entities).values():
        if isinstance(kind, type) and issubclass(kind, entities.Entity):
            for attribute in entities.attributes_of(kind).values():
                yield from ((name, attribute.zh) for name in (attribute.title, attribute.key))
