"""The least relaxation that makes a program feasible, and how it reads.

Every row gets a slack on each side; their sum, in scaled units, is minimised. A slack where a demand must
be met is cheap, so that a shortage is told where it is felt and not where it begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.explain.shortage import short_of_cash
from lodeworks.plan.explain.words import number, row_grid, row_words, when
from lodeworks.plan.part import Part, part_of_row
from lodeworks.plan.program import Program
from lodeworks.plan.scale import Scaling
from lodeworks.plan.solve import solve
from lodeworks.said import Said

__all__ = ["Relaxed", "mend", "relax"]

_ELSEWHERE = 10.0
# Money short is told as money, not as the goods it would have bought.
_MONEY = 0.5
# A definition cannot be missed: what it sums can.
_NEVER = 1e6
_DEFINITIONS = ("gathering", "standing", "closing", "outcome", "shortfall", "debt", "profit_tax", "taxable",
                "year_money", "handed_on")
_LIMITS = ("policies", "resources", "budget", "blend_quality", "choices", "needs", "capacity_sums", "stage_budget",
           "growth", "overall", "left_over")
_TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The relaxation found: slack of each row (positive: more came in than the row has), and its duals, scaled."""

    slack: Floats
    dual: Floats
    reduced: Floats
    linear: bool
    x: Floats

    @property
    def needed(self) -> bool:
        """Whether anything had to be relaxed."""
        return bool(np.abs(self.slack).max(initial=0.0) > _TOLERANCE)


def relax(parts: Sequence[Part], program: Program, scaling: Scaling) -> Relaxed:
    """Find the least relaxation: of the linear program first, with whole numbers if that needs none."""
    scaled = scaling.apply(program)
    found = _relax(parts, scaled.relaxed, linear=True)
    if found.needed or not program.integer.any():
        return found
    return _relax(parts, scaled, linear=False)


def _relax(parts: Sequence[Part], scaled: Program, *, linear: bool) -> Relaxed:
    rows, columns = scaled.matrix.shape
    weight = _weights(parts, scaled)
    identity = sparse.eye_array(rows, format="csr")
    elastic = replace(
        scaled,
        cost=np.concatenate([np.zeros(columns), weight, weight]),
        offset=0.0,
        lower=np.concatenate([scaled.lower, np.zeros(2 * rows)]),
        upper=np.concatenate([scaled.upper, np.full(2 * rows, np.inf)]),
        integer=np.concatenate([scaled.integer, np.zeros(2 * rows, bool)]),
        matrix=sparse.hstack([scaled.matrix, identity, -identity], format="csr"),
    )
    outcome = solve(elastic, method="simplex", time_limit=None if linear else 60.0)
    slack = outcome.x[columns : columns + rows] - outcome.x[columns + rows :]
    reduced = -(scaled.matrix.T @ outcome.y) if linear else np.zeros(columns)
    return Relaxed(slack, outcome.y, np.asarray(reduced), linear, outcome.x[:columns])


def _weights(parts: Sequence[Part], scaled: Program) -> Floats:
    """Cheap where a demand must be met and for limits people set; dear for the rest."""
    weight = np.full(len(scaled.row_lower), _ELSEWHERE)
    served = {part.row: _served(part.network) for part in parts}
    for block, first in scaled.blocks:
        span = slice(first, first + len(block))
        part = part_of_row(parts, first)
        if part is not None and block.name == "balance":
            weight[span] = np.where(np.isin(block.owner, sorted(served[part.row])), 1.0, _ELSEWHERE)
        elif block.name == "cash":
            weight[span] = _MONEY
        elif block.name in _DEFINITIONS:
            weight[span] = _NEVER
        elif block.name in _LIMITS:
            weight[span] = 2.0
    return weight


def _served(net: Network) -> set[int]:
    """Return the balances a demand takes from."""
    flows = net.coefficients
    kinds = np.array([net.elements[e].kind == "demand" for e in net.activities.element[flows.activity]], bool)
    return {int(b) for b in flows.balance[kinds]}


def mend(parts: Sequence[Part], program: Program, scaling: Scaling, relaxed: Relaxed) -> list[Said]:
    """Tell the relaxation: how much of what is short or too much, where and when."""
    told: list[tuple[float, Said]] = []
    for block, first in program.blocks:
        if block.name in _DEFINITIONS:
            continue
        part = part_of_row(parts, first)
        net = parts[0].network if part is None else part.network
        slack = relaxed.slack[first : first + len(block)]
        for sign in (1.0, -1.0):
            chosen = sign * slack > _TOLERANCE
            for owner in np.unique(block.owner[chosen]):
                mine = chosen & (block.owner == owner)
                amount = np.abs(slack[mine] / scaling.row[first : first + len(block)][mine])
                grid = row_grid(net, block, int(owner))
                times, zh = (when(net, grid, block.step[mine], language) for language in ("en", "zh"))
                if part is not None and block.name == "cash":
                    found = relaxed.x * scaling.column
                    text = short_of_cash(net, part.columns, int(owner), sign, amount, block.step[mine],
                                         found[part.column : part.column + part.columns.count])
                    told.append((float(np.abs(slack[mine]).sum()), text))
                    continue
                times, zh = (times, zh) if part is None else (part.said(times), part.said(zh))
                text = _sentence(net, block, int(owner), sign, amount, times, zh)
                told.append((float(np.abs(slack[mine]).sum()), text))
    told.sort(key=lambda item: -item[0])
    lines = [text for _, text in told[:6]]
    if len(told) > 6:
        lines.append(Said(f"and {len(told) - 6} smaller ones", f"另有{len(told) - 6}处较小的"))
    return lines


def _sentence(net: Network, block: object, owner: int, sign: float, amount: Floats, times: str, zh: str) -> Said:
    from lodeworks.plan.block import Block

    assert isinstance(block, Block)
    if block.name == "balance" and not net.balances.hidden[owner]:
        commodity, site = net.balances.commodity[owner], net.balances.site[owner]
        word = "short" if sign > 0 else "too much"
        place = f" at {site}" if site else ""
        much, unit = number(float(amount.sum())), net.commodity_unit[commodity]
        return Said(f"{much} {unit} of {commodity} {word}{place}, {times}",
                    f"{f'{site}的' if site else ''}{commodity}{'缺少' if sign > 0 else '多出'} {much} {unit}，{zh}")
    if block.names:
        text = f"{block.names[owner]} missed by {number(float(amount.max()))}"
        return Said(text, text)
    unit = {"policies": lambda: f" {net.policies.unit[owner]}", "resources": lambda: f" {net.resources.unit[owner]}",
            "budget": lambda: f" {net.currency}"}.get(block.name, lambda: "")()
    text = f"{row_words(net, block, owner)} missed by {number(float(amount.max()))}{unit}, {times}"
    return Said(text, text)
