"""Numbers that are well written and cannot be: negative sizes, shares above one, bounds that cross."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lodeworks.chain.check.context import Context, both_ways
from lodeworks.chain.check.numbers import Number
from lodeworks.chain.entities import Demand, Expansion, Lag, Measure, Process, Quantity, Supply, Varying
from lodeworks.chain.profiles import varying
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import UnitProblem

__all__ = ["blends", "combinations", "lags", "limits", "modes", "policies", "signs", "steps", "temperatures"]

_SLACK = 1e-9
# Money may be paid either way, temperatures and figures may be below nought.
_SIGNED = frozenset({
    Measure.PRICE, Measure.QUALITY, Measure.TEMPERATURE, Measure.POLICY_AMOUNT, Measure.PROFILE, Measure.FREIGHT,
    Measure.HOLDING, Measure.FRACTION_PER_TIME, Measure.ANGLE,
})
_MAY_BE_ABOVE_ONE = ("part_load",)
_MAY_BE_BELOW = frozenset({"min_load", "min_level"})  # what may run backwards or be owed
_POSITIVE = frozenset({"payload", "speed", "tank", "step", "every", "life", "lump", "unit", "mass", "heating_value",
                       "discharge_efficiency",
                       "refuel.rate", "upkeep.every", "expansion.life", "expansion.lump", "heat.loss", "shelf_life"})


def signs(context: Context) -> Iterator[Problem]:
    """Sizes are not negative, shares lie between nought and one."""
    for number in context.numbers.values():
        if number.value is not None and not number.element.startswith("horizon"):
            yield from _sign(number, number.value)


def _sign(number: Number, value: float) -> Iterator[Problem]:
    section, key = number.element.partition(".")[0], number.key
    found = str(number.quantity)

    def problem(message: str, expected: str) -> Problem:
        return Problem(message, element=number.element, key=key.rstrip(":"), found=found, expected=expected)

    if section == "sites":
        limit = 90.0 if key == "latitude" else 180.0
        if abs(value) > limit:
            yield problem("not on the globe", f"-{limit:g} to {limit:g} degrees")
        return
    if key in _POSITIVE and value <= 0.0:
        yield problem("must be greater than nought", "more than 0")
    elif number.measure is Measure.FRACTION and key.startswith(_MAY_BE_ABOVE_ONE):
        top = 1.0 if key.endswith(":") else np.inf
        if not (0.0 < value <= top + _SLACK if key.endswith(":") else value >= 0.0):
            yield problem("a load outside 0 to 1" if key.endswith(":") else "must not be negative",
                          "more than 0, at most 1" if key.endswith(":") else "0 or more")
    elif number.measure is Measure.FRACTION:
        if key in _MAY_BE_BELOW and value <= 1.0 + _SLACK:
            return
        if not -_SLACK <= value <= 1.0 + _SLACK:
            yield problem("a share outside 0 to 1", "0 to 1, or 0 % to 100 %")
    elif number.measure is Measure.FRACTION_PER_TIME:
        if value < 0.0:
            yield problem("must not be negative", "0 or more")
        elif key == "loss" and value > 1.0 + _SLACK:
            yield problem("more is lost than there is", "at most 1 an hour")
    elif (number.measure not in _SIGNED or key == "unserved") and value < 0.0:
        yield problem("must not be negative", "0 or more")


def limits(context: Context) -> Iterator[Problem]:
    """Lower bounds are not above upper ones."""
    chain = context.chain
    for section in ("supplies", "demands"):
        for name, trade in getattr(chain, section).items():
            yield from _trade(context, f"{section}.{name}", trade)
    for section in ("processes", "routes", "stores", "fleets"):
        for name, entity in getattr(chain, section).items():
            yield from _expansion(context, f"{section}.{name}", entity.expansion)
    for name, store in chain.stores.items():
        where = f"stores.{name}"
        capacity = context.value(where, "capacity")
        if capacity is None:
            for key in ("charge_share", "discharge_share", "min_level", "max_level"):
                if getattr(store, key) is not None and store.expansion is None:
                    yield Problem("without a capacity there is nothing it is a share of", element=where, key=key,
                                  expected="capacity or expansion")
            continue
        room = np.inf if store.expansion is not None and store.expansion.most is None else (
            context.value(where, "expansion.most") or 0.0)
        for key in ("initial", "end"):
            value = context.value(where, key)
            if value is not None and value > (capacity + room) * (1.0 + _SLACK):
                yield Problem("more than the store can hold", element=where, key=key,
                              found=str(context.numbers[where, key].quantity),
                              expected=f"at most {store.capacity}")


def _trade(context: Context, where: str, trade: Supply | Demand) -> Iterator[Problem]:
    if not context.usable(trade.commodity) or context.steps is None:
        return
    rate = context.measures.canonical_rate(trade.commodity)
    least, most = _over_time(context, trade.least, rate), _over_time(context, trade.most, rate)
    amount = _over_time(context, getattr(trade, "amount", None), rate)
    if isinstance(trade, Demand) and trade.amount is not None and trade.least is not None:
        yield Problem("amount and least both say what must be met", element=where, key="least",
                      found="both", expected="one of them")
    for key, low in (("least", least), ("amount", amount)):
        if low is None or most is None or (isinstance(trade, Demand) and trade.unserved is not None):
            continue
        over = np.flatnonzero(np.atleast_1d(low > most * (1.0 + _SLACK) + _SLACK))
        if len(over):
            lows, mosts = np.broadcast_to(low, (context.steps.count,)), np.broadcast_to(most, (context.steps.count,))
            at = int(over[0])
            yield Problem(f"{key} is more than most", element=where, key=key,
                          found=f"{lows[at]:g} against {mosts[at]:g} {context.measures.unit_of(trade.commodity)}/h"
                          + (f" in step {at + 1}" if len(over) < context.steps.count else ""),
                          expected=f"{key} at or below most")
    if trade.tiers and trade.price is not None:
        yield Problem("price and tiers both say what it costs", element=where, key="price", found="both",
                      expected="one of them")
    open_tiers = [number for number, tier in enumerate(trade.tiers) if tier.most is None]
    if open_tiers and open_tiers[0] < len(trade.tiers) - 1:
        yield Problem("tiers after one without a size are never reached", element=where,
                      key=f"tiers.{open_tiers[0] + 1}", expected="`most` for every tier but the last")
    sizes = [context.value(where, f"tiers.{number + 1}.most") for number in range(len(trade.tiers))]
    must = least if amount is None else amount
    priced_short = isinstance(trade, Demand) and trade.unserved is not None
    if trade.tiers and must is not None and not priced_short and not open_tiers and None not in sizes:
        total = sum(size or 0.0 for size in sizes)
        if np.any(must > total * (1.0 + _SLACK)):
            yield Problem("the tiers together are smaller than what must be met", element=where, key="tiers",
                          found=f"{total:g}", expected=f"at least {float(np.max(must)):g}, or a last tier without size")


def _over_time(context: Context, value: Varying | None, unit: str) -> npt.NDArray[np.float64] | None:
    if value is None:
        return None
    try:
        return np.asarray(varying(value, unit, context.chain, context.measures.units), float)
    except (InputError, UnitProblem):
        return None


def _expansion(context: Context, where: str, expansion: Expansion | None) -> Iterator[Problem]:
    if expansion is None:
        return
    lump, most = context.value(where, "expansion.lump"), context.value(where, "expansion.most")
    least = context.value(where, "expansion.least")
    if least is not None and most is not None and least > most * (1.0 + _SLACK):
        yield Problem("more must be built than can be", element=where, key="expansion.least",
                      found=str(expansion.least), expected=f"at most {expansion.most}")
    if lump is not None and most is not None and lump > most * (1.0 + _SLACK):
        yield Problem("one lump is more than can be built", element=where, key="expansion.lump",
                      found=str(expansion.lump), expected=f"at most {expansion.most}")


def lags(context: Context) -> Iterator[Problem]:
    """Shares of a lag add to one."""
    for name, process in context.chain.processes.items():
        flows = [("inputs", process.inputs), ("outputs", process.outputs)]
        for mode, entity in process.modes.items():
            flows += [(f"modes.{mode}.inputs", entity.inputs), (f"modes.{mode}.outputs", entity.outputs)]
        for key, mapping in flows:
            for commodity, flow in mapping.items():
                yield from _shares(context, f"processes.{name}", f"{key}.{commodity}.lag", flow.lag)
    for name, route in context.chain.routes.items():
        yield from _shares(context, f"routes.{name}", "lag", route.lag)


def _shares(context: Context, where: str, key: str, lag: Lag | None) -> Iterator[Problem]:
    if lag is None:
        return
    try:
        total = sum(context.measures.fraction(share) for share in lag.shares.values())
    except UnitProblem:
        return
    if abs(total - 1.0) > 1e-6:
        yield Problem("the shares of a lag add to one", element=where, key=key, found=f"{total:.6g}",
                      expected="1, or 100 %")


def modes(context: Context) -> Iterator[Problem]:
    """Shares of modes can be kept together."""
    for name, process in context.chain.processes.items():
        where, least, most = f"processes.{name}", 0.0, 0.0
        for mode in process.modes:
            low = context.value(where, f"modes.{mode}.share_least") or 0.0
            high = context.value(where, f"modes.{mode}.share_most")
            least, most = least + low, most + (1.0 if high is None else high)
            if high is not None and low > high + _SLACK:
                yield Problem("the least share is more than the most", element=where, key=f"modes.{mode}.share_least",
                              found=f"{low:g}", expected=f"at most {high:g}")
        if least > 1.0 + _SLACK:
            yield Problem("least shares of the modes add to more than one", element=where, key="modes",
                          found=f"{least:g}", expected="at most 1")
        if process.modes and most < 1.0 - _SLACK:
            yield Problem("most shares of the modes add to less than one", element=where, key="modes",
                          found=f"{most:g}", expected="at least 1")


def combinations(context: Context) -> Iterator[Problem]:
    """Attributes that need or exclude one another."""
    for name, process in context.chain.processes.items():
        yield from _process(f"processes.{name}", process)
    for name, route in context.chain.routes.items():
        where = f"routes.{name}"
        if route.freight is not None and route.distance is None:
            yield Problem("freight is paid by distance, which is not given", element=where, key="freight",
                          found=str(route.freight), expected="distance")
        if route.fleet and route.distance is None:
            yield Problem("a route served by a fleet needs its length", element=where, key="distance",
                          expected="distance, such as 12 km")
        if route.availability is not None and route.capacity is None and route.expansion is None:
            yield _useless(where, "availability", "without a capacity there is nothing it is a share of")
        for key in ("min_load", "reactance", "on_off"):
            if getattr(route, key) and route.fleet:
                yield Problem("vehicles carry one way, as they are sent", element=where, key=key,
                              expected="a route without a fleet")
        for key in ("min_load", "on_off"):
            if getattr(route, key) and route.capacity is None and route.expansion is None:
                yield Problem("without a capacity there is nothing it is a share of", element=where, key=key,
                              expected="capacity or expansion")
        if route.phase_shift is not None and route.reactance is None:
            yield _useless(where, "phase_shift", "without a reactance it divides no flow")
        if route.on_off and (both_ways(route) or route.reactance is not None):
            yield Problem("what carries both ways or by physics is always on", element=where, key="on_off",
                          expected="a minimum load of nought or more, and no reactance")
        if route.on_off and route.expansion is not None and route.expansion.most is None:
            yield Problem("a route that can be off needs a bound on what is built", element=where, key="expansion.most",
                          expected="the most that can be built")
        if route.from_ and route.from_ == route.to:
            yield Problem("a route that ends where it starts", element=where, key="to", found=route.to,
                          expected="another site")
        commodity = context.chain.commodities.get(route.commodity)
        if commodity is not None and commodity.shared:
            yield Problem(f"{route.commodity} has one balance for all sites, so a route moves nothing", element=where,
                          key="commodity", found=route.commodity, expected="a commodity that is not shared",
                          severity="warning")


def _process(where: str, process: Process) -> Iterator[Problem]:
    sized = process.capacity is not None or process.expansion is not None
    for key in ("availability", "min_load", "ramp_up", "ramp_down", "on_off", "start_cost", "fixed_cost"):
        runs = key == "availability" and process.runs is not None  # whose machines are then there or not
        if getattr(process, key) and not sized and not runs:
            yield Problem("without a capacity there is nothing it is a share of", element=where, key=key,
                          expected="capacity or expansion")
    load = process.min_load
    backwards = load is not None and not load.profile and load.times is not None and load.times.value < 0.0
    if backwards and (process.modes or process.part_load or process.blends):
        yield Problem("what has modes, part-load figures or blends cannot run backwards", element=where,
                      key="min_load", found=str(load.times) if load is not None else "", expected="nought or more")
    for key in ("start_cost", "stop_cost", "on_cost", "min_up", "min_down", "start_load", "stop_load"):
        if getattr(process, key) is not None and not process.on_off:
            yield Problem("a process that is always on neither starts nor stops", element=where, key=key,
                          found=str(getattr(process, key)), expected="on_off: true")
    for key in ("unit", "start_inputs"):
        if getattr(process, key) and not process.on_off:
            yield Problem("only what may be off has units that are on, and starts", element=where, key=key,
                          expected="on_off: true")
    if process.unit is not None and (process.modes or process.part_load):
        yield Problem("many units have one recipe, without part-load figures", element=where, key="unit",
                      found=str(process.unit), expected="a process without `modes` and `part_load`")
    one = process.on_off and process.unit is None
    if one and process.expansion is not None and process.expansion.most is None:
        yield Problem("a process that can be off needs a bound on what is built", element=where, key="expansion.most",
                      expected="the most that can be built")
    if process.part_load and (process.modes or process.expansion is not None or process.capacity is None):
        yield Problem("part-load figures need a given capacity, and neither modes nor expansion", element=where,
                      key="part_load", expected="a process with `capacity` and one recipe")
    for commodity, points in process.part_load.items():
        if commodity not in process.inputs:
            yield Problem("part-load figures are for an input", element=where, key=f"part_load.{commodity}",
                          found=commodity, expected=f"one of {', '.join(process.inputs) or 'its inputs'}",
                          suggestion=nearest(commodity, process.inputs))
        if not points:
            yield Problem("no part-load figures", element=where, key=f"part_load.{commodity}",
                          expected="{50 %: 1.15, 100 %: 1}")


def _useless(where: str, key: str, message: str) -> Problem:
    return Problem(message, element=where, key=key, expected="capacity or expansion", severity="warning")


def steps(context: Context) -> Iterator[Problem]:
    """Steps are whole multiples of the base step."""
    if context.steps is None:
        return
    base, total = context.steps.hours, context.steps.hours * context.steps.count
    for (element, key), number in context.numbers.items():
        section = element.partition(".")[0]
        if key not in ("step", "every") or section in ("profiles", "horizon", "rounds") or number.value is None:
            continue
        if number.value <= 0.0:
            continue
        times = number.value / base
        if round(times) < 1 or abs(times - round(times)) > 1e-6:
            yield Problem("not a whole multiple of the horizon's step", element=element, key=key,
                          found=str(number.quantity), expected=f"a whole multiple of {context.chain.horizon.step}")
        elif number.value > total * (1.0 + _SLACK):
            yield Problem("longer than the horizon", element=element, key=key, found=str(number.quantity),
                          expected=f"at most {context.chain.horizon.length}", severity="warning")


def policies(context: Context) -> Iterator[Problem]:
    """A policy limits something, and its limits do not cross."""
    for name, policy in context.chain.policies.items():
        where = f"policies.{name}"
        if policy.least is None and policy.most is None:
            yield Problem("a policy needs a limit", element=where, expected="least, most or both")
        if policy.least is not None and policy.most is not None:
            low, high = policy.least, policy.most
            try:
                crossed = context.measures.to(low, high.unit) > high.value + _SLACK * abs(high.value)
            except UnitProblem:
                continue
            if crossed:
                yield Problem("least is more than most", element=where, key="least", found=str(low),
                              expected=f"at most {high}")
        for key in ("least", "most"):
            limit: Quantity | None = getattr(policy, key)
            if policy.share_of and limit is not None:
                try:
                    share = context.measures.fraction(limit)
                except UnitProblem:
                    continue
                if share < 0.0:
                    yield Problem("a share below nought", element=where, key=key, found=str(limit),
                                  expected="0 or more")
        if policy.penalty is not None and policy.penalty.value < 0.0:
            yield Problem("must not be negative", element=where, key="penalty", found=str(policy.penalty),
                          expected="0 or more")
        elif policy.penalty is not None and policy.penalty.value == 0.0:
            yield Problem("missing it costs nothing, so it limits nothing", element=where, key="penalty",
                          found=str(policy.penalty), expected="more than 0, or no penalty", severity="warning")


def blends(context: Context) -> Iterator[Problem]:
    """A blend has components, and each has the figures that are limited."""
    for name, process in context.chain.processes.items():
        for blend_name, blend in process.blends.items():
            where, key = f"processes.{name}", f"blends.{blend_name}"
            if not blend.from_:
                yield Problem("a blend of nothing", element=where, key=f"{key}.from", expected="commodities")
                continue
            if not all(context.usable(commodity) for commodity in blend.from_):
                continue
            for quality, limit in blend.limits.items():
                here = f"{key}.limits.{quality}"
                if limit.least is None and limit.most is None:
                    yield Problem("a limit needs a number", element=where, key=here, expected="least, most or both")
                    continue
                known = {q for c in blend.from_ for q in context.chain.commodities[c].quality}
                if quality != "heating_value" and quality not in known:
                    yield Problem("no component has this figure", element=where, key=here, found=quality,
                                  expected=f"one of {', '.join(sorted(known)) or 'the figures in quality'}",
                                  suggestion=nearest(quality, known))
                    continue
                try:
                    figures, least, most = context.measures.blend_limit(blend, quality, limit)
                except UnitProblem as error:
                    yield Problem(str(error), element=where, key=here, expected="the same figure of each component")
                    continue
                if least is not None and most is not None and least > most + _SLACK:
                    yield Problem("least is more than most", element=where, key=f"{here}.least",
                                  found=str(limit.least), expected=f"at most {limit.most}")
                if most is not None and min(figures) > most + _SLACK * abs(most):
                    yield Problem("no mix can be this low", element=where, key=f"{here}.most", found=str(limit.most),
                                  expected=f"at least {min(figures):g}, the lowest of its components")
                if least is not None and max(figures) < least - _SLACK * abs(least):
                    yield Problem("no mix can be this high", element=where, key=f"{here}.least", found=str(limit.least),
                                  expected=f"at most {max(figures):g}, the highest of its components")


def short_lives(context: Context) -> Iterator[Problem]:
    """A life shorter than the balance's step is counted as one whole step: worth a warning where there is a store."""
    steps = context.steps
    if steps is None:
        return
    for name, store in context.chain.stores.items():
        if not context.usable(store.commodity):
            continue
        try:
            own = context.chain.commodities[store.commodity].step
            step = context.measures.duration(own) if own is not None else steps.hours
            life = context.measures.shelf_life(store.commodity)
            if store.shelf_life is not None:
                life = context.measures.duration(store.shelf_life)
        except UnitProblem:
            continue
        yield from _least_stay(context, name, life)
        if life < step * (1.0 - _SLACK):
            yield Problem("keeps for less than a step of its balance, and is planned as keeping for one",
                          element=f"stores.{name}", key="shelf_life", found=f"{life:g} h in steps of {step:g} h",
                          expected=f"a shorter step of {store.commodity}", severity="warning")


