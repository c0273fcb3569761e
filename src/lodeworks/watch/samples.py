"""Samples: what every source yields, as columns. A sample is one value of one tag at one time, with how far it can be
trusted.

Times are whole milliseconds since 1970 in UTC. Tags are numbers: the place of the tag in `Live.tags`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["Quality", "Samples"]


class Quality(IntEnum):
    """How far a value can be trusted.

    `test` is a calibration with a known gas, `simulated` a rehearsal, `substituted` a value put in by a person.
    """

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    TEST = 3
    SIMULATED = 4
    SUBSTITUTED = 5


@dataclass(frozen=True)
class Samples:
    """Columns of equal length: tag (int32), source time and time received (int64, ms), value (float64), quality
    (uint8).

    A value that is none is NaN, with quality `BAD`.
    """

    tag: NDArray[np.int32]
    at: NDArray[np.int64]
    received: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.tag)

    @classmethod
    def of(
        cls, tag: Sequence[int], at: Sequence[int], received: Sequence[int], value: Sequence[float],
        quality: Sequence[int],
    ) -> Samples:
        """Make columns from plain lists."""
        return cls(
            np.asarray(tag, np.int32), np.asarray(at, np.int64), np.asarray(received, np.int64),
            np.asarray(value, np.float64), np.asarray(quality, np.uint8),
        )

    @classmethod
    def joined(cls, parts: Sequence[Samples]) -> Samples:
        """Put batches one after another."""
        columns = ("tag", "at", "received", "value", "quality")
        if not parts:
            return cls.of([], [], [], [], [])
        return cls(*(np.concatenate([getattr(part, column) for part in parts]) for column in columns))

    def of_tag(self, tag: int) -> Samples:
        """Return the rows of one tag, of columns in order of tag."""
        first, after = np.searchsorted(self.tag, [tag, tag + 1])
        return self.take(np.arange(first, after))

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Samples:
        """Return the rows chosen by numbers or by a mask."""
        return Samples(self.tag[which], self.at[which], self.received[which], self.value[which], self.quality[which])
