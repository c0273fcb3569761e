"""``python -m lodeworks``, and the command ``lodeworks``, are the command line.

It takes a moment to load, in which somebody may already press Ctrl-C: that ends it without a trace, as later on.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Load the command line and run it."""
    try:
        from lodeworks.cli import main as run
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr, flush=True)
        os._exit(130)
    run()


if __name__ == "__main__":
    main()
