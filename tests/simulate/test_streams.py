"""Each element draws from streams of its own: nothing that happens elsewhere, nor how it is run, changes a draw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from lodeworks.network import compile_network
from lodeworks.simulate import engine, replay
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build, fresh_state, keyed
from lodeworks.simulate.engine import run_once
from lodeworks.simulate.keys import stream_keys, stream_numbers
from lodeworks.simulate.native import compiled_kernel
from lodeworks.simulate.tables import measures
from lodeworks.simulate.variants import VARIANTS
from tests.analytic.systems import long_line, queue
from tests.simulate.interpreted import Tables, kernel_with
from tests.simulate.running import chain, simulate
from tests.simulate.varied import VARIED

STREAMS = kernel_with()["streams"]
KINDS = (y.D_EXPONENTIAL, y.D_UNIFORM, y.D_EXPONENTIAL, y.D_WEIBULL)


def tables() -> Tables:
    """Return one stream, and a distribution of each kind."""
    w = Tables.__new__(Tables)
    w.keys = np.array([[0x9D2C5680A1B2C3D4, 0x0123456789ABCDEF]], np.uint64)
    w.dist_i = np.array([[kind, 0, 0] for kind in KINDS])
    w.dist_f = np.array([[1.0, 2.0, 0.0, 0.0], [3.0, 5.0, 0.0, 0.0], [7.0, 0.0, 0.0, 0.0], [2.0, 1.5, 0.0, 0.0]])
    w.xi, w.ahead = np.array([[0, y.NONE, 0]]), np.zeros((1, y.X_AHEAD))
    return w


@given(st.lists(st.tuples(st.integers(-1, len(KINDS) - 1), st.integers(1, 20)), max_size=12))
def test_the_nth_draw_is_of_the_nth_number_whatever_was_made_ahead(asked: list[tuple[int, int]]) -> None:
    w, n = tables(), 0
    with np.errstate(over="ignore"):
        for row, times in asked:
            for _ in range(times):
                found = STREAMS.uniform(w, 0) if row < 0 else STREAMS.draw(w, row, 0)
                number = STREAMS._number(w, 0, np.uint64(n))
                assert found == (number if row < 0 else STREAMS._of_one(w, row, KINDS[row], number))
                n += 1


def test_another_program_is_given_the_numbers_that_the_kernel_takes() -> None:
    w = tables()
    w.keys = stream_keys(7, 3, [("desk", "time")])
    with np.errstate(over="ignore"):
        taken = [float(STREAMS._number(w, 0, np.uint64(n))) for n in range(50)]
    assert stream_numbers(7, 3, "desk", "time", 50).tolist() == taken
    assert stream_numbers(7, 3, "desk", "time", 9, 41).tolist() == taken[41:]


def test_numbers_lie_strictly_between_nought_and_one() -> None:
    for z, number in ((0, 0.5**53), (2**64 - 1, 1.0 - 0.5**53)):
        assert STREAMS.as_float((np.uint64(z) >> STREAMS._S12) | STREAMS._ONE) - STREAMS._BELOW_ONE == number


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


def test_two_cores_run_two_replications_from_the_first_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten replications are five rounds, not one and then five."""
    both = threading.Barrier(2, timeout=20.0)
    real = engine.run_once

    def met(*arguments: Any) -> Any:
        both.wait()  # breaks where one waits for the other to end
        return real(*arguments)

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(engine, "run_once", met)
    assert len(simulate(VARIED["queue"](), 2).replications) == 2


@pytest.mark.parametrize("name", VARIED)
@pytest.mark.parametrize(("seed", "replication"), [(1, 0), (2**31, 11)])
def test_any_replication_can_be_replayed_with_a_trace_and_ends_the_same(name: str, seed: int, replication: int) -> None:
    built = build(compile_network(VARIED[name]()))
    first = run_once(built, seed, replication)
    again = replay(built, seed, replication, 0.0, 50.0)
    assert len(again.rows) > 0
    for table in ("pf", "pi", "tf", "ti", "gi", "shares", "notes", "histogram", "xi", "ahead"):
        assert np.array_equal(getattr(first, table), getattr(again.final, table)), table


@pytest.mark.parametrize("name", VARIED)
def test_no_two_streams_of_a_chain_draw_the_same_numbers(name: str) -> None:
    """But for a pool that fails and is used by rates as well: the maker of its passes stops when it does."""
    built = build(compile_network(VARIED[name]()))
    names = set(built.streams)
    keys = [stream_keys(seed, replication, names) for seed in (1, 2) for replication in (0, 1)]
    assert len(np.unique(np.concatenate(keys), axis=0)) == 4 * len(names) > 8
    twice = [stream for stream in names if built.streams.count(stream) > 1]
    assert twice == [] or set(twice) == {("spur", "failure"), ("spur", "repair")}


