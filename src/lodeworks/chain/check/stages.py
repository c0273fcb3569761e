"""Stages and scenarios: years in order, probabilities that add up, settings that fit, lives against stages."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from lodeworks.chain.check.context import Context
from lodeworks.chain.entities import Store
from lodeworks.chain.versions import plain, versions
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import UnitProblem

__all__ = [
    "carried_stocks", "closings", "discounting", "lives", "retirements", "scenario_chances", "stage_years",
    "survivals", "version_faults",
]

_MOMENTS = ("end", "middle", "begin")
_OVER = ("stage", "all")
_EXPIRING = ("whole", "share")
_OVER_STAGES = ("carried", "once", "anew")
_OVER_PERIODS = ("alone", "carried", "once")
_YEAR = 8760.0


def stage_years(context: Context) -> Iterator[Problem]:
    """Stages rise from year to year, last whole years, and what is said of one names one."""
    chain = context.chain
    years = chain.horizon.stages
    for before, after in pairwise(years):
        if after <= before:
            yield Problem("stages are out of order", element="horizon", key="stages", found=f"{after} after {before}",
                          expected="years that rise")
    last = _duration(context, chain.horizon.last)
    if last is not None and (last < 1.0 - 1e-9 or abs(last - round(last)) > 1e-6):
        yield Problem("a stage lasts whole years, one at least", element="horizon", key="last",
                      found=str(chain.horizon.last), expected="such as 5 a")
    if chain.horizon.last is not None and not years:
        yield Problem("`last` says how long the last stage lasts, and there are no stages", element="horizon",
                      key="last", expected="stages: [2026, 2030]")
    if chain.horizon.expiring not in _EXPIRING:
        yield Problem("not what capacity can be in the stage in which its life ends", element="horizon", key="expiring",
                      found=chain.horizon.expiring, expected=", ".join(_EXPIRING),
                      suggestion=nearest(chain.horizon.expiring, _EXPIRING))
    if chain.horizon.money_at not in _MOMENTS:
        yield Problem("not a moment of a year", element="horizon", key="money_at", found=chain.horizon.money_at,
                      expected=", ".join(_MOMENTS), suggestion=nearest(chain.horizon.money_at, _MOMENTS))
    known = [str(year) for year in years]
    for name in chain.stages:
        if name not in known:
            yield Problem("no stage begins in this year", element=f"stages.{name}", found=name,
                          expected="one of " + ", ".join(known) if known else "a year of `horizon.stages`",
                          suggestion=nearest(name, known))
        weight = _duration(context, chain.stages[name].weight)
        if weight == 0.0:
            yield Problem("money of a stage counts for something", element=f"stages.{name}", key="weight",
                          found=str(chain.stages[name].weight), expected="more than nought, such as 4.2 a")
    for name, policy in chain.policies.items():
        if policy.over not in _OVER:
            yield Problem("not a range a policy can hold over", element=f"policies.{name}", key="over",
                          found=policy.over, expected=", ".join(_OVER), suggestion=nearest(policy.over, _OVER))
        elif policy.over == "all" and policy.every is not None:
            yield Problem("a limit over all stages has no `every`", element=f"policies.{name}", key="every",
                          found=str(policy.every), expected="one of the two")


def discounting(context: Context) -> Iterator[Problem]:
    """A discount of -100 % a year or less has no present value; firms with accounts have none but their loans'."""
    chain = context.chain
    given = [("horizon", "discount", chain.horizon.discount, "")] + [
        (f"{section}.{name}", "expansion.discount", entity.expansion.discount, getattr(entity, "owner", ""))
        for section in ("processes", "routes", "stores", "fleets") for name, entity in getattr(chain, section).items()
        if entity.expansion is not None and entity.expansion.discount is not None
    ]
    for element, key, discount, owner in given:
        try:
            rate = context.measures.rate_per_time(discount) * _YEAR
        except UnitProblem:
            continue
        if rate <= -1.0:
            yield Problem("money cannot lose all its value in a year", element=element, key=key,
                          found=str(discount), expected="more than -100 %/a, such as 6 %/a")
        elif rate > 0.5:
            yield Problem(f"a high rate, {rate:.0%} a year", element=element, key=key, found=str(discount),
                          expected="a rate a year, such as 6 %/a", severity="warning")
        if owner in chain.firms and chain.firms[owner].cash is not None:
            yield Problem("what a firm with accounts builds costs what its loans do", element=element, key=key,
                          found=str(discount), expected=f"no discount here, or {owner} without `cash`")


