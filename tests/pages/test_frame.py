"""Every page: its language, one heading, the ways to the others, and the boundary sentence word for word."""

from __future__ import annotations

import re
from dataclasses import replace

from nicegui.testing import User

from lodeworks.network.live import Action
from lodeworks.pages import words
from lodeworks.pages.frame import PAGES
from lodeworks.pages.wall import Wall
from lodeworks.pages.words import BOUNDARY, vocabulary
from lodeworks.pages.words_upkeep import UPKEEP
from tests.pages.conftest import GOOD
from tests.pages.visiting import HTML, visit

SENTENCE = (
    "A mine's statutory monitoring system measures, alarms and cuts power by itself. Lodeworks reads a copy, shows, records and helps; "
    "it never cuts power and is never the only alarm."
)


def test_the_boundary_is_word_for_word():
    assert BOUNDARY[0] == SENTENCE


def test_each_page_has_language_heading_ways_and_boundary(desk):
    async def act(user: User) -> None:
        for language, code in (("zh", "zh-CN"), ("en", "en-US")):
            for page in PAGES:
                answer = await user.http_client.get(f"/{language}/{page}", headers=HTML)
                assert answer.status_code == 200
                assert f'<html lang="{code}"' in answer.text
                assert re.search(r"<title>(.*) · (.*)</title>", answer.text)[2] == vocabulary(language)[page]
                await user.open(f"/{language}/{page}")
                await user.should_see(BOUNDARY[language == "zh"])
                elements = list(user.client.elements.values())
                assert [e.tag for e in elements].count("h1") == 1
                assert any("/api/" in str(e.props.get("live", "")) for e in elements)  # it hears of incidents and losses
                assert {f"/{language}/{other}" for other in PAGES} <= {e.props.get("href") for e in elements if e.tag == "a"}

    visit(desk, act)


def test_the_front_page_follows_the_language_of_the_browser(desk):
    async def act(user: User) -> None:
        for asked, given in (("en-GB,en;q=0.8", "/en/wall"), ("zh-CN,zh", "/zh/wall"), ("fr", "/zh/wall"), ("", "/zh/wall")):
            assert (await user.http_client.get("/", headers={"accept-language": asked})).headers["location"] == given

    visit(desk, act)


def test_a_chain_that_measures_nothing_opens_at_its_work(desk, book):
    desk.live = replace(desk.live, tags=(), rules=(), place={}, actions=(Action("a", "Work", "工作", "", "", "", "open", ""),))

    async def act(user: User) -> None:
        assert (await user.http_client.get("/", headers={"accept-language": "zh"})).headers["location"] == "/zh/actions"

    visit(desk, act)

    async def come_in(user: User) -> None:
        answer = await user.http_client.post("/login", headers={"origin": "http://localhost"}, data={"name": "li", "password": GOOD, "language": "en"})
        assert answer.headers["location"] == "/en/actions"

    book.add("li", "dispatcher", GOOD)
    visit(desk, come_in, book)


def test_a_wall_listens_to_its_own_screen_and_an_unknown_one_is_the_first(desk):
    async def act(user: User) -> None:
        await user.open("/en/wall/face_11")
        wall = next(e for e in user.client.elements.values() if isinstance(e, Wall))
        assert wall.props["live"] == "/api/live?screen=face_11&language=en"
        answer = await user.http_client.get("/en/wall/%3Cscript%3E", headers=HTML)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/en/wall"

    visit(desk, act)


def test_a_page_weighs_little_and_loads_nothing_from_elsewhere(desk):
    async def act(user: User) -> None:
        text = (await user.http_client.get("/zh/wall", headers=HTML)).text
        assert len(text) < 40_000
        assert not re.findall(r"""(?:src|href)=["']https?://""", text)

    visit(desk, act)


def test_every_word_has_both_languages():
    english, chinese = vocabulary("en"), vocabulary("zh")
    assert set(english) == set(chinese)
    assert all(english.values())
    assert all(chinese.values())
    same = {key for key in english if english[key] == chinese[key]}
    assert not same, f"not translated: {same}"


def test_no_word_of_one_table_hides_one_of_the_other():
    assert set(words._WORDS) & set(UPKEEP) == set()
