"""What a run or a refusal has to say: a line in English that carries the same in Chinese, names told in short, and
which language is spoken here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

__all__ = ["Said", "some_of", "spoken_here"]


class Said(str):
    """A line in English; `zh` is the same in Chinese."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, en: str, zh: str) -> Said:
        """Return a line in both languages."""
        line = super().__new__(cls, en)
        line.zh = zh
        return line

    def __reduce__(self) -> tuple[type[Said], tuple[str, str]]:
        """Return how it is made again, in another process."""
        return Said, (str(self), self.zh)


def some_of(names: Sequence[str], most: int) -> Said:
    """Return the first of many names, and how many more there are."""
    more = len(names) - most
    return Said(", ".join(names[:most]) + (f" and {more} more" if more > 0 else ""),
                "、".join(names[:most]) + (f"等{len(names)}项" if more > 0 else ""))


def spoken_here() -> str:
    """Return the language of the environment, as the C library finds that of messages: zh, or else en."""
    said = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if said.lower().startswith("zh") else "en"
