"""Simulating a chain."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lodeworks.errors import InputError, Problem, RunError
from lodeworks.verbs.anew import begun
from lodeworks.verbs.reading import checked
from lodeworks.verbs.telling import PathLike, Watch, hash_of, tables_of_chain, versions

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain
    from lodeworks.simulate import Simulation

__all__ = ["simulate"]


def simulate(
    chain: Chain | PathLike,
    *,
    sets: Sequence[str] = (),
    overlays: Sequence[PathLike] = (),
    out: PathLike | None = None,
    replace: bool = False,
    replications: int | None = None,
    seed: int | None = None,
    warm_up: float | None = None,
    precision: float | None = None,
    plan: PathLike | None = None,
    trace: float | None = None,
    traced: int = 0,
    state: PathLike | None = None,
    exact: bool = False,
    progress: Callable[[str], None] | None = None,
    command: str = "",
) -> Simulation:
    """Run a chain's discrete reading in independent replications, and write a run folder where `out` is given.

    Parameters
    ----------
    replications, seed, warm_up
        In the place of those of the chain's `simulation` section; the warm-up in hours.
    precision
        Go on until half the interval of every main mean is within this share of it; `replications` is then the least.
    plan
        A run folder of a plan of this chain: what runs follows its rates, with the capacities it builds.
    trace
        Hours, from the end of the warm-up, of which every move is written down: machines, vehicles, lots.
    traced
        The replication that is traced.
    state
        A state file: run from its moment to its end, from what is there then, in 200 replications unless said; the
        tables `bands` and `runs_out` then tell what stores will hold and when they run out.
    exact
        Solve the chain exactly as well; the table `beside_exact` then has its means beside the simulated ones.
    progress
        Called with a short text now and then.

    Raises
    ------
    InputError
        If the chain has errors, or exact means are asked for that cannot be had; all reasons.
    SimulationError
        If a run cannot be believed or never ends; nothing is written.
    RunError
        If `out` cannot be written.
    """
    from lodeworks.network import compile_network
    from lodeworks.runs import read_run, refuse_folder
    from lodeworks.simulate import (
        Simulation,
        against_plan,
        ahead_tables,
        replay,
        replicate,
        simulation_manifest,
        simulation_tables,
        targets_of,
        trace_tables,
        with_built,
    )

    if out is not None:
        refuse_folder(out, replace=replace)
    watch = Watch()
    followed = read_run(plan) if plan is not None else None
    entity = checked(chain, sets=sets, overlays=overlays)
    if entity.horizon.periods:
        raise InputError(Problem("a simulation runs through one stretch, not through periods that stand for more",
                                 element="horizon", key="periods", expected="a chain without periods"))
    watch.lap("read")
    network, told, _ = (compile_network(entity), None, None) if state is None else begun(entity, state, runs=True)
    targets = None
    if followed is not None and followed.has_slices:
        raise RunError(
            f"{plan}: a plan over stages, scenarios or periods cannot be followed; plan the chain of one of them"
        )
    if followed is not None:
        network = with_built(network, followed.table("capacities")) if told is None else network
        targets = targets_of(network, followed.table("rates"))
    watch.lap("compile")
    states = None
    if exact:
        from lodeworks.simulate.exact import solvable

        states = solvable(network, follows_plan=plan is not None, progress=progress)
        watch.lap("states")
    outcome = replicate(network, replications=replications, seed=seed, warm_up=warm_up, precision=precision,
                        targets=targets, progress=progress)
    watch.lap("run")
    tables = {**simulation_tables(outcome), **tables_of_chain(entity, ())}
    if told is not None:
        tables |= ahead_tables(outcome)
    if targets is not None:
        tables["against_plan"] = against_plan(outcome, targets)
    if trace is not None:
        begin = outcome.warm_up
        tables |= trace_tables(outcome.built, replay(outcome.built, outcome.seed, traced, begin, begin + trace))
    solved = {}
    if states is not None:
        from lodeworks.simulate.exact import exact_manifest, exact_table, exactly, measured_stretch

        begin, end = measured_stretch(outcome)
        found = exactly(states, begin=begin, end=end)
        tables["beside_exact"] = exact_table(outcome, found, tables["statistics"])
        solved = {"exact": exact_manifest(found)}
    watch.lap("tables")
    written = entity.model_dump(mode="json")
    manifest = {
        **simulation_manifest(outcome), **solved, **({} if told is None else {"state": told}),
        "timings": watch.laps, "command": command, "chain_hash": hash_of(written), "versions": versions(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "tables": {name: table.columns for name, table in tables.items()},
    }
    result = Simulation(manifest, tables, written)
    if out is not None:
        result.write(out, replace=replace)
    return result
