"""Where a chain is now: the state file, read and held against its chain, every fault told at once.

A state says a moment of the horizon, what stores hold then, what ran until then, what is on, what is out and until
when, what has been built, and what is left in store at the end is worth. Engines begin from it (`network.begin`); the
runs it names are opened by whoever calls.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lodeworks.chain.check.references import unknown
from lodeworks.chain.entities import Chain
from lodeworks.chain.measures import Measures
from lodeworks.chain.origin import Faults, Origin
from lodeworks.chain.profiles import Steps, horizon_steps
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import Quantity, UnitProblem, parse_quantity

__all__ = ["LONG", "Out", "State", "read_state", "state_of"]

_KEYS = ("at", "until", "hours", "levels", "rates", "on", "off", "out", "built", "values", "plan", "note")
LONG = 1e6  # hours: what is on or off without a word since when


@dataclass(frozen=True, slots=True)
class Out:
    """What is left of an element (a share of its availability), and for how many hours from the moment on."""

    share: float
    hours: float


@dataclass(frozen=True)
class State:
    """A moment of a chain, in canonical units.

    Attributes
    ----------
    at, until
        The moment, and the end of what is asked for.
    first, last
        The same in base steps from the start of the horizon; not whole within a step.
    levels, values
        By store: what it holds, and money for each unit left in it at the end.
    rates, built
        By element: what it ran at until now, and what has been built.
    on
        By process: hours it has been on; minus the hours it has been off.
    out
        By element.
    plan, values_of
        Run folders: of a plan that fills in what is not said, and of one whose marginal values are taken.
    """

    at: dt.datetime
    until: dt.datetime
    first: float
    last: float
    levels: Mapping[str, float] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    on: Mapping[str, float] = field(default_factory=dict)
    out: Mapping[str, Out] = field(default_factory=dict)
    built: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    plan: str = ""
    values_of: str = ""


def read_state(path: str | Path, chain: Chain) -> State:
    """Read a state of a chain from a YAML or JSON file; folders it names are beside it.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    from lodeworks.chain.yaml import load_file

    path = Path(path)
    data, origin = load_file(path)
    return state_of(data, chain, origin=origin, folder=path.parent)


def state_of(data: object, chain: Chain, *, origin: Origin | None = None, folder: Path | None = None) -> State:
    """Return the state that plain data say, as a state file holds them; raises as `read_state` does."""
    reader = _Reader(chain, origin or Origin("state"), folder or Path())
    return reader.read(data)


