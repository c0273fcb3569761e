"""A hot roller: alarm, item with its place, closed by the next round that passes without it (also after a gap of coverage)."""

from __future__ import annotations

from dataclasses import replace

from lodeworks.network.live import Action, Live, Round
from lodeworks.watch.actions import actions
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.rounds import chainage
from lodeworks.watch.samples import Quality
from tests.watch.alarms.plant import Desk, plant, rule, tag


def belt() -> Live:
    base = plant([tag("where", reads="position"), tag("roller", reads="temperature")],
                 [rule("roller_hot", "roller", H=60.0, HH=80.0, deadband=5.0), rule("lost", "roller", "stale")])
    upkeep = Action("rollers", "Change rollers", "更换托辊", "", "belt crew", "2027-01-20", "open", "", "main_belt")
    return replace(base, rounds=(Round("robot", "Robot", "机器人", "main_belt", "robot", 0.0, 500.0, 1.0, 900.0, "where", ("roller", "where")),),
                   actions=(upkeep,), place={})


def ride(desk: Desk, start: float, hot=(), batch: int = 20) -> float:
    """One round: out over 500 m and back in 500 s; `hot` are metres and temperatures."""
    rows = []
    for second in range(500):
        metres = float(2 * second if second < 250 else 1000 - 2 * second)
        warm = next((t for m, t in hot if abs(metres - m) <= 4.0), 35.0)
        rows.append([("where", start + second, metres), ("roller", start + second, warm + second % 3 / 10)])
    for first in range(0, len(rows), batch):
        held = [row for pair in rows[first:first + batch] for row in pair]
        last = max(row[1] for row in held)
        desk.feed(*((*row, Quality.GOOD, last) for row in held))
    return start + 500


def items(desk: Desk):
    tree = actions(desk.live, desk.journal.since(0), 0)
    return {one.name: (one.state, [row.note for row in one.proofs]) for top in tree for one in top.walk() if one.name != "rollers"}


def test_metres_are_written_as_on_the_belt():
    assert [chainage(m) for m in (0, 350.4, 1350, 999.6)] == ["K0+000", "K0+350", "K1+350", "K1+000"]


def test_a_hot_roller_becomes_an_item_at_its_place_and_the_next_round_closes_it():
    desk = Desk(belt())
    after = ride(desk, 10, hot=[(352.0, 85.0)])
    [made] = [row for row in desk.journal.of_kind("action") if row.event == "made"]
    assert made.data["title"] == "roller_hot too high, K0+348"  # where the alarm came about
    assert (made.data["parent"], made.data["element"], made.data["alarm"]) == ("rollers", "main_belt", "roller_hot:HH")
    assert items(desk) == {made.subject: ("open", [])}  # HH and H, out and back: one item
    ride(desk, after + 400)
    [(state, [proof])] = items(desk).values()
    assert state == "done"
    assert proof == "the next round passed K0+348 without it"


def test_a_roller_that_is_still_hot_keeps_its_item():
    desk = Desk(belt())
    after = ride(desk, 10, hot=[(352.0, 65.0)])
    after = ride(desk, after + 400, hot=[(352.0, 70.0)])
    assert [state for state, _ in items(desk).values()] == ["open"]
    assert any(row.note == "the next round found it again" for row in desk.journal.of_kind("action"))
    ride(desk, after + 400)
    assert [state for state, _ in items(desk).values()] == ["done"]


def test_a_roller_that_is_hot_for_less_than_the_alarm_waits_keeps_its_item():
    live = belt()
    desk = Desk(replace(live, rules=(replace(live.rules[0], on_delay_s=3.0), *live.rules[1:])))
    after = ride(desk, 10, hot=[(352.0, 85.0)])
    assert [state for state, _ in items(desk).values()] == ["open"]
    for _ in range(2):
        after = ride(desk, after + 400, hot=[(358.0, 35.0), (352.0, 85.0)])  # three samples of it
    assert [name for name, *_ in desk.times()].count("roller_hot") == 4  # H and HH, out and back, all of the first round
    assert [state for state, _ in items(desk).values()] == ["open"]
    ride(desk, after + 400)
    assert [state for state, _ in items(desk).values()] == ["done"]


def test_two_places_are_two_items():
    desk = Desk(belt())
    after = ride(desk, 10, hot=[(100.0, 65.0), (352.0, 70.0)])
    assert len(items(desk)) == 2
    ride(desk, after + 400, hot=[(100.0, 65.0)])
    assert sorted(state for state, _ in items(desk).values()) == ["done", "open"]


def test_what_a_round_without_coverage_sends_at_its_end_has_the_right_place():
    desk = Desk(belt())
    after = ride(desk, 10, hot=[(352.0, 85.0)], batch=500)  # all of it at once
    [made] = [row for row in desk.journal.of_kind("action") if row.event == "made"]
    assert made.data["metres"] == 348.0
    ride(desk, after + 400, batch=500)
    assert [state for state, _ in items(desk).values()] == ["done"]


def test_a_restart_between_two_rounds_loses_no_item():
    desk = Desk(belt())
    after = ride(desk, 10, hot=[(352.0, 85.0)])
    desk.engine = Engine(desk.live, desk.journal)
    ride(desk, after + 400)
    assert [state for state, _ in items(desk).values()] == ["done"]
