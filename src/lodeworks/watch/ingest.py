"""Ingest: the one process that writes. Samples come from the sources, are kept, are judged, and are the present.

What a source sent is acknowledged when it is on the disk; until then it waits in memory, bounded. If the disk is full
or the database away, the present goes on and everything else waits and is tried again. What the process knows of
itself (lag, queue, refused, room on the disk) are tags like others, and `health.json` beside them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lodeworks.errors import DamagedError, LodeworksError, WatchError
from lodeworks.network.live import Live
from lodeworks.watch.alone import only_one
from lodeworks.watch.clock import clock_of, speed_of, way_ms
from lodeworks.watch.ending import ended
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.health import State, own_samples, tell
from lodeworks.watch.history import History, keep_of, open_history
from lodeworks.watch.judging import Alarms
from lodeworks.watch.present import Present
from lodeworks.watch.repair import damage, mended, write_down
from lodeworks.watch.samples import Samples
from lodeworks.watch.sources import Batch, Gate, listen

if TYPE_CHECKING:
    from lodeworks.watch.alarms.detect import Target

__all__ = ["Ingest", "Judge", "run"]

log = logging.getLogger("lodeworks.watch")

# Samples waiting to be kept: some 60 MB. A source waits when there are more.
_MOST_WAITING = 2_000_000
_AT_ONCE = 200_000
_TICK_S = 0.25
_HEALTH_S = 10.0
_TEND_S = 30.0
_RETRY_S = 1.0
_RESTART_S = 5.0
_LEAVE_S = 15.0  # feeds say farewell, and end what they wait with themselves
_JUMP_MS = 2_000
_LOOK_THROUGH_S = 60.0, 86_400.0  # after the start, and from then on


class Judge(Protocol):
    """What judges samples: the alarms. It remembers by itself which batches it has seen."""

    @property
    def sequence(self) -> int:
        """The last batch it has seen."""
        ...

    def marked(self, samples: Samples) -> Samples:
        """Return samples with the quality they are to be kept with: test, in a calibration window."""
        ...

    def feed(self, samples: Samples, now: int, sequence: int) -> None:
        """Judge a batch of the history."""
        ...

    def tick(self, now: int) -> None:
        """Let time go by, and do what people asked for."""
        ...

    def clock_set(self, by: int) -> None:
        """This computer's clock was set by so many ms since the last call."""
        ...


def run(
    live: Live, folder: Path, stop: threading.Event, *, history: str = "", target: Target | None = None,
    judge: Callable[[History], Judge | None] | None = None, clock: Callable[[], int] | None = None,
) -> None:
    """Take in, keep and judge until told to stop.

    Parameters
    ----------
    live
        What is watched.
    folder
        Where history, present and journal are.
    stop
        Set by another thread or a signal.
    history
        The address of a PostgreSQL database; a folder here unless given.
    target
        What the plan has of a tag at a time, for rules of deviation.
    judge
        Makes what judges; the alarms of the chain, unless given. It is made and used by one thread.
    clock
        Gives the time in ms; that of the folder unless given.

    Raises
    ------
    WatchError
        If another ingest runs on the folder, or the history cannot be opened.
    DamagedError
        If a file turns out to be damaged; it is mended by starting again.
    """
    kept = clock or clock_of(live, folder)
    with only_one(folder):
        for one in mended(folder):
            log.error("%s", one)
        store = open_history(history or WatchFolder(folder).history, [tag.name for tag in live.tags])
        try:
            made = judge or (lambda history: Alarms(
                live, WatchFolder(folder).journal, history, kept(), target, lambda: way_ms(kept)))
            ingest = Ingest(live, folder, store, made, kept)
            asyncio.run(ingest.run(stop))
        except DamagedError:
            WatchFolder(folder).damaged.touch()  # so that the next start looks at everything
            raise
        finally:
            store.close()


