"""The present: the newest of each tag, whole whenever it is read, also from another process."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.present import NEVER, Present
from lodeworks.watch.samples import Quality, Samples

NAMES = ["gas", "belt", "pump"]


def test_nothing_is_known_at_first(tmp_path):
    now = Present.create(tmp_path / "present", NAMES).read()
    assert np.isnan(now.value).all()
    assert (now.at == NEVER).all()
    assert (now.quality == Quality.BAD).all()
    assert now.heartbeat == 0


def test_the_newest_of_each_tag_is_seen_by_whoever_opens_it(tmp_path):
    present = Present.create(tmp_path / "present", NAMES)
    present.set(Samples.of([0, 2, 0, 0], [10, 10, 30, 20], [11, 11, 31, 32], [1.0, 5.0, 3.0, 2.0], [0, 1, 0, 0]), 99)
    now = Present.open(tmp_path / "present", NAMES).read()
    assert now.value[[0, 2]].tolist() == [3.0, 5.0]
    assert now.at.tolist() == [30, NEVER, 10]
    assert now.received[0] == 31
    assert now.quality.tolist() == [0, 2, 1]
    assert now.heartbeat == 99
    assert now.whole


def test_a_late_sample_does_not_change_the_present_and_a_mark_at_the_same_time_does(tmp_path):
    present = Present.create(tmp_path / "present", NAMES)
    present.set(Samples.of([0], [30], [31], [3.0], [0]))
    present.set(Samples.of([0], [20], [50], [9.0], [0]))
    assert present.read().value[0] == 3.0
    present.set(Samples.of([0, 0], [30, 30], [60, 60], [3.0, 3.0], [0, Quality.TEST]))
    assert present.read().quality[0] == Quality.TEST


def test_a_copy_does_not_change_afterwards(tmp_path):
    present = Present.create(tmp_path / "present", NAMES)
    before = present.read()
    present.set(Samples.of([0], [30], [31], [3.0], [0]))
    assert np.isnan(before.value[0])


def test_it_is_taken_up_again_for_the_same_tags_and_made_anew_for_others(tmp_path):
    path = tmp_path / "present"
    Present.create(path, NAMES).set(Samples.of([0], [30], [31], [3.0], [0]))
    assert Present.create(path, NAMES).read().value[0] == 3.0
    with pytest.raises(WatchError, match="the chain has changed"):
        Present.open(path, ["gas", "belt", "fan"])
    assert np.isnan(Present.create(path, ["gas", "belt", "fan"]).read().value[0])
    path.write_bytes(b"garbage")
    with pytest.raises(WatchError, match="not a file of present values"):
        Present.open(path, NAMES)
    assert np.isnan(Present.create(path, NAMES).read().value[0])
    with pytest.raises(WatchError, match="no present values here"):
        Present.open(tmp_path / "none", NAMES)


def test_a_writer_that_died_in_the_middle_stops_no_reader(tmp_path):
    path = tmp_path / "present"
    Present.create(path, NAMES).set(Samples.of([0], [30], [31], [3.0], [0]))
    with path.open("r+b") as file:
        file.seek(24)
        file.write((3).to_bytes(8, "little"))
    began = time.monotonic()
    now = Present.open(path, NAMES).read()
    assert not now.whole
    assert now.value[0] == 3.0
    assert time.monotonic() - began < 1.0
    assert Present.create(path, NAMES).read().whole


def test_a_reader_never_sees_half_of_a_change(tmp_path):
    """Another process sets every tag to the same number, again and again; every copy has one number only."""
    path = tmp_path / "present"
    names = [f"tag{n}" for n in range(3000)]
    present = Present.create(path, names)
    code = (
        "import sys, numpy as np\nfrom pathlib import Path\nfrom lodeworks.watch.present import Present\n"
        "from lodeworks.watch.samples import Samples\n"
        "names = [f'tag{n}' for n in range(3000)]\npresent = Present.open(Path(sys.argv[1]), names)\n"
        "tag, zeros = np.arange(3000, dtype=np.int32), np.zeros(3000, np.uint8)\n"
        "for k in range(1, 2000):\n"
        "    at = np.full(3000, k)\n    present.set(Samples(tag, at, at, at.astype(float), zeros), k)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
    seen = set()
    while writer.poll() is None:
        now = present.read()
        if now.at[0] != NEVER:
            assert now.whole
            assert len({*now.value.tolist(), *now.at.tolist(), *now.received.tolist()}) == 1
            seen.add(int(now.at[0]))
    assert writer.returncode == 0
    assert len(seen) > 20
    assert present.read().heartbeat == 1999
