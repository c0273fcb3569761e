"""The wall and the trends in a real browser: honest tiles, nothing foreign, nothing that overlaps, at three sizes."""

from __future__ import annotations

import json
import pickle
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from lodeworks.network.live import Round
from lodeworks.pages.frame import PAGES
from lodeworks.rehearse.frames import drawn as drawn_frame
from lodeworks.rehearse.scenes import Scene
from lodeworks.watch.clock import Rehearsed, clock_of, set_clock
from lodeworks.watch.frames import comment_of
from lodeworks.watch.journal import Journal, Row
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Quality, Samples
from tests.pages import plant
from tests.pages.browser import (
    SERVE,
    browsing,
    confirm,
    count,
    drawn,
    errors,
    fill,
    free_port,
    keys,
    press,
    read,
    serious,
    serving,
    text,
    texts,
    until,
)

TILES = """return Object.fromEntries([...document.querySelectorAll('.lw-tile')].map(t => [t.title.split('\\n')[1], {
  grey: t.classList.contains('lw-grey'), value: t.querySelector('.lw-value').textContent, told: t.querySelector('.lw-told').textContent, title: t.getAttribute('aria-label')}]))"""
BOXES = """return [...document.querySelectorAll('.lw-tile, .lw-camera, .lw-alarms, .lw-foot, .lw-top')].map(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; })"""


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mine")


@pytest.fixture
def frames(folder):
    (folder / "frames").mkdir(exist_ok=True)
    return folder / "frames"


@pytest.fixture(scope="module")
def mine(folder):
    """A mine whose tags each have another fate, recorded until just now, and served."""
    live, at = plant.mine(), now()
    desk = plant.recorded(folder, live, at)
    desk.folder.present.unlink()
    present = Present.create(desk.folder.present, [t.name for t in live.tags])

    def tick(ago: int = 0) -> None:
        moment = now() - ago
        fates = {"return_gas": None, "washery_clean": Quality.BAD, "face_gas_t1": Quality.TEST, "return_dust": -300_000, "washery_silo": 300_000}
        for k, t in enumerate(live.tags):
            fate = fates.get(t.name, Quality.GOOD)
            if fate is None:  # the sensor fell silent a minute and a half ago
                present.set(plant.sample(live, t.name, at - 90_000, 0.38, received=at - 90_000))
                continue
            late = fate if not isinstance(fate, Quality) else 0
            value = np.nan if fate is Quality.BAD else float(plant.level(t, k, moment))
            quality = fate if isinstance(fate, Quality) else Quality.GOOD
            present.set(Samples.of([k], [moment + late], [moment], [value], [quality]), moment)

    tick()
    with serving(folder) as address:
        yield address, tick, live
    desk.close()


def tiles_of(driver, tick) -> dict[str, dict]:
    """The tiles of a wall whose recorder goes on, once it has said what it knows."""
    drawn(driver)

    def alive() -> dict[str, dict]:
        tick()
        tiles = read(driver, TILES)
        told = all(tile["told"] for tile in tiles.values())  # nothing is, before the first message of values
        return tiles if told and any(not tile["grey"] for tile in tiles.values()) else {}

    return until(alive)


def test_tiles_are_honest_each_in_its_own_words(mine, window):
    address, tick, live = mine
    driver = window()
    driver.get(f"{address}/en/wall")
    tiles = tiles_of(driver, tick)
    assert set(tiles) == {t.name for t in live.tags if not t.name.startswith("lodeworks.")}
    assert not tiles["face_gas_t0"]["grey"]
    assert tiles["face_gas_t0"]["told"].startswith("good · ")
    assert tiles["face_gas_t1"]["told"].startswith("calibration · ")
    assert tiles["shearer_state"]["value"] == "cutting"
    for name, words in (("return_gas", "lost since "), ("washery_clean", "bad since "), ("return_dust", "source is behind by 5 min"), ("washery_silo", "source clock ahead by 5 min")):
        assert tiles[name]["grey"], name
        assert tiles[name]["told"].startswith(words), tiles[name]
    assert tiles["washery_clean"]["value"] == "–"
    assert errors(driver) == []


