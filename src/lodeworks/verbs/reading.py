"""Reading and checking a chain, and the claims beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.errors import InputError, Problem
from lodeworks.verbs.telling import PathLike

if TYPE_CHECKING:
    from lodeworks.chain.claims import Verdict
    from lodeworks.chain.entities import Chain

__all__ = ["beside", "check", "checked", "claims_of", "read"]


def read(path: PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = ()) -> Chain:
    """Read a chain from a folder, a YAML or JSON file, or a workbook.

    Parameters
    ----------
    sets
        Changes such as ``processes.psa.capacity=20 t/d``.
    overlays
        Files whose keys are laid over the chain's.

    Raises
    ------
    InputError
        With every problem found.
    """
    from lodeworks.chain.read import read_chain

    return read_chain(Path(path), sets=sets, overlays=[Path(o) for o in overlays])


def check(
    chain: Chain | PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = ()
) -> list[Problem]:
    """Return every problem of a chain, errors first; an empty list where there is none."""
    try:
        return _read_and_check(chain, sets, overlays)[1]
    except InputError as error:
        return list(error.problems)


def _read_and_check(
    chain: Chain | PathLike, sets: Sequence[str], overlays: Sequence[PathLike]
) -> tuple[Chain, list[Problem]]:
    """Return the chain and its problems; what cannot be read at all is an InputError.

    A chain without errors is compiled too, so that planning is never the first to find a fault.
    """
    from lodeworks.chain.check import check_chain
    from lodeworks.chain.outline import read_outline
    from lodeworks.chain.read import read_in_part
    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.network.compile_live import compile_live
    from lodeworks.units import UnitProblem

    if isinstance(chain, str | Path):
        part, origin, faults = read_in_part(Path(chain), sets=sets, overlays=[Path(o) for o in overlays])
        if part is None:
            raise InputError(faults)
        found, problems = part, [*faults, *_apart_from(check_chain(part, origin), faults, part)]
        try:
            read_outline(found, beside(chain))
        except InputError as error:
            problems += [origin.placed(problem) for problem in error.problems]
    else:
        found, problems = chain, check_chain(chain)
    if not any(problem.severity == "error" for problem in problems):
        try:
            (compile_pathway if has_slices(found) else compile_network)(found)
            compile_live(found)
        except InputError as error:
            problems += error.problems
        except UnitProblem as error:
            problems.append(Problem(str(error)))
    return found, problems


def checked(
    chain: Chain | PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = (),
    caution: Callable[[Problem], None] | None = None,
) -> Chain:
    """Return a chain that has no errors; each warning there is goes to `caution`.

    Raises
    ------
    InputError
        With every error there is.
    """
    entity, problems = _read_and_check(chain, sets, overlays)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    if caution is not None:
        for problem in problems:
            caution(problem)
    return entity


def _apart_from(found: list[Problem], faults: list[Problem], part: Chain) -> list[Problem]:
    """Return the errors a check found that do not follow from parts that could not be read.

    An element of what is watched stays with a stand-in for what could not be read of it, and its other faults are told;
    another is left out, and nothing is told of it or of who names it.
    """
    from lodeworks.chain.conform import STAND_IN, WATCHED

    if not faults:
        return found
    paths = {f"{fault.element}.{fault.key}." for fault in faults}
    out = {fault.element for fault in faults if not fault.key or fault.element.partition(".")[0] not in WATCHED}
    names = {element.rpartition(".")[2] for element in out}
    tags = {name for name, tag in part.tags.items() if tag.element in names}
    out |= {f"alarms.{name}" for name, alarm in part.alarms.items() if alarm.tag in tags}
    made = any(fault.element.startswith(("tags.", "limits.", "zones.")) for fault in faults)  # they make alarms

    def follows(p: Problem) -> bool:
        path, text = f"{p.element}.{p.key}.", f"{p.message} {p.found} {p.expected}"
        return (p.element in out or any(name in p.found for name in names if name)
                or any(path.startswith(faulty) or (p.key and faulty.startswith(path)) for faulty in paths)
                or (made and "." in p.found and p.message == "there is no alarm of this name")
                or STAND_IN in text or re.search(r"\bnan\b", text) is not None)

    return [p for p in found if p.severity == "error" and not follows(p)]


def beside(chain: PathLike) -> Path:
    """Return the folder in which the files stand that a chain names."""
    return Path(chain) if Path(chain).is_dir() else Path(chain).parent


def claims_of(path: PathLike) -> tuple[Verdict, ...]:
    """Recompute the claims beside a chain (``claims.yaml`` of its folder); empty where there are none."""
    from lodeworks.chain.claims import evaluate, read_claims

    file = beside(path) / "claims.yaml"
    return tuple(evaluate(read_claims(file))) if file.exists() else ()
