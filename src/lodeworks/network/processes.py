"""Processes as activities: recipes, modes that share a plant, part-load segments and blends."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from lodeworks.chain.entities import Before, Blend, Expansion, Flow, Process
from lodeworks.network.arrays import Constant, Floats
from lodeworks.network.builder import Builder, PlantRow, Vary, let_close, negative
from lodeworks.network.discrete import rate_of_runs
from lodeworks.network.reserves import add_reserves

__all__ = ["add_expansion", "add_processes"]


def add_processes(b: Builder) -> None:
    """Add every process of the chain."""
    for name, process in b.chain.processes.items():
        _add_process(b, name, process)


def _add_process(b: Builder, name: str, process: Process) -> None:
    m = b.measures
    site = m.site_of(process)
    reference = m.reference_of(process)
    unit = b.chain.commodities[reference].unit
    element = b.element(name, "process", process, reference, unit, site)
    grid = b.grid(_multiple(b, process))
    plant = _plant(b, name, process, reference, element, grid)
    segments = _segments(b, name, process)
    lowest = b.lowest(b.plants[plant].min_load) if plant >= 0 else None
    if lowest is not None and lowest.scale < 0.0 and (process.modes or process.part_load or process.blends):
        b.refuse(f"processes.{name}", "min_load", "what has modes, part-load figures or blends cannot run backwards",
                 "nought or more")
    activities, references = [], []
    for mode, inputs, outputs, cost in _recipes(b, process, reference):
        own = _own_amount(b, reference, inputs, outputs)
        for k, (width, slopes) in enumerate(segments):
            existing = b.plants[plant].existing if plant >= 0 else np.inf
            upper = Vary(width * existing) if len(segments) > 1 else None
            label = mode or (f"load {k + 1}" if len(segments) > 1 else "")
            activity = b.activity(element, grid, mode=label, plant=plant, lower=lowest, upper=upper)
            activities.append(activity)
            references.append(own)
            _add_flows(b, activity, site, inputs, -1.0, own, slopes)
            _add_flows(b, activity, site, outputs, 1.0, own, {})
            price = m.canonical_price(reference)
            b.cost(activity, "operating", reference, negative(b.vary(process.cost, price)))
            b.cost(activity, "operating", reference, Vary(-cost))
            if process.tax is not None:
                b.cost(activity, "tax", reference, Vary(-m.price(process.tax, reference)))
    _add_shares(b, process, activities)
    add_reserves(b, process, plant, element, grid)
    if len(segments) > 1:
        _order_segments(b, process, activities, segments)
    own_amounts = dict(zip(activities, references, strict=True))
    for blend_name, blend in process.blends.items():
        _add_blend(b, f"{name}.{blend_name}", blend, element, site, grid, own_amounts)


def _multiple(b: Builder, process: Process) -> int:
    """The process's own step, else the finest of its commodities'."""
    if process.step is not None:
        return b.multiple(process.step)
    names = {*process.inputs, *process.outputs}
    for mode in process.modes.values():
        names |= {*mode.inputs, *mode.outputs}
    for blend in process.blends.values():
        names |= set(blend.from_)
    return min(b.commodity_multiple(commodity) for commodity in names)


def _plant(b: Builder, name: str, process: Process, reference: str, element: int, grid: int) -> int:
    m = b.measures
    runs = rate_of_runs(b, process, reference)
    if process.capacity is None and process.expansion is None and runs is None:
        return -1
    row = PlantRow(
        element, grid,
        existing=m.rate(process.capacity, reference) if process.capacity is not None else runs or 0.0,
        availability=b.vary(process.availability, "", 1.0),
        min_load=b.vary(process.min_load, ""),
        on_off=process.on_off,
        unit=m.rate(process.unit, reference) if process.unit is not None else 0.0,
        start_cost=m.money(process.start_cost) if process.start_cost is not None else 0.0,
        stop_cost=m.money(process.stop_cost) if process.stop_cost is not None else 0.0,
        on_cost=b.vary(process.on_cost, f"{b.chain.currency}/h"),
        min_up=m.duration(process.min_up) if process.min_up is not None else 0.0,
        min_down=m.duration(process.min_down) if process.min_down is not None else 0.0,
        start_load=m.fraction(process.start_load) if process.start_load is not None else np.nan,
        stop_load=m.fraction(process.stop_load) if process.stop_load is not None else np.nan,
        ramp_up=m.rate_per_time(process.ramp_up) if process.ramp_up is not None else np.inf,
        ramp_down=m.rate_per_time(process.ramp_down) if process.ramp_down is not None else np.inf,
    )
    if process.fixed_cost is not None:
        row.fixed = m.capacity_cost_per_time(process.fixed_cost, reference) * b.hours_meant
        b.constants.append(Constant("fixed", element, reference, -row.fixed * row.existing))
    if process.expansion is not None:
        add_expansion(b, row, process.expansion, reference, "rate")
        if process.on_off and row.unit == 0.0 and not np.isfinite(row.most):
            b.refuse(f"processes.{name}", "expansion.most", "a process that can be off needs a bound on what is built",
                     "the most that can be built")
    if process.may_close:
        let_close(row)
    if process.before is not None:
        row.been_on, row.ran = _until(b, process.before, reference)
    plant = b.plant(row)
    for commodity, amount in process.start_inputs.items():
        b.start_flows.append((plant, b.balance(commodity, m.site_of(process)), m.amount(amount, commodity)))
    return plant


def _until(b: Builder, before: Before, reference: str) -> tuple[float, float]:
    """Return the hours something had been on, minus those it had been off, and its rate; nan where not said."""
    m = b.measures
    been = m.duration(before.on) if before.on is not None else np.nan
    been = -m.duration(before.off) if before.off is not None else been
    return been, m.rate(before.rate, reference) if before.rate is not None else np.nan


def add_expansion(b: Builder, row: PlantRow, expansion: Expansion, commodity: str, what: str) -> None:
    """Fill in how a plant may grow. `what` is ``rate``, ``amount`` (a store) or ``number`` (a fleet)."""
    m = b.measures
    size = {"rate": lambda q: m.rate(q, commodity), "amount": lambda q: m.amount(q, commodity),
            "number": m.number}[what]
    row.expandable = True
    row.most = size(expansion.most) if expansion.most is not None else np.inf
    row.least = size(expansion.least) if expansion.least is not None else 0.0
    row.lump = size(expansion.lump) if expansion.lump is not None else 0.0
    if expansion.cost is not None:
        row.invest = m.capacity_cost(expansion.cost, commodity, what)
    if expansion.fixed is not None:
        row.upkeep = m.capacity_cost_per_time(expansion.fixed, commodity, what) * b.hours_meant
    if expansion.life is not None:
        row.life = m.duration(expansion.life) / 8760.0
    row.early = expansion.may_close
    if expansion.lead is not None:
        row.lead = m.duration(expansion.lead) / 8760.0
    if expansion.per_stage is not None:
        row.pace = size(expansion.per_stage)
    given = expansion.discount if expansion.discount is not None else b.chain.horizon.discount
    row.discount = m.rate_per_time(given) * 8760.0
    row.yearly = b.yearly(row.invest, row.life, row.discount, b.elements[row.element].owner)
    row.paid = m.duration(expansion.paid) if expansion.paid is not None else 0.0


def _recipes(
    b: Builder, process: Process, reference: str
) -> list[tuple[str, dict[str, Flow], dict[str, Flow], float]]:
    """Each mode's name, inputs, outputs and cost, the common ones added; one nameless recipe without modes."""
    if not process.modes:
        return [("", process.inputs, b.measures.expected(process, process.outputs), 0.0)]
    return [
        (
            name,
            _merged(process.inputs, mode.inputs),
            b.measures.expected(process, _merged(process.outputs, mode.outputs)),
            b.measures.price(mode.cost, reference) if mode.cost is not None else 0.0,
        )
        for name, mode in process.modes.items()
    ]


