"""The chain as it is in a stage and a scenario: settings laid over it, retirements taken off its capacities.

A stage's settings hold from it on, so those of the stages before it come first; a scenario's come last. Whether
stages and scenarios make sense is for the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InputError, Problem
from lodeworks.units import Quantity

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain

__all__ = ["Version", "plain", "versions"]


@dataclass(frozen=True)
class Version:
    """A chain of one stage and one scenario; either name is empty where the chain has none."""

    chain: Chain
    stage: str
    scenario: str


def versions(chain: Chain) -> list[Version]:
    """Return the chain of every stage and scenario: stages in order, within each its scenarios in order.

    Raises
    ------
    InputError
        If a setting does not fit the chain; with every such fault of every stage and scenario.
    """
    names = [str(year) for year in chain.horizon.stages] or [""]
    found: list[Version] = []
    problems: list[Problem] = []
    base = plain(chain)
    sets: dict[str, Mapping[str, str]] = {}
    for name in names:
        if name in chain.stages:
            sets[f"stages.{name}"] = chain.stages[name].set
        for scenario in [*chain.scenarios] or [""]:
            own = {f"scenarios.{scenario}": chain.scenarios[scenario].set} if scenario else {}
            try:
                made = _changed(base, {**sets, **own})
            except InputError as error:
                problems += error.problems
                continue
            found.append(Version(_retired(made, name), name, scenario))
    if problems:
        raise InputError(dict.fromkeys(problems))
    return found


def plain(chain: Chain) -> Chain:
    """Return the chain without what makes versions of it."""
    horizon = chain.horizon.model_copy(update={"stages": [], "last": None})
    return chain.model_copy(update={"horizon": horizon, "stages": {}, "scenarios": {}})


def _changed(chain: Chain, sets: Mapping[str, Mapping[str, str]]) -> Chain:
    """Lay settings over a chain; faults are told at the stage or scenario they are written in."""
    from lodeworks.chain.conform import conform
    from lodeworks.chain.origin import Document
    from lodeworks.chain.overlay import apply_set
    from lodeworks.chain.write import chain_data

    if not any(sets.values()):
        return chain
    document = Document(chain_data(chain), "", Path())
    faults: list[Problem] = []
    for element, settings in sets.items():
        for path, value in settings.items():
            apply_set(document, f"{path}={value}", element)
            faults += [_at(problem, element, path) for problem in document.problems]
            document.problems.clear()
    if faults:
        raise InputError(faults)
    try:
        return conform(document)
    except InputError as error:
        written = {path: element for element, settings in sets.items() for path in settings}
        raise InputError(_at(p, *_origin(p, written)) for p in error.problems) from None


def _origin(problem: Problem, written: Mapping[str, str]) -> tuple[str, str]:
    """Return the element and path of the setting a fault is due to: the one that is most like its place."""
    place = ".".join(part for part in (problem.element, problem.key) if part)
    for path, element in reversed([*written.items()]):
        if place.startswith(path) or path.startswith(place):
            return element, path
    path = [*written][-1]
    return written[path], path


def _at(problem: Problem, element: str, path: str) -> Problem:
    return Problem(problem.message, element=element, key=f"set.{path}", found=problem.found, expected=problem.expected,
                   suggestion=problem.suggestion, severity=problem.severity)


def _retired(chain: Chain, stage: str) -> Chain:
    """Take off each capacity what has retired by the beginning of a stage."""
    if not stage:
        return chain
    sections: dict[str, Any] = {}
    for section in ("processes", "routes", "stores"):
        elements = getattr(chain, section)
        changed = {name: _less(entity, int(stage), chain) for name, entity in elements.items() if entity.retires}
        if changed:
            sections[section] = {**elements, **changed}
    return chain.model_copy(update=sections) if sections else chain


def _less(entity: Any, year: int, chain: Chain) -> Any:
    if entity.capacity is None:
        return entity
    units, left = chain.registry(), entity.capacity.value
    for when, amount in entity.retires.items():
        if int(when) <= year:
            left -= units.convert(amount, entity.capacity.unit)
    return entity.model_copy(update={"capacity": Quantity(max(left, 0.0), entity.capacity.unit), "retires": {}})