def test_when_the_recorder_stops_every_tile_turns_grey_and_it_is_said(mine, window):
    address, tick, _ = mine
    driver = window()
    driver.get(f"{address}/zh/wall")
    tiles_of(driver, lambda: tick(ago=4_000))  # on its last legs
    tick(ago=9_000)  # as if it had stopped nine seconds ago
    said = until(lambda: next((t for t in texts(driver, ".lw-banner") if "记录程序未运行" in t), ""))
    assert "自" in said
    tiles = until(lambda: (t := read(driver, TILES)) and all(tile["grey"] for tile in t.values()) and t)
    assert tiles["face_gas_t0"]["told"].startswith("中断自 ")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 1080), (1440, 900), (390, 844)])
def test_nothing_overlaps_or_runs_out_and_the_wall_needs_no_scrolling(mine, window, width, height):
    address, tick, _ = mine
    driver = window(width, height)
    driver.get(f"{address}/zh/wall")
    tiles_of(driver, tick)

    def faults() -> list[str]:
        boxes = np.array([box for box in read(driver, BOXES) if box[2] > box[0]])
        left, top, right, bottom = boxes.T[:, :, None]
        over = np.minimum(right, right.T) - np.maximum(left, left.T) > 1.0
        over &= np.minimum(bottom, bottom.T) - np.maximum(top, top.T) > 1.0
        wide = read(driver, "return document.documentElement.scrollWidth")
        found = {"overlap": over.sum() > len(boxes), "right": max(right.max(), wide) > width + 1, "below": width >= 760 and bottom.max() > height + 1}
        return [fault for fault, there in found.items() if there]

    until(lambda: not faults())  # a banner may just be pushing things down


def test_a_picture_is_shown_as_drawn_grows_old_when_none_comes_and_says_since_when(mine, window, frames):
    address, tick, _live = mine
    told = "return (e => [e.querySelector('.lw-camera-told').textContent, e.classList.contains('lw-old'), e.classList.contains('lw-blind'), e.querySelector('img').naturalWidth])(document.querySelector('.lw-camera'))"
    driver = window(1440, 900)
    driver.get(f"{address}/en/wall/belt_main")
    tiles_of(driver, tick)
    until(lambda: read(driver, told) == ["no picture", False, True, 0])
    picture = drawn_frame(Scene(1.0, people=3), "Main belt head", "now")

    def put(at: int) -> None:
        picture.save(frames / ".draft.jpg", "JPEG", comment=comment_of(at))
        (frames / ".draft.jpg").replace(frames / "cam_belt.jpg")

    until(lambda: put(now()) or read(driver, told) == ["drawn by the rehearsal", False, False, 480])
    old = now() - 60_000
    put(old)  # as where the rehearsal stopped a minute ago
    words = until(lambda: (t := read(driver, told))[1] and t)
    assert words[0].startswith("picture stopped ")
    assert words[0][-8:] == time.strftime("%H:%M:%S", time.gmtime(old / 1000 + 8 * 3600))
    (frames / "cam_belt.jpg").unlink()
    until(lambda: read(driver, told)[::2] == ["no picture", True])
    assert errors(driver) == []


