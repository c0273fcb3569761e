"""The command line: one function a verb, no logic.

Exit codes: 0 done; 1 a fault of ours; 2 something in the files, the folder or the command is wrong; 3 no plan
meets every demand and limit; 4 the plan can earn without limit; 5 no answer could be verified; 130 stopped by
Ctrl-C. Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lodeworks.errors import InputError, LodeworksError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lodeworks.errors import Problem
    from lodeworks.farm.engine import Farm
    from lodeworks.runs import Run

__all__ = ["app", "main"]

app = typer.Typer(
    name="lodeworks", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Check, plan and look at an industrial chain written once, as data.",
)

ChainPath = Annotated[Path, typer.Argument(help="A chain: folder, .yaml, .json or .xlsx.", show_default=False)]
RunPath = Annotated[Path, typer.Argument(help="A run folder.", show_default=False)]
Sets = Annotated[list[str] | None, typer.Option("--set", help="Change one number: processes.psa.capacity=20t/d.")]
Overlays = Annotated[list[Path] | None, typer.Option("--overlay", help="A file whose keys are laid over the chain's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Replace = Annotated[bool, typer.Option("--replace", help="Replace what is there.")]
StageName = Annotated[str, typer.Option("--stage", help="Of a plan over stages: the year to show; else the last.")]
ScenarioName = Annotated[
    str, typer.Option("--scenario", help="Of a plan over scenarios: the one to show; else the likeliest.")
]
Language = Annotated[str, typer.Option("--language", help="en or zh.")]
FromState = Annotated[
    Path | None, typer.Option("--from", help="Begin from the state of this file: its moment, levels, what is out.")
]


@app.command()
def check(path: ChainPath, sets: Sets = None, overlays: Overlays = None, as_json: AsJson = False) -> None:
    """Check a chain: every problem of all its files, and the claims beside it."""
    from lodeworks import verbs

    problems = verbs.check(path, sets=sets or (), overlays=overlays or ())
    errors = [p for p in problems if p.severity == "error"]
    verdicts = [] if errors else list(verbs.claims_of(path))
    if as_json:
        _print_json({
            "problems": [p.as_dict() for p in problems],
            "claims": [
                {"id": v.id, "verdict": v.verdict, "printed": v.printed, "computed": v.computed} for v in verdicts
            ],
        })
    else:
        _tell_problems(problems)
        if verdicts:
            from lodeworks.views.terminal import claims

            _print(claims(verdicts))
        warnings = len(problems) - len(errors)
        _note(f"{path}: {_count(len(errors), 'error')}, {_count(warnings, 'warning')}")
    if errors:
        raise typer.Exit(InputError.exit_code)


@app.command()
def plan(
    path: ChainPath,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the run to this folder.")] = None,
    replace: Replace = False,
    sets: Sets = None,
    overlays: Overlays = None,
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the run folder.")] = False,
    time_limit: Annotated[float | None, typer.Option("--time-limit", help="Seconds to search for.", min=0.0)] = None,
    gap: Annotated[float, typer.Option("--gap", help="Relative gap for whole-number decisions.", min=0.0)] = 1e-4,
    method: Annotated[str, typer.Option("--method", help="simplex or ipm; chosen by size unless given.")] = "",
    segments: Annotated[
        int | None, typer.Option("--segments", help="Decide what is built on so many merged steps; plan all.", min=1)
    ] = None,
    within: Annotated[
        str, typer.Option("--within", help="Add segments until the plan is certified within this share, such as 1%.")
    ] = "",
    state: FromState = None,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Plan: find the best the chain could do, verify it and write it as a run."""
    from lodeworks import verbs

    if method not in ("", "simplex", "ipm"):
        raise typer.BadParameter("expected simplex or ipm", param_hint="--method")
    _needs_folder(report, out)
    with _Progress(time_limit) as progress:
        result = verbs.plan(
            path, sets=sets or (), overlays=overlays or (), out=out, replace=replace, time_limit=time_limit, gap=gap,
            method=method, segments=segments, within=_share(within, "--within"), state=state,
            progress=progress, command=_command(),
        )
    if as_json:
        _print_json(result.manifest)
    else:
        from lodeworks.views.terminal import summary

        _print(summary(result, language))
    if out is not None:
        _note(f"run: {out}")
        if report:
            _write_report(out, out / "report.html", language, replace=True)


