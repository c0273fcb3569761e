"""One moment of a chain in whole numbers: what an event changes, and what starts, waits or leaves because of it.

The meaning is that of `kernel`, written anew without time: an event happens, what it concerns is listed, and the list
is worked off before the next. Where several outcomes are possible, `Moment.chosen` takes one of them; `explore` lets
the event happen again for every other. Rates and states are `explore`'s.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from lodeworks.errors import SimulationError
from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.rules import Flow, Rules

__all__ = ["Counts", "Job", "Machine", "Moment"]

_INSTANT_LIMIT = 5_000
_NEVER = -1

Counts = dict[tuple[int, int], int]  # (what, of which place or transition): grains, or parts of a full run

IN, OUT, LOST, REFUSED, LET, STARTED, ENDED = range(7)


class Machine:
    """A machine: `fail` counts the stages its failure clock has passed, `repair` those of its repair (or _NEVER)."""

    __slots__ = ("down", "fail", "group", "job", "last", "repair")

    def __init__(self, group: int) -> None:
        self.group, self.down, self.fail, self.repair, self.last = group, 0, 0, _NEVER, _NEVER
        self.job: Job | None = None


class Job:
    """A run: its size in parts of a full one, the stages passed of its set-up and its work."""

    __slots__ = ("left", "machine", "outcome", "phase", "place", "setup", "size", "stage", "t")

    def __init__(self, t: int, size: int) -> None:
        self.t, self.size, self.phase, self.stage, self.outcome, self.place = t, size, y.RUNNING, 0, _NEVER, _NEVER
        self.setup = _NEVER  # from which mode it is set up
        self.left = 0  # stages of the set-up that are left
        self.machine: Machine | None = None


class Moment:
    """What is where; every method is something that happens.

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

    # ---- starting ----

    def add_machines(self, g: int) -> None:
        """Let a group have its machines, all idle."""
        self.machines[g] = [Machine(g) for _ in range(self.rules.groups[g].servers)]
        self.idle[g] = list(self.machines[g])

    def _amount(self, flow: Flow, t: int, size: int) -> int:
        return flow.amount if flow.carrier else flow.amount * size // self.rules.runs[t].full

    def refusal(self, t: int) -> tuple[int, int]:
        """Return why a transition may not start (WORKING: it may), and the size it would have."""
        run = self.rules.runs[t]
        size = run.full
        if run.orders is not None:
            p, at, to, waiting = run.orders
            position = self.level[p] + self.ordered[t] - (self.level[waiting] if waiting != y.NONE else 0)
            if position > at:
                return y.STARVED, 0
            size = to - position
        for flow in run.ins:
            place = self.rules.places[flow.place]
            if place.spring:
                continue
            if flow.carrier:
                if not self.level[flow.place]:
                    return y.NO_VEHICLE, 0
            elif self.level[flow.place] < self._amount(flow, t, size):
                if run.least is None:
                    return y.STARVED, 0
                size = self.level[flow.place] * run.full // flow.amount
        if run.least is not None and (size < run.least or not size):
            return y.STARVED, 0
        if run.before:
            for flow in run.outs:
                if not flow.carrier and not self.has_room(flow.place, self._amount(flow, t, size)):
                    return y.BLOCKED, 0
        for r, amount in run.seizes:
            if self.used[r] + amount > self.there(r):
                return y.NO_POOL, 0
        return y.WORKING, size

    def _victim(self, t: int) -> Job | None:
        """Return the running job of least priority that a transition may push aside."""
        worst, found = self.rules.runs[t].priority, None
        for machine in self.machines[self.rules.runs[t].group]:
            job = machine.job
            if job is not None and not machine.down and job.phase == y.RUNNING:
                priority = self.rules.runs[job.t].priority
                if priority > worst:
                    worst, found = priority, job
        return found

    def _idle_machine(self, g: int) -> Machine | None:
        """Return an idle machine, one that is up before one that is down and may be loaded."""
        up = next((machine for machine in self.idle[g] if not machine.down), None)
        return up if up is not None or not self.idle[g] else self.idle[g][0]

    def _start(self, t: int) -> bool:
        run = self.rules.runs[t]
        group, g = self.rules.groups[run.group], run.group
        if group.servers and not self.idle[g] and not run.preempts:
            return False
        why, size = self.refusal(t)
        if why != y.WORKING:
            self.why[t] = why
            return False
        machine = None
        if group.servers:
            machine = self._idle_machine(g)
            if machine is None:
                victim = self._victim(t)
                if victim is None or victim.machine is None:
                    return False
                machine = victim.machine
                victim.phase, victim.machine = y.SUSPENDED, None
                self.aside[g].insert(0, victim)
            else:
                self.idle[g].remove(machine)
        job = Job(t, size)
        self.why[t] = y.WORKING
        self._count(STARTED, t, size)
        for r, amount in run.seizes:
            self.used[r] += amount
        for flow in run.ins:
            self._take(flow.place, self._amount(flow, t, size))
        self.count_on(job)
        if machine is None:
            self.free.append(job)
            self.work(job)
        else:
            self._load(machine, job)
        for flow in run.ins:
            self._fell(flow.place)
        return True

    def _load(self, machine: Machine, job: Job) -> None:
        run = self.rules.runs[job.t]
        machine.job, job.machine = job, machine
        last, machine.last = machine.last, job.t if run.setup else _NEVER
        if run.setup and last not in (_NEVER, job.t):
            job.setup = self.rules.runs[last].kind
            job.left = run.setup[job.setup].count
        if machine.down:
            job.phase = y.STOPPED
        elif job.left:
            job.phase = y.SETTING_UP
        else:
            self.work(job)

    def count_on(self, job: Job) -> None:
        """Keep the room a run has reserved, and what it was ordered to bring."""
        run = self.rules.runs[job.t]
        if run.orders is not None:
            self.ordered[job.t] += self._amount(run.outs[0], job.t, job.size)
        if run.before:
            for flow in run.outs:
                if not flow.carrier:
                    self.reserved[flow.place] += self._amount(flow, job.t, job.size)

    def work(self, job: Job) -> None:
        """A job begins or goes on with its work."""
        job.phase = y.RUNNING
        if not self.rules.runs[job.t].time.count and not job.left:
            self.at_once.append(job)

    def _of_shortest_queue(self, t: int) -> int:
        """Return the mode whose first output has least waiting and in work before it."""
        active = [0] * len(self.rules.runs)
        for job in self.jobs():
            active[job.t] += 1
        best, least = t, float("inf")
        for mode in self.rules.groups[self.rules.runs[t].group].modes:
            run = self.rules.runs[mode]
            if run.outs:
                p = run.outs[0].place
                queue = (self.level[p] + active[mode] * run.outs[0].amount) * self.rules.places[p].grain
                for user in self.rules.places[p].users:
                    first = self.rules.runs[user].ins[0]
                    queue += active[user] * first.amount * self.rules.places[first.place].grain
                if queue < least:
                    best, least = mode, queue
        return best

    def jobs(self) -> list[Job]:
        """Return all jobs: on machines, without one, and pushed aside."""
        held = [machine.job for group in self.machines for machine in group if machine.job is not None]
        return [*held, *self.free, *(job for row in self.aside for job in row)]

    def settle(self) -> None:
        """Work off the list, and what takes no time, until nothing is left to do.

        Raises
        ------
        SimulationError
            If something starts again and again in no time.
        """
        done = 0
        while True:
            while self.todo:
                item = self.todo.popleft()
                self.listed.discard(item)
                if item < 0:
                    self._unblock(-1 - item)
                    continue
                shortest = self.rules.groups[self.rules.runs[item].group].shortest
                while self._start(self._of_shortest_queue(item) if shortest else item):
                    done += 1
                    if done > _INSTANT_LIMIT:
                        raise SimulationError(f"time stands still: {self.rules.runs[item].name} starts again and again "
                                              "in no time; give it a time or a batch")
            if self.due:
                self.fail(self.due.popleft())
            elif self.at_once:
                job = self.at_once.popleft()
                if job.phase == y.RUNNING:
                    self.finish(job)
            else:
                return

    # ---- ending ----

    def _happens(self, job: Job, k: int) -> bool:
        flow = self.rules.runs[job.t].outs[k]
        return not self.rules.runs[job.t].by_chance or flow.chance > 1.5 or job.outcome == k

    def _lacks_room(self, job: Job) -> int:
        run = self.rules.runs[job.t]
        if not run.before:
            for k, flow in enumerate(run.outs):
                if not flow.carrier and self._happens(job, k) and not self.has_room(
                    flow.place, self._amount(flow, job.t, job.size)
                ):
                    return flow.place
        return y.NONE

    def finish(self, job: Job) -> None:
        """The work of a job is done: its outputs are put, or it waits for room."""
        run = self.rules.runs[job.t]
        if run.by_chance:
            ends = [(k, flow.chance) for k, flow in enumerate(run.outs) if flow.chance <= 1.5]
            shares = [chance - before for (_, chance), before in zip(ends, [0.0, *(c for _, c in ends)], strict=False)]
            which = self.chosen([*shares, max(0.0, 1.0 - sum(shares))])
            job.outcome = ends[which][0] if which < len(ends) else _NEVER
        p = self._lacks_room(job)
        if p != y.NONE:
            self._wait_for_room(job, p)
        else:
            self._deliver(job)

    def _wait_for_room(self, job: Job, p: int) -> None:
        job.phase, job.place = y.WAITING_ROOM, p
        self.blocked[p].append(job)

    def _unblock(self, p: int) -> None:
        """Let the jobs that wait for room in a place deliver, in the order they came."""
        for job in list(self.blocked[p]):
            if job.machine is not None and job.machine.down:
                group = self.rules.groups[job.machine.group]
                if not group.down_open & y.OPEN_UNLOAD:
                    continue
            still = self._lacks_room(job)
            if still == p:
                break
            self.blocked[p].remove(job)
            if still != y.NONE:
                self._wait_for_room(job, still)
            else:
                self._deliver(job)
            self.list_run(job.t)

    def _deliver(self, job: Job) -> None:
        """Put a job's outputs, give back its pools and its machine, and let others look."""
        run, machine = self.rules.runs[job.t], job.machine
        job.phase = y.FREE
        self._count(ENDED, job.t, job.size)
        carried = False
        for k, flow in enumerate(run.outs):
            amount = self._amount(flow, job.t, job.size)
            if flow.carrier:
                if not carried:
                    carried = True
                    self.put(flow.place, amount)
                continue
            if run.before:
                self.reserved[flow.place] -= amount
            if not self._happens(job, k):
                if run.before:
                    self._fell(flow.place)
                continue
            if run.orders is not None and flow.place == run.orders[0]:
                self.ordered[job.t] -= amount
            self.put(flow.place, amount)
        for r, amount in run.releases:
            self.used[r] -= amount
            self._offer_above(r, run.priority)
        if machine is None:
            self.free.remove(job)
        else:
            machine.job = None
            if not machine.down:
                self._free_machine(machine)
            elif self.rules.groups[machine.group].down_open >= y.OPEN_LOAD:
                self.idle[machine.group].append(machine)
                self.list_group(machine.group)
        for r, _ in run.releases:
            self._offer(r)

    def _free_machine(self, machine: Machine) -> None:
        """A machine is free: jobs of higher priority start first, then one that was pushed aside resumes."""
        g = machine.group
        self.idle[g].append(machine)
        if self.aside[g]:
            waiting = self.aside[g][0]
            for t in self.rules.groups[g].modes:
                if self.rules.runs[t].priority >= self.rules.runs[waiting.t].priority or not self.idle[g]:
                    break
                self._start(t)
            found = self._idle_machine(g)
            if found is not None and not found.down:
                self.idle[g].remove(found)
                self.aside[g].remove(waiting)
                waiting.machine, found.job = found, waiting
                self.work(waiting)
        self.list_group(g)

    # ---- failures ----

    def fail(self, machine: Machine) -> None:
        """A machine breaks down; a repairer comes, or it waits for one."""
        group, job = self.rules.groups[machine.group], machine.job
        machine.down, machine.fail = 1, 0
        if job is None:
            if group.down_open < y.OPEN_LOAD:
                self.idle[machine.group].remove(machine)
        elif job.phase in (y.RUNNING, y.SETTING_UP):
            job.phase = y.STOPPED
        if group.crew == y.NONE:
            machine.repair = 0
            return
        pool = self.rules.pools[group.crew]
        if not self.broken[group.crew] and self.used[group.crew] + pool.unit <= self.there(group.crew):
            self.used[group.crew] += pool.unit
            machine.repair = 0
        else:
            self.broken[group.crew].append(machine)

    def repaired(self, machine: Machine) -> None:
        """A machine is up again, and goes on with what it has."""
        group, job = self.rules.groups[machine.group], machine.job
        machine.down, machine.repair = 0, _NEVER
        if group.crew != y.NONE:
            self.used[group.crew] -= self.rules.pools[group.crew].unit
        if group.from_start and group.fails is not None and machine.fail == group.fails.count:
            self.due.append(machine)  # the next failure, counted from the start of the last, is overdue
        if job is None:
            if group.down_open >= y.OPEN_LOAD:
                self.idle[machine.group].remove(machine)
            self.idle[machine.group].append(machine)
            self.list_group(machine.group)
        elif job.phase == y.STOPPED:
            self.work(job)
            self.list_group(machine.group)  # a run that works may be pushed aside
        elif job.phase == y.WAITING_ROOM:
            self._unblock(job.place)
        if group.crew != y.NONE:
            self._offer(group.crew)

    # ---- what comes from outside ----

    def arrive(self, source: int) -> None:
        """A lot arrives; where there is no room it is turned away."""
        rule = self.rules.sources[source]
        amount = rule.amounts[self.chosen([share for _, share in rule.amounts])][0]
        if self.level[rule.place] < rule.balk and self.has_room(rule.place, amount):
            self.put(rule.place, amount)
            for t in self.rules.places[rule.place].makers:
                if self.rules.runs[t].orders is not None:
                    self.list_run(t)
        else:
            self._count(REFUSED, rule.place, amount)

    def give_up(self, p: int) -> None:
        """A lot's patience ends: it goes where such lots go, or out of the chain."""
        place = self.rules.places[p]
        self.level[p] -= place.lot
        self._count(LOST, p, place.lot)
        target = place.reneges_to
        if target != y.NONE:
            amount = round(place.lot * place.grain / self.rules.places[target].grain)
            if self.has_room(target, amount):
                self.put(target, amount)
            else:
                self._count(REFUSED, target, amount)
        self._fell(p)

    def pool_changes(self, r: int) -> None:
        """All of a pool goes or comes back; runs that hold some of it are finished."""
        self.gone[r] = 1 - self.gone[r]
        self._offer(r)