def test_on_the_map_words_stay_in_their_boxes_and_who_rides_is_not_under_one(window, tmp_path):
    live = plant.mine(sites=4)
    position = plant.tag("robot_at", "Robot", "机器人", "", "position", "m", 0.0, 1800.0, kind="sensor", feed="plc")
    round_ = Round("ride", "Belt robot", "皮带机器人", "belt", "robot", 0.0, 1800.0, 0.6, 3600.0, "robot_at", ())
    sites = (replace(live.sites[0], title_en="Longwall face eleven 01"), *live.sites[1:])
    live = replace(live, sites=sites, tags=(*live.tags, position), rounds=(round_,), place={})
    (tmp_path / "mine.pickle").write_bytes(pickle.dumps(live))
    code = "import pickle, sys; from pathlib import Path; from lodeworks.pages import serve; serve(pickle.loads((Path(sys.argv[1]) / 'mine.pickle').read_bytes()), Path(sys.argv[1]), port=int(sys.argv[2]))"
    desk = plant.recorded(tmp_path, live, now())
    present = Present.create(desk.folder.present, [t.name for t in live.tags])
    with serving(tmp_path, code) as address:
        driver = window(1440, 900)
        driver.get(f"{address}/en/map")
        drawn(driver)

        def rides() -> int:
            present.set(plant.sample(live, "robot_at", now(), 0.0), now())
            return count(driver, ".lw-robot circle")

        until(rides)
        over = read(driver, "return [...document.querySelectorAll('.lw-site')].flatMap(s => { const box = s.querySelector('rect').getBoundingClientRect(); return [...s.querySelectorAll('text')].filter(t => t.textContent && t.getBoundingClientRect().right > box.right).map(t => t.textContent); })")
        assert over == []
        dot = read(driver, "const r = document.querySelector('.lw-robot circle').getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]")
        boxes = read(driver, "return [...document.querySelectorAll('.lw-site rect')].map(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; })")
        assert not [box for box in boxes if box[0] < dot[0] < box[2] and box[1] < dot[1] < box[3]]
        assert errors(driver) == []
    desk.close()


def test_in_a_fast_rehearsal_ages_and_clock_are_the_rehearsals_and_the_screen_says_so(window, tmp_path):
    live = plant.mine(sites=2)
    live = replace(live, feeds=tuple(replace(feed, kind="rehearsal") for feed in live.feeds), place={})
    code = SERVE.replace("plant.mine()", "replace(live, feeds=tuple(replace(feed, kind='rehearsal') for feed in live.feeds), place={})").replace("serve(", "from dataclasses import replace; live = plant.mine(sites=2); serve(", 1)
    begun = now()
    first = begun - 5 * 3_600_000  # so far back that it is not over however slow this computer is
    plant.recorded(tmp_path, live, first).close()
    present, clock = Present.create(tmp_path / "present", [t.name for t in live.tags]), clock_of(live, tmp_path)
    with set_clock(tmp_path, Rehearsed(begun, first, 60.0, begun + 290_000)), serving(tmp_path, code) as address:
        driver = window(1440, 900)

        def tick() -> None:  # blocks of a minute, as a rehearsal sends them
            at, n = clock() - 20_000, len(live.tags)
            present.set(Samples.of(range(n), [at] * n, [clock()] * n, [1.0] * n, [Quality.SIMULATED] * n), clock())

        driver.get(f"{address}/en/wall")
        tiles_of(driver, tick)
        until(lambda: tick() or all(tile["told"].startswith("simulated · ") and not tile["grey"] for tile in read(driver, TILES).values()))
        until(lambda: "rehearsal clock, 60×" in text(driver, ".lw-banner"))
        shown = read(driver, "return Date.parse(document.querySelector('.lw-clock').dateTime)")
        assert abs(shown - clock()) < 120_000
        assert shown < now() - 20 * 60_000
        # Nothing comes for seconds, which are minutes of the rehearsal.
        until(lambda: all(tile["grey"] and tile["told"].startswith("lost since ") for tile in read(driver, TILES).values()))
        assert errors(driver) == []


def test_nothing_is_asked_of_any_other_host(mine):
    address, _tick, _ = mine
    with browsing(1440, 900, asked=True) as driver:
        for page in ("/zh/wall", "/zh/trends?tags=face_gas_t0"):
            driver.get(address + page)
            drawn(driver)
        asked = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        hosts = {event["params"]["request"]["url"].split("/")[2] for event in asked if event["method"] == "Network.requestWillBeSent" and event["params"]["request"]["url"].startswith(("http", "ws"))}
        assert hosts == {address.split("/")[2]}


