"""Stocks carried from stage to stage: deposits, fill sites, piles; what a store ends a stage with the next begins with.

So are stocks from period to period, summer to winter, in each stage for itself. What is said of stages holds for them.
A stage's horizon passes many times, or once where a stock is to be carried so. In each the plan is the same, so the
stock changes each time by as much: in the passing after j others a level lies j such changes higher. Between the first
passing and the last all levels are then between theirs, and it is enough that these have room.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.network.pathway import Carried
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.pathway.compose import Composition

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.plan.pathway.answer import PathwayAnswer

__all__ = ["handed_on", "handed_room", "left_over", "stocks"]


def _stores(made: Composition, stock: Carried) -> Iterator[tuple[int, int]]:
    """Yield slice and store of a carried stock, stage by stage or period by period."""
    for number, piece in enumerate(made.pathway.slices):
        if piece.scenario == stock.scenario and stock.stage in (-1, piece.stage):
            net = piece.network
            element = net.element_number[stock.element]
            yield number, int(np.flatnonzero(net.stores.element == element)[0])


def _ends(made: Composition, number: int, store: int) -> tuple[int, int]:
    """Return the columns of what a store begins a slice with, and of its level at the end of one passing."""
    part, net = made.parts[number], made.parts[number].network
    count = net.grids[net.balances.grid[net.stores.balance[store]]].count
    return part.column + int(part.columns.begin[store]), part.column + int(part.columns.level[store]) + count - 1


def handed_on(made: Composition) -> Block:
    r"""A stage begins with what the one before left; the first with what is there.

    .. math:: S_{s1} = S^0_s, \qquad S_{s,y+1} - S_{sy} - n_y\, (L_{sy} - S_{sy}) = 0

    for each carried stock s in each scenario: S what a stage begins with, L the level after one passing of its horizon,
    n how often that passes in the stage, one for what is carried `once`. Where the last stage is to leave what the
    first begins with, the first is the stage after the last. Over periods n is how often one comes, and the first
    follows the last; or one, and then it may be said what the first begins with.
    """
    rows = Rows("handed_on", tuple(
        f"what {stock.element} holds from {'period to period' if stock.stage >= 0 else 'stage to stage'}"
        f"{_where(made, stock)}" for stock in made.pathway.carried
    ))
    for owner, stock in enumerate(made.pathway.carried):
        own = list(_stores(made, stock))
        begin, _ = _ends(made, *own[0])
        given, back = not np.isnan(stock.initial), [own[-1], own[0]]
        if given:
            rows.term(rows.add(owner, stock.initial, stock.initial, 1), begin, 1.0)
        steps = [*pairwise(own), *([back] if stock.ring and given else [])]
        for (number, store), after in steps if given else [back, *steps]:
            begin, end = _ends(made, number, store)
            passes = stock.passes(made.pathway.slices[number])
            line = rows.add(owner, 0.0, 0.0, 1)
            rows.term(line, _ends(made, *after)[0], 1.0)
            rows.term(line, begin, passes - 1.0)
            rows.term(line, end, -passes)
    return rows.done()


def _where(made: Composition, stock: Carried) -> str:
    name = made.pathway.scenarios[stock.scenario].name
    stage = made.pathway.stages[stock.stage].name if stock.stage >= 0 else ""
    return (f" in stage {stage}" if stage else "") + (f" in scenario {name}" if name else "")


def left_over(made: Composition) -> Block:
    r"""The last stage leaves what a carried stock must hold in the end.

    .. math:: S_{sY} + n_Y\, (L_{sY} - S_{sY}) \ge \underline{S}_s
    """
    rows = Rows("left_over", tuple(
        f"what {stock.element} must hold in the end{_where(made, stock)}" for stock in made.pathway.carried
    ))
    for owner, stock in enumerate(made.pathway.carried):
        if np.isfinite(stock.end):
            number, store = list(_stores(made, stock))[-1]
            begin, end = _ends(made, number, store)
            passes = stock.passes(made.pathway.slices[number])
            line = rows.add(owner, stock.end, np.inf, 1)
            rows.term(line, end, passes)
            rows.term(line, begin, 1.0 - passes)
    return rows.done()


def handed_room(made: Composition) -> Block:
    r"""In the last passing of a stage a carried stock has room too, and is not overdrawn.

    .. math::

        \underline{\lambda}_{st} (K_s + k_s) \le L_{st} + (n-1)\, (L_{sT} - S_s)
        \le \overline{\lambda}_{st} (K_s + k_s)

    for each step t of the stage's horizon, T its last; the first passing is what the blocks of stores hold.
    """
    pathway = made.pathway
    owners = [(stock, number, store) for stock in pathway.carried for number, store in _stores(made, stock)]
    rows = Rows("handed_room", tuple(made.parts[number].said(f"the room of {stock.element}")
                                     for stock, number, _ in owners))
    for owner, (stock, number, store) in enumerate(owners):
        part, net = made.parts[number], made.parts[number].network
        passes = stock.passes(pathway.slices[number])
        if passes <= 1.0:
            continue
        plant, grids = int(net.stores.plant[store]), net.balances.grid[net.stores.balance]
        size, built = float(net.plants.existing[plant]), int(part.columns.built[plant])
        begin, end = _ends(made, number, store)
        for share, lower in ((net.on_grid(net.stores.low, grids, store), True),
                             (net.on_grid(net.stores.high, grids, store), False)):
            if not np.isfinite(size) and not (lower and not np.any(share)):
                continue
            bound = share * size if np.isfinite(size) else np.zeros(len(share))
            line = rows.add(owner, bound if lower else -np.inf, np.inf if lower else bound, len(share))
            level = part.column + int(part.columns.level[store]) + np.arange(len(share), dtype=np.int32)
            rows.term(line[:-1], level[:-1], 1.0)
            rows.term(line[:-1], end, passes - 1.0)
            rows.term(line[-1:], end, passes)
            rows.term(line, begin, 1.0 - passes)
            if built >= 0 and np.any(share):
                rows.term(line, part.column + built, -share * part.columns.built_size(net, plant))
    return rows.done()


def stocks(answer: PathwayAnswer) -> pl.DataFrame:
    """Return carried stocks, a row a stage or period: what they begin and end it with, and how they change in a year.

    `marginal_value` is what one more unit at its beginning would add to its scenario's objective.
    """
    import polars as pl

    made, pathway, x = answer.composition, answer.pathway, answer.found.x
    first = next(at for block, at in made.program.blocks if block.name == "handed_on")
    rows, line = [], first
    for stock in pathway.carried:
        chance = pathway.scenarios[stock.scenario].probability
        for number, store in _stores(made, stock):
            piece = pathway.slices[number]
            begin, end = (float(x[column]) for column in _ends(made, number, store))
            element = piece.network.elements[piece.network.stores.element[store]]
            stage, change, passes = pathway.stages[piece.stage], end - begin, stock.passes(piece)
            years = pathway.meant if stock.stage >= 0 else stage.years
            rows.append((
                stage.name, pathway.scenarios[stock.scenario].name, piece.period, stock.element, element.commodity,
                element.site, begin, begin + passes * change, passes / years * change, element.unit,
                -float(answer.found.y[line]) / chance,
            ))
            line += 1
        line += stock.ring and not np.isnan(stock.initial)
    text = ("stage", "scenario", "period", "element", "commodity", "site")
    frame = pl.DataFrame(rows, orient="row", schema={
        **dict.fromkeys(text, pl.String), **dict.fromkeys(("begin", "end", "yearly"), pl.Float64), "unit": pl.String,
        "marginal_value": pl.Float64,
    })
    piece = pathway.slices[0]
    several = {"stage": pathway.stages[0].name, "scenario": pathway.scenarios[0].name, "period": piece.period}
    kept = [name for name, first in several.items() if first]
    return frame.drop([name for name in several if name not in kept]).with_columns(pl.col(kept).cast(pl.Categorical))
