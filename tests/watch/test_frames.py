"""The latest picture of a camera: of when it is, and whether it was drawn."""

from __future__ import annotations

import os

from lodeworks.watch.frames import comment_of, frame_of


def test_a_picture_is_of_the_time_it_was_written(tmp_path):
    (tmp_path / "eye.png").write_bytes(b"a picture")
    os.utime(tmp_path / "eye.png", (1_000.0, 1_234.5))
    found = frame_of(tmp_path, "eye")
    assert (found.path.name, found.content, found.at, found.drawn) == ("eye.png", b"a picture", 1_234_500, False)


def test_a_drawn_one_is_of_the_time_in_its_comment(tmp_path):
    (tmp_path / "eye.jpg").write_bytes(b"\xff\xd8\xff\xfe\x00\x22" + comment_of(1_790_000_000_123) + b"\xff\xd9")
    found = frame_of(tmp_path, "eye")
    assert (found.at, found.drawn) == (1_790_000_000_123, True)


def test_words_deep_inside_a_picture_are_no_comment(tmp_path):
    (tmp_path / "eye.jpg").write_bytes(b"\xff" * 5000 + comment_of(5))
    assert not frame_of(tmp_path, "eye").drawn


def test_there_may_be_none(tmp_path):
    assert frame_of(tmp_path, "eye") is None
    assert frame_of(tmp_path / "frames", "eye") is None
