"""Firms' statements, loans and what they add over stages, year by year, from the books of each scenario.

Rows of a year carry the stage it is in. The opening, in which what the first stage builds is paid, stands as the day
before the first year.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from lodeworks.network.arrays import Floats, Ints
from lodeworks.plan.block import Block
from lodeworks.plan.blocks import MONEY_BLOCKS
from lodeworks.plan.books import Books
from lodeworks.plan.pathway.answer import PathwayAnswer
from lodeworks.plan.pathway.firms import books_over_years, of_vintages, spread_over_years
from lodeworks.plan.pathway.flows import late, slice_entries, weights_of
from lodeworks.plan.tables.statements import Closed, financed, loans, opening_stock, statements, value_added

__all__ = ["accounts_tables", "closed_over_years"]


def accounts_tables(answer: PathwayAnswer) -> dict[str, list[pl.DataFrame]]:
    """Return the tables of money of each scenario, and what they add to those of costs and of marginal values."""
    found: dict[str, list[pl.DataFrame]] = {}
    for w in range(len(answer.pathway.accounts)):
        told = closed_over_years(answer, w)
        periods = pl.DataFrame({"time": told.begins, "stage": _stage_of_periods(answer)}).with_columns(
            pl.col("time").cast(pl.Datetime("ms")))
        values = _cash_values(answer, told, w)
        by_year = {"statements": statements(told), "loans": loans(told), "marginal_values": values}
        for name, table in by_year.items():
            labelled = table.join(periods, on="time", how="left", maintain_order="left")
            found.setdefault(name, []).append(_labelled(answer, labelled.select("stage", pl.exclude("stage")), w))
        for y, its in enumerate(answer.pathway.stages):
            years = answer.pathway.years(y)
            first = 0 if y == 0 else int(years[0])
            added = value_added(told, slice(first, int(years[-1]) + 1))
            found.setdefault("value_added", []).append(
                _labelled(answer, added.select(pl.lit(its.name).alias("stage"), pl.all()), w))
        found.setdefault("costs", []).append(_labelled(answer, _financing(answer, told, w), w))
    return found


def _labelled(answer: PathwayAnswer, table: pl.DataFrame, scenario: int) -> pl.DataFrame:
    name = answer.pathway.scenarios[scenario].name
    table = table.with_columns(pl.col("stage").cast(pl.Categorical))
    if not name:
        return table
    return table.select("stage", pl.lit(name).cast(pl.Categorical).alias("scenario"), pl.exclude("stage"))


def _stage_of_periods(answer: PathwayAnswer) -> list[str]:
    """Return the stage each period is in; the opening belongs to the first."""
    pathway = answer.pathway
    return [pathway.stages[0].name, *(
        stage.name for y, stage in enumerate(pathway.stages) for _ in pathway.years(y)
    )]


def closed_over_years(answer: PathwayAnswer, scenario: int) -> Closed:
    """Return a scenario's books with the plan's numbers in them, every entry told apart."""
    pathway, made, x = answer.pathway, answer.composition, answer.found.x
    accounts = pathway.accounts[scenario]
    entries = of_vintages(made, scenario)
    built = np.zeros((len(accounts.firm), accounts.count))
    for entry in entries:
        if entry.item == "investment" and entry.firm >= 0:
            built[entry.firm] -= np.cumsum(entry.paid.of(x))
    opening = None
    for number, piece in enumerate(pathway.slices):
        if piece.scenario != scenario or piece.accounts is None:
            continue
        if opening is None:
            opening = opening_stock(answer.slices[number], piece.accounts)
        for entry in slice_entries(pathway, made.parts, number):
            amount = float(entry.earned.value @ x[entry.earned.col] + entry.earned.fixed.sum())
            delay = late(piece.accounts, entry)
            years, often = pathway.years(piece.stage), pathway.yearly(number)
            entries.append(spread_over_years(accounts, years, entry, often * amount, delay))
    assert opening is not None
    books = Books(accounts, made.links.money[scenario], tuple(entries), yearly=True)
    credit = np.zeros((len(accounts.offers), accounts.count))
    for name in ("credit", "drawn_once"):
        block, dual = _duals(answer, scenario, name)
        for owner, step, value in zip(block.owner, block.step, dual, strict=True):
            credit[owner, books.limit_of_draws(owner)[1][step]] -= value
    return Closed(
        books, x, _begins(answer), pathway.network.currency, opening, built, credit,
    )


def _begins(answer: PathwayAnswer) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """Return the day before the first year, and the first day of each."""
    years = range(len(_stage_of_periods(answer)) - 1)
    firsts = [np.datetime64(f"{answer.pathway.base + year:04d}-01-01", "ms") for year in years]
    return np.array([firsts[0] - np.timedelta64(1, "D"), *firsts])


def _duals(answer: PathwayAnswer, scenario: int, name: str) -> tuple[Block, Floats]:
    """Return a block of a scenario's books as it is made, and the duals of its rows in that scenario's money."""
    made = answer.composition
    chance = answer.pathway.scenarios[scenario].probability
    blocks = [
        (w, make.__name__, make(books)) for w, books in _all_books(answer) for make in MONEY_BLOCKS
    ]
    at = len(made.program.row_lower) - sum(len(block) for *_, block in blocks)
    for w, kind, block in blocks:
        if (w, kind) == (scenario, name):
            return block, answer.found.y[at : at + len(block)] / chance
        at += len(block)
    raise KeyError(name)


def _all_books(answer: PathwayAnswer) -> Iterator[tuple[int, Books]]:
    for w in range(len(answer.pathway.accounts)):
        yield w, books_over_years(answer.composition, w)


def _cash_values(answer: PathwayAnswer, told: Closed, scenario: int) -> pl.DataFrame:
    """Return what one unit of money given to a firm at the end of a year would add to the objective, beyond itself."""
    accounts, parts = told.books.accounts, []
    block, dual = _duals(answer, scenario, "cash")
    unit = f"{answer.pathway.network.objective.unit}/{told.currency}"
    for f, firm in enumerate(accounts.firm):
        parts.append(pl.DataFrame({
            "time": told.begins, "hours": accounts.years * 8760.0, "value": -dual[block.owner == f] + 0.0,
        }).select(
            *(pl.lit(word).cast(pl.Categorical).alias(key) for key, word in (
                ("what", "cash"), ("name", firm), ("commodity", ""), ("site", ""), ("unit", unit))),
            pl.col("time").cast(pl.Datetime("ms")), "hours", "value",
        ))
    return pl.concat(parts)


def _financing(answer: PathwayAnswer, told: Closed, scenario: int) -> pl.DataFrame:
    """Return interest and tax on profit of every stage as rows of the table of costs."""
    pathway, weights = answer.pathway, weights_of(answer.pathway, scenario)
    rows = []
    for item, element, kind, owner, amount in financed(told):
        for y, stage in enumerate(pathway.stages):
            years: Ints = pathway.years(y)
            over = float(amount[years].sum())
            rows.append((stage.name, item, element, kind, "", "", owner, over * pathway.meant / stage.years, over,
                         float(weights[years] @ amount[years]), pathway.scenarios[scenario].probability))
    text = ("stage", "item", "element", "kind", "commodity", "site", "owner")
    numbers = ("amount", "over_stage", "discounted", "probability")
    schema = {**dict.fromkeys(text, pl.String), **dict.fromkeys(numbers, pl.Float64)}
    return pl.DataFrame(rows, orient="row", schema=schema).with_columns(currency=pl.lit(told.currency))