# Whether anything has to be scrolled sideways, or stands beyond the screen, and what is written and not shown.
NARROW = """const seen = [...document.querySelectorAll('.lw-body *')].filter(e => e.checkVisibility());
  return {wide: document.documentElement.scrollWidth, scrolled: seen.filter(e => e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).length,
    beyond: seen.filter(e => e.matches('.lw-site, .lw-list td') && e.getBoundingClientRect().right > innerWidth).length,
    hidden: [...document.querySelectorAll('.lw-list tbody td')].filter(e => e.textContent && !e.checkVisibility()).length}"""


def test_on_a_phone_the_map_fits_and_the_journal_leaves_nothing_out(mine, folder, window):
    address, tick, live = mine
    with closing(Journal(folder / "journal.sqlite")) as journal:
        journal.append([Row(now(), "alarm", live.rules[0].name + ":H", "acknowledged", "li", 1.25, "seen at the face")])
    driver = window(390, 844)
    fits = {"wide": 390, "scrolled": 0, "beyond": 0, "hidden": 0}
    driver.get(f"{address}/en/map")
    drawn(driver)
    tick()
    assert until(lambda: texts(driver, ".lw-site-title"))
    assert until(lambda: read(driver, NARROW) == fits)
    driver.get(f"{address}/en/journal")
    told = until(lambda: texts(driver, ".lw-journal-list tbody td"))
    assert {"li", "seen at the face"} <= set(told)
    assert until(lambda: read(driver, NARROW) == fits)
    fill(driver, ".lw-picker input", "nothing of the kind")
    assert until(lambda: texts(driver, ".lw-journal-list tbody td") == ["Nothing here has these words."])
    assert serious(driver) == []
    assert errors(driver) == []


def test_no_name_of_a_tag_becomes_markup(window, tmp_path):
    """Script in a title is text wherever it stands."""
    bad = "<img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>`${document.title='broken in'}`"
    live = plant.mine(sites=1)
    plant.recorded(tmp_path, live, now()).close()
    code = (
        "import sys; from pathlib import Path; from dataclasses import replace; from lodeworks.pages import serve; from tests.pages import plant\n"
        "live = plant.mine(sites=1); bad = sys.argv[3] if len(sys.argv) > 3 else " + repr(bad) + "\n"
        "live = replace(live, title_en=bad, tags=tuple(replace(t, title_en=bad) for t in live.tags), sites=tuple(replace(s, title_en=bad) for s in live.sites), place={})\n"
        "serve(live, Path(sys.argv[1]), port=int(sys.argv[2]))"
    )
    with serving(tmp_path, code) as address:
        driver = window(1440, 900)
        for page in ("/en/wall", "/en/trends?tags=0"):
            driver.get(address + page)
            drawn(driver)
            if page == "/en/wall":
                assert text(driver, ".lw-tile-title").startswith("<img")
            assert driver.title != "broken in"
            assert not count(driver, ".lw-page img[src=x]")


def test_trends_draw_say_how_much_and_have_a_table(mine, window):
    address, _, _live = mine
    driver = window(1440, 900)
    driver.get(f"{address}/en/trends?tags=face_gas_t0,belt_rate&span=hour")
    said = until(lambda: text(driver, ".lw-said"))
    assert "points shown" in said
    assert "Methane, upper corner" in read(driver, "return document.querySelector('.lw-plot').getAttribute('aria-label')")
    press(driver, ".lw-button", "Data table")
    assert len(until(lambda: texts(driver, ".lw-table tbody tr"))) > 100
    assert text(driver, ".lw-table tbody tr td:nth-child(4)") == "good"
    assert errors(driver) == []


