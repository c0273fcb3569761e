"""Power cuts and worse: whatever the files are afterwards, the reading begins, keeps what can be read, and says what is gone."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal, Row, now_ms
from lodeworks.watch.repair import mended
from lodeworks.watch.samples import Samples
from lodeworks.watch.sources.spool import drop
from lodeworks.watch.witness import head_of
from tests.watch import plant

ROOT = Path(__file__).parents[2]
T0 = now_ms() // 86_400_000 * 86_400_000 - 86_400_000


def row(number: int) -> Row:
    return Row(1000 + number, "alarm", f"gas{number % 7}", "began", value=number / 7, note=f"note {number:06d} " + "x" * 60, key=f"k{number}")


def batch(first: int, count: int = 1) -> Samples:
    """So many values of two tags, each the other's negative."""
    numbers = np.arange(first, first + count).repeat(2)
    at, value = T0 + numbers * 1000, numbers * np.tile([1.0, -1.0], count)
    return Samples(np.tile(np.array([0, 1], np.int32), count), at, at + 50, value, np.zeros(2 * count, np.uint8))


def written(folder: Path, count: int, names: tuple[str, ...] = ("gas", "belt")) -> None:
    """Write a journal of so many rows and a history of as many batches, the first half of them moved on into their day."""
    journal, history = Journal(folder / "journal.sqlite"), open_history(folder / "history", names)
    for start in range(0, count, 40):
        history.write(batch(start, 40))
        if start == count // 2:
            history.fold(T0)
    journal.append([row(number) for number in range(count)])
    journal.close()
    history.close()


def begun(folder: Path) -> tuple[list[str], list[str], list[float]]:
    """Begin again: what was told, what the journal's check says, the values there are; and go on writing."""
    told = mended(folder)
    journal, history = Journal(folder / "journal.sqlite"), open_history(folder / "history", ["gas", "belt"])
    faults = [fault.message for fault in journal.verify()]
    last = journal.last()
    journal.append([Row(1, "note", "x", "noted")])
    assert journal.last() == last + 1
    history.go_on_after(10**6)
    assert history.write(batch(999_999)) > 10**6
    history.fold(T0)
    values = history.read([0], 0, 2**60)[0].value.tolist()
    assert min(values) >= 0.0 >= history.read([1], 0, 2**60)[0].value.max()  # no tag is taken for another
    journal.close()
    history.close()
    assert values.pop() == 999_999.0
    assert mended(folder) == []
    return told, faults, values


def notes(folder: Path) -> list[str]:
    journal = Journal(folder / "journal.sqlite", read_only=True)
    damaged = [one for one in journal.of_kind("note") if one.event == "damaged"]
    found = [one.note for one in damaged]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in one.said("zh")) for one in damaged)
    journal.close()
    return found


def test_what_is_whole_is_left_alone(tmp_path):
    assert mended(tmp_path) == []
    written(tmp_path, 120)
    before = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert mended(tmp_path) == []
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == before
    assert begun(tmp_path) == ([], [], [float(number) for number in range(120)])


FILES = ("journal.sqlite", "history/log.sqlite", "history/hot")


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("how", ["page", "beginning", "cut", "empty", "rubbish"])
def test_a_damaged_file_is_put_aside_and_the_reading_begins_and_says_so(tmp_path, what, how):
    written(tmp_path, 400)
    path = next((tmp_path / what).glob("*.sqlite")) if (tmp_path / what).is_dir() else tmp_path / what
    content = path.read_bytes()
    middle = len(content) // 8192 * 4096
    damaged = {
        "page": content[:middle] + b"\xa5" * 4096 + content[middle + 4096:], "beginning": b"\x00" * 4096 + content[4096:], "cut": content[:middle + 100],
        "empty": b"", "rubbish": random.Random(1).randbytes(len(content)),
    }[how]
    path.write_bytes(damaged)
    if path.parent.name == "hot" and how == "page":
        path.with_name(path.name + "-wal").write_bytes(b"a write was broken off")
    told, faults, values = begun(tmp_path)
    if path.name == "log.sqlite":
        assert set(values) >= {float(number) for number in range(200)}  # those moved on are in their day
        assert faults == []
    elif path.name == "journal.sqlite":
        assert values == [float(number) for number in range(400)]
        assert faults or any("gone" in one for one in told)
        assert notes(tmp_path) == told
    else:
        assert set(values) >= {float(number) for number in range(240, 400)}  # those in the log
        assert faults == []
    if how != "empty":
        assert any(path.name in one and "damaged" in one for one in told)
        assert next(path.parent.glob(f"{path.name}.damaged-*")).read_bytes()[:100] == damaged[:100]
        assert notes(tmp_path)[: len(told)] == told


