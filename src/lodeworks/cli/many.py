"""The verbs that make many plans of one chain: farm, tornado, pareto, alternatives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import AsJson, ChainPath, Form, Language, Overlays, Programs, Replace, Sets, share_of
from lodeworks.cli.telling import Progress, command_line, needs_folder, tell_farm, tell_study

__all__ = ["alternatives", "farm", "pareto", "tornado"]


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

    with Progress(None, "") as progress:
        done = run(file, out=out, workers=workers, dask=dask, progress=progress, command=command_line())
    tell_farm(done, out, report=report, as_json=as_json, language=language)


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

    with Progress(None, "") as progress:
        done = run(path, out=out, only=only or (), sets=sets or (), overlays=overlays or (), time_limit=time_limit,
                   workers=workers, dask=dask, progress=progress, command=command_line())
    tell_farm(done, out, report=report, as_json=as_json, language=language)


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
    programs: Programs = None,
    form: Form = "lp",
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Pareto: what one goal costs in the other; plans of which none is better in both, their ends and their knee."""
    from lodeworks import sensitivity

    needs_folder(report, out)
    with Progress(None, "solving for ") as progress:
        found = sensitivity.pareto(
            path, between, points=points, sets=sets or (), overlays=overlays or (), out=out, replace=replace, gap=gap,
            programs=programs, form=form, progress=progress, command=command_line(),
        )
    tell_study(found, out, report=report, as_json=as_json, language=language)


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
    programs: Programs = None,
    form: Form = "lp",
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Alternatives: the least and the most of everything that may be built, in plans almost as good as the best."""
    from lodeworks import sensitivity

    needs_folder(report, out)
    share = share_of(within, "--within")
    with Progress(None) as progress:
        found = sensitivity.alternatives(
            path, within=0.0 if share is None else share, sums=sums or (), amounts=amounts or (), sets=sets or (),
            overlays=overlays or (), out=out, replace=replace, gap=gap, programs=programs, form=form,
            progress=progress, command=command_line(),
        )
    tell_study(found, out, report=report, as_json=as_json, language=language)