def test_a_spike_of_one_sample_is_seen_up_and_down_in_a_year(window, tmp_path):
    """ECharts thins once more by `minmax`: neither it nor the history may lose the one sample that matters."""
    live = plant.mine(sites=1)
    end = now()
    at = np.arange(end - 40 * 86_400_000, end, 60_000, dtype=np.int64)
    value = np.full(len(at), 0.5)
    value[20_000], value[40_000] = 3.9, 0.01
    desk = plant.open_desk(live, tmp_path)
    desk.history.write(Samples(np.zeros(len(at), np.int32), at, at, value, np.zeros(len(at), np.uint8)))
    desk.close()
    code = "import sys; from pathlib import Path; from lodeworks.pages import serve; from tests.pages import plant; serve(plant.mine(sites=1), Path(sys.argv[1]), port=int(sys.argv[2]))"
    inked = """const canvas = document.querySelector('.lw-plot canvas'); const g = canvas.getContext('2d'); const d = g.getImageData(0, 0, canvas.width, canvas.height).data;
      let top = 1e9, low = -1; for (let y = 0; y < canvas.height; y++) for (let x = 70; x < canvas.width - 30; x++) { const i = 4 * (y * canvas.width + x);
      if (Math.abs(d[i] - 0x6d) < 40 && Math.abs(d[i+1] - 0xb3) < 40 && Math.abs(d[i+2] - 0xf2) < 40 && d[i+3] > 60) { top = Math.min(top, y); low = Math.max(low, y); } } return [top, low, canvas.height];"""
    with serving(tmp_path, code) as address:
        driver = window(1440, 900)
        driver.get(f"{address}/en/trends?tags=face_gas_t0&span=year")
        until(lambda: count(driver, ".lw-plot canvas"))
        press(driver, ".lw-button", "Line")
        until(lambda: "extremes kept" in text(driver, ".lw-said"))

        def reaches() -> bool:  # once it is drawn, from the one spike to the other
            top, low, height = read(driver, inked)
            return low - top > 0.6 * height

        until(reaches)


def test_the_structure_serves_who_cannot_see_and_axe_finds_nothing_serious_on_any_page(mine, window):
    """Language, one heading, named regions and controls, texts that stand out from their ground; the rest is axe's."""
    address, tick, _ = mine
    check = """
      const seen = e => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden';
      const name = e => (e.getAttribute('aria-label') || e.textContent || e.title || (e.labels && e.labels[0] && e.labels[0].textContent) || '').trim();
      const faults = [];
      if (!document.documentElement.lang) faults.push('no language');
      if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
      if (document.querySelectorAll('main').length !== 1) faults.push('no main');
      for (const e of document.querySelectorAll('a, button, input, select, textarea')) if (seen(e) && !name(e)) faults.push('no name: ' + e.outerHTML.slice(0, 120));
      for (const e of document.querySelectorAll('img')) if (e.alt === null || e.alt === '') faults.push('no alt');
      const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
      if (new Set(ids).size !== ids.length) faults.push('an id twice');
      const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const rgb = s => s.match(/[\\d.]+/g).map(Number);
      for (const e of document.querySelectorAll('.lw-page *')) {
        if (!seen(e) || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.closest('.lw-hidden, .lw-skip')) continue;
        let ground = e, colour = [14, 20, 27];
        while (ground && ground.nodeType === 1) { const c = rgb(getComputedStyle(ground).backgroundColor); if (c.length < 4 || c[3] > 0.9) { colour = c; break; } ground = ground.parentNode; }
        const style = getComputedStyle(e), ink = rgb(style.color), a = light(ink) + 0.05, b = light(colour) + 0.05, ratio = Math.max(a, b) / Math.min(a, b);
        const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && Number(style.fontWeight) >= 700);
        if (ratio < (large ? 3 : 4.5)) faults.push('contrast ' + ratio.toFixed(2) + ': ' + e.className + ' ' + e.textContent.slice(0, 30));
      }
      return faults;"""
    driver = window(1440, 900)
    for page in (*(f"/zh/{name}" for name in PAGES), "/en/trends?tags=face_gas_t0", "/zh/upkeep/limits"):
        driver.get(address + page)
        drawn(driver)
        if page == "/zh/wall":
            tiles_of(driver, tick)
        assert read(driver, check) == [], page
        assert serious(driver) == [], page


