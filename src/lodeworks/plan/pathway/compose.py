"""Many networks in one program: every slice's own program as a block on the diagonal, and the links below them.

A slice's program is made by the very blocks a plan of one network is made by; it knows nothing of the others. The
columns of the links (vintages, and what risk and limits over all stages need) follow those of the last slice, and
their rows, one block for each function of the list `LINKS`, follow the last slice's. To link slices in a new way,
write one more such function: it is given the composition, in which every slice's columns are found by
`Part.column` plus the numbers of its own `Columns`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from lodeworks.network.arrays import Floats, Ints
from lodeworks.network.pathway import Pathway, Slice
from lodeworks.plan.block import Block
from lodeworks.plan.books import Books
from lodeworks.plan.columns import AccountColumns, Numbering, bound_money, run_accounts
from lodeworks.plan.part import Part
from lodeworks.plan.pathway.flows import Flow, flows_of, moved, weights_of
from lodeworks.plan.program import Program, assemble
from lodeworks.plan.scale import Scaling, largest_of_rows, scale, scale_money

__all__ = ["Composition", "LinkColumns", "compose", "scale_composition", "without_risk"]


@dataclass(frozen=True, eq=False)
class LinkColumns:
    """Columns beside the slices', numbered in the whole program.

    Attributes
    ----------
    vintage
        Of each vintage, in units of its size.
    slack
        Of each policy over several slices with a penalty and each scenario, below `least` and above `most`, shape
        (policies, scenarios, 2); -1 where there is none.
    outcome, shortfall
        Of each scenario: what its operation costs, and by how much that is above the threshold; -1 without risk.
    threshold
        The cost from which on outcomes are among the worst; -1 without risk.
    flow
        Of each of `flows`: what it comes to in a year.
    money
        Of each scenario, where firms keep accounts over stages.
    first
        The first of them.
    lower, upper, cost, integer
        Of all of them, shape (count,).
    """

    vintage: Ints
    slack: Ints
    outcome: Ints
    shortfall: Ints
    threshold: int
    flows: tuple[Flow, ...]
    flow: Ints
    money: tuple[AccountColumns, ...]
    first: int
    lower: Floats
    upper: Floats
    cost: Floats
    integer: np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class Composition:
    """A pathway's program.

    Attributes
    ----------
    parts, programs
        Of each slice: where it stands in the whole, and its own program in its own money.
    """

    pathway: Pathway
    parts: tuple[Part, ...]
    programs: tuple[Program, ...]
    links: LinkColumns
    program: Program

    def built(self, number: int, plant: int) -> int:
        """Return the column of what is built of a plant of a slice."""
        return self.parts[number].column + int(self.parts[number].columns.built[plant])


def compose(pathway: Pathway) -> Composition:
    """Assemble every slice and link them."""
    from lodeworks.plan.pathway.firms import money_rows
    from lodeworks.plan.pathway.links import LINKS

    parts: list[Part] = []
    programs: list[Program] = []
    column = row = 0
    for number, piece in enumerate(pathway.slices):
        program, columns = assemble(piece.network)
        rows, weight = len(program.row_lower), slice_weight(pathway, number)
        parts.append(Part(piece.network, columns, rows, column, row, label(pathway, piece), weight))
        programs.append(program)
        column, row = column + columns.count, row + rows
    links = _lay_out(pathway, parts, column)
    made = Composition(pathway, tuple(parts), tuple(programs), links, programs[0])
    below = [block for block in (*(link(made) for link in LINKS), *money_rows(made)) if len(block)]
    program = _stacked(made, below, row)
    return Composition(pathway, made.parts, made.programs, links, program)


def without_risk(made: Composition, cost: Floats) -> Floats:
    """Return the costs of a composition without risk in the columns of one of the same pathway that may weigh it."""
    if made.links.threshold < 0:
        return cost
    first = int(made.links.outcome[0])
    return np.insert(cost, first, np.zeros(made.links.threshold + 1 - first))


def label(pathway: Pathway, piece: Slice) -> str:
    """Return what a slice is called: its stage, scenario and period, where there are several."""
    stage, scenario = pathway.stages[piece.stage].name, pathway.scenarios[piece.scenario].name
    return ", ".join(
        f"{word} {name}"
        for word, name in (("stage", stage), ("scenario", scenario), ("period", piece.period)) if name
    )


def _lay_out(pathway: Pathway, parts: Sequence[Part], first: int) -> LinkColumns:
    """Number the columns of the links and set their bounds and costs."""
    vintages, scenarios = pathway.vintages, pathway.scenarios
    money = pathway.network.objective.goal in ("profit", "cost")
    risky = money and pathway.risk.weight > 0.0
    count = len(vintages)
    probability = np.array([scenario.probability for scenario in scenarios])
    cost = [vintages.charge * vintages.size if money else np.zeros(count)]
    top = vintages.most / vintages.size
    upper = [np.where(vintages.whole & np.isfinite(top), np.floor(top + 1e-9), top)]
    lower = [np.where(vintages.whole, np.round(vintages.least / vintages.size), vintages.least / vintages.size)]
    vintage = first + np.arange(count, dtype=np.int32)
    slack = np.full((len(pathway.overall), len(scenarios), 2), -1, np.int32)
    for number, policy in enumerate(pathway.overall):
        if np.isfinite(policy.penalty):
            own = slice(None) if policy.scenario < 0 else slice(policy.scenario, policy.scenario + 1)
            many = 2 * len(slack[number, own])
            slack[number, own] = first + count + np.arange(many).reshape(-1, 2)
            count += many
            cost.append(np.repeat(policy.penalty * policy.worth * probability[own], 2))
            lower.append(np.zeros(many))
            upper.append(np.full(many, np.inf))
    outcome = shortfall = np.full(len(scenarios), -1, np.int32)
    threshold = -1
    if risky:
        weight, tail = pathway.risk.weight, pathway.risk.tail
        outcome = first + count + np.arange(len(scenarios), dtype=np.int32)
        shortfall = outcome + len(scenarios)
        threshold = first + count + 2 * len(scenarios)
        cost += [(1.0 - weight) * probability, weight / tail * probability, np.array([weight])]
        lower += [np.full(len(scenarios), -np.inf), np.zeros(len(scenarios)), np.array([-np.inf])]
        upper.append(np.full(2 * len(scenarios) + 1, np.inf))
        count += 2 * len(scenarios) + 1
    flows = flows_of(pathway, parts)
    flow = first + count + np.arange(len(flows), dtype=np.int32)
    lower.append(np.full(len(flows), -np.inf))
    upper.append(np.full(len(flows), np.inf))
    cost.append(np.zeros(len(flows)))
    count += len(flows)
    whole = [vintages.whole, np.zeros(count - len(vintages), bool)]
    owned = []
    for w in range(len(pathway.accounts)):
        accounts, *columns = _money(pathway, w, counts=money, risky=risky)
        owned.append(moved(accounts, first + count))
        for parts_of, column in zip((lower, upper, cost, whole), columns, strict=True):
            parts_of.append(column)
        count += len(columns[0])
    return LinkColumns(
        vintage, slack, outcome, shortfall, threshold, flows, flow, tuple(owned), first, np.concatenate(lower),
        np.concatenate(upper), np.concatenate(cost), np.concatenate(whole),
    )


def _money(
    pathway: Pathway, scenario: int, *, counts: bool, risky: bool
) -> tuple[AccountColumns, Floats, Floats, Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return a scenario's columns of money from nought, their bounds, costs, and which are whole.

    Where risk is weighed, their costs stand in the scenario's outcome.
    """
    accounts, numbering = pathway.accounts[scenario], Numbering()
    own = run_accounts(accounts, numbering)
    count = numbering.count
    lower, upper, whole = np.zeros(count), np.full(count, np.inf), np.zeros(count, bool)
    bound_money(accounts, own, lower, upper, whole)
    cost = np.zeros(count)
    if counts and not risky:
        probability = pathway.scenarios[scenario].probability
        columns, values, _ = Books(accounts, own, ()).financing(weights_of(pathway, scenario))
        np.add.at(cost, columns, probability * values)
    return own, lower, upper, cost, whole


