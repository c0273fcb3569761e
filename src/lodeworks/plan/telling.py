"""What a solve is for, told before how far it is: where one plan takes many solves, which of them it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["telling"]


def telling(options: Mapping[str, Any], before: str) -> dict[str, Any]:
    """Return options of `optimise` whose progress is told with a few words before it."""
    progress = options.get("progress")
    return dict(options) if progress is None else {**options, "progress": lambda text: progress(f"{before}: {text}")}
