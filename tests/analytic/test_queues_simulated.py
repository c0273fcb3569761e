"""Simulated systems against answers known in closed form or from a Markov chain: within four standard errors each.

Each answer is a system, what of it is measured, and the exact value. How many hours a system runs is set so that the
standard error comes to some 0.2 % of the answer; above 0.3 % a test fails, so that none passes by being vague.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from lodeworks.simulate.tables import measures
from tests.analytic import systems as of
from tests.analytic.exact import (
    abandoning,
    bulk,
    carts,
    cobham,
    daily_servers,
    erlang_c,
    finite_queue,
    impatient_for,
    lingering,
    machines_in_line,
    on_hand,
    open_hours,
    pollaczek,
    renewal_root,
    running_of_five,
    two_machines,
    unreliable_line,
)
from tests.analytic.markov import closed_throughput
from tests.simulate.running import chain, simulate

REPLICATIONS, WARM_UP = 32, 1_000.0
SURE = 0.003  # of the answer: the largest standard error

WAITING = ("queue", "job@here", "level")
WAIT = ("queue", "job@here", "wait")
IN_SYSTEM = ("exit", "done@here", "age")
LOST = ("queue", "job@here", "turned away")
MADE = ("exit", "done@here", "in")
DOWN = ("machines", "desk", "down")


@dataclass(frozen=True)
class Answer:
    """What a system's measure is exactly, and over how many thousand hours each replication is to find it."""

    system: dict[str, Any]
    measure: tuple[str, str, str]
    exact: float
    hours: float
    step: float = 100.0


def _failing(repair: str = "exponential(5 h)", **more: str) -> dict[str, Any]:
    return of.queue("exponential(0.5 h)", failures={"between": "exponential(10 h)", "repair": repair, **more})


