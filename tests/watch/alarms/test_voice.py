"""What is heard (A13): the more urgent sounds higher and sooner again, silence is not acknowledging, words in both languages."""

from __future__ import annotations

from lodeworks.watch.alarms.voice import MOST, REPEAT_S, SOUNDS, phrase
from lodeworks.watch.deeds import Deed
from tests.watch.alarms.plant import Desk, at_of, plant, rule


def test_an_alarm_is_said_by_its_title_its_level_and_what_was_measured():
    assert phrase("Methane too high", "HH", "1.6 %", "en") == "Methane too high, very high, 1.6 %"
    assert phrase("甲烷超限", "H", "1.25 %", "zh") == "甲烷超限，高限，1.25 %"
    assert phrase("Belt fault", "", "", "en") == "Belt fault"


def test_who_is_silenced_is_not_heard_and_still_to_be_acknowledged():
    names = [f"s{n}" for n in range(3)]
    desk = Desk(plant(names, [rule(n, n, H=1.0, priority=1 if n == "s1" else 2) for n in names]))
    desk.feed(*((n, 1 + i / 100, 1.25) for i, n in enumerate(names)))
    heard = lambda: {alarm.alarm for alarm in desk.engine.now() if alarm.sounds}  # noqa: E731
    assert heard() == {"s0:H", "s1:H", "s2:H"}
    desk.engine.apply(Deed("silence", "s1", "wang"), at_of(2))
    desk.engine.apply(Deed("acknowledge", "s0", "wang"), at_of(3))
    assert heard() == {"s2:H"}
    assert desk.conditions()["s1:H"] == "active, unacknowledged"


def test_the_more_urgent_sounds_higher_and_sooner_again():
    assert [SOUNDS[n].tones[0] for n in (1, 2, 3, 4)] == sorted((SOUNDS[n].tones[0] for n in (1, 2, 3, 4)), reverse=True)
    assert SOUNDS[1].again_s < SOUNDS[2].again_s < SOUNDS[3].again_s
    assert all(sound.each_s * len(sound.tones) < REPEAT_S for sound in SOUNDS.values())
    assert MOST >= 1
