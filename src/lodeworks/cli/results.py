"""The verbs on runs: show, compare, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import Language, PeriodName, Replace, RunPath, ScenarioName, StageName
from lodeworks.cli.telling import tell, tell_many, write_report
from lodeworks.errors import RunError

__all__ = ["compare", "report", "show"]


@app.command()
def show(
    run: RunPath,
    what: Annotated[str, typer.Argument(help="A table, or a view such as calendar; a summary unless given.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the whole table as CSV.")] = False,
    language: Language = "en",
    stage: StageName = "",
    scenario: ScenarioName = "",
    period: PeriodName = "",
) -> None:
    """Show a run: a summary, or one of its tables."""
    from lodeworks.runs import read_run

    results = read_run(run)
    if results.manifest["kind"] == "no plan" and not what:
        tell(results.manifest["why"])
        return
    if results.manifest["kind"] not in ("plan", "simulation") and not what and not as_csv:
        tell_many(run, report=False, as_json=False, language=language)
        return
    if results.manifest["kind"] == "simulation" and not what and not as_csv:
        from lodeworks.views.simulated import beside_exact, statistics

        out = results.table("runs_out") if "runs_out" in results.tables else None
        ordered = results.table("orders") if "orders" in results.tables else None  # runs of before have none
        tell(statistics(results.manifest, results.table("statistics"), results.table("choices"), out, ordered))
        if "beside_exact" in results.tables:
            tell(beside_exact(results.manifest, results.table("beside_exact")))
        return
    from lodeworks.views import terminal
    from lodeworks.views.slices import sliced

    if as_csv:
        from lodeworks.views.figures.calendar import calendar_wide

        wide = calendar_wide(sliced(results, stage, scenario, period), language) if what == "calendar" else None
        sys.stdout.write((wide if wide is not None else results.table(what or "capacities")).write_csv())
        return
    seen = sliced(results, stage, scenario, period) if stage or scenario or period or not what else results
    tell(terminal.show(seen, what, language) if what else terminal.summary(seen, language))


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
        tell(selection(f"{name}, {measure}", best_simulation(read, name, measure, larger=not least), least=least))
        return
    kinds = [run.manifest["kind"] for run in read]
    plans = [run for run, kind in zip(read, kinds, strict=True) if kind == "plan"]
    if kinds[0] == "plan" and len(plans) > 1:
        from lodeworks.views.compare import compare as compared
        from lodeworks.views.slices import sliced

        tell(compared(*(sliced(run) for run in plans), language=language))
    if len(plans) == len(read):
        return
    from lodeworks.simulate import compare_simulations, compare_with_plan
    from lodeworks.views.simulated import beside_plan, differences

    for other, kind in zip(read[1:], kinds[1:], strict=True):
        if kinds[0] == kind == "plan":
            continue
        if kinds[0] == kind:
            tell(differences(read[0].manifest["chain"], compare_simulations(read[0], other)))
        else:
            plan, simulation = (read[0], other) if kind == "simulation" else (other, read[0])
            if plan.has_slices:
                raise RunError(f"{plan.folder}: a plan over several slices is compared with other plans only")
            tell(beside_plan(plan.folder.name, simulation.folder.name, compare_with_plan(plan, simulation)))


@app.command()
def report(
    run: RunPath,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The HTML file; else report.html in the run.")] = None,
    replace: Replace = False,
    language: Language = "en",
    stage: StageName = "",
    scenario: ScenarioName = "",
    period: PeriodName = "",
) -> None:
    """Write the report of a run: one HTML file that opens without a network."""
    write_report(run, out or run / "report.html", language, replace=replace or out is None,
                  stage=stage, scenario=scenario, period=period)
