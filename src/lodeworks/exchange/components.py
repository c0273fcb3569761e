"""A PyPSA network of one period and scenario, component by component, as plain data of a chain.

Buses are balances, generators and links processes, lines and links of one carrier routes. Each component is one
function; stores stand apart (`stored`), as do sizes (`sizes`), limits on sums (`limits`), and units on and off
(`commitment`).
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np

from lodeworks.errors import Problem
from lodeworks.exchange.commitment import on_off, parting, ran_before
from lodeworks.exchange.limits import fuel_of, limit_of, summed
from lodeworks.exchange.netcdf import Component, Floats, Source
from lodeworks.exchange.sizes import band_of, only_backwards, reach_of, size_of
from lodeworks.exchange.slices import Slices
from lodeworks.exchange.snapshots import common_step, counted_of, horizon_of
from lodeworks.exchange.stored import storage_unit_of, store_of
from lodeworks.exchange.wires import line_reactance, phase_shift_of, transformer_reactance
from lodeworks.exchange.written import plain, quantity
from lodeworks.units import Units

__all__ = ["Writer"]

_SECTIONS = ("commodities", "sites", "processes", "supplies", "demands", "routes", "stores", "policies", "profiles")


class Writer:
    """A chain on its way, of one period and scenario, with names that are unique and hold no point.

    All slices of a network name their elements alike, so what is there in one of them is written in each.
    """

    def __init__(self, source: Source, slices: Slices, period: int) -> None:
        self.source, self.slices, self.period = source, slices, period
        self.left: list[Problem] = []
        self.hours = float(source.stores[0])
        self.alike = bool(np.all(source.stores == source.stores[0]))
        self.snapshots = counted_of(source)
        self.counted, self.meant = self.snapshots.factor, self.snapshots.meant
        horizon, lengths = horizon_of(
            source.stores, common_step(source.stores) or self.hours, self.snapshots.stretches)
        self.last = max(1.0, float(np.round(slices.years[-1])))
        self.taken: set[str] = set()
        self.around: set[bool] = set()
        self.bounded: set[str] = set()
        self.fuels: dict[str, str] = {}
        self.turned: set[str] = set()
        self.names: dict[tuple[str, str], str] = {}
        self.chain: dict[str, Any] = {
            "chain": plain(source.name) or "network", "currency": "EUR", "objective": "cost",
            "horizon": {
                "start": str(np.datetime_as_string(slices.first.start.astype("datetime64[s]"))),
                **horizon, "cyclic": False, "discount": "0 %/a",
            },
            **{section: {} for section in _SECTIONS},
        }
        self.chain["profiles"] |= lengths
        self.units: dict[str, str] = {}

    def write(self) -> None:
        """Write every component; what cannot be said is put into `left`."""
        self._time()
        self._buses()
        for kind, add in (("generators", self._generator), ("loads", self._load), ("links", self._link),
                          ("lines", self._line), ("transformers", self._line), ("stores", partial(store_of, self)),
                          ("storage_units", partial(storage_unit_of, self))):
            for i, name in enumerate(self.source[kind].names):
                if self.slices.standing(kind, i):
                    add(kind, i, name)
        for i, name in enumerate(self.source["global_constraints"].names):
            limit_of(self, i, name)
        self._round()

    # ---- words --------------------------------------------------------------------------------------

    def tell(self, kind: str, name: str, key: str, message: str, found: str) -> None:
        """Note what is not carried."""
        self.left.append(Problem(message, element=f"{kind}.{name}", key=key, found=found,
                                 expected="a network without it, or --leave-out to go on without it"))

    def by_the_snapshot(self, kind: str, name: str, key: str, found: str) -> None:
        """Note what PyPSA counts from snapshot to snapshot, where these are of different length or come more often."""
        if not self.alike:
            self.tell(kind, name, key, "what counts snapshots is not carried where these last differently", found)
        self.across(kind, name, key, found)

    def across(self, kind: str, name: str, key: str, found: str) -> None:
        """Note what goes over from one snapshot to the next that counts otherwise; but for stocks nothing does."""
        if self.snapshots.stretches:
            self.tell(kind, name, key,
                      "what goes over from snapshot to snapshot is not carried where money counts these differently",
                      found)

    def own(self, kind: str, name: str) -> str:
        """Return the name an element has in the chain: its own where nothing else has it."""
        word = kind.removesuffix("s").replace("_", " ")
        free = plain(name) or word
        for candidate in (free, f"{word} {free}", *(f"{word} {free} {k}" for k in range(2, 10_000))):
            if candidate not in self.taken:
                self.taken.add(candidate)
                self.names[kind, name] = candidate
                return candidate
        raise AssertionError(name)

    def vary(self, name: str, key: str, value: float | Floats, unit: str = "") -> Any:
        """Return a number, or the name of a profile that holds a series."""
        if not isinstance(value, np.ndarray):
            return quantity(value, unit)
        if np.all(value == value[0]):
            return quantity(value[0], unit)
        profile = f"{name} {key}"
        self.chain["profiles"][profile] = {"values": [float(v) for v in value], **({"unit": unit} if unit else {})}
        return {"profile": profile}

    def bus(self, name: str) -> tuple[str, str, str]:
        """Return a bus's commodity, site and unit."""
        buses = self.source["buses"]
        commodity = plain(buses.text(buses.names.index(name), "carrier", "AC")) or "energy"
        return commodity, self.names["buses", name], self.units[commodity]

    def rate(self, unit: str) -> str:
        """Return the unit of a rate."""
        return "MW" if unit == "MWh" else f"{unit}/h"

    # ---- time and places ----------------------------------------------------------------------------

    def _time(self) -> None:
        s = self.source
        if common_step(s.stores) is None:
            self.tell("snapshots", "weightings", "stores", "lengths without a step in common are not carried",
                      f"{s.stores.min():g} to {s.stores.max():g} h")
        first = self.slices.first
        if np.any(s.objective != first.objective):
            self.tell("snapshots", "weightings", "objective", "periods whose steps count otherwise are not carried",
                      f"{s.objective.sum() / s.stores.sum():g} times their hours")

    def _buses(self) -> None:
        buses, known = self.source["buses"], Units.of({})
        for i, name in enumerate(buses.names):
            carrier = plain(buses.text(i, "carrier", "AC")) or "energy"
            unit = re.sub(r"^MW$|^MWh?_.*$|^MWel$|^MWth$", "MWh", buses.text(i, "unit").removesuffix("/h")) or "MWh"
            unit = unit if known.known(unit) else "MWh"
            if self.units.setdefault(carrier, unit) != unit:
                self.tell("buses", name, "unit", f"another unit than other buses of {carrier}", unit)
            self.chain["commodities"].setdefault(carrier, {"unit": self.units[carrier]})
            x, y = buses.number(i, "x", 0.0), buses.number(i, "y", 0.0)
            on_globe = abs(x) <= 180.0 and abs(y) <= 90.0 and (x, y) != (0.0, 0.0)
            place = {"longitude": x, "latitude": y} if on_globe else {}
            site = plain(name) or "bus"
            while site in self.chain["sites"]:
                site += "'"
            self.names["buses", name] = site
            self.chain["sites"][site] = place

    # ---- what runs ----------------------------------------------------------------------------------

    def _generator(self, kind: str, i: int, name: str) -> None:
        part, own = self.source[kind], self.own(kind, name)
        commodity, site, unit = self.bus(part.text(i, "bus"))
        if part.number(i, "sign", 1.0) == 0.0:
            self.tell(kind, name, "sign", "a generator that neither gives nor takes is not carried", "0")
            return
        turned = only_backwards(self, i)
        side = "outputs" if (part.number(i, "sign", 1.0) > 0.0) != turned else "inputs"
        if turned:
            self.turned.add(name)
        amount = abs(part.number(i, "sign", 1.0))
        process: dict[str, Any] = {"site": site, side: {commodity: quantity(amount, unit)}, "reference": commodity}
        fuel_of(self, i, own, site, process)
        self._run(kind, i, name, own, process, amount, unit)
        least, most = part.number(i, "e_sum_min", -np.inf), part.number(i, "e_sum_max", np.inf)
        limits = {key: quantity(v * amount, unit) for key, v in (("least", least), ("most", most)) if np.isfinite(v)}
        if limits and turned:
            self.tell(kind, name, "e_sum_min", "a limit on the sum of what only takes is not carried", str(limits))
        elif limits:
            self.chain["policies"][self.own("policies", f"energy of {own}")] = summed(
                self, {own: 1.0}, "", limits, years=1.0)

    def _run(self, kind: str, i: int, name: str, own: str, process: dict[str, Any], amount: float, unit: str) -> None:
        """Give a process its size, bounds, costs and speed; `amount` of the reference goes with one unit of p."""
        part, rate = self.source[kind], self.rate(unit)
        turned = kind == "generators" and name in self.turned
        reach = reach_of(self, kind, i, "p_min_pu", -1.0) if turned else reach_of(self, kind, i, "p_max_pu")
        sized = size_of(self, kind, i, name, "p_nom", rate, amount * reach)
        process |= sized
        bounded = bool(sized)
        if bounded:
            process |= band_of(self, kind, i, name, own, "p_min_pu", "p_max_pu", reach, turned)
        elif np.any(np.asarray(part.varying(i, "p_min_pu", 0.0)) != 0.0):
            self.tell(kind, name, "p_min_pu", "a least rate without a size is not carried", "p_nom inf")
        cost = part.varying(i, "marginal_cost", 0.0) * (-1.0 if turned else 1.0)
        if np.any(cost != 0.0):
            process["cost"] = self.vary(own, "cost", cost / amount, f"EUR/{unit}")
        for ramp, key in (("ramp_limit_up", "ramp_up"), ("ramp_limit_down", "ramp_down")):
            limit = part.number(i, ramp, np.nan)
            if not np.isnan(limit):
                process[key] = quantity(limit / reach / self.hours, "1/h")
                self.by_the_snapshot(kind, name, ramp, f"{limit:g}")
        if part.flag(i, "committable"):
            if len(self.slices.periods) > 1:
                self.tell(kind, name, "committable", "units on and off over investment periods are not carried", "True")
            for time in ("min_up_time", "min_down_time"):
                if part.number(i, time, 0.0) > 1.0:
                    self.by_the_snapshot(kind, name, time, f"{part.number(i, time, 0.0):g}")
            for edge in ("start_up_cost", "shut_down_cost"):
                if part.number(i, edge, 0.0) != 0.0:
                    self.across(kind, name, edge, f"{part.number(i, edge, 0.0):g}")
            process |= on_off(part, i, self.hours, self.counted * float(self.slices.money[self.period]))
            standing = part.varying(i, "stand_by_cost", 0.0)
            if np.any(standing != 0.0):
                process["on_cost"] = self.vary(own, "cost while on", standing, "EUR/h")
            for key, message, found in parting(part, i, "p_nom"):
                self.tell(kind, name, key, message, found)
        ran = part.number(i, "p_init", np.nan) if self.period == 0 else np.nan  # ramps begin anew in each period
        if not np.isnan(ran) and any(key in process for key in ("ramp_up", "ramp_down", "start_load", "stop_load")):
            if part.flag(i, "p_nom_extendable"):
                self.tell(kind, name, "p_init", "what ran before of something that is built is not carried", f"{ran:g}")
            process["before"] = ran_before(
                part, i, self.hours, process.get("before", {}), quantity(ran * amount, rate))
        self.chain["processes"][own] = process

    def _load(self, kind: str, i: int, name: str) -> None:
        part, own = self.source[kind], self.own(kind, name)
        commodity, site, unit = self.bus(part.text(i, "bus"))
        amount = _taken(part, i) * self.source.stands(kind, i)
        ever = np.concatenate([np.atleast_1d(_taken(source[kind], i)) for source in self.slices.each()])
        at = {"commodity": commodity, "site": site}
        needed, given = np.maximum(amount, 0.0), np.maximum(-amount, 0.0)
        if np.any(ever > 0.0):
            self.chain["demands"][own] = {**at, "amount": self.vary(own, "amount", _least(needed), self.rate(unit))}
        if np.any(ever < 0.0):
            feed = self.own("supplies", f"{own} given")
            fixed = self.vary(feed, "amount", _least(given), self.rate(unit))
            self.chain["supplies"][feed] = {**at, "least": fixed, "most": fixed}

    def _link(self, kind: str, i: int, name: str) -> None:
        """A link of two ends of one carrier that only carries is a route; every other is a process."""
        part, own = self.source[kind], self.own(kind, name)
        keys = sorted((k for k in part.columns if re.fullmatch(r"bus\d+", k)), key=lambda k: int(k[3:]))
        ends = [(int(k[3:]), part.text(i, k)) for k in keys if part.text(i, k)]
        (commodity, site, unit), others = self.bus(ends[0][1]), ends[1:]
        yields = [part.varying(i, "efficiency" if port == 1 else f"efficiency{port}", 1.0) for port, _ in others]
        alone = len(others) == 1 and self.bus(others[0][1])[0] == commodity and site != self.bus(others[0][1])[1]
        ramped = any(not np.isnan(part.number(i, key, np.nan)) for key in ("ramp_limit_up", "ramp_limit_down"))
        lags = [self._lag(kind, i, name, port, share) for (port, _), share in zip(others, yields, strict=True)]
        plain = alone and not part.flag(i, "committable") and not ramped and isinstance(yields[0], float)
        plain = plain and not any(lags)
        if plain and 0.0 <= yields[0] <= 1.0:
            self._route(kind, i, name, own, others[0][1], "p_nom", 1.0 - float(yields[0]))
            return
        process: dict[str, Any] = {"site": site, "inputs": {commodity: quantity(1.0, unit)}, "outputs": {},
                                   "reference": commodity}
        both = bool(np.any(np.asarray(part.varying(i, "p_min_pu", 0.0)) < 0.0))
        seen = {"inputs": {commodity}, "outputs": {commodity}}
        for (port, bus), share, lag in zip(others, yields, lags, strict=True):
            if np.all(share == 0.0):
                continue
            to, place, own_unit = self.bus(bus)
            gives = bool(np.max(share) > 0.0)
            if gives and np.min(share) < 0.0:
                self.tell(kind, name, f"efficiency{port if port > 1 else ''}",
                          "what gives at one time and takes at another is not carried",
                          f"{np.min(share):g} to {np.max(share):g}")
            side = "outputs" if gives else "inputs"
            if to in seen[side]:
                ways = ("out", "back") if both else ("out",) if side == "outputs" else ("back",)
                to = self._alias(own, port, to, place, own_unit, ways)
            seen[side].add(to)
            amount = self.vary(own, f"efficiency {port}", np.abs(share), own_unit)
            process[side][to] = {"amount": amount, "site": place, **({"lag": quantity(lag, "h")} if lag else {})}
        if sum(max(float(np.max(share)), 0.0) for share in yields) > 1.0:
            process["ambient"] = True
        self._run(kind, i, name, own, process, 1.0, unit)

    def _lag(self, kind: str, i: int, name: str, port: int, share: float | Floats) -> float:
        """Return the hours until what a link gives at a port comes in: whole steps, rounded up as PyPSA does."""
        part, suffix = self.source[kind], "" if port == 1 else str(port)
        delay = part.number(i, f"delay{suffix}", 0.0)
        if delay <= 0.0:
            return 0.0
        self.around.add(part.flag(i, f"cyclic_delay{suffix}", True))
        self.by_the_snapshot(kind, name, f"delay{suffix}", f"{delay:g}")
        if np.any(self.source.generators != self.source.generators[0]):  # by which PyPSA measures a delay
            self.tell(kind, name, f"delay{suffix}",
                      "what counts snapshots is not carried where these last differently", f"{delay:g}")
        if isinstance(share, np.ndarray) or self.slices.periods:
            self.tell(kind, name, f"delay{suffix}",
                      "a delay over periods, or of an efficiency over time, is not carried", f"{delay:g}")
        return float(np.ceil(delay / float(self.source.generators[0]) - 1e-9)) * self.hours

    def _round(self) -> None:
        """Delays that go round the end of the horizon make it cyclic, where nothing else would notice."""
        if len(self.around) > 1:
            self.tell("links", "*", "cyclic_delay",
                      "delays that go round the end beside some that do not are not carried", "True and False")
        if True in self.around:
            self.chain["horizon"]["cyclic"] = True
            for name, process in self.chain["processes"].items():
                if process.keys() & {"on_off", "ramp_up", "ramp_down"}:
                    self.tell("processes", name, "", "ramps and units on and off beside delays that go round the end "
                              "are not carried", "cyclic_delay True")

    def _alias(self, own: str, port: int, commodity: str, site: str, unit: str, ways: tuple[str, ...]) -> str:
        """A second flow of one commodity in a recipe has a name of its own; at its site the one becomes the other."""
        alias = f"{own} end {port}"
        self.chain["commodities"][alias] = {"unit": unit}
        for way in ways:
            taken, given = (alias, commodity) if way == "out" else (commodity, alias)
            self.chain["processes"][self.own("processes", f"{alias} {way}")] = {
                "site": site, "inputs": {taken: quantity(1.0, unit)}, "outputs": {given: quantity(1.0, unit)}}
        return alias

    def _line(self, kind: str, i: int, name: str) -> None:
        part, own = self.source[kind], self.own(kind, name)
        if self.bus(part.text(i, "bus0"))[0] != self.bus(part.text(i, "bus1"))[0]:
            self.tell(kind, name, "bus1", "a line between buses of two carriers is not carried", part.text(i, "bus1"))
            return
        reactance = (line_reactance if kind == "lines" else transformer_reactance)(self.source, i)
        if not np.isfinite(reactance) and self.source.stands(kind, i):
            self.tell(kind, name, "x", "a reactance over a size, voltage or number of nought is not carried",
                      f"{reactance:g}")
            return
        self._route(kind, i, name, own, part.text(i, "bus1"), "s_nom", 0.0, reactance)
        turned = phase_shift_of(self.source, i) if kind == "transformers" else 0.0
        if np.any(turned != 0.0) and "reactance" in self.chain["routes"][own]:
            self.chain["routes"][own]["phase_shift"] = self.vary(own, "phase shift", turned, "deg")

    def _route(self, kind: str, i: int, name: str, own: str, to: str, nominal: str, loss: float,
               reactance: float | None = None) -> None:
        part = self.source[kind]
        commodity, site, unit = self.bus(part.text(i, "bus0"))
        route: dict[str, Any] = {"commodity": commodity, "from": site, "to": self.bus(to)[1]}
        low, high = ("p_min_pu", "p_max_pu") if reactance is None else ("", "s_max_pu")
        reach = reach_of(self, kind, i, high)
        route |= size_of(self, kind, i, name, nominal, self.rate(unit), reach)
        route |= band_of(self, kind, i, name, own, low, high, reach)
        if reactance is not None:
            route |= {"min_load": "-100 %"}
            if self.source.stands(kind, i):  # what is not there closes no cycle
                route["reactance"] = reactance
        if "capacity" not in route and "expansion" not in route:
            self.tell(kind, name, nominal, "an endless size is not carried", "inf")
        if loss:
            route["loss"] = loss
        cost = part.varying(i, "marginal_cost", 0.0)
        if np.any(cost != 0.0):
            route["cost"] = self.vary(own, "cost", cost, f"EUR/{unit}")
        self.chain["routes"][own] = route

def _taken(part: Component, i: int) -> Floats:
    """Return what a load takes, in every snapshot or as one number; below nought it gives."""
    taken = -part.number(i, "sign", -1.0) * np.asarray(part.varying(i, "p_set", 0.0), float)
    return np.asarray(np.nan_to_num(taken), float)


def _least(values: Floats) -> float | Floats:
    return values if values.ndim else float(values)
