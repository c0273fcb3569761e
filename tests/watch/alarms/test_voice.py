"""What is heard (A13): the most urgent sounds, a burst is counted, silence is not acknowledging."""

from __future__ import annotations

from lodeworks.watch.alarms.voice import SOUNDS, sounding, spoken
from lodeworks.watch.deeds import Deed
from tests.watch.alarms.plant import Desk, at_of, plant, rule


def burst(count: int) -> Desk:
    names = [f"s{n:02d}" for n in range(count)]
    desk = Desk(plant(names, [rule(n, n, H=1.0, priority=1 if n == "s05" else 2) for n in names]))
    return desk.feed(*((n, 1 + i / 100, 1.25) for i, n in enumerate(names)))


def test_a_burst_is_said_by_its_most_urgent_and_a_number():
    desk = burst(13)
    assert spoken(desk.engine.now(), desk.live, "en") == "s05 too high, high, 1.25 %. s00 too high, high, 1.25 %. s01 too high, high, 1.25 %. 10 more."
    assert spoken(desk.engine.now(), desk.live, "zh") == "s05超限，高限，1.25 %。s00超限，高限，1.25 %。s01超限，高限，1.25 %。另有10条报警。"
    assert spoken([], desk.live) == ""


def test_the_sound_is_that_of_the_most_urgent_that_nobody_silenced():
    desk = burst(6)
    assert sounding(desk.engine.now()) == SOUNDS[1]
    desk.engine.apply(Deed("silence", "s05", "wang"), at_of(2))
    assert sounding(desk.engine.now()) == SOUNDS[2]
    for n in range(5):
        desk.engine.apply(Deed("acknowledge", f"s{n:02d}", "wang"), at_of(3))
    assert sounding(desk.engine.now()) is None
    assert desk.conditions()["s05:H"] == "active, unacknowledged"  # silent, and still to be acknowledged


def test_the_more_urgent_sounds_higher_and_sooner_again():
    assert [SOUNDS[n].tones[0] for n in (1, 2, 3, 4)] == sorted((SOUNDS[n].tones[0] for n in (1, 2, 3, 4)), reverse=True)
    assert SOUNDS[1].again_s < SOUNDS[2].again_s < SOUNDS[3].again_s
