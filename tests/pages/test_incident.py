"""An emergency from alarm to report: the page asks, the recorder does, every screen is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.testing import User

from lodeworks.network.live import Action, Incident, Step
from lodeworks.pages.desk import open_desk
from lodeworks.pages.hub import Hub
from lodeworks.pages.incident import IncidentBoard
from lodeworks.pages.programme import ActionTree
from lodeworks.pages.told import incident_text
from lodeworks.watch.deeds import Deed
from tests.pages.conftest import NOW
from tests.pages.plant import Recorder, mine
from tests.pages.visiting import HTML, visit

GAS = Incident(
    "gas", "Gas", "瓦斯超限", ("gas_t0",), (("leader", "leader on duty", "值班领导"),),
    (Step("withdraw", "Withdraw everybody", "撤人", "leader", 300.0, "zone_face"), Step("call", "Call the leader", "报告领导", "leader", 60.0)),
    ("zone_face",), (("值班领导", "8001"),),
)  # fmt: skip
PROGRAMME = (
    Action("all", "Programme", "工作事项", "", "office", "2026-12-31", "under way", ""),
    Action("one", "Lay the pipe", "铺管", "all", "team 1", "2020-01-01", "open", "photo", level="job"),
    Action("two", "Test it", "试压", "all", "team 2", "2030-01-01", "open", "", level="job"),
)
HIGH, CALM = {"face_gas_t0": 1.3, "people_face": 9.0}, {"face_gas_t0": 0.4, "people_face": 0.0}


@pytest.fixture
def recorder(tmp_path):
    made = Recorder(tmp_path, replace(mine(), incidents=(GAS,), actions=PROGRAMME, place={}), NOW)
    yield made
    made.close()


@pytest.fixture
def desk(recorder):
    made = open_desk(recorder.live, recorder.folder.path)
    made.clock = lambda: recorder.now
    yield made
    made.close()


def ask(recorder: Recorder, kind: str, subject: str, note: str = "", **data) -> str:
    number = recorder.deeds.ask(Deed(kind, subject, "li", note, data))
    recorder.tick(HIGH)
    answer = recorder.deeds.answer(number)
    assert answer.done, answer.text
    return answer.text


def get(desk, address: str):
    found = []

    async def act(user: User) -> None:
        found.append(await user.http_client.get(address, headers=HTML))

    visit(desk, act)
    return found[0]


def test_an_incident_is_told_with_clocks_people_and_the_way_out(recorder, desk):
    recorder.tick(HIGH)
    name = ask(recorder, "incident_open", "gas", drill=True)
    ask(recorder, "incident_part", name, role="leader", person="wang")
    told = get(desk, "/api/incidents?language=zh").json()
    one = next(i for i in told["incidents"] if i["name"] == name)
    assert one["title"] == "瓦斯超限"
    assert one["drill"]
    assert one["steps"][0]["due"] == one["opened"] + 300_000
    assert one["steps"][0]["zone"] == "1101 工作面"
    assert one["parts"] == [{"role": "leader", "title": "值班领导", "person": "wang"}]
    assert one["zones"][0]["way"]["metres"] == 900.0
    assert told["kinds"] == [{"name": "gas", "title": "瓦斯超限"}]
    english = next(i for i in get(desk, "/api/incidents?language=en").json()["incidents"] if i["name"] == name)
    assert english["steps"][0]["role"] == english["parts"][0]["title"] == "leader on duty"


def test_an_open_incident_is_told_on_every_screen(recorder, desk):
    recorder.tick(HIGH)
    name = ask(recorder, "incident_open", "gas")
    hub = Hub(desk)
    opened = [i for i in hub.incidents().values() if not i.closed]
    assert {"title": "Gas", "name": name, "drill": False} == {k: v for k, v in incident_text(opened, "en")["incidents"][-1].items() if k != "people"}
    for one in opened:
        ask(recorder, "incident_close", one.name, note="false alarm")
    assert not [i for i in hub.incidents().values() if not i.closed]


def test_the_report_is_a_page_and_a_workbook(recorder, desk):
    recorder.tick(HIGH)
    name = ask(recorder, "incident_open", "gas")
    page = get(desk, f"/api/incident/{name}/report?language=zh")
    assert page.headers["content-type"].startswith("text/html")
    assert "瓦斯超限" in page.text
    book = get(desk, f"/api/incident/{name}/workbook")
    assert book.content[:2] == b"PK"
    assert get(desk, "/api/incident/..%2f..%2fx/report").status_code in (400, 404)
    assert get(desk, "/api/incident/nothing/report").status_code == 404


@pytest.mark.parametrize("given", [{"kind": "incident_open"}, {"kind": "rm", "subject": "gas"}, {"kind": "acknowledge", "subject": "gas"}, None, [1], "incident_open"])
def test_what_no_page_of_ours_sends_opens_no_dialog(recorder, desk, given):
    async def act(user: User) -> None:
        for page, kind in (("/zh/incident", IncidentBoard), ("/zh/actions", ActionTree)):
            await user.open(page)
            board = next(e for e in user.client.elements.values() if isinstance(e, kind))
            listener = next(li for li in board._event_listeners.values() if li.type == "deed")
            board._handle_event({"listener_id": listener.id, "args": given})
            assert not [e for e in user.client.elements.values() if isinstance(e, ui.dialog)]

    visit(desk, act)


def test_the_alarm_at_hand_offers_its_incident(desk):
    async def act(user: User) -> None:
        await user.open("/zh/incident?rule=gas_t0")
        board = next(e for e in user.client.elements.values() if isinstance(e, IncidentBoard))
        assert board.props["offered"] == "gas"

    visit(desk, act)


def test_actions_add_up_and_say_what_is_late_and_owed(recorder, desk):
    recorder.tick(CALM)
    told = get(desk, "/api/actions?language=zh").json()
    (top,) = told["tree"]
    assert [(c["title"], c["state"], c["late"]) for c in top["children"]] == [("铺管", "open", True), ("试压", "open", False)]
    assert {t["level"]: (t["count"], t["late"]) for t in top["totals"] if t["level"]} == {"job": (2, 1)}
    assert [o["owner"] for o in told["owed"]] == ["team 1"]
    ask(recorder, "action_evidence", "one", "photo 12")
    ask(recorder, "action_state", "one", state="done")
    told = get(desk, "/api/actions?language=zh").json()
    assert told["tree"][0]["children"][0]["state"] == "done"
    assert told["tree"][0]["children"][0]["proofs"][0]["text"] == "photo 12"
    assert told["owed"] == []
