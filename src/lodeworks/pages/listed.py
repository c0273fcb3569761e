"""A table of rows with what can be done to each, as the pages of engineers have it: one element, however many rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from lodeworks.pages.words import say

__all__ = ["Listed", "Row"]

Cell = str | tuple[str, str]
"""A text, or a text with a smaller one under it."""


@dataclass(frozen=True)
class Row:
    """A row: `acts` are deeds by name, each with whether it can be done now; `mark` is a class."""

    key: str
    cells: Sequence[Cell]
    acts: Sequence[tuple[str, bool]] = ()
    mark: str = ""


class Listed(ui.element, component="listed.js"):
    """A table.

    Parameters
    ----------
    columns
        Words for the headings, each with whether numbers stand under it.
    none
        The word for no rows.
    """

    def __init__(self, caption: str, columns: Sequence[tuple[str, bool]], language: str, none: str) -> None:
        super().__init__()
        self._language = language
        self._props.update({
            "caption": say(caption, language), "none": say(none, language), "deeds": say("deeds", language),
            "columns": [{"title": say(name, language), "number": number} for name, number in columns], "rows": [],
        })

    def show(self, rows: Sequence[Row]) -> None:
        """Put up rows; nothing is sent where they are as before."""
        told: list[dict[str, Any]] = [
            {
                "key": row.key, "mark": row.mark,
                "cells": [list(cell) if isinstance(cell, tuple) else cell for cell in row.cells],
                "acts": [{"deed": deed, "title": say(deed, self._language), "off": not can} for deed, can in row.acts],
            }
            for row in rows
        ]
        if told != self._props["rows"]:
            self._props["rows"] = told
            self.update()

    def on_deed(self, act: Callable[[str, str], Any]) -> Listed:
        """Call with deed and key when a button of a row is pressed; one that is not there does nothing."""

        async def pressed(event: GenericEventArguments) -> None:
            given = event.args if isinstance(event.args, dict) else {}
            deed, key = str(given.get("deed", "")), str(given.get("key", ""))
            row = next((one for one in self._props["rows"] if one["key"] == key), None)
            if row is not None and any(one["deed"] == deed and not one["off"] for one in row["acts"]):
                done = act(deed, key)
                if done is not None:
                    await done

        self.on("deed", pressed)
        return self
