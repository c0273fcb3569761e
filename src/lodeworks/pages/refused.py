"""What could not be taken in as it came: by feed what was refused or marked, why, how often, and the last of it.

It is read from what the recorder writes beside its history; nothing of it is counted here. What is quoted came from
outside and is shown as text alone.
"""

from __future__ import annotations

import json
from typing import Any

from lodeworks.pages.clocks import told_at
from lodeworks.pages.desk import Desk
from lodeworks.pages.listed import Row
from lodeworks.pages.words import say
from lodeworks.watch.sources.gate import MARKED, REFUSED

__all__ = ["COLUMNS", "refused_rows"]

COLUMNS = (("feed", False), ("what came", False), ("became", False), ("how many", True), ("the last of it", False))

_REASONS = {text: reason for reason, text in (REFUSED | MARKED).items()}
_MOST = 3  # examples of each reason


def refused_rows(desk: Desk, language: str) -> list[Row]:
    """Return a row for each feed and reason, the feeds in the chain's order; none where nothing was refused."""
    try:
        feeds: dict[str, Any] = json.loads((desk.folder.path / "health.json").read_text(encoding="utf-8"))["feeds"]
    except (FileNotFoundError, ValueError, KeyError):  # nothing has been taken in here yet
        return []
    rows = []
    for feed, told in feeds.items():
        for became in ("refused", "marked"):
            for text, count in told.get(became, {}).items():
                reason = _REASONS.get(text, "")
                last = [one for one in told.get("examples", ()) if one.get("reason") == reason][::-1][:_MOST]
                when = told_at(last[0]["at"], desk.live.timezone, desk.clock()) if last else ""
                came = say(f"came {reason}", language) if reason else text
                rows.append(Row(f"{feed} {text}", [
                    feed, came, say(f"was {became}", language), f"{count:,}",
                    ("; ".join(str(one["what"]) for one in last), when),
                ]))
    return rows
