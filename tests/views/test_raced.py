"""How a race of solvers went is said in both languages, the winner first."""

from __future__ import annotations

from lodeworks.views.report.raced import race_text


def test_the_winner_comes_first_and_whoever_lost_says_why() -> None:
    english, chinese = race_text([
        {"method": "simplex", "seconds": 12.34, "ended": "out of memory"},
        {"method": "ipm", "seconds": 30.06, "ended": "won"},
    ])
    assert english == "interior point won after 30.1 s; simplex lost after 12.3 s: out of memory"
    assert chinese == "内点法 30.1 秒后获胜；单纯形法 12.3 秒后落败：内存不足"


def test_what_a_machine_said_stays_as_it_is() -> None:
    english, chinese = race_text([
        {"method": "simplex", "seconds": 1.0, "ended": "won"},
        {"method": "ipm", "seconds": 0.5, "ended": "its process was ended by signal 9"},
    ])
    assert english.endswith("interior point lost after 0.5 s: its process was ended by signal 9")
    assert chinese.endswith("内点法 0.5 秒后落败：its process was ended by signal 9")
