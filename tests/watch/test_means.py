"""Means over windows are those of the step function, as far as it is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.network.live import Live
from lodeworks.watch.history import open_history
from lodeworks.watch.means import change_an_hour, held_mean, window_means
from lodeworks.watch.samples import Quality, Samples
from tests.watch.works import WORKS, tag

HOUR = 3_600_000
EDGES = np.array([0, HOUR, 2 * HOUR], np.int64)


def test_a_value_holds_until_the_next() -> None:
    at = np.arange(0, 2 * HOUR, 600_000)
    value = np.where(at < HOUR, 10.0, np.where(at < 1.5 * HOUR, 20.0, 40.0))
    assert held_mean(at, value, EDGES, 600.0) == pytest.approx([10.0, 30.0])


def test_what_is_known_for_less_than_four_fifths_is_not_known() -> None:
    at = np.arange(0, 2 * HOUR, 60_000)
    value = np.full(len(at), 7.0)
    some = (at < 50 * 60_000) | ((at >= HOUR) & (at < HOUR + 40 * 60_000))
    found = held_mean(at[some], value[some], EDGES, 60.0)
    assert found[0] == pytest.approx(7.0)
    assert np.isnan(found[1])
    assert np.isnan(held_mean(at[:0], value[:0], EDGES, 60.0)).all()


def test_a_change_is_between_the_last_values_before_the_edges() -> None:
    at = np.array([-5_000, HOUR - 8_000, HOUR + 1, 2 * HOUR - 40_000], np.int64)
    found = change_an_hour(at, np.array([5.0, 9.0, 90.0, 11.0]), EDGES, 10.0)
    assert found[0] == pytest.approx(4.0)
    assert np.isnan(found[1])  # the last value is older than three periods


def test_means_come_from_history_in_the_plans_units(tmp_path: Path) -> None:
    data = {**WORKS, "stores": {**WORKS["stores"], "heap": {"commodity": "clean", "capacity": "300 t", "loss": "1 %/h"}}}
    net = compile_network(Chain.model_validate(data))
    live = Live("works", "", "", tags=(
        tag("kilos", "washing", "flow", "kg/h", factor=1e-3, period_s=60.0), tag("total", "coking", "flow", "t", kind="counter", period_s=60.0),
        tag("heap_level", "heap", "level", "t", period_s=60.0)))
    history = open_history(tmp_path / "history", [t.name for t in live.tags])
    at = np.arange(0, 2 * HOUR + 1, 60_000)
    columns = [np.where(at < HOUR, 30_000.0, 36_000.0), 100.0 + 24.0 * at / HOUR, 50.0 + 4.0 * at / HOUR]
    n = len(at)
    for number, column in enumerate(columns):
        quality = np.full(n, int(Quality.GOOD))
        if number == 0:
            quality[3] = int(Quality.BAD)
            column[3] = 9e9
        history.write(Samples.of([number] * n, at.tolist(), at.tolist(), column.tolist(), quality.tolist()))
    found = window_means(history, net, live, [0, 1, 2], EDGES)
    history.close()
    assert found[:, 0] == pytest.approx([30.0, 36.0])
    assert found[:, 1] == pytest.approx([24.0, 24.0])
    k = -np.log(0.99)
    assert found[:, 2] == pytest.approx([4.0 + k * 52.0, 4.0 + k * 56.0], rel=1e-3)


def test_what_a_store_loses_is_that_of_the_hour_by_the_local_clock(tmp_path: Path) -> None:
    """At midnight in Shanghai the loss changes from one to five per cent an hour."""
    start = np.datetime64("2026-01-01T15:00:00", "ms").astype(np.int64).item()
    data = {**WORKS, "profiles": {**WORKS.get("profiles", {}), "cold": {"values": [0.05] * 23 + [0.01], "unit": "1/h"}},
            "stores": {"heap": {"commodity": "clean", "capacity": "300 t", "loss": "cold"}}}
    net = compile_network(Chain.model_validate({**data, "horizon": {"start": "2026-01-01", "length": "24 h"}}))
    live = Live("works", "", "", tags=(tag("heap_level", "heap", "level", "t", period_s=60.0),))
    history = open_history(tmp_path / "history", ["heap_level"])
    at = start + np.arange(0, 2 * HOUR + 1, 60_000)
    history.write(Samples.of([0] * len(at), at.tolist(), at.tolist(), [50.0] * len(at), [int(Quality.GOOD)] * len(at)))
    found = window_means(history, net, live, [0], start + EDGES)
    history.close()
    assert found[:, 0] == pytest.approx([-50.0 * np.log(0.99), -50.0 * np.log(1.0 - (0.05 * 23 + 0.01) / 24)])
