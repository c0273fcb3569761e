"""Every text a problem is made of, as the source has it: with ``{}`` for what is filled in.

A text is taken where it goes to what makes a problem, also through functions that hand it on, and wherever a module of
the rooms that find faults holds a sentence, since some are made in one place and told in another.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "lodeworks"
FIELD = "\0"
PLACES = ("message", "file", "element", "key", "found", "expected")
TOLD = ("message", "found", "expected")
RAISED = ("UnitProblem", "ExpressionProblem", "ValueError", "RunError", "LodeworksError", "AwayError", "SolverError", "WatchError",
          "BadParameter")
A_SENTENCE = re.compile(rf"[a-z]{{2,}} ({FIELD}|[a-z])|{FIELD} [a-z]{{2,}}")
WHOLE = ("chain", "network", "exchange")  # rooms that make many; in others, who makes one names it
NAMED = re.compile(r"(Problem|Error|BadParameter)\(")
Makers = dict[str, dict[str, tuple[int | None, str]]]


def texts_of(trees: dict[Path, ast.Module], sentences: set[Path]) -> dict[str, str]:
    """Return each text, adjoining fields as one, with the first place it stands at."""
    makers = _makers(trees)
    found: dict[str, str] = {}
    for path, tree in trees.items():
        for line, text in chain(_told(tree, makers), _sentences(tree) if path in sentences else ()):
            text = re.sub(f"{FIELD}+", FIELD, text)
            if re.search("[A-Za-z]{2,}", text):
                found.setdefault(text.replace(FIELD, "{}"), f"{path}:{line}")
    return found


def read(rooms: list[str]) -> dict[Path, ast.Module]:
    """Return the modules of some rooms."""
    files = chain.from_iterable(sorted((PACKAGE / r).rglob("*.py")) if (PACKAGE / r).is_dir() else [PACKAGE / r] for r in rooms)
    texts = {path.relative_to(PACKAGE): path.read_text(encoding="utf-8") for path in files}
    return {path: ast.parse(text) for path, text in texts.items() if path.parts[0] in WHOLE or NAMED.search(text)}


def _told(tree: ast.AST, makers: Makers) -> Iterator[tuple[int, str]]:
    for call in _calls(tree):
        for at, keyword in makers.get(_name(call), {}).values():
            argument = _argument(call, at, keyword)
            if argument is not None:
                yield from ((call.lineno, text) for text in written(argument))


def _sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}

    def within(node: ast.AST) -> Iterator[tuple[int, str]]:
        if id(node) in docs:
            return
        if not _is_text(node):
            for child in ast.iter_child_nodes(node):
                yield from within(child)
            return
        yield from ((node.lineno, text) for text in written(node) if A_SENTENCE.search(text))
        for part in ast.walk(node):
            if isinstance(part, ast.FormattedValue):
                yield from within(part.value)

    yield from within(tree)


def written(node: ast.AST) -> list[str]:
    """Return the texts an expression may be, its choices spelt out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        texts = [""]
        for part in node.values:
            plain = isinstance(part, ast.FormattedValue) and part.conversion == -1 and part.format_spec is None
            chosen = plain and isinstance(part.value, ast.IfExp | ast.BoolOp)
            more = written(part) if isinstance(part, ast.Constant) else written(part.value) if chosen else [FIELD]
            texts = [text + one for text in texts for one in more]
        return texts
    if isinstance(node, ast.IfExp):
        return written(node.body) + written(node.orelse)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in written(value)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [left + right for left in written(node.left) for right in written(node.right)]
    return [FIELD]


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _makers(trees: dict[Path, ast.Module]) -> Makers:
    """Return what makes a problem, and every function that hands a text of its own on to one."""
    makers: Makers = {"Problem": {place: (at, place) for at, place in enumerate(PLACES) if place in TOLD}}
    makers |= {name: {"message": (0, "message")} for name in RAISED}
    functions = [(node, _calls(node)) for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    known = -1
    while known != (known := sum(map(len, makers.values()))):
        for function, calls in functions:
            taken = [a.arg for a in (*function.args.posonlyargs, *function.args.args) if a.arg != "self"]
            every = [*taken, *(a.arg for a in function.args.kwonlyargs)]
            for call in calls:
                for place, (at, keyword) in list(makers.get(_name(call), {}).items()):
                    given = _argument(call, at, keyword)
                    if isinstance(given, ast.Name) and given.id in every:
                        where = taken.index(given.id) if given.id in taken else None
                        makers.setdefault(function.name, {}).setdefault(place, (where, given.id))
    return makers


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _argument(call: ast.Call, at: int | None, keyword: str) -> ast.expr | None:
    for given in call.keywords:
        if given.arg == keyword:
            return given.value
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    return call.args[at] if at is not None and at < len(call.args) and not starred else None
