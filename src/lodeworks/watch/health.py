"""What ingest knows of itself: as samples of tags like others, so that there are trends and alarms, and as a file with
examples of what was refused.

The tags are those whose names begin with ``lodeworks.``; a chain that watches nothing has none.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lodeworks.network.live import Live
from lodeworks.watch.samples import Samples
from lodeworks.watch.sources.gate import MARKED, REFUSED, Gate, Rows

__all__ = ["OWN", "State", "own_samples", "tell"]

OWN = "lodeworks"


@dataclass(frozen=True)
class State:
    """How ingest is at a time (ms): how far behind, how full (a share), values a second, values kept since it began,
    what is wrong in words, and how many times as fast as real the clock goes by which it and the feeds are behind.
    """

    at: int
    lag_ms: int
    full: float
    values_per_s: float
    written: int
    trouble: str
    speed: float = 1.0


def own_samples(live: Live, gates: Sequence[Gate], folder: Path, state: State) -> Samples:
    """Return what ingest knows of itself, for the tags the chain has for it."""
    second = 1000.0 * max(1.0, state.speed)  # of this computer's, in a rehearsal's clock
    known = {
        "lag_s": max([state.lag_ms, *(gate.lag_ms for gate in gates if gate.connected)]) / second,
        "queue": 100.0 * min(1.0, state.full),
        "refused": float(sum(gate.refused for gate in gates)),
        "late": float(sum(gate.counts["late"] for gate in gates)),
        "values_per_s": state.values_per_s,
        "disk_free_gb": shutil.disk_usage(folder).free / 1e9,
    }
    for gate in gates:
        if gate.connected or gate.trouble:  # at the start neither: nobody knows yet, and that is no alarm
            known[f"{gate.feed.name}.connected"] = float(gate.connected)
        known[f"{gate.feed.name}.lag_s"] = gate.lag_ms / second
        known[f"{gate.feed.name}.refused"] = float(gate.refused)
    rows = Rows(state.at)
    for name, value in known.items():
        number = live.place.get(f"{OWN}.{name}")
        if number is not None:
            rows.add(number, state.at, value)
    times = [state.at] * len(rows)
    return Samples.of(rows.tag, times, times, rows.value, rows.quality)


def tell(gates: Sequence[Gate], folder: Path, state: State) -> None:
    """Write `health.json`, whole: what is wrong, each feed's connection, what was refused or marked and why."""
    told = {
        "at": state.at, "trouble": state.trouble, "full": state.full, "written": state.written,
        "feeds": {
            gate.feed.name: {
                "connected": gate.connected, "trouble": gate.trouble,
                "refused": {REFUSED[reason]: gate.counts[reason] for reason in REFUSED if gate.counts[reason]},
                "marked": {MARKED[reason]: gate.counts[reason] for reason in MARKED if gate.counts[reason]},
                "examples": [{"at": at, "reason": reason, "what": what} for at, reason, what in gate.examples],
            } for gate in gates
        },
    }
    draft = folder / ".health.json"
    draft.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(folder / "health.json")
