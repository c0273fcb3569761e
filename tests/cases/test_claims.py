"""Every printed claim of the Liupanshui page gets the verdict its arithmetic gives, and only that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lodeworks.chain.claims import Claim, evaluate, read_claims
from lodeworks.units import parse_quantity

FILE = Path(__file__).parents[2] / "cases" / "liupanshui" / "claims.yaml"
FAILS = {"K03", "K06", "K08", "K20", "K31"}
NEEDS = {"K02", "K09", "K10", "K14", "K18", "K22", "K25", "K27", "K29", "K30", "K34"}
CLAIMS = {claim.id: claim for claim in read_claims(FILE)}
VERDICTS = {verdict.id: verdict for verdict in evaluate(tuple(CLAIMS.values()))}


def changed(name: str, **given: str) -> Claim:
    claim = CLAIMS[name]
    return replace(claim, given={**claim.given, **{k: parse_quantity(v) for k, v in given.items()}})


def verdict(claim: Claim) -> str:
    return evaluate((claim,))[0].verdict


def test_all_38_claims_are_there() -> None:
    assert list(CLAIMS) == [f"K{i:02d}" for i in range(1, 39)]


@pytest.mark.parametrize("name", [f"K{i:02d}" for i in range(1, 39)])
def test_each_claim_has_its_verdict(name: str) -> None:
    expected = "fails" if name in FAILS else "needs assumption" if name in NEEDS else "holds"
    assert VERDICTS[name].verdict == expected
    assert VERDICTS[name].title_zh != VERDICTS[name].title_en


@pytest.mark.parametrize(
    ("name", "says"),
    [("K03", "holds at 14.5 万吨"), ("K06", "holds at 5.94 亿元"), ("K08", "1,752 万元/年"), ("K20", "1.006 Mt/a"),
     ("K02", "3 %"), ("K14", "388 t/d"), ("K18", "21 元/kg"), ("K25", "40 Mt/a"), ("K34", "26.47"), ("K09", "2.978")],
)
def test_the_number_that_would_be_right_is_told(name: str, says: str) -> None:
    assert says in VERDICTS[name].computed


def test_the_spur_is_short_by_a_million_tonnes() -> None:
    assert VERDICTS["K20"].printed == "8 Mt/a"
    assert VERDICTS["K20"].computed == "9.006 Mt/a, apart by 1.006 Mt/a"
    assert VERDICTS["K20"].computed_zh == "9.006 Mt/a，相差 1.006 Mt/a"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (changed("K01", after="150 亿元"), "fails"), (changed("K03", before="14.5 万吨"), "holds"),
        (changed("K04", quota="5 万吨/年"), "fails"), (changed("K06", credit="5.94 亿元"), "holds"),
        (changed("K08", saved="1752 万元/年"), "holds"), (changed("K19", trucks="1000 vehicle"), "fails"),
        (changed("K20", spur="9.1 Mt/a"), "holds"), (changed("K26", filled="700 kt"), "fails"),
        (changed("K31", monthly="100000 pair/month"), "holds"), (changed("K38", each="13000 度/吨"), "fails"),
        (changed("K02", private="41.7 %"), "holds"), (changed("K02", private="80 %"), "fails"),
        (changed("K14", named="548 t/d"), "holds"), (changed("K14", named="600 t/d"), "fails"),
        (changed("K15", trip="40 h"), "fails"), (changed("K15", trip="20 h"), "needs assumption"),
    ],
)
def test_a_verdict_follows_its_numbers(claim: Claim, expected: str) -> None:
    assert verdict(claim) == expected
