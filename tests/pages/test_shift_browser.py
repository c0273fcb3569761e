"""A shift on the real programs, in real browsers: gas rises in a rehearsal, it is announced, acknowledged, an incident is
gone through, people come out, a report is written.

Two dispatchers have it through a broker and a database, with what serves and what judges killed in between; one has it
on what comes along, where nothing else runs.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import fastexcel
import httpx
import yaml

from lodeworks.cases import case_folder
from lodeworks.pages.accounts import Accounts
from lodeworks.pages.guard import COOKIE
from lodeworks.verbs.watching import live_of
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Quality
from tests.pages import browser
from tests.pages.browser import NOTE, browsing, confirm, count, errors, fill, free_port, keys, read, text, texts, until
from tests.pages.conftest import GOOD
from tests.watch import servers
from tests.watch.plant import process_of

ALARM = "ch4_1201_corner.limit:H"
ZH, EN = "1201上隅角甲烷越限", "1201 corner CH₄: over the limit"  # one of several alarms that gas makes
# What is told goes again after some seconds: it is kept, however late one looks. What was not told in its time stands at the foot.
LISTEN = "window.told = []; new MutationObserver(() => window.told.push(...[...document.querySelectorAll('.q-notification, .lw-wishes p')].map((one) => one.innerText))).observe(document.body, {childList: true, subtree: true});"
# How long is waited for what starts anew, which on a busy computer takes what it takes: it ends as soon as it is there.
LONG = 180
CASE = case_folder("faer-mine")
GAS = {"kind": "gas_rise", "tag": "ch4_1201_corner", "by": 1.1, "hold": "3 h"}
OUT = {"kind": "withdraw", "zones": ["zone_1201", "zone_1202"], "hold": "3 h", "back": "10 min"}


def lodeworks(*words: object, folder: Path | None = None) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    return subprocess.Popen([sys.executable, "-m", "lodeworks", *map(str, words)], env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def watching(data: Path, *words: object) -> Iterator[str]:
    """`lodeworks watch`; ended with everything it started."""
    port = free_port()
    process = lodeworks("watch", CASE, "--data", data, "--port", port, *words)
    address = f"http://localhost:{port}"
    try:
        until(lambda: answers(address), LONG)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


@contextmanager
def rehearsing(folder: Path, overlay: Path, to: str, *events: dict[str, Any]) -> Iterator[None]:
    """`lodeworks rehearse` to a broker, in real time, from now on."""
    script = folder / "script.yaml"
    script.write_text(yaml.safe_dump({"events": list(events)}))
    process = lodeworks("rehearse", CASE, "--overlay", overlay, "--to", to, "--hours", 1, "--script", script, folder=folder)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/login", timeout=5).status_code < 500  # without accounts nobody logs in
    except httpx.HTTPError:
        return False


def kill(verb: str, data: Path) -> None:
    """Kill the process of a verb on a folder, as a fault would; one that is being started anew is waited for."""
    os.kill(until(lambda: process_of(verb, data), 40), signal.SIGKILL)


def rows(data: Path, kind: str) -> list[tuple[str, str, str, str]]:
    """The journal's rows of a kind: subject, event, user, note."""
    if not (data / "journal.sqlite").exists():
        return []
    with closing(Journal(data / "journal.sqlite", read_only=True)) as journal:
        return [(row.subject, row.event, row.user, row.note) for row in journal.of_kind(kind)]


def answered(data: Path, kind: str, user: str) -> list[str]:
    """What was answered to what somebody asked for, in words."""
    with closing(sqlite3.connect(data / "journal.sqlite")) as opened:
        return [json.loads(answer)[1] for (answer,) in opened.execute("SELECT answer FROM deeds WHERE kind = ? AND user = ? AND answer IS NOT NULL", (kind, user))]


def come_in(driver, address: str, name: str) -> None:
    driver.get(f"{address}/login")
    fill(driver, "[name=name]", name)
    fill(driver, "[name=password]", GOOD)
    browser.press(driver, "form button")
    until(lambda: driver.current_url.endswith("/wall"), LONG)


def row_of(driver, words: str) -> str:
    """What the list says of an alarm; nothing where it is not there."""
    return next((row for row in texts(driver, "tr.lw-alarm-row") if words in row), "")


