r"""The front of two goals: plans of which none is better in one goal without being worse in the other.

The ends come first, each goal best and then the other as good as that allows (lexicographic), so that neither end is
dominated. Between them the second goal is bounded at equal distances and the first made best (the ε-constraint
method, Haimes, Lasdon and Wismer 1971). Where whole numbers are decided, the second is then made as good as the first
allows, since a bound may not be met exactly (Mavrotas 2009). The knee is found itself and not among the points: the
plan furthest from the straight line between the ends is the one with the least sum of both goals, each measured in
the distance of its ends (Das 1999).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lodeworks.errors import SolverError
from lodeworks.network.arrays import Network, Objective
from lodeworks.plan.engine import Answer, Settled
from lodeworks.plan.naming import Record
from lodeworks.plan.tradeoff.bench import Bench, Sum

if TYPE_CHECKING:
    from lodeworks.network.pathway import Pathway
    from lodeworks.plan.pathway.answer import PathwayAnswer

__all__ = ["Front", "Point", "front"]

_STRAIGHT = 1e-6  # a knee nearer to the line than this share of the ends' distance is none
_SAME = 1e-7  # of the ends' distance: two points nearer than that are one


@dataclass(frozen=True, eq=False)
class Point:
    """One plan of the front.

    Attributes
    ----------
    first, second
        The goals' values in the sense the user asked for.
    exchange
        What one unit less of the second goal's good costs in the first, at this point; at the first end what the
        next would, at the last what the last did. None where there is no such exchange: with the whole numbers
        decided there, less is not to be had, or only for nothing.
    kind
        ``end``, ``between`` or ``knee``.
    """

    first: float
    second: float
    exchange: float | None
    kind: str
    answer: Answer | PathwayAnswer


@dataclass(frozen=True, eq=False)
class Front:
    """The front, from the first goal's best to the second's.

    Attributes
    ----------
    knee
        The number of the point that is the knee, or -1 where the front is one point or straight.
    """

    goals: tuple[Objective, Objective]
    points: tuple[Point, ...]
    knee: int
    solves: int


def front(
    subject: Network | Pathway,
    first: Objective,
    second: Objective,
    *,
    points: int = 9,
    gap: float = 1e-6,
    method: str = "",
    threads: int = 0,
    record: Record | None = None,
    progress: Callable[[str], None] | None = None,
) -> Front:
    """Find the front of two goals of a network, or over stages, scenarios and periods.

    Over those money is discounted, and amounts are of all years, on the mean. Risk that the subject's own objective
    weighs is weighed in the first goal where that is the objective's; the second goal is always the mean.

    Parameters
    ----------
    points
        How many between and with the ends; the knee comes on top.
    gap
        Relative gap of whole-number decisions.

    Raises
    ------
    InfeasibleError, UnboundedError
        If there is no plan, or one of the goals has no best.
    SolverError
        If an answer fails verification.
    """
    bench = Bench.of(subject, (first, second), gap=gap, method=method, threads=threads, record=record)
    tell = progress or (lambda _: None)
    tell(f"the best {first.goal}")
    best_first, top = _end(bench, 0)
    tell(f"the best {second.goal}")
    best_second, bottom = _end(bench, 1)
    (low_a, high_b), (high_a, low_b) = _values(bench, best_first), _values(bench, best_second)
    wide_a, wide_b = high_a - low_a, high_b - low_b
    if wide_a <= top or wide_b <= bottom:  # both goals agree
        point = _point(bench, (first, second), low_b + bottom, "end")
        return Front((first, second), (point,), -1, bench.solves)
    limits = [(high_b - wide_b * i / (points - 1), "between") for i in range(1, points - 1)]
    limits = [(b + bottom, kind) for b, kind in ((high_b, "end"), *limits, (low_b, "end"))]
    tell("the knee")
    knee = _knee(bench, (low_a, wide_a), (low_b, wide_b))
    if knee is not None:
        near = [i for i, (b, _) in enumerate(limits) if abs(b - knee) <= _SAME * wide_b]
        limits = [(b, "knee" if i in near else kind) for i, (b, kind) in enumerate(limits)]
        limits += [] if near else [(knee + bottom, "knee")]
        limits.sort(key=lambda limit: -limit[0])
    made: list[Point] = []
    for number, (bound, kind) in enumerate(limits, start=1):
        tell(f"point {number} of {len(limits)}")
        point = _point(bench, (first, second), bound, kind, far=number == 1)
        if not made or abs(point.second - made[-1].second) > _SAME * wide_b:
            made.append(point)
    made[0] = _with_next_exchange(bench, made[0], high_b - _STRAIGHT * wide_b)
    numbers = [i for i, point in enumerate(made) if point.kind == "knee"]
    return Front((first, second), tuple(made), numbers[0] if numbers else -1, bench.solves)


def _end(bench: Bench, goal: int) -> tuple[Settled, float]:
    """Return the plan best in one goal and then in the other, and what is rounding in the first."""
    best = bench.least(bench.goals[goal], {}, far=True)
    if best is None:
        raise SolverError(f"{bench.goals[goal].name} has no best")
    slack = bench.slack(goal, best)
    value = bench.goals[goal].of(best.x)
    for width in (slack, 100.0 * slack):
        try:
            found = bench.least(bench.goals[1 - goal], {goal: value + width})
        except SolverError:
            continue
        if found is None:
            raise SolverError(f"{bench.goals[1 - goal].name} has no best")
        return found, width
    return best, slack


def _with_next_exchange(bench: Bench, point: Point, bound: float) -> Point:
    """Return the first end with what the next unit would cost: at the end itself the second goal is not yet bounded."""
    if point.exchange is not None:
        return point
    found = bench.least(bench.goals[0], {1: bound})
    return point if found is None else replace(point, exchange=bench.dual(found, 1) or None)


def _values(bench: Bench, found: Settled) -> tuple[float, float]:
    """Return what both goals cost."""
    return bench.goals[0].of(found.x), bench.goals[1].of(found.x)


def _knee(bench: Bench, first: tuple[float, float], second: tuple[float, float]) -> float | None:
    """Return the second goal's cost at the plan furthest from the line between the ends; None where there is none."""
    a, b = bench.goals
    (low_a, wide_a), (low_b, wide_b) = first, second
    aim = Sum(a.weight / wide_a + b.weight / wide_b,
              (a.offset - low_a) / wide_a + (b.offset - low_b) / wide_b)
    found = bench.least(aim, {}, far=True)
    if found is None or aim.of(found.x) > 1.0 - _STRAIGHT:
        return None
    return b.of(found.x)


def _point(
    bench: Bench, goals: tuple[Objective, Objective], bound: float, kind: str, *, far: bool = False
) -> Point:
    """Return the best plan in the first goal with the second bounded."""
    found = bench.least(bench.goals[0], {1: bound}, far=far)
    if found is None:
        raise SolverError(f"{bench.goals[0].name} has no best")
    if bench.whole:
        tight = bench.least(bench.goals[1], {0: bench.goals[0].of(found.x) + bench.slack(0, found)})
        if tight is not None:
            bound = min(bound, bench.goals[1].of(tight.x) + bench.slack(1, tight))
            found = bench.least(bench.goals[0], {1: bound}) or found
    a, b = _values(bench, found)
    signs = [-1.0 if goal.maximise else 1.0 for goal in goals]
    return Point(signs[0] * a, signs[1] * b, bench.dual(found, 1) or None, kind, bench.answer(found, {1: bound}))
