"""What the columns and rows of a program are called, for who reads it elsewhere; a plan itself needs no names.

Names are runs of one stem, whose each it is and what, and the steps it is for: `Names` keeps the two apart, so that
nothing is said a hundred thousand times. A step is called by its number in the horizon as the chain has it: where
steps have been merged, by the first of them, so that a column is called alike in a program of fewer steps.

Who solves programs may be given a `Record` that takes them down; what becomes of them is none of its business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Grid, Ints, Network
from lodeworks.network.pathway import Pathway
from lodeworks.plan.block import Block
from lodeworks.plan.columns import AccountColumns, Columns, Gathered, windows
from lodeworks.plan.explain.words import row_grid, row_words
from lodeworks.plan.program import Program

if TYPE_CHECKING:
    from lodeworks.plan.pathway.compose import Composition, LinkColumns

__all__ = [
    "Done", "Named", "Names", "Record", "column_names", "named_over", "named_program", "recorded_as", "recorded_for",
    "row_names",
]

# Called with the objective that was found, in the sense of the program; None where there was none.
Done = Callable[[float | None], None]
# Called with what a program is for and how to get it with names; returns what is to be called when it is solved.
Record = Callable[[str, Callable[[], "Named"]], Done]


def recorded_as(record: Record | None, words: str) -> Record | None:
    """Return a record that puts down all it is given as `words`."""
    if record is None:
        return None
    given = record
    return lambda _, named: given(words, named)


def recorded_for(record: Record | None, what: str) -> Record | None:
    """Return a record that says before its words what they are all for."""
    if record is None:
        return None
    given = record
    return lambda words, named: given(f"{what}: {words}", named)


@dataclass(frozen=True, eq=False)
class Names:
    """Names in order: of each the number of its stem, and its step or -1 where it has none; shapes (count,)."""

    stems: tuple[str, ...]
    stem: Ints
    step: Ints

    def __len__(self) -> int:
        return len(self.stem)

    def __getitem__(self, chosen: Ints) -> Names:
        """Return those of some numbers, in their order."""
        return Names(self.stems, self.stem[chosen], self.step[chosen])

    def spoken(self) -> list[str]:
        """Return each as a person would say it, ``oven[3]``."""
        return [self.stems[stem] + (f"[{step}]" if step >= 0 else "")
                for stem, step in zip(self.stem.tolist(), self.step.tolist(), strict=True)]

    @classmethod
    def of(cls, names: Sequence[str]) -> Names:
        """Return names without steps."""
        return cls(tuple(names), np.arange(len(names), dtype=np.int32), np.full(len(names), -1, np.int32))

    @classmethod
    def joined(cls, parts: Sequence[Names]) -> Names:
        """Return the names of several, one after another."""
        first = np.cumsum([0, *(len(part.stems) for part in parts)])[:-1]
        return cls(
            tuple(stem for part in parts for stem in part.stems),
            np.concatenate([part.stem + at for part, at in zip(parts, first, strict=True)]).astype(np.int32),
            np.concatenate([part.step for part in parts]).astype(np.int32),
        )

    def where(self, label: str) -> Names:
        """Return them as those of a stage, scenario or period."""
        return Names(tuple(f"{stem} in {label}" for stem in self.stems), self.stem, self.step) if label else self


@dataclass(frozen=True, eq=False)
class Named:
    """A program and what its columns and rows are called; `title` says what it is of, in a line."""

    program: Program
    columns: Names
    rows: Names
    title: str = ""


def _step_numbers(grid: Grid) -> Ints:
    """Return what the steps of a grid are called, shape (count,)."""
    every = max(grid.multiple, 1)
    numbers = np.floor(grid.edges[:-1] / every + 1e-9).astype(np.int32)
    alone = grid.multiple > 0 and bool((np.diff(numbers) > 0).all())
    return numbers if alone else np.arange(grid.count, dtype=np.int32)


class _Runs:
    """Collects names run by run, each at the number of its first column."""

    def __init__(self, count: int) -> None:
        self._stems: list[str] = []
        self._stem, self._step = np.full(count, -1, np.int32), np.full(count, -1, np.int32)

    def run(self, first: int, stem: str, steps: Ints | None = None) -> None:
        """Name the columns from `first` on by steps; one without a step unless there are any."""
        if first >= 0:
            span = slice(first, first + (1 if steps is None else len(steps)))
            self._stem[span] = len(self._stems)
            if steps is not None:
                self._step[span] = steps
            self._stems.append(stem)

    def done(self) -> Names:
        return Names(tuple(self._stems), self._stem, self._step)


def column_names(net: Network, columns: Columns) -> Names:
    """Name every column as a person would: whose it is, what it is, and its step."""
    names = _Runs(columns.count)
    steps = [_step_numbers(grid) for grid in net.grids]

    def element(number: int) -> str:
        return net.elements[number].name

    for a, first in enumerate(columns.rate):
        mode = net.activities.mode[a]
        names.run(first, element(net.activities.element[a]) + (f".{mode}" if mode else ""),
                  steps[net.activities.grid[a]])
    for s, first in enumerate(columns.level):
        own, name = steps[net.balances.grid[net.stores.balance[s]]], element(net.stores.element[s])
        names.run(first, f"level {name}", own)
        names.run(columns.begin[s], f"begin {name}")
        names.run(columns.filling[s], f"fills {name}", own)
    for p in range(len(net.plants)):
        name, own = element(net.plants.element[p]), steps[net.plants.grid[p]]
        names.run(columns.built[p], f"built {name}")
        names.run(columns.on[p], f"on {name}", own)
        names.run(columns.start[p], f"start {name}", own)
    for first, tier in zip(columns.order, net.order[:, 0], strict=True):
        name, mode = element(net.activities.element[tier]), net.activities.mode[tier]
        names.run(first, f"full {name}.{mode}", steps[net.activities.grid[tier]])
    for p, first in enumerate(columns.slack):
        if first >= 0:
            stretches = np.arange(windows(net, p), dtype=np.int32)
            for side, word in enumerate(("below", "above")):
                names.run(first + side * len(stretches), f"slack {word} {net.policies.name[p]}", stretches)
    if columns.accounts is not None and net.accounts is not None:
        for first, count, words in _money_runs(net.accounts, columns.accounts):
            names.run(first, words, np.arange(count, dtype=np.int32))
    for g, first in enumerate(columns.gathered.first):
        names.run(first, _gathered(net, columns.gathered, g), steps[columns.gathered.grid[g]])
    return names.done()


def _gathered(net: Network, gathered: Gathered, number: int) -> str:
    """Name a sum of flows by its balance, and by how long its steps are where there are several of one balance."""
    balance = gathered.balance[number]
    where = f" at {net.balances.site[balance]}" if net.balances.site[balance] else ""
    several = int((gathered.balance == balance).sum()) > 1
    every = f" by {net.grids[gathered.grid[number]].multiple * net.hours:g} h" if several else ""
    return f"sum of {net.balances.commodity[balance]}{where}{every}"


def _money_runs(accounts: Accounts, own: AccountColumns) -> Iterator[tuple[int, int, str]]:
    """Yield the first column, the number of columns and the words of each run of a firm's money."""
    for word, firsts, count in (("cash", own.cash, accounts.count), ("tax", own.tax, accounts.calendar_years),
                                ("profit", own.above, accounts.calendar_years),
                                ("loss", own.below, accounts.calendar_years)):
        for firm, first in zip(accounts.firm, firsts, strict=True):
            if first >= 0:
                yield int(first), count, f"{word} of {firm}"
    losses = accounts.losses
    for k, first in enumerate(own.used):
        if first >= 0:
            count = int(losses.last[k] - losses.first[k]) + 1
            year = int(losses.year[k])
            when = f"loss {year}" if year >= 0 else f"loss of {-year} before"
            yield int(first), count, f"{when} used by {accounts.firm[losses.firm[k]]}"
    for word, firsts in (("draw", own.draw), ("renew", own.renew), ("owed", own.owed)):
        for offer, first in enumerate(firsts):
            if first >= 0:
                loan, firm = accounts.loan[accounts.offers.loan[offer]], accounts.firm[accounts.offers.firm[offer]]
                yield int(first), accounts.count, f"{word} {loan} of {firm}"


