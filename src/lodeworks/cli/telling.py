"""What is told of a verb while it runs and when it ends: results to standard output, the rest to standard error."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from lodeworks.drafts import placed
from lodeworks.errors import RunError
from lodeworks.guarded import STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lodeworks.errors import Problem
    from lodeworks.farm.engine import Farm
    from lodeworks.runs import Run

__all__ = [
    "SPOKEN",
    "STOPPED",
    "Progress",
    "cautioning",
    "command_line",
    "counted",
    "in_words",
    "needs_folder",
    "note",
    "run_of_a_plan",
    "said",
    "stop",
    "tell",
    "tell_farm",
    "tell_json",
    "tell_left",
    "tell_many",
    "tell_problems",
    "tell_study",
    "write_report",
]

_ROW = re.compile(r"(:| row )\d+$")  # where in a file, which apart are things alike
_MOST_ALIKE = 4


SPOKEN: ContextVar[str] = ContextVar("language", default="en")
"""The language a command was asked to speak."""


def needs_folder(report: bool, out: Path | None) -> None:
    """Refuse a report that is asked for without a folder to write it to."""
    if report and out is None:
        raise typer.BadParameter("a report needs a run folder: give --out", param_hint="--report")


def tell_study(found: Any, out: Path | None, *, report: bool, as_json: bool, language: str) -> None:
    """Tell what was asked of one plan, from memory or from its folder."""
    if as_json:
        own = [name for name in found.tables if name not in ("elements", "commodities")]
        tell_json({**found.manifest, **{name: found.table(name).to_dicts() for name in own}})
    else:
        from lodeworks.views.many import many_summary

        tell(many_summary(found, language))
    if out is not None:
        note(said(f"run: {out}", f"运行结果：{out}"))
        if report:
            write_report(out, out / "report.html", language, replace=True)


def tell_farm(done: Farm, out: Path, *, report: bool, as_json: bool, language: str) -> None:
    """Tell what a farm has found, and end as stopped where it was."""
    tell_many(out, report=report, as_json=as_json, language=language)
    if done.interrupted:
        stop(said(f"stopped; what is finished is kept in {out}, and the same command goes on with the rest",
                  f"已停止；已完成的保留在 {out}，再运行同一命令即可接着做"))


def tell_many(folder: Path, *, report: bool, as_json: bool, language: str) -> None:
    """Tell what a run that holds many plans has found."""
    from lodeworks.runs import read_run

    run = read_run(folder)
    if as_json:
        tables = {name: run.table(name).to_dicts() for name in run.tables if name in ("results", "tornado")}
        tell_json({**run.manifest, **tables})
    else:
        from lodeworks.views.many import many_summary

        tell(many_summary(run, language))
        note(said(f"run: {folder}", f"运行结果：{folder}"))
    if report:
        write_report(folder, folder / "report.html", language, replace=True)


def write_report(
    run: Path, out: Path, language: str, *, replace: bool, stage: str = "", scenario: str = "", period: str = ""
) -> None:
    """Write the report of a run, and say where."""
    from lodeworks.runs import read_run
    from lodeworks.views.report import write_report
    from lodeworks.views.slices import sliced

    results = sliced(read_run(run), stage, scenario, period)
    written = write_report(results, out, language=language, replace=replace)
    note(said(f"report: {written}", f"报告：{written}"))


def run_of_a_plan(run: Path) -> Run:
    """Read the run of a plan; a simulation has not what these views show."""
    from lodeworks.runs import read_run

    results = read_run(run)
    if results.manifest["kind"] != "plan":
        raise RunError(
            f"{run}: the run of a {results.manifest['kind']}, where that of a plan is expected; "
            f"see it with: lodeworks show {run}"
        )
    return results


def tell(renderable: Any) -> None:
    """Print a table or a text to standard output, as wide as the terminal."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 120).print(renderable)


def tell_json(content: Any) -> None:
    """Print JSON to standard output."""
    print(json.dumps(content, ensure_ascii=False, indent=1))


def note(text: str) -> None:
    """Say a line on standard error."""
    print(text, file=sys.stderr)


