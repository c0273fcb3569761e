"""The last check: the chain compiles, so that compiling is never the first to find a fault."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.errors import InputError, Problem
from lodeworks.units import UnitProblem

__all__ = ["compiles"]


def compiles(context: Context) -> Iterator[Problem]:
    """Pass on what compiling the network finds."""
    from lodeworks.network import compile_network

    try:
        compile_network(context.chain)
    except InputError as error:
        yield from error.problems
    except UnitProblem as error:
        yield Problem(str(error))
    except (KeyError, IndexError, ValueError, ZeroDivisionError, StopIteration, AssertionError) as error:
        yield Problem(f"the chain cannot be compiled: {type(error).__name__} {error}")
