"""Figures as data for the page: in both languages, with every array of numbers stored once.

The arrays are Plotly's own typed arrays (``dtype`` and base64 ``bdata``). Two languages of a figure, and figures
that show the same hours, refer to one copy by its number.
"""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go

__all__ = ["FigureData"]


class FigureData:
    """Collects figures; `scripts` are the page's data elements."""

    def __init__(self) -> None:
        self._arrays: dict[str, int] = {}
        self._figures: dict[str, dict[str, Any]] = {}

    def add(self, key: str, figures: dict[str, go.Figure]) -> None:
        """Add a figure in each of its languages."""
        self._figures[key] = {language: self._shared(json.loads(f.to_json())) for language, f in figures.items()}

    def _shared(self, node: Any) -> Any:
        if isinstance(node, dict):
            if "bdata" in node:
                text = json.dumps(node, sort_keys=True)
                return {"$": self._arrays.setdefault(text, len(self._arrays))}
            return {key: self._shared(value) for key, value in node.items() if key != "template"}
        return [self._shared(item) for item in node] if isinstance(node, list) else node

    def scripts(self) -> str:
        """Return the data elements, safe inside HTML."""
        arrays = "[" + ",\n".join(self._arrays) + "]"
        figures = json.dumps(self._figures, ensure_ascii=False, separators=(",", ":"))
        return "\n".join(
            f'<script type="application/json" id="{name}">{_inert(text)}</script>'
            for name, text in (("arrays", arrays), ("figures", figures))
        )


def _inert(text: str) -> str:
    """No text inside a data element may end it."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
