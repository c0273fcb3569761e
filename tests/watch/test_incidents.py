"""An incident from the alarm to the report: clocks, people leaving, every number with its row; a drill says it is one."""

from __future__ import annotations

import re

import fastexcel
import pytest

from lodeworks.network.live import Incident, Live, Roadway, Step, Zone
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.deeds import Deed
from lodeworks.watch.incident_report import report_book, report_page
from lodeworks.watch.incidents import incidents
from lodeworks.watch.samples import Quality
from tests.watch.alarms.plant import Desk, at_of, plant, rule, tag

ZONES = (Zone("face", "Face", "采面", "s1", 9, None, False, "people_face"), Zone("heading", "Heading", "掘进", "s2", 9, None, False, "people_heading"))
KIND = Incident(
    "gas", "Gas over the limit", "瓦斯超限", ("gas",), (("dispatcher", "dispatcher", "调度员"), ("captain", "captain", "区队长")),
    (Step("stop", "Stop work <now>", "停止作业", "dispatcher", 120.0), Step("withdraw", "Withdraw", "撤人", "captain", 1200.0, "face"),
     Step("release", "Release", "解除", "captain", 3600.0)),
    ("face", "heading"), (("rescue", "ext. 8119"),),
)


def mine() -> Live:
    base = plant(["gas", tag("people_face", kind="state"), tag("people_heading", kind="state")], [rule("gas", "gas", H=1.0, life_safety=True)])
    from dataclasses import replace

    return replace(base, zones=ZONES, incidents=(KIND,), place={},
                   roadways=(Roadway("r1", "Road 1", "一号巷", "s1", "s2", 100.0),))


def do(desk: Desk, second: float, kind: str, about: str = "gas-1", user: str = "wang", note: str = "", **data):
    return desk.engine.apply(Deed(kind, about, user, note, data), at_of(second))


def now(desk: Desk):
    [one] = incidents(desk.live, desk.journal.since(0))
    return one


def drilled() -> Desk:
    """Gas rises, people leave, one step is late and one never done."""
    desk = Desk(mine())
    desk.feed(("people_face", 1, 5.0), ("people_heading", 1, 3.0), ("gas", 1, 0.3))
    desk.feed(("gas", 10, 1.2))
    do(desk, 20, "incident_part", role="captain", person="li")
    do(desk, 200, "incident_step", step="stop")
    desk.feed(("people_face", 300, 2.0)).feed(("people_face", 400, 0.0), ("people_heading", 400, 3.0))
    do(desk, 450, "incident_block", roadway="r1")
    do(desk, 460, "incident_call", contact="rescue", note="they come")
    do(desk, 500, "incident_close", note="release is written by the next shift")
    return desk


def test_an_alarm_that_starts_an_incident_opens_it_when_it_is_announced():
    desk = drilled()
    one = now(desk)
    assert (one.name, one.opened, one.opened_by, one.alarm, one.drill) == ("gas-1", at_of(10), "", "gas:H", False)
    assert [(part.role, part.person) for part in one.parts] == [("dispatcher", ""), ("captain", "li")]
    assert {zone.zone: zone.count for zone in one.zones} == {"face": 0, "heading": 3}
    assert one.people == 3
    assert one.blocked == ("r1",)
    assert one.closed == at_of(500)


def test_a_step_that_clears_a_zone_is_done_when_nobody_is_left():
    stop, withdraw, release = now(drilled()).steps
    assert (stop.done, stop.done_by, stop.late(at_of(500))) == (at_of(200), "wang", True)  # 190 s of 120
    assert (withdraw.done, withdraw.done_by, withdraw.late(at_of(500))) == (at_of(400), "", False)
    assert (release.done, release.late(at_of(500))) == (0, False)
    assert release.late(at_of(3611))


def test_a_zone_is_not_cleared_by_hand_while_people_are_counted():
    desk = Desk(mine()).feed(("people_face", 1, 5.0)).feed(("gas", 10, 1.2))
    answer = do(desk, 20, "incident_step", step="withdraw")
    assert answer.text == "5 are still counted in Face"
    desk.feed(("people_face", 30, float("nan"), Quality.BAD))
    assert not do(desk, 40, "incident_step", step="withdraw").done  # the last that was known
    assert not now(desk).steps[1].done


def test_an_alarm_under_calibration_opens_nothing():
    desk = Desk(mine())
    desk.engine.apply(Deed("calibrate", "gas", "zhao", "monthly", data={"minutes": 5, "expected": 2.0}), at_of(1))
    desk.feed(("gas", 10, 2.0))
    assert incidents(desk.live, desk.journal.since(0)) == []


