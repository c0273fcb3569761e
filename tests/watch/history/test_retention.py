"""How long what is kept."""

from __future__ import annotations

from dataclasses import replace

from lodeworks.network.live import Tag
from lodeworks.watch.history import keep_of
from lodeworks.watch.history.retention import GAS, RECORD, VALUE

TAG = Tag("t", "", "", "", "", "flow", "sensor", "t", 0.0, 1.0, "", "", 1.0, "feed", "")


def test_each_tag_is_kept_as_its_class_asks():
    tags = [
        replace(TAG, quantity="methane"), replace(TAG, quantity="co"), replace(TAG, kind="state"),
        replace(TAG, kind="counter"), replace(TAG, quantity="people"), TAG,
    ]
    assert keep_of(tags) == [GAS, GAS, RECORD, RECORD, RECORD, VALUE]


def test_records_stay_two_years_and_gases_whole_for_three_months():
    assert RECORD.whole_days >= 731
    assert GAS.whole_days >= 92
    assert min(keep.days for keep in (RECORD, GAS, VALUE)) >= 731
    assert VALUE.whole_days >= 366  # a year of any tag can be drawn