def test_of_a_journal_with_a_page_of_rubbish_the_rows_on_both_sides_stay_and_the_others_are_named(tmp_path):
    written(tmp_path, 400)
    path = tmp_path / "journal.sqlite"
    content = path.read_bytes()
    page = content.index(b"note 000200") // 4096 * 4096
    path.write_bytes(content[:page] + b"\xff" * 4096 + content[page + 4096:])
    mended(tmp_path)
    journal = Journal(path)
    numbers = [one.number for one in journal.since(0) if one.kind == "alarm"]
    assert {1, 2, 3, 398, 399, 400} <= set(numbers)
    assert len(numbers) > 350
    gone = sorted(set(range(1, 401)) - set(numbers))
    assert f"rows {gone[0]} to {gone[-1]} are missing" in [fault.message for fault in journal.verify()]
    journal.close()


def test_a_journal_that_was_set_back_says_which_rows_are_gone_and_keeps_saying_so(tmp_path):
    written(tmp_path, 40)
    shutil.copy(tmp_path / "journal.sqlite", tmp_path / "old")
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([row(number) for number in range(40, 60)])
    journal.close()
    assert head_of(tmp_path / "journal.sqlite").read_text().startswith("0" * 18 + "60 ")
    shutil.copy(tmp_path / "old", tmp_path / "journal.sqlite")
    journal = Journal(tmp_path / "journal.sqlite", read_only=True)
    assert [(fault.number, fault.message) for fault in journal.verify()] == [
        (41, "rows 41 to 60 were written once and are gone from the end: the file was set back")
    ]
    journal.close()
    assert mended(tmp_path) == ["rows 41 to 60 of the journal were written once and are gone"]
    assert notes(tmp_path) == ["rows 41 to 60 of the journal were written once and are gone"]
    assert mended(tmp_path) == []


def test_alarms_go_on_with_a_history_that_lost_its_end(tmp_path, caplog):
    """The engine passes over batches it has seen, by their numbers: numbers given out again would make it blind."""
    from dataclasses import replace

    from lodeworks.network.live import AlarmRule, Limit

    rule = AlarmRule("gas", "gas", "瓦斯", "t0", "limit", 1, "gas", "fire", "withdraw", 300.0, limits=(Limit("H", "high", 1.0),))
    chain = replace(plant.live("rehearsal", "", 1), rules=(rule,))

    def events():
        journal = Journal(tmp_path / "journal.sqlite", read_only=True)
        rows = [one.event for one in journal.of_kind("alarm")]
        journal.close()
        return rows

    def send(value: float) -> None:
        drop(tmp_path / "incoming" / "plant", json.dumps({"time": now_ms(), "values": {"t0": value}}).encode())

    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        for value in (1.5, 0.5, 1.5, 0.5):
            seen = len(events())
            send(value)
            plant.until(lambda seen=seen: len(events()) > seen)
    began = events().count("began")
    shutil.rmtree(tmp_path / "history")
    with plant.running(chain, tmp_path):
        send(1.5)
        plant.until(lambda: events().count("began") == began + 1)
    assert "it lost" in caplog.text


WRITER = (
    "import sys\nfrom pathlib import Path\nfrom tests.watch.test_repair import batch, row\n"
    "from lodeworks.watch.history import open_history\nfrom lodeworks.watch.journal import Journal\n"
    "folder = Path(sys.argv[1])\njournal, history = Journal(folder / 'journal.sqlite'), open_history(folder / 'history', ['gas', 'belt'])\n"
    "number = 0\n"
    "while True:\n"
    "    history.write(batch(number))\n    journal.append([row(number)])\n    print(number, flush=True)\n    number += 1\n"
    "    if number % 40 == 0:\n        history.fold(1)\n        history.trim(number - 20)\n"
)


