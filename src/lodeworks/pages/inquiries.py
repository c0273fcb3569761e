"""What engineers ask of the stored past: a limit tried on thirty days, desks measured, scales weighed.

Each is a verb of the command (`backtest`, `journal`, `scales`) run as a child, so that a page never waits for one and
works out nothing itself. The last answer of each is kept and shown to whoever comes next.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lodeworks.watch.errands import Errand, Errands
from lodeworks.watch.journal import now_ms

__all__ = ["BACKTEST", "MEASURES", "SCALES", "Inquiries"]

MEASURES, BACKTEST, SCALES = "journal", "backtest", "scales"


class Inquiries:
    """Asks verbs about one live reading.

    Parameters
    ----------
    errands
        Who sends the children.
    chain
        The chain as the command line takes it, with what was set over it.
    folder
        The folder of the live reading.
    history
        The address of a database, where the history is not in the folder.
    plan
        The run folder of the plan that is held against, if one is.
    """

    def __init__(
        self, errands: Errands, chain: Sequence[str], folder: Path, history: str = "", plan: str = ""
    ) -> None:
        self.errands, self._chain, self._folder = errands, tuple(chain), folder
        self._history = ("--history", history) if history else ()
        self._plan = ("--plan", plan) if plan else ()
        self._lock = threading.Lock()

    def last(self, kind: str) -> Errand | None:
        """Return the inquiry of a kind as it is now, or the last that ended."""
        with self._lock:
            return self.errands.last(kind)

    def measures(self, by: str, days: float, *, rehearsed: bool = False) -> bool:
        """Ask how many alarms the desks were told over some days; False while somebody else's runs."""
        asked = {"by": by, "days": days, "rehearsed": rehearsed}
        options = ["--days", f"{days:g}", *(["--rehearsed"] if rehearsed else [])]
        return self._send(MEASURES, [str(self._folder), *options], asked)

    def backtest(self, by: str, alarm: str, value: float, deadband: float, days: float) -> bool:
        """Ask what an alarm would have said of some days with another limit; False while somebody else's runs."""
        asked = {"by": by, "alarm": alarm, "value": value, "deadband": deadband, "days": days}
        options = [f"--limit={value!r}", f"--deadband={deadband!r}", "--days", f"{days:g}"]
        return self._send(BACKTEST, [*self._of_chain(), *self._plan, *options, alarm], asked)

    def scales(self, by: str, days: int) -> bool:
        """Ask which scales drift, learning from so many days; False while somebody else's runs."""
        return self._send(SCALES, [*self._of_chain(), "--days", str(days)], {"by": by, "days": days})

    def stop_all(self) -> None:
        """Stop what runs."""
        with self._lock:
            self.errands.stop_all()

    def _of_chain(self) -> list[str]:
        return [*self._chain, "--data", str(self._folder), *self._history]

    def _send(self, kind: str, arguments: Sequence[str], asked: dict[str, Any]) -> bool:
        """Send a child unless one of the kind runs that somebody else waits for."""
        with self._lock:
            running = self.errands.poll(kind)
            if running is not None and running.status == "running" and running.asked.get("by") != asked["by"]:
                return False
            self.errands.send(kind, [kind, *arguments, "--json"], asked={**asked, "at": now_ms()})
            return True
