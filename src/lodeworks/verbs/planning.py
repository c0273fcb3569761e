"""Planning a chain: over its horizon, from a state, on merged steps, over stages and scenarios."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InputError, Problem
from lodeworks.verbs.anew import planned_from
from lodeworks.verbs.reading import checked, claims_of
from lodeworks.verbs.telling import PathLike, Watch, hash_of, tables_of_chain, versions

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.chain.claims import Verdict
    from lodeworks.chain.entities import Chain
    from lodeworks.network import Network
    from lodeworks.network.pathway import Pathway
    from lodeworks.plan import Plan
    from lodeworks.plan.engine import Settled
    from lodeworks.plan.naming import Named
    from lodeworks.plan.pathway import PathwayAnswer
    from lodeworks.plan.program import Program

__all__ = ["plan", "plan_of"]

# What programs are for that are solved beside a plan over scenarios.
_SEGMENTS = 300  # to begin with, where nobody says how many
_INFORMED = "what information is worth"


def plan(
    chain: Chain | PathLike,
    *,
    sets: Sequence[str] = (),
    overlays: Sequence[PathLike] = (),
    out: PathLike | None = None,
    replace: bool = False,
    time_limit: float | None = None,
    gap: float | None = None,
    method: str = "",
    threads: int = 0,
    segments: int | None = None,
    days: int | None = None,
    within: float | None = None,
    rolling: float | None = None,
    overlap: float | None = None,
    state: PathLike | None = None,
    solution: PathLike | None = None,
    programs: PathLike | None = None,
    form: str = "lp",
    progress: Callable[[str], None] | None = None,
    caution: Callable[[Problem], None] | None = None,
    command: str = "",
) -> Plan:
    """Find the best plan of a chain, verify it, and write it as a run folder where `out` is given.

    Parameters
    ----------
    time_limit
        Seconds; the best plan found by then is returned, labelled so.
    gap
        Relative gap at which whole-number decisions count as settled; the chain's own unless given, a ten-thousandth
        where it says none.
    method
        ``simplex``, ``ipm``, ``race`` for both at once in processes of their own, or empty to choose by size.
    threads
        Threads the solver may use; nought leaves it to the solver.
    segments
        Decide what is built on neighbouring steps merged into so many, then plan all steps with that; the manifest says
        how far from the best it can be.
    days
        The same on so many typical days, stores linked through the year. With `segments` too both are tried, and the
        manifest says which built the better plan.
    within
        Add to them until that is at most this share; 300 segments, or as many as there are steps, to begin with unless
        either is given.
    rolling
        Decide what is on and off in windows of so many hours, then plan all steps with that; the manifest says how far
        from the best it can be. The time limit is for each window.
    overlap
        Hours each window looks beyond its end; a third of the window unless given.
    state
        A state file: plan from its moment to its end only, from what is there then; nothing is built.
    solution
        The file of a solution of this chain's program that another solver found: the plan has its whole numbers, and
        all its values where they are the best there are; the manifest says how it compares.
    programs
        A folder for the file of every program that is solved on the way, in the order they are, and a list of them.
    form
        Of those files: ``lp`` or ``mps``.
    progress
        Called with a short text now and then.
    caution
        Called with each warning about the chain.

    Raises
    ------
    InputError
        If the chain has errors; all of them.
    InfeasibleError, UnboundedError, SolverError
        If there is no plan that may be used; nothing is written.
    RunError
        If `out` cannot be written.
    """
    from lodeworks.network import has_slices
    from lodeworks.runs import refuse_folder

    if out is not None:
        refuse_folder(out, replace=replace)
    if programs is not None:
        from lodeworks.plan.recorded import refuse_programs

        refuse_programs(programs, replace=replace)
    watch = Watch()
    entity = checked(chain, sets=sets, overlays=overlays, caution=caution)
    verdicts = claims_of(chain) if isinstance(chain, str | Path) else ()
    watch.lap("read")
    options: dict[str, Any] = {
        "gap": _gap_of(entity) if gap is None else gap, "time_limit": time_limit, "method": method,
        "threads": threads, "progress": progress,
    }
    if programs is not None:
        from lodeworks.plan.recorded import Recorder

        options["record"] = Recorder(programs, form, title=entity.chain)
    reduced = segments is not None or days is not None or within is not None
    if solution is not None and (reduced or state is not None or rolling is not None):
        raise InputError(Problem("a solution is one of the program of all steps", element="solution",
                                 expected="no segments, days, windows or state beside it"))
    if reduced and entity.horizon.segments:
        raise InputError(Problem("the horizon is planned in segments of its own, so no steps are merged",
                                 element="horizon", key="segments", found=entity.horizon.segments,
                                 expected="a horizon without them, or a plan without --segments, --days and --within"))
    if solution is not None:
        said, made = _planned_by_solution(entity, solution, watch, options)
    elif state is not None:
        if reduced:
            raise InputError(Problem("a plan from a state builds nothing, so it has no segments", element="state"))
        keeping = [name for name, firm in entity.firms.items() if firm.cash is not None]
        if keeping and caution is not None:
            caution(Problem("a state says nothing of what firms have and owe: their accounts are left out",
                            element="state",
                            found=f"accounts of {', '.join(keeping[:3])}{' …' if len(keeping) > 3 else ''}",
                            expected="a plan of the whole horizon for their cash and loans", severity="warning"))
        said, made = planned_from(entity, state, watch, options)
    elif rolling is not None:
        if method == "race":
            raise InputError(Problem("windows are too small to race for", element="method", found=method,
                                     expected="simplex, ipm, or none for either by size"))
        if reduced:
            raise InputError(Problem("windows decide what is on, segments and days what is built: one at a time",
                                     element="rolling"))
        length = rolling
        said, made = _planned_by_windows(entity, watch, length, length / 3.0 if overlap is None else overlap, options)
    elif reduced:
        said, made = _planned_reduced(entity, watch, segments, days, within, options)
    else:
        said, made = _planned_over(entity, watch, options) if has_slices(entity) else _planned(entity, watch, options)
    result = plan_of(entity, said, made, verdicts=verdicts, laps=watch.laps, command=command)
    if out is not None:
        result.write(out, replace=replace)
    return result


def _gap_of(chain: Chain) -> float:
    """Return how far from the best a chain lets its plan be."""
    from lodeworks.chain.measures import Measures

    own = chain.objective.gap
    return 1e-4 if own is None else Measures(chain, chain.registry()).fraction(own)


def plan_of(
    entity: Chain, said: dict[str, Any], made: dict[str, pl.DataFrame], *, verdicts: Sequence[Verdict] = (),
    laps: dict[str, float], command: str = "",
) -> Plan:
    """Return a plan: what the engine said of a verified answer and its tables, with what is told of the chain."""
    from lodeworks.plan import Plan

    watch = Watch()
    tables = {**made, **tables_of_chain(entity, verdicts)}
    written = entity.model_dump(mode="json")
    watch.lap("write")
    manifest = {
        **said, "timings": {**laps, **watch.laps}, "command": command,
        "chain_hash": hash_of(written), "versions": versions(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "tables": {name: table.columns for name, table in tables.items()},
    }
    return Plan(manifest, tables, written, picture=_picture)


def _planned(
    chain: Chain, watch: Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan one network; return what the manifest says and the tables."""
    from lodeworks.network import compile_network

    return _optimised(compile_network(chain), watch, options)