PLANT = """
import sys, threading, time
from pathlib import Path
from lodeworks.pages import serve
from tests.pages.plant import Recorder, mine
now = lambda: time.time_ns() // 1_000_000
live = mine()
recorder = Recorder(Path(sys.argv[1]), live, now() - 1000)
values = {"face_gas_t0": 1.3, "face_gas_t1": 0.4, "face_temperature": 20.0, "belt_speed": 3.0}
def go_on():
    while True:
        recorder.tick(values, now=now())
        time.sleep(0.25)
threading.Thread(target=go_on, daemon=True).start()
serve(live, Path(sys.argv[1]), port=int(sys.argv[2]))
"""


def test_an_alarm_is_acknowledged_by_keyboard_and_another_desk_sees_it(window, tmp_path):
    """Two dispatchers at once: one acknowledges with a note, the other sees who did; then the past shows it as it was."""
    from selenium.webdriver.common.keys import Keys

    with serving(tmp_path, PLANT) as address, browsing(1440, 900) as other:
        one = window(1440, 900)
        one.get(f"{address}/zh/alarms")
        other.get(f"{address}/en/alarms")
        row = until(lambda: text(one, "tr.lw-alarm-row"))
        assert "上隅角甲烷超限" in row
        assert "未确认" in row
        before = now()
        time.sleep(1.0)
        keys(one, "n")
        press(one, ".q-dialog .lw-do")
        until(lambda: "请说明原因" in text(one, ".q-dialog"))  # a note without words
        assert serious(one) == []
        press(one, ".q-dialog .lw-button")
        until(lambda: not count(one, ".q-dialog"))
        keys(one, "a")
        until(lambda: read(one, "return document.activeElement.matches('.q-dialog input')"))
        assert read(one, "return document.querySelector('.q-dialog').getAttribute('aria-label')") == "确认: 上隅角甲烷超限 H"
        assert serious(one) == []
        fill(one, ".q-dialog input", "看到了")
        keys(one, Keys.ENTER)
        until(lambda: "已确认" in text(one, "tr.lw-alarm-row"))
        seen = until(lambda: next((row for row in texts(other, "tr.lw-alarm-row") if "local: 看到了" in row), ""))
        assert "acknowledged" in seen
        assert errors(one) == []
        other.get(f"{address}/en/past?at={before}")
        until(lambda: any("not acknowledged" in rows for rows in texts(other, ".lw-alarm-rows")))
        assert text(other, ".lw-past").startswith("PAST")
        assert serious(other) == []
        one.get(f"{address}/zh/journal")
        until(lambda: any("确认" in row and "看到了" in row for row in texts(one, ".lw-list tbody tr")))
        assert serious(one) == []


EMERGENCY = """
import sys, threading, time
from dataclasses import replace
from pathlib import Path
from lodeworks.network.live import Incident, Step
from lodeworks.pages import serve
from tests.pages.plant import Recorder, mine
now = lambda: time.time_ns() // 1_000_000
gas = Incident("gas", "Gas", "瓦斯超限处置", ("gas_t0",), (("leader", "leader on duty", "值班领导"),),
               (Step("call", "Call", "报告领导", "leader", 60.0), Step("out", "Out", "人员撤出", "leader", 300.0, "zone_face")), ("zone_face",), (("调度", "8001"),))
live = replace(mine(), incidents=(gas,), place={})
recorder = Recorder(Path(sys.argv[1]), live, now() - 1000)
values = {"face_gas_t0": 1.3, "face_gas_t1": 0.4, "face_temperature": 20.0, "belt_speed": 3.0, "people_face": 4.0}
def go_on():
    while True:
        if any(row.event == "part" for row in recorder.journal.of_kind("incident")):
            values["people_face"] = max(0.0, values["people_face"] - 0.5)
        recorder.tick({**values, "people_face": float(round(values["people_face"]))}, now=now())
        time.sleep(0.25)
threading.Thread(target=go_on, daemon=True).start()
serve(live, Path(sys.argv[1]), port=int(sys.argv[2]))
"""