def press(driver, name: str, then, words: str = "", first: str = "") -> None:
    """Press a button of the incident and confirm, and again where that is told as not done, as a dispatcher would."""

    def lost() -> bool:
        return any(told in text(driver, ".lw-wishes") for told in ("未执行", "NOT DONE"))

    for _ in range(4):
        browser.press(driver, ".lw-incident button", name, seconds=LONG)
        confirm(driver, words, first, LONG)
        until(lambda: then() or lost(), LONG)
        if not lost():
            return
        browser.press(driver, ".lw-wishes button")
    raise AssertionError(f"{name} was lost four times")


def banner(driver) -> str:
    """What is told above the list; nothing while the page is just being loaded anew."""
    return " ".join(texts(driver, ".lw-banner"))


def steps_done(driver) -> int:
    return count(driver, ".lw-board .lw-step.lw-done")


def reported(driver, session: dict[str, str]) -> tuple[str, str]:
    """What the report of the incident says, as a page and as a workbook."""
    links = until(lambda: read(driver, "return [...document.querySelectorAll('.lw-incident a[href*=\"/api/incident/\"]')].map((link) => link.href);"))
    book = fastexcel.read_excel(httpx.get(next(link for link in links if "workbook" in link), cookies=session, timeout=20).content)
    cells = " ".join(str(cell) for name in book.sheet_names for row in book.load_sheet(name, header_row=None).to_polars().rows() for cell in row)
    driver.get(next(link for link in links if "report" in link))
    return text(driver, "main"), cells


