"""Checks of a chain: every fault found at once, in the words and at the place it was written.

`CHECKS` is the list of what is looked at, in order; each check is a function from a `Context` to problems.
A check skips what another one reports, so that one slip gives one problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lodeworks.chain.check.before import before_the_start
from lodeworks.chain.check.books import drawable, ineffective, unpriced, unusual_terms
from lodeworks.chain.check.content import coefficient_spread, content_from_nothing
from lodeworks.chain.check.context import Context
from lodeworks.chain.check.dead import dead
from lodeworks.chain.check.dimensions import chain_units, commodity_units, dimensions, policy_dimensions
from lodeworks.chain.check.events import events
from lodeworks.chain.check.exclusive import exclusive_stores
from lodeworks.chain.check.finance import accounts, firms, loans, losses, surplus_sold
from lodeworks.chain.check.live_alarms import alarms, suppression
from lodeworks.chain.check.live_ground import cameras, roadways, rounds, zones
from lodeworks.chain.check.live_limits import place_limits
from lodeworks.chain.check.live_sense import sense_of_alarms, sense_of_places, sense_of_work
from lodeworks.chain.check.live_tags import feeds, tags
from lodeworks.chain.check.live_work import actions, incidents, screens, surroundings
from lodeworks.chain.check.periods import period_arrivals, period_borders, period_lengths
from lodeworks.chain.check.profiles import horizon, profiles, series
from lodeworks.chain.check.projects import capacity_sums, growths, projects
from lodeworks.chain.check.ranges import (
    blends,
    combinations,
    lags,
    limits,
    modes,
    policies,
    short_lives,
    signs,
    steps,
    temperatures,
)
from lodeworks.chain.check.reach import reach
from lodeworks.chain.check.references import names, objective, policy_terms, references, store_ends
from lodeworks.chain.check.reserves import reserves
from lodeworks.chain.check.settings import shared_settings
from lodeworks.chain.check.stages import (
    carried_stocks,
    closings,
    discounting,
    lives,
    retirements,
    scenario_chances,
    stage_years,
    survivals,
    version_faults,
)
from lodeworks.chain.check.stated import usable_ranges
from lodeworks.chain.check.structure import cited_sources, dead_ends, demand_at_all, idle, recipes, sites
from lodeworks.chain.entities import Chain
from lodeworks.chain.origin import Origin
from lodeworks.errors import InputError, Problem
from lodeworks.units import UnitProblem

__all__ = ["CHECKS", "check_chain"]

Check = Callable[[Context], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    references, names, objective, policy_terms, store_ends,
    chain_units, commodity_units, dimensions, policy_dimensions,
    horizon, profiles, series,
    signs, limits, lags, modes, combinations, reserves, before_the_start, exclusive_stores, steps, policies, blends,
    temperatures, short_lives,
    recipes, sites, dead_ends, idle, demand_at_all, cited_sources,
    content_from_nothing, coefficient_spread, events, dead, usable_ranges,
    accounts, firms, loans, losses, surplus_sold, drawable, unusual_terms, ineffective, unpriced, shared_settings,
    projects, capacity_sums, growths, stage_years, period_lengths, period_borders, period_arrivals,
    discounting, scenario_chances, lives, survivals, retirements, closings, carried_stocks,
    feeds, tags, place_limits, alarms, suppression, zones, roadways, cameras, rounds, incidents, screens, surroundings,
    actions, sense_of_alarms, sense_of_places, sense_of_work,
)
LAST: tuple[Check, ...] = (reach, version_faults)  # only for a chain the others find no error in


def check_chain(chain: Chain, origin: Origin | None = None, tolerance: float = 0.02) -> list[Problem]:
    """Return every problem of a chain, errors first; empty where it can be planned.

    Parameters
    ----------
    origin
        Where its parts were written, to name files and lines.
    tolerance
        Share by which a process may give more mass or energy than it takes before that is an error.
    """
    context = Context(chain, tolerance)
    found = [problem for check in CHECKS for problem in _run(check, context)]
    for check in LAST:
        if not any(problem.severity == "error" for problem in found):
            found.extend(_run(check, context))
    if origin is not None:
        found = [origin.placed(problem) for problem in found]
    return sorted(dict.fromkeys(found), key=lambda problem: problem.severity != "error")


def _run(check: Check, context: Context) -> list[Problem]:
    """Run one check; a fault it trips over is a problem too."""
    found: list[Problem] = []
    try:
        found.extend(check(context))
    except InputError as error:
        found.extend(error.problems)
    except UnitProblem as error:
        found.append(Problem(str(error)))
    return found
