"""The arguments and options that several verbs share, each with one name, one meaning and one help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.telling import SPOKEN
from lodeworks.said import spoken_here

__all__ = [
    "AsJson", "ChainPath", "Form", "FromState", "Language", "Overlays", "PeriodName", "Programs", "Replace", "RunPath",
    "ScenarioName", "Sets", "StageName", "hours_of", "share_of",
]

def _form(form: str) -> str:
    if form not in ("lp", "mps"):
        raise typer.BadParameter("expected lp or mps", param_hint="--form")
    return form


ChainPath = Annotated[Path, typer.Argument(help="A chain: folder, .yaml, .json or .xlsx.", show_default=False)]
RunPath = Annotated[Path, typer.Argument(help="A run folder.", show_default=False)]
Sets = Annotated[list[str] | None, typer.Option("--set", help="Change one number: processes.psa.capacity=20t/d.")]
Overlays = Annotated[list[Path] | None, typer.Option("--overlay", help="A file whose keys are laid over the chain's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Replace = Annotated[bool, typer.Option("--replace", help="Replace what is there.")]
Programs = Annotated[Path | None, typer.Option("--programs", help="Write every program that is solved to this folder.")]
Form = Annotated[str, typer.Option("--form", help="Of those files: lp or mps.", callback=_form)]
StageName = Annotated[str, typer.Option("--stage", help="Of a plan over stages: the year to show; else the last.")]
ScenarioName = Annotated[
    str, typer.Option("--scenario", help="Of a plan over scenarios: the one to show; else the likeliest.")
]
PeriodName = Annotated[
    str, typer.Option("--period", help="Of a plan over periods: the one to show; else that which comes most often.")
]


def _spoken(context: typer.Context, language: str) -> str:
    """Take the language that is asked for, else that of the environment; refusals are told in it too."""
    given = context.get_parameter_source("language")
    if given is not None and given.name == "DEFAULT":
        language = spoken_here()
    if language not in ("en", "zh"):
        raise typer.BadParameter("expected en or zh", param_hint="--language")
    SPOKEN.set(language)
    return language


Language = Annotated[str, typer.Option(
    "--language", help="en or zh; else that of LC_ALL, LC_MESSAGES or LANG.", show_default=False, callback=_spoken,
)]
FromState = Annotated[
    Path | None, typer.Option("--from", help="Begin from the state of this file: its moment, levels, what is out.")
]


def share_of(text: str, option: str) -> float | None:
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


def hours_of(text: str, option: str) -> float | None:
    """Read a length of time such as ``7 d`` or ``36 h``, in hours."""
    if not text:
        return None
    from lodeworks.units import UnitProblem, Units, parse_quantity

    try:
        hours = Units.of({}).convert(parse_quantity(text), "h")
    except (ValueError, UnitProblem):
        hours = -1.0
    if not 0.0 <= hours < float("inf"):
        raise typer.BadParameter("expected a length of time, such as 7 d", param_hint=option)
    return hours
