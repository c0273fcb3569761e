"""Four numbers at once inside the kernel, for the wide registers of processors.

Each lane is reckoned as one number is, to the last bit, so that the same source serves a number and four of them. What
is reckoned so is said where it is used.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

__all__ = ["LANES", "as_bits", "as_float", "four_from"]

LANES = 4


class _Lanes(types.Type):
    """So many numbers of one type."""

    def __init__(self, element: Any) -> None:
        self.element = element
        super().__init__(name=f"Lanes({element})")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: _Lanes) -> None:
        super().__init__(manager, kind, ir.VectorType(manager.lookup(kind.element).get_value_type(), LANES))


_INSTRUCTIONS = {  # of floats, of whole numbers
    operator.add: ("fadd", "add"), operator.sub: ("fsub", "sub"), operator.mul: ("fmul", "mul"),
    operator.truediv: ("fdiv", ""), operator.xor: ("", "xor"), operator.or_: ("", "or_"), operator.lshift: ("", "shl"),
    operator.rshift: ("", "ashr"),
}


def _in_lanes(context: Any, builder: Any, kind: Any, given: Any, value: Any) -> Any:
    """Return lanes of a kind: as they are, or one number in all of them."""
    if isinstance(given, _Lanes):
        return value
    value = context.cast(builder, value, given, kind.element)
    none = ir.Constant(context.get_value_type(kind), ir.Undefined)
    lanes = builder.insert_element(none, value, cgutils.int32_t(0))
    return builder.shuffle_vector(lanes, none, ir.Constant(ir.VectorType(cgutils.int32_t, LANES), [0] * LANES))


def _offer(called: Any, of_floats: str, of_wholes: str) -> None:
    """Let an operator take lanes and lanes, or lanes and a number."""

    @infer_global(called)
    class _Operator(AbstractTemplate):
        def generic(self, arguments: Any, _: Any) -> Any:
            kinds = [kind for kind in arguments if isinstance(kind, _Lanes)]
            if not kinds or len(arguments) != 2:
                return None
            return signature(kinds[0], *arguments)

    def lower(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
        kind = called.return_type
        name = of_floats if kind.element == types.float64 else of_wholes
        if name == "ashr" and not kind.element.signed:
            name = "lshr"
        both = [_in_lanes(context, builder, kind, *pair) for pair in zip(called.args, arguments, strict=True)]
        return getattr(builder, name)(*both)

    lower_builtin(called, _Lanes, _Lanes)(lower)
    lower_builtin(called, _Lanes, types.Any)(lower)
    lower_builtin(called, types.Any, _Lanes)(lower)


for _called, _names in _INSTRUCTIONS.items():
    _offer(_called, *_names)


@infer_global(operator.getitem)
class _Get(AbstractTemplate):
    def generic(self, arguments: Any, _: Any) -> Any:
        lanes, index = arguments
        return signature(lanes.element, lanes, index) if isinstance(lanes, _Lanes) else None


@lower_builtin(operator.getitem, _Lanes, types.Any)
def _get(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    return builder.extract_element(arguments[0], context.cast(builder, arguments[1], called.args[1], types.intp))


_given: Any = intrinsic


@_given
def four_from(typingctx: Any, n: Any) -> Any:
    """Give n, n + 1, n + 2 and n + 3."""
    kind = _Lanes(types.uint64)

    def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
        steps = ir.Constant(context.get_value_type(kind), list(range(LANES)))
        return builder.add(_in_lanes(context, builder, kind, called.args[0], arguments[0]), steps)

    return kind(n), generate


def _seen_as(element: Any, given: Any) -> Any:
    """Return what types a function that looks at the same bits as another type."""
    kind = _Lanes(element) if isinstance(given, _Lanes) else element

    def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(kind))

    return kind(given), generate


@_given
def as_bits(typingctx: Any, x: Any) -> Any:
    """Give the whole number that stands in memory for a float."""
    return _seen_as(types.int64, x)


@_given
def as_float(typingctx: Any, bits: Any) -> Any:
    """Give the float for which a whole number stands in memory."""
    return _seen_as(types.float64, bits)
