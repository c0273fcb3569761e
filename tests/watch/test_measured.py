"""What flowed in an hour: the scales of elements and the levels of stores as a run's tables, summed as on paper."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.network.live import Live
from lodeworks.views.figures.sankey import sankey, sankey_rows
from lodeworks.watch.history import open_history
from lodeworks.watch.measured import measured
from lodeworks.watch.samples import Quality, Samples
from tests.watch.works import WORKS, tag

HOUR = 3_600_000
LIVE = Live("works", "", "", tags=(
    tag("wash_belt", "washing", "flow", "t/h", period_s=60.0), tag("wash_again", "washing", "flow", "t/h", period_s=60.0),
    tag("coke_kilos", "coking", "flow", "kg/h", factor=1e-3, period_s=60.0), tag("total", "mine", "flow", "t", kind="counter", period_s=60.0),
    tag("heap_level", "heap", "level", "t", period_s=60.0), tag("steel_belt", "steel", "flow", "t/h", period_s=60.0),
))


@pytest.fixture
def history(tmp_path):
    """Two hours: washing gives 30 then 36 t/h, the heap gains 4 t an hour, the belt to the steelworks is silent in the second."""
    kept = open_history(tmp_path / "history", [t.name for t in LIVE.tags])
    at = np.arange(-120_000, 2 * HOUR + 1, 60_000) + HOUR
    first = at < 2 * HOUR
    columns = [np.where(first, 30.0, 36.0), np.full(len(at), 99.0), np.full(len(at), 20_000.0), 100.0 + 54.0 * at / HOUR, 50.0 + 4.0 * at / HOUR, np.full(len(at), 18.0)]
    for number, column in enumerate(columns):
        there = first if number == 5 else np.ones(len(at), bool)
        n = int(there.sum())
        kept.write(Samples.of([number] * n, at[there].tolist(), at[there].tolist(), column[there].tolist(), [int(Quality.GOOD)] * n))
    yield kept
    kept.close()


def amounts(of) -> dict[tuple[str, str], float]:
    return {(element, commodity): amount for element, commodity, amount in of.table("flows").select("element", "commodity", "amount").iter_rows()}


@pytest.fixture
def net():
    return compile_network(Chain.model_validate(WORKS))


def test_flows_of_an_hour_are_what_scales_and_levels_say_of_it(history, net):
    of = measured(history, net, LIVE, HOUR, 2 * HOUR)
    assert amounts(of) == pytest.approx({
        ("washing", "clean"): 30.0, ("coking", "coke"): 20.0, ("mine", "coal"): 54.0, ("heap", "clean"): -4.0, ("steel", "coke"): -18.0,
    })
    assert of.unknown == ()
    assert of.table("flows")["unit"].unique().to_list() == ["t"]


def test_what_is_not_known_in_the_hour_is_not_drawn_but_named(history, net):
    of = measured(history, net, LIVE, 2 * HOUR, 3 * HOUR)
    assert amounts(of)["washing", "clean"] == pytest.approx(36.0)
    assert ("steel", "coke") not in amounts(of)
    assert of.unknown == ("steel_belt",)


def test_the_reports_own_picture_is_drawn_of_it(history, net):
    of = measured(history, net, LIVE, HOUR, 2 * HOUR)
    rows, link = sankey_rows(of), sankey(of, "en").data[0].link
    assert np.sum(np.asarray(link.value, float)) == pytest.approx(rows["amount"].abs().sum()) == pytest.approx(30 + 20 + 54 + 4 + 18)


def test_an_hour_without_anything_has_empty_tables(history, net):
    of = measured(history, net, LIVE, 100 * HOUR, 101 * HOUR)
    assert of.table("flows").is_empty()
    assert len(of.unknown) == 5  # the second scale of washing is none of them
    assert of.table("flows").schema["amount"] == pl.Float64
    assert sankey(of, "zh") is not None
