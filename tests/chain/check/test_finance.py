"""Faults of firms, lenders and loans: one clear problem each, at its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lodeworks.chain.read import read_in_part
from lodeworks.verbs import check

SOUND: dict[str, Any] = {
    "chain": "sound", "horizon": {"start": "2026-01-01", "length": "48 h"}, "accounts": {"period": "12 h"},
    "commodities": {"coal": {"unit": "t", "price": "5 CNY/t"}},
    "firms": {"miner": {"cash": "10 CNY", "credit": {"line": "5 CNY"}}, "holding": {}},
    "lenders": {"bank": {}},
    "loans": {"line": {"lender": "bank", "rate": "4 %/a", "term": "12 month"}},
    "supplies": {"mine": {"commodity": "coal", "owner": "miner", "price": "1 CNY/t", "most": "1 t/h"}},
    "demands": {"sell": {"commodity": "coal", "owner": "miner", "price": "2 CNY/t"}},
}


def problems(tmp_path, *changes: tuple[str, Any]) -> list[str]:
    import yaml

    chain = copy.deepcopy(SOUND)
    for path, value in changes:
        place = chain
        *parts, last = path.split(".")
        for part in parts:
            place = place.setdefault(part, {})
        if value is None:
            del place[last]
        else:
            place[last] = value
    file = tmp_path / "chain.yaml"
    file.write_text(yaml.safe_dump(chain, allow_unicode=True), encoding="utf-8")
    assert read_in_part(file)[1] is not None
    return [str(problem) for problem in check(file)]


def test_a_sound_chain_has_no_problem(tmp_path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(("path", "value", "told"), [
    ("loans.line.lender", None, "lender is missing"),
    ("loans.line.lender", "", "a loan without a lender"),
    ("loans.line.lender", "bnak", "there is no lender of this name"),
    ("loans.line.rate", "120 %/a", "a rate above 100 % a year"),
    ("loans.line.rate", "-1 %/a", "must not be negative"),
    ("loans.line.rate", "4 %", "4 %"),
    ("loans.line.term", "0 month", "a loan needs a term"),
    ("loans.line.repayment", "anuity", "not a way to repay"),
    ("firms.miner.losses", {"2024": "5 CNY"}, "losses that may not be carried on"),
    ("firms.miner.loss_carry", "30 d", "losses are carried for whole years"),
    ("firms.miner.loss_carry", "5 a", "pays no tax on profit, so losses are of no use"),
    ("firms.holding.loss_carry", "5 a", "a firm without `cash` keeps no accounts"),
    ("firms.miner", {"cash": "10 CNY", "profit_tax": "25 %", "loss_carry": "5 a", "losses": {"2026": "5 CNY"}},
     "a loss of a year that is planned"),
    ("firms.miner", {"cash": "10 CNY", "profit_tax": "25 %", "loss_carry": "5 a", "losses": {"2019": "5 CNY"}},
     "too old to be taken off"),
    ("firms.miner", {"cash": "10 CNY", "profit_tax": "25 %", "loss_carry": "5 a", "losses": {"last": "5 CNY"}}, "not a year"),
    ("loans.line.rates", {"2027": "4 %/a"}, "not a day"),
    ("loans.line.rates", {"2027-01-01": "400 %/a"}, "a rate above 100 % a year"),
    ("loans.line", {"lender": "bank", "rate": "4 %/a", "term": "2 a", "repayment": "annuity", "rates": {"2027-01-01": "3 %/a"}},
     "equal payments need one rate"),
    ("loans.line.repayment", "利随本清", "single payment"),
    ("loans.line.revolving", "maybe", "true"),
    ("loans.line.grace", "12 month", "no principal would ever be repaid"),
    ("loans.line.grace", "-1 month", "must not be negative"),
    ("loans.line.grace", "3 month", "its principal is repaid at the end anyway"),
    ("firms.miner.debts", {"line": {"amount": "5 CNY", "due": "2026-01-02", "accrued": "1 CNY"}}, "its interest is paid every period"),
    ("loans.line.latest", "2025-12-01", "its money never comes in time"),
    ("loans.line.lump", "0 CNY", "must be greater than nought"),
    ("firms.miner.cash", "-1 CNY", "must not be negative"),
    ("firms.miner.credit", {"lien": "5 CNY"}, "there is no loan of this name"),
    ("firms.miner.profit_tax", "130 %", "a share outside 0 to 1"),
    ("firms.miner.owners", {"miner": 0.5}, "firms own one another in a circle"),
    ("firms.miner.debts", {"line": {"amount": "5 CNY", "due": "2025-06-01"}}, "due before the plan begins"),
    ("firms.holding.credit", {"line": "5 CNY"}, "a firm without `cash` keeps no accounts"),
    ("accounts.period", "fortnight", "not a period of account"),
    ("accounts.period", "90 min", "not a period of account"),
])
def test_a_fault_is_told_at_its_place(tmp_path, path: str, value: Any, told: str) -> None:
    found = problems(tmp_path, (path, value))
    assert any(told in text for text in found), found
    assert any(".".join(path.split(".")[:2]) in text or path.split(".")[0] in text for text in found)


def test_owners_in_a_circle_are_named_in_their_order(tmp_path) -> None:
    found = problems(tmp_path, ("firms.miner.owners", {"holding": "60 %"}), ("firms.holding.owners", {"miner": "10 %"}))
    assert "holding owned by miner owned by holding" in found[0]  # yaml sorts them
    assert len(found) == 1  # not once more for the other firm of the circle


def test_a_term_below_nought_is_one_fault(tmp_path) -> None:
    assert len(problems(tmp_path, ("loans.line.term", "-3 d"))) == 1


def test_owners_hold_no_more_than_the_whole(tmp_path) -> None:
    assert any("more than the whole" in text for text in problems(
        tmp_path, ("firms.miner.owners", {"holding": "60 %", "third": "50 %"}), ("firms.third", {"cash": "0 CNY"})))


def test_all_faults_are_told_at_once(tmp_path) -> None:
    found = problems(tmp_path, ("loans.line.rate", "120 %/a"), ("loans.line.term", "0 d"), ("firms.miner.cash", "-3 CNY"))
    assert len(found) == 3


def test_what_is_let_go_must_be_somebodys(tmp_path) -> None:
    second = {"commodity": "coal", "owner": "holding", "price": "1 CNY/t"}
    found = problems(tmp_path, ("commodities.coal.let_go", True), ("supplies.second", second))
    assert any("is nobody's" in text for text in found)
    assert not any("is nobody's" in text for text in problems(tmp_path, ("commodities.coal.let_go", True)))


def test_a_loan_nobody_may_draw_and_a_lender_who_lends_nothing_are_warned_of(tmp_path) -> None:
    found = problems(tmp_path, ("firms.miner.credit", None), ("lenders.other", {}))
    assert [text for text in found if "no firm may draw" in text]
    assert [text for text in found if "lends nothing" in text]
