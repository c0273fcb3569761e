"""What components fetch, and what they are refused."""

from __future__ import annotations

import asyncio
import json
import os
import struct

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from nicegui.testing import User

from lodeworks.pages.api import router
from lodeworks.pages.hub import Hub
from lodeworks.watch.frames import comment_of
from tests.pages.conftest import NOW
from tests.pages.plant import level
from tests.pages.visiting import visit


def get(desk, address: str, **kwargs) -> httpx.Response:
    """Ask the routes alone, without pages and door."""
    app = FastAPI()
    app.include_router(router(desk, Hub(desk)))

    async def one() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.get(address, **kwargs)

    return asyncio.run(one())


def unpacked(content: bytes) -> dict:
    length, _ = struct.unpack_from("<II", content)
    head = json.loads(content[8 : 8 + length])
    place = 8 + -(-length // 8) * 8
    for one in head["series"]:
        n = one["n"]
        one["at"], one["value"] = np.frombuffer(content, "<f8", n, place), np.frombuffer(content, "<f8", n, place + 8 * n)
        one["quality"] = np.frombuffer(content, "u1", n, place + 16 * n)
        place += 16 * n + -(-n // 8) * 8
    assert place == len(content)
    return head


def test_series_are_the_samples_of_the_history(desk):
    tags = ["face_gas_t0", "belt_rate"]
    answer = get(desk, f"/api/series?tags={','.join(tags)}&since={NOW - 60_000}&until={NOW}&points=100")
    assert answer.headers["content-type"] == "application/octet-stream"
    for one, name in zip(unpacked(answer.content)["series"], tags, strict=True):
        k = desk.live.place[name]
        assert one["tag"] == k
        assert one["n"] == one["raw"] == 12
        np.testing.assert_allclose(one["value"], level(desk.live.tags[k], k, one["at"]))
        assert one["low"] == one["value"].min()
        assert one["high"] == one["value"].max()


def test_a_long_series_is_thinned_and_says_so(desk):
    one = unpacked(get(desk, f"/api/series?tags=0&since={NOW - 1_800_000}&until={NOW}&points=20").content)["series"][0]
    assert one["n"] <= 20 < one["raw"] == 360
    assert one["high"] == one["value"].max()


def test_nothing_recorded_is_an_empty_series(desk):
    one = unpacked(get(desk, f"/api/series?tags=0&since={10**12}&until={10**12 + 1000}&points=20").content)["series"][0]
    assert one["n"] == one["raw"] == 0
    assert one["low"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("tags=nobody&since=0&until=1", 404), ("tags=-1&since=0&until=1", 404), ("tags=99999&since=0&until=1", 404), ("tags=&since=0&until=1", 400),
        ("tags=0&since=5&until=5", 400), ("tags=0&since=x&until=1", 422), ("tags=0&since=0&until=1&points=999999999", 422), ("tags=0&since=-5&until=1", 422),
        (f"tags={','.join(['0'] * 2000)}&since=0&until=1", 400), ("tags=0,1,2&since=0&until=1&points=199999", 400), ("tags=../../etc/passwd&since=0&until=1", 404),
        ("tags=%E2%85%A3&since=0&until=1", 404),
    ],
)
def test_questions_without_sense_are_refused(desk, query, status):
    assert get(desk, f"/api/series?{query}").status_code == status


def test_tags_are_found_by_words_of_title_and_place(desk):
    found = get(desk, "/api/tags?language=zh&q=甲烷 1101").json()
    assert [t["name"] for t in found["tags"]] == ["face_gas_t0", "face_gas_t1", "return_gas"]
    assert found["tags"][0]["site"] == "1101 工作面"
    assert found["timezone"] == "Asia/Shanghai"
    assert get(desk, "/api/tags?language=fr").status_code == 404


def test_tags_asked_for_by_number_come_first(desk):
    number = desk.live.place["belt_rate"]
    assert get(desk, f"/api/tags?language=en&numbers={number}&most=3").json()["tags"][0]["name"] == "belt_rate"


def test_pictures_are_found_by_the_name_of_a_camera_only(desk):
    desk.folder.frames.mkdir()
    (desk.folder.frames / "cam_belt.jpg").write_bytes(b"picture")
    (desk.folder.path / "secret.jpg").write_bytes(b"secret")
    assert get(desk, "/api/camera/cam_belt").content == b"picture"
    for name in ("..%2fsecret", "../secret", "secret", "cam_belt.jpg", "%2e%2e/secret", "cam_other"):
        assert get(desk, f"/api/camera/{name}").status_code == 404


def test_a_picture_says_of_when_it_is_and_whether_it_was_drawn(desk):
    desk.folder.frames.mkdir()
    path = desk.folder.frames / "cam_belt.jpg"
    path.write_bytes(b"picture")
    os.utime(path, (1_000.0, 1_000.0))
    told = get(desk, "/api/camera/cam_belt").headers
    assert (told["x-frame-at"], told["x-frame-drawn"], told["cache-control"]) == ("1000000", "0", "no-store")
    path.write_bytes(b"\xff\xd8" + comment_of(77_000))
    told = get(desk, "/api/camera/cam_belt?seen=1000000")
    assert (told.status_code, told.headers["x-frame-at"], told.headers["x-frame-drawn"]) == (200, "77000", "1")
    again = get(desk, "/api/camera/cam_belt?seen=77000")
    assert (again.status_code, again.content, again.headers["x-frame-at"]) == (204, b"", "77000")
    assert get(desk, "/api/camera/cam_belt?seen=-1").status_code == 422


def test_a_screen_tells_tiles_words_and_zone(desk):
    told = get(desk, "/api/screen/face_11?language=en").json()
    assert told["title"] == "Face 1101"
    assert told["words"]["lost since"] == "lost since"
    assert told["timezone"] == "Asia/Shanghai"
    assert get(desk, "/api/screen/nowhere").status_code == 404


def test_no_file_outside_is_served_and_answers_are_not_kept(desk):
    async def act(user: User) -> None:
        client = user.http_client
        for path in ("/static/..%2f__init__.py", "/static/../words.py", "/static/%2e%2e/words.py", "/static//etc/passwd", "/static/..%5cwords.py",
                     "/_nicegui/3.18.0/esm/lodeworks-live/..%2f..%2fwords.py", "/_nicegui/3.18.0/resources/x/..%2f..%2fwords.py"):  # fmt: skip
            answer = await client.get(path)
            assert answer.status_code in (400, 403, 404), path
            assert b"def " not in answer.content
        assert (await client.get("/static/pages.css")).status_code == 200
        assert (await client.get("/api/screen/face_11")).headers["cache-control"] == "no-store"

    visit(desk, act)
