"""The checks of a chain: each is one function that gives problems, and `CHECKS` lists them all.

A check sees a `Scope` and never raises for a faulty chain. One that needs what an earlier one vouches for
says so, and waits until that has found no error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lodeworks.chain.check.conservation import energy_from_nothing, mass_from_nothing
from lodeworks.chain.check.names import names_differ, objective, references, sites_given
from lodeworks.chain.check.numerics import spread
from lodeworks.chain.check.policies import policies
from lodeworks.chain.check.quantities import quantities, unit_names
from lodeworks.chain.check.reach import demands_reachable
from lodeworks.chain.check.recipes import blends, capacities, modes, part_loads, recipes
from lodeworks.chain.check.scope import Scope
from lodeworks.chain.check.sources import sources_listed
from lodeworks.chain.check.stock import shelf_lives, stores
from lodeworks.chain.check.times import horizon, lags, profiles, steps_fit
from lodeworks.chain.check.topology import dead_stores, makers_and_takers, routes_lead_somewhere, something_to_do
from lodeworks.chain.check.trade import fleets, routes, trades
from lodeworks.errors import Problem

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain
    from lodeworks.chain.origin import Origin

__all__ = ["CHECKS", "Check", "check_chain"]


@dataclass(frozen=True)
class Check:
    """One check: a function, and the checks that must have found no error before it can be run."""

    run: Callable[[Scope], Iterator[Problem]]
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The function's name."""
        return self.run.__name__


_NAMES = ("unit_names", "references")
_NUMBERS = (*_NAMES, "horizon", "profiles", "quantities", "recipes", "sites_given", "names_differ", "lags",
            "modes", "blends", "part_loads")

CHECKS = (
    Check(unit_names),
    Check(references),
    Check(names_differ),
    Check(sites_given),
    Check(objective),
    Check(horizon, ("unit_names",)),
    Check(profiles, ("unit_names", "horizon")),
    Check(quantities, ("unit_names",)),
    Check(steps_fit, ("unit_names", "horizon")),
    Check(lags, ("unit_names",)),
    Check(recipes, _NAMES),
    Check(modes, _NAMES),
    Check(blends, _NAMES),
    Check(part_loads, _NAMES),
    Check(capacities, _NAMES),
    Check(trades, _NAMES),
    Check(routes, _NAMES),
    Check(fleets, _NAMES),
    Check(stores, _NAMES),
    Check(shelf_lives, _NAMES),
    Check(policies, (*_NAMES, "names_differ")),
    Check(something_to_do),
    Check(makers_and_takers, ("references",)),
    Check(dead_stores, ("references",)),
    Check(routes_lead_somewhere, ("references",)),
    Check(sources_listed),
    Check(mass_from_nothing, _NUMBERS),
    Check(energy_from_nothing, _NUMBERS),
    Check(spread, _NUMBERS),
    Check(demands_reachable, (*_NUMBERS, "capacities", "trades", "routes", "stores")),
)


def check_chain(chain: Chain, origin: Origin | None = None, tolerance: float = 0.02) -> list[Problem]:
    """Return every problem of a chain, errors first, each with the place it was written.

    Parameters
    ----------
    origin
        Where the parts of the chain were written; places are left empty without it.
    tolerance
        Share by which a process may give more mass or energy than it takes, for rounding in its recipe.

    Returns
    -------
    list of Problem
        Empty where there is none. A faulty chain never raises.
    """
    scope = Scope(chain, tolerance)
    found: list[Problem] = []
    faulty: set[str] = set()
    for check in CHECKS:
        if faulty & set(check.after):
            continue
        problems = list(check.run(scope))
        if any(problem.severity == "error" for problem in problems):
            faulty.add(check.name)
        found += problems
    unique = list(dict.fromkeys(_read_well(problem) for problem in found))
    placed = [origin.placed(problem) for problem in unique] if origin is not None else unique
    order = {section: number for number, section in enumerate(type(chain).model_fields)}
    return sorted(placed, key=lambda p: (p.severity != "error", order.get(p.element.partition(".")[0], -1)))


def _read_well(problem: Problem) -> Problem:
    """Leave out a finding that the message begins with."""
    return replace(problem, found="") if problem.found and problem.message.startswith(problem.found) else problem
