"""Chains whose answers stand in textbooks, solved as Markov chains: equal to nine digits."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.analytic import exact as known
from tests.analytic import systems as of
from tests.analytic.markov import closed_throughput, stationary
from tests.simulate.exact.solving import EXACT, solved

MADE = ("exit", "done@here", "in")
WAITING = ("queue", "job@here", "level")


def answer(system: dict[str, Any], key: tuple[str, str, str]) -> float:
    return solved(system).answers[key]


def room(cases: int, **more: Any) -> dict[str, Any]:
    return {"store": {"capacity": f"{cases} case", **more}}


@pytest.mark.parametrize(("servers", "places"), [(1, 2), (2, 3), (3, 5)])
def test_many_servers_and_little_room(servers, places):
    """M/M/c/K: a birth-death chain (Erlang 1917)."""
    load, total = 0.8 * servers, servers + places
    weights = [1.0]
    for n in range(1, total + 1):
        weights.append(weights[-1] * load / min(n, servers))
    shares = [w / sum(weights) for w in weights]
    found = solved(of.queue(f"exponential({load} h)", servers, **room(places))).answers
    waiting = sum(max(0, n - servers) * p for n, p in enumerate(shares))
    assert found["queue", "job@here", "turned away"] == pytest.approx(shares[-1], rel=EXACT)
    assert found[WAITING] == pytest.approx(waiting, rel=EXACT)
    assert found["queue", "job@here", "wait by Little"] == pytest.approx(waiting / (1.0 - shares[-1]), rel=EXACT)
    assert found["machines", "desk", "working"] == pytest.approx(load * (1.0 - shares[-1]) / servers, rel=EXACT)


def test_erlang_service():
    """M/E2/1/3 by its own chain: n in the system, stage of the one being served."""
    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        n, stage = state
        found = [((n + 1, stage), 1.0)] if n < 3 else []
        if n:
            found.append(((n, 1), 4.0) if stage == 0 else ((n - 1, 0), 4.0))
        return found

    shares = stationary((0, 0), moves)
    waiting = sum((n - 1) * p for (n, _), p in shares.items() if n > 1)
    assert answer(of.queue("erlang(2, 0.5 h)", **room(2)), WAITING) == pytest.approx(waiting, rel=EXACT)
    assert answer(of.queue("gamma(0.5 h, 0.3535533905932738 h)", **room(2)), WAITING) == pytest.approx(waiting, rel=EXACT)


def test_machines_and_repairmen():
    system = of.repairmen()
    system["processes"]["desk"]["runs"]["time"] = "exponential(1 h)"
    found = solved(system).answers
    assert found["machines", "desk", "working"] == pytest.approx(known.running_of_five(), rel=EXACT)
    repaired = found["pool", "fitters", "used"] * 2.0 / 5.0  # as many an hour as fail
    assert repaired == pytest.approx(5.0 * found["machines", "desk", "working"] / 10.0, rel=EXACT)


@pytest.mark.parametrize("buffer", [1, 2, 5])
def test_two_machines(buffer):
    assert answer(of.line(buffer=buffer), MADE) == pytest.approx(known.two_machines(buffer), rel=EXACT)
    assert answer(of.line(buffer=buffer + 1, blocking="before"), MADE) == pytest.approx(
        known.two_machines(buffer), rel=EXACT)


def test_a_line_of_four_machines():
    system = of.long_line(["exponential(1 h)"] * 4, [2, 1, 2])
    assert answer(system, MADE) == pytest.approx(known.machines_in_line([1.0] * 4, [2, 1, 2]), rel=EXACT)


def test_a_machine_that_fails_while_it_works():
    system = of.line(buffer=2, failures={"between": "exponential(10 h)", "repair": "exponential(4 h)"})
    assert answer(system, MADE) == pytest.approx(known.unreliable_line(2, 10.0, 4.0), rel=EXACT)


@pytest.mark.parametrize("interval", ["repair", "start"])
def test_a_machine_that_fails_by_the_calendar(interval):
    """Down 5 h of 15; from start to start a cycle is the longer of both times (mean 15 - 10 / 3)."""
    system = of.queue("exponential(0.5 h)", **room(2), failures={
        "between": "exponential(10 h)", "repair": "exponential(5 h)", "clock": "calendar", "interval": interval})
    cycle = 15.0 if interval == "repair" else 15.0 - 10.0 / 3.0
    assert answer(system, ("machines", "desk", "down")) == pytest.approx(5.0 / cycle, rel=EXACT)


def test_failures_in_stages():
    """Time up and time down add to a cycle whatever their stages: down 5 of 15."""
    system = of.queue("erlang(2, 0.5 h)", **room(1), failures={
        "between": "erlang(3, 10 h)", "repair": "erlang(2, 5 h)", "clock": "calendar"})
    assert answer(system, ("machines", "desk", "down")) == pytest.approx(1.0 / 3.0, rel=EXACT)


@pytest.mark.parametrize("tokens", [1, 3, 8])
def test_a_ring(tokens):
    """Closed queues have product form (Gordon and Newell 1967)."""
    assert answer(of.ring(tokens), ("run", "there", "rate")) == pytest.approx(
        closed_throughput(tokens, [1.0, 1.5], 0.0), rel=EXACT)


@pytest.mark.parametrize("vehicles", [1, 4])
def test_vehicles_in_a_loop(vehicles):
    system = of.haulage(vehicles)
    system["routes"]["road"]["haul"] |= {"laden": "exponential(0.7 h)", "empty": "erlang(2, 0.5 h)"}
    assert answer(system, ("run", "road.unload", "rate")) == pytest.approx(
        10.0 * closed_throughput(vehicles, [0.3, 0.2], 1.2), rel=EXACT)


def test_assembly():
    assert answer(of.assembly(), MADE) == pytest.approx(known.carts(), rel=EXACT)


def test_urgent_ones_push_aside():
    """Pre-emption with resume: those with priority see a queue of their own, M/M/1/2 with load a quarter."""
    system = of.two_classes(preempts=True)
    for store in system["stores"].values():
        store["capacity"] = "1 case"
    found = solved(system).answers
    shares = known.finite_queue(2, 0.25)
    assert found["queue", "rush@here", "level"] == pytest.approx(shares[2], rel=EXACT)
    assert found["queue", "rush@here", "turned away"] == pytest.approx(shares[2] / 4.0, rel=EXACT)


def test_those_without_patience():
    """M/M/1/K with patience: birth-death, deaths 1 + (n - 1) / 2 an hour (Palm 1957)."""
    weights = [1.0]
    for n in range(1, 5):
        weights.append(weights[-1] / (1.0 + (n - 1) / 2.0))
    lost = sum((n - 1) / 2.0 * w for n, w in enumerate(weights) if n) / sum(weights)
    system = of.queue("exponential(1 h)", **room(3, patience="exponential(2 h)"))
    assert answer(system, ("queue", "job@here", "reneged")) == pytest.approx(lost, rel=EXACT)


def test_batches_of_two_at_least():
    """Bulk service with room for ten, by its own chain."""
    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        n, busy = state
        if not busy:
            return [((0, 1) if n + 1 >= 2 else (n + 1, 0), 1.0)]
        over = ((n - min(n, 4), 1) if n >= 2 else (n, 0), 0.5)
        return [((n + 1, 1), 1.0), over] if n < 10 else [over]

    waiting = sum(n * p for (n, _), p in stationary((0, 0), moves).items())
    system = of.oven(least="50 %")
    system["stores"]["q"]["capacity"] = "10 case"
    assert answer(system, WAITING) == pytest.approx(waiting, rel=EXACT)


def test_orders_up_to_a_level():
    """A shop that orders one for one: orders under way are Poisson, lost from none here (Palm 1938)."""
    system = of.replenished(4, 5)
    system["supplies"]["order"]["runs"]["time"] = "exponential(3 h)"
    orders = next(iter(system["demands"].values()))
    orders["arrivals"]["balk_at"] = "12 case"
    found = solved(system).answers
    # stock is 5 less orders under way while those are below 5; twenty of them are as good as never reached
    asked = [3.0**n / math.factorial(n) for n in range(18)]
    held = sum((5 - n) * p for n, p in enumerate(asked) if n < 5) / sum(asked)
    assert found["queue", "done@here", "level"] == pytest.approx(held, rel=1e-6)


def test_outputs_by_chance():
    """Of what M/M/1/3 serves a part is good, a part is waste, a tenth is nothing."""
    served = 1.0 - known.finite_queue(3, 0.5)[-1]
    system = of.queue("exponential(0.5 h)", **room(2))
    system["processes"]["desk"] |= {"outputs": {"done": "1 case", "mid": "1 case"}, "reference": "done",
                                    "chance": {"done": "60 %", "mid": "30 %"}}
    system["demands"] = {**system["demands"], "bin": {"commodity": "mid", "price": "0 CNY/case"}}
    found = solved(system).answers
    assert found[MADE] == pytest.approx(0.6 * served, rel=EXACT)
    assert found["exit", "mid@here", "in"] == pytest.approx(0.3 * served, rel=EXACT)


def test_what_happens_at_the_start_is_counted():
    """Of a stretch from the start: two machines that begin empty make a little less at first."""
    whole = solved(of.line(buffer=2), hours=100_000.0, kind="terminating").answers[MADE]
    short = solved(of.line(buffer=2), hours=100.0, kind="terminating").answers[MADE]
    assert short < whole == pytest.approx(known.two_machines(2), rel=1e-4)


def test_parts_that_are_never_left():
    """A run that holds the only fitter when its machine breaks waits for ever: in the long run nothing is made."""
    system = of.queue("exponential(0.5 h)", **room(1), failures={
        "between": "exponential(10 h)", "repair": "exponential(1 h)", "crew": "fitters"})
    system["processes"]["desk"]["runs"]["crew"] = {"fitters": "1 person"}
    system["pools"] = {"fitters": {"amount": "1 person"}}
    assert solved(system).answers["machines", "desk", "no crew"] == pytest.approx(1.0, rel=EXACT)
    early = solved(system, hours=100.0, kind="terminating").answers
    assert 0.0 < early[MADE] < 1.0
    assert math.isclose(sum(v for (kind, name, _), v in early.items() if (kind, name) == ("machines", "desk")), 1.0)
