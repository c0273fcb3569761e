"""Faults of periods and of limits on capacities: each is told where it is written, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

import lodeworks
from lodeworks.errors import InputError
from tests.chain.check.written import told

BASE = """\
chain: smelters
horizon:
  {start: 2026-01-01, step: 6 h, length: 48 h, periods: {winter: {length: 24 h, times: 215}, summer: {length: 24 h, times: 150}}}
commodities: {ore: {unit: t}, metal: {unit: t}}
investment:
  capacities: {all: {sum: {a: 1, b: 90 %}, least: 1 t/h, most: 5 t/h}, heap: {sum: {yard: 1, a: -8 h}, most: 0 t}}
supplies: {mine: {commodity: ore, price: 1 CNY/t}}
processes:
  a: {inputs: {ore: 1 t}, outputs: {metal: 1 t}, step: 12 h, expansion: {most: 2 t/h, life: 9 a}}
  b: {inputs: {ore: 1 t}, outputs: {metal: 1 t}, capacity: 3 t/h}
stores: {yard: {commodity: metal, expansion: {most: 40 t}}}
policies: {cap: {sum: {a: 1}, most: 30 t, every: 24 h}}
demands: {sell: {commodity: metal, price: 3 CNY/t, most: 7 t/h}}
"""


def test_the_chain_is_sound_as_it_stands(tmp_path: Path) -> None:
    assert told(BASE, tmp_path) == ""


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("length: 48 h", "length: 54 h", "horizon.periods: the periods are not as long together as the horizon; found 48 h"),
    ("times: 150", "times: 0", "horizon.periods.summer.times: a period comes more often than never; found 0"),
    ("times: 150", "timess: 150", "horizon.periods.summer.timess: unknown key 'timess'; did you mean 'times'?"),
    ("{length: 24 h, times: 215}", "{length: 25 h, times: 215}", "horizon.periods.winter.length: not a whole number of steps"),
    ("step: 12 h", "step: 18 h", "processes.a.step: reaches over the border of a period; found 18 h"),
    ("every: 24 h", "every: 48 h", "policies.cap.every: reaches over the border of a period; found 48 h"),
    ("b: 90 %", "c: 90 %", "investment.capacities.all.sum.c: there is no capacity of this name; found c"),
    ("b: 90 %", "mine: 90 %", "investment.capacities.all.sum.mine: there is no capacity of this name; found mine"),
    ("a: -8 h", "a: -8", "investment.capacities.heap.sum.a: "),
    ("least: 1 t/h", "least: 6 t/h", "investment.capacities.all.least: least is more than most; found 6 t/h"),
    ("least: 1 t/h, most: 5 t/h", "note: none", "investment.capacities.all.note: unknown key 'note'"),
    ("{sum: {yard: 1, a: -8 h}, most: 0 t}", "{sum: {yard: 1}}",
     "investment.capacities.heap: the limit on capacities limits nothing"),
    ("price: 3 CNY/t, most: 7 t/h", "price: 3 CNY/t, arrivals: {at: [\"2026-01-01 06:00\"], amounts: [3]}",
     "demands.sell.arrivals: comes at written times, and periods come more often"),
    ("length: 48 h,", "length: 48 h, expiring: half,",
     "horizon.expiring: not what capacity can be in the stage in which its life ends; found half"),
])
def test_a_fault_is_told_where_it_is_written(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in told(BASE, tmp_path, (old, new))


def test_a_lump_cannot_stand_in_part(tmp_path: Path) -> None:
    staged = ("length: 48 h,", "length: 48 h, stages: [2026, 2031, 2036], expiring: share,")
    lump = ("most: 2 t/h, life: 9 a", "most: 2 t/h, lump: 1 t/h, life: 9 a")
    assert "processes.a.expansion.life: a lump cannot stand in part" in told(BASE, tmp_path, staged, lump)
    assert told(BASE, tmp_path, staged, lump, ("life: 9 a", "life: 10 a")) == ""


def test_accounts_and_simulations_are_for_one_stretch(tmp_path: Path) -> None:
    firm = ("supplies:", "firms: {smith: {cash: 9 CNY}}\nsupplies:")
    assert "firms.smith.cash: accounts need time that passes, which typical periods have only over stages" in told(BASE, tmp_path, firm)
    told(BASE, tmp_path)
    with pytest.raises(InputError, match=r"horizon\.periods: a simulation runs through one stretch"):
        lodeworks.simulate(tmp_path)
