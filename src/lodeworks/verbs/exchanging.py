"""Carrying a chain to other tools and back, and its program to a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lodeworks.verbs.reading import checked
from lodeworks.verbs.telling import PathLike

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain
    from lodeworks.errors import Problem

__all__ = ["import_network", "write_network", "write_program"]


def import_network(path: PathLike, out: PathLike, *, leave_out: bool = False, replace: bool = False) -> list[Problem]:
    """Read a PyPSA network file and write it as a chain; return what was left out.

    Raises
    ------
    InputError
        If it is no network, is faulty, or holds what a chain cannot say; or if `out` is there already.
    """
    from lodeworks.chain.write import write_chain
    from lodeworks.exchange import import_pypsa

    chain, left = import_pypsa(path, leave_out=leave_out)
    write_chain(chain, out, replace=replace)
    return left


def write_network(
    chain: Chain | PathLike, out: PathLike, *, leave_out: bool = False, replace: bool = False,
    sets: Sequence[str] = (), overlays: Sequence[PathLike] = (),
) -> list[Problem]:
    """Write a chain as a PyPSA network file; return what was left out; raises as `import_network` does."""
    from lodeworks.exchange import export_pypsa

    return export_pypsa(
        checked(chain, sets=sets, overlays=overlays), out, leave_out=leave_out, replace=replace,
    )


def write_program(
    chain: Chain | PathLike, out: PathLike, *, replace: bool = False, sets: Sequence[str] = (),
    overlays: Sequence[PathLike] = (),
) -> dict[str, int]:
    """Write the program of a chain's plan as an LP or MPS file; return its size.

    Raises
    ------
    InputError
        If the chain has errors, or the file is there already or of another kind.
    """
    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.plan.files import write_program as write

    entity = checked(chain, sets=sets, overlays=overlays)
    made = compile_pathway(entity) if has_slices(entity) else compile_network(entity)
    return write(made, out, replace=replace).size
