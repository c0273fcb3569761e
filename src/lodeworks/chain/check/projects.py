"""What stands together: projects that exclude or need others and choices name whole projects; sums name capacities."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.references import unknown
from lodeworks.chain.entities import Expansion
from lodeworks.errors import Problem
from lodeworks.units import UnitProblem

__all__ = ["capacity_sums", "projects"]

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
