"""What cools: quantiles of its temperature and the share that was too cold, against answers known exactly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lodeworks.simulate.cooling import temperatures
from lodeworks.simulate.tables import measures, simulation_tables
from tests.simulate.running import chain, simulate, z_of


def on_the_way(time: str, least: str = "920 degC", length: float = 20_000.0) -> Any:
    """Metal of 960 °C that loses 20 K/h on its way to who takes it at once: two hours until it is too cold."""
    return chain(
        length, sites={"pots": {}, "park": {}},
        commodities={"hot": {"unit": "case", "heat": {"from": "960 degC", "least": least, "loss": "20 K/h"}}},
        supplies={"metal": {"commodity": "hot", "site": "pots", "arrivals": {"between": "exponential(30 min)"}}},
        stores={"q": {"commodity": "hot", "site": "pots", "end": "free"}},
        routes={"way": {"commodity": "hot", "from": "pots", "to": "park",
                        "runs": {"batch": "1 case", "time": time, "servers": 40}}},
        demands={"out": {"commodity": "hot", "site": "park", "price": "1 CNY/case"}},
    )


def test_an_exponential_way_leaves_the_temperatures_of_its_ages() -> None:
    """Of ages that are exponential with a mean of an hour, a share exp(-2) is beyond two hours."""
    outcome = simulate(on_the_way("exponential(1 h)"), replications=16)
    assert abs(z_of(outcome, "exit", "hot@park", "too cold", math.exp(-2.0))) < 4.0
    assert abs(z_of(outcome, "exit", "hot@park", "temperature", 940.0)) < 4.0
    rows = temperatures(outcome).filter(name="hot@park").rows_by_key("colder", named=True, unique=True)
    for colder, row in rows.items():
        true = 960.0 + 20.0 * math.log(colder)
        width = 20.0 * 0.03 * -math.log(colder)  # bins are 3 % of an age wide
        error = (row["high"] - row["low"]) / 2.0 / 2.13
        assert abs(row["mean"] - true) < width + 4.0 * error
        assert row["least"] == 920.0


def test_amounts_at_their_least_temperature_are_not_too_cold() -> None:
    found = measures(simulate(on_the_way("2 h", length=400.0), replications=2))
    assert found["exit", "hot@park", "too cold"] == pytest.approx(0.0)
    assert found["exit", "hot@park", "temperature"] == pytest.approx(920.0)
    late = measures(simulate(on_the_way("2.01 h", length=400.0), replications=2))
    assert late["exit", "hot@park", "too cold"] == pytest.approx(1.0)


def test_parts_of_a_lot_count_by_their_amount() -> None:
    """Ten cases come hot at once and one is taken each hour: their ages when they leave are 0, 1, … 9 h."""
    entity = chain(
        10.0, step=1.0,
        commodities={"hot": {"unit": "case", "heat": {"from": "960 degC", "least": "700 degC", "loss": "20 K/h"}},
                     "done": {"unit": "case"}},
        supplies={"metal": {"commodity": "hot", "arrivals": {"at": ["0 h"], "amount": "10 case"}}},
        stores={"furnace": {"commodity": "hot", "end": "free"}},
        processes={"cast": {"inputs": {"hot": "1 case"}, "outputs": {"done": "1 case"},
                            "runs": {"batch": "1 case", "time": "1 h"}}},
        demands={"out": {"commodity": "done", "price": "1 CNY/case"}},
    )
    outcome = simulate(entity, replications=2)
    found = measures(outcome)
    assert found["queue", "hot@here", "temperature"] == pytest.approx(960.0 - 20.0 * 4.5)
    assert not np.any(found["queue", "hot@here", "too cold"])
    rows = temperatures(outcome).filter(name="hot@here").rows_by_key("colder", named=True, unique=True)
    assert rows[0.5]["mean"] == pytest.approx(880.0, abs=20.0 * 4.0 / 32.0)  # a bin from 4 h on
    assert rows[0.1]["mean"] == pytest.approx(800.0, abs=20.0 * 8.0 / 32.0)


def test_the_warm_up_is_left_out_and_nothing_hot_gives_no_table() -> None:
    tables = simulation_tables(simulate(on_the_way("1 h", length=400.0), replications=2, warm_up=200.0))
    assert tables["temperatures"]["mean"].to_list()[-5:] == pytest.approx([940.0] * 5, abs=20.0 * 0.035)
    plain = chain(100.0, supplies={"in": {"commodity": "job", "arrivals": {"between": "1 h"}}},
                  stores={"q": {"commodity": "job", "end": "free"}},
                  demands={"out": {"commodity": "job", "price": "1 CNY/case"}})
    outcome = simulate(plain, replications=2)
    assert simulation_tables(outcome)["temperatures"].is_empty()
    assert not any(np.any(r.ages) for r in outcome.replications)
