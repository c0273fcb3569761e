"""Each element draws from streams of its own: nothing that happens elsewhere, nor how it is run, changes a draw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from lodeworks.network import compile_network
from lodeworks.simulate import replay
from lodeworks.simulate.build import build
from lodeworks.simulate.engine import run_once
from lodeworks.simulate.tables import measures
from tests.analytic.systems import long_line, queue
from tests.simulate.running import chain, simulate
from tests.simulate.varied import VARIED


def test_another_process_beside_them_leaves_all_others_to_the_bit() -> None:
    sections = queue("lognormal(40 min, 20 min)", failures={"between": "exponential(20 h)", "repair": "gamma(2 h, 1 h)"},
                     store={"patience": "exponential(3 h)"})
    alone = measures(simulate(chain(2000.0, 10.0, **sections), 3))
    beside = {
        "commodities": {name: {"unit": "case"} for name in ("job", "mid", "done", "ore", "metal")},
        "supplies": {"aaa": {"commodity": "ore", "arrivals": {"between": "exponential(7 min)"}}, **sections["supplies"]},
        "stores": {"heap": {"commodity": "ore", "end": "free"}, **sections["stores"]},
        "processes": {"aaa smelter": {"inputs": {"ore": "1 case"}, "outputs": {"metal": "1 case"},
                                      "runs": {"batch": "2 case", "time": "exponential(5 min)", "servers": 2}},
                      **sections["processes"]},
        "demands": {"aaa sold": {"commodity": "metal", "price": "1 CNY/case"}, **sections["demands"]},
    }
    both = measures(simulate(chain(2000.0, 10.0, **beside), 3))
    assert both["exit", "metal@here", "in"].min() > 0.0
    for key, values in alone.items():
        assert np.array_equal(values, both[key]), key


def test_a_third_place_between_five_machines_is_told_ten_times_sharper_with_common_numbers() -> None:
    def made(room: int, seed: int) -> np.ndarray:
        line = long_line(["exponential(1 h)"] * 5, [room] * 4, failures={"between": "exponential(50 h)", "repair": "exponential(5 h)"})
        return measures(simulate(chain(5000.0, 10.0, **line), 40, seed))["exit", "done@here", "in"]

    two, three, other = made(2, 1), made(3, 1), made(3, 2)
    assert (three > two).mean() > 0.9
    assert np.var(other - two, ddof=1) >= 10.0 * np.var(three - two, ddof=1)


def test_one_core_or_many_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for cores in (1, 2, 7):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(simulate(VARIED["queue"](), 9, 3).replications)
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert np.array_equal(a.notes, b.notes)
            assert np.array_equal(a.histogram, b.histogram)


@pytest.mark.parametrize("name", VARIED)
@pytest.mark.parametrize(("seed", "replication"), [(1, 0), (2**31, 11)])
def test_any_replication_can_be_replayed_with_a_trace_and_ends_the_same(name: str, seed: int, replication: int) -> None:
    built = build(compile_network(VARIED[name]()))
    first = run_once(built, seed, replication)
    again = replay(built, seed, replication, 0.0, 50.0)
    assert len(again.rows) > 0
    for table in ("pf", "pi", "tf", "ti", "gi", "shares", "notes", "histogram", "drawn"):
        assert np.array_equal(getattr(first, table), getattr(again.final, table)), table


MEMORY = """
import json, re, sys
sys.path.insert(0, ".")
from lodeworks.network import compile_network
from lodeworks.simulate.build import build
from lodeworks.simulate.engine import run_once
from lodeworks.simulate.layout import C_EVENTS
from tests.analytic.systems import long_line, queue
from tests.simulate.running import chain
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
hours = float(sys.argv[1])
system = queue("exponential(0.5 h)", store={"patience": "exponential(9 h)"})
run_once(build(compile_network(chain(1000.0, 100.0, **system))), 1, 0)
built, before = build(compile_network(chain(hours, hours / 1000.0, **system))), peak()
state = run_once(built, 1, 1)
print(json.dumps({"before": before, "after": peak(), "events": int(state.c[C_EVENTS])}))
"""


def memory(hours: float) -> dict[str, Any]:
    """Return peaks of a process of its own in MB; what getrusage tells would hold the peak of the one that started it."""
    done = subprocess.run([sys.executable, "-c", MEMORY, str(hours)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_memory_does_not_grow_with_events() -> None:
    """Four million events take no more than what the engine needs anyhow; a hundred million stay under 300 MB as well."""
    found = memory(2e6)
    assert found["events"] > 3_900_000
    assert found["after"] < 300.0
    assert found["after"] - found["before"] < 20.0  # five bytes an event would be more
