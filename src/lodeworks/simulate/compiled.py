"""How the kernel's functions are compiled, and how they reach its tables.

Compiled functions are handed the place of one array of addresses instead of some fifty arrays: a call then costs a
machine word, and nothing is counted or copied. `Addresses` writes that array; the accessors below give a table's view
inside compiled code, by the name it has in `Model` and `State`, in capitals. The tables must outlive the call.

What is handed on also has a type, which says what a chain makes use of: `FAILURES` and the like are true or false when
a function is compiled, and what is false leaves no code behind. `variants` says which there are.
"""

from __future__ import annotations

import operator
from typing import Any

import numba
from llvmlite import ir as llvm
from numba import types
from numba.core import cgutils, ir, ir_utils
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.core.untyped_passes import IRProcessing
from numba.extending import intrinsic, lower_builtin, models, register_model
from numba.np.arrayobj import populate_array

from lodeworks.simulate import layout as y
from lodeworks.simulate.addresses import TABLES, width_of
from lodeworks.simulate.layout import Model

__all__ = ["Words", "ask", "compiled", "hot"]


@register_pass(mutates_CFG=False, analysis_only=False)
class _FeaturesKnown(FunctionPass):
    """Puts true or false for every question after a feature, so that what does not apply is not even compiled."""

    _name = "features_known"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Rewrite the function's statements."""
        if not isinstance(state.args[0], Words):
            return False
        code, features, changed = state.func_ir, state.args[0].features, False
        for block in code.blocks.values():
            for statement in block.find_insts(ir.Assign):
                value = statement.value
                if isinstance(value, ir.Expr) and value.op == "call":
                    called = ir_utils.guard(ir_utils.get_definition, code, value.func)
                    asked = _QUESTIONS.get(id(called.value)) if isinstance(called, ir.Global) else None
                    if asked is not None:
                        statement.value, changed = ir.Const(asked in features, statement.loc), True
        if changed:
            code._definitions = ir_utils.build_definitions(code.blocks)
        return changed


class _Compiler(CompilerBase):
    """The usual stages with features known."""

    hot = False

    def define_pipelines(self) -> Any:
        """Return them."""
        words = self.state.args[0]
        if self.hot and "rare" not in getattr(words, "features", ()):  # the whole kernel would grow too large
            self.state.flags.forceinline = True
        stages = DefaultPassBuilder.define_nopython_pipeline(self.state)
        stages.add_pass_after(_FeaturesKnown, IRProcessing)
        stages.finalize()
        return [stages]


class _Hot(_Compiler):
    """Puts a function where it is called."""

    hot = True


