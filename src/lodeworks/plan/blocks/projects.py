"""Whole projects: how many of some stand, and which needs which."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Network
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.columns import Columns

__all__ = ["choices", "needs"]


def choices(net: Network, cols: Columns) -> Block:
    r"""Of some whole projects so many stand; two that exclude one another are a choice of one at most.

    .. math:: \underline{N} \le \sum_{p \in C} n_p \le \overline{N}

    with n the number of lumps built, nought or one of a whole project.
    """
    rows = Rows("choices")
    chosen = net.choices
    for i in range(len(chosen.name)):
        line = rows.add(i, float(chosen.least[i]), float(chosen.most[i]), 1)
        for plant in chosen.plant[chosen.row == i]:
            rows.term(line, int(cols.built[plant]), 1.0)
    return rows.done()


def needs(net: Network, cols: Columns) -> Block:
    r"""A project stands only where the one it needs stands.

    .. math:: n_p - n_q \le 0
    """
    rows = Rows("needs")
    for i, (project, needed) in enumerate(net.needs):
        line = rows.add(i, -np.inf, 0.0, 1)
        rows.term(line, int(cols.built[project]), 1.0)
        rows.term(line, int(cols.built[needed]), -1.0)
    return rows.done()