def _least_stay(context: Context, name: str, life: float) -> Iterator[Problem]:
    """What must stay in store may stay there for so long, and comes out again within the horizon or its period."""
    where, key = f"stores.{name}", "least_stay"
    stay = context.value(where, key)
    if stay is None or context.steps is None:
        return
    lengths = [context.value("horizon", f"periods.{period}.length") for period in context.chain.horizon.periods]
    whole = min([length for length in lengths if length is not None], default=context.steps.hours * context.steps.count)
    if stay > life * (1.0 + _SLACK):
        yield Problem("must stay for longer than it keeps", element=where, key=key,
                      found=str(context.numbers[where, key].quantity), expected=f"at most {life:g} h")
    if stay >= whole:
        yield Problem("must stay until the end of all", element=where, key=key,
                      found=str(context.numbers[where, key].quantity), expected=f"less than {whole:g} h")


def temperatures(context: Context) -> Iterator[Problem]:
    """Hot metal starts above the temperature at which it is of no use."""
    for name in context.chain.commodities:
        where = f"commodities.{name}"
        start, least = context.value(where, "heat.from"), context.value(where, "heat.least")
        if start is not None and least is not None and start <= least:
            yield Problem("too cold from the start", element=where, key="heat.from",
                          found=str(context.numbers[where, "heat.from"].quantity),
                          expected=f"above {context.numbers[where, 'heat.least'].quantity}")