def scenario_chances(context: Context) -> Iterator[Problem]:
    """Probabilities are above nought and add up to one; the weight of the worst is below one."""
    chain = context.chain
    if chain.scenarios:
        chances = [context.value(f"scenarios.{name}", "probability") for name in chain.scenarios]
        for name, chance in zip(chain.scenarios, chances, strict=True):
            if chance == 0.0:
                yield Problem("a scenario that cannot come", element=f"scenarios.{name}", key="probability",
                              found=str(chain.scenarios[name].probability), expected="more than nought")
        given = [chance for chance in chances if chance is not None]
        total = sum(given)
        if len(given) == len(chances) and abs(total - 1.0) > 1e-6:
            yield Problem("the scenarios' probabilities do not add up to 1", element="scenarios", found=f"{total:.6g}",
                          expected="1, or 100 %")
    risk = chain.objective.risk
    if risk is None:
        return
    try:
        level, weight = (context.measures.fraction(value) for value in (risk.level, risk.weight))
    except UnitProblem as error:
        yield Problem(str(error), element="objective", key="risk")
        return
    for key, value, written in (("level", level, risk.level), ("weight", weight, risk.weight)):
        if not 0.0 <= value < 1.0:
            yield Problem("must be at least nought and below one", element="objective", key=f"risk.{key}",
                          found=str(written), expected="0 % to below 100 %")
    if not chain.scenarios:
        yield Problem("risk is weighed over scenarios, and there are none", element="objective", key="risk",
                      expected="a section `scenarios`", severity="warning")


def lives(context: Context) -> Iterator[Problem]:
    """What lives shorter than a stage it stands in from the first, or is built longer than the stages last, is told."""
    chain, years = context.chain, context.chain.horizon.stages
    if len(years) < 2:
        return
    longest = max(after - before for before, after in pairwise(years))
    for section in ("processes", "routes", "stores", "fleets"):
        for name, entity in getattr(chain, section).items():
            if entity.expansion is None:
                continue
            where = f"{section}.{name}"
            life, lead = (_duration(context, q) for q in (entity.expansion.life, entity.expansion.lead))
            in_part = chain.horizon.expiring == "share"
            if in_part and entity.expansion.lump is not None and life is not None:
                ends = [year + (lead or 0.0) + life for year in years]
                if any(years[0] < end < years[-1] and end not in years for end in ends):
                    yield Problem("a lump cannot stand in part in the stage in which its life ends", element=where,
                                  key="expansion.life", found=str(entity.expansion.life),
                                  expected="a life that ends where a stage does, or `horizon.expiring: whole`")
            short = life is not None and life < longest - 1e-9 and not in_part
            gap = _longest_stage(context, section, name, lead or 0.0) if short else 0.0
            if life is not None and life < gap - 1e-9:
                yield Problem("the life is shorter than a stage: it is paid on to the stage's end, as if renewed",
                              element=where, key="expansion.life", found=str(entity.expansion.life),
                              expected=f"{gap:g} a or more, or stages closer together", severity="warning")
            if lead is not None and years[0] + lead > years[-1] + 1e-9:
                yield Problem("it takes longer to build than from the first stage to the last: it never stands",
                              element=where, key="expansion.lead", found=str(entity.expansion.lead),
                              expected=f"at most {years[-1] - years[0]} a", severity="warning")


def _longest_stage(context: Context, section: str, name: str, lead: float) -> float:
    """Return the years of the longest stage, but the last, from whose first year on something decided may stand."""
    years, found = context.chain.horizon.stages, 0
    for version in context.versions:
        entity = getattr(version.chain, section).get(name)
        expansion = entity.expansion if entity is not None else None
        if expansion is None or (expansion.per_stage is not None and expansion.per_stage.value == 0.0):
            continue
        ready = bisect_left(years, int(version.stage) + lead - 1e-9)
        if ready + 1 < len(years):
            found = max(found, years[ready + 1] - years[ready])
    return float(found)


