"""Cases that rest on assumptions say how low and how high those may be, so that a tornado has something to try."""

from __future__ import annotations

import pytest

from lodeworks.chain.stated import stated_ranges
from lodeworks.verbs import checked


@pytest.mark.parametrize(
    ("case", "matters"),
    [
        ("bank-matching", "lenders.branch.most"),
        ("coal-allocation", "demands.coke_sold_liuzhi.price"),
        ("fire-stamps", "supplies.orders_s01.most.times"),
        ("gangue", "processes.washeries.capacity"),
        ("kiwifruit", "pools.e5.amount"),
    ],
)
def test_a_case_states_ranges_that_can_be_set(case: str, matters: str) -> None:
    stated, problems = stated_ranges(checked(f"cases/{case}"))
    assert problems == []
    assert len(stated) >= 8
    assert matters in {item.setting for item in stated}
