"""Bad guests at the real server: odd paths, forged tokens, other sites, guessers, and names that are script."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing, contextmanager

import pytest

from lodeworks.pages.accounts import Accounts
from lodeworks.pages.frame import PAGES
from lodeworks.pages.guard import COOKIE
from lodeworks.watch.deeds import Deed
from tests.pages import plant
from tests.pages.browser import SERVE, count, drawn, fill, press, read, serious, serving, text, until
from tests.pages.conftest import GOOD, NOW

ASKED = SERVE.replace("port=int(sys.argv[2])", "port=int(sys.argv[2]), accounts=True")
BAD = "<img src=x onerror=\"window.broken=1\"><script>window.broken=1</script>{{constructor.constructor('window.broken=1')()}}"


@contextmanager
def settled(folder):
    """A server with two accounts, over a folder with a secret beside it: (host, port, a session of an account)."""
    plant.recorded(folder, plant.mine(), NOW).close()
    (folder.parent / "secret.txt").write_text("the secret of the house")
    with closing(Accounts(folder / "accounts.sqlite")) as accounts:
        accounts.add("li", "dispatcher", GOOD)
        accounts.add("chief", "admin", GOOD)
        session = accounts.come_in("li", GOOD)
    with serving(folder, ASKED) as address:
        yield "localhost", int(address.rpartition(":")[2]), session


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One for all guests who leave the door as it was."""
    with settled(tmp_path_factory.mktemp("house") / "data") as one:
        yield one


def said(house, request: str) -> bytes:
    """Send a request letter by letter, as no client would, and return the answer."""
    host, port, _ = house
    with socket.create_connection((host, port), timeout=10) as line:
        line.sendall(request.encode())
        answer = b""
        while part := line.recv(65_536):
            answer += part
        return answer


def get(house, path: str, *headers: str) -> bytes:
    return said(house, "\r\n".join([f"GET {path} HTTP/1.1", f"Host: localhost:{house[1]}", "Connection: close", *headers, "", ""]))


def mine(house) -> str:
    return f"Cookie: {COOKIE}={house[2]}"


@pytest.mark.parametrize("path", [
    "/static/../../../secret.txt", "/static/..%2f..%2f..%2fsecret.txt", "/static/%2e%2e/%2e%2e/secret.txt", "/static/....//....//secret.txt", "/static/..\\..\\secret.txt",
    "/api/camera/..%2f..%2fsecret.txt", "/api/camera/%2e%2e%2fsecret.txt%00.jpg", "/api/incident/..%2f..%2fsecret.txt/report", "/api/screen/..%2faccounts.sqlite",
    "/_nicegui/3.18.0/resources/x/..%2f..%2f..%2f..%2fsecret.txt", "//secret.txt", "/static//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/static/%ff%fe", "/zh/wall/../../secret.txt",
    "/static/" + "a" * 5_000, "/api/series?tags=" + "x," * 3_000,
])
def test_no_path_leads_out_of_the_house(house, path):
    answer = get(house, path, mine(house))
    assert answer.split()[1] in (b"303", b"400", b"403", b"404", b"414", b"422"), answer[:200]
    assert b"secret of the house" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=", f"{COOKIE}={'0' * 64}", f"{COOKIE}=../../accounts.sqlite", f"{COOKIE}=' or 1=1 --", f"{COOKIE}=%00", f"{COOKIE}={'x' * 8_000}"])
def test_a_forged_session_opens_nothing(house, cookie):
    for path in ("/api/journal?language=en", "/api/screen/overview", "/api/incidents?language=en", "/api/journal.xlsx"):
        assert get(house, path, f"Cookie: {cookie}").split()[1] in (b"401", b"400", b"431")
    assert b"/login" in get(house, "/en/wall", "Accept: text/html", f"Cookie: {cookie}")


def upgrade(house, *headers: str) -> bytes:
    host, port, _ = house
    request = ["GET /api/live?screen=overview HTTP/1.1", f"Host: localhost:{port}", "Upgrade: websocket", "Connection: Upgrade",
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", *headers, "", ""]
    with socket.create_connection((host, port), timeout=10) as line:
        line.sendall("\r\n".join(request).encode())
        return line.recv(4096)


def test_a_websocket_of_another_site_is_not_opened_whatever_it_carries(house):
    for origin in ("https://evil.example", "null", f"http://localhost:{house[1]}.evil.example", f"http://evil.example:{house[1]}"):
        assert upgrade(house, mine(house), f"Origin: {origin}").startswith(b"HTTP/1.1 403"), origin
    assert upgrade(house, mine(house), f"Origin: http://localhost:{house[1]}").startswith(b"HTTP/1.1 101")


def test_a_form_of_another_site_changes_nothing(house):
    body = "name=li&password=" + GOOD.replace(" ", "+")
    for origin in ("Origin: https://evil.example", "X-None: 1"):
        answer = said(house, "\r\n".join([
            "POST /login HTTP/1.1", f"Host: localhost:{house[1]}", "Connection: close", origin, "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", body,
        ]))
        assert answer.startswith(b"HTTP/1.1 403")
        assert b"set-cookie" not in answer.lower()


def test_half_a_request_and_rubbish_take_the_server_from_nobody(house):
    lines = []
    for rubbish in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 100_000, b"\x00" * 4096, b"GET /zh/wall HT"):
        line = socket.create_connection(house[:2], timeout=10)
        line.sendall(rubbish)
        lines.append(line)
    assert get(house, "/login").startswith(b"HTTP/1.1 200")
    for line in lines:
        line.close()


