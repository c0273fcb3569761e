"""Quantities of every attribute come to canonical units: the commodity's own, hours, kilometres, the currency."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lodeworks.chain.entities import Blend, Chain, Limit, Measure
from lodeworks.chain.measures import Measures
from lodeworks.units import UnitProblem, parse_quantity

COMMODITIES = {
    "coal": {"unit": "t", "heating_value": "5000 kcal/kg", "quality": {"ash": "11 %"}},
    "slime": {"unit": "t", "heating_value": "3500 kcal/kg", "quality": {"ash": "30 %"}},
    "gas": {"unit": "Nm3", "heating_value": "17.5 MJ/Nm3", "mass": "0.5 kg/Nm3"},
    "power": {"unit": "MWh"},
    "hydrogen": {"unit": "kg"},
    "metal": {"unit": "t", "shelf_life": "24 h", "heat": {"from": "960 degC", "least": "720 degC", "loss": "12 K/h"}},
    "shoes": {"unit": "pair"},
}


@pytest.fixture
def measures() -> Measures:
    chain = Chain.model_validate({
        "chain": "t", "units": {"pair": ""}, "horizon": {"start": "2026-01-01", "length": "1 d"},
        "commodities": COMMODITIES, "sites": {"here": {}}, "pools": {"crew": {"amount": "5 person"}},
    })
    return Measures(chain, chain.registry())


@pytest.mark.parametrize(
    ("call", "text", "value"),
    [
        (lambda m, q: m.rate(q, "coal"), "3.8 Mt/a", 3.8e6 / 8760), (lambda m, q: m.rate(q, "power"), "1320 MW", 1320.0),
        (lambda m, q: m.price(q, "power"), "0.5 元/度", 500.0), (lambda m, q: m.amount(q, "hydrogen"), "1.2 t", 1200.0),
        (lambda m, q: m.amount(q, "gas"), "1 kg", 2.0), (lambda m, q: m.amount(q, "gas"), "35 MJ", 2.0),
        (lambda m, q: m.duration(q), "2 d", 48.0), (lambda m, q: m.fraction(q), "60 %", 0.6),
        (lambda m, q: m.number(q), "100 辆", 100.0), (lambda m, q: m.money(q), "2 亿元", 2e8),
        (lambda m, q: m.rate_per_time(q), "24 %/d", 0.01), (lambda m, q: m.length(q), "5000 m", 5.0),
        (lambda m, q: m.speed(q), "10 m/s", 36.0), (lambda m, q: m.freight(q, "coal"), "0.4 CNY/t/km", 0.4),
        (lambda m, q: m.holding(q, "coal"), "24 CNY/t/d", 1.0),
        (lambda m, q: m.capacity_cost(q, "hydrogen"), "24 MCNY per t/d", 24e6 * 24 / 1000),
        (lambda m, q: m.capacity_cost(q, "coal", "amount"), "100 CNY/t", 100.0),
        (lambda m, q: m.capacity_cost(q, "", "number"), "1.07 MCNY", 1.07e6),
        (lambda m, q: m.capacity_cost_per_time(q, "coal"), "8760 CNY/(t/h)/a", 1.0),
        (lambda m, q: m.payload(q, "coal"), "31 t", 31.0), (lambda m, q: m.payload(q, "gas"), "1 t", 2000.0),
        (lambda m, q: m.consumption(q, "hydrogen"), "0.1 kg/km", 0.1),
        (lambda m, q: m.fuel_rate(q, "hydrogen"), "2 kg/min", 120.0),
        (lambda m, q: m.money_per_length(q), "2 CNY/km", 2.0),
        (lambda m, q: m.pool_use(q, "crew", "coal"), "0.5 person/(t/h)", 0.5),
        (lambda m, q: m.rate(q, "shoes"), "240 pair/d", 10.0),
    ],
)
def test_a_quantity_comes_to_its_canonical_unit(measures: Measures, call: Any, text: str, value: float) -> None:
    assert call(measures, parse_quantity(text)) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("measure", "text"),
    [(Measure.RATE, "3 t"), (Measure.PRICE, "3 t"), (Measure.DURATION, "3 km"), (Measure.FRACTION, "3 h"),
     (Measure.CAPACITY_COST, "3 CNY/t"), (Measure.FREIGHT, "3 CNY/t")],
)
def test_the_wrong_dimension_is_refused(measures: Measures, measure: Measure, text: str) -> None:
    unit = measures.canonical(measure, "coal")
    assert unit is not None
    with pytest.raises(UnitProblem, match="not"):
        measures.to(parse_quantity(text), unit)


def test_every_canonical_unit_is_a_unit(measures: Measures) -> None:
    for measure in Measure:
        unit = measures.canonical(measure, "coal", pool="crew")
        assert unit is None or measures.units.known(unit), measure


def test_heat_ends_a_life_when_it_is_shorter_than_the_shelf_life(measures: Measures) -> None:
    assert measures.shelf_life("metal") == pytest.approx(20.0)
    assert measures.shelf_life("coal") == math.inf


def test_mass_and_energy_are_known_where_the_unit_or_the_chain_says(measures: Measures) -> None:
    assert measures.mass("coal") == pytest.approx(1000.0)
    assert measures.mass("gas") == pytest.approx(0.5)
    assert measures.mass("power") is None
    assert measures.heating_value("coal") == pytest.approx(20934.0)
    assert measures.heating_value("power") == pytest.approx(3600.0)
    assert measures.heating_value("metal") is None


def test_the_only_site_is_everyones(measures: Measures) -> None:
    chain = measures.chain
    assert measures.site_of(type("E", (), {"site": ""})()) == "here"  # type: ignore[arg-type]
    assert chain.sites.keys() == {"here"}


def test_a_blend_by_energy_counts_heating_values(measures: Measures) -> None:
    blend = Blend.model_validate({"amount": "20.934 GJ", "from": ["coal", "slime"]})
    parts = measures.blend_parts(blend)
    assert parts.amount == pytest.approx(20934.0)
    assert parts.contributions == pytest.approx((20934.0, 14653.8))
    by_mass = measures.blend_parts(Blend.model_validate({"amount": "1.37 t", "from": ["coal", "slime"]}))
    assert by_mass.contributions == (1.0, 1.0)
    with pytest.raises(UnitProblem, match="metal"):
        measures.blend_parts(Blend.model_validate({"amount": "1 GJ", "from": ["coal", "metal"]}))


def test_a_limit_on_a_blend_is_in_the_unit_of_its_figures(measures: Measures) -> None:
    blend = Blend.model_validate({"amount": "1.37 t", "from": ["coal", "slime"]})
    figures, least, most = measures.blend_limit(blend, "ash", Limit.model_validate({"most": "0.12"}))
    assert figures == pytest.approx((0.11, 0.30))
    assert (least, most) == (None, 0.12)
    heat = measures.blend_limit(blend, "heating_value", Limit.model_validate({"least": "4500 kcal/kg"}))
    assert heat[0] == pytest.approx((5000.0, 3500.0))
    with pytest.raises(UnitProblem, match="sulphur"):
        measures.blend_limit(blend, "sulphur", Limit.model_validate({"most": "1 %"}))
