"""Sums over the stages of a chain become global constraints of PyPSA; those without stages stand in `to_pypsa`.

PyPSA multiplies what a carrier gives off in a period by the period's `years`. Where a policy's weights change from
stage to stage by one factor for all flows, that factor is put into `years`; a policy of one stage is one of its
period. What neither can say is told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lodeworks.errors import Problem
from lodeworks.exchange.netcdf import Floats, Lists
from lodeworks.network.pathway import Overall, Pathway

__all__ = ["POLICY", "add_limits"]

POLICY = "policy "  # what the attribute of carriers begins with that holds a policy's weights
_ALIKE = 1e-9


def add_limits(pathway: Pathway, made: Sequence[Lists], merged: Lists) -> tuple[Floats, list[Problem]]:
    """Write every policy of a chain with stages; its weights are taken off the carriers of `made`.

    Returns
    -------
    array, list of Problem
        What `years` of each period are multiplied by, shape (stages,); and what cannot be said.
    """
    weights = _taken(made)
    left = list[Problem]()
    factor = np.ones(len(made))
    shared = dict[str, tuple[Floats, dict[str, float]]]()
    for policy in pathway.overall:
        found = _by_stage(weights.get(policy.name, [{} for _ in made]))
        if found is not None:
            shared[policy.name] = found
    whole = [by for by, _ in shared.values() if np.count_nonzero(by) > 1]
    if whole and np.all(whole[0] > 0.0):
        factor = whole[0]
    for policy in pathway.overall:
        told = _overall(pathway, policy, shared.get(policy.name), factor, merged)
        left += [told] if told is not None else []
    for name in dict.fromkeys(name for own in made for name in own.fixed.get("global_constraints", {})):
        _each(pathway, made, name, weights, factor, merged)
    return factor, left


def _taken(made: Sequence[Lists]) -> dict[str, list[dict[str, float]]]:
    """Take the weights of policies off carriers: by policy and stage, what each carrier counts."""
    found = dict[str, list[dict[str, float]]]()
    for number, own in enumerate(made):
        for carrier, columns in own.fixed.get("carriers", {}).items():
            for key in [key for key in columns if key.startswith(POLICY)]:
                each = found.setdefault(key.removeprefix(POLICY), [{} for _ in made])
                each[number][carrier] = columns.pop(key)
    return found


def _by_stage(weights: list[dict[str, float]]) -> tuple[Floats, dict[str, float]] | None:
    """Return factor by stage and weight by carrier whose product the weights are; nothing where there are none such.

    The factor of the last stage with any weight is one.
    """
    names = list(dict.fromkeys(name for own in weights for name in own))
    table = np.array([[own.get(name, 0.0) for name in names] for own in weights]).reshape(len(weights), len(names))
    used = np.flatnonzero(np.any(table != 0.0, axis=1))
    if not len(used):
        return np.zeros(len(weights)), {}
    last = table[used[-1]]
    at = int(np.argmax(np.abs(last)))
    factor = table[:, at] / last[at]
    if np.any(np.abs(table - np.outer(factor, last)) > _ALIKE * np.abs(last[at])):
        return None
    return np.where(np.abs(factor - 1.0) < _ALIKE, 1.0, factor), dict(zip(names, map(float, last), strict=True))


def _overall(
    pathway: Pathway, policy: Overall, found: tuple[Floats, dict[str, float]] | None, factor: Floats, merged: Lists
) -> Problem | None:
    """Write a policy over all stages; return what of it cannot be said."""
    told = Problem("PyPSA has no component for a sum over stages whose weights change from stage to stage",
                   element=f"policies.{policy.name}", expected="a chain without it, or --leave-out to go on without it")
    if found is None:
        return told
    by, weights = found
    used = np.flatnonzero(by)
    period: dict[str, float] = {}
    if len(used) == 1 and len(by) > 1:
        period = {"investment_period": float(pathway.stages[used[0]].name)}
        weights = {carrier: each / float(factor[used[0]]) for carrier, each in weights.items()}
    elif len(used) and np.any(np.abs(by - factor) > _ALIKE):
        return told
    elif not policy.least <= 0.0 <= policy.most and not len(used):
        return told  # what nothing counts in is nought
    _write(merged, policy.name, f"{POLICY}{policy.name}", weights, policy.least, policy.most, period)
    return None


def _write(
    merged: Lists, name: str, attribute: str, weights: dict[str, float], least: float, most: float,
    period: dict[str, float],
) -> None:
    for carrier, each in weights.items():
        merged.fixed["carriers"][carrier][attribute] = each
    for sense, limit in ((">=", least), ("<=", most)):
        if np.isfinite(limit) and weights:
            merged.add("global_constraints", f"{name} {sense}", {
                "type": "primary_energy", "carrier_attribute": attribute, "sense": sense, "constant": limit, **period})


def _each(
    pathway: Pathway, made: Sequence[Lists], name: str, weights: dict[str, list[dict[str, float]]], factor: Floats,
    merged: Lists,
) -> None:
    """Write a limit of each stage as one of its period, counted as often as PyPSA counts its amounts.

    Weights have an attribute for each period, as they may change.
    """
    for number, (piece, own) in enumerate(zip(pathway.slices, made, strict=True)):
        columns = own.fixed.get("global_constraints", {}).get(name)
        if columns is None:
            continue
        year = pathway.stages[piece.stage].name
        attribute = f"{columns['carrier_attribute']} {year}"
        for carrier, each in weights[columns["carrier_attribute"].removeprefix(POLICY)][number].items():
            merged.fixed["carriers"][carrier][attribute] = each
        merged.add("global_constraints", f"{name} {year}", {
            **columns, "carrier_attribute": attribute, "investment_period": float(year),
            "constant": columns["constant"] * piece.passes * float(factor[number])})
