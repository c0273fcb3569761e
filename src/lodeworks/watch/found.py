"""What an inspection round found at a place, as whoever goes there wants it: the picture of then, and pass by pass.

The picture of the camera that looks nearest is kept the moment the item is made, since a camera's own picture is soon
another; its file is named by what the item is called, told nowhere else. The rows themselves are made in `rounds`.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lodeworks.files import written_whole
from lodeworks.network.live import Camera, Live
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.frames import Frame, frame_of, frame_path
from lodeworks.watch.rounds import AWAY_M, Item

__all__ = ["SEES_M", "Passed", "Pictures", "camera_at", "passes", "picture_of"]

log = logging.getLogger("lodeworks.watch")

SEES_M = 60.0
"""So far along its belt a camera sees."""
_APART_MS = 600_000
"""What is measured at a place again after so long is another pass."""


def camera_at(live: Live, metres: float) -> Camera | None:
    """Return the camera that looks nearest to a place of a belt; none where none says that it sees it."""
    near = [camera for camera in live.cameras if abs(camera.metres - metres) <= SEES_M]  # not a number is not near
    return min(near, key=lambda camera: abs(camera.metres - metres), default=None)


class Pictures:
    """Keeps a picture of the place of each item that is made from now on.

    Parameters
    ----------
    items
        Those there are already.
    """

    def __init__(self, live: Live, folder: WatchFolder, items: Iterable[str]) -> None:
        self._live, self._folder, self._known = live, folder, set(items)

    def look(self, items: Iterable[Item]) -> None:
        """Keep the picture of whatever is new; that none can be kept is told and stops nothing."""
        for item in list(items):
            if item.name in self._known:
                continue
            self._known.add(item.name)
            camera = camera_at(self._live, item.metres)
            for language in ("en", "zh") if camera is not None else ():
                frame = frame_of(self._folder.frames, camera.name if camera else "", language)
                if frame is None or (language == "zh" and frame.path.parent == self._folder.frames):
                    continue  # none, or one without words of its own
                try:
                    with written_whole(_path(self._folder, item.name, language, frame.path.suffix[1:])) as draft:
                        draft.write_bytes(frame.content)
                        os.utime(draft, (frame.at / 1000.0, frame.at / 1000.0))  # it stays of when it was
                except OSError as error:
                    log.warning("the picture of %s cannot be kept: %s", item.name, error)


def picture_of(folder: WatchFolder, item: str, language: str) -> Frame | None:
    """Return the picture that was kept with an item, with words in a language where there is such a one."""
    return frame_of(folder.found, _name(item), language)


@dataclass(frozen=True)
class Passed:
    """One pass of a place: when (ms) the largest value was measured there, and that value."""

    at: int
    most: float


def passes(
    at: NDArray[np.int64], metres: NDArray[np.float64], value: NDArray[np.float64], place: float
) -> list[Passed]:
    """Return what each pass measured at a place, in order of time.

    Parameters
    ----------
    at, metres, value
        Values of one tag of a round in order of time, with where each was measured, shape (values,).
    place
        In metres; what is within `AWAY_M` of it counts.
    """
    here = np.flatnonzero(np.abs(metres - place) <= AWAY_M)
    groups = np.split(here, np.flatnonzero(np.diff(at[here]) > _APART_MS) + 1) if len(here) else []
    best = [group[int(np.argmax(value[group]))] for group in groups]
    return [Passed(int(at[k]), float(value[k])) for k in best]


def _name(item: str) -> str:
    return hashlib.sha256(item.encode()).hexdigest()[:24]


def _path(folder: WatchFolder, item: str, language: str, ending: str) -> Path:
    return frame_path(folder.found, _name(item), language, ending)
