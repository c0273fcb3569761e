"""A chain becomes a PyPSA network file: one network for each of its scenarios, or one whose periods are its stages.

It is made from the compiled network of each scenario or stage (`over_periods`), so that every number is the one a plan
uses. What PyPSA has no component for is told by name and refused unless asked to be left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.chain.measures import Measures
from lodeworks.chain.versions import versions
from lodeworks.errors import InputError, Problem, RunError
from lodeworks.exchange.netcdf import write_lists
from lodeworks.exchange.over_periods import merged_periods, not_over_periods, periods_of
from lodeworks.exchange.to_components import Writer
from lodeworks.exchange.to_refused import not_written, snapshot_hours, times_of_snapshots, unlike
from lodeworks.network import compile_network, compile_pathway
from lodeworks.network.arrays import Floats, Network
from lodeworks.network.pathway import Pathway

__all__ = ["export_pypsa"]


def export_pypsa(
    chain: Chain, path: str | Path, *, leave_out: bool = False, replace: bool = False
) -> list[Problem]:
    """Write a chain as a network file.

    PyPSA minimises: its objective is the chain's cost, or the profit with the sign turned, without the constant
    that the file's meta data hold.

    Returns
    -------
    list of Problem
        What was left out.

    Raises
    ------
    InputError
        If the file is there already, or something of the chain is not carried; every problem at once.
    """
    target = Path(path)
    if target.exists() and not replace:
        raise InputError(Problem("there is a file of this name already", file=str(target),
                                 expected="another name, or --replace"))
    if target.suffix.lower() != ".nc":
        raise InputError(Problem("a network file ends in .nc", file=str(target), expected=f"{target.stem}.nc"))
    pathway = compile_pathway(chain) if chain.horizon.stages else None
    left = [*not_over_periods(pathway)] if pathway is not None else []
    pathway = _one_each(pathway) if pathway is not None else None
    every = versions(chain)
    nets = [piece.network for piece in pathway.slices] if pathway is not None else [
        compile_network(version.chain) for version in every]
    net, left = nets[0], [*left, *(problem for net in nets for problem in not_written(chain, net))]
    hours = snapshot_hours(net)
    counted = times_of_snapshots(chain, net) if pathway is None else np.full(len(hours), 1.0 / pathway.meant)
    chains = [version.chain for version in every[:: len(every) // len(nets)]]
    writers = _writers(nets, chains) if pathway is None else _writers_of_stages(pathway, chains)
    for writer in writers:
        writer.write()
        left += writer.left
    chances = {name: Measures(chain, chain.registry()).fraction(s.probability) for name, s in chain.scenarios.items()}
    made, factor = [writer.lists for writer in writers], np.ones(len(nets))
    if pathway is not None:
        merged, factor, differing = merged_periods(pathway, made, len(hours))
        made, left = [merged], [*left, *differing]
    else:
        left = [*left, *unlike(chances, made)]
    left = [*dict.fromkeys(left)]
    if left and not leave_out:
        raise InputError(left)
    start = np.datetime64(net.start.replace(tzinfo=None), "s")
    begins = start + np.round((np.cumsum(hours) - hours) * 3600).astype("timedelta64[s]")
    each = len(pathway.slices) if pathway is not None else 1
    constant = _constant(chain, nets, pathway, list(chances.values()) or [1.0])
    periods = periods_of(pathway, factor) if pathway is not None else None
    try:
        write_lists(
            target, net.name, np.tile(begins, each), np.tile(hours, each), made, chances,
            {"chain": net.name, "goal": net.objective.goal, "constant": constant}, periods, np.tile(counted, each))
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror or error}; nothing was changed") from None
    return left


def _constant(chain: Chain, nets: list[Network], pathway: Pathway | None, chances: list[float]) -> float:
    """Return the money that no decision changes, as PyPSA would count it."""
    if pathway is None and chain.horizon.periods:
        over = compile_pathway(chain)
        return -sum(over.weight(k) * c.money for k, piece in enumerate(over.slices) for c in piece.network.constants)
    weights = chances if pathway is None else [piece.money for piece in pathway.slices]
    return -sum(w * c.money for w, own in zip(weights, nets, strict=True) for c in own.constants)


def _one_each(pathway: Pathway) -> Pathway:
    """Return a pathway of the first slice of each stage; that there are more of them is told."""
    firsts = (next(piece for piece in pathway.slices if piece.stage == k) for k in range(len(pathway.stages)))
    return replace(pathway, slices=tuple(firsts))


def _writers(nets: Sequence[Network], chains: Sequence[Chain]) -> list[Writer]:
    """Return a writer for each network, with the routes that close loops in it."""
    found = []
    for net, chain in zip(nets, chains, strict=True):
        loops, measures = net.cycles, Measures(chain, chain.registry())
        wires, turned = dict[str, float](), dict[str, Floats]()
        for k, a in enumerate(loops.activity):
            name = net.elements[net.activities.element[a]].name
            reactance = chain.routes[name].reactance
            assert reactance is not None
            wires[name] = measures.number(reactance)
            over = net.on_grid(loops.shift, net.activities.grid[loops.activity], k)
            if np.any(over != 0.0):  # in the loop's direction, as the weight of its reactance is
                turned[name] = np.degrees(over) * np.sign(loops.weight[k]) * np.sign(wires[name])
        found.append(Writer(net, wires, turned))
    return found


def _writers_of_stages(pathway: Pathway, chains: Sequence[Chain]) -> list[Writer]:
    """Return a writer for each stage, with the routes that close loops in any of them."""
    writers = _writers([piece.network for piece in pathway.slices], chains)
    ever = {name: x for own in reversed(writers) for name, x in own.wires.items()}
    return [
        replace(own, wires=ever | own.wires, money=piece.money,
                there=frozenset(name for name, route in chain.routes.items() if route.reactance is not None))
        for own, piece, chain in zip(writers, pathway.slices, chains, strict=True)
    ]
