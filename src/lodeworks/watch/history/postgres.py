"""The history in a PostgreSQL database: one table in daily partitions with a key of tag and time.

For sites with a database and somebody who looks after it. Batches are kept beside the samples until everyone has
seen them, in the same transaction, so that the contract is the folder's word for word.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import AwayError, WatchError
from lodeworks.watch.history.hot import DAY_MS, QUIET_MS, day_of, start_of
from lodeworks.watch.history.log import packed, unpacked
from lodeworks.watch.history.merge import BETTER, merged
from lodeworks.watch.history.numbering import Numbering
from lodeworks.watch.history.postgres_rows import COPIED, EXTREMES, array_of, copied
from lodeworks.watch.history.retention import Keep, aged, passed_ages
from lodeworks.watch.history.thin import COARSE_MS, Series, Thinner, of_stretches
from lodeworks.watch.samples import Samples
from lodeworks.watch.sentence import Sentence

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresHistory"]

_SCHEMA = """
create table if not exists lodeworks_tags (id serial primary key, name text not null unique);
create table if not exists lodeworks_batches (sequence bigserial primary key, samples bytea not null);
create table if not exists lodeworks_days (day date primary key, passed text not null);
create table if not exists lodeworks_closed (day bigint primary key);
create table if not exists lodeworks_extremes (
  tag integer not null, at bigint not null, count bigint not null, value double precision not null,
  quality smallint not null, primary key (tag, at)
);
create table if not exists samples (
  tag integer not null, at bigint not null, received bigint not null, value double precision not null,
  quality smallint not null, primary key (tag, at)
) partition by range (at);
"""
_INCOMING = "create temporary table if not exists incoming (like samples) on commit delete rows"
_PUT = (
    "insert into samples select * from incoming on conflict (tag, at) do update set"
    f" received = excluded.received, value = excluded.value, quality = excluded.quality where {BETTER}"
)
# Samples of one tag read at once, in days.
_DAYS_AT_ONCE = 8
_SECONDS_TO_CONNECT = 10


class PostgresHistory:
    """See `History` for the contract."""

    def __init__(self, address: str, names: Sequence[str]) -> None:
        try:
            import psycopg
        except ImportError:
            raise WatchError(
                f"{_without_password(address)}: the PostgreSQL client is not installed;"
                " expected pip install 'lodeworks[postgres]'"
            ) from None
        self._errors: type[Exception] = psycopg.Error
        self._address = address
        self._told = _without_password(address)
        self._connections: dict[str, psycopg.Connection[Any]] = {}
        self._locks = {"write": threading.Lock(), "read": threading.Lock()}
        self._days: set[date] = set()
        self._touched: dict[int, int] = {}
        with self._use("write") as connection:
            connection.execute("select pg_advisory_xact_lock(7103)")  # two that start at once make tables once
            connection.execute(_SCHEMA)
            with connection.cursor() as cursor:
                cursor.executemany("insert into lodeworks_tags (name) select %s::text where not exists"
                                   " (select 1 from lodeworks_tags where name = %s)", [(name, name) for name in names])
            known = dict(connection.execute("select name, id from lodeworks_tags").fetchall())
            self._closed = _closed(connection)
        self._numbers = Numbering(np.asarray([known[name] for name in names], np.int32))

    def look_through(self) -> None:
        """Leave it to the database, which knows its pages by checksums of its own."""

    def mended(self) -> list[Sentence]:
        """Return nothing: what is damaged is told by the database."""
        return []

    def break_off(self) -> None:
        """Let `tend` end: it is done step by step, each soon over."""

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    @contextmanager
    def _use(self, what: str) -> Iterator[psycopg.Connection[Any]]:
        """Give a connection in a transaction to one thread; made anew if the last one broke."""
        import psycopg

        with self._locks[what]:
            try:
                connection = self._connections.get(what)
                if connection is None or connection.closed:
                    connection = psycopg.connect(self._address, connect_timeout=_SECONDS_TO_CONNECT)
                    self._connections[what] = connection
                with connection.transaction():
                    yield connection
            except self._errors as error:
                broken = self._connections.pop(what, None)
                if broken is not None:
                    broken.close()
                self._days.clear()
                problem = " ".join(str(error).split())
                raise AwayError(f"{self._told}: the history cannot be used ({what}): {problem}") from error

    def write(self, samples: Samples) -> int:
        """Keep samples; they are committed when this returns. Return the sequence number of the batch."""
        stored = self._numbers.stored(samples)
        with self._use("write") as connection:
            if not len(stored):
                return _latest(connection)
            self._put(connection, merged(stored))
            self._open_again(connection, np.unique(stored.at // DAY_MS * DAY_MS).tolist(), int(stored.received.max()))
            row = connection.execute(
                "insert into lodeworks_batches (samples) values (%s) returning sequence", (packed(stored),)
            ).fetchone()
        return int(row[0]) if row else 0

    def go_on_after(self, sequence: int) -> int:
        """Give what is written next a number above one that somebody has seen; return how many numbers that skips."""
        with self._use("write") as connection:
            latest = _latest(connection)
            if latest < sequence:
                connection.execute("select setval('lodeworks_batches_sequence_seq', %s)", (sequence,))
        return max(0, sequence - latest)

    def after(self, sequence: int) -> Iterator[tuple[int, Samples]]:
        """Yield the batches after a sequence number in the order they were received."""
        while True:
            with self._use("read") as connection:
                rows = connection.execute(
                    "select sequence, samples from lodeworks_batches where sequence > %s order by sequence limit 200",
                    (sequence,),
                ).fetchall()
            if not rows:
                return
            for number, content in rows:
                yield int(number), self._numbers.known(unpacked(content))
            sequence = int(rows[-1][0])

    def trim(self, sequence: int) -> None:
        """Let go of batches up to a number that everyone has seen; the samples stay."""
        with self._use("write") as connection:
            connection.execute("delete from lodeworks_batches where sequence <= %s", (sequence,))

    def read(self, tags: Sequence[int], since: int, until: int, points: int | None = None) -> list[Series]:
        """Return each tag's samples from `since` to before `until`, thinned to at most `points` of each quality."""
        thinners = [Thinner(since, until, points) for _ in tags]
        stretches = self._stretches(since, until, coarse=thinners[0].coarse) if thinners else []
        for tag, thinner in zip(tags, thinners, strict=True):
            for begin, end, of_extremes in stretches:
                thinner.add(*self._rows(int(self._numbers.of[tag]), begin, end, of_extremes=of_extremes))
        return [thinner.series() for thinner in thinners]

    def close_day(self, day: date) -> int:
        """Put the extremes of every ten minutes of a day beside it; return how many samples it has."""
        begin = start_of(day)
        with self._use("write") as connection:
            if day not in self._partitions(connection):
                return 0
            count = 0
            for number, whole in self._by_tag(connection, day):
                rows, counts = of_stretches(
                    whole.tag, whole.at, whole.value, whole.quality,
                    np.arange(begin, begin + DAY_MS + 1, COARSE_MS),
                )
                connection.execute("delete from lodeworks_extremes where tag = %s and at >= %s and at < %s",
                                   (number, begin, begin + DAY_MS))
                with connection.cursor() as cursor, cursor.copy(
                    f"copy lodeworks_extremes ({', '.join(EXTREMES)}) from stdin (format binary)"
                ) as copy:
                    copy.write(copied(whole.take(rows), EXTREMES, counts))
                count += len(whole)
            connection.execute("insert into lodeworks_closed values (%s) on conflict do nothing", (begin,))
        self._closed.add(begin)
        return count

    def retain(self, now: int, keep: Sequence[Keep]) -> None:
        """Thin and delete what is older than it is kept; `keep` is in the order of the tags."""
        by_id, kinds = dict(zip(self._numbers.of.tolist(), keep, strict=True)), set(keep)
        with self._use("write") as connection:
            done = dict(connection.execute("select day, passed from lodeworks_days").fetchall())
            days = self._partitions(connection)
        for day in days:
            age = (now - start_of(day)) // DAY_MS - 1
            passed = passed_ages(age, kinds)
            if passed == done.get(day, ""):
                continue
            with self._use("write") as connection:
                self._age(connection, day, age, by_id)
                connection.execute(
                    "insert into lodeworks_days values (%s, %s)"
                    " on conflict (day) do update set passed = excluded.passed", (day, passed),
                )

    def tend(self, now: int, keep: Sequence[Keep]) -> None:
        """Do what is due: extremes of days that are over and quiet for an hour; thin and delete what is old."""
        with self._use("write") as connection:
            days = self._partitions(connection)
        for day in days:
            begin = start_of(day)
            if begin not in self._closed and now - max(begin + DAY_MS, self._touched.get(begin, 0)) > QUIET_MS:
                self.close_day(day)
        self.retain(now, keep)

    def _put(self, connection: psycopg.Connection[Any], samples: Samples) -> None:
        """Put merged samples into their partitions, which are made if there are none."""
        for number in np.unique(samples.at // DAY_MS).tolist():
            day = day_of(number * DAY_MS)
            if day not in self._days:
                begin = start_of(day)
                connection.execute(
                    f"create table if not exists {_partition(day)} partition of samples"
                    f" for values from ({begin}) to ({begin + DAY_MS})"
                )
        connection.execute(_INCOMING)
        with connection.cursor() as cursor, cursor.copy("copy incoming from stdin (format binary)") as copy:
            copy.write(copied(samples, COPIED))
        connection.execute(_PUT)
        self._days |= {day_of(number * DAY_MS) for number in np.unique(samples.at // DAY_MS).tolist()}

    def _partitions(self, connection: psycopg.Connection[Any]) -> list[date]:
        rows = connection.execute(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where i.inhparent = 'samples'::regclass order by c.relname"
        ).fetchall()
        return [date.fromisoformat(name.removeprefix("samples_").replace("_", "-")) for (name,) in rows]

    def _open_again(self, connection: psycopg.Connection[Any], begins: Sequence[int], now: int) -> None:
        """Let days that are written to be read whole until their extremes are made anew."""
        self._touched.update(dict.fromkeys(begins, now))
        connection.execute("delete from lodeworks_closed where day = any(%s)", (list(begins),))
        self._closed.difference_update(begins)

    def _stretches(self, since: int, until: int, *, coarse: bool) -> list[tuple[int, int, bool]]:
        """Return the stretches to read one after another, and of which the extremes will do."""
        with self._use("read") as connection:
            days = [start_of(day) for day in self._partitions(connection)]
            closed = _closed(connection) if coarse else set()
        found: list[tuple[int, int, bool]] = []
        for day in days:
            begin, end = max(since, day), min(until, day + DAY_MS)
            if begin >= end:
                continue
            whole = day in closed and end - begin == DAY_MS
            if found and found[-1][2] == whole and (whole or end - found[-1][0] <= _DAYS_AT_ONCE * DAY_MS):
                found[-1] = found[-1][0], end, whole
            else:
                found.append((begin, end, whole))
        return found

    def _rows(
        self, number: int, since: int, until: int, *, of_extremes: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8], int | None]:
        table, count = ("lodeworks_extremes", "sum(count)::bigint") if of_extremes else ("samples", "null")
        columns = "at, value, quality, count" if of_extremes else "at, value, quality"
        with self._use("read") as connection:
            row = connection.execute(
                "select array_send(array_agg(at)), array_send(array_agg(value)), array_send(array_agg(quality)),"
                f" {count} from (select {columns} from {table} where tag = %s and at >= %s and at < %s order by at) s",
                (number, since, until),
            ).fetchone()
        at, value, quality, told = row if row and row[0] is not None else (None, None, None, None)
        return (
            array_of(at, ">i8").astype(np.int64), array_of(value, ">f8").astype(np.float64),
            array_of(quality, ">i2").astype(np.uint8), told,
        )

    def _by_tag(self, connection: psycopg.Connection[Any], day: date) -> Iterator[tuple[int, Samples]]:
        """Yield everything of a day, tag by tag."""
        name = _partition(day)
        for (number,) in connection.execute(f"select distinct tag from {name} order by tag").fetchall():
            columns = connection.execute(
                "select array_send(array_agg(at)), array_send(array_agg(received)), array_send(array_agg(value)),"
                f" array_send(array_agg(quality)) from (select * from {name} where tag = %s order by at) s", (number,),
            ).fetchone() or (None, None, None, None)
            at, received = (array_of(content, ">i8").astype(np.int64) for content in columns[:2])
            value, quality = array_of(columns[2], ">f8"), array_of(columns[3], ">i2")
            yield int(number), Samples(np.full(len(at), number, np.int32), at, received, value.astype(np.float64),
                                       quality.astype(np.uint8))

    def _age(self, connection: psycopg.Connection[Any], day: date, age: int, keep: dict[int, Keep]) -> None:
        """Leave of a day what is kept at its age; drop it if that is nothing."""
        name, begin = _partition(day), start_of(day)
        for number, whole in self._by_tag(connection, day):
            rest = aged(whole, begin, age, keep)
            if len(rest) < len(whole):
                connection.execute(f"delete from {name} where tag = %s", (number,))
                connection.execute("delete from lodeworks_extremes where tag = %s and at >= %s and at < %s",
                                   (number, begin, begin + DAY_MS))
                self._open_again(connection, [begin], 0)
                if len(rest):
                    self._put(connection, rest)
        left = connection.execute(f"select exists (select 1 from {name})").fetchone()
        if left and not left[0]:
            connection.execute(f"drop table {name}")
            self._days.discard(day)


def _closed(connection: psycopg.Connection[Any]) -> set[int]:
    return {int(day) for (day,) in connection.execute("select day from lodeworks_closed")}


def _latest(connection: psycopg.Connection[Any]) -> int:
    found = connection.execute("select last_value, is_called from lodeworks_batches_sequence_seq").fetchone()
    return int(found[0]) if found and found[1] else 0


def _partition(day: date) -> str:
    return f"samples_{day:%Y_%m_%d}"


def _without_password(address: str) -> str:
    """Return an address as it may be told."""
    scheme, _, rest = address.partition("://")
    account, at, host = rest.rpartition("@")
    return f"{scheme}://{account.partition(':')[0]}{at}{host}"
