"""One sample for each tag and time: which of two that claim the same moment is kept.

The store's own rule, used wherever samples of two places meet: a batch with itself, hot days with closed ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.samples import Quality, Samples

__all__ = ["BETTER", "RANK", "merged"]

# A better one replaces what is kept: a value put in by a person stands above all, a calibration told afterwards marks
# what was kept as good, a rehearsal never covers a plant.
_ORDER = (Quality.BAD, Quality.SIMULATED, Quality.UNCERTAIN, Quality.GOOD, Quality.TEST, Quality.SUBSTITUTED)
RANK: NDArray[np.int8] = np.argsort(_ORDER).astype(np.int8)

# The same in SQL: the digit of a quality is its rank. A person may put in a value twice: the later one stands.
_DIGITS = "".join(str(rank) for rank in RANK)
BETTER = (
    f"substr('{_DIGITS}', excluded.quality + 1, 1) > substr('{_DIGITS}', samples.quality + 1, 1)"
    f" or (excluded.quality = {int(Quality.SUBSTITUTED)} and samples.quality = {int(Quality.SUBSTITUTED)}"
    " and excluded.received > samples.received)"
)


def merged(samples: Samples) -> Samples:
    """Return the samples in order of (tag, at), one for each: the best quality, of equals the first.

    Of two values put in by persons the one received later is kept.
    """
    if len(samples) < 2:
        return samples
    rank = RANK[samples.quality]
    # Received in the order of rows; what persons put in goes by when they did, the latest first.
    row = np.arange(len(samples), dtype=np.int64)
    turn = np.where(samples.quality == Quality.SUBSTITUTED, -samples.received, row)
    order = np.lexsort((turn, -rank, samples.at, samples.tag))
    tag, at = samples.tag[order], samples.at[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (tag[1:] != tag[:-1]) | (at[1:] != at[:-1])
    return samples.take(order[first])
