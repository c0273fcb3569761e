"""The state file of now: present values as `lodeworks plan --from` and `lodeworks simulate --from` read them.

What tags say is written with its unit; what they do not say is left to the plan that is followed. The format is told in
the guide; whoever reads it checks it strictly, so a value that could not be (a level above its store's room, a
negative rate) is brought to what could be, and that is told in the notes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lodeworks.errors import WatchError
from lodeworks.network.live import Live
from lodeworks.watch.against_plan import Against
from lodeworks.watch.bound import AT_REST, at_rest, known_values, state_word
from lodeworks.watch.planned import local_ms
from lodeworks.watch.present import PresentValues

__all__ = ["OUT", "Note", "Snapshot", "snapshot", "write_state"]

OUT = AT_REST - {"off", "stopped"}  # what nobody can simply start again
_MINUTE = 60_000
_HOUR = 3_600_000.0


@dataclass(frozen=True)
class Note:
    """What was read and what was written instead, because it could not be or was not there."""

    element: str
    key: str
    read: float
    written: float | None
    why: str


@dataclass(frozen=True)
class Snapshot:
    """A state as plain data (see the guide), and what was not taken as it was read."""

    data: dict[str, Any]
    notes: tuple[Note, ...]


def snapshot(
    against: Against, present: PresentValues, now: int, *, until: int | None = None,
    since: Mapping[str, int] | None = None, back: Mapping[str, int] | None = None,
) -> Snapshot:
    """Return the state of a chain now.

    Parameters
    ----------
    until
        The moment to look to; the end of the day unless given, and never beyond the plan.
    since
        When elements last changed between running and not, by name; long ago unless given.
    back
        When what is out is expected back, by name, as a person said; not within the window unless given.

    Raises
    ------
    WatchError
        If the moment is outside the plan.
    """
    planned, live, net = against.planned, against.live, against.net
    covers = planned.covers(now)
    if covers != "running":
        en, zh = ("has ended", "已结束") if covers == "ended" else ("has not begun", "尚未开始")
        raise WatchError(f"no state can be made of now: the plan {en}; plan the chain anew",
                         f"无法取当前状态：计划{zh}；请重新计划")
    zone = planned.zone
    notes: list[Note] = []
    rates, levels = against.measured(present, now)
    begin = now - now % _MINUTE
    end = min(planned.end, until if until is not None else begin + _left_of_day(begin, zone))
    units = {e.name: net.commodity_unit.get(e.commodity, e.unit) for e in net.elements}
    data: dict[str, Any] = {"at": _local(begin, zone), "until": _local(max(end, begin + _MINUTE), zone)}
    held = {name: _held(against, name, level, notes) for name, level in levels.items()}
    data["levels"] = {name: _quantity(level, units[name]) for name, level in held.items()}
    data["rates"] = {}
    for name, rate in rates.items():
        if rate < 0.0:
            notes.append(Note(name, "rates", rate, 0.0, "below nought"))
        data["rates"][name] = _quantity(max(rate, 0.0), f"{units[name]}/h")
    data |= _on_and_out(live, against, known_values(live, present, now), rates, begin, since or {}, back or {})
    if planned.built:
        data["built"] = {name: _size(against, name, built) for name, built in planned.built.items()}
    if planned.run:
        data |= {"plan": str(Path(planned.run).resolve()), "values": str(Path(planned.run).resolve())}
    missing = [net.elements[e].name for e in net.stores.element if net.elements[e].name not in levels]
    notes += [Note(name, "levels", np.nan, None, "not known; as planned") for name in missing]
    return Snapshot(data, tuple(notes))


def write_state(path: Path, found: Snapshot) -> Path:
    """Write a state file, whole or not at all, and return it.

    Raises
    ------
    WatchError
        If it cannot be written.
    """
    draft = path.with_name(f".{path.name}-draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(found.data, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        raise WatchError(f"{path}: the state cannot be written: {error}", f"无法写入状态文件：{error}") from error
    return path


def _on_and_out(
    live: Live, against: Against, known: Any, rates: Mapping[str, float], now: int, since: Mapping[str, int],
    back: Mapping[str, int],
) -> dict[str, Any]:
    """Return what is on, off and out: by state tags, else (on and off) by whether it runs."""
    net, zone = against.net, against.planned.zone
    may_be_off = {net.elements[net.plants.element[p]].name for p in np.flatnonzero(net.plants.on_off)}
    runs = {name: rate > 0.0 for name, rate in rates.items()}
    out: dict[str, Any] = {}
    for t, tag in enumerate(live.tags):
        if tag.reads != "state" or tag.element not in net.element_number or np.isnan(known[t]):
            continue
        runs[tag.element] = not at_rest(tag, known[t])
        word = state_word(tag, known[t]).strip().lower()
        kind = net.elements[net.element_number[tag.element]].kind
        if word in OUT and kind in ("process", "route", "supply", "demand", "fleet", "pool"):
            out[tag.element] = {"share": 0}
            if back.get(tag.element, 0) > now:
                out[tag.element]["until"] = _local(back[tag.element], zone)
    found: dict[str, Any] = {}
    for key, on in (("on", True), ("off", False)):
        names = [name for name, running in runs.items() if name in may_be_off and running is on]
        hours = {name: (now - since[name]) / _HOUR if since.get(name, now) < now else None for name in names}
        if hours:
            found[key] = {name: None if h is None else f"{h:.6g} h" for name, h in hours.items()}
    return found | ({"out": out} if out else {})


def _held(against: Against, name: str, level: float, notes: list[Note]) -> float:
    """Return a level that could be: not above the room, not below nought where nothing may be owed."""
    net, s = against.net, [against.net.elements[e].name for e in against.net.stores.element].index(name)
    room = against.planned.room(s)
    owed = bool(net.stores.low.scale[s] != 0.0 or net.stores.low.series[s] >= 0)
    written = min(level, room) if owed else min(max(level, 0.0), room)
    if written != level:
        notes.append(Note(name, "levels", level, written, "above its room" if level > room else "below nought"))
    return written


def _size(against: Against, name: str, built: float) -> str | float:
    element = against.net.elements[against.net.element_number[name]]
    if element.kind == "fleet":
        return built
    unit = against.net.commodity_unit.get(element.commodity, element.unit)
    return _quantity(built, unit if element.kind == "store" else f"{unit}/h")


def _quantity(value: float, unit: str) -> str:
    return f"{value:.12g} {unit}"


def _local(moment: int, zone: str) -> str:
    return (dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=local_ms(moment, zone))).isoformat(" ")


def _left_of_day(now: int, zone: str) -> int:
    return 86_400_000 - local_ms(now, zone) % 86_400_000

