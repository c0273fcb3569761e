"""Coming in and going out: plain forms without any script, so that nothing of the pages is served to who is not in.

Every success and failure is told to the journal by the callback `told`.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lodeworks.pages.accounts import MOST_S, TOKEN_S, Accounts, Denied, Patience
from lodeworks.pages.guard import COOKIE
from lodeworks.pages.words import HTML_LANGUAGE, LANGUAGES, say

__all__ = ["doors"]

_WORDS = {  # of the forms alone; others are those of the pages
    "log in": ("Log in", "登录"),
    "name": ("Name", "用户名"),
    "password": ("Password", "密码"),
    "code": ("Code from the console", "控制台显示的一次性代码"),
    "first admin": ("Make the first admin", "建立首位管理员"),
    "wrong password": ("Name or password is wrong.", "用户名或密码错误。"),
    "wrong code": ("The code is wrong, used or too old.", "代码错误、已使用或已过期。"),
    "wait": ("Too many attempts. Wait {seconds} s.", "尝试次数过多，请等待 {seconds} 秒。"),
    "other": ("中文", "English"),
}
Told = Callable[[str, str, str], None]


def doors(
    accounts: Accounts, told: Told, patience: Patience, *, secure: bool, front: str = "wall",
) -> APIRouter:
    """Return the routes of coming in and out.

    `told(event, name, address)` puts it in the journal; `front` is the page that is opened to who came in.
    """
    routes = APIRouter()

    def entered(answer: Response, secret: str, lasts_s: float) -> Response:
        answer.set_cookie(
            COOKIE, secret, max_age=int(lasts_s), path="/", secure=secure, httponly=True, samesite="strict",
        )
        return answer

    @routes.get("/login")
    def login(language: str = "zh") -> Response:
        if accounts.empty():
            return RedirectResponse("/first", 303)
        return _form("log in", "/login", ("name", "password"), language)

    @routes.post("/login")
    async def log_in(
        request: Request, name: Annotated[str, Form(max_length=64)], password: Annotated[str, Form(max_length=200)],
        language: Annotated[str, Form()] = "zh",
    ) -> Response:
        address = request.client.host if request.client else ""
        keys = (f"address {address}", f"name {name}")
        wait = patience.wait_s(*keys)
        if wait > 0.0:
            return _form("log in", "/login", ("name", "password"), language, "wait", wait, status=429)
        patience.failed(*keys)  # counted before it is looked at, so that many at once gain nothing
        try:
            secret = await asyncio.to_thread(accounts.come_in, name, password)
        except Denied as denied:
            told("login refused", name, address)
            return _form("log in", "/login", ("name", "password"), language, str(denied), status=401)
        patience.succeeded(*keys)
        told("login", name, address)
        return entered(RedirectResponse(f"/{_known(language)}/{front}", 303), secret, MOST_S)

    @routes.get("/first")
    def first(language: str = "zh") -> Response:
        if not accounts.empty():
            return RedirectResponse("/login", 303)
        return _form("first admin", "/first", ("code", "name", "password"), language)

    @routes.post("/first")
    async def make_first(
        request: Request, code: Annotated[str, Form(max_length=64)], name: Annotated[str, Form(max_length=64)],
        password: Annotated[str, Form(max_length=200)], language: Annotated[str, Form()] = "zh",
    ) -> Response:
        address = request.client.host if request.client else ""
        wait = patience.wait_s("first", f"address {address}")
        fields = ("code", "name", "password")
        if wait > 0.0:
            return _form("first admin", "/first", fields, language, "wait", wait, status=429)
        patience.failed("first", f"address {address}")
        try:
            await asyncio.to_thread(accounts.first, code, name, password)
            secret = await asyncio.to_thread(accounts.come_in, name, password)
        except Denied as denied:
            told("first admin refused", name, address)
            return _form("first admin", "/first", fields, language, str(denied), status=401)
        patience.succeeded("first", f"address {address}")
        told("first admin", name, address)
        return entered(RedirectResponse(f"/{_known(language)}/{front}", 303), secret, MOST_S)

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        visitor = request.state.visitor
        if visitor is not None and visitor.session and visitor.role != "wall":
            accounts.leave(visitor.session)
            told("logout", visitor.name, request.client.host if request.client else "")
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    @routes.get("/wall-token/{token}")
    def wall_token(request: Request, token: str, language: str = "zh") -> Response:
        """Turn the token of an address into a cookie, so that it stays in no history and no log of addresses."""
        address = request.client.host if request.client else ""
        key = f"address {address}"
        visitor = accounts.visitor(token) if patience.wait_s(key) <= 0.0 else None
        if visitor is None or visitor.role != "wall":
            patience.failed(key)
            told("wall token refused", "", address)
            return _form("log in", "/login", ("name", "password"), language, "wrong password", status=401)
        return entered(RedirectResponse(f"/{_known(language)}/wall", 303), token, TOKEN_S)

    return routes


def _known(language: str) -> str:
    return language if language in LANGUAGES else "zh"


def _form(
    title: str, action: str, fields: tuple[str, ...], language: str, fault: str = "", wait: float = 0.0,
    *, status: int = 200,
) -> HTMLResponse:
    language = _known(language)

    def word(key: str) -> str:
        return _WORDS[key][language == "zh"] if key in _WORDS else say(key, language)

    inputs = ""
    for field in fields:
        kind = "password" if field == "password" else "text"
        known = {"name": "username", "code": "one-time-code"}.get(
            field, "new-password" if "code" in fields else "current-password"
        )
        inputs += (
            f'<label for="{field}">{word(field)}</label><input id="{field}" name="{field}" type="{kind}" '
            f'autocomplete="{known}" maxlength="200" required>'
        )
    told = html.escape(word(fault).format(seconds=round(wait + 0.5))) if fault else ""
    other = "en" if language == "zh" else "zh"
    page = (
        f'<!doctype html><html lang="{HTML_LANGUAGE[language]}"><head><meta charset="utf-8"><title>Lodeworks</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/static/pages.css"></head><body class="lw-door"><main>'
        f"<h1>Lodeworks</h1><h2>{word(title)}</h2>"
        + (f'<p role="alert">{told}</p>' if told else "")
        + f'<form method="post" action="{action}">{inputs}<input type="hidden" name="language" value="{language}">'
        f"<button>{word(title)}</button></form>"
        f'<a href="{action}?language={other}" lang="{HTML_LANGUAGE[other]}">{word("other")}</a></main></body></html>'
    )
    return HTMLResponse(page, status)
