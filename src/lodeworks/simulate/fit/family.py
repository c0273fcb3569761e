"""What a family of distributions is to a fit, and what cannot be fitted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lodeworks.errors import LodeworksError

__all__ = ["TINY", "Estimate", "Family", "FitError", "Floats", "listed"]

Floats = npt.NDArray[np.float64]
# The parameters as written in a chain file, and the log-likelihood; none if the family cannot have made the values.
Estimate = tuple[tuple[float, ...], float] | None
TINY: Final = 1e-300
_SHOWN: Final = 5  # faults listed in one message


class FitError(LodeworksError, ValueError):
    """The measurements cannot be used; the message says which rows and why."""

    exit_code = 2


@dataclass(frozen=True)
class Family:
    """A family: how it is fitted by maximum likelihood, its curve, and draws from it."""

    name: str
    parameters: tuple[str, ...]
    estimate: Callable[[Floats], Estimate]  # of values in rising order
    cdf: Callable[[tuple[float, ...], Floats], Floats]
    draw: Callable[[tuple[float, ...], np.random.Generator, int], Floats]


def listed(faults: Iterable[str]) -> str:
    """Return the first faults of a list, and how many more there are."""
    faults = list(faults)
    more = len(faults) - _SHOWN
    return ", ".join(faults[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
