"""The engine: samples, the clock and deeds in; the journal and the list of alarms out; exactly so after a restart.

It orders what the judge finds, what suppresses it and what is due by the clock, hands it to the desk, and writes the
rows together with its own state and the number of the last batch of the history it has seen, in one transaction. Fed
again from that number on, it goes on as if it had never stopped. Deeds are in `acts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.live import AlarmRule, Live
from lodeworks.watch.alarms.channels import alarm_name, channels_of
from lodeworks.watch.alarms.courses import FAR, Found
from lodeworks.watch.alarms.desk import Desk
from lodeworks.watch.alarms.detect import Target
from lodeworks.watch.alarms.judge import Judge, Scope, Testing
from lodeworks.watch.alarms.keeping import keep, take_up
from lodeworks.watch.alarms.now import AlarmNow
from lodeworks.watch.alarms.suppress import Held, Suppression
from lodeworks.watch.alarms.turns import SLOT_MS, Turns, urgent_rules
from lodeworks.watch.alarms.windows import Windows
from lodeworks.watch.deeds import Answer, Deed, answer_deed
from lodeworks.watch.journal import Journal, Row, now_ms
from lodeworks.watch.rescue import Rescue
from lodeworks.watch.rounds import Rounds
from lodeworks.watch.samples import Quality, Samples
from lodeworks.watch.standing_out import Profiles

if TYPE_CHECKING:
    from lodeworks.watch.history import History

__all__ = ["KEEP_MS", "SAVE_MS", "Engine"]

KEEP_MS = 600_000
"""How late a sample may come and still be judged."""
SAVE_MS = 30_000
"""How often the state is saved when nothing happens; what lies between is judged again after a stop."""


class Engine:
    """The alarms of a chain.

    Parameters
    ----------
    live
        What is watched.
    journal
        Where it is written, open for writing; what an engine before had kept there is taken up.
    history
        Where late samples' neighbours are looked up, and what is needed after a restart; batches are to be written
        there before they are fed. Without one, the last minutes are kept in memory and lost with it.
    target
        What the plan has, for rules of deviation.
    started
        When (ms) watching began, from when a tag that never sent anything is stale; the first time it is given.
    turn_ms
        How long (ms) samples wait for those that were measured before them; 0 to judge each as it comes.

    Raises
    ------
    InputError
        If a rule cannot be judged.
    WatchError
        If the journal cannot be read.
    """

    def __init__(
        self, live: Live, journal: Journal, history: History | None = None, *, target: Target | None = None,
        started: int | None = None, keep_ms: int = KEEP_MS, turn_ms: int = 0,
    ) -> None:
        self.live, self.journal = live, journal
        self.channels = channels_of(live)
        began, urgent = now_ms() if started is None else started, urgent_rules(live.rules)
        first = turn_ms + SLOT_MS if turn_ms else 0
        self.judge = Judge.of(live, self.channels, began, keep_ms, history, target, urgent, first)
        self.desk = Desk(live, self.channels, self.judge.behind)
        self.windows = Windows(live, self.channels, self.desk)
        self.suppression = Suppression(live, self.channels, self.judge, self.desk, urgent)
        read = {tag for one in self.judge.conditions if one.urgent for tag in one.tags.values()}
        read |= {tag for one in self.suppression.conditions if one.urgent for tag in one.tags.values()}
        self.turns = Turns(self.channels, urgent, read, len(live.tags), turn_ms)
        self.seen = 0
        self.sequence = 0  # as far as it is written: what comes after is fed again after a stop
        self.rescue = Rescue(live, journal.of_kind("incident"))
        self.rounds = Rounds(live, journal.of_kind("action"))
        self.profiles = Profiles(live)
        self.asked: dict[str, Any] = {}  # changes of limits that wait for a second person
        self.began = started  # when watching began, which what was kept knows better
        self._answers: dict[int, Answer] = {}  # to deeds done and not yet written
        self._saved = -FAR
        self._named = False
        self._looked = 0  # so many of the rows that wait to be written have been looked at
        self._started = take_up(self, journal) or started is not None

    # ---- in -----------------------------------------------------------------------------------------

    def feed(
        self, samples: Samples, now: int, sequence: int | None = None, *, written: int | None = None,
        at_once: bool = False,
    ) -> None:
        """Judge a batch of samples at a time of the clock (ms), `at_once` or each in its turn.

        `sequence` is the number of the batch in the history.

        A number that was seen before is passed over. `written` is when rows say they were written; now unless given.

        Raises
        ------
        WatchError
            If the journal cannot be written. Nothing is lost: what was to be written is, with the next call.
        """
        if sequence is not None and sequence <= self.seen:
            return
        self._begin(now)
        if len(samples):
            self._until(self.judge.look(samples, now))
            past, urgent = (samples, None) if at_once else self.turns.arrive(samples)
            if len(past):
                self._judge(past, None, Scope(until=FAR if at_once else self.turns.upto))
            if urgent is not None and len(urgent):
                self._judge(urgent, None, Scope(urgent=True))
        self._until(now)
        self.seen = self.seen + 1 if sequence is None else sequence
        self._commit(now, written)

    def tick(self, now: int, *, written: int | None = None) -> None:
        """Let the clock be at a time (ms): delays, shelves, windows and floods end, and what is silent is stale.

        Raises
        ------
        WatchError
            As of `feed`.
        """
        self._begin(now)
        self._until(now)
        self._commit(now, written)

    def clock_set(self, by: int) -> None:
        """The clock was set by so many ms: nothing is silent or over because of that, and nothing waits longer."""
        self.judge.clock_set(by)
        self.turns.clock_set(by)
        self.desk.clock_set(by)

    def apply(self, deed: Deed, now: int, *, written: int | None = None) -> Answer:
        """Do what somebody asks of the alarms, and answer the deed in the same transaction.

        Raises
        ------
        WatchError
            As of `feed`.
        """
        from lodeworks.watch.alarms.acts import act

        self._begin(now)
        self._until(now)
        answer = self._answers.get(deed.number)  # done before, when it could not be written
        if answer is None:
            answer = act(self, deed, deed.asked or now)
            if deed.number:
                self._answers[deed.number] = answer
        self._until(now)
        self._commit(now, written)
        return answer

    def note(self, rows: list[Row]) -> None:
        """Have rows of another kind written with the next commit."""
        self.desk.rows += rows

    # ---- out ----------------------------------------------------------------------------------------

    def now(self) -> list[AlarmNow]:
        """Return every alarm that is not simply normal, the most urgent and newest first."""
        held = (self.desk.now_of(channel) for channel in self.desk.alarms)
        return sorted(held, key=lambda a: (a.priority, -a.announced, a.alarm))

    def testing(self) -> frozenset[int]:
        """Return the tags in whose calibration window it is now: their samples are of quality test."""
        return self.windows.testing()

    @property
    def late(self) -> int:
        """How many samples came too late to be judged."""
        return self.judge.late

    # ---- order --------------------------------------------------------------------------------------

    def _judge(self, samples: Samples, before: Samples | None, scope: Scope) -> None:
        """Judge samples; rounds are followed in the order of turns."""
        found, tests, batch = self.judge.feed(samples, before, scope)
        self._order(found, tests, self.suppression.sampled(batch, scope))
        if self.rounds.positions and scope.urgent is not True:
            self._pass(batch)

    def _begin(self, now: int) -> None:
        if not self._started:  # watching begins with the first call
            self._started, self.began = True, now
            self.judge.known.at[:] = self.judge.known.received[:] = self.judge.known.changed[:] = now

    def _until(self, wall: int) -> None:
        """Let the clock run to a time, one thing due after another."""
        while True:
            behind = self.judge.behind_by_tag()
            turn = self.turns.next_due(behind)
            due = min(turn, self.judge.next_due(), self.desk.next_due(), self.windows.next_due())
            if due > wall:
                return
            if turn == due:  # what was measured speaks before the clock
                ready = self.turns.due(due, behind)
                self._judge(ready.samples, ready.before, Scope(urgent=False, until=self.turns.upto, known=ready.known))
                continue
            self.windows.due(due)
            self._order(self.judge.due(due), [], [])
            self.desk.due(due)

    def _order(self, found: list[Found], tests: list[Testing], held: list[Held]) -> None:
        """Hand to the desk what happened, by source time.

        At one time first what suppresses, then rules that suppress others, the others, and what suppresses no more.
        """
        events: list[tuple[int, int, Testing | Held | Found]] = []
        events += [(one.at, 0 if one.begins else 3, one) for one in tests]
        events += [(one.at, 0 if one.holds else 3, one) for one in held]
        events += [(one.at, 1 if self.suppression.parent(self.channels.rules[one.channel].name) else 2, one)
                   for one in found]
        for _, _, one in sorted(events, key=lambda event: event[:2]):
            if isinstance(one, Testing):
                self.windows.tested(one)
            elif isinstance(one, Held):
                self.suppression.hold(one)
            else:
                self._found(one)

    def _found(self, found: Found) -> None:
        read = [self.live.place[name] for name in self.channels.rules[found.channel].judged]
        simulated = bool((self.judge.known.quality[read] == Quality.SIMULATED).any())
        self.desk.found(found, simulated=simulated)
        self.suppression.happened(self.channels.rules[found.channel].name, found.at, found.known)

    def _look(self) -> None:
        """Let new rows open incidents and make items of what rounds found."""
        new = self.desk.rows[self._looked:]
        self.desk.rows += self.rescue.look(new, self._counted) + self.rounds.marked(new, self._position)
        self._looked = len(self.desk.rows)

    def _pass(self, batch: Samples) -> None:
        """Close the items of places that a round has passed again."""
        self._look()
        self.rounds.measured(batch, self._beyond, self._position)
        for tag in sorted(self.rounds.positions):
            mine = batch.of_tag(tag)
            if len(mine):
                metres = np.where(mine.quality == Quality.BAD, np.nan, mine.value)
                self.desk.rows += self.rounds.passed(tag, mine.at, metres)
        for ended in self.profiles.take(batch):
            self.desk.rows += self.rounds.stood_out(ended)

    def _beyond(self, rule: AlarmRule, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether values are at or beyond a limit of a rule that holds now."""
        over = np.zeros(len(values), np.bool_)
        for limit in rule.limits:
            one = self.channels.place[alarm_name(rule.name, limit.level)]
            side, value = self.channels.side[one], self.channels.value[one]
            over |= side * values >= side * value
        return over

    def _position(self, tag: str, at: int) -> float | None:
        """Where a tag stood at a time: its last sample of the minute before."""
        held = self.judge.memory.read(self.live.place[tag], at - 60_000)
        held = held.take((held.at <= at) & (held.quality != Quality.BAD))
        return float(held.value[-1]) if len(held) else None

    # ---- kept ---------------------------------------------------------------------------------------

    def _commit(self, now: int, written: int | None) -> None:
        """Write rows, answers and state at once. If that fails, they wait for the next time."""
        self._look()
        rows = self.desk.rows
        if not rows and not self._answers and 0 <= now - self._saved < SAVE_MS:  # a clock may be set back
            return
        self.judge.prune()
        with self.journal.transaction():
            self.journal.append(rows, written=now if written is None else written)
            keep(self, self.journal, named=self._named)
            for number, answer in self._answers.items():
                answer_deed(self.journal, number, answer, now)
        self.desk.rows, self._answers, self._named, self._looked = [], {}, True, 0
        self._saved, self.sequence = now, self.seen

    def _counted(self, tag: str) -> tuple[float, int] | None:
        """The last value of a tag and its time, if there is one that can be trusted."""
        place, known = self.live.place.get(tag), self.judge.known
        if place is None or not known.heard[place] or known.quality[place] == Quality.BAD:
            return None
        return float(known.value[place]), int(known.at[place])
