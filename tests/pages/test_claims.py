"""The scorecard shows every claim beside a chain with its verdict, and counts them."""

from __future__ import annotations

from nicegui.testing import User

from lodeworks.cases import case_folder
from lodeworks.verbs.watching import claims_told
from tests.pages.visiting import visit


def test_every_claim_of_the_region_stands_with_its_verdict(desk):
    desk.claims = claims_told(case_folder("liupanshui"))
    counts = {verdict: sum(c["verdict"] == verdict for c in desk.claims) for verdict in ("holds", "fails", "needs assumption")}
    assert sum(counts.values()) == len(desk.claims) == 38

    async def act(user: User) -> None:
        await user.open("/en/claims")
        await user.should_see("Coal makes hydrogen, hydrogen drives trucks, trucks haul coal")
        await user.should_see("✓ holds")
        await user.should_see("✗ fails")
        await user.should_see(str(counts["holds"]))
        await user.open("/zh/claims")
        await user.should_see("✗ 不成立")
        await user.should_see("900.6 万吨/年，相差 100.6 万吨/年")
        await user.should_see("须采煤量 = 4,000 万吨/年")

    visit(desk, act)


def test_a_chain_without_claims_says_so(desk):
    async def act(user: User) -> None:
        await user.open("/en/claims")
        await user.should_see("No claims stand beside this chain.")

    visit(desk, act)
