"""What a round measured stands at the metre where it was measured, or nowhere."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from lodeworks.network.live import Camera, Round
from lodeworks.pages.desk import open_desk
from lodeworks.pages.hub import Hub
from lodeworks.pages.programme import actions_router
from lodeworks.pages.rounds import along, rounds_router
from lodeworks.watch.found import Pictures
from lodeworks.watch.history import Series
from lodeworks.watch.journal import Journal, Row
from lodeworks.watch.rounds import Item
from lodeworks.watch.samples import Samples
from tests.pages.conftest import NOW
from tests.pages.plant import mine, tag
from tests.pages.test_api import unpacked

LIVE = replace(
    mine(), place={}, rounds=(Round("robot", "Robot", "机器人", "belt", "robot", 0.0, 1800.0, 1.0, 3600.0, "metres", ("roller",)),),
    tags=(tag("metres", "Position", "位置", "belt_main", "position", "m", 0.0, 1800.0, period=1.0), tag("roller", "Roller", "托辊温度", "belt_main", "temperature", "degC", 0.0, 120.0)),
    rules=(), zones=(),
)  # fmt: skip


def series(at, value, quality=None) -> Series:
    at, value = np.asarray(at, np.int64), np.asarray(value, float)
    return Series(at, value, np.zeros(len(at), np.uint8) if quality is None else np.asarray(quality, np.uint8), 0.0, 0.0, len(at))


def test_a_value_stands_where_the_robot_last_was():
    where, what = along(LIVE, LIVE.rounds[0], series([0, 1000, 2000], [10.0, 11.0, 12.0]), series([0, 1500, 2100], [30.0, 31.0, 32.0]))
    assert where.value.tolist() == [10.0, 11.0, 12.0]
    assert what.value.tolist() == [30.0, 31.0, 32.0]


def test_without_a_fresh_position_or_a_sound_value_it_stands_nowhere():
    where, what = along(LIVE, LIVE.rounds[0], series([0, 60_000], [10.0, 70.0], [0, 2]), series([500, 4000, 61_000, 2000], [30.0, 31.0, 32.0, 33.0], [0, 0, 0, 3]))
    assert (where.value.tolist(), what.value.tolist()) == ([10.0], [30.0])
    empty, none = along(LIVE, LIVE.rounds[0], series([], []), series([1000], [30.0]))
    assert len(empty.at) == len(none.at) == 0


def test_an_item_of_a_round_shows_its_place_its_picture_and_its_passes(tmp_path):
    desk = open_desk(LIVE, tmp_path)
    desk.clock = lambda: NOW + 3_600_000
    name = "hot K0+640 hot:H#1"
    made = {"title": "Hot roller, K0+640", "parent": "", "owner": "", "due": "", "element": "belt", "level": "", "evidence": "the next round", "round": "robot", "rule": "hot", "tag": "roller", "metres": 640.0, "since": NOW}
    with closing(Journal(desk.folder.journal)) as journal:
        journal.append([Row(NOW, "action", name, "made", value=81.0, data=made), Row(NOW, "action", "by hand", "made", data={"title": "By hand"})])
    at = np.arange(NOW, NOW + 300_000, 1000, dtype=np.int64)
    metres = np.arange(500.0, 800.0)
    heat = np.where(metres == 641.0, 81.0, 32.0)
    desk.history.write(Samples.joined([Samples(np.full(300, k, np.int32), at, at, values, np.zeros(300, np.uint8)) for k, values in ((0, metres), (1, heat))]))
    desk.folder.frames.mkdir()
    (desk.folder.frames / "slope.jpg").write_bytes(b"\xff\xd8 the roller")
    watched = replace(LIVE, cameras=(Camera("slope", "", "", "slope", "", "", metres=620.0),), place={})
    Pictures(watched, desk.folder, ()).look([Item(name, "hot", "roller", "robot", 640.0, NOW)])
    app = FastAPI()
    app.include_router(actions_router(desk, Hub(desk)))

    async def get(path: str, **query: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.get(path, params={"language": "en", **query})

    places = {one["name"]: one["place"] for one in asyncio.run(get("/api/actions")).json()["tree"]}
    assert places == {name: "K0+640", "by hand": ""}
    told = asyncio.run(get("/api/found", item=name)).json()
    assert (told["passes"], told["unit"], told["limits"]) == ([{"at": NOW + 141_000, "most": 81.0}], "°C", [])
    assert told["picture"]["drawn"] is False
    assert asyncio.run(get("/api/found/picture", item=name)).content == b"\xff\xd8 the roller"
    for path, item in (("/api/found", "by hand"), ("/api/found/picture", "../frames/slope"), ("/api/found", "")):
        assert asyncio.run(get(path, item=item)).status_code == 404
    desk.close()


@pytest.mark.parametrize(("query", "status"), [("robot?tag=1&since=0&until=1", 200), ("robot?tag=0&since=0&until=1", 404), ("nobody?tag=1&since=0&until=1", 404), ("robot?tag=1&since=5&until=5", 400), ("robot?tag=1&since=0&until=99999999999", 400)])
def test_the_route_gives_both_columns_and_refuses_the_rest(tmp_path, query, status):
    desk = open_desk(LIVE, tmp_path)
    app = FastAPI()
    app.include_router(rounds_router(desk))

    async def one() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.get(f"/api/round/{query}")

    answer = asyncio.run(one())
    assert answer.status_code == status
    if status == 200:
        at = np.arange(NOW, NOW + 60_000, 1000, dtype=np.int64)
        both = Samples.joined([Samples(np.full(60, k, np.int32), at, at, np.arange(60.0) + 100 * k, np.zeros(60, np.uint8)) for k in (0, 1)])
        desk.history.write(both)
        query = f"robot?tag=1&since={NOW}&until={NOW + 60_000}"
        found = unpacked(asyncio.run(one()).content)["series"]
        assert [len(column["at"]) for column in found] == [60, 60]
        np.testing.assert_array_equal(found[1]["value"] - found[0]["value"], 100.0)
    desk.close()
