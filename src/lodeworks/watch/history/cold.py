"""Closed days: one Parquet a day, sorted by tag and time, that says itself what its tags are called; beside it the
extremes of every ten minutes, for whoever looks at months.

A day is written under another name, read back and counted, and only then put in its place; a merge of late samples
or a thinning replaces it the same way. Its sums (`sums`) stand beside it: a file that is no longer what was written is
found, put aside, and what can be read of it is written anew.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import WatchError
from lodeworks.watch.history.hot import DAY_MS, start_of
from lodeworks.watch.history.merge import merged
from lodeworks.watch.history.sums import Sums
from lodeworks.watch.history.thin import COARSE_MS, of_stretches
from lodeworks.watch.samples import Quality, Samples
from lodeworks.watch.sentence import Sentence

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Cold"]

# A tag's day at one sample a second is some 1.3 groups: a reader of one tag decodes at most two or three.
_GROUP_ROWS = 65_536
_COLUMNS = ("tag", "at", "received", "value", "quality")
_NAMES = "lodeworks.tags"


class Cold:
    """The folder of closed days."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sums = Sums(folder)

    def path(self, day: date) -> Path:
        """Return the file of a day."""
        return self.folder / f"{day.isoformat()}.parquet"

    def days(self) -> list[date]:
        """Return the days there are, in order."""
        return sorted(date.fromisoformat(path.stem) for path in self.folder.glob("????-??-??.parquet"))

    def _extremes(self, day: date) -> Path:
        return self.folder / f"{day.isoformat()}.extremes.parquet"

    def has_extremes(self, day: date) -> bool:
        """Tell whether a day has the extremes of its stretches beside its samples."""
        return self._extremes(day).exists()

    def write(self, day: date, parts: Iterable[Samples], names: Mapping[int, str], at_least: int) -> int:
        """Write a day from parts in order of tag and time, in place of what is there; return how many samples.

        Raises
        ------
        WatchError
            If it cannot be written, or holds other than what was given or fewer than `at_least`; what was there
            stays.
        """
        import polars as pl

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{day.isoformat()}-", dir=self.folder))
            try:
                given, tags = 0, set[int]()
                kept: list[pl.DataFrame] = []
                for number, part in enumerate(parts):
                    _frame(part).write_parquet(draft / f"part-{number:06}.parquet", row_group_size=_GROUP_ROWS)
                    given += len(part)
                    tags |= set(np.unique(part.tag).tolist())
                    kept.append(_extremes_of(day, part))
                whole = draft / "whole"
                if given:
                    told = {_NAMES: json.dumps({number: names[number] for number in sorted(tags)}, ensure_ascii=False)}
                    pl.scan_parquet(sorted(draft.glob("part-*.parquet"))).sink_parquet(
                        whole, row_group_size=_GROUP_ROWS, maintain_order=True, statistics=True, metadata=told,
                    )
                    found = int(pl.scan_parquet(whole).select(pl.len()).collect().item())
                    if found != given or given < at_least:
                        raise WatchError(
                            f"{self.path(day)}: the day is not whole: {found} samples written of {given} given,"
                            f" at least {at_least} expected; nothing was deleted"
                        )
                    _to_disk(whole)
                    pl.concat(kept).write_parquet(draft / "extremes", row_group_size=_GROUP_ROWS)
                    # Without extremes all samples are read: so they go first and come last. So do sums.
                    self._sums.forget(day)
                    self._extremes(day).unlink(missing_ok=True)
                    whole.replace(self.path(day))
                    (draft / "extremes").replace(self._extremes(day))
                    self._sums.write(day, (self.path(day), self._extremes(day)))
                    _to_disk(self.folder)
                else:
                    self._sums.forget(day)
                    self._extremes(day).unlink(missing_ok=True)
                    self.path(day).unlink(missing_ok=True)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise WatchError(f"{self.path(day)}: the day cannot be written: {error}") from error
        return given

    def write_extremes(self, day: date, parts: Iterable[Samples]) -> None:
        """Write the extremes of a day anew from its samples, in parts in order of tag and time.

        Raises
        ------
        WatchError
            If they cannot be written.
        """
        import polars as pl

        draft = self.folder / f".{day.isoformat()}-extremes"
        try:
            pl.concat([_extremes_of(day, part) for part in parts]).write_parquet(draft, row_group_size=_GROUP_ROWS)
            draft.replace(self._extremes(day))
            self._sums.write(day, (self._extremes(day),))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise WatchError(f"{self._extremes(day)}: the extremes cannot be written: {error}") from error
        finally:
            draft.unlink(missing_ok=True)

    def fault(self, day: date, *, content: bool) -> Sentence | None:
        """Say what of the samples of a day is not as it was written; see `Sums.fault`."""
        return self._sums.fault(day, self.path(day), content=content)

    def lacks_extremes(self, day: date, *, content: bool) -> bool:
        """Tell whether a day's extremes are not there, or not what was written."""
        file = self._extremes(day)
        return not file.exists() or self._sums.fault(day, file, content=content) is not None

    def take_for_whole(self, day: date) -> None:
        """Write the sums of a day whose samples have none: from now on what it is shall not change."""
        if self.path(day).name not in self._sums.known(day):
            self._sums.write(day, (self.path(day), self._extremes(day)))

    def put_aside(self, day: date) -> Path:
        """Put a day's file under another name, without extremes and sums; return it."""
        moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        aside = self.path(day).with_name(f"{self.path(day).name}.damaged-{moment}")
        while aside.exists():
            aside = aside.with_name(f"{aside.name}-again")
        self._sums.forget(day)
        self._extremes(day).unlink(missing_ok=True)
        self.path(day).replace(aside)
        return aside

    def readable(self, aside: Path, day: date, tags: Iterable[int]) -> Iterator[Samples]:
        """Yield what can be read of a damaged file, in order of tag and time, none of it better than uncertain."""
        import polars as pl

        known, last = list(tags), -1
        try:
            rows = int(pl.scan_parquet(aside, glob=False).select(pl.len()).collect().item())
        except (OSError, pl.exceptions.PolarsError):  # without its end nobody knows what stands where
            return
        for first in range(0, rows, _GROUP_ROWS):
            try:
                frame = pl.scan_parquet(aside, glob=False).slice(first, _GROUP_ROWS).collect()
                part = Samples(*(frame[name].to_numpy() for name in _COLUMNS))
            except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
                continue  # this part of the file is lost; the caller tells how much was read
            right = np.isin(part.tag, known) & (part.tag >= last) & (part.quality <= max(Quality))
            right &= (part.at >= start_of(day)) & (part.at < start_of(day) + DAY_MS)
            if right.any():
                part = merged(part.take(right))
                last = int(part.tag[-1])
                doubtful = np.isin(part.quality, (Quality.GOOD, Quality.SUBSTITUTED))
                quality = np.where(doubtful, np.uint8(Quality.UNCERTAIN), part.quality)
                yield Samples(part.tag, part.at, part.received, part.value, quality)

    def counts(self, day: date) -> dict[int, int]:
        """Return how many samples of each tag a day has."""
        import polars as pl

        if not self.path(day).exists():
            return {}
        counted = self._collected(day, self._scan([day]).group_by("tag").agg(pl.len()))
        return dict(zip(counted["tag"].to_list(), counted["len"].to_list(), strict=True))

    def range(self, day: date, first: int, last: int) -> Samples:
        """Return everything of the tags from `first` to `last`, in order of tag and time."""
        import polars as pl

        if not self.path(day).exists():
            return Samples.of([], [], [], [], [])
        frame = self._collected(day, self._scan([day]).filter(pl.col("tag").is_between(first, last)))
        return Samples(*(frame[name].to_numpy() for name in _COLUMNS))

    def read(self, days: Sequence[date], tags: Sequence[int], since: int, until: int) -> Samples:
        """Return samples of some tags in a stretch of time, day by day, each in order of tag and time.

        When they were received is left out (0): no reader of a stretch wants it, and it is half of the bytes.
        """
        import polars as pl

        there = [day for day in days if self.path(day).exists()]
        if not there:
            return Samples.of([], [], [], [], [])
        tag = pl.col("tag")
        which = tag == tags[0] if len(tags) == 1 else tag.is_in(list(tags))
        try:
            frame = (
                self._scan(there).filter(which & (pl.col("at") >= since) & (pl.col("at") < until))
                .select("tag", "at", "value", "quality").collect()
            )
        except (OSError, pl.exceptions.PolarsError) as error:
            if all(self.path(day).exists() for day in there):
                damaged = [self.path(day) for day in there if self.fault(day, content=False)]
                told = damaged[0] if damaged else self.folder
                raise WatchError(f"{told}: closed days cannot be read: {error}") from error
            return self.read(there, tags, since, until)  # one went by its age meanwhile
        columns = {name: frame[name].to_numpy() for name in frame.columns}
        return Samples(
            columns["tag"], columns["at"], np.zeros(len(frame), np.int64), columns["value"], columns["quality"]
        )

    def extremes(self, days: Sequence[date], tags: Sequence[int]) -> tuple[Samples, NDArray[np.int64]] | None:
        """Return the extremes of some tags, in order of tag and time, and how many samples they stand for.

        None if a day's are just being made anew.
        """
        import polars as pl

        try:
            frame = (
                pl.scan_parquet([self._extremes(day) for day in days], glob=False)
                .filter(pl.col("tag").is_in(list(tags))).sort("tag", "at", maintain_order=True).collect()
            )
        except (OSError, pl.exceptions.PolarsError):
            return None  # all samples are read instead, which tells what is wrong if they cannot be either
        columns = {name: frame[name].to_numpy() for name in frame.columns}
        none = np.zeros(len(frame), np.int64)
        return Samples(columns["tag"], columns["at"], none, columns["value"], columns["quality"]), columns["count"]

    def _collected(self, day: date, frame: pl.LazyFrame) -> pl.DataFrame:
        import polars as pl

        try:
            return frame.collect()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise WatchError(f"{self.path(day)}: the closed day cannot be read: {error}") from error

    def _scan(self, days: Sequence[date]) -> pl.LazyFrame:
        import polars as pl

        return pl.scan_parquet([self.path(day) for day in days], glob=False)


def _extremes_of(day: date, part: Samples) -> pl.DataFrame:
    """Return the extremes of every ten minutes of a part of a day."""
    import polars as pl

    edges = np.arange(start_of(day), start_of(day) + DAY_MS + 1, COARSE_MS)
    rows, counts = of_stretches(part.tag, part.at, part.value, part.quality, edges)
    return _frame(part.take(rows)).drop("received").with_columns(count=pl.Series(counts))


def _frame(samples: Samples) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame({name: getattr(samples, name) for name in _COLUMNS})


def _to_disk(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
