"""A chain with stages, scenarios or periods becomes a pathway: slices and their weights, vintages between them.

Money. With discount r a year, v = 1/(1+r) and money at the end, middle or beginning of its year (s = 1, 1/2, 0),
one passing of the H years the horizon stands for, in a stage that begins T years after the first and lasts D, counts
``(1/H) Σ_{j<D} v^(T+j+s)``, and one passing of a period that as often as it comes in them. A vintage decided in a stage
is paid at its beginning and leaves at the pathway's end the share of its life's annuity that is left: it counts
``I v^T (1 - w^m)/(1 - w^n)``, n its life and m the years of the stages it stands in, w = v unless the investment has a
discount of its own. A stage with a weight W of its own counts W years instead: a passing W / H, and of a vintage W
times its annuity. Capacity stands in a stage when it is alive at its beginning; where lives are to count in part, a
share of it in the stage in which its life ends, and m is the years it lives. Without stages, an investment counts as
in any plan: its yearly share for what is stood for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.chain.measures import Measures
from lodeworks.chain.versions import versions
from lodeworks.errors import InputError, Problem
from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Network
from lodeworks.network.compile import compile_network
from lodeworks.network.finance import fixed_terms, of_one_passing, over_years
from lodeworks.network.growth import growths_of
from lodeworks.network.pathway import Carried, Overall, Pathway, Risk, Scenario, Slice, Stage
from lodeworks.network.vintages import curves_of, discounted, vintages_of
from lodeworks.network.window import period, without_limits_on_building

__all__ = ["compile_pathway", "has_slices"]

_YEAR = 8760.0
_MOMENT = {"end": 1.0, "middle": 0.5, "begin": 0.0}


@dataclass(frozen=True)
class _Stretch:
    """A period's place in the horizon: its name, base steps, and how often it comes; nameless for the whole."""

    name: str
    first: int
    last: int
    times: float


def has_slices(chain: Chain) -> bool:
    """Say whether a chain is planned over stages, scenarios or periods."""
    return bool(chain.horizon.stages or chain.scenarios or chain.horizon.periods)


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
    _refuse_differences(networks, [(s.name, w.name) for s in stages for w in scenarios])
    staged = bool(chain.horizon.stages) and networks[0].accounts is not None
    accounts = _accounts(chain, networks, stages, len(scenarios)) if staged else ()
    stretches = _stretches(chain, measures, networks[0])
    meant = sum(s.times * (s.last - s.first) for s in stretches) * networks[0].hours / _YEAR
    worth = [_running(chain, stage, rate) / meant if stage.name else 1.0 for stage in stages]
    passes = [stage.years / meant if stage.name else 1.0 for stage in stages]
    each = len(scenarios)
    overall = _overall(networks[0]) if chain.horizon.stages else ()
    if chain.horizon.periods:
        overall += _over_periods(networks, worth, each, {policy.name for policy in overall})
    names = {policy.name for policy in overall}
    carried: tuple[Carried, ...] = ()
    if chain.horizon.periods:
        carried = _seasonal(networks, each)
    elif chain.horizon.stages:
        carried = _carried(networks, each)
    slices = []
    for number, net in enumerate(networks):
        y, w = divmod(number, each)
        for s in stretches:
            share = (s.last - s.first) * net.hours / _YEAR / meant
            own = period(net, s.first, s.last, share) if s.name else net
            own = own if s is stretches[0] else without_limits_on_building(own)  # which bind what all periods share
            kept = of_one_passing(own.accounts, own.steps) if staged and own.accounts is not None else None
            own = replace(own, accounts=None) if staged else own
            opened = _opened(_as_slice(own, names), carried)
            slices.append(Slice(opened, y, w, passes[y] * s.times, worth[y] * s.times, s.name, s.times, kept))
    budget = chain.investment.budget
    risk = chain.objective.risk
    return Pathway(
        slices=tuple(slices),
        stages=tuple(stages),
        scenarios=tuple(scenarios),
        vintages=vintages_of(networks, stages, scenarios, rate, in_part=chain.horizon.expiring == "share",
                             curves=curves_of(chain, measures) if chain.horizon.stages else {}),
        overall=overall,
        budget=measures.money(budget) if budget is not None else np.inf,
        risk=Risk(1.0 - measures.fraction(risk.level), measures.fraction(risk.weight)) if risk is not None else Risk(),
        base=chain.horizon.stages[0] if chain.horizon.stages else 0,
        rate=rate,
        meant=meant,
        accounts=accounts,
        carried=carried,
        growths=growths_of(chain, networks[0], measures) if chain.horizon.stages else (),
    )


def _carried(networks: list[Network], scenarios: int) -> tuple[Carried, ...]:
    """Return the stocks carried from stage to stage: what they begin with in the first, must end with in the last."""
    found = []
    for w in range(scenarios):
        first, last = networks[w].stores, networks[len(networks) - scenarios + w].stores
        for s in np.flatnonzero(first.carried):
            name = networks[w].elements[first.element[s]].name
            ring = bool(first.cyclic[s])
            end = -np.inf if ring else float(last.end[s])
            found.append(Carried(name, w, float(first.initial[s]), end, bool(first.once[s]), ring))
    return tuple(found)


