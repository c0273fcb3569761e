"""From samples in history to a scale that is told to drift."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import WatchError
from lodeworks.network import compile_network
from lodeworks.network.live import Live
from lodeworks.watch.history import open_history
from lodeworks.watch.samples import Samples
from lodeworks.watch.scales import bad_scales
from tests.watch.works import WORKS, ms, planned_works, tag

TAGS = (tag("coal_in", "mine", "flow", "t/h", period_s=600.0), tag("washed", "washing", "flow", "t/h", period_s=600.0),
        tag("washery_coal", "washing", "flow", "t/h", commodity="coal", period_s=600.0),
        tag("charged", "coking", "flow", "t/h", commodity="clean", period_s=600.0),
        tag("coke", "coking", "flow", "t/h", period_s=600.0), tag("heap_level", "heap", "level", "t", period_s=600.0))
LIVE = Live("works", "", "", tags=TAGS)
NOW = ms("2026-03-20 09:40")


def test_a_scale_that_began_to_drift_yesterday_is_told_from_history(tmp_path: Path) -> None:
    net, _ = planned_works()
    rng = np.random.default_rng(4)
    at = np.arange(NOW - 9 * 86_400_000, NOW, 600_000)
    washed = 30.0 + 2.0 * np.sin(at / 7e6)
    coke = 22.0 + 1.5 * np.cos(at / 9e6)
    level = 150.0 + np.concatenate([[0.0], np.cumsum((washed - 1.37 * coke) / 6.0)[:-1]])
    true = [1.8 * washed, washed, 1.8 * washed, 1.37 * coke, coke, level]
    history = open_history(tmp_path, [t.name for t in TAGS])
    for number, flow in enumerate(true):
        said = flow * (1.0 + 0.01 * rng.standard_normal(len(at))) if number < 5 else flow + 0.3 * rng.standard_normal(len(at))
        if number == 2:
            said = np.where(at >= NOW - 86_400_000, 0.95 * said, said)
        history.write(Samples.of([number] * len(at), at.tolist(), at.tolist(), said.tolist(), [0] * len(at)))
    found = bad_scales(history, net, LIVE, NOW, days=7)
    suspect = found.suspects[0]
    assert suspect.tag == "washery_coal"
    assert suspect.size == pytest.approx(-0.05, abs=0.015)
    assert len(found.suspects) == 1
    with pytest.raises(WatchError, match="too little is known to judge scales"):
        bad_scales(history, net, LIVE, NOW - 7 * 86_400_000)
    history.close()


def test_what_closes_by_the_day_is_judged_over_days(tmp_path: Path) -> None:
    """Coal and coke close by the day only; a belt that reads 5 % too little for three days is told, once."""
    data = {**WORKS, "commodities": {name: {**own, "step": "1 d"} if name != "power" else own for name, own in WORKS["commodities"].items()}}
    net = compile_network(Chain.model_validate(data))
    rng = np.random.default_rng(4)
    at = np.arange(NOW - 24 * 86_400_000, NOW, 600_000)
    washed = 30.0 + 2.0 * np.sin(at / 7e7)
    within = np.diff(8.0 * np.sin(np.pi * ((at - at[0]) % 86_400_000) / 86_400_000), append=0.0)  # clean coal on its way within the day, t in ten minutes
    coke = 22.0 + 1.5 * np.cos(at / 9e7)
    level = 150.0 + np.concatenate([[0.0], np.cumsum((washed - 1.37 * coke) / 6.0 - within)[:-1]])
    true = [1.8 * washed, washed, 1.8 * washed, 1.37 * coke, coke, level]
    history = open_history(tmp_path, [t.name for t in TAGS])
    for number, flow in enumerate(true):
        said = flow * (1.0 + 0.01 * rng.standard_normal(len(at))) if number < 5 else flow + 0.3 * rng.standard_normal(len(at))
        if number == 2:
            said = np.where(at >= NOW - 3 * 86_400_000, 0.95 * said, said)
        history.write(Samples.of([number] * len(at), at.tolist(), at.tolist(), said.tolist(), [0] * len(at)))
    found = bad_scales(history, net, LIVE, NOW, days=14)
    assert [(suspect.tag, suspect.hours) for suspect in found.suspects] == [("washery_coal", 24.0)]
    assert found.suspects[0].size == pytest.approx(-0.05, abs=0.015)
    assert found.unlearned == ()
    few = bad_scales(history, net, LIVE, NOW, days=5)
    assert few.unlearned == (24.0,)
    assert few.suspects == ()
    history.close()
