"""Samples from a file: a past brought in as it was, a file that grows, or a past played again as if it were now.

A table (CSV or Parquet) is either long, with columns ``time``, ``tag``, ``value`` and perhaps ``quality``, or wide,
with a ``time`` and a column for each tag. ``file.csv`` is taken in as it is and then watched for lines that are added;
``file.csv?speed=10`` is played from its beginning, ten times as fast as it was, with the times of now and marked
simulated: nobody shall take it for the plant.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import WatchError
from lodeworks.network.live import MOST_SPEED
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.decode import Unreadable, number_of, quality_of, time_of
from lodeworks.watch.sources.gate import Batch, Gate, Rows

if TYPE_CHECKING:
    import polars as pl

__all__ = ["samples"]

_LOOK_S = 1.0
_AT_ONCE = 100_000
_PLAY_S = 0.1


async def samples(gate: Gate) -> AsyncIterator[Batch]:
    """Yield what the file has.

    Raises
    ------
    WatchError
        If there is no such file, it is no table of samples, or the speed is none.
    """
    name, _, query = gate.feed.address.partition("?")
    path = Path(name.removeprefix("file://"))
    options = parse_qs(query)
    speed = _speed(gate, options.get("speed", ["0"])[0])
    if not path.is_file():
        raise WatchError(f"feed {gate.feed.name}: no such file: {path}")
    gate.late_days = None
    gate.up()
    if speed:
        async for batch in _played(gate, _table(path), speed):
            yield batch
        gate.down(f"{path}: played to its end")
        await asyncio.get_running_loop().create_future()
    done = 0
    while True:
        if path.suffix == ".csv":
            text, done = _new_lines(gate, path, done)
            parts = _parts(_csv(gate, path, text)) if text else iter(())
        else:
            parts = _parts(_table(path)) if not done else iter(())
            done = 1
        for part in parts:
            rows = gate.rows()
            _read(gate, part, rows)
            yield Batch(gate.samples(rows))
        await asyncio.sleep(_LOOK_S)


def _speed(gate: Gate, text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0.0 <= speed <= MOST_SPEED:
        raise WatchError(f"feed {gate.feed.name}: no speed; found {text!r}; expected a number up to {MOST_SPEED:g}")
    return speed


async def _played(gate: Gate, table: pl.DataFrame, speed: float) -> AsyncIterator[Batch]:
    """Yield a table's samples in order of time, when their moment comes."""
    rows = gate.rows()
    _read(gate, table, rows)
    at: NDArray[np.int64] = np.asarray(rows.at, np.int64)
    order = np.argsort(at, kind="stable")
    begin = gate.clock()
    when = begin + ((at[order] - at[order[0]]) / speed).astype(np.int64) if len(order) else at
    start = 0
    while start < len(order):
        now = gate.clock()
        end = int(np.searchsorted(when, now, "right"))
        played = Rows(now)
        for row, moment in zip(order[start:end].tolist(), when[start:end].tolist(), strict=True):
            quality = rows.quality[row] if rows.quality[row] == Quality.BAD else Quality.SIMULATED
            played.add(rows.tag[row], moment, rows.value[row], quality)
        if end > start:
            yield Batch(gate.samples(played))
        start = end
        await asyncio.sleep(_PLAY_S)


def _new_lines(gate: Gate, path: Path, done: int) -> tuple[bytes, int]:
    """Return the heading and the whole lines after `done` bytes, none if there are none, and how far that is."""
    try:
        with path.open("rb") as file:
            heading = file.readline()
            size = file.seek(0, io.SEEK_END)
            if size < done:  # written anew
                done = 0
            start = max(done, len(heading))
            file.seek(start)
            new = file.read(_AT_ONCE * 100)
    except OSError as error:
        gate.down(f"{path}: {error}")
        return b"", done
    gate.up()
    whole = new[: new.rfind(b"\n") + 1]
    return (heading + whole if whole else b""), start + len(whole)


def _csv(gate: Gate, path: Path, text: bytes) -> pl.DataFrame:
    import polars as pl

    try:
        return pl.read_csv(text, infer_schema=False, truncate_ragged_lines=True, encoding="utf8-lossy")
    except pl.exceptions.PolarsError as error:
        gate.refuse("unreadable", f"{path}: {error}")
        return pl.DataFrame({"time": [], "tag": [], "value": []})


def _table(path: Path) -> pl.DataFrame:
    import polars as pl

    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True, encoding="utf8-lossy")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise WatchError(f"{path}: no table of samples: {error}") from error


def _parts(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for start in range(0, len(table), _AT_ONCE):
        yield table.slice(start, _AT_ONCE)


def _read(gate: Gate, table: pl.DataFrame, rows: Rows) -> None:
    """Add what a table says to the rows; names that are no tags and values that are none are refused at the gate."""
    name = {gate.live.tags[number].name: number for number in gate.numbers}
    name |= {gate.live.tags[number].address: number for number in gate.numbers if gate.live.tags[number].address}
    columns = set(table.columns)
    if "time" not in columns:
        raise WatchError(f"feed {gate.feed.name}: no column `time`; found {', '.join(table.columns[:9])}")
    if {"tag", "value"} <= columns:
        qualities = table["quality"].to_list() if "quality" in columns else [None] * len(table)
        for told, tag, value, quality in zip(
            table["time"].to_list(), table["tag"].to_list(), table["value"].to_list(), qualities, strict=True
        ):
            if tag not in name:
                gate.refuse("unknown", str(tag)[:100])
            else:
                _add(gate, name[tag], told, value, quality, rows)
        return
    for column in table.columns:
        if column == "time":
            continue
        if column not in name:
            gate.refuse("unknown", column[:100])
            continue
        for told, value in zip(table["time"].to_list(), table[column].to_list(), strict=True):
            if value not in (None, ""):  # nothing was measured then
                _add(gate, name[column], told, value, None, rows)


def _add(gate: Gate, number: int, told: object, value: object, quality: object, rows: Rows) -> None:
    try:
        at = time_of(_plain(told))
        if at is None:
            raise Unreadable("no time")
        rows.add(number, at, number_of(value, gate.live.tags[number]), quality_of(quality) or Quality.GOOD)
    except Unreadable:
        gate.refuse("unreadable", f"{gate.live.tags[number].name}: {value!r} at {told!r}"[:200])


def _plain(told: object) -> object:
    """Return a time as `time_of` takes it: text of digits as a number, a moment of a table as text."""
    if isinstance(told, str):
        try:
            return float(told)
        except ValueError:
            return told.strip()
    return told.isoformat() if hasattr(told, "isoformat") else told
