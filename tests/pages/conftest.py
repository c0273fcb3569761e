import pytest

from lodeworks.pages.accounts import Accounts
from tests.pages import plant
from tests.pages.browser import browsing, errors, sized

NOW = 1_790_000_000_000
GOOD = "correct horse 42"


@pytest.fixture
def cheap(monkeypatch):
    """Hashes that cost nothing: what they cost is measured nowhere here."""
    from argon2 import PasswordHasher

    monkeypatch.setattr("lodeworks.pages.accounts.PasswordHasher", lambda: PasswordHasher(1, 8, 1))


@pytest.fixture
def book(tmp_path, cheap):
    made = Accounts(tmp_path / "accounts.sqlite")
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path):
    made = plant.recorded(tmp_path, plant.mine(), NOW)
    made.clock = lambda: NOW
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser():
    with browsing() as driver:
        yield driver


@pytest.fixture
def window(browser):
    """The one browser of a module: of a size, and what it complained of before is forgotten."""

    def of(width: int = 1920, height: int = 1080):
        sized(browser, width, height)
        errors(browser)  # asking takes them away
        return browser

    yield of
    browser.get("about:blank")  # no page goes on while others look
