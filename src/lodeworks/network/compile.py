"""A checked chain becomes a network: entities are walked once, then every list is frozen into arrays.

What each kind of entity becomes is in the modules beside this one; the arrays are described in `arrays`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.network.arrays import (
    Balances,
    Before,
    Blends,
    Coefficients,
    CommodityRow,
    Costs,
    Cycles,
    Network,
    Objective,
    Plants,
    Policies,
    Reserves,
    Resources,
    Shares,
    StartFlows,
    Stores,
)
from lodeworks.network.builder import Builder, Vary, frozen
from lodeworks.network.discrete import compile_discrete
from lodeworks.network.finance import compile_accounts
from lodeworks.network.goal import goal_of
from lodeworks.network.processes import add_processes
from lodeworks.network.projects import compile_projects, compile_sums
from lodeworks.network.stock import add_policies, add_pools, add_stores
from lodeworks.network.trade import add_demands, add_supplies
from lodeworks.network.transport import add_routes

__all__ = ["compile_network"]


def compile_network(chain: Chain) -> Network:
    """Compile a checked chain into flat arrays.

    Raises
    ------
    InputError
        If a unit or profile does not fit, or attributes are combined in a way no engine can hold.
    """
    b = Builder.of(chain)
    add_processes(b)
    add_supplies(b)
    add_demands(b)
    add_routes(b)
    add_stores(b)
    add_pools(b)
    add_policies(b)
    discrete = compile_discrete(b)
    accounts = compile_accounts(b)
    choices, needs = compile_projects(b)
    budget = chain.investment.budget
    network = Network(
        name=chain.chain,
        title_en=chain.title.text("en", chain.chain),
        title_zh=chain.title.text("zh", chain.chain),
        currency=chain.currency,
        start=chain.horizon.start,
        hours=b.steps.hours,
        steps=b.steps.count,
        cyclic=chain.horizon.cyclic,
        objective=Objective("profit", "", chain.currency, np.zeros(len(b.activities))),
        budget=b.measures.money(budget) if budget is not None else np.inf,
        discrete=discrete,
        accounts=accounts,
        before=_before(b),
        commodity_unit={name: commodity.unit for name, commodity in chain.commodities.items()},
        balances=Balances(
            tuple(commodity for commodity, _ in b.balances),
            tuple(site for _, site in b.balances),
            _ints(b.balance_grid), np.array(b.let_go, bool),
            np.isin(np.arange(len(b.balances)), sorted(b.hidden)),
        ),
        activities=b.frozen_activities(),
        coefficients=_coefficients(b),
        costs=Costs(
            _ints(c[0] for c in b.costs), tuple(c[1] for c in b.costs), _ints(c[2] for c in b.costs),
            tuple(c[3] for c in b.costs), frozen(c[4] for c in b.costs),
        ),
        constants=tuple(b.constants),
        plants=_plants(b),
        stores=_stores(b),
        resources=_resources(b),
        policies=_policies(b),
        shares=Shares(*_columns(b.shares, (int, int, float, float))),
        blends=Blends(
            tuple(b.blend_names), _ints(b.blend_grids), *_columns(b.blend_weights, (int, int, float))
        ),
        cycles=_cycles(b),
        choices=choices,
        needs=needs,
        sums=compile_sums(b),
        start_flows=StartFlows(*_columns(b.start_flows, (int, int, float))),
        reserves=Reserves(*_columns(b.reserves, (int, int, bool, bool, float))),
        order=_ints(b.order).reshape(-1, 2),
        elements=tuple(b.elements),
        commodities=tuple(_commodity(b, name) for name in chain.commodities),
        grids=b.frozen_grids(),
        series=np.array(b.series, float).reshape(len(b.series), b.steps.count),
    )
    return replace(network, objective=goal_of(network, chain.objective.goal, chain.objective.commodity))


def _commodity(b: Builder, name: str) -> CommodityRow:
    entity = b.chain.commodities[name]
    return CommodityRow(
        name, entity.title.text("en", name), entity.title.text("zh", name), entity.unit,
        b.measures.mass(name), b.measures.heating_value(name), *(b.measures.cooling(name) or ()),
    )


def _ints(values: Any) -> Any:
    return np.array(list(values), np.int32)


def _columns(rows: list[Any], kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """Turn a list of tuples into one array a field."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return tuple(
        np.array(column, np.int32 if kind is int else kind) for column, kind in zip(columns, kinds, strict=True)
    )


