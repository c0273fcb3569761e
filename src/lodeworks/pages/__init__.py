"""What a browser shows of the live reading: walls, trends and the rest, on NiceGUI.

Pages read the present, the history and the journal, and ask for deeds; they compute no results. `serve` is the way in.
"""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.errors import AwayError, InputError, Problem, WatchError
from lodeworks.network.live import Live

if TYPE_CHECKING:
    from lodeworks.network.arrays import Network
    from lodeworks.watch.against_plan import Against

__all__ = ["serve"]

_LOCAL = ("127.0.0.1", "localhost", "::1")


def serve(
    live: Live, folder: Path, *, host: str = "127.0.0.1", port: int = 8080, accounts: bool | None = None,
    certificate: Path | None = None, key: Path | None = None, secure: bool = False, history: str = "",
    against: Against | None = None, chain: Path | None = None, claims: Sequence[dict[str, str]] = (),
    network: Callable[[], Network] | None = None, outline: Sequence[Sequence[tuple[float, float]]] = (),
    asked: Sequence[str] = (),
) -> None:
    """Serve the pages of a chain until told to stop.

    Parameters
    ----------
    live
        What is watched.
    folder
        The folder the recorder writes.
    host, port
        Where to listen.
    accounts
        Whether to ask who comes in; by default on every address but localhost, and behind a proxy, through which
        others come by the name of localhost.
    certificate, key
        Files for TLS.
    secure
        A proxy before us speaks TLS with the browsers.
    history
        The address of a database, where the history is not in the folder.
    against
        What holds the present against a plan, for the command screen.
    chain
        The chain as the command line takes it, to look ahead and plan anew from.
    asked
        The chain and what was set over it, as the command line takes them, for children.
    claims
        What is claimed of the chain, recomputed, as `verbs.watching.claims_told` gives it.
    network
        Gives the chain's arrays, for the flows of an hour of the past.
    outline
        Lines (longitude, latitude) to lie under the map, as `verbs.watching.outline_of` gives them.

    Raises
    ------
    InputError
        If accounts are declined where others can come in, only one of the files for TLS is given, or they are none.
    WatchError
        If what the recorder keeps cannot be opened, nobody can listen there, or a library is missing.
    """
    logs_in = host not in _LOCAL or secure if accounts is None else accounts
    problems = []
    if not logs_in and host not in _LOCAL:
        problems.append(Problem("without accounts only localhost may be served", element="host", found=host,
                                expected=" or ".join(_LOCAL)))
    if not logs_in and secure:
        problems.append(Problem("through a proxy everybody comes by the name of localhost", element="accounts",
                                found="none", expected="accounts"))
    if (certificate is None) != (key is None):
        problems.append(Problem("TLS needs both files", element="certificate" if certificate is None else "key",
                                found="one of them", expected="certificate and key"))
    elif certificate is not None and key is not None:
        problems += _tls_problems(certificate, key)
    if problems:
        raise InputError(problems)
    try:
        import argon2  # noqa: F401
        import nicegui  # noqa: F401
    except ImportError:
        raise WatchError("the pages' libraries are not installed; expected pip install 'lodeworks[watch]'") from None
    _listens(host, port)
    from lodeworks.pages.accounts import Accounts
    from lodeworks.pages.asking import noted
    from lodeworks.pages.desk import open_desk
    from lodeworks.pages.inquiries import Inquiries
    from lodeworks.pages.server import application, run
    from lodeworks.watch.errands import Errands

    desk = open_desk(live, folder, history)
    desk.claims, desk.outline = tuple(claims), tuple(outline)
    book = Accounts(desk.folder.accounts) if logs_in else None
    tls = certificate is not None
    # "Every address of this computer" is none that a browser can open.
    told = socket.gethostname() if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = f"{'https' if tls else 'http'}://{told}:{port}/"

    def began() -> None:
        sys.stdout.write(f"{address}\n")
        if book is not None and book.empty():
            first = "/first at the proxy's address" if secure else f"{address}first"
            sys.stdout.write(f"no account yet: open {first} with the code {book.first_code()} (one hour)\n")
        sys.stdout.flush()

    held = None
    if against is not None:
        from lodeworks.pages.held import Held
        from lodeworks.watch.ahead import Ahead

        held = Held(desk, against, Ahead(chain, folder / "ahead", asked[1:]) if chain is not None else None)
    plan = against.planned.run if against is not None else ""
    inquiries = None
    if asked:
        inquiries = Inquiries(Errands(folder / "inquiries", limit_s=3600.0), asked, folder, history, plan)
    app = application(desk, book, partial(noted, desk), secure=tls or secure, held=held, network=network,
                      inquiries=inquiries)
    run(app, host, port, certificate=certificate, key=key, began=began)


def _tls_problems(certificate: Path, key: Path) -> list[Problem]:
    """Return what is wrong with the files for TLS."""
    missing = [
        Problem("there is no such file for TLS", element=name, found=str(path), expected="a file in PEM")
        for name, path in (("certificate", certificate), ("key", key)) if not path.is_file()
    ]
    if missing:
        return missing
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # what is no PEM, another key, a file that may not be read
        return [Problem("the files for TLS cannot be used", element="certificate",
                        found=f"{certificate}, {key}: {error}",
                        expected="a certificate and its own key, both in PEM, the key without a password")]
    return []


def _listens(host: str, port: int) -> None:
    """See that somebody can listen there."""
    try:
        [(family, *_, where), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AwayError(f"{host}:{port}: another program listens there; stop it, or give another --port") from None
        raise WatchError(f"{host}:{port}: nobody can listen there: {error}; expected an address of this computer"
                         " and a port that is allowed") from None
