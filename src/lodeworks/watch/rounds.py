"""Inspection rounds as work: what a round finds at a place becomes an item, and the next round that passes closes it.

An alarm of one of a round's sensors is put down as an action with the metres where the robot (or person) stood when the
condition came about. Its place has been looked at again when a later round has come to it and gone on; if the alarm did
not come again there, and nothing was beyond its limit even for less than the alarm waits, the item has its evidence and
is done. Rows are made here; actions are read in `actions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.live import AlarmRule, Live, Round
from lodeworks.watch.actions import OVER
from lodeworks.watch.journal import Row
from lodeworks.watch.samples import Quality, Samples
from lodeworks.watch.standing_out import OWN, Pass

__all__ = ["AWAY_M", "NEAR_M", "Beyond", "Item", "PositionAt", "Rounds", "chainage"]

NEAR_M, AWAY_M = 10.0, 40.0
"""A place is passed by coming within the first of it and then going further than the second (m)."""

PositionAt = Callable[[str, int], float | None]
"""Where a position tag stood at a time (ms), None when it is not known."""
Beyond = Callable[[AlarmRule, NDArray[np.float64]], NDArray[np.bool_]]
"""Whether values are beyond any limit of a rule, as it holds now."""


def chainage(metres: float) -> str:
    """Return metres along a route as they are painted on a belt: ``K1+350``."""
    whole = round(metres)
    return f"K{whole // 1000}+{whole % 1000:03d}"


@dataclass
class Item:
    """An open item of a round, of an alarm's `rule`, or of a `tag` that stands out.

    It was found at `since` (ms); the round has left its place at `away` (0: not yet) and may be `near` it again;
    `seen` is when the alarm last came there, or a value beyond its limit was last measured (0: not since then).
    """

    name: str
    rule: str
    tag: str
    round: str
    metres: float
    since: int
    away: int = 0
    near: bool = False
    seen: int = 0


class Rounds:
    """The items that rounds have made; `rows` are those of the journal so far."""

    def __init__(self, live: Live, rows: Iterable[Row] = ()) -> None:
        self.live = live
        self.items: dict[str, Item] = {}
        self._of_tag: dict[str, Round] = {}
        self._at: dict[int, list[Round]] = {}
        for one in live.rounds:
            if one.position in live.place:
                self._at.setdefault(live.place[one.position], []).append(one)
                self._of_tag |= {tag: one for tag in one.tags if live.tags[live.place[tag]].reads not in OWN}
        self._rules = {rule.name: rule for rule in live.rules if rule.kind == "limit" and rule.tag in self._of_tag}
        self.take(rows)

    @property
    def positions(self) -> frozenset[int]:
        """The tags that say where a round is."""
        return frozenset(self._at)

    def take(self, rows: Iterable[Row]) -> None:
        """Take rows of actions that somebody else made."""
        for row in rows:
            self._take(row)

    def _take(self, row: Row) -> None:
        if row.kind != "action":
            return
        if row.event == "made" and "round" in row.data:
            self.items[row.subject] = Item(
                row.subject, row.data["rule"], row.data["tag"], row.data["round"], float(row.data["metres"]),
                int(row.data["since"]))
        elif row.event == "state" and row.data["state"] in OVER:
            self.items.pop(row.subject, None)

    def marked(self, rows: Iterable[Row], position_at: PositionAt) -> list[Row]:
        """Return the items that new rows make; what came again at an open item's place is remembered there."""
        made: list[Row] = []
        for row in rows:
            rule = self._rules.get(row.data.get("rule", "")) if row.kind == "alarm" else None
            if rule is None or row.event not in ("began", "announced"):
                continue
            since = int(row.data["now"].get("since", row.at))
            where = position_at(self._of_tag[rule.tag].position, since)
            if where is None:
                continue
            here = [item for item in self.items.values() if item.rule == rule.name
                    and abs(item.metres - where) <= AWAY_M]
            for item in here:
                item.seen = max(item.seen, since)
            if not here and row.event == "announced" and not row.data.get("again"):
                made.append(self._made(rule, row, where))
                self._take(made[-1])
        return made

    def measured(self, batch: Samples, beyond: Beyond, position_at: PositionAt) -> None:
        """Remember what was measured beyond its limit at an open item's place, too shortly for an alarm or not."""
        for item in self.items.values():
            rule = self._rules.get(item.rule)
            if rule is None:
                continue
            mine = batch.of_tag(self.live.place[rule.tag])
            mine = mine.take((mine.at > item.since) & ~np.isin(mine.quality, (Quality.BAD, Quality.TEST)))
            for at in reversed(mine.at[beyond(rule, mine.value)].tolist()):
                where = position_at(self._of_tag[rule.tag].position, at)
                if where is not None and abs(item.metres - where) <= AWAY_M:
                    item.seen = max(item.seen, at)
                    break

    def _made(self, rule: AlarmRule, row: Row, metres: float) -> Row:
        of, place, now = self._of_tag[rule.tag], chainage(metres), row.data["now"]
        due = datetime.fromtimestamp(row.at / 1000 + rule.respond_s, ZoneInfo(self.live.timezone))
        name = f"{rule.name} {place} {row.subject}#{now.get('occurrence', 0)}"
        return Row(row.at, "action", name, "made", value=row.value, key=f"{name}:made", data={
            "title": f"{rule.title_en}, {place}", "title_zh": f"{rule.title_zh} {place}",
            "parent": self._parent(of), "owner": rule.desk,
            "due": due.strftime("%Y-%m-%d %H:%M"), "element": of.route, "level": "", "evidence": "the next round",
            "round": of.name, "rule": rule.name, "alarm": row.subject, "tag": rule.tag, "metres": metres,
            "since": now.get("since", row.at),
        })

    def passed(self, tag: int, at: NDArray[np.int64], metres: NDArray[np.float64]) -> list[Row]:
        """Return what new positions of a round (in order of time, NaN where not known) bring about."""
        made: list[Row] = []
        for of in self._at.get(tag, ()):
            for item in [item for item in self.items.values() if item.round == of.name and item.rule]:
                gap = np.where(at > item.since, np.abs(metres - item.metres), np.nan)
                for when in np.flatnonzero((gap <= NEAR_M) | (gap > AWAY_M)).tolist():
                    if gap[when] <= NEAR_M:
                        item.near = item.away > 0
                        continue
                    if item.near:
                        made += self._looked(item, of, int(at[when]))
                        if item.name not in self.items:
                            break
                    item.away, item.near = item.away or int(at[when]), False
        return made

    def stood_out(self, ended: Pass) -> list[Row]:
        """Return the items of what stood out in a pass; those that no longer do are done."""
        made: list[Row] = []
        of = next(one for one in self.live.rounds if one.name == ended.round)
        about = self.live.tags[self.live.place[ended.tag]]
        mine = [item for item in self.items.values() if item.tag == ended.tag]
        for spot in ended.spots:
            if any(abs(item.metres - spot.metres) <= AWAY_M for item in mine):
                continue
            place = chainage(spot.metres)
            unit = about.unit
            note = f"{spot.value:.4g} {unit}; beside it {spot.beside:.4g} {unit}"
            note_zh = f"{spot.value:.4g} {unit}；旁侧 {spot.beside:.4g} {unit}"
            if spot.before == spot.before:
                note += f"; before {spot.before:.4g} {unit}"
                note_zh += f"；此前 {spot.before:.4g} {unit}"
            name = f"{ended.tag} {place} stands out {ended.at}"
            made.append(Row(ended.at, "action", name, "made", value=spot.value, note=note, key=f"{name}:made", data={
                "title": f"{about.title_en} stands out, {place}", "title_zh": f"{about.title_zh}明显偏高 {place}",
                "parent": self._parent(of), "owner": "dispatch", "due": "", "element": of.route, "level": "",
                "evidence": "the next round", "round": of.name, "rule": "", "tag": ended.tag, "metres": spot.metres,
                "since": ended.at, "note_zh": note_zh,
            }))
        for item in mine:
            if not item.rule and all(abs(item.metres - spot.metres) > AWAY_M for spot in ended.spots):
                place = chainage(item.metres)
                note, said = f"at {place} nothing stands out any more", {"note_zh": f"{place}处已无异常"}
                made += [Row(ended.at, "action", item.name, "evidence", note=note, data={"round": of.name, **said}),
                         Row(ended.at, "action", item.name, "state", note=note, data={"state": "done", **said})]
        self.take(made)
        return made

    def _parent(self, of: Round) -> str:
        """The one action of the chain that is about the round's route, if there is just one."""
        parents = [action.name for action in self.live.actions if action.element == of.route]
        return parents[0] if len(parents) == 1 else ""

    def _looked(self, item: Item, of: Round, at: int) -> list[Row]:
        """A round has come to the item's place and gone on."""
        if item.seen >= item.away:
            item.away, item.seen = at, 0
            return [Row(at, "action", item.name, "noted", note="the next round found it again",
                        data={"round": of.name, "note_zh": "下一轮巡检再次发现"})]
        del self.items[item.name]
        place = chainage(item.metres)
        note, note_zh = f"the next round passed {place} without it", f"下一轮巡检经过{place}，未再发现"
        said = {"round": of.name, "note_zh": note_zh}
        return [Row(at, "action", item.name, "evidence", note=note, data=said),
                Row(at, "action", item.name, "state", note=note, data={"state": "done", **said})]