def test_the_same_alarm_again_is_a_line_in_the_open_incident():
    desk = Desk(mine()).feed(("gas", 10, 1.2)).feed(("gas", 20, 0.2)).feed(("gas", 30, 1.3))
    assert [row.event for row in now(desk).log if row.event in ("opened", "alarm")] == ["opened", "alarm"]
    do(desk, 40, "incident_close", note="over")
    desk.feed(("gas", 50, 0.2)).feed(("gas", 60, 1.2))
    assert [one.name for one in incidents(desk.live, desk.journal.since(0))] == ["gas-1", "gas-2"]


def test_a_drill_is_opened_by_hand_and_says_so():
    desk = Desk(mine())
    assert do(desk, 5, "incident_open", "gas", drill=True).text == "gas-1"
    assert now(desk).drill
    assert 'class="drill">演习' in report_page(desk.live, now(desk), "zh")
    rehearsed = Desk(mine()).feed(("gas", 10, 1.2, Quality.SIMULATED))
    assert now(rehearsed).drill


def in_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_what_makes_no_sense_is_refused_in_the_words_of_both_languages():
    desk = Desk(mine())
    unknown = do(desk, 1, "incident_open", "gass")
    assert "did you mean 'gas'" in unknown.text
    assert "是否为 gas" in unknown.text_zh
    do(desk, 2, "incident_open", "gas")
    for kind, data, words in [
        ("incident_step", {"step": "x"}, "there are stop, withdraw, release"), ("incident_part", {"role": "x", "person": "a"}, "no role"),
        ("incident_part", {"role": "captain", "person": " "}, "say who"), ("incident_block", {"roadway": "r2"}, "no roadway 'r2'"),
        ("incident_unblock", {"roadway": "r1"}, "so already"), ("incident_call", {"contact": "x"}, "there are rescue"),
        ("incident_note", {}, "needs words"), ("incident_close", {}, "not done: Stop work <now>; Withdraw; Release."), ("incident_undo", {"step": "stop"}, "not done"),
    ]:
        answer = do(desk, 3, kind, **data)
        assert not answer.done
        assert words in answer.text
        assert in_chinese(answer.text_zh)
    assert "did you mean 'gas-1'" in do(desk, 4, "incident_step", "gas-2", step="stop").text
    assert do(desk, 5, "incident_close", note="a mistake").done
    closed = do(desk, 6, "incident_step", step="stop")
    assert "closed" in closed.text
    assert in_chinese(closed.text_zh)
    assert do(desk, 7, "incident_note", note="afterwards").done


def test_an_incident_goes_on_after_a_restart():
    desk = Desk(mine()).feed(("people_face", 1, 5.0)).feed(("gas", 10, 1.2))
    desk.engine = Engine(desk.live, desk.journal)
    desk.feed(("people_face", 20, 5.0)).feed(("people_face", 30, 0.0))
    assert now(desk).steps[1].done == at_of(30)
    assert [(row.event, row.value) for row in now(desk).log if row.event == "count"] == [("count", 5.0), ("count", 0.0)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_of_the_report_is_found_in_the_journal(language):
    desk = drilled()
    page = report_page(desk.live, now(desk), language)
    numbers = {row.number for row in desk.journal.since(0)}
    linked = {int(n) for n in re.findall(r'href="#row-(\d+)"', page)}
    anchors = {int(n) for n in re.findall(r'id="row-(\d+)"', page)}
    assert linked <= anchors <= numbers
    assert len(anchors) == len(now(desk).log)
    for cell in re.findall(r"<tr>(.*?)</tr>", page):  # a row of a table with a number in it has a row of the journal
        if "<td>" in cell and re.search(r"<td>\d+</td>|:\d\d:\d\d", cell):
            assert 'href="#row-' in cell
    for words in (("3.2", "late", "not done") if language == "en" else ("3.2", "超时", "未完成")):
        assert words in page
    assert not {"gas:H", "people_face"} & set(re.split(r"[<>\s]", page))  # titles, not identifiers
    assert "&lt;now&gt;" in page or language == "zh"
    assert not re.search(r"(src|href)=[\"']?https?:", page)
    assert ('lang="en"' if language == "en" else 'lang="zh-CN"') in page


def test_the_workbook_says_the_same(tmp_path):
    desk = drilled()
    path = report_book(desk.live, now(desk), tmp_path / "report.xlsx", "en")
    book = fastexcel.read_excel(path)
    assert book.sheet_names == ["Incident", "Roles", "Steps", "People", "Log"]
    steps = book.load_sheet("Steps").to_polars()
    assert steps["verdict"].to_list() == ["late", "in time", "not done"]
    assert steps["took, min"].to_list()[:2] == [3.2, 6.5]
    log = book.load_sheet("Log").to_polars()
    assert log["journal row"].to_list() == [row.number for row in now(desk).log]
