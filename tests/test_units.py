"""Quantities are kept as written, and units convert or say why not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lodeworks.units import Quantity, UnitProblem, Units, parse_quantity


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3.8 Mt/a", 3.8, "Mt/a"), ("20t/d", 20.0, "t/d"), ("380万吨/年", 380.0, "万吨/年"), ("60 %", 60.0, "%"),
        ("1e3", 1000.0, ""), ("-1.5 CNY", -1.5, "CNY"), ("1,234.5 t", 1234.5, "t"), ("３ t", 3.0, "t"), (".5", 0.5, ""),
    ],
)
def test_a_quantity_is_a_number_and_its_unit_as_written(text: str, value: float, unit: str) -> None:
    assert parse_quantity(text) == Quantity(value, unit)


@pytest.mark.parametrize("text", ["", "t", "abc", "1,5 t", "nan", "inf t", True, None, float("inf"), float("nan"), [1]])
def test_what_is_not_a_finite_number_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_quantity(text)


@pytest.mark.parametrize("text", ["3.8 Mt/a", "20 t/d", "0.1", "7"])
def test_a_quantity_prints_as_it_reads(text: str) -> None:
    assert str(parse_quantity(text)) == text
    assert parse_quantity(str(parse_quantity(text))) == parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "to", "value"),
    [
        ("380 万吨/年", "t/h", 3.8e6 / 8760), ("2 亿元", "CNY", 2e8), ("14000 度/吨", "kWh/t", 14000.0),
        ("38 MCNY per t/d", "CNY/(t/h)", 38e6 * 24), ("1 tce", "MJ", 29307.6), ("5000 kcal/kg", "MJ/kg", 20.934),
        ("132 万千瓦", "MW", 1320.0), ("1 a", "h", 8760.0), ("12 month", "a", 1.0), ("50 %", "", 0.5),
        ("960 degC", "K", 1233.15), ("2 标方/h", "Nm3/h", 2.0), ("6 %/a", "1/h", 0.06 / 8760), ("100 公里", "km", 100.0),
        ("0.1 kg/km", "t/km", 1e-4), ("300 元每吨", "CNY/t", 300.0), ("1 MWh", "GJ", 3.6),
    ],
)
def test_units_convert(text: str, to: str, value: float) -> None:
    assert Units().convert(parse_quantity(text), to) == pytest.approx(value, rel=1e-12)


def test_a_wrong_dimension_names_both() -> None:
    with pytest.raises(UnitProblem, match=r"mass.*mass / time"):
        Units().factor("t", "t/h")


@pytest.mark.parametrize(("unit", "words"), [
    ("CNY/kW", "currency / power"), ("CNY/kWh", "currency / energy"), ("MW", "power"), ("MWh/t", "length^2 / time^2"),
    ("CNY/(MW a a)", "currency / energy · time"), ("kWh/d/h", "power / time"),
])
def test_money_per_power_is_not_told_by_length_mass_and_time(unit: str, words: str) -> None:
    assert Units().dimension(unit) == words


def test_gas_is_no_volume_of_space() -> None:
    with pytest.raises(UnitProblem):
        Units().factor("Nm3", "m3")


@pytest.mark.parametrize("unit", ["foo", "t/foo", "3 t", "((", "t//h", "__import__('os')"])
def test_an_unknown_unit_is_said_to_be_unknown(unit: str) -> None:
    assert not Units().known(unit)
    with pytest.raises(UnitProblem, match="unit"):
        Units().factor(unit, "t")


def test_a_chain_may_count_in_units_of_its_own() -> None:
    units = Units({"pair": "", "dozen_pairs": "12 pair"})
    assert units.factor("dozen_pairs", "pair") == pytest.approx(12.0)
    with pytest.raises(UnitProblem):
        units.factor("pair", "kg")


def test_a_unit_of_its_own_that_means_nothing_is_refused() -> None:
    with pytest.raises(UnitProblem, match="cannot be defined"):
        Units({"foo": "3 bar_of_nothing"}).factor("t", "kg")


def test_a_process_of_our_own_reads_units_without_dask():
    """Pint loads Dask wherever it is installed; a command does without, and may import it afterwards all the same."""
    code = (
        "import sys\nfrom lodeworks.units import Units, alone\nalone()\n"
        "told = [Units().factor('t', 'kg'), 'dask' in sys.modules]\nimport dask.base\nprint(told)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1000.0, False]"
