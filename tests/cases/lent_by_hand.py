"""The matching of projects and banks as a linear program of its own, from the case's tables alone.

Written with none of the package's code, so that loans, cash and tax are computed twice. Plants are given: which are built is not
asked here. Money is in million yuan, time in halves of months.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

__all__ = ["best", "rows_of"]

CASE = "cases/bank-matching"
PERIODS, DAYS, YEAR, TAX = 24, 15, 365.0, 0.25
HORIZON = PERIODS * DAYS / YEAR                          # of a year
LENT = {"branch": 75.0, "banks": 519.0}
PRODUCTS = {                                             # lender, rate, periods to the last repayment and to the money, turnover, pledge
    "weijie": ("branch", 0.0365, 24, 0, 0.3, None),
    "tech": ("branch", 0.0345, 24, 0, None, None),
    "power": ("branch", 0.039, 12, 0, 0.1, None),
    "qianke": ("branch", 0.036, 24, 1, None, None),
    "working": ("branch", 0.0385, 24, 1, None, None),
    "project": ("banks", 0.042, 122, 2, None, 0.7),      # of which every period repays as much
}

Terms = list[tuple[int, float]]


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(CASE, table).read_text(encoding="utf-8").splitlines()))


@dataclass
class Sums:
    """Columns with what they earn and their bounds, and rows: at most, or equal."""

    worth: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    rows: dict[bool, list[tuple[Terms, float]]] = field(default_factory=lambda: {True: [], False: []})
    fixed: float = 0.0

    def columns(self, worth: float = 0.0, most: Collection[float] = (np.inf,) * PERIODS) -> list[int]:
        first = len(self.worth)
        self.worth += [worth] * len(most)
        self.most += most
        return list(range(first, len(self.worth)))

    def row(self, terms: Terms, right: float, equal: bool = False) -> None:
        self.rows[equal].append((terms, right))

    def matrix(self, equal: bool) -> coo_array:
        entries = [(value, i, column) for i, (terms, _) in enumerate(self.rows[equal]) for column, value in terms]
        value, row, column = zip(*entries, strict=True)
        return coo_array((value, (row, column)), shape=(len(self.rows[equal]), len(self.worth)))

    def best(self) -> float:
        rights = {equal: [right for _, right in rows] for equal, rows in self.rows.items()}
        found = linprog(-np.array(self.worth), self.matrix(False), rights[False], self.matrix(True), rights[True],
                        [(0.0, most) for most in self.most])
        assert found.status == 0, found.message
        return self.fixed - found.fun


def best(renewal: bool, built: Collection[str]) -> float:
    """Return the most that all firms can earn after interest and tax with these plants."""
    sums, lent = Sums(), {lender: [] for lender in LENT}
    firms = {row["name"]: row for row in rows_of("firms.csv")}
    waits = {row["owner"]: int(row["payment [d]"]) // DAYS for row in rows_of("demands.csv")}
    ramps = rows_of("ramp.csv")
    for line in rows_of("processes.csv"):
        plant = line["name"].endswith("_plant")
        if plant and line["name"] not in built:
            continue
        _firm(sums, lent, firms[line["owner"]], line, waits[line["owner"]], ramps if plant else None, renewal)
    for lender, drawn in lent.items():
        sums.row([(column, 1.0) for column in drawn], LENT[lender])
    return sums.best()


def _firm(
    sums: Sums, lent: dict[str, list[int]], firm: dict[str, str], line: dict[str, str], wait: int,
    ramps: list[dict[str, str]] | None, renewal: bool,
) -> None:
    size = float(line["expansion.lump [lot/d]" if ramps else "capacity [lot/d]"])
    open_ = [float(ramps[y][line["availability"]]) if ramps else 1.0 for y in range(PERIODS)]
    spent = float(re.search(r"materials: ([\d.]+)", line["inputs"])[1]) + float(line["cost [MCNY/lot]"])
    made = sums.columns(1.0 - spent, [size * DAYS * share for share in open_])
    cash, (tax,) = sums.columns(), sums.columns(-1.0, [np.inf])
    left, written = [float(firm["cash [MCNY]"])] + [0.0] * (PERIODS - 1), 0.0
    taxed = [(x, TAX * (1.0 - spent)) for x in made]
    if ramps:
        price = size * float(line["expansion.cost [MCNY/(lot/d)]"])
        left[int(line["expansion.paid [d]"]) // DAYS] -= price
        written = price / float(line["expansion.life [a]"]) * HORIZON
    money = [[(made[y], -spent)] + ([(made[y - wait], 1.0)] if y >= wait else []) for y in range(PERIODS)]
    money[-1].append((tax, -1.0))
    for loan, (lender, rate, *_) in PRODUCTS.items():
        granted = float(firm[f"credit.{loan} [MCNY]"] or 0.0)
        debt = float(firm.get(f"debts.{loan}.amount [MCNY]") or 0.0)
        if granted or debt:
            interest = rate * DAYS / YEAR
            due = firm[f"debts.{loan}.due"] if debt else ""
            drawn, owed = _loan(sums, loan, granted, debt, due, made, firm, renewal)
            lent[lender] += drawn
            for y in range(PERIODS):                     # what is owed more is money; interest is on what was owed
                money[y].append((owed[y], 1.0))
                if y:
                    money[y].append((owed[y - 1], -1.0 - interest))
                    sums.worth[owed[y - 1]] -= interest
                    taxed.append((owed[y - 1], -TAX * interest))
            left[0] -= debt * (1.0 + interest)
            written += debt * interest
    for y in range(PERIODS):
        before = [(cash[y - 1], -1.0)] if y else []
        sums.row([(cash[y], 1.0), *before, *((column, -value) for column, value in money[y])], left[y], equal=True)
    sums.row([*taxed, (tax, -1.0)], TAX * written)
    sums.fixed -= written


def _loan(
    sums: Sums, loan: str, granted: float, debt: float, due: str, made: list[int], firm: dict[str, str], renewal: bool
) -> tuple[list[int], list[int]]:
    _, _, term, wait, turnover, pledge = PRODUCTS[loan]
    drawn = sums.columns(0.0, [np.inf if y >= wait else 0.0 for y in range(PERIODS)])
    renewed = sums.columns(0.0, [np.inf if renewal and loan == "working" else 0.0] * PERIODS)
    owed = sums.columns()
    falls = np.zeros(PERIODS)
    if debt:
        falls[((date.fromisoformat(due) - date(2026, 1, 1)).days - 1) // DAYS] = debt
    for y in range(PERIODS):
        if pledge:
            back = [(column, 1.0 / term) for k in range(y) for column in (drawn[k], renewed[k])]
            sums.row([(owed[y], 1.0 / pledge)], float(firm["collateral [MCNY]"]))
        else:
            back = [(column, 1.0) for column in (drawn[y - term], renewed[y - term])] if y >= term else []
        sums.row([(owed[y], 1.0), *([(owed[y - 1], -1.0)] if y else []), (drawn[y], -1.0), (renewed[y], -1.0), *back],
                 (0.0 if y else debt) - falls[y], equal=True)
        sums.row([(renewed[y], 1.0), *((column, -value) for column, value in back)], falls[y])
        if y >= wait and not pledge:
            before = y - 1 - wait
            sums.row([*((drawn[k], 1.0) for k in range(y - wait, y + 1)), *([(owed[before], 1.0)] if before >= 0 else [])],
                     granted - (debt if before < 0 else 0.0))
    if pledge:                                           # a project loan is drawn once
        sums.row([(column, 1.0) for column in drawn], granted)
    if turnover:
        sums.row([*((column, 1.0) for column in drawn), *((column, -turnover / HORIZON) for column in made)], 0.0)
    return drawn, owed
