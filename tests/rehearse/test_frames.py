"""The drawn pictures: each says so, on it and in its comment; they change with what happens; and they come at a modest rate."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from lodeworks.errors import WatchError
from lodeworks.network.live import Camera
from lodeworks.rehearse.frames import Frames, drawn
from lodeworks.rehearse.scenes import Belt, Machine, Scene, Tank
from lodeworks.watch.frames import frame_of
from tests.rehearse.small import rehearsal


def pixels(scene: Scene) -> np.ndarray:
    return np.asarray(drawn(scene, "Eye", "2026-12-01 08:00:00"), float)


def differ(one: Scene, other: Scene) -> float:
    return float(np.abs(pixels(one) - pixels(other)).mean())


BELT = Belt("belt", "Belt", 2.0, 0.5)


@pytest.mark.parametrize(("one", "other"), [
    (Scene(1.0, (BELT,)), Scene(1.0 + 3.1 / 3600.0, (BELT,))),  # it moves
    (Scene(1.0, (BELT,)), Scene(1.0, (replace(BELT, load=1.0),))),
    (Scene(1.0, (BELT,)), Scene(1.0, (replace(BELT, hot=(640.0, 80.0)),))),
    (Scene(1.0, people=2), Scene(1.0, people=3)),
    (Scene(1.0), Scene(1.0, gas=0.4)),
    (Scene(1.0), Scene(1.0, smoke=0.4)),
    (Scene(1.0, machines=(Machine("Shearer", "runs"),)), Scene(1.0, machines=(Machine("Shearer", "fault"),))),
    (Scene(1.0, tanks=(Tank("Silo", 0.2),)), Scene(1.0, tanks=(Tank("Silo", 0.9),))),
])
def test_what_happens_is_seen(one, other):
    assert differ(one, other) > 0.05


def test_a_belt_that_stands_looks_the_same_a_second_later():
    stands = replace(BELT, speed=0.0, load=0.0)
    assert differ(Scene(1.0, (stands,)), Scene(1.0 + 1.0 / 3600.0, (stands,))) == 0.0


def test_every_picture_is_labelled_as_drawn_whatever_is_on_it():
    """The stripe at the foot has the colour of what is simulated, and letters on it."""
    for scene in (Scene(1.0), Scene(1.0, (BELT, BELT), people=12, gas=1.0, smoke=1.0)):
        foot = pixels(scene)[252:266, 4:160]
        assert (foot == (93, 27, 73)).all(axis=2).mean() > 0.5
        assert (foot.min(axis=2) > 200).sum() > 50


@pytest.fixture
def made():
    found = rehearsal(hours=0.2)
    cameras = (Camera("eye", "Eye", "眼", "pit", "face", ""), Camera("own", "Own", "", "pit", "", "rtsp://camera"))
    found.live = replace(found.live, cameras=cameras, place={})
    return found


def test_cameras_without_an_address_are_drawn_whole_with_their_time_at_most_every_two_seconds(made, tmp_path):
    frames = Frames(made.live, made.truths, tmp_path, made.begin_ms)
    begin = made.begin_ms
    frames.draw(begin + 1000)
    first = frame_of(tmp_path / "frames", "eye")
    assert (first.at, first.drawn) == (begin + 1000, True)
    assert first.content[:2] == b"\xff\xd8"
    frames.draw(begin + 2000)
    assert frame_of(tmp_path / "frames", "eye").at == begin + 1000
    frames.draw(begin + 3000)
    assert frame_of(tmp_path / "frames", "eye").at == begin + 3000
    assert [path.name for path in (tmp_path / "frames").iterdir()] == ["eye.jpg"]  # no drafts, and no other's camera
    fast = Frames(made.live, made.truths, tmp_path / "fast", begin, speed=60.0)
    fast.draw(begin)
    fast.draw(begin + 60_000)
    assert frame_of(tmp_path / "fast" / "frames", "eye").at == begin


def test_what_cannot_be_drawn_or_written_is_told(made, tmp_path, monkeypatch):
    (tmp_path / "frames").write_text("a file where the folder should be")
    with pytest.raises(WatchError, match=r"eye\.jpg: the picture of a camera cannot be written"):
        Frames(made.live, made.truths, tmp_path, made.begin_ms).draw(made.begin_ms)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(WatchError, match=r"expected pip install 'lodeworks\[watch\]'"):
        Frames(made.live, made.truths, tmp_path, made.begin_ms)
    Frames(replace(made.live, cameras=made.live.cameras[1:], place={}), made.truths, tmp_path, made.begin_ms).draw(made.begin_ms)  # nothing to draw
