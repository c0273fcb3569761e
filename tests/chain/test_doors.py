"""Whatever door a chain is read through and whatever door it is written to, it stays the same chain."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks.chain import Chain, read_chain, write_chain
from tests.chain.strategies import chains

DOORS = {
    "yaml": ("chain.yaml", ""),
    "json": ("chain.json", ""),
    "workbook": ("chain.xlsx", ""),
    "folder": ("folder", ""),
    "folder of csv": ("csv_folder", "csv"),
    "folder of parquet": ("parquet_folder", "parquet"),
}
many = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def through(chain: Chain, door: str, folder: Path) -> Chain:
    name, tables = DOORS[door]
    write_chain(chain, folder / name, tables=tables)
    return read_chain(folder / name)


@pytest.mark.parametrize("door", DOORS)
@many
@given(chain=chains())
def test_a_chain_comes_back_equal(door: str, chain: Chain) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert through(chain, door, Path(folder)) == chain


@many
@given(chain=chains(), doors=st.permutations(sorted(DOORS)))
def test_any_way_through_all_doors_gives_an_equal_chain(chain: Chain, doors: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = chain
        for door in doors:
            found = through(found, door, Path(folder))
        assert found == chain
