"""A small plant to try alarms on: tags by name, rules, samples in seconds, and an engine that is fed second by second."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from lodeworks.network.expression import compiled
from lodeworks.network.live import AlarmRule, Feed, Limit, Live, Tag
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Quality, Samples

T0 = 1_800_000_000_000
"""When every test begins, ms."""


def tag(name: str, *, period: float = 1.0, feed: str = "gateway", **more) -> Tag:
    fields = {"element": "", "site": "", "reads": "methane", "kind": "sensor", "unit": "%", "low": 0.0, "high": 10.0, "place": "face", "quantity": "methane"}
    return Tag(name, name, f"{name} 测点", period_s=period, feed=feed, address=name, **{**fields, **more})


def rule(name: str, about: str = "", kind: str = "limit", *, H=None, HH=None, L=None, LL=None, deadband=0.0, on=0.0, off=0.0,
         expression="", unless="", unless_rules=(), priority=2, **more) -> AlarmRule:
    given = [("HH", "high", HH), ("H", "high", H), ("L", "low", L), ("LL", "low", LL)]
    limits = tuple(Limit(level, side, value, deadband) for level, side, value in given if value is not None)
    fields = {"cause": "it leaks", "consequence": "it burns", "response": "leave", "respond_s": 300.0}
    return AlarmRule(
        name, f"{name} too high", f"{name}超限", about, kind, priority, limits=limits, expression=expression, on_delay_s=on,
        off_delay_s=off, program=compiled(expression) if expression else None, unless=unless,
        unless_program=compiled(unless) if unless else None, unless_rules=unless_rules, **{**fields, **more},
    )


def plant(tags: Sequence[Tag | str], rules: Sequence[AlarmRule], feeds: Sequence[Feed] = ()) -> Live:
    return Live("mine", "Mine", "煤矿", feeds=tuple(feeds), tags=tuple(t if isinstance(t, Tag) else tag(t) for t in tags), rules=tuple(rules))


def stream(draw: random.Random, seconds: int, *, odd: bool = False) -> list[tuple[str, float, float, Quality]]:
    """Samples of the tags a, b and c as (tag, second, value, quality), some left out; at odd parts of a second, or whole."""
    rows = []
    for name in "abc":
        value = 4.0
        for second in range(1, seconds + 1):
            if draw.random() < 0.15:
                continue
            if draw.random() < 0.6:
                value = float(draw.randint(0, 10))
            quality = Quality.BAD if draw.random() < 0.05 else Quality.GOOD
            rows.append((name, second + (draw.randint(0, 999) / 1000 if odd else 0.0), value, quality))
    return rows


def samples(live: Live, *rows) -> Samples:
    """Samples from (tag, second, value[, quality[, received second]])."""
    full = [(*row, *(Quality.GOOD, row[1])[len(row) - 3:]) for row in rows]
    return Samples.of(
        [live.place[name] for name, *_ in full], [at_of(at) for _, at, *_ in full], [at_of(got) for *_, got in full],
        [value for _, _, value, *_ in full], [int(quality) for _, _, _, quality, _ in full],
    )


def at_of(second: float) -> int:
    return T0 + round(second * 1000)


class Desk:
    """An engine with a journal, fed by the second; `rows` reads the journal as (event, alarm, second)."""

    def __init__(self, live: Live, folder: Path | str = ":memory:", **more) -> None:
        self.live = live
        self.journal = Journal(folder)
        self.engine = Engine(live, self.journal, started=T0, **more)

    def feed(self, *rows, now: float | None = None) -> Desk:
        batch = samples(self.live, *rows)
        self.engine.feed(batch, int(batch.received.max()) if now is None else at_of(now))
        return self

    def series(self, name: str, values: Sequence[float], start: float = 1.0, step: float = 1.0) -> Desk:
        for n, value in enumerate(values):
            self.feed((name, start + n * step, value))
        return self

    def tick(self, second: float) -> Desk:
        self.engine.tick(at_of(second))
        return self

    def rows(self, *events: str, kind: str = "alarm"):
        return [(row.event, row.subject, (row.at - T0) / 1000) for row in self.journal.since(0)
                if row.kind == kind and (not events or row.event in events)]

    def times(self):
        """Return the occurrences as (rule, level, began second, ended second)."""
        return [(o.rule, o.level, (o.began - T0) / 1000, None if o.ended is None else (o.ended - T0) / 1000)
                for o in self.journal.occurrences()]

    def conditions(self):
        return {alarm.alarm: alarm.condition for alarm in self.engine.now()}
