"""Watching a chain: its live reading compiled, and the process that takes in, keeps and judges put together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InputError, Problem
from lodeworks.verbs.reading import beside, checked, claims_of
from lodeworks.verbs.telling import PathLike

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain
    from lodeworks.network.live import Feed, Live
    from lodeworks.watch.against_plan import Against

__all__ = [
    "against_of", "claims_told", "folder_of", "ingest", "live_of", "mended", "outline_of", "target_of", "watched",
]


def watched(
    chain: Chain | PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = ()
) -> tuple[Chain, Live]:
    """Return a chain without errors and its live reading.

    Raises
    ------
    InputError
        With every error, or if nothing of the chain is watched.
    """
    from lodeworks.network.compile_live import compile_live

    entity = checked(chain, sets=sets, overlays=overlays)
    live = compile_live(entity)
    if not entity.tags and not entity.actions:
        raise InputError(Problem("nothing of this chain is watched", element="tags", found="none",
                                 expected="tags, which say what is measured (docs/live-data.md), or actions"))
    return entity, live if not isinstance(chain, str | Path) else replace(
        live, feeds=tuple(_in_folder(feed, beside(chain)) for feed in live.feeds))


def _in_folder(feed: Feed, folder: Path) -> Feed:
    """Return a feed whose file, if it is one, is found from wherever the reading is started."""
    if feed.kind != "replay":
        return feed
    return replace(feed, address=str(folder.absolute() / feed.address.removeprefix("file://")))


def live_of(chain: Chain | PathLike, *, sets: Sequence[str] = (), overlays: Sequence[PathLike] = ()) -> Live:
    """Return the live reading of a chain; raises as `watched`."""
    return watched(chain, sets=sets, overlays=overlays)[1]


def folder_of(live: Live, folder: PathLike | None) -> Path:
    """Return the folder of a live reading: ``watch/CHAIN`` of the current one unless another is given."""
    return Path("watch") / live.name if folder is None else Path(folder)


def mended(folder: Path) -> list[str]:
    """Put damaged files of a live reading aside before it begins, and say what was done; see `watch.repair`.

    Raises
    ------
    WatchError
        If another process takes in there, or a damaged file cannot be begun anew.
    """
    from lodeworks.watch import repair
    from lodeworks.watch.alone import only_one

    with only_one(folder):
        return repair.mended(folder)


def claims_told(path: PathLike) -> tuple[dict[str, str], ...]:
    """Return the claims beside a chain, recomputed, as plain texts: id, titles, verdict, printed, computed, notes."""
    from dataclasses import asdict

    return tuple(asdict(verdict) for verdict in claims_of(path))


def outline_of(chain: Chain, path: PathLike) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Return the lines (longitude, latitude) of the outline that lies under the map of a chain; often none.

    Raises
    ------
    InputError
        If the file cannot be read or drawn.
    """
    from lodeworks.chain.outline import read_outline

    return read_outline(chain, beside(path))


def against_of(chain: Chain, live: Live, plan: PathLike) -> Against:
    """Return what holds present values against the plan of a run folder.

    Raises
    ------
    RunError
        If the run is not a plan of this chain.
    """
    from lodeworks.network import compile_network
    from lodeworks.runs import read_run
    from lodeworks.watch.against_plan import Against
    from lodeworks.watch.planned import Planned

    network = compile_network(chain)
    return Against(network, Planned.of_run(read_run(plan), network, zone=live.timezone), live)


def ingest(
    chain: Chain | PathLike, folder: PathLike | None, stop: threading.Event, *, plan: PathLike | None = None,
    history: str = "", sets: Sequence[str] = (), overlays: Sequence[PathLike] = (),
) -> None:
    """Take in, keep and judge what is measured of a chain, until told to stop.

    Parameters
    ----------
    folder
        Where history, present and journal are, see `folder_of`; made where it is not there.
    plan
        A run folder of a plan of this chain, for alarms on deviations from it.
    history
        The address of a PostgreSQL database; a folder beside the rest unless given.

    Raises
    ------
    InputError
        If the chain has errors; all of them.
    RunError
        If the plan is none of this chain.
    WatchError
        If another process does the same on the folder, or nothing can be kept there.
    """
    from lodeworks.watch.ingest import run

    entity, live = watched(chain, sets=sets, overlays=overlays)
    target = target_of(against_of(entity, live, plan)) if plan is not None else None
    run(live, folder_of(live, folder), stop, history=history, target=target)


def target_of(against: Against) -> Callable[[Any, Any], Any]:
    """Return what the plan has for tags at times, each minute looked up once."""
    import numpy as np

    known: dict[int, Any] = {}

    def target(tags: Any, at: Any) -> Any:
        minutes = at // 60_000
        found = np.full(len(tags), np.nan)
        for minute in np.unique(minutes):
            if minute not in known:
                if len(known) > 1_000:
                    known.clear()
                known[minute] = against.planned_values(int(minute) * 60_000)
            mine = minutes == minute
            found[mine] = known[minute][tags[mine]]
        return found

    return target
