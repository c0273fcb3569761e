"""The command screen and the flows of an hour in a real browser, over a real server whose children are the real command."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.pages.browser import count, drawn, errors, press, read, serious, serving, text, texts, until
from tests.pages.works_site import LIVE, beat, built, measure

SERVE = "import sys; from pathlib import Path; from tests.pages.works_site import serve_works; serve_works(Path(sys.argv[1]), int(sys.argv[2]))"
FLOWS = "return document.querySelector('.lw-hour .sankey') && document.querySelector('.lw-hour h2').textContent"
BUTTONS = "return [...document.querySelectorAll('.lw-command-side .lw-buttons button')].map(b => [b.textContent, b.disabled])"


MARKS = """const found = Object.fromEntries([...document.querySelectorAll('.lw-tile')].filter(t => t.querySelector('.lw-plan:not(.lw-none)'))
    .map(t => [t.title.split('\\n')[1], t.querySelector('.lw-plan').textContent])); return Object.keys(found).length ? found : null"""


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def works(tmp_path_factory):
    folder = tmp_path_factory.mktemp("works")
    built(folder)
    measure(folder, now())
    with serving(folder, SERVE) as address:
        yield folder, address


def child(kind: str) -> psutil.Process:
    """Return the child of the server that runs a verb from a state."""

    def runs(process: psutil.Process) -> bool:
        try:
            return {kind, "--from"} <= set(process.cmdline())
        except psutil.NoSuchProcess:  # it ended while we looked
            return False

    return until(lambda: next(filter(runs, psutil.Process().children(recursive=True)), None))


def ask(driver, name: str) -> None:
    press(driver, ".lw-command-side .lw-buttons button", name)


def said(driver, folder: Path, words: str, seconds: float = 280.0) -> str:
    """Wait until the screen says something, while the works goes on; a first simulation is compiled for a minute."""

    def look():
        beat(folder, now())
        told = read(driver, "return document.querySelector('.lw-command-side')?.textContent ?? ''")
        return told if words in told else ""

    return until(look, seconds)


def test_looking_ahead_and_planning_anew_are_pressed_and_whatever_becomes_of_them_is_shown(works, window):
    folder, address = works
    driver = window(1920, 1080)
    beat(folder, now())
    driver.get(f"{address}/en/command")
    ask(driver, "Look ahead")
    process = child("simulate")
    process.suspend()  # it takes long: the page goes on
    assert until(lambda: any(name.startswith("Look ahead …") and off for name, off in read(driver, BUTTONS)))
    assert urllib.request.urlopen(f"{address}/api/map?language=en", timeout=60).status == 200
    process.resume()
    told = said(driver, folder, "Look ahead · as of ")
    assert until(lambda: count(driver, ".lw-band canvas")) >= 1
    assert "Heap" in told
    ask(driver, "What should we do now?")
    os.kill(child("plan").pid, signal.SIGKILL)
    told = said(driver, folder, "What should we do now? killed: ended by signal SIGKILL")
    assert "Look ahead · as of " in told  # what was found before stays
    ask(driver, "What should we do now?")
    told = said(driver, folder, "What should we do now? · as of ")
    assert "killed" not in told
    assert "made anew" in told
    assert "going on as planned" in told  # what it is worth beside that, in money
    # There is more on the heap than planned: by the hour of the day less is washed for it, or the day ends with more.
    assert "Washing · flow" in told or "Heap · at the end" in told, told
    assert serious(driver) == []
    assert errors(driver) == []


def test_a_tile_says_what_the_plan_has_beside_what_is_there(works, window):
    folder, address = works
    driver = window(1440, 900)
    beat(folder, now())
    driver.get(f"{address}/en/wall")
    marks = until(lambda: read(driver, MARKS))
    moment = now()
    with urllib.request.urlopen(f"{address}/api/planned?at={moment}", timeout=60) as answer:
        told = json.load(answer)
    assert told["at"] == moment
    assert set(marks) == {"wash_belt", "coke_belt", "engine_power", "steel_belt", "heap_level", "holder_level"}  # no plan has methane
    planned = {LIVE.tags[int(tag)].name: value for tag, value in told["planned"].items()}
    assert planned["wash_belt"] is not None
    belt = float(marks["wash_belt"].removeprefix("plan ").replace(",", ""))
    assert abs(belt - planned["wash_belt"]) <= 0.02 * max(1.0, belt)  # a minute may have passed, and the hour with it
    assert serious(driver) == []
    with urllib.request.urlopen(f"{address}/api/planned?at={moment + 30 * 86_400_000}", timeout=60) as answer:
        assert set(json.load(answer)["planned"].values()) == {None}  # after the plan's end
    driver.get(f"{address}/en/past?at={moment - 9 * 86_400_000}")
    assert set(until(lambda: read(driver, MARKS)).values()) == {"plan –"}  # before it began
    assert errors(driver) == []


def test_a_child_that_fails_says_why_on_the_screen(works, window):
    folder, address = works
    chain = folder / "works.yaml"
    kept = chain.read_text()
    driver = window(1920, 1080)
    beat(folder, now())
    driver.get(f"{address}/en/command")
    chain.write_text(kept.replace("capacity: 40 t/h", "capacity: 40 kg"))
    try:
        ask(driver, "What should we do now?")
        told = said(driver, folder, "failed: ")
    finally:
        chain.write_text(kept)
    assert "40 kg" in told
    assert errors(driver) == []


def test_answers_outlive_a_restart_of_the_pages(works, window):
    folder, _ = works
    with serving(folder, SERVE) as address:
        driver = window(1440, 900)
        beat(folder, now())
        driver.get(f"{address}/en/command")
        assert "Heap" in said(driver, folder, "Look ahead · as of ")


def at_rest(driver) -> list[float]:
    """Where the chart stands, once it is drawn as large as its place and nothing moves it; nothing before."""
    box = "const r = document.querySelector('.lw-plot').getBoundingClientRect(); return [r.left, r.top, r.width, r.height];"
    canvas = "const c = document.querySelector('.lw-plot canvas').getBoundingClientRect(); return [c.left, c.top, c.width, c.height];"
    before = read(driver, box)
    drawn(driver)
    return before if before == read(driver, box) == read(driver, canvas) else []


def test_an_hour_clicked_in_the_heat_map_shows_what_flowed_in_it(works, window):
    """The reports' own figure, drawn of what was measured; the address says which hour."""
    folder, address = works
    hour = 3_600_000
    whole = (now() - 2 * hour) // hour * hour
    driver = window(1440, 900)
    beat(folder, now())
    driver.get(f"{address}/en/trends?tags=wash_belt&span=week")
    until(lambda: count(driver, ".lw-series canvas"))
    press(driver, ".lw-bar-tools button", "Day × hour")
    drawn(driver)
    press(driver, ".lw-bar-tools button", "Data table")
    assert until(lambda: count(driver, ".lw-table button")) >= 4
    box = until(lambda: at_rest(driver))
    day, at = (whole / 1000 + 8 * 3600) // 86400, int((whole / 1000 + 8 * 3600) % 86400 // 3600)
    begin = int((now() - 7 * 24 * hour) / 1000 + 8 * 3600) // 86400
    days = int((now() / 1000 + 8 * 3600) // 86400 - begin + 1)
    x = box[0] + 56 + (box[2] - 56 - 96) * (day - begin + 0.5) / days
    y = box[1] + 26 + (box[3] - 26 - 48) * (1.0 - (at + 0.5) / 24.0)
    for kind in ("mousePressed", "mouseReleased"):
        driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1})
    title = until(lambda: read(driver, FLOWS))
    assert f"{at:02d}:00–{(at + 1) % 24:02d}:00" in title
    assert read(driver, "return new URLSearchParams(location.search).get('hour')") == str(whole)
    assert {"Washing", "clean"} & set(texts(driver, ".lw-hour .node-label"))
    assert "roof_methane" not in text(driver, ".lw-hour")
    assert serious(driver) == []
    driver.get(f"{address}/zh/trends?tags=wash_belt&hour={whole}")
    assert "实测流向" in until(lambda: read(driver, FLOWS))
    assert errors(driver) == []
