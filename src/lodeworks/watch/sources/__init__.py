"""Where samples come from: one small adapter for each kind of feed, all giving the same.

A source never ends and never raises for what comes in: what cannot be used is counted at its gate. It says whether it
is connected, and acknowledges what it was sent only when told that it is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from lodeworks.errors import WatchError
from lodeworks.network.live import FEED_KINDS
from lodeworks.watch.sources.gate import Batch, Gate

__all__ = ["Batch", "Gate", "listen"]


def listen(gate: Gate, folder: Path) -> AsyncIterator[Batch]:
    """Return what comes of a feed, batch by batch.

    Parameters
    ----------
    gate
        The feed's gate.
    folder
        The folder of the live reading; files a rehearsal puts down are in a folder of its own there.

    Raises
    ------
    WatchError
        If there is no such kind of feed, its address is none, or its library is missing.
    """
    # Imported when needed: each brings a library of its own.
    match gate.feed.kind:
        case "mqtt":
            from lodeworks.watch.sources import mqtt

            return mqtt.samples(gate)
        case "sparkplug":
            from lodeworks.watch.sources import sparkplug

            return sparkplug.samples(gate)
        case "opcua":
            from lodeworks.watch.sources import opcua

            return opcua.samples(gate)
        case "modbus":
            from lodeworks.watch.sources import modbus

            return modbus.samples(gate)
        case "push":
            from lodeworks.watch.sources import push

            return push.samples(gate)
        case "replay":
            from lodeworks.watch.sources import replay

            return replay.samples(gate)
        case "rehearsal":
            from lodeworks.watch.sources import spool

            return spool.samples(gate, folder / "incoming" / gate.feed.name)
    raise WatchError(
        f"feed {gate.feed.name}: no such kind; found {gate.feed.kind!r}; expected one of {', '.join(FEED_KINDS)}"
    )
