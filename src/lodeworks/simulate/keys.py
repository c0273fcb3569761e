"""The key of each stream of random numbers, from names alone, and the numbers of a stream, for who asks from Python.

A stream belongs to an element, a purpose, a seed and a replication; its n-th number depends on these and on n alone.
What the kernel draws is in `streams`, which takes the same numbers one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from lodeworks.simulate.layout import Floats, Keys

__all__ = ["stream_key", "stream_keys", "stream_numbers"]

_GOLDEN, _MIX1, _MIX2 = (np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


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


def stream_numbers(
    seed: int, replication: int, element: str, purpose: str, count: int, first: int = 0
) -> Floats:
    """Return numbers of a stream, from the first-th on, each strictly between nought and one, shape (count,).

    Another program that draws from these, an exponential time as ``-mean * log(u)``, runs the same sample path as a
    simulation of the same chain, see docs/semantics.md.
    """
    one, other = stream_keys(seed, replication, [(element, purpose)])[0]
    n = np.arange(first, first + count, dtype=np.uint64)
    bits = _mixed(_mixed(n * _GOLDEN + one) ^ other)
    return (bits >> np.uint64(12)).astype(np.float64) * 0.5**52 + 0.5**53


def _mixed(z: Keys) -> Keys:
    """Return the finaliser of SplitMix64; what is beyond 64 bits falls away."""
    z = (z ^ (z >> np.uint64(30))) * _MIX1
    z = (z ^ (z >> np.uint64(27))) * _MIX2
    return z ^ (z >> np.uint64(31))
