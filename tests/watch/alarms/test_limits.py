"""Which limit holds: the chain's, one that two people agreed on, or the chain's again when that was changed."""

from __future__ import annotations

from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.alarms.limits import in_force, limit_changes
from lodeworks.watch.deeds import Deed
from tests.watch.alarms.plant import Desk, at_of, plant, rule, samples

TESTED = {"days": 30, "before": 3, "after": 9}


def live(high: float = 1.0):
    return plant(["gas"], [rule("gas", "gas", HH=1.5, H=high, deadband=0.1)])


def do(desk: Desk, second: float, kind: str, user: str, **data) -> None:
    assert desk.engine.apply(Deed(kind, "gas:H", user, "new face", data, "engineer"), at_of(second)).done


def changed(desk: Desk) -> Desk:
    do(desk, 2, "limit", "wang", value=0.8, deadband=0.05, backtest=TESTED)
    do(desk, 3, "agree", "li")
    return desk


def test_a_change_waits_and_then_holds():
    desk = Desk(live())
    assert limit_changes(desk.journal.since(0)) == {}
    do(desk, 2, "limit", "wang", value=0.8, deadband=0.05, backtest=TESTED)
    [waits] = limit_changes(desk.journal.since(0))["gas:H"]
    assert (waits.waiting, waits.value, waits.was, waits.by, waits.backtest) == (True, 0.8, 1.0, "wang", TESTED)
    assert in_force(desk.live, desk.journal.since(0)) == desk.live
    do(desk, 3, "agree", "li")
    [holds] = limit_changes(desk.journal.since(0))["gas:H"]
    assert (holds.waiting, holds.second, holds.at, holds.was) == (False, "li", at_of(3), 1.0)
    assert [(limit.level, limit.value, limit.deadband) for limit in in_force(desk.live, desk.journal.since(0)).rules[0].limits] == [("HH", 1.5, 0.1), ("H", 0.8, 0.05)]


def test_a_change_holds_after_a_restart():
    desk = changed(Desk(live()))
    engine = Engine(desk.live, desk.journal)
    engine.feed(samples(desk.live, ("gas", 5, 0.9)), at_of(5))
    assert [alarm.alarm for alarm in engine.now()] == ["gas:H"]


def test_a_limit_written_anew_in_the_chain_takes_the_place_of_a_change():
    desk = changed(Desk(live()))
    engine = Engine(live(0.95), desk.journal)
    engine.feed(samples(desk.live, ("gas", 5, 0.9)), at_of(5))
    assert engine.now() == []
    assert limit_changes(desk.journal.since(0)) == {}
    assert [row.event for row in desk.journal.of_kind("limit")] == ["asked", "changed", "by the chain"]
    Engine(live(0.95), desk.journal).tick(at_of(10))
    assert len(desk.journal.of_kind("limit")) == 3
