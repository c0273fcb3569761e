"""The server: routes, pages, the door before them and the tick, in one process.

Nothing long runs here. Page state lives in memory, so there is one process; a proxy may stand before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from nicegui import app as library
from nicegui import ui

from lodeworks.network.arrays import Network
from lodeworks.pages.accounts import Accounts, Patience, Visitor
from lodeworks.pages.alarms import alarms_page
from lodeworks.pages.api import router
from lodeworks.pages.claims import claims_page
from lodeworks.pages.command import command_page, command_router
from lodeworks.pages.desk import Desk
from lodeworks.pages.emergency import emergency_router
from lodeworks.pages.guard import Guard
from lodeworks.pages.health import health_page
from lodeworks.pages.held import Held
from lodeworks.pages.hour import hour_router
from lodeworks.pages.hub import Hub
from lodeworks.pages.incident import incident_page
from lodeworks.pages.inquiries import Inquiries
from lodeworks.pages.journal import journal_page
from lodeworks.pages.login import doors
from lodeworks.pages.past import past_page, past_router
from lodeworks.pages.people import accounts_page
from lodeworks.pages.programme import actions_page, actions_router
from lodeworks.pages.rounds import rounds_page, rounds_router
from lodeworks.pages.schematic import map_page
from lodeworks.pages.screens import SYSTEM
from lodeworks.pages.trends import trends_page
from lodeworks.pages.upkeep import PARTS, upkeep_page
from lodeworks.pages.wall import wall_page
from lodeworks.pages.wishes import wishes_router
from lodeworks.pages.words import HTML_LANGUAGE, LANGUAGES
from lodeworks.watch.clock import speed_of

__all__ = ["application", "run"]

_LOG = logging.getLogger(__name__)
_KEEP_UP_S = 30.0
_GROUND_DONE = "#0f5f35"
"""What was done is told white on this green: the library's own is too light to be read on."""
_COME_BACK_S = 30.0
"""How long a page whose line broke may come back to what was open on it. The line is also taken for broken where
nothing is heard for a part of it: of the library's 3 s that is less than a busy computer may take."""
_STATIC = Path(__file__).parent / "static"


