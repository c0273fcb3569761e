"""Carrying a chain to other tools and back, and its program to a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lodeworks.errors import InputError, Problem
from lodeworks.verbs.anew import begun
from lodeworks.verbs.reading import checked
from lodeworks.verbs.telling import PathLike

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain

__all__ = ["built_by", "import_network", "write_network", "write_program"]


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
    overlays: Sequence[PathLike] = (), segments: int | None = None, days: int | None = None,
    state: PathLike | None = None, built: PathLike | None = None, sized: bool = False,
) -> dict[str, int]:
    """Write the program of a chain's plan as an LP or MPS file; return its size.

    Parameters
    ----------
    segments, days
        The program that decides on so many merged steps, or on so many typical days.
    state
        A state file: the program from its moment on.
    built
        The run of a plan of the same chain: the program of all steps with what that built.
    sized
        Whether its columns are counted in sizes near one, as their names say; not of fewer steps.

    Raises
    ------
    InputError
        If the chain has errors, two programs are asked for at once, or the file is there already or of another kind.
    """
    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.plan.files import refuse_file
    from lodeworks.plan.files import write_program as write
    from lodeworks.plan.programs import held_at, on_days, on_segments, program_in_sizes, program_of

    asked = [f"--{name}" for name, value in (
        ("segments", segments), ("days", days), ("from", state), ("built", built)) if value is not None]
    if len(asked) > 1:
        raise InputError(Problem("a file holds one program", found=" and ".join(asked),
                                 expected="one of them; `plan --programs FOLDER` writes every one it solves"))
    if sized and (segments is not None or days is not None):
        raise InputError(Problem("columns of fewer steps have no sizes of their own", found=asked[0],
                                 expected="one of them"))
    whole = program_in_sizes if sized else program_of
    refuse_file(out, replace=replace)
    entity = checked(chain, sets=sets, overlays=overlays)
    said = next((f"{name} {value}" for name, value in zip(
        asked, (v for v in (segments, days, state, built) if v is not None), strict=True)), "all steps")
    title = f"{entity.chain}: {said}"
    if state is not None:
        named = whole(begun(entity, state)[0], title)
    else:
        made = compile_pathway(entity) if has_slices(entity) else compile_network(entity)
        if segments is not None:
            named = on_segments(made, segments, title)
        elif days is not None:
            named = on_days(made, days, title)
        else:
            named = whole(made if built is None else held_at(made, built_by(built)), title)
    write(named, out, replace=replace)
    return named.program.size


def built_by(run: PathLike) -> dict[tuple[str, str], float]:
    """Return what the run of a plan built, by element and stage, which is empty in one of one horizon.

    Raises
    ------
    InputError
        If it is no run of a plan.
    """
    from lodeworks.runs import read_run

    read = read_run(run)
    if read.manifest["kind"] != "plan":
        raise InputError(Problem("not the run of a plan", file=str(run), found=read.manifest["kind"]))
    if "vintages" in read.tables:
        rows = read.table("vintages").select("element", "stage", "decided").iter_rows()
        return {(name, stage): decided for name, stage, decided in rows}
    rows = read.table("capacities").select("element", "built").iter_rows()
    return {(name, ""): built for name, built in rows if built}
