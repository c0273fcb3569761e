import pytest

from lodeworks.pages.accounts import Accounts
from tests.pages import plant

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