def application(
    desk: Desk, accounts: Accounts | None, told: Callable[[str, str, str], None] = lambda *_: None,
    *, secure: bool = False, held: Held | None = None, network: Callable[[], Network] | None = None,
    inquiries: Inquiries | None = None,
) -> Guard:
    """Return the whole application: the door, with everything behind it.

    `accounts` is None where nobody logs in, which is on localhost only; `held` where there is a plan, `network` gives
    the chain's arrays where flows of an hour may be asked for, `inquiries` is there where it is known which chain file
    children are to read.
    """
    hub = Hub(desk)
    measured = any(not tag.name.startswith(SYSTEM) for tag in desk.live.tags)
    first = "wall" if measured or not desk.live.actions else "actions"
    if accounts is not None:
        desk.still = lambda visitor: accounts.still(visitor.session)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ticking = asyncio.create_task(hub.run())
        keeping = asyncio.create_task(_keep_up(held)) if held is not None else None
        yield
        ticking.cancel()
        if keeping is not None:
            keeping.cancel()
        if held is not None and held.ahead is not None:
            held.ahead.stop_all()
        if inquiries is not None:
            inquiries.stop_all()

    app = FastAPI(title="Lodeworks", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(router(desk, hub))
    app.include_router(past_router(desk))
    app.include_router(command_router(desk, held))
    if network is not None:
        app.include_router(hour_router(desk, network))
    app.include_router(emergency_router(desk, hub))
    app.include_router(wishes_router(desk))
    app.include_router(rounds_router(desk))
    app.include_router(actions_router(desk, hub))
    app.mount("/static", StaticFiles(directory=_STATIC))
    if accounts is not None:
        app.include_router(doors(accounts, told, Patience(), secure=secure, front=first))

    @app.get("/")
    def front(request: Request) -> Response:
        wanted = request.headers.get("accept-language", "zh").strip().lower()
        return RedirectResponse(f"/{'en' if wanted.startswith('en') else 'zh'}/{first}", 303)

    for language in LANGUAGES:
        _pages(desk, hub, accounts, inquiries, language)
    ui.run_with(
        app, title=desk.live.title_zh or desk.live.title_en or desk.live.name, dark=True, tailwind=False,
        binding_refresh_interval=None, message_history_length=200, show_welcome_message=False,
        reconnect_timeout=_COME_BACK_S,
    )
    # The library's bar of what is being fetched has no name for who cannot see; pages say themselves what they await.
    library.config.quasar_config["loadingBar"]["skipHijack"] = True
    library.config.quasar_config["brand"]["positive"] = _GROUND_DONE
    return Guard(app, accounts, secure=secure)


async def _keep_up(held: Held) -> None:
    """Hold the present against the plan every half minute of its clock, so that sums do not depend on who looks."""
    while True:
        try:
            await asyncio.to_thread(held.now)
        except Exception:
            _LOG.exception("the present cannot be held against the plan; it is tried again")
        await asyncio.sleep(_KEEP_UP_S / max(1.0, min(_KEEP_UP_S, speed_of(held.desk.clock))))


def _pages(
    desk: Desk, hub: Hub, accounts: Accounts | None, inquiries: Inquiries | None, language: str
) -> None:
    known: dict[str, Any] = {"language": HTML_LANGUAGE[language]}

    @ui.page(f"/{language}/wall", **known)
    def wall(request: Request) -> None:
        wall_page(desk, language, _visitor(request), next(iter(desk.boards)))

    @ui.page(f"/{language}/wall/{{screen}}", **known)
    def screen(request: Request, screen: str) -> Response | None:
        if screen not in desk.boards:
            return RedirectResponse(f"/{language}/wall", 303)
        wall_page(desk, language, _visitor(request), screen)
        return None

    @ui.page(f"/{language}/alarms", **known)
    def alarms(request: Request) -> None:
        alarms_page(desk, language, _visitor(request))

    @ui.page(f"/{language}/journal", **known)
    def journal(request: Request) -> None:
        journal_page(desk, language, _visitor(request))

    @ui.page(f"/{language}/past", **known)
    def past(request: Request, screen: str = "", at: int = 0) -> None:
        past_page(desk, language, _visitor(request), screen, at)

    @ui.page(f"/{language}/map", **known)
    def schematic(request: Request) -> None:
        map_page(desk, language, _visitor(request))

    @ui.page(f"/{language}/command", **known)
    def command(request: Request) -> None:
        command_page(desk, language, _visitor(request))

    @ui.page(f"/{language}/upkeep", **known)
    def upkeep(request: Request) -> None:
        upkeep_page(desk, hub, inquiries, language, _visitor(request), PARTS[0], "")

    @ui.page(f"/{language}/upkeep/{{part}}", **known)
    def upkeep_part(request: Request, part: str, about: str = "") -> Response | None:
        if part not in PARTS:
            return RedirectResponse(f"/{language}/upkeep", 303)
        upkeep_page(desk, hub, inquiries, language, _visitor(request), part, about[:200])
        return None

    @ui.page(f"/{language}/claims", **known)
    def scorecard(request: Request) -> None:
        claims_page(desk, language, _visitor(request))

    @ui.page(f"/{language}/accounts", **known)
    def people(request: Request) -> None:
        accounts_page(desk, accounts, language, _visitor(request))

    @ui.page(f"/{language}/incident", **known)
    def incident(request: Request, rule: str = "") -> None:
        incident_page(desk, language, _visitor(request), rule)

    @ui.page(f"/{language}/actions", **known)
    def programme(request: Request) -> None:
        actions_page(desk, language, _visitor(request))

    @ui.page(f"/{language}/rounds", **known)
    def rounds(request: Request) -> None:
        rounds_page(desk, language, _visitor(request))

    @ui.page(f"/{language}/health", **known)
    def health(request: Request) -> None:
        health_page(desk, language, _visitor(request), lambda: sum(len(c.subscribers) for c in hub.channels.values()))

    @ui.page(f"/{language}/trends", **known)
    def trends(request: Request, tags: str = "", span: str = "hour", until: int = 0, hour: int = 0) -> None:
        trends_page(desk, language, _visitor(request), tags, span, until, hour)


def _visitor(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


def run(
    app: Guard, host: str, port: int, *, certificate: Path | None = None, key: Path | None = None,
    began: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to stop (SIGINT or SIGTERM)."""
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", ws_per_message_deflate=False, server_header=False,
        ssl_certfile=certificate, ssl_keyfile=key, ws_max_size=1_000_000, timeout_graceful_shutdown=3,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[Any] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                began()

    Server(config).run()
