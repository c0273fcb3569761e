"""The farm: check everything, run what is missing or changed, keep each run as it ends, and lay out the one table.

A farm's folder holds ``runs/NAME`` for each scenario, there whole or not at all, and beside them the table as
Parquet, CSV and workbook. A scenario is done when its run says the same chain and settings it has now.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import RunError
from lodeworks.farm.scenarios import Scenario, Scenarios, check_scenarios, read_scenarios
from lodeworks.farm.table import default_figures, result_table
from lodeworks.farm.task import FINDINGS, Outcome, Task, packed

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.chain.entities import Chain
    from lodeworks.runs import Run

__all__ = ["Farm", "farm", "run_scenarios"]


@dataclass(frozen=True)
class Farm:
    """A farm that has ended: its manifest, its tables and its folder."""

    folder: Path
    manifest: dict[str, Any]
    results: pl.DataFrame
    chain: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def interrupted(self) -> bool:
        """Whether a Ctrl-C ended it early."""
        return bool(self.manifest["status"] == "interrupted")

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables."""
        return tuple(self.manifest["tables"])

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name."""
        from lodeworks.runs import read_run

        return read_run(self.folder).table(name)

    def run(self, scenario: str) -> Run:
        """Return the run of a scenario."""
        from lodeworks.runs import read_run

        return read_run(self.folder / "runs" / scenario)


def farm(
    file: str | Path,
    *,
    out: str | Path,
    workers: int | None = None,
    dask: str = "",
    progress: Callable[[str], None] | None = None,
    command: str = "",
) -> Farm:
    """Run the scenarios of a file that are missing in `out` or have changed, and write the table of all.

    Parameters
    ----------
    workers
        Processes on this machine; chosen by processors and memory unless given.
    dask
        The address of a Dask scheduler, on whose workers scenarios run instead.
    progress
        Called with a short text now and then.

    Raises
    ------
    InputError
        With every problem of the file and of every scenario's chain, before anything runs; or if the cluster is
        not there.
    RunError
        If `out` cannot be written or is something else, or the cluster goes away.
    """
    scenarios = read_scenarios(file)
    refuse_place(Path(out), "farm")
    chains = check_scenarios(scenarios, progress=progress)
    return run_scenarios(scenarios, chains, out=out, workers=workers, dask=dask, progress=progress, command=command)


def refuse_place(folder: Path, kind: str) -> None:
    """Say before any work is done that a farm could not be kept in `folder`; one of its own kind goes on.

    Raises
    ------
    RunError
        If something else is there, or the place cannot be written.
    """
    from lodeworks.runs import read_run, refuse_folder

    if (folder / "manifest.json").exists():
        found = read_run(folder).manifest["kind"]
        if found != kind:
            raise RunError(f"{folder}: a {found} is there, not a {kind}; choose another folder")
        refuse_folder(folder, replace=True)
    else:
        refuse_folder(folder, replace=False)


def run_scenarios(
    scenarios: Scenarios,
    chains: Sequence[Chain],
    *,
    out: str | Path,
    workers: int | None = None,
    dask: str = "",
    progress: Callable[[str], None] | None = None,
    command: str = "",
    kind: str = "farm",
    tables: Callable[[pl.DataFrame], dict[str, pl.DataFrame]] | None = None,
) -> Farm:
    """Run checked scenarios; `tables` makes further tables of the result table."""
    folder = Path(out)
    refuse_place(folder, kind)
    tasks = [_task(scenarios, scenario, chain) for scenario, chain in zip(scenarios.scenarios, chains, strict=True)]
    found = {task.name: end for task in tasks if (end := _kept(folder, task)) is not None}
    missing = [task for task in tasks if task.name not in found]
    base = chains[0].model_dump(mode="json")
    state: dict[str, Any] = {
        "kind": kind, "chain": chains[0].chain, "title": scenarios.title or base.get("title") or {"en": scenarios.name},
        "titles": {s.name: s.title for s in scenarios.scenarios if s.title},
        "farm": scenarios.name, "verb": scenarios.verb, "options": scenarios.options, "command": command,
        "currency": chains[0].currency, "created": time.strftime("%Y-%m-%dT%H:%M:%S"), "asked": len(tasks),
        "kept": len(found), "horizon": _horizon(chains[0]),
    }
    from lodeworks.runs import write_into

    crew = _crew(missing, chains, workers, dask)
    write_into(folder, {**state, "status": "running", "tables": {}}, {}, {})
    watch = _Progress(progress, len(tasks), found)
    started, status = time.perf_counter(), "finished"
    try:
        for task, outcome in crew:
            _keep(folder, task, outcome)
            found[task.name] = _end_of(outcome)
            watch.tell()
    except KeyboardInterrupt:
        status = "interrupted"
    except BaseException:
        _write(folder, {**state, "status": "interrupted"}, scenarios, found, base, tables)
        raise
    state |= {"status": status, "timings": {"run": time.perf_counter() - started}}
    return _write(folder, state, scenarios, found, base, tables)


def _horizon(chain: Chain) -> dict[str, Any]:
    stages = {"stages": chain.horizon.stages} if chain.horizon.stages else {}
    return {"start": chain.horizon.start.isoformat(), "length": str(chain.horizon.length), **stages}


def _crew(
    tasks: list[Task], chains: Sequence[Chain], workers: int | None, dask: str
) -> Iterator[tuple[Task, Outcome]]:
    """Return whoever works the tasks out; a cluster that is not there is told now."""
    if not tasks:
        return iter(())
    if dask:
        from lodeworks.farm.cluster import connect, on_cluster

        return on_cluster(tasks, connect(dask), dask)
    from lodeworks.farm.local import on_processes, workers_for

    return on_processes(tasks, min(workers, len(tasks)) if workers else workers_for(_size(chains), len(tasks)))


def _size(chains: Sequence[Chain]) -> int:
    """Return steps times activities and stores of the chain that has the most elements over the longest horizon."""
    from lodeworks.network import compile_network

    largest = max(chains, key=lambda c: _hours(c) * (len(c.processes) + len(c.routes) + len(c.demands) + len(c.stores)))
    network = compile_network(largest)
    return network.steps * (len(network.activities) + len(network.stores))


def _hours(chain: Chain) -> float:
    units = chain.registry()
    return float(units.convert(chain.horizon.length, "h") / units.convert(chain.horizon.step, "h"))


def _task(scenarios: Scenarios, scenario: Scenario, chain: Chain) -> Task:
    content = json.dumps([chain.model_dump(mode="json"), scenarios.verb, scenarios.options], sort_keys=True)
    about = {"name": scenario.name, "varied": scenario.varied, "key": hashlib.sha256(content.encode()).hexdigest()}
    return Task(scenario.name, scenarios.verb, packed(chain), scenarios.options, about)


def _place(folder: Path, name: str) -> Path:
    return folder / "runs" / name


def _kept(folder: Path, task: Task) -> dict[str, Any] | None:
    """Return how a scenario ended, where its run is there and was made from the same chain and settings."""
    from lodeworks.runs import read_run

    try:
        manifest = read_run(_place(folder, task.name)).manifest
    except RunError:
        return None
    about = manifest.get("scenario") or {}
    if about.get("key") != task.about["key"]:
        return None
    return {"status": manifest["status"], "why": manifest.get("why", ""), "seconds": about.get("seconds")}


def _keep(folder: Path, task: Task, outcome: Outcome) -> None:
    """Put a run in its place, or what was found instead of a plan; what may end otherwise next time is not kept."""
    from lodeworks.runs import place_run

    place, files = _place(folder, task.name), dict(outcome.files)
    if outcome.status in FINDINGS:
        files["manifest.json"] = json.dumps({
            "kind": "no plan", "status": outcome.status, "why": outcome.why, "scenario": dict(task.about), "tables": {},
        }, ensure_ascii=False).encode()
    if files:
        manifest = json.loads(files["manifest.json"])
        manifest["scenario"]["seconds"] = outcome.seconds
        files["manifest.json"] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        place_run(place, files, replace=True)


def _end_of(outcome: Outcome) -> dict[str, Any]:
    return {"status": outcome.status, "why": outcome.why, "seconds": outcome.seconds}


def _write(
    folder: Path, state: dict[str, Any], scenarios: Scenarios, found: dict[str, dict[str, Any]], base: dict[str, Any],
    more: Callable[[pl.DataFrame], dict[str, pl.DataFrame]] | None,
) -> Farm:
    from lodeworks.runs import read_run, write_into

    runs = {
        name: read_run(_place(folder, name)) for name, end in found.items()
        if not end["why"] and _place(folder, name).exists()
    }
    in_order = [runs[scenario.name] for scenario in scenarios.scenarios if scenario.name in runs]
    figures = scenarios.figures or default_figures(in_order)
    results = result_table(scenarios.scenarios, found, runs, figures)
    varied = list(dict.fromkeys(key for scenario in scenarios.scenarios for key in scenario.varied))
    tables = {"results": results, **(more(results) if more is not None else {})}
    for name in ("elements", "commodities", "sites"):
        if in_order and name in in_order[0].tables:
            tables[name] = in_order[0].table(name)
    manifest = {
        **state, "varied": varied, "figures": list(figures), "chosen_figures": bool(scenarios.figures),
        "answered": len(runs), "failed": sum(bool(end["why"]) for end in found.values()),
        "tables": {name: table.columns for name, table in tables.items()},
    }
    write_into(folder, manifest, tables, {"chain.json": json.dumps(base, ensure_ascii=False, indent=1)},
               also=("results",))
    return Farm(folder, manifest, results, base)


class _Progress:
    """How many are done and how long the rest may take, told after each."""

    def __init__(self, progress: Callable[[str], None] | None, total: int, found: dict[str, dict[str, Any]]) -> None:
        self._progress, self._total, self._found = progress, total, found
        self._kept, self._since = len(found), time.monotonic()
        self.tell()

    def tell(self) -> None:
        if self._progress is None:
            return
        done = len(self._found)
        failed = sum(bool(end["why"]) for end in self._found.values())
        text = f"{done} of {self._total} scenarios"
        text += f", {failed} without an answer" if failed else ""
        if done > self._kept and done < self._total:
            left = (time.monotonic() - self._since) / (done - self._kept) * (self._total - done)
            text += f" · about {_duration(left)} left"
        self._progress(text)


def _duration(seconds: float) -> str:
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
