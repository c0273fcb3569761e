"""A program with its goals as rows, solved again and again with other costs and other bounds on those rows.

Each solve begins where the last ended; each answer is verified on its own, against the program it answers. What is
asked, and in which order, is said by `front` and `ranges`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from lodeworks.errors import SolverError
from lodeworks.network.arrays import Floats, Network, Objective
from lodeworks.network.goal import goal_of
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.engine import Answer, Settled, settled
from lodeworks.plan.naming import Named, Names, Record, named_over, named_program
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program, assemble, goal_cost
from lodeworks.plan.scale import Scaling, scale
from lodeworks.plan.solve import Progress, Resolver
from lodeworks.plan.verify import TOLERANCE

if TYPE_CHECKING:
    from lodeworks.network.pathway import Pathway
    from lodeworks.plan.pathway.answer import PathwayAnswer
    from lodeworks.plan.pathway.compose import Composition

__all__ = ["Bench", "Sum", "goal_rows"]


@dataclass(frozen=True, eq=False)
class Sum:
    """A weighted sum of columns and a constant: what a goal costs, or a capacity."""

    weight: Floats
    offset: float
    name: str = ""

    def of(self, x: Floats) -> float:
        """Return the sum's value."""
        return float(self.weight @ x) + self.offset


def goal_rows(goals: Sequence[Sum]) -> Block:
    r"""Each goal, as what it costs, keeps within a bound that is set when it is asked for.

    .. math:: c_g^\top x \le \varepsilon_g - c_{g0}
    """
    rows = Rows("goals", tuple(goal.name for goal in goals))
    for owner, goal in enumerate(goals):
        line = rows.add(owner, -np.inf, np.inf, 1)
        used = np.flatnonzero(goal.weight).astype(np.int32)
        rows.term(np.broadcast_to(line, used.shape), used, goal.weight[used])
    return rows.done()


