"""What runs in the process of one solver in a race: one linear program in by standard input, one answer out.

In comes a tuple of the program, the options of `solve` and whether to tell how far it is; out go texts of how far it
is, and last an outcome or what was raised. Its input stays open while it is wanted: when that ends, because whoever
started it is gone, it ends too. See `race`.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading

from lodeworks.errors import PlanError
from lodeworks.plan.solve import solve

__all__ = ["run"]


def run() -> None:
    """Solve what comes in and say how it went."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes to standard error

    def say(thing: object) -> None:
        pickle.dump(thing, out, pickle.HIGHEST_PROTOCOL)
        out.flush()

    program, options, tells = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        say(solve(program, progress=say if tells else None, **options))
    except (MemoryError, PlanError) as error:
        say(error)


def _end_with_input() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


if __name__ == "__main__":
    run()
