"""What ends at one moment of a chain: where its outputs go or wait for room, and who is free then.

The third layer of `moment.Moment`.
"""

from __future__ import annotations

from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.held import ENDED, NEVER, Job, Machine
from lodeworks.simulate.exact.starting import Starting

__all__ = ["Ending"]


class Ending(Starting):
    """What ends, and what starts because of it."""

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
            job.outcome = ends[which][0] if which < len(ends) else NEVER
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
