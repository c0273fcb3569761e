"""A run folder: `manifest.json`, Parquet tables and a few documents, there whole or not at all.

A run is first written beside its place under a name of its own and then renamed, so that no reader ever sees
half of one. What the tables mean is the engines' affair.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.drafts import drafted, in_place
from lodeworks.errors import RunError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Run", "place_run", "read_run", "refuse_folder", "write_into", "write_run"]

_MANIFEST = "manifest.json"


@dataclass(frozen=True, eq=False)
class Run:
    """A run as read from its folder; tables are read when first asked for."""

    folder: Path
    manifest: dict[str, Any]
    chain: dict[str, Any]
    tables: tuple[str, ...]
    _read: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def has_slices(self) -> bool:
        """Whether it is a plan over stages, scenarios or periods, and not of one horizon."""
        return not {"stages", "scenarios", "periods"}.isdisjoint(self.manifest)

    def _done_of(self) -> str:
        """Say how many of its runs are there, of one that holds many."""
        there = sum(1 for each in (self.folder / "runs").glob("*") if (each / _MANIFEST).exists())
        kind, asked = self.manifest["kind"], self.manifest.get("asked", "?")
        return f"the {kind} is not finished: {there} of {asked} have been run"

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name.

        Raises
        ------
        RunError
            If there is none of that name, or it cannot be read.
        """
        import polars as pl

        if name not in self._read:
            if self.manifest.get("status") == "running":
                raise RunError(f"{self.folder}: {self._done_of()}; the tables come at the end. If nothing is at work "
                               "there any more, the same command goes on with what is missing")
            if name not in self.tables:
                raise RunError(f"{self.folder}: the run has no table {name!r}; it has {', '.join(self.tables)}")
            try:
                self._read[name] = pl.read_parquet(self.folder / f"{name}.parquet")
            except (OSError, pl.exceptions.PolarsError) as error:
                raise RunError(f"{self.folder / name}.parquet cannot be read: {error}") from error
        return self._read[name]


def read_run(folder: str | Path) -> Run:
    """Open a run folder.

    Raises
    ------
    RunError
        If it is missing, not a run, or unfinished.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunError(f"{folder}: no such run folder")
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        chain_file = folder / "chain.json"
        chain = json.loads(chain_file.read_text(encoding="utf-8")) if chain_file.exists() else {}
    except FileNotFoundError:
        raise RunError(f"{folder}: not a run folder (it has no {_MANIFEST})") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{folder}: the run cannot be read: {error}") from error
    if not isinstance(manifest, dict) or "kind" not in manifest:
        raise RunError(f"{folder}: {_MANIFEST} is not that of a run")
    tables = tuple(manifest.get("tables", sorted(path.stem for path in folder.glob("*.parquet"))))
    return Run(folder, manifest, chain, tables)


def refuse_folder(folder: str | Path, *, replace: bool) -> None:
    """Say before any work is done that a run could not be written to `folder`.

    Raises
    ------
    RunError
        If something other than a run is there, a run is there that may not be replaced, or the place cannot be
        written.
    """
    folder = Path(folder)
    if folder.exists():
        if not folder.is_dir():
            raise RunError(f"{folder}: a file of this name exists; choose another folder")
        if any(folder.iterdir()):
            if not (folder / _MANIFEST).exists():
                raise RunError(f"{folder}: the folder exists and is not a run; choose another")
            if not replace:
                raise RunError(f"{folder}: a run is there already; choose another folder or replace it (--replace)")
    parent = folder.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise RunError(f"{folder}: {parent} cannot be written to")


def write_run(
    folder: str | Path,
    manifest: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    documents: Mapping[str, str],
    *,
    replace: bool = False,
) -> Path:
    """Write a run folder and return it.

    Raises
    ------
    RunError
        If the place is taken or cannot be written; nothing is left behind and nothing that was there is lost.
    """
    def fill(draft: Path) -> None:
        for name, table in tables.items():
            table.write_parquet(draft / f"{name}.parquet")
        for name, text in documents.items():
            (draft / name).write_text(text, encoding="utf-8")
        (draft / _MANIFEST).write_text(json.dumps(dict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")

    return _placed(folder, fill, replace=replace)


def place_run(folder: str | Path, files: Mapping[str, bytes], *, replace: bool = False) -> Path:
    """Put a run that was made elsewhere in its place, whole or not at all.

    Raises
    ------
    RunError
        If the place is taken or cannot be written.
    """
    def fill(draft: Path) -> None:
        for name, content in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(content)

    return _placed(folder, fill, replace=replace)


def _placed(folder: str | Path, fill: Callable[[Path], None], *, replace: bool) -> Path:
    """Let a draft be filled beside a run's place and put it there, whole or not at all."""
    import polars as pl

    folder = Path(folder)
    refuse_folder(folder, replace=replace)
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        with drafted(folder, folder=True) as draft:
            fill(draft)
            draft.chmod(0o755)
            in_place(draft, folder)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunError(f"{folder}: the run cannot be written: {error}") from error
    return folder


def write_into(
    folder: str | Path,
    manifest: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    documents: Mapping[str, str],
    *,
    also: Sequence[str] = (),
) -> None:
    """Write a run into a folder that holds more than it and stays; each file whole, the manifest last.

    Parameters
    ----------
    also
        Tables to be written as CSV and as a workbook too.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    import polars as pl

    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with drafted(folder / "draft", folder=True) as draft:
            for name, table in tables.items():
                table.write_parquet(draft / f"{name}.parquet")
            for name in also:
                tables[name].write_csv(draft / f"{name}.csv", include_bom=True)
                tables[name].write_excel(draft / f"{name}.xlsx", worksheet=name, autofit=True)
            for name, text in documents.items():
                (draft / name).write_text(text, encoding="utf-8")
            written = sorted(draft.iterdir())
            (draft / _MANIFEST).write_text(json.dumps(dict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
            for path in (*written, draft / _MANIFEST):
                path.replace(folder / path.name)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunError(f"{folder}: the run cannot be written: {error}") from error
