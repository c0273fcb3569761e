"""Keeping the programs a plan is made of, as they are handed to the solver, for who wants to solve them elsewhere.

Each is written before it is solved, so that one that is never solved is there too; what came out is put down after.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lodeworks.errors import RunError
from lodeworks.plan.files import write_program
from lodeworks.plan.naming import Done, Named

__all__ = ["INDEX", "Recorder", "refuse_programs"]

INDEX = "programs.csv"


def refuse_programs(folder: str | Path, *, replace: bool) -> None:
    """Say before any work is done that programs may not be written to a folder; take away those it is to lose.

    Raises
    ------
    RunError
        If there is something in it that is no such list, or one that may not be replaced.
    """
    folder = Path(folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / INDEX).is_file():
        raise RunError(f"{folder}: there is something of this name, and it holds no programs; choose another folder")
    if not replace:
        raise RunError(f"{folder}: programs are there already; choose another folder or replace them (--replace)")
    with (folder / INDEX).open(encoding="utf-8", newline="") as file:
        names = [line["file"] for line in csv.DictReader(file)]
    for name in names:
        if Path(name).name == name:
            (folder / name).unlink(missing_ok=True)


class Recorder:
    """Writes programs into a folder, numbered in the order they are asked for, and `INDEX`, a line each.

    Parameters
    ----------
    form
        ``lp`` or ``mps``.
    title
        What the programs are of.

    Raises
    ------
    RunError
        If something cannot be written.
    """

    def __init__(self, folder: str | Path, form: str = "lp", *, title: str = "") -> None:
        self.folder, self.form, self.title = Path(folder), form, title
        self._lines: list[list[object]] = []

    def __call__(self, words: str, named: Callable[[], Named]) -> Done:
        """Write a program."""
        made, number = named(), len(self._lines) + 1
        short = "-".join("".join(c if c.isalnum() else " " for c in words).split())[:60]
        name = f"{number:03d}-{short}.{self.form}"
        write_program(replace(made, title=f"{self.title}: {words}"), self.folder / name, replace=True)
        size = made.program.size
        line: list[object] = [name, words, "maximize" if made.program.maximise else "minimize", "", *size.values()]
        self._lines.append(line)
        self._write()

        def done(value: float | None) -> None:
            line[3] = "" if value is None else repr(float(value))
            self._write()

        return done

    def _write(self) -> None:
        with (self.folder / INDEX).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("file", "what", "sense", "objective", "columns", "rows", "nonzeros", "integers"))
            writer.writerows(self._lines)