def numbers(keys: np.ndarray, count: int) -> np.ndarray:
    """Return the first numbers of each stream, shape (streams, count), by the kernel's own sources."""
    w = Tables.__new__(Tables)
    w.keys, w.xi = keys, np.zeros((len(keys), y.X_INTS), np.int64)
    with np.errstate(over="ignore"):
        return np.array([[STREAMS.uniform(w, i) for _ in range(count)] for i in range(len(keys))])


def test_numbers_are_even_and_of_their_own_within_and_between_streams() -> None:
    """Names that differ by a letter, seeds and replications by one: none leans on another, nor one number on the next."""
    first = [("desk", "time"), ("desl", "time"), ("desk", "timf"), ("m1", "failure"), ("m2", "failure"), ("m10", "failure")]
    found = np.concatenate([numbers(stream_keys(seed, replication, first), 400) for seed, replication in ((1, 0), (1, 1), (2, 0))])
    size = found.size
    assert stats.kstest(found.ravel(), "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]) < 4.0 / np.sqrt(size)
    apart = np.corrcoef(found)[np.triu_indices(len(found), 1)]
    assert np.abs(apart).max() < 5.0 / np.sqrt(400)
    assert float(np.mean(apart**2) * 400) == pytest.approx(1.0, abs=5.0 * np.sqrt(2.0 / len(apart)))
    pairs = np.histogram2d(found[:, ::2].ravel(), found[:, 1::2].ravel(), bins=10, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(pairs.ravel()).pvalue > 1e-3


def _lognormal(mean: float, sd: float) -> Any:
    spread = np.log(1.0 + (sd / mean) ** 2)
    return stats.lognorm(np.sqrt(spread), scale=mean * np.exp(-spread / 2.0))


def _pert(low: float, mode: float, high: float) -> Any:
    return stats.beta(1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low), low, high - low)


LAWS = {
    "exponential(2 h)": stats.expon(scale=2.0), "uniform(1 h, 4 h)": stats.uniform(1.0, 3.0),
    "triangular(1 h, 1 h, 4 h)": stats.triang(0.0, 1.0, 3.0), "triangular(1 h, 3 h, 4 h)": stats.triang(2 / 3, 1.0, 3.0),
    "erlang(1, 2 h)": stats.expon(scale=2.0), "erlang(3, 2 h)": stats.gamma(3, scale=2 / 3),
    "erlang(800, 2 h)": stats.gamma(800, scale=2 / 800),  # whose product of numbers is below what a float holds
    "gamma(2 h, 5 h)": stats.gamma(0.16, scale=12.5), "gamma(2 h, 2 h)": stats.expon(scale=2.0),
    "gamma(2 h, 12 min)": stats.gamma(100, scale=0.02), "lognormal(2 h, 3 h)": _lognormal(2.0, 3.0),
    "weibull(0.6, 2 h)": stats.weibull_min(0.6, scale=2.0), "weibull(3, 2 h)": stats.weibull_min(3, scale=2.0),
    "pert(1 h, 2 h, 6 h)": _pert(1.0, 2.0, 6.0), "pert(1 h, 1 h, 6 h)": _pert(1.0, 1.0, 6.0),
    "empirical(1 h, 2 h, 5 h)": stats.rv_histogram((np.array([0.5, 0.5]), np.array([1.0, 2.0, 5.0])), density=False),
}


@pytest.mark.parametrize("text", [*LAWS, "discrete(1 h: 20 %, 3 h: 50 %, 4 h: 30 %)"])
def test_draws_follow_the_law_they_are_written_with(text: str) -> None:
    built = build(compile_network(chain(100.0, 10.0, **queue(text))))
    model, t = keyed(built, 3, 1), int(built.transitions.index("desk"))
    w = Tables(model, fresh_state(built, 64))
    with np.errstate(over="ignore"):
        found = np.array([STREAMS.draw(w, w.ti[t, y.T_TIME], w.ti[t, y.T_STREAM]) for _ in range(40 if text.startswith("erlang(8") else 2500)])
    if text in LAWS:
        assert stats.kstest(found, LAWS[text].cdf).pvalue > 1e-3
    else:
        seen = [int((found == value).sum()) for value in (1.0, 3.0, 4.0)]
        assert stats.chisquare(seen, [500, 1250, 750]).pvalue > 1e-3


def test_the_normal_quantile_is_right_into_the_tails() -> None:
    shares = np.concatenate([10.0 ** -np.arange(1.0, 17.0), np.linspace(0.01, 0.99, 99), 1.0 - 10.0 ** -np.arange(1.0, 12.0)])
    assert [STREAMS._normal(p) for p in shares] == pytest.approx(ndtri(shares), rel=1e-9, abs=1e-14)


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
    compiled_kernel(VARIANTS[-1])  # kept from now on: the compiler takes more than any run
    found = memory(2e6)
    assert found["events"] > 3_900_000
    assert found["after"] < 300.0
    assert found["after"] - found["before"] < 20.0  # five bytes an event would be more
