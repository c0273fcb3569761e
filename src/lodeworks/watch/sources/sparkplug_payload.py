"""The payload of Sparkplug B as protobuf: the fields read here, by the numbers the public definition gives them.

Made at run time from a list, so that no generated file and no compiler is needed; fields that are not listed (data
sets, templates) are passed over, as protobuf does. Source of the numbers: Eclipse Tahu, `sparkplug_b.proto`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

__all__ = ["bd_seq_of", "payload_class", "properties_of", "value_of"]

_PACKAGE = "lodeworks.sparkplug"
_METRIC = f".{_PACKAGE}.Payload.Metric"
_PROPERTIES = f".{_PACKAGE}.Payload.PropertySet"
_PROPERTY = f".{_PACKAGE}.Payload.PropertyValue"
# message: fields by number, each a type or a message; "*" is repeated, "?" one of the forms of a value.
_FIELDS: dict[str, dict[int, tuple[str, str]]] = {
    "PropertyValue": {
        1: ("type", "uint32"), 2: ("is_null", "bool"), 3: ("int_value", "uint32?"), 4: ("long_value", "uint64?"),
        5: ("float_value", "float?"), 6: ("double_value", "double?"), 7: ("boolean_value", "bool?"),
        8: ("string_value", "string?"),
    },
    "PropertySet": {1: ("keys", "string*"), 2: ("values", _PROPERTY + "*")},
    "Metric": {
        1: ("name", "string"), 2: ("alias", "uint64"), 3: ("timestamp", "uint64"), 4: ("datatype", "uint32"),
        5: ("is_historical", "bool"), 6: ("is_transient", "bool"), 7: ("is_null", "bool"),
        9: ("properties", _PROPERTIES), 10: ("int_value", "uint32?"), 11: ("long_value", "uint64?"),
        12: ("float_value", "float?"), 13: ("double_value", "double?"), 14: ("boolean_value", "bool?"),
        15: ("string_value", "string?"), 16: ("bytes_value", "bytes?"),
    },
}
_PAYLOAD = {
    1: ("timestamp", "uint64"), 2: ("metrics", _METRIC + "*"), 3: ("seq", "uint64"), 4: ("uuid", "string"),
    5: ("body", "bytes"),
}
# Data types whose whole numbers are sent as if they had no sign, and how many bits they have.
_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
_BD_SEQ = "bdSeq"


@cache
def payload_class() -> Any:
    """Return the class of a payload: `FromString`, `SerializeToString` and the fields above."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="lodeworks/sparkplug.proto", package=_PACKAGE, syntax="proto2")
    payload = file.message_type.add(name="Payload")
    for name, fields in _FIELDS.items():
        _fill(payload.nested_type.add(name=name), fields)
    _fill(payload, _PAYLOAD)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Payload"))


def _fill(message: Any, fields: dict[int, tuple[str, str]]) -> None:
    if any(kind.endswith("?") for _, kind in fields.values()):
        message.oneof_decl.add(name="value")
    for number, (name, kind) in fields.items():
        field = message.field.add(name=name, number=number)
        field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
        bare = kind.rstrip("*?")
        if bare.startswith("."):
            field.type, field.type_name = field.TYPE_MESSAGE, bare
        else:
            field.type = getattr(field, f"TYPE_{bare.upper()}")
        if kind.endswith("?"):
            field.oneof_index = 0


def bd_seq_of(content: Any) -> int | None:
    """Return the number of the connection that a birth or a death is of; None where it does not say."""
    told = (metric.long_value or metric.int_value for metric in content.metrics if metric.name == _BD_SEQ)
    return next((int(number) for number in told), None)


def properties_of(metric: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and holder of each property of a metric."""
    return zip(metric.properties.keys, metric.properties.values, strict=False)


def value_of(holder: Any) -> Any:
    """Return the value of a metric or property, None where it has none.

    Whole numbers with a sign come without one and get it back.
    """
    which = holder.WhichOneof("value")
    if which is None or holder.is_null:
        return None
    value = getattr(holder, which)
    kind = holder.datatype if hasattr(holder, "datatype") else holder.type
    if which in ("int_value", "long_value") and kind in _SIGNED:
        bits = _SIGNED[kind]
        value &= (1 << bits) - 1
        return value - (1 << bits) if value >> (bits - 1) else value
    return value
