"""The cases that come with Lodeworks: which there are, where they lie, and a copy of one as a start.

What a case says is its folder's business; nothing here reads a chain.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lodeworks.errors import InputError, Problem, nearest

__all__ = ["case_folder", "case_names", "new_case"]

_LEFT_OUT = {"runs", "__pycache__"}


def case_names() -> list[str]:
    """Return the names of the cases, in order."""
    root = _root()
    if not root.is_dir():
        return []
    return sorted(folder.name for folder in root.iterdir() if (folder / "chain.yaml").is_file())


def case_folder(name: str) -> Path:
    """Return the folder of a case.

    Raises
    ------
    InputError
        If there is no case of that name.
    """
    known = case_names()
    if name not in known:
        raise InputError(Problem(
            "there is no case of this name", found=repr(name), expected=f"one of {', '.join(known)}",
            suggestion=nearest(name, known),
        ))
    return _root() / name


def new_case(directory: str | Path, source: str) -> Path:
    """Copy a case to a new folder, to be changed at will.

    Parameters
    ----------
    directory
        The folder to make; it may be there already if it is empty.
    source
        The name of the case.

    Raises
    ------
    InputError
        If there is no such case, or `directory` holds something, or it cannot be written. Nothing of the
        user's is overwritten.
    """
    folder, target = case_folder(source), Path(os.path.abspath(directory))
    try:
        if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
            what = "a folder that holds something" if target.is_dir() else "a file of that name"
            raise InputError(Problem("will not write over what is there", file=str(directory), found=what,
                                     expected="a folder that does not exist yet, or is empty"))
        _copy(folder, target)
    except OSError as error:
        raise InputError(Problem(
            f"the folder cannot be made: {error.strerror or error}", file=str(directory),
            expected="a place that can be written",
        )) from error
    return Path(directory)


def _copy(folder: Path, target: Path) -> None:
    """Copy beside the target and move it there, so that a copy that is cut short leaves nothing behind.

    Contents only, not permissions: an installed case may be read-only, and the copy is to be changed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.mkdir()
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if any(part in _LEFT_OUT or part.startswith(".") for part in inside.parts):
                continue
            if path.is_dir():
                (partial / inside).mkdir()
            else:
                shutil.copyfile(path, partial / inside)
        if target.is_dir():
            for path in partial.iterdir():
                path.rename(target / path.name)
        else:
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _root() -> Path:
    """Return where the cases lie: in the installed package, else at the root of the checkout."""
    packed = Path(__file__).with_name("_cases")
    return packed if packed.is_dir() else Path(__file__).parents[2] / "cases"
