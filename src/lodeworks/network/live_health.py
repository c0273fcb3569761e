"""The live reading watches itself: tags of its own lag, losses and room, and the alarms on them.

Their names begin with ``lodeworks.``, which no name of a chain can, and they are the last of the tags.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lodeworks.chain.entities import Title
from lodeworks.chain.watched import FEED_ALARMS, FEED_TAGS, OWN, SYSTEM_ALARMS, SYSTEM_TAGS, Watched
from lodeworks.network.expression import compiled
from lodeworks.network.live import AlarmRule, Feed, Limit, Tag
from lodeworks.network.live_rules import bare, connected, told

__all__ = ["health_feeds", "health_rules", "health_tags"]

_PERIOD_S = 10.0
# name: (unit, English, Chinese, reads, most)
_TAGS = {
    "lag_s": ("s", "behind the source", "数据滞后", "time", math.inf),
    "queue": ("%", "queue of samples", "样本队列占用", "share", 100.0),
    "refused": ("", "samples refused", "拒收样本数", "count", math.inf),
    "late": ("", "late samples", "迟到样本数", "count", math.inf),
    "values_per_s": ("1/s", "values a second", "每秒数值数", "rate", math.inf),
    "disk_free_gb": ("GB", "room on disk", "磁盘剩余空间", "amount", math.inf),
    "connected": ("", "connection", "连接状态", "state", 1.0),
}
_WORDS = ((0, "gone", "断开"), (1, "there", "正常"))
@dataclass(frozen=True)
class _Made:
    """A rule on the system itself: words are its cause, its consequence and the response."""

    kind: str
    limits: tuple[Limit, ...]
    states: tuple[int, ...]
    severity: str
    minutes: float
    words: tuple[Title, Title, Title]


_RULES = {
    "lag_s": _Made("limit", (Limit("HH", "high", 30.0, 15.0), Limit("H", "high", 5.0, 2.5)), (), "severe", 30.0, (
        Title(en="More samples come than can be taken in, or this computer is busy.",
              zh="数据量过大或本机繁忙。"),
        Title(en="What is shown here is old.",
              zh="画面显示的数据已经过时。"),
        Title(en="Rely on the statutory system; look at the sources for one that floods.",
              zh="以法定监控系统为准；查找异常大量发送的数据源。"),
    )),
    "queue": _Made("limit", (Limit("H", "high", 80.0, 20.0),), (), "major", 30.0, (
        Title(en="More samples come than can be taken in.",
              zh="数据量超过处理能力。"),
        Title(en="Samples will be refused when it is full.",
              zh="队列满后将拒收样本。"),
        Title(en="Look at the sources for one that floods.",
              zh="查找异常大量发送的数据源。"),
    )),
    "disk_free_gb": _Made("limit", (Limit("L", "low", 2.0, 1.0), Limit("LL", "low", 0.5, 0.5)), (), "severe", 60.0, (
        Title(en="History and journal fill the disk.",
              zh="历史数据与日志占满磁盘。"),
        Title(en="Nothing more can be recorded.",
              zh="将无法继续记录。"),
        Title(en="Make room on the disk, or move old days of the history away.",
              zh="清理磁盘空间，或转移早期历史数据。"),
    )),
    "connected": _Made("discrete", (), (0,), "severe", 10.0, (
        Title(en="The gateway, the broker or the network to it failed.",
              zh="网关、消息服务器或网络故障。"),
        Title(en="None of its values is known here; its tags are bad until it is back.",
              zh="该来源的全部测点在恢复前均不可信。"),
        Title(en="Rely on the statutory system; have the connection mended.",
              zh="以法定监控系统为准；通知检修数据链路。"),
    )),
    "refused": _Made("rate", (Limit("H", "high", 60.0, 30.0),), (), "minor", 60.0, (
        Title(en="Garbage, unknown names or times that cannot be come in.",
              zh="收到无法解析、未登记或时间错误的数据。"),
        Title(en="Values may be missing.",
              zh="可能缺少数据。"),
        Title(en="Look at the list of what was refused, and at the source.",
              zh="查看拒收清单并检查数据源。"),
    )),
}


def health_feeds(w: Watched) -> tuple[Feed, ...]:
    """Return the feed of a chain that declares none: it is watched in rehearsal."""
    return tuple(Feed(name, "rehearsal", "", "Rehearsal", "演练") for name in w.feeds)


def health_tags(w: Watched, feeds: tuple[Feed, ...]) -> tuple[Tag, ...]:
    """Return the tags of the system itself; none where nothing is watched."""
    if not w.chain.tags:
        return ()
    own = [_tag(f"{OWN}.{name}", name, "Lodeworks", "系统") for name in SYSTEM_TAGS]
    each = [_tag(f"{OWN}.{feed.name}.{name}", name, feed.title_en, feed.title_zh)
            for feed in feeds for name in FEED_TAGS]
    return (*own, *each)


def _tag(full: str, name: str, en: str, zh: str) -> Tag:
    unit, title_en, title_zh, reads, most = _TAGS[name]
    kind = "state" if name == "connected" else "counter" if reads == "count" else "sensor"
    return Tag(
        full, f"{en}: {title_en}", f"{zh}{title_zh}", element="", site="", reads=reads, kind=kind, unit=unit, low=0.0,
        high=most, place="", quantity="", period_s=_PERIOD_S, feed=OWN, address=full,
        words=_WORDS if kind == "state" else (),
    )


def health_rules(w: Watched, feeds: tuple[Feed, ...]) -> Iterator[AlarmRule]:
    """Yield the alarms on the system itself."""
    if not w.chain.tags:
        return
    for name in SYSTEM_ALARMS:
        yield _rule(f"{OWN}.{name}", name, "Lodeworks", "系统")
    for feed in feeds:
        for name in FEED_ALARMS:
            unless = f"`{connected(feed.name)}` == 0" if name != "connected" else ""
            yield _rule(f"{OWN}.{feed.name}.{name}", name, feed.title_en, feed.title_zh, unless)


def _rule(tag: str, name: str, en: str, zh: str, unless: str = "") -> AlarmRule:
    made = _RULES[name]
    titles = f"{en}: {_TAGS[name][1]}", f"{zh}{_TAGS[name][2]}"
    rule = bare(f"{tag}.limit", titles, tag, made.kind, made.severity, made.minutes * 60.0, life_safety=False)
    program = compiled(unless) if unless else None
    rule = replace(rule, limits=made.limits, states=made.states, unless=unless, unless_program=program, group=OWN)
    return told(rule, *made.words)
