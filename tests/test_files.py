"""A file written whole takes its place when all went well; else what was there stays and no draft is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeworks.files import written_whole


def test_a_draft_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "new" / "run.TXT"
    with written_whole(place) as draft:
        assert draft.parent == place.parent
        assert draft.suffix == ".txt"
        assert not place.exists()
        draft.write_text("all of it")
    assert place.read_text() == "all of it"
    assert place.stat().st_mode & 0o777 == 0o644
    assert list(place.parent.iterdir()) == [place]


def test_what_was_there_stays_when_a_draft_fails(tmp_path: Path) -> None:
    place = tmp_path / "kept.txt"
    place.write_text("before")

    def write_half() -> None:
        with written_whole(place) as draft:
            draft.write_text("half")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        write_half()
    assert place.read_text() == "before"
    assert list(tmp_path.iterdir()) == [place]
