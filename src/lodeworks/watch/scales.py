"""From history to bad scales: the last day held against good days before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import WatchError
from lodeworks.network.arrays import Network
from lodeworks.network.live import Live
from lodeworks.watch.balance import LENGTHS, Balance, Findings
from lodeworks.watch.means import window_means

if TYPE_CHECKING:
    from lodeworks.watch.history import History

__all__ = ["bad_scales"]

_HOUR = 3_600_000
_ENOUGH = 3 * 24  # hours, to learn from


def bad_scales(
    history: History, net: Network, live: Live, now: int, *, good_until: int | None = None, days: int = 14
) -> Findings:
    """Return which scales drift and what leaks, by the balances of the last day.

    Parameters
    ----------
    now
        The moment (ms); whole hours before it are looked at.
    good_until
        When the days to learn from end, such as just before scales were last known to be right; a day ago unless given.
        A scale that drifts more slowly than these days move along is learnt as it is.
    days
        How many days to learn from.

    Raises
    ------
    WatchError
        If less than three days of them are known.
    """
    balance = Balance(net, live)
    last = now - now % _HOUR
    begin = last - LENGTHS[-1] * _HOUR
    end = min(begin, good_until - good_until % _HOUR) if good_until is not None else begin
    good = window_means(history, net, live, balance.tags, np.arange(end - days * 24 * _HOUR, end + 1, _HOUR))
    there = np.isfinite(good).mean(axis=1) >= 0.5 if good.shape[1] else np.zeros(len(good), bool)
    if there.sum() < _ENOUGH:
        raise WatchError(
            f"too little is known to judge scales by their balance: found {int(there.sum())} hours of the {days} days "
            f"to learn from, expected {_ENOUGH} or more"
        )
    balance.learn(good[there])
    return balance.look(window_means(history, net, live, balance.tags, np.arange(begin, last + 1, _HOUR)))
