"""One visitor of the whole application, without a browser and without a port."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import httpx
from nicegui import ui
from nicegui.client import Client
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing import User
from nicegui.testing.general import nicegui_reset_globals

from lodeworks.pages.accounts import Accounts
from lodeworks.pages.desk import Desk
from lodeworks.pages.server import application
from tests.pages.conftest import GOOD

# How often it is looked, ten times a second, for what is to be seen: a busy computer takes what it takes.
_TRIES = 600
HTML = {"accept": "text/html"}


@contextmanager
def _unseen() -> Iterator[None]:
    """Hide what was there before from the collector: the library looks through all it knows, three times a visit."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@asynccontextmanager
async def visiting(desk: Desk, accounts: Accounts | None = None, **options) -> AsyncIterator[User]:
    """Start the application as the server would, and end it; what NiceGUI keeps for the process is put back."""
    with _unseen(), nicegui_reset_globals():
        os.environ["NICEGUI_USER_SIMULATION"] = "true"
        try:
            guard = application(desk, accounts, **options)
            inner = guard.app
            async with inner.router.lifespan_context(inner):
                transport = httpx.ASGITransport(guard, client=("10.0.0.7", 1234))
                async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                    user = User(client)
                    user.should_see = partial(user.should_see, retries=_TRIES)
                    yield user
        finally:
            os.environ.pop("NICEGUI_USER_SIMULATION", None)
            ui.navigate, ui.notify = Navigate(), notify
            Client.page_routes.clear()  # or the modules of the pages would be unloaded


async def come_in(user: User, name: str) -> None:
    """Come in as an account whose password is `GOOD`."""
    answer = await user.http_client.post("/login", headers={"origin": "http://localhost"}, data={"name": name, "password": GOOD})
    assert answer.status_code == 303


def visit(desk: Desk, act: Callable[[User], Awaitable[None]], accounts: Accounts | None = None, **options) -> None:
    """Run one visit."""

    async def whole() -> None:
        async with visiting(desk, accounts, **options) as user:
            await act(user)

    asyncio.run(whole())
