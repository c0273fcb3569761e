"""A program whose columns are of sizes near one, for solvers that do not get on with what is far apart.

Sizes are powers of two, so no digit changes, and each name says its own: what is read of `cash_of_works_times_1024_3`
is 1024 times that in the chain's unit. Whole numbers and the objective stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lodeworks.network.arrays import Floats
from lodeworks.plan.naming import Named, Names
from lodeworks.plan.program import Program
from lodeworks.plan.scale import Scaling

__all__ = ["in_sizes", "sized_names", "sizes_of"]


def sizes_of(program: Program, scaling: Scaling) -> Floats:
    """Return the size of each column, shape (columns,): of the scaling the power of two that is next to it."""
    return np.where(program.integer, 1.0, _near(scaling.column))


def in_sizes(named: Named, scaling: Scaling) -> Named:
    """Return a program with its columns counted in their sizes, and its rows multiplied to fit."""
    sizes = sizes_of(named.program, scaling)
    program = Scaling(sizes, _near(scaling.row), 1.0).apply(named.program)
    return replace(named, program=program, columns=sized_names(named.columns, sizes))


def sized_names(names: Names, sizes: Floats) -> Names:
    """Return names that say what each is a multiple or a part of."""
    power = np.round(np.log2(sizes)).astype(np.int64)
    pairs, stem = np.unique(np.stack([names.stem.astype(np.int64), power]), axis=1, return_inverse=True)
    stems = [names.stems[i] + (f" times {2**k}" if k > 0 else f" over {2**-k}" if k < 0 else "")
             for i, k in pairs.T.tolist()]
    return Names(tuple(stems), stem.ravel().astype(np.int32), names.step)


def _near(values: Floats) -> Floats:
    return np.ldexp(np.ones(len(values)), np.round(np.log2(values)).astype(np.int32))
