"""Firms' money over stages: books whose periods are the opening and the ends of years.

The blocks of money of one horizon serve as they are on these books. Money of a year is there at its end. What is built
is paid at the beginning of its stage, which is the end of the year before, or the opening. It is written off in equal
parts over its life from the year it stands; where it stands longer, it is paid on at its annuity, as in the objective.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Ints
from lodeworks.network.pathway import Pathway
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks import MONEY_BLOCKS
from lodeworks.plan.books import Books
from lodeworks.plan.explain.words import money_words
from lodeworks.plan.ledger import Entry, Sums
from lodeworks.plan.pathway.compose import Composition

__all__ = ["books_over_years", "money_rows", "of_vintages", "period_words", "spread_over_years", "year_money"]


def year_money(made: Composition) -> Block:
    r"""What a slice brings a firm in a year of its stage is what one passing brings, as often as it passes.

    .. math:: F_{f\sigma k} - \frac{n_\sigma}{D_y} \sum_j m_{fj}\, x_{j\sigma} = \text{constants}

    for each firm f, slice σ and k of what is paid after the same time; n is how often the horizon passes in the stage
    and D its years.
    """
    flows, pathway = made.links.flows, made.pathway
    names = tuple(
        made.parts[flow.slice].said(f"what {pathway.accounts[0].firm[flow.firm]} earns in a year") for flow in flows
    )
    rows = Rows("year_money", names)
    for owner, (flow, column) in enumerate(zip(flows, made.links.flow, strict=True)):
        often = pathway.yearly(flow.slice)
        fixed = often * sum(float(entry.earned.fixed.sum()) for entry in flow.entries)
        line = rows.add(owner, fixed, fixed, 1)
        rows.term(line, int(column), 1.0)
        cols = np.concatenate([entry.earned.col for entry in flow.entries])
        values = np.concatenate([entry.earned.value for entry in flow.entries])
        each, where = np.unique(cols, return_inverse=True)
        sums: Floats = -often * np.bincount(where, values, minlength=len(each)).astype(float)
        rows.term(np.broadcast_to(line, each.shape), each, sums)
    return rows.done()


def books_over_years(made: Composition, scenario: int) -> Books:
    """Return the books of a scenario: what its flows and vintages bring in every year."""
    pathway, links = made.pathway, made.links
    accounts = pathway.accounts[scenario]
    entries = []
    for flow, column in zip(links.flows, links.flow, strict=True):
        piece = pathway.slices[flow.slice]
        if piece.scenario != scenario:
            continue
        years = pathway.years(piece.stage)
        earned = _sums(accounts, years, int(column), np.ones(len(years)))
        paid = _paid_later(earned, flow.late, accounts.count)
        entries.append(Entry(flow.firm, "revenue" if flow.sold else "other", -1, -1, earned, paid))
    entries += of_vintages(made, scenario)
    return Books(accounts, links.money[scenario], tuple(entries), yearly=True)


def _sums(accounts: Accounts, years: Ints, column: int, values: Floats) -> Sums:
    return Sums(years, np.full(len(years), column, np.int32), values, np.zeros(accounts.count))


def _paid_later(earned: Sums, late: float, count: int) -> Sums:
    """Return what is earned evenly over its year as it is paid: a part of it in the year after, or never."""
    if late == 0.0:
        return earned
    if np.isinf(late):
        nothing = np.zeros(0, np.int32)
        return Sums(nothing, nothing, np.zeros(0), np.zeros(count))
    whole, part = int(late), late - int(late)
    period = np.concatenate([earned.period + whole, earned.period + whole + 1])
    value = np.concatenate([(1.0 - part) * earned.value, part * earned.value])
    col = np.concatenate([earned.col, earned.col])
    kept = (period < count) & (value != 0.0)
    fixed = np.zeros(count)
    for shift, share in ((whole, 1.0 - part), (whole + 1, part)):
        fixed[shift:] += share * earned.fixed[: count - shift]
    return Sums(period[kept].astype(np.int32), col[kept], value[kept], fixed)


def spread_over_years(accounts: Accounts, years: Ints, entry: Entry, amount: float, late: float) -> Entry:
    """Return an entry of one year's amount in each of some years, paid `late` years on."""
    fixed = np.zeros(accounts.count)
    fixed[years] = amount
    nothing = np.zeros(0, np.int32)
    earned = Sums(nothing, nothing, np.zeros(0), fixed)
    return replace(entry, earned=earned, paid=_paid_later(earned, late, accounts.count))


def of_vintages(made: Composition, scenario: int) -> list[Entry]:
    """Return what is paid for all that is decided, written off of it, and paid on where it stands beyond its life."""
    pathway, vintages = made.pathway, made.pathway.vintages
    accounts, found = pathway.accounts[scenario], []
    piece = next(piece for piece in pathway.slices if piece.scenario == scenario)
    assert piece.accounts is not None
    for v, name in enumerate(vintages.element):
        element = piece.network.element_number[name]
        column, life = int(made.links.vintage[v]), float(vintages.life[v])
        money = float(vintages.invest[v] * vintages.size[v])
        stands = np.concatenate([pathway.years(y) for y in range(vintages.first[v], vintages.last[v])])
        age = stands - stands[0]
        written = money / life * np.clip(life - age, 0.0, 1.0)
        bought = np.array([round(pathway.stages[vintages.stage[v]].start)], np.int32)
        firm = int(piece.accounts.of_element[element])
        found.append(Entry(
            firm, "investment", element, -1, _sums(accounts, stands, column, -written),
            _sums(accounts, bought, column, np.array([-money])),
        ))
        beyond = np.clip(age + 1.0 - life, 0.0, 1.0) * (vintages.part[v] == 1.0)
        if beyond.any():
            annuity = money / life if pathway.rate == 0.0 else (
                money * pathway.rate / (1.0 - (1.0 + pathway.rate) ** -life))
            again = _sums(accounts, stands, column, -annuity * beyond)
            found.append(Entry(firm, "renewal", element, -1, again, again))
    return found


def money_rows(made: Composition) -> Iterator[Block]:
    """Yield the blocks of money of every scenario's books, with names for their rows."""
    for w, scenario in enumerate(made.pathway.scenarios if made.pathway.accounts else ()):
        books = books_over_years(made, w)
        for make in MONEY_BLOCKS:
            block = make(books)
            if len(block):
                yield _named(block, books, made.pathway, f" in scenario {scenario.name}" if scenario.name else "")


def _named(block: Block, books: Books, pathway: Pathway, where: str) -> Block:
    """Return a block whose owners are its rows, each with a name that says whose it is and when."""
    names = []
    for owner, step in zip(block.owner, block.step, strict=True):
        if block.name in ("loan_total", "drawn_once", "losses_used"):
            when = ""
        elif block.name in ("profit_tax", "taxable", "lending", "turnover"):
            when = f" in {pathway.base + step}"
        else:
            first = int(books.accounts.offers.first[owner]) if block.name == "credit" else 0
            when = f" {period_words(pathway, int(step) + first)}"
        names.append(money_words(books.accounts, block.name, int(owner)) + when + where)
    return replace(block, owner=np.arange(len(block), dtype=np.int32), names=tuple(names))


def period_words(pathway: Pathway, period: int) -> str:
    """Say when a period of the books is."""
    return f"at the end of {pathway.base + period - 1}" if period else f"at the beginning of {pathway.base}"
