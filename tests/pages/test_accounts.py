"""Who may come in: nobody by guessing, nobody for ever, and nobody by reading the file."""

from __future__ import annotations

import sqlite3

import pytest

from lodeworks.errors import AwayError
from lodeworks.pages.accounts import CODE_S, IDLE_S, MOST_S, ROLES, Accounts, Denied, Patience, may

GOOD = "correct horse 42"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(tmp_path, clock, monkeypatch):
    from argon2 import PasswordHasher

    monkeypatch.setattr("lodeworks.pages.accounts.PasswordHasher", lambda: PasswordHasher(1, 8, 1))
    made = Accounts(tmp_path / "accounts.sqlite", clock)
    yield made
    made.close()


def test_a_damaged_file_lets_nobody_in_and_is_not_begun_anew(tmp_path):
    (tmp_path / "accounts.sqlite").write_bytes(b"no database at all, and long enough to be none" * 40)
    with pytest.raises(AwayError, match=r"so nobody comes in: .*put a copy back, or move it away"):
        Accounts(tmp_path / "accounts.sqlite")
    assert (tmp_path / "accounts.sqlite").read_bytes().startswith(b"no database")


def test_the_first_admin_comes_by_a_code_good_once(accounts):
    code = accounts.first_code()
    with pytest.raises(Denied, match="wrong code"):
        accounts.first("0000-0000-0000-0000", "chief", GOOD)
    accounts.first(f" {code} ", "chief", GOOD)
    assert [(a.name, a.role) for a in accounts.listed()] == [("chief", "admin")]
    with pytest.raises(Denied, match="wrong code"):
        accounts.first(code, "other", GOOD)


def test_a_code_is_too_old_after_an_hour(accounts, clock):
    code = accounts.first_code()
    clock.now += CODE_S + 1
    with pytest.raises(Denied, match="wrong code"):
        accounts.first(code, "chief", GOOD)
    assert accounts.empty()


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "the chief is here", "x" * 400])
def test_weak_passwords_are_refused(accounts, password):
    with pytest.raises(Denied, match="weak password"):
        accounts.add("chief", "admin", password)


@pytest.mark.parametrize(("name", "role"), [("", "admin"), (" a", "admin"), ("a\n", "viewer"), ("x" * 65, "viewer"), ("x", "god"), ("x", "wall")])
def test_names_and_roles_are_checked(accounts, name, role):
    with pytest.raises(Denied):
        accounts.add(name, role, GOOD)


def test_a_session_tells_who_it_is_and_a_wrong_secret_nobody(accounts):
    accounts.add("li", "dispatcher", GOOD)
    secret = accounts.come_in("li", GOOD)
    visitor = accounts.visitor(secret)
    assert (visitor.name, visitor.role) == ("li", "dispatcher")
    for forged in ("", secret[:-1], secret + "x", secret.swapcase(), "x" * 43, visitor.session):
        assert accounts.visitor(forged) is None


def test_wrong_name_and_wrong_password_say_the_same(accounts):
    accounts.add("li", "viewer", GOOD)
    for name, password in (("li", "wrong one 42"), ("nobody", GOOD)):
        with pytest.raises(Denied, match="wrong password"):
            accounts.come_in(name, password)


def test_a_session_ends_when_nobody_uses_it_and_at_the_latest_after_a_day(accounts, clock):
    accounts.add("li", "viewer", GOOD)
    secret = accounts.come_in("li", GOOD)
    clock.now += IDLE_S + 1
    assert accounts.visitor(secret) is None
    secret, began = accounts.come_in("li", GOOD), clock.now
    while clock.now < began + MOST_S - 3600:
        assert accounts.visitor(secret) is not None
        clock.now += 3600
    clock.now = began + MOST_S
    assert accounts.visitor(secret) is None


def test_what_is_changed_of_an_account_ends_its_sessions(accounts):
    accounts.add("li", "engineer", GOOD)
    accounts.add("chief", "admin", GOOD)
    for change in ({"role": "viewer"}, {"password": "another one 43"}, {"disabled": True}):
        secret = accounts.come_in("li", "another one 43" if "disabled" in change else GOOD)
        accounts.change("li", **change)
        assert accounts.visitor(secret) is None
    with pytest.raises(Denied, match="wrong password"):
        accounts.come_in("li", "another one 43")


def test_the_last_admin_stays(accounts):
    accounts.add("chief", "admin", GOOD)
    for change in ({"role": "viewer"}, {"disabled": True}):
        with pytest.raises(Denied, match="last admin"):
            accounts.change("chief", **change)


def test_a_wall_token_reads_until_it_is_withdrawn(accounts, clock):
    token = accounts.wall_token("hall, left")
    clock.now += 30 * 86400
    visitor = accounts.visitor(token)
    assert (visitor.name, visitor.role) == ("hall, left", "wall")
    assert [title for _, title, _ in accounts.walls()] == ["hall, left"]
    accounts.leave(visitor.session)
    assert accounts.visitor(token) is None


def test_the_file_holds_no_secret(accounts, tmp_path):
    accounts.add("li", "viewer", GOOD)
    secrets = [accounts.come_in("li", GOOD), accounts.wall_token("hall"), GOOD]
    accounts.close()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(secret.encode() in held for secret in secrets)
    assert (tmp_path / "accounts.sqlite").stat().st_mode & 0o077 == 0
    row = sqlite3.connect(tmp_path / "accounts.sqlite").execute("select hash from account").fetchone()
    assert row[0].startswith("$argon2id$")


def test_guessing_grows_slow_for_an_address_and_for_a_name():
    clock = Clock()
    patience = Patience(clock)
    waits = []
    for _ in range(16):
        patience.failed("address 1", "name li")
        waits.append(patience.wait_s("address 1"))
    assert waits[:4] == [0.0] * 4
    assert waits[4:8] == [2.0, 4.0, 8.0, 16.0]
    assert waits[-1] == 900.0
    assert patience.wait_s("address 2", "name li") == 900.0
    assert patience.wait_s("address 2", "name wu") == 0.0
    clock.now += 901
    assert patience.wait_s("address 1") <= 0.0
    patience.succeeded("address 1")
    patience.failed("address 1")
    assert patience.wait_s("address 1") == 0.0


def test_what_is_remembered_of_guessers_is_bounded():
    patience = Patience(Clock(), most=100)
    for k in range(1000):
        patience.failed(f"address {k}")
    assert len(patience._failed) == 100


def test_a_role_may_what_those_before_it_may_and_nobody_what_is_not_known():
    assert [role for role in ROLES if may(role, "acknowledge")] == ["dispatcher", "engineer", "admin"]
    assert [role for role in ROLES if may(role, "limit")] == ["engineer", "admin"]
    assert [role for role in ROLES if may(role, "accounts")] == ["admin"]
    assert not any(may(role, "cut power") for role in ROLES)
    assert not may("god", "acknowledge")
