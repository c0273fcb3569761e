"""The JSON Schema of a chain file, made from the attribute table, so that editors complete and check it.

It describes what a person may write, short forms included; what only reading can know (that names exist,
that units fit) is not in it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args, get_origin

from lodeworks.chain.conform import bare_type, is_entity
from lodeworks.chain.entities import (
    Attribute,
    Chain,
    Element,
    Entity,
    Flow,
    Lag,
    Objective,
    Quantity,
    Title,
    Varying,
    attributes_of,
    sections,
)

__all__ = ["json_schema"]

_QUANTITY = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[+-]?[.\d]"}],
             "title": "quantity 量",
             "description": "A number with its unit, such as `3.8 Mt/a`, `60 %` or `380万吨/年`."}
_TEXT_OR_NUMBER: list[dict[str, Any]] = [{"type": "string"}, {"type": "number"}]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a chain file."""
    definitions: dict[str, Any] = {"Quantity": _QUANTITY}
    root = _entity(Chain, definitions)
    root["properties"]["overlay"] = {
        "type": "string", "title": "overlay 叠加",
        "description": "The chain this file changes: keys given here replace those there, and null takes away.",
    }
    required = root.pop("required")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lodeworks chain 产业链", **root,
        "if": {"not": {"required": ["overlay"]}}, "then": {"required": required},
        "$defs": dict(sorted(definitions.items())),
    }


def _entity(kind: type[Entity], definitions: dict[str, Any]) -> dict[str, Any]:
    table = attributes_of(kind)
    schema: dict[str, Any] = {
        "type": "object", "description": _first_line(kind), "additionalProperties": False,
        "properties": {key: _attribute(kind, attribute, definitions) for key, attribute in table.items()},
    }
    required = [key for key, attribute in table.items() if attribute.required]
    return {**schema, "required": required} if required else schema


def _first_line(kind: type[Entity]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _attribute(kind: type[Entity], attribute: Attribute, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _type(attribute.annotation, definitions)
    if kind is Chain and attribute.key in sections() and attribute.key != "units":
        schema = {"anyOf": [schema, {"type": "string", "pattern": r"\.(csv|tsv|txt|parquet)$"}, {"type": "null"}]}
    elif attribute.key == "source" and issubclass(kind, Element):
        schema = {"anyOf": [schema, {"type": "string"}]}
    if not attribute.required and "anyOf" not in schema:
        schema = {"anyOf": [schema, {"type": "null"}]}
    described = {"title": f"{attribute.title} {attribute.zh}".strip(), "description": attribute.description}
    if attribute.measure is not None:
        described["description"] += f" Measures {attribute.measure}."
    if attribute.ref:
        described["description"] += f" Names are those of `{attribute.ref}`."
    return {**described, **schema}


def _type(annotation: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    kind = bare_type(annotation)
    if get_origin(kind) is dict:
        item = _type(get_args(kind)[1], definitions)
        if is_entity(get_args(kind)[1]):
            item = {"anyOf": [item, {"type": "null"}]}
        return {"type": "object", "additionalProperties": item}
    if get_origin(kind) is list:
        return {"type": "array", "items": _type(get_args(kind)[0], definitions)}
    if kind is Quantity:
        return {"$ref": "#/$defs/Quantity"}
    if is_entity(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}
            definitions[kind.__name__] = _named(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    plain: dict[Any, dict[str, Any]] = {
        str: {"type": ["string", "number", "boolean"]}, bool: {"type": "boolean"}, float: {"type": "number"},
        int: {"type": "integer"},
        dt.datetime: {"type": "string", "pattern": r"^\d{4}-\d{1,2}-\d{1,2}"},
    }
    return plain[kind]


def _named(kind: type[Entity], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return an entity with the short forms it may be written in."""
    full = _entity(kind, definitions)
    if kind is Lag:
        full = {"type": "object", "description": _first_line(kind),
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Quantity"}, {"type": "object"}]}}
    if kind in (Title, Objective):
        return {"anyOf": [full, {"type": "string"}]}
    if kind in (Varying, Lag):
        return {"anyOf": [full, *_TEXT_OR_NUMBER]}
    if kind is Flow:
        return {"anyOf": [full, _type(Varying, definitions)]}
    return full
