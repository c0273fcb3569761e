"""A PyPSA network becomes a chain: buses balances, carriers commodities, generators and links processes, lines routes.

What each component becomes is one function here. A network's optimum is the chain's, because the language says the
same things; what it cannot say is told by name (`carried`) and refused unless asked to be left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError, Problem
from lodeworks.exchange.carried import missing, not_carried
from lodeworks.exchange.commitment import on_off, parting
from lodeworks.exchange.netcdf import Floats, Source, read_source
from lodeworks.exchange.wires import line_reactance, transformer_reactance
from lodeworks.units import Units

__all__ = ["import_pypsa"]

_YEAR = 8760.0
_SECTIONS = ("commodities", "sites", "processes", "supplies", "demands", "routes", "stores", "policies", "profiles")


def import_pypsa(path: str | Path, *, leave_out: bool = False) -> tuple[Chain, list[Problem]]:
    """Read a network file as a chain.

    Parameters
    ----------
    leave_out
        Whether to go on without what is not carried.

    Returns
    -------
    Chain, list of Problem
        The chain, and what was left out of it.

    Raises
    ------
    InputError
        If it is no network file, if it is faulty, or if something of it is not carried; every problem at once.
    """
    source = read_source(Path(path))
    if source.beyond:
        raise InputError(source.beyond)
    faults = list(missing(source))
    left = [] if faults else list(not_carried(source))
    writer = _Writer(source)
    if not faults:
        writer.write()
    left += writer.left
    if faults or (left and not leave_out):
        raise InputError([*faults, *left])
    return Chain.model_validate(writer.chain), left


def _q(value: float, unit: str = "") -> str:
    return f"{float(value)!r} {unit}".strip()


class _Writer:
    """A chain on its way, with names that are unique and hold no point."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.left: list[Problem] = []
        self.hours = float(source.stores[0])
        self.total = self.hours * len(source.stores)
        self.taken: set[str] = set()
        self.names: dict[tuple[str, str], str] = {}
        self.chain: dict[str, Any] = {
            "chain": _plain(source.name) or "network", "currency": "EUR", "objective": "cost",
            "horizon": {
                "start": str(np.datetime_as_string(source.start.astype("datetime64[s]"))), "step": _q(self.hours, "h"),
                "length": _q(self.total, "h"), "cyclic": False, "discount": "0 %/a",
            },
            **{section: {} for section in _SECTIONS},
        }
        self.units: dict[str, str] = {}

    def write(self) -> None:
        """Write every component; what cannot be said is put into `left`."""
        self._time()
        self._buses()
        for kind, add in (("generators", self._generator), ("loads", self._load), ("links", self._link),
                          ("lines", self._line), ("transformers", self._line), ("stores", self._store),
                          ("storage_units", self._storage_unit)):
            for i, name in enumerate(self.source[kind].names):
                if self.source[kind].flag(i, "active", True):
                    add(kind, i, name)
        for i, name in enumerate(self.source["global_constraints"].names):
            self._limit(i, name)

    # ---- words --------------------------------------------------------------------------------------

    def tell(self, kind: str, name: str, key: str, message: str, found: str) -> None:
        """Note what is not carried."""
        self.left.append(Problem(message, element=f"{kind}.{name}", key=key, found=found,
                                 expected="a network without it, or --leave-out to go on without it"))

    def own(self, kind: str, name: str) -> str:
        """Return the name an element has in the chain: its own where nothing else has it."""
        word = kind.removesuffix("s").replace("_", " ")
        free = _plain(name) or word
        for candidate in (free, f"{word} {free}", *(f"{word} {free} {k}" for k in range(2, 10_000))):
            if candidate not in self.taken:
                self.taken.add(candidate)
                self.names[kind, name] = candidate
                return candidate
        raise AssertionError(name)

    def vary(self, name: str, key: str, value: float | Floats, unit: str = "") -> Any:
        """Return a number, or the name of a profile that holds a series."""
        if not isinstance(value, np.ndarray):
            return _q(value, unit)
        if np.all(value == value[0]):
            return _q(value[0], unit)
        profile = f"{name} {key}"
        self.chain["profiles"][profile] = {"values": [float(v) for v in value], **({"unit": unit} if unit else {})}
        return {"profile": profile}

    def bus(self, name: str) -> tuple[str, str, str]:
        """Return a bus's commodity, site and unit."""
        buses = self.source["buses"]
        commodity = _plain(buses.text(buses.names.index(name), "carrier", "AC")) or "energy"
        return commodity, self.names["buses", name], self.units[commodity]

    def rate(self, unit: str) -> str:
        """Return the unit of a rate."""
        return "MW" if unit == "MWh" else f"{unit}/h"

    # ---- time and places ----------------------------------------------------------------------------

    def _time(self) -> None:
        s = self.source
        if np.any(s.stores != s.stores[0]):
            self.tell("snapshots", "weightings", "stores", "steps of different length are not carried",
                      f"{s.stores.min():g} to {s.stores.max():g} h")
        for key, weights in (("objective", s.objective), ("generators", s.generators)):
            if np.any(weights != s.stores):
                self.tell("snapshots", "weightings", key, "steps that count otherwise than they last are not carried",
                          f"{weights.min():g} to {weights.max():g} against {s.stores.min():g} to {s.stores.max():g} h")

    def _buses(self) -> None:
        buses, known = self.source["buses"], Units.of({})
        for i, name in enumerate(buses.names):
            carrier = _plain(buses.text(i, "carrier", "AC")) or "energy"
            unit = re.sub(r"^MW$|^MWh?_.*$|^MWel$|^MWth$", "MWh", buses.text(i, "unit").removesuffix("/h")) or "MWh"
            unit = unit if known.known(unit) else "MWh"
            if self.units.setdefault(carrier, unit) != unit:
                self.tell("buses", name, "unit", f"another unit than other buses of {carrier}", unit)
            self.chain["commodities"].setdefault(carrier, {"unit": self.units[carrier]})
            x, y = buses.number(i, "x", 0.0), buses.number(i, "y", 0.0)
            on_globe = abs(x) <= 180.0 and abs(y) <= 90.0 and (x, y) != (0.0, 0.0)
            place = {"longitude": x, "latitude": y} if on_globe else {}
            site = _plain(name) or "bus"
            while site in self.chain["sites"]:
                site += "'"
            self.names["buses", name] = site
            self.chain["sites"][site] = place

    # ---- what runs ----------------------------------------------------------------------------------

    def _generator(self, kind: str, i: int, name: str) -> None:
        part, own = self.source[kind], self.own(kind, name)
        commodity, site, unit = self.bus(part.text(i, "bus"))
        side = "outputs" if part.number(i, "sign", 1.0) > 0.0 else "inputs"
        amount = abs(part.number(i, "sign", 1.0))
        process = {"site": site, side: {commodity: _q(amount, unit)}, "reference": commodity}
        self._run(kind, i, name, own, process, amount, unit)
        least, most = part.number(i, "e_sum_min", -np.inf), part.number(i, "e_sum_max", np.inf)
        limits = {key: _q(v * amount, unit) for key, v in (("least", least), ("most", most)) if np.isfinite(v)}
        if limits:
            self.chain["policies"][self.own("policies", f"energy of {own}")] = {"sum": {own: 1}, **limits}

    def _run(self, kind: str, i: int, name: str, own: str, process: dict[str, Any], amount: float, unit: str) -> None:
        """Give a process its size, bounds, costs and speed; `amount` of the reference goes with one unit of p."""
        part, rate = self.source[kind], self.rate(unit)
        sized = self._size(kind, i, name, "p_nom", rate, amount)
        process |= sized
        bounded = bool(sized)
        if bounded:
            process |= self._band(kind, i, name, own, "p_min_pu", "p_max_pu", 0.0)
        elif np.any(np.asarray(part.varying(i, "p_min_pu", 0.0)) != 0.0):
            self.tell(kind, name, "p_min_pu", "a least rate without a size is not carried", "p_nom inf")
        cost = part.varying(i, "marginal_cost", 0.0)
        if np.any(cost != 0.0):
            process["cost"] = self.vary(own, "cost", cost / amount, f"EUR/{unit}")
        for ramp, key in (("ramp_limit_up", "ramp_up"), ("ramp_limit_down", "ramp_down")):
            limit = part.number(i, ramp, np.nan)
            if not np.isnan(limit):
                process[key] = _q(limit / self.hours, "1/h")
        if part.flag(i, "committable"):
            process |= on_off(part, i, self.hours)
            for key, message, found in parting(part, i, "p_nom"):
                self.tell(kind, name, key, message, found)
        self.chain["processes"][own] = process

    def _size(self, kind: str, i: int, name: str, nominal: str, unit: str, per: float = 1.0) -> dict[str, Any]:
        """Return capacity or expansion; `per` of the unit goes with one unit of the nominal."""
        part = self.source[kind]
        if not part.flag(i, f"{nominal}_extendable"):
            size = part.number(i, nominal, 0.0)
            return {"capacity": _q(size * per, unit)} if np.isfinite(size) else {}
        cost = (part.number(i, "capital_cost", 0.0) + part.number(i, "fom_cost", 0.0)) / per
        least, most = part.number(i, f"{nominal}_min", 0.0), part.number(i, f"{nominal}_max", np.inf)
        expansion = {"fixed": _q(cost * _YEAR / self.total, f"EUR/({unit})/a")}
        if least > 0.0:
            expansion["least"] = _q(least * per, unit)
        if np.isfinite(most):
            expansion["most"] = _q(most * per, unit)
        elif part.flag(i, "committable"):
            self.tell(kind, name, f"{nominal}_max", "what can be off and is built without bound is not carried", "inf")
        return {"expansion": expansion}

    def _band(self, kind: str, i: int, name: str, own: str, low: str, high: str, default: float) -> dict[str, Any]:
        """Return availability and minimum load of per-unit bounds: the least as a share of the most."""
        part = self.source[kind]
        most, least = part.varying(i, high, 1.0), part.varying(i, low, default)
        if np.any(np.asarray(most) > 1.0) or np.any(np.asarray(most) < 0.0):
            self.tell(kind, name, high, "a share outside 0 to 1 is not carried",
                      f"{np.min(most):g} to {np.max(most):g}")
            most = np.clip(most, 0.0, 1.0) if isinstance(most, np.ndarray) else min(max(most, 0.0), 1.0)
        if np.any((np.asarray(most) == 0.0) & (np.asarray(least) != 0.0)):
            self.tell(kind, name, low, "a least rate where the most is nought is not carried", "above or below 0")
        found: dict[str, Any] = {}
        if np.any(np.asarray(most) != 1.0):
            found["availability"] = self.vary(own, "availability", most)
        if np.any(np.asarray(least) != 0.0):
            shape = np.broadcast_shapes(np.shape(most), np.shape(least))
            zero = np.zeros(shape)
            share = np.divide(np.broadcast_to(least, shape), np.broadcast_to(most, shape), out=zero,
                              where=np.broadcast_to(most, shape) > 0.0)
            found["min_load"] = self.vary(own, "minimum load", share if share.ndim else float(share))
        return found

    def _load(self, kind: str, i: int, name: str) -> None:
        part, own = self.source[kind], self.own(kind, name)
        commodity, site, unit = self.bus(part.text(i, "bus"))
        amount = -part.number(i, "sign", -1.0) * np.asarray(part.varying(i, "p_set", 0.0))
        amount = np.nan_to_num(amount)
        at = {"commodity": commodity, "site": site}
        needed, given = np.maximum(amount, 0.0), np.maximum(-amount, 0.0)
        if needed.any():
            self.chain["demands"][own] = {**at, "amount": self.vary(own, "amount", _least(needed), self.rate(unit))}
        if given.any():
            feed = self.own("supplies", f"{own} given")
            fixed = self.vary(feed, "amount", _least(given), self.rate(unit))
            self.chain["supplies"][feed] = {**at, "least": fixed, "most": fixed}

    def _link(self, kind: str, i: int, name: str) -> None:
        """A link of two ends of one carrier that only carries is a route; every other is a process."""
        part, own = self.source[kind], self.own(kind, name)
        keys = sorted((k for k in part.columns if re.fullmatch(r"bus\d+", k)), key=lambda k: int(k[3:]))
        ends = [(int(k[3:]), part.text(i, k)) for k in keys if part.text(i, k)]
        (commodity, site, unit), others = self.bus(ends[0][1]), ends[1:]
        yields = [part.number(i, "efficiency" if port == 1 else f"efficiency{port}", 1.0) for port, _ in others]
        alone = len(others) == 1 and self.bus(others[0][1])[0] == commodity and site != self.bus(others[0][1])[1]
        ramped = any(not np.isnan(part.number(i, key, np.nan)) for key in ("ramp_limit_up", "ramp_limit_down"))
        if alone and 0.0 <= yields[0] <= 1.0 and not part.flag(i, "committable") and not ramped:
            self._route(kind, i, name, own, others[0][1], "p_nom", 1.0 - yields[0])
            return
        process: dict[str, Any] = {"site": site, "inputs": {commodity: _q(1.0, unit)}, "outputs": {},
                                   "reference": commodity}
        both = bool(np.any(np.asarray(part.varying(i, "p_min_pu", 0.0)) < 0.0))
        seen = {"inputs": {commodity}, "outputs": {commodity}}
        for (port, bus), share in zip(others, yields, strict=True):
            if share == 0.0:
                continue
            to, place, own_unit = self.bus(bus)
            side = "outputs" if share > 0.0 else "inputs"
            if to in seen[side]:
                ways = ("out", "back") if both else ("out",) if side == "outputs" else ("back",)
                to = self._alias(own, port, to, place, own_unit, ways)
            seen[side].add(to)
            process[side][to] = {"amount": _q(abs(share), own_unit), "site": place}
        if sum(max(share, 0.0) for share in yields) > 1.0:
            process["ambient"] = True
        self._run(kind, i, name, own, process, 1.0, unit)

    def _alias(self, own: str, port: int, commodity: str, site: str, unit: str, ways: tuple[str, ...]) -> str:
        """A second flow of one commodity in a recipe has a name of its own; at its site the one becomes the other."""
        alias = f"{own} end {port}"
        self.chain["commodities"][alias] = {"unit": unit}
        for way in ways:
            taken, given = (alias, commodity) if way == "out" else (commodity, alias)
            self.chain["processes"][self.own("processes", f"{alias} {way}")] = {
                "site": site, "inputs": {taken: _q(1.0, unit)}, "outputs": {given: _q(1.0, unit)}}
        return alias

    def _line(self, kind: str, i: int, name: str) -> None:
        part, own = self.source[kind], self.own(kind, name)
        if self.bus(part.text(i, "bus0"))[0] != self.bus(part.text(i, "bus1"))[0]:
            self.tell(kind, name, "bus1", "a line between buses of two carriers is not carried", part.text(i, "bus1"))
            return
        reactance = (line_reactance if kind == "lines" else transformer_reactance)(self.source, i)
        self._route(kind, i, name, own, part.text(i, "bus1"), "s_nom", 0.0, reactance)

    def _route(self, kind: str, i: int, name: str, own: str, to: str, nominal: str, loss: float,
               reactance: float | None = None) -> None:
        part = self.source[kind]
        commodity, site, unit = self.bus(part.text(i, "bus0"))
        route: dict[str, Any] = {"commodity": commodity, "from": site, "to": self.bus(to)[1]}
        route |= self._size(kind, i, name, nominal, self.rate(unit))
        if reactance is None:
            route |= self._band(kind, i, name, own, "p_min_pu", "p_max_pu", 0.0)
        else:
            route |= self._band(kind, i, name, own, "", "s_max_pu", 0.0)
            route |= {"min_load": "-100 %", "reactance": reactance}
        if "capacity" not in route and "expansion" not in route:
            self.tell(kind, name, nominal, "an endless size is not carried", "inf")
        if loss:
            route["loss"] = loss
        cost = part.varying(i, "marginal_cost", 0.0)
        if np.any(cost != 0.0):
            route["cost"] = self.vary(own, "cost", cost, f"EUR/{unit}")
        self.chain["routes"][own] = route

    # ---- what holds ---------------------------------------------------------------------------------

    def _held(self, kind: str, i: int, name: str, keys: tuple[str, str, str], unit: str) -> dict[str, Any]:
        """Return what stores and storage units share: losses, start and end, holding costs, given levels."""
        part, (cyclic, initial, given) = self.source[kind], keys
        loss, found = part.number(i, "standing_loss", 0.0), dict[str, Any]()
        if loss:
            found["loss"] = _q(loss, "1/h")
        if part.number(i, "marginal_cost_storage", 0.0):
            found["cost"] = _q(part.number(i, "marginal_cost_storage", 0.0), f"EUR/{unit}/h")
        if not part.flag(i, cyclic):
            start = part.number(i, initial, 0.0) / (1.0 - loss) ** self.hours
            found |= {"end": "free", "initial": _q(start, unit)}
        levels = np.broadcast_to(part.varying(i, given, np.nan), len(self.source.stores))
        if not np.isnan(levels).all():
            step = np.timedelta64(round(self.hours * 3600), "s")
            found["levels"] = {
                str(self.source.start.astype("datetime64[s]") + (t + 1) * step).replace("T", " "): _q(levels[t], unit)
                for t in map(int, np.flatnonzero(~np.isnan(levels)))
            }
        return found

    def _store(self, kind: str, i: int, name: str) -> None:
        part, own = self.source[kind], self.own(kind, name)
        commodity, site, unit = self.bus(part.text(i, "bus"))
        store: dict[str, Any] = {"commodity": commodity, "site": site}
        store |= self._size(kind, i, name, "e_nom", unit)
        store |= self._held(kind, i, name, ("e_cyclic", "e_initial", "e_set"), unit)
        for key, attribute, default in (("min_level", "e_min_pu", 0.0), ("max_level", "e_max_pu", 1.0)):
            share = part.varying(i, attribute, default)
            if np.any(share != default):
                store[key] = self.vary(own, key.replace("_", " "), share)
        cost = part.varying(i, "marginal_cost", 0.0)
        if np.any(cost != 0.0):
            store["discharge_cost"] = self.vary(own, "discharge cost", cost, f"EUR/{unit}")
            store["charge_cost"] = self.vary(own, "charge cost", -cost, f"EUR/{unit}")
        if part.number(i, "sign", 1.0) != 1.0:
            self.tell(kind, name, "sign", "is not carried", part.text(i, "sign"))
        self.chain["stores"][own] = store

    def _storage_unit(self, kind: str, i: int, name: str) -> None:
        """Power and energy grow together: the store's capacity is max_hours of power, its doors shares of it."""
        part, own = self.source[kind], self.own(kind, name)
        commodity, site, unit = self.bus(part.text(i, "bus"))
        hours = part.number(i, "max_hours", 1.0)
        if hours <= 0.0:
            self.tell(kind, name, "max_hours", "a storage unit that holds nothing is not carried", f"{hours:g}")
            return
        store: dict[str, Any] = {"commodity": commodity, "site": site}
        store |= self._size(kind, i, name, "p_nom", unit, hours)
        store |= self._held(kind, i, name, ("cyclic_state_of_charge", "state_of_charge_initial", "state_of_charge_set"),
                            unit)
        most, least = part.varying(i, "p_max_pu", 1.0), part.varying(i, "p_min_pu", -1.0)
        store["discharge_share"] = self.vary(own, "discharge share", most / hours, "1/h")
        store["charge_share"] = self.vary(own, "charge share", -least / hours, "1/h")
        efficiencies = {"charge_efficiency": "efficiency_store", "discharge_efficiency": "efficiency_dispatch"}
        for key, attribute in efficiencies.items():
            if part.number(i, attribute, 1.0) != 1.0:
                store[key] = part.number(i, attribute, 1.0)
        if np.any(np.asarray(part.varying(i, "inflow", 0.0)) != 0.0):
            store["inflow"] = self.vary(own, "inflow", part.varying(i, "inflow", 0.0), self.rate(unit))
        cost = part.varying(i, "marginal_cost", 0.0)
        if np.any(cost != 0.0):
            store["discharge_cost"] = self.vary(own, "discharge cost", cost, f"EUR/{unit}")
        if part.number(i, "sign", 1.0) != 1.0:
            self.tell(kind, name, "sign", "is not carried", part.text(i, "sign"))
        self.chain["stores"][own] = store

    # ---- limits -------------------------------------------------------------------------------------

    def _limit(self, i: int, name: str) -> None:
        """Limits on primary energy and on what a carrier's generators make are policies."""
        limits, generators, carriers = (self.source[k] for k in ("global_constraints", "generators", "carriers"))
        kind, attribute = limits.text(i, "type", "primary_energy"), limits.text(i, "carrier_attribute", "co2_emissions")
        weight = {
            carrier: carriers.number(k, attribute, 0.0) if kind == "primary_energy" else float(carrier == attribute)
            for k, carrier in enumerate(carriers.names)
        }
        for held, cyclic in (("storage_units", "cyclic_state_of_charge"), ("stores", "e_cyclic")):
            part = self.source[held]
            for k, unit in enumerate(part.names):
                if weight.get(part.text(k, "carrier"), 0.0) and not part.flag(k, cyclic):
                    self.tell("global_constraints", name, "", "what a store holds more or less is not carried",
                              f"{held}.{unit}")
        total: dict[str, Any] = {}
        for k, generator in enumerate(generators.names):
            each = weight.get(generators.text(k, "carrier"), 0.0)
            if each and ("generators", generator) in self.names:
                if kind == "primary_energy":
                    each /= generators.number(k, "efficiency", 1.0)
                total[self.names["generators", generator]] = _q(each / abs(generators.number(k, "sign", 1.0)),
                                                                "t/MWh" if kind == "primary_energy" else "")
        if not total:
            return
        sense = limits.text(i, "sense", "==")
        amount = _q(limits.number(i, "constant", 0.0), "t" if kind == "primary_energy" else "MWh")
        keys = {"<=": ("most",), ">=": ("least",), "==": ("least", "most")}[sense]
        self.chain["policies"][self.own("policies", name)] = {"sum": total, **dict.fromkeys(keys, amount)}


def _plain(name: str) -> str:
    """Return a name without points and control characters, which names of a chain must not have."""
    return re.sub(r"[.\x00-\x1f\x7f]", "_", name).strip()


def _least(values: Floats) -> float | Floats:
    return values if values.ndim else float(values)
