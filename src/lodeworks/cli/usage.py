"""The command line for who reads Chinese: what is wrong with a command itself is told in Chinese too.

The library that reads the command tells it in English, in a frame of its own, and so it stays for all others.
"""

from __future__ import annotations

import sys

import typer

from lodeworks.cli.app import app
from lodeworks.cli.telling import SPOKEN, note
from lodeworks.said import spoken_here

__all__ = ["run"]

_REFUSED: type[Exception] = typer.BadParameter.__mro__[1]  # any fault of a command, whichever library typer builds upon


def run() -> None:
    """Run the command that is given, in the language of the environment until it asks for one."""
    SPOKEN.set(_asked() or spoken_here())
    if SPOKEN.get() != "zh":
        app()
        return
    try:
        code = app(standalone_mode=False)
    except _REFUSED as error:
        from lodeworks.chinese import in_chinese

        text = str(error.format_message()) if hasattr(error, "format_message") else str(error)
        note(f"错误：{in_chinese(text) or text}；用法见 lodeworks COMMAND --help")
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _asked() -> str:
    """Return the language that the command asks for, before it is known whether the rest of it is right."""
    for at, word in enumerate(sys.argv):
        if word == "--language" and sys.argv[at + 1:]:
            return sys.argv[at + 1]
        if word.startswith("--language="):
            return word.partition("=")[2]
    return ""
