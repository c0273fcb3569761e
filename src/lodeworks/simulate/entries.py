"""What is called of the kernel from outside, compiled into machine code that needs neither Python nor its compiler.

Only this module and those it compiles import the compiler. How machine code is kept and called is in `native`.
"""

from __future__ import annotations

import math
from typing import Any

from numba import types

from lodeworks.simulate import kernel, lots
from lodeworks.simulate.compiled import Words, compiled

__all__ = ["compile_entries"]


@compiled
def _enter(w: Any, what: int, events: int) -> int:
    if what == 0:
        return kernel.begin(w)
    if what == 1:
        return kernel.run(w, events)
    return kernel.look_again(w)


@compiled
def _put(w: Any, p: int, amount: float, born: float, made: float, due: float, gauge0: float, gauge1: float,
         carrier: int) -> int:
    lots.put(w, p, amount, born, made, due, gauge0, gauge1, carrier)
    return 0


def compile_entries(features: frozenset[str]) -> dict[str, tuple[str, bytes]]:
    """Return for each entry (``enter``, ``put``) of a variant the name of its function and the code that holds it.

    A function takes where to put its answer, where to put an error, and its arguments, and returns nought.

    Raises
    ------
    RuntimeError
        If the code calls what only the compiler has: it could not be loaded without.
    """
    found, words = {}, Words(features)
    for name, function, kinds in (
        ("enter", _enter, (words, types.int64, types.int64)),
        ("put", _put, (words, types.int64, *[types.float64] * 6, types.int64)),
    ):
        function.compile(kinds)
        made = function.overloads[kinds]
        module = made.library._final_module
        foreign = [
            each.name for each in (*module.functions, *module.global_variables)
            if each.is_declaration and not each.name.startswith("llvm.") and not hasattr(math, each.name)
        ]
        if foreign:
            raise RuntimeError(f"the kernel calls what only its compiler has: {', '.join(foreign)}")
        found[name] = made.fndesc.llvm_func_name, made.library._get_compiled_object()
    return found
