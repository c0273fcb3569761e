"""Three systems of middling size agree with programs for Ciw, which draws its own numbers, within one in a hundred."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
from scipy import stats

from lodeworks.simulate.tables import measures
from tests.parity.systems_in_ciw import ANSWERS, HOURS, SYSTEMS, WARM
from tests.simulate.running import chain, simulate

SURE = stats.norm.ppf(1.0 - 0.01 / 2.0)
LONG = 50_000.0  # hours of each of our replications: the start is forgotten long before the warm-up is over


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    assert (found["hours"], found["warm_up"], set(found["systems"])) == (HOURS, WARM, set(SYSTEMS))
    return found


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_kept_is_what_the_program_tells(kept: dict[str, Any], name: str) -> None:
    """Of the first run to the last digit, if it is the Ciw it was made with; else not too far from the mean."""
    for what, value in SYSTEMS[name][1](0).items():
        row = kept["systems"][name][what]
        if kept["ciw"] == version("ciw"):
            assert value == pytest.approx(row["first"], rel=1e-12)
        assert abs(value - row["mean"]) < 5.0 * row["sd"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_both_tell_the_same(kept: dict[str, Any], name: str) -> None:
    system, _, _, wanted = SYSTEMS[name]
    found = measures(simulate(chain(LONG, 250.0, **system()), 16 if name == "clinic" else 72, warm_up=WARM))
    assert set(kept["systems"][name]) == set(wanted)
    for what, row in kept["systems"][name].items():
        own = found[wanted[what]]
        half = SURE * float(np.sqrt(np.var(own, ddof=1) / len(own) + row["sd"] ** 2 / row["runs"]))
        assert half <= 0.01 * row["mean"], f"{what}: too vague to tell"
        assert abs(float(np.mean(own)) - row["mean"]) < half, f"{what}: {np.mean(own):.6g}, Ciw {row['mean']:.6g}"
