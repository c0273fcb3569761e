"""The clock of a live reading: this computer's, but for a rehearsal that is not in real time; it never runs ahead, and finds back."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeworks.network.live import Feed, Live
from lodeworks.watch.clock import HELD, WAY_MS, Clock, Rehearsed, clock_of, set_clock, settled, speed_of
from lodeworks.watch.journal import now_ms

NOW = 1_790_000_000_000
HOUR = 3_600_000


class Wall:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now

    def look(self) -> float:
        return self.now / 1000.0


@pytest.fixture
def wall() -> Wall:
    return Wall()


def clock(folder, wall: Wall) -> Clock:
    return Clock(folder / "clock.json", wall, wall.look)


def test_without_a_rehearsal_it_is_this_computers(tmp_path, wall):
    kept = clock(tmp_path, wall)
    assert (kept(), kept.speed, settled(kept)) == (NOW, 1.0, NOW)
    assert speed_of(wall) == 1.0


def test_a_rehearsal_at_sixty_times_is_kept_until_it_ends_and_then_forgotten(tmp_path, wall):
    kept = clock(tmp_path, wall)
    with set_clock(tmp_path, Rehearsed(NOW, NOW - 59 * HOUR, 60.0, NOW + HOUR)):
        assert (kept(), kept.speed) == (NOW - 59 * HOUR, 60.0)
        wall.now += 1000
        assert kept() == NOW - 59 * HOUR + 60_000
        assert settled(kept) == kept() - 59 * WAY_MS
        wall.now += HOUR - 1001
        assert wall.now - kept() < 100  # at its end both agree, so nothing jumps
        wall.now += 501
        assert (kept(), kept.speed) == (wall.now, 1.0)
        assert settled(kept) == wall.now - 59 * WAY_MS  # what was sent last is still on its way
        wall.now += WAY_MS
        assert settled(kept) == wall.now


def test_one_that_was_killed_is_over_by_its_end(tmp_path, wall):
    (tmp_path / "clock.json").write_text(json.dumps({"begun": NOW, "told": NOW, "speed": 0.5, "until": NOW + HOUR}))
    kept = clock(tmp_path, wall)
    wall.now += HOUR // 2
    assert kept() == NOW + HOUR // 4
    wall.now += HOUR // 2 + 1
    assert kept() == wall.now


def test_a_clock_is_held_until_its_rehearsal_begins(tmp_path, wall):
    kept = clock(tmp_path, wall)
    with set_clock(tmp_path, Rehearsed(NOW, NOW - 5 * HOUR, HELD, NOW + 8 * HOUR)):
        assert (kept(), kept.speed) == (NOW - 5 * HOUR, HELD)
        wall.now += 100_000
        assert kept() == NOW - 5 * HOUR
        assert settled(kept) == kept()


@given(speed=st.floats(0.01, 1e4), hours=st.floats(0.01, 100.0), parts=st.lists(st.floats(0.0, 1.5), min_size=2, max_size=8))
def test_it_never_runs_backwards_nor_ahead_while_it_lasts(speed, hours, parts):
    lasts = round(hours * HOUR / speed)
    made = Rehearsed(NOW, NOW - round(hours * HOUR * max(0.0, 1.0 - 1.0 / speed)), speed, NOW + lasts)
    walls = [NOW + round(part * lasts) for part in sorted(parts)]
    told = [moment if (own := made.at(moment)) is None else own for moment in walls]
    assert told == sorted(told)
    assert all(one <= moment for one, moment in zip(told, walls, strict=True))


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"begun": 1, "told": 1, "speed": 0, "until": 9}', '{"begun": 1, "told": 1, "speed": NaN, "until": 9}', '{"begun": "x", "told": 1, "speed": 2, "until": 9}'])
def test_what_makes_no_sense_is_told_once_and_the_computers_clock_holds(tmp_path, wall, caplog, text):
    (tmp_path / "clock.json").write_text(text)
    kept = clock(tmp_path, wall)
    for _ in range(3):
        wall.now += 1000
        assert (kept(), kept.speed) == (wall.now, 1.0)
    assert caplog.text.count("no rehearsal's clock") == 1


def test_only_a_chain_that_is_all_rehearsal_is_told_another_time(tmp_path):
    """No file may turn the clock of a real mine."""
    made = Live("works", "", "", feeds=(Feed("a", "rehearsal", "", "", ""), Feed("b", "rehearsal", "", "", "")))
    real = replace(made, feeds=(made.feeds[0], Feed("b", "mqtt", "", "", "")))
    with set_clock(tmp_path, Rehearsed(now_ms(), NOW, 60.0, now_ms() + HOUR)):
        assert clock_of(made, tmp_path).speed == 60.0
        assert clock_of(real, tmp_path).speed == 1.0
        assert abs(clock_of(real, tmp_path)() - now_ms()) < 1000
        assert clock_of(replace(made, feeds=()), tmp_path).speed == 1.0
    assert clock_of(made, tmp_path).speed == 1.0  # over with the rehearsal, however it ended
    assert os.listdir(tmp_path) == ["clock.json"]