_queue = of.queue
ANSWERS: dict[str, Answer] = {
    # one server and many
    "M/M/1 at 50 %": Answer(_queue("exponential(0.5 h)"), WAITING, 0.5, hours=230),
    "M/M/1 at 70 %": Answer(_queue("exponential(0.7 h)"), IN_SYSTEM, 0.7 / 0.3, hours=170),
    "M/M/1 waiting time": Answer(_queue("exponential(0.4 h)"), WAIT, 0.16 / 0.6, hours=140),
    "M/M/1 time in system": Answer(_queue("exponential(0.5 h)"), IN_SYSTEM, 1.0, hours=70),
    "M/M/1, last come first": Answer(_queue("exponential(0.5 h)", store={"order": "lifo"}), WAIT, 0.5, hours=120),
    "M/M/1, those too late": Answer(
        _queue("exponential(0.5 h)", arrivals={"due": "1.5 h"}), ("exit", "done@here", "late"), math.exp(-1.5), hours=150),
    "M/M/2": Answer(_queue("exponential(1.2 h)", 2), IN_SYSTEM, 1.2 + erlang_c(2, 1.2) * 0.6 / 0.4, hours=80),
    "M/M/3": Answer(_queue("exponential(2.1 h)", 3), IN_SYSTEM, 2.1 + erlang_c(3, 2.1) * 0.7 / 0.3, hours=160),
    "M/M/5": Answer(_queue("exponential(3.5 h)", 5), IN_SYSTEM, 3.5 + erlang_c(5, 3.5) * 0.7 / 0.3, hours=80),
    "two who serve six desks": Answer(of.staffed(), IN_SYSTEM, 1.2 + erlang_c(2, 1.2) * 0.6 / 0.4, hours=60),
    # general service, general arrivals, arrivals of several
    "M/D/1": Answer(_queue("0.6 h"), IN_SYSTEM, 0.6 + pollaczek(0.6, 0), hours=30),
    "M/U/1": Answer(_queue("uniform(0.2 h, 1 h)"), IN_SYSTEM, 0.6 + pollaczek(0.6, 0.8 / math.sqrt(12)), hours=30),
    "M/E4/1": Answer(_queue("erlang(4, 0.6 h)"), IN_SYSTEM, 0.6 + pollaczek(0.6, 0.3), hours=50),
    "M/Gamma/1": Answer(_queue("gamma(0.6 h, 0.45 h)"), IN_SYSTEM, 0.6 + pollaczek(0.6, 0.45), hours=70),
    "M/Lognormal/1": Answer(_queue("lognormal(0.6 h, 0.3 h)"), IN_SYSTEM, 0.6 + pollaczek(0.6, 0.3), hours=40),
    "M/Weibull/1": Answer(_queue("weibull(2, 0.6 h)"), IN_SYSTEM, 0.6 * math.gamma(1.5) + pollaczek(
        0.6 * math.gamma(1.5), 0.6 * math.sqrt(math.gamma(2) - math.gamma(1.5) ** 2)), hours=40),
    "M/Triangular/1": Answer(_queue("triangular(0.3 h, 0.6 h, 0.9 h)"), IN_SYSTEM, 0.6 + pollaczek(0.6, math.sqrt(0.015)), hours=20),
    "M/PERT/1": Answer(_queue("pert(0.3 h, 0.6 h, 0.9 h)"), IN_SYSTEM, 0.6 + pollaczek(0.6, math.sqrt(0.09 / 7.0)), hours=30),
    "M/Discrete/1": Answer(_queue("discrete(0.2 h: 50 %, 1 h: 50 %)"), IN_SYSTEM, 0.6 + pollaczek(0.6, 0.4), hours=60),
    "M/Empirical/1": Answer(_queue("empirical(0.2 h, 0.6 h, 1 h)"), IN_SYSTEM, 0.6 + pollaczek(0.6, 0.8 / math.sqrt(12)), hours=30),
    "D/M/1": Answer(_queue("exponential(0.5 h)", between="1 h"), WAIT, 0.2031878699 * 0.5 / (1 - 0.2031878699), hours=190),
    "E2/M/1": Answer(_queue("exponential(0.6 h)", between="erlang(2, 1 h)"), WAIT,
                     0.6 * renewal_root(2, 0.6) / (1.0 - renewal_root(2, 0.6)), hours=210),
    "E4/M/1": Answer(_queue("exponential(0.6 h)", between="erlang(4, 1 h)"), WAIT,
                     0.6 * renewal_root(4, 0.6) / (1.0 - renewal_root(4, 0.6)), hours=230),
    "M[X]/M/1": Answer(  # one or three at once: L = load (1 + E[X²] / E[X]) / (2 (1 - load)), less those being served
        _queue("exponential(0.5 h)", between="exponential(2 h)", arrivals={"amount": "discrete(1 case: 50 %, 3 case: 50 %)"}),
        WAITING, 0.5 * (1.0 + 2.5) / (2.0 * 0.5) - 0.5, hours=290),
    # loss, impatience
    "M/M/1/2 loses": Answer(_queue("exponential(1 h)", store={"capacity": "1 case"}), LOST, finite_queue(2, 1.0)[-1], hours=60),
    "M/M/1/3 loses": Answer(_queue("exponential(1 h)", store={"capacity": "2 case"}), LOST, finite_queue(3, 1.0)[-1], hours=100),
    "M/M/2/4 loses": Answer(_queue("exponential(2 h)", 2, store={"capacity": "2 case"}), LOST, 2.0 / 9.0, hours=130),  # 1 2 2 2 2
    "M/M/1+M leaves": Answer(_queue("exponential(1 h)", store={"patience": "exponential(2 h)"}),
                             ("queue", "job@here", "reneged"), abandoning(2.0), hours=50),
    "M/M/1+D leaves": Answer(_queue("exponential(0.8 h)", store={"patience": "2 h"}),
                             ("queue", "job@here", "reneged"), impatient_for(2.0, 1.25), hours=110),
    # priorities
    "urgent first": Answer(of.two_classes(), ("queue", "rush@here", "wait"), cobham(1.0, 2.0, (0.25, 0.25))[0], hours=340),
    "plain after": Answer(of.two_classes(), WAIT, cobham(1.0, 2.0, (0.25, 0.25))[1], hours=550),
    "urgent first, constant service": Answer(
        of.two_classes(time="1 h"), ("queue", "rush@here", "wait"), cobham(1.0, 1.0, (0.25, 0.25))[0], hours=90),
    "due first": Answer(  # those due at once, who are all late: their time in the system
        of.first_due(), ("exit", "done@here", "tardiness"), 1.0 + cobham(1.0, 2.0, (0.25, 0.25))[0], hours=150),
    "urgent pushes aside": Answer(of.two_classes(preempts=True), ("queue", "rush@here", "wait"), 0.25 / 0.75, hours=560),
    # breakdowns and repair
    "working clock": Answer(_failing(repair="uniform(3 h, 7 h)"), DOWN, 0.5 * 0.1 * 5.0, hours=160),
    "calendar clock": Answer(_failing(clock="calendar"), DOWN, 5.0 / 15.0, hours=70),
    "failures from start to start": Answer(  # the longer of two exponential times makes the cycle
        _failing(clock="calendar", interval="start"), DOWN, 5.0 / (15.0 - 10.0 / 3.0), hours=90),
    "all of it again after a failure": Answer(  # the same job: of length t it takes (exp(t / 10) - 1) (10 + repair) hours
        of.busy("uniform(2 h, 8 h)", runs={"stopped": "repeat"}, failures={"between": "exponential(10 h)", "repair": "gamma(2 h, 1 h)"}),
        MADE, 1.0 / (((math.exp(0.8) - math.exp(0.2)) / 0.6 - 1.0) * 12.0), hours=60),
    "machines and repairmen": Answer(of.repairmen(), ("machines", "desk", "working"), running_of_five(), hours=20),
    # calendars, and rates that change
    "open by day, work is held over": Answer(of.open_by_day("suspend"), WAITING, open_hours(finish=False), hours=260, step=1.0),
    "open by day, work is finished": Answer(of.open_by_day("finish"), WAITING, open_hours(finish=True), hours=190, step=1.0),
    "a shift too short for a third": Answer(  # of twelve hours: two of five each, the third begins again in the morning
        {**of.busy("5 h", availability="day", runs={"shift_end": "restart"}), "calendars": {"day": {"hours": ["08:00-20:00"]}}},
        MADE, 2.0 / 24.0, hours=20, step=1.0),
    "arrivals by the day, servers enough": Answer(
        of.by_day("lognormal(2 h, 1 h)", 60), ("run", "desk", "under way"), 2.0 * 0.6 * 2.0, hours=10, step=1.0),
    "arrivals by the day, two servers": Answer(
        of.by_day("exponential(1 h)", 2), IN_SYSTEM, 1.0 + daily_servers(of.DAY, 2.0, 1.0, 2) / 1.2, hours=80, step=1.0),
    # networks
    "tandem": Answer(of.tandem(), IN_SYSTEM, 0.5 / 0.5 + 0.6 / 0.4, hours=60),
    "tandem, second": Answer(of.tandem(), ("queue", "mid@here", "level"), 0.36 / 0.4, hours=370),
    "feedback": Answer(of.feedback(), IN_SYSTEM, 2.0, hours=50),  # Jackson: both stations have a load of a half
    "feedback, the share that goes on": Answer(of.feedback(), ("queue", "mid@here", "in"), 0.5 / 0.8, hours=10),
    "a ring of three": Answer(of.ring(3), ("run", "there", "rate"), closed_throughput(3, [1.0, 1.5], 0.0), hours=10),
    "a ring of eight": Answer(of.ring(8), ("run", "there", "rate"), closed_throughput(8, [1.0, 1.5], 0.0), hours=20),
    "haulage by four": Answer(
        of.haulage(4), ("run", "road.unload", "rate"), 10.0 * closed_throughput(4, [0.3, 0.2], 1.2), hours=10),
    "haulage by eight": Answer(
        of.haulage(8), ("run", "road.unload", "rate"), 10.0 * closed_throughput(8, [0.3, 0.2], 1.2), hours=10),
    # machines in line
    "two machines, one between": Answer(of.line(buffer=1), MADE, two_machines(1), hours=10),
    "two machines, two between": Answer(of.line(buffer=2), MADE, two_machines(2), hours=10),
    "two machines, five between": Answer(of.line(buffer=5), MADE, two_machines(5), hours=10),
    "two machines, blocking before service": Answer(of.line(buffer=2, blocking="before"), MADE, two_machines(1), hours=10),
    "two machines, one fails": Answer(
        of.line(buffer=2, failures={"between": "exponential(10 h)", "repair": "exponential(4 h)"}), MADE,
        unreliable_line(2, 10.0, 4.0), hours=30),
    "a slow second machine": Answer(
        of.line(buffer=5, first="0.1 h", second="exponential(1 h)"), ("machines", "m2", "working"), 1.0, hours=10),
    "three machines": Answer(
        of.long_line(["exponential(1 h)", "exponential(0.8 h)", "exponential(1 h)"], [1, 2]), MADE,
        machines_in_line([1.0, 1.25, 1.0], [1, 2]), hours=10),
    "four machines": Answer(
        of.long_line(["exponential(1 h)"] * 4, [2, 1, 2]), MADE, machines_in_line([1.0] * 4, [2, 1, 2]), hours=10),
    # batches, assembly
    "full batches of three": Answer(of.oven(batch=3, time="exponential(1.5 h)"), WAITING, bulk(3, 3, 1.0 / 1.5), hours=150),
    "batches from one to four": Answer(of.oven(least="25 %"), WAITING, bulk(1, 4, 0.5), hours=170),
    "batches from two to four": Answer(of.oven(least="50 %"), WAITING, bulk(2, 4, 0.5), hours=190),
    "batches that linger": Answer(
        of.oven(linger="2 h", time="1 h", servers=40), ("run", "oven", "under way"), lingering(4, 2.0), hours=10),
    "batches that linger long": Answer(
        of.oven(linger="6 h", time="1 h", servers=40), ("run", "oven", "under way"), lingering(4, 6.0), hours=10),
    "assembly": Answer(of.assembly(), MADE, carts(), hours=10),
    # stock
    "a shop that orders one for one": Answer(of.shop(5), ("queue", "done@here", "level"), on_hand([5], 3.0), hours=20),
    "a shop with little": Answer(of.shop(2), ("queue", "orders of out", "level"), on_hand([2], 3.0) - (2 - 3.0), hours=30),
    "a shop that orders four at once": Answer(
        of.replenished(3, 7), ("queue", "done@here", "level"), on_hand([4, 5, 6, 7], 3.0), hours=10),
    # goods spoil and orders wait for new ones: by level crossing as many wait as without spoiling, times exp(-0.5 life)
    "goods that spoil": Answer(of.double_ended("1 h"), ("queue", "orders of out", "level"), math.exp(-0.5), hours=590),
    "goods that spoil soon": Answer(of.double_ended("12 min"), ("queue", "orders of out", "level"), math.exp(-0.1), hours=150),
}


