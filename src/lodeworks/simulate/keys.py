"""The key of each stream of random numbers, from names alone: element, purpose, seed and replication."""

from __future__ import annotations

import hashlib

__all__ = ["stream_key"]


def stream_key(seed: int, replication: int, element: str, purpose: str) -> tuple[int, int]:
    """Return the key of a stream: two whole numbers of 64 bits, from names alone."""
    text = f"{seed}\x1f{replication}\x1f{element}\x1f{purpose}".encode()
    digest = hashlib.blake2b(text, digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
