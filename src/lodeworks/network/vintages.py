"""What may be decided in each stage: how long it stands, and what of its cost counts, as `stages` tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.chain.measures import Measures
from lodeworks.errors import InputError, Problem
from lodeworks.network.arrays import Floats, Network
from lodeworks.network.pathway import Scenario, Stage, Vintages

__all__ = ["Curve", "curves_of", "discounted", "vintages_of"]

# Ages in years and what share then still stands, both of shape (points,).
Curve = tuple[Floats, Floats]
_YEAR = 8760.0


def vintages_of(
    networks: list[Network], stages: list[Stage], scenarios: list[Scenario], rate: float, *, in_part: bool,
    curves: Mapping[str, Curve],
) -> Vintages:
    """Return what may be decided in each stage and stands in one at least.

    Parameters
    ----------
    networks
        Of every stage in order, and within it of every scenario.
    rate
        Discount a year.
    in_part
        Whether a life that ends within a stage counts there in part.
    curves
        Of what goes little by little, by element: ages in years and what share then still stands.
    """
    rows, standing = [], []
    starts = np.array([stage.start for stage in stages])
    each = len(scenarios)
    for y, stage in enumerate(stages):
        net = _mean_costs(networks[y * each : (y + 1) * each], scenarios)
        plants = net.plants
        for p in (int(p) for p in np.flatnonzero(plants.expandable & ~plants.closable)):
            ready = stage.start + (plants.lead[p] if stage.name else 0.0)  # without stages all stands at once
            first = int(np.searchsorted(starts, ready - 1e-9))
            if first == len(stages):
                continue
            last = int(np.searchsorted(starts, starts[first] + plants.life[p] - 1e-9))
            ends = stages[last - 1].start + stages[last - 1].years
            left = ends - starts[first] - float(plants.life[p])  # years of its last stage it does not live to see
            part = 1.0 - max(left, 0.0) / stages[last - 1].years if in_part and stage.name else 1.0
            charge = (
                _charged(float(plants.invest[p]), stage, stages[first:last], float(plants.life[p]), rate, part,
                         float(plants.discount[p]))
                if stage.name else float(plants.yearly[p])
            )
            name = net.elements[plants.element[p]].name
            stands = np.zeros(len(stages))
            stands[first:last] = 1.0
            stands[last - 1] = part
            if name in curves:
                stands[first:last] = _surviving(curves[name], stages[first:last])
                part = float(stands[last - 1])
                charge = _charged_by_curve(float(plants.invest[p]), stage, stages[first:last], curves[name], rate,
                                           float(plants.discount[p]), stands[first:last])
            standing.append(stands)
            lump = float(plants.lump[p])
            most = min(float(plants.pace[p]), float(plants.most[p]))
            rows.append((name, y, first, last, lump or 1.0, lump > 0.0, most, float(plants.invest[p]), charge, part,
                         float(plants.life[p])))
    _refuse_shorter_lives(networks[0], rows)
    columns = zip(*rows, strict=True) if rows else ((),) * 11
    names, decided, first_, last_, size, whole, most_, invest, charged, parts, lives = columns
    return Vintages(
        tuple(names), np.array(decided, np.int32), np.array(first_, np.int32), np.array(last_, np.int32),
        np.array(size, float), np.array(whole, bool), np.zeros(len(names)), np.array(most_, float),
        np.array(invest, float), np.array(charged, float), np.array(parts, float), np.array(lives, float),
        np.array(standing, float).reshape(-1, len(stages)), np.array([name in curves for name in names], bool),
    )


def curves_of(chain: Chain, measures: Measures) -> dict[str, Curve]:
    """Return the survival curves of a checked chain by element: ages in years and what share then still stands."""
    found = {}
    for section in (chain.processes, chain.routes, chain.stores, chain.fleets):
        for name, entity in section.items():
            if entity.expansion is not None and entity.expansion.survival and entity.expansion.life is not None:
                points = {float(age): measures.fraction(share) for age, share in entity.expansion.survival.items()}
                life = measures.duration(entity.expansion.life) / _YEAR
                ages = [0.0, *sorted(points), life]
                found[name] = np.array(ages), np.array([1.0, *(points[age] for age in sorted(points)), 0.0])
    return found


def _surviving(curve: Curve, alive: list[Stage]) -> Floats:
    """Return what share stands in each stage, on the mean of its years: of each year what stands as it begins."""
    return np.array([
        np.interp(stage.start - alive[0].start + np.arange(round(stage.years)), *curve).mean() for stage in alive])


def _charged_by_curve(
    invest: float, decided: Stage, alive: list[Stage], curve: Curve, rate: float, own: float, stands: Floats
) -> float:
    """Return what of an investment counts that is paid back by what still stands of it in each year."""
    years = np.arange(int(np.ceil(curve[0][-1])))
    back = np.interp(years, *curve) * (1.0 + own) ** -(years + 1.0)
    if all(stage.weight is None for stage in alive):
        seen = alive[-1].start + alive[-1].years - alive[0].start
        return float(invest * decided.discount * back[years < seen - 1e-9].sum() / back.sum())
    weights = np.array([discounted(stage, rate, 1.0) if stage.weight is None else stage.weight for stage in alive])
    return float(invest / back.sum() * (stands @ weights))


def _refuse_shorter_lives(net: Network, rows: list[tuple[Any, ...]]) -> None:
    """Refuse what may be closed early where something built later ends sooner.

    Then which of it is closed would matter, and the plan says only how much: the oldest, which ends first anyway.
    """
    early = {net.elements[e].name for e in net.plants.element[net.plants.early]}
    ends: dict[str, int] = {}
    problems = []
    for name, _, _, last, *_ in rows:
        if name in early and last < ends.get(name, 0):
            problems.append(Problem("what may be closed early must not live shorter when it is built later",
                                    element=name, key="expansion.life", expected="the same life in all stages"))
        ends[name] = max(last, ends.get(name, 0))
    if problems:
        raise InputError(dict.fromkeys(problems))


def _mean_costs(networks: list[Network], scenarios: list[Scenario]) -> Network:
    """Return a stage's network with what building costs on the mean: it is paid before scenarios are known."""
    net = networks[0]
    invest = sum(w.probability * n.plants.invest for w, n in zip(scenarios, networks, strict=True))
    yearly = sum(w.probability * n.plants.yearly for w, n in zip(scenarios, networks, strict=True))
    return replace(net, plants=replace(net.plants, invest=np.asarray(invest), yearly=np.asarray(yearly)))


