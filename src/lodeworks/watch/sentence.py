"""A sentence that a person may meet on a page, in both languages: why something is not done, what was found damaged.

What is made of numbers and names by the present is in `said`; the words of the pages themselves are the pages'.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lodeworks.errors import did_you_mean, nearest

__all__ = ["Sentence", "no_such"]


class Sentence(NamedTuple):
    """The same in English and in Chinese."""

    en: str
    zh: str


def no_such(en: str, zh: str, word: str, known: Iterable[str]) -> Sentence:
    """Say that there is none of a name, and which one may be meant; `en` and `zh` are the kind of thing it is."""
    known = list(known)
    near = nearest(word, known)
    return Sentence(f"there is no {en} {word!r}{did_you_mean(word, known)}",
                    f"没有此{zh}：{word}{f'；是否为 {near}？' if near else ''}")