def slice_weight(pathway: Pathway, number: int) -> float:
    """Return what one unit of a slice's own objective counts in the expected one: money, or amounts."""
    if pathway.network.objective.goal in ("profit", "cost"):
        return pathway.weight(number)
    piece = pathway.slices[number]
    return piece.passes * pathway.scenarios[piece.scenario].probability


def _stacked(made: Composition, below: list[Block], row: int) -> Program:
    """Put the slices' programs on the diagonal and the links' rows below."""
    pathway, links = made.pathway, made.links
    width = links.first + len(links.cost)
    risky = links.threshold >= 0
    weights = [0.0 if risky else slice_weight(pathway, number) for number in range(len(made.parts))]
    blocks: list[tuple[Block, int]] = []
    for part, program in zip(made.parts, made.programs, strict=True):
        blocks += [(block, first + part.row) for block, first in program.blocks]
    at = row
    for block in below:
        blocks.append((block, at))
        at += len(block)
    tail = sparse.coo_array(
        (
            np.concatenate([b.value for b in below]) if below else np.zeros(0),
            (
                np.concatenate([b.row.astype(np.int64) + first - row for b, first in blocks[len(blocks) - len(below):]])
                if below else np.zeros(0, np.int64),
                np.concatenate([b.col.astype(np.int64) for b in below]) if below else np.zeros(0, np.int64),
            ),
        ),
        shape=(at - row, width),
    ).tocsr()
    tail.eliminate_zeros()
    matrices = [program.matrix for program in made.programs]
    indices = [m.indices.astype(np.int64) + part.column for m, part in zip(matrices, made.parts, strict=True)]
    pointers, filled = [np.zeros(1, np.int64)], 0
    for m in (*matrices, tail):
        pointers.append(m.indptr[1:].astype(np.int64) + filled)
        filled += int(m.nnz)
    matrix = sparse.csr_array(
        (
            np.concatenate([m.data for m in (*matrices, tail)]),
            np.concatenate([*indices, tail.indices.astype(np.int64)]), np.concatenate(pointers),
        ),
        shape=(at, width),
    )

    def over(name: str, own: Floats) -> Floats:
        return np.concatenate([*(getattr(program, name) for program in made.programs), own])

    weighed = [w * program.cost for w, program in zip(weights, made.programs, strict=True)]
    return Program(
        cost=np.concatenate([*weighed, links.cost]),
        offset=float(sum(w * program.offset for w, program in zip(weights, made.programs, strict=True))),
        lower=over("lower", links.lower), upper=over("upper", links.upper),
        integer=np.concatenate([*(program.integer for program in made.programs), links.integer]),
        matrix=matrix,
        row_lower=over("row_lower", np.concatenate([b.lower for b in below]) if below else np.zeros(0)),
        row_upper=over("row_upper", np.concatenate([b.upper for b in below]) if below else np.zeros(0)),
        blocks=tuple(blocks), maximise=made.programs[0].maximise, spans=tuple(_spans(made)),
    )


