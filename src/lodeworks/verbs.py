"""What people do with a chain, from Python: read, check, plan. Each composes the rooms of the house.

The command line and notebooks call these; no logic of an engine lives here.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InputError, Problem, RunError

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.chain.claims import Verdict
    from lodeworks.chain.entities import Chain
    from lodeworks.network import Network
    from lodeworks.plan import Plan
    from lodeworks.simulate import Simulation

__all__ = ["check", "claims_of", "import_network", "plan", "read", "simulate", "write_network", "write_program"]

PathLike = str | Path


def read(path: PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = ()) -> Chain:
    """Read a chain from a folder, a YAML or JSON file, or a workbook.

    Parameters
    ----------
    sets
        Changes such as ``processes.psa.capacity=20 t/d``.
    overlays
        Files whose keys are laid over the chain's.

    Raises
    ------
    InputError
        With every problem found.
    """
    from lodeworks.chain.read import read_chain

    return read_chain(Path(path), sets=sets, overlays=[Path(o) for o in overlays])


def check(
    chain: Chain | PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = ()
) -> list[Problem]:
    """Return every problem of a chain, errors first; an empty list where there is none."""
    try:
        return _read_and_check(chain, sets, overlays)[1]
    except InputError as error:
        return list(error.problems)


def _read_and_check(
    chain: Chain | PathLike, sets: Sequence[str], overlays: Sequence[PathLike]
) -> tuple[Chain, list[Problem]]:
    """Return the chain and its problems; what cannot be read at all is an InputError.

    A chain without errors is compiled too, so that planning is never the first to find a fault.
    """
    from lodeworks.chain.check import check_chain
    from lodeworks.chain.read import read_in_part
    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.units import UnitProblem

    if isinstance(chain, str | Path):
        part, origin, faults = read_in_part(Path(chain), sets=sets, overlays=[Path(o) for o in overlays])
        if part is None:
            raise InputError(faults)
        found, problems = part, [*faults, *_apart_from(check_chain(part, origin), faults)]
    else:
        found, problems = chain, check_chain(chain)
    if not any(problem.severity == "error" for problem in problems):
        try:
            (compile_pathway if has_slices(found) else compile_network)(found)
        except InputError as error:
            problems += error.problems
        except UnitProblem as error:
            problems.append(Problem(str(error)))
    return found, problems


def checked(
    chain: Chain | PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = ()
) -> Chain:
    """Return a chain that has no errors.

    Raises
    ------
    InputError
        With every error there is.
    """
    entity, problems = _read_and_check(chain, sets, overlays)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    return entity


def _apart_from(found: list[Problem], faults: list[Problem]) -> list[Problem]:
    """Return the errors a check found that do not follow from parts that could not be read and were left out."""
    if not faults:
        return found
    faulty = {fault.element for fault in faults}
    names = {element.rpartition(".")[2] for element in faulty}
    return [
        p for p in found
        if p.severity == "error" and p.element not in faulty and not any(name in p.found for name in names if name)
    ]


def claims_of(path: PathLike) -> tuple[Verdict, ...]:
    """Recompute the claims beside a chain (``claims.yaml`` of its folder); empty where there are none."""
    from lodeworks.chain.claims import evaluate, read_claims

    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    file = folder / "claims.yaml"
    return tuple(evaluate(read_claims(file))) if file.exists() else ()


def plan(
    chain: Chain | PathLike,
    *,
    sets: Sequence[str] = (),
    overlays: Sequence[PathLike] = (),
    out: PathLike | None = None,
    replace: bool = False,
    time_limit: float | None = None,
    gap: float = 1e-4,
    method: str = "",
    threads: int = 0,
    segments: int | None = None,
    within: float | None = None,
    state: PathLike | None = None,
    progress: Callable[[str], None] | None = None,
    command: str = "",
) -> Plan:
    """Find the best plan of a chain, verify it, and write it as a run folder where `out` is given.

    Parameters
    ----------
    time_limit
        Seconds; the best plan found by then is returned, labelled so.
    gap
        Relative gap at which whole-number decisions count as settled.
    method
        ``simplex``, ``ipm`` or empty to choose by size.
    threads
        Threads the solver may use; nought leaves it to the solver.
    segments
        Decide what is built on neighbouring steps merged into so many, then plan all steps with that; the manifest says
        how far from the best it can be.
    within
        Add segments until that is at most this share; 300 segments to begin with unless `segments` says otherwise.
    state
        A state file: plan from its moment to its end only, from what is there then; nothing is built.
    progress
        Called with a short text now and then.

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
    watch = _Watch()
    entity = checked(chain, sets=sets, overlays=overlays)
    verdicts = claims_of(chain) if isinstance(chain, str | Path) else ()
    watch.lap("read")
    options: dict[str, Any] = {
        "time_limit": time_limit, "gap": gap, "method": method, "threads": threads, "progress": progress,
    }
    if state is not None:
        if segments is not None or within is not None:
            raise InputError(Problem("a plan from a state builds nothing, so it has no segments", element="state"))
        said, made = _planned_from(entity, state, watch, options)
    elif segments is not None or within is not None:
        said, made = _planned_by_segments(entity, watch, segments or 300, within, options)
    else:
        said, made = _planned_over(entity, watch, options) if has_slices(entity) else _planned(entity, watch, options)
    result = plan_of(entity, said, made, verdicts=verdicts, laps=watch.laps, command=command)
    if out is not None:
        result.write(out, replace=replace)
    return result


