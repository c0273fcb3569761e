"""Rows and columns in words: whose they are, what they say, and when."""

from __future__ import annotations

import datetime as dt

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Grid, Ints, Network
from lodeworks.plan.block import Block

__all__ = ["money_words", "number", "row_grid", "row_words", "when"]


def number(value: float) -> str:
    """Write a number with the digits a reader can use."""
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def row_grid(net: Network, block: Block, owner: int) -> Grid:
    """Return the grid whose steps a block's rows count; one step for rows that link networks."""
    if block.names:
        return Grid(net.steps, np.array([0.0, float(net.steps)]))
    plants, stores = net.plants, net.stores
    number_of = {
        "balance": lambda: net.balances.grid[owner],
        "store_speed": lambda: net.balances.grid[stores.balance[owner]],
        "shelf_life": lambda: net.balances.grid[stores.balance[owner]],
        "store_either": lambda: net.balances.grid[stores.balance[owner]],
        "least_stay": lambda: net.balances.grid[stores.balance[owner]],
        "resources": lambda: net.resources.grid[owner],
        "blend_quality": lambda: net.blends.grid[owner],
        "mode_shares": lambda: net.activities.grid[owner],
        "reserves": lambda: plants.grid[net.reserves.plant[owner]],
        "cycles": lambda: net.activities.grid[net.cycles.activity[net.cycles.cycle == owner][0]],
        "fill_order": lambda: net.activities.grid[net.order[owner, 0]],
    }
    if block.name in _OF_PERIODS and net.accounts is not None:
        return net.accounts.periods
    if block.name in _OF_YEARS:
        return _calendar_years(net)
    if block.name == "policies":
        return net.stretches(owner)[0]
    if block.name in ("budget", "turnover", "loan_total", "drawn_once", "losses_used", "capacity_sums"):
        return Grid(net.steps, np.array([0.0, float(net.steps)]))
    grid = number_of[block.name]() if block.name in number_of else plants.grid[owner]
    return net.grids[int(grid)]


_OF_PERIODS = ("cash", "debt", "renewal", "pledge", "credit")
_OF_YEARS = ("profit_tax", "taxable", "lending")


def _calendar_years(net: Network) -> Grid:
    accounts = net.accounts
    assert accounts is not None
    lasts = [accounts.last_of_year(year) for year in range(accounts.calendar_years)]
    return Grid(0, np.append(0.0, accounts.periods.edges[np.array(lasts) + 1]))


def money_words(accounts: Accounts, name: str, owner: int) -> str:
    """Name a constraint on money."""
    if name in ("cash", "profit_tax", "taxable", "pledge"):
        what = {"cash": "the cash of", "profit_tax": "the profit tax of", "taxable": "the profit before tax of",
                "pledge": "the collateral of"}[name]
        return f"{what} {accounts.firm[owner]}"
    if name == "losses_used":
        return f"the losses {accounts.firm[accounts.losses.firm[owner]]} takes off"
    if name == "lending":
        return f"what {accounts.lender[owner]} lends in a year"
    if name == "loan_total":
        return f"the total of the loan {accounts.loan[owner]}"
    loan, firm = accounts.loan[accounts.offers.loan[owner]], accounts.firm[accounts.offers.firm[owner]]
    what = {"debt": "what {1} owes of the loan {0}", "renewal": "what {1} can renew of the loan {0}",
            "credit": "what {1} is granted of the loan {0}", "turnover": "the turnover of {1} for the loan {0}",
            "drawn_once": "all that {1} draws of the loan {0}"}[name]
    return what.format(loan, firm)