def survivals(context: Context) -> Iterator[Problem]:
    """What goes little by little does so over stages, from all to nothing at the end of a life that is given."""
    chain = context.chain
    for section in ("processes", "routes", "stores", "fleets"):
        for name, entity in getattr(chain, section).items():
            expansion = entity.expansion
            if expansion is None or not expansion.survival:
                continue
            where, key = f"{section}.{name}", "expansion.survival"
            if not chain.horizon.stages:
                yield Problem("a survival curve is over stages, and this chain has none", element=where, key=key,
                              expected="`horizon.stages`, or `life` alone", severity="warning")
            if expansion.may_close or expansion.lump is not None:
                yield Problem("what goes little by little is neither whole nor closed early", element=where, key=key,
                              expected="no `lump` and no `may_close`")
            life, before = context.value(where, "expansion.life"), 1.0
            if life is None:
                yield Problem("a survival curve ends with the life", element=where, key=key,
                              expected="`expansion.life`, at whose end nothing stands")
            for age in sorted(expansion.survival, key=lambda age: float(age) if _is_age(age) else 0.0):
                at = f"{key}.{age}"
                if not _is_age(age) or (life is not None and float(age) >= life / _YEAR - 1e-9):
                    yield Problem("not an age within the life", element=where, key=at, found=age,
                                  expected="years above nought and below `life`")
                    continue
                share = context.value(where, at)
                if share is not None and not 0.0 <= share <= before + 1e-12:
                    yield Problem("a share that stands falls from all to nothing", element=where, key=at,
                                  found=str(expansion.survival[age]),
                                  expected="between nought and that of the age before")
                before = share if share is not None else before


def _is_age(text: str) -> bool:
    try:
        return 0.0 < float(text) < float("inf")
    except ValueError:
        return False


def retirements(context: Context) -> Iterator[Problem]:
    """What retires is there, in a year that is one, and there are stages for it to matter in."""
    chain = context.chain
    for section in ("processes", "routes", "stores"):
        for name, entity in getattr(chain, section).items():
            if not entity.retires:
                continue
            where = f"{section}.{name}"
            if entity.capacity is None:
                yield Problem("retires without a capacity to retire from", element=where, key="retires",
                              expected="a `capacity`")
            total = 0.0
            for year in entity.retires:
                if not (year.isdecimal() and len(year) == 4):
                    yield Problem("not a year", element=where, key=f"retires.{year}", found=year,
                                  expected="such as 2030")
                elif chain.horizon.stages and int(year) > chain.horizon.stages[-1]:
                    yield Problem("retires after the last stage has begun, which nothing sees", element=where,
                                  key=f"retires.{year}", found=year, expected=f"at latest {chain.horizon.stages[-1]}",
                                  severity="warning")
                total += context.value(where, f"retires.{year}") or 0.0
            capacity = context.value(where, "capacity")
            if capacity is not None and total > capacity * (1.0 + 1e-9):
                yield Problem("more retires than there is", element=where, key="retires",
                              expected=f"at most {entity.capacity} in all")
            if not chain.horizon.stages:
                yield Problem("retires has no effect without stages", element=where, key="retires",
                              expected="`horizon.stages`", severity="warning")


def closings(context: Context) -> Iterator[Problem]:
    """What may be closed exists or can be built, and costs something to keep."""
    chain = context.chain
    for section in ("processes", "stores", "routes", "fleets"):
        for name, entity in getattr(chain, section).items():
            if entity.expansion is None or not entity.expansion.may_close:
                continue
            where = f"{section}.{name}"
            if not chain.horizon.stages:
                yield Problem("has no effect without stages", element=where, key="expansion.may_close",
                              expected="`horizon.stages`", severity="warning")
            if entity.expansion.fixed is None:
                yield Problem("closing it saves nothing", element=where, key="expansion.may_close",
                              expected="an `expansion.fixed`", severity="warning")
    for section in ("processes", "stores"):
        for name, entity in getattr(chain, section).items():
            where = f"{section}.{name}"
            if not entity.may_close:
                continue
            if entity.capacity is None:
                yield Problem("may close without a capacity that exists", element=where, key="may_close",
                              expected="a `capacity`")
            if entity.expansion is not None:
                yield Problem("what may be closed and what may be built are two elements", element=where,
                              key="may_close", found="an `expansion`",
                              expected="the expansion at an element of its own, or `expansion.may_close` alone")
            if entity.fixed_cost is None:
                yield Problem("closing it saves nothing", element=where, key="may_close", expected="a `fixed_cost`",
                              severity="warning")


