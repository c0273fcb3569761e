"""Units: every number in one its attribute can be counted in."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.numbers import Number
from lodeworks.chain.entities import Fleet, Policy
from lodeworks.errors import Problem
from lodeworks.units import Quantity, UnitProblem

__all__ = ["chain_units", "commodity_units", "dimensions", "policy_dimensions"]


def chain_units(context: Context) -> Iterator[Problem]:
    """The chain's own units can be defined, and its currency is one of its units."""
    from lodeworks.units import Units

    own = context.chain.units
    if context.units is None:
        faulty = False
        for name, definition in own.items():
            try:
                Units({name: definition}).factor("t", "kg")
            except UnitProblem as error:
                if not any(other != name and other in definition for other in own):
                    faulty = True
                    yield Problem(str(error), element="units", key=name, found=definition,
                                  expected="nothing for a new thing to count, or a multiple such as 12 pair")
        if not faulty:
            try:
                Units(own).factor("t", "kg")
            except UnitProblem as error:
                yield Problem(str(error), element="units")
        return
    if not context.units.known(context.chain.currency):
        yield Problem(f"unknown unit {context.chain.currency!r}", element="currency", found=context.chain.currency,
                      expected="CNY, USD, EUR, or a unit declared in units")


def commodity_units(context: Context) -> Iterator[Problem]:
    """Each commodity is counted in a known unit."""
    if context.units is None:
        return
    for name, commodity in context.chain.commodities.items():
        if not commodity.unit.strip():
            yield Problem("what is it counted in?", element=f"commodities.{name}", key="unit", found="nothing",
                          expected="a unit such as t, Nm3, kWh or piece")
            continue
        try:
            context.units.dimension(commodity.unit)
        except UnitProblem as error:
            yield Problem(str(error), element=f"commodities.{name}", key="unit", found=commodity.unit,
                          expected="a unit such as t, Nm3, kWh, or one declared in units")
    for name, profile in context.chain.profiles.items():
        if not context.units.known(profile.unit):
            yield Problem(f"unknown unit {profile.unit!r}", element=f"profiles.{name}", key="unit", found=profile.unit)


def dimensions(context: Context) -> Iterator[Problem]:
    """Each number converts to the canonical unit of what it measures."""
    for number in context.figures:
        if isinstance(number, Number) and number.fault:
            yield Problem(number.fault, element=number.element, key=number.key.rstrip(":"),
                          found=str(number.quantity), expected=number.expected)


def policy_dimensions(context: Context) -> Iterator[Problem]:
    """A policy's terms, limits and penalty can be counted in one unit."""
    if context.units is None:
        return
    for name, policy in context.chain.policies.items():
        yield from _policy(context, f"policies.{name}", policy)


def _policy(context: Context, where: str, policy: Policy) -> Iterator[Problem]:
    units, limits = context.measures.units, [q for q in (policy.least, policy.most) if q is not None]
    terms = [(key, term, factor) for key in ("sum", "share_of") for term, factor in getattr(policy, key).items()]
    commodities = [term_commodity(context, term) for _, term, _ in terms]
    if not terms or not all(context.usable(c) for c in commodities) or not (limits or policy.share_of):
        return
    if not all(units.known(q.unit) for q in limits):
        return
    unit = context.measures.unit_of(commodities[0]) if policy.share_of else limits[0].unit
    first_key, first_term, first_factor = terms[0]
    if not _fits(context, first_factor, commodities[0], unit):
        hourly = f"({unit or '1'})*h"
        if not _fits(context, first_factor, commodities[0], hourly):
            key = f"{first_key}.{first_term}" if policy.share_of else "least" if policy.least is not None else "most"
            own = context.measures.unit_of(commodities[0])
            fault = _fault(context, first_factor, commodities[0], unit)
            yield Problem(fault, element=where, key=key, found=str(limits[0] if limits else first_factor),
                          expected=f"a unit like {own}, as the sum is counted in it")
            return
        unit = hourly
    for (key, term, factor), commodity in zip(terms[1:], commodities[1:], strict=True):
        fault = _fault(context, factor, commodity, unit)
        if fault:
            yield Problem(fault, element=where, key=f"{key}.{term}", found=str(factor),
                          expected="a factor that brings it to the unit of the first term or the limit")
    for key, limit in (("least", policy.least), ("most", policy.most)):
        if limit is None:
            continue
        try:
            units.factor(limit.unit, "" if policy.share_of else limits[0].unit)
        except UnitProblem as error:
            yield Problem(str(error), element=where, key=key, found=str(limit),
                          expected="a share such as 60 %" if policy.share_of else f"a unit like {limits[0].unit}")
    if policy.penalty is not None:
        try:
            units.convert(policy.penalty, f"{context.chain.currency}/({unit or '1'})")
        except UnitProblem as error:
            yield Problem(str(error), element=where, key="penalty", found=str(policy.penalty),
                          expected=f"money for one {unit}")


def term_commodity(context: Context, term: str) -> str:
    """Return the commodity a policy's term counts; empty where the term is faulty."""
    name, _, commodity = term.partition(".")
    entity = next((e for _, n, e in context.elements() if n == name), None)
    if entity is None or (isinstance(entity, Fleet) and not commodity):
        return ""
    return commodity or context.commodity_of(entity)


def _fits(context: Context, factor: Quantity, commodity: str, unit: str) -> bool:
    return not _fault(context, factor, commodity, unit)


def _fault(context: Context, factor: Quantity, commodity: str, unit: str) -> str:
    own = context.measures.unit_of(commodity)
    try:
        context.measures.units.factor(f"({factor.unit})*({own})" if factor.unit else own, unit)
    except UnitProblem as error:
        return str(error)
    return ""
