"""The discrete engine: same seed same bits, streams by name, certified runs, and what it refuses."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from lodeworks import InputError, SimulationError
from lodeworks.network import compile_network
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build
from lodeworks.simulate.certify import broken_identities
from lodeworks.simulate.engine import run_once
from lodeworks.simulate.tables import measures
from lodeworks.verbs import check
from tests.analytic import systems
from tests.simulate.running import chain, simulate


def queue(time, **more):
    return chain(40_000.0, **systems.queue(time, **more))


def line(**more):
    return chain(40_000.0, **systems.line(**more))


def test_the_same_seed_gives_the_same_bits():
    one, two = simulate(queue("exponential(0.5 h)"), 4), simulate(queue("exponential(0.5 h)"), 4)
    for a, b in zip(one.replications, two.replications, strict=True):
        assert np.array_equal(a.notes, b.notes)
        assert np.array_equal(a.histogram, b.histogram)


def test_replications_and_seeds_differ():
    outcome = simulate(queue("exponential(0.5 h)"), 2)
    assert not np.array_equal(outcome.replications[0].notes, outcome.replications[1].notes)


def test_common_random_numbers_make_differences_sharp():
    """A buffer of 3 in the place of 2: far less variance of the difference than with numbers of their own."""
    values = {
        (b, seed): measures(simulate(line(buffer=b), 12, seed))["run", "m2", "rate"]
        for b, seed in ((2, 1), (3, 1), (3, 2))
    }
    common = np.var(values[3, 1] - values[2, 1])
    own = np.var(values[3, 2] - values[2, 1])
    assert own > 10.0 * common


FAULTS = {
    "a lot less came in": lambda s: s.pf.__setitem__((0, y.P_IN), s.pf[0, y.P_IN] - 1.0),
    "a lot more went out": lambda s: s.pi.__setitem__((0, y.P_N_OUT), s.pi[0, y.P_N_OUT] + 1),
    "a stay is forgotten": lambda s: s.pf.__setitem__((0, y.P_STAY), s.pf[0, y.P_STAY] * 0.999),
    "a level off": lambda s: s.pf.__setitem__((0, y.P_LEVEL), s.pf[0, y.P_LEVEL] + 1.0),
    "an end is skipped": lambda s: s.ti.__setitem__((0, y.T_ENDS), s.ti[0, y.T_ENDS] - 1),
    "a repair is skipped": lambda s: s.gi.__setitem__((0, y.G_REPAIRS), s.gi[0, y.G_REPAIRS] - 1),
    "an hour of a machine is lost": lambda s: s.shares.__setitem__((0, 0), s.shares[0, 0] - 1.0),
    "time goes back": lambda s: s.c.__setitem__(y.C_BACKWARDS, 1),
    "an arc flows less": lambda s: s.af.__setitem__((0, y.A_FLOWED), s.af[0, y.A_FLOWED] - 1.0),
    "a pool is not released": lambda s: s.gi.__setitem__((0, y.G_FAILURES), s.gi[0, y.G_FAILURES] + 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_that_contradicts_itself_is_noticed(fault):
    built = build(compile_network(queue("exponential(0.5 h)", failures={"between": "50 h", "repair": "1 h"})))
    s = run_once(built, 1, 0)
    assert broken_identities(built, s) == []
    FAULTS[fault](s)
    assert broken_identities(built, s)


@pytest.mark.parametrize("together", [1, 1000])
def test_lots_out_of_order_are_noticed_whether_followed_side_by_side_or_one_by_one(together, monkeypatch):
    monkeypatch.setattr(sys.modules["lodeworks.simulate.certify"], "_SIDE_BY_SIDE", together)
    built = build(compile_network(chain(500.0, **systems.queue("exponential(2 h)"))))  # twice as many come as are served
    s = run_once(built, 1, 0)
    head = s.pi[0, y.P_HEAD]
    assert s.pi[0, y.P_COUNT] > 100
    assert broken_identities(built, s) == []
    s.li[s.li[head, y.L_NEXT], y.L_PREV] = y.NONE
    assert any("its lots are not in order" in words for words in broken_identities(built, s))


def test_a_run_that_contradicts_itself_is_not_shown(tmp_path, monkeypatch):
    """The kernel is sound, so its certificate is told to find something; that it finds what is planted is tested there."""
    from lodeworks import verbs

    monkeypatch.setattr(sys.modules["lodeworks.simulate.engine"], "broken_identities", lambda built, s: ["a lot is missing"])
    with pytest.raises(SimulationError, match="contradicts itself and is not shown: a lot is missing"):
        verbs.simulate(chain(100.0, **systems.queue("exponential(0.5 h)")), replications=2, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_queue_that_grows_without_end_is_told(monkeypatch):
    monkeypatch.setattr(sys.modules["lodeworks.simulate.engine"], "_MOST_LOTS", 4096)
    with pytest.raises(SimulationError, match="fills without end"):
        simulate(queue("exponential(2 h)"), 2)


def test_a_loop_in_no_time_is_told_and_not_hung_on():
    loop = chain(
        1000.0, supplies={"people": {"commodity": "job", "arrivals": {"between": "1 h"}}},
        processes={
            "there": {"inputs": {"job": "1 case"}, "outputs": {"mid": "1 case"}, "runs": {"batch": "1 case", "time": "0 h"}},
            "back": {"inputs": {"mid": "1 case"}, "outputs": {"job": "1 case"}, "runs": {"batch": "1 case", "time": "0 h"}},
        },
        stores={"a": {"commodity": "job"}, "b": {"commodity": "mid"}},
    )
    with pytest.raises(SimulationError, match="time stands still"):
        simulate(loop, 2)


@pytest.mark.parametrize(("time", "says"), [
    ("lognormal(7 min)", "needs 2 parameters"), ("exponental(1 h)", "did you mean 'exponential'"),
    ("exponential(-1 h)", "negative"), ("triangular(3 h, 2 h, 1 h)", "low <= mode <= high"),
    ("exponential(3 kg)", "kg"), ("exponential(nan h)", "number"), ("erlang(2.5, 1 h)", "whole number"),
    ("discrete(1 h: 50 %, 2 h: 20 %)", "add to one"), ("often", "number"), ("exponential(0 h)", "above nought"),
])
def test_a_faulty_distribution_is_told_with_what_is_wrong(time, says):
    problems = check(queue(time))
    assert any(says in str(p) and p.key == "runs.time" for p in problems), problems


def test_a_warm_up_that_leaves_nothing_is_refused():
    with pytest.raises(InputError, match="leaves nothing"):
        simulate(queue("exponential(0.5 h)"), 2, warm_up=1e9)


def test_a_seed_that_is_no_whole_number_is_refused():
    problems = check(chain(100.0, simulation={"seed": 1.5}))
    assert any("whole number" in str(p) for p in problems)


def test_simulated_throughput_does_not_exceed_the_plan():
    from lodeworks.verbs import plan

    entity = line(buffer=2)
    best = plan(entity).objective / (40_000.0 * 4.0)  # bought for 1, sold for 5
    assert best == pytest.approx(1.0, rel=1e-3)
    values = measures(simulate(entity, 10))["run", "m2", "rate"]
    assert values.mean() <= best + 3.0 * values.std() / np.sqrt(len(values))


def test_throughput_tends_to_the_plan_as_randomness_goes():
    values = measures(simulate(line(buffer=2, first="1 h", second="1 h"), 2))["run", "m2", "rate"]
    assert values == pytest.approx(1.0, rel=1e-3)


def test_a_chain_of_rates_alone_simulates():
    """Without discrete attributes a chain runs regular batches of one step's worth, and loses nothing."""
    from lodeworks.verbs import plan, read

    entity = read("cases/first-chain")
    plan(entity)
    outcome = simulate(entity, 2)
    assert outcome.built.log
    assert all(r.events > 100 for r in outcome.replications)


def test_errors_are_input_errors_before_anything_runs(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("chain: x\nhorizon: {start: 2026-01-01, length: 0 h}\n")
    from lodeworks.verbs import simulate as verb

    with pytest.raises(InputError):
        verb(file, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_crew_of_a_pool_that_is_not_there_is_told():
    problems = check(queue("1 h", failures={"between": "9 h", "repair": "1 h", "crew": "nobody"}))
    assert any("nobody" in str(p) for p in problems)
