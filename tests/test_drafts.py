"""Drafts are gone afterwards, whatever came between; whoever holds the list can take them away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lodeworks import drafts


@pytest.fixture
def handle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A list of this process, as somebody else would hold it."""
    monkeypatch.setattr(drafts, "_LIST", drafts._List())
    opened = os.open(tmp_path / "list", os.O_RDWR | os.O_CREAT)
    drafts.tell_to(opened)
    yield opened
    os.close(opened)


def lines(handle: int) -> list[str]:
    return os.pread(handle, 10_000, 0).split(b"\0\0")[0].decode().split("\0")


def folder(path: Path, content: str) -> Path:
    path.mkdir()
    (path / "a").write_text(content)
    return path


@pytest.mark.parametrize("swaps", [True, False])
def test_a_folder_takes_the_place_of_another_whole(swaps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not swaps:
        monkeypatch.setattr(drafts, "exchange", lambda draft, place: False)
    place = folder(tmp_path / "run", "old")
    with drafts.drafted(place, folder=True) as draft:
        (draft / "a").write_text("new")
        drafts.in_place(draft, place)
    assert (place / "a").read_text() == "new"
    assert list(tmp_path.iterdir()) == [place]


def test_two_names_change_places_or_nothing_is_done(tmp_path: Path) -> None:
    one, two = folder(tmp_path / "一", "1"), folder(tmp_path / "two", "2")
    if drafts.exchange(one, two):
        assert ((one / "a").read_text(), (two / "a").read_text()) == ("2", "1")
        with pytest.raises(OSError, match="No such file"):
            drafts.exchange(one, tmp_path / "nothing")
    assert (one / "a").exists()


def test_the_list_tells_what_is_half_written_and_what_is_whole(handle: int, tmp_path: Path) -> None:
    with drafts.drafted(tmp_path / "run", folder=True) as draft, drafts.drafted(tmp_path / "b.nc", folder=False) as file:
        (draft / "a").write_text("half")
        assert file.suffix == ".nc"
        (tmp_path / "mine").write_text("the user's")
        drafts.clear_away(lines(handle))  # as if this process were gone
        assert {path.name for path in tmp_path.iterdir()} == {"list", "mine"}
    with drafts.drafted(tmp_path / "运行", folder=True) as draft:
        drafts.in_place(draft, tmp_path / "运行")
    drafts.end_well()
    assert lines(handle) == ["!", f"={tmp_path / '运行'}"]
    drafts.clear_away(lines(handle))
    assert (tmp_path / "运行").is_dir()


def test_what_was_put_aside_comes_back(handle: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends between two renames: the old folder is aside, and the new one not yet in its place."""
    monkeypatch.setattr(drafts, "exchange", lambda draft, place: False)
    place, rename = folder(tmp_path / "run", "old"), Path.rename
    kept: list[str] = []

    def ends(self: Path, target: Path) -> Path:
        nonlocal kept
        if Path(target) == place and not kept:
            kept = lines(handle)
            assert not place.exists()
            drafts.clear_away(kept)
            assert (place / "a").read_text() == "old"
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", ends)
    with pytest.raises(KeyboardInterrupt), drafts.drafted(place, folder=True) as draft:
        drafts.in_place(draft, place)
    assert [line[0] for line in kept] == ["~", "<", "-"]
    assert {path.name for path in tmp_path.iterdir()} == {"list", "run"}
    assert drafts.placed() == ()


def test_what_goes_into_a_draft_is_not_told_as_in_its_place(handle: int) -> None:
    with drafts.scratch() as room, drafts.drafted(room / "run", folder=True) as draft:
        drafts.in_place(draft, room / "run")
    assert drafts.placed() == ()
    assert not room.exists()