def test_who_guesses_passwords_waits_longer_and_longer(tmp_path):
    body = "name=nobody&password=guess"
    with settled(tmp_path / "data") as house:  # where nobody else comes in: whoever calls from there waits too
        request = "\r\n".join([
            "POST /login HTTP/1.1", f"Host: localhost:{house[1]}", "Connection: close", f"Origin: http://localhost:{house[1]}",
            "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", body,
        ])
        told = [said(house, request).split()[1] for _ in range(8)]
    assert told[:5] == [b"401"] * 5
    assert told[5:] == [b"429"] * 3


def test_axe_finds_nothing_serious_at_the_door_and_where_accounts_are_kept(house, window):
    driver, address = window(1440, 900), f"http://localhost:{house[1]}"
    driver.get(f"{address}/login")
    assert serious(driver) == []
    fill(driver, "[name=name]", "chief")
    fill(driver, "[name=password]", GOOD)
    press(driver, "form button")
    until(lambda: driver.current_url.endswith("/wall"))
    driver.get(f"{address}/zh/accounts")
    drawn(driver)
    assert "chief" in text(driver, "main")
    assert serious(driver) == []


HOSTILE = (
    "import sys, json; from pathlib import Path; from dataclasses import replace; from lodeworks.pages import serve; from lodeworks.network.live import Incident, Step; from tests.pages import plant\n"
    f"bad = {BAD!r}\n"
    "def hostile(things): return tuple(replace(one, title_en=bad, title_zh=bad) for one in things)\n"
    "live = plant.mine()\n"
    "gas = Incident('gas', bad, bad, ('gas_t0',), (('leader', bad, bad),), (Step('call', bad, bad, 'leader', 60.0), Step('out', bad, bad, 'leader', 300.0, 'zone_face')), ('zone_face',), ((bad, bad),))\n"
    "live = replace(live, title_en=bad, title_zh=bad, place={}, incidents=(gas,), **{name: hostile(getattr(live, name)) for name in ('feeds', 'zones', 'roadways', 'cameras', 'sites', 'routes')},\n"
    "  tags=tuple(replace(one, title_en=bad, title_zh=bad, unit=bad if one.unit else '') for one in live.tags),\n"
    "  rules=tuple(replace(one, title_en=bad, title_zh=bad, cause=bad, consequence=bad, response=bad, cause_zh=bad, response_zh=bad) for one in live.rules))\n"
)


@contextmanager
def hostile(folder):
    """A chain whose every word is script, with an alarm, an incident and notes that are script too."""
    scope: dict = {}
    exec(HOSTILE, scope)
    now = time.time_ns() // 1_000_000
    recorder = plant.Recorder(folder, scope["live"], now - 1000)
    recorder.tick({"face_gas_t0": 1.3, "people_face": 4.0}, now=now)
    recorder.deeds.ask(Deed("acknowledge", "gas_t0:H", BAD, BAD))
    recorder.deeds.ask(Deed("note", BAD, BAD, BAD))
    recorder.tick({"face_gas_t0": 1.3, "people_face": 4.0}, now=now + 500)
    recorder.close()
    with serving(folder, HOSTILE + "serve(live, Path(sys.argv[1]), port=int(sys.argv[2]))") as address:
        yield address


def test_script_in_any_name_or_note_is_text_on_every_page(window, tmp_path):
    with hostile(tmp_path) as address:
        driver = window(1440, 900)
        seen = 0
        for page in PAGES:
            driver.get(f"{address}/en/{page}" + ("?tags=0" if page == "trends" else ""))
            drawn(driver)
            assert read(driver, "return window.broken") is None, page
            assert not count(driver, "img[src=x]"), page
            seen += "<img src=x" in text(driver, "main")
        assert seen >= 5  # it is there, as text
        driver.get(f"{address}/api/incidents?language=en")
        report = json.loads(text(driver, "pre"))["incidents"][0]["name"]
        driver.get(f"{address}/api/incident/{report}/report?language=en")
        assert read(driver, "return window.broken") is None
        assert not count(driver, "img[src=x]")
