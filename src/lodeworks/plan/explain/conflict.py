"""The smallest set of demands, capacities and limits that cannot all hold.

The duals of the least relaxation are a certificate (Farkas): the rows and bounds with a multiplier cannot
be met together. They are gathered into groups that people know (a demand, a capacity, a policy), and groups
are left out, by halves and then one by one, as long as the rest still conflicts (deletion
filter, Chinneck 2008, ch. 6.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lodeworks.errors import SolverError
from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.plan.columns import Columns
from lodeworks.plan.explain.relax import _DEFINITIONS, Relaxed
from lodeworks.plan.explain.words import number, row_words, when
from lodeworks.plan.part import Part, part_of_column, part_of_row
from lodeworks.plan.program import Program
from lodeworks.plan.scale import Scaling
from lodeworks.plan.solve import solve

__all__ = ["conflict", "crossed"]

_MULTIPLIER = 1e-7


@dataclass
class Group:
    """Bounds of one thing that people know; rows and columns it lets go when left out."""

    words: str
    rows: list[int] = field(default_factory=list)
    lower: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    grid: int = -1
    part: Part | None = None


def conflict(parts: Sequence[Part], program: Program, scaling: Scaling, relaxed: Relaxed) -> list[str]:
    """Return what conflicts, a line each."""
    if not relaxed.linear:
        return ["the whole-number decisions (units on or off, lumps, tiers in order) leave no plan"]
    used = np.flatnonzero(np.abs(relaxed.dual) > _MULTIPLIER).astype(np.int32)
    groups = _groups(parts, program, relaxed, used)
    kept = _filtered(scaling.apply(program), used, list(groups.values()))
    if not kept:
        return []
    return ["these cannot all hold:"] + [f"  - {_told(group)}" for group in kept]


def crossed(parts: Sequence[Part], program: Program) -> list[str]:
    """Return what asks of one column for more than something else lets it have, a line each; nothing where none does.

    Such bounds need no certificate, and a solver gives none: no row takes part.
    """
    over = program.lower > program.upper
    if not over.any():
        return []
    groups: dict[tuple[int, str, int], Group] = {}
    none = np.zeros(0)
    for side in (1.0, -1.0):
        sides = Relaxed(none, none, np.where(over, side, 0.0), True, none)
        groups |= _groups(parts, program, sides, np.zeros(0, np.int32))
    return ["these cannot all hold:"] + [f"  - {_told(group)}" for group in groups.values()]


def _groups(
    parts: Sequence[Part], program: Program, relaxed: Relaxed, used: Ints
) -> dict[tuple[int, str, int], Group]:
    """Return groups by the first row of their part (-1 for links), kind and number."""
    groups: dict[tuple[int, str, int], Group] = {}
    for block, first in program.blocks:
        if block.name == "balance" or block.name in _DEFINITIONS:
            continue
        part = part_of_row(parts, first)
        net, place = (parts[0].network, -1) if part is None else (part.network, part.row)
        for r in used[(used >= first) & (used < first + len(block))]:
            owner = int(block.owner[r - first])
            group = groups.setdefault((place, block.name, owner), Group(row_words(net, block, owner), part=part))
            group.rows.append(int(r))
    owners = {part.column: _owners(part.network, part.columns) for part in parts}
    touched = np.abs(relaxed.reduced) > _MULTIPLIER
    for j in np.flatnonzero(touched):
        is_lower = relaxed.reduced[j] > 0.0
        bound = (program.lower if is_lower else program.upper)[j]
        part = part_of_column(parts, int(j))
        if not np.isfinite(bound) or (is_lower and bound == 0.0):
            continue
        if part is None:
            words = next((text for first, last, text in program.spans if first <= j < last), "what links the stages")
            group = groups.setdefault((-1, words, 0), Group(words))
        else:
            (kind, which), said, begin, grid = owners[part.column](int(j) - part.column, bool(is_lower), float(bound))
            group = groups.setdefault((part.row, kind, which), Group(said, grid=grid, part=part))
            group.steps.append(int(j) - part.column - begin)
        (group.lower if is_lower else group.upper).append(int(j))
    _add_amounts(program, groups)
    return groups


def _owners(net: Network, columns: Columns):  # type: ignore[no-untyped-def]
    """Return a function from a column, side and bound to (key, words, first column, grid)."""
    runs = (columns.rate, columns.level, columns.on, columns.start, columns.order, columns.filling)
    starts, kinds = np.concatenate(runs), np.repeat(np.arange(len(runs)), [len(run) for run in runs])
    numbers = np.concatenate([np.arange(len(run)) for run in runs])
    order = np.flatnonzero(starts >= 0)
    order = order[np.argsort(starts[order])]

    def owner(column: int, is_lower: bool, limit: float) -> tuple[tuple[str, int], str, int, int]:
        built = np.flatnonzero(columns.built == column)
        if len(built):
            p = int(built[0])
            return ("built", p), f"what can be built of {net.elements[net.plants.element[p]].name}", column, -1
        bound = _money_bound(net, columns, column)
        if bound is not None:
            return bound
        position = int(np.searchsorted(starts[order], column, side="right")) - 1
        first, kind, which = (int(of[order[position]]) for of in (starts, kinds, numbers))
        if kind > 1:
            return _decided(net, kind, which, first, is_lower, limit)
        if kind == 1:
            s = which
            store = net.elements[net.stores.element[s]].name
            grid = int(net.balances.grid[net.stores.balance[s]])
            return (("level", 2 * s + is_lower),
                    f"the {'stock to be kept' if is_lower else 'capacity'} of {store}", first, grid)
        a = which
        element = net.elements[net.activities.element[a]]
        side = {
            ("demand", True): "the demand", ("demand", False): "the most that can be sold to",
            ("supply", True): "the least to be taken from", ("supply", False): "the most that can be had from",
        }.get((element.kind, is_lower), "the minimum load of" if is_lower else "the capacity of")
        return ("rate", 2 * a + is_lower), f"{side} {element.name}", first, int(net.activities.grid[a])

    return owner


def _decided(
    net: Network, kind: int, which: int, first: int, is_lower: bool, limit: float
) -> tuple[tuple[str, int], str, int, int]:
    """Name a bound on a decision: that a unit stays on or off, starts, that a tier is full, that a store fills."""
    if kind == 4:
        tier = int(net.order[which, 0])
        element = net.elements[net.activities.element[tier]].name
        return ("order", which), f"the order of tiers of {element}", first, int(net.activities.grid[tier])
    if kind == 5:
        store = net.elements[net.stores.element[which]].name
        grid = int(net.balances.grid[net.stores.balance[which]])
        return ("filling", which), f"that {store} either fills or empties", first, grid
    name, grid = net.elements[net.plants.element[which]].name, int(net.plants.grid[which])
    if kind == 3:
        return ("start", which), f"the starts of {name}", first, grid
    if is_lower:
        return ("stays on", which), f"that {name} stays on", first, grid
    if limit == 0.0:
        return ("stays off", which), f"that {name} stays off", first, grid
    return ("is on", which), f"the capacity of {name} while on", first, grid


def _money_bound(net: Network, columns: Columns, column: int) -> tuple[tuple[str, int], str, int, int] | None:
    """Name a bound on a column of money; None for any other column."""
    accounts, own = net.accounts, columns.accounts
    if accounts is None or own is None or column < own.cash[0]:
        return None
    kinds = (("kept cash", own.cash, "the cash {} must keep"), ("draw", own.draw, "what {} may draw of {}"))
    for kind, firsts, words in kinds:
        for which, first in enumerate(firsts):
            if first <= column < first + accounts.count:
                firm = which if kind == "kept cash" else int(accounts.offers.firm[which])
                loan = accounts.loan[accounts.offers.loan[which]] if kind == "draw" else ""
                return (kind, which), words.format(accounts.firm[firm], loan), int(first), -1
    return None


def _add_amounts(program: Program, groups: dict[tuple[int, str, int], Group]) -> None:
    """Say how much a bound on a rate is, in its unit."""
    for (_, kind, which), group in groups.items():
        if kind == "rate" and group.part is not None:
            net = group.part.network
            element = net.elements[net.activities.element[which // 2]]
            values = program.lower[group.lower] if group.lower else program.upper[group.upper]
            low, high = float(np.min(values)), float(np.max(values))
            amount = number(low) if np.isclose(low, high) else f"{number(low)} to {number(high)}"
            group.words += f" ({amount} {element.unit}/h{f' of {element.commodity}' if element.commodity else ''})"


def _filtered(scaled: Program, used: Ints, groups: list[Group]) -> list[Group]:
    """Leave out groups while the rest still has no solution: halves first, one by one where a half is needed."""
    rows = np.sort(used)
    position = {int(r): i for i, r in enumerate(rows)}
    matrix = scaled.matrix[rows]
    touched = np.unique(matrix.indices)
    column_position = {int(j): i for i, j in enumerate(touched)}
    part = replace(
        scaled, cost=np.zeros(len(touched)), offset=0.0, lower=scaled.lower[touched].copy(),
        upper=scaled.upper[touched].copy(), integer=np.zeros(len(touched), bool), matrix=matrix[:, touched],
        row_lower=scaled.row_lower[rows].copy(), row_upper=scaled.row_upper[rows].copy(), blocks=(),
    )
    kept, waiting = [], [groups]
    while waiting:
        chunk = waiting.pop()
        trial = replace(
            part, lower=part.lower.copy(), upper=part.upper.copy(), row_lower=part.row_lower.copy(),
            row_upper=part.row_upper.copy(),
        )
        for group in chunk:
            _let_go(trial.row_lower, [position[r] for r in group.rows], -np.inf)
            _let_go(trial.row_upper, [position[r] for r in group.rows], np.inf)
            _let_go(trial.lower, [column_position[j] for j in group.lower if j in column_position], 0.0)
            _let_go(trial.upper, [column_position[j] for j in group.upper if j in column_position], np.inf)
        if not _feasible(trial):
            part = trial
        elif len(chunk) == 1:
            kept += chunk
        else:
            half = len(chunk) // 2
            waiting += [chunk[half:], chunk[:half]]
    return kept


def _let_go(bounds: Floats, positions: list[int], value: float) -> None:
    bounds[positions] = value


def _feasible(program: Program) -> bool:
    try:
        return solve(program, method="simplex").status == "optimal"
    except SolverError:
        return True


def _told(group: Group) -> str:
    if group.part is None:
        return group.words
    words, net = group.part.said(group.words), group.part.network
    if group.grid < 0 or not group.steps:
        return words
    return f"{words}, {when(net, net.grids[group.grid], np.unique(np.array(group.steps, np.int32)))}"
