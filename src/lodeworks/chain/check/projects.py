"""What stands together: projects that exclude or need others and choices name whole projects; sums name capacities.

Limits on growth are of what may be built in stages.
"""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.references import unknown
from lodeworks.chain.entities import Expansion
from lodeworks.errors import Problem
from lodeworks.units import UnitProblem, Units

__all__ = ["capacity_sums", "growths", "projects"]

_SECTIONS = ("processes", "routes", "stores", "fleets")


def projects(context: Context) -> Iterator[Problem]:
    """Every project named exists and is built as a whole; none needs itself, by whatever detour."""
    chain = context.chain
    found: dict[str, tuple[str, Expansion]] = {
        name: (f"{section}.{name}", entity.expansion)
        for section in _SECTIONS for name, entity in getattr(chain, section).items() if entity.expansion is not None
    }
    whole = {name for name, (where, _) in found.items() if _is_whole(context, where)}

    def named(others: list[str], element: str, key: str) -> Iterator[Problem]:
        for other in others:
            if other not in found:
                yield unknown("project", other, found, element, key)
            elif other not in whole:
                yield Problem("not a whole project", element=element, key=key, found=other,
                              expected=f"an expansion of {other} with `most` and `lump` alike")

    for name, (where, expansion) in found.items():
        if (expansion.needs or expansion.excludes) and name not in whole:
            yield Problem("only a whole project needs or excludes another", element=where, key="expansion.lump",
                          expected="`most` and `lump` alike")
        yield from named(expansion.needs, where, "expansion.needs")
        yield from named(expansion.excludes, where, "expansion.excludes")
        if name in expansion.excludes:
            yield Problem("a project cannot exclude itself", element=where, key="expansion.excludes", found=name)
    for name, choice in chain.investment.choices.items():
        yield from named(choice.of, "investment", f"choices.{name}.of")
        if not choice.of:
            yield Problem("a choice among no projects", element="investment", key=f"choices.{name}.of",
                          expected="names of what may be built")
        if choice.least is None and choice.most is None:
            yield Problem("the choice limits nothing", element="investment", key=f"choices.{name}",
                          expected="`least` or `most`")
        bounds = [context.value("investment", f"choices.{name}.{key}") for key in ("least", "most")]
        if bounds[0] is not None and (bounds[0] > len(choice.of) or (bounds[1] is not None and bounds[0] > bounds[1])):
            yield Problem("more must stand than may", element="investment", key=f"choices.{name}.least",
                          found=str(choice.least), expected="at most `most`, and as many as there are")
    yield from _circles({name: (where, expansion.needs) for name, (where, expansion) in found.items()})


def capacity_sums(context: Context) -> Iterator[Problem]:
    """A limit on a sum of capacities limits something that exists, in one unit, and its limits do not cross."""
    chain, units = context.chain, context.measures.units
    sized = {name: (section, entity) for section in _SECTIONS for name, entity in getattr(chain, section).items()
             if section == "fleets" or entity.capacity is not None or entity.expansion is not None}
    for name, limit in chain.investment.capacities.items():
        key = f"capacities.{name}"
        given = {side: q for side, q in (("least", limit.least), ("most", limit.most)) if q is not None}
        if not given or not limit.sum:
            yield Problem("the limit on capacities limits nothing", element="investment", key=key,
                          expected="`least` or `most`" if limit.sum else "{element: 1, …} in `sum`")
            continue
        unit = next(iter(given.values())).unit
        for element, factor in limit.sum.items():
            at = f"{key}.sum.{element}"
            if element not in sized:
                yield unknown("capacity", element, sized, "investment", at)
                continue
            section, entity = sized[element]
            if section == "fleets" and entity.expansion is None:
                yield Problem("a fleet that cannot grow has no capacity to add up", element="investment", key=at,
                              found=element, expected="a fleet with an `expansion`")
            commodity = context.commodity_of(entity)
            if section != "fleets" and not context.usable(commodity):
                continue
            own = {"fleets": "1", "stores": f"({context.measures.unit_of(commodity) if commodity else '1'})"}.get(
                section, f"(({context.measures.unit_of(commodity) if commodity else '1'})/h)")
            try:
                units.factor(f"({factor.unit})*{own}" if factor.unit else own, unit)
            except UnitProblem as error:
                yield Problem(str(error), element="investment", key=at, found=str(factor),
                              expected=f"a factor that brings its capacity to {unit or 'a plain number'}")
        if len(given) == 2:
            try:
                crossed = units.convert(given["least"], unit) > units.convert(given["most"], unit) * (1.0 + 1e-9)
            except UnitProblem as error:
                yield Problem(str(error), element="investment", key=f"{key}.most", found=str(limit.most))
                continue
            if crossed:
                yield Problem("least is more than most", element="investment", key=f"{key}.least",
                              found=str(limit.least), expected=f"at most {limit.most}")


