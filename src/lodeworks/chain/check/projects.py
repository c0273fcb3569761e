"""Whole projects: what excludes or needs another, and choices among some, name projects built as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.references import unknown
from lodeworks.chain.entities import Expansion
from lodeworks.errors import Problem

__all__ = ["projects"]

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