def test_two_dispatchers_through_broker_and_database_from_the_first_gas_to_the_report_with_everything_killed_in_between(tmp_path):
    data, overlay, broker = tmp_path / "data", tmp_path / "site.yaml", servers.Broker(tmp_path)
    to = f"mqtt://127.0.0.1:{broker.port}"
    live = live_of(CASE)
    overlay.write_text(yaml.safe_dump({
        "feeds": {feed.name: {"kind": "mqtt", "address": to} for feed in live.feeds},
        "tags": {name: {"period": "1 s"} for name in ("ch4_1201_corner", "people_1201", "people_1202")},  # in real time, so often
    }))
    with closing(Accounts(data / "accounts.sqlite")) as accounts:
        accounts.add("li", "dispatcher", GOOD)
        accounts.add("wang", "dispatcher", GOOD)
    with ExitStack() as shift:
        broker.start()
        shift.callback(broker.stop)
        database = shift.enter_context(servers.postgres())
        mine = ExitStack()
        shift.push(mine)
        mine.enter_context(rehearsing(tmp_path, overlay, to, {**GAS, "at": "5 s", "over": "5 s"}))
        address = shift.enter_context(watching(data, "--overlay", overlay, "--history", database, "--accounts"))
        li, wang = (shift.enter_context(browsing(1440, 900)) for _ in range(2))
        for driver, name in ((li, "li"), (wang, "wang")):
            come_in(driver, address, name)
            driver.get(f"{address}/{'zh' if name == 'li' else 'en'}/alarms")
        until(lambda: row_of(li, ZH) and row_of(wang, EN), LONG)

        # Both are about to acknowledge the same alarm: one deed, and a clear word to the second.
        for driver, words in ((li, ZH), (wang, EN)):
            browser.press(driver, "tr.lw-alarm-row", part=words, seconds=LONG)
            keys(driver, "a")
            until(lambda d=driver: count(d, NOTE), LONG)
        confirm(li, "看到了", seconds=LONG)
        seen = until(lambda: (row := row_of(wang, EN)) and "li: 看到了" in row and row, LONG)
        assert "not acknowledged" not in seen
        wang.execute_script(LISTEN)
        confirm(wang, "me too", seconds=LONG)
        # A recorder that takes more than four seconds on a busy computer is told not to answer; the deed waits, and is refused.
        until(lambda: any("by li" in one or "does not answer" in one for one in read(wang, "return window.told")), LONG)
        until(lambda: answered(data, "acknowledge", "wang") == ["it was acknowledged already, by li"], LONG)
        acknowledged = [(user, note) for subject, event, user, note in rows(data, "alarm") if (subject, event) == (ALARM, "acknowledged")]
        assert acknowledged == [("li", "看到了")]

        # What serves is killed: the pages say so, come back by themselves, and nobody logs in anew.
        assert errors(li) == []
        kill("serve", data)
        until(lambda: "服务器" in banner(li) and "server" in banner(wang), LONG)
        until(lambda: answers(address), LONG)
        until(lambda: "li: 看到了" in row_of(li, ZH) and "li: 看到了" in row_of(wang, EN), LONG)
        until(lambda: row_of(li, ZH) and "服务器" not in banner(li), LONG)

        # What judges is killed: it goes on where it was.
        number = process_of("ingest", data)
        kill("ingest", data)
        until(lambda: process_of("ingest", data) not in (0, number), LONG)

        # The alarm had opened an incident; two desks go through it, and once they have, people come out.
        li.get(f"{address}/zh/incident")
        wang.get(f"{address}/en/incident")
        until(lambda: "瓦斯超限事故" in "".join(texts(li, ".lw-board-head")), LONG)
        until(lambda: len(people := texts(li, ".lw-zone b")) == 2 and all(number.isdigit() and int(number) > 0 for number in people), LONG)
        mine.close()
        mine.enter_context(rehearsing(tmp_path, overlay, to, {**GAS, "at": "0 s", "over": "0 s"}, {**OUT, "at": "1 s", "over": "2 s"}))
        press(li, "设置", lambda: "王工" in text(wang, ".lw-parts"), first="王工")
        before = steps_done(li)
        press(wang, "Done", lambda: steps_done(li) > before)
        until(lambda: texts(li, ".lw-zone b") == ["0", "0"], LONG)
        until(lambda: steps_done(li) >= 3 and steps_done(wang) >= 3, LONG)  # who is out need not be ticked off
        press(li, "结束应急", lambda: not count(li, ".lw-board") and not count(wang, ".lw-board"), "气体降下")

        paper, cells = reported(li, {COOKIE: li.get_cookie(COOKIE)["value"]})
        for said in ("瓦斯超限事故", "王工", "气体降下", "wang", "li"):
            assert said in paper, said
            assert said in cells, said

        # It was the database that kept what came through the broker.
        with closing(open_history(database, [tag.name for tag in live.tags])) as history:
            [gas] = history.read([live.place["ch4_1201_corner"]], 0, 2**60)
        assert set(gas.quality) == {Quality.SIMULATED}
        assert gas.value.max() > 1.0 > gas.value.min()
        assert not (data / "history").exists()

    told = rows(data, "alarm")
    assert [row for row in told if row[:2] == (ALARM, "announced")] == [(ALARM, "announced", "", "")]
    done = {(event, user) for _, event, user, _ in rows(data, "incident")}
    assert {("part", "li"), ("step", "wang"), ("closed", "li")} <= done, done
    with closing(Journal(data / "journal.sqlite", read_only=True)) as journal:
        assert journal.verify() == []


def test_one_dispatcher_on_what_comes_along_from_the_first_gas_to_the_report(tmp_path):
    """Without accounts, broker or database; the rehearsal's clock goes sixty times as fast."""
    data, script = tmp_path / "data", tmp_path / "script.yaml"
    script.write_text(yaml.safe_dump({"events": [{**GAS, "at": "90 s", "over": "1 min"}, {**OUT, "at": "9 min", "over": "2 min"}]}))
    with watching(data, "--rehearse", "--script", script, "--speed", 60) as address, browsing(1440, 900) as driver:
        driver.get(f"{address}/zh/alarms")
        until(lambda: row_of(driver, ZH), LONG)
        browser.press(driver, "tr.lw-alarm-row", part=ZH, seconds=LONG)
        keys(driver, "a")
        confirm(driver, "看到了", seconds=LONG)
        until(lambda: "看到了" in row_of(driver, ZH), LONG)  # who leaves before is told on the next page, over what stands there
        driver.get(f"{address}/zh/incident")
        until(lambda: texts(driver, ".lw-zone b") == ["0", "0"], LONG)
        press(driver, "结束应急", lambda: not count(driver, ".lw-board"), "气体降下")
        for said in reported(driver, {}):
            assert "瓦斯超限事故" in said
            assert "气体降下" in said
    assert (ALARM, "acknowledged", "看到了") in {(subject, event, note) for subject, event, _, note in rows(data, "alarm")}
    assert (data / "history").exists()