@app.command()
def simulate(
    path: ChainPath,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the run to this folder.")] = None,
    replace: Replace = False,
    sets: Sets = None,
    overlays: Overlays = None,
    replications: Annotated[int | None, typer.Option("--replications", help="How many; at least 2.", min=2)] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Where the random numbers begin.", min=0)] = None,
    warm_up: Annotated[float | None, typer.Option("--warm-up", help="Hours left out at the start.", min=0.0)] = None,
    precision: Annotated[
        str, typer.Option("--precision", help="Go on until every main mean is known to this share, such as 2%.")
    ] = "",
    plan_run: Annotated[
        Path | None, typer.Option("--plan", help="Follow the plan of this run folder, and say where it falls behind.")
    ] = None,
    trace: Annotated[
        float | None, typer.Option("--trace", help="Hours of which every move is written down.", min=0.0)
    ] = None,
    traced: Annotated[int, typer.Option("--traced", help="The replication that is traced, from 0.", min=0)] = 0,
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the run folder.")] = False,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Simulate: what really happens, with batches, queues, breakdowns and shifts, in independent replications."""
    from lodeworks import verbs

    _needs_folder(report, out)

    with _Progress(None, "simulating: ") as progress:
        result = verbs.simulate(
            path, sets=sets or (), overlays=overlays or (), out=out, replace=replace, replications=replications,
            seed=seed, warm_up=warm_up, precision=_share(precision, "--precision"), plan=plan_run, trace=trace,
            traced=traced, progress=progress, command=_command(),
        )
    if as_json:
        _print_json({**result.manifest, "statistics": result.statistics.to_dicts()})
    else:
        from lodeworks.views.simulated import statistics

        _print(statistics(result.manifest, result.statistics, result.table("choices")))
    if result.manifest["status"] == "interrupted":
        _note(f"stopped: the {result.manifest['replications']} replications that were finished are kept")
    if out is not None:
        _note(f"run: {out}")
        if report:
            _write_report(out, out / "report.html", language, replace=True)


def _share(text: str, option: str) -> float | None:
    """Read a share such as ``2%`` or ``0.02``."""
    if not text:
        return None
    from lodeworks.units import UnitProblem, Units, parse_quantity

    try:
        share = Units.of({}).convert(parse_quantity(text), "")
    except (ValueError, UnitProblem):
        share = 0.0
    if not 0.0 < share < 1.0:
        raise typer.BadParameter("expected a share above nought, such as 2%", param_hint=option)
    return share


@app.command()
def farm(
    file: Annotated[Path, typer.Argument(help="A file of scenarios, .yaml.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The farm's folder; what is finished there is kept.")],
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes here; by processors and memory unless given.", min=1)
    ] = None,
    dask: Annotated[str, typer.Option("--dask", help="Run on this Dask cluster: tcp://host:port.")] = "",
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the folder.")] = False,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Farm: run many scenarios of a chain, each a run of its own; starting again does what is missing or changed."""
    from lodeworks.farm.engine import farm as run

    with _Progress(None, "") as progress:
        done = run(file, out=out, workers=workers, dask=dask, progress=progress, command=_command())
    _tell_farm(done, out, report=report, as_json=as_json, language=language)


@app.command()
def tornado(
    path: ChainPath,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder; what is finished there is kept.")],
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Try the ranges of this element or attribute: processes.psa.")
    ] = None,
    sets: Sets = None,
    overlays: Overlays = None,
    time_limit: Annotated[float | None, typer.Option("--time-limit", help="Seconds for each plan.", min=0.0)] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes here; by processors and memory unless given.", min=1)
    ] = None,
    dask: Annotated[str, typer.Option("--dask", help="Run on this Dask cluster: tcp://host:port.")] = "",
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the folder.")] = False,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Tornado: which assumptions matter; each stated range at its low and its high, one at a time."""
    from lodeworks.farm.tornado import tornado as run

    with _Progress(None, "") as progress:
        done = run(path, out=out, only=only or (), sets=sets or (), overlays=overlays or (), time_limit=time_limit,
                   workers=workers, dask=dask, progress=progress, command=_command())
    _tell_farm(done, out, report=report, as_json=as_json, language=language)


