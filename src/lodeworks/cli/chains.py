"""The verbs on a chain itself: check, convert, schema, cases, new, fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import AsJson, ChainPath, Language, Overlays, Replace, Sets
from lodeworks.cli.telling import counted, note, said, tell, tell_json, tell_problems
from lodeworks.errors import InputError

__all__ = ["cases", "check", "convert", "fit", "new", "schema"]


@app.command()
def check(
    path: ChainPath, sets: Sets = None, overlays: Overlays = None, as_json: AsJson = False, language: Language = "en",
) -> None:
    """Check a chain: every problem of all its files, and the claims beside it."""
    from lodeworks import verbs

    problems = verbs.check(path, sets=sets or (), overlays=overlays or ())
    errors = [p for p in problems if p.severity == "error"]
    verdicts = [] if errors else list(verbs.claims_of(path))
    if as_json:
        from lodeworks.chinese import told

        tell_json({
            "problems": [{**p.as_dict(), "zh": told(p)} for p in problems],
            "claims": [
                {"id": v.id, "verdict": v.verdict, "printed": v.printed, "computed": v.computed} for v in verdicts
            ],
        })
    else:
        tell_problems(problems)
        if verdicts:
            from lodeworks.views.terminal import claims

            tell(claims(verdicts, language))
        warnings = len(problems) - len(errors)
        note(said(f"{path}: {counted(len(errors), 'error')}, {counted(warnings, 'warning')}",
                  f"{path}：{len(errors)} 个错误，{warnings} 个警告"))
    if errors:
        raise typer.Exit(InputError.exit_code)


@app.command()
def convert(
    path: ChainPath,
    out: Annotated[Path, typer.Argument(help="Where to: a folder, .yaml, .json or .xlsx.", show_default=False)],
    replace: Replace = False,
    sets: Sets = None,
    overlays: Overlays = None,
    language: Language = "en",
) -> None:
    """Write a chain in another form: folder, YAML, JSON or workbook."""
    from lodeworks import verbs
    from lodeworks.chain.write import write_chain

    write_chain(verbs.read(path, sets=sets or (), overlays=overlays or ()), out, replace=replace)
    note(said(f"chain: {out}", f"产业链：{out}"))


@app.command()
def schema() -> None:
    """Print the JSON Schema of the chain file, for editors."""
    from lodeworks.chain.schema import json_schema

    tell_json(json_schema())


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
    note(f"made {folder}; next: lodeworks plan {folder} --out {folder.name}-run --report")


@app.command()
def fit(
    path: Annotated[Path, typer.Argument(help="Measured values, .csv or .parquet.", show_default=False)],
    column: Annotated[str, typer.Argument(help="The column.", show_default=False)],
    unit: Annotated[str, typer.Option("--unit", help="Unit of the values.")] = "h",
) -> None:
    """Fit: propose distributions for measured times or amounts, best first, with how well each fits."""
    from lodeworks.simulate.fit import propose, read_column
    from lodeworks.units import Units
    from lodeworks.views.simulated import fits

    tell(fits(propose(read_column(path, column), unit)))
    if unit and not Units.of({}).known(unit):
        note(f"{unit!r} is no unit by itself: a chain in which this is written must say under `units` what it is")
