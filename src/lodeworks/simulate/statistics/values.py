"""What every statistic here begins with: values and levels that can be used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "checked_level", "vector"]

Floats = npt.NDArray[np.float64]


def checked_level(level: float) -> float:
    """Return a confidence level, or say that it is none."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level lies strictly between 0 and 1, not at {level}")
    return level


def vector(values: npt.ArrayLike) -> Floats:
    """Return one finite value for each replication, or say what is wrong with them."""
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"expected one value for each, not an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    return x
