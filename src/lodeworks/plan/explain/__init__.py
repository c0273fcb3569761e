"""Why there is no plan, in the chain's words: what conflicts and what would mend it, or what earns without limit."""

from __future__ import annotations

from collections.abc import Sequence

from lodeworks.errors import InfeasibleError, PlanError, SolverError, UnboundedError
from lodeworks.plan.explain.conflict import conflict, crossed
from lodeworks.plan.explain.ray import endless_gain
from lodeworks.plan.explain.relax import mend, relax
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program
from lodeworks.plan.scale import Scaling

__all__ = ["explain"]


def explain(parts: Sequence[Part], program: Program, scaling: Scaling) -> PlanError:
    """Return the error that says why a program has no optimum.

    Bounds that cross are told as they are. Else the least relaxation of the rows tells both whether a program is
    infeasible and what would mend it; if nothing need be relaxed, a direction of endless gain is looked for.
    """
    opposed = crossed(parts, program)
    if opposed:
        return InfeasibleError(opposed)
    relaxed = relax(parts, program, scaling)
    if relaxed.needed:
        reasons = conflict(parts, program, scaling, relaxed)
        mended = mend(parts, program, scaling, relaxed)
        return InfeasibleError([*reasons, *(f"it would be mended by: {m}" for m in mended)], [m.zh for m in mended])
    gains = endless_gain(parts, program, scaling)
    if gains:
        return UnboundedError(gains)
    return SolverError(
        "the solver calls the program infeasible or unbounded, but neither could be confirmed; its numbers may be "
        "too far apart in size (see the warnings of `lodeworks check`)"
    )
