"""What is true for every tag at any moment of a rehearsal: from the plant, the air, people and rounds, and the script.

Elements do what the simulation did. Air is worse where work goes on and where fans stand; what nothing here knows
wanders slowly in the middle of its range, inside the limits of its place. Sensors come after (`sensors`, `planted`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from lodeworks.network.arrays import Floats
from lodeworks.network.live import Live, Tag
from lodeworks.rehearse.people import people_by_tag
from lodeworks.rehearse.plant import Plant
from lodeworks.rehearse.rounds import Riding
from lodeworks.rehearse.script import Event, Script
from lodeworks.rehearse.sensors import key_of, wander
from lodeworks.rehearse.shapes import Timed, follows, ramp

__all__ = ["Truths", "word_of"]

# By quantity: what is usual in the usual unit, how much more where work goes on, and how far it wanders.
_USUAL: dict[str, tuple[float, float, float]] = {
    "methane": (0.15, 0.15, 0.03), "co": (2.5, 2.0, 0.8), "co2": (0.1, 0.05, 0.02), "oxygen": (20.7, -0.1, 0.05),
    "hydrogen_sulphide": (0.5, 0.2, 0.2), "hydrogen": (0.0, 0.0, 0.0), "temperature": (22.0, 2.0, 0.5),
    "humidity": (85.0, 2.0, 2.0), "air_speed": (1.6, 0.0, 0.08), "dust": (0.8, 1.4, 0.15),
    "water_level": (2.4, 0.0, 0.15), "water_inflow": (180.0, 0.0, 8.0), "vibration": (1.5, 1.0, 0.2),
    "sound": (60.0, 18.0, 1.0), "pressure": (101.0, 0.0, 0.3),
}
_FED_BY_AIR = ("methane", "co", "co2", "hydrogen_sulphide", "dust")
_STILL_H = 1.0 / 6.0  # gas gathers and is blown out with this memory when a fan stops or starts
_WORK_H = 0.2
_EVEN_H = 0.1  # batches run into one another on a belt and in a machine
_WORDS = {"runs": ("runs", "on", "running", "open", "rides"), "stopped": ("stopped", "off", "stands", "none", "closed"),
          "fault": ("fault", "failed", "trip")}


def word_of(tag: Tag, what: str) -> float:
    """Return the number a state tag gives for `runs`, `stopped`, `fault` or a word of its own."""
    own = {en.casefold(): number for number, en, _ in tag.words}
    for word in (what, *_WORDS.get(what, ())):
        if word in own:
            return float(own[word])
    return {"runs": 1.0, "fault": 2.0 if 2 in own.values() else 0.0}.get(what, 0.0)


class Truths:
    """What is true for each tag.

    Attributes
    ----------
    ridings
        The rounds, by the tags that belong to them.
    """

    def __init__(
        self, live: Live, plant: Plant, script: Script, moment: dt.datetime, seed: int, hours: float,
    ) -> None:
        self.live, self.plant, self.script, self.seed, self.hours = live, plant, script, seed, hours
        self._tags = {tag.name: tag for tag in live.tags}
        self._sites = {e.name: e.site for e in plant.network.elements}
        self._known: dict[str, Timed] = people_by_tag(live, script, moment, seed)
        self.ridings: dict[str, Riding] = {}
        for made in live.rounds:
            riding = Riding.over(made, script, seed, hours)
            names = [name for name in (made.position, *made.tags) if name in self._tags]
            self.ridings |= dict.fromkeys(names, riding)
            self._known |= riding.by_tag({name: self._tags[name].reads for name in names})
        self._work: dict[tuple[str, ...], Timed] = {}
        self._air: dict[str, Timed] = {}

    def of(self, name: str) -> Timed:
        """Return what is true for a tag, in its unit, with what the script does to the plant itself."""
        tag = self._tags[name]
        if name not in self._known:
            self._known[name] = self._made(tag)
        return self._with_events(tag, self._known[name])

    # ---- elements ------------------------------------------------------------------------------------

    def _made(self, tag: Tag) -> Timed:
        if tag.kind == "state":
            return self._state(tag)
        if tag.element and tag.reads == "flow":
            course, factor = self.plant.flow(tag.element, tag.commodity), 1.0 / tag.factor
            if tag.kind == "counter":
                return lambda hours: course.total(hours) * factor
            return lambda hours: course.mean(hours, _EVEN_H) * factor
        if tag.element and tag.reads == "level":
            times, levels = self.plant.level(tag.element)
            return lambda hours: np.interp(hours, times, levels) / tag.factor
        if tag.element and tag.reads == "load":
            load = self.plant.load(tag.element)
            return lambda hours: load.mean(hours, _EVEN_H) / tag.factor
        return self._drive(tag) if tag.element else self._surroundings(tag)

    def _state(self, tag: Tag) -> Timed:
        runs, stopped, fault = (word_of(tag, what) for what in ("runs", "stopped", "fault"))
        riding = self.ridings.get(tag.name)
        if riding is not None:
            words = {word: word_of(tag, word) for word in ("charging", "rides", "stands")}
            return lambda hours: np.array([words[str(word)] for word in riding.doing(hours)])
        if not tag.element:
            quiet = stopped if tag.reads in ("smoke", "fire") or "smoke" in tag.name else runs
            return lambda hours: np.full(len(hours), quiet)
        working, down = self.plant.state(tag.element)
        carries = self._is(tag.element, "route", "supply")  # a belt turns empty, too; a feeder is on without load

        def state(hours: Floats) -> Floats:
            broken = (down.at(hours) > 0.0) & (working.at(hours) == 0.0)
            on = carries | (working.at(hours) > 0.0)
            return np.where(broken, fault, np.where(on, runs, stopped))

        return state

    def _is(self, element: str, *kinds: str) -> bool:
        return any(e.name == element and e.kind in kinds for e in self.plant.network.elements)

    def _drive(self, tag: Tag) -> Timed:
        """Return what a drive shows: speed while it turns, current and heat by its load."""
        load, (working, down) = self.plant.load(tag.element), self.plant.state(tag.element)
        carries, most = self._is(tag.element, "route", "supply"), tag.high if np.isfinite(tag.high) else 100.0

        def turns(hours: Floats) -> Floats:
            on: Floats = ((down.at(hours) == 0.0) & (carries | (working.at(hours) > 0.0))).astype(float)
            return on

        if tag.reads == "speed":
            return lambda hours: 0.62 * most * turns(hours)
        if tag.reads in ("current", "power"):
            return lambda hours: most * (0.22 + 0.4 * np.minimum(load.mean(hours, _EVEN_H), 1.2)) * turns(hours)
        if tag.reads == "voltage":
            return lambda hours: most * 0.84 * np.ones(len(hours))
        if tag.reads == "temperature":
            warm = follows(lambda hours: turns(hours) * np.minimum(load.at(hours), 1.2), self.hours, memory_h=0.7)
            return lambda hours: 32.0 + 30.0 * warm(hours)
        return self._surroundings(tag)

    # ---- air and the rest ----------------------------------------------------------------------------

    def _surroundings(self, tag: Tag) -> Timed:
        what = tag.quantity or tag.reads
        base, more, far = self._usual(tag, what)
        drift, work, air = key_of(self.seed, tag.name, "wander"), self._work_near(tag), self._air_at(tag)

        def value(hours: Floats) -> Floats:
            found = base + more * work(hours) + far * wander(drift, hours, slow_h=0.5)
            if what in ("air_speed", "air_pressure"):
                return found * air(hours)
            return found / np.maximum(air(hours), 0.05) if what in _FED_BY_AIR else found

        return value

    def _usual(self, tag: Tag, what: str) -> tuple[float, float, float]:
        """Return what is usual for a tag: well inside the limits of its place, else in the middle of its range."""
        rows = [row for row in self.live.limits if row.place == tag.place and row.quantity == what
                and row.site in ("", tag.site)] if tag.place else []
        low = max((row.low for row in rows if row.low is not None), default=tag.low)
        high = min((row.high for row in rows if row.high is not None), default=tag.high)
        if what in _USUAL:
            base, more, far = _USUAL[what]
            if base + more + 6.0 * far > high:
                base = high - more - 7.0 * far
                if base < 0.0 < high:
                    base, more, far = 0.3 * high, 0.2 * high, 0.03 * high
            return max(base, low + 6.0 * far) if low > 0.0 else base, more, far
        if np.isfinite(low) and np.isfinite(high):
            return low + 0.5 * (high - low), 0.0, 0.02 * (high - low)
        return 1.0, 0.0, 0.02

    def _work_near(self, tag: Tag) -> Timed:
        """Return how much work goes on where a tag is, nought to one: at its site, else in its zone, else anywhere."""
        processes = [e.name for e in self.plant.network.elements if e.kind == "process"]
        zone = {other.site for other in self.live.tags if tag.zone and other.zone == tag.zone}
        near = next((found for sites in ({tag.site}, zone) if sites
                     and (found := tuple(p for p in processes if self._sites[p] in sites))), tuple(processes))
        if near not in self._work:
            loads = [self.plant.load(name) for name in near]
            mean: Timed = lambda hours: (  # noqa: E731 (one expression, handed on)
                np.mean([np.minimum(load.at(hours), 1.0) for load in loads], axis=0) if loads else np.zeros(len(hours)))
            self._work[near] = follows(mean, self.hours, memory_h=_WORK_H)
        return self._work[near]

    def _air_at(self, tag: Tag) -> Timed:
        """Return how much of its air a place has: less while a fan stands, of its own zone or of the whole mine."""
        if tag.zone not in self._air:
            fans = [other for other in self.live.tags if other.kind == "state" and "fan" in other.name
                    and other.zone in ("", tag.zone)]
            stops = [event for event in self.script.of("stop", "fault") if event.about in {fan.name for fan in fans}]
            blown: Timed = lambda hours: 1.0 - 0.9 * np.max(  # noqa: E731
                [ramp(event, hours) for event in stops] + [np.zeros(len(hours))], axis=0)
            self._air[tag.zone] = follows(blown, self.hours, memory_h=_STILL_H) if stops else (
                lambda hours: np.ones(len(hours)))
        return self._air[tag.zone]

    # ---- what the script does to the plant -----------------------------------------------------------

    def _with_events(self, tag: Tag, plain: Timed) -> Timed:
        own = [event for event in self.script.events if event.about == tag.name]
        stops = [event for event in self.script.of("stop", "fault") if tag.element and event.about in self._tags
                 and self._tags[event.about].element == tag.element]
        if not own and not stops:
            return plain

        def value(hours: Floats) -> Floats:
            found = plain(hours)
            for event in own:
                found = _changed(tag, event, found, hours)
            if tag.kind != "state" and tag.reads in ("flow", "load", "speed", "current", "power"):
                found = found * _runs_on(stops, hours)
            return found

        return value


def _changed(tag: Tag, event: Event, value: Floats, hours: Floats) -> Floats:
    """Return a value with what an event does to what is true."""
    part = ramp(event, hours)
    match event.kind:
        case "gas_rise" | "flood":
            return value + event.values["by"] * part
        case "gas_falls":
            return value - event.values["by"] * part
        case "drain":
            return np.maximum(value - event.values["by"] * part, 0.0)
        case "belt_slip":
            return value * (1.0 - (1.0 - event.values["to"]) * part)
        case "stop" | "fault":
            return np.where(part > 0.0, word_of(tag, "stopped" if event.kind == "stop" else "fault"), value)
        case "smoke":
            loud = max((float(number) for number, _, _ in tag.words), default=1.0)
            return np.where(part > 0.0, loud, value)
    return value


def _runs_on(stops: Sequence[Event], hours: Floats) -> Floats:
    found = np.ones(len(hours))
    for event in stops:
        found = found * (ramp(event, hours) == 0.0)
    return found