@app.command()
def pareto(
    path: ChainPath,
    between: Annotated[
        tuple[str, str], typer.Option("--between", help="Two of profit, cost, output:COMMODITY, emissions:COMMODITY.")
    ],
    points: Annotated[int, typer.Option("--points", help="How many, ends included; the knee comes on top.", min=2)] = 9,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write front and points to this folder.")] = None,
    replace: Replace = False,
    sets: Sets = None,
    overlays: Overlays = None,
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the folder.")] = False,
    gap: Annotated[float, typer.Option("--gap", help="Relative gap for whole-number decisions.", min=0.0)] = 1e-6,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Pareto: what one goal costs in the other; plans of which none is better in both, their ends and their knee."""
    from lodeworks import sensitivity

    _needs_folder(report, out)
    with _Progress(None, "solving for ") as progress:
        found = sensitivity.pareto(
            path, between, points=points, sets=sets or (), overlays=overlays or (), out=out, replace=replace, gap=gap,
            progress=progress, command=_command(),
        )
    _tell_study(found, out, report=report, as_json=as_json, language=language)


@app.command()
def alternatives(
    path: ChainPath,
    within: Annotated[str, typer.Option("--within", help="The share of the objective that may be given up.")] = "3%",
    sums: Annotated[list[str] | None, typer.Option("--sum", help="Capacities together: hydrogen=psa+cells.")] = None,
    amounts: Annotated[
        list[str] | None, typer.Option("--amount", help="What an element runs, carries or trades; or name=a+b.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write what is found to this folder.")] = None,
    replace: Replace = False,
    sets: Sets = None,
    overlays: Overlays = None,
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the folder.")] = False,
    gap: Annotated[float, typer.Option("--gap", help="Relative gap for whole-number decisions.", min=0.0)] = 1e-6,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Alternatives: the least and the most of everything that may be built, in plans almost as good as the best."""
    from lodeworks import sensitivity

    _needs_folder(report, out)
    share = _share(within, "--within")
    with _Progress(None) as progress:
        found = sensitivity.alternatives(
            path, within=0.0 if share is None else share, sums=sums or (), amounts=amounts or (), sets=sets or (),
            overlays=overlays or (), out=out, replace=replace, gap=gap, progress=progress, command=_command(),
        )
    _tell_study(found, out, report=report, as_json=as_json, language=language)


@app.command()
def fit(
    path: Annotated[Path, typer.Argument(help="Measured values, .csv or .parquet.", show_default=False)],
    column: Annotated[str, typer.Argument(help="The column.", show_default=False)],
    unit: Annotated[str, typer.Option("--unit", help="Unit of the values.")] = "h",
) -> None:
    """Fit: propose distributions for measured times or amounts, best first, with how well each fits."""
    from lodeworks.simulate.fit import propose, read_column
    from lodeworks.views.simulated import fits

    _print(fits(propose(read_column(path, column), unit)))


@app.command()
def show(
    run: RunPath,
    what: Annotated[str, typer.Argument(help="A table of the run; a summary unless given.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the whole table as CSV.")] = False,
    language: Language = "en",
    stage: StageName = "",
    scenario: ScenarioName = "",
) -> None:
    """Show a run: a summary, or one of its tables."""
    from lodeworks.runs import read_run

    results = read_run(run)
    if results.manifest["kind"] == "no plan" and not what:
        _print(results.manifest["why"])
        return
    if results.manifest["kind"] not in ("plan", "simulation") and not what and not as_csv:
        _tell_many(run, report=False, as_json=False, language=language)
        return
    if results.manifest["kind"] == "simulation" and not what and not as_csv:
        from lodeworks.views.simulated import statistics

        _print(statistics(results.manifest, results.table("statistics"), results.table("choices")))
        return
    if as_csv:
        sys.stdout.write(results.table(what or "capacities").write_csv())
        return
    from lodeworks.views import terminal
    from lodeworks.views.slices import sliced

    seen = sliced(results, stage, scenario) if stage or scenario or not what else results
    _print(terminal.show(seen, what, language) if what else terminal.summary(seen, language))


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Run folders; the first is the base.", show_default=False)],
    best: Annotated[str, typer.Option("--best", help="Of simulations, which is best by NAME:MEASURE.")] = "",
    least: Annotated[bool, typer.Option("--least", help="With --best: less is better.")] = False,
    language: Language = "en",
) -> None:
    """Compare runs: what changed against the first, and why it matters; or which simulation is best."""
    from lodeworks.runs import read_run

    if len(runs) < 2:
        raise typer.BadParameter("give two runs or more", param_hint="RUN")
    read = [read_run(run) for run in runs]
    if best:
        from lodeworks.simulate import best_simulation
        from lodeworks.views.simulated import selection

        name, _, measure = best.rpartition(":")
        if not name or not measure:
            raise typer.BadParameter(f"{best!r} is not NAME:MEASURE, such as 'done@hall:age'", param_hint="--best")
        _print(selection(f"{name}, {measure}", best_simulation(read, name, measure, larger=not least), least=least))
        return
    kinds = [run.manifest["kind"] for run in read]
    if set(kinds) == {"plan"}:
        from lodeworks.views.compare import compare as compared
        from lodeworks.views.slices import sliced

        _print(compared(*(sliced(run) for run in read), language=language))
        return
    from lodeworks.simulate import compare_simulations, compare_with_plan
    from lodeworks.views.simulated import beside_plan, differences

    for other, kind in zip(read[1:], kinds[1:], strict=True):
        if kinds[0] == kind:
            _print(differences(read[0].manifest["chain"], compare_simulations(read[0], other)))
        else:
            plan, simulation = (read[0], other) if kind == "simulation" else (other, read[0])
            if not {"stages", "scenarios"}.isdisjoint(plan.manifest):
                raise RunError(f"{plan.folder}: a plan over stages or scenarios is compared with other plans only")
            _print(beside_plan(compare_with_plan(plan, simulation)))


