"""What stands together: how many of some whole projects, which needs which, and sums of capacities."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Network
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.columns import Columns

__all__ = ["capacity_sums", "choices", "needs"]


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


def capacity_sums(net: Network, cols: Columns) -> Block:
    r"""A weighed sum of capacities that stand, existing and built, keeps its limits.

    .. math:: \underline{B} \le \sum_p w_p\, (K_p + k_p) \le \overline{B}

    All of a kind; what counts as firm, for a reserve; or with weights of both signs the size of one by that of another.
    """
    rows = Rows("capacity_sums")
    sums = net.sums
    for i in range(len(sums.name)):
        own = sums.row == i
        there = float(sums.weight[own] @ net.plants.existing[sums.plant[own]])
        line = rows.add(i, float(sums.least[i]) - there, float(sums.most[i]) - there, 1)
        for plant, weight in zip(sums.plant[own], sums.weight[own], strict=True):
            if cols.built[plant] >= 0:
                rows.term(line, int(cols.built[plant]), float(weight) * cols.built_size(net, int(plant)))
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
