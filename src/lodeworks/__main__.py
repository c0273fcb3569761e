"""``python -m lodeworks``, and the command ``lodeworks``, are the command line.

It takes a moment to load, in which somebody may already press Ctrl-C: that ends it without a trace, as later on.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Load the command line and run it, in a child where that is a long job."""
    try:
        from lodeworks.guarded import STOPPED, guard

        guard()
        from lodeworks.cli import main as run
        from lodeworks.drafts import end_well

        try:
            run()
        finally:
            end_well()
    except KeyboardInterrupt:
        from lodeworks.said import spoken_here

        told = "已停止；未写出任何内容" if spoken_here() == "zh" else "stopped; nothing was written"
        print(told, file=sys.stderr, flush=True)
        os._exit(STOPPED)


if __name__ == "__main__":
    main()
