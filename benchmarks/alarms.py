"""The engine of alarms at the size of a large mine: 10,000 tags at 1 Hz, some of them in trouble."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.network.expression import compiled
from lodeworks.network.live import AlarmRule, Feed, Limit, Live, Tag
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.alarms.turns import TURN_MS
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Samples

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result

__all__ = ["run"]

_FEEDS, _T0 = 10, 1_800_000_000_000


def _plant(tags: int, expressions: int) -> Live:
    """Tags with four alarms each (two limits, stale, bad; half of them with a delay), and expressions over pairs."""
    def rule(name: str, kind: str, about: str, priority: int = 3) -> AlarmRule:
        return AlarmRule(name, name, name, about, kind, priority, "", "", "", 300.0)

    made: list[AlarmRule] = []
    for n in range(tags):
        limits = (Limit("HH", "high", 4.0, 0.5), Limit("H", "high", 3.0, 0.5))
        base = rule(f"t{n}.limit", "limit", f"t{n}", 1 if n % 20 == 0 else 3)
        made.append(AlarmRule(**{**vars(base), "limits": limits, "on_delay_s": 2.0 * (n % 2)}))
        unless = compiled(f"`up{n % _FEEDS}` == 0")
        made += [AlarmRule(**{**vars(rule(f"t{n}.{kind}", kind, f"t{n}")), "unless": unless.text,
                              "unless_program": unless}) for kind in ("stale", "bad")]
    for n in range(expressions):
        program = compiled(f"t{n} > 2 and t{n + 1} > 2")
        made.append(AlarmRule(**{**vars(rule(f"x{n}", "expression", "")), "program": program}))

    def tag(name: str, feed: str, period: float) -> Tag:
        return Tag(name, name, name, "", "", "methane", "sensor", "%", 0.0, 10.0, "", "", period, feed, name)

    held = [tag(f"t{n}", f"f{n % _FEEDS}", 1.0) for n in range(tags)]
    held += [tag(f"up{n}", "own", 10.0) for n in range(_FEEDS)]
    feeds = tuple(Feed(f"f{n}", "mqtt", "", "", "") for n in range(_FEEDS))
    return Live("bench", "", "", feeds=feeds, tags=tuple(held), rules=tuple(made))


def run(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Feed an engine each half second and tell the CPU it took of each second, the journal on the disk included."""
    from benchmarks.registry import Result

    for case in cases:
        tags, seconds = int(case.arguments["tags"]), int(case.arguments["seconds"])
        live = _plant(tags, int(case.arguments["expressions"]))
        draw, value = np.random.default_rng(1), np.zeros(tags)
        with tempfile.TemporaryDirectory() as folder:
            journal = Journal(Path(folder) / "journal.sqlite")
            engine = Engine(live, journal, started=_T0, turn_ms=TURN_MS)
            slowest, began = 0.0, time.process_time()
            for half in range(2 * seconds):
                mine = np.arange(half % 2, tags, 2)
                value[mine] = 0.98 * value[mine] + draw.normal(0.0, float(case.arguments["noise"]), len(mine))
                number, x = mine.astype(np.int32), value[mine]
                if half % 20 == 0:
                    number = np.concatenate([number, np.arange(tags, tags + _FEEDS, dtype=np.int32)])
                    x = np.concatenate([x, np.ones(_FEEDS)])
                at = np.full(len(number), _T0 + 500 * (half + 1), np.int64)
                one = time.process_time()
                engine.feed(Samples(number, at, at + 20, x, np.zeros(len(number), np.uint8)), int(at[0]) + 30)
                slowest = max(slowest, time.process_time() - one)
            took = time.process_time() - began
            told = sum(row.event == "announced" for row in journal.since(0))
            yield Result(benchmark.name, case.name, "share of a core", took / seconds)
            yield Result(benchmark.name, case.name, "slowest batch, s", slowest)
            yield Result(benchmark.name, case.name, "alarms announced a minute", told / seconds * 60)
            yield Result(benchmark.name, case.name, "rows in the journal", float(journal.last()))
            journal.close()
