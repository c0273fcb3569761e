"""How large a component of a PyPSA network is, what more of it costs and when it may be built, what of it can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.exchange.wires import rating_of
from lodeworks.exchange.written import YEAR, quantity

if TYPE_CHECKING:
    from lodeworks.exchange.components import Writer

__all__ = ["band_of", "only_backwards", "reach_of", "size_of"]


def size_of(writer: Writer, kind: str, i: int, name: str, nominal: str, unit: str, per: float = 1.0) -> dict[str, Any]:
    """Return capacity or expansion; `per` of the unit goes with one unit of the nominal."""
    part, stands = writer.source[kind], writer.source.stands(kind, i)
    lump = part.number(i, f"{nominal}_mod", 0.0)
    if lump > 0.0 and part.flag(i, "committable"):  # also of a fixed size
        writer.tell(kind, name, f"{nominal}_mod", "modules that are off one by one are not carried", f"{lump:g}")
    if not part.flag(i, f"{nominal}_extendable"):
        size = rating_of(writer.source, i) if kind == "transformers" else part.number(i, nominal, 0.0)
        return {"capacity": quantity(size * per if stands else 0.0, unit)} if np.isfinite(size) else {}
    cost = _yearly(writer, kind, i, name) / per
    least, most = part.number(i, f"{nominal}_min", 0.0), part.number(i, f"{nominal}_max", np.inf)
    expansion = {"fixed": quantity(cost * YEAR / writer.meant / writer.counted, f"EUR/({unit})/a")}
    if least > 0.0 and stands:
        expansion["least"] = quantity(least * per, unit)
    if lump > 0.0:
        expansion["lump"] = quantity(lump * per, unit)
    if np.isfinite(most):
        expansion["most"] = quantity(most * per, unit)
    elif part.flag(i, "committable"):
        writer.tell(kind, name, f"{nominal}_max", "what can be off and is built without bound is not carried", "inf")
    return {"expansion": expansion | _vintage(writer, kind, i, unit)}


def _vintage(writer: Writer, kind: str, i: int, unit: str) -> dict[str, str]:
    """Return when an extendable component may be decided and how long it stands, over investment periods."""
    years, standing = writer.slices.periods, writer.slices.standing(kind, i)
    if not years:
        return {}
    lasts = standing[-1] + 1 == len(years)  # and then as long as it will
    end = years[-1] + max(writer.last, *np.diff(years), 1.0) if lasts else years[standing[-1] + 1]
    found = {"life": quantity(end - years[standing[0]], "a")}
    if writer.period != standing[0]:
        found["per_stage"] = quantity(0.0, unit)
    return found


def _yearly(writer: Writer, kind: str, i: int, name: str) -> float:
    """Return what one unit of capacity costs in a period: PyPSA's periodised cost."""
    part = writer.source[kind]
    overnight, kept = part.number(i, "overnight_cost", np.nan), part.number(i, "fom_cost", 0.0)
    if np.isnan(overnight):
        return part.number(i, "capital_cost", 0.0) + kept
    if writer.slices.periods:
        writer.tell(kind, name, "overnight_cost", "over investment periods is not carried", f"{overnight:g}")
    if np.isnan(part.number(i, "discount_rate", np.nan)):
        writer.tell(kind, name, "discount_rate", "an overnight cost without one is not carried", "nothing")
    years = float(writer.source.objective.sum()) / YEAR
    share = _annuity(part.number(i, "discount_rate", 0.0), part.number(i, "lifetime", np.inf))
    return overnight * share * years + kept


def reach_of(writer: Writer, kind: str, i: int, bound: str, way: float = 1.0) -> float:
    """Return what share of its nominal size a component reaches at most, at any time: one, or more.

    A size in the chain is what can run at the best of times, so that no share of it exceeds one. Backwards (`way` -1)
    it is the lower bound that says so.
    """
    return max(1.0, *(float(np.max(way * source[kind].varying(i, bound, 1.0))) for source in writer.slices.each()))


def only_backwards(writer: Writer, i: int) -> bool:
    """Say whether a generator of fixed size only ever takes, such as a demand that bids for what it gets."""
    part = writer.source["generators"]
    free = not part.flag(i, "p_nom_extendable") and not part.flag(i, "committable") and all(
        np.isnan(part.number(i, key, np.nan)) for key in ("ramp_limit_up", "ramp_limit_down"))
    return free and all(
        np.max(source["generators"].varying(i, "p_max_pu", 1.0)) <= 0.0
        and np.min(source["generators"].varying(i, "p_min_pu", 0.0)) < 0.0 for source in writer.slices.each())


def band_of(
    writer: Writer, kind: str, i: int, name: str, own: str, low: str, high: str, reach: float, turned: bool = False
) -> dict[str, Any]:
    """Return availability and minimum load of per-unit bounds over their `reach`: the least as a share of the most.

    What is `turned` is written the other way round, so that its least is its most.
    """
    part = writer.source[kind]
    most, least = part.varying(i, high, 1.0) / reach, part.varying(i, low, 0.0) / reach
    if turned:
        most, least = -least, -most
    if reach > 1.0 and part.flag(i, "committable"):
        writer.tell(kind, name, high, "more than its size of what may be off is not carried", f"{reach:g}")
    if np.any(np.asarray(most) < 0.0):
        writer.tell(kind, name, high, "a share below 0 is not carried", f"{reach * np.min(most):g}")
        most = np.maximum(most, 0.0) if isinstance(most, np.ndarray) else max(most, 0.0)
    if np.any((np.asarray(most) == 0.0) & (np.asarray(least) != 0.0)):
        writer.tell(kind, name, low, "a least rate where the most is nought is not carried", "above or below 0")
    found: dict[str, Any] = {}
    if np.any(np.asarray(most) != 1.0):
        found["availability"] = writer.vary(own, "availability", most)
    if np.any(np.asarray(least) != 0.0):
        shape = np.broadcast_shapes(np.shape(most), np.shape(least))
        zero = np.zeros(shape)
        share = np.divide(np.broadcast_to(least, shape), np.broadcast_to(most, shape), out=zero,
                          where=np.broadcast_to(most, shape) > 0.0)
        found["min_load"] = writer.vary(own, "minimum load", share if share.ndim else float(share))
    return found


def _annuity(rate: float, life: float) -> float:
    """Return the yearly share of a payment over a life, as PyPSA has it where either is nought or endless."""
    if np.isinf(life):
        return max(rate, 0.0)
    return 1.0 / life if rate == 0.0 else float(rate / (1.0 - (1.0 + rate) ** -life))
