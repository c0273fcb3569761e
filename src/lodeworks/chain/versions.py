"""The chain as it is in a stage and a scenario: settings laid over it, retirements taken off its capacities.

A stage's settings hold from it on, so those of the stages before it come first; a scenario's come last. Whether
stages and scenarios make sense is for the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InputError, Problem
from lodeworks.units import Quantity

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain

__all__ = ["Version", "plain", "versions"]


@dataclass(frozen=True)
class Version:
    """A chain of one stage and one scenario; either name is empty where the chain has none.

    `sets` are the settings laid over it, by the stage or scenario they are written in.
    """

    chain: Chain
    stage: str
    scenario: str
    sets: Mapping[str, Mapping[str, str]]

    def due(self, problem: Problem) -> Problem:
        """Return a problem of this chain told at the setting it is due to, as well as can be seen."""
        written = {path: element for element, settings in self.sets.items() for path in settings}
        place = ".".join(part for part in (problem.element, problem.key) if part)
        at = next((path for path in reversed([*written]) if place.startswith(path) or path.startswith(place)), "")
        element = written.get(at) or (f"scenarios.{self.scenario}" if self.scenario else f"stages.{self.stage}")
        told = problem if at and place == at else replace(problem, message=f"{place}: {problem.message}")
        return _at(told, element, at)


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
                found.append(Version(_retired(made, name), name, scenario, {**sets, **own}))
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    return found


def plain(chain: Chain) -> Chain:
    """Return the chain without what makes versions of it."""
    horizon = chain.horizon.model_copy(update={"stages": [], "last": None})
    investment = chain.investment.model_copy(update={"growth": {}})  # is from version to version
    return chain.model_copy(update={"horizon": horizon, "stages": {}, "scenarios": {}, "investment": investment})


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
        last = [*sets][-1].partition(".")
        version = Version(chain, "", "", sets) if last[0] == "stages" else Version(chain, "", last[2], sets)
        raise InputError(version.due(problem) for problem in error.problems) from None


def _at(problem: Problem, element: str, path: str) -> Problem:
    key = f"set.{path}" if path else "set"
    return replace(problem, file="", element=element, key=key)


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
