"""Faults of a horizon's segments: each is told where it is written, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

import lodeworks
from lodeworks.errors import InputError
from tests.chain.check.written import told

BASE = """\
chain: cut
horizon: {start: 2026-01-01, step: 30 min, length: 12 h, segments: lengths}
commodities: {ore: {unit: t}}
profiles: {lengths: {values: [3, 0.5, 8.5], unit: h}, price: {values: [1, 2, 3], unit: CNY/t}}
supplies: {mine: {commodity: ore, price: price}}
demands: {sell: {commodity: ore, amount: 1 t/h}}
"""


def test_the_chain_is_sound_as_it_stands(tmp_path: Path) -> None:
    assert told(BASE, tmp_path) == ""


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("[3, 0.5, 8.5]", "[3, 0.5, 8]", "profiles.lengths.values: the segments are not as long together as the horizon; found "
     "11.5 h in 3 segments; expected 12 h"),
    ("[3, 0.5, 8.5]", "[3, 0.75, 8.25]", "profiles.lengths.values: a segment is not a whole number of steps; found 0.75 h as value 2, "
     "and 1 more; expected whole multiples of 30 min"),
    ("[3, 0.5, 8.5]", "[12.5, -0.5, 0]", "a segment is not a whole number of steps; found -0.5 h as value 2, and 1 more"),
    ("[3, 0.5, 8.5]", "[3, short, 8.5]", "profiles.lengths.values"),
    ("[3, 0.5, 8.5], unit: h", "[3, 0.5, 8.5], unit: t", "profiles.lengths.unit: "),
    ("values: [3, 0.5, 8.5], unit: h", "weekly: [1, 2, 3, 4, 5, 6, 7]", "lengths of segments are plain values, one a segment"),
    ("segments: lengths", "segments: length", "there is no profile"),
    ("segments: lengths", "segments: 3 h", "there is no profile"),
    ("values: [1, 2, 3]", "values: [1, 2]", "profiles.price.values: wrong number of values; found 2; expected 24, one every 0.5 h over "
     "12 h; or 3, one a segment"),
    ("length: 12 h,", "length: 12 h, periods: {a: {length: 2 h, times: 3}, b: {length: 10 h, times: 4}},",
     "horizon.periods.a: a segment reaches over the border of a period; found the period ends after 2 h, the segment after 3 h"),
])
def test_a_fault_is_told_where_it_is_written(tmp_path: Path, old: str, new: str, expected: str) -> None:
    said = told(BASE, tmp_path, (old, new))
    assert expected in said
    assert said.count("error:") == 1


def test_lengths_may_stand_in_a_table(tmp_path: Path) -> None:
    (tmp_path / "cut.csv").write_text("hours [min]\n180\n30\n510\n", encoding="utf-8")
    assert told(BASE, tmp_path, ("{values: [3, 0.5, 8.5], unit: h}", "{table: cut.csv, column: hours}")) == ""
    plan = lodeworks.plan(tmp_path / "chain.yaml")
    assert plan.objective == pytest.approx(-(3 * 1 + 0.5 * 2 + 8.5 * 3))
    assert plan.table("rates")["hours"].to_list() == [3.0, 0.5, 8.5] * 2


def test_no_steps_are_merged_beside_them(tmp_path: Path) -> None:
    told(BASE, tmp_path)
    with pytest.raises(InputError, match="the horizon is planned in segments of its own, so no steps are merged"):
        lodeworks.plan(tmp_path / "chain.yaml", segments=2)
