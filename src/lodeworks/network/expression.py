"""What an expression is worth over columns of values: a flat program that the live reading runs on numpy arrays.

Truth is 1 or 0; what is not known (NaN) stays unknown unless the rest decides it, as in Kleene's logic: ``a and 0``
is 0 whatever `a` is. So a lost value neither raises an alarm nor ends one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lodeworks.chain.expression import ExpressionProblem, Node, parse_expression
from lodeworks.errors import InputError, Problem

__all__ = ["Program", "compiled"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Program:
    """An expression as steps on a stack: a number, the column of a name, or an operator with how many it takes.

    `names` are those it needs, in order.
    """

    text: str
    names: tuple[str, ...]
    steps: tuple[tuple[str, float], ...]

    def __call__(self, columns: Mapping[str, ArrayLike]) -> Floats:
        """Return its value for each row of the columns.

        Parameters
        ----------
        columns
            For each of `names`, its values: an array or a number; NaN where unknown. Shapes must broadcast.

        Returns
        -------
        numpy.ndarray
            Of the broadcast shape; 1, 0 or NaN for what is true, false or unknown.

        Raises
        ------
        KeyError
            If a name has no column.
        """
        stack: list[Floats] = []
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for step, value in self.steps:
                if step == "number":
                    stack.append(np.float64(value))  # type: ignore[arg-type]
                elif step == "name":
                    stack.append(np.asarray(columns[self.names[int(value)]], np.float64))
                else:
                    taken = stack[len(stack) - int(value):]
                    del stack[len(stack) - int(value):]
                    stack.append(_OPERATORS[step](*taken))
        shape = np.broadcast_shapes(*(np.shape(columns[name]) for name in self.names))
        return np.array(np.broadcast_to(stack.pop(), shape), np.float64)


def compiled(text: str) -> Program:
    """Return the program of an expression.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        tree = parse_expression(text)
    except ExpressionProblem as error:
        raise InputError(Problem(str(error), key="expression", found=text)) from None
    names: dict[str, int] = {}
    steps: list[tuple[str, float]] = []
    waiting: list[tuple[Node, bool]] = [(tree, False)]
    while waiting:  # parts first, then what joins them
        node, ready = waiting.pop()
        if node.kind == "number":
            steps.append(("number", node.value))
        elif node.kind == "name":
            steps.append(("name", float(names.setdefault(node.text, len(names)))))
        elif ready:
            steps.append((node.kind, float(len(node.parts))))
        else:
            waiting.append((node, True))
            waiting.extend((part, False) for part in reversed(node.parts))
    return Program(text, tuple(names), tuple(steps))


def _compare(operator: Callable[[Floats, Floats], NDArray[np.bool_]]) -> Callable[..., Floats]:
    def compared(a: Floats, b: Floats) -> Floats:
        return np.where(np.isnan(a) | np.isnan(b), np.nan, operator(a, b).astype(float))

    return compared


def _all(a: Floats, b: Floats) -> Floats:
    unknown = np.isnan(a) | np.isnan(b)
    return np.where((a == 0.0) | (b == 0.0), 0.0, np.where(unknown, np.nan, 1.0))


def _any(a: Floats, b: Floats) -> Floats:
    unknown = np.isnan(a) | np.isnan(b)
    true = ((a != 0.0) & ~np.isnan(a)) | ((b != 0.0) & ~np.isnan(b))
    return np.where(true, 1.0, np.where(unknown, np.nan, 0.0))


def _divided(a: Floats, b: Floats) -> Floats:
    return np.where(b == 0.0, np.nan, np.true_divide(a, b))


def _folded(operator: Callable[[Floats, Floats], Floats]) -> Callable[..., Floats]:
    def folded(first: Floats, *others: Floats) -> Floats:
        for other in others:
            first = operator(first, other)
        return first

    return folded


_OPERATORS: dict[str, Callable[..., Floats]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": _divided, "minus": np.negative, "abs": np.abs,
    "min": _folded(np.minimum), "max": _folded(np.maximum),
    "<": _compare(np.less), "<=": _compare(np.less_equal), ">": _compare(np.greater), ">=": _compare(np.greater_equal),
    "==": _compare(np.equal), "!=": _compare(np.not_equal),
    "and": _all, "or": _any, "not": lambda a: np.where(np.isnan(a), np.nan, (a == 0.0).astype(float)),
}
