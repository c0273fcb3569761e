"""Who may come in: accounts with argon2 hashes, sessions that end, wall tokens that only read; guessers wait.

All in `accounts.sqlite` beside the journal. Of a session or token only a hash is kept, so that who reads the file comes
in nowhere. Nothing here knows of the web; `guard` does.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from lodeworks.errors import AwayError

__all__ = ["ROLES", "Account", "Accounts", "Denied", "Patience", "Visitor", "may"]

ROLES = ("wall", "viewer", "dispatcher", "engineer", "admin")
"""Each may do what those before it may; `wall` is a token on a screen, not a person."""

_LEAST: dict[str, str] = {
    "acknowledge": "dispatcher", "silence": "dispatcher", "reset": "dispatcher", "shelve": "dispatcher",
    "unshelve": "dispatcher", "note": "dispatcher", "calibrate": "dispatcher", "calibrated": "dispatcher",
    "remove": "engineer", "restore": "engineer", "limit": "engineer", "agree": "engineer", "disagree": "engineer",
    "incident_open": "dispatcher", "incident_step": "dispatcher", "incident_undo": "dispatcher",
    "incident_part": "dispatcher", "incident_block": "dispatcher", "incident_unblock": "dispatcher",
    "incident_call": "dispatcher", "incident_note": "dispatcher", "incident_close": "dispatcher",
    "action_state": "dispatcher", "action_evidence": "dispatcher", "look ahead": "dispatcher", "inquire": "dispatcher",
    "accounts": "admin",
}
IDLE_S = 8 * 3600.0
"""A session ends when no page of it was open for a shift …"""
MOST_S = 24 * 3600.0
"""… and every session after a day."""
TOKEN_S = 365 * 24 * 3600.0
CODE_S = 3600.0
LEAST_LETTERS = 10


class Denied(Exception):
    """Why somebody may not come in, as a word of the pages."""


@dataclass(frozen=True)
class Visitor:
    """Who a request comes from. `session` names the session (a hash of its secret), empty on localhost."""

    name: str
    role: str
    session: str = ""


@dataclass(frozen=True)
class Account:
    """One account as it is listed."""

    name: str
    role: str
    made: int
    disabled: bool


def may(role: str, deed: str) -> bool:
    """Say whether a role may do a deed; a deed that is not in the table nobody may do."""
    least = _LEAST.get(deed)
    return least is not None and role in ROLES and ROLES.index(role) >= ROLES.index(least)


class Patience:
    """How long one who guesses must wait: after five failures twice as long each time, up to a quarter of an hour.

    Counted for each address and for each account, so that neither one guesser with many names nor many guessers with
    one name gets far. What is remembered is bounded: the oldest is forgotten first.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = 10_000) -> None:
        self._clock, self._most = clock, most
        self._failed: dict[str, tuple[int, float]] = {}

    def wait_s(self, *keys: str) -> float:
        """Return for how many seconds more these may not try."""
        now = self._clock()
        return max((self._failed[key][1] - now for key in keys if key in self._failed), default=0.0)

    def failed(self, *keys: str) -> None:
        """Remember a failure of each."""
        now = self._clock()
        for key in keys:
            count = self._failed.pop(key, (0, 0.0))[0] + 1
            pause = min(900.0, 2.0 ** (count - 4)) if count >= 5 else 0.0
            self._failed[key] = (count, now + pause)
            while len(self._failed) > self._most:
                self._failed.pop(next(iter(self._failed)))

    def succeeded(self, *keys: str) -> None:
        """Forget the failures of each."""
        for key in keys:
            self._failed.pop(key, None)


