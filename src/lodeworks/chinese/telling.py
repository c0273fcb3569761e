"""A whole problem in Chinese: where it is, what is wrong, what was found and what would be right."""

from __future__ import annotations

import re
from typing import Any, get_args

from lodeworks.chinese.matching import in_chinese, joined
from lodeworks.errors import Problem

__all__ = ["place", "told"]

_ROWS = re.compile(r"(?P<table>.+?) (?:column (?P<column>'.+') )?(?P<from>from )?row (?P<row>\d+)")

_ONE_OF = re.compile(r"[\w.:`-]+(?:, [\w.:`-]+)* or [\w.:`-]+")


def told(problem: Problem) -> str:
    """Return a problem in Chinese, in the order in which it is said in English."""
    path = ".".join(part for part in (problem.element, problem.key) if part)
    where = " ".join(part for part in (place(problem.file), path) if part)
    message = in_chinese(problem.message, _titles_on(path)) or problem.message
    text = f"{where}：{message}" if where else message
    if problem.found:
        text += joined("；现为", in_chinese(problem.found) or problem.found)
    if problem.expected:
        right = _right(problem.expected)
        text += joined("；写法" if right.startswith("如") else "；应为", right)
    if problem.suggestion:
        text += f"；是否想写 {problem.suggestion!r}？"
    return text


def _right(expected: str) -> str:
    """Return what would be right, of which the ones among which to choose are words of the file."""
    return in_chinese(expected) or (expected.replace(" or ", " 或 ") if _ONE_OF.fullmatch(expected) else expected)


def _titles_on(path: str) -> dict[str, str]:
    """Return the titles of the attributes a dotted path leads over, in Chinese; the same word is not one everywhere."""
    from lodeworks.chain.entities import Chain, Entity, attributes_of

    titles: dict[str, str] = {}
    kind: type[Entity] | None = Chain
    for part in path.split("."):
        table = attributes_of(kind) if kind is not None else {}
        if part not in table:
            continue  # a name, or a place in a list
        titles |= {table[part].title: table[part].zh, part: table[part].zh}
        kind = next((held for held in _within(table[part].annotation) if issubclass(held, Entity)), None)
    return titles


def _within(annotation: Any) -> list[type]:
    """Return the types of which an annotation is made."""
    held = get_args(annotation)
    return [kind for part in held for kind in _within(part)] if held else [annotation] * isinstance(annotation, type)


def place(file: str) -> str:
    """Return where something is written, a row of a table in Chinese."""
    row = _ROWS.fullmatch(file)
    if row is None:
        return file
    return f"{row['table']} " + (f"{row['column']} 列" if row["column"] else "") + f"第 {row['row']} 行" + (
        "起" if row["from"] else "")
