"""A precision that is asked for: of every main mean, for as long as it must stay so, and told where it is not reached."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import yaml

from lodeworks.network import compile_network
from lodeworks.simulate import engine, precision, replicate, simulation_manifest, steady
from lodeworks.simulate.precision import is_precise, main_measures
from lodeworks.simulate.statistics import Precision, interval
from tests.analytic import systems as of
from tests.simulate.running import chain
from tests.simulate.test_reading import queue
from tests.test_cli import lodeworks

SURE, LOST, VAGUE = np.full(40, 10.0), np.array([10.0] * 39 + [30.0]), np.array([5.0, 15.0] * 20)


@pytest.mark.parametrize(("means", "enough"), [
    ([SURE, SURE], True), ([SURE, VAGUE], False), ([VAGUE, SURE], False), ([SURE, LOST], False), ([SURE[:14], SURE[:14]], False),
], ids=["all", "not the last", "not the first", "lost again", "not yet long enough"])
def test_it_is_asked_of_every_main_mean_for_long_enough(means: list[Any], enough: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "main_measures", lambda outcome: dict(enumerate(means)))
    assert is_precise(None, Precision(0.02)) is enough


def test_what_leaves_is_sold_and_waits_in_stores_is_asked_for() -> None:
    outcome = replicate(compile_network(chain(500.0, 10.0, **of.feedback())), replications=3)
    assert set(main_measures(outcome)) == {
        ("exit", "done@here", "in"), ("queue", "job@here", "wait"), ("queue", "mid@here", "wait")}


def test_replications_go_on_until_the_means_are_precise() -> None:
    network = compile_network(queue(1000.0, "exponential(2 h)"))
    rough = replicate(network, precision=0.2)
    fine = replicate(network, precision=0.04)
    assert rough.precise
    assert fine.precise
    assert 10 <= len(rough.replications) < len(fine.replications)


def test_precision_adds_replications_and_changes_none() -> None:
    network = compile_network(queue(1000.0, "exponential(2 h)"))
    few, more = replicate(network, replications=3), replicate(network, precision=0.1)
    assert np.array_equal(few.replications[2].notes, more.replications[2].notes)


def test_precision_of_a_steady_state_is_judged_after_its_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[float] = []
    monkeypatch.setattr(steady, "steady_from", lambda outcome, given: 500.0)
    real = engine._precise
    monkeypatch.setattr(engine, "_precise", lambda outcome, rule: judged.append(outcome.warm_up) or real(outcome, rule))
    replicate(compile_network(queue(2000.0, "exponential(2 h)", simulation={"kind": "steady"})), precision=0.1)
    assert set(judged) == {500.0}


def test_what_is_reached_holds_for_all_means_and_the_last_replications() -> None:
    outcome = replicate(compile_network(queue(1000.0, "exponential(2 h)")), precision=0.06)
    count = len(outcome.replications)
    assert outcome.precise
    assert count > 15
    for values in main_measures(outcome).values():
        for n in range(count - 5, count + 1):
            assert interval(values[:n]).half <= 0.06 * interval(values[:n]).mean
    assert not any("known to" in line for line in simulation_manifest(outcome)["log"])


def test_what_is_not_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MOST_REPLICATIONS", 30)
    outcome = replicate(compile_network(queue(1000.0, "exponential(2 h)")), precision=0.01)
    manifest = simulation_manifest(outcome)
    wait = interval(main_measures(outcome)["queue", "job@here", "wait"])
    assert (len(outcome.replications), manifest["precise"], manifest["precision"]) == (30, False, 0.01)
    assert manifest["log"][0].startswith(
        "not every main mean is known to 1 %, as was asked, after 30 replications: wait of job@here is known to "
        f"{100.0 * wait.half / wait.mean:.2g} %; some ")


def test_on_the_command_line(tmp_path: Any) -> None:
    data = {"chain": "one", "horizon": {"start": "2026-01-01", "length": "500 h", "step": "10 h"}, "units": {"case": "case"},
            "sites": {"here": {}}, "commodities": {name: {"unit": "case"} for name in ("job", "done")},
            **of.queue("exponential(0.5 h)")}
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    told = json.loads(lodeworks("simulate", tmp_path / "one.yaml", "--precision", "10%", "--json").stdout)
    assert (told["precision"], told["precise"]) == (0.1, True)
    assert told["replications"] >= 15
    for row in told["statistics"]:
        if (row["kind"], row["measure"]) in (("exit", "in"), ("queue", "wait")):
            assert (row["high"] - row["low"]) / 2.0 <= 0.1 * row["mean"]
