"""The host application's own state, as Sparkplug 3.0 has it: gateways that hold back while their host is away learn
here whether it is there.

The host says that it is there (its birth) when it has subscribed, and leaves its death with the broker as its will;
both carry the time of the same connect, so that a late death of an earlier connection is known for one. Who goes on
purpose says so itself. Both are kept by the broker for gateways that come later. What gateways send is in `sparkplug`.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from lodeworks.errors import WatchError
from lodeworks.network.live import Feed

__all__ = ["QUIET", "SPACE", "Host", "host_of"]

SPACE = "spBv1.0"
"""What every topic of Sparkplug begins with."""
QUIET = "none"
"""The name of a host that does not say whether it is there: for an account that may only read."""
# Two that call themselves the same would contradict each other for ever.
_PATIENCE_MS = 1_000


class Host:
    """What one host application says of itself."""

    def __init__(self, name: str, clock: Callable[[], int]) -> None:
        self.topic = f"{SPACE}/STATE/{name}"
        self._clock = clock
        self._since = 0
        self._said = 0

    def will(self) -> bytes:
        """Return its death, to be left with the broker at a connect that is made now."""
        self._since = self._clock()
        return _state(False, self._since)

    def birth(self) -> bytes:
        """Return its birth, of the connect its will was made for."""
        self._said = self._clock()
        return _state(True, self._since)

    def farewell(self) -> bytes:
        """Return its death, of now: it goes on purpose."""
        return _state(False, self._clock())

    def contradicted(self, payload: bytes) -> bool:
        """Tell whether a message of its own topic calls it dead while it lives, so that it must say it again."""
        try:
            told = json.loads(payload)
        except (ValueError, RecursionError):
            return False
        dead = isinstance(told, dict) and told.get("online") is False
        return dead and abs(self._clock() - self._said) >= _PATIENCE_MS


def host_of(feed: Feed, name: str, clock: Callable[[], int]) -> Host | None:
    """Return the host application of a feed by its name, None if it is to be quiet.

    Raises
    ------
    WatchError
        If the name cannot be part of a topic.
    """
    if name == QUIET:
        return None
    if not name or any(one in name for one in "+/#"):
        raise WatchError(f"feed {feed.name}: no name of a host; found {name!r}; expected one without +, / and #")
    return Host(name, clock)


def _state(online: bool, at: int) -> bytes:
    return json.dumps({"online": online, "timestamp": at}).encode()
