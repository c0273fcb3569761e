"""Every kind of constraint, one function each; the registries are the lists `BLOCKS` and `MONEY_BLOCKS`.

A block is a function of the network and the columns that returns a `Block` of rows; its formula stands in
its docstring, from which docs/formulation.md is made. Those of firms' money are functions of the books, which a network
has and a plan over stages too.
"""

from __future__ import annotations

from collections.abc import Callable

from lodeworks.network.arrays import Network
from lodeworks.plan.block import Block
from lodeworks.plan.blocks.balance import balance, gathering
from lodeworks.plan.blocks.capacity import capacity, minimum_load, mode_shares
from lodeworks.plan.blocks.carried import carried
from lodeworks.plan.blocks.commitment import commitment, down_time, fill_order, start_limit, starts, stop_limit, up_time
from lodeworks.plan.blocks.lending import credit, drawn_once, lending, loan_total, pledge, turnover
from lodeworks.plan.blocks.limits import blend_quality, budget, cycles, policies, resources
from lodeworks.plan.blocks.money import cash, debt, renewal
from lodeworks.plan.blocks.projects import capacity_sums, choices, needs
from lodeworks.plan.blocks.ramps import ramp_down, ramp_up
from lodeworks.plan.blocks.reserves import reserves
from lodeworks.plan.blocks.stores import (
    least_stay,
    shelf_life,
    store_capacity,
    store_doors,
    store_either,
    store_floor,
    store_speed,
)
from lodeworks.plan.blocks.taxes import losses_used, profit_tax, taxable
from lodeworks.plan.blocks.units import unit_down_time, unit_ramps, units_on
from lodeworks.plan.books import Books
from lodeworks.plan.columns import Columns

__all__ = ["BLOCKS", "MONEY_BLOCKS"]

BLOCKS: tuple[Callable[[Network, Columns], Block], ...] = (
    balance,
    gathering,
    capacity,
    minimum_load,
    mode_shares,
    commitment,
    starts,
    up_time,
    down_time,
    start_limit,
    stop_limit,
    fill_order,
    ramp_up,
    ramp_down,
    units_on,
    unit_down_time,
    unit_ramps,
    reserves,
    carried,
    store_capacity,
    store_floor,
    store_doors,
    store_either,
    store_speed,
    shelf_life,
    least_stay,
    resources,
    blend_quality,
    cycles,
    policies,
    budget,
    choices,
    needs,
    capacity_sums,
)
MONEY_BLOCKS: tuple[Callable[[Books], Block], ...] = (
    cash,
    debt,
    renewal,
    profit_tax,
    taxable,
    losses_used,
    credit,
    drawn_once,
    turnover,
    pledge,
    lending,
    loan_total,
)