def carried_stocks(context: Context) -> Iterator[Problem]:
    """What is carried from stage to stage does not perish, nor has it a given course, which would be of one passing."""
    chain = context.chain
    for name, store in chain.stores.items():
        where = f"stores.{name}"
        if store.over_stages not in _OVER_STAGES:
            yield Problem("not what becomes of a stock from stage to stage", element=where, key="over_stages",
                          found=store.over_stages, expected=", ".join(_OVER_STAGES),
                          suggestion=nearest(store.over_stages, _OVER_STAGES))
        yield from _over_periods(context, where, store)
        if store.over_stages == "once":
            yield from _carried_once(context, where, store)
        elif store.over_stages == "anew" or store.end == "cyclic":
            continue
        if not chain.horizon.stages or chain.horizon.periods:
            continue
        once = store.over_stages == "once"
        for key, there in (("loss", store.loss is not None and not once), ("shelf_life", _perishes(context, store)),
                           ("levels", bool(store.levels) and not once), ("least_stay", store.least_stay is not None)):
            if there:
                yield Problem(f"a store with {key.replace('_', ' ')} is not carried from stage to stage", element=where,
                              key=key, expected="`end: cyclic`, or `over_stages: anew` for a new start each time")


def _perishes(context: Context, store: Store) -> bool:
    commodity = context.chain.commodities.get(store.commodity)
    return store.shelf_life is not None or (commodity is not None and commodity.shelf_life is not None)


def _over_periods(context: Context, where: str, store: Store) -> Iterator[Problem]:
    """What is carried from period to period changes in each by as much every time, or once, and then as it is said."""
    chain, firm = context.chain, context.chain.firms.get(store.owner)
    if store.over_periods not in _OVER_PERIODS:
        yield Problem("not what becomes of a stock from period to period", element=where, key="over_periods",
                      found=store.over_periods, expected=", ".join(_OVER_PERIODS),
                      suggestion=nearest(store.over_periods, _OVER_PERIODS))
    if store.over_periods not in ("carried", "once"):
        return
    if not chain.horizon.periods:
        yield Problem("there are no periods to carry it over", element=where, key="over_periods",
                      found=store.over_periods,
                      expected="a horizon with `periods`", severity="warning")
        return
    once = store.over_periods == "once"
    for key, there in (("loss", store.loss is not None and not once), ("shelf_life", _perishes(context, store)),
                       ("levels", bool(store.levels) and not once), ("least_stay", store.least_stay is not None)):
        if there:
            yield Problem(f"a store with {key.replace('_', ' ')} is not carried from period to period", element=where,
                          key=key, expected="`over_periods: alone`")
    for key, there in (("end", store.end != "cyclic"), ("initial", store.initial is not None)):
        if there and not once:
            yield Problem("what is carried over all periods ends them as it began, on what the plan likes",
                          element=where, key=key, expected=f"no `{key}`")
    if firm is not None and firm.cash is not None:
        yield Problem("what is carried from period to period has no place in a firm's books", element=where,
                      key="over_periods", found=store.over_periods,
                      expected=f"`alone`, or {store.owner} without `cash`")


def _carried_once(context: Context, where: str, store: Store) -> Iterator[Problem]:
    """What passes once from stage to stage has stages, not typical periods, and no firm's books to stand in."""
    if context.chain.horizon.periods:
        yield Problem("each typical period stands alone, so that nothing is carried", element=where, key="over_stages",
                      found=store.over_stages, expected="stages without `horizon.periods`")
    firm = context.chain.firms.get(store.owner)
    if firm is not None and firm.cash is not None:
        yield Problem("what changes once a stage has no place in the books of its years", element=where,
                      key="over_stages", found=store.over_stages,
                      expected=f"`carried`, or {store.owner} without `cash`")


def version_faults(context: Context) -> Iterator[Problem]:
    """The chain of every stage and scenario must be as sound as the chain itself. Asked last, of a sound chain."""
    from lodeworks.chain.check import check_chain

    chain = context.chain
    if not (chain.horizon.stages or chain.scenarios):
        return
    try:
        made = versions(chain)
    except InputError as error:
        yield from error.problems
        return
    seen: set[Problem] = set()
    base = plain(chain)
    for version in made:
        if version.chain == base:
            continue
        for problem in check_chain(version.chain, tolerance=context.tolerance):
            if problem.severity == "error" and problem not in seen:
                seen.add(problem)
                yield version.due(problem)


def _duration(context: Context, quantity: object) -> float | None:
    """Return years; None where there is nothing or the unit is none of time."""
    from lodeworks.units import Quantity

    if not isinstance(quantity, Quantity):
        return None
    try:
        return context.measures.duration(quantity) / _YEAR
    except UnitProblem:
        return None
