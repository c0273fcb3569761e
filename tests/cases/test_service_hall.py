"""The service hall: the same people come on both days, and checking first shortens every visit."""

from __future__ import annotations

import pytest

from lodeworks.verbs import check, plan, simulate

CASE = "cases/service-hall"
BEFORE = "cases/service-hall/variants/before.yaml"


@pytest.fixture(scope="module")
def days():
    return simulate(CASE, replications=20), simulate(BEFORE, replications=20)


def test_the_case_has_no_fault():
    assert check(CASE) == []
    assert check(BEFORE) == []


def test_some_nine_hundred_people_come(days):
    for day in days:
        served = day.mean("done@hall", "in") + day.mean("told@hall", "in")
        assert served * 24.0 == pytest.approx(900.0, rel=0.03)


def test_both_days_meet_the_same_people(days):
    after, before = days
    for what in ("window_case@hall", "kiosk_case@hall", "unready@hall"):
        assert after.mean(what, "in") == before.mean(what, "in")


def test_checking_first_shortens_the_visit_to_less_than_half(days):
    after, before = days
    assert after.mean("done@hall", "age") < 0.5 * before.mean("done@hall", "age")
    assert after.mean("told@hall", "age") < 0.5 * before.mean("told@hall", "age")


def test_the_day_serves_no_more_than_the_plan(days):
    best = plan(CASE).objective / 24.0
    for row in days[0].statistics.iter_rows(named=True):
        if row["name"] == "done@hall" and row["measure"] == "in":
            half = row["high"] - row["mean"]
    served = days[0].mean("done@hall", "in") + days[0].mean("told@hall", "in")
    assert served <= best + 2.0 * half


def late_wait(*sets: str, path: str = CASE) -> float:
    """Return how many minutes 95 of 100 of the kind that waits longest wait at most in any line."""
    rows = simulate(path, sets=sets, replications=20).table("waits").rows(named=True)
    lines = ("ready@hall", "simple@hall", "window_case@hall", "kiosk_case@hall", "unready@hall")
    return max(60.0 * r["mean"] for r in rows if r["name"] in lines and r["quantile"] == 0.95)


def test_the_open_noon_does_most_of_it(days):
    open_noon = simulate(BEFORE, sets=['calendars.staffed.hours=["08:30-20:00"]'], replications=20)
    saved = days[1].mean("done@hall", "age") - days[0].mean("done@hall", "age")
    assert days[1].mean("done@hall", "age") - open_noon.mean("done@hall", "age") > 0.9 * saved


def test_fifteen_windows_and_six_guides_are_the_fewest_for_a_wait_of_fifteen_minutes():
    assert late_wait("pools.windows.amount=15 person") < 12.0
    assert late_wait("pools.windows.amount=13 person") > 20.0
    assert late_wait("pools.windows.amount=15 person", "pools.guides.amount=5 person") > 20.0


def test_as_it_was_every_kind_waits_less_than_fifteen_minutes_with_ten_windows_more_only():
    def windows(count: int) -> list[str]:
        return ['calendars.staffed.hours=["08:30-20:00"]', f"pools.windows.amount={count} person",
                *(f"processes.{name}.runs.servers={count}" for name in ("window", "kiosk", "find_mistakes"))]

    assert late_wait(*windows(25), path=BEFORE) < 15.0
    assert late_wait(*windows(23), path=BEFORE) > 17.0
