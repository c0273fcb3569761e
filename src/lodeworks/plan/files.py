"""A plan's program as an LP or MPS file for any solver, with names of rows and columns that a person can read.

Names are made here and nowhere else: a plan itself needs none. The file minimises; where the goal is to earn, its
optimum is the plan's with the sign turned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import InputError, Problem, RunError
from lodeworks.files import written_whole
from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Network
from lodeworks.network.pathway import Pathway
from lodeworks.plan.block import Block
from lodeworks.plan.columns import AccountColumns, Columns, windows
from lodeworks.plan.explain.words import row_words
from lodeworks.plan.program import Program, assemble

if TYPE_CHECKING:
    from lodeworks.plan.pathway.compose import LinkColumns

__all__ = ["column_names", "row_names", "write_program"]


def write_program(what: Network | Pathway, path: str | Path, *, replace: bool = False) -> Program:
    """Write the program of a network or of a pathway; the suffix says which form.

    Raises
    ------
    InputError
        If the file is there already, or its suffix is neither ``.lp`` nor ``.mps``.
    RunError
        If it cannot be written.
    """
    from lodeworks.plan.solve import hand_over

    target = Path(path)
    if target.suffix.lower() not in (".lp", ".mps"):
        raise InputError(Problem("this kind of file is not written", file=str(target), expected=".lp or .mps"))
    if target.exists() and not replace:
        raise InputError(Problem("there is a file of this name already", file=str(target),
                                 expected="another name, or --replace"))
    program, columns, rows = _named_pathway(what) if isinstance(what, Pathway) else _named(what)
    highs = hand_over(program)
    for number, name in enumerate(_unique(columns)):
        highs.passColName(number, name)
    for number, name in enumerate(_unique(rows)):
        highs.passRowName(number, name)
    try:
        with written_whole(target) as part:
            if str(highs.writeModel(str(part))) != "HighsStatus.kOk":
                raise RunError(f"cannot write {target}: the solver refused the program")
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror or error}; nothing was changed") from None
    return program


def _named(network: Network) -> tuple[Program, list[str], list[str]]:
    """Return the program of a network and the names of its columns and rows."""
    program, columns = assemble(network)
    return program, column_names(network, columns), row_names(network, program.blocks)


def _named_pathway(pathway: Pathway) -> tuple[Program, list[str], list[str]]:
    """Return the program of a pathway and the names of its columns and rows: of each slice, then of the links."""
    from lodeworks.plan.pathway import compose

    made = compose(pathway)
    columns, rows = [], []
    for part, program in zip(made.parts, made.programs, strict=True):
        columns += [part.said(name) for name in column_names(part.network, part.columns)]
        rows += [part.said(name) for name in row_names(part.network, program.blocks)]
    columns += _link_names(pathway, made.links, len(made.program.cost) - len(columns))
    for block, first in made.program.blocks:
        if first >= made.parts[-1].row + made.parts[-1].rows:
            rows += [block.names[owner] for owner in block.owner]
    return made.program, columns, rows


def _link_names(pathway: Pathway, links: LinkColumns, count: int) -> list[str]:
    """Name the columns beside the slices': what is decided in each stage, and what risk and sums over all need."""
    from lodeworks.plan.pathway.compose import label

    names = [""] * count
    scenarios = [scenario.name or "all" for scenario in pathway.scenarios]

    def put(column: int, name: str) -> None:
        if column >= 0:
            names[column - links.first] = name

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
        for first, count, words in _money_runs(accounts, own):
            for year in range(count):
                put(first + year, f"{words} {scenario} {year}")
    return names


