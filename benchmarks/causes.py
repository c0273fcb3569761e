"""Whether the card names what broke: random chains in each of which one process breaks, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.flowing import Raised, flowing, held, raised, run, watched

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result
    from lodeworks.watch.causes import Cause

__all__ = ["Broken", "broken", "run_causes"]

_STEPS = 600  # minutes


@dataclass(frozen=True)
class Broken:
    """What broke, what was told, and every alarm there was."""

    name: str
    causes: list[Cause]
    alarms: list[Raised]

    @property
    def right(self) -> bool:
        """Whether the first card names what broke."""
        return bool(self.causes) and self.causes[0].element == self.name


def broken(seed: int, *, missing: float = 0.0, late_s: float = 0.0) -> Broken:
    """Break one process of a random chain, down to between nothing and half, for ten hours.

    Parameters
    ----------
    missing
        The share of the alarms of all that is not broken which never come (shelved, out of service, none written).
    late_s
        Each alarm comes late by up to so much, beyond what its clock and period say.
    """
    from lodeworks.watch.causes import Causes

    chain = flowing(seed)
    rng = np.random.default_rng(seed + 1_000_000)
    which = int(rng.choice([e for e, element in enumerate(chain.net.elements) if element.kind == "process"]))
    able = np.ones(len(chain.net.elements))
    able[which] = rng.uniform(0.0, 0.5)
    live = watched(chain)
    rates, levels = run(chain, able, _STEPS)
    own = f"r_{chain.net.elements[which].name}"
    alarms = [
        replace(alarm, began=alarm.began + round(1000.0 * rng.uniform(0.0, late_s)))
        for alarm in raised(chain, live, rates, levels) if alarm.rule == own or rng.random() >= missing
    ]
    causes = Causes(chain.net, live).fold(alarms, held(chain, rates[-1], levels[-1]))
    return Broken(chain.net.elements[which].name, causes, alarms)


def run_causes(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Yield how often the named cause is right, how many cards and alarms there were, and whether any was lost."""
    from benchmarks.registry import Result

    for case in cases:
        more = {name: value for name, value in case.arguments.items() if name != "chains"}
        every = [broken(seed, **more) for seed in range(int(case.arguments["chains"]))]
        cards = [len(one.causes) for one in every]
        lost = 0
        for one in every:
            told = [a for cause in one.causes for a in ((cause.alarm,) if cause.alarm else ()) + cause.folded]
            lost += sorted(told) != sorted(alarm.alarm for alarm in one.alarms)
        for quantity, figure in (
            ("cause right, %", 100.0 * float(np.mean([one.right for one in every]))),
            ("most cards", float(max(cards))), ("cards, mean", float(np.mean(cards))),
            ("alarms, mean", float(np.mean([len(one.alarms) for one in every]))), ("chains with one lost", float(lost)),
        ):
            yield Result(benchmark.name, case.name, quantity, figure)