def tell_problems(problems: Iterable[Problem]) -> None:
    """Say every problem, a line each; of many alike, as a wrong heading brings one a row, the first and the number."""
    severities, zh = {"error": "error: ", "warning": "warning: "}, SPOKEN.get() == "zh"
    if zh:
        from lodeworks.chinese import told

        severities = {"error": "错误：", "warning": "警告："}
    alike: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        table = _ROW.sub("", problem.file)
        section = problem.element.split(".")[0]
        kind = (problem.severity, table, section, problem.key, problem.message, problem.expected, problem.suggestion)
        alike.setdefault(kind, []).append(problem)
    for group in alike.values():
        shown = group if len(group) <= _MOST_ALIKE else group[: _MOST_ALIKE - 1]
        for problem in shown:
            note(severities[problem.severity] + (told(problem) if zh else str(problem)))
        if len(shown) < len(group):
            number, last = len(group) - len(shown), group[-1].file
            note(severities[group[0].severity] + (_more_zh(number, last) if zh else _more(number, last)))


def _more(number: int, last: str) -> str:
    return f"… and {number} more like this" + (f", to {last}" if last else "")


def _more_zh(number: int, last: str) -> str:
    from lodeworks.chinese import place

    return f"……另有 {number} 处同类问题" + (f"，直至 {place(last)}" if last else "")


def cautioning(path: Path, most: int = 5) -> Callable[[Problem], None]:
    """Return what says the first warnings about a chain, and where the rest are to be had."""
    told = 0

    def say(problem: Problem) -> None:
        nonlocal told
        told += 1
        if told <= most:
            tell_problems([problem])
        elif told == most + 1:
            note(said(f"further warnings: lodeworks check {path}", f"其余警告见：lodeworks check {path}"))

    return say


def tell_left(left: list[Problem]) -> None:
    """Say what an exchange left out."""
    for problem in left:
        if SPOKEN.get() == "zh":
            from lodeworks.chinese import told

            note(f"未带出：{told(problem)}")
        else:
            note(f"left out: {problem}")


def said(english: str, chinese: str) -> str:
    """Return the one of two texts that is in the language the command speaks."""
    return chinese if SPOKEN.get() == "zh" else english


def counted(number: int, word: str) -> str:
    """Return a number with its word: 1 error, 2 errors."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def command_line() -> str:
    """Return the command as it was given, for manifests."""
    return " ".join(["lodeworks", *sys.argv[1:]])


# Lines of the solver's log: iterations, objective and what is left to mend of the simplex; branches, the share
# explored, bound, best and gap of branch and cut; iterations and residuals of the interior point. Seconds end each.
_BEGIN, _END = r"(?:^|(?<=: ))(?:[A-Za-z] )?(?P<count>\d+) ", r" (?P<seconds>[\d.]+)s?$"
_BRANCHES = re.compile(_BEGIN + r"\d+ \d+ [\d.]+% \S+ \S+ (?P<gap>\S+) .*" + _END)
_SIMPLEX = re.compile(_BEGIN + r"[-+.\de]+(?: \w+: (?P<left>\d+)\([^)]*\);?)*" + _END)
_INTERIOR = re.compile(_BEGIN + r"[-+.\de]+ .*" + _END)


def in_words(text: str) -> str:
    """Return how far a solver is in plain words; what is no line of a solver's log stays as it is."""
    for line in (_BRANCHES, _SIMPLEX, _INTERIOR):
        if (found := line.search(text)) is not None:
            count, told = f"{int(found['count']):,}", found.groupdict()
            if "gap" in told:
                known = told["gap"].endswith("%") and float(told["gap"][:-1]) < 100.0
                near = f"a plan at most {told['gap'][:-1]} % from the best" if known else "no plan near the best yet"
                done = f"{near}, {count} branches"
            else:
                done = f"{count} iterations"
                if left := int(told.get("left") or 0):
                    done += f", {left:,} limit{'' if left == 1 else 's'} still to meet"
            return f"{text[:found.start()]}{done}, {float(found['seconds']):.0f} s"
    return text


class Progress:
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
        self._status.update(f"{self._doing}{in_words(text)}{left}")

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "_status"):
            self._status.stop()


def stop(told: str = "") -> None:
    """End after a Ctrl-C; a solver that has not yet heard of it must not hold the exit up."""
    there = ", ".join(placed())
    whole = said(f"stopped; what was written is whole: {there}", f"已停止；已写出的完整：{there}")
    note(told or (whole if there else said("stopped; nothing was written", "已停止；未写出任何内容")))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(STOPPED)
