"""What is where at one moment of a chain: machines, runs, levels and units in use, and who is to look again.

The first layer of `moment.Moment`; nothing starts or ends here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.rules import Rules

__all__ = ["ENDED", "IN", "LET", "LOST", "NEVER", "OUT", "REFUSED", "STARTED", "Counts", "Held", "Job", "Machine"]

NEVER = -1

Counts = dict[tuple[int, int], int]  # (what, of which place or transition): grains, or parts of a full run

IN, OUT, LOST, REFUSED, LET, STARTED, ENDED = range(7)


class Machine:
    """A machine: `fail` counts the stages its failure clock has passed, `repair` those of its repair (or NEVER)."""

    __slots__ = ("down", "fail", "group", "job", "last", "repair")

    def __init__(self, group: int) -> None:
        self.group, self.down, self.fail, self.repair, self.last = group, 0, 0, NEVER, NEVER
        self.job: Job | None = None


class Job:
    """A run: its size in parts of a full one, the stages passed of its set-up and its work."""

    __slots__ = ("left", "machine", "outcome", "phase", "place", "setup", "size", "stage", "t")

    def __init__(self, t: int, size: int) -> None:
        self.t, self.size, self.phase, self.stage, self.outcome, self.place = t, size, y.RUNNING, 0, NEVER, NEVER
        self.setup = NEVER  # from which mode it is set up
        self.left = 0  # stages of the set-up that are left
        self.machine: Machine | None = None


class Held:
    """What is where, and who is to look again.

    Attributes
    ----------
    counts
        What has come, gone, begun and ended since the moment was made.
    probability
        Of the outcomes chosen.
    """

    def __init__(self, rules: Rules, why: Sequence[int], choices: Sequence[int] = ()) -> None:
        self.rules = rules
        self.why = list(why)
        self.counts: Counts = {}
        self.probability = 1.0
        self.choices, self.asked = choices, 0
        self.open: list[tuple[int, ...]] = []  # choices that lead to the other outcomes met on the way
        self.level = [0] * len(rules.places)
        self.reserved = [0] * len(rules.places)
        self.used = [0] * len(rules.pools)
        self.gone = [0] * len(rules.pools)  # whether a pool has failed
        self.pool_stage = [0] * len(rules.pools)
        self.source_stage = [0] * len(rules.sources)
        self.ordered = [0] * len(rules.runs)
        self.machines: list[list[Machine]] = [[] for _ in rules.groups]
        self.free: list[Job] = []  # jobs that need no machine
        self.idle: list[list[Machine]] = [[] for _ in rules.groups]
        self.aside: list[list[Job]] = [[] for _ in rules.groups]
        self.blocked: list[list[Job]] = [[] for _ in rules.places]
        self.broken: list[list[Machine]] = [[] for _ in rules.pools]
        self.todo: deque[int] = deque()
        self.listed: set[int] = set()
        self.at_once: deque[Job] = deque()
        self.due: deque[Machine] = deque()

    def jobs(self) -> list[Job]:
        """Return all jobs: on machines, without one, and pushed aside."""
        held = [machine.job for group in self.machines for machine in group if machine.job is not None]
        return [*held, *self.free, *(job for row in self.aside for job in row)]

    # ---- chance ----

    def chosen(self, shares: Sequence[float]) -> int:
        """Return which of several outcomes happens."""
        k = self.choices[self.asked] if self.asked < len(self.choices) else 0
        if self.asked >= len(self.choices):
            taken = (*self.choices, *[0] * (self.asked - len(self.choices)))
            self.open += [(*taken, other) for other in range(1, len(shares)) if shares[other] > 0.0]
        self.asked += 1
        self.probability *= shares[k]
        return k

    # ---- counting and listing ----

    def _count(self, what: int, of: int, amount: int) -> None:
        self.counts[what, of] = self.counts.get((what, of), 0) + amount

    def list_run(self, t: int) -> None:
        """Put a transition on the list of what to look at, unless it stands there."""
        if t not in self.listed:
            self.listed.add(t)
            self.todo.append(t)

    def _list_place(self, p: int) -> None:
        self.list_run(-1 - p)

    def list_group(self, g: int) -> None:
        """Let every mode of a group look."""
        for t in self.rules.groups[g].modes:
            self.list_run(t)

    # ---- places ----

    def has_room(self, p: int, amount: int) -> bool:
        """Return whether a place can take an amount now."""
        place = self.rules.places[p]
        return place.room is None or place.let_go or self.level[p] + self.reserved[p] + amount <= place.room

    def put(self, p: int, amount: int) -> None:
        """Let an amount come into a place; what has no room where surplus may go is let go."""
        place = self.rules.places[p]
        if place.exit:
            self._count(IN, p, amount)
            return
        if place.let_go and place.room is not None:
            room = max(0, place.room - self.level[p] - self.reserved[p])
            if amount > room:
                self._count(LET, p, amount - room)
                amount = room
                if not amount:
                    return
        self._count(IN, p, amount)
        self.level[p] += amount
        for t in place.users:
            self.list_run(t)

    def _take(self, p: int, amount: int) -> None:
        place = self.rules.places[p]
        self._count(OUT, p, amount)
        if place.spring and amount > self.level[p]:
            self._count(IN, p, amount - self.level[p])
            self.level[p] = 0
        else:
            self.level[p] -= amount

    def _fell(self, p: int) -> None:
        """A place has less than before: jobs that wait for room, makers that lacked it, and orders look again."""
        if self.blocked[p]:
            self._list_place(p)
        for t in self.rules.places[p].makers:
            if self.why[t] == y.BLOCKED or self.rules.runs[t].orders is not None:
                self.list_run(t)
        for t in self.rules.places[p].users:
            if self.why[t] in (y.NO_POOL, y.BLOCKED):
                self.list_run(t)

    # ---- pools ----

    def there(self, r: int) -> int:
        """Return how much of a pool there is now, in its grains."""
        return 0 if self.gone[r] else self.rules.pools[r].there

    def _offer(self, r: int) -> None:
        """Let those who wait for a pool look again: machines to be repaired first."""
        pool = self.rules.pools[r]
        while self.broken[r] and self.used[r] + pool.unit <= self.there(r):
            self.used[r] += pool.unit
            self.broken[r].pop(0).repair = 0
        for t in pool.users:
            if self.why[t] == y.NO_POOL:
                self.list_run(t)

    def _offer_above(self, r: int, priority: int) -> None:
        for t in self.rules.pools[r].users:
            if self.rules.runs[t].priority >= priority:
                break
            if self.why[t] == y.NO_POOL:
                self.list_run(t)