def plan_of(
    entity: Chain, said: dict[str, Any], made: dict[str, pl.DataFrame], *, verdicts: Sequence[Verdict] = (),
    laps: dict[str, float], command: str = "",
) -> Plan:
    """Return a plan: what the engine said of a verified answer and its tables, with what is told of the chain."""
    from lodeworks.plan import Plan

    watch = _Watch()
    tables = {**made, **_tables_of_chain(entity, verdicts)}
    written = entity.model_dump(mode="json")
    watch.lap("write")
    manifest = {
        **said, "timings": {**laps, **watch.laps}, "command": command,
        "chain_hash": _hash(written), "versions": _versions(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "tables": {name: table.columns for name, table in tables.items()},
    }
    return Plan(manifest, tables, written, picture=_picture)


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
    progress
        Called with a short text now and then.

    Raises
    ------
    InputError
        If the chain has errors; all of them.
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
    watch = _Watch()
    followed = read_run(plan) if plan is not None else None
    entity = checked(chain, sets=sets, overlays=overlays)
    watch.lap("read")
    network = compile_network(entity)
    targets = None
    if followed is not None and not {"stages", "scenarios"}.isdisjoint(followed.manifest):
        raise RunError(f"{plan}: a plan over stages or scenarios cannot be followed; plan the chain of one of them")
    if followed is not None:
        network = with_built(network, followed.table("capacities"))
        targets = targets_of(network, followed.table("rates"))
    watch.lap("compile")
    outcome = replicate(network, replications=replications, seed=seed, warm_up=warm_up, precision=precision,
                        targets=targets, progress=progress)
    watch.lap("run")
    tables = {**simulation_tables(outcome), **_tables_of_chain(entity, ())}
    if targets is not None:
        tables["against_plan"] = against_plan(outcome, targets)
    if trace is not None:
        begin = outcome.warm_up
        tables |= trace_tables(outcome.built, replay(outcome.built, outcome.seed, traced, begin, begin + trace))
    watch.lap("tables")
    written = entity.model_dump(mode="json")
    manifest = {
        **simulation_manifest(outcome), "timings": watch.laps, "command": command,
        "chain_hash": _hash(written), "versions": _versions(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "tables": {name: table.columns for name, table in tables.items()},
    }
    result = Simulation(manifest, tables, written)
    if out is not None:
        result.write(out, replace=replace)
    return result


def _planned(
    chain: Chain, watch: _Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan one network; return what the manifest says and the tables."""
    from lodeworks.network import compile_network

    return _optimised(compile_network(chain), watch, options)


def _optimised(
    network: Network, watch: _Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Find the best plan of a network; return what the manifest says and the tables."""
    from lodeworks.plan import optimise, plan_manifest, plan_tables

    watch.lap("compile")
    answer = optimise(network, **options)
    watch.laps.update(answer.timings)
    watch.restart()
    return plan_manifest(answer), plan_tables(answer)


def _planned_from(
    chain: Chain, file: PathLike, watch: _Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan a chain from a state; return what the manifest says and the tables."""
    network, told = _begun(chain, file)
    said, tables = _optimised(network, watch, options)
    return {**said, "state": told}, tables


def _begun(chain: Chain, file: PathLike) -> tuple[Network, dict[str, Any]]:
    """Return the network of a chain from a state on, and what a manifest says of the state."""
    from lodeworks.chain.state import read_state
    from lodeworks.network import begin, compile_network, has_slices
    from lodeworks.runs import read_run

    if has_slices(chain):
        raise InputError(Problem(
            "a state is one of a chain of one horizon", element="horizon", found="stages or scenarios",
            expected="a chain without them, as `--overlay` may make it",
        ))
    state = read_state(file, chain)
    plan = read_run(state.plan) if state.plan else None
    valued = read_run(state.values_of) if state.values_of else None
    for run in (plan, valued):
        if run is not None and (run.manifest["kind"] != "plan" or not {"stages", "scenarios"}.isdisjoint(run.manifest)):
            raise InputError(Problem("not the run of a plan of one horizon", file=str(run.folder), element="state"))
    network = begin(
        compile_network(chain), state,
        plan={name: plan.table(name) for name in ("levels", "rates")} if plan is not None else None,
        values=valued.table("marginal_values") if valued is not None else None,
    )
    return network, {"file": str(file), "at": state.at.isoformat(), "until": state.until.isoformat()}


def _planned_by_segments(
    chain: Chain, watch: _Watch, segments: int, within: float | None, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan on merged steps, certified; return what the manifest says and the tables."""
    import polars as pl

    from lodeworks.network import compile_network, has_slices
    from lodeworks.plan import plan_manifest, plan_tables
    from lodeworks.plan.segments import certified_plan

    if has_slices(chain):
        raise InputError(Problem(
            "steps are merged in plans of one horizon only", element="horizon", found="stages or scenarios",
            expected="a chain without them, or a plan without --segments",
        ))
    network = compile_network(chain)
    watch.lap("compile")
    found = certified_plan(
        network, segments=segments, within=float("inf") if within is None else within, options=options
    )
    watch.lap("solve")
    tables = {**plan_tables(found.answer), "segments": pl.DataFrame([vars(r) for r in found.rounds])}
    return {**plan_manifest(found.answer), "certified": found.as_dict()}, tables


def _planned_over(
    chain: Chain, watch: _Watch, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan over stages and scenarios; return what the manifest says and the tables."""
    from lodeworks.network import compile_pathway
    from lodeworks.plan.pathway import information, optimise_pathway, pathway_manifest, pathway_tables

    pathway = compile_pathway(chain)
    watch.lap("compile")
    answer = optimise_pathway(pathway, **options)
    watch.laps.update(answer.timings)
    watch.restart()
    known = information(answer, **options) if len(pathway.scenarios) > 1 else None
    watch.lap("information")
    return pathway_manifest(answer, known), pathway_tables(answer, known)


def import_network(path: PathLike, out: PathLike, *, leave_out: bool = False, replace: bool = False) -> list[Problem]:
    """Read a PyPSA network file and write it as a chain; return what was left out.

    Raises
    ------
    InputError
        If it is no network, is faulty, or holds what a chain cannot say; or if `out` is there already.
    """
    from lodeworks.chain.write import write_chain
    from lodeworks.exchange import import_pypsa

    chain, left = import_pypsa(path, leave_out=leave_out)
    write_chain(chain, out, replace=replace)
    return left


def write_network(
    chain: Chain | PathLike, out: PathLike, *, leave_out: bool = False, replace: bool = False,
    sets: Sequence[str] = (), overlays: Sequence[PathLike] = (),
) -> list[Problem]:
    """Write a chain as a PyPSA network file; return what was left out; raises as `import_network` does."""
    from lodeworks.exchange import export_pypsa

    return export_pypsa(
        checked(chain, sets=sets, overlays=overlays), out, leave_out=leave_out, replace=replace,
    )


def write_program(
    chain: Chain | PathLike, out: PathLike, *, replace: bool = False, sets: Sequence[str] = (),
    overlays: Sequence[PathLike] = (),
) -> dict[str, int]:
    """Write the program of a chain's plan as an LP or MPS file; return its size.

    Raises
    ------
    InputError
        If the chain has errors, or the file is there already or of another kind.
    """
    from lodeworks.network import compile_network, has_slices
    from lodeworks.plan.files import write_program as write

    entity = checked(chain, sets=sets, overlays=overlays)
    if has_slices(entity):
        raise InputError(Problem("the program of a plan over stages or scenarios is not written", element="horizon",
                                 expected="a chain without them"))
    return write(compile_network(entity), out, replace=replace).size


def _picture(plan: Plan) -> str:
    from lodeworks.views.notebook import notebook_html

    return notebook_html(plan)


class _Watch:
    """Seconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.restart()

    def restart(self) -> None:
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._since
        self._since = now


def _hash(written: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(written, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import version

    names = ("lodeworks", "highspy", "numba", "numpy", "scipy", "polars")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _tables_of_chain(chain: Chain, verdicts: Sequence[Verdict]) -> dict[str, pl.DataFrame]:
    """Return what a report tells of the chain besides the plan: sites, sources, assumptions and claims."""
    import polars as pl

    sites = [
        (name, site.title.text("en", name), site.title.text("zh", name),
         site.latitude.value if site.latitude else None, site.longitude.value if site.longitude else None)
        for name, site in chain.sites.items()
    ]
    tables = {
        "sites": pl.DataFrame(sites, orient="row", schema={
            "site": pl.String, "title_en": pl.String, "title_zh": pl.String, "latitude": pl.Float64,
            "longitude": pl.Float64,
        }),
        "sources": _texts(["id", *type(next(iter(chain.sources.values()))).model_fields] if chain.sources else ["id"], [
            (name, *(str(value) for _, value in source)) for name, source in chain.sources.items()
        ]),
        "assumptions": _texts(["element", "key", "value", "source", "range"], _assumptions(chain)),
    }
    if verdicts:
        names = ["id", "title_en", "title_zh", "verdict", "printed", "computed", "note_en", "note_zh"]
        tables["claims"] = _texts(names, [tuple(str(getattr(v, n)) for n in names) for v in verdicts])
    return tables


def _texts(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(rows, orient="row", schema=dict.fromkeys(names, pl.String))


def _assumptions(chain: Chain) -> list[tuple[str, ...]]:
    """Return where every number with a source note comes from: element, key, value, source, range."""
    from lodeworks.chain.entities import named

    rows: list[tuple[str, ...]] = []
    for section, name, entity in named(chain):
        written = entity.model_dump(mode="json") if isinstance(getattr(entity, "source", None), dict) else {}
        for key, source in written.get("source", {}).items():
            value = _reach(written, key)
            rows.append((f"{section}.{name}", key, value, str(source), str(written.get("ranges", {}).get(key, ""))))
    return rows


def _reach(written: Any, key: str) -> str:
    """Return the value at a dotted key, as text; empty where there is none."""
    for part in key.split("."):
        if not isinstance(written, dict) or part not in written:
            return ""
        written = written[part]
    return written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)
