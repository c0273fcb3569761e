"""Tags by their numbers: places in a chain on one side, a store's own numbers, which outlive it, on the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.samples import Quality, Samples

__all__ = ["Numbering"]


class Numbering:
    """The store's number of each tag of a chain, in the chain's order: `of`."""

    def __init__(self, numbers: NDArray[np.int32]) -> None:
        self.of = numbers
        self._place = np.full(int(numbers.max(initial=0)) + 1, -1, np.int32)
        self._place[numbers] = np.arange(len(numbers), dtype=np.int32)

    def stored(self, samples: Samples) -> Samples:
        """Return samples as they are kept: with the store's numbers, and a value that is none as bad."""
        quality = np.where(np.isnan(samples.value), np.uint8(Quality.BAD), samples.quality)
        return Samples(self.of[samples.tag], samples.at, samples.received, samples.value, quality)

    def known(self, stored: Samples) -> Samples:
        """Return samples with places instead of the store's numbers, without tags this chain does not have."""
        inside = stored.tag < len(self._place)
        place = np.where(inside, self._place[np.minimum(stored.tag, len(self._place) - 1)], -1).astype(np.int32)
        found = Samples(place, stored.at, stored.received, stored.value, stored.quality)
        return found if (place >= 0).all() else found.take(place >= 0)
