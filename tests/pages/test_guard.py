"""The door: what foreign sites, forged sessions, guessers and odd requests meet, on pages, files and websockets."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from lodeworks.pages.accounts import Accounts
from lodeworks.pages.guard import COOKIE, Guard

GOOD = "correct horse 42"


def inner() -> Starlette:
    async def page(request: Request) -> PlainTextResponse:
        visitor = request.state.visitor
        return PlainTextResponse(f"{visitor.name if visitor else '-'} {len(await request.body())}", headers={"access-control-allow-origin": "*"})

    async def live(socket) -> None:
        await socket.accept()
        await socket.send_text("in")
        await socket.receive_text()
        await socket.send_text("still in")

    return Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"]), WebSocketRoute("/{path:path}", live)])


@pytest.fixture
def accounts(tmp_path, monkeypatch):
    from argon2 import PasswordHasher

    monkeypatch.setattr("lodeworks.pages.accounts.PasswordHasher", lambda: PasswordHasher(1, 8, 1))
    made = Accounts(tmp_path / "accounts.sqlite")
    made.add("li", "dispatcher", GOOD)
    yield made
    made.close()


def ask(guard: Guard, method: str = "GET", path: str = "/zh/wall", host: str = "localhost:8080", **kwargs) -> httpx.Response:
    async def one() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=f"http://{host}") as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(one())


def dial(guard: Guard, headers: dict[str, str], path: str = "/api/live", between=lambda: None) -> list[dict]:
    """Open a websocket as a browser would and return what it is sent; one message is sent in the middle."""
    sent: list[dict] = []

    async def one() -> None:
        inbox: asyncio.Queue = asyncio.Queue()
        inbox.put_nowait({"type": "websocket.connect"})

        async def send(message) -> None:
            sent.append(message)
            if message.get("text") == "in":
                between()
                inbox.put_nowait({"type": "websocket.receive", "text": "hello"})

        scope = {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "ws", "subprotocols": [],
            "headers": [(k.encode(), v.encode()) for k, v in {"host": "localhost:8080", **headers}.items()], "client": ("10.0.0.7", 1), "server": ("localhost", 8080),
        }
        await asyncio.wait_for(guard(scope, inbox.get, send), 5)

    asyncio.run(one())
    return sent


def closed(sent: list[dict]) -> int:
    return next((m["code"] for m in sent if m["type"] == "websocket.close"), 0)


def test_on_localhost_nobody_logs_in():
    assert ask(Guard(inner(), None)).text == "local 0"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.5:8080"])
def test_without_accounts_no_other_name_is_served(host):
    """A foreign page that gives its own name our address (DNS rebinding) comes under that name."""
    assert ask(Guard(inner(), None), host=host).status_code == 403


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host"])
def test_without_accounts_nobody_comes_through_a_proxy_by_the_name_of_localhost(accounts, header):
    assert ask(Guard(inner(), None), headers={header: "203.0.113.7"}).status_code == 403
    assert ask(Guard(inner(), accounts), headers={header: "203.0.113.7"}).status_code == 401  # to log in


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:8080", "[::1]:8080"])
def test_all_names_of_localhost_are(host):
    assert ask(Guard(inner(), None), host=host).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:9999", "null", "http://localhost:8080.evil.example"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_another_site_sends_is_refused(accounts, origin, method):
    secret = accounts.come_in("li", GOOD)
    for guard in (Guard(inner(), None), Guard(inner(), accounts)):
        answer = ask(guard, method, headers={"origin": origin, "cookie": f"{COOKIE}={secret}"})
        assert answer.status_code == 403
        assert answer.text == "sent by another site\n请求来自其他网站"


def test_a_form_of_another_site_without_an_origin_is_refused(accounts):
    guard = Guard(inner(), None)
    assert ask(guard, "POST").status_code == 403
    assert ask(guard, "POST", headers={"sec-fetch-site": "same-origin"}).status_code == 200
    assert ask(guard, "GET", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}).status_code == 403
    assert ask(guard, "GET", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}).status_code == 200


def test_a_websocket_of_another_site_is_refused(accounts):
    secret = accounts.come_in("li", GOOD)
    for guard in (Guard(inner(), None), Guard(inner(), accounts)):
        sent = dial(guard, {"origin": "https://evil.example", "cookie": f"{COOKIE}={secret}"})
        assert [m["type"] for m in sent] == ["websocket.close"]
        assert closed(sent) == 4403


def test_a_websocket_of_ours_passes(accounts):
    secret = accounts.come_in("li", GOOD)
    sent = dial(Guard(inner(), accounts), {"origin": "http://localhost:8080", "cookie": f"{COOKIE}={secret}"})
    assert [m.get("text") for m in sent if m["type"] == "websocket.send"] == ["in", "still in"]


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=", f"{COOKIE}={'x' * 43}", f"{COOKIE}={'0' * 64}", f"{COOKIE}='; drop table session; --", "other=1"])
def test_without_a_session_that_is_ours_nothing_is_reached(accounts, cookie):
    guard = Guard(inner(), accounts)
    page = ask(guard, headers={"cookie": cookie, "accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["location"] == "/login"
    assert ask(guard, path="/api/series", headers={"cookie": cookie}).status_code == 401
    assert ask(guard, path="/_nicegui/anything.js", headers={"cookie": cookie}).status_code == 401
    sent = dial(guard, {"cookie": cookie})
    assert closed(sent) == 4401
    assert not any(m["type"] == "websocket.send" for m in sent)


def test_with_no_account_yet_one_is_sent_to_make_the_first(tmp_path):
    guard = Guard(inner(), Accounts(tmp_path / "none.sqlite"))
    assert ask(guard, headers={"accept": "text/html"}).headers["location"] == "/first"


def test_a_session_that_ends_ends_its_websocket(accounts, monkeypatch):
    monkeypatch.setattr("lodeworks.pages.guard.time.monotonic", iter(range(0, 1000, 10)).__next__)
    visitor = accounts.visitor(secret := accounts.come_in("li", GOOD))
    guard = Guard(inner(), accounts)
    with pytest.raises(Exception, match="4401"):
        dial(guard, {"cookie": f"{COOKIE}={secret}"}, between=lambda: accounts.leave(visitor.session))


def test_a_wall_token_reaches_walls_only(accounts):
    guard, cookie = Guard(inner(), accounts), {"cookie": f"{COOKIE}={accounts.wall_token('hall')}"}
    assert ask(guard, path="/zh/wall/face_11", headers=cookie).status_code == 200
    assert ask(guard, path="/api/screen/face_11", headers=cookie).status_code == 200
    assert ask(guard, path="/api/clock", headers=cookie).status_code == 200
    for path in ("/zh/alarms", "/zh/accounts", "/zh/trends", "/zh/journal", "/", "/api/journal", "/api/journal.xlsx", "/api/incidents", "/api/past", "/api/plan", "/api/hour"):
        assert ask(guard, path=path, headers=cookie).status_code == 403


@pytest.mark.parametrize("path", ["/static/../../accounts.sqlite", "/zh/../api/series", "/login/../zh/wall", "/static/..%2f..%2faccounts.sqlite", "//evil.example/"])
def test_no_spelling_of_a_path_goes_past_the_door(accounts, path):
    """An open prefix stays open only for what really lies under it."""
    answer = ask(Guard(inner(), accounts), path=path)
    assert answer.status_code in (303, 400, 401)


def test_answers_carry_what_keeps_browsers_safe(accounts):
    answer = ask(Guard(inner(), None, secure=True))
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "access-control-allow-origin" not in answer.headers
    assert "strict-transport-security" not in ask(Guard(inner(), None)).headers


def test_a_body_longer_than_any_form_is_not_read(accounts):
    with pytest.raises(Exception):  # noqa: B017, PT011  the client sees the connection end
        ask(Guard(inner(), None), "POST", content=b"x" * 2_000_000, headers={"origin": "http://localhost:8080"})
