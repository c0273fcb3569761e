"""Actions: who owes what until when, as a tree that adds up.

The tree is the chain's, with what the journal adds: items made since, states, evidence, other owners and dates. Every
item counts for as many as it stands for at its level; what a parent states of a level must be what lies below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lodeworks.network.live import Action, Live
from lodeworks.watch.deeds import Answer, Deed
from lodeworks.watch.journal import Row
from lodeworks.watch.sentence import Sentence, no_such

__all__ = ["DEEDS", "OVER", "STATES", "STATE_WORDS", "ActionNow", "Mismatch", "Totals", "actions", "apply", "due_ms",
           "mismatches", "owed"]

STATE_WORDS = {"open": "待处置", "under way": "进行中", "blocked": "受阻", "done": "完成", "dropped": "取消"}
"""The states an item may be in, each with its word in Chinese."""
STATES = tuple(STATE_WORDS)
OVER = ("done", "dropped")
"""States in which nothing is owed any more."""


@dataclass(frozen=True)
class Totals:
    """How many items of a level lie below one (and it itself), how many of them are in which state, and are late."""

    level: str
    count: int
    states: tuple[tuple[str, int], ...]
    late: int

    @property
    def done(self) -> int:
        """How many are done."""
        return dict(self.states).get("done", 0)


@dataclass(frozen=True)
class ActionNow:
    """An item as it is: the chain's, or one made since, with its children.

    `due` is ms (the end of its day where only a date is written), 0 for none. `late`: due and not over. `blocked`: it
    or something below is. `proofs` are the rows with evidence. `totals` are by level, itself included.
    `why` (in Chinese `why_zh`) is what was said with its state; `row` that row, 0 for as the chain has it.
    """

    action: Action
    state: str
    owner: str
    due: int
    late: bool
    blocked: bool
    proofs: tuple[Row, ...]
    totals: tuple[Totals, ...]
    children: tuple[ActionNow, ...]
    why: str = ""
    why_zh: str = ""
    row: int = 0

    @property
    def name(self) -> str:
        """The item's name."""
        return self.action.name

    def walk(self) -> Iterable[ActionNow]:
        """Yield it and everything below."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Mismatch:
    """An item whose stated total of a level is not what lies below it."""

    name: str
    level: str
    stated: int
    found: int


def due_ms(due: str, timezone: str) -> int:
    """Return when (ms) something is due: the end of a day, or a time of it; 0 for an empty text."""
    if not due:
        return 0
    zone = ZoneInfo(timezone)
    if len(due) == 10:
        day = date.fromisoformat(due) + timedelta(days=1)
        return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
    return round(datetime.fromisoformat(due).replace(tzinfo=zone).timestamp() * 1000)


@dataclass
class _Item:
    action: Action
    state: str
    proofs: tuple[Row, ...] = ()
    why: str = ""
    why_zh: str = ""
    row: int = 0
    evidence_zh: str = ""


def _items(live: Live, rows: Iterable[Row]) -> dict[str, _Item]:
    """Every item with what rows say of it."""
    chinese = {name: zh for name, _, zh in live.titles}
    items = {action.name: _Item(action, action.state, evidence_zh=chinese.get(action.evidence, ""))
             for action in live.actions}
    for row in rows:
        if row.kind != "action":
            continue
        if row.event == "made" and row.subject not in items:
            parent, owner, due, evidence, element, level = (
                str(row.data.get(name, "")) for name in ("parent", "owner", "due", "evidence", "element", "level"))
            title = str(row.data.get("title", row.subject))
            action = Action(row.subject, title, str(row.data.get("title_zh", title)), parent, owner, due, "open",
                            evidence, element, 1, level)
            items[row.subject] = _Item(action, "open", row=row.number)
        item = items.get(row.subject)
        if item is None:
            continue
        if row.event == "state":
            item.state, item.row = row.data["state"], row.number
            item.why, item.why_zh = row.said("en"), row.said("zh")
        elif row.event == "evidence":
            item.proofs = (*item.proofs, row)
        elif row.event in ("owner", "due"):
            item.action = replace(item.action, **{row.event: row.data[row.event]})
    return items


def actions(live: Live, rows: Iterable[Row], now: int) -> list[ActionNow]:
    """Return the tree of actions at a time (ms): the items without a parent, each with what lies below."""
    items = _items(live, rows)
    below: dict[str, list[str]] = {}
    for name, item in items.items():
        parent = item.action.parent if item.action.parent in items and item.action.parent != name else ""
        below.setdefault(parent, []).append(name)
    return [_rolled(name, items, below, live.timezone, now, frozenset()) for name in below.get("", ())]


def _rolled(name: str, items: dict[str, _Item], below: dict[str, list[str]], timezone: str, now: int,
            above: frozenset[str]) -> ActionNow:
    item, above = items[name], above | {name}
    children = tuple(_rolled(child, items, below, timezone, now, above) for child in below.get(name, ())
                     if child not in above)
    due = due_ms(item.action.due, timezone)
    late = bool(due) and due <= now and item.state not in OVER
    return ActionNow(
        item.action, item.state, item.action.owner, due, late,
        item.state == "blocked" or any(child.blocked for child in children), item.proofs,
        _totals(item, children, late=late), children, item.why, item.why_zh, item.row,
    )


def _totals(item: _Item, children: Sequence[ActionNow], *, late: bool) -> tuple[Totals, ...]:
    count, lates = Counter[str](), Counter[str]()
    states: dict[str, Counter[str]] = {}
    own = Totals(item.action.level, item.action.count, ((item.state, item.action.count),), item.action.count * late)
    parts = [total for child in children for total in child.totals] + ([own] if item.action.level else [])
    for part in parts:
        count[part.level] += part.count
        lates[part.level] += part.late
        states.setdefault(part.level, Counter()).update(dict(part.states))
    return tuple(Totals(level, count[level], tuple(sorted(states[level].items())), lates[level]) for level in count)


def mismatches(tree: Iterable[ActionNow]) -> list[Mismatch]:
    """Return every stated total that is not what lies below; none when the tree reconciles at each level."""
    found = []
    for top in tree:
        for item in top.walk():
            below = Counter[str]()
            for child in item.children:
                below.update({total.level: total.count for total in child.totals})
            found += [Mismatch(item.name, level, stated, below[level]) for level, stated in item.action.counts
                      if below[level] != stated]
    return found


def owed(tree: Iterable[ActionNow], until: int) -> dict[str, list[ActionNow]]:
    """Return what each owner owes until a time (ms), what is late included, the earliest first.

    Only items with nothing below them are owed; those above them are done when these are.
    """
    found: dict[str, list[ActionNow]] = {}
    for top in tree:
        for item in top.walk():
            if not item.children and item.due and item.due <= until and item.state not in OVER:
                found.setdefault(item.owner, []).append(item)
    return {owner: sorted(items, key=lambda item: (item.due, item.name)) for owner, items in sorted(found.items())}


# ---- deeds ------------------------------------------------------------------------------------------


def _make(items: dict[str, _Item], deed: Deed, at: int) -> Row | Sentence:
    title = str(deed.data.get("title", "")).strip()
    if not deed.subject.strip() or not title:
        return Sentence("a new item needs a name and a title", "新任务须有名称和标题")
    if deed.subject in items:
        return Sentence(f"there is an item {deed.subject!r} already", f"已有此任务：{deed.subject}")
    parent = str(deed.data.get("parent", ""))
    if parent and parent not in items:
        return no_such("item", "任务", parent, items)
    if why := _bad_due(deed):
        return why
    return _row(deed, at, "made", **{name: str(value) for name, value in deed.data.items()})


def _state(items: dict[str, _Item], deed: Deed, at: int) -> Row | Sentence:
    item, state = items[deed.subject], str(deed.data.get("state", ""))
    if state not in STATES:
        return Sentence(f"{state!r} is no state; there are {', '.join(STATES)}",
                       f"没有此状态：{state}；可选{'、'.join(STATE_WORDS.values())}")
    if state == item.state:
        return Sentence(f"it is {state} already", f"已是“{STATE_WORDS[state]}”")
    if state in ("blocked", "dropped") and not deed.note.strip():
        return Sentence(f"say why it is {state}", f"请说明“{STATE_WORDS[state]}”的原因")
    if state == "done" and item.action.evidence and not item.proofs:
        return Sentence(f"evidence is to be given first: {item.action.evidence}",
                       f"请先提交佐证：{item.evidence_zh or item.action.evidence}")
    return _row(deed, at, "state", state=state)


def _evidence(items: dict[str, _Item], deed: Deed, at: int) -> Row | Sentence:
    if not deed.note.strip():
        return Sentence("say what the evidence is", "请填写佐证内容")
    return _row(deed, at, "evidence", **{name: str(value) for name, value in deed.data.items()})


def _owner(items: dict[str, _Item], deed: Deed, at: int) -> Row | Sentence:
    owner = str(deed.data.get("owner", "")).strip()
    return _row(deed, at, "owner", owner=owner) if owner else Sentence("say who owes it", "请填写责任人")


def _due(items: dict[str, _Item], deed: Deed, at: int) -> Row | Sentence:
    if not deed.note.strip():
        return Sentence("another date needs a reason", "更改期限须注明原因")
    return _bad_due(deed) or _row(deed, at, "due", due=str(deed.data.get("due", "")))


def _bad_due(deed: Deed) -> Sentence | None:
    try:
        due_ms(str(deed.data.get("due", "")), "UTC")
    except ValueError:
        due = deed.data.get("due")
        return Sentence(f"{due!r} is no date such as 2026-12-05, nor one with a time such as 2026-12-05 16:00",
                       f"日期无效：{due}；应如 2026-12-05，或带时间如 2026-12-05 16:00")
    return None


def _row(deed: Deed, at: int, event: str, **data: str) -> Row:
    return Row(at, "action", deed.subject, event, deed.user, note=deed.note, data=data)


DEEDS: dict[str, Callable[[dict[str, _Item], Deed, int], Row | Sentence]] = {
    "action_make": _make, "action_state": _state, "action_evidence": _evidence, "action_owner": _owner,
    "action_due": _due,
}
"""What can be done to actions, by the deed's kind. They take ``title``, ``parent``, ``owner``, ``due``, ``evidence``;
``state``; a note that is the evidence; ``owner``; ``due``.
"""


def apply(live: Live, rows: Iterable[Row], deed: Deed, at: int) -> tuple[Answer, list[Row]]:
    """Do what somebody asks of an action, given the journal's rows; return the answer and the rows."""
    items = _items(live, rows)
    if deed.kind != "action_make" and deed.subject not in items:
        return Answer(False, *no_such("item", "任务", deed.subject, items)), []
    made = DEEDS[deed.kind](items, deed, at)
    return (Answer(False, *made), []) if isinstance(made, Sentence) else (Answer(True), [made])
