"""Samples by HTTP: kept when answered, never without the token."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.sources import listen
from lodeworks.watch.sources.gate import Gate
from tests.watch import plant
from tests.watch.servers import answers, free_port

TOKEN = "a-token-of-the-test"
CLOCK = SimpleNamespace(now=60.0, monotonic=lambda: CLOCK.now)  # wrong tokens are counted by the minute


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An ingest with a push feed, running: (address, folder, chain)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODEWORKS_TOKEN_PLANT", TOKEN)
        patch.setattr("lodeworks.watch.sources.push._WRONG_S", 0.0)
        patch.setattr("lodeworks.watch.sources.push.time", CLOCK)
        port, folder = free_port(), tmp_path_factory.mktemp("push")
        chain = plant.live("push", f"http://127.0.0.1:{port}")
        with plant.running(chain, folder):
            plant.until(lambda: answers(port))
            yield f"http://127.0.0.1:{port}/push", folder, chain


def send(site, content, token=TOKEN):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.post(site[0], content=body, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=60)


def test_what_is_answered_is_kept(site):
    answer = send(site, {"time": 1_790_000_000_000, "values": {"t0": 1.5, "t1": 2.5, "what": 3}})
    assert (answer.status_code, answer.json()) == (200, {"kept": 2, "refused": 1})
    assert plant.values(site[2], site[1], 1)[-1] == 2.5


@pytest.mark.parametrize(("content", "error"), [
    (b"", "not JSON"), (b"\xff\x00", "not JSON"), ({"values": {}}, "no values"), ({"values": {"what": 1}}, "what"), ([1], "list"),
])
def test_what_says_nothing_is_refused_with_a_reason(site, content, error):
    answer = send(site, content)
    assert answer.status_code == 400
    assert error in answer.json()["error"]


def test_what_is_too_large_is_refused(site):
    assert send(site, b" " * 8_000_001).status_code == 413


def test_only_posts_at_the_address_are_answered(site):
    assert httpx.get(site[0], timeout=60).status_code == 405
    assert httpx.post(site[0] + "/../etc", timeout=60).status_code == 404


def test_nothing_is_taken_without_the_token_and_guessing_ends(site):
    for told in (None, b"Bearer wrong", f"Bearer {TOKEN[:-1]}".encode(), f"Bearer {TOKEN}x".encode(), TOKEN.encode(), "Bearer ü".encode()):
        headers = {} if told is None else {"Authorization": told}
        assert httpx.post(site[0], content=b'{"values": {"t2": 9}}', headers=headers, timeout=60).status_code == 401
    assert plant.values(site[2], site[1], 2) == []
    statuses = [send(site, {"values": {"t2": 9}}, "wrong").status_code for _ in range(25)]
    assert statuses[-1] == 429
    assert send(site, {"values": {"t2": 9}}).status_code == 429  # from there, for the rest of the minute
    CLOCK.now += 60.0
    assert send(site, {"values": {"t2": 9}}).status_code == 200


def test_a_feed_without_a_token_does_not_open(monkeypatch, tmp_path):
    chain = plant.live("push", "http://127.0.0.1:8091")

    def open_(address, token):
        monkeypatch.setenv("LODEWORKS_TOKEN_PLANT", token)
        gate = Gate(replace(chain.feeds[0], address=address), chain, lambda: 0)
        asyncio.run(anext(listen(gate, tmp_path)))

    for address, token, fault in [
        ("http://127.0.0.1:8091", "", "no token"), ("http://127.0.0.1:8091", "short", "no token"),
        ("mqtt://x", TOKEN, "no address"), ("http://127.0.0.1", TOKEN, "no address"), ("http://h:99999", TOKEN, "no address"),
        ("https://127.0.0.1:8091", TOKEN, "https without files"),
    ]:
        with pytest.raises(WatchError, match=fault):
            open_(address, token)


def test_a_port_that_is_taken_is_told_and_tried_again(monkeypatch, tmp_path):
    monkeypatch.setenv("LODEWORKS_TOKEN_PLANT", TOKEN)
    monkeypatch.setattr("lodeworks.watch.sources.push._RETRY_S", 0.1)
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    chain = plant.live("push", f"http://127.0.0.1:{port}")
    folder = tmp_path / "watch"
    with plant.running(chain, folder):
        plant.until(lambda: (folder / "health.json").exists() and "in use" in json.loads((folder / "health.json").read_text())["feeds"]["plant"]["trouble"])
        taken.close()
        plant.until(lambda: plant.listens(folder))
        assert threading.active_count() > 1
        assert send((f"http://127.0.0.1:{port}/push",), {"values": {"t0": 1}}).json()["kept"] == 1
