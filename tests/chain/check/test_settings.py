"""What all stages and scenarios share cannot be set in one of them: in silence it would change nothing, or nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chain.check.test_stages import BASE
from tests.chain.check.written import told


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("set: {demands: {sell: {most: 9 t/h}}}", "set: {horizon.discount: 4 %/a}",
     "stages.2031.set.horizon.discount: `horizon` is the same in all stages; found 4 %/a"),
    ("set: {demands: {sell: {most: 9 t/h}}}", "set: {commodities.ore.unit: kg}",
     "stages.2031.set.commodities.ore.unit: what a commodity is counted in is the same in all stages; found kg"),
    ("set: {demands: {sell: {most: 9 t/h}}}", "set: {accounts.period: year}", "`accounts` is the same in all stages"),
    ("set: {demands.sell.price: 4 CNY/t}", "set: {horizon.length: 30 d}",
     "scenarios.boom.set.horizon.length: `horizon` is the same in all scenarios; found 30 d"),
    ("set: {demands.sell.price: 4 CNY/t}", "set: {objective: {goal: cost}}", "`objective` is the same in all scenarios"),
    ("set: {demands.sell.price: 4 CNY/t}", "set: {currency: EUR}", "`currency` is the same in all scenarios; found EUR"),
    ("supplies: {mine", "policies: {cap: {sum: {mine: 1}, most: 5 t/h, penalty: 0 CNY/t}}\nsupplies: {mine",
     "policies.cap.penalty: missing it costs nothing, so it limits nothing; found 0 CNY/t"),
    ("{2029: 1 t/h}", "{2050: 1 t/h}", "processes.old.retires.2050: retires after the last stage has begun"),
    ("6 %/a", "6 %/month", "horizon.discount: a high rate, 72% a year; found 6 %/month"),
])
def test_what_is_shared_is_refused_and_what_is_odd_is_told(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in told(BASE, tmp_path, (old, new))
