"""The verbs of the live reading: watch, and its two halves ingest and serve."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from lodeworks.cli.app import app
from lodeworks.cli.options import ChainPath, Language, Overlays, Sets
from lodeworks.cli.telling import note, said

__all__ = ["ingest", "serve", "watch"]

Data = Annotated[
    Path | None, typer.Option("--data", help="Where history and journal are kept; watch/CHAIN here unless given.")
]
PlanRun = Annotated[
    Path | None, typer.Option("--plan", help="Hold what is measured against the plan of this run folder.")
]
Database = Annotated[
    str, typer.Option("--history", help="Keep the history in PostgreSQL: postgresql://user@host/name.")
]
Host = Annotated[str, typer.Option("--host", help="Where the pages listen; others than localhost log in.")]
Port = Annotated[int, typer.Option("--port", help="The port of the pages.", min=0, max=65535)]
LogIn = Annotated[bool, typer.Option("--accounts", help="Ask who comes in, on localhost too.")]
Certificate = Annotated[Path | None, typer.Option("--certificate", help="File of the certificate, for https.")]
Key = Annotated[Path | None, typer.Option("--key", help="File of the certificate's key.")]
Behind = Annotated[bool, typer.Option("--behind-proxy", help="A proxy before us speaks https with the browsers.")]


@app.command()
def watch(
    path: ChainPath, data: Data = None, plan_run: PlanRun = None, history: Database = "", host: Host = "127.0.0.1",
    port: Port = 8080, accounts: LogIn = False, certificate: Certificate = None, key: Key = None,
    behind_proxy: Behind = False,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="With a simulation as the plant, beside.")] = False,
    script: Annotated[
        Path | None, typer.Option("--script", help="With --rehearse: what is planted when, a YAML file.")
    ] = None,
    speed: Annotated[
        float, typer.Option("--speed", help="With --rehearse: how many times as fast as real.", min=0.01)
    ] = 1.0,
    sets: Sets = None, overlays: Overlays = None, language: Language = "en",
) -> None:
    """Watch: what is happening now, against plan, in a browser: takes in, judges and serves until Ctrl-C."""
    from lodeworks.verbs.watching import folder_of, live_of, mended
    from lodeworks.watch.together import keep_together

    if script is not None and not rehearse:
        raise typer.BadParameter("a script is that of a rehearsal: give --rehearse", param_hint="--script")
    if speed != 1.0 and not rehearse:
        raise typer.BadParameter("only a rehearsal has a speed: give --rehearse", param_hint="--speed")
    live = live_of(path, sets=sets or (), overlays=overlays or ())  # every error is told once, here
    folder = folder_of(live, data)
    changed = [*_changed(sets, overlays), *(["--language", language] if language != "en" else [])]
    same = [
        str(path), "--data", str(folder), *(["--plan", str(plan_run)] if plan_run else []),
        *(["--history", history] if history else []), *changed,
    ]
    pages = [
        "--host", host, "--port", str(port), *(["--accounts"] if accounts else []),
        *(["--certificate", str(certificate)] if certificate else []), *(["--key", str(key)] if key else []),
        *(["--behind-proxy"] if behind_proxy else []),
    ]
    own = [sys.executable, "-m", "lodeworks"]
    commands = {"ingest": [*own, "ingest", *same], "serve": [*own, "serve", *same, *pages]}
    if rehearse:
        planted = [
            *(["--script", str(script)] if script else []), *(["--plan", str(plan_run)] if plan_run else []),
            *(["--speed", f"{speed:g}"] if speed != 1.0 else []),
        ]
        commands["rehearsal"] = [*own, "rehearse", str(path), "--to", str(folder), *planted, *changed]
    for one in mended(folder):  # before anybody opens it
        note(one)
    note(said(f"watching {path}; kept in {folder}; Ctrl-C stops",
              f"正在监看 {path}；数据存于 {folder}；按 Ctrl-C 停止"))
    with _waiting(folder, speed, live.timezone):
        code = keep_together(commands, _until_stopped(), note, once=("rehearsal",), last=("rehearsal",))
    if code:
        raise typer.Exit(code)


@app.command()
def ingest(
    path: ChainPath, data: Data = None, plan_run: PlanRun = None, history: Database = "", sets: Sets = None,
    overlays: Overlays = None, language: Language = "en",
) -> None:
    """Ingest: the half of watch that takes in, keeps and judges; a service of its own where that is wanted."""
    from lodeworks import verbs
    from lodeworks.watch.together import follow_parent

    stop = _until_stopped()
    follow_parent(stop.set)
    verbs.ingest(path, data, stop, plan=plan_run, history=history, sets=sets or (), overlays=overlays or ())


@app.command()
def serve(
    path: ChainPath, data: Data = None, plan_run: PlanRun = None, history: Database = "", host: Host = "127.0.0.1",
    port: Port = 8080, accounts: LogIn = False, certificate: Certificate = None, key: Key = None,
    behind_proxy: Behind = False, sets: Sets = None, overlays: Overlays = None, language: Language = "en",
) -> None:
    """Serve: the half of watch that a browser sees."""
    from lodeworks.network import compile_network
    from lodeworks.pages import serve as serve_pages
    from lodeworks.verbs.watching import against_of, claims_told, folder_of, outline_of, watched
    from lodeworks.watch.together import follow_parent

    follow_parent(lambda: signal.raise_signal(signal.SIGTERM))
    chain, live = watched(path, sets=sets or (), overlays=overlays or ())
    serve_pages(
        live, folder_of(live, data), host=host, port=port, accounts=accounts or None,
        certificate=certificate, key=key, secure=behind_proxy, history=history,
        against=against_of(chain, live, plan_run) if plan_run else None,
        chain=path, claims=claims_told(path), outline=outline_of(chain, path),
        network=lambda: compile_network(chain), asked=[str(path), *_changed(sets, overlays)],
    )


def _changed(sets: list[str] | None, overlays: list[Path] | None) -> list[str]:
    """Return what a child is given so that it reads the chain with the same changes."""
    return [
        *(part for text in sets or () for part in ("--set", text)),
        *(part for file in overlays or () for part in ("--overlay", str(file))),
    ]


def _waiting(folder: Path, speed: float, zone: str) -> AbstractContextManager[None]:
    """Hold the folder's clock where a rehearsal that is not in real time will begin, so that all start in its time.

    Raises
    ------
    InputError
        If that is before what the folder has recorded.
    """
    if speed == 1.0:
        return nullcontext()
    from lodeworks.rehearse.verb import HOURS, begins_after
    from lodeworks.watch.clock import HELD, Rehearsed, head_start, set_clock
    from lodeworks.watch.journal import now_ms

    now, lasts = now_ms(), round(HOURS * 3_600_000)
    begins = now - head_start(lasts, speed)
    if begins < now:
        begins_after(folder, begins, speed, zone)
    return set_clock(folder, Rehearsed(now, begins, HELD, now + lasts))


def _until_stopped() -> threading.Event:
    """Return an event that Ctrl-C and the end of the session set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