def _own_amount(
    b: Builder, reference: str, inputs: Mapping[str, Flow], outputs: Mapping[str, Flow]
) -> float | Floats:
    """Return the reference's amount in a recipe, which all its amounts are in proportion to.

    A recipe for 1 MWh and one for 1000 kWh are then the same, whatever the commodity is counted in. Where it changes
    over time the others are in proportion to it in each step.
    """
    flow = outputs.get(reference) or inputs.get(reference)
    amount = b.measures.amounts(flow, reference) if flow is not None else 1.0
    return amount if np.min(amount) > 0.0 else 1.0


def _merged(common: Mapping[str, Flow], own: Mapping[str, Flow]) -> dict[str, Flow]:
    """A mode's own figure for a commodity stands in the place of the common one."""
    return {**common, **own}


def _add_flows(
    b: Builder, activity: int, site: str, flows: Mapping[str, Flow], sign: float, own: float | Floats,
    slopes: Mapping[str, float],
) -> None:
    for commodity, flow in flows.items():
        amount = sign / own * b.measures.amounts(flow, commodity) * slopes.get(commodity, 1.0)
        b.flow(activity, b.balance(commodity, flow.site or site), amount, flow.lag)


def _add_shares(b: Builder, process: Process, activities: list[int]) -> None:
    fraction = b.measures.fraction
    for activity, mode in zip(activities, process.modes.values(), strict=False):
        least = fraction(mode.share_least) if mode.share_least is not None else 0.0
        most = fraction(mode.share_most) if mode.share_most is not None else 1.0
        if least > 0.0 or most < 1.0:
            b.shares.append((activity, b.activities[activity][0], least, most))


