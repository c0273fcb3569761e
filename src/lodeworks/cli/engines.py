"""The verbs that run an engine on a chain: plan and simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import (
    AsJson,
    ChainPath,
    Form,
    FromState,
    Language,
    Overlays,
    Programs,
    Replace,
    Sets,
    hours_of,
    share_of,
)
from lodeworks.cli.telling import (
    Progress,
    cautioning,
    command_line,
    needs_folder,
    note,
    said,
    tell,
    tell_json,
    write_report,
)

__all__ = ["plan", "simulate"]


@app.command()
def plan(
    path: ChainPath,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the run to this folder.")] = None,
    replace: Replace = False,
    sets: Sets = None,
    overlays: Overlays = None,
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the run folder.")] = False,
    time_limit: Annotated[float | None, typer.Option("--time-limit", help="Seconds to search for.", min=0.0)] = None,
    gap: Annotated[
        float | None, typer.Option("--gap", help="Relative gap for whole numbers; the chain's unless given.", min=0.0)
    ] = None,
    method: Annotated[
        str, typer.Option("--method", help="simplex, ipm, or race: both at once; chosen by size unless given.")
    ] = "",
    segments: Annotated[
        int | None, typer.Option("--segments", help="Decide what is built on so many merged steps; plan all.", min=1)
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", help="Decide what is built on so many typical days; plan all.", min=1)
    ] = None,
    within: Annotated[
        str, typer.Option("--within", help="Add segments or days until the plan is certified within this, such as 1%.")
    ] = "",
    rolling: Annotated[
        str, typer.Option("--rolling", help="Decide what is on and off in windows of this length, such as 7 d.")
    ] = "",
    overlap: Annotated[
        str, typer.Option("--overlap", help="How far each window looks beyond its end; a third of it unless given.")
    ] = "",
    state: FromState = None,
    solution: Annotated[
        Path | None, typer.Option("--solution", help="A solution another solver found of what `export lp` wrote.")
    ] = None,
    programs: Programs = None,
    form: Form = "lp",
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Plan: find the best the chain could do, verify it and write it as a run."""
    from lodeworks import verbs

    if method not in ("", "simplex", "ipm", "race"):
        raise typer.BadParameter("expected simplex, ipm or race", param_hint="--method")
    needs_folder(report, out)
    if overlap and not rolling:
        raise typer.BadParameter("an overlap is that of windows: give --rolling", param_hint="--overlap")
    with Progress(time_limit) as progress:
        result = verbs.plan(
            path, sets=sets or (), overlays=overlays or (), out=out, replace=replace, time_limit=time_limit, gap=gap,
            method=method, segments=segments, days=days, within=share_of(within, "--within"), state=state,
            rolling=hours_of(rolling, "--rolling"), overlap=hours_of(overlap, "--overlap"),
            solution=solution, programs=programs, form=form,
            progress=progress, caution=cautioning(path), command=command_line(),
        )
    if as_json:
        tell_json(result.manifest)
    else:
        from lodeworks.views.terminal import summary

        tell(summary(result, language))
    if programs is not None:
        note(f"programs: {programs}")
    if out is not None:
        note(said(f"run: {out}", f"运行结果：{out}"))
        if report:
            write_report(out, out / "report.html", language, replace=True)


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
    state: FromState = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Solve the chain exactly too, where its times allow, and compare.")
    ] = False,
    report: Annotated[bool, typer.Option("--report", help="Write report.html into the run folder.")] = False,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Simulate: what really happens, with batches, queues, breakdowns and shifts, in independent replications."""
    from lodeworks import verbs

    needs_folder(report, out)

    with Progress(None, "simulating: ") as progress:
        result = verbs.simulate(
            path, sets=sets or (), overlays=overlays or (), out=out, replace=replace, replications=replications,
            seed=seed, warm_up=warm_up, precision=share_of(precision, "--precision"), plan=plan_run, trace=trace,
            traced=traced, state=state, exact=exact, progress=progress, command=command_line(),
        )
    if as_json:
        more = {name: result.table(name).to_dicts() for name in ("runs_out", "beside_exact") if name in result.tables}
        tell_json({**result.manifest, "statistics": result.statistics.to_dicts(), **more})
    else:
        from lodeworks.views.simulated import beside_exact, statistics

        out_of = result.table("runs_out") if state is not None else None
        tell(statistics(result.manifest, result.statistics, result.table("choices"), out_of, result.table("orders")))
        if exact:
            tell(beside_exact(result.manifest, result.table("beside_exact")))
    if result.manifest["status"] == "interrupted":
        done = result.manifest["replications"]
        note(said(f"stopped: the {done} replications that were finished are kept",
                  f"已停止：保留已完成的 {done} 次重复"))
    if out is not None:
        note(said(f"run: {out}", f"运行结果：{out}"))
        if report:
            write_report(out, out / "report.html", language, replace=True)
