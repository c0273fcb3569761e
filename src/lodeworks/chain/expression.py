"""Expressions over names, as alarms use them: read into a tree, never run as a program.

Numbers, names, ``+ - * /``, comparisons, ``and or not``, ``min max abs`` and brackets are all there is. A name of other
than letters, digits, underscores and points stands in backquotes: ```belt-1 speed` > 2``. What a tree is worth over
columns of values is `network.expression`'s affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["COMPARES", "ExpressionProblem", "Node", "names_in", "parse_expression"]

MOST_CHARACTERS = 4000
MOST_DEEP = 60
_SAME = {"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "÷": "/", "−": "-",
         "（": "(", "）": ")", "，": ",", "＞": ">", "＜": "<"}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.`])"
    r"|`(?P<quoted>[^`]*)`|(?P<word>[^\W\d][\w.]*)|(?P<mark><=|>=|==|!=|[-+*/(),<>≤≥≠×÷−（），＞＜]))"
)
COMPARES = ("<", "<=", ">", ">=", "==", "!=")
_CALLS = {"min": (1, None), "max": (1, None), "abs": (1, 1)}
_WORDS = ("and", "or", "not", *_CALLS)


class ExpressionProblem(ValueError):
    """An expression that cannot be read; `at` is the number of the character, from 1, where that shows."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(f"{message}, at character {at}")
        self.at = at


@dataclass(frozen=True)
class Node:
    """A part of an expression.

    `kind` is ``number`` (its `value`), ``name`` (its `text`), or an operator, ``not``, ``minus`` or a function over
    `parts`.
    """

    kind: str
    at: int
    value: float = 0.0
    text: str = ""
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class _Token:
    kind: str  # number, name, mark, end
    text: str
    at: int


def parse_expression(text: str) -> Node:
    """Read an expression.

    Raises
    ------
    ExpressionProblem
        At the first place where it is none.
    """
    if len(text) > MOST_CHARACTERS:
        raise ExpressionProblem(f"longer than {MOST_CHARACTERS} characters", MOST_CHARACTERS)
    reader = _Reader(list(_tokens(text)))
    found = reader.either()
    reader.expect("end", "", "an operator such as `>` or `and`")
    return found


def names_in(node: Node) -> dict[str, int]:
    """Return each name of an expression, in order, with the character it first stands at."""
    found: dict[str, int] = {}
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if part.kind == "name":
            found[part.text] = min(part.at, found.get(part.text, part.at))
        waiting.extend(part.parts)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        start = place + len(text[place:]) - len(text[place:].lstrip()) + 1
        if match is None:
            odd = text[start - 1]
            if odd == "=":
                raise ExpressionProblem("`=` compares nothing; write `==`", start)
            if odd == "`":
                raise ExpressionProblem("the backquote is not closed", start)
            if odd.isdigit() or odd == ".":
                raise ExpressionProblem(
                    "neither a number nor a name; a name that begins with a digit stands in backquotes", start)
            raise ExpressionProblem(f"{odd!r} means nothing here", start)
        place = match.end()
        if match["quoted"] is not None:
            if not match["quoted"].strip():
                raise ExpressionProblem("a name must not be empty", start)
            yield _Token("name", match["quoted"], start)
        elif match["number"] is not None:
            yield _Token("number", match["number"], start)
        elif match["word"] is not None:
            yield _Token("mark" if match["word"] in _WORDS else "name", match["word"], start)
        else:
            yield _Token("mark", _SAME.get(match["mark"], match["mark"]), start)
    yield _Token("end", "", len(text) + 1)


class _Reader:
    """Precedence from low to high: or, and, not, comparison, + and -, * and /, minus, brackets."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.place, self.deep = tokens, 0, 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.place]

    def takes(self, *marks: str) -> _Token | None:
        token = self.now
        if token.kind == "mark" and token.text in marks:
            self.place += 1
            return token
        return None

    def expect(self, kind: str, text: str, wanted: str) -> _Token:
        token = self.now
        if token.kind != kind or token.text != text:
            found = f"`{token.text}`" if token.kind != "end" else "the end"
            raise ExpressionProblem(f"{wanted} is expected, not {found}", token.at)
        self.place += 1
        return token

    def either(self) -> Node:
        self.deep += 1
        if self.deep > MOST_DEEP:
            raise ExpressionProblem(f"more than {MOST_DEEP} brackets deep", self.now.at)
        found = self.both()
        while token := self.takes("or"):
            found = Node("or", token.at, parts=(found, self.both()))
        self.deep -= 1
        return found

    def both(self) -> Node:
        found = self.negated()
        while token := self.takes("and"):
            found = Node("and", token.at, parts=(found, self.negated()))
        return found

    def negated(self) -> Node:
        marks = []
        while token := self.takes("not"):
            marks.append(token)
        found = self.compared()
        for token in reversed(marks):
            found = Node("not", token.at, parts=(found,))
        return found

    def compared(self) -> Node:
        """Comparisons in a row hold all: ``1 < a < 2``."""
        left = self.summed()
        found: Node | None = None
        while token := self.takes(*COMPARES):
            right = self.summed()
            one = Node(token.text, token.at, parts=(left, right))
            found = one if found is None else Node("and", token.at, parts=(found, one))
            left = right
        return found or left

    def summed(self) -> Node:
        found = self.multiplied()
        while token := self.takes("+", "-"):
            found = Node(token.text, token.at, parts=(found, self.multiplied()))
        return found

    def multiplied(self) -> Node:
        found = self.signed()
        while token := self.takes("*", "/"):
            found = Node(token.text, token.at, parts=(found, self.signed()))
        return found

    def signed(self) -> Node:
        marks = []
        while token := self.takes("-", "+"):
            marks.append(token)
        found = self.single()
        for token in reversed(marks):
            found = Node("minus", token.at, parts=(found,)) if token.text == "-" else found
        return found

    def single(self) -> Node:
        token = self.now
        self.place += 1
        if token.kind == "number":
            return Node("number", token.at, value=float(token.text))
        if token.kind == "name":
            if self.now.kind == "mark" and self.now.text == "(":
                raise ExpressionProblem(f"there is no function `{token.text}`, only min, max and abs", token.at)
            return Node("name", token.at, text=token.text)
        if token.text == "(" and token.kind == "mark":
            found = self.either()
            self.expect("mark", ")", "`)`")
            return found
        if token.kind == "mark" and token.text in _CALLS:
            return self.call(token)
        self.place -= 1
        found_text = f"`{token.text}`" if token.kind != "end" else "the end"
        raise ExpressionProblem(f"a name or a number is expected, not {found_text}", token.at)

    def call(self, token: _Token) -> Node:
        self.expect("mark", "(", f"`(` after {token.text}")
        parts = [self.either()]
        while self.takes(","):
            parts.append(self.either())
        self.expect("mark", ")", "`)`")
        most = _CALLS[token.text][1]
        if most is not None and len(parts) > most:
            raise ExpressionProblem(f"{token.text} takes one value", token.at)
        return Node(token.text, token.at, parts=tuple(parts))
