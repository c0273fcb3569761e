"""How a race of solvers went, in words, for the terminal and the report alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["race_text"]

_METHODS = {"simplex": ("simplex", "单纯形法"), "ipm": ("interior point", "内点法")}
_ENDS = {"won": ("won", "获胜"), "stopped": ("stopped", "已停止"), "out of memory": ("out of memory", "内存不足")}


def race_text(runners: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return who won a race and how each solver ended, in English and Chinese.

    What a machine said stays as it is; that it was a race is for whoever shows it to say.
    """
    first = sorted(runners, key=lambda runner: (runner["ended"] != "won", runner["seconds"]))
    said = [
        (*_METHODS.get(runner["method"], (runner["method"],) * 2), *_ENDS.get(runner["ended"], (runner["ended"],) * 2),
         f"{runner['seconds']:.1f}")
        for runner in first
    ]
    english = "; ".join(f"{name} {end} after {seconds} s" if end in ("won", "stopped") else
                        f"{name} lost after {seconds} s: {end}" for name, _, end, _, seconds in said)
    chinese = "；".join(f"{name} {seconds} 秒后{end}" if end in ("获胜", "已停止") else
                       f"{name} {seconds} 秒后落败：{end}" for _, name, _, end, seconds in said)
    return english, chinese
