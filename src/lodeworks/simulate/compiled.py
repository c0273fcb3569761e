"""How the kernel's functions are compiled, and how they reach its tables.

Compiled functions are handed one array of addresses instead of some fifty arrays: a call then costs a few machine
words, and nothing is counted or copied. `addresses` writes that array; the accessors below give a table's view inside
compiled code, by the name it has in `Model` and `State`, in capitals. The tables must outlive the call.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from lodeworks.simulate.layout import BINS, Ints, Model, State

__all__ = ["addresses", "compiled", "is_cached"]

_COMPILED = ("layout", "compiled", "streams", "events", "time", "lots", "kernel")


def _cache_folder() -> Path | None:
    """Return where compiled code is kept, one folder for each state of the sources; None where none can be.

    The compiler's own cache looks at one file at a time and would miss a change in a function that is called.
    """
    sources = [Path(__file__).with_name(f"{name}.py") for name in _COMPILED]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "lodeworks" / f"kernel-{state}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


if not os.environ.get("NUMBA_CACHE_DIR") and (_folder := _cache_folder()) is not None:
    setattr(numba.config, "CACHE_DIR", str(_folder))  # noqa: B010 (unknown to type checkers)

# No reference counting: the functions allocate nothing.
_options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
compiled: Any = numba.njit(**_options)

_NAMES = (*Model._fields, *State._fields)


def addresses(m: Model, s: State) -> Ints:
    """Return where the tables are: for each its address, rows and columns, shape (tables, 3)."""
    found = np.zeros((len(_NAMES), 3), np.int64)
    for i, table in enumerate((*m, *s)):
        found[i] = table.ctypes.data, table.shape[0], table.shape[1] if table.ndim > 1 else 1
    return found


def _accessor(name: str, kind: str, dimensions: int) -> Any:
    """Make the function that gives a table's view from the addresses; a third dimension is that of histograms."""
    at = 3 * _NAMES.index(name)
    element = {"i": types.int64, "f": types.float64, "k": types.uint64}[kind]
    array = types.Array(element, dimensions, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = context.make_array(signature.args[0])(context, builder, value=arguments[0])

        def word(k: int) -> Any:
            return builder.load(builder.gep(words.data, [context.get_constant(types.intp, at + k)]))

        view = context.make_array(array)(context, builder)
        shape = [word(1), word(2), context.get_constant(types.intp, BINS)][:dimensions]
        strides = [context.get_constant(types.intp, 8)]
        for size in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], size))
        populate_array(
            view, data=builder.inttoptr(word(0), view.data.type), shape=cgutils.pack_array(builder, shape),
            strides=cgutils.pack_array(builder, strides), itemsize=context.get_constant(types.intp, 8), meminfo=None,
        )
        return view._getvalue()

    def typed(typingctx: Any, w: Any) -> Any:
        """Give the table's view."""
        return array(w), generate

    return intrinsic(typed)


USERS = _accessor("users", "i", 1)
MAKERS = _accessor("makers", "i", 1)
MODES = _accessor("modes", "i", 1)
POOL_USERS = _accessor("pool_users", "i", 1)
USES = _accessor("uses", "i", 2)
USE_AMOUNT = _accessor("use_amount", "f", 1)
DIST_I = _accessor("dist_i", "i", 2)
DIST_F = _accessor("dist_f", "f", 2)
VALUES = _accessor("values", "f", 2)
SERIES = _accessor("series", "f", 2)
WORKED = _accessor("worked", "f", 2)
ON = _accessor("on", "f", 2)
TARGETS = _accessor("targets", "f", 2)
ARRIVALS = _accessor("arrivals", "f", 2)
KEYS = _accessor("keys", "k", 2)
MARKS = _accessor("marks", "f", 1)
STEP = _accessor("step", "f", 1)
BASE = _accessor("base", "i", 1)
PI = _accessor("pi", "i", 2)
PF = _accessor("pf", "f", 2)
TI = _accessor("ti", "i", 2)
TF = _accessor("tf", "f", 2)
AI = _accessor("ai", "i", 2)
AF = _accessor("af", "f", 2)
GI = _accessor("gi", "i", 2)
SHARES = _accessor("shares", "f", 2)
MI = _accessor("mi", "i", 2)
MF = _accessor("mf", "f", 2)
JI = _accessor("ji", "i", 2)
JF = _accessor("jf", "f", 2)
LI = _accessor("li", "i", 2)
LF = _accessor("lf", "f", 2)
RI = _accessor("ri", "i", 2)
RF = _accessor("rf", "f", 2)
SI = _accessor("si", "i", 2)
SF = _accessor("sf", "f", 2)
DRAWN = _accessor("drawn", "i", 1)
HEAP_TIME = _accessor("heap_time", "f", 1)
HEAP_RANK = _accessor("heap_rank", "i", 1)
HEAP_EVENT = _accessor("heap_event", "i", 1)
HEAP_PLACE = _accessor("heap_place", "i", 1)
TODO = _accessor("todo", "i", 1)
SCALARS = _accessor("c", "i", 1)
NOW = _accessor("now", "f", 1)
NOTES = _accessor("notes", "f", 2)
HISTOGRAM = _accessor("histogram", "i", 3)
TRACE = _accessor("trace", "f", 2)


def is_cached() -> bool:
    """Return whether compiled code of these sources is on this machine."""
    folder = getattr(numba.config, "CACHE_DIR", "")
    return bool(folder) and any(Path(folder).rglob("kernel.run-*.nbi"))