@cache
def found(name: str) -> tuple[float, float]:
    """Return how many standard errors a system's mean lies off, and that error relative to the answer.

    Each system has a seed of its own: with one for all, they would meet the same arrivals and err alike.
    """
    answer = ANSWERS[name]
    entity = chain(answer.hours * 1000.0, answer.step, **answer.system)
    values = measures(simulate(entity, REPLICATIONS, crc32(name.encode()), WARM_UP))[answer.measure]
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    off = float(np.mean(values)) - answer.exact
    if error <= 1e-9 * answer.exact:
        return (0.0 if abs(off) < 1e-3 * answer.exact else math.inf), 0.0
    return off / error, error / answer.exact


@pytest.mark.parametrize("name", ANSWERS)
def test_simulation_meets_the_exact_answer(name):
    z, error = found(name)
    assert error <= SURE, f"{name}: the standard error is {error:.2%}"
    assert abs(z) < 4.0, f"{name}: {z:.1f} standard errors off {ANSWERS[name].exact:.5g}"


def test_errors_are_as_large_as_they_say():
    """Over all systems the root mean square of z is near one: intervals are neither too wide nor too narrow."""
    chancy = [z for z, error in map(found, ANSWERS) if error > 0.0]
    assert len(chancy) >= 60
    assert 0.85 < math.sqrt(sum(z * z for z in chancy) / len(chancy)) < 1.2
