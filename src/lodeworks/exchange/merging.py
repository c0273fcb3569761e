"""Chains of the slices of one network become one chain: the first, and what the others set otherwise.

Slices are plain data as a chain file holds them, written by the same hand, so that a difference is a path and a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lodeworks.chain.yaml import flow_text
from lodeworks.errors import Problem

__all__ = ["merge_scenarios", "merge_stages"]

_SECTIONS = ("commodities", "sites", "processes", "supplies", "demands", "routes", "stores", "policies")


def merge_stages(chains: list[dict[str, Any]], years: list[int], told: list[Problem]) -> dict[str, Any]:
    """Return the first stage's chain with what each later stage changes; what cannot be said so is told."""
    named = _shared_profiles(chains, [str(year) for year in years])
    stages = {}
    for before, after, year in zip(named, named[1:], years[1:], strict=False):
        changes = dict(_changes(before, after, f"stages.{year}", told))
        if changes:
            stages[str(year)] = {"set": changes}
    return {**named[0], "stages": stages}


def merge_scenarios(chains: list[dict[str, Any]], chances: dict[str, float], told: list[Problem]) -> dict[str, Any]:
    """Return the first scenario's chain with what each sets otherwise."""
    named = _shared_profiles(chains, list(chances))
    scenarios = {
        name: {"probability": repr(chance), "set": dict(_changes(named[0], own, f"scenarios.{name}", told))}
        for (name, chance), own in zip(chances.items(), named, strict=True)
    }
    for name, scenario in scenarios.items():
        for key in (key for key in scenario["set"] if key.endswith(".reactance")):  # PyPSA takes one for all
            told.append(Problem(
                "a reactance that differs between scenarios is not carried", element=f"scenarios.{name}", key=key,
                expected="a network without it, or --leave-out to go on without it"))
    return {**named[0], "scenarios": scenarios}


def _shared_profiles(chains: list[dict[str, Any]], labels: list[str]) -> list[dict[str, Any]]:
    """Return the chains over one list of profiles: those that differ from the first of their name are renamed."""
    profiles: dict[str, Any] = {}
    found = []
    for chain, label in zip(chains, labels, strict=True):
        names = {}
        for name, profile in chain["profiles"].items():
            alike = (known for known in profiles if known == name or known.startswith(f"{name} in "))
            same = next((known for known in alike if profiles[known] == profile), "")
            names[name] = same or (name if name not in profiles else f"{name} in {label}")
            profiles[names[name]] = profile
        found.append({**chain, **{section: _renamed(chain[section], names) for section in _SECTIONS}})
    return [{**chain, "profiles": profiles} for chain in found]


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if not isinstance(value, dict):
        return value
    if set(value) == {"profile"}:
        return {"profile": names.get(value["profile"], value["profile"])}
    return {key: _renamed(item, names) for key, item in value.items()}


def _changes(
    before: dict[str, Any], after: dict[str, Any], where: str, told: list[Problem]
) -> Iterator[tuple[str, str]]:
    """Yield what a chain sets otherwise than another, by path."""
    for section in _SECTIONS:
        for name in after[section].keys() ^ before[section].keys():
            told.append(Problem(
                "what is there only in some periods or scenarios, or changes its kind, is not carried",
                element=where, key=f"{section}.{name}",
                expected="a network without it, or --leave-out to go on without it"))
        for name, element in after[section].items():
            if name in before[section]:
                yield from _paths(before[section][name], element, f"{section}.{name}")


def _paths(before: Any, after: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield paths below one at which two values differ; an empty text takes away."""
    whole = not isinstance(before, dict) or not isinstance(after, dict) or "profile" in before or "profile" in after
    if not whole:
        for key in [*after, *(key for key in before if key not in after)]:
            if key not in after:
                yield f"{path}.{key}", ""
            elif key not in before:
                yield f"{path}.{key}", _text(after[key])
            else:
                yield from _paths(before[key], after[key], f"{path}.{key}")
    elif before != after:
        yield path, _text(after)


def _text(value: Any) -> str:
    return flow_text(value) if isinstance(value, dict | list) else str(value)
