"""What was confirmed is done or told as not done, whatever becomes of the line: over its routes, and in a browser whose server dies."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing

import pytest
from nicegui.testing import User

from lodeworks.pages.asking import asked
from lodeworks.pages.guard import LOCAL
from lodeworks.watch.deeds import Answer, Deed, Deeds
from lodeworks.watch.journal import Journal
from tests.pages import plant
from tests.pages.browser import (
    count,
    drawn,
    errors,
    fill,
    free_port,
    keys,
    mortal,
    press,
    read,
    serious,
    serving,
    text,
    until,
)
from tests.pages.conftest import GOOD
from tests.pages.visiting import come_in, visit

KEY = "0123456789abcdef" * 2
SAME = {"origin": "http://localhost"}
LONG_AGO = "sessionStorage.setItem('lodeworks-wishes', sessionStorage.getItem('lodeworks-wishes').replace(/\"at\":\\d+/, '\"at\":0'))"  # as if a wish were confirmed long ago


def test_a_wish_is_unheard_then_waits_then_is_answered(desk):
    async def act(user: User) -> None:
        async def told(language: str = "en") -> dict:
            return (await user.http_client.get(f"/api/wish/{KEY}?language={language}")).json()

        assert (await told())["told"] == "the server has not confirmed this yet"
        number = desk.deeds.ask(Deed("acknowledge", "gas_t0:H", "local", "seen"), key=KEY)
        assert await told("zh") == {"over": False, "done": False, "told": "已登记，记录程序尚未答复"}
        settled = await user.http_client.post(f"/api/wish/{KEY}/settle?language=zh", headers=SAME)
        assert settled.json() == await told("zh")
        desk.deeds.done(number, Answer(False, "it was acknowledged already, by li", "li 已确认"))
        assert await told() == {"over": True, "done": False, "told": "refused: it was acknowledged already, by li"}
        assert (await user.http_client.get("/api/wish/../accounts")).status_code in (400, 404)

    visit(desk, act)


def test_what_was_told_as_not_done_is_refused_when_it_comes_late(desk):
    async def act(user: User) -> None:
        settled = await user.http_client.post(f"/api/wish/{KEY}/settle?language=en", headers=SAME)
        assert settled.json()["over"]
        assert settled.json()["told"].startswith("NOT DONE")
        done, told = await asked(desk, LOCAL, "acknowledge", "gas_t0:H", language="en", key=KEY)
        assert not done
        assert "told as not done" in told

    visit(desk, act)
    assert desk.deeds.open() == []


def test_who_only_looks_gives_nothing_up_and_another_site_neither(desk, book):
    book.add("qi", "viewer", GOOD)

    async def act(user: User) -> None:
        await come_in(user, "qi")
        for headers, status in ((SAME, 403), ({"origin": "https://evil.example"}, 403)):
            assert (await user.http_client.post(f"/api/wish/{KEY}/settle?language=en", headers=headers)).status_code == status

    visit(desk, act, book)
    assert desk.deeds.number(KEY) is None


@pytest.fixture
def gas(tmp_path):
    """A folder in which gas has risen, whose recorder stands still, and a port to serve it at."""
    recorder = plant.Recorder(tmp_path, plant.mine(), time.time_ns() // 1_000_000 - 1000)
    recorder.tick({"face_gas_t0": 1.3, "face_gas_t1": 0.4, "face_temperature": 20.0, "belt_speed": 3.0})
    yield recorder, free_port()
    recorder.close()


def test_a_deed_confirmed_into_a_dead_line_is_told_as_not_done_once_the_page_is_back(gas, window, tmp_path):
    """The server is stopped, the deed is confirmed, the server dies with it unread: only the page knows of it."""
    _, port = gas
    driver = window(1440, 900)
    with mortal(tmp_path, port=port) as (address, server):
        driver.get(f"{address}/en/alarms")
        drawn(driver)
        press(driver, "tr.lw-alarm-row")
        keys(driver, "a")
        fill(driver, ".q-dialog input", "seen")
        os.kill(server, signal.SIGSTOP)
        press(driver, ".q-dialog .lw-do")
        os.kill(server, signal.SIGKILL)
    driver.execute_script(LONG_AGO)
    until(lambda: "has not confirmed this yet" in text(driver, ".lw-wishes"))
    with serving(tmp_path, port=port):
        until(lambda: "NOT DONE" in text(driver, ".lw-wishes"))
        assert "Acknowledge: Methane high at the upper corner H" in text(driver, ".lw-wishes")
        assert Deeds(tmp_path / "journal.sqlite").open() == []
        assert serious(driver) == []
        assert not count(driver, ".q-dialog")
        press(driver, ".lw-wishes button")
        assert not count(driver, ".lw-wishes p")
        driver.refresh()
        drawn(driver)
        assert not count(driver, ".lw-wishes p")  # it is told once


def test_a_window_declared_into_a_dead_line_is_told_as_not_declared_once_the_page_is_back(gas, window, tmp_path):
    _, port = gas
    driver = window(1440, 900)
    with mortal(tmp_path, port=port) as (address, server):
        driver.get(f"{address}/en/upkeep/calibration?about=face_gas_t0")
        drawn(driver)
        fill(driver, "input[aria-label='expected value']", "2")
        fill(driver, "input[aria-label='reason']", "monthly")
        os.kill(server, signal.SIGSTOP)
        press(driver, ".lw-do")
        os.kill(server, signal.SIGKILL)
    with serving(tmp_path, port=port):
        driver.refresh()
        until(lambda: "NOT DONE" in text(driver, ".lw-wishes"))
        assert "Calibrate: " in text(driver, ".lw-wishes")
        assert Deeds(tmp_path / "journal.sqlite").open() == []


def test_a_deed_whose_answer_the_line_lost_is_told_once_it_is_answered(gas, window, tmp_path):
    recorder, port = gas
    driver = window(1440, 900)
    with serving(tmp_path, port=port) as address:
        driver.get(f"{address}/zh/alarms")
        drawn(driver)
        press(driver, "tr.lw-alarm-row")
        keys(driver, "a")
        fill(driver, ".q-dialog input", "看到了")
        press(driver, ".q-dialog .lw-do")
        deeds = Deeds(tmp_path / "journal.sqlite")
        [asked_for] = until(deeds.open)
    with serving(tmp_path, port=port):
        until(lambda: "记录程序尚未答复" in text(driver, ".lw-wishes"))
        assert [one.number for one in deeds.open()] == [asked_for.number]
        recorder.engine.apply(asked_for, recorder.now)
        until(lambda: "完成" in text(driver, ".lw-wishes"))
        press(driver, ".lw-wishes button")
        # A notification that goes missing is an answer nobody saw: it is told like one that came late.
        driver.execute_script("Quasar.Notify.create = () => {}; addEventListener('lodeworks-heard', () => { window.heardOf = true; });")
        press(driver, "tr.lw-alarm-row")
        keys(driver, "n")
        fill(driver, ".q-dialog input", "风机已查")
        press(driver, ".q-dialog .lw-do")
        [asked_for] = until(deeds.open)
        recorder.engine.apply(asked_for, recorder.now)
        until(lambda: read(driver, "return window.heardOf"))
        driver.execute_script(LONG_AGO)
        until(lambda: "记一笔" in text(driver, ".lw-wishes") and "完成" in text(driver, ".lw-wishes"))
        assert [one for one in errors(driver) if "ERR_CONNECTION" not in one and "WebSocket" not in one] == []
    with closing(Journal(tmp_path / "journal.sqlite", read_only=True)) as journal:
        assert [(row.subject, row.note) for row in journal.of_kind("alarm") if row.event == "acknowledged"] == [("gas_t0:H", "看到了")]
