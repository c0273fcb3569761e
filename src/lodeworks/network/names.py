"""The tables of names that every run carries: elements and commodities with their titles and units."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lodeworks.network.arrays import Element, Network

if TYPE_CHECKING:
    import polars as pl

__all__ = ["commodities", "elements"]


def elements(network: Network) -> pl.DataFrame:
    """Return one row an element."""
    import polars as pl

    names = list(Element.__dataclass_fields__)
    rows = [asdict(element) for element in network.elements]
    schema = {name: pl.Boolean if name == "candidate" else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema).rename({"name": "element"})


def commodities(network: Network) -> pl.DataFrame:
    """Return one row a commodity, with the mass and energy of one unit where known."""
    import polars as pl

    schema = {"name": pl.String, "title_en": pl.String, "title_zh": pl.String, "unit": pl.String,
              "mass_kg": pl.Float64, "energy_MJ": pl.Float64}
    rows = [{key: getattr(commodity, key) for key in schema} for commodity in network.commodities]
    return pl.DataFrame(rows, schema=schema).rename({"name": "commodity"})
