"""Keeping the engine's state: what is written with the journal's rows, and taken up again after a stop.

Columns by tag and channel are one blob; what is rare (alarms that are more than normal, recent edges, windows, open
questions) is JSON. All of it goes by name, so that a chain may change meanwhile.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.watch.journal import Journal, Row, now_ms

if TYPE_CHECKING:
    from lodeworks.watch.alarms.channels import Channels
    from lodeworks.watch.alarms.engine import Engine

__all__ = ["keep", "kept_limits", "take_up", "watching_since"]

_ARRAYS, _STATE, _NAMES = "alarms.arrays", "alarms.state", "alarms.names"


def keep(engine: Engine, journal: Journal, *, named: bool) -> None:
    """Keep an engine's state in the journal's transaction; the names of the places only if not `named` before."""
    held = io.BytesIO()
    np.savez(held, allow_pickle=False, **engine.judge.arrays(), **engine.turns.arrays())
    journal.keep(_ARRAYS, held.getvalue())
    if not named:
        names = {"tags": [tag.name for tag in engine.live.tags], "channels": engine.channels.names}
        journal.keep(_NAMES, json.dumps(names, ensure_ascii=False).encode())
    state = {
        "sequence": engine.seen, "began": engine.began, "judge": engine.judge.to_json(), "desk": engine.desk.to_json(),
        "windows": engine.windows.to_json(), "profiles": engine.profiles.to_json(), "asked": engine.asked,
        "unless": [unless.text for unless in engine.suppression.conditions if unless.holds],
        "limits": {engine.channels.names[c]: past for c, past in engine.channels.limits.items()},
    }
    journal.keep(_STATE, json.dumps(state, ensure_ascii=False).encode())


def watching_since(journal: Journal) -> int | None:
    """Return when (ms) alarms of a journal were first judged, or what the first was about; none in an empty one."""
    kept, first = journal.kept(_STATE), journal.since(0, most=1)
    began = json.loads(kept).get("began") if kept is not None else None
    known = [at for at in (began, *(row.at for row in first)) if at is not None]
    return min(known, default=None)


def take_up(engine: Engine, journal: Journal) -> bool:
    """Go on from what was kept, as far as it is still watched; False if there is nothing."""
    kept, arrays, named = (journal.kept(name) for name in (_STATE, _ARRAYS, _NAMES))
    if kept is None or arrays is None or named is None:
        return False
    state, names = json.loads(kept), json.loads(named)
    engine.seen = engine.sequence = state["sequence"]
    engine.asked, engine.began = state["asked"], state.get("began")
    place = engine.live.place
    tags = np.array([place.get(name, -1) for name in names["tags"]], np.intp)
    channels = np.array([engine.channels.place.get(name, -1) for name in names["channels"]], np.intp)
    with np.load(io.BytesIO(arrays)) as columns:
        engine.judge.restore(dict(columns), tags, channels)
        engine.turns.restore(dict(columns), tags)
    engine.note(kept_limits(engine.channels, state["limits"]))
    engine.judge.from_json(state["judge"])
    engine.desk.from_json(state["desk"])
    engine.windows.from_json(state["windows"])
    engine.profiles.from_json(state["profiles"])
    for unless in engine.suppression.conditions:
        unless.holds = unless.text in state["unless"]
    engine.judge.memory.refill(engine.judge.known)
    return True


def kept_limits(channels: Channels, kept: dict[str, list[Any]]) -> list[Row]:
    """Go on with limits that were changed; where the chain has another by now that holds, and a row says so."""
    rows = []
    for name, changes in kept.items():
        if name not in channels.place:
            continue
        channel, past = channels.place[name], [(at, value, deadband) for at, value, deadband in changes]
        value, deadband = float(channels.value[channel]), float(channels.deadband[channel])
        if past[0][1:] == (value, deadband):
            channels.limits[channel] = past
            _, channels.value[channel], channels.deadband[channel] = past[-1]
        else:
            rows.append(Row(now_ms(), "limit", name, "by the chain", value=value,
                            data={"deadband": deadband, "was": past[-1][1]},
                            key=f"{name} by the chain {value} {past[-1][0]}"))
    return rows
