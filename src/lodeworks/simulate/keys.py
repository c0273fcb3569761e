"""The key of each stream of random numbers, from names alone: element, purpose, seed and replication."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from lodeworks.simulate.layout import Keys

__all__ = ["stream_key", "stream_keys"]


def stream_key(seed: int, replication: int, element: str, purpose: str) -> tuple[int, int]:
    """Return the key of a stream: two whole numbers of 64 bits, from names alone."""
    first, second = stream_keys(seed, replication, [(element, purpose)])[0].tolist()
    return first, second


def stream_keys(seed: int, replication: int, streams: Iterable[tuple[str, str]]) -> Keys:
    """Return the keys of streams, each an element and a purpose, shape (streams, 2)."""
    begun = hashlib.blake2b(f"{seed}\x1f{replication}\x1f".encode(), digest_size=16)
    digests = []
    for element, purpose in streams:
        digest = begun.copy()
        digest.update(f"{element}\x1f{purpose}".encode())
        digests.append(digest.digest())
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64).reshape(-1, 2)
