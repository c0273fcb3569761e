"""An address where data come from or go to, taken apart: scheme, host and port. What follows is each source's own."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from lodeworks.errors import WatchError

__all__ = ["parts_of"]


def parts_of(address: str, ports: Mapping[str, int], fault: str, expected: str) -> tuple[SplitResult, str, int]:
    """Return the parts of an address, its host and its port.

    Parameters
    ----------
    address
        What was written: ``scheme://host:port/…``.
    ports
        The schemes it may have, each with its usual port; nought where there is none and one must be given. The first
        stands for an address that is a host alone.
    fault
        What to say of one that is none.
    expected
        How such an address looks.

    Raises
    ------
    WatchError
        If the scheme is another, no host is named, or the port is no number from 1 to 65535.
    """
    first = next(iter(ports))
    try:
        parts = urlsplit(address if "://" in address else f"{first}://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is none, or half of an IPv6 address
        host = port = None
    else:
        port = ports.get(parts.scheme, 0) if port is None else port
    if not host or not port:
        raise WatchError(f"{fault}; found {address!r}; expected {expected}")
    return parts, host, port
