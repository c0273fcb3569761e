"""The verbs that carry chains and runs to other tools and back: import and export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import FromState, Language, Overlays, Replace, Sets
from lodeworks.cli.telling import note, run_of_a_plan, said, tell_left

__all__ = ["export", "import_"]


@app.command(name="import")
def import_(
    kind: Annotated[str, typer.Argument(help="pypsa", show_default=False)],
    path: Annotated[Path, typer.Argument(help="A network file, .nc.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The chain: a folder, .yaml, .json or .xlsx.", show_default=False)],
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Go on without what is not carried.")] = False,
    replace: Replace = False,
    language: Language = "en",
) -> None:
    """Import a network of another tool as a chain with the same optimum."""
    from lodeworks import verbs

    if kind != "pypsa":
        raise typer.BadParameter("expected pypsa", param_hint="KIND")
    left = verbs.import_network(path, out, leave_out=leave_out, replace=replace)
    tell_left(left)
    following = f"lodeworks plan {out} --out {out.stem}-run"
    note(said(f"chain: {out}; next: {following}", f"产业链：{out}；下一步：{following}"))


@app.command()
def export(
    what: Annotated[list[str], typer.Argument(
        metavar="RUN OUT.xlsx | KIND CHAIN FILE", show_default=False,
        help="A run and a workbook; or pypsa, lp or mps, a chain and a file.",
    )],
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Go on without what a network cannot say.")] = False,
    segments: Annotated[
        int | None, typer.Option("--segments", help="Of lp or mps: the program of so many merged steps.", min=1)
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", help="Of lp or mps: the program of so many typical days.", min=1)
    ] = None,
    state: FromState = None,
    built: Annotated[
        Path | None, typer.Option("--built", help="Of lp or mps: the program with what this run of a plan built.")
    ] = None,
    scenario: Annotated[
        str, typer.Option("--scenario", help="Of lp or mps: CHAIN is a farm's file, this one of its scenarios.")
    ] = "",
    sized: Annotated[
        bool, typer.Option("--sized", help="Of lp or mps: columns in sizes near one, as their names say.")
    ] = False,
    sets: Sets = None,
    overlays: Overlays = None,
    replace: Replace = False,
    language: Language = "en",
) -> None:
    """Export a run's tables to Excel; or a chain to PyPSA, or its program to an LP or MPS file."""
    from lodeworks import verbs

    if what[0] not in ("lp", "mps") and (
        scenario or sized or [v for v in (segments, days, state, built) if v is not None]
    ):
        raise typer.BadParameter("options of a program: expected lp or mps with CHAIN FILE", param_hint="KIND")
    if len(what) == 2:
        from lodeworks.views.export import export as exported

        exported(run_of_a_plan(Path(what[0])), Path(what[1]), replace=replace)
        note(said(f"workbook: {what[1]}", f"工作簿：{what[1]}"))
        return
    if len(what) != 3 or what[0] not in ("pypsa", "lp", "mps"):
        raise typer.BadParameter("expected RUN OUT.xlsx, or pypsa, lp or mps with CHAIN FILE", param_hint="RUN | KIND")
    kind, chain, out = what[0], Path(what[1]), Path(what[2])
    if kind == "pypsa":
        tell_left(verbs.write_network(chain, out, leave_out=leave_out, replace=replace, sets=sets or (),
                                       overlays=overlays or ()))
        note(said(f"network: {out}", f"网络文件：{out}"))
        return
    if out.suffix.lower() != f".{kind}":
        raise typer.BadParameter(f"expected a name that ends in .{kind}", param_hint="FILE")
    changes, files = list(sets or ()), list(overlays or ())
    if scenario:
        chain, changes, files = _of_farm(chain, scenario, changes, files)
    size = verbs.write_program(chain, out, replace=replace, sets=changes, overlays=files, segments=segments, days=days,
                               state=state, built=built, sized=sized)
    note(said(f"program: {out}; {size['columns']:,} columns, {size['rows']:,} rows, {size['integers']:,} whole numbers",
              f"数学规划文件：{out}；{size['columns']:,} 列，{size['rows']:,} 行，{size['integers']:,} 个整数变量"))


def _of_farm(file: Path, name: str, sets: list[str], overlays: list[Path]) -> tuple[Path, list[str], list[Path]]:
    """Return the chain of a farm's scenario, and what is laid over it, with what is laid over that."""
    from lodeworks.errors import InputError, Problem, nearest
    from lodeworks.farm.scenarios import read_scenarios

    farm = read_scenarios(file)
    found = next((one for one in farm.scenarios if one.name == name), None)
    if found is None:
        names = [one.name for one in farm.scenarios]
        raise InputError(Problem("no such scenario in this farm", file=str(file), found=name,
                                 suggestion=nearest(name, names), expected="one of " + ", ".join(names[:12])))
    return farm.chain, [*found.sets, *sets], [*found.overlays, *overlays]
