"""The server as it is started: where it listens, whom it asks, and what it says on the console."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from lodeworks.errors import AwayError, InputError, WatchError
from lodeworks.pages import serve
from tests.pages import plant
from tests.pages.browser import SERVE, served
from tests.pages.conftest import GOOD, NOW

ASKED = SERVE.replace("port=int(sys.argv[2])", "port=int(sys.argv[2]), accounts=True, certificate=Path('cert.pem'), key=Path('key.pem')")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"host": "0.0.0.0", "accounts": False}, "without accounts only localhost may be served"),
        ({"secure": True, "accounts": False}, "through a proxy everybody comes by the name of localhost"),
        ({"certificate": Path("cert.pem")}, "TLS needs both files"),
        ({"certificate": Path("nope.pem"), "key": Path("nope.key")}, "certificate: there is no such file for TLS; found nope.pem(.|\n)*key: there is no"),
        ({"certificate": Path(__file__), "key": Path(__file__)}, "the files for TLS cannot be used"),
    ],
)
def test_what_would_be_unsafe_is_refused(tmp_path, options, words):
    with pytest.raises(InputError, match=words):
        serve(plant.mine(), tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_where_nobody_can_listen_is_told_before_anything_begins(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AwayError, match="another program listens there"):
            serve(plant.mine(), tmp_path, port=taken.getsockname()[1])
    with pytest.raises(WatchError, match="nobody can listen there"):
        serve(plant.mine(), tmp_path, host="192.0.2.1", port=8080)
    assert not list(tmp_path.iterdir())


def test_behind_a_proxy_one_logs_in_also_where_only_localhost_is_served(tmp_path):
    """A proxy that passes on to 127.0.0.1 may well give that as the host: who comes is not who sits here."""
    code = SERVE.replace("port=int(sys.argv[2])", "port=int(sys.argv[2]), secure=True")
    plant.recorded(tmp_path, plant.mine(), NOW).close()
    with served(tmp_path, code) as (address, told):
        assert "open /first at the proxy's address with the code" in told()
        assert httpx.get(f"{address}/zh/wall", headers={"accept": "text/html"}, timeout=60).headers["location"] == "/first"
        assert httpx.get(f"{address}/api/journal", timeout=60).status_code == 401


def test_with_tls_the_code_on_the_console_makes_the_first_admin(tmp_path):
    """From an empty folder to a page, over TLS; then the journal knows who came in."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate with")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    desk = plant.recorded(tmp_path, plant.mine(), NOW)
    with served(tmp_path, ASKED) as (address, told):
        secure = address.replace("http://", "https://")
        trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with httpx.Client(base_url=secure, verify=trust, timeout=60) as client:
            first = client.get("/zh/wall", headers={"accept": "text/html"})
            assert first.headers["location"] == "/first"
            assert "max-age" in first.headers["strict-transport-security"]
            code = re.search(r"code ([0-9a-f-]+)", told())[1]
            made = client.post("/first", headers={"origin": secure}, data={"code": code, "name": "chief", "password": GOOD})
            assert made.status_code == 303
            assert "Secure" in made.headers["set-cookie"]
            assert client.get("/zh/wall", headers={"accept": "text/html"}).status_code == 200
    assert [(d.subject, d.user) for d in desk.deeds.open()] == [("first admin", "chief")]
    desk.close()