# No reference counting: the functions allocate nothing. No wrappers: only `native` calls any of them from outside.
_options: dict[str, Any] = {
    "nogil": True, "error_model": "numpy", "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
compiled: Any = numba.njit(pipeline_class=_Compiler, **_options)
hot: Any = numba.njit(pipeline_class=_Hot, **_options)  # of every event


class Words(types.Opaque):
    """The place of the addresses, of chains that make use of some features and no others."""

    def __init__(self, features: frozenset[str]) -> None:
        self.features = features
        super().__init__(name=f"Words({' '.join(sorted(features))})")


@register_model(Words)
class _WordsModel(models.OpaqueModel):
    pass


def _feature(name: str) -> Any:
    """Make the function that says whether a feature is made use of, which is known when compiling."""

    def typed(typingctx: Any, w: Any) -> Any:
        """Say whether it is."""
        has = name in w.features

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.get_constant(types.boolean, has)

        return types.boolean(w), generate

    return intrinsic(typed)


CALENDARS = _feature("calendars")
FAILURES = _feature("failures")
POOLS = _feature("pools")
RARE = _feature("rare")
ROOMS = _feature("rooms")
VEHICLES = _feature("vehicles")
_QUESTIONS = {id(CALENDARS): "calendars", id(FAILURES): "failures", id(POOLS): "pools", id(RARE): "rare",
              id(ROOMS): "rooms", id(VEHICLES): "vehicles"}


class _Table(types.Type):
    """Rows of a table in memory, with so many columns (nought: one-dimensional).

    An index is taken as it is: none counts from the end, none is checked. What is written in one table is read in no
    other, and the compiler is told so: it need not read anew what it has read before.
    """

    def __init__(self, name: str, element: Any, columns: int) -> None:
        self.table, self.element, self.columns = name, element, columns
        super().__init__(name=f"Table({name}, {element}, {columns})")

    def marked(self, builder: Any, access: Any) -> Any:
        """Return a load or a store, marked as one in this table."""
        module = builder.module
        kind = module.add_metadata([self.table, module.add_metadata(["tables"]), cgutils.intp_t(0)])
        access.set_metadata("tbaa", module.add_metadata([kind, kind, cgutils.intp_t(0)]))
        if self.table in Model._fields:
            access.set_metadata("invariant.load", module.add_metadata([]))
        return access


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
        if len(parts) == 3:
            rows = cgutils.create_struct_proxy(kind)(context, builder, value=table).rows
            row = builder.add(builder.mul(row, rows), column)
            column = context.cast(builder, parts[2], kinds[2], types.intp)
        place = builder.add(builder.mul(row, width), column)
    else:
        place = context.cast(builder, index, index_kind, types.intp)
    return builder.gep(data, [place])


def _kinds(pair: Any) -> Any:
    return pair.types


@lower_builtin(operator.getitem, _Table, types.Any)
def _get(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    table, index = called.args
    return table.marked(builder, builder.load(_address(context, builder, table, arguments[0], index, arguments[1])))


@lower_builtin(operator.setitem, _Table, types.Any, types.Any)
def _set(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    table, index, value = called.args
    cell = _address(context, builder, table, arguments[0], index, arguments[1])
    table.marked(builder, builder.store(context.cast(builder, arguments[2], value, table.element), cell))
    return context.get_dummy_value()


@lower_builtin(len, _Table)
def _len(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    return cgutils.create_struct_proxy(called.args[0])(context, builder, value=arguments[0]).rows


def _asked(typingctx: Any, table: Any, index: Any) -> Any:
    """Ask for a cell of a table, which will be wanted soon; the answer is not waited for."""

    def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
        cell = _address(context, builder, table, arguments[0], index, arguments[1])
        kind = llvm.FunctionType(llvm.VoidType(), [cgutils.voidptr_t, *[cgutils.int32_t] * 3])
        asked = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        near, data = cgutils.int32_t(3), cgutils.int32_t(1)
        builder.call(asked, [builder.bitcast(cell, cgutils.voidptr_t), cgutils.int32_t(0), near, data])
        return context.get_dummy_value()

    return types.none(table, index), generate


ask: Any = intrinsic(_asked)


def _accessor(name: str, kind: str, dimensions: int, columns: int = 0, *, behind: tuple[str, int] | None = None) -> Any:
    """Make the function that gives a table from the addresses, or one whose rows stand behind those of another.

    Tables with `columns` known here, and all of one dimension, are read without checks; others as NumPy's arrays are.
    Of three dimensions the last is that of columns. Addresses do not change while the kernel runs, so they are loaded
    once.
    """
    at = 3 * TABLES.index(behind[0] if behind else name)
    element: Any = {
        "b": types.uint8, "h": types.int32, "i": types.int64, "f": types.float64, "k": types.uint64}[kind]
    plain = dimensions == 1 or columns > 0
    given = _Table(name, element, columns) if plain else types.Array(element, dimensions, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = builder.bitcast(arguments[0], cgutils.intp_t.as_pointer())

        def word(k: int) -> Any:
            loaded = builder.load(builder.gep(words, [context.get_constant(types.intp, at + k)]))
            loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
            return loaded

        if plain:
            table = cgutils.create_struct_proxy(given)(context, builder)
            table.data = builder.inttoptr(word(0), table.data.type)
            if behind:
                table.data = builder.gep(table.data, [context.get_constant(types.intp, behind[1])])
            table.rows = word(dimensions - 1) if dimensions > 1 else word(1)
            return table._getvalue()
        view = context.make_array(given)(context, builder)
        shape = [word(1), word(2)]
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


def _pair(ints: str, whole: int, floats: str, parts: int, lead: int = 0) -> tuple[Any, Any]:
    """Make the accessors of two tables whose rows stand one behind the other, see `addresses`."""
    width = width_of(whole, parts, lead)
    return _accessor(ints, "i", 2, width), _accessor(floats, "f", 2, width, behind=(ints, whole))


USERS = _accessor("users", "i", 1)
MAKERS = _accessor("makers", "i", 1)
MODES = _accessor("modes", "i", 1)
POOL_USERS = _accessor("pool_users", "i", 1)
USES = _accessor("uses", "i", 2, y.U_INTS)
USE_AMOUNT = _accessor("use_amount", "f", 1)
DIST_I, DIST_F = _pair("dist_i", y.D_INTS, "dist_f", y.D_FLOATS)
VALUES = _accessor("values", "f", 2, 2)
SERIES = _accessor("series", "f", 2)
WORKED = _accessor("worked", "f", 2)
ON = _accessor("on", "f", 2)
TARGETS = _accessor("targets", "f", 2)
ARRIVALS = _accessor("arrivals", "f", 2, 2)
KEYS = _accessor("keys", "k", 2, 2)
MARKS = _accessor("marks", "f", 1)
STEP = _accessor("step", "f", 1)
NEAR = _accessor("near", "h", 2, y.N_INTS)
BASE = _accessor("base", "i", 1)
PI, PF = _pair("pi", y.P_INTS, "pf", y.P_FLOATS)
TI, TF = _pair("ti", y.T_INTS, "tf", y.T_FLOATS)
AI, AF = _pair("ai", y.A_INTS, "af", y.A_FLOATS)
GI, SHARES = _pair("gi", y.G_INTS, "shares", y.STATES, y.G_LEAD)
MI, MF = _pair("mi", y.M_INTS, "mf", y.M_FLOATS, y.M_LEAD)
JI, JF = _pair("ji", y.J_INTS, "jf", y.J_FLOATS, y.J_LEAD)
LI, LF = _pair("li", y.L_INTS, "lf", y.L_FLOATS, y.L_LEAD)
RI, RF = _pair("ri", y.R_INTS, "rf", y.R_FLOATS)
SI, SF = _pair("si", y.S_INTS, "sf", y.S_FLOATS, y.S_LEAD)
XI, AHEAD = _pair("xi", y.X_INTS, "ahead", y.X_AHEAD)
HEAP_TIME = _accessor("heap_time", "f", 1)
HEAP_KEY = _accessor("heap_time", "i", 1)  # the bits of the same numbers
HEAP_RANK = _accessor("heap_rank", "i", 1)
HEAP_EVENT = _accessor("heap_event", "h", 1)
HEAP_PLACE = _accessor("heap_place", "i", 1)
TODO = _accessor("todo", "i", 1)
SCALARS = _accessor("c", "i", 1)
NOW = _accessor("now", "f", 1)
NOTES = _accessor("notes", "f", 2)
TALLY = _accessor("tally", "b", 2, y.TALLIES)
TALLY_WORD = _accessor("tally", "i", 2, y.TALLY_WORDS)  # eight of them
FULL_TALLIES = _accessor("full", "i", 2, y.BINS)
HISTOGRAM = _accessor("histogram", "i", 1)
AGES = _accessor("ages", "f", 3, y.BINS)
TRACE = _accessor("trace", "f", 2, y.TRACE_COLUMNS)