class Bench:
    """A program with one row for each goal, warm; `parts` are the networks it is of, `made` a pathway's composition."""

    def __init__(
        self, program: Program, parts: Sequence[Part], goals: Sequence[Sum], scaled: Callable[[Program], Scaling], *,
        made: Composition | None = None, gap: float = 1e-4, method: str = "", threads: int = 0,
        record: Record | None = None, progress: Progress | None = None,
    ) -> None:
        self.parts, self.goals, self.made = tuple(parts), tuple(goals), made
        self._bare, self._scaled = program, scaled
        self._first = len(program.row_lower)
        self.program = _with_rows(program, goal_rows(self.goals))
        self.scaling = scaled(self.program)
        self.whole = bool(program.integer.any())
        self._record = record
        self._resolver = Resolver(gap=gap, method=method, threads=threads, progress=progress)
        self.solves = 0

    @classmethod
    def of(cls, subject: Network | Pathway, goals: Sequence[Objective], **options: Any) -> Bench:
        """Return the bench of a network or pathway; its program is that of the first goal."""
        if not isinstance(subject, Network):
            return cls._over(subject, goals, **options)
        net = replace(subject, objective=goals[0])
        program, columns = assemble(net)
        sums = [Sum(*goal_cost(net, columns, goal), goal_words(goal)) for goal in goals]
        parts = (Part(net, columns, len(program.row_lower)),)
        return cls(program, parts, sums, lambda wide: scale(net, columns, wide), **options)

    @classmethod
    def _over(cls, pathway: Pathway, goals: Sequence[Objective], **options: Any) -> Bench:
        """Return the bench of a pathway; risk is weighed in the first goal where it is the pathway's own."""
        from lodeworks.network.pathway import Risk
        from lodeworks.plan.pathway.compose import compose, scale_composition, without_risk

        own, calm = pathway.network.objective, replace(pathway, risk=Risk())
        risky = (own.goal, own.commodity) == (goals[0].goal, goals[0].commodity)
        made = compose(_aimed(pathway if risky else calm, goals[0]))
        sums = [Sum(made.program.cost, made.program.offset, goal_words(goals[0]))]
        for goal in goals[1:]:
            mean = compose(_aimed(calm, goal)).program
            sums.append(Sum(without_risk(made, mean.cost), mean.offset, goal_words(goal)))
        return cls(made.program, made.parts, sums, lambda wide: scale_composition(replace(made, program=wide)),
                   made=made, **options)

    def least(self, aim: Sum, most: Mapping[int, float], *, far: bool = False) -> Settled | None:
        """Return the verified solution with the least of a sum, goals bounded as given; None where it has no least.

        Say `far` where the answer is not near the last one.

        Raises
        ------
        InfeasibleError
            With the reason, where the network has no plan at all.
        SolverError
            If no answer passes verification.
        """
        upper = self.program.row_upper.copy()
        for goal, bound in most.items():
            upper[self._first + goal] = bound - self.goals[goal].offset
        program = replace(self.program, cost=aim.weight, offset=aim.offset, row_upper=upper, maximise=False)
        scaling = replace(self.scaling, cost=_cost_scale(aim.weight * self.scaling.column))
        self.solves += 1
        done = None
        if self._record is not None:
            bounds = f", {_bounds_said(self.goals, most)}" if most else ""
            done = self._record(f"the least of {aim.name or 'both goals together'}{bounds}",
                                lambda: self._named(program))
        started = time.perf_counter()
        scaled = scaling.apply(program)
        for fresh in (False, True):
            outcome = self._resolver.solve(scaled, fresh=fresh, far=far)
            if outcome.status == "unbounded" or (outcome.status == "infeasible or unbounded" and most):
                return None
            if outcome.status != "optimal":
                if not most:
                    from lodeworks.plan.explain import explain

                    bare = replace(self._bare, cost=aim.weight, offset=aim.offset, maximise=False)
                    scaling = replace(self._scaled(self._bare), cost=scaling.cost)
                    raise explain(self.parts, bare, scaling)
                if fresh:
                    said = _bounds_said(self.goals, most)
                    raise SolverError(f"with {said} the solver found the program {outcome.status}")
                continue
            found = settled(program, scaling, scaled, outcome, started)
            if found.residuals.good:
                if done is not None:
                    done(program.value(found.x))
                return found
        raise SolverError(f"an answer fails verification (tolerance {TOLERANCE:g}): {found.residuals}")

    def _named(self, program: Program) -> Named:
        """Return a program with names; a goal that is not bounded has no row."""
        (part, *_), made = self.parts, self.made
        bare = named_over(made) if made is not None else named_program(part.network, part.columns, self._bare)
        goals = Names.of([f"bound on the cost of {goal.name}" for goal in self.goals])
        return Named(program, bare.columns, Names.joined([bare.rows, goals]))

    def answer(self, found: Settled, most: Mapping[int, float]) -> Answer | PathwayAnswer:
        """Return a solution for the first goal as the answer of a plan."""
        upper = self.program.row_upper.copy()
        for goal, bound in most.items():
            upper[self._first + goal] = bound - self.goals[goal].offset
        program = replace(self.program, row_upper=upper)
        if self.made is not None:
            from lodeworks.plan.pathway.answer import answer_over

            return answer_over(replace(self.made, program=program), found, found.timings)
        (part,) = self.parts
        return Answer.of(part.network, part.columns, program, found)

    def dual(self, found: Settled, goal: int) -> float:
        """Return what one more of a goal's bound is worth in the sum that was made least; never negative."""
        return max(0.0, -float(found.y[self._first + goal]))

    def slack(self, goal: int, found: Settled) -> float:
        """Return what is rounding in a goal: a billionth of all that is moved in it."""
        return 1e-9 * float(np.abs(self.goals[goal].weight * found.x).sum())


def _aimed(pathway: Pathway, goal: Objective) -> Pathway:
    """Return a pathway with another objective in each of its networks."""
    slices = tuple(
        replace(piece, network=replace(piece.network, objective=goal_of(piece.network, goal.goal, goal.commodity)))
        for piece in pathway.slices
    )
    return replace(pathway, slices=slices)


def goal_words(goal: Objective) -> str:
    """Return a goal in words."""
    return f"{goal.goal} of {goal.commodity}" if goal.commodity else goal.goal


def _bounds_said(goals: Sequence[Sum], most: Mapping[int, float]) -> str:
    return " and ".join(f"{goals[goal].name} bounded at {bound:g}" for goal, bound in most.items())


def _cost_scale(cost: Floats) -> float:
    sizes = np.abs(cost[cost != 0.0])
    return 1.0 / float(np.exp(np.mean(np.log(sizes)))) if len(sizes) else 1.0


def _with_rows(program: Program, block: Block) -> Program:
    first = len(program.row_lower)
    rows = sparse.csr_array((block.value, (block.row, block.col)), shape=(len(block), program.matrix.shape[1]))
    return replace(
        program, matrix=sparse.vstack([program.matrix, rows], format="csr"),
        row_lower=np.concatenate([program.row_lower, block.lower]),
        row_upper=np.concatenate([program.row_upper, block.upper]), blocks=(*program.blocks, (block, first)),
    )
