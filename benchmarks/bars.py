"""What a figure is to be: the bars of the live reading, held against what was measured.

A figure that misses its bar is told, and nothing fails for it: a busy computer is no fault of a program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.registry import Result

__all__ = ["BARS", "Bar", "verdicts"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure of a benchmark's cases that is to be at least, or at most, so much.

    `cases` is what the names of the cases begin with.
    """

    asked: str
    benchmark: str
    cases: str
    quantity: str
    least: float | None = None
    most: float | None = None

    def of(self, result: Result) -> bool:
        """Whether a result is the figure it is about."""
        return ((self.benchmark, self.quantity) == (result.benchmark, result.quantity)
                and result.case.startswith(self.cases))

    def met(self, figure: float) -> bool:
        """Whether a figure passes; one that is no number never does."""
        return (self.least is None or figure >= self.least) and (self.most is None or figure <= self.most)


_HZ, _ONE, _MANY = "10,000 tags, 200 ", "500 tags, 6,000 ", "10,000 tags, 1,200 "
BARS = (
    Bar("10,000 tags at 1 Hz on less than one core", "live", _HZ, "CPU of ingest, % of a core", most=100.0),
    Bar("10,000 tags at 1 Hz, nothing lost", "live", _HZ, "values lost", most=0.0),
    Bar("5,000 messages/s sustained, until the last is kept", "live", _ONE, "messages kept a second", least=5000.0),
    Bar("5,000 messages/s, nothing lost", "live", _ONE, "values lost", most=0.0),
    Bar("50,000 values/s batched, until the last is kept", "live", _MANY, "values kept a second", least=50_000.0),
    Bar("50,000 values/s, nothing lost", "live", _MANY, "values lost", most=0.0),
    Bar("device to browser's screen ≤ 1 s, 50 clients, 500 tiles", "screen", "500 tiles, 50 clients",
        "drawn after, worst ms", most=1000.0),
    Bar("device to every other client ≤ 1 s", "screen", "500 tiles, 50 clients", "sent after, worst ms", most=1000.0),
    Bar("the same while a day is closed ≤ 1 s to the present", "closing", "10,000 tags", "age when present, worst ms",
        most=1000.0),
    Bar("a year of one tag at 1 s drawn as a line < 1 s", "history", "a year", "drawn as a line, first, s", most=1.0),
    Bar("a year of one tag at 1 s drawn as hours < 1 s", "history", "a year", "drawn as hours, first, s", most=1.0),
    Bar("start to first page < 3 s", "start", "faer-mine", "first page, median s", most=3.0),
    Bar("memory of a page < 3 MB on the server (wall)", "walls", "500 tiles, 50 clients", "MB a page", most=3.0),
    Bar("memory of a page < 3 MB on the server (the dearest)", "start", "faer-mine", "MB a page, dearest", most=3.0),
)


def verdicts(results: Iterable[Result]) -> Iterator[str]:
    """Yield a line for each bar that something was measured for: what was asked, the bar, the figure, how it went.

    Where there is more than one figure, the worst is told.
    """
    known = list(results)
    for bar in BARS:
        figures = [result.ours for result in known if bar.of(result)]
        if not figures:
            continue
        failing = [figure for figure in figures if not bar.met(figure)]
        figure = failing[0] if failing else (min if bar.least is not None else max)(figures)
        limit = f"≥ {bar.least:,g}" if bar.least is not None else f"≤ {bar.most:,g}"
        yield f"  {bar.asked:<56} {limit:>10} {figure:>12,.4g}  {'MISSED' if failing else 'met'}"
