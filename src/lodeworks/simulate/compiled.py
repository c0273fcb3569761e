"""How the kernel's functions are compiled, and how they reach its tables.

Compiled functions are handed one array of addresses instead of some fifty arrays: a call then costs a few machine
words, and nothing is counted or copied. `addresses` writes that array; the accessors below give a table's view inside
compiled code, by the name it has in `Model` and `State`, in capitals. The tables must outlive the call.
"""

from __future__ import annotations

import operator
from typing import Any

import numba
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model
from numba.np.arrayobj import populate_array

from lodeworks.simulate import layout as y
from lodeworks.simulate.addresses import TABLES
from lodeworks.simulate.layout import BINS
from lodeworks.simulate.native import cache_folder

__all__ = ["compiled", "options", "pointer"]

if (_folder := cache_folder()) is not None:
    setattr(numba.config, "CACHE_DIR", str(_folder))  # noqa: B010 (unknown to type checkers)

# No reference counting: the functions allocate nothing.
options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
compiled: Any = numba.njit(**options)

class _Table(types.Type):
    """Rows of a table in memory, with so many columns (nought: one-dimensional).

    An index is taken as it is: none counts from the end, none is checked.
    """

    def __init__(self, element: Any, columns: int) -> None:
        self.element, self.columns = element, columns
        super().__init__(name=f"Table({element}, {columns})")


@register_model(_Table)
class _TableModel(models.StructModel):
    def __init__(self, manager: Any, kind: _Table) -> None:
        members = [("data", types.CPointer(kind.element)), ("rows", types.intp)]
        super().__init__(manager, kind, members)


@infer_global(operator.getitem)
class _Get(AbstractTemplate):
    def generic(self, arguments: Any, _: Any) -> Any:
        table, index = arguments
        return signature(table.element, table, index) if isinstance(table, _Table) else None


@infer_global(operator.setitem)
class _Set(AbstractTemplate):
    def generic(self, arguments: Any, _: Any) -> Any:
        table, index, _value = arguments
        return signature(types.none, table, index, table.element) if isinstance(table, _Table) else None


@infer_global(len)
class _Len(AbstractTemplate):
    def generic(self, arguments: Any, _: Any) -> Any:
        (table,) = arguments
        return signature(types.intp, table) if isinstance(table, _Table) else None


def _address(context: Any, builder: Any, kind: Any, table: Any, index_kind: Any, index: Any) -> Any:
    """Return where a cell is: the row times the columns, which are known when compiling, and the column."""
    data = cgutils.create_struct_proxy(kind)(context, builder, value=table).data
    if isinstance(index_kind, types.BaseTuple):
        parts, kinds = cgutils.unpack_tuple(builder, index), _kinds(index_kind)
        row = context.cast(builder, parts[0], kinds[0], types.intp)
        column = context.cast(builder, parts[1], kinds[1], types.intp)
        width = context.get_constant(types.intp, kind.columns)
        place = builder.add(builder.mul(row, width), column)
    else:
        place = context.cast(builder, index, index_kind, types.intp)
    return builder.gep(data, [place])


def _kinds(pair: Any) -> Any:
    return pair.types


