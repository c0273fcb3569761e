"""A chain with stages or scenarios becomes a pathway: slices with their weights, and the vintages between them.

Money. With discount r a year, v = 1/(1+r) and money at the end, middle or beginning of its year (s = 1, 1/2, 0),
one passing of the horizon of H years in a stage that begins T years after the first and lasts D counts
``(1/H) Σ_{j<D} v^(T+j+s)``. A vintage decided in a stage is paid at its beginning and leaves at the pathway's end
the share of its life's annuity that is left: it counts ``I v^T (1 - v^m)/(1 - v^n)``, n its life and m the years of
the stages it stands in. A stage with a weight W of its own counts W years instead: a passing W / H, and of a
vintage W times its annuity. Capacity stands in a stage when it is alive at its beginning. Without stages, an
investment counts as in any plan: its yearly share for the horizon.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.chain.measures import Measures
from lodeworks.chain.versions import versions
from lodeworks.errors import InputError, Problem
from lodeworks.network.arrays import Network
from lodeworks.network.compile import compile_network
from lodeworks.network.pathway import Overall, Pathway, Risk, Scenario, Slice, Stage, Vintages

__all__ = ["compile_pathway", "has_slices"]

_YEAR = 8760.0
_MOMENT = {"end": 1.0, "middle": 0.5, "begin": 0.0}


def has_slices(chain: Chain) -> bool:
    """Say whether a chain is planned over stages or scenarios."""
    return bool(chain.horizon.stages or chain.scenarios)


def compile_pathway(chain: Chain) -> Pathway:
    """Compile a checked chain and all its versions.

    Raises
    ------
    InputError
        If a setting does not fit, or what may be built is not the same in all stages and scenarios.
    """
    measures = Measures(chain, chain.registry())
    rate = measures.rate_per_time(chain.horizon.discount) * _YEAR
    stages = _stages(chain, measures, rate)
    scenarios = _scenarios(chain, measures)
    networks = [compile_network(version.chain) for version in versions(chain)]
    if networks[0].accounts is not None:
        raise InputError(Problem(
            "firms' accounts are kept over one horizon, without stages or scenarios", element="firms",
            expected="no stages and scenarios, or firms without accounts"))
    _refuse_differences(networks, [(s.name, w.name) for s in stages for w in scenarios])
    overall = _overall(networks[0]) if chain.horizon.stages else ()
    slices = []
    for number, net in enumerate(networks):
        stage = stages[number // len(scenarios)]
        passes = stage.years * _YEAR / (net.hours * net.steps) if chain.horizon.stages else 1.0
        money = _running(chain, net, stage, rate) if chain.horizon.stages else 1.0
        slices.append(Slice(
            _as_slice(net, overall), number // len(scenarios), number % len(scenarios), passes, money,
        ))
    each = len(scenarios)
    firsts = [_mean_costs(networks[y * each : (y + 1) * each], scenarios) for y in range(len(stages))]
    budget = chain.investment.budget
    risk = chain.objective.risk
    return Pathway(
        slices=tuple(slices),
        stages=tuple(stages),
        scenarios=tuple(scenarios),
        vintages=_vintages(firsts, stages, rate),
        overall=overall,
        budget=measures.money(budget) if budget is not None else np.inf,
        risk=Risk(1.0 - measures.fraction(risk.level), measures.fraction(risk.weight)) if risk is not None else Risk(),
        base=chain.horizon.stages[0] if chain.horizon.stages else 0,
        rate=rate,
    )


def _stages(chain: Chain, measures: Measures, rate: float) -> list[Stage]:
    years = chain.horizon.stages
    if not years:
        return [Stage("", 0.0, 1.0, 1.0)]
    last = measures.duration(chain.horizon.last) / _YEAR if chain.horizon.last is not None else (
        years[-1] - years[-2] if len(years) > 1 else 1.0)
    lengths = [*np.diff(years), last]
    found = []
    for year, length in zip(years, lengths, strict=True):
        entity = chain.stages.get(str(year))
        budget = measures.money(entity.budget) if entity is not None and entity.budget is not None else np.inf
        start = float(year - years[0])
        given = entity.weight if entity is not None else None
        weight = measures.duration(given) / _YEAR if given is not None else None
        found.append(Stage(str(year), start, float(length), (1.0 + rate) ** -start, budget, weight))
    return found


def _scenarios(chain: Chain, measures: Measures) -> list[Scenario]:
    if not chain.scenarios:
        return [Scenario("", "", "", 1.0)]
    return [
        Scenario(
            name, entity.title.text("en", name), entity.title.text("zh", name), measures.fraction(entity.probability)
        )
        for name, entity in chain.scenarios.items()
    ]


def _running(chain: Chain, net: Network, stage: Stage, rate: float) -> float:
    """Return what one unit of money of one passing of the horizon counts, over all years of its stage."""
    years = stage.weight if stage.weight is not None else _discounted(stage, rate, _MOMENT[chain.horizon.money_at])
    return years * _YEAR / (net.hours * net.steps)


def _discounted(stage: Stage, rate: float, moment: float) -> float:
    """Return the present value of one unit of money in each year of a stage, `moment` after the year's beginning."""
    return float(np.sum((1.0 + rate) ** -(stage.start + np.arange(round(stage.years)) + moment)))


