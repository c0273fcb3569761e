"""Changes laid over a chain: overlay files and single settings, checked as strictly as the chain itself."""

from __future__ import annotations

from typing import Any

from lodeworks.chain.origin import Document, Plain

__all__ = ["apply_set", "lay_over"]


def lay_over(base: Document, above: Document) -> None:
    """Change `base` by what `above` says."""
    raise NotImplementedError


def apply_set(document: Document, text: str) -> None:
    """Change one value."""
    raise NotImplementedError


_: Any = Plain
