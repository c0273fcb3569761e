"""Profiles and calendars become one number a base step, whatever form they are written in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain, Varying
from lodeworks.chain.profiles import expand, horizon_steps, varying
from lodeworks.errors import InputError
from lodeworks.units import UnitProblem


def chain(length: str = "1 a", start: str = "2026-01-01", step: str = "1 h", **sections: Any) -> Chain:
    return Chain.model_validate({"chain": "t", "horizon": {"start": start, "length": length, "step": step}, **sections})


def values(form: dict[str, Any], **horizon: str) -> np.ndarray[Any, Any]:
    c = chain(profiles={"p": form}, **horizon)
    return expand("p", c, c.registry())[0]


def test_a_daily_pattern_repeats_every_day() -> None:
    p = values({"daily": list(range(24))}, length="3 d")
    assert p.tolist() == [*range(24)] * 3


def test_a_pattern_starts_at_the_horizons_hour() -> None:
    assert values({"daily": list(range(24))}, length="4 h", start="2026-01-01T22:00:00").tolist() == [22, 23, 0, 1]


def test_a_weekly_pattern_starts_on_monday() -> None:
    p = values({"weekly": list(range(7))}, length="7 d")  # 2026-01-01 is a Thursday
    assert p[::24].tolist() == [3, 4, 5, 6, 0, 1, 2]
    hourly = values({"weekly": list(range(168))}, length="7 d")
    assert hourly[0] == 3 * 24
    assert hourly[-1] == 3 * 24 - 1


def test_a_monthly_pattern_follows_the_calendar() -> None:
    p = values({"monthly": list(range(1, 13))})
    assert p[31 * 24 - 1] == 1
    assert p[31 * 24] == 2
    assert p[-1] == 12


def test_longer_steps_take_the_mean() -> None:
    p = values({"daily": list(range(24))}, length="1 d", step="4 h")
    assert p.tolist() == [1.5, 5.5, 9.5, 13.5, 17.5, 21.5]


def test_shorter_steps_repeat() -> None:
    assert values({"daily": list(range(24))}, length="1 h", step="15 min").tolist() == [0, 0, 0, 0]


def test_values_may_stand_for_longer_than_a_step() -> None:
    assert values({"values": [1, 2], "every": "1 d"}, length="2 d")[[0, 23, 24, 47]].tolist() == [1, 1, 2, 2]


def test_hourly_values_serve_coarser_steps() -> None:
    assert values({"values": [1, 3, 5, 7], "every": "1 h"}, length="4 h", step="2 h").tolist() == [2, 6]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"values": [1.0] * 8784}, "leap"), ({"values": [1.0, 2.0]}, "8,760"), ({"daily": [1.0] * 23}, "24"),
        ({"weekly": [1.0] * 8}, "168 or 7"), ({"monthly": [1.0]}, "12"), ({}, "one of values"),
        ({"daily": [1.0] * 24, "monthly": [1.0] * 12}, "one form"),
        ({"daily": [1.0] * 23 + [float("nan")]}, "value 24"), ({"values": [1.0], "every": "3 t"}, "time"),
        ({"values": [1.0], "every": "0 h"}, "longer than nought"),
    ],
)
def test_a_faulty_profile_says_what_is_wrong(form: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        values(form)


def test_an_unknown_profile_suggests_the_nearest() -> None:
    c = chain(profiles={"tariff": {"daily": [1] * 24}})
    with pytest.raises(InputError, match="did you mean 'tariff'"):
        expand("tarif", c, c.registry())


def test_an_attribute_is_profile_times_quantity_in_its_canonical_unit() -> None:
    c = chain(length="1 d", profiles={"p": {"daily": [0.5] * 24}, "q": {"daily": [0.4] * 24, "unit": "CNY/kWh"}})
    units = c.registry()
    scaled = varying(Varying.model_validate({"profile": "p", "times": "2 t/d"}), "t/h", c, units)
    assert np.allclose(scaled, 1.0 / 24.0)
    assert np.allclose(varying(Varying.model_validate("q"), "CNY/MWh", c, units), 400.0)
    assert varying(Varying.model_validate("48 t/d"), "t/h", c, units) == pytest.approx(2.0)
    with pytest.raises(UnitProblem):
        varying(Varying.model_validate("q"), "t/h", c, units)


# ---- calendars --------------------------------------------------------------------------------------


def opening(form: dict[str, Any], **horizon: str) -> np.ndarray[Any, Any]:
    c = chain(calendars={"shift": form}, **horizon)
    return expand("shift", c, c.registry())[0]


def test_a_calendar_is_one_while_open() -> None:
    open_ = opening({"days": ["mon", "周二"], "hours": ["08:00-17:00"]}, length="7 d")
    assert open_.sum() == 18
    assert open_[4 * 24 + 8] == 1  # Monday, four days after a Thursday
    assert open_[4 * 24 + 17] == 0


def test_a_night_shift_runs_into_the_next_day() -> None:
    open_ = opening({"hours": ["22:00-06:00"]}, length="1 d")
    assert open_.tolist() == [1] * 6 + [0] * 16 + [1] * 2


def test_half_hours_count_for_half() -> None:
    assert opening({"hours": ["08:30-10:00"]}, length="1 d")[8:10].tolist() == [0.5, 1]


def test_closed_dates_are_closed() -> None:
    open_ = opening({"closed": ["2026-01-02", "2026-01-04/2026-01-05"]}, length="6 d")
    assert open_.reshape(6, 24).mean(axis=1).tolist() == [1, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("form", "says"),
    [({"days": ["someday"]}, "day of the week"), ({"hours": ["8-17"]}, "stretch"), ({"hours": ["25:00-26:00"]}, "stretch"),
     ({"closed": ["2026-13-01"]}, "not a date")],
)
def test_a_faulty_calendar_says_what_is_wrong(form: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        opening(form, length="1 d")


# ---- the horizon ------------------------------------------------------------------------------------


def test_a_year_has_8760_hours() -> None:
    c = chain()
    assert horizon_steps(c, c.registry()).count == 8760


@pytest.mark.parametrize(
    ("horizon", "says"),
    [({"length": "90 min"}, "whole number of steps"), ({"length": "3 t"}, "time"), ({"length": "0 h"}, "longer"),
     ({"step": "0 h"}, "longer"), ({"start": "2026-01-01T00:00:00+08:00"}, "zone"), ({"length": "9000 a"}, "too many")],
)
def test_a_faulty_horizon_says_what_is_wrong(horizon: dict[str, str], says: str) -> None:
    c = chain(**horizon)
    with pytest.raises(InputError, match=says):
        horizon_steps(c, c.registry())
