"""Values that stand until their source says otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.gate import Gate
from lodeworks.watch.sources.held import Held
from tests.watch.plant import live, tag

NOW = 1_790_000_000_000


class Source:
    def __init__(self) -> None:
        chain = live("opcua", "opc.tcp://mine", [tag("gas", "ns=2;s=gas", period_s=10.0)])
        self.now = NOW
        self.gate = Gate(chain.feeds[0], chain, lambda: self.now)
        self.held = Held(self.gate)
        self.known: dict[int, float] = {}

    def says(self, at: int, value: float) -> None:
        rows = self.gate.rows()
        self.held.add(0, NOW + at, value, Quality.GOOD, rows)
        self.known |= dict(zip(rows.at, rows.value, strict=True))

    def again(self) -> None:
        rows = self.gate.rows()
        self.held.repeat(rows)
        self.known |= dict(zip(rows.at, rows.value, strict=True))

    def stands(self) -> float:
        return self.known[max(self.known)]


@pytest.mark.parametrize("behind", [50, 2_000, 600_000])
def test_a_value_that_was_on_its_way_when_the_last_was_said_again_stands_at_once(behind):
    """A source's clock may be behind, or its message slow: what it says last is what stands, at every moment."""
    source = Source()
    source.says(-behind, 1.0)
    for step in range(1, 40):
        source.now = NOW + 3_000 * step
        source.again()
        if step % 3 == 0:
            source.says(source.now - NOW - behind, float(step))
            assert source.stands() == step
    assert source.known[NOW + 3_000 * 39 - behind] == 39.0, "at its own time too"


def test_a_source_in_time_says_each_value_once():
    source = Source()
    for step in range(30):
        source.now = NOW + 3_000 * step
        source.says(3_000 * step, float(step))
        source.again()
    assert np.array_equal(sorted(source.known), NOW + 3_000 * np.arange(30))
