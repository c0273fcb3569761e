"""The report of an incident: one HTML page that needs nothing else, or a workbook, in English or Chinese.

Every number and time in it carries the row of the journal it comes from; the rows themselves are its last table. What
was late or never done is said in words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lodeworks.network.live import Live
from lodeworks.watch.alarms.voice import LEVELS
from lodeworks.watch.incidents import IncidentNow
from lodeworks.watch.journal import Row
from lodeworks.watch.workbook import Sheet, stamp, write_book

__all__ = ["report_book", "report_page", "report_tables"]

_WORDS = {
    "drill": ("Drill", "演习"), "incident": ("Incident", "事件"), "opened": ("opened", "启动"), "by": ("by", "由"),
    "closed": ("closed", "结束"), "open": ("still open", "尚未结束"), "lasted": ("lasted", "持续"),
    "alarm": ("alarm", "报警"), "roles": ("Roles", "角色"), "role": ("role", "角色"), "person": ("person", "人员"),
    "nobody": ("nobody", "未指定"), "steps": ("Steps", "处置步骤"), "step": ("step", "步骤"),
    "within": ("allowed, min", "时限（分钟）"), "done": ("done", "完成时间"), "took": ("took, min", "用时（分钟）"),
    "late": ("verdict", "结论"), "in time": ("in time", "按时"), "was late": ("late", "超时"),
    "not done": ("not done", "未完成"), "itself": ("by itself", "自动"), "zones": ("People", "人员"),
    "zone": ("zone", "区域"), "count": ("people", "人数"), "at": ("time", "时间"), "log": ("Log", "过程记录"),
    "what": ("what", "事项"), "value": ("value", "数值"), "note": ("note", "说明"), "row": ("journal row", "日志行号"),
    "blocked": ("Blocked roadways", "封闭巷道"), "none": ("none", "无"),
    "about": ("about", "内容"), "times": ("times", "时间"),
    "boundary": (
        "A mine's statutory monitoring system measures, alarms and cuts power by itself. Lodeworks reads a copy, "
        "shows, records and helps; it never cuts power and is never the only alarm.",
        "矿井法定安全监控系统自行监测、报警和断电。Lodeworks 只读取其数据副本，用于显示、记录和辅助；"
        "它不断电，也不是唯一的报警手段。",
    ),
}
_EVENTS = {
    "opened": "启动", "alarm": "又有报警", "part": "确定角色", "step": "完成步骤", "step undone": "撤销步骤",
    "count": "人数", "blocked": "巷道封闭", "unblocked": "巷道解封", "called": "联系", "noted": "记录",
    "closed": "结束",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;
  padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
caption{text-align:left;font-weight:600;font-size:1.1rem;padding:.3rem 0}
th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#eee}
.time{white-space:nowrap}.bad{font-weight:700;color:#9b1c1c}
.drill{border:3px solid #1d4ed8;padding:.5rem 1rem;font-weight:700}
a{color:#1d4ed8}@media print{a{color:#111;text-decoration:none}}
"""


def report_tables(live: Live, incident: IncidentNow, language: str = "zh") -> dict[str, Sheet]:
    """Return the tables of a report by their titles; the last column of each is the journal's row."""
    word = _Words(language)
    called = _Names(live, incident, word)

    def at(ms: int) -> str:
        return _clock(ms, live)

    parts = [(part.title_zh if word.zh else part.title_en, part.person or word("nobody"), part.row or "")
             for part in incident.parts]
    steps: list[Sequence[Any]] = []
    for step in incident.steps:
        late = step.late(incident.closed or incident.log[-1].at)
        verdict = word("was late" if late else "in time") if step.done else word("not done")
        by = (step.done_by or word("itself")) if step.done else ""
        took = round((step.done - incident.opened) / 60_000, 1) if step.done else ""
        steps.append((step.text_zh if word.zh else step.text_en, called("role", step.role),
                      round(step.within_s / 60, 1), at(step.done), by, took, verdict, step.row or ""))
    counts = [(called("zone", row.data["zone"]), round(row.value), at(row.at), row.number)
              for row in incident.log if row.event == "count" and row.value is not None]
    log = [(at(row.at), _EVENTS.get(row.event, row.event) if word.zh else row.event, called.about(row.data), row.user,
            "" if row.value is None else f"{row.value:.4g}", called.note(row), row.number) for row in incident.log]
    return {
        word("roles"): ((word("role"), word("person"), word("row")), parts),
        word("steps"): (tuple(map(word, ("step", "role", "within", "done", "by", "took", "late", "row"))), steps),
        word("zones"): (tuple(map(word, ("zone", "count", "at", "row"))), counts),
        word("log"): (tuple(map(word, ("at", "what", "about", "by", "value", "note", "row"))), log),
    }