def column_names(net: Network, columns: Columns) -> list[str]:
    """Name every column as a person would: whose it is, what it is, and its step."""
    names = [""] * columns.count

    def run(first: int, count: int, word: str) -> None:
        for t in range(count):
            names[first + t] = f"{word}[{t}]"

    def element(number: int) -> str:
        return net.elements[number].name

    grids = [grid.count for grid in net.grids]
    for a, first in enumerate(columns.rate):
        mode = net.activities.mode[a]
        run(first, grids[net.activities.grid[a]], element(net.activities.element[a]) + (f".{mode}" if mode else ""))
    for s, first in enumerate(columns.level):
        count = grids[net.balances.grid[net.stores.balance[s]]]
        run(first, count, f"level {element(net.stores.element[s])}")
        if columns.begin[s] >= 0:
            names[columns.begin[s]] = f"begin {element(net.stores.element[s])}"
        if columns.filling[s] >= 0:
            run(columns.filling[s], count, f"fills {element(net.stores.element[s])}")
    for p in range(len(net.plants)):
        name, count = element(net.plants.element[p]), grids[net.plants.grid[p]]
        if columns.built[p] >= 0:
            names[columns.built[p]] = f"built {name}"
        for first, word in ((columns.on[p], "on"), (columns.start[p], "start")):
            if first >= 0:
                run(first, count, f"{word} {name}")
    for first, tier in zip(columns.order, net.order[:, 0], strict=True):
        name, mode = element(net.activities.element[tier]), net.activities.mode[tier]
        run(first, grids[net.activities.grid[tier]], f"full {name}.{mode}")
    for p, first in enumerate(columns.slack):
        if first >= 0:
            for side, word in enumerate(("below", "above")):
                run(first + side * windows(net, p), windows(net, p), f"slack {word} {net.policies.name[p]}")
    if columns.accounts is not None and net.accounts is not None:
        for first, count, words in _money_runs(net.accounts, columns.accounts):
            run(first, count, words)
    for g, first in enumerate(columns.gathered.first):
        balance = columns.gathered.balance[g]
        where = f" at {net.balances.site[balance]}" if net.balances.site[balance] else ""
        run(first, grids[columns.gathered.grid[g]], f"sum of {net.balances.commodity[balance]}{where}")
    return names


def _money_runs(accounts: Accounts, own: AccountColumns) -> Iterator[tuple[int, int, str]]:
    """Yield the first column, the number of columns and the words of each run of a firm's money."""
    for word, firsts, count in (("cash", own.cash, accounts.count), ("tax", own.tax, accounts.calendar_years)):
        for firm, first in zip(accounts.firm, firsts, strict=True):
            if first >= 0:
                yield int(first), count, f"{word} of {firm}"
    for word, firsts in (("draw", own.draw), ("renew", own.renew), ("owed", own.owed)):
        for offer, first in enumerate(firsts):
            if first >= 0:
                loan, firm = accounts.loan[accounts.offers.loan[offer]], accounts.firm[accounts.offers.firm[offer]]
                yield int(first), accounts.count, f"{word} {loan} of {firm}"


def row_names(net: Network, blocks: Sequence[tuple[Block, int]]) -> list[str]:
    """Name every row by the constraint it belongs to and its step; two of one step by their sides."""
    names: list[str] = []
    for block, _ in blocks:
        words = {int(owner): row_words(net, block, int(owner)) for owner in np.unique(block.owner)}
        places = np.stack([block.owner, block.step], axis=1)
        _, place, count = np.unique(places, axis=0, return_inverse=True, return_counts=True)
        sides = [(" most" if low == -np.inf else " least") if many else ""
                 for low, many in zip(block.lower, count[place.ravel()] > 1, strict=True)]
        names += [f"{words[int(o)]}{side}[{t}]" for o, side, t in zip(block.owner, sides, block.step, strict=True)]
    return names


def _unique(names: Sequence[str]) -> list[str]:
    """Return names that files of both forms can hold: of ASCII letters and digits, none twice.

    The LP form has no other letters; those of other scripts stand as their code, ``u7126``.
    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        coded = "".join(c if c.isascii() or not c.isalnum() else f"u{ord(c):04x}" for c in name)
        plain = re.sub(r"\W+", "_", re.sub(r"^the ", "", coded), flags=re.ASCII).strip("_") or "x"
        plain = plain if re.match(r"[^\W\d_eE]", plain) else f"x_{plain}"  # digits and e would begin a number
        seen[plain] = seen.get(plain, 0) + 1
        found.append(plain if seen[plain] == 1 else f"{plain}__{seen[plain]}")
    return found