def _charged(
    invest: float, decided: Stage, alive: list[Stage], life: float, rate: float, part: float, own: float
) -> float:
    """Return what of an investment counts in the objective: its annuity in the years of the stages it stands in.

    It stands in the last of them in part. The annuity is at the investment's `own` rate.
    """
    if all(stage.weight is None for stage in alive):
        stood = sum(stage.years for stage in alive) - (1.0 - part) * alive[-1].years
        return invest * decided.discount * _share(stood, life, own)
    years = [discounted(stage, rate, 1.0) if stage.weight is None else stage.weight for stage in alive]
    last = alive[-1]
    years[-1] *= part if last.weight is not None else _share(part * last.years, last.years, rate)
    return invest * _share(1.0, life, own) * (1.0 + own) * sum(years)


def discounted(stage: Stage, rate: float, moment: float) -> float:
    """Return the present value of one unit of money in each year of a stage, `moment` after the year's beginning."""
    return float(np.sum((1.0 + rate) ** -(stage.start + np.arange(round(stage.years)) + moment)))


def _share(stood: float, life: float, rate: float) -> float:
    """Return the share of an investment that the years it stands in bear, by the annuity over its life."""
    if rate == 0.0:
        return stood / life
    return float((1.0 - (1.0 + rate) ** -stood) / (1.0 - (1.0 + rate) ** -life))
