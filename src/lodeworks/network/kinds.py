"""The three kinds of numpy arrays that a network is made of, and numbers that change over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Bools", "Floats", "Ints", "Varying"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Varying:
    """A number for each of n things: ``scale × series`` where `series` is a row of the network's table.

    A row number of -1 means constant.
    """

    scale: Floats
    series: Ints
