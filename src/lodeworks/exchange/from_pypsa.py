"""A PyPSA network becomes a chain: buses balances, carriers commodities, generators and links processes, lines routes.

What each component becomes is told in `components`. A network's optimum is the chain's, because the language says the
same things; what it cannot say is told by name (`carried`) and refused unless asked to be left out.
Investment periods and scenarios (`slices`) are written one after the other, and laid upon each other (`merging`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError, Problem
from lodeworks.exchange.carried import missing, not_carried
from lodeworks.exchange.components import Writer
from lodeworks.exchange.merging import merge_scenarios, merge_stages
from lodeworks.exchange.slices import Slices, read_slices
from lodeworks.exchange.written import YEAR, quantity

__all__ = ["import_pypsa"]


def import_pypsa(path: str | Path, *, leave_out: bool = False) -> tuple[Chain, list[Problem]]:
    """Read a network file as a chain.

    Parameters
    ----------
    leave_out
        Whether to go on without what is not carried.

    Returns
    -------
    Chain, list of Problem
        The chain, and what was left out of it.

    Raises
    ------
    InputError
        If it is no network file, if it is faulty, or if something of it is not carried; every problem at once.
    """
    slices = read_slices(Path(path))
    faults = list(dict.fromkeys([*slices.unlike(), *(fault for source in slices.each() for fault in missing(source))]))
    if faults:
        raise InputError(faults)
    told = [problem for source in slices.each() for problem in not_carried(source)]
    data = _merged(slices, told)
    left = list(dict.fromkeys(told))
    if left and not leave_out:
        raise InputError(left)
    return Chain.model_validate(data), left


def _merged(slices: Slices, told: list[Problem]) -> dict[str, Any]:
    """Write every slice and lay them upon each other; what is not carried is added to `told`."""
    written = []
    for number, row in enumerate(slices.sources):
        for source in row:
            writer = Writer(source, slices, number)
            writer.write()
            told += writer.left
            written.append(writer)
    chains, first = [writer.chain for writer in written], written[0]
    if slices.scenarios:
        chain = merge_scenarios(chains, slices.scenarios, told)
    elif slices.periods:
        chain = merge_stages(chains, list(slices.periods), told)
    else:
        chain = chains[0]
    if not (slices.periods or first.counted != 1.0):
        return chain
    years = list(slices.periods) or [int(str(first.source.start)[:4])]
    chain["horizon"] |= {"stages": years, "last": quantity(first.last, "a")}
    stages = chain.setdefault("stages", {})
    for year, money in zip(years, slices.money, strict=True):
        weight = float(money) * first.counted * first.meant / YEAR
        stages[str(year)] = {**stages.get(str(year), {}), "weight": quantity(weight, "a")}
    return chain