class Ingest:
    """The sources, the history, the judge and the present of one folder, put together."""

    def __init__(
        self, live: Live, folder: Path, history: History, judge: Callable[[History], Judge | None],
        clock: Callable[[], int],
    ) -> None:
        self.live, self.folder, self.history, self.clock = live, folder, history, clock
        self.judge: Judge | None = None
        self._make_judge = judge
        self.present = Present.create(WatchFolder(folder).present, [tag.name for tag in live.tags])
        self.gates = [Gate(feed, live, clock) for feed in live.feeds]
        self.keep = keep_of(live.tags)
        self._waiting: deque[Batch] = deque()
        self._waiting_samples = 0
        self._unkept: list[Batch] = []
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._trouble = ""
        self._judge_trouble = ""
        self._seen = 0
        self._written = 0
        self._lag_ms = 0
        self._looked = clock(), time.monotonic()
        self._one = ThreadPoolExecutor(1, "lodeworks-keep")  # keeps, judges and shows, one after another
        self._other = ThreadPoolExecutor(2, "lodeworks-tend")

    async def run(self, stop: threading.Event) -> None:
        """Go on until told to stop; what has come in by then is kept."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._one, self._catch_up)
        feeds = [asyncio.create_task(self._listen(gate)) for gate in self.gates]
        tending = asyncio.create_task(self._now_and_then(self._tend_once))
        trimming = asyncio.create_task(self._now_and_then(self._trim_once))  # closing a day may take hours
        health = asyncio.create_task(self._health())
        whole = asyncio.create_task(self._look_through())
        try:
            while not stop.is_set():
                await self._keep_next()
                for task in (tending, trimming, health, whole):
                    if task.done():
                        task.result()
        finally:
            await ended(*feeds, tending, trimming, health, whole, grace_s=_LEAVE_S)
            with suppress(DamagedError):  # which is why it ends
                await self._keep_next()
            self.history.break_off()
            self._one.shutdown()
            self._other.shutdown()

    def _catch_up(self) -> None:
        """Show and judge what was kept before the last stop and not seen."""
        self.judge = self._make_judge(self.history)
        seen = self.judge.sequence if self.judge else 0
        if skipped := self.history.go_on_after(seen):
            log.error("the history ends before what the alarms have seen: it lost %d batches, or is another", skipped)
        for number, samples in self.history.after(seen):
            self._judge(samples, number)
            self.present.set(samples)

    async def _listen(self, gate: Gate) -> None:
        """Take in one feed, for ever. What goes wrong with it is its own affair."""
        while True:
            try:
                async for batch in listen(gate, self.folder):
                    await self._put(batch)
            except LodeworksError as error:
                gate.down(str(error))
            except Exception as error:  # a fault in one source's reading stops neither the others nor the alarms
                log.exception("feed %s: stopped by a fault; it begins again", gate.feed.name)
                gate.down(f"{type(error).__name__}: {error}")
            await asyncio.sleep(_RESTART_S)

    async def _put(self, batch: Batch) -> None:
        if not len(batch.samples):  # everything was refused
            batch.kept()
            return
        while self._waiting_samples >= _MOST_WAITING:
            self._room.clear()
            await self._room.wait()
        self._waiting.append(batch)
        self._waiting_samples += len(batch.samples)
        self._some.set()

    async def _keep_next(self) -> None:
        """Keep what waits, or let a quarter of a second go by."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            self._some.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._some.wait(), _TICK_S)
        new = self._next()
        try:
            await loop.run_in_executor(self._one, self._keep, new)
        except DamagedError:
            raise
        except WatchError as error:
            if str(error) != self._trouble:
                log.error("nothing can be kept; it goes on in memory and is tried again: %s", error)
            self._trouble = str(error)
            await asyncio.sleep(_RETRY_S)
            return
        if self._trouble:
            log.warning("everything is kept again")
            self._trouble = ""
        for batch in self._unkept:
            batch.kept()
            self._waiting_samples -= len(batch.samples)
        self._unkept = []
        if self._waiting_samples < _MOST_WAITING:
            self._room.set()

    def _next(self) -> list[Batch]:
        """Return what is new since the last time, so many samples at once; none while some could not be kept."""
        new: list[Batch] = []
        count = 0
        while self._waiting and count < _AT_ONCE:
            new.append(self._waiting.popleft())
            count += len(new[-1].samples)
        self._unkept += new
        return new

    def _keep(self, new: Sequence[Batch]) -> None:
        """Show what is new, and keep everything that is not kept yet."""
        self._look_at_the_clock()
        now = self.clock()
        if self._trouble:  # the present goes on whatever the disk does
            self.present.set(Samples.joined([batch.samples for batch in new]), now)
        if not self._unkept:
            self.present.beat(now)
            self._judge(None, 0)
            return
        samples = Samples.joined([batch.samples for batch in self._unkept])
        if self.judge:
            samples = self.judge.marked(samples)
        number = self.history.write(samples)
        self._written += len(samples)
        self._lag_ms = int(now - samples.received.min()) if len(samples) else 0  # a chain without tags has none
        self._judge(samples, number)
        self.present.set(samples, now)

    def _judge(self, samples: Samples | None, number: int) -> None:
        """Let the judge see a batch that was kept, and time go by. Its troubles stop neither history nor present."""
        if self.judge is None:
            return
        try:
            if self._judge_trouble:  # it may have missed some: the history has them
                for earlier, missed in self.history.after(self.judge.sequence):
                    self.judge.feed(missed, self.clock(), earlier)
            elif samples is not None:
                self.judge.feed(samples, self.clock(), number)
            self.judge.tick(self.clock())
        except DamagedError:
            raise
        except Exception as error:
            trouble = str(error) if isinstance(error, LodeworksError) else f"{type(error).__name__}: {error}"
            if trouble != self._judge_trouble:
                log.error("alarms are not judged; it is tried again: %s", trouble,
                          exc_info=not isinstance(error, LodeworksError))
            self._judge_trouble = trouble
            return
        if self._judge_trouble:
            log.warning("alarms are judged again")
        self._judge_trouble = ""

    async def _now_and_then(self, tend: Callable[[], None]) -> None:
        """Look after the history, beside everything else."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.run_in_executor(self._other, tend)
            except DamagedError:
                raise
            except WatchError as error:
                log.error("the history cannot be tended: %s", error)
            await asyncio.sleep(_TEND_S)

    async def _look_through(self) -> None:
        """Look through all that was written before, now and then: what a start has no time for."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_THROUGH_S[0])
            if found := await loop.run_in_executor(self._other, damage, self.folder):
                raise DamagedError(f"{found}; it is mended by starting again")
            try:
                await loop.run_in_executor(self._other, self._look_through_history)
            except WatchError as error:
                log.error("the history cannot be looked through: %s", error)
            await asyncio.sleep(_LOOK_THROUGH_S[1])

    def _look_through_history(self) -> None:
        try:
            self.history.look_through()
        finally:
            self._tell_mended()

    def _tend_once(self) -> None:
        """Move samples on, close days, delete what is old."""
        try:
            self.history.tend(self.clock(), self.keep)
        finally:
            self._tell_mended()

    def _tell_mended(self) -> None:
        said = self.history.mended()
        for one in said:
            log.error("%s", one.en)
        write_down(self.folder, said)

    def _trim_once(self) -> None:
        """Let go of batches that everybody has seen."""
        if self._judge_trouble:
            return  # what it has seen may not be written down; it will be asked for again
        # The judge writes down some seconds later what it has seen: so what it had seen the last time.
        self.history.trim(self._seen)
        self._seen = self.judge.sequence if self.judge else 2**62

    def _look_at_the_clock(self) -> None:
        """See when the clock is set: a step on would make everything stale at once, and after a step back old values
        would stand, and what is silent not be missed, for as long as the step.
        """
        after, now = self.clock(), time.monotonic()
        (before, then), self._looked = self._looked, (after, now)
        speed = max(1.0, speed_of(self.clock))
        by = round(after - before - 1000.0 * speed * (now - then))
        if abs(by) <= _JUMP_MS * speed:
            return
        log.warning("the clock was set by %+.1f s", by / 1000)
        if by < 0:
            self.present.not_after(after)
        if self.judge:
            self.judge.clock_set(by)

    async def _health(self) -> None:
        """Say how this process is, as samples and as a file: now and then, and at once when a feed comes or goes."""
        written, since = 0, time.monotonic()
        before: list[tuple[bool, str]] = []
        while True:
            feeds = [(gate.connected, gate.trouble) for gate in self.gates]
            elapsed = time.monotonic() - since
            if feeds != before or elapsed >= _HEALTH_S:
                state = State(
                    self.clock(), self._lag_ms, self._waiting_samples / _MOST_WAITING,
                    (self._written - written) / max(elapsed, 1.0), self._written,
                    " ".join(text for text in (self._trouble, self._judge_trouble) if text), speed_of(self.clock),
                )
                before, written, since = feeds, self._written, since + elapsed
                await self._put(Batch(own_samples(self.live, self.gates, self.folder, state)))
                try:
                    tell(self.gates, self.folder, state)
                except OSError as error:
                    log.error("health.json cannot be written: %s", error)
            await asyncio.sleep(_TICK_S)
