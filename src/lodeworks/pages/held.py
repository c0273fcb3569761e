"""The present held against the plan for all who look, and the errands that look ahead and plan anew.

What is worked out is worked out by `watch`, at most every two seconds whoever asks, in a thread of its own; long work
is a child process that `watch.ahead` starts and asks after. A page only asks here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import LodeworksError
from lodeworks.network.live import Live
from lodeworks.pages.desk import Desk
from lodeworks.pages.past import Moments
from lodeworks.pages.told import Told
from lodeworks.pages.words import Titles, unit_told
from lodeworks.runs import Run, read_run
from lodeworks.views.numbers import digits, duration, money, quantity, scale_of
from lodeworks.views.report.headline import better_text
from lodeworks.watch.against_plan import Against, Deviation, Now
from lodeworks.watch.ahead import KINDS, Ahead, latest
from lodeworks.watch.bound import known_values
from lodeworks.watch.causes import Cause, Causes, giving_way, held_of
from lodeworks.watch.clock import settled
from lodeworks.watch.outlook import Change, RunsOut, bands, changes, covers, runs_out
from lodeworks.watch.planned import midnight_ms
from lodeworks.watch.said import Clause, said_of, said_of_left, said_of_plan, spoken
from lodeworks.watch.state import snapshot
from lodeworks.watch.time_left import TimeLeft

__all__ = ["Held", "said_words", "told_ahead", "told_causes", "told_now", "told_worth"]

_FRESH_MS = 2000
_MINUTE = 60_000
_WORTH_SAYING = 1e-3  # a share of a rate or level: nobody is told to change less
_NEAR = 0.02  # a share of a store's room, as of `time_left`


class Held:
    """Present against plan. `ahead` starts look-aheads and plans anew; without one there are none."""

    def __init__(self, desk: Desk, against: Against, ahead: Ahead | None = None) -> None:
        self.desk, self.against, self.ahead = desk, against, ahead
        self._lock = threading.Lock()
        self._now: Now | None = None
        self._recalled = False
        self._answers: dict[tuple[str, str], tuple[Path, dict[str, Any]]] = {}
        self._causes, self._told = Causes(against.net, desk.live), Told()

    def recall(self) -> None:
        """Take in what was measured since midnight, minute by minute, so that sums of the day are of the day."""
        with self._lock:
            if not self._recalled:
                self._recall()
                self._recalled = True

    def _recall(self) -> None:
        desk, live = self.desk, self.desk.live
        now = desk.clock()
        begin = midnight_ms(now, live.timezone)
        tags = [k for k, tag in enumerate(live.tags) if tag.element]
        moments = Moments(desk.history, tags, len(live.tags))
        minutes = np.arange(begin, now, _MINUTE, dtype=np.int64)
        rows = [known_values(live, moments.at(int(minute), 3600.0), int(minute)) for minute in minutes]
        if rows:
            self.against.recall(minutes, np.stack(rows))

    def now(self) -> Now:
        """Return everything against plan now."""
        self.recall()
        with self._lock:
            at = settled(self.desk.clock)
            if self._now is None or not 0 <= at - self._now.at < _FRESH_MS:
                self._now = self.against.now(self.desk.latest.read(), at)
            return self._now

    def planned(self, at: int) -> dict[int, float | None]:
        """Return what the plan has at a moment for each tag beside it, by place; none where it says nothing.

        A running total stands beside no rate, and a state beside no number.
        """
        with self._lock:
            values = self.against.planned_values(at)
        tags = self.desk.live.tags
        return {t: _number(values[t]) for t in self.against.beside
                if tags[t].kind != "counter" and tags[t].reads != "state"}

    def causes(self) -> list[Cause]:
        """Return the alarms that stand now, folded under what they follow from."""
        now = self.now()
        with self._lock:
            self._told.follow(self.desk.journal)
            standing = [alarm for alarm in self._told.alarms.values() if alarm.active]
            return self._causes.fold(standing, held_of(self.against, now), giving_way(self.against, now))

    def ends_by_plan(self, one: RunsOut) -> bool:
        """Say whether the plan itself has a store as good as empty when it may first run out, as a bin it keeps so."""
        net, planned = self.against.net, self.against.planned
        place = {net.elements[e].name: s for s, e in enumerate(net.stores.element)}
        mine = [place[name] for name in one.store.split(" + ") if name in place]
        if one.early is None or not mine:
            return False
        level = planned.level(one.early)[mine]
        return bool(level.sum() <= _NEAR * sum(planned.room(s) for s in mine) < np.inf)

    def calls(self, alarm: str) -> bool:
        """Whether an alarm stands on the desk's list: neither shelved, suppressed nor out of service."""
        with self._lock:
            return alarm in self._told.alarms and self._told.alarms[alarm].shown

    def answer(self, kind: str, language: str, run: Path, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what is told of a run, read once."""
        known = self._answers.get((kind, language))
        if known is None or known[0] != run:
            known = self._answers[kind, language] = run, read()
        return known[1]

    def start(self, kind: str) -> None:
        """Start looking ahead (``simulate``) or planning anew (``plan``) from the state of now.

        Raises
        ------
        WatchError
            If the plan does not cover now, or no child can be started.
        """
        if self.ahead is not None and kind in KINDS:
            with self._lock:
                self.ahead.start(kind, snapshot(self.against, self.desk.latest.read(), settled(self.desk.clock)))


def told_now(live: Live, now: Now, language: str) -> dict[str, Any]:
    """Return what a browser is told of the plan: deviations by what they cost, and stocks by the time they last."""
    titles = Titles(live, language)

    def words(clauses: Sequence[Clause]) -> str:
        return said_words(clauses, live, now, titles)

    def row(one: Deviation) -> dict[str, Any]:
        size = max((abs(value) for value in (one.planned, one.present) if np.isfinite(value)), default=0.0)
        scale, shown = scale_of(size, one.unit, language)
        own, amount = scale_of(abs(one.behind_hour), one.unit.removesuffix("/h"), language)
        return {
            "element": one.element, "title": titles.of(one.element), "commodity": titles.of(one.commodity),
            "what": one.what, "unit": unit_told(one.unit, language), "tag": live.place.get(one.tag, -1),
            "state": one.state, "planned": _number(one.planned), "present": _number(one.present),
            "deviation": _number(one.deviation), "cost": _number(one.cost), "cost_today": _number(one.cost_today),
            "behind_hour": _number(one.behind_hour), "cost_hour": _number(one.cost_hour), "counted": one.counted,
            "shown": {"scale": scale, "unit": shown, "hour_scale": own, "hour_unit": amount},
            "said": words(said_of(one, now)),
        }

    def total(value: float) -> str:
        """Return a sum with its sign; nothing where nothing is measured, which is not nought."""
        known = any(one.state == "known" and one.counted for one in now.deviations) and np.isfinite(value)
        return f"{'+' if value > 0.0 else ''}{money(value, now.unit, language)}" if known else ""

    worst = sorted(now.deviations, key=lambda d: (not d.counted, -d.cost if np.isfinite(d.cost) else np.inf))
    return {
        "plan": now.plan, "said": words(said_of_plan(now)), "unit": unit_told(now.unit, language),
        "cost": _number(now.cost), "cost_today": _number(now.cost_today),
        "totals": [total(value) for value in (now.cost_today, now.cost_hour, now.cost)],
        "hour": now.hour, "cost_hour": _number(now.cost_hour), "rows": [row(one) for one in worst],
        "left": [
            {
                "title": titles.of(left.stores[0]), "direction": left.direction, "hours": left.hours, "at": left.at,
                "urgency": left.urgency, "cost": _number(left.cost), "said": words(said_of_left(left)),
                "share": _number((left.level / left.bound) if left.bound else 0.0), "kept": left.kept,
            }
            for left in sorted(now.left, key=lambda left: left.kept)  # what the plan keeps there is told last
        ],
        "unmeasured": [titles.of(name) for name in now.unmeasured],
    }


def said_words(clauses: Sequence[Clause], live: Live, now: Now, titles: Titles) -> str:
    """Return clauses as one sentence, in the words and units of a language."""

    def number(value: float, unit: str) -> str:
        if unit == "h":  # nobody knows parts of a minute
            return duration(round(60.0 * value) / 60.0, titles.language)
        if unit == now.unit:
            return f"{digits(value)} {unit_told(unit, titles.language)}"
        return quantity(value, unit, titles.language)

    return spoken(clauses, titles.language, title_of=titles.of, zone=live.timezone, now=now.at, number_of=number)


def told_causes(held: Held, language: str) -> list[dict[str, Any]]:
    """Return the alarms of now as cards, the dearest first: what each began with, what followed, what it costs."""
    titles, now = Titles(held.desk.live, language), held.now()
    cards = []
    for cause in held.causes():
        if not any(held.calls(name) for name in (cause.alarm, *cause.folded)):
            continue  # all of it is shelved or suppressed by design
        folded = [name for name in cause.folded if name != cause.alarm]
        cards.append({
            "element": cause.element, "suspected": cause.suspected, "at": cause.at,
            "title": titles.of(cause.element) if cause.suspected else titles.of_alarm(cause.alarm),
            "folded": [titles.of_alarm(name) for name in folded], "cost": _number(now.cost_of(*cause.elements)),
        })
    return sorted(cards, key=lambda card: -(card["cost"] or 0.0))


def told_worth(held: Held, language: str) -> dict[str, Any]:
    """Return for each alarm that stands what it costs an hour and how long what it is about lasts.

    An alarm costs what the card it stands on costs, which may be that of another it follows from. What lasts is the
    first stock to end that its element is, or feeds, or is fed by; stocks that the plan keeps at their end are none.
    """
    live, now = held.desk.live, held.now()
    titles = Titles(live, language)
    element_of = {rule.name: live.tags[live.place[rule.tag]].element for rule in live.rules if rule.tag in live.place}
    ends: dict[str, TimeLeft] = {}
    for left in now.left:  # the soonest first
        if not left.as_planned:
            for element in (*left.stores, *left.stops):
                ends.setdefault(element, left)
    worth: dict[str, dict[str, Any]] = {}
    for cause in held.causes():
        cost = _number(now.cost_of(*cause.elements)) if cause.elements else None
        first = titles.of(cause.element) if cause.suspected else titles.of_alarm(cause.alarm)
        for name in dict.fromkeys((*([cause.alarm] if cause.alarm else []), *cause.folded)):
            ending = ends.get(element_of.get(name.partition(":")[0], ""))
            worth[name] = {
                "cost": cost, "follows": "" if name == cause.alarm else first,
                "hours": ending.hours if ending is not None else None,
                "ends": said_words(said_of_left(ending), live, now, titles) if ending is not None else "",
            }
    return {"worth": worth, "unit": unit_told(f"{now.unit}/h", language)}


def told_ahead(held: Held, language: str) -> dict[str, Any]:
    """Return how the errands are, and what the last of each kind found."""
    live, ahead = held.desk.live, held.ahead
    if ahead is None:
        return {"errands": {}, "bands": [], "runs_out": [], "changes": [], "better": ""}
    titles, told = Titles(live, language), {}
    found: dict[str, Any] = {"bands": [], "runs_out": [], "changes": [], "better": ""}
    for kind in KINDS:
        errand = ahead.poll(kind)
        if errand is not None:
            told[kind] = {
                "status": errand.status, "began": errand.began, "ended": errand.ended,
                "told": errand.says(language)[-400:],
            }
        newest = latest(ahead.folder, kind)  # of before a restart too, and while another is made
        if newest is None:
            continue
        run = newest[0]
        try:
            begin, until = covers(run, live.timezone)
            if until > held.desk.clock():
                read = partial(_look, run, held, titles) if kind == "simulate" else partial(_anew, run, held, titles)
                found |= held.answer(kind, language, run.folder, read)
                found[f"{kind} from"] = begin
        except LodeworksError as error:
            told[kind] = {"status": "failed", "began": newest[1], "ended": newest[1], "told": error.told(language)}
    return {"errands": told, **found}


def _look(run: Run, held: Held, titles: Titles) -> dict[str, Any]:
    zone = held.desk.live.timezone

    def listed(column: NDArray[np.float64]) -> list[float]:
        return [round(float(value), 6) for value in column]

    ends = [(held.ends_by_plan(one), one) for one in runs_out(run, zone)]
    return {
        "bands": [
            {
                "title": titles.of(band.store), "unit": unit_told(band.unit, titles.language),
                "at": [int(at) for at in band.at], "q05": listed(band.q05), "q50": listed(band.q50),
                "q95": listed(band.q95),
            }
            for band in bands(run, zone)
        ],
        "runs_out": [
            {
                "title": titles.of(one.store), "share": one.share, "low": one.low, "high": one.high,
                "early": one.early, "middle": one.middle, "late": one.late, "as_planned": planned,
                "urgency": "later" if planned else one.urgency,
            }
            for planned, one in sorted(ends, key=lambda end: end[0])
        ],
    }


def _anew(run: Run, held: Held, titles: Titles) -> dict[str, Any]:
    old = read_run(held.against.planned.run)

    def row(one: Change) -> dict[str, Any]:
        scale, unit = scale_of(max(abs(one.before), abs(one.after)), one.unit, titles.language)
        return {
            "title": titles.of(one.element), "what": one.what, "unit": unit, "before": _number(one.before / scale),
            "after": _number(one.after / scale), "difference": _number(one.difference / scale),
        }

    better = better_text(run.manifest)
    said = better[titles.language == "zh"] if better is not None else ""
    return {"changes": [row(one) for one in changes(run, old, least=_WORTH_SAYING)[:40]], "better": said}


def _number(value: float) -> float | None:
    """Return a number as JSON can hold it: what is not known is none."""
    return round(float(value), 9) if np.isfinite(value) else None
