"""A flood at the desk: the urgent stand each for itself, the rest under one line for what they have in common."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lodeworks.network.live import AlarmRule, Limit, Live
from lodeworks.pages.desk import open_desk
from lodeworks.pages.server import application, run
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Samples
from tests.pages.browser import browsing, errors, keys, press, read, serving, text, texts, until
from tests.watch.works import TAGS, ms

NOON = ms("2026-03-03 10:20")
DRIVES = tuple(replace(TAGS[k % 2], name=f"drive_{k}", title_en=f"Drive {k}", reads="power", unit="kW") for k in range(16))
RULES = (
    AlarmRule("gas", "Methane", "甲烷", "roof_methane", "limit", 1, "c", "q", "r", 600.0, (Limit("H", "high", 0.1),)),
    *(AlarmRule(f"hot_{k}", f"Drive {k} pulls hard", f"{k}号电机过载", f"drive_{k}", "limit", 2 + k // 12, "c", "q", "r", 600.0, (Limit("H", "high", 90.0),)) for k in range(16)),
)
LIVE = Live("works", "Works", "工厂", tags=(*TAGS, *DRIVES), rules=RULES, titles=(("washing", "Washing", "洗煤"), ("coking", "Coking", "炼焦")))


def serve(folder: Path, port: int) -> None:
    """Serve the works as they stand at noon, seventeen alarms within two minutes, in a process of its own."""
    desk = open_desk(LIVE, folder)
    desk.clock = lambda: NOON
    engine = Engine(LIVE, Journal(desk.folder.journal), started=NOON - 600_000)
    parts = []
    for k, rule in enumerate(RULES):
        at = NOON - 120_000 + 5000 * k
        parts.append(Samples.of([LIVE.place[rule.tag]], [at], [at], [95.0], [0]))
        engine.feed(parts[-1], at)
    Present.create(desk.folder.present, [tag.name for tag in LIVE.tags]).set(Samples.joined(parts), NOON)
    run(application(desk, None), "127.0.0.1", port, certificate=None, key=None, began=lambda: print(f"http://127.0.0.1:{port}/", flush=True))


CODE = "import sys; from pathlib import Path; from tests.pages.test_flood_browser import serve; serve(Path(sys.argv[1]), int(sys.argv[2]))"
ORDER = "return [...document.querySelectorAll('.lw-alarms-list tbody:first-of-type tr')].map((row) => row.innerText.split('\\n')[0].trim())"
CHOSEN = "return document.querySelector('tr.lw-alarm-row[aria-selected=true] td:nth-child(2) b')?.innerText"


def test_in_a_flood_seventeen_alarms_are_one_row_and_two_lines_that_unfold(tmp_path):
    with serving(tmp_path, CODE) as address, browsing(1440, 900) as driver:
        driver.get(f"{address}/en/alarms")
        until(lambda: len(texts(driver, "tr.lw-under")) == 2)
        assert texts(driver, "tr.lw-alarm-row td:nth-child(2) b") == ["Methane"]
        assert texts(driver, "tr.lw-under") == ["▸ ◆ Coking: 8 · 8 not acknowledged", "▸ ◆ Washing: 8 · 8 not acknowledged"]
        assert "Alarm flood" in text(driver, ".lw-banner")
        press(driver, "tr.lw-under button", part="Washing")
        until(lambda: len(texts(driver, "tr.lw-alarm-row")) == 9)
        assert read(driver, "return [...document.querySelectorAll('tr.lw-under button')].map((one) => one.getAttribute('aria-expanded'))") == ["false", "true"]
        lines = read(driver, ORDER)
        assert lines[0].startswith("▲ urgent")
        assert [line[:10] for line in lines[1:3]] == ["▸ ◆ Coking", "▾ ◆ Washin"]
        assert all(line.startswith(("◆ high", "● medium")) for line in lines[3:])
        read(driver, "document.activeElement.blur()")
        keys(driver, "\ue015")  # the arrow down: from the urgent one into what is unfolded
        until(lambda: (read(driver, CHOSEN) or "").startswith("Drive"))
        press(driver, "tr.lw-under button", part="Washing")
        until(lambda: texts(driver, "tr.lw-alarm-row td:nth-child(2) b") == ["Methane"])
        until(lambda: read(driver, CHOSEN) == "Methane")
        keys(driver, "/", *"drive 3")
        until(lambda: texts(driver, "tr.lw-alarm-row td:nth-child(2) b") == ["Drive 3 pulls hard"])  # who looks for one finds it
        assert texts(driver, "tr.lw-under") == []
        assert errors(driver) == []
