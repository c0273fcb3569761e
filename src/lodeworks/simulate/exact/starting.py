"""What starts at one moment of a chain: why a run may not, whom it pushes aside, what it takes and holds.

The second layer of `moment.Moment`.
"""

from __future__ import annotations

from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.held import NEVER, STARTED, Held, Job, Machine
from lodeworks.simulate.exact.rules import Flow

__all__ = ["Starting"]


class Starting(Held):
    """What starts, of what is there."""

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
        last, machine.last = machine.last, job.t if run.setup else NEVER
        if run.setup and last not in (NEVER, job.t):
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
