"""The alarm list at which one works: deeds with a word of confirmation, asked of the recorder and answered by it."""

from __future__ import annotations

import asyncio
import gc

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from lodeworks.pages.alarms import AlarmList
from lodeworks.pages.desk import open_desk
from lodeworks.pages.wall import Wall
from lodeworks.watch.deeds import Answer
from tests.pages.conftest import GOOD, NOW
from tests.pages.plant import Recorder, going_on, mine
from tests.pages.visiting import HTML, come_in, visit

ALARM = {"face_gas_t0": 1.3, "belt_speed": 1.0, "face_gas_t1": 0.5, "face_temperature": 20.0}


@pytest.fixture
def plant(tmp_path):
    """A recorder that goes on by itself while pages are looked at."""
    recorder = Recorder(tmp_path, mine(), NOW)
    recorder.tick(ALARM)
    with going_on(recorder, lambda: recorder.tick(ALARM)):
        yield recorder


async def press(user: User, kind: str, alarm: str, confirm: str = "执行", *, answered: bool = True, **fields) -> None:
    """Do at the list what a key does, fill in what is asked, and confirm; wait until that is answered, or a field says why not."""
    rows = next(e for e in user.client.elements.values() if isinstance(e, AlarmList))
    listener = next(li for li in rows._event_listeners.values() if li.type == "deed")
    rows._handle_event({"listener_id": listener.id, "args": {"kind": kind, "alarm": alarm}})
    await asyncio.sleep(0.05)
    dialog = [e for e in user.client.elements.values() if isinstance(e, ui.dialog) and e.value][-1]
    inside = list(dialog.descendants())
    for marker, value in fields.items():
        next(e for e in inside if marker in e._markers).value = value
    button = next(e for e in inside if isinstance(e, ui.button) and e.text == confirm)
    told = len(user.notify.messages)
    UserInteraction(user, {button}, None).click()
    for _ in range(1200):
        if not answered or len(user.notify.messages) > told or any("error" in e._props for e in inside):
            break
        await asyncio.sleep(0.05)


def events(recorder: Recorder) -> list[tuple[str, str, str, str]]:
    return [(row.event, row.subject, row.user, row.note) for row in recorder.journal.since(0)]


def visiting_desk(plant: Recorder):
    return open_desk(plant.live, plant.folder.path)


def test_acknowledged_with_a_note_it_stands_in_the_journal_with_the_name(plant):
    desk = visiting_desk(plant)

    async def act(user: User) -> None:
        await user.open("/zh/alarms")
        await press(user, "acknowledge", "gas_t0:H", note="seen")
        await user.should_see("完成: 上隅角甲烷超限 H")

    visit(desk, act)
    assert ("acknowledged", "gas_t0:H", "local", "seen") in events(plant)
    desk.close()


def test_shelving_needs_a_reason_and_lives_are_not_shelved(plant):
    desk = visiting_desk(plant)

    async def act(user: User) -> None:
        await user.open("/zh/alarms")
        await press(user, "shelve", "slip:L", hours=2.0)
        assert not any(event == "shelved" for event, *_ in events(plant))
        await user.open("/zh/alarms")
        await press(user, "shelve", "slip:L", note="drum is changed", hours=2.0)
        await press(user, "shelve", "gas_t0:H", note="it is a nuisance", hours=1.0)
        await user.should_see("被拒绝: 此报警关系生命安全，不能搁置")

    visit(desk, act)
    assert [e for e in events(plant) if e[0] == "shelved"] == [("shelved", "slip:L", "local", "drum is changed")]
    desk.close()


@pytest.mark.parametrize("given", [{"kind": "cut power", "alarm": "gas_t0:H"}, {"kind": "acknowledge", "alarm": "nothing:H"}, {"kind": "acknowledge"}, [], "acknowledge", None])
def test_what_no_page_of_ours_sends_opens_nothing(desk, given):
    async def act(user: User) -> None:
        await user.open("/zh/alarms")
        rows = next(e for e in user.client.elements.values() if isinstance(e, AlarmList))
        listener = next(li for li in rows._event_listeners.values() if li.type == "deed")
        rows._handle_event({"listener_id": listener.id, "args": given})
        await asyncio.sleep(0.05)
        assert not [e for e in user.client.elements.values() if isinstance(e, ui.dialog)]

    visit(desk, act)


def test_a_viewer_sees_and_does_nothing_and_who_is_out_neither(plant, book):
    desk = visiting_desk(plant)
    book.add("wu", "viewer", GOOD)
    book.add("li", "dispatcher", GOOD)

    async def act(user: User) -> None:
        for name in ("wu", "li"):
            await come_in(user, name)
            await user.open("/zh/alarms")
            if name == "li":
                book.change("li", role="viewer")  # while the page is open
            await press(user, "acknowledge", "gas_t0:H")
            await user.should_see("您的角色无此权限")

    visit(desk, act, book)
    assert not any(event == "acknowledged" for event, *_ in events(plant))
    desk.close()


def test_when_the_recorder_is_not_there_it_is_said_and_the_deed_waits(desk, monkeypatch):
    monkeypatch.setattr("lodeworks.pages.asking.WAIT_S", 0.2)

    async def act(user: User) -> None:
        await user.open("/zh/alarms")
        await press(user, "acknowledge", "gas_t0:H")
        await user.should_see("记录程序无答复")

    visit(desk, act)
    assert [(d.kind, d.subject, d.user) for d in desk.deeds.open()] == [("acknowledge", "gas_t0:H", "local")]


def test_no_deed_is_done_from_a_wall(desk, book):
    async def act(user: User) -> None:
        await user.http_client.get(f"/wall-token/{book.wall_token('hall')}")
        assert (await user.http_client.get("/zh/alarms", headers=HTML)).status_code == 403
        await user.open("/zh/wall")
        assert not [e for e in user.client.elements.values() if isinstance(e, ui.button | AlarmList)]
        (wall,) = (e for e in user.client.elements.values() if isinstance(e, Wall))
        assert wall._props["voice"]["wanted"]  # nobody works there: it is heard unless it was switched off

    book.add("li", "viewer", GOOD)
    visit(desk, act, book)


def test_an_answer_that_takes_its_time_is_told_though_the_dialog_is_gone(desk):
    """Nothing of the dialog is kept once it was hidden: what is told must not hang on it."""

    async def act(user: User) -> None:
        await user.open("/en/alarms")
        await press(user, "acknowledge", "gas_t0:H", note="seen", confirm="Do it", answered=False)
        next(e for e in user.client.elements.values() if isinstance(e, ui.dialog)).delete()
        gc.collect()
        while not (asked := desk.deeds.open()):
            await asyncio.sleep(0.05)
        [deed] = asked
        desk.deeds.done(deed.number, Answer(False, "it was acknowledged already, by li"))
        await user.should_see("refused: it was acknowledged already, by li")

    visit(desk, act)