def row_names(net: Network, columns: Columns, blocks: Sequence[tuple[Block, int]]) -> Names:
    """Name every row by the constraint it belongs to and its step; two of one step by their sides."""

    def words(block: Block, owner: int) -> str:
        return _gathered(net, columns.gathered, owner) if block.name == "gathering" else row_words(net, block, owner)

    def grid(block: Block, owner: int) -> Grid:
        summed = block.name == "gathering"
        return net.grids[columns.gathered.grid[owner]] if summed else row_grid(net, block, owner)

    stems: list[str] = []
    stem, step = [], []
    for block, _ in blocks:
        width = int(block.step.max(initial=0)) + 1
        _, place, count = np.unique(block.owner.astype(np.int64) * width + block.step, return_inverse=True,
                                    return_counts=True)
        side = np.where(count[place] > 1, np.where(block.lower == -np.inf, 1, 2), 0)
        pairs, number = np.unique(block.owner.astype(np.int64) * 3 + side, return_inverse=True)
        steps = np.zeros(len(block), np.int32)
        for owner in np.unique(block.owner):
            own = block.owner == owner
            numbers, at = _step_numbers(grid(block, int(owner))), block.step[own]
            steps[own] = numbers[at] if at.max(initial=0) < len(numbers) else at
        stem.append(number.ravel() + len(stems))
        step.append(steps)
        stems += [words(block, int(pair // 3)) + ("", " most", " least")[pair % 3] for pair in pairs]
    return Names(tuple(stems), *(np.concatenate([*parts, np.zeros(0)]).astype(np.int32) for parts in (stem, step)))


def named_program(net: Network, columns: Columns, program: Program, title: str = "") -> Named:
    """Return the program of a network with its names."""
    return Named(program, column_names(net, columns), row_names(net, columns, program.blocks), title)


def named_over(made: Composition, title: str = "") -> Named:
    """Return the program of a pathway with its names: of each slice, then of what links them."""
    pathway = made.pathway
    columns = [column_names(part.network, part.columns).where(part.label) for part in made.parts]
    rows = [row_names(part.network, part.columns, own.blocks).where(part.label)
            for part, own in zip(made.parts, made.programs, strict=True)]
    beside = len(made.program.cost) - sum(len(names) for names in columns)
    columns.append(_link_names(pathway, made.links, beside))
    after = made.parts[-1].row + made.parts[-1].rows
    rows += [Names(block.names, block.owner, np.full(len(block), -1, np.int32))
             for block, first in made.program.blocks if first >= after]
    return Named(made.program, Names.joined(columns), Names.joined(rows), title)


def _link_names(pathway: Pathway, links: LinkColumns, count: int) -> Names:
    """Name the columns beside the slices': what is decided in each stage, and what risk and sums over all need."""
    from lodeworks.plan.pathway.compose import label

    names = _Runs(count)
    scenarios = [scenario.name or "all" for scenario in pathway.scenarios]

    def put(column: int, name: str) -> None:
        if column >= 0:
            names.run(column - links.first, name)

    for column, element, stage in zip(links.vintage, pathway.vintages.element, pathway.vintages.stage, strict=True):
        put(int(column), f"decided {element} {pathway.stages[stage].name}")
    for policy, of_scenarios in zip(pathway.overall, links.slack, strict=True):
        for scenario, (below, above) in zip(scenarios, of_scenarios, strict=True):
            put(int(below), f"slack below {policy.name} {scenario}")
            put(int(above), f"slack above {policy.name} {scenario}")
    for scenario, outcome, shortfall in zip(scenarios, links.outcome, links.shortfall, strict=True):
        put(int(outcome), f"outcome {scenario}")
        put(int(shortfall), f"shortfall {scenario}")
    put(links.threshold, "threshold")
    for flow, column in zip(links.flows, links.flow, strict=True):
        paid = "never paid" if np.isinf(flow.late) else f"{flow.late:g} years later" if flow.late else ""
        kind = "sales" if flow.sold else "other money"
        firm, where = pathway.accounts[0].firm[flow.firm], label(pathway, pathway.slices[flow.slice])
        put(int(column), f"{kind} {paid} {firm} {where}")
    for scenario, accounts, own in zip(scenarios, pathway.accounts, links.money, strict=False):
        for first, many, words in _money_runs(accounts, own):
            names.run(first - links.first, f"{words} {scenario}", np.arange(many, dtype=np.int32))
    return names.done()
