"""Where labels go on a picture so that they cover neither each other nor what they name."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Labels", "in_two_lines", "text_width"]


class Labels:
    """Boxes already taken, in pixels; `place` finds room for one more."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float, float]] = []

    def take(self, x: float, y: float, width: float, height: float) -> None:
        """Mark a box around a point as taken."""
        self._taken.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))

    def place(
        self, choices: Iterable[tuple[float, float]], width: float, height: float, *, anyhow: bool = False
    ) -> int | None:
        """Return which of the points has room for a box around it, and take it; None where none has.

        With `anyhow` the point that covers least is taken when none is free.
        """
        points = list(choices)
        covered = [self._covered(x, y, width, height) for x, y in points]
        best = min(range(len(points)), key=lambda i: (covered[i], i))
        if covered[best] > 0.0 and not anyhow:
            return None
        self.take(*points[best], width, height)
        return best

    def _covered(self, x: float, y: float, width: float, height: float) -> float:
        west, south, east, north = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        return sum(
            max(0.0, min(east, e) - max(west, w)) * max(0.0, min(north, n) - max(south, s))
            for w, s, e, n in self._taken
        )


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is, in pixels: Chinese letters are as wide as high."""
    longest = max(text.replace("<b>", "").replace("</b>", "").split("<br>"), key=len)
    return sum(size if ord(letter) > 0x2E80 else 0.56 * size for letter in longest) + 6.0


def in_two_lines(text: str, most: int) -> str:
    """Return a text of more letters than `most` broken at the space next to its middle; one without spaces as it is."""
    spaces = [k for k, letter in enumerate(text) if letter == " "]
    if len(text) <= most or not spaces:
        return text
    at = min(spaces, key=lambda k: abs(k - len(text) / 2))
    return f"{text[:at]}<br>{text[at + 1:]}"
