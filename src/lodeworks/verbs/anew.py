"""Plans from a state: the network as it is now, the best from there, and what that is worth beside going on as planned.

A plan of the whole horizon is made in `planning`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InfeasibleError, InputError, Problem, SolverError
from lodeworks.verbs.telling import PathLike, Watch

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.chain.entities import Chain
    from lodeworks.network import Network
    from lodeworks.network.arrays import Floats
    from lodeworks.plan import Answer

__all__ = ["begun", "planned_from"]


def begun(
    chain: Chain, file: PathLike, *, runs: bool = False
) -> tuple[Network, dict[str, Any], Mapping[str, pl.DataFrame] | None]:
    """Return the network of a chain from a state on, what a manifest says of the state, and what a plan had moved.

    The last are the tables `levels` and `rates` of the plan that was followed, if the state names one; see
    `network.begin`.
    """
    from lodeworks.chain.state import read_state
    from lodeworks.network import begin, compile_network, has_slices
    from lodeworks.runs import read_run

    if has_slices(chain):
        raise InputError(Problem(
            "a state is one of a chain of one horizon", element="horizon", found="stages, scenarios or periods",
            expected="a chain without them, as `--overlay` may make it",
        ))
    state = read_state(file, chain)
    plan = read_run(state.plan) if state.plan else None
    valued = plan if state.values_of == state.plan else read_run(state.values_of) if state.values_of else None
    for run in (plan, valued):
        if run is not None and (run.manifest["kind"] != "plan" or run.has_slices):
            raise InputError(Problem("not the run of a plan of one horizon", file=str(run.folder), element="state"))
    moved = ("levels", "rates")
    followed = {name: plan.table(name) for name in moved} if plan is not None else None
    network = begin(
        compile_network(chain), state, plan=followed,
        values={name: valued.table(name) for name in ("marginal_values", *moved)} if valued is not None else None,
        runs=runs,
    )
    return network, {"file": str(file), "at": state.at.isoformat(), "until": state.until.isoformat()}, followed


def planned_from(
    chain: Chain, file: PathLike, watch: Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan a chain from a state; return what the manifest says and the tables.

    Where the state names the plan that was followed, of all best plans the one nearest to it is taken, and the manifest
    says what going on as planned is worth.
    """
    from lodeworks.network import planned_rates
    from lodeworks.plan import nearest, optimise, plan_manifest, plan_tables

    network, told, followed = begun(chain, file)
    watch.lap("compile")
    answer = optimise(network, **options)
    watch.laps.update(answer.timings)
    watch.restart()
    if followed is not None:
        planned = planned_rates(network, followed["rates"])
        answer = nearest(answer, planned)
        watch.lap("nearest")
        told = {**told, "as_planned": _as_planned(answer, planned, options)}
        watch.lap("as planned")
    return {**plan_manifest(answer), "state": told}, plan_tables(answer)


def _as_planned(answer: Answer, planned: Mapping[int, Floats], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what going on as planned comes to and by how much an answer is better, or why nobody can go on so."""
    from lodeworks.network import going_on
    from lodeworks.plan import optimise
    from lodeworks.plan.naming import recorded_as
    from lodeworks.plan.verify import TOLERANCE

    try:
        record = recorded_as(options.get("record"), "going on as planned")
        held = optimise(going_on(answer.network, planned), **{**options, "record": record})
    except (InfeasibleError, SolverError) as error:
        return {"why": str(error)}
    found = held.program.objective(held.x)
    better = held.program.value(held.x) - answer.program.value(answer.x)
    # Both are known to some digits only, and what may do all that the other may is never worse.
    least = max(options.get("gap") or 0.0, TOLERANCE) if held.program.integer.any() else TOLERANCE
    return {"objective": found, "better_by": better if better > least * abs(found) else 0.0}
