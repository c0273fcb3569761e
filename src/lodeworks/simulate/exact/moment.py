"""One moment of a chain in whole numbers: what an event changes, and what starts, waits or leaves because of it.

The meaning is that of `kernel`, written anew without time: an event happens, what it concerns is listed, and the list
is worked off before the next. Where several outcomes are possible, `Moment.chosen` takes one of them; `explore` lets
the event happen again for every other. Rates and states are `explore`'s.
"""

from __future__ import annotations

from lodeworks.errors import SimulationError
from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.ending import Ending
from lodeworks.simulate.exact.held import LOST, NEVER, REFUSED, Counts, Job, Machine

__all__ = ["Counts", "Job", "Machine", "Moment"]

_INSTANT_LIMIT = 5_000


class Moment(Ending):
    """One moment: what fails, what comes from outside, and all that follows. See `held.Held` for what it holds."""

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
        machine.down, machine.repair = 0, NEVER
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