def report_page(live: Live, incident: IncidentNow, language: str = "zh") -> str:
    """Return the report as one HTML page, with nothing from elsewhere."""
    word = _Words(language)
    title = incident.title_zh if word.zh else incident.title_en
    first, last = incident.log[0], incident.log[-1]
    closed = next((row for row in reversed(incident.log) if row.event == "closed"), None)
    called = _Names(live, incident, word)
    facts = [f"{word('times')}: {_text(live.timezone)}",
             f"{word('opened')} {_clock(incident.opened, live)} {_row(first.number)}"]
    if incident.opened_by:
        facts.append(f"{word('by')} {_text(incident.opened_by)} {_row(first.number)}")
    if incident.alarm:
        facts.append(f"{word('alarm')}: {_text(called('alarm', incident.alarm))} {_row(first.number)}")
    if closed is not None:
        minutes = round((closed.at - incident.opened) / 60_000, 1)
        facts.append(f"{word('closed')} {_clock(closed.at, live)} {_row(closed.number)}")
        facts.append(f"{word('lasted')} {minutes} min {_row(first.number)} {_row(closed.number)}")
    else:
        facts.append(f"{word('open')} {_row(last.number)}")
    blocked = "、".join(_text(called("roadway", name)) for name in incident.blocked) or word("none")
    body = [f"<h1>{_text(title)} · {_text(incident.name)}</h1>"]
    if incident.drill:
        body.append(f'<p class="drill">{word("drill")}</p>')
    body.append("<ul>" + "".join(f"<li>{fact}</li>" for fact in facts) + f"<li>{word('blocked')}: {blocked}</li></ul>")
    tables = report_tables(live, incident, language)
    body += [_table(name, sheet, word, anchors=name == word("log")) for name, sheet in tables.items()]
    body.append(f"<footer><p>{word('boundary')}</p></footer>")
    return (f'<!doctype html>\n<html lang="{"zh-CN" if word.zh else "en"}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{_text(title)} '
            f"{_text(incident.name)}</title><style>{_STYLE}</style></head><body><main>" + "\n".join(body)
            + "</main></body></html>\n")


def report_book(live: Live, incident: IncidentNow, path: str | Path, language: str = "zh", *,
                replace: bool = False) -> Path:
    """Write the report as a workbook and return its path.

    Raises
    ------
    WatchError
        If the file is there already, or cannot be written.
    """
    word = _Words(language)
    head: Sheet = ((word("incident"), "", word("row")), [
        (incident.title_zh if word.zh else incident.title_en, incident.name, incident.log[0].number),
        (word("drill"), "✓" if incident.drill else "–", incident.log[0].number),
        (word("opened"), _clock(incident.opened, live), incident.log[0].number),
        (word("alarm"), _Names(live, incident, word)("alarm", incident.alarm), incident.log[0].number),
        (word("closed"), _clock(incident.closed, live) or word("open"), incident.log[-1].number),
        (word("times"), live.timezone, ""),
        ("", word("boundary"), ""),
    ])
    return write_book({word("incident"): head, **report_tables(live, incident, language)}, path, replace=replace)


class _Words:
    """The report's words in one language."""

    def __init__(self, language: str) -> None:
        self.zh = language.startswith("zh")

    def __call__(self, name: str) -> str:
        return _WORDS[name][self.zh]


class _Names:
    """What things are called in the report's language, so that no identifier stands in it."""

    def __init__(self, live: Live, incident: IncidentNow, word: _Words) -> None:
        self._zh = zh = word.zh
        alarms = {}
        for rule in live.rules:
            title = rule.title_zh if zh else rule.title_en
            alarms[rule.name] = title
            alarms |= {f"{rule.name}:{limit.level}": f"{title} ({LEVELS[limit.level][zh]})" if limit.level in LEVELS
                       else title for limit in rule.limits}
        self._titles: dict[str, dict[str, str]] = {
            "alarm": alarms,
            "role": {part.role: part.title_zh if zh else part.title_en for part in incident.parts},
            "step": {step.name: step.text_zh if zh else step.text_en for step in incident.steps},
            "zone": {zone.zone: zone.title_zh if zh else zone.title_en for zone in incident.zones},
            "roadway": {one.name: one.title_zh if zh else one.title_en for one in live.roadways},
            "contact": {part.role: part.title_zh if zh else part.title_en for part in incident.parts},
        }

    def __call__(self, kind: str, name: str) -> str:
        return self._titles.get(kind, {}).get(name, name)

    def about(self, data: Mapping[str, Any]) -> str:
        """What a row is about: its alarm, role, person, step, zone, roadway or contact."""
        kinds = ("alarm", "role", "person", "step", "zone", "roadway", "contact")
        return ", ".join(self(kind, str(data[kind])) for kind in kinds if data.get(kind))

    def note(self, row: Row) -> str:
        """What was said, in the report's language where the engine said it."""
        return row.said("zh" if self._zh else "en")


def _clock(at: int, live: Live) -> str:
    """A time to the second in the chain's zone, which the report names once; empty for none."""
    return stamp(at or None, live.timezone)[:19]


def _text(value: Any) -> str:
    return html.escape(str(value))


def _row(number: int) -> str:
    return f'<a href="#row-{number}">[{number}]</a>'


def _cell(cell: Any, bad: set[str]) -> str:
    mark = ' class="bad"' if cell in bad else ' class="time"' if _TIME.fullmatch(str(cell)) else ""
    return f"<td{mark}>{_text(cell)}</td>"


def _table(title: str, sheet: Sheet, word: _Words, *, anchors: bool) -> str:
    heading, rows = sheet
    bad = {word("was late"), word("not done"), word("nobody")}
    lines = []
    for row in rows:
        cells = [_cell(cell, bad) for cell in row[:-1]]
        number = row[-1]
        link = "" if number == "" else str(number) if anchors else _row(int(number))
        mark = f' id="row-{number}"' if anchors else ""
        lines.append(f"<tr{mark}>{''.join(cells)}<td>{link}</td></tr>")
    heads = "".join(f'<th scope="col">{_text(one)}</th>' for one in heading)
    return (f"<table><caption>{_text(title)}</caption><thead><tr>{heads}</tr></thead>"
            f"<tbody>{''.join(lines)}</tbody></table>")
