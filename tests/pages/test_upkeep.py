"""The engineers' rooms: windows are declared and end, limits are tried and agreed to by two, answers of children are shown."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from lodeworks.pages.desk import open_desk
from lodeworks.pages.inquiries import MEASURES, Inquiries
from lodeworks.pages.listed import Listed
from lodeworks.pages.measured import Bars
from lodeworks.watch.alarms.measures import measures
from lodeworks.watch.errands import Errands
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.journal import Journal, now_ms
from tests.mine import MINE
from tests.pages.conftest import GOOD
from tests.pages.plant import Recorder, going_on, mine
from tests.pages.visiting import come_in, visit

CALM = {"face_gas_t0": 0.5, "face_gas_t1": 0.5, "face_temperature": 20.0, "belt_speed": 3.0}


@pytest.fixture
def plant(tmp_path):
    """A recorder that goes on by itself, by the clock of now."""
    recorder = Recorder(tmp_path, mine(), now_ms())
    recorder.values = dict(CALM)
    with going_on(recorder, lambda: recorder.tick(recorder.values, now=max(recorder.now + 1, now_ms()))):
        yield recorder


def inquiries(folder: Path, answer: object, code: str = "") -> Inquiries:
    """Inquiries whose child is no verb: it prints what it is to have found."""
    script = code or f"print({json.dumps(json.dumps(answer))})"
    return Inquiries(Errands(folder / "inquiries", command=(sys.executable, "-c", script)), ["mine.yaml"], folder)


def marked(user: User, mark: str):
    return [e for e in user.client.elements.values() if mark in e._markers][-1]


def tables(user: User) -> dict[str, list[dict]]:
    return {e._props["caption"]: e._props["rows"] for e in user.client.elements.values() if isinstance(e, Listed)}


def click(user: User, element) -> None:
    UserInteraction(user, {element}, None).click()


async def press(user: User, caption: str, deed: str, key: str) -> None:
    listed = next(e for e in user.client.elements.values() if isinstance(e, Listed) and e._props["caption"] == caption)
    listener = next(li for li in listed._event_listeners.values() if li.type == "deed")
    listed._handle_event({"listener_id": listener.id, "args": {"deed": deed, "key": key}})
    await asyncio.sleep(0.05)


async def confirm(user: User, note: str = "") -> None:
    dialog = [e for e in user.client.elements.values() if isinstance(e, ui.dialog) and e.value][-1]
    inside = list(dialog.descendants())
    next(e for e in inside if "note" in e._markers).value = note
    click(user, next(e for e in inside if isinstance(e, ui.button) and e.text in ("Do it", "执行")))
    await asyncio.sleep(0.05)


def kept(user: User, mark: str) -> dict[str, str]:
    """What the browser keeps when a button is pressed: wishes by key."""
    return json.loads(marked(user, mark)._props["data-wishes"])


async def until(condition, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come in time"
        await asyncio.sleep(0.05)
    return found


def rows(plant: Recorder, kind: str) -> list[tuple[str, str, str, str]]:
    return [(row.event, row.subject, row.user, row.note) for row in plant.journal.of_kind(kind)]


def test_a_window_is_declared_for_several_sensors_says_what_it_covers_and_is_ended(plant):
    desk = open_desk(plant.live, plant.folder.path)

    async def act(user: User) -> None:
        await user.open("/zh/upkeep/calibration?about=face_gas_t1")
        assert "工作面甲烷超限" in next(e.text for e in user.client.elements.values() if getattr(e, "text", "").startswith("将不通告"))
        click(user, marked(user, "declare"))
        await user.should_see("请说明原因")
        marked(user, "tags").value = ["face_gas_t1", "face_co"]
        marked(user, "expected").value = 2.0
        marked(user, "note").value = "月度标校"
        wishes = kept(user, "declare")
        assert sorted(wishes.values()) == ["标校: 工作面一氧化碳", "标校: 工作面甲烷"]
        click(user, marked(user, "declare"))
        table = await until(lambda: len(now := tables(user)["进行中与已登记"]) == 2 and now)
        assert {row["cells"][0] for row in table} == {"工作面甲烷", "工作面一氧化碳"}
        gas = next(row for row in table if row["cells"][0] == "工作面甲烷")
        assert all(desk.deeds.number(key) for key in wishes)  # each window was asked for under a key of its own
        assert await until(lambda: kept(user, "declare") == {})
        assert gas["cells"][1] == "2 %"
        assert gas["cells"][3:5] == ["本机", "月度标校"]
        assert "工作面甲烷超限" in gas["cells"][5]
        plant.values["face_gas_t1"] = 1.4  # the gas it is given
        await until(lambda: any("工作面甲烷超限" in row["cells"][6] for row in tables(user)["进行中与已登记"]))
        assert not [alarm for alarm in plant.engine.now() if alarm.shown]
        await press(user, "进行中与已登记", "calibrated", gas["key"])
        await confirm(user)
        over = await until(lambda: tables(user)["以往"])
        assert (over[0]["cells"][0], over[0]["cells"][5]) == ("工作面甲烷", "已结束: 本机")

    visit(desk, act)
    told = rows(plant, "calibration")
    assert ("began", "face_gas_t1", "local", "月度标校") in told
    assert ("ended", "face_gas_t1", "local", "月度标校") in told
    assert [alarm.alarm for alarm in plant.engine.now() if alarm.shown] == ["gas_t1:H"]  # what still stood was announced
    desk.close()


def test_a_window_for_later_waits_and_is_called_off(plant):
    desk = open_desk(plant.live, plant.folder.path)

    async def act(user: User) -> None:
        await user.open("/en/upkeep/calibration?about=face_gas_t1")
        marked(user, "since").value = "2099-01-01T10:00"
        marked(user, "until").value = "2099-01-01T15:00"
        marked(user, "expected").value = 1.0
        marked(user, "note").value = "monthly"
        click(user, marked(user, "declare"))
        await user.should_see("four hours at most")
        marked(user, "until").value = "2099-01-01T09:00"
        click(user, marked(user, "declare"))
        await user.should_see("after it begins")
        at = desk.clock() + 86_400_000
        marked(user, "since").value = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(at / 1000 + 8 * 3600))
        marked(user, "until").value = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(at / 1000 + 9 * 3600))
        click(user, marked(user, "declare"))
        (row,) = await until(lambda: tables(user)["Open, and declared for later"])
        assert "begins in 24 h" in row["cells"][2][1]
        assert plant.engine.testing() == frozenset()
        await press(user, "Open, and declared for later", "calibrated", row["key"])
        await confirm(user)
        await until(lambda: not tables(user)["Open, and declared for later"])

    visit(desk, act)
    assert [event for event, *_ in rows(plant, "calibration")] == ["declared", "called off"]
    desk.close()


def test_a_limit_is_tried_asked_for_and_agreed_to_by_a_second_person(plant, book):
    desk = open_desk(plant.live, plant.folder.path)
    for name in ("li", "wu"):
        book.add(name, "engineer", GOOD)
    asked = inquiries(plant.folder.path, {"days": 30, "samples": 7, "before": 3, "after": 9, "occurrences_before": 3, "occurrences_after": 9})

    async def act(user: User) -> None:
        await come_in(user, "li")
        await user.open("/en/upkeep/limits?about=warm")
        (row,) = await until(lambda: tables(user)["Limits"])
        assert row["cells"][1:3] == ["30 °C", "0.5 K"]
        await press(user, "Limits", "change limit", "hot:H")
        marked(user, "value").value = 32.0
        await asyncio.sleep(1.2)
        assert not marked(user, "ask").enabled  # it has not been tried
        marked(user, "value").value = None
        click(user, marked(user, "try"))
        await asyncio.sleep(1.2)
        assert marked(user, "told").text == "Say which value it is to be."
        marked(user, "value").value = 32.0
        click(user, marked(user, "try"))
        await until(lambda: "over 30 d 3 announced as it is, 9 with the change" in marked(user, "told").text)
        marked(user, "value").value = 33.0
        await until(lambda: not marked(user, "ask").enabled)  # tried was another
        marked(user, "value").value = 32.0
        await until(lambda: marked(user, "ask").enabled)
        [(key, title)] = kept(user, "ask").items()
        assert title == "Change of the limit: Face too warm H"
        click(user, marked(user, "ask"))
        assert desk.deeds.number(key) is None  # without a reason nothing is asked
        marked(user, "note").value = "the face is deep"
        click(user, marked(user, "ask"))
        assert await until(lambda: desk.deeds.number(key))
        (waits,) = await until(lambda: tables(user)["Waits for a second person"])
        assert waits["cells"][1:3] == ["30 °C", "32 °C"]
        assert [one["off"] for one in waits["acts"]] == [True, False]  # not the one who asked
        await come_in(user, "wu")
        await user.open("/en/upkeep/limits")
        await until(lambda: tables(user)["Waits for a second person"])
        await press(user, "Waits for a second person", "agree", "hot:H")
        await confirm(user)
        await until(lambda: not tables(user)["Waits for a second person"])
        changed = await until(lambda: next((row for row in tables(user)["Limits"] if row["mark"]), None))
        assert (changed["key"], changed["cells"][1], changed["cells"][4][0]) == ("hot:H", "32 °C", "changed by li, wu")
        screen = (await user.http_client.get("/api/screen/overview?language=en")).json()
        tile = next(t for section in screen["sections"] for t in section["tiles"] if t["name"] == "face_temperature")
        assert [limit["value"] for limit in tile["limits"]] == [32.0]  # every screen draws the limit that holds

    visit(desk, act, book, inquiries=asked)
    assert rows(plant, "limit") == [("asked", "hot:H", "li", "the face is deep"), ("changed", "hot:H", "wu", "the face is deep")]
    assert plant.engine.channels.value[plant.engine.channels.place["hot:H"]] == 32.0
    desk.close()


def test_a_viewer_looks_and_asks_nothing(plant, book):
    desk = open_desk(plant.live, plant.folder.path)
    book.add("qi", "viewer", GOOD)
    asked = inquiries(plant.folder.path, {"rows": 1, "faults": [], "desks": {}})

    async def act(user: User) -> None:
        await come_in(user, "qi")
        await user.open("/zh/upkeep/calibration")
        assert not [e for e in user.client.elements.values() if "declare" in e._markers]
        await user.open("/zh/upkeep/limits")
        limits = await until(lambda: tables(user)["限值"])
        assert all(one["off"] for row in limits for one in row["acts"])
        await press(user, "限值", "change limit", "hot:H")
        assert not [e for e in user.client.elements.values() if isinstance(e, ui.dialog)]
        await user.open("/zh/upkeep/measures")
        await asyncio.sleep(0.3)
        assert not marked(user, "ask").enabled
        assert asked.last(MEASURES) is None

    visit(desk, act, book, inquiries=asked)
    desk.close()


def test_measures_stand_beside_their_goals_and_what_is_beyond_says_so(plant):
    desk = open_desk(plant.live, plant.folder.path)

    def written(event: str, tag: str, times: int) -> None:
        of = {rule.name for rule in plant.live.rules if rule.tag == tag}
        end = time.monotonic() + 20.0
        while sum(row.event == event and row.data.get("rule") in of for row in plant.journal.of_kind("alarm")) < times:
            assert time.monotonic() < end, f"{tag} did not come to be {event}"
            time.sleep(0.02)

    for k in (1, 2):
        for speed, event in ((1.0, "announced"), (3.0, "ended")):
            plant.values["belt_speed"] = speed
            written(event, "belt_speed", k)
    plant.values["face_gas_t0"] = 1.3
    written("announced", "face_gas_t0", 1)
    until_ms = now_ms() + 1000
    found = {name: asdict(one) for name, one in measures(plant.journal.since(0), until_ms - 86_400_000, until_ms).items()}
    asked = inquiries(plant.folder.path, {"rows": 12, "faults": [], "desks": found})

    async def act(user: User) -> None:
        await user.open("/en/upkeep/measures")  # asked once by itself
        table = {row["key"]: row for row in await until(lambda: tables(user).get("Measures"))}
        assert table["announced"]["cells"][1] == str(found["dispatch"]["announced"])
        assert table["urgent_share"]["mark"] == "lw-beyond"
        assert table["urgent_share"]["cells"][2] == ["≤ 5 %", "EEMUA 191: about 80 / 15 / 5"]
        assert table["standing"]["cells"][3] == "✓"
        bars = next(e for e in user.client.elements.values() if isinstance(e, Bars))
        assert sum(count for _, count in bars._props["bars"]) == found["dispatch"]["announced"]
        assert "Main belt slips" in tables(user)["The most frequent"][0]["cells"][0][0] + tables(user)["The most frequent"][1]["cells"][0][0]

    visit(desk, act, inquiries=asked)
    desk.close()


def test_a_suspected_scale_is_told_and_what_fails_says_why(desk):
    found = {"suspects": [
        {"kind": "scale", "tag": "belt_rate", "commodity": "coal", "site": "belt_main", "size": -0.031, "error": 0.004, "z": -7.7, "windows": 12, "others": ["washery_feed"]},
        {"kind": "leak", "tag": "", "commodity": "coal", "site": "washery", "size": 4.2, "error": 0.6, "z": 7.0, "windows": 24, "others": []},
    ], "total": 210.0, "freedom": 96, "chance": 1e-9, "blind": ["washery_clean", "washery_feed"], "shows": [
        {"tag": "belt_rate", "share": 0.024, "hours": 24.0}, {"tag": "washery_clean", "share": 0.31, "hours": 168.0},
        {"tag": "washery_feed", "share": None, "hours": 168.0}]}

    async def act(user: User) -> None:
        await user.open("/zh/upkeep/scales")
        scale, leak = await until(lambda: tables(user).get("皮带秤"))
        assert scale["cells"] == [["主运皮带煤量", "belt_rate"], "−3.1 %", "0.4 %", "−7.7", "12", "入洗原煤"]
        assert scale["acts"][0]["deed"] == "calibrate"
        assert leak["cells"][0] == ["漏损: coal", "洗煤厂"]
        await user.should_see("精煤（7天内可发现31%以上的漂移）".replace("（", " (").replace("）", ")"))
        await user.should_see("入洗原煤 (任何漂移都无法发现)")
        await user.should_see("已校核1台秤；其中校核最弱的是主运皮带煤量（24小时内可发现2.4%以上的漂移）。")

    visit(desk, act, inquiries=inquiries(desk.folder.path, found))

    async def fails(user: User) -> None:
        await user.open("/en/upkeep/scales")
        await user.should_see("failed: error: too little is known", retries=60)

    visit(desk, fails, inquiries=inquiries(desk.folder.path / "other", None, "import sys; sys.exit('error: too little is known')"))


def test_without_a_chains_file_what_would_be_asked_of_it_says_so(desk):
    async def act(user: User) -> None:
        for part, about in (("measures", "各席位被通告的报警统计"), ("scales", "各皮带秤和料位相互校核")):
            await user.open(f"/zh/upkeep/{part}")
            await user.should_see(about)
            await user.should_see("未给出产业链文件")
            assert not [e for e in user.client.elements.values() if "ask" in e._markers]

    visit(desk, act)


def test_while_somebody_elses_runs_another_is_not_started(tmp_path):
    asked = inquiries(tmp_path, None, "import time; time.sleep(30)")
    assert asked.backtest("li", "hot:H", 32.0, 0.5, 30)
    assert not asked.backtest("wu", "hot:H", 31.0, 0.5, 30)
    assert asked.backtest("li", "hot:H", 31.0, 0.5, 30)  # one's own is begun anew
    asked.stop_all()


def test_the_verbs_themselves_answer_as_children(tmp_path):
    """The chain of a file, an empty past: what is found is nothing, and that is an answer."""
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    data = tmp_path / "data"
    Journal(WatchFolder(data).journal).close()
    asked = Inquiries(Errands(tmp_path / "inquiries"), [str(tmp_path / "mine.yaml")], data)
    assert asked.measures("li", 7.0)
    assert asked.backtest("li", "slip:L", 1.2, 0.05, 0.5)

    def ended(kind: str):
        until = time.monotonic() + 90
        while (found := asked.last(kind)).status == "running":
            assert time.monotonic() < until
            time.sleep(0.1)
        return found

    measured, tried = ended("journal"), ended("backtest")
    assert measured.answer() == {"rows": 0, "faults": [], "desks": {}}
    assert tried.answer() == {"days": 0.5, "samples": 0, "before": 0, "after": 0, "occurrences_before": 0, "occurrences_after": 0}


def test_in_a_browser_keys_lead_from_part_to_part_and_a_window_is_declared(tmp_path):
    from selenium.webdriver.common.keys import Keys

    from tests.pages.browser import browsing, errors, fill, keys, serious, serving, text, texts
    from tests.pages.browser import press as pressed
    from tests.pages.browser import until as seen
    from tests.pages.test_browser import PLANT

    with serving(tmp_path, PLANT) as address, browsing(1440, 900) as driver:
        driver.get(f"{address}/zh/upkeep/calibration?about=face_gas_t0")
        fill(driver, "input[aria-label=标准值]", "2")
        fill(driver, "input[aria-label=原因]", "月度标校")
        keys(driver, Keys.TAB)
        pressed(driver, "button", "登记")
        row = seen(lambda: text(driver, ".lw-testing"))
        assert "上隅角甲烷" in row
        assert "剩余" in row
        assert serious(driver) == []
        driver.execute_script("document.activeElement.blur()")
        keys(driver, "2")
        seen(lambda: driver.current_url.endswith("/upkeep/limits"))
        assert seen(lambda: texts(driver, ".lw-listed tbody tr"))
        assert text(driver, ".lw-screens a[aria-current=page]").startswith("限值")
        assert errors(driver) == []
