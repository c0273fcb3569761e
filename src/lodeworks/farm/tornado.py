"""A tornado: which assumptions matter. Each stated range is tried at its low and its high, one at a time.

It is a farm with two scenarios a range: it runs where farms run, goes on where it stopped, and keeps every run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InputError, Problem, nearest
from lodeworks.farm.engine import Farm, refuse_place, run_scenarios
from lodeworks.farm.scenarios import Scenario, Scenarios

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.chain.stated import Stated

__all__ = ["tornado"]

_BASE = "base"
_ENDS = ("low", "high")
_RANGES = "ranges."


def tornado(
    chain: str | Path,
    *,
    out: str | Path,
    only: Sequence[str] = (),
    sets: Sequence[str] = (),
    overlays: Sequence[str | Path] = (),
    time_limit: float | None = None,
    workers: int | None = None,
    dask: str = "",
    progress: Callable[[str], None] | None = None,
    command: str = "",
) -> Farm:
    """Plan a chain at the low and the high of each stated range, and write how far the objective swings.

    Parameters
    ----------
    only
        Elements, or their attributes, whose ranges are tried: ``processes.psa``, ``processes.psa.cost``; all unless
        given.
    time_limit
        Seconds for each plan.

    Raises
    ------
    InputError
        If the chain has errors, states no range or one that cannot be tried, or `only` names what has none.
    RunError
        If `out` cannot be written or is something else.
    """
    from lodeworks.chain.stated import stated_ranges
    from lodeworks.verbs import checked

    refuse_place(Path(out), "tornado")
    paths = tuple(Path(overlay) for overlay in overlays)
    told: list[Problem] = []
    base = checked(chain, sets=sets, overlays=paths, caution=told.append)
    _refuse_ranges(told, only)
    stated = _chosen(stated_ranges(base)[0], only)
    scenarios, chains = [Scenario(_BASE, tuple(sets), paths)], [base]
    faults: dict[str, str] = {}
    for number, item in enumerate(stated, start=1):
        if progress is not None:
            progress(f"checking range {number} of {len(stated)}")
        for end in _ENDS:
            setting = f"{item.setting}={getattr(item, end)}"
            scenario = Scenario(_name(item, end), (*sets, setting), paths, {"setting": setting})
            try:
                chains.append(checked(chain, sets=scenario.sets, overlays=paths))
                scenarios.append(scenario)
            except InputError as error:
                faults[scenario.name] = str(error)
    options = {} if time_limit is None else {"time_limit": time_limit}
    farm = Scenarios("tornado", str(chain), {}, Path(chain), "plan", options, (), tuple(scenarios))
    return run_scenarios(
        farm, chains, out=out, workers=workers, dask=dask, progress=progress, command=command, kind="tornado",
        tables=lambda results: {"tornado": _table(results, stated, faults)},
    )


def _refuse_ranges(told: Sequence[Problem], only: Sequence[str]) -> None:
    """Refuse ranges that cannot be tried: to the chain a warning, here they would be passed over."""
    wrong = [
        replace(problem, severity="error") for problem in told
        if problem.key.startswith(_RANGES) and (not only or any(
            _within(text, f"{problem.element}.{problem.key.removeprefix(_RANGES)}") for text in only))
    ]
    if wrong:
        raise InputError(wrong)


def _chosen(stated: Sequence[Stated], only: Sequence[str]) -> list[Stated]:
    if not stated:
        raise InputError(Problem("the chain states no ranges", element="ranges",
                                 expected="in an element: ranges: {capacity: 8 .. 12 t/h}"))
    names = [f"{item.element}.{item.key}" for item in stated]
    problems = [
        Problem("no stated range of this name", element="--only", found=text, suggestion=nearest(text, names),
                expected="an element or attribute that has one, such as " + names[0])
        for text in only if not any(_within(text, name) for name in names)
    ]
    if problems:
        raise InputError(problems)
    return [item for item, name in zip(stated, names, strict=True) if not only or any(_within(t, name) for t in only)]


def _within(text: str, name: str) -> bool:
    return name == text or name.startswith(f"{text}.")


def _name(item: Stated, end: str) -> str:
    return re.sub(r"[^\w.\-]+", "-", f"{item.setting}-{end}")


def _table(results: pl.DataFrame, stated: Sequence[Stated], faults: dict[str, str]) -> pl.DataFrame:
    """Return a row a range, the widest swing first."""
    import polars as pl

    ended: dict[str, dict[str, Any]] = {row["scenario"]: row for row in results.iter_rows(named=True)}
    base = ended[_BASE]
    rows = []
    for item in stated:
        values, why = [], []
        for end in _ENDS:
            name = _name(item, end)
            row = ended.get(name, {"objective": None, "why": faults.get(name), "status": "faulty"})
            values.append(row["objective"])
            if row["objective"] is None:
                why.append(f"{end}: {row['why'] or row['status']}")
        known = [value for value in (*values, base["objective"]) if value is not None]
        swing = max(known) - min(known) if any(value is not None for value in values) else None
        rows.append((item.element, item.key, item.setting, item.value, item.low, item.high, item.source,
                     base["objective"], *values, swing, base["unit"], "\n".join(why) or None))
    text, number = pl.String, pl.Float64
    table = pl.DataFrame(rows, orient="row", schema={
        "element": text, "key": text, "setting": text, "value": text, "low": text, "high": text, "source": text,
        "base": number, "at_low": number, "at_high": number, "swing": number, "unit": text, "why": text})
    return table.sort("swing", descending=True, nulls_last=True, maintain_order=True)
