"""What people do with alarms: each deed with what it needs, why it is refused, and what it does.

A deed is about a rule (all its alarms) or one alarm. Nothing is done without a name; a wall and a viewer do nothing.
Deeds about incidents and actions are handed on to those.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, TypeGuard

from lodeworks.network.live import LEVELLED
from lodeworks.watch import actions, rescue
from lodeworks.watch.alarms.desk import Desk
from lodeworks.watch.alarms.states import Event
from lodeworks.watch.alarms.windows import AHEAD_MS, LONGEST_MS, Window
from lodeworks.watch.deeds import Answer, Deed, refusal
from lodeworks.watch.journal import Row
from lodeworks.watch.sentence import Sentence, no_such

if TYPE_CHECKING:
    from lodeworks.watch.alarms.engine import Engine

__all__ = ["DEEDS", "act"]

_HOUR = 3_600_000


def act(engine: Engine, deed: Deed, at: int) -> Answer:
    """Do a deed at a time (ms) and say what became of it; what is refused changes nothing."""
    if why := refusal(deed):
        return Answer(False, *why)
    if deed.kind == "incident_open" or deed.kind in rescue.DEEDS:
        answer, rows = engine.rescue.apply(deed, at)
        engine.note(rows)
        return answer
    if deed.kind in actions.DEEDS:
        waiting = [row for row in engine.desk.rows if row.kind == "action"]
        answer, rows = actions.apply(engine.live, [*engine.journal.of_kind("action"), *waiting], deed, at)
        engine.rounds.take(rows)
        engine.note(rows)
        return answer
    does = DEEDS.get(deed.kind)
    if does is None:
        known = [*DEEDS, *rescue.DEEDS, "incident_open", *actions.DEEDS]
        return Answer(False, *no_such("deed", "操作", deed.kind, known))
    return does(engine, deed, at)


def _of(engine: Engine, deed: Deed) -> list[int]:
    return engine.channels.of_rule(deed.subject)


def _unknown(engine: Engine, deed: Deed) -> Answer:
    known = [*engine.channels.names, *(rule.name for rule in engine.live.rules)]
    return Answer(False, *no_such("alarm", "报警", deed.subject, known))


def _each(engine: Engine, deed: Deed, does: Callable[[Desk, int], bool], nothing: tuple[str, str]) -> Answer:
    channels = _of(engine, deed)
    if not channels:
        return _unknown(engine, deed)
    done = [engine.channels.names[channel] for channel in channels if does(engine.desk, channel)]
    return Answer(True, ", ".join(done)) if done else Answer(False, *nothing)


def _acknowledge(engine: Engine, deed: Deed, at: int) -> Answer:
    by = {alarm.acknowledged_by for channel in _of(engine, deed)
          if (alarm := engine.desk.alarms.get(channel)) is not None and alarm.acknowledged_by}
    return _each(engine, deed, lambda desk, channel: desk.acknowledged(channel, at, deed.user, deed.note),
                 (f"it was acknowledged already, by {', '.join(sorted(by))}", f"已由{'、'.join(sorted(by))}确认") if by
                 else ("nothing of it waits to be acknowledged", "没有待确认的报警"))


def _silence(engine: Engine, deed: Deed, at: int) -> Answer:
    return _each(engine, deed, lambda desk, c: desk.event(c, Event.SILENCE, at, "silenced", deed.user, deed.note),
                 ("nothing of it sounds", "没有可消音的报警"))


def _reset(engine: Engine, deed: Deed, at: int) -> Answer:
    return _each(engine, deed, lambda desk, c: desk.event(c, Event.RESET, at, "reset", deed.user, deed.note),
                 ("only a latched alarm that is gone and acknowledged is reset", "只有已恢复并确认的锁存报警可以复位"))


def _shelve(engine: Engine, deed: Deed, at: int) -> Answer:
    channels = _of(engine, deed)
    if not channels:
        return _unknown(engine, deed)
    if not deed.note.strip():
        return Answer(False, "shelving needs a reason", "搁置须注明原因")
    rules = [engine.channels.rules[channel] for channel in channels]
    if any(rule.life_safety for rule in rules):
        return Answer(False, "lives depend on this alarm: it cannot be shelved", "此报警关系生命安全，不能搁置")
    asked = deed.data.get("hours")
    most = min(rule.shelve_most_s for rule in rules) / 3600.0
    if not _number(asked) or not 0.0 < asked <= most:
        return Answer(False, f"it can be shelved for up to {most:g} h; asked was {asked!r}",
                      f"最长可搁置{most:g}小时；申请为{asked!r}")
    until = at + round(asked * _HOUR)

    def shelve(desk: Desk, channel: int) -> bool:
        alarm = desk.alarm(channel)
        if alarm.state.shelved:
            return False
        alarm.shelved_until, alarm.shelved_by, alarm.reason = until, deed.user, deed.note
        desk.remind(until, "unshelve", channel, deed=True)
        return desk.event(channel, Event.SHELVE, at, "shelved", deed.user, deed.note, until=until)

    return _each(engine, deed, shelve, ("it is shelved already", "已处于搁置"))


def _unshelve(engine: Engine, deed: Deed, at: int) -> Answer:
    def unshelve(desk: Desk, channel: int) -> bool:
        return channel in desk.alarms and desk.alarms[channel].state.shelved and \
            desk.unshelve(channel, at, deed.user, deed.note)

    return _each(engine, deed, unshelve, ("it is not shelved", "未处于搁置"))


def _remove(engine: Engine, deed: Deed, at: int) -> Answer:
    if not deed.note.strip():
        return Answer(False, "taking an alarm out of service needs a reason", "停用报警须注明原因")
    if deed.role == "dispatcher":
        return Answer(False, "an engineer takes alarms out of service", "停用报警须由工程师进行")

    def remove(desk: Desk, channel: int) -> bool:
        desk.alarm(channel).reason = deed.note
        return desk.event(channel, Event.REMOVE, at, "out of service", deed.user, deed.note)

    return _each(engine, deed, remove, ("it is out of service already", "已停用"))


def _restore(engine: Engine, deed: Deed, at: int) -> Answer:
    def restore(desk: Desk, channel: int) -> bool:
        return desk.event(channel, Event.RESTORE, at, "in service", deed.user, deed.note)

    return _each(engine, deed, restore, ("it is in service", "未停用"))


def _calibrate(engine: Engine, deed: Deed, at: int) -> Answer:
    tag = engine.live.place.get(deed.subject)
    if tag is None:
        return Answer(False, *no_such("tag", "测点", deed.subject, engine.live.place))
    if not deed.note.strip():
        return Answer(False, "a calibration needs a reason", "标校须注明原因")
    minutes, expected, since = (deed.data.get(name) for name in ("minutes", "expected", "since"))
    if not _number(minutes) or not 0 < minutes <= LONGEST_MS / 60_000:
        most = LONGEST_MS // 60_000
        return Answer(False, f"a calibration lasts up to {most} minutes; asked was {minutes!r}",
                      f"标校最长{most}分钟；申请为{minutes!r}")
    if not _number(expected):
        return Answer(False, "say which value the sensor is to show", "请填写传感器应显示的标准值")
    if since is not None and (not _number(since) or since > at + AHEAD_MS):
        days = AHEAD_MS // 86_400_000
        return Answer(False, f"a calibration is declared up to {days} days before; asked was {since!r}",
                      f"标校最多提前{days}天登记；申请为{since!r}")
    begin = max(at, round(since)) if since is not None else at
    window = Window(begin, begin + round(minutes * 60_000), deed.user, float(expected), deed.note)
    if (other := engine.windows.overlapping(tag, window.since, window.until)) is not None:
        if other.since <= at:
            return Answer(False, "it is being calibrated already", "正在标校")
        return Answer(False, f"a calibration of it is declared within that time, by {other.by}",
                      f"该时段内已由{other.by}登记标校")
    if window.since > at:
        engine.windows.declare(tag, window, at)
    else:
        engine.windows.begin(tag, window)
    return Answer(True)


def _number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _calibrated(engine: Engine, deed: Deed, at: int) -> Answer:
    tag, since = engine.live.place.get(deed.subject), deed.data.get("since")
    if tag is not None and _number(since) and engine.windows.call_off(tag, round(since), at, deed.user):
        return Answer(True)
    if tag is None or tag not in engine.windows.open or (_number(since) and since != engine.windows.open[tag].since):
        return Answer(False, f"{deed.subject!r} is not being calibrated", f"{deed.subject}不在标校中")
    engine.windows.end(tag, at, deed.user)
    return Answer(True)


def _limit(engine: Engine, deed: Deed, at: int) -> Answer:
    """Ask for another limit: a reason, the count of a back-test, then a second person."""
    channel = engine.channels.place.get(deed.subject)
    if channel is None or engine.channels.rules[channel].kind not in LEVELLED:
        return _unknown(engine, deed) if channel is None else Answer(False, "this alarm has no limit", "此报警没有限值")
    if deed.role == "dispatcher":
        return Answer(False, "an engineer changes limits", "修改限值须由工程师进行")
    if not deed.note.strip():
        return Answer(False, "a change of a limit needs a reason", "修改限值须注明原因")
    value, back = deed.data.get("value"), deed.data.get("deadband", float(engine.channels.deadband[channel]))
    if not _number(value) or not _number(back) or back < 0:
        return Answer(False, f"a limit is a number, its deadband not below 0; asked was {value!r}, {back!r}",
                      f"限值须为数值，回差不小于0；申请为{value!r}、{back!r}")
    if why := _cannot_be(engine, channel, float(value), float(back)):
        return Answer(False, *why)
    tested = deed.data.get("backtest")
    if not isinstance(tested, dict) or not {"days", "before", "after"} <= set(tested):
        return Answer(False, "run the change on the last 30 days first, and say how many alarms it would have made",
                      "请先用最近30天的数据回测，并给出报警次数")
    engine.asked[deed.subject] = {"value": float(value), "deadband": float(back), "by": deed.user, "at": at,
                                  "reason": deed.note, "backtest": dict(tested)}
    engine.note([Row(at, "limit", deed.subject, "asked", deed.user, float(value), deed.note,
                     {**engine.asked[deed.subject], "was": float(engine.channels.value[channel])})])
    return Answer(True, "a second person must agree", "待第二人复核")


def _cannot_be(engine: Engine, channel: int, value: float, back: float) -> Sentence | None:
    """Say why a limit cannot be this, in both languages: outside what its tag reads, or beyond another level."""
    channels, rule = engine.channels, engine.channels.rules[channel]
    if rule.kind == "limit":
        tag = engine.live.tags[int(channels.tag[channel])]
        if not tag.low <= value <= tag.high:
            return Sentence(f"its tag reads {tag.low:g} to {tag.high:g} {tag.unit}; asked was {value:g}",
                           f"测点量程为{tag.low:g}至{tag.high:g} {tag.unit}；申请为{value:g}")
    held = {channels.levels[one]: float(channels.value[one]) for one in channels.of_rule(rule.name)}
    held[channels.levels[channel]] = value
    order = [held[level] for level in ("LL", "L", "H", "HH") if level in held]
    if any(upper - lower <= back for lower, upper in pairwise(order)):
        told = ", ".join(f"{level} {number:g}" for level, number in held.items())
        return Sentence(f"levels must rise from LL to HH, further apart than the deadband; they would be {told}",
                       f"各级限值须自LL至HH递增，间隔大于回差；修改后为{told}")
    return None


def _agree(engine: Engine, deed: Deed, at: int) -> Answer:
    asked = engine.asked.get(deed.subject)
    if asked is None:
        return Answer(False, f"no change of {deed.subject!r} waits", f"没有待复核的修改：{deed.subject}")
    if deed.role == "dispatcher":
        return Answer(False, "an engineer agrees to limits", "复核限值须由工程师进行")
    if asked["by"] == deed.user:
        return Answer(False, "a second person must agree, not the one who asked", "须由第二人复核，申请人不能自行复核")
    channel = engine.channels.place[deed.subject]
    was = {"was": float(engine.channels.value[channel]), "was_deadband": float(engine.channels.deadband[channel])}
    del engine.asked[deed.subject]
    engine.channels.change(channel, at, asked["value"], asked["deadband"])
    engine.note([Row(at, "limit", deed.subject, "changed", deed.user, asked["value"], asked["reason"],
                     {**asked, **was, "second": deed.user})])
    return Answer(True)


def _disagree(engine: Engine, deed: Deed, at: int) -> Answer:
    asked = engine.asked.pop(deed.subject, None)
    if asked is None:
        return Answer(False, f"no change of {deed.subject!r} waits", f"没有待复核的修改：{deed.subject}")
    engine.note([Row(at, "limit", deed.subject, "refused", deed.user, asked["value"], deed.note, asked)])
    return Answer(True)


def _remark(engine: Engine, deed: Deed, at: int) -> Answer:
    if not deed.note.strip():
        return Answer(False, "a note needs words", "备注不能为空")
    engine.note([Row(at, "note", deed.subject, "noted", deed.user, note=deed.note)])
    return Answer(True)


DEEDS: dict[str, Callable[[Engine, Deed, int], Answer]] = {
    "acknowledge": _acknowledge, "silence": _silence, "reset": _reset, "shelve": _shelve, "unshelve": _unshelve,
    "remove": _remove, "restore": _restore, "calibrate": _calibrate, "calibrated": _calibrated, "limit": _limit,
    "agree": _agree, "disagree": _disagree, "note": _remark,
}
"""What can be done, by the deed's kind.

``shelve`` takes ``hours``; ``calibrate`` (of a tag) ``minutes``, ``expected`` and, for later, ``since`` (ms), by which
``calibrated`` calls it off; ``limit`` (of an alarm) ``value``, ``deadband`` and the ``backtest`` it was tried with, and
waits for ``agree`` by a second person.
"""
