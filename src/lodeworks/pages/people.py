"""The page of accounts: who may come in with which role, and which screens carry a wall token. For admins alone.

Every change is put into the journal; a token is shown once, when it is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nicegui import ui

from lodeworks.pages.accounts import ROLES, Accounts, Denied, Visitor, may
from lodeworks.pages.asking import noted
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.words import say

__all__ = ["accounts_page"]


def accounts_page(desk: Desk, accounts: Accounts | None, language: str, visitor: Visitor) -> None:
    """Build the page."""
    with framed(desk.live, language, "accounts", visitor):
        if accounts is None:
            text("p", say("no accounts asked", language)).classes("lw-calm")
        elif not may(visitor.role, "accounts"):
            text("p", say("not yours to do", language)).classes("lw-calm")
        else:
            _Page(desk, accounts, language, visitor).build()


class _Page:
    """The lists and forms, drawn anew after each change."""

    def __init__(self, desk: Desk, accounts: Accounts, language: str, visitor: Visitor) -> None:
        self.desk, self.accounts, self.language, self.visitor = desk, accounts, language, visitor

    def build(self) -> None:
        with ui.element("div").classes("lw-people"):
            self.list = ui.element("div")
            self.draw()

    def draw(self) -> None:
        self.list.clear()
        say_ = self.say
        with self.list:
            text("h2", say_("accounts"))
            with ui.element("table").classes("lw-list"):
                for account in self.accounts.listed():
                    with ui.element("tr"):
                        text("th", account.name).props('scope="row"')
                        text("td", say_(f"role {account.role}"))
                        text("td", say_("disabled") if account.disabled else "")
                        with ui.element("td").classes("lw-buttons"):
                            self._buttons(account.name, account.role, account.disabled)
            self._add()
            text("h2", say_("wall tokens"))
            with ui.element("table").classes("lw-list"):
                for session, title, _ in self.accounts.walls():
                    with ui.element("tr"):
                        text("th", title).props('scope="row"')
                        with ui.element("td"):
                            self.button("withdraw", lambda s=session, t=title: self._withdraw(s, t))
            self._token()

    def say(self, key: str) -> str:
        return say(key, self.language)

    def button(self, key: str, act: Callable[..., object]) -> None:
        ui.button(self.say(key), on_click=act, color=None).classes("lw-button")

    def _buttons(self, name: str, role: str, disabled: bool) -> None:
        roles = {one: self.say(f"role {one}") for one in ROLES[1:]}
        chosen = ui.select(roles, value=role, label=self.say("role")).props("dense outlined").classes("lw-select")
        chosen.on_value_change(lambda event: self.change("role", name, role=event.value))
        password = ui.input(self.say("new password"), password=True).props("dense outlined autocomplete=new-password")
        self.button("set", lambda: self.change("password", name, password=password.value or ""))
        self.button("enable" if disabled else "disable", lambda: self.change("state", name, disabled=not disabled))

    def _add(self) -> None:
        with ui.element("div").classes("lw-buttons lw-form"):
            name = ui.input(self.say("name")).props("dense outlined").mark("new-name")
            role = ui.select(
                {one: self.say(f"role {one}") for one in ROLES[1:]}, value="viewer", label=self.say("role"),
            ).props("dense outlined").classes("lw-select").mark("new-role")
            password = ui.input(self.say("new password"), password=True).props("dense outlined").mark("new-password")

            async def add() -> None:
                await self._do(lambda: self.accounts.add(name.value, role.value, password.value), f"add {name.value}")

            ui.button(self.say("add"), on_click=add, color=None).classes("lw-do").mark("add")

    def _token(self) -> None:
        with ui.element("div").classes("lw-buttons lw-form"):
            title = ui.input(self.say("which screen")).props("dense outlined").mark("wall-title")

            async def make() -> None:
                if not (title.value or "").strip() or not self._allowed():
                    return
                token = await asyncio.to_thread(self.accounts.wall_token, title.value.strip())
                noted(self.desk, "wall token", self.visitor.name, title.value.strip())
                page = ui.context.client  # the button that was pressed goes as all is drawn anew
                self.draw()
                with self.list, ui.dialog() as dialog, ui.card().classes("lw-dialog"):
                    dialog.props["aria-label"] = title.value
                    text("h2", title.value)
                    text("p", self.say("token once"))
                    address = text("code", f"/wall-token/{token}").classes("lw-code")
                    ui.button(self.say("close"), on_click=dialog.close, color=None).classes("lw-button")
                dialog.open()
                # By which name and scheme it came here only the browser knows; first the dialog moves in.
                page.run_javascript(f"""(function whole() {{
                    const code = getHtmlElement({address.id});
                    if (code) code.textContent = location.origin + '/wall-token/{token}';
                    else setTimeout(whole, 50);
                }})()""")

            ui.button(self.say("make token"), on_click=make, color=None).classes("lw-do").mark("make-token")

    async def change(
        self, what: str, name: str, *, role: str = "", password: str = "", disabled: bool | None = None
    ) -> None:
        """Change an account and say so."""
        if what == "password" and not password:
            return
        await self._do(
            lambda: self.accounts.change(name, role=role, password=password, disabled=disabled),
            f"{what} {name} {role}{'' if disabled is None else 'off' if disabled else 'on'}".strip(),
        )

    def _withdraw(self, session: str, title: str) -> None:
        if self._allowed():
            self.accounts.leave(session)
            noted(self.desk, "wall token withdrawn", self.visitor.name, title)
            self.draw()

    def _allowed(self) -> bool:
        now = self.desk.still(self.visitor)
        if now is not None and may(now.role, "accounts"):
            return True
        ui.notify(self.say("not yours to do"), type="negative")
        return False

    async def _do(self, act: Callable[[], None], told: str) -> None:
        if not self._allowed():
            return
        try:
            await asyncio.to_thread(act)
        except Denied as denied:
            ui.notify(self.say(str(denied)), type="negative")
            return
        noted(self.desk, "accounts", self.visitor.name, told)
        ui.notify(self.say("done"), type="positive")
        self.draw()
