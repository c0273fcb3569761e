"""Writing a chain to any of its doors, whole or not at all: a folder, one YAML or JSON file, a workbook.

What is there already is kept unless asked to replace it; files of a folder that are not the chain's stay.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from lodeworks.chain.entities import Chain, sections
from lodeworks.drafts import drafted, in_place
from lodeworks.errors import InputError, Problem, RunError
from lodeworks.files import written_whole

__all__ = ["chain_data", "long_profiles", "write_chain"]

_MOST_INLINE = 48
_MOST_SOURCES = 24


def write_chain(chain: Chain, path: str | Path, replace: bool = False, *, tables: str = "") -> None:
    """Write a chain; the suffix names the door, none a folder.

    Parameters
    ----------
    replace
        Whether a chain that is there already may be replaced.
    tables
        In a folder: ``"csv"`` or ``"parquet"`` puts every section into a table of its own.

    Raises
    ------
    InputError
        If something is there already, or the kind of file is not known.
    RunError
        If it cannot be written: no right to, no room.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix and suffix not in (".yaml", ".yml", ".json", ".xlsx") and not target.is_dir():
        raise InputError(Problem("this kind of file is not written", file=str(target),
                                 expected=".yaml, .json, .xlsx, or a folder (no suffix)"))
    try:
        if suffix in (".yaml", ".yml", ".json", ".xlsx"):
            _write_file(chain, target, suffix, replace)
        else:
            _write_folder(chain, target, replace, tables)
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror or error}; nothing was changed") from None


def chain_data(chain: Chain) -> dict[str, Any]:
    """Return a chain as plain data, in the order and the units it was written in."""
    data: dict[str, Any] = _with_written_dates(chain.model_dump())
    return data


def _with_written_dates(value: Any) -> Any:
    """Write instants as people do: the date alone at midnight."""
    if isinstance(value, dict):
        return {key: _with_written_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_written_dates(item) for item in value]
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return value


def _write_file(chain: Chain, target: Path, suffix: str, replace: bool) -> None:
    if target.is_dir():
        raise InputError(Problem("this is a folder, not a file", file=str(target)))
    if target.exists() and not replace:
        raise InputError(Problem("there is a file of this name already", file=str(target),
                                 expected="another name, or --replace"))
    with written_whole(target, mode=0o666 & ~_umask()) as part:
        if suffix == ".xlsx":
            from lodeworks.chain.workbook import write_workbook

            write_workbook(chain_data(chain), part)
        elif suffix == ".json":
            part.write_text(json.dumps(chain_data(chain), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        else:
            part.write_text(_yaml_text(chain_data(chain)), encoding="utf-8")


def _write_folder(chain: Chain, target: Path, replace: bool, tables: str) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(Problem("there is a file of this name already", file=str(target)))
    if target.is_dir() and not replace and any(target.iterdir()):
        raise InputError(Problem("the folder is there already and is not empty", file=str(target),
                                 expected="another name, or --replace"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with drafted(target, folder=True) as part:
        part.chmod(0o777 & ~_umask())
        _fill_folder(chain_data(chain), part, tables)
        if not target.exists():
            in_place(part, target)
            return
        for file in sorted(part.iterdir(), key=lambda file: file.name == "chain.yaml"):
            in_place(file, target / file.name)  # chain.yaml last: until then the old chain is whole


def _fill_folder(data: dict[str, Any], folder: Path, tables: str) -> None:
    suffix = f".{tables or 'csv'}"
    columns = long_profiles(data, f"profiles{suffix}" if not tables else f"profile_values{suffix}")
    if columns:
        from lodeworks.chain.tables import write_columns

        write_columns(folder / (f"profiles{suffix}" if not tables else f"profile_values{suffix}"), columns)
    for section, kind in sections().items():
        elements = data.get(section)
        if kind is str or not elements:
            continue
        if tables or (section == "sources" and len(elements) > _MOST_SOURCES):
            from lodeworks.chain.rows import to_table
            from lodeworks.chain.tables import write_table

            write_table(folder / f"{section}{suffix}", to_table(kind, elements))
            data[section] = f"{section}{suffix}"
    (folder / "chain.yaml").write_text(_yaml_text(data), encoding="utf-8")


def long_profiles(data: dict[str, Any], table: str) -> dict[str, list[float]]:
    """Take the values of long profiles out of `data`, naming the table that will hold them."""
    columns: dict[str, list[float]] = {}
    for name, profile in data.get("profiles", {}).items():
        if len(profile.get("values", ())) > _MOST_INLINE:
            columns[name] = profile.pop("values")
            profile["table"] = table
    return columns


def _yaml_text(data: dict[str, Any]) -> str:
    """Write keys of the chain first, then a paragraph a section."""
    from lodeworks.chain.yaml import dump_yaml, flow_text

    text = ""
    if len(data["horizon"]["start"]) == 10:  # a plain date needs no quotes
        data = {**data, "horizon": {**data["horizon"], "start": dt.date.fromisoformat(data["horizon"]["start"])}}
    for key, value in data.items():
        block = key in sections() and isinstance(value, dict)
        if isinstance(value, dict):
            text += ("\n" if block else "") + dump_yaml({key: value})
        else:
            text += f"{key}: {flow_text(value)}\n"
    return text


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


