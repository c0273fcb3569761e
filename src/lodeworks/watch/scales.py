"""From history to bad scales: the last day, or days, held against good ones before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import WatchError
from lodeworks.network.arrays import Network
from lodeworks.network.live import Live
from lodeworks.watch.balance import Balance, Findings, Shows, Suspect
from lodeworks.watch.means import window_means

if TYPE_CHECKING:
    from lodeworks.watch.history import History

__all__ = ["bad_scales"]

_HOUR = 3_600_000
_ENOUGH = 3 * 24, 10  # windows to learn from: of an hour, and of more
_LONGEST_H = 24.0


def bad_scales(
    history: History, net: Network, live: Live, now: int, *, good_until: int | None = None, days: int = 14
) -> Findings:
    """Return which scales drift and what leaks, by the balances of the last day; where they close over longer, of the
    last days.

    Balances that the chain closes over some hours or a day are held over windows as long as that; what several
    lengths of window find alike is told once, as the shortest tells it.

    Parameters
    ----------
    now
        The moment (ms); whole hours before it are looked at.
    good_until
        When the days to learn from end, such as just before scales were last known to be right; as long ago as is
        looked at unless given. A scale that drifts more slowly than these days move along is learnt as it is.
    days
        How many days to learn from.

    Raises
    ------
    WatchError
        If less than three days of them are known.
    """
    lengths = _window_hours(net)
    each = [_of_windows(history, net, live, now, hours, good_until, days) for hours in lengths]
    known = [found for found in each if found is not None]
    if not known:
        raise WatchError(
            f"too little is known to judge scales by their balance: expected {_ENOUGH[0]} hours or more of the {days} "
            f"days to learn from, or {_ENOUGH[1]} windows where balances close over longer",
            f"数据太少，无法按平衡校核皮带秤：{days} 天学习时段内须有 {_ENOUGH[0]} 小时以上的数据，"
            f"平衡周期较长处须有 {_ENOUGH[1]} 个周期",
        )
    suspects: dict[tuple[str, str, str, str], Suspect] = {}
    for found in known:
        for suspect in found.suspects:
            suspects.setdefault((suspect.kind, suspect.tag, suspect.commodity, suspect.site), suspect)
    blind = tuple(name for name in known[0].blind if all(name in found.blind for found in known))
    unlearned = tuple(hours for hours, found in zip(lengths, each, strict=True) if found is None)
    shows: dict[str, Shows] = {}
    for found in known:  # of two lengths the one that tells a smaller drift, of equals the sooner
        for one in found.shows:
            shows[one.tag] = min(shows.get(one.tag, one), one, key=lambda s: s.share)
    return replace(known[0], suspects=tuple(suspects.values()), blind=blind, unlearned=unlearned,
                   shows=tuple(shows.values()))


def _window_hours(net: Network) -> list[float]:
    """Return the lengths over which balances close: an hour, and what is longer up to a day."""
    steps = {float(net.grids[g].multiple * net.hours) for g in net.balances.grid}
    return [1.0, *sorted(step for step in steps if 1.0 < step <= _LONGEST_H)]


def _of_windows(
    history: History, net: Network, live: Live, now: int, hours: float, good_until: int | None, days: int,
) -> Findings | None:
    """Return what windows of some hours say; none where too few are known to learn from."""
    balance, step = Balance(net, live, hours=hours), round(hours * _HOUR)
    last = now - now % _HOUR
    begin = last - balance.lengths[-1] * step
    end = min(begin, good_until - good_until % _HOUR) if good_until is not None else begin
    first = end - round(days * 24.0 / hours) * step
    good = window_means(history, net, live, balance.tags, np.arange(first, end + 1, step))
    there = np.isfinite(good).mean(axis=1) >= 0.5 if good.shape[1] else np.zeros(len(good), bool)
    if there.sum() < _ENOUGH[hours > 1.0]:
        return None
    balance.learn(good[there])
    return balance.look(window_means(history, net, live, balance.tags, np.arange(begin, last + 1, step)))
