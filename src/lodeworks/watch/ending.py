"""Tasks that are no longer wanted, ended for good."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["ended"]

_GRACE_S = 3.0


async def ended(*tasks: asyncio.Future[Any], grace_s: float = _GRACE_S) -> None:
    """Cancel tasks and wait until they have ended; what they raised is not asked for.

    A task that goes on is cancelled again after `grace_s`, in which it may take its leave: up to Python 3.11 the
    `asyncio.wait_for` that libraries wait with overhears a cancellation in the moment what it waits for is done.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=grace_s)
    await asyncio.gather(*tasks, return_exceptions=True)
