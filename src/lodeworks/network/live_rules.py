"""Alarm rules: those written, and those a chain makes by itself from its limits table, its tags and its zones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lodeworks.chain.entities import Alarm, Title
from lodeworks.chain.live_kinds import ALARM_KINDS
from lodeworks.chain.readings import priority
from lodeworks.chain.watched import Watched
from lodeworks.network.expression import compiled
from lodeworks.network.live import AlarmRule, Limit, Round, Tag, out_of_coverage_s

__all__ = ["connected", "rules_of", "told"]

_LOST = (
    Title(en="The sensor, its power, its cable or its gateway failed.", zh="传感器、电源、线缆或网关故障。"),
    Title(en="This place is not watched here.", zh="此处无法在本系统中监视。"),
    Title(en="Look at the statutory system; have it measured by hand and the sensor mended.",
          zh="查看法定监控系统；安排人工检测并处理传感器。"),
)
_BAD = (
    Title(en="The sensor or its gateway says that its value cannot be trusted.", zh="传感器或网关报告数值不可信。"),
    *_LOST[1:],
)
_CROWD = (
    Title(en="More people went in than are allowed.", zh="进入人数超过定员。"),
    Title(en="More people are in danger there, and refuge and air are not enough for them.",
          zh="危险区域人员增多，避险与供风能力不足。"),
    Title(en="Let nobody in; call the zone and have those beyond the number come out.",
          zh="停止人员进入；呼叫该区域，令超员人员撤出。"),
)
_LONG = (
    Title(en="Somebody has not come out in time.", zh="有人员超时未出。"),
    Title(en="He may be hurt, lost or cut off.", zh="人员可能受伤、迷失或被困。"),
    Title(en="Call him and those beside him; send somebody to look.", zh="呼叫本人及附近人员；派人查找。"),
)
_LOST_S, _CROWD_S = 1800.0, 600.0
_SHELVE_S = 8 * 3600.0
_SHARE_BACK = 0.05  # of a limit from the table, where its row gives no deadband


def rules_of(w: Watched, tags: Mapping[str, Tag], rounds: Sequence[Round]) -> tuple[AlarmRule, ...]:
    """Return every rule of the chain: those written first, then those made by themselves."""
    written = (_written(w, name, alarm, tags) for name, alarm in w.chain.alarms.items())
    return (*written, *_by_place(w, tags), *_lost(w, tags, rounds), *_crowds(w, tags))


def connected(feed: str) -> str:
    """Return the name of the tag that says whether a feed is there: 1 or 0."""
    return f"lodeworks.{feed}.connected"


def told(rule: AlarmRule, cause: Title, consequence: Title, response: Title) -> AlarmRule:
    """Return a rule with its cause, consequence and response in both languages."""
    return replace(
        rule, cause=cause.text("en", ""), cause_zh=cause.text("zh", ""),
        consequence=consequence.text("en", ""), consequence_zh=consequence.text("zh", ""),
        response=response.text("en", ""), response_zh=response.text("zh", ""),
    )


def bare(name: str, titles: tuple[str, str], tag: str, kind: str, severity: str, respond_s: float, *,
         life_safety: bool) -> AlarmRule:
    """Return a rule made by itself, still without its limits and its words."""
    return AlarmRule(
        name, *titles, tag=tag, kind=kind, priority=priority(severity, respond_s / 3600.0), cause="", consequence="",
        response="", respond_s=respond_s, life_safety=life_safety, shelve_most_s=0.0 if life_safety else _SHELVE_S,
        severity=severity, made=True,
    )


# ---- written ----------------------------------------------------------------------------------------


def _written(w: Watched, name: str, alarm: Alarm, tags: Mapping[str, Tag]) -> AlarmRule:
    tag = tags.get(alarm.tag)
    program = compiled(alarm.expression) if alarm.kind == "expression" else None
    unless = compiled(alarm.unless) if alarm.unless.strip() else None
    about = [w.chain.tags[n] for n in (program.names if program is not None else (alarm.tag,)) if n in w.chain.tags]
    life = alarm.life_safety if alarm.life_safety is not None else any(w.life_safety(one) for one in about)
    severity = alarm.severity or ("life" if life else "major")
    most = 0.0 if life else w.seconds(alarm.shelve) if alarm.shelve is not None else _SHELVE_S
    en, zh = ALARM_KINDS[alarm.kind]
    respond = w.seconds(alarm.respond)
    rule = AlarmRule(
        name, alarm.title.text("en", f"{tag.title_en}: {en}" if tag else name),
        alarm.title.text("zh", f"{tag.title_zh}{zh}" if tag else name),
        tag=alarm.tag, kind=alarm.kind, priority=alarm.priority or priority(severity, respond / 3600.0),
        cause="", consequence="", response="", respond_s=respond, limits=_limits(w, alarm, tag.unit if tag else ""),
        states=tuple(_state(tag, word) for word in alarm.states) if tag else (), expression=alarm.expression,
        window_s=w.seconds(alarm.window), ends=_ends(w, alarm, tag.unit if tag else ""), loss=w.loss(alarm),
        on_delay_s=w.seconds(alarm.on_delay), off_delay_s=w.seconds(alarm.off_delay),
        re_alarm_s=w.seconds(alarm.re_alarm), latched=alarm.latched, life_safety=life, unless=alarm.unless,
        group=alarm.group, desk=alarm.desk, shelve_most_s=most, severity=severity, program=program,
        unless_program=unless,
        unless_rules=tuple(n for n in unless.names if n not in tags and n not in w.system_tags) if unless else (),
    )
    return told(rule, alarm.cause, alarm.consequence, alarm.response)


def _limits(w: Watched, alarm: Alarm, unit: str) -> tuple[Limit, ...]:
    back = w.change(alarm, alarm.deadband, unit) if alarm.deadband is not None else 0.0
    return tuple(
        Limit(level, "high" if level in ("HH", "H") else "low", w.limit(alarm, quantity, unit), back)
        for level, quantity in w.levels(alarm).items()
    )


def _ends(w: Watched, alarm: Alarm, unit: str) -> tuple[float, float]:
    """Return the levels below and above at which a level is looked at to end."""
    ends = w.ends(alarm, unit) if alarm.kind == "time_left" else {}
    return ends.get("empty", -math.inf), ends.get("full", math.inf)


def _state(tag: Tag, word: str) -> int:
    """Return the number of a state given by number or by one of its words."""
    for number, en, zh in tag.words:
        if word in (en, zh, str(number)):
            return number
    return int(word)


# ---- made by themselves -----------------------------------------------------------------------------


def _by_place(w: Watched, tags: Mapping[str, Tag]) -> Iterator[AlarmRule]:
    """The limits table is an alarm for each tag in a kind of place it has a row for."""
    for name, tag in tags.items():
        written = w.row(w.chain.tags[name])
        if not written:
            continue
        row = w.whole(written)
        own = w.row_unit(row)
        limits = []
        high, low, cut = (w.value(q, own, tag.unit) if q is not None else None for q in (row.high, row.low, row.cut))
        back = w.difference(row.deadband, own, tag.unit) if row.deadband is not None else None
        if high is not None:
            if cut is not None and cut > high:
                restore = w.value(row.restore, own, tag.unit) if row.restore is not None else cut
                limits.append(Limit("HH", "high", cut, max(cut - restore, 0.0), written))
            limits.append(Limit("H", "high", high, abs(high) * _SHARE_BACK if back is None else back, written))
        if low is not None:
            limits.append(Limit("L", "low", low, abs(low) * _SHARE_BACK if back is None else back, written))
        severity = row.severity or w.severity(row.quantity)
        life = w.life_safety(w.chain.tags[name])
        titles = f"{tag.title_en}: over the limit", f"{tag.title_zh}越限"
        rule = bare(f"{name}.limit", titles, name, "limit", severity, w.seconds(row.respond), life_safety=life)
        rule = replace(rule, priority=row.priority or rule.priority, limits=tuple(limits), row=written,
                       group=tag.zone or tag.site)
        yield told(rule, row.cause, row.consequence, row.response)


def _lost(w: Watched, tags: Mapping[str, Tag], rounds: Sequence[Round]) -> Iterator[AlarmRule]:
    """A tag that sends nothing, or says that its value is bad, is an alarm; not while its feed is gone altogether.

    What a round measures may be silent for as long as the way through its longest gap takes.
    """
    silent = out_of_coverage_s(rounds)
    gone = {feed: compiled(f"`{connected(feed)}` == 0") for feed in w.feeds}
    for name, tag in tags.items():
        life = w.life_safety(w.chain.tags[name])
        severity = "severe" if life else "minor"
        for kind, words, en, zh in (("stale", _LOST, "no data", "数据中断"), ("bad", _BAD, "bad data", "数据异常")):
            rule = bare(f"{name}.{kind}", (f"{tag.title_en}: {en}", f"{tag.title_zh}{zh}"), name, kind, severity,
                        _LOST_S, life_safety=life)
            delay = silent.get(name, 0.0) if kind == "stale" else 0.0
            yield told(replace(rule, on_delay_s=delay, unless=gone[tag.feed].text, unless_program=gone[tag.feed],
                               group=tag.feed), *words)


def _crowds(w: Watched, tags: Mapping[str, Tag]) -> Iterator[AlarmRule]:
    """A zone with too many people in it, or with somebody in it for too long, is an alarm."""
    for name, zone in w.chain.zones.items():
        en, zh = zone.title.text("en", name), zone.title.text("zh", name)
        if zone.count in tags and (zone.forbidden or zone.most is not None):
            most = 0 if zone.forbidden or zone.most is None else zone.most
            titles = (f"{en}: {'somebody in a forbidden zone' if zone.forbidden else 'too many people'}",
                      zh + ("有人闯入禁区" if zone.forbidden else "超员"))
            rule = bare(f"{name}.over", titles, zone.count, "limit", "severe", _CROWD_S, life_safety=True)
            yield told(replace(rule, limits=(Limit("H", "high", most + 1.0, 0.5),), group=name), *_CROWD)
        if zone.stay in tags and zone.longest is not None:
            titles = f"{en}: longer than allowed", f"{zh}人员超时"
            rule = bare(f"{name}.stay", titles, zone.stay, "limit", "severe", _CROWD_S, life_safety=True)
            most_stay = w.value(zone.longest, "h", tags[zone.stay].unit)
            yield told(replace(rule, limits=(Limit("H", "high", most_stay),), group=name), *_LONG)
