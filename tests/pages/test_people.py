"""The page of accounts: for admins, with every change in the journal."""

from __future__ import annotations

import gc

from nicegui import Client, ui
from nicegui.testing import User

from lodeworks.pages.asking import noted
from lodeworks.pages.people import _Page
from tests.pages.conftest import GOOD
from tests.pages.visiting import come_in, visit


def fill(user: User, marker: str, value: str) -> None:
    next(iter(user.find(marker=marker).elements)).value = value


def test_an_admin_adds_an_account_and_it_stands_in_the_journal(desk, book):
    book.add("chief", "admin", GOOD)

    async def act(user: User) -> None:
        await come_in(user, "chief")
        await user.open("/en/accounts")
        fill(user, "new-name", "li")
        fill(user, "new-role", "dispatcher")
        fill(user, "new-password", GOOD)
        user.find(marker="add").click()
        await user.should_see("done")

    visit(desk, act, book, told=lambda *row: noted(desk, *row))
    assert [(a.name, a.role) for a in book.listed()] == [("chief", "admin"), ("li", "dispatcher")]
    asked = [(d.kind, d.subject, d.user, d.note) for d in desk.deeds.open()]
    assert asked == [("note", "login", "chief", "chief 10.0.0.7"), ("note", "accounts", "chief", "chief add li")]


async def make_token(user: User) -> None:
    await user.open("/en/accounts")
    fill(user, "wall-title", "hall, left")
    user.find(marker="make-token").click()
    await user.should_see("/wall-token/")


def test_a_token_is_shown_once_and_only_to_an_admin(desk, book):
    book.add("chief", "admin", GOOD)

    async def act(user: User) -> None:
        await come_in(user, "chief")
        await make_token(user)
        shown = next(e for e in user.client.elements.values() if e.tag == "code").text
        assert book.visitor(shown.removeprefix("/wall-token/")).role == "wall"
        await user.open("/en/accounts")
        assert not [e for e in user.client.elements.values() if e.tag == "code"]
        await user.should_see("hall, left")

    visit(desk, act, book)


def test_the_address_of_a_token_is_made_whole_though_its_button_was_drawn_anew(desk, book, monkeypatch):
    """Only the browser knows by which name it came here: what it is told must not hang on an element that is gone."""
    book.add("chief", "admin", GOOD)
    told: list[str] = []
    drawn, run = _Page.draw, Client.run_javascript
    monkeypatch.setattr(_Page, "draw", lambda page: (drawn(page), gc.collect()))
    monkeypatch.setattr(Client, "run_javascript", lambda page, code, **more: (told.append(code), run(page, code, **more))[1])

    async def act(user: User) -> None:
        await come_in(user, "chief")
        await make_token(user)
        assert any("location.origin + '/wall-token/" in code for code in told)

    visit(desk, act, book)


def test_others_see_nothing_there_and_one_who_was_admin_does_nothing(desk, book):
    book.add("chief", "admin", GOOD)
    book.add("second", "admin", GOOD)
    book.add("li", "engineer", GOOD)

    async def act(user: User) -> None:
        await come_in(user, "li")
        await user.open("/en/accounts")
        await user.should_see("your role may not do this")
        assert not [e for e in user.client.elements.values() if isinstance(e, ui.input)]
        await come_in(user, "second")
        await user.open("/en/accounts")
        book.change("second", role="viewer")
        fill(user, "new-name", "friend")
        fill(user, "new-role", "admin")
        fill(user, "new-password", GOOD)
        user.find(marker="add").click()
        await user.should_see("your role may not do this")

    visit(desk, act, book)
    assert "friend" not in [a.name for a in book.listed()]


def test_on_localhost_there_are_no_accounts(desk):
    async def act(user: User) -> None:
        await user.open("/en/accounts")
        await user.should_see("On localhost nobody logs in")

    visit(desk, act)
