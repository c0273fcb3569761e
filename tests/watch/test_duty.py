"""On duty beside ingest: deeds are done in order, what was not saved is judged again, nothing is seen twice."""

from __future__ import annotations

from lodeworks.watch.deeds import Answer, Deed, Deeds
from lodeworks.watch.duty import JOURNAL, on_duty
from lodeworks.watch.history import open_history
from tests.watch.alarms.plant import at_of, plant, rule, samples

LIVE = plant(["gas"], [rule("gas", "gas", H=1.0)])


def test_deeds_are_done_and_answered_when_the_clock_goes_on(tmp_path):
    duty, page = on_duty(LIVE)(tmp_path), Deeds(tmp_path / JOURNAL)
    duty.feed(samples(LIVE, ("gas", 1, 1.2)), at_of(1), 1)
    first = page.ask(Deed("acknowledge", "gas", "wang"), asked=at_of(2))
    second = page.ask(Deed("acknowledge", "gas", "li"), asked=at_of(3))
    duty.tick(at_of(4))
    assert page.answer(first) == Answer(True, "gas:H")
    assert page.answer(second) == Answer(False, "nothing of it waits to be acknowledged")
    duty.close()


def test_what_was_written_and_not_judged_before_a_stop_is_judged_after_it(tmp_path):
    history = open_history(tmp_path / "history", ["gas"])
    first = history.write(samples(LIVE, ("gas", 1, 1.2)))
    duty = on_duty(LIVE)(tmp_path)
    for sequence, batch in history.after(duty.sequence):
        duty.feed(batch, at_of(1), sequence)
    assert duty.sequence == first
    duty.feed(samples(LIVE, ("gas", 1, 1.2)), at_of(2), first)  # seen: passed over
    history.write(samples(LIVE, ("gas", 3, 0.2)))
    duty.close()
    duty = on_duty(LIVE)(tmp_path)
    for sequence, batch in history.after(duty.sequence):
        duty.feed(batch, at_of(3), sequence)
    assert [row.event for row in duty.journal.since(0)] == ["began", "announced", "ended"]
    duty.close()
    history.close()
