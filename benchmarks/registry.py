"""What is measured: a list of benchmarks, each a name, what it tells, its cases and how a case is run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import alarms, causes, coverage, falls, live, scales, screens, walls
from benchmarks.events import measure
from benchmarks.events.models import MODELS

__all__ = ["BENCHMARKS", "LIVE", "STANDARD_ERRORS", "TOLERANCE", "Benchmark", "Case", "Result"]

TOLERANCE = 1e-7  # two objectives of the same problem agree to this, relatively
STANDARD_ERRORS = 7.0  # and two means of eight runs each to this
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Case:
    """A chain of `benchmarks.chains` and its arguments; `peer` is what the peer is told, if not the same."""

    name: str
    chain: str = "works"
    arguments: dict[str, Any] = field(default_factory=dict)
    peer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One figure; `ratio` above one is in our favour."""

    benchmark: str
    case: str
    quantity: str
    ours: float
    peer: float | None = None
    peer_name: str | None = None
    ratio: float | None = None

    @property
    def good(self) -> bool:
        """Whether two answers to the same problem agree; always so for other figures."""
        if self.quantity == "standard errors apart":
            return self.ours <= STANDARD_ERRORS
        return self.quantity != "objective difference" or self.ours <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A thing worth measuring. `run` yields its figures case by case."""

    name: str
    about: str
    run: Callable[[Benchmark, list[Case]], Iterator[Result]]
    cases: list[Case]
    smoke: list[Case]
    default: bool = True


def _works(steps: int, sites: int) -> Case:
    noun = "site" if sites == 1 else "sites"
    return Case(f"{steps} steps, {sites} {noun}", arguments={"steps": steps, "sites": sites})


def _task(do: str, folder: Path, **more: Any) -> dict[str, Any]:
    """Run a task of `benchmarks.worker` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.worker"], input=json.dumps({"do": do, "folder": str(folder), **more}),
        capture_output=True, text=True, cwd=_ROOT,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{do} failed:\n{done.stderr[-4000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _pairs(
    do: str, quantities: dict[str, str], peers: dict[str, str] | None = None
) -> Callable[[Benchmark, list[Case]], Iterator[Result]]:
    """Return a run of both sides of each case.

    `quantities` maps a worker's figure to its name here, `peers` a worker's task to the name of the peer.
    """
    peers = peers or {f"{do}_pypsa": "PyPSA"}

    def run(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
        for case in cases:
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place)
                _task("prepare", folder, chain=case.chain, arguments=case.arguments, peer=case.peer)
                ours = _task(f"{do}_ours", folder)
                theirs = {name: _task(task, folder) for task, name in peers.items()}
            for name, peer in theirs.items():
                for figure, quantity in quantities.items():
                    ratio = peer[figure] / ours[figure]
                    yield Result(benchmark.name, case.name, quantity, ours[figure], peer[figure], name, ratio)
                if "objective" in ours:
                    difference = abs(ours["objective"] - peer["objective"]) / max(abs(peer["objective"]), 1.0)
                    yield Result(benchmark.name, case.name, "objective difference", difference, None, name)
            if "residual" in ours:
                yield Result(benchmark.name, case.name, "verified residual", ours["residual"])

    return run


def _year(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    for case in cases:
        with tempfile.TemporaryDirectory() as name:
            figures = _task("case_ours", Path(name), case=case.chain, sets=case.arguments.get("sets", []))
        yield Result(benchmark.name, case.name, "seconds from file to run", figures["seconds"])
        yield Result(benchmark.name, case.name, "peak MB", figures["memory"])
        for lap, seconds in figures["timings"].items():
            yield Result(benchmark.name, case.name, f"{lap} seconds", seconds)
        for noun, count in figures["size"].items():
            yield Result(benchmark.name, case.name, noun, count)


def _units(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    for case in cases:
        with tempfile.TemporaryDirectory() as name:
            figures = _task("units_ours", Path(name), **case.arguments)
        for quantity, figure in (("seconds", "seconds"), ("CPU-seconds", "cpu"), ("peak MB", "memory"),
                                 ("gap proved", "gap"), ("whole numbers", "integers"), ("rows", "rows")):
            yield Result(benchmark.name, case.name, quantity, figures[figure])


def _sizes(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    for case in cases:
        with tempfile.TemporaryDirectory() as name:
            figures = _task("size_ours", Path(name), **case.arguments)
        for quantity, figure in (("seconds", "seconds"), ("CPU-seconds", "cpu"), ("peak MB", "memory"),
                                 ("columns", "columns"), ("rows", "rows"), ("nonzeros", "nonzeros")):
            yield Result(benchmark.name, case.name, quantity, figures[figure])


def _size(steps: int, sites: int, *, solve: bool) -> Case:
    done = "planned" if solve else "built and handed over"
    return Case(f"{_works(steps, sites).name}, {done}",
                arguments={"arguments": {"steps": steps, "sites": sites}, "solve": solve})


def _on_off(count: int, steps: int, rolling: float | None, gap: float) -> Case:
    how = f"windows of {rolling:g} h" if rolling else "whole"
    return Case(f"{count} units, {steps:,} h, {how}",
                arguments={"arguments": {"steps": steps, "count": count}, "rolling": rolling, "gap": gap})


_WEEK = [_works(168, 1)]
_UGLY = [
    Case("300 commodities, 168 steps", "ladder", {"steps": 168, "rungs": 300}),
    Case("one store, 35,040 steps", "long store", {"steps": 35040}),
    Case("Mt, mg and GWh, 1000 steps", "odd units", {"steps": 1000},
         peer={"chain": "works", "arguments": {"steps": 1000}}),
]
_UGLY_SMOKE = [
    Case("20 commodities, 24 steps", "ladder", {"steps": 24, "rungs": 20}),
    Case("Mt, mg and GWh, 48 steps", "odd units", {"steps": 48}, peer={"chain": "works", "arguments": {"steps": 48}}),
]
_DOORS = {"build_pypsa": "PyPSA, in memory", "build_pypsa_default": "PyPSA, as it does unless told (LP file)"}
_SOLVE = {"seconds": "solve seconds", "memory": "peak MB"}



def _load(tags: int, messages: int, values: int, seconds: float) -> Case:
    return Case(f"{tags:,} tags, {messages:,} × {values}/s",
                arguments={"tags": tags, "messages": messages, "values": values, "seconds": seconds})


def _closing(tags: int, messages: int, values: int, seconds: float, each: int) -> Case:
    load = _load(tags, messages, values, seconds)
    return Case(f"{load.name}, a day of {tags * each:,}", arguments={**load.arguments, "each": each})


def _away(tags: int, messages: int, values: int, seconds: float, away: float) -> Case:
    load = _load(tags, messages, values, seconds)
    return Case(f"{load.name}, {away:g} s away", arguments={**load.arguments, "away": away})


BENCHMARKS = [
    Benchmark(
        "build", "from a chain in memory to a program in the solver (compile, assemble, scale, hand over)",
        _pairs("build", {"seconds": "build seconds", "memory": "peak MB"}, _DOORS),
        [_works(steps, sites) for steps in (168, 1000, 8760) for sites in (1, 3, 10)], _WEEK,
    ),
    Benchmark(
        "solve", "HiGHS on both programs, and whether they agree", _pairs("solve", _SOLVE),
        [_works(168, 1), _works(168, 3), _works(168, 10), _works(1000, 1), _works(1000, 3), _works(8760, 1)], _WEEK,
    ),
    Benchmark(
        "solve-large", "the same at sizes that take long (only when named)", _pairs("solve", _SOLVE),
        [_works(1000, 10), _works(8760, 3), _works(8760, 10)], _WEEK, default=False,
    ),
    Benchmark(
        "file", "from a file to a written result, imports included",
        _pairs("file", {"seconds": "seconds", "memory": "peak MB"}),
        [_works(168, 1), _works(1000, 1), _works(1000, 3), _works(8760, 1)], _WEEK,
    ),
    Benchmark(
        "ugly-build", "building chains of awkward shape", _pairs("build", {"seconds": "build seconds"}), _UGLY,
        [Case("one store, 1,000 steps", "long store", {"steps": 1000})],
    ),
    Benchmark(
        "ugly", "solving chains of awkward shape", _pairs("solve", {"seconds": "solve seconds"}), _UGLY, _UGLY_SMOKE,
    ),
    Benchmark(
        "year", "the cases that come along, from their folder to a written run", _year,
        [Case("liupanshui, a year", "liupanshui"), Case("first-chain, a week", "first-chain")],
        [Case("first-chain, a week", "first-chain")],
    ),
    Benchmark(
        "units", "fifty units on and off over a week of hours, as a whole and within one per cent", _units,
        [_on_off(50, 168, None, 1e-2)], [_on_off(4, 48, None, 1e-3)],
    ),
    Benchmark(
        "units-year", "twenty units on and off over a quarter and a year, in windows of a week (only when named)",
        _units,
        [_on_off(20, 2184, 168.0, 1e-3), _on_off(20, 8760, 168.0, 1e-3)], [_on_off(4, 48, 24.0, 1e-3)], default=False,
    ),
    Benchmark(
        "units-large", "sixty units on and off over a year, which take 9 GB (only when named)", _units,
        [_on_off(60, 8760, 168.0, 1e-3)], [_on_off(5, 48, 24.0, 1e-3)], default=False,
    ),
    Benchmark(
        "sizes", "how large a chain may be, with time and memory (only when named)", _sizes,
        [*(_size(8760, sites, solve=False) for sites in (1, 10, 30, 100, 300, 500)),
         *(_size(1000, sites, solve=True) for sites in (1, 3, 10)),
         *(_size(8760, sites, solve=True) for sites in (1, 3))],
        [_size(168, 1, solve=False), _size(168, 1, solve=True)], default=False,
    ),
    Benchmark(
        "events", "model events a CPU-second of the discrete engine, beside programs of one model and libraries",
        measure.peers, [Case(name, arguments={"model": name, "scale": 1.0}) for name in MODELS],
        [Case(name, arguments={"model": name, "scale": 0.01}) for name in MODELS],
    ),
    Benchmark(
        "events-sizes", "time of an event from 10 to 10,000 stations", measure.grow,
        [Case(f"{n:,} stations", arguments={"stations": n, "events": events})  # what is done once a run does not count
         for n, events in ((10, 2e6), (100, 2e6), (1000, 4e6), (10_000, 8e6))],
        [Case(f"{n:,} stations", arguments={"stations": n, "events": 2e4}) for n in (10, 100)],
    ),
    Benchmark(
        "events-rest", "two cores, a year of the hydrogen loop, a start, memory", measure.rest,
        [Case("full", arguments={"scale": 1.0})], [Case("small", arguments={"scale": 0.01})],
    ),
    Benchmark(
        "coverage", "how often a 95 % interval of the discrete engine holds the truth (only when named)", coverage.run,
        [Case("400 macro-runs", arguments={"runs": 400})], [Case("5 macro-runs", arguments={"runs": 5})], default=False,
    ),
    Benchmark(
        "causes", "alarms of random chains with one broken process, folded under their cause", causes.run_causes,
        [Case("400 chains", arguments={"chains": 400}),
         Case("a third of alarms missing", arguments={"chains": 400, "missing": 1 / 3}),
         Case("alarms late by up to 60 s", arguments={"chains": 400, "late_s": 60.0})],
        [Case("5 chains", arguments={"chains": 5})],
    ),
    Benchmark(
        "scales", "how well the balance finds one of 40 scales that drifts (only when named)", scales.run_scales,
        [Case("200 chains", arguments={"chains": 200})], [Case("2 chains", arguments={"chains": 2})], default=False,
    ),
    Benchmark(
        "alarms", "CPU of the engine of alarms for each second of a plant sampled once a second", alarms.run,
        [Case(f"10,000 tags, {word}", arguments={"tags": 10_000, "expressions": 200, "seconds": 120, "noise": noise})
         for word, noise in (("calm", 0.05), ("busy", 0.2), ("a flood", 0.3))],
        [Case("100 tags, busy", arguments={"tags": 100, "expressions": 5, "seconds": 20, "noise": 0.2})],
    ),
    Benchmark(
        "live", "samples from a broker through history and alarms to the present: load, age, what is lost", live.load,
        [_load(10_000, 200, 50, 30.0), _load(500, 6_000, 1, 60.0), _load(10_000, 1_200, 50, 30.0)],
        [_load(100, 50, 10, 2.0)],
    ),
    Benchmark(
        "closing", "the same while a day of all its tags is closed: it must give way to what comes in", live.closing,
        [_closing(10_000, 200, 50, 60.0, 600)], [_closing(100, 50, 10, 3.0, 100)],
    ),
    Benchmark(
        "kills", "ingest killed (-9) at random moments while devices send (only when named)", falls.kills,
        [_load(20, 500, 1, 220.0)], [_load(20, 50, 1, 3.0)], default=False,
    ),
    Benchmark(
        "away", "the broker gone while devices go on measuring, and back (only when named)", falls.away,
        [_away(20, 100, 1, 620.0, 600.0)], [_away(20, 50, 1, 4.0, 2.0)], default=False,
    ),
    Benchmark(
        "history", "one tag at a sample a second, read, thinned to a screen's width, and drawn in a browser", live.year,
        [Case("a year", arguments={"days": 365})], [Case("a week", arguments={"days": 7})],
    ),
    Benchmark(
        "walls", "a wall of tiles before many browsers, beside one label a tile of the page library", walls.run,
        [Case("500 tiles, 50 clients", arguments={"tags": 500, "clients": 50, "seconds": 30}),
         Case("50 tiles, 10 clients", arguments={"tags": 50, "clients": 10, "seconds": 20})],
        [Case("20 tiles, 2 clients", arguments={"tags": 20, "clients": 2, "seconds": 3})],
    ),
    Benchmark(
        "screen", "from a device over broker, ingest and pages to what a browser has drawn", screens.screen,
        [Case("500 tiles, 50 clients", arguments={"tags": 500, "clients": 50, "seconds": 30})],
        [Case("50 tiles, 3 clients", arguments={"tags": 50, "clients": 3, "seconds": 3})],
    ),
    Benchmark(
        "start", "from `lodeworks watch` with a rehearsal to the first page; what a page takes on the server",
        screens.start, [Case("faer-mine", arguments={"chain": "faer-mine", "times": 5, "clients": 30})],
        [Case("once on faer-mine", arguments={"chain": "faer-mine", "times": 1, "clients": 2})],
    ),
]
LIVE = ("live", "walls", "history", "closing", "screen", "start")
"""What the live reading is held to (`bars`), as one name: ``watching``."""
