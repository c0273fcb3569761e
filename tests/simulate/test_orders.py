"""Orders that come once: when each is delivered, and in how many replications that is too late."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.simulate import simulation_tables
from lodeworks.simulate.statistics import interval
from lodeworks.simulate.tables import measures
from tests.simulate.running import chain, simulate
from tests.simulate.test_language import COMMODITIES, ONE

END = 100.0


def ordered(**arrivals: Any) -> Any:
    """Return replications of one machine that makes a case an hour for what is ordered."""
    return simulate(chain(
        END, step=1.0, commodities=COMMODITIES, supplies={"mine": {"commodity": "job", "price": "1 CNY/case"}},
        stores={"shelf": {"commodity": "done", "end": "free"}},
        processes={"make": {"inputs": ONE, "outputs": {"done": "1 case"}, "runs": {"batch": "1 case", "time": "1 h"}}},
        demands={"out": {"commodity": "done", "price": "2 CNY/case", "arrivals": arrivals,
                         "runs": {"batch": "1 case", "time": "0 h"}}},
    ), replications=3)


def only(outcome: Any) -> dict[str, Any]:
    found = simulation_tables(outcome)["orders"]
    assert len(found) == 1
    return dict(found.row(0, named=True))


def test_an_order_is_done_when_the_last_of_it_is_delivered() -> None:
    order = only(ordered(at=["0 h"], amounts=[30], due="20 h"))
    assert order["done_50"] == pytest.approx(30.0)
    assert (order["late"], order["complete"], order["delivered"]) == (1.0, 1.0, 30.0)
    assert order["delay"] == pytest.approx(10.0)


def test_the_interval_of_a_share_ends_at_nought_and_one() -> None:
    """Of three replications few have a failure in their few hours: by Student alone the share down could be below nought."""
    entity = chain(
        10.0, step=1.0, commodities=COMMODITIES, supplies={"mine": {"commodity": "job", "price": "1 CNY/case"}},
        processes={"make": {"inputs": ONE, "outputs": {"done": "1 case"}, "runs": {"batch": "1 case", "time": "1 h"},
                            "failures": {"between": "exponential(8 h)", "repair": "2 h"}}},
        demands={"out": {"commodity": "done", "price": "2 CNY/case"}})
    outcome = simulate(entity, replications=3)
    down = measures(outcome)["machines", "make", "down"]
    assert interval(down).low < 0.0 < down.max()
    shares = simulation_tables(outcome)["statistics"].filter(unit="share")
    assert shares["low"].min() == 0.0
    assert shares["high"].max() <= 1.0


def test_what_is_made_before_it_is_ordered_is_delivered_at_once() -> None:
    order = only(ordered(at=["40 h"], amounts=[30], due="1 h"))
    assert order["done_95"] == pytest.approx(40.0)
    assert order["due"] == pytest.approx(41.0)
    assert order["late"] == 0.0
    assert order["delay"] is None


@pytest.mark.parametrize(("due", "late"), [("50 h", 1.0), ("200 h", 0.0)])
def test_what_is_not_delivered_by_the_end_is_late_where_it_was_due(due: str, late: float) -> None:
    order = only(ordered(at=["0 h"], amounts=[150], due=due))
    assert (order["late"], order["complete"], order["done_50"], order["delay"]) == (late, 0.0, None, None)
    assert order["delivered"] == pytest.approx(100.0, abs=1.0)


def test_several_orders_of_a_demand_are_not_told_apart() -> None:
    assert simulation_tables(ordered(at=["0 h", "10 h"], amounts=[5, 5], due="1 h"))["orders"].is_empty()