def _spans(made: Composition) -> Iterator[tuple[int, int, str]]:
    """Yield what the bounds of the links' columns are called."""
    pathway, links = made.pathway, made.links
    for column, name, stage in zip(links.vintage, pathway.vintages.element, pathway.vintages.stage, strict=True):
        where = f" in stage {pathway.stages[stage].name}" if pathway.stages[stage].name else ""
        yield int(column), int(column) + 1, f"the most that may be decided of {name}{where}"
    for accounts, own in zip(pathway.accounts, links.money, strict=True):
        for f, first in enumerate(own.cash):
            yield int(first), int(first) + accounts.count, f"the cash {accounts.firm[f]} must keep"
        for o, first in enumerate(own.draw):
            loan, firm = accounts.loan[accounts.offers.loan[o]], accounts.firm[accounts.offers.firm[o]]
            yield int(first), int(first) + accounts.count, f"what {firm} may draw of {loan}"


def scale_composition(made: Composition) -> Scaling:
    """Scale every slice as a plan of its own, the links' columns by what they are tied to, their rows by size."""
    pathway, links, program = made.pathway, made.links, made.program
    column, row = np.ones(len(program.cost)), np.ones(len(program.row_lower))
    for part, own in zip(made.parts, made.programs, strict=True):
        scaling = scale(part.network, part.columns, own)
        column[part.column : part.column + part.columns.count] = scaling.column
        row[part.row : part.row + part.rows] = scaling.row
    for number, name in enumerate(pathway.vintages.element):
        if not pathway.vintages.whole[number]:
            stands = next(
                i for i, piece in enumerate(pathway.slices) if piece.stage == int(pathway.vintages.first[number])
            )
            column[links.vintage[number]] = column[made.built(stands, pathway.plants[stands][name])]
    for accounts, money in zip(pathway.accounts, links.money, strict=True):
        scale_money(accounts, money, program, column)
    below = made.parts[-1].row + made.parts[-1].rows
    matrix = program.matrix[below:]
    for block, at in program.blocks:
        if block.name == "year_money":  # a flow is as large as what it sums
            terms = largest_of_rows(program.matrix[at : at + len(block)], _of_slices(links, column))
            column[links.flow] = np.where(terms > 0.0, terms, 1.0)
    if links.threshold >= 0:
        sized = float(largest_of_rows(matrix, _of_slices(links, column)).max(initial=0.0)) or 1.0
        column[[*links.outcome, *links.shortfall, links.threshold]] = sized
    for number in links.slack[links.slack >= 0]:
        column[number] = 1.0
    sizes = largest_of_rows(matrix, column)
    row[below:] = 1.0 / np.where(sizes > 0.0, sizes, 1.0)
    _scale_slacks(links, matrix, column, row, below)
    costs = np.abs(program.cost * column)
    costs = costs[costs > 0.0]
    return Scaling(column, row, 1.0 / float(np.exp(np.mean(np.log(costs)))) if len(costs) else 1.0)


def _of_slices(links: LinkColumns, column: Floats) -> Floats:
    """Return the scales of the slices' columns, nought for those of the links."""
    return np.where(np.arange(len(column)) < links.first, column, 0.0)


def _scale_slacks(links: LinkColumns, matrix: sparse.csr_array, column: Floats, row: Floats, below: int) -> None:
    """A slack's coefficient in its row becomes one."""
    slacks = {int(number) for number in links.slack.ravel() if number >= 0}
    if not slacks:
        return
    for r in range(matrix.shape[0]):
        span = slice(matrix.indptr[r], matrix.indptr[r + 1])
        inside = [int(j) for j in matrix.indices[span] if int(j) in slacks]
        if inside:
            others = ~np.isin(matrix.indices[span], inside)
            size = np.abs(matrix.data[span][others]) * column[matrix.indices[span][others]]
            row[below + r] = 1.0 / size.max() if len(size) else 1.0
            column[inside] = 1.0 / row[below + r]
