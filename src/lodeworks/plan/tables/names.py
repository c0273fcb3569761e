"""The side tables: elements and commodities with their titles and units."""

from __future__ import annotations

from dataclasses import asdict

import polars as pl

from lodeworks.network.arrays import Element
from lodeworks.plan.engine import Answer

__all__ = ["commodities", "elements"]


def elements(answer: Answer) -> pl.DataFrame:
    """Return one row an element."""
    names = list(Element.__dataclass_fields__)
    rows = [asdict(element) for element in answer.network.elements]
    schema = {name: pl.Boolean if name == "candidate" else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema).rename({"name": "element"})


def commodities(answer: Answer) -> pl.DataFrame:
    """Return one row a commodity, with the mass and energy of one unit where known."""
    return pl.DataFrame(
        [asdict(commodity) for commodity in answer.network.commodities],
        schema={"name": pl.String, "title_en": pl.String, "title_zh": pl.String, "unit": pl.String,
                "mass_kg": pl.Float64, "energy_MJ": pl.Float64},
    ).rename({"name": "commodity"})
