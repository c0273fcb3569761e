"""The programs a plan is made of, with names, for who solves them elsewhere: of all steps or fewer, or what is built.

Nothing is solved here. What rows mean is told by `naming`, how they stand in a file by `files`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lodeworks.errors import InputError, Problem, nearest
from lodeworks.network.arrays import Network
from lodeworks.network.pathway import Pathway
from lodeworks.plan.naming import Named, named_over, named_program
from lodeworks.plan.part import Part
from lodeworks.plan.pathway.compose import compose, scale_composition
from lodeworks.plan.program import assemble
from lodeworks.plan.reduced.fold import folded_columns, named_days
from lodeworks.plan.reduced.merge import edges_of_segments, merged
from lodeworks.plan.reduced.subject import held
from lodeworks.plan.reduced.typical import days_of, same_days, typical_days
from lodeworks.plan.scale import scale
from lodeworks.plan.sizes import in_sizes

__all__ = ["held_at", "on_days", "on_segments", "program_in_sizes", "program_of", "with_networks"]


def program_of(what: Network | Pathway, title: str = "") -> Named:
    """Return the program of a network or a pathway as it is."""
    if isinstance(what, Pathway):
        return named_over(compose(what), title)
    program, columns = assemble(what)
    return named_program(what, columns, program, title)


def program_in_sizes(what: Network | Pathway, title: str = "") -> Named:
    """Return the same program with columns counted in sizes near one, as their names say."""
    if isinstance(what, Pathway):
        made = compose(what)
        return in_sizes(named_over(made, title), scale_composition(made))
    program, columns = assemble(what)
    return in_sizes(named_program(what, columns, program, title), scale(what, columns, program))


def on_segments(what: Network | Pathway, count: int, title: str = "") -> Named:
    """Return the program in which neighbouring steps are merged into so many, of each slice."""
    networks = [merged(net, edges_of_segments(net, count)) for net in _networks(what)]
    return program_of(with_networks(what, networks), title)


def on_days(what: Network | Pathway, count: int, title: str = "") -> Named:
    """Return the program of so many typical days, of each slice, stores linked through the year.

    Columns and rows are called as those of the whole that belong to the day that stands for its kind.

    Raises
    ------
    LodeworksError
        Where the horizon is not of whole days.
    """
    networks = _networks(what)
    days = [typical_days(net, min(count, days_of(net)[0])) for net in networks]
    alike = with_networks(what, [same_days(net, own) for net, own in zip(networks, days, strict=True)])
    if isinstance(alike, Pathway):
        made = compose(alike)
        return named_days(folded_columns(made.parts, made.programs, made.program, days), named_over(made, title))
    program, columns = assemble(alike)
    part = Part(alike, columns, len(program.row_lower))
    whole = named_program(alike, columns, program, title)
    return named_days(folded_columns((part,), (program,), program, days), whole)


def held_at(what: Network | Pathway, built: Mapping[tuple[str, str], float]) -> Network | Pathway:
    """Return it with what is built held.

    Parameters
    ----------
    built
        Capacity by element and stage; the stage is empty in a plan of one horizon. What is not named is not built.

    Raises
    ------
    InputError
        Where something is built that may not be.
    """
    if isinstance(what, Pathway):
        vintages = what.vintages
        keys = [(name, what.stages[stage].name) for name, stage in zip(vintages.element, vintages.stage, strict=True)]
        _refuse_others(keys, built)
        return replace(what, vintages=vintages.fixed(np.array([built.get(key, 0.0) for key in keys])))
    names = [what.elements[p].name for p in what.plants.element]
    _refuse_others([(name, "") for name, can in zip(names, what.plants.expandable, strict=True) if can], built)
    return held(what, np.array([built.get((name, ""), 0.0) for name in names]))


def _refuse_others(keys: Sequence[tuple[str, str]], built: Mapping[tuple[str, str], float]) -> None:
    strange = [key for key, size in built.items() if size and key not in keys]
    if strange:
        raise InputError([
            Problem("something is built that may not be in this chain", element=name, found=f"{name} {stage}".strip(),
                    expected="the run of a plan of the same chain", suggestion=nearest(name, [k for k, _ in keys]))
            for name, stage in strange
        ])


def with_networks(what: Network | Pathway, networks: Sequence[Network]) -> Network | Pathway:
    """Return it with other networks of the same elements, one or one a slice."""
    if isinstance(what, Network):
        return networks[0]
    return replace(what, slices=tuple(
        replace(piece, network=net) for piece, net in zip(what.slices, networks, strict=True)))


def _networks(what: Network | Pathway) -> list[Network]:
    return [what] if isinstance(what, Network) else [piece.network for piece in what.slices]


