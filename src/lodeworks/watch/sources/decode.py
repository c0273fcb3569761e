"""What a payload says: values of tags as JSON, in a few shapes that are easy to send. Pure; told faults, no exceptions
from inside.

A topic of one tag carries a bare value (``1.25``) or an object ``{"value": 1.25, "time": …, "quality": "good"}``. A
topic whose tags are written ``topic#key`` carries an object with a value at each key. Many values in one message are
``{"time": …, "values": {"tag": value, …}}``, columns ``{"time": …, "tags": […], "values": […]}`` or a list of objects
with a ``tag`` each; names are tags or their addresses.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lodeworks.network.live import Tag
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.gate import MOST_BYTES, Gate, Rows

__all__ = ["Reader", "number_of", "quality_of", "time_of"]

_TIMES = ("time", "timestamp", "ts", "t")
_QUALITIES = {quality.name.lower(): quality for quality in Quality}
# Numbers below are seconds, above milliseconds: as milliseconds it is a day of 1973.
_SECONDS_BELOW = 100_000_000_000


class Unreadable(Exception):
    """A payload, a value or a time that cannot be read."""


class Reader:
    """Reads the payloads of one feed into rows."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._tags = gate.live.tags
        self._name: dict[str, int] = {}
        self._topic: dict[str, list[tuple[str, int]]] = {}
        for number in gate.numbers:
            tag = self._tags[number]
            self._name[tag.name] = number
            address = tag.address or tag.name
            self._name.setdefault(address, number)
            topic, _, key = address.partition("#")
            self._topic.setdefault(topic, []).append((key, number))

    @property
    def topics(self) -> list[str]:
        """The topics of the feed's tags."""
        return list(self._topic)

    def read(self, topic: str, payload: bytes, rows: Rows) -> None:
        """Add what a payload says to the rows; what cannot be read is refused at the gate."""
        here = self._topic.get(topic)
        try:
            if len(payload) > MOST_BYTES:
                self._gate.refuse("large", f"{topic}: {len(payload):,} bytes")
                return
            content = _loaded(payload)
            if here is not None and not (isinstance(content, dict) and "values" in content):
                self._of_topic(here, content, rows)
            else:
                self._many(topic, content, rows)
        except Unreadable as fault:
            self._gate.refuse("unreadable", f"{topic}: {fault}: {payload[:80]!r}")

    def _of_topic(self, here: list[tuple[str, int]], content: Any, rows: Rows) -> None:
        if not isinstance(content, dict):
            for key, number in here:
                if key:
                    raise Unreadable(f"an object with {key!r} was expected")
                self._add(number, content, None, None, rows)
            return
        at, quality = _told(content)
        for key, number in here:
            if not key:
                if "value" not in content:
                    raise Unreadable('there is no "value"')
                self._add(number, content["value"], at, quality, rows)
            elif key in content:  # a device may leave out what has not changed
                self._one(number, content[key], at, quality, rows)

    def _many(self, topic: str, content: Any, rows: Rows) -> None:
        if isinstance(content, list):
            for one in content:
                if not isinstance(one, dict) or not isinstance(one.get("tag"), str):
                    raise Unreadable('a list of objects with a "tag" was expected')
                self._named(one["tag"], one, None, None, rows)
            return
        if not isinstance(content, dict) or "values" not in content:
            self._gate.refuse("unknown", topic)
            return
        at, quality = _told(content)
        values, tags = content["values"], content.get("tags")
        if isinstance(values, dict) and tags is None:
            for name, value in values.items():
                self._named(name, value, at, quality, rows)
        elif isinstance(values, list) and isinstance(tags, list):
            if len(values) != len(tags):
                raise Unreadable(f"{len(tags)} tags and {len(values)} values")
            for name, value in zip(tags, values, strict=True):
                self._named(name, value, at, quality, rows)
        else:
            raise Unreadable('"values" must be an object, or a list beside a list of "tags"')

    def _named(self, name: Any, value: Any, at: int | None, quality: int | None, rows: Rows) -> None:
        number = self._name.get(name) if isinstance(name, str) else None
        if number is None:
            self._gate.refuse("unknown", str(name)[:100])
            return
        self._one(number, value, at, quality, rows)

    def _one(self, number: int, value: Any, at: int | None, quality: int | None, rows: Rows) -> None:
        if isinstance(value, dict):
            try:
                own_at, own_quality = _told(value)
            except Unreadable as fault:
                self._gate.refuse("unreadable", f"{self._tags[number].name}: {fault}")
                return
            at = own_at if own_at is not None else at
            quality = own_quality if own_quality is not None else quality
            if "value" not in value:
                self._gate.refuse("value", f"{self._tags[number].name}: no value")
                return
            value = value["value"]
        self._add(number, value, at, quality, rows)

    def _add(self, number: int, value: Any, at: int | None, quality: int | None, rows: Rows) -> None:
        try:
            read = value if type(value) is float else number_of(value, self._tags[number])
        except Unreadable:
            self._gate.refuse("value", f"{self._tags[number].name}: {str(value)[:80]!r}")
            return
        rows.add(number, at, read, Quality.GOOD if quality is None else quality)


def number_of(value: Any, tag: Tag) -> float:
    """Return a value as a number: as it is, true as 1, null as none, a word of a state as its number.

    Raises
    ------
    Unreadable
        If it is none of these.
    """
    if value is None:
        return math.nan
    if isinstance(value, (bool, int, float)):
        try:
            return float(value)
        except OverflowError:
            return math.inf  # a whole number beyond all measure; the gate marks it
    if isinstance(value, str):
        word = value.strip()
        for number, en, zh in tag.words:
            if word in (en, zh):
                return float(number)
        try:
            return float(word[:64].replace("_", "x"))  # Python takes 1_000 for a number; nobody sends one
        except ValueError:
            raise Unreadable("no number") from None
    raise Unreadable("no number")


def time_of(value: Any) -> int | None:
    """Return a time in ms: from milliseconds or seconds since 1970, or ISO 8601 (UTC without an offset).

    Raises
    ------
    Unreadable
        If it is none of these.
    """
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise Unreadable("no time")
        return round(value * 1000) if abs(value) < _SECONDS_BELOW else round(value)
    if isinstance(value, str) and len(value) <= 40:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Unreadable("no time") from None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        return round(since.total_seconds() * 1000)
    raise Unreadable("no time")


def quality_of(value: Any) -> int | None:
    """Return a quality by its name, or by the numbers OPC gives it (192 and above good, 64 to 191 uncertain).

    An unknown one is uncertain.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _QUALITIES.get(value.strip().lower(), Quality.UNCERTAIN)
    if isinstance(value, int) and not isinstance(value, bool):
        return Quality.GOOD if 192 <= value < 256 else Quality.UNCERTAIN if 64 <= value < 192 else Quality.BAD
    return Quality.UNCERTAIN


def _told(content: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the time and the quality an object tells."""
    at = next((time_of(content[key]) for key in _TIMES if key in content), None)
    return at, quality_of(content.get("quality"))


def _loaded(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    except ValueError:  # not JSON, not UTF-8, or a number with too many digits
        raise Unreadable("not JSON") from None
