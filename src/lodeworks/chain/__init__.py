"""The chain: its entities, its doors (reading and writing) and its checks. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lodeworks.chain.check import check_chain
    from lodeworks.chain.entities import Chain
    from lodeworks.chain.origin import Origin
    from lodeworks.chain.read import read_chain, read_with_origin
    from lodeworks.chain.schema import json_schema
    from lodeworks.chain.write import write_chain

__all__ = ["Chain", "Origin", "check_chain", "json_schema", "read_chain", "read_with_origin", "write_chain"]

_HOMES = {"Chain": "entities", "Origin": "origin", "check_chain": "check", "json_schema": "schema",
          "read_chain": "read", "read_with_origin": "read", "write_chain": "write"}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
