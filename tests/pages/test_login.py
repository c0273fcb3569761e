"""Coming in by forms: the first admin, a dispatcher, a guesser, a wall."""

from __future__ import annotations

import re

from nicegui.testing import User

from lodeworks.pages.guard import COOKIE
from tests.pages.conftest import GOOD
from tests.pages.visiting import HTML, visit

OURS = {"origin": "http://localhost"}


def test_the_first_admin_is_made_and_is_in(desk, book):
    told = []

    async def act(user: User) -> None:
        client = user.http_client
        assert (await client.get("/zh/wall", headers=HTML)).headers["location"] == "/first"
        form = (await client.get("/first")).text
        assert '<html lang="zh-CN">' in form
        assert "控制台" in form
        wrong = await client.post("/first", headers=OURS, data={"code": "nope", "name": "chief", "password": GOOD})
        assert wrong.status_code == 401
        assert book.empty()
        right = await client.post("/first", headers=OURS, data={"code": code, "name": "chief", "password": GOOD})
        assert right.status_code == 303
        assert right.headers["location"] == "/zh/wall"
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Secure" not in cookie
        assert (await client.get("/zh/wall", headers=HTML)).status_code == 200
        assert (await client.get("/first", headers=HTML)).headers["location"] == "/login"

    code = book.first_code()
    visit(desk, act, book, told=lambda *row: told.append(row))
    assert told == [("first admin refused", "chief", "10.0.0.7"), ("first admin", "chief", "10.0.0.7")]


def test_the_cookie_is_for_tls_only_where_there_is_tls(desk, book):
    async def act(user: User) -> None:
        answer = await user.http_client.post("/login", headers=OURS, data={"name": "li", "password": GOOD})
        assert "Secure" in answer.headers["set-cookie"]

    book.add("li", "viewer", GOOD)
    visit(desk, act, book, secure=True)


def test_who_leaves_is_out_at_once(desk, book):
    async def act(user: User) -> None:
        client = user.http_client
        await client.post("/login", headers=OURS, data={"name": "li", "password": GOOD})
        kept = client.cookies[COOKIE]
        assert (await client.get("/zh/wall", headers=HTML)).status_code == 200
        await client.post("/logout", headers=OURS)
        client.cookies.set(COOKIE, kept)
        assert (await client.get("/zh/wall", headers=HTML)).status_code == 303

    book.add("li", "viewer", GOOD)
    visit(desk, act, book)


def test_a_guesser_is_told_to_wait_and_the_right_password_then_waits_too(desk, book):
    told = []

    async def act(user: User) -> None:
        client = user.http_client
        codes = [(await client.post("/login", headers=OURS, data={"name": "li", "password": f"guess {k}"})).status_code for k in range(12)]
        assert codes[:5] == [401] * 5
        assert set(codes[5:]) == {429}
        late = await client.post("/login", headers=OURS, data={"name": "li", "password": GOOD, "language": "en"})
        assert late.status_code == 429
        assert re.search(r"Wait \d+ s", late.text)
        assert COOKIE not in client.cookies

    book.add("li", "viewer", GOOD)
    visit(desk, act, book, told=lambda *row: told.append(row))
    assert told == [("login refused", "li", "10.0.0.7")] * 5


def test_a_form_sent_by_another_site_logs_nobody_in(desk, book):
    async def act(user: User) -> None:
        for headers in ({"origin": "https://evil.example"}, {}):
            answer = await user.http_client.post("/login", headers=headers, data={"name": "li", "password": GOOD})
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers

    book.add("li", "viewer", GOOD)
    visit(desk, act, book)


def test_what_is_typed_is_never_markup(desk, book):
    async def act(user: User) -> None:
        answer = await user.http_client.post("/login", headers=OURS, data={"name": "<script>alert(1)</script>", "password": GOOD, "language": "<script>"})
        assert answer.status_code == 401
        assert "<script" not in answer.text

    book.add("li", "viewer", GOOD)
    visit(desk, act, book)


def test_a_wall_token_becomes_a_cookie_and_opens_the_wall_only(desk, book):
    async def act(user: User) -> None:
        client = user.http_client
        answer = await client.get(f"/wall-token/{token}")
        assert answer.headers["location"] == "/zh/wall"
        assert token not in answer.headers["location"]
        assert (await client.get("/zh/wall", headers=HTML)).status_code == 200
        assert (await client.get("/zh/trends", headers=HTML)).status_code == 403

    book.add("li", "viewer", GOOD)
    token = book.wall_token("hall")
    visit(desk, act, book)


def test_a_forged_wall_token_opens_nothing(desk, book):
    async def act(user: User) -> None:
        client = user.http_client
        for forged in ("x" * 43, secret, "..%2f..%2fetc%2fpasswd"):
            answer = await client.get(f"/wall-token/{forged}")
            assert answer.status_code in (400, 401, 404)
            assert "set-cookie" not in answer.headers

    book.add("li", "admin", GOOD)
    secret = book.come_in("li", GOOD)  # a person's session is no wall token
    visit(desk, act, book)