def _optimised(
    network: Network, watch: Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Find the best plan of a network; return what the manifest says and the tables."""
    from lodeworks.plan import optimise, plan_manifest, plan_tables

    watch.lap("compile")
    answer = optimise(network, **options)
    watch.laps.update(answer.timings)
    watch.restart()
    return plan_manifest(answer), plan_tables(answer)


def _planned_by_solution(
    chain: Chain, file: PathLike, watch: Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan with a solution found elsewhere; return what the manifest says and the tables."""
    from dataclasses import replace

    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.plan import Answer, plan_manifest, plan_tables
    from lodeworks.plan.lawful import lawful
    from lodeworks.plan.naming import named_over, named_program
    from lodeworks.plan.part import Part
    from lodeworks.plan.pathway import compose, pathway_manifest, pathway_tables
    from lodeworks.plan.pathway.answer import answer_over, with_losses
    from lodeworks.plan.pathway.compose import scale_composition
    from lodeworks.plan.program import assemble
    from lodeworks.plan.scale import scale
    from lodeworks.plan.solution import matched, read_solution, settled_from

    given = read_solution(file)
    if has_slices(chain):
        composed = compose(compile_pathway(chain))
        whole, scaling, parts = composed.program, scale_composition(composed), composed.parts
        books = list(with_losses(composed))

        def named(held: Program) -> Named:
            return named_over(replace(composed, program=held))

        def finished(held: Program, found: Settled) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
            over = answer_over(replace(composed, program=held), found, {})
            return pathway_manifest(over), pathway_tables(over)
    else:
        network = compile_network(chain)
        whole, columns = assemble(network)
        scaling, parts = scale(network, columns, whole), (Part(network, columns, len(whole.row_lower)),)
        books = [] if network.accounts is None or columns.accounts is None else [(network.accounts, columns.accounts)]

        def named(held: Program) -> Named:
            return named_program(network, columns, held)

        def finished(held: Program, found: Settled) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
            answer = Answer.of(network, columns, held, found)
            return plan_manifest(answer), plan_tables(answer)
    watch.lap("compile")
    x = matched(named(whole), given, scaling)
    settled, told = settled_from(whole, scaling, parts, x, options)
    program, found = lawful(whole, scaling, parts, settled, books, named=named, **options)
    said, made = finished(program, found)
    if found is not settled:
        told |= {"taken": False, "better_here_by": max(0.0, program.value(x) - program.value(found.x))}
    told["lawful"] = found is settled
    watch.lap("solve")
    return {**said, "solution": {"file": str(file), **told}}, made


def _planned_reduced(
    chain: Chain, watch: Watch, segments: int | None, days: int | None, within: float | None,
    options: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan what is built on fewer steps, certified; return what the manifest says and the tables.

    Over scenarios the plans that tell what information is worth are made in the same way, and it is told as bounds.
    """
    import polars as pl

    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.plan import plan_manifest, plan_tables
    from lodeworks.plan.naming import recorded_for
    from lodeworks.plan.pathway import information, optimise_pathway, pathway_manifest, pathway_tables
    from lodeworks.plan.reduced import Certified, certified_pathway, certified_plan

    asked: dict[str, Any] = {
        "segments": segments, "days": days, "within": float("inf") if within is None else within, "options": options,
    }

    def begin(network: Network) -> None:
        if segments is None and days is None:
            asked["segments"] = min(_SEGMENTS, network.steps)

    if has_slices(chain):
        pathway = compile_pathway(chain)
        watch.lap("compile")
        begin(pathway.network)
        over = certified_pathway(pathway, **asked)
        watch.lap("solve")

        def bound_of(found: Certified[PathwayAnswer]) -> float:
            bound = found.rounds[-1].bound
            return float("nan") if bound is None else bound

        beside = {**options, "record": recorded_for(options.get("record"), _INFORMED)}

        def again(of: Pathway, /, *, held: bool) -> tuple[PathwayAnswer, float]:
            if held:
                answer = optimise_pathway(of, **beside)
                return answer, answer.objective
            found = certified_pathway(of, **{**asked, "options": beside})
            return found.answer, bound_of(found)

        several = len(pathway.scenarios) > 1
        known = information(over.answer, asked=pathway, bound=bound_of(over), planner=again) if several else None
        watch.lap("information")
        made, said, told = pathway_tables(over.answer, known), pathway_manifest(over.answer, known), over.as_dict()
        rounds = over.rounds
    else:
        network = compile_network(chain)
        watch.lap("compile")
        begin(network)
        found = certified_plan(network, **asked)
        watch.lap("solve")
        made, said, told = plan_tables(found.answer), plan_manifest(found.answer), found.as_dict()
        rounds = found.rounds
    return {**said, "certified": told}, {**made, "rounds": pl.DataFrame([vars(r) for r in rounds])}


def _planned_by_windows(
    chain: Chain, watch: Watch, hours: float, overlap: float, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan window by window, bounded by the whole; return what the manifest says and the tables."""
    import polars as pl

    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.plan import plan_manifest, plan_tables
    from lodeworks.plan.pathway import pathway_manifest, pathway_tables
    from lodeworks.plan.rolling import rolling_pathway, rolling_plan

    if has_slices(chain):
        pathway = compile_pathway(chain)
        watch.lap("compile")
        _refuse_short_windows(pathway.network, hours, overlap)
        over = rolling_pathway(pathway, hours=hours, overlap=overlap, options=options)
        watch.lap("solve")
        made, said, told = pathway_tables(over.answer), pathway_manifest(over.answer), over.as_dict()
        windows = pl.DataFrame([vars(w) for w in over.windows])
    else:
        network = compile_network(chain)
        watch.lap("compile")
        _refuse_short_windows(network, hours, overlap)
        found = rolling_plan(network, hours=hours, overlap=overlap, options=options)
        watch.lap("solve")
        made, said, told = plan_tables(found.answer), plan_manifest(found.answer), found.as_dict()
        windows = pl.DataFrame([vars(w) for w in found.windows]).drop("slice")
    return {**said, "rolling": told}, {**made, "windows": windows}


def _refuse_short_windows(network: Network, hours: float, overlap: float) -> None:
    if hours < network.hours or overlap < 0.0:
        raise InputError(Problem(
            "a window is too short", element="rolling", found=f"{hours:g} h, overlap {overlap:g} h",
            expected=f"at least one step of {network.hours:g} h, and an overlap of nought or more",
        ))


def _planned_over(
    chain: Chain, watch: Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan over stages and scenarios; return what the manifest says and the tables."""
    from lodeworks.network import compile_pathway
    from lodeworks.plan.naming import recorded_for
    from lodeworks.plan.pathway import information, optimise_pathway, pathway_manifest, pathway_tables

    pathway = compile_pathway(chain)
    watch.lap("compile")
    answer = optimise_pathway(pathway, **options)
    watch.laps.update(answer.timings)
    watch.restart()
    beside = {**options, "record": recorded_for(options.get("record"), _INFORMED)}
    known = information(answer, **beside) if len(pathway.scenarios) > 1 else None
    watch.lap("information")
    return pathway_manifest(answer, known), pathway_tables(answer, known)


def _picture(plan: Plan) -> str:
    from lodeworks.views.notebook import notebook_html

    return notebook_html(plan)
