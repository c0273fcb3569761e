"""Loops of routes whose flows divide by physics: wires with a reactance.

Routes of one commodity that have a reactance form a net. A spanning forest is grown over it; each route that is not
in the forest closes one loop, and these loops are a basis of all.
"""

from __future__ import annotations

from collections import deque

from lodeworks.network.builder import Builder

__all__ = ["add_cycles"]


def add_cycles(b: Builder, activities: dict[str, int]) -> None:
    """Add a loop's routes with their signed reactances and phase shifts for each independent loop of each net."""
    nets: dict[str, list[str]] = {}
    for name, route in b.chain.routes.items():
        if route.reactance is not None:
            nets.setdefault(route.commodity, []).append(name)
    count = 0
    for names in nets.values():
        if len({b.activities[activities[name]][2] for name in names}) > 1:
            b.refuse(f"routes.{names[0]}", "step", "the flows of routes with a reactance divide in every step",
                     "the same step for all routes of the net")
        for loop in _loops({name: (b.chain.routes[name].from_, b.chain.routes[name].to) for name in names}):
            for name, sign in loop.items():
                reactance = b.chain.routes[name].reactance
                assert reactance is not None
                shift = b.array(b.vary(b.chain.routes[name].phase_shift, "rad"))
                b.cycles.append((count, activities[name], sign * b.measures.number(reactance),
                                 b.from_array(sign * shift)))
            count += 1


def _loops(ends: dict[str, tuple[str, str]]) -> list[dict[str, float]]:
    """Return each independent loop as route to sign: +1 where it runs with the loop, -1 against it."""
    at: dict[str, list[tuple[str, str, float]]] = {}
    for name, (begin, end) in ends.items():
        at.setdefault(begin, []).append((name, end, 1.0))
        at.setdefault(end, []).append((name, begin, -1.0))
    above: dict[str, tuple[str, str, float]] = {}  # place: the route to it, the place before, the sign
    depth: dict[str, int] = {}
    forest = set()
    for root in at:
        if root in depth:
            continue
        depth[root], waiting = 0, deque([root])
        while waiting:
            here = waiting.popleft()
            for name, there, sign in at[here]:
                if there not in depth:
                    depth[there], above[there] = depth[here] + 1, (name, here, sign)
                    forest.add(name)
                    waiting.append(there)
    return [_closed(name, *ends[name], above, depth) for name in ends if name not in forest]


def _closed(
    name: str, begin: str, end: str, above: dict[str, tuple[str, str, float]], depth: dict[str, int]
) -> dict[str, float]:
    """Return the loop a route closes: along it, then through the forest from its end back to its beginning."""
    loop = {name: 1.0}
    while begin != end:
        if depth[end] >= depth[begin]:
            route, end, sign = above[end]
            loop[route] = -sign
        else:
            route, begin, sign = above[begin]
            loop[route] = sign
    return loop
