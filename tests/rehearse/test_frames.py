"""The drawn pictures: each says so, on it and in its comment; they change with what happens; and they come at a modest rate."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import numpy as np
import pytest

from lodeworks.errors import WatchError
from lodeworks.network.live import Camera
from lodeworks.rehearse.frames import Frames, _font, drawn
from lodeworks.rehearse.scenes import Belt, Machine, Scene, Tank
from lodeworks.watch.frames import comment_of, frame_of, frame_path
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


WORDY = Scene(1.0, (replace(BELT, hot=(640.0, 80.0), title_zh="皮带"), Belt("b2", "Other", 0.0, 0.0, title_zh="另一条")), (Machine("Shearer", "runs", "采煤机"),), (Tank("Silo", 0.2, title_zh="煤仓"),), people=3)


@pytest.mark.skipif(_font(14, "zh") is None, reason="no font with Chinese signs is installed")
def test_every_word_in_a_picture_is_in_its_language(monkeypatch):
    """What is written is what the pen is given: no English in the Chinese picture, no Chinese in the English one."""
    from PIL.ImageDraw import ImageDraw

    said: list[str] = []
    write = ImageDraw.text
    monkeypatch.setattr(ImageDraw, "text", lambda pen, at, text, **more: (said.append(text), write(pen, at, text, **more)))
    drawn(WORDY, "Eye", "08:00", "en")
    assert [text for text in said if any("\u4e00" <= letter <= "\u9fff" for letter in text)] == []
    english = len(said)
    drawn(WORDY, "眼", "08:00", "zh")
    assert len(said) == 2 * english
    assert [text for text in said[english:] if re.search("[a-z]", text)] == []


def test_a_picture_in_the_language_is_shown_unless_a_newer_one_is_there(tmp_path):
    for language, at in (("en", 2000), ("zh", 2000)):
        path = frame_path(tmp_path, "eye", language)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(comment_of(at))
    assert [frame_of(tmp_path, "eye", language).path.parent.name for language in ("en", "zh")] == [tmp_path.name, "zh"]
    frame_path(tmp_path, "eye").write_bytes(comment_of(3000))
    assert frame_of(tmp_path, "eye", "zh").at == 3000
    assert frame_of(tmp_path, "other", "zh") is None


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
    drawn_of = {path.relative_to(tmp_path / "frames").as_posix() for path in (tmp_path / "frames").rglob("*.*")}
    assert drawn_of - {"zh/eye.jpg"} == {"eye.jpg"}  # no drafts, and no other's camera
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