@contextmanager
def writing(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes and says each number when it is kept."""
    paths = [str(ROOT / "src"), str(ROOT)]
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_of_a_large_journal_a_start_looks_at_the_end_and_the_running_reading_at_the_whole(tmp_path, monkeypatch):
    """What is found then ends the process; the next start looks at everything, mends it and says so."""
    from lodeworks.errors import DamagedError
    from lodeworks.watch import ingest, repair

    monkeypatch.setattr(repair, "_SMALL", 0)
    monkeypatch.setattr(repair, "_LAST_ROWS", 20)
    monkeypatch.setattr(ingest, "_LOOK_THROUGH_S", (0.05, 60.0))
    written(tmp_path, 400)
    path = tmp_path / "journal.sqlite"
    content = path.read_bytes()
    page = content.index(b"note 000100") // 4096 * 4096
    assert repair.damage(tmp_path) == ""
    path.write_bytes(content[:page] + b"\xff" * 4096 + content[page + 4096:])
    assert mended(tmp_path) == []
    stop = threading.Event()
    with pytest.raises(DamagedError, match=r"journal\.sqlite is damaged"):
        ingest.run(plant.live("rehearsal", "", 1), tmp_path, stop, judge=lambda _: None)
    [told] = mended(tmp_path)
    assert "were carried over" in told
    assert repair.damage(tmp_path) == ""
    assert mended(tmp_path) == []
    tail = path.read_bytes()
    page = tail.index(b"note 000399") // 4096 * 4096  # at its end it is found by the start itself
    path.write_bytes(tail[:page] + b"\xff" * 4096 + tail[page + 4096:])
    assert "were carried over" in mended(tmp_path)[0]


@pytest.mark.parametrize("what", ["journal.sqlite", "history/log.sqlite"])
def test_damage_met_in_writing_ends_the_process_and_the_next_start_mends_it(tmp_path, what):
    from lodeworks.errors import DamagedError

    chain = plant.live("rehearsal", "", 1)
    fallen: list[BaseException] = []

    def going() -> None:
        from lodeworks.watch import ingest

        try:
            ingest.run(chain, tmp_path, threading.Event())
        except DamagedError as error:
            fallen.append(error)

    going_on = threading.Thread(target=going, daemon=True)
    going_on.start()
    plant.until(lambda: plant.listens(tmp_path))
    with sqlite3.connect(tmp_path / what, timeout=10) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    with (tmp_path / what).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (max(4096, (tmp_path / what).stat().st_size - 4096)))
    number = 0
    while going_on.is_alive():
        number += 1
        drop(tmp_path / "incoming" / "plant", json.dumps({"time": now_ms(), "values": {"t0": 1.0 + number}}).encode())
        assert number < 200
        time.sleep(0.05)
    assert fallen
    assert mended(tmp_path)
    assert mended(tmp_path) == []


def test_copies_made_while_it_is_written_begin_whatever_they_caught(tmp_path):
    """File by file, each at another moment, some without what follows them, some torn: no copy keeps the reading from beginning."""
    draw = random.Random(4)
    source = tmp_path / "source"
    copies = []
    with writing(source) as process:
        for _ in range(45):
            process.stdout.readline()
        for number in range(4):
            copy = tmp_path / f"copy{number}"
            for path in sorted(source.rglob("*"), key=lambda _: draw.random()):
                kind = draw.choice(["whole", "whole", "torn", "without"]) if path.name.endswith("-wal") else "whole"
                if not path.is_file() or kind == "without" or path.name.endswith("-shm"):
                    continue
                time.sleep(draw.uniform(0.0, 0.01))
                content = path.read_bytes()
                place = copy / path.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content[: draw.randrange(len(content) + 1)] if kind == "torn" else content)
            copies.append(copy)
    for copy in copies:
        told, faults, values = begun(copy)
        assert values == sorted(set(values))
        if faults:  # nothing is gone without a word
            assert told


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount the file system this cuts the power of")
def test_a_power_cut_keeps_all_that_was_said_to_be_kept(tmp_path):
    """The file system's own image is copied while it is written: what was not yet forced to the disk is not in it, as after a cut."""
    draw = random.Random(2)
    image, there = tmp_path / "disk", tmp_path / "there"
    there.mkdir()
    with image.open("wb") as file:
        file.truncate(48_000_000)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, there], check=True)
    cuts: list[tuple[Path, int]] = []
    try:
        with writing(there) as process:
            kept = -1
            for number in range(3):
                for _ in range(draw.randrange(20, 50)):
                    kept = int(process.stdout.readline())
                cuts.append((tmp_path / f"cut{number}", kept))
                shutil.copyfile(image, cuts[-1][0])
    finally:
        subprocess.run(["umount", there], check=True)
    for cut, kept in cuts:
        subprocess.run(["mount", "-o", "loop", cut, there], check=True)  # which replays its own journal, as after a cut
        try:
            journal = Journal(there / "journal.sqlite") if mended(there) == [] else None
            assert journal is not None
            assert journal.verify() == []
            assert [one.at - 1000 for one in journal.since(0)][: kept + 1] == list(range(kept + 1))
            journal.close()
            _, faults, values = begun(there)
            assert faults == []
            assert values[: kept + 1] == [float(number) for number in range(kept + 1)]
        finally:
            subprocess.run(["umount", there], check=True)


def test_a_file_that_is_locked_or_a_disk_that_is_full_is_no_damage(tmp_path):
    written(tmp_path, 10)
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        from lodeworks.watch.repair import _fault

        assert _fault(tmp_path / "journal.sqlite", "integrity_check") == ""
    finally:
        other.close()
