"""Chains of a few lines, solved: what the analytic tests share."""

from __future__ import annotations

from typing import Any

import polars as pl

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan import Answer, optimise, plan_tables

__all__ = ["Solved", "solved"]


class Solved:
    """An answer and its tables, with short ways to read them."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.tables = plan_tables(answer)
        self.objective = answer.program.objective(answer.x)

    def rate(self, element: str, mode: str = "") -> list[float]:
        rows = self.tables["rates"].filter((pl.col("element") == element) & (pl.col("mode") == mode))
        return rows["rate"].to_list()

    def level(self, store: str) -> list[float]:
        return self.tables["levels"].filter(pl.col("store") == store)["level"].to_list()

    def capacity(self, element: str, column: str = "marginal_value", kind: str = "") -> float:
        rows = self.tables["capacities"].filter(pl.col("element") == element)
        rows = rows.filter(pl.col("kind") == kind) if kind else rows
        return float(rows[column][0])

    def worth(self, what: str, name: str) -> list[float]:
        rows = self.tables["marginal_values"].filter((pl.col("what") == what) & (pl.col("name") == name))
        return rows["value"].to_list()


def solved(hours: int = 4, **sections: Any) -> Solved:
    """Solve a chain of t of ore and metal over some hours."""
    base = {"chain": "analytic", "horizon": {"start": "2026-01-01", "length": f"{hours} h"},
            "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}}}
    horizon = {**base["horizon"], **sections.pop("horizon", {})}  # type: ignore[dict-item]
    return Solved(optimise(compile_network(Chain.model_validate({**base, **sections, "horizon": horizon}))))
