"""What the discrete reading asks of a chain: distributions that can be drawn from, batches that fit, whole machines."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.distributions import distribution_problems
from lodeworks.chain.entities import Arrivals, named
from lodeworks.errors import Problem

__all__ = ["events"]


def events(context: Context) -> Iterator[Problem]:
    """Yield the faults of discrete attributes."""
    chain = context.chain
    yield from distribution_problems(chain, chain.registry())
    for section, name, entity in named(chain):
        runs = getattr(entity, "runs", None)
        place = f"{section}.{name}"
        if runs is not None and (runs.servers.value < 1 or runs.servers.value != round(runs.servers.value)):
            yield Problem("machines are counted in whole numbers from one", element=place, key="runs.servers",
                          found=str(runs.servers), expected="1, 2, 3 …")
        if runs is not None and runs.batch is not None and runs.batch.value <= 0:
            yield Problem("a batch must be above nought", element=place, key="runs.batch", found=str(runs.batch))
        arrivals = getattr(entity, "arrivals", None)
        if isinstance(arrivals, Arrivals) and not arrivals.between:
            yield Problem("arrivals need the time between them", element=place, key="arrivals.between",
                          expected="a distribution such as `exponential(2 min)`")
    for key in ("replications", "seed"):
        value = getattr(chain.simulation, key)
        if value.value != round(value.value) or value.value < (2 if key == "replications" else 0):
            yield Problem(f"{key} must be a whole number", element="simulation", key=key, found=str(value),
                          expected="at least 2" if key == "replications" else "from 0 up")