@app.command(name="import")
def import_(
    kind: Annotated[str, typer.Argument(help="pypsa", show_default=False)],
    path: Annotated[Path, typer.Argument(help="A network file, .nc.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The chain: a folder, .yaml, .json or .xlsx.", show_default=False)],
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Go on without what is not carried.")] = False,
    replace: Replace = False,
) -> None:
    """Import a network of another tool as a chain with the same optimum."""
    from lodeworks import verbs

    if kind != "pypsa":
        raise typer.BadParameter("expected pypsa", param_hint="KIND")
    left = verbs.import_network(path, out, leave_out=leave_out, replace=replace)
    _tell_left(left)
    _note(f"chain: {out}; next: lodeworks plan {out} --out {out.stem}-run")


@app.command()
def export(
    what: Annotated[list[str], typer.Argument(
        metavar="RUN OUT.xlsx | KIND CHAIN FILE", show_default=False,
        help="A run and a workbook; or pypsa, lp or mps, a chain and a file.",
    )],
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Go on without what a network cannot say.")] = False,
    sets: Sets = None,
    overlays: Overlays = None,
    replace: Replace = False,
) -> None:
    """Export a run's tables to Excel; or a chain to PyPSA, or its program to an LP or MPS file."""
    from lodeworks import verbs

    if len(what) == 2:
        from lodeworks.views.export import export as exported

        exported(_plan_run(Path(what[0])), Path(what[1]), replace=replace)
        _note(f"workbook: {what[1]}")
        return
    if len(what) != 3 or what[0] not in ("pypsa", "lp", "mps"):
        raise typer.BadParameter("expected RUN OUT.xlsx, or pypsa, lp or mps with CHAIN FILE", param_hint="RUN | KIND")
    kind, chain, out = what[0], Path(what[1]), Path(what[2])
    if kind == "pypsa":
        _tell_left(verbs.write_network(chain, out, leave_out=leave_out, replace=replace, sets=sets or (),
                                       overlays=overlays or ()))
        _note(f"network: {out}")
        return
    if out.suffix.lower() != f".{kind}":
        raise typer.BadParameter(f"expected a name that ends in .{kind}", param_hint="FILE")
    size = verbs.write_program(chain, out, replace=replace, sets=sets or (), overlays=overlays or ())
    _note(f"program: {out}; {size['columns']:,} columns, {size['rows']:,} rows, {size['integers']:,} whole numbers")


