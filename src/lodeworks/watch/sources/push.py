"""Samples sent by HTTP, for what cannot speak to a broker: ``POST /push`` with a token and a payload of many values.

The answer comes when the samples are kept; without one, a sender sends them again. The address says where it listens
(``http://127.0.0.1:8091``, or ``https`` with ``?certificate=FILE&key=FILE``), the environment which token it takes
(LODEWORKS_TOKEN_ and the feed's name).
"""

from __future__ import annotations

import asyncio
import hmac
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from lodeworks.errors import WatchError
from lodeworks.network.live import Feed
from lodeworks.watch.sources.address import parts_of
from lodeworks.watch.sources.broker import secret
from lodeworks.watch.sources.decode import Reader
from lodeworks.watch.sources.gate import MOST_BYTES, Batch, Gate, missing

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["samples"]

_LEAST_TOKEN = 16
_WAITING = 100
_PATIENCE_S = 30.0
# A wrong token is answered slowly, and after so many in a minute from one address not at all.
_WRONG_S = 0.3
_WRONG_A_MINUTE = 20
_RETRY_S = 5.0


async def samples(gate: Gate) -> AsyncIterator[Batch]:
    """Yield what is sent; an answer waits for each batch.

    Raises
    ------
    WatchError
        If there is no token, the address is none, or the libraries are missing.
    """
    try:
        import uvicorn
    except ImportError:
        raise missing(gate.feed, "web server", "watch") from None
    token = secret(gate.feed, "TOKEN")
    if len(token) < _LEAST_TOKEN:
        raise WatchError(f"feed {gate.feed.name}: no token of {_LEAST_TOKEN} characters or more; expected one in the"
                         " environment, as LODEWORKS_TOKEN_ and the feed's name in capitals")
    host, port, path, tls = _address(gate.feed)
    waiting: asyncio.Queue[Batch] = asyncio.Queue(_WAITING)
    while True:
        try:
            listening = _bound(host, port)
        except OSError as error:
            gate.down(f"{host}:{port}: {error}")
            await asyncio.sleep(_RETRY_S)
            continue

        class Server(uvicorn.Server):
            @contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield  # signals are for ingest as a whole

        config = uvicorn.Config(
            _app(gate, token, path, waiting), log_level="error", access_log=False, lifespan="off", server_header=False,
            limit_concurrency=2 * _WAITING, timeout_keep_alive=20, **tls,
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        gate.up()
        try:
            while not serving.done():
                nxt = asyncio.ensure_future(waiting.get())
                await asyncio.wait((nxt, serving), return_when=asyncio.FIRST_COMPLETED)
                if nxt.done():
                    yield nxt.result()
                else:
                    nxt.cancel()
            gate.down("the web server ended")
        finally:
            server.should_exit = server.force_exit = True
            listening.close()
            await asyncio.gather(serving, return_exceptions=True)
        await asyncio.sleep(_RETRY_S)


def _app(gate: Gate, token: str, path: str, waiting: asyncio.Queue[Batch]) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    reader = Reader(gate)
    wrong: Counter[str] = Counter()
    minute = [0]

    async def push(request: Request) -> Response:
        who = request.client.host if request.client else ""
        if int(time.monotonic()) // 60 != minute[0]:
            minute[0] = int(time.monotonic()) // 60
            wrong.clear()
        if wrong[who] >= _WRONG_A_MINUTE:
            return JSONResponse({"error": "too many wrong tokens"}, 429, {"Retry-After": "60"})
        told = request.headers.get("authorization", "")
        if not hmac.compare_digest(told.encode(), f"Bearer {token}".encode()):
            wrong[who] += 1
            gate.refuse("token", who)
            await asyncio.sleep(_WRONG_S)
            return JSONResponse({"error": "a wrong token"}, 401, {"WWW-Authenticate": "Bearer"})
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > MOST_BYTES:
                gate.refuse("large", f"{who}: more than {MOST_BYTES:,} bytes")
                return JSONResponse({"error": f"more than {MOST_BYTES:,} bytes"}, 413, {"Connection": "close"})
        rows, refused = gate.rows(), gate.refused
        reader.read("push", bytes(content), rows)
        refused = gate.refused - refused
        found = gate.samples(rows)
        if not len(found):
            why = gate.last if refused else "no values were found in it"
            return JSONResponse({"kept": 0, "refused": refused, "error": why}, 400)
        kept = asyncio.get_running_loop().create_future()
        try:
            waiting.put_nowait(Batch(found, lambda: None if kept.done() else kept.set_result(None)))
            await asyncio.wait_for(kept, _PATIENCE_S)
        except (asyncio.QueueFull, TimeoutError):
            return JSONResponse({"error": "not kept yet; send it again"}, 503, {"Retry-After": "5"})
        return JSONResponse({"kept": len(found), "refused": refused})

    return Starlette(routes=[Route(path, push, methods=["POST"])])


def _address(feed: Feed) -> tuple[str, int, str, dict[str, Any]]:
    parts, host, port = parts_of(
        feed.address, {"http": 0, "https": 0}, f"feed {feed.name}: no address to listen at", "http://127.0.0.1:8091"
    )
    options = parse_qs(parts.query)
    tls: dict[str, Any] = {}
    if parts.scheme == "https":
        if not {"certificate", "key"} <= options.keys():
            raise WatchError(f"feed {feed.name}: https without files; found {feed.address!r};"
                             " expected …?certificate=FILE&key=FILE")
        tls = {"ssl_certfile": options["certificate"][0], "ssl_keyfile": options["key"][0]}
    return host, port, parts.path if parts.path not in ("", "/") else "/push", tls


def _bound(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
