"""States as keys: a moment written down so that two that will go on alike by the same laws have the same key.

Machines of a group that need not be told apart, and jobs without a machine, stand in order of what they are, not of who
they are. Queues are kept as each one's place in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.moment import Job, Machine, Moment
from lodeworks.simulate.exact.rules import Rules

__all__ = ["MACHINES", "Key", "freeze", "thaw"]

# Levels, pools (used, gone, stage), stages of sources, machines by group, jobs without one, jobs pushed aside by group.
Key = tuple[Any, ...]
MACHINES = 5


def _job_key(job: Job, places: dict[int, int]) -> tuple[int, ...]:
    return (job.t, job.size, job.phase, job.stage, job.setup, job.left, job.outcome, job.place, places.get(id(job), 0))


def freeze(m: Moment) -> Key:
    """Return the key of a settled moment."""
    places = {id(job): k for jobs in m.blocked for k, job in enumerate(jobs)}
    places |= {id(machine): k for row in m.broken for k, machine in enumerate(row)}
    machines = []
    for g, group_machines in enumerate(m.machines):
        group = m.rules.groups[g]
        queue = {id(one): k + 1 for k, one in enumerate(m.idle[g])}
        keys = [
            (one.down, one.fail, one.repair, places.get(id(one), 0), one.last,
             (queue.get(id(one), 0) if group.told_apart else int(id(one) in queue)),
             _job_key(one.job, places) if one.job is not None else ())
            for one in group_machines
        ]
        machines.append(tuple(keys if group.told_apart else sorted(keys)))
    return (
        tuple(m.level), tuple(m.used), tuple(m.gone), tuple(m.pool_stage), tuple(m.source_stage), tuple(machines),
        tuple(sorted(_job_key(job, places) for job in m.free)),
        tuple(tuple(_job_key(job, places) for job in row) for row in m.aside),
    )


def _job(key: Sequence[int]) -> Job:
    job = Job.__new__(Job)
    job.t, job.size, job.phase, job.stage, job.setup, job.left, job.outcome, job.place, _ = key
    job.machine = None
    return job


def thaw(rules: Rules, key: Key, why: Sequence[int], choices: Sequence[int] = ()) -> Moment:
    """Return the moment of a key, in which nothing has happened yet."""
    m = Moment(rules, why, choices)
    levels, used, gone, pool_stage, source_stage, machines, free, aside = key
    m.level, m.used, m.gone = list(levels), list(used), list(gone)
    m.pool_stage, m.source_stage = list(pool_stage), list(source_stage)
    blocked: list[tuple[int, Job]] = []
    broken: list[tuple[int, Machine]] = []
    for g, row in enumerate(machines):
        queue: list[tuple[int, Machine]] = []
        for down, fail, repair, place, last, idle, held in row:
            one = Machine.__new__(Machine)
            one.group, one.job = g, None
            one.down, one.fail, one.repair, one.last = down, fail, repair, last
            m.machines[g].append(one)
            if idle:
                queue.append((idle, one))
            if down and repair < 0:
                broken.append((place, one))
            if held:
                one.job = _job(held)
                one.job.machine = one
                if one.job.phase == y.WAITING_ROOM:
                    blocked.append((held[-1], one.job))
        if len(queue) > 1:
            queue.sort(key=lambda pair: pair[0])
        m.idle[g] = [one for _, one in queue]
    for held in free:
        job = _job(held)
        m.free.append(job)
        if job.phase == y.WAITING_ROOM:
            blocked.append((held[-1], job))
    m.aside = [[_job(held) for held in row] for row in aside]
    for _, job in sorted(blocked, key=lambda pair: pair[0]):
        m.blocked[job.place].append(job)
    for _, one in sorted(broken, key=lambda pair: pair[0]):
        m.broken[rules.groups[one.group].crew].append(one)
    if rules.any_holds:
        for job in m.jobs():
            m.count_on(job)
    return m