def _tell_left(left: list[Problem]) -> None:
    for problem in left:
        _note(f"left out: {problem}")


@app.command()
def report(
    run: RunPath,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The HTML file; else report.html in the run.")] = None,
    replace: Replace = False,
    language: Language = "en",
    stage: StageName = "",
    scenario: ScenarioName = "",
) -> None:
    """Write the report of a run: one HTML file that opens without a network."""
    _write_report(run, out or run / "report.html", language, replace=replace or out is None,
                  stage=stage, scenario=scenario)


@app.command()
def convert(
    path: ChainPath,
    out: Annotated[Path, typer.Argument(help="Where to: a folder, .yaml, .json or .xlsx.", show_default=False)],
    replace: Replace = False,
    sets: Sets = None,
    overlays: Overlays = None,
) -> None:
    """Write a chain in another form: folder, YAML, JSON or workbook."""
    from lodeworks import verbs
    from lodeworks.chain.write import write_chain

    write_chain(verbs.read(path, sets=sets or (), overlays=overlays or ()), out, replace=replace)
    _note(f"chain: {out}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the chain file, for editors."""
    from lodeworks.chain.schema import json_schema

    _print_json(json_schema())


@app.command()
def cases() -> None:
    """List the cases that come with Lodeworks."""
    from lodeworks.cases import case_folder, case_names

    for name in case_names():
        print(f"{name}\t{case_folder(name)}")


@app.command()
def new(
    directory: Annotated[Path, typer.Argument(help="The folder to make.", show_default=False)],
    source: Annotated[str, typer.Option("--from", help="The case to start from.")] = "first-chain",
) -> None:
    """Make a folder of your own from a case."""
    from lodeworks.cases import new_case

    folder = new_case(directory, source)
    _note(f"made {folder}; next: lodeworks plan {folder} --out {folder.name}-run --report")


# ---- telling ----------------------------------------------------------------------------------------


def _needs_folder(report: bool, out: Path | None) -> None:
    if report and out is None:
        raise typer.BadParameter("a report needs a run folder: give --out", param_hint="--report")


def _tell_study(found: Any, out: Path | None, *, report: bool, as_json: bool, language: str) -> None:
    """Tell what was asked of one plan, from memory or from its folder."""
    if as_json:
        own = [name for name in found.tables if name not in ("elements", "commodities")]
        _print_json({**found.manifest, **{name: found.table(name).to_dicts() for name in own}})
    else:
        from lodeworks.views.many import many_summary

        _print(many_summary(found, language))
    if out is not None:
        _note(f"run: {out}")
        if report:
            _write_report(out, out / "report.html", language, replace=True)


def _tell_farm(done: Farm, out: Path, *, report: bool, as_json: bool, language: str) -> None:
    """Tell what a farm has found, and end as stopped where it was."""
    _tell_many(out, report=report, as_json=as_json, language=language)
    if done.interrupted:
        _stop(f"stopped; what is finished is kept in {out}, and the same command goes on with the rest")


def _tell_many(folder: Path, *, report: bool, as_json: bool, language: str) -> None:
    """Tell what a run that holds many plans has found."""
    from lodeworks.runs import read_run

    run = read_run(folder)
    if as_json:
        tables = {name: run.table(name).to_dicts() for name in run.tables if name in ("results", "tornado")}
        _print_json({**run.manifest, **tables})
    else:
        from lodeworks.views.many import many_summary

        _print(many_summary(run, language))
        _note(f"run: {folder}")
    if report:
        _write_report(folder, folder / "report.html", language, replace=True)


def _write_report(
    run: Path, out: Path, language: str, *, replace: bool, stage: str = "", scenario: str = ""
) -> None:
    from lodeworks.runs import read_run
    from lodeworks.views.report import write_report
    from lodeworks.views.slices import sliced

    results = sliced(read_run(run), stage, scenario)
    _note(f"report: {write_report(results, out, language=language, replace=replace)}")


def _plan_run(run: Path) -> Run:
    """Read the run of a plan; a simulation has not what these views show."""
    from lodeworks.runs import read_run

    results = read_run(run)
    if results.manifest["kind"] != "plan":
        raise RunError(
            f"{run}: the run of a {results.manifest['kind']}, where that of a plan is expected; "
            f"see it with: lodeworks show {run}"
        )
    return results


def _print(renderable: Any) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 120).print(renderable)


