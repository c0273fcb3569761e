"""What stands in the books and can have no effect is told: a loan never drawn, money that reaches nobody."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from lodeworks.errors import nearest
from lodeworks.verbs import check
from tests.chain.check.test_finance import SOUND, problems

CREDIT, LOAN = "firms.miner.credit", "loans.line."


@pytest.mark.parametrize(("changes", "told"), [
    ({LOAN + "rate": "5 %/month"}, "loans.line.rate: a high rate, 60% a year; found 5 %/month"),
    ({LOAN + "term": "5 h"}, "loans.line.term: a term counts in whole periods of account; found 5 h; expected 1 × 12 h"),
    ({LOAN + "payout": "3 d"}, "loans.line.payout: its money comes after the end: it is never drawn; found 2026-01-04"),
    ({LOAN + "earliest": "2030-01-01"}, "loans.line.earliest: its money comes after the end"),
    ({CREDIT: {"line": "0 CNY"}}, "firms.miner.credit.line: too little for line: it is never drawn"),
    ({LOAN + "lump": "9 CNY"}, "found 5 CNY; expected at least the lump of line, 9 CNY"),
    ({LOAN + "lump": "4 CNY", LOAN + "total": "3 CNY"}, "loans.line.total: too little for line: it is never drawn"),
    ({"lenders.bank.most": "0 CNY"}, "lenders.bank.most: too little for line: it is never drawn"),
    ({LOAN + "pledge": "70 %"}, "firms.miner.collateral: line wants a pledge, and nothing can be pledged"),
    ({"firms.miner.collateral": "3 CNY"}, "firms.miner.collateral: no loan wants a pledge"),
    ({LOAN + "turnover": "30 %", "firms.idle": {"cash": "1 CNY", "credit": {"line": "5 CNY"}}},
     "firms.idle.credit.line: line looks at turnover, and this firm sells nothing"),
    ({"firms.miner.debts": {"line": {"amount": "5 CNY", "due": "2027-06-01"}}},
     "firms.miner.debts.line.due: what is owed at the start is due later than a whole term from then; found 2027-06-01"),
    ({"firms.miner.owners": {"holding": "60 %"}, "firms.miner.dividend": "1 CNY"},
     "firms.miner.owners.holding: holding keeps no accounts"),
    ({"demands.sell.payment": "1 a"}, "demands.sell.payment: nothing of it is paid before the end; found 1 a"),
    ({"demands.sell.payment": "1 h", "demands.sell.owner": "holding"},
     "demands.sell.payment: only what belongs to a firm with `cash` is paid later; found owner holding"),
    ({"demands.sell.owner": None, "commodities.coal.price": None},
     "commodities.coal.price: passes from miner to no owner without a price, so no money passes"),
    ({"accounts.period": "30 d"}, "accounts.period: longer than the horizon: cash is looked at once"),
    ({"horizon": {"start": "2026-01-01", "length": "1 a", "step": "73 h", "stages": [2026, 2028]}, "accounts.period": "month"},
     "accounts.period: over stages accounts are kept by the year; found month"),
    ({"firms": {"miner": {}}}, "loans.line: no firm has `cash`, so nothing is lent"),
    ({"firms": {"miner": {}}}, "accounts.period: no firm has `cash`, so no accounts are kept"),
])
def test_what_has_no_effect_is_a_warning_at_its_place(tmp_path, changes: dict[str, Any], told: str) -> None:
    found = problems(tmp_path, *changes.items())
    assert any(told in text for text in found), found


def test_what_is_given_away_at_a_price_of_nought_is_said_so(tmp_path) -> None:
    assert problems(tmp_path, ("demands.sell.owner", None), ("commodities.coal.price", "0 CNY/t")) == []


@pytest.mark.parametrize(("said", "meant"), [
    ("equal instalments", "annuity"), ("Equal-Instalments", "annuity"), ("等额本息", "annuity"),
    ("interest only", "bullet"), ("先息后本", "bullet"), ("等额本金", "equal principal"), ("anuity", "annuity"),
])
def test_a_way_to_repay_by_another_name_is_answered_with_the_one_meant(tmp_path, said: str, meant: str) -> None:
    assert f"did you mean '{meant}'?" in problems(tmp_path, ("loans.line.repayment", said))[0]
    assert nearest("equal instalments", ("equal principal", "annuity")) != "annuity"  # which would be another loan


def test_a_rate_without_a_year_is_answered_with_one(tmp_path) -> None:
    assert "expected a unit like %/h or %/a" in problems(tmp_path, ("loans.line.rate", "4 %"))[0]


@pytest.mark.parametrize(("at", "key", "meant"), [
    ("firms.miner", "tax", "profit_tax"), ("firms.miner", "income_tax", "profit_tax"), ("loans.line", "interest", "rate"),
    ("loans.line", "interest_rate", "rate"), ("loans.line", "期限", "term"), ("loans.line", "lump_sum", "lump"),
    ("loans.line", "repayments", "repayment"), ("firms.miner", "least", "least_cash"),
])
def test_an_unknown_key_is_answered_with_the_one_that_is_meant(tmp_path, at: str, key: str, meant: str) -> None:
    sections = copy.deepcopy(SOUND)
    section, name = at.split(".")
    sections[section][name][key] = "5 %"
    file = tmp_path / "chain.yaml"
    file.write_text(yaml.safe_dump(sections, allow_unicode=True), encoding="utf-8")
    assert f"{at}.{key}: unknown key '{key}'; did you mean '{meant}'?" in str(check(file)[0])


def test_a_key_that_is_like_none_is_answered_with_those_there_are(tmp_path) -> None:
    """By its letters alone `amount` would be `payout`; `guarantor` is like none."""
    for key in ("amount", "guarantor"):
        sections = copy.deepcopy(SOUND)
        sections["loans"]["line"][key] = "5 CNY"
        file = tmp_path / "chain.yaml"
        file.write_text(yaml.safe_dump(sections), encoding="utf-8")
        assert f"loans.line.{key}: unknown key '{key}'; expected one of title, note" in str(check(file)[0])


def test_terms_may_be_in_months_as_they_are_written_in_chinese(tmp_path) -> None:
    assert problems(tmp_path, ("loans.line.term", "12 个月"), ("loans.line.rate", "3.85 %/年")) == []
