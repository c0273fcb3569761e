"""Occurrences: when each alarm was on, by source time, read back from the journal with every correction applied.

An alarm's rows say `began`, `ended`, `corrected` (a late sample moved its times) and `void` (a late sample showed that
it never was). The same samples in any order of arrival give the same occurrences.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lodeworks.watch.journal import Row

__all__ = ["Occurrence", "occurrences"]


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One time an alarm was on: of a rule, at a level, from `began` to `ended` (ms; None while it lasts).

    `since` is when what it watches came about, before any delay.
    """

    began: int
    rule: str
    level: str
    ended: int | None = None
    since: int = 0


def occurrences(rows: Iterable[Row]) -> list[Occurrence]:
    """Return the occurrences that rows tell of, by their beginning."""
    found: dict[str, Occurrence] = {}
    for row in rows:
        if row.kind != "alarm" or "occurrence" not in row.data:
            continue
        name = str(row.data["occurrence"])
        if row.event == "began":
            since = int(row.data.get("since", row.at))
            found[name] = Occurrence(row.at, row.data["rule"], row.data["level"], since=since)
        elif row.event == "void":
            found.pop(name, None)
        elif row.event == "ended" and name in found:
            found[name] = replace(found[name], ended=row.at)
        elif row.event == "corrected" and name in found:
            data = row.data
            found[name] = replace(found[name], began=data["began"], ended=data["ended"], since=data["since"])
    return sorted(found.values(), key=lambda o: (o.began, o.rule, o.level))