class _Reader(Faults):
    def __init__(self, chain: Chain, origin: Origin, folder: Path) -> None:
        super().__init__(origin)
        self.chain, self.folder = chain, folder
        units = chain.registry()
        self.measures = Measures(chain, units)
        self.steps: Steps = horizon_steps(chain, units)
        self.end = self.steps.start + dt.timedelta(hours=self.steps.hours * self.steps.count)

    def read(self, data: object) -> State:
        if not isinstance(data, dict):
            raise InputError(Problem("this is not a state", file=self.origin.file, found="nothing" if data is None
                                     else type(data).__name__, expected="keys and values: at, levels, out, …"))
        for key in data:
            if key not in _KEYS:
                self.fault(str(key), "a state has no such key", key, ", ".join(_KEYS), nearest(str(key), _KEYS))
        at = self.moment("at", data.get("at"))
        if at is None and data.get("at") is None:
            self.fault("at", "the moment is not said", "nothing", "such as `at: 2026-03-05 14:20`")
        if at is not None and not self.steps.start <= at < self.end:
            self.fault("at", "outside the horizon", at, f"from {self.steps.start} to before {self.end}")
            at = None
        until = self.until(data, at)
        built = self.quantities(data, "built", self.expandable(), "something that may be built", self.size)
        levels = self.quantities(data, "levels", self.chain.stores, "a store", self.level)
        self.check_levels(levels, built)
        rates = self.quantities(data, "rates", self.running(), "a process, route, supply or demand", self.rate)
        on = self.since(data, "on", 1.0) | self.since(data, "off", -1.0)
        out = self.out(data, at)
        values, values_of = self.values(data)
        plan = self.folder_named("plan", data.get("plan"))
        missing = [name for name in self.chain.stores if name not in (data.get("levels") or {})]
        if missing and data.get("plan") is None:
            self.fault("levels", "what stores hold is not said", f"nothing of {', '.join(missing)}",
                       "a level for each store, or `plan: RUN`, whose levels stand for those not said")
        if self.problems:
            raise InputError(self.problems)
        assert at is not None
        assert until is not None
        return State(at, until, self.step(at), self.step(until), levels, rates, on, out, built,
                     values, plan, values_of)

    # ---- time ---------------------------------------------------------------------------------------

    def step(self, moment: dt.datetime) -> float:
        steps = (moment - self.steps.start).total_seconds() / 3600.0 / self.steps.hours
        return float(round(steps)) if abs(steps - round(steps)) < 1e-9 else steps

    def moment(self, path: str, value: object) -> dt.datetime | None:
        if value is None:
            return None
        try:
            found = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fault(path, "not a time", value, "such as 2026-03-05 14:20")
            return None
        if found.tzinfo is not None:
            self.fault(path, "times are local, without a time zone", value, "such as 2026-03-05 14:20")
            return None
        return found

    def until(self, data: Mapping[str, Any], at: dt.datetime | None) -> dt.datetime | None:
        """Return the end: as said, else that of the day, at most that of the horizon."""
        if data.get("until") is not None and data.get("hours") is not None:
            self.fault("hours", "the end is said twice, by `until` and by `hours`", data["hours"], "one of them")
        found = self.moment("until", data.get("until"))
        if data.get("hours") is not None:
            hours = self.number("hours", data["hours"], self.measures.duration, "a time such as 24 h")
            if hours is not None and hours <= 0.0:
                self.fault("hours", "the time must be longer than nought", data["hours"], "a time such as 24 h")
            elif hours is not None and at is not None:
                found = at + dt.timedelta(hours=hours)
        if found is None:
            if at is None:
                return None
            midnight = dt.datetime.combine(at.date() + dt.timedelta(days=1), dt.time())
            return min(midnight, self.end)
        if at is not None and found <= at:
            self.fault("until", "the end is not after the moment", found, f"after {at}")
        if found > self.end:
            self.fault("until" if data.get("until") is not None else "hours", "the end is outside the horizon", found,
                       f"at most {self.end}")
        return found

    # ---- names and numbers --------------------------------------------------------------------------

    def running(self) -> dict[str, Any]:
        chain = self.chain
        return {**chain.processes, **chain.routes, **chain.supplies, **chain.demands}

    def expandable(self) -> dict[str, Any]:
        chain = self.chain
        every: dict[str, Any] = {**chain.processes, **chain.routes, **chain.stores, **chain.fleets}
        return {name: entity for name, entity in every.items() if entity.expansion is not None}

    def section(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = data.get(key)
        if value is None:
            return {}
        if isinstance(value, dict):
            return {str(name): item for name, item in value.items()}
        self.fault(key, "this is not a list of names with what is said of them", value, f"`{key}: {{NAME: …}}`")
        return {}

    def known(self, path: str, name: str, names: Iterable[str], what: str) -> bool:
        names = list(names)
        if name in names:
            return True
        kind = what.replace("something", "an element").partition(" ")[2]
        element, _, key = path.partition(".")
        problem = unknown(kind, name, names, element, key)
        if name in {**self.running(), **self.chain.stores, **self.chain.fleets, **self.chain.pools}:
            problem = replace(problem, message=f"this is not {what}")
        self.problems.append(self.origin.placed(problem))
        return False

    def quantities(
        self, data: Mapping[str, Any], key: str, names: Mapping[str, Any], what: str,
        convert: Callable[[str], Callable[[Quantity], float]],
    ) -> dict[str, float]:
        found = {}
        for name, text in self.section(data, key).items():
            path = f"{key}.{name}"
            if self.known(path, name, names, what):
                value = self.number(path, text, convert(name), "a number with its unit")
                if value is not None and value < 0.0 and not (key == "levels" and self.may_be_owed(name)):
                    self.fault(path, "below nought", text, "nought or more")
                elif value is not None:
                    found[name] = value
        return found

    def number(self, path: str, text: object, convert: Callable[[Quantity], float], expected: str) -> float | None:
        try:
            return convert(parse_quantity(text))
        except (ValueError, UnitProblem) as error:
            self.fault(path, str(error), text, expected)
            return None

    def commodity(self, name: str) -> str:
        """Return what an element's rate counts."""
        if name in self.chain.processes:
            return self.measures.reference_of(self.chain.processes[name])
        return str({**self.running(), **self.chain.stores}[name].commodity)

    def rate(self, name: str) -> Callable[[Quantity], float]:
        return lambda quantity: self.measures.rate(quantity, self.commodity(name))

    def level(self, name: str) -> Callable[[Quantity], float]:
        return lambda quantity: self.measures.amount(quantity, self.chain.stores[name].commodity)

    def size(self, name: str) -> Callable[[Quantity], float]:
        if name in self.chain.fleets:
            return self.measures.number
        return self.level(name) if name in self.chain.stores else self.rate(name)

    def may_be_owed(self, store: str) -> bool:
        return self.chain.stores[store].min_level is not None

    def check_levels(self, levels: Mapping[str, float], built: Mapping[str, float]) -> None:
        for name, level in levels.items():
            store = self.chain.stores[name]
            if store.capacity is None and store.expansion is None:
                continue
            room = self.measures.amount(store.capacity, store.commodity) if store.capacity is not None else 0.0
            room += built.get(name, 0.0)
            if level > room * (1.0 + 1e-9):
                unit = self.measures.unit_of(store.commodity)
                self.fault(f"levels.{name}", "more than the store can hold", f"{level:g} {unit}",
                           f"at most {room:g} {unit}")

    # ---- on, out, worth -----------------------------------------------------------------------------

    def since(self, data: Mapping[str, Any], key: str, sign: float) -> dict[str, float]:
        """Return hours on or off: ``on: [a, b]`` for long, ``on: {a: 5 h}``."""
        value = data.get(key)
        given = {str(name): None for name in value} if isinstance(value, list) else self.section(data, key)
        names = [name for name, process in self.chain.processes.items() if process.on_off]
        names += [name for name, route in self.chain.routes.items() if route.on_off]
        found = {}
        for name, text in given.items():
            path = f"{key}.{name}"
            if not self.known(path, name, names, "a process or route that can be off"):
                continue
            hours = LONG if text is None else self.number(path, text, self.measures.duration, "a time such as 5 h")
            if key == "off" and name in (data.get("on") or ()):
                self.fault(path, "said to be on as well", name, "on or off")
            elif hours is not None and hours <= 0.0:
                self.fault(path, "the time must be longer than nought", text, "a time such as 5 h")
            elif hours is not None:
                found[name] = sign * hours
        return found

    def out(self, data: Mapping[str, Any], at: dt.datetime | None) -> dict[str, Out]:
        """Return what is out: ``out: {psa: 2026-03-05 18:00}``, or ``{psa: {until: …, share: 60 %}}``."""
        names = [*self.running(), *self.chain.fleets, *self.chain.pools]
        found = {}
        for name, said in self.section(data, "out").items():
            path = f"out.{name}"
            if not self.known(path, name, names, "an element that can be out"):
                continue
            parts = said if isinstance(said, dict) else {"until": said}
            for key in parts:
                if key not in ("until", "share"):
                    self.fault(f"{path}.{key}", "no such key", key, "until, share",
                               nearest(str(key), ("until", "share")))
            share = 0.0
            if parts.get("share") is not None:
                given = self.number(f"{path}.share", parts["share"], self.measures.fraction, "a share such as 60 %")
                if given is not None and not 0.0 <= given <= 1.0:
                    self.fault(f"{path}.share", "a share lies between nought and one", parts["share"], "such as 60 %")
                share = given or 0.0
            end = self.moment(f"{path}.until", parts.get("until"))
            if end is not None and at is not None and end <= at:
                self.fault(f"{path}.until", "out until a time that has passed", end, f"after {at}")
            if at is not None:
                found[name] = Out(share, (end - at).total_seconds() / 3600.0 if end is not None else math.inf)
        return found

    def values(self, data: Mapping[str, Any]) -> tuple[dict[str, float], str]:
        """Return worth by store, or the folder of a run; a commodity's name stands for all its stores."""
        if isinstance(data.get("values"), str):
            return {}, self.folder_named("values", data["values"])
        stores = self.chain.stores
        kept = list(dict.fromkeys(store.commodity for store in stores.values()))
        found: dict[str, float] = {}
        section = self.section(data, "values")
        for name, text in sorted(section.items(), key=lambda item: item[0] in stores):  # a store's own comes last
            path = f"values.{name}"
            if self.known(path, name, [*kept, *stores], "a store or a commodity in store"):
                commodity = stores[name].commodity if name in stores else name
                price = self.number(path, text, self._price(commodity), "money for one unit")
                if price is not None:
                    chosen = [name] if name in stores else [s for s, e in stores.items() if e.commodity == name]
                    found |= dict.fromkeys(chosen, price)
        return found, ""

    def _price(self, commodity: str) -> Callable[[Quantity], float]:
        return lambda quantity: self.measures.price(quantity, commodity)

    def folder_named(self, key: str, value: object) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(key, "this is not a run folder", value, "the folder of a run")
            return ""
        folder = (self.folder / value).resolve()
        if not (folder / "manifest.json").is_file():
            self.fault(key, "there is no run here", value, "the folder of a run, from where the state file is")
        return str(folder)
