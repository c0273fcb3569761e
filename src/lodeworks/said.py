"""What a run or a refusal has to say: a line in English that carries the same in Chinese, and names told in short."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Said", "some_of"]


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
