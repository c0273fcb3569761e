"""Model events a CPU-second, side by side; how cost grows with size; two cores; a year; a start; memory.

What the models are is in `models`. Every figure is CPU time unless it says otherwise, the best of a few runs, and
programs are run in turn so that a busy machine hits them alike.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.events.models import MODELS, built, events_of, read_chain

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result

__all__ = ["grow", "peers", "rest"]

_Program = Callable[[int, float], tuple[int, Any]]
_SHARED = {"queue": (1, 2), "line": (0, 1, 2), "trucks": (0, 2, 3, 4), "hall": (0, 1, 2, 3)}  # what peers tell too


def peers(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Yield events a CPU-second of each program, their ratios, and how far answers lie apart."""
    from benchmarks.events import by_hand, peer_others, peer_simpy
    from benchmarks.registry import Result

    for case in cases:
        name, scale = str(case.arguments["model"]), float(case.arguments["scale"])
        model = MODELS[name]
        hours = max(1, round(model.hours * scale / model.step)) * model.step
        ours = _ours(name, hours)
        programs: list[tuple[str, _Program, float]] = [("hand-written numba", getattr(by_hand, name), hours)]
        if name == "queue":
            programs.append(("numba, queue's mean alone", by_hand.bare, hours))
        short = max(1, round(hours / 40.0 / model.step)) * model.step if scale == 1.0 else hours
        programs.append(("SimPy", getattr(peer_simpy, name), short))
        for label, told in (("asimpy", peer_others.ASIMPY), ("Ciw", peer_others.CIW), ("salabim", peer_others.SALABIM)):
            if name in told:
                programs.append((label, told[name], short if label == "asimpy" else max(model.step, short / 8.0)))
        for label, program, length in programs:
            runs = 8 if label in ("hand-written numba", "SimPy") else 2
            fast, slow, told_ours, told_theirs = _in_turn(ours, program, hours, length, runs)
            yield Result(benchmark.name, case.name, "events a second", fast, slow, label, fast / slow)
            if runs > 2:
                columns = list(range(len(model.told))) if label != "SimPy" else list(_SHARED[name])
                apart = _apart(np.array(told_ours)[:, columns], np.array(told_theirs))
                yield Result(benchmark.name, case.name, "standard errors apart", apart, None, label)


def _ours(name: str, hours: float) -> _Program:
    from lodeworks.simulate.engine import run_once

    model, made = MODELS[name], {hours: built(MODELS[name], hours)}

    def program(seed: int, length: float) -> tuple[int, Any]:
        if length not in made:
            made[length] = built(model, length)
        state = run_once(made[length], seed, 0)
        return events_of(state), model.figures(made[length], state, length)

    return program


def _in_turn(
    ours: _Program, theirs: _Program, hours: float, length: float, runs: int
) -> tuple[float, float, list[Any], list[Any]]:
    """Return events a second of both at their best, and what each run told of `length` hours."""
    best = [0.0, 0.0]
    told: tuple[list[Any], list[Any]] = ([], [])
    ours(1, length)
    theirs(1, min(length, 50.0))  # compiled, and read in
    for seed in range(runs):
        for which, (program, span) in enumerate(((ours, hours), (theirs, length))):
            begun = time.process_time()
            events, figures = program(100 * (which + 1) + seed, span)
            best[which] = max(best[which], events / (time.process_time() - begun))
            told[which].append(figures if span == length else ours(100 + seed, length)[1])
    return best[0], best[1], *told


def _apart(ours: Any, theirs: Any) -> float:
    """Return the greatest distance of two means over all figures, in its standard errors."""
    variance = ours.var(axis=0, ddof=1) / len(ours) + theirs.var(axis=0, ddof=1) / len(theirs)
    distance = np.abs(ours.mean(axis=0) - theirs.mean(axis=0))
    return float(np.max(np.where(distance > 0.0, distance / np.sqrt(np.maximum(variance, 1e-300)), 0.0)))