# ---- part load --------------------------------------------------------------------------------------


def _segments(b: Builder, name: str, process: Process) -> list[tuple[float, dict[str, float]]]:
    """Cut the load into segments between the points of the part-load figures.

    Consumption at load l is ``l × figure(l)``; within a segment it rises in a straight line, so a segment is
    an activity with its own coefficient, the slope of that line.
    """
    if not process.part_load:
        return [(1.0, {})]
    if process.modes or process.expansion is not None or process.capacity is None:
        b.refuse(f"processes.{name}", "part_load",
                 "part-load figures need a given capacity, and neither modes nor expansion",
                 "a process with `capacity` and one recipe")
    fraction = b.measures.fraction
    curves = {
        commodity: sorted((_load(b, load), fraction(figure)) for load, figure in points.items())
        for commodity, points in process.part_load.items()
    }
    loads = sorted({load for points in curves.values() for load, _ in points} | {1.0})
    edges = [0.0, *loads]
    use = {
        commodity: [0.0, *(load * _figure(load, points) for load in loads)]
        for commodity, points in curves.items()
    }
    return [
        (high - low, {c: (use[c][k + 1] - use[c][k]) / (high - low) for c in curves})
        for k, (low, high) in enumerate(pairwise(edges))
    ]


def _figure(load: float, points: list[tuple[float, float]]) -> float:
    """Return the part-load figure at a load, on straight lines between the points given."""
    return float(np.interp(load, [at for at, _ in points], [figure for _, figure in points]))


def _load(b: Builder, text: str) -> float:
    from lodeworks.units import parse_quantity

    return b.measures.fraction(parse_quantity(text))


def _order_segments(
    b: Builder, process: Process, activities: list[int], segments: list[tuple[float, dict[str, float]]]
) -> None:
    """Ask for the segments to be filled in their order, where their slopes do not see to it.

    Rising slopes fill themselves in order when every consumption costs something; the first segment needs no
    order where a minimum load keeps it full. A fall anywhere asks for whole-number decisions.
    """
    least = 0.0 if process.on_off else float(np.min(b.array(b.vary(process.min_load, ""))))
    start = 1 if least >= segments[0][0] else 0
    for commodity in segments[0][1]:
        slopes = [slope[commodity] for _, slope in segments[start:]]
        if any(after < before - 1e-12 for before, after in pairwise(slopes)):
            b.order.extend(pairwise(activities))
            return
    if start == 1:
        element, mode, grid, plant, _, upper, must = b.activities[activities[0]]
        b.activities[activities[0]] = (element, mode, grid, plant, upper, upper, must)


# ---- blends -----------------------------------------------------------------------------------------


def _add_blend(
    b: Builder, name: str, blend: Blend, element: int, site: str, grid: int,
    activities: Mapping[int, float | Floats],
) -> None:
    """Components fill a hidden balance that the process empties; each limit is one row a step.

    Mixing has the step of its components' balances where that is longer than the process's: coal that is
    counted by the day is mixed by the day, though the boiler that burns it follows the hour.
    """
    m = b.measures
    parts = m.blend_parts(blend)
    own_multiple = next(multiple for multiple, number in b.grids.items() if number == grid)
    grid = b.grid(max(own_multiple, min(b.commodity_multiple(c) for c in blend.from_)))
    mix = b.hidden_balance(name, grid)
    for activity, own in activities.items():
        b.flow(activity, mix, -parts.amount / own)
    columns = []
    for commodity, contribution in zip(blend.from_, parts.contributions, strict=True):
        column = b.activity(element, grid, mode=f"{name.split('.', 1)[1]}: {commodity}")
        b.flow(column, b.balance(commodity, site), -1.0)
        b.flow(column, mix, contribution)
        columns.append(column)
    for quality, limit in blend.limits.items():
        figures, least, most = m.blend_limit(blend, quality, limit)
        for bound, sign in ((least, -1.0), (most, 1.0)):
            if bound is None:
                continue
            b.blend_names.append(f"{name}: {quality} {'least' if sign < 0 else 'most'}")
            b.blend_grids.append(grid)
            row = len(b.blend_names) - 1
            for column, figure, weight in zip(columns, figures, parts.weights, strict=True):
                b.blend_weights.append((row, column, sign * (figure - bound) * weight))