def test_from_gas_to_the_report(window, tmp_path):
    """Gas opens the incident; a leader is named, people come out, the steps are done, it is closed, and told on paper."""

    from selenium.webdriver.common.keys import Keys

    def do(name: str, words: str = "") -> None:
        press(driver, ".lw-incident button", name)
        confirm(driver, words)

    with serving(tmp_path, EMERGENCY) as address:
        driver = window(1440, 900)
        driver.get(f"{address}/zh/incident")
        until(lambda: any("瓦斯超限处置" in head for head in texts(driver, ".lw-board-head")))
        until(lambda: text(driver, ".lw-zone b") == "4")
        assert serious(driver) == []
        press(driver, ".lw-parts button", "设置")  # what is asked for has the keyboard, and Enter is enough
        until(lambda: read(driver, "return document.activeElement === document.querySelector('.q-dialog .q-card input')"))
        keys(driver, "王工")
        until(lambda: read(driver, "return document.activeElement.value") == "王工")
        keys(driver, Keys.ENTER)
        until(lambda: "王工" in text(driver, ".lw-parts"))
        do("完成")
        until(lambda: count(driver, ".lw-step.lw-done") >= 1)
        until(lambda: text(driver, ".lw-zone b") == "0")
        until(lambda: count(driver, ".lw-step.lw-done") == 2)  # the zone is empty: nobody need press
        do("结束应急", words="气体降下")
        until(lambda: not count(driver, ".lw-board"))
        link = until(lambda: read(driver, "return document.querySelector('.lw-incident a[href*=report]')?.href"))
        assert errors(driver) == []
        driver.get(link)
        paper = text(driver, "main")
        assert serious(driver) == []
        for word in ("瓦斯超限处置", "王工", "报告领导", "人员撤出", "气体降下"):
            assert word in paper, word


def test_after_the_server_was_killed_the_wall_says_so_and_comes_back(window, tmp_path):
    live, at = plant.mine(), now()
    plant.recorded(tmp_path, live, at).close()
    port = free_port()
    driver = window(1440, 900)
    with serving(tmp_path, port=port) as address:
        driver.get(f"{address}/en/wall")
        until(lambda: count(driver, ".lw-tile"))
    until(lambda: "Connection to the server lost" in text(driver, ".lw-banner"))
    assert all(tile["grey"] for tile in read(driver, TILES).values())
    with serving(tmp_path, port=port):
        until(lambda: count(driver, ".lw-tile") and "Connection to the server lost" not in text(driver, ".lw-banner"))


SERVE_CASE = (
    "import sys; from pathlib import Path; from lodeworks.cases import case_folder; from lodeworks.pages import serve; "
    "from lodeworks.verbs.watching import live_of; "
    "serve(live_of(case_folder({case!r})), Path(sys.argv[1]), port=int(sys.argv[2]))"
)
WORDS = """return [...document.querySelectorAll('.lw-route-label, .lw-way-label, .lw-site rect')].map(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; })"""


def shown(driver) -> np.ndarray:
    """Return the boxes of sites and of all words that are there, shape (n, 4)."""
    rects = np.array(read(driver, WORDS), float).reshape(-1, 4)
    return rects[rects[:, 2] - rects[:, 0] > 2]


@pytest.mark.parametrize(("case", "sites", "words"), [("liupanshui", 10, 8), ("faer-mine", 12, 8)])
def test_on_a_schematic_no_words_lie_on_others(case, sites, words, window, tmp_path):
    with serving(tmp_path, SERVE_CASE.replace("{case!r}", repr(case))) as address:
        driver = window()
        driver.get(f"{address}/zh/map")
        until(lambda: len(shown(driver)) >= sites + words)
        rects = shown(driver)
        over = (
            (rects[:, None, 0] < rects[None, :, 2] - 1) & (rects[:, None, 2] > rects[None, :, 0] + 1)
            & (rects[:, None, 1] < rects[None, :, 3] - 1) & (rects[:, None, 3] > rects[None, :, 1] + 1)
        )
        assert over.sum() == len(rects)
