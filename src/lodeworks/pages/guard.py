"""The door: what every request and every websocket passes before any page or file is reached.

On localhost nobody logs in, and only requests that name localhost are answered, so that a foreign page cannot reach it
by a name of its own. Otherwise a session is needed. In both, what another site sends is refused whatever it is, on
websockets too; answers carry headers that forbid framing, guessing of types and foreign code.

NiceGUI compiles its templates in the browser and writes its page's script into the page, so scripts of the page itself
must be allowed in the policy of contents ('unsafe-inline', 'unsafe-eval'); none from elsewhere are.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse

from lodeworks.pages.accounts import Accounts, Visitor
from lodeworks.watch.sentence import Sentence

__all__ = ["COOKIE", "LOCAL", "Guard"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "lodeworks_session"
LOCAL = Visitor("local", "admin")
"""Who sits at the machine itself, where no accounts are asked for."""

_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
# What a proxy says of whom it speaks for: then the name of localhost is the proxy's, and says nothing of the browser.
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_OPEN = ("/login", "/first", "/wall-token/", "/favicon.ico", "/static/")
_WALL_PAGES = (
    "/zh/wall", "/en/wall", "/api/screen/", "/api/live", "/api/series", "/api/camera/", "/api/clock", "/api/planned",
    "/_nicegui",
    "/logout",
)
_MOST_BYTES = 1_000_000
_OVER = 4401
"""The code with which a websocket is closed when its session is over; the page then asks to log in."""

_NO_PATH = Sentence("no such path", "没有此路径")
_WALLS_ONLY = Sentence("a wall token opens walls only", "大屏令牌只能打开大屏")
_LOG_IN = Sentence("log in first", "请先登录")
_ANOTHER_SITE = Sentence("sent by another site", "请求来自其他网站")

_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class Guard:
    """An ASGI layer around the pages: who comes in, from where, and what the answers carry.

    `accounts` is None on localhost. `secure` says that browsers reach us by TLS, here or at a proxy before us.
    """

    def __init__(self, app: App, accounts: Accounts | None, *, secure: bool = False) -> None:
        self.app, self.accounts, self.secure = app, accounts, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or let through."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path: str = scope["path"]
        if ".." in path or "\\" in path or "\0" in path:
            await self._refuse(scope, receive, send, 400, _NO_PATH)
            return
        refusal = self._foreign(scope, headers)
        if refusal:
            await self._refuse(scope, receive, send, 403, refusal)
            return
        visitor = self._visitor(headers)
        scope.setdefault("state", {})["visitor"] = visitor
        if visitor is None and not path.startswith(_OPEN):
            await self._ask(scope, receive, send, headers)
            return
        if visitor is not None and visitor.role == "wall" and not path.startswith((*_WALL_PAGES, *_OPEN)):
            await self._refuse(scope, receive, send, 403, _WALLS_ONLY)
            return
        if scope["type"] == "websocket":
            await self.app(scope, self._lasting(receive, visitor), send)
        else:
            await self.app(scope, _bounded(receive), self._dressed(send, path))

    def _foreign(self, scope: Scope, headers: Headers) -> Sentence | None:
        """Say why a request is none of ours: an unknown host on localhost, or another site behind it."""
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if self.accounts is None and (name not in _LOCAL_NAMES or any(one in headers for one in _PASSED_ON)):
            return Sentence("without accounts only localhost is served", "未启用账户时仅限本机访问")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return _ANOTHER_SITE
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate":
            return _ANOTHER_SITE
        changing = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if changing and origin is None and headers.get("sec-fetch-site") != "same-origin":
            return Sentence("does not say which site it comes from", "请求未说明来自哪个网站")
        return None

    def _visitor(self, headers: Headers) -> Visitor | None:
        if self.accounts is None:
            return LOCAL
        return self.accounts.visitor(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))

    async def _ask(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            answer = RedirectResponse("/first" if self.accounts and self.accounts.empty() else "/login", 303)
            await answer(scope, receive, self._dressed(send, "/login"))
            return
        await self._refuse(scope, receive, send, 401, _LOG_IN)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, status: int, why: Sentence) -> None:
        if scope["type"] == "websocket":
            if status == 401:  # accepted first, or the browser could not tell a lost line from a session that is over
                await receive()
                await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": _OVER if status == 401 else 4403, "reason": why.en})
            return
        api = scope["path"].startswith("/api/")
        answer = JSONResponse({"error": why.en}, status) if api else PlainTextResponse("\n".join(why), status)
        await answer(scope, receive, self._dressed(send, scope["path"]))

    def _lasting(self, receive: Receive, visitor: Visitor | None) -> Receive:
        """Let a websocket live no longer than its session: what comes after is a disconnect."""
        accounts = self.accounts
        if accounts is None or visitor is None:
            return receive
        asked = time.monotonic()

        async def checked() -> MutableMapping[str, Any]:
            nonlocal asked
            message = await receive()
            if message["type"] == "websocket.receive" and time.monotonic() - asked > 2.0:
                asked = time.monotonic()
                if accounts.still(visitor.session) is None:
                    return {"type": "websocket.disconnect", "code": _OVER}
            return message

        return checked

    def _dressed(self, send: Send, path: str) -> Send:
        async def dressed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                for name in ("access-control-allow-origin", "access-control-allow-credentials"):
                    if name in headers:
                        del headers[name]
                if self.secure:
                    headers["strict-transport-security"] = "max-age=31536000"
                if not path.startswith(("/_nicegui/", "/static/", "/favicon")):
                    headers["cache-control"] = "no-store"
            await send(message)

        return dressed


def _bounded(receive: Receive) -> Receive:
    """Refuse bodies longer than any form of ours."""
    total = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        return {"type": "http.disconnect"} if total > _MOST_BYTES else message

    return bounded