@lower_builtin(operator.getitem, _Table, types.Any)
def _get(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    table, index = called.args
    return builder.load(_address(context, builder, table, arguments[0], index, arguments[1]))


@lower_builtin(operator.setitem, _Table, types.Any, types.Any)
def _set(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    table, index, value = called.args
    cell = _address(context, builder, table, arguments[0], index, arguments[1])
    builder.store(context.cast(builder, arguments[2], value, table.element), cell)
    return context.get_dummy_value()


@lower_builtin(len, _Table)
def _len(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    return cgutils.create_struct_proxy(called.args[0])(context, builder, value=arguments[0]).rows


def _accessor(name: str, kind: str, dimensions: int, columns: int = 0) -> Any:
    """Make the function that gives a table from the addresses.

    Tables with `columns` known here, and all of one dimension, are read without checks; others as NumPy's arrays are, a
    third dimension being that of histograms. Addresses do not change while the kernel runs, so they are loaded once.
    """
    at = 3 * TABLES.index(name)
    element = {"i": types.int64, "f": types.float64, "k": types.uint64}[kind]
    plain = dimensions == 1 or columns > 0
    given = _Table(element, columns) if plain else types.Array(element, dimensions, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = arguments[0]
        if isinstance(signature.args[0], types.Array):
            words = context.make_array(signature.args[0])(context, builder, value=words).data

        def word(k: int) -> Any:
            loaded = builder.load(builder.gep(words, [context.get_constant(types.intp, at + k)]))
            loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
            return loaded

        if plain:
            table = cgutils.create_struct_proxy(given)(context, builder)
            table.data = builder.inttoptr(word(0), table.data.type)
            table.rows = word(1)
            return table._getvalue()
        view = context.make_array(given)(context, builder)
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
        """Give the table."""
        return given(w), generate

    return intrinsic(typed)


def _pointer(typingctx: Any, w: Any) -> Any:
    """Give the place of an array of addresses: one machine word, which calls among compiled functions hand on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if isinstance(signature.args[0], types.CPointer):
            return arguments[0]
        return context.make_array(signature.args[0])(context, builder, value=arguments[0]).data

    return types.CPointer(types.int64)(w), generate


pointer: Any = intrinsic(_pointer)
USERS = _accessor("users", "i", 1)
MAKERS = _accessor("makers", "i", 1)
MODES = _accessor("modes", "i", 1)
POOL_USERS = _accessor("pool_users", "i", 1)
USES = _accessor("uses", "i", 2, y.U_INTS)
USE_AMOUNT = _accessor("use_amount", "f", 1)
DIST_I = _accessor("dist_i", "i", 2, y.D_INTS)
DIST_F = _accessor("dist_f", "f", 2, y.D_FLOATS)
VALUES = _accessor("values", "f", 2, 2)
SERIES = _accessor("series", "f", 2)
WORKED = _accessor("worked", "f", 2)
ON = _accessor("on", "f", 2)
TARGETS = _accessor("targets", "f", 2)
ARRIVALS = _accessor("arrivals", "f", 2, 2)
KEYS = _accessor("keys", "k", 2, 2)
MARKS = _accessor("marks", "f", 1)
STEP = _accessor("step", "f", 1)
BASE = _accessor("base", "i", 1)
PI = _accessor("pi", "i", 2, y.P_INTS)
PF = _accessor("pf", "f", 2, y.P_FLOATS)
TI = _accessor("ti", "i", 2, y.T_INTS)
TF = _accessor("tf", "f", 2, y.T_FLOATS)
AI = _accessor("ai", "i", 2, y.A_INTS)
AF = _accessor("af", "f", 2, y.A_FLOATS)
GI = _accessor("gi", "i", 2, y.G_INTS)
SHARES = _accessor("shares", "f", 2, y.STATES)
MI = _accessor("mi", "i", 2, y.M_INTS)
MF = _accessor("mf", "f", 2, y.M_FLOATS)
JI = _accessor("ji", "i", 2, y.J_INTS)
JF = _accessor("jf", "f", 2, y.J_FLOATS)
LI = _accessor("li", "i", 2, y.L_INTS)
LF = _accessor("lf", "f", 2, y.L_FLOATS)
RI = _accessor("ri", "i", 2, y.R_INTS)
RF = _accessor("rf", "f", 2, y.R_FLOATS)
SI = _accessor("si", "i", 2, y.S_INTS)
SF = _accessor("sf", "f", 2, y.S_FLOATS)
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
AGES = _accessor("ages", "f", 3)
TRACE = _accessor("trace", "f", 2, y.TRACE_COLUMNS)
