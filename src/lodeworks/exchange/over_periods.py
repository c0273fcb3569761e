"""The stages of a chain become investment periods of PyPSA: what each says over time, and each vintage as a component.

What exists is one component, whose size in a stage is a share of its largest; what may be built in a stage is another,
with its build year and lifetime. Money of a period counts as its stage's does, amounts as often as its horizon passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lodeworks.errors import Problem
from lodeworks.exchange.constraints import add_limits
from lodeworks.exchange.netcdf import Floats, Lists, nothing_of
from lodeworks.network.pathway import Pathway
from lodeworks.network.standing import kept_each_step

__all__ = ["PLANT", "WIRE", "merged_periods", "not_over_periods", "periods_of"]

PLANT = "\0plant"  # under which a component that may grow keeps its plant's number, and what of its size is one unit
WIRE = "\0wire"  # under which a line keeps whether it is there in a stage, to close loops
_SHARES = {"p_nom": ("p_max_pu", "p_min_pu"), "e_nom": ("e_max_pu", "e_min_pu"), "s_nom": ("s_max_pu",)}
_OVER_TIME = frozenset({
    "p_max_pu", "p_min_pu", "marginal_cost", "e_max_pu", "e_min_pu", "s_max_pu", "p_set", "inflow",
    "stand_by_cost", "efficiency", "efficiency_store", "efficiency_dispatch",
    "standing_loss", "marginal_cost_storage",
    *(f"efficiency{port}" for port in range(2, 100)),
})
_ENDLESS = float("inf")


def periods_of(pathway: Pathway, factor: Floats) -> dict[str, Floats]:
    """Return the years of the periods, how many years of money each counts, and how many years amounts do.

    The last are what a stage lasts, times `factor` (`constraints`).
    """
    return {
        "period": np.array([int(stage.name) for stage in pathway.stages]),
        "objective": np.array([piece.money * pathway.meant for piece in pathway.slices]),
        "years": factor * [stage.years for stage in pathway.stages],
    }


def not_over_periods(pathway: Pathway) -> Iterator[Problem]:
    """Yield what a plan over stages has and PyPSA has not."""

    def told(element: str, what: str) -> Problem:
        return Problem(f"PyPSA has no component for {what}", element=element,
                       expected="a chain without it, or --leave-out to go on without it")

    if pathway.scenarios[0].name or pathway.slices[0].period:
        yield told("horizon.stages", "stages together with scenarios or periods")
    if np.isfinite([pathway.budget, *(stage.budget for stage in pathway.stages)]).any():
        yield told("investment", "a budget")
    for limit in pathway.growths:
        yield told(f"investment.growth.{limit.name}", "a limit on growth of this kind")
    if pathway.accounts:
        yield told("firms", "accounts over stages")
    for policy in pathway.overall:
        if policy.is_share or np.isfinite(policy.penalty):
            yield told(f"policies.{policy.name}", "a share or a penalty over all stages")
    vintages = pathway.vintages
    for v in np.flatnonzero(vintages.part < 1.0):
        yield told(vintages.element[v], "capacity that stands in part in its last stage")
    for stock in pathway.carried:
        if not stock.once:
            yield told(stock.element, "a stock that changes as often as a horizon passes (`once` goes)")
    every = pathway.network.plants
    for unit in np.flatnonzero(every.on_off) if len(pathway.stages) > 1 else ():
        yield told(pathway.network.elements[every.element[unit]].name, "units on and off over several stages")
    for number, plants in enumerate(pathway.plants):
        net = pathway.slices[number].network
        for name, p in plants.items():
            own = [v for v in pathway.standing(number, name) if vintages.most[v] > 0.0]
            if len(own) > 1 and (np.isfinite(net.plants.most[p]) or net.plants.least[p] > 0.0):
                yield told(name, "a limit on what is built in several stages together")
    for s, store in enumerate(pathway.network.stores.element):
        stores, name = pathway.network.stores, pathway.network.elements[store].name
        built = sum(n == name and most > 0.0 for n, most in zip(vintages.element, vintages.most, strict=True))
        stands = any(piece.network.plants.existing[piece.network.stores.plant[s]] > 0.0 for piece in pathway.slices)
        held = stores.carried[s] or (not stores.cyclic[s] and stores.initial[s] > 0.0)
        if held and built and built + stands > 1:
            yield told(name, "what is in a store that grows, which each part of it would hold apart")


def merged_periods(pathway: Pathway, made: Sequence[Lists], steps: int) -> tuple[Lists, Floats, list[Problem]]:
    """Return the components of all periods as those of one network, what their `years` are multiplied by, and what of
    them differs and cannot.
    """
    merged, left = Lists(), list[Problem]()
    for carrier in dict.fromkeys(carrier for own in made for carrier in own.fixed.get("carriers", {})):
        merged.add("carriers", carrier, {})
    factor, told = add_limits(pathway, made, merged)
    written = ("carriers", "global_constraints")
    for kind in dict.fromkeys(kind for own in made for kind in own.fixed if kind not in written):
        for name in dict.fromkeys(name for own in made for name in own.fixed.get(kind, {})):
            if any(name not in own.fixed.get(kind, {}) for own in made):
                left.append(_differs(kind, name, "what is there in one stage only"))
                continue
            _merge(pathway, made, steps, (kind, name), merged, left)
    return merged, factor, [*left, *told]


def _differs(kind: str, name: str, what: str) -> Problem:
    return Problem(f"PyPSA has no component for {what}", element=f"{kind}.{name}",
                   expected="a chain without it, or --leave-out to go on without it")


def _merge(
    pathway: Pathway, made: Sequence[Lists], steps: int, which: tuple[str, str], merged: Lists, left: list[Problem]
) -> None:
    kind, name = which
    each = [dict(own.fixed[kind][name]) for own in made]
    grows, there = each[0].get(PLANT), [k for k, columns in enumerate(each) if columns.get(WIRE)]
    for columns in each:
        for key in (PLANT, WIRE):
            columns.pop(key, None)
    changing = {key for own in made for key, rows in own.series.get(kind, {}).items() if name in rows}
    changing |= {key for columns in each for key in columns} & _OVER_TIME
    over = {key: np.concatenate([own.over(kind, name, key, steps) for own in made]) for key in sorted(changing)}
    nominal = next((key for key in _SHARES if key in each[0]), "")
    sizes = np.array([float(columns.get(nominal, 0.0)) for columns in each]) if nominal else np.zeros(len(each))
    whole = float(sizes.max())
    alive = [*range(len(each))]
    if kind in ("stores", "storage_units") and grows is None and not _is_carried(pathway, each[0]):
        alive = _in_a_row(np.flatnonzero(sizes)) or alive
    fixed = {key: value for key, value in each[alive[0]].items() if key not in changing}
    grown = {*(f"{nominal}_{word}" for word in ("min", "max", "extendable")), "capital_cost"} if grows else set()
    for key in dict.fromkeys(key for columns in each for key in columns if key not in changing and key not in grown):
        if key not in (nominal, "p_init") and len({repr(each[k].get(key)) for k in alive}) > 1:
            left.append(_differs(kind, name, f"another {key} in one stage than in the next"))
    if any("p_init" in columns for columns in each[1:]):
        left.append(_differs(kind, name, "what ran before a later stage, where ramps begin anew"))
    if kind in ("stores", "storage_units"):
        fixed |= _held(pathway, kind, fixed)
    if kind == "lines":
        left += _wired(pathway, name, there, sizes)
        alive = there
    fixed |= _standing(pathway, alive)
    base = {key: value for key, value in fixed.items() if key not in grown}
    if grows is None or whole > 0.0:
        shares = np.repeat(sizes / whole if whole > 0.0 else np.ones(len(each)), steps)
        if nominal and np.any(shares != 1.0):
            if kind == "storage_units":
                left.append(_differs(kind, name, "a storage unit whose size changes by stage"))
            ones = {key: over.get(key, np.full(len(shares), nothing_of(key))) * shares for key in _SHARES[nominal]}
        else:
            ones = {}
        merged.add(kind, name, {**base, **({nominal: whole} if nominal else {}), **over, **ones})
    if grows is not None:
        _add_vintages(pathway, made, which, nominal, grows, {**base, **over}, merged, left)


def _in_a_row(stages: npt.NDArray[np.intp]) -> list[int]:
    """Return stages that follow one another; none of them where they do not."""
    found = [int(k) for k in stages]
    return found if found and found == [*range(found[0], found[-1] + 1)] else []


def _standing(pathway: Pathway, alive: list[int]) -> dict[str, Any]:
    """Return from when to when a component is there."""
    if len(alive) == len(pathway.stages):
        return {}
    year, last = int(pathway.stages[alive[0]].name), alive[-1] + 1
    life = int(pathway.stages[last].name) - year if last < len(pathway.stages) else _ENDLESS
    return {"build_year": year, "lifetime": life}


def _wired(pathway: Pathway, name: str, there: list[int], sizes: Floats) -> Iterator[Problem]:
    """Yield why the loops of a line would not close as in the chain's stages.

    PyPSA divides flows between lines by their reactance: what stands and what is built beside it would be two lines.
    """
    vintages = pathway.vintages
    built = [v for v in np.flatnonzero(vintages.most > 0.0) if vintages.element[v] == name]
    stands = [[*range(int(vintages.first[v]), int(vintages.last[v]))] for v in built]
    stands += [there] if sizes.any() or not built else []
    away = [k for k in range(len(sizes)) if k not in there]
    if len(stands) != 1 or stands[0] != there or sizes[away].any():
        yield _differs("lines", name, "a wire that stands in part, or loses its reactance, from stage to stage")
    if not _in_a_row(np.array(there)):
        yield _differs("lines", name, "a wire that is away and comes again")


def _is_carried(pathway: Pathway, fixed: dict[str, Any]) -> bool:
    return any(stock.element == fixed["carrier"] for stock in pathway.carried)


def _held(pathway: Pathway, kind: str, fixed: dict[str, Any]) -> dict[str, Any]:
    """Return whether a store begins each period anew, ends it as it began, or goes on with what the one before left."""
    cyclic, initial = {"stores": ("e_cyclic", "e_initial"),
                       "storage_units": ("cyclic_state_of_charge", "state_of_charge_initial")}[kind]
    stock = next((stock for stock in pathway.carried if stock.element == fixed["carrier"]), None)
    if stock is not None:
        first = pathway.slices[0].network
        kept = float(kept_each_step(first, int(np.flatnonzero(
            first.stores.element == first.element_number[stock.element])[0]))[0])
        start = 0.0 if np.isnan(stock.initial) else stock.initial * kept
        return {cyclic: stock.ring, initial: start, f"{cyclic}_per_period": False, f"{initial}_per_period": False}
    return {f"{cyclic}_per_period": fixed[cyclic], f"{initial}_per_period": not fixed[cyclic]}


def _add_vintages(
    pathway: Pathway, made: Sequence[Lists], which: tuple[str, str], nominal: str, grows: tuple[int, float],
    base: dict[str, Any], merged: Lists, left: list[Problem],
) -> None:
    """Add what may be decided in each stage; its cost is that of a year, in every period it stands in."""
    (kind, name), (plant, per), vintages = which, grows, pathway.vintages
    element = pathway.network.elements[pathway.network.plants.element[plant]].name
    worth = np.array([piece.money * pathway.meant for piece in pathway.slices])
    upkeep = [float(own.fixed[kind][name]["capital_cost"]) / pathway.meant for own in made]
    if len(set(upkeep)) > 1:
        left.append(_differs(kind, name, "another upkeep in one stage than in the next"))
    for v in np.flatnonzero(np.array([own == element for own in vintages.element], bool) & (vintages.most > 0.0)):
        first, last = int(vintages.first[v]), int(vintages.last[v])
        year = int(pathway.stages[first].name)
        life = int(pathway.stages[last].name) - year if last < len(pathway.stages) else _ENDLESS
        least = max(float(piece.network.plants.least[pathway.plants[i][element]])
                    for i, piece in enumerate(pathway.slices[first:last], first))
        cost = float(vintages.charge[v]) / float(worth[first:last].sum()) / per + upkeep[0]
        grown = {
            nominal: 0.0, f"{nominal}_extendable": True, f"{nominal}_min": least * per,
            f"{nominal}_max": float(vintages.most[v]) * per, "capital_cost": cost, "build_year": year, "lifetime": life,
        }
        if vintages.whole[v]:
            grown[f"{nominal}_mod"] = float(vintages.size[v]) * per
        merged.add(kind, f"{name} {pathway.stages[int(vintages.stage[v])].name}", {**base, **grown})
