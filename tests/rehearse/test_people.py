"""People in zones: shifts, never more than allowed, a crowd, and a withdrawal until nobody is left."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.rehearse import Rehearsal
from tests.rehearse.small import rehearsal

MINUTES = np.arange(0.0, 12.0, 1.0 / 60.0)


def counts(made: Rehearsal, hours: np.ndarray = MINUTES) -> dict[str, np.ndarray]:
    return {name: made.truths.of(name)(hours) for name in ("in_face", "in_road", "in_all", "longest")}


def test_zones_never_hold_more_than_they_may_and_the_whole_is_their_sum() -> None:
    found = counts(rehearsal(hours=12.0))
    assert found["in_face"].max() <= 12
    assert found["in_face"].min() >= 1
    assert np.array_equal(found["in_all"], found["in_face"] + found["in_road"])
    assert set(found["in_all"] % 1.0) == {0.0}
    assert found["longest"].max() < 9.0


def test_at_a_change_of_shift_fewer_are_there() -> None:
    found = counts(rehearsal(hours=12.0))  # from 08:00
    change = np.abs(MINUTES - 6.0) < 0.05
    assert found["in_face"][change].mean() < 0.75 * found["in_face"][(MINUTES > 1.0) & (MINUTES < 5.0)].mean()


def test_a_withdrawal_empties_its_zones_and_only_those() -> None:
    made = rehearsal({"kind": "withdraw", "at": "30 min", "zones": ["face"], "over": "10 min", "hold": "20 min"})
    found = counts(made, np.arange(0.0, 2.0, 1.0 / 60.0))
    minutes = np.arange(0.0, 120.0)
    leaving = found["in_face"][(minutes >= 30) & (minutes <= 40)]
    assert (np.diff(leaving) <= 0.0).all()
    assert found["in_face"][(minutes >= 41) & (minutes < 60)].max() == 0.0
    assert found["in_road"][(minutes >= 41) & (minutes < 60)].min() > 0.0
    assert found["in_face"][110:].min() > 0.0


@pytest.mark.parametrize("people", [3, 9])
def test_a_crowd_is_as_many_more_as_the_script_says(people: int) -> None:
    plain, crowded = rehearsal(), rehearsal({"kind": "crowd", "at": "30 min", "zone": "face", "people": people, "over": "0 s"})
    at = np.array([0.6, 0.7])
    more = counts(crowded, at)["in_face"] - counts(plain, at)["in_face"]
    assert more.tolist() == [people, people]
    assert (counts(crowded, at)["in_all"] - counts(plain, at)["in_all"]).tolist() == [people, people]
