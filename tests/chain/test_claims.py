"""The language of claims: a few expressions over numbers with units, and nothing that could do harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeworks.chain.claims import Verdict, evaluate, read_claims
from lodeworks.errors import InputError


def told(tmp_path: Path, body: str) -> Verdict:
    file = tmp_path / "claims.yaml"
    file.write_text("words: {rest: 其余}\nclaims:\n  A:\n" + "\n".join(f"    {line}" for line in body.splitlines()), encoding="utf-8")
    return evaluate(read_claims(file))[0]


def test_units_are_carried_through(tmp_path: Path) -> None:
    found = told(tmp_path, "given: {rate: 2 t/h, price: 500 元/吨, year: 876 万元/年}\nsays: year == rate * price\nunit: 万元/年")
    assert (found.verdict, found.printed, found.computed) == ("holds", "876 万元/年", "876 万元/年")


def test_about_says_how_near_is_equal(tmp_path: Path) -> None:
    assert told(tmp_path, "given: {a: 100, b: 101}\nsays: a == b").verdict == "holds"
    assert told(tmp_path, "given: {a: 100, b: 101}\nabout: 0.5 %\nsays: a == b").verdict == "fails"


def test_an_assumed_range_must_hold_all_over(tmp_path: Path) -> None:
    for high, verdict in (("2", "holds"), ("20", "needs assumption")):
        assert told(tmp_path, f"given: {{a: 10}}\nassumed: {{x: 1 .. {high}}}\nsays: x <= a").verdict == verdict
    assert told(tmp_path, "given: {a: 10}\nassumed: {x: 11 .. 12}\nsays: x <= a").verdict == "fails"


def test_a_missing_number_is_worked_out(tmp_path: Path) -> None:
    found = told(tmp_path, "given: {all: 100 t, one: 30 t}\nmissing: {rest: kg}\nsays: all == one + rest")
    assert (found.verdict, found.computed, found.computed_zh) == ("needs assumption", "needs rest = 70,000 kg", "须其余 = 70,000 kg")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("given: {a: 1 t, b: 1 h}\nsays: a == b", "dimension"), ("given: {a: 1 t, b: 1 h}\nsays: a + b == a", "add up"),
        ("given: {a: 1 foo}\nsays: a == a", "unknown unit"), ("given: {a: x}\nsays: a == a", "number"),
        ("given: {a: 1}", "says nothing"), ("given: {a: 1}\nsays: a", "comparison"), ("given: {a: 1}\nsays: a == c", "unknown name"),
        ("given: {a: 1}\nsays: a == 1 / 0", "nought"), ("given: {a: 1}\nsays: 1 < a < 2", "comparison"),
        ("given: {a: 1}\nsays: a == 9 ** 999", "power"), ("givn: {a: 1}\nsays: 1 == 1", "given"), ("says: '((('", "comparison"),
        ("given: {a: 1}\nholds_at: {b: 2}\nsays: a == 1", "not a given number"), ("unit: foo\nsays: 1 == 1", "unknown unit"),
        ("title: {en: one, two, zh: 一}\ngiven: {a: 1}\nsays: a == 1", "title.two: unknown key.* quotation marks"),
        ("note: {en: one, de: eins}\ngiven: {a: 1}\nsays: a == 1", "note.de: unknown key"),
    ],
)
def test_a_faulty_claim_says_what_is_wrong(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        told(tmp_path, body)


@pytest.mark.parametrize(
    "text",
    ["__import__('os') == 1", "a.value == 1", "(lambda: 1)() == 1", "[1][0] == 1", "open('x') == 1", "'a' == 'a'",
     "a if a else a == 1", "print(a) == 1", "a @ a == 1", "True == 1", "min(a, key=a) == 1"],
)
def test_nothing_but_arithmetic_is_understood(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        told(tmp_path, f"given: {{a: 1}}\nsays: \"{text}\"")


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text("claims: {A: {says: x}, B: {given: {a: 1 foo}, says: a == 1}, C: 3}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_claims(file)
    assert {p.element for p in caught.value.problems} == {"claims.A", "claims.B", "claims.C"}
    assert all(p.file == "claims.yaml" for p in caught.value.problems)
