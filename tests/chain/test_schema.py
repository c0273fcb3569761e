"""The schema accepts what is written, and refuses what reading would refuse."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from lodeworks.chain import Chain
from lodeworks.chain.entities import Entity, attributes_of
from lodeworks.chain.reference import reference_page
from lodeworks.chain.schema import json_schema
from lodeworks.chain.write import chain_data
from tests.chain.strategies import chains

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
HORIZON = {"start": "2026-01-01", "length": "1 d"}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(chain=chains())
def test_what_is_written_is_accepted(chain: Chain) -> None:
    VALIDATOR.validate(chain_data(chain))


@pytest.mark.parametrize(
    "data",
    [
        {"chain": "x"},
        {"chain": "x", "horizon": {"start": "2026-01-01"}},
        {"chain": "x", "horizon": HORIZON, "proceses": {}},
        {"chain": "x", "horizon": HORIZON, "processes": {"a": {"capcity": 1}}},
        {"chain": "x", "horizon": HORIZON, "processes": {"a": {"capacity": "lots"}}},
        {"chain": "x", "horizon": HORIZON, "processes": {"a": {"on_off": "yes"}}},
        {"chain": "x", "horizon": HORIZON, "commodities": {"coal": {}}},
    ],
)
def test_what_reading_refuses_is_refused(data: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    "data",
    [
        {"overlay": "chain.yaml", "demands": {"coke": None}},
        {"chain": "x", "horizon": HORIZON, "processes": "processes.csv"},
        {"chain": "x", "horizon": HORIZON, "processes": {"a": {"inputs": {"coal": 1.4, "gas": {"amount": "2 Nm3"}}}}},
    ],
)
def test_short_forms_tables_and_overlays_are_accepted(data: dict[str, Any]) -> None:
    VALIDATOR.validate(data)


def _kinds(kind: type[Entity] = Entity) -> list[type[Entity]]:
    return [kind, *(inner for sub in kind.__subclasses__() for inner in _kinds(sub))]


def test_every_attribute_is_on_the_reference_page_with_its_chinese_title() -> None:
    page = reference_page()
    for kind in _kinds():
        for key, attribute in attributes_of(kind).items():
            assert f"`{key}`" in page
            assert attribute.zh in page
