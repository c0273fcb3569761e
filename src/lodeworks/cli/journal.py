"""The verbs that look into what a live reading has written: journal, backtest and scales."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import AsJson, ChainPath, Language, Overlays, Replace, Sets
from lodeworks.cli.telling import counted, note, tell, tell_json

if TYPE_CHECKING:
    from lodeworks.watch.alarms.measures import Measures

__all__ = ["backtest", "journal", "scales"]

DataFolder = Annotated[Path, typer.Argument(help="The folder of a live reading (--data of watch).", show_default=False)]
Workbook = Annotated[Path | None, typer.Option("--xlsx", help="Write all rows to a workbook.")]
Rehearsed = Annotated[bool, typer.Option("--rehearsed", help="Count rehearsals too.")]
AlarmName = Annotated[str, typer.Argument(help="A rule, or an alarm such as gas:H.", show_default=False)]
Data = Annotated[Path | None, typer.Option("--data", help="Where the history is; watch/CHAIN here unless given.")]
Database = Annotated[str, typer.Option("--history", help="A history in PostgreSQL: postgresql://user@host/name.")]
Limit = Annotated[float | None, typer.Option("--limit", help="Another limit, in the tag's unit.")]
Deadband = Annotated[float | None, typer.Option("--deadband", help="Another deadband.", min=0.0)]
Plan = Annotated[Path | None, typer.Option("--plan", help="The plan it is held against, for alarms of deviation.")]
Days = Annotated[float, typer.Option("--days", help="So many days up to now.", min=0.01)]


@app.command()
def journal(
    folder: DataFolder, xlsx: Workbook = None, days: Days = 7.0, rehearsed: Rehearsed = False, replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Journal: whether every row is as it was written, and what the desks were told. Exit code 2 if a row is not."""
    from lodeworks.verbs.alarming import desk_measures, journal_of

    opened = journal_of(folder)
    faults, rows = opened.verify(), opened.last()
    if xlsx is not None:
        note(f"workbook: {opened.to_xlsx(xlsx, replace=replace)}")
    opened.close()
    desks = {} if faults else desk_measures(folder, days, round(time.time() * 1000), simulated=rehearsed)
    if as_json:
        tell_json({"rows": rows, "faults": [asdict(fault) for fault in faults],
                   "desks": {name: asdict(desk) for name, desk in desks.items()}})
    else:
        tell(f"{rows} rows" + ("" if faults else ", each as it was written"))
        for name, desk in desks.items():
            _tell_desk(name, desk)
    for fault in faults:
        note(f"row {fault.number}: {fault.message}")
    if faults:
        raise typer.Exit(2)


def _tell_desk(name: str, desk: Measures) -> None:
    """Print the measures of one desk, and which of them are beyond what is often named as a goal."""
    from lodeworks.watch.alarms.measures import GOALS

    tell(f"{name}, {(desk.until - desk.since) / 86_400_000:.3g} days: {desk.announced} announced, "
         f"{desk.per_ten_minutes:.2f} in ten minutes, {desk.most_in_ten_minutes} at most; "
         f"{desk.flood_share:.1%} of the time in flood; "
         f"{len(desk.chattering)} chatter, {len(desk.standing)} stand for over a day")
    if desk.announced:
        shares = (f"{number}: {count / desk.announced:.0%}" for number, count in desk.by_priority)
        tell(f"  by priority: {', '.join(shares)}" + (f"; acknowledged after {desk.acknowledged_s:.0f} s in the mean"
                                                       if desk.acknowledged else ""))
        tell(f"  the {counted(len(desk.top), 'alarm')} told most often are {desk.top_share:.0%} of all: "
             + ", ".join(f"{alarm} {count}" for alarm, count in desk.top[:3]) + (", …" if len(desk.top) > 3 else ""))
    if desk.chattering:
        tell(f"  chatter: {', '.join(desk.chattering)}")
    for measure, number in desk.beyond().items():
        goal, source = GOALS[measure]
        note(f"{name}: {measure} {number:.3g} is beyond {goal:g} ({source})")


@app.command()
def backtest(
    path: ChainPath, alarm: AlarmName, data: Data = None, limit: Limit = None, deadband: Deadband = None,
    days: Days = 30.0, plan: Plan = None, history: Database = "", sets: Sets = None, overlays: Overlays = None,
    as_json: AsJson = False, language: Language = "en",
) -> None:
    """Backtest: how many alarms a rule would have made of what is stored, as it is and with another limit."""
    from lodeworks.verbs.alarming import try_limit

    now, then = try_limit(
        path, data, alarm, days=days, value=limit, deadband=deadband, plan=plan,
        history=history, sets=sets or (), overlays=overlays or (),
    )
    if as_json:
        tell_json({"days": now.days, "samples": now.samples, "before": now.announced, "after": then.announced,
                   "occurrences_before": len(now.occurrences), "occurrences_after": len(then.occurrences)})
        return
    tell(f"{now.rule}, {now.days:.3g} days, {now.samples} samples: "
         f"{len(now.occurrences)} alarms, {now.announced} announced")
    if limit is not None or deadband is not None:
        tell(f"with the change: {len(then.occurrences)} alarms, {then.announced} announced")


@app.command()
def scales(
    path: ChainPath, data: Data = None,
    at: Annotated[str, typer.Option("--at", help="Look at the day up to this moment; now unless given.")] = "",
    days: Annotated[int, typer.Option("--days", help="Learn from so many days before that.", min=3)] = 14,
    history: Database = "", sets: Sets = None, overlays: Overlays = None, as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Scales: which belt scale drifts and what leaks, by the chain's own balances over the last day."""
    from lodeworks.verbs.alarming import scales_of

    found = scales_of(path, data, at, days=days, history=history, sets=sets or (), overlays=overlays or ())
    if as_json:
        told = asdict(found)
        for shown in told["shows"]:
            shown["share"] = shown["share"] if math.isfinite(shown["share"]) else None
        tell_json(told)
        return
    for one in found.suspects:
        what = f"{one.tag} reads {one.size:+.1%} ± {one.error:.1%}" if one.kind == "scale" else (
            f"{one.commodity} leaks {one.size:.3g} ± {one.error:.2g} an hour{f' at {one.site}' if one.site else ''}")
        others = f"; as well: {', '.join(one.others)}" if one.others else ""
        over = counted(round(one.windows * one.hours), "hour")
        tell(f"{what} (z {one.z:.1f}, over {over}){others}")
    if not found.suspects:
        tell("no scale drifts and nothing leaks, as far as the balances tell")
    for hours in found.unlearned:
        note(f"balances that close over {hours:g} h are left out: too few good days are known to learn from")
    edges = {one.tag: f"{one.tag} ({_from(one.share, one.hours)})" for one in found.shows}
    checked = [one for one in found.shows if one.tag not in found.blind]
    if checked:
        worst = max(checked, key=lambda one: one.share)
        note(f"{counted(len(checked), 'scale')} checked, the least of them {edges[worst.tag]}")
    if found.blind:
        note(f"not checked by any balance: {', '.join(edges.get(name, name) for name in found.blind)}")


def _from(share: float, hours: float) -> str:
    """Say from which drift on a scale is told in nine of ten cases."""
    if not math.isfinite(share):
        return "told at no drift"
    return f"told from {share:.1%} on, over {hours:g} h"