def _print_json(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=1))


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def _tell_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        _note(f"{problem.severity}: {problem}")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _command() -> str:
    return " ".join(["lodeworks", *sys.argv[1:]])


class _Progress:
    """A line that says how far the solver is, and what is left of a time limit; nothing but on a terminal."""

    def __init__(self, limit: float | None, doing: str = "solving: ") -> None:
        self._limit, self._doing = limit, doing
        self._since: float | None = None

    def __enter__(self) -> Callable[[str], None] | None:
        if not sys.stderr.isatty():
            return None
        from rich.console import Console

        self._status = Console(stderr=True).status("reading")
        self._status.start()
        return self._tell

    def _tell(self, text: str) -> None:
        now = time.monotonic()
        self._since = self._since if self._since is not None else now
        left = "" if self._limit is None else f" · {max(0.0, self._limit - now + self._since):.0f} s left"
        self._status.update(f"{self._doing}{text}{left}")

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "_status"):
            self._status.stop()


_STOPPED = 130


def _stop(told: str = "stopped; nothing was written") -> None:
    """End after a Ctrl-C; a solver that has not yet heard of it must not hold the exit up."""
    _note(told)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_STOPPED)


def main() -> None:
    """Run the command line; every fault ends in one clear message and an exit code."""
    try:
        app()
    except SystemExit as end:
        if end.code == _STOPPED:
            _stop()
        raise
    except InputError as error:
        _tell_problems(error.problems)
        sys.exit(error.exit_code)
    except LodeworksError as error:
        _note(f"error: {error}")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _stop()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        _note("error: not enough memory for a chain of this size; use longer steps or a shorter horizon")
        sys.exit(LodeworksError.exit_code)
    except Exception as error:
        if os.environ.get("LODEWORKS_DEBUG"):
            raise
        _note(f"error: a fault of Lodeworks itself ({type(error).__name__}: {error}); "
              "set LODEWORKS_DEBUG=1 to see where")
        sys.exit(LodeworksError.exit_code)
