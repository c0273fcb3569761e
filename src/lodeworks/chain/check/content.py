"""What recipes are made of: no mass or energy out of nothing, and figures of one another's size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from lodeworks.chain.check.context import Context, recipes_of
from lodeworks.chain.entities import Flow, Process
from lodeworks.chain.profiles import Floats
from lodeworks.errors import InputError, Problem
from lodeworks.units import UnitProblem

__all__ = ["coefficient_spread", "content_from_nothing"]

MOST_SPREAD = 1e8


def content_from_nothing(context: Context) -> Iterator[Problem]:
    """The known mass (energy) of outputs is not more than that of inputs, where all inputs' is known.

    What burns may take oxygen from the air. A process whose inputs have no mass at all (a mine that draws power only)
    digs from the ground: that is worth a warning.
    """
    m = context.measures
    for name, process in context.chain.processes.items():
        if process.ambient or not all(context.usable(commodity) for commodity in context.places(process)):
            continue
        for mode, inputs, outputs in recipes_of(m, process):
            for what, unit, content in (("mass", "kg", m.mass), ("energy", "MJ", m.heating_value)):
                key = f"modes.{mode}.outputs" if mode and process.modes[mode].outputs else "outputs"
                yield from _recipe(context, process, f"processes.{name}", key, inputs, outputs, what, unit, content)


def _recipe(
    context: Context, process: Process, where: str, key: str, inputs: Mapping[str, Flow],
    outputs: Mapping[str, Flow], what: str, unit: str, content: Callable[[str], float | None],
) -> Iterator[Problem]:
    try:
        taken = [_content(context, c, f, content) for c, f in inputs.items()]
        given = [_content(context, c, f, content) for c, f in outputs.items()]
        blended = [_blended(context, process, name, content) for name in process.blends]
    except (UnitProblem, InputError):
        return
    known = [*taken, *blended]
    if not known or any(value is None for value in known) or not given:
        return
    total_in = _sum(known)
    total_out = _sum(given)
    if what == "mass":
        total_in += _oxygen(context, process, inputs, outputs)
    weightless = all(context.measures.mass(c) is None for c in inputs) and not process.blends
    total_in, total_out = np.broadcast_arrays(total_in, total_out)
    worst = int(np.argmax(total_out - total_in * (1.0 + context.tolerance)))
    total_in, total_out = float(total_in.ravel()[worst]), float(total_out.ravel()[worst])
    if total_out > total_in * (1.0 + context.tolerance) and total_out > 0.0:
        yield Problem(
            f"makes {what} out of nothing", element=where, key=key,
            found=f"{total_out:.4g} {unit} out of {total_in:.4g} {unit}",
            expected=f"at most {(1.0 + context.tolerance) * total_in:.4g} {unit}; is an input missing, "
            f"or an amount or a unit wrong? `ambient: true` where it takes {_surroundings(what)}",
            severity="warning" if weightless else "error",
        )


def _surroundings(what: str) -> str:
    """Name what comes from surroundings that nobody counts."""
    return "oxygen or water from surroundings" if what == "mass" else "heat from surroundings"


def _sum(values: Iterable[float | Floats | None]) -> float | Floats:
    """Add up what is known; in each step where something changes over time."""
    total: float | Floats = 0.0
    for value in values:
        total = total + (0.0 if value is None else value)
    return total


def _oxygen(
    context: Context, process: Process, inputs: Mapping[str, Flow], outputs: Mapping[str, Flow]
) -> float | Floats:
    """Return the mass of air's oxygen that burning may add, kg.

    Burning sets free some 13.1 MJ for each kilogram of oxygen, whatever burns (Thornton 1917; Huggett 1980).
    """
    energy = context.measures.heating_value
    taken = [_content(context, c, f, energy) for c, f in inputs.items()]
    taken += [_blended(context, process, name, energy) for name in process.blends]
    given = [_content(context, c, f, energy) for c, f in outputs.items() if _is_stuff(context, c)]
    freed: float | Floats = np.maximum(0.0, _sum(taken) - _sum(given)) / 13.1
    return freed


def _is_stuff(context: Context, commodity: str) -> bool:
    """Say whether a commodity has mass; power and heat that leave were set free by burning."""
    return context.measures.mass(commodity) is not None


def _content(
    context: Context, commodity: str, flow: Flow, content: Callable[[str], float | None]
) -> float | Floats | None:
    each = content(commodity)
    if each is None:
        return None
    return each * context.measures.amounts(flow, commodity)


def _blended(context: Context, process: Process, name: str, content: Callable[[str], float | None]) -> float | None:
    """Return the most one can get out of a blend: that of its richest component."""
    blend = process.blends[name]
    parts = context.measures.blend_parts(blend)
    most = 0.0
    for commodity, contribution in zip(blend.from_, parts.contributions, strict=True):
        each = content(commodity)
        if each is None or contribution <= 0.0:
            return None
        most = max(most, parts.amount / contribution * each)
    return most


def coefficient_spread(context: Context) -> Iterator[Problem]:
    """Amounts of one recipe that differ by eight orders of magnitude are most often a slip of units."""
    for name, process in context.chain.processes.items():
        if not all(context.usable(commodity) for commodity in context.places(process)):
            continue
        for _, inputs, outputs in recipes_of(context.measures, process):
            try:
                sizes = {
                    c: abs(context.measures.mean_amount(f, c)) for c, f in (*inputs.items(), *outputs.items())
                }
            except (UnitProblem, InputError):
                continue
            sizes = {c: size for c, size in sizes.items() if size > 0.0}
            if not sizes:
                continue
            small, large = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
            if sizes[large] > MOST_SPREAD * sizes[small]:
                yield Problem(
                    "amounts of one recipe are very far apart", element=f"processes.{name}", severity="warning",
                    found=f"{sizes[large]:.3g} of {large} to {sizes[small]:.3g} of {small}",
                    expected="amounts within eight orders of magnitude; count a commodity in a larger or smaller unit",
                )
                break
