"""Reading a chain through any of its doors: a folder, one YAML or JSON file, or a workbook.

Doors give a `Document` of plain data with places; here documents are laid over one another, tables are
brought in, and the whole is held against the entities. No format is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.chain.origin import Document, Origin, is_null
from lodeworks.errors import InputError, Problem, nearest

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain

__all__ = ["read_chain", "read_with_origin"]

_SUFFIXES = (".yaml", ".yml", ".json", ".xlsx")
_MOST_OVERLAYS = 10


def read_chain(path: str | Path, *, sets: Sequence[str] = (), overlays: Sequence[str | Path] = ()) -> Chain:
    """Read a chain.

    Parameters
    ----------
    path
        A folder with a ``chain.yaml``, or a ``.yaml``, ``.json`` or ``.xlsx`` file.
    sets
        Single changes such as ``processes.psa.capacity=20t/d``.
    overlays
        YAML files laid over the chain, in this order, before `sets`.

    Raises
    ------
    InputError
        With every problem of all files.
    """
    return read_with_origin(path, sets=sets, overlays=overlays)[0]


def read_with_origin(
    path: str | Path, *, sets: Sequence[str] = (), overlays: Sequence[str | Path] = ()
) -> tuple[Chain, Origin]:
    """Read a chain, and where each part of it was written."""
    from lodeworks.chain.conform import conform

    document = _opened(path, sets, overlays)
    return conform(document), document.origin


def read_in_part(
    path: str | Path, *, sets: Sequence[str] = (), overlays: Sequence[str | Path] = ()
) -> tuple[Chain | None, Origin, list[Problem]]:
    """Read what can be read of a faulty chain, so that the rest of it can be checked too.

    Returns
    -------
    tuple
        The chain without its faulty parts, or None where too little is left; where things were written; the faults.
    """
    from lodeworks.chain.conform import conform_in_part

    document = _opened(path, sets, overlays)
    chain, problems = conform_in_part(document)
    return chain, document.origin, problems


def _opened(path: str | Path, sets: Sequence[str], overlays: Sequence[str | Path]) -> Document:
    from lodeworks.chain.overlay import apply_set, lay_over

    document = _open(Path(path), ())
    for overlay in overlays:
        above = _file_document(Path(overlay))
        above.data.pop("overlay", None)
        _bring_in_tables(above)
        lay_over(document, above)
    for text in sets:
        apply_set(document, text)
    if sets:
        _bring_in_tables(document)
    return document


def _open(path: Path, above: tuple[Path, ...]) -> Document:
    """Read a document and, if it is an overlay, the chain it is laid over."""
    from lodeworks.chain.overlay import lay_over

    document = _file_document(path)
    below = document.data.pop("overlay", None)
    _bring_in_tables(document)
    if below is None:
        return document
    if is_null(below) or not isinstance(below, str):
        raise InputError([*document.problems,
                          Problem("`overlay` names the chain this file changes", file=document.file, key="overlay")])
    target = (document.folder / below).resolve()
    here = path.resolve()
    if target in (*above, here) or len(above) >= _MOST_OVERLAYS:
        raise InputError(Problem("overlays lead back to themselves", file=document.file, key="overlay", found=below))
    base = _open(target, (*above, here))
    lay_over(base, document)
    return base


def _file_document(path: Path) -> Document:
    """Read one file, or the chain file of a folder, whatever its format."""
    try:
        if path.is_dir():
            path = _chain_file(path)
        suffix = path.suffix.lower()
        if suffix not in _SUFFIXES:
            if not path.exists():
                from lodeworks.chain.yaml import read_bytes

                read_bytes(path)
            raise InputError(Problem("this kind of file is not read as a chain", file=str(path),
                                     expected="a folder, .yaml, .json or .xlsx"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(Problem(f"cannot be read: {reason}", file=str(path))) from None
    if suffix == ".xlsx":
        from lodeworks.chain.workbook import read_workbook

        return read_workbook(path)
    return _text_document(path)


def _chain_file(folder: Path) -> Path:
    for name in ("chain.yaml", "chain.yml", "chain.json", "chain.xlsx"):
        if (folder / name).is_file():
            return folder / name
    names = sorted(item.name for item in folder.iterdir())
    raise InputError(Problem("the folder holds no chain.yaml", file=str(folder),
                             found=", ".join(names[:5]) + (", …" if len(names) > 5 else "") if names else "nothing",
                             suggestion=nearest("chain.yaml", names)))


def _text_document(path: Path) -> Document:
    from lodeworks.chain.yaml import parse_file

    file, parsed = path.name, parse_file(path)
    data: Any = parsed.data
    if not isinstance(data, dict):
        if parsed.problems:
            raise InputError(parsed.problems)
        if is_null(data):
            raise InputError(Problem("the file is empty", file=file, expected="chain, horizon, commodities, …"))
        found = "a list" if isinstance(data, list) else "one text"
        raise InputError(Problem("this is not a chain", file=file, found=found,
                                 expected="keys and values: chain, horizon, commodities, …"))
    return Document(data, file, path.parent, parsed.places(file), parsed.problems)


def _bring_in_tables(document: Document) -> None:
    """Replace names of tables by what the tables hold: sections, and profiles' values."""
    from lodeworks.chain.entities import sections

    for section, kind in sections().items():
        value = document.data.get(section)
        if isinstance(value, str) and not is_null(value) and kind is not str:
            from lodeworks.chain.tables import read_section

            document.data[section] = read_section(document, section, kind, str(value))
    profiles = document.data.get("profiles")
    if isinstance(profiles, dict) and any(isinstance(p, dict) and "table" in p for p in profiles.values()):
        from lodeworks.chain.tables import fill_profiles

        fill_profiles(document, profiles)
    for section in ("supplies", "demands"):
        traders = document.data.get(section)
        if isinstance(traders, dict):
            from lodeworks.chain.tables import fill_arrivals

            fill_arrivals(document, section, traders)
