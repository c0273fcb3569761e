"""The latest picture of each camera in the folder of a live reading: of when it is, and whether somebody drew it.

A picture is of the time its file was written, unless it was drawn: then its comment says so, with the time of the
clock it was drawn by, for a rehearsal may go faster than the clock on the wall. What is drawn has words, and so there
may be a second one beside, in a folder of its language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["EVERY_S", "Frame", "comment_of", "frame_of", "frame_path"]

EVERY_S = 2.0
"""How often a rehearsal draws, by the clock on the wall."""
_DRAWN = re.compile(rb"lodeworks drew this at (\d{1,15}) ms")
_HEAD = 4096  # a comment stands before the picture


@dataclass(frozen=True)
class Frame:
    """A picture: its file and what is in it, the time (ms) it is of, and whether it was drawn."""

    path: Path
    content: bytes
    at: int
    drawn: bool


def comment_of(at_ms: int) -> bytes:
    """Return the comment of a picture drawn at a time."""
    return f"lodeworks drew this at {at_ms} ms".encode()


def frame_path(folder: Path, camera: str, language: str = "en", ending: str = "jpg") -> Path:
    """Return where the picture of a camera stands: those with words in Chinese in a folder of their own."""
    return folder / f"{camera}.{ending}" if language != "zh" else folder / "zh" / f"{camera}.{ending}"


def frame_of(folder: Path, camera: str, language: str = "en") -> Frame | None:
    """Return the latest picture of a camera, with words in a language where there is such a one as new.

    None where there is none. `camera` is a name of the chain's.
    """
    found = [frame for one in dict.fromkeys(("en", language)) if (frame := _latest(folder, camera, one)) is not None]
    return max(reversed(found), key=lambda frame: frame.at, default=None)


def _latest(folder: Path, camera: str, language: str) -> Frame | None:
    for ending in ("jpg", "png"):
        path = frame_path(folder, camera, language, ending)
        try:
            written = path.stat().st_mtime
            content = path.read_bytes()
        except OSError:
            continue  # none of this kind
        found = _DRAWN.search(content, 0, _HEAD)
        return Frame(path, content, int(found[1]) if found else round(1000.0 * written), found is not None)
    return None