def _coefficients(b: Builder) -> Coefficients:
    rows = [(activity, balance, b.mean(over), lag, element) for activity, balance, over, lag, element in b.coefficients]
    activity, balance, amount, lag, element = _columns(rows, (int, int, float, float, int))
    return Coefficients(activity, balance, amount, lag, element, frozen(row[2] for row in b.coefficients))


def _before(b: Builder) -> Before | None:
    ran, on = (np.array([getattr(row, name) for row in b.plants], float) for name in ("ran", "been_on"))
    return None if np.isnan([ran, on]).all() else Before(ran, on)


def _plants(b: Builder) -> Plants:
    rows = b.plants

    def floats(name: str) -> Any:
        return np.array([getattr(row, name) for row in rows], float)

    return Plants(
        element=_ints(row.element for row in rows),
        grid=_ints(row.grid for row in rows),
        existing=floats("existing"),
        availability=frozen(row.availability for row in rows),
        min_load=frozen(row.min_load for row in rows),
        on_off=np.array([row.on_off for row in rows], bool),
        start_cost=floats("start_cost"),
        stop_cost=floats("stop_cost"),
        on_cost=frozen(row.on_cost for row in rows),
        min_up=floats("min_up"),
        min_down=floats("min_down"),
        start_load=floats("start_load"),
        stop_load=floats("stop_load"),
        ramp_up=floats("ramp_up"),
        ramp_down=floats("ramp_down"),
        fixed=floats("fixed"),
        least=floats("least"),
        most=floats("most"),
        lump=floats("lump"),
        invest=floats("invest"),
        yearly=floats("yearly"),
        upkeep=floats("upkeep"),
        expandable=np.array([row.expandable for row in rows], bool),
        life=floats("life"),
        discount=floats("discount"),
        lead=floats("lead"),
        pace=floats("pace"),
        unit=floats("unit"),
        closable=np.array([row.closable for row in rows], bool),
        early=np.array([row.early for row in rows], bool),
    )


def _stores(b: Builder) -> Stores:
    def column(name: str, kind: Any = float) -> Any:
        return np.array([row[name] for row in b.stores], kind)

    return Stores(
        column("element", np.int32), column("balance", np.int32), column("plant", np.int32), column("initial"),
        column("cyclic", bool), column("end"), column("charge"), column("discharge"),
        frozen(row["loss"] for row in b.stores), frozen(row["cost"] for row in b.stores), column("shelf_life"),
        column("least_stay"), column("filling", np.int32), column("emptying", np.int32),
        frozen(row["charge_share"] for row in b.stores), frozen(row["discharge_share"] for row in b.stores),
        frozen(row["low"] for row in b.stores), frozen(row["high"] for row in b.stores), tuple(b.fixed_levels),
        column("carried", bool), column("once", bool), column("seasonal", bool), np.zeros(len(b.stores), bool),
        column("exclusive", bool),
    )


def _cycles(b: Builder) -> Cycles:
    cycle, activity, weight = _columns([row[:3] for row in b.cycles], (int, int, float))
    return Cycles(cycle, activity, weight, frozen(row[3] for row in b.cycles))


def _resources(b: Builder) -> Resources:
    rows = b.resources
    return Resources(
        tuple(row["name"] for row in rows), tuple(row["kind"] for row in rows), tuple(row["unit"] for row in rows),
        _ints(row["grid"] for row in rows), np.array([row["amount"] for row in rows], float),
        frozen(row["availability"] for row in rows), _ints(row["plant"] for row in rows),
        *_columns(b.resource_uses, (int, int, float)),
    )


def _policies(b: Builder) -> Policies:
    rows = b.policies

    def floats(name: str) -> Any:
        return np.array([row[name] for row in rows], float)

    return Policies(
        tuple(row["name"] for row in rows), tuple(row["unit"] for row in rows), floats("least"), floats("most"),
        np.array([row["is_share"] for row in rows], bool), _ints(row["every"] for row in rows), floats("penalty"),
        np.array([row["overall"] for row in rows], bool),
        *_terms(b, b.policy_terms), *_terms(b, b.policy_others),
    )


def _terms(b: Builder, terms: list[tuple[int, int, Vary]]) -> tuple[Any, ...]:
    """Return whose each term is, its activity, its mean weight and its weight over time."""
    rows = [(policy, activity, b.mean(weight)) for policy, activity, weight in terms]
    return (*_columns(rows, (int, int, float)), frozen(weight for *_, weight in terms))