def growths(context: Context) -> Iterator[Problem]:
    """A limit on growth is over stages, of elements that may be built and whose capacities are of one unit."""
    chain, units = context.chain, context.measures.units
    able = {name: (section, entity) for section in _SECTIONS for name, entity in getattr(chain, section).items()
            if entity.expansion is not None}

    def own(name: str) -> str:
        section, entity = able[name]
        commodity = context.commodity_of(entity) if section != "fleets" else ""
        unit = context.measures.unit_of(commodity) if commodity else "1"
        return {"fleets": "", "stores": unit}.get(section, f"({unit})/h")

    for name, limit in chain.investment.growth.items():
        key = f"growth.{name}"
        if not chain.horizon.stages:
            yield Problem("growth is from stage to stage, and this chain has none", element="investment", key=key,
                          expected="`horizon.stages`, or `expansion.most` for what may be built")
        if not limit.of or (limit.rate is None and limit.seed is None and limit.experience is None):
            yield Problem("the limit on growth limits nothing", element="investment", key=key,
                          expected="`rate`, `seed` or `experience`" if limit.of else "elements in `of`")
            continue
        experience = limit.experience
        asked = [(other, f"{key}.of") for other in limit.of]
        learnt = experience.of if experience is not None else {}
        asked += [(other, f"{key}.experience.of.{other}") for other in learnt]
        strange = [(other, at) for other, at in asked if other not in able]
        for other, at in strange:
            yield unknown("expansion", other, able, "investment", at)
        if strange:
            continue
        quantities = [("seed", limit.seed), ("experience.known", experience.known if experience is not None else None)]
        for other, at in asked[1:]:
            if not _alike(units, own(other), own(limit.of[0])):
                yield Problem("capacities of several units grow together", element="investment", key=at, found=other,
                              expected=f"elements whose capacity is counted as that of {limit.of[0]}")
        for word, quantity in quantities:
            if quantity is not None and not _alike(units, quantity.unit, own(limit.of[0])):
                yield Problem("not a capacity of what is limited", element="investment", key=f"{key}.{word}",
                              found=str(quantity), expected=f"an amount in {own(limit.of[0]) or 'vehicles'}")
            elif quantity is not None and quantity.value < 0.0:
                yield Problem("less than nought", element="investment", key=f"{key}.{word}", found=str(quantity),
                              expected="nought or more")
        rates = [("rate", limit.rate)]
        if experience is not None:
            rates += [("experience.rate", experience.rate), ("experience.fades", experience.fades)]
        for word, rate in rates:
            value = context.value("investment", f"{key}.{word}")
            if value is not None and (value < 0.0 or (word.endswith("fades") and value * 8760.0 > 1.0)):
                yield Problem("a rate out of bounds", element="investment", key=f"{key}.{word}", found=str(rate),
                              expected="between nought and 100 %/a" if word.endswith("fades") else "nought or more")


def _alike(units: Units, one: str, other: str) -> bool:
    """Say whether two units measure the same."""
    try:
        units.factor(one, other)
    except UnitProblem:
        return False
    return True


def _is_whole(context: Context, where: str) -> bool:
    most, lump = (context.value(where, f"expansion.{key}") for key in ("most", "lump"))
    return most is not None and lump is not None and abs(most - lump) <= 1e-9 * abs(most)


def _circles(needs: dict[str, tuple[str, list[str]]]) -> Iterator[Problem]:
    """Tell each circle of needs once."""
    told: set[frozenset[str]] = set()
    for start in needs:
        path = [start]
        while path:
            following = [other for other in needs.get(path[-1], ("", []))[1] if other in needs]
            if start in following:
                circle = frozenset(path)
                if circle not in told:
                    told.add(circle)
                    yield Problem("projects need one another in a circle: none could be first", element=needs[start][0],
                                  key="expansion.needs", found=" → ".join([*path, start]),
                                  expected="an order in which they can be built")
                break
            step = next((other for other in following if other not in path), "")
            if not step:
                break
            path.append(step)
