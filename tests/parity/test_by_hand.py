"""The engine's answers are those of programs written by hand for one model each."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.events import by_hand
from benchmarks.events.models import MODELS, built
from lodeworks.simulate.engine import run_once

HOURS = {"queue": 10_000.0, "line": 400.0, "trucks": 200.0, "hall": 24.0 * 25.0}
RUNS = 20


@pytest.mark.parametrize("name", MODELS)
def test_both_tell_the_same(name: str) -> None:
    model, hours = MODELS[name], HOURS[name]
    made = built(model, hours)
    ours = np.array([model.figures(made, run_once(made, 1, run), hours) for run in range(RUNS)])
    theirs = np.array([getattr(by_hand, name)(run + 1, hours)[1] for run in range(RUNS)])
    error = np.sqrt((ours.var(axis=0, ddof=1) + theirs.var(axis=0, ddof=1)) / RUNS)
    apart = np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / error
    assert np.max(apart) < 4.5, dict(zip(model.told, apart, strict=True))
