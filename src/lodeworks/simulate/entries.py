"""What is called of the kernel from outside, compiled into machine code that needs neither Python nor its compiler.

Only this module and those it compiles import the compiler. How machine code is kept and called is in `native`.
"""

from __future__ import annotations

import math
from typing import Any

import numba
from numba import types

from lodeworks.simulate import kernel, lots
from lodeworks.simulate.compiled import options

__all__ = ["compile_entries"]

# Without wrappers for calls from Python, which would need the compiler's own library when loaded.
_options: dict[str, Any] = {**options, "cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_bare: Any = numba.njit(**_options)
_POINTER = types.CPointer(types.int64)


@_bare
def _enter(what: int, w: Any, events: int) -> int:
    if what == 0:
        return kernel.begin(w)
    if what == 1:
        return kernel.run(w, events)
    return kernel.look_again(w)


@_bare
def _put(w: Any, p: int, amount: float, born: float, made: float, due: float, gauge0: float, gauge1: float,
         carrier: int) -> int:
    lots.put(w, p, amount, born, made, due, gauge0, gauge1, carrier)
    return 0


def compile_entries() -> dict[str, tuple[str, bytes]]:
    """Return for each entry (``enter``, ``put``) the name of its function and the machine code that holds it.

    A function takes where to put its answer, where to put an error, and its arguments, and returns nought.

    Raises
    ------
    RuntimeError
        If the code calls what only the compiler has: it could not be loaded without.
    """
    found = {}
    for name, function, kinds in (
        ("enter", _enter, (types.int64, _POINTER, types.int64)),
        ("put", _put, (_POINTER, types.int64, *[types.float64] * 6, types.int64)),
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
