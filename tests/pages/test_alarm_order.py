"""The alarm list in another order: by what alarms cost an hour and by what is left, priority first unless asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lodeworks.network.live import AlarmRule, Limit, Live
from lodeworks.pages.desk import open_desk
from lodeworks.pages.held import Held
from lodeworks.pages.server import application, run
from lodeworks.watch.against_plan import Against
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal
from lodeworks.watch.planned import Planned
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Samples
from tests.pages.browser import browsing, count, errors, keys, press, read, serious, serving, texts, until
from tests.watch.works import TAGS, ms, planned_works

NOON = ms("2026-03-03 10:20")
SAID = {"wash_belt": 10.0, "coke_belt": 20.0, "steel_belt": 18.0, "engine_power": 4000.0, "heap_level": 20.0, "holder_level": 3000.0, "roof_methane": 1.0}
RULES = tuple(
    AlarmRule(name, title, title, tag, "limit", priority, "c", "q", "r", 600.0, (Limit(level, "low" if level == "L" else "high", value),))
    for name, title, tag, level, value, priority in (
        ("few", "Washing is slow", "wash_belt", "L", 35.0, 4), ("low", "Heap is low", "heap_level", "L", 40.0, 3),
        ("gas", "Methane", "roof_methane", "H", 0.1, 1), ("much", "Holder is low", "holder_level", "L", 1e6, 2),
    )
)
LIVE = Live("works", "Works", "工厂", tags=TAGS, rules=RULES, titles=(("heap", "Heap", "煤堆"),))


def serve(folder: Path, port: int) -> None:
    """Serve the works as they stand at noon, with four alarms, in a process of its own."""
    desk = open_desk(LIVE, folder)
    desk.clock = lambda: NOON
    engine = Engine(LIVE, Journal(desk.folder.journal), started=NOON - 60_000)
    for k, rule in enumerate(RULES):
        at = NOON - 50_000 + 1000 * k
        engine.feed(Samples.of([LIVE.place[rule.tag]], [at], [at], [SAID[rule.tag]], [0]), at)
    parts = [Samples.of([LIVE.place[name]], [NOON], [NOON], [value], [0]) for name, value in SAID.items()]
    Present.create(desk.folder.present, [tag.name for tag in TAGS]).set(Samples.joined(parts), NOON)
    net, tables = planned_works()
    app = application(desk, None, held=Held(desk, Against(net, Planned(net, tables), replace(LIVE, place={}))))
    run(app, "127.0.0.1", port, certificate=None, key=None, began=lambda: print(f"http://127.0.0.1:{port}/", flush=True))


CODE = "import sys; from pathlib import Path; from tests.pages.test_alarm_order import serve; serve(Path(sys.argv[1]), int(sys.argv[2]))"


OFTEN = "const every = setInterval; window.setInterval = (does, ms) => every(does, ms === 5000 ? 100 : ms);"
ASKED = "return performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/worth')).length"
STANDING = "return [document.activeElement === window.standing, [...document.querySelectorAll('tr.lw-alarm-row')].indexOf(document.activeElement)]"
SORTED = "return document.querySelector(`th[data-order=${arguments[0]}]`).getAttribute('aria-sort')"


def test_sorted_by_money_by_what_is_left_and_back_to_priority_while_who_stands_on_a_row_keeps_it(tmp_path):
    with serving(tmp_path, CODE) as address, browsing(1440, 900) as driver:
        def titles() -> list[str]:
            return texts(driver, "tr.lw-alarm-row td:nth-child(2) b")

        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": OFTEN})
        driver.get(f"{address}/en/alarms")
        until(lambda: count(driver, ".lw-priced"))
        assert titles() == ["Methane", "Holder is low", "Heap is low", "Washing is slow"]  # as the dispatcher's rules have it
        rows = dict(zip(titles(), texts(driver, "tr.lw-alarm-row"), strict=True))
        assert "CNY/h" in rows["Heap is low"]
        assert "follows from: Washing is slow" in rows["Heap is low"]
        assert "CNY" not in rows["Methane"]
        assert serious(driver) == []
        press(driver, "tr.lw-alarm-row", part="Heap is low\n")
        read(driver, "window.standing = document.activeElement")
        asked = read(driver, ASKED)
        until(lambda: read(driver, ASKED) >= asked + 3)  # prices came anew
        assert read(driver, STANDING) == [True, 2]
        keys(driver, "o")
        until(lambda: read(driver, STANDING) == [True, 1])  # it was moved, and is the very same
        press(driver, "th[data-order=cost] button")
        until(lambda: titles() == ["Holder is low", "Heap is low", "Washing is slow", "Methane"])  # one card: the same money
        assert read(driver, SORTED, "cost") == "descending"
        driver.execute_script("document.activeElement.blur()")
        keys(driver, "ooo")
        until(lambda: read(driver, SORTED, "left") == "ascending")
        until(lambda: titles()[0] == "Heap is low")
        keys(driver, "o")
        until(lambda: titles()[0] == "Methane")
        assert errors(driver) == []
