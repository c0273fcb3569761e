"""Names: what is named must exist, and one name means one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lodeworks.chain.check.context import Context
from lodeworks.chain.entities import Chain, Entity, Fleet, Policy, Pool, Store, attributes_of, named
from lodeworks.errors import Problem, nearest
from lodeworks.units import UnitProblem, parse_quantity

__all__ = ["names", "objective", "policy_terms", "references", "store_ends"]

_ONE = {"commodities": "commodity", "sites": "site", "firms": "firm", "lenders": "lender", "loans": "loan",
        "fleets": "fleet", "pools": "pool", "routes": "route",
        "profiles": "profile or calendar", "calendars": "calendar",
        "feeds": "feed", "tags": "tag", "zones": "zone", "limits": "row", "actions": "item"}
GOALS = ("profit", "cost", "output", "emissions")


def references(context: Context) -> Iterator[Problem]:
    """Every attribute that names something names one that exists."""
    chain = context.chain
    yield from _refs(chain, "objective", "", chain.objective)
    for section, name, entity in named(chain):
        yield from _refs(chain, f"{section}.{name}", "", entity)


def _refs(chain: Chain, element: str, key: str, entity: Entity) -> Iterator[Problem]:
    for name, attribute in attributes_of(type(entity)).items():
        value = getattr(entity, attribute.field)
        here = f"{key}.{name}" if key else name
        if attribute.ref:
            known = _known(chain, attribute.ref)
            for word in _words(value):
                if word not in known:
                    shown = here.removesuffix(".profile")
                    yield unknown(_ONE.get(attribute.ref, attribute.ref), word, known, element, shown)
        yield from _nested(chain, element, here, value)


def _nested(chain: Chain, element: str, key: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, Entity):
        yield from _refs(chain, element, key, value)
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, Entity):
                yield from _refs(chain, element, f"{key}.{name}", item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, Entity):
                yield from _refs(chain, element, f"{key}.{number + 1}", item)


def _known(chain: Chain, section: str) -> list[str]:
    if section == "profiles":
        return [*chain.profiles, *chain.calendars]
    return list(getattr(chain, section))


def _words(value: Any) -> Iterable[str]:
    """Return the names a value holds: itself, or the items of a list, or the keys of a mapping."""
    if isinstance(value, str):
        return [value] if value else []
    return [str(item) for item in value] if isinstance(value, list | dict) else []


def unknown(kind: str, word: str, known: Iterable[str], element: str, key: str) -> Problem:
    """Return the problem of a name that nothing has."""
    known = list(known)
    shown = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    return Problem(
        f"there is no {kind} of this name", element=element, key=key, found=word,
        expected=f"one of {shown}" if known else f"a {kind}; the chain has none", suggestion=nearest(word, known),
    )


def names(context: Context) -> Iterator[Problem]:
    """Processes, supplies, demands, routes, stores, fleets, pools and policies share one space of names.

    So do profiles and calendars.
    """
    chain = context.chain
    first: dict[str, str] = {}
    for section, name, _ in context.elements():
        if name in first:
            yield Problem("the name is taken", element=f"{section}.{name}", found=f"also in {first[name]}",
                          expected="a name of its own, because policies and tables name elements by it")
        first.setdefault(name, section)
    for name in chain.calendars:
        if name in chain.profiles:
            yield Problem("the name is taken", element=f"calendars.{name}", found="also in profiles",
                          expected="a name of its own")


def objective(context: Context) -> Iterator[Problem]:
    """The goal is one of four, and two of them need a commodity."""
    goal, commodity = context.chain.objective.goal, context.chain.objective.commodity
    if goal not in GOALS:
        yield Problem("not a goal", element="objective", key="goal", found=goal, expected=", ".join(GOALS),
                      suggestion=nearest(goal, GOALS))
    elif goal in ("output", "emissions") and not commodity:
        yield Problem(f"the goal {goal} needs a commodity", element="objective", key="commodity",
                      expected=f"{{goal: {goal}, commodity: …}}")
    own = context.chain.objective.gap
    try:
        near = own is None or 0.0 <= context.measures.fraction(own) < 1.0
    except UnitProblem:
        near = False
    if not near:
        yield Problem("not how far from the best a plan may be", element="objective", key="gap", found=str(own),
                      expected="nought or more and below 1, such as 0.1 %")


def policy_terms(context: Context) -> Iterator[Problem]:
    """Each term of a policy is an element, or an element's flow of a commodity."""
    known = {name: entity for _, name, entity in context.elements()}
    summed = [name for name, entity in known.items() if not isinstance(entity, Store | Pool | Policy)]
    for name, policy in context.chain.policies.items():
        where = f"policies.{name}"
        if not policy.sum:
            yield Problem("the policy adds nothing up", element=where, key="sum", expected="{element: 1, …}")
        for key in ("sum", "share_of"):
            for term in getattr(policy, key):
                element, _, commodity = term.partition(".")
                entity, at = known.get(element), f"{key}.{term}"
                if entity is None:
                    yield unknown("element", element, summed, where, at)
                elif isinstance(entity, Store | Pool | Policy):
                    yield Problem("a policy cannot add this up", element=where, key=at, found=element,
                                  expected="a process, supply, demand, route or fleet.commodity")
                elif commodity and commodity not in context.chain.commodities:
                    yield unknown("commodity", commodity, context.chain.commodities, where, at)
                elif isinstance(entity, Fleet) and not commodity:
                    yield Problem("a fleet's flow needs the fuel's name", element=where, key=at, found=term,
                                  expected=f"{element}.{next(iter(entity.fuel), 'commodity')}")
                elif commodity and commodity not in context.places(entity):
                    yield Problem(f"{element} has no flow of {commodity}", element=where, key=at, found=term,
                                  expected=f"one of {', '.join(sorted(context.places(entity)))}",
                                  suggestion=nearest(commodity, context.places(entity)))


def store_ends(context: Context) -> Iterator[Problem]:
    """A store ends cyclic, free, or with a quantity."""
    for name, store in context.chain.stores.items():
        if store.end in ("cyclic", "free"):
            continue
        try:
            parse_quantity(store.end)
        except ValueError:
            yield Problem("not a way a store can end", element=f"stores.{name}", key="end", found=store.end,
                          expected="cyclic, free, or a quantity such as 500 t",
                          suggestion=nearest(store.end, ("cyclic", "free")))