def grow(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Yield the time of an event in chains of many stations side by side, over that in the first of the cases.

    The peers are the growth of the logarithm of stations, and of pending events, two a station, which is stricter; and
    a hand-written program of the same stations: what this machine's memory lets a program do that knows nothing else.
    """
    from benchmarks.events import by_hand
    from benchmarks.registry import Result
    from lodeworks.network import compile_network
    from lodeworks.simulate import layout as y
    from lodeworks.simulate.build import build
    from lodeworks.simulate.engine import run_once

    first: tuple[float, float, int] | None = None
    by_hand.stations(1, 1.0, 2)  # compiled
    for case in cases:
        stations, events = int(case.arguments["stations"]), float(case.arguments["events"])
        hours = max(1.0, round(events / stations / 1.6 / 10.0)) * 10.0
        made = build(compile_network(read_chain(_stations(stations), hours, 10.0)))
        best, ceiling = math.inf, math.inf
        told: tuple[list[Any], list[Any]] = ([], [])
        for seed in range(5):
            begun = time.process_time()
            state = run_once(made, seed, 0)
            best = min(best, (time.process_time() - begun) / events_of(state))
            told[0].append([state.pf[:, y.P_AREA].sum() / hours, state.shares[:, y.WORKING].mean() / hours])
            begun = time.process_time()
            happened, figures = by_hand.stations(100 * (seed + 1), hours, stations)
            ceiling = min(ceiling, (time.process_time() - begun) / happened)
            told[1].append(figures[[0, 3]])
        first = first or (best, ceiling, stations)
        yield Result(benchmark.name, case.name, "ns an event", best * 1e9, ceiling * 1e9, "hand-written numba",
                     ceiling / best)
        yield Result(benchmark.name, case.name, "standard errors apart", _apart(*map(np.array, told)), None,
                     "hand-written numba")
        for label, growth in (("growth", best / first[0]), ("growth of the ceiling", ceiling / first[1])):
            for of, each in (("stations", 1.0), ("pending events", 2.0)):
                allowed = math.log(each * stations) / math.log(each * first[2])
                yield Result(benchmark.name, case.name, label, growth, allowed, f"log of {of}", allowed / growth)


def _stations(count: int) -> dict[str, Any]:
    names = [f"s{i}" for i in range(count)]
    return {
        "chain": "stations", "units": {"case": "case"}, "sites": {"here": {}},
        "commodities": {name: {"unit": "case"} for name in (*names, "done")},
        "supplies": {f"to_{name}": {"commodity": name, "arrivals": {"between": "exponential(75 min)"}}
                     for name in names},
        "stores": {f"of_{name}": {"commodity": name, "end": "free"} for name in names},
        "processes": {f"at_{name}": {"inputs": {name: "1 case"}, "outputs": {"done": "1 case"},
                                     "runs": {"batch": "1 case", "time": "exponential(1 h)"}} for name in names},
        "demands": {"out": {"commodity": "done", "price": "1 CNY/case"}},
    }


def rest(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Yield what two cores give, a year of the hydrogen loop, a start from the command line, and memory."""
    from benchmarks.registry import Result

    for case in cases:
        scale = float(case.arguments["scale"])
        yield from (Result(benchmark.name, case.name, *figures) for figures in _cores(scale))
        yield Result(benchmark.name, case.name, "hydrogen loop, CPU s", _loop(round(365 * scale)))
        whole, until = _start()
        yield Result(benchmark.name, case.name, "second start to the first event, wall s", until)
        yield Result(benchmark.name, case.name, "second start with its tables, wall s", whole)
        yield Result(benchmark.name, case.name, "peak MB of one run", _memory(1e8 * scale))


def _cores(scale: float) -> list[tuple[Any, ...]]:
    """Return wall and CPU seconds of eight replications as a user runs them, on one core and on two, in turn.

    Each takes some seconds, so that a start of threads or a moment's other work does not count: of five rounds the
    median, and of what two cores give the least and the most too.
    """
    from unittest.mock import patch

    from lodeworks.network import compile_network
    from lodeworks.simulate import replicate

    model = MODELS["line"]
    hours = max(1, round(max(100.0, 6.0 * model.hours * scale) / model.step)) * model.step
    network = compile_network(read_chain(model.chain, hours, model.step))
    replicate(network, replications=2)
    seconds = np.zeros((5, 2, 2))  # by round; on one core or two; of wall and CPU
    for each in seconds:
        for cores in (1, 2):
            with patch("os.cpu_count", return_value=cores):
                wall, spent = time.perf_counter(), time.process_time()
                replicate(network, replications=8)
                each[cores - 1] = time.perf_counter() - wall, time.process_time() - spent
    (wall1, cpu1), (wall2, cpu2) = np.median(seconds, axis=0).tolist()
    gains = np.sort(seconds[:, 0, 0] / seconds[:, 1, 0]).tolist()
    return [("8 replications, wall s", wall2, wall1, "one core", gains[len(gains) // 2]),
            ("least of five gains", gains[0]), ("greatest of five gains", gains[-1]),
            ("8 replications, CPU s", cpu2, cpu1, "one core", cpu1 / cpu2)]


def _loop(days: int) -> float:
    from lodeworks.cases import case_folder
    from lodeworks.network import compile_network
    from lodeworks.simulate.build import build
    from lodeworks.simulate.engine import run_once
    from lodeworks.verbs import read

    made = build(compile_network(read(case_folder("hydrogen-loop"), sets=[f"horizon.length={days} d"])))
    run_once(made, 1, 0)
    begun = time.process_time()
    run_once(made, 1, 1)
    return time.process_time() - begun


def _start() -> tuple[float, float]:
    """Return the wall seconds that `lodeworks simulate` takes on a tiny chain, everything being compiled.

    The whole command, and until its first event: each the median of ten starts. The second kind ends its process where
    the first replication would begin.
    """
    import json
    import tempfile

    stop = "from lodeworks.simulate.native import Kernel; import os; Kernel.begin = lambda *_: os._exit(0); "
    run = "from lodeworks.cli import main; main()"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chain.json"
        horizon = {"start": "2026-01-01", "length": "100 h", "step": "10 h", "cyclic": False}
        file.write_text(json.dumps({**MODELS["queue"].chain, "horizon": horizon}))
        given = ["simulate", str(file), "--out", f"{folder}/run", "--replace"]
        return _median_seconds([run, *given]), _median_seconds([stop + run, *given])


def _median_seconds(program: list[str]) -> float:
    """Return the wall seconds of a program with its arguments, started ten times."""
    seconds = []
    for _ in range(10):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", *program], check=True, capture_output=True, env=os.environ)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def _memory(events: float) -> float:
    """Return the peak memory in MB of a process that simulates so many events of the queue."""
    code = (
        "from benchmarks.events.models import MODELS, built, events_of\n"
        "from benchmarks.worker import _peak\nfrom lodeworks.simulate.engine import run_once\n"
        f"run_once(built(MODELS['queue'], {events / 4.8}), 1, 0)\nprint(_peak())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                          cwd=Path(__file__).parents[2], env=os.environ)
    return float(done.stdout.split()[-1])
