"""What may happen next at a settled moment of a chain: every event with its rate, and what it does.

Which states these lead to is found in `explore`; what an event sets off is `moment`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.frozen import MACHINES, Key
from lodeworks.simulate.exact.moment import Job, Moment
from lodeworks.simulate.exact.rules import Rules

__all__ = ["Event", "events_of"]

Event = tuple[float, Callable[[Moment], None]]


def events_of(m: Moment, key: Key) -> Iterator[Event]:
    """Yield (rate an hour, what then happens) for all that may end the stay in a state."""
    for i, source in enumerate(m.rules.sources):
        yield source.time.rate, _at_source(i)
    for p, place in enumerate(m.rules.places):
        if place.patience and m.level[p]:
            yield place.patience * (m.level[p] // place.lot), _giving_up(p)
    for r, pool in enumerate(m.rules.pools):
        if pool.fails is not None:
            yield (pool.repair if m.gone[r] else pool.fails).rate, _at_pool(r)
    for g in range(len(m.machines)):
        yield from _of_machines(m, g, key[MACHINES][g])
    k = 0
    while k < len(m.free):
        job, same = m.free[k], 1
        while k + same < len(m.free) and _alike(job, m.free[k + same]):
            same += 1
        if job.phase == y.RUNNING:
            yield same * _pace(m.rules, job), _at_free_job(k)
        k += same


def _alike(a: Job, b: Job) -> bool:
    return a.phase == y.RUNNING and (a.t, a.size, a.phase, a.stage) == (b.t, b.size, b.phase, b.stage)


def _of_machines(m: Moment, g: int, keys: tuple[Any, ...]) -> Iterator[Event]:
    group = m.rules.groups[g]
    for i, machine in enumerate(m.machines[g]):
        alike = 1
        if not group.told_apart:
            if i and keys[i - 1] == keys[i]:
                continue
            alike = keys.count(keys[i])
        job = machine.job
        works = job is not None and not machine.down and job.phase in (y.RUNNING, y.SETTING_UP)
        if works and job is not None:
            yield alike * _pace(m.rules, job), _at_machine(g, i, _on_job)
        if machine.down and machine.repair >= 0:
            yield alike * group.repair.rate, _at_machine(g, i, _on_repair)
        if group.fails is not None and (
            (group.clock == y.CLOCK_WORKING and works and job is not None and job.phase == y.RUNNING)
            or (group.clock == y.CLOCK_CALENDAR and not machine.down)
            or (group.clock == y.CLOCK_CALENDAR and group.from_start and machine.fail < group.fails.count)
        ):
            yield alike * group.fails.rate, _at_machine(g, i, _on_clock)


def _pace(rules: Rules, job: Job) -> float:
    run = rules.runs[job.t]
    return run.setup[job.setup].rate if job.left else run.time.rate


def _at_source(i: int) -> Callable[[Moment], None]:
    def happens(m: Moment) -> None:
        m.source_stage[i] += 1
        if m.source_stage[i] == m.rules.sources[i].time.count:
            m.source_stage[i] = 0
            m.arrive(i)

    return happens


def _giving_up(p: int) -> Callable[[Moment], None]:
    return lambda m: m.give_up(p)


def _at_pool(r: int) -> Callable[[Moment], None]:
    def happens(m: Moment) -> None:
        pool = m.rules.pools[r]
        phases = pool.repair if m.gone[r] else pool.fails
        m.pool_stage[r] += 1
        if phases is not None and m.pool_stage[r] == phases.count:
            m.pool_stage[r] = 0
            m.pool_changes(r)

    return happens


def _at_free_job(k: int) -> Callable[[Moment], None]:
    return lambda m: _advance(m, m.free[k])


def _at_machine(g: int, i: int, then: Callable[[Moment, Any], None]) -> Callable[[Moment], None]:
    return lambda m: then(m, m.machines[g][i])


def _on_job(m: Moment, machine: Any) -> None:
    _advance(m, machine.job)


def _advance(m: Moment, job: Job) -> None:
    """One stage of a job's set-up or work ends."""
    count = m.rules.runs[job.t].time.count
    if job.left:
        job.left -= 1
        if not job.left:
            job.setup = -1
            if job.phase == y.SETTING_UP:
                m.work(job)
                m.list_group(m.rules.runs[job.t].group)  # now it may be pushed aside
            elif not count:
                m.finish(job)
        return
    job.stage += 1
    if job.stage == count:
        job.stage = 0
        m.finish(job)


def _on_repair(m: Moment, machine: Any) -> None:
    machine.repair += 1
    if machine.repair == m.rules.groups[machine.group].repair.count:
        m.repaired(machine)


def _on_clock(m: Moment, machine: Any) -> None:
    fails = m.rules.groups[machine.group].fails
    machine.fail += 1
    if fails is not None and machine.fail == fails.count and not machine.down:
        m.fail(machine)
