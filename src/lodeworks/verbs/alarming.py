"""Looking into what a live reading has written: its journal, measures of its desks, a limit tried, scales weighed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lodeworks.errors import InputError, Problem, nearest
from lodeworks.verbs.telling import PathLike
from lodeworks.verbs.watching import against_of, folder_of, target_of, watched

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain
    from lodeworks.watch.alarms.backtest import BackTest
    from lodeworks.watch.alarms.measures import Measures
    from lodeworks.watch.balance import Findings
    from lodeworks.watch.journal import Journal

__all__ = ["desk_measures", "journal_of", "scales_of", "try_limit"]

_DAY = 86_400_000


def journal_of(folder: PathLike) -> Journal:
    """Open the journal in the folder of a live reading, to be read.

    Raises
    ------
    WatchError
        If there is none, or it cannot be opened.
    """
    from lodeworks.watch.folder import WatchFolder
    from lodeworks.watch.journal import Journal

    return Journal(WatchFolder(Path(folder)).journal, read_only=True)


def desk_measures(folder: PathLike, days: float, until: int, *, simulated: bool = False) -> dict[str, Measures]:
    """Return the measures of each desk over some days up to a time (ms), or since watching began.

    See `alarms.measures`.

    Raises
    ------
    WatchError
        As `journal_of`.
    """
    from lodeworks.watch.alarms.keeping import watching_since
    from lodeworks.watch.alarms.measures import measures

    journal = journal_of(folder)
    try:
        since, began = until - round(days * _DAY), watching_since(journal)
        since = since if began is None else min(max(since, began), until - 1)
        return measures(journal.since(0), since, until, simulated=simulated)
    finally:
        journal.close()


def try_limit(
    chain: Chain | PathLike, folder: PathLike | None, alarm: str, until: int | None = None, *, days: float,
    value: float | None = None, deadband: float | None = None, plan: PathLike | None = None, history: str = "",
    sets: Sequence[str] = (), overlays: Sequence[PathLike] = (),
) -> tuple[BackTest, BackTest]:
    """Run a rule over the stored samples again: as it is, and with one limit changed (the same if none is given).

    Parameters
    ----------
    alarm
        A rule, or one of its alarms, such as ``gas:H``, whose limit is changed.
    until, days
        So many days up to a time (ms; now by the clock of the folder unless given), or since watching began.
    plan
        The run folder of the plan that is held against, for rules of deviation.

    Raises
    ------
    InputError
        If there is no such alarm, or it is held against a plan and none is given.
    RunError
        If the plan is none of this chain.
    HistoryError, WatchError
        If history or journal cannot be opened.
    """
    from lodeworks.watch.alarms.backtest import back_test
    from lodeworks.watch.alarms.channels import alarm_name
    from lodeworks.watch.alarms.keeping import watching_since
    from lodeworks.watch.alarms.limits import in_force
    from lodeworks.watch.clock import clock_of
    from lodeworks.watch.folder import WatchFolder
    from lodeworks.watch.history import open_history

    entity, live = watched(chain, sets=sets, overlays=overlays)
    where = WatchFolder(folder_of(live, folder))
    journal = journal_of(where.path)
    try:
        live, began = in_force(live, journal.of_kind("limit")), watching_since(journal)
    finally:
        journal.close()
    alarms = {alarm_name(rule.name, limit.level): (rule, limit) for rule in live.rules for limit in rule.limits}
    rule = alarms[alarm][0].name if alarm in alarms else alarm
    if rule not in {one.name for one in live.rules}:
        raise InputError(Problem("no such alarm", element=alarm, suggestion=nearest(alarm, alarms)))
    changed = None
    if value is not None or deadband is not None:
        if alarm not in alarms:
            levels = [name for name, (one, _) in alarms.items() if one.name == rule]
            raise InputError(Problem("say of which level the limit is changed", element=alarm,
                                     expected=", ".join(levels) or "an alarm that has limits"))
        limit = alarms[alarm][1]
        back = limit.deadband if deadband is None else deadband
        changed = {limit.level: (limit.value if value is None else value, back)}
    until = clock_of(live, where.path)() if until is None else until
    target = target_of(against_of(entity, live, plan)) if plan is not None else None
    store = open_history(history or where.history, [tag.name for tag in live.tags])
    try:
        run = partial(back_test, live, rule, store, until, days=days, target=target, began=began)
        now = run()
        return now, now if changed is None else run(limits=changed)
    finally:
        store.close()


def scales_of(
    chain: Chain | PathLike, folder: PathLike | None, at: str = "", *, days: int = 14, history: str = "",
    sets: Sequence[str] = (), overlays: Sequence[PathLike] = (),
) -> Findings:
    """Return which scales drift and what leaks, by the balances of the day up to a moment; see `watch.scales`.

    Parameters
    ----------
    at
        A moment such as ``2026-03-20 09:40`` in the chain's time zone; now by the folder's clock unless given.
    days
        Learn from so many days before that day.

    Raises
    ------
    InputError
        If the chain has errors, nothing of it is watched, or the moment is none.
    WatchError
        If the history cannot be opened, or too little is in it to learn from.
    """
    from lodeworks.network import compile_network
    from lodeworks.watch.clock import clock_of
    from lodeworks.watch.folder import WatchFolder
    from lodeworks.watch.history import open_history
    from lodeworks.watch.scales import bad_scales

    entity, live = watched(chain, sets=sets, overlays=overlays)
    where = WatchFolder(folder_of(live, folder))
    now = clock_of(live, where.path)() / 1000.0
    try:
        moment = dt.datetime.fromisoformat(at) if at else dt.datetime.fromtimestamp(now, ZoneInfo(live.timezone))
    except ValueError:
        raise InputError(Problem("not a time", element="at", found=at, expected="such as 2026-03-20 09:40")) from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(live.timezone))
    store = open_history(history or where.history, [tag.name for tag in live.tags])
    try:
        return bad_scales(store, compile_network(entity), live, round(moment.timestamp() * 1000), days=days)
    finally:
        store.close()
