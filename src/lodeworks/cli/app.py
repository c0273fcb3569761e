"""The command itself, to which each module of verbs adds its own."""

from __future__ import annotations

import typer

__all__ = ["app"]

app = typer.Typer(
    name="lodeworks", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Check, plan and look at an industrial chain written once, as data.",
)