class Accounts:
    """The accounts, sessions and wall tokens of one folder.

    Raises
    ------
    AwayError
        If the file cannot be opened, or is none.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._hasher = PasswordHasher()
        self._code: tuple[str, float] | None = None
        self._unknown = self._hasher.hash(secrets.token_hex(8))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            path.chmod(0o600)
            self._db.execute("pragma journal_mode=wal")
            self._db.executescript(
                "create table if not exists account(name text primary key, role text not null, hash text not null,"
                " made integer not null, disabled integer not null default 0);"
                "create table if not exists session(secret text primary key, name text not null, role text not null,"
                " kind text not null, made real not null, seen real not null, ends real not null);"
            )
        except (OSError, sqlite3.Error) as error:
            # Never begun anew by itself: who could damage the file would be the first admin. The alarms go on.
            raise AwayError(f"{path}: the accounts cannot be read, so nobody comes in: {error}; put a copy back, or"
                            " move it away to make the first admin anew") from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def empty(self) -> bool:
        """Say whether there is no account yet."""
        with self._lock:
            return self._db.execute("select 1 from account limit 1").fetchone() is None

    def first_code(self) -> str:
        """Return a new code, good once and for an hour, with which the first admin is made; printed on the console."""
        code = "-".join(secrets.token_hex(2) for _ in range(4))
        self._code = (_hashed(code), self._clock() + CODE_S)
        return code

    def first(self, code: str, name: str, password: str) -> None:
        """Make the first admin.

        Raises
        ------
        Denied
            If there is an account already, or the code is wrong, used or too old, or the password too weak.
        """
        with self._lock:
            known = self._code
            right = known is not None and secrets.compare_digest(known[0], _hashed(code.strip()))
            if not self.empty() or known is None or not right or known[1] < self._clock():
                raise Denied("wrong code")
            self.add(name, "admin", password)
            self._code = None

    def add(self, name: str, role: str, password: str) -> None:
        """Make an account.

        Raises
        ------
        Denied
            If the name is taken or no name, the role unknown, or the password too weak.
        """
        if not (1 <= len(name) <= 64) or not name.isprintable() or name != name.strip():
            raise Denied("no name")
        if role not in ROLES[1:]:
            raise Denied("no role")
        hashed = self._strong(name, password)
        with self._lock:
            try:
                self._db.execute(
                    "insert into account(name, role, hash, made) values(?,?,?,?)",
                    (name, role, hashed, int(1000 * self._clock())),
                )
            except sqlite3.IntegrityError:
                raise Denied("name taken") from None

    def change(self, name: str, *, role: str = "", password: str = "", disabled: bool | None = None) -> None:
        """Change an account; its sessions end.

        Raises
        ------
        Denied
            If it is not there, the last admin would go, the role is unknown, or the password too weak.
        """
        with self._lock:
            now = {account.name: account for account in self.listed()}.get(name)
            if now is None:
                raise Denied("no account")
            admins = [a for a in self.listed() if a.role == "admin" and not a.disabled]
            if now in admins and len(admins) == 1 and (disabled or (role and role != "admin")):
                raise Denied("last admin")
            if role:
                if role not in ROLES[1:]:
                    raise Denied("no role")
                self._db.execute("update account set role=? where name=?", (role, name))
            if password:
                self._db.execute("update account set hash=? where name=?", (self._strong(name, password), name))
            if disabled is not None:
                self._db.execute("update account set disabled=? where name=?", (int(disabled), name))
            self._db.execute("delete from session where name=? and kind='person'", (name,))

    def listed(self) -> list[Account]:
        """Return all accounts by name."""
        with self._lock:
            rows = self._db.execute("select name, role, made, disabled from account order by name").fetchall()
        return [Account(name, role, made, bool(disabled)) for name, role, made, disabled in rows]

    def come_in(self, name: str, password: str) -> str:
        """Return the secret of a new session. Takes as long for a name that is not there as for a wrong password.

        Raises
        ------
        Denied
            If the name or the password is wrong, or the account disabled.
        """
        with self._lock:
            row = self._db.execute("select hash, role, disabled from account where name=?", (name,)).fetchone()
        try:
            self._hasher.verify(row[0] if row else self._unknown, password)
        except VerificationError:
            raise Denied("wrong password") from None
        if row is None or row[2]:
            raise Denied("wrong password")
        if self._hasher.check_needs_rehash(row[0]):
            with self._lock:
                self._db.execute("update account set hash=? where name=?", (self._hasher.hash(password), name))
        return self._begin(name, row[1], "person", MOST_S)

    def wall_token(self, title: str) -> str:
        """Return a new token that only opens walls, for a screen nobody logs in at."""
        return self._begin(title, "wall", "wall", TOKEN_S)

    def walls(self) -> list[tuple[str, str, int]]:
        """Return the wall tokens there are: (session, title, made ms)."""
        with self._lock:
            rows = self._db.execute("select secret, name, made from session where kind='wall' order by made").fetchall()
        return [(secret, name, int(1000 * made)) for secret, name, made in rows]

    def visitor(self, secret: str) -> Visitor | None:
        """Return whose session a secret opens; nobody's where it is unknown or over."""
        return self.still(_hashed(secret)) if 20 <= len(secret) <= 100 else None

    def still(self, session: str) -> Visitor | None:
        """Return whose session it is while it lasts, and note that it was used."""
        now = self._clock()
        with self._lock:
            asked = self._db.execute("select name, role, kind, seen, ends from session where secret=?", (session,))
            row = asked.fetchone()
            if row is None:
                return None
            name, role, kind, seen, ends = row
            if now >= ends or (kind == "person" and now - seen >= IDLE_S):
                self._db.execute("delete from session where secret=?", (session,))
                return None
            if now - seen > 30.0:
                self._db.execute("update session set seen=? where secret=?", (now, session))
        return Visitor(name, role, session)

    def leave(self, session: str) -> None:
        """End a session or withdraw a wall token."""
        with self._lock:
            self._db.execute("delete from session where secret=?", (session,))

    def _begin(self, name: str, role: str, kind: str, lasts_s: float) -> str:
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._db.execute("delete from session where ends<?", (now,))
            self._db.execute(
                "insert into session values(?,?,?,?,?,?,?)",
                (_hashed(secret), name, role, kind, now, now, now + lasts_s),
            )
        return secret

    def _strong(self, name: str, password: str) -> str:
        if not LEAST_LETTERS <= len(password) <= 200 or name.lower() in password.lower() or len(set(password)) < 5:
            raise Denied("weak password")
        return self._hasher.hash(password)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
