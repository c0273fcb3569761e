"""A rehearsal: samples of every tag, block by block, as a plant would send them, and the truth beside.

What a sensor reads follows what is true (`truths`), through its own noise and faults. Blocks may be cut as one likes:
the samples are the same, in the order they come in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Floats, Network
from lodeworks.network.live import Limit, Live
from lodeworks.rehearse.plant import run_plant
from lodeworks.rehearse.script import KINDS, Event, Script
from lodeworks.rehearse.sensors import Sensor, sensor_of
from lodeworks.rehearse.shapes import ramp
from lodeworks.rehearse.truths import Truths
from lodeworks.watch.deeds import Deed
from lodeworks.watch.samples import Quality, Samples

__all__ = ["OWN", "Rehearsal", "rehearsal_of"]

OWN = "lodeworks."  # tags of the system itself, which nobody rehearses
_AHEAD_MS = 120_000
_SENSOR_FAULTS = ("calibration", "frozen", "silent", "spike", "drift")


@dataclass(eq=False)
class Rehearsal:
    """What is sent of a chain for some hours.

    Attributes
    ----------
    begin_ms
        When it begins by the clock of the samples, ms since 1970 in UTC.
    numbers
        The tags that are sent, by their numbers in `live.tags`.
    empty
        Stores that begin empty since the chain leaves what they hold to its plan, and none is followed.
    """

    live: Live
    truths: Truths
    script: Script
    begin_ms: int
    hours: float
    seed: int
    numbers: list[int]
    empty: tuple[str, ...] = ()
    _sensors: dict[int, Sensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the sensors."""
        self._sensors = {n: sensor_of(self.live.tags[n], self.seed) for n in self.numbers}

    # ---- samples -------------------------------------------------------------------------------------

    def blocks(self, seconds: float = 1.0) -> Iterator[tuple[int, Samples]]:
        """Yield what comes in, block by block: (until, samples), with `until` in ms since 1970.

        A block holds what is received before its end, in that order, what was measured long before as well.
        """
        whole = round(self.hours * 3_600_000)
        step = max(1, round(seconds * 1000))
        done, waiting = 0, Samples.joined([])
        for begin in range(0, whole, step):
            end = min(begin + step, whole)
            if done < end:  # made some time ahead, all of a tag at once, and cut
                until = min(max(end, done + _AHEAD_MS), whole)
                made = [self._of_tag(n, done, until) for n in self.numbers]
                waiting = Samples.joined([waiting, *made])
                waiting = waiting.take(np.argsort(waiting.received, kind="stable"))
                done = until
            now = int(np.searchsorted(waiting.received, self.begin_ms + end))
            yield self.begin_ms + end, waiting.take(np.arange(now))
            waiting = waiting.take(np.arange(now, len(waiting)))

    def deeds(self) -> list[Deed]:
        """Return what people at the desk do in it, in order: calibration windows that the script has declared."""
        return [
            Deed("calibrate", event.about, "rehearsal", event.note or "as the script has it",
                 {"minutes": event.hold_s / 60.0, "expected": event.values["gas"]},
                 asked=self.begin_ms + round(event.at_s * 1000))
            for event in self.script.of("window")
        ]

    def samples(self) -> Samples:
        """Return all of it at once; what has not come in by the end is left out."""
        return Samples.joined([block for _, block in self.blocks(600.0)])

    def _of_tag(self, n: int, begin_ms: int, end_ms: int) -> Samples:
        sensor, tag = self._sensors[n], self.live.tags[n]
        numbers = sensor.numbers(begin_ms, end_ms)
        numbers = numbers[sensor.there(numbers)]
        at = sensor.times(numbers)
        if not len(at):
            return Samples.joined([])
        value = self._read(n, sensor, numbers)
        heard = at + sensor.delay_ms(numbers)
        riding = self.truths.ridings.get(tag.name)
        if riding is not None:
            heard = np.maximum(heard, riding.heard_ms(at) + sensor.delay_ms(numbers))
        there = ~self._unheard(tag.name, tag.feed, at)
        count = len(at)
        return Samples(
            np.full(count, n, np.int32), self.begin_ms + at, self.begin_ms + heard, value,
            np.full(count, Quality.SIMULATED, np.uint8),
        ).take(there)

    def _read(self, n: int, sensor: Sensor, numbers: NDArray[np.int64]) -> Floats:
        """Return what a sensor of a tag gives, with the faults planted in it."""
        tag = self.live.tags[n]
        faults = [event for event in self.script.of(*_SENSOR_FAULTS) if event.about == tag.name]
        hours = sensor.times(numbers) / 3_600_000.0
        truth = self.truths.of(tag.name)(hours)
        for event in faults:
            part = ramp(event, hours)
            if event.kind == "calibration":
                truth = truth + (event.values["gas"] - truth) * part
            elif event.kind == "drift":
                truth = truth * (1.0 + event.values["by"] * part)
        value = sensor.read(truth, numbers)
        for event in faults:
            part = ramp(event, hours)
            if event.kind == "spike":
                value = np.where(part > 0.0, event.values["to"], value)
            elif event.kind == "frozen" and np.any(part > 0.0):
                value = np.where(part > 0.0, self._last_before(n, sensor, event), value)
        return value

    def _last_before(self, n: int, sensor: Sensor, event: Event) -> float:
        """Return the last value a sensor gave before it froze."""
        begin = round(event.at_s * 1000)
        before = sensor.numbers(max(0, begin - 2 * sensor.period_ms), begin)
        number = before[-1:] if len(before) else np.zeros(1, np.int64)
        truth = self.truths.of(self.live.tags[n].name)(sensor.times(number) / 3_600_000.0)
        return float(sensor.read(truth, number)[0])

    def _unheard(self, tag: str, feed: str, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which samples never leave: of a sensor that is silent, behind a gateway that is dead."""
        gone = np.zeros(len(at_ms), bool)
        for event in self.script.of("silent", "dead_gateway"):
            if event.about == (tag if event.kind == "silent" else feed):
                gone |= ramp(event, at_ms / 3_600_000.0) > 0.0
        return gone

    # ---- the truth beside ----------------------------------------------------------------------------

    def planted(self) -> list[dict[str, Any]]:
        """Return what is planted: its kind in a word and told, what it is about, when it begins, is whole and is gone
        (ms), its numbers.
        """
        found = []
        for event in self.script.events:
            if event.at_s >= self.hours * 3600.0:
                continue
            begins = self.begin_ms + round(event.at_s * 1000)
            found.append({
                "kind": event.kind, "told": KINDS[event.kind].told,
                "about": list(event.zones) or [event.about], "tags": self._tags_of(event),
                "begins": begins, "whole": begins + round(event.over_s * 1000),
                "ends": min(self.begin_ms + round(event.end_s * 1000), self.begin_ms + round(self.hours * 3_600_000)),
                "values": dict(event.values), "note": event.note,
            })
        return found

    def _tags_of(self, event: Event) -> list[str]:
        """Return the tags in which an event is seen."""
        zones = [zone for zone in self.live.zones if zone.name in event.zones or (event.zones and not zone.site)]
        if event.zones:
            return [zone.count for zone in zones if zone.count]
        rounds = [made for made in self.live.rounds if made.name == event.about]
        if rounds:
            reads = {"hot_roller": ("temperature",)}.get(event.kind)
            return [t.name for t in self.live.tags if t.name in (rounds[0].position, *rounds[0].tags)
                    and (reads is None or t.reads in reads)]
        if event.kind == "dead_gateway":
            return [self.live.tags[n].name for n in self.numbers if self.live.tags[n].feed == event.about]
        return [event.about]

    def passes(self) -> list[dict[str, Any]]:
        """Return when limits of the chain's rules are passed by what sensors would read without noise or loss.

        Of rules of kind ``limit``: the rule, its level, and from when to when (ms) the truth is beyond it, as it is
        looked at by the sensor, and whether that is longer than the rule waits (`expected`). An alarm that stands in
        none of these is false, and one that is expected and does not come is missed.
        """
        found = []
        for rule in self.live.rules:
            n = self.live.place.get(rule.tag, -1)
            if rule.kind != "limit" or n not in self._sensors:
                continue
            sensor = self._sensors[n]
            numbers = sensor.numbers(0, round(self.hours * 3_600_000))
            at = sensor.times(numbers)
            value = self._read(n, replace(sensor, noise=0.0, resolution=0.0), numbers)
            heard = ~self._unheard(rule.tag, self.live.tags[n].feed, at)
            for limit in rule.limits:
                for first, last in _stretches(_beyond(limit, value) & heard):
                    lasts = (int(at[last]) - int(at[first]) + sensor.period_ms) / 1000.0
                    found.append({"rule": rule.name, "tag": rule.tag, "level": limit.level, "limit": limit.value,
                                  "began": self.begin_ms + int(at[first]), "ended": self.begin_ms + int(at[last]),
                                  "expected": lasts > rule.on_delay_s + 2.0 * sensor.period_ms / 1000.0})
        return sorted(found, key=lambda row: (row["began"], row["rule"], row["level"]))


def _beyond(limit: Limit, value: Floats) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = value >= limit.value if limit.side == "high" else value <= limit.value
    return found


def _stretches(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last number of every stretch that is true."""
    edges = np.diff(np.concatenate([[0], inside.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))


def rehearsal_of(
    live: Live, network: Network, script: Script, *, at_h: float, hours: float, begin_ms: int, seed: int = 1,
    begun: Callable[[float, float], tuple[Network, Mapping[int, Floats]]] | None = None,
) -> Rehearsal:
    """Return the rehearsal of a chain.

    Parameters
    ----------
    at_h
        The hour of the chain's horizon it begins at.
    hours
        How long it goes on.
    begin_ms
        What the clock of the samples says at its beginning.
    begun
        See `plant.run_plant`.

    Raises
    ------
    SimulationError
        If the run cannot be believed.
    """
    plant = run_plant(network, at_h, hours, seed, begun)
    moment = dt.datetime.fromtimestamp(begin_ms / 1000.0, ZoneInfo(live.timezone))
    truths = Truths(live, plant, script, moment, seed, hours)
    numbers = [n for n, tag in enumerate(live.tags) if not tag.name.startswith(OWN)]
    left = network.stores.element[np.isnan(network.stores.initial)]
    empty = tuple(network.elements[e].name for e in left) if begun is None else ()
    return Rehearsal(live, truths, script, begin_ms, hours, seed, numbers, empty)