def row_words(net: Network, block: Block, owner: int) -> str:
    """Name the constraint a row belongs to."""
    name = block.name
    if block.names:
        return block.names[owner]
    if net.accounts is not None and name in (*_OF_PERIODS, *_OF_YEARS, "turnover", "loan_total", "drawn_once",
                                                "losses_used"):
        return money_words(net.accounts, name, owner)
    if name == "balance":
        site = net.balances.site[owner]
        commodity = net.balances.commodity[owner]
        if net.balances.hidden[owner]:
            held = any(net.stores.balance == owner)
            return f"the {'content' if held else 'mix'} of {commodity[1:]}"
        return f"the balance of {commodity}" + (f" at {site}" if site else "")
    if name == "gathering":
        return "the flows gathered by coarse steps"
    if name in ("store_speed", "shelf_life", "least_stay", "store_either"):
        store = net.elements[net.stores.element[owner]].name
        doors = {"store_speed": "charge and discharge limits", "store_either": "either filling or emptying"}
        return f"the {doors.get(name, name.replace('_', ' '))} of {store}"
    if name == "resources":
        return f"the {net.resources.kind[owner]} {net.resources.name[owner]}"
    if name == "policies":
        return f"the policy {net.policies.name[owner]}"
    if name == "blend_quality":
        return f"the quality limit {net.blends.name[owner]}"
    if name == "budget":
        return "the investment budget"
    if name == "choices":
        return f"the {net.choices.name[owner]}"
    if name == "capacity_sums":
        return f"the limit on capacities {net.sums.name[owner]}"
    if name == "needs":
        project, needed = (net.elements[net.plants.element[p]].name for p in net.needs[owner])
        return f"that {project} needs {needed}"
    if name == "cycles":
        wires = [net.elements[net.activities.element[a]].name for a in net.cycles.activity[net.cycles.cycle == owner]]
        return f"the loop of {', '.join(wires[:4])}{' …' if len(wires) > 4 else ''}"
    if name == "mode_shares":
        element = net.elements[net.activities.element[owner]].name
        return f"the share of mode {net.activities.mode[owner]} of {element}"
    if name == "reserves":
        element = net.elements[net.plants.element[net.reserves.plant[owner]]].name
        return f"the most of {net.activities.mode[net.reserves.activity[owner]].partition(': ')[2]} {element} keeps"
    if name == "fill_order":
        return f"the order of tiers of {net.elements[net.activities.element[net.order[owner, 0]]].name}"
    element = net.elements[net.plants.element[owner]].name
    what = {
        "capacity": "capacity", "minimum_load": "minimum load", "commitment": "minimum load or capacity while on",
        "starts": "starts", "up_time": "minimum up time", "down_time": "minimum down time",
        "start_limit": "load at start", "stop_limit": "load at stop", "ramp_up": "ramp up", "ramp_down": "ramp down",
        "carried": "first step after what went before",
        "units_on": "units that stand and their loads", "unit_down_time": "minimum down time", "unit_ramps": "ramps",
        "store_capacity": "capacity", "store_floor": "least level", "store_doors": "charge and discharge limits",
    }[name]
    return f"the {what} of {element}"


def when(net: Network, grid: Grid, steps: Ints, language: str = "en") -> str:
    """Say when steps are: one stretch as ``start-end``, several with their count."""
    if len(steps) == grid.count:
        return "at all times" if language == "en" else "全程"
    steps = np.sort(steps)
    runs = np.split(steps, np.flatnonzero(np.diff(steps) > 1) + 1)
    texts = [_stretch(net, grid, int(run[0]), int(run[-1])) for run in runs[:2]]
    if language == "zh":
        return "、".join(texts) + (f"等{len(runs)}段" if len(runs) > 2 else "")
    return ", ".join(texts) + (f" and {len(runs) - 2} more stretches" if len(runs) > 2 else "")


def _stretch(net: Network, grid: Grid, first: int, last: int) -> str:
    start = net.start.replace(tzinfo=None)
    begin = start + dt.timedelta(hours=float(grid.edges[first]) * net.hours)
    end = start + dt.timedelta(hours=float(grid.edges[last + 1]) * net.hours)
    shown = f"{end:%H:%M}" if end.date() == begin.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{begin:%Y-%m-%d %H:%M}–{shown}"
