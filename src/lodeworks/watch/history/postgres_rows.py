"""How rows travel to and from PostgreSQL, many at once and without a Python object for each.

In by binary COPY, out as arrays in the form the server sends them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.samples import Samples

__all__ = ["COPIED", "EXTREMES", "array_of", "copied"]

# Binary COPY: each row the number of its fields, each field its length, all big-endian.
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
COPIED = {"tag": ">i4", "at": ">i8", "received": ">i8", "value": ">f8", "quality": ">i2"}
"""The columns of samples."""
EXTREMES = {"tag": ">i4", "at": ">i8", "count": ">i8", "value": ">f8", "quality": ">i2"}
"""The columns of extremes: in place of when it was received, how many samples it stands for."""


def copied(samples: Samples, names: dict[str, str], counts: NDArray[np.int64] | None = None) -> bytes:
    """Return samples as a binary COPY of these columns."""
    fields = [("fields", ">i2")]
    for name, kind in names.items():
        fields += [(f"n_{name}", ">i4"), (name, kind)]
    rows = np.zeros(len(samples), np.dtype(fields))
    rows["fields"] = len(names)
    for name, kind in names.items():
        rows[f"n_{name}"] = np.dtype(kind).itemsize
        rows[name] = counts if name == "count" else getattr(samples, name)
    return _HEAD + rows.tobytes() + _END


def array_of(content: bytes | None, kind: str) -> NDArray[Any]:
    """Return the elements of a one-dimensional array as PostgreSQL sends it: five numbers, then length and element."""
    element = np.dtype([("length", ">i4"), ("element", kind)])
    if content is None or len(content) < 20:
        return np.empty(0, kind)
    found: NDArray[Any] = np.frombuffer(content, element, offset=20)["element"]
    return found
