"""GenX's system of three stages: its equations give what it publishes, and all at once the optimum of the chain.

GenX finds each stage's investment in turn, with cuts for what comes after (dual dynamic programming), until its bounds
are within 1 %. Its test publishes the objectives of the stages' programs as they stand then: the first is a lower bound of the
optimum, not the optimum. So the equations are held to these, and the chain to the equations solved for all stages at once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeworks import check, plan
from tests.parity.genx_stages import all_at_once, in_turn

CHAIN = Path(__file__).parent.parent / "data" / "peers" / "genx-multistage"
PUBLISHED = [79734.80032, 41630.03494, 27855.20631]  # million dollars, `test/test_multistage.jl`


def test_the_equations_give_what_is_published_by_stages_in_turn() -> None:
    assert in_turn() == pytest.approx(PUBLISHED, rel=1e-6)


def test_the_chain_has_the_optimum_of_the_equations_for_all_stages_at_once() -> None:
    assert not check(CHAIN)
    made = plan(CHAIN)
    best = all_at_once()
    assert made.manifest["objective"]["value"] / 1e6 == pytest.approx(best, rel=1e-9)
    assert PUBLISHED[0] <= best <= PUBLISHED[0] * 1.01
    stands = made.table("pathway").filter(made.table("pathway")["element"] == "gas_plants")["total"].to_list()
    assert stands == pytest.approx([23137.038486, 23137.038486, 13658.761904])  # what is built in 2030 is gone by 2050