def _seasonal(networks: list[Network], scenarios: int) -> tuple[Carried, ...]:
    """Return the stocks carried from period to period, in each stage and scenario for itself."""
    found = []
    for number, net in enumerate(networks):
        stores = net.stores
        for s in np.flatnonzero(stores.seasonal):
            ring = bool(stores.cyclic[s])
            found.append(Carried(
                net.elements[stores.element[s]].name, number % scenarios, float(stores.initial[s]),
                -np.inf if ring else float(stores.end[s]), bool(stores.once[s]), ring, number // scenarios))
    return tuple(found)


def _opened(net: Network, carried: tuple[Carried, ...]) -> Network:
    """Return a network whose carried stocks begin with what a plan over slices hands them, and end as it likes."""
    if not carried:
        return net
    which = net.stores.seasonal if carried[0].stage >= 0 else net.stores.carried
    return replace(net, stores=replace(
        net.stores, initial=np.where(which, 0.0, net.stores.initial), end=np.where(which, -np.inf, net.stores.end),
        cyclic=net.stores.cyclic & ~which, open=which,
    ))


def _accounts(chain: Chain, networks: list[Network], stages: list[Stage], scenarios: int) -> tuple[Accounts, ...]:
    """Return the accounts of each scenario over all years."""
    start = networks[0].start.replace(tzinfo=None)
    of_year = np.repeat(np.arange(len(stages), dtype=np.int32), [round(stage.years) for stage in stages])
    begin = dt.datetime(chain.horizon.stages[0], 1, 1) + (start - dt.datetime(start.year, 1, 1))
    found, problems = [], []
    chains = [version.chain for version in versions(chain)]
    for w in range(scenarios):
        own = chains[w::scenarios]
        for stage, other in zip(stages, own, strict=True):
            if fixed_terms(other) != fixed_terms(own[0]):
                problems.append(Problem(
                    "a loan's terms, and what firms have and owe at the start, are the same in all stages",
                    element=f"stages.{stage.name}", key="set",
                    expected="another loan with `earliest` where terms change, and `latest` for the one before; a "
                             "stage may set a firm's `profit_tax`, `dividend`, `least_cash`, `collateral` and "
                             "`credit`, and a lender's `most`"))
        if not problems:
            kept = [net.accounts for net in networks[w::scenarios] if net.accounts is not None]
            found.append(over_years(kept, own, of_year, begin, networks[w].hours))
    if problems:
        raise InputError(dict.fromkeys(problems))
    return tuple(found)


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


def _stretches(chain: Chain, measures: Measures, net: Network) -> list[_Stretch]:
    """Return the periods one after another, or the horizon as the only one."""
    found, first = [], 0
    for name, entity in chain.horizon.periods.items():
        last = first + round(measures.duration(entity.length) / net.hours)
        found.append(_Stretch(name, first, last, measures.number(entity.times)))
        first = last
    return found or [_Stretch("", 0, net.steps, 1.0)]


def _running(chain: Chain, stage: Stage, rate: float) -> float:
    """Return what one unit of money a year counts, over all years of its stage."""
    return stage.weight if stage.weight is not None else discounted(stage, rate, _MOMENT[chain.horizon.money_at])


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


def _as_slice(net: Network, names: set[str]) -> Network:
    """Return a network whose investments and sums over several slices are left to the links between slices."""
    linked = np.array([name in names for name in net.policies.name], bool)
    policies = replace(
        net.policies,
        least=np.where(linked, -np.inf, net.policies.least),
        most=np.where(linked, np.inf, net.policies.most),
        penalty=np.where(linked, np.inf, net.policies.penalty),
    )
    return replace(net, plants=replace(net.plants, yearly=np.zeros(len(net.plants))), policies=policies, budget=np.inf)


def _overall(net: Network) -> tuple[Overall, ...]:
    return tuple(_of_policy(net, int(p)) for p in np.flatnonzero(net.policies.overall))


def _of_policy(net: Network, p: int) -> Overall:
    policies = net.policies
    return Overall(policies.name[p], policies.unit[p], float(policies.least[p]), float(policies.most[p]),
                   bool(policies.is_share[p]), float(policies.penalty[p]))


def _over_periods(networks: list[Network], worth: list[float], scenarios: int, known: set[str]) -> tuple[Overall, ...]:
    """Return the limits for a whole horizon, which hold for the sum of its periods as often as they come."""
    found = []
    for number, net in enumerate(networks):
        y, w = divmod(number, scenarios)
        for p in np.flatnonzero(net.policies.every >= net.steps):
            if net.policies.name[p] not in known:
                found.append(replace(_of_policy(net, int(p)), stage=y, scenario=w, worth=worth[y]))
    return tuple(found)
