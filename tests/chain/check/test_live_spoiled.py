"""A mine spoiled at random is checked without a stumble; where the checks find no error, it can be compiled."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks.chain.check import check_chain
from lodeworks.chain.conform import conform_in_part
from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Live
from tests.mine import document

SECTIONS = ("feeds", "tags", "limits", "alarms", "zones", "roadways", "cameras", "rounds", "incidents", "actions", "screens")
VALUES = ["", "0", "-1", "nan", "1 %", "5 kg", "3 m/s", "2 h", "0 s", "1e300", "10 m .. 20 m", "a and b", "(", "air", "belt", "ch4_t0",
          "face", "T1", "slip", "posts", "true", "limit", "stuck", "expression", "state", "flow", "methane", "people", "2026-01-01",
          [], ["air"], ["1 m"], {}, {"0": "off"}, None]


def places(data: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every place of the sections that a value stands at."""
    found = []
    for key, value in data.items():
        if path or key in SECTIONS:
            found.append((*path, key))
            if isinstance(value, dict):
                found += places(value, (*path, key))
    return [place for place in found if len(place) > 1]


MINE = document()
PLACES = places(MINE.data)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(VALUES)), min_size=1, max_size=3))
def test_a_spoiled_mine_is_told_in_problems(slips):
    made = copy.deepcopy(MINE)
    for place, value in slips:
        inner = made.data
        for part in place[:-1]:
            inner = inner.get(part) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[place[-1]] = copy.deepcopy(value)
    chain, faults = conform_in_part(made)
    if chain is None:
        assert faults
        return
    problems = check_chain(chain)
    if not faults and not any(problem.severity == "error" for problem in problems):
        assert isinstance(compile_live(chain), Live)
