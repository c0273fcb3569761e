"""A variant of the kernel without what a chain does not need ends in the same state, to the last bit, as the whole one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.network import compile_network
from lodeworks.simulate import engine
from lodeworks.simulate.build import build
from lodeworks.simulate.trace import replay
from lodeworks.simulate.variants import VARIANTS, needs, variant_of
from tests.simulate.running import chain
from tests.simulate.test_language import OUT, coming, desk, haulage
from tests.simulate.varied import VARIED

TABLES = ("pi", "pf", "ti", "tf", "af", "gi", "shares", "mf", "ri", "rf", "si", "sf", "xi", "ahead", "notes", "histogram")
STORE = {"q": {"commodity": "job", "end": "free"}}


def queue() -> Any:
    """Three servers and room for all who wait."""
    return chain(2000.0, supplies=coming(between="exponential(25 min)"), stores=STORE, demands=OUT,
                 processes={"desk": desk(runs={"batch": "1 case", "time": "exponential(1 h)", "servers": 3})})


def hall() -> Any:
    """Servers who share people that are there by day."""
    return chain(
        2000.0, step=1.0, supplies=coming(between="exponential(25 min)"), stores=STORE, demands=OUT,
        calendars={"day": {"hours": ["08:00-18:00"]}}, pools={"staff": {"amount": "2 person", "availability": "day"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "lognormal(40 min, 10 min)", "servers": 3,
                                      "crew": {"staff": "1 person"}})})


def line() -> Any:
    """Two machines that fail, and little room between them."""
    runs = {"batch": "1 case", "time": "exponential(1 h)"}
    return chain(
        2000.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}}, demands=OUT,
        stores={"m": {"commodity": "mid", "end": "free", "capacity": "2 case"}},
        processes={
            "one": {"inputs": {"job": "1 case"}, "outputs": {"mid": "1 case"}, "runs": runs,
                    "failures": {"between": "exponential(20 h)", "repair": "gamma(2 h, 1 h)", "clock": "calendar"}},
            "two": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"}, "runs": runs,
                    "failures": {"between": "exponential(30 h)", "repair": "1 h", "clock": "working"}},
        })


CHAINS = {"queue": queue, "hall": hall, "line": line, "trips": haulage}


def run(built: Any, monkeypatch: pytest.MonkeyPatch, whole: bool) -> Any:
    with monkeypatch.context() as patch:
        if whole:
            patch.setattr(engine, "variant_of", lambda features: VARIANTS[-1])
        return engine.run_once(built, 5, 2)


def test_each_chain_has_a_lean_variant_of_its_own() -> None:
    built = [build(compile_network(make())) for make in CHAINS.values()]
    found = [variant_of(needs(b.model, b.tables)) for b in built]
    assert len(set(found)) == len(CHAINS)
    assert set(found) == set(VARIANTS[:-1])


@pytest.mark.parametrize("name", CHAINS)
def test_lean_and_whole_agree_to_the_last_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    built = build(compile_network(CHAINS[name]()))
    lean, whole = (run(built, monkeypatch, whole) for whole in (False, True))
    assert lean.c[4] > 500
    for table in TABLES:
        assert np.array_equal(getattr(lean, table), getattr(whole, table), equal_nan=True), table


@pytest.mark.parametrize("name", CHAINS)
def test_a_trace_changes_nothing(name: str) -> None:
    built = build(compile_network(CHAINS[name]()))
    plain, traced = engine.run_once(built, 5, 2), replay(built, 5, 2, 0.0, 100.0)
    assert len(traced.rows) > 100
    for table in ("pf", "tf", "shares", "notes", "histogram"):
        assert np.array_equal(getattr(plain, table), getattr(traced.final, table)), table


@pytest.mark.parametrize("name", VARIED)
def test_whatever_a_chain_needs_some_variant_has(name: str) -> None:
    built = build(compile_network(VARIED[name]()))
    found = needs(built.model, built.tables)
    assert "rare" in found or name in ("trucks",)
    assert found <= variant_of(found)
