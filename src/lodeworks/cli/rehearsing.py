"""The verb that runs a simulation as a plant: rehearse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import ChainPath, Language, Overlays, Sets
from lodeworks.cli.telling import Progress, note, said, stop

__all__ = ["rehearse"]


@app.command()
def rehearse(
    path: ChainPath,
    to: Annotated[
        str, typer.Option("--to", help="mqtt://HOST, a folder of a live reading (else watch/CHAIN) or a .parquet file.")
    ] = "",
    speed: Annotated[float, typer.Option("--speed", help="How many times as fast as real.", min=0.01)] = 1.0,
    hours: Annotated[float, typer.Option("--hours", help="How long, by the clock of the samples.", min=0.0)] = 8.0,
    script: Annotated[Path | None, typer.Option("--script", help="What is planted when, a YAML file.")] = None,
    at: Annotated[
        str, typer.Option("--at", help="When in the horizon it begins; else now, or its first day at this time.")
    ] = "",
    plan_run: Annotated[
        Path | None, typer.Option("--plan", help="Begin as the plan of this run folder stands there, and follow it.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Where the random numbers begin.", min=0)] = 1,
    sets: Sets = None,
    overlays: Overlays = None,
    language: Language = "en",
) -> None:
    """Rehearse: run the simulation as a plant; send what its sensors read, marked as simulated, with planted faults."""
    from lodeworks.rehearse.verb import rehearse_into

    try:
        with Progress(None, "rehearsing: ") as progress:
            done = rehearse_into(
                path, to, speed=speed, hours=hours, script=script, seed=seed, at=at, sets=sets or (),
                overlays=overlays or (), plan=plan_run, progress=progress,
                told=note,
            )
    except KeyboardInterrupt:
        stop(said("stopped; what was sent stays sent", "已停止；已发出的样本不会收回"))
    note(said(f"sent {done.sent:,} samples; {done.planted} events planted, limits passed {done.passes} times; "
              f"the truth: {done.truth}",
              f"发出 {done.sent:,} 个样本；植入 {done.planted} 个事件，越限 {done.passes} 次；真实情况：{done.truth}"))
