"""The picture of a place is kept the moment its item is made; passes of it are told one by one."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from lodeworks.network.live import Camera, Live
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.found import Passed, Pictures, camera_at, passes, picture_of
from lodeworks.watch.rounds import Item

LIVE = Live("mine", "", "", cameras=(
    Camera("head", "", "", "shaft", "", "", metres=1800.0), Camera("slope", "", "", "slope", "", "", metres=620.0),
    Camera("pumps", "", "", "bottom", "", ""),
))


def item(name: str, metres: float) -> Item:
    return Item(name, "hot", "roller", "robot", metres, 1_000)


def drawn(folder: WatchFolder, camera: str, content: bytes, at_s: float = 1_000.0) -> None:
    folder.frames.mkdir(exist_ok=True)
    path = folder.frames / f"{camera}.jpg"
    path.write_bytes(content)
    os.utime(path, (at_s, at_s))


def test_the_camera_that_looks_nearest_sees_a_place_if_any_does() -> None:
    assert [camera.name if (camera := camera_at(LIVE, m)) else "" for m in (640.0, 560.0, 559.0, 1790.0, 1200.0)] == ["slope", "slope", "", "head", ""]


def test_the_picture_of_then_is_kept_and_no_later_one_takes_its_place(tmp_path: Path) -> None:
    folder = WatchFolder(tmp_path)
    drawn(folder, "slope", b"hot")
    pictures = Pictures(LIVE, folder, ["old"])
    pictures.look([item("old", 640.0), item("roller K0+640", 640.0), item("../../far", 1200.0)])
    drawn(folder, "slope", b"mended", 2_000.0)
    pictures.look([item("old", 640.0), item("roller K0+640", 640.0)])
    kept = picture_of(folder, "roller K0+640", "zh")
    assert kept is not None
    assert (kept.content, kept.at) == (b"hot", 1_000_000)
    assert picture_of(folder, "old", "en") is None  # it was there before anybody looked
    assert picture_of(folder, "../../far", "en") is None
    assert {path.parent for path in tmp_path.rglob("*.jpg")} == {folder.frames, folder.found}


def test_a_picture_that_cannot_be_kept_stops_nothing(tmp_path: Path) -> None:
    folder = WatchFolder(tmp_path)
    drawn(folder, "slope", b"hot")
    folder.found.write_text("in the way")
    Pictures(LIVE, folder, ()).look([item("roller", 640.0)])
    assert picture_of(folder, "roller", "en") is None


def test_each_pass_of_a_place_is_told_with_its_most() -> None:
    """The robot passes K0+640 at 1 m/s, three hours later comes again from the other side, and once stands at 700 m."""
    hour = 3_600_000
    metres = np.concatenate([np.arange(500.0, 800.0), np.arange(800.0, 500.0, -1.0), np.full(60, 700.0)])
    at = np.concatenate([np.arange(300) * 1000, 3 * hour + np.arange(300) * 1000, 6 * hour + np.arange(60) * 1000])
    value = np.where(np.abs(metres - 640.0) < 1.5, 80.0 - at / hour, 32.0)
    assert passes(at, metres, value, 640.0) == [Passed(139_000, float(value[139])), Passed(3 * hour + 159_000, float(value[459]))]
    assert passes(at, metres, value, 2_000.0) == []
    assert passes(at[:0], metres[:0], value[:0], 640.0) == []