def _refuse_differences(networks: list[Network], names: list[tuple[str, str]]) -> None:
    """What may be built must be the same things, in the same lumps, in every stage and scenario."""

    def growing(net: Network) -> dict[str, float]:
        return {
            net.elements[net.plants.element[p]].name: float(net.plants.lump[p])
            for p in np.flatnonzero(net.plants.expandable)
        }

    first = growing(networks[0])
    problems = []
    for net, (stage, scenario) in zip(networks, names, strict=True):
        own = growing(net)
        where = f"scenarios.{scenario}" if scenario else f"stages.{stage}"
        for element in first.keys() | own.keys():
            if first.get(element) != own.get(element):
                problems.append(Problem(
                    f"what may be built of {element} differs from the first stage and scenario", element=where,
                    key="set",
                    expected="the same expansion and lump; `expansion.per_stage: 0` where nothing may be decided"))
    if problems:
        raise InputError(dict.fromkeys(problems))


def _as_slice(net: Network, overall: tuple[Overall, ...]) -> Network:
    """Return a network whose investments and sums over all stages are left to the links between slices."""
    names = {policy.name for policy in overall}
    linked = np.array([name in names for name in net.policies.name], bool)
    policies = replace(
        net.policies,
        least=np.where(linked, -np.inf, net.policies.least),
        most=np.where(linked, np.inf, net.policies.most),
        penalty=np.where(linked, np.inf, net.policies.penalty),
    )
    return replace(net, plants=replace(net.plants, yearly=np.zeros(len(net.plants))), policies=policies, budget=np.inf)


def _overall(net: Network) -> tuple[Overall, ...]:
    policies = net.policies
    return tuple(
        Overall(policies.name[p], policies.unit[p], float(policies.least[p]), float(policies.most[p]),
                bool(policies.is_share[p]), float(policies.penalty[p]))
        for p in np.flatnonzero(policies.overall)
    )


def _mean_costs(networks: list[Network], scenarios: list[Scenario]) -> Network:
    """Return a stage's network with what building costs on the mean: it is paid before scenarios are known."""
    net = networks[0]
    invest = sum(w.probability * n.plants.invest for w, n in zip(scenarios, networks, strict=True))
    yearly = sum(w.probability * n.plants.yearly for w, n in zip(scenarios, networks, strict=True))
    return replace(net, plants=replace(net.plants, invest=np.asarray(invest), yearly=np.asarray(yearly)))


def _vintages(networks: list[Network], stages: list[Stage], rate: float) -> Vintages:
    """Return what may be decided in each stage and stands in one at least."""
    rows = []
    starts = np.array([stage.start for stage in stages])
    for y, (net, stage) in enumerate(zip(networks, stages, strict=True)):
        plants = net.plants
        for p in (int(p) for p in np.flatnonzero(plants.expandable)):
            ready = stage.start + (plants.lead[p] if stage.name else 0.0)  # without stages all stands at once
            first = int(np.searchsorted(starts, ready - 1e-9))
            if first == len(stages):
                continue
            last = int(np.searchsorted(starts, starts[first] + plants.life[p] - 1e-9))
            charge = (
                _charged(float(plants.invest[p]), stage, stages[first:last], float(plants.life[p]), rate)
                if stage.name else float(plants.yearly[p])
            )
            lump = float(plants.lump[p])
            name = net.elements[plants.element[p]].name
            most = min(float(plants.pace[p]), float(plants.most[p]))
            rows.append((name, y, first, last, lump or 1.0, lump > 0.0, most, float(plants.invest[p]), charge))
    names, decided, first_, last_, size, whole, most_, invest, charged = zip(*rows, strict=True) if rows else ((),) * 9
    return Vintages(
        tuple(names), np.array(decided, np.int32), np.array(first_, np.int32), np.array(last_, np.int32),
        np.array(size, float), np.array(whole, bool), np.zeros(len(names)), np.array(most_, float),
        np.array(invest, float), np.array(charged, float),
    )


def _charged(invest: float, decided: Stage, alive: list[Stage], life: float, rate: float) -> float:
    """Return what of an investment counts in the objective: its annuity in the years of the stages it stands in."""
    if all(stage.weight is None for stage in alive):
        return invest * decided.discount * _share(sum(stage.years for stage in alive), life, rate)
    years = sum(_discounted(stage, rate, 1.0) if stage.weight is None else stage.weight for stage in alive)
    return invest * _share(1.0, life, rate) * (1.0 + rate) * years


def _share(stood: float, life: float, rate: float) -> float:
    """Return the share of an investment that the years it stands in bear, by the annuity over its life."""
    if rate == 0.0:
        return stood / life
    return float((1.0 - (1.0 + rate) ** -stood) / (1.0 - (1.0 + rate) ** -life))
