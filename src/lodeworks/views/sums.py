"""Sums and groupings of a run's tables that several views share. Nothing here is a new result.

Every total is a plain sum of a table's column, so that what a view shows can be checked against the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from lodeworks.views.rates import said_over
from lodeworks.views.results import Results, optional_table

if TYPE_CHECKING:
    from collections.abc import Sequence

_CO2 = ("co2", "co₂", "carbon_dioxide", "二氧化碳")

__all__ = ["capacity_rows", "emission", "firms_money", "flow_sums", "key_balances", "mean_prices", "money_by"]


def flow_sums(results: Results) -> pl.DataFrame:
    """Return what each element brought to each balance over the horizon: the flows added up over time."""
    names = ["element", "kind", "commodity", "site", "unit"]
    summed = results.table("flows").group_by(names, maintain_order=True).agg(pl.col("amount").sum())
    return summed.with_columns(pl.col(names).cast(pl.String))


def money_by(results: Results, names: Sequence[str]) -> pl.DataFrame:
    """Return money added up by some of item, element, kind, commodity, site and owner."""
    return results.table("costs").group_by(list(names), maintain_order=True).agg(pl.col("amount").sum())


def firms_money(results: Results, names: Sequence[str]) -> pl.DataFrame:
    """Return money by owner and others of `money_by`; where firms keep accounts, with what they sell to one another.

    Trade inside the chain adds to nought over all owners. Over stages and scenarios it counts as other money of its
    stage and scenario does: discounted, and on the mean.
    """
    rows = money_by(results, names)
    whole: Results = getattr(results, "whole", results)
    statements = optional_table(whole, "statements")
    if statements is None:
        return rows
    traded = pl.col("line").is_in(["inside sales", "inside purchases"])
    inside = statements.filter((pl.col("statement") == "profit") & traded).with_columns(counts=pl.lit(1.0))
    labels = [label for label in ("stage", "scenario") if label in statements.columns]
    if labels:
        inside = inside.drop("counts").join(_counted(whole, labels), on=labels, how="left")
    summed = (
        inside.group_by("firm", "line", maintain_order=True)
        .agg(amount=(pl.col("amount") * pl.col("counts")).sum())
        .rename({"firm": "owner", "line": "item"})
    )
    others = [pl.lit("").alias(name) for name in names if name not in ("owner", "item")]
    return pl.concat([rows, summed.with_columns(others).select(rows.columns)])


def _counted(whole: Results, labels: Sequence[str]) -> pl.DataFrame:
    """Return what money of each stage and scenario counts in the objective, as sales and purchases there do."""
    trade = whole.table("costs").filter(pl.col("item").is_in(["revenue", "purchase"]))
    return trade.group_by(labels).agg(
        counts=pl.col("discounted").abs().sum() / pl.col("over_stage").abs().sum() * pl.col("probability").first()
    )


def mean_prices(results: Results) -> pl.DataFrame:
    """Return each balance's marginal value over the horizon: mean weighted by hours, least and most."""
    names = ["commodity", "site", "unit"]
    values = results.table("marginal_values").filter(pl.col("what") == "balance")
    summed = values.group_by(names, maintain_order=True).agg(
        mean=(pl.col("value") * pl.col("hours")).sum() / pl.col("hours").sum(),
        least=pl.col("value").min(),
        most=pl.col("value").max(),
        steps=pl.len(),
    )
    return summed.with_columns(pl.col(names).cast(pl.String))


def emission(results: Results) -> str:
    """Return the name of the commodity that is carbon dioxide; empty where there is none."""
    names = results.table("commodities")["commodity"].to_list()
    return next((name for name in names if name.lower() in _CO2), "")


def key_balances(results: Results, most: int = 3) -> list[tuple[str, str]]:
    """Return the balances (commodity, site) most worth watching by the hour.

    They are those whose flows change most over time, in money: their spread at the mean marginal value. At most
    one site of a commodity is taken, and none of what is balanced once over the whole horizon.
    """
    names = ["commodity", "site"]
    flows = results.table("flows").filter(pl.col("kind") != "store")
    moving = (
        flows.group_by([*names, "element"])
        .agg(
            into=pl.col("amount").clip(lower_bound=0.0).sum(),
            spread=pl.col("amount").std().fill_null(0.0),
            steps=pl.len(),
        )
        .group_by(names)
        .agg(pl.col("into").sum(), pl.col("spread").sum(), pl.col("steps").max(), elements=pl.len())
        .with_columns(pl.col(names).cast(pl.String))
    )
    ranked = (
        moving.join(mean_prices(results).filter(pl.col("steps") > 1).select(*names, "mean"), on=names)
        .with_columns(passing=pl.col("spread") * pl.col("steps") * pl.col("mean").abs())
        .filter((pl.col("spread") * pl.col("steps") > 0.01 * pl.col("into")) & (pl.col("into") > 0.0))
        .sort(["passing", "into", "commodity", "site"], descending=[True, True, False, False])
        .unique("commodity", keep="first", maintain_order=True)
    )
    return list(ranked.head(most).select(names).iter_rows())


def capacity_rows(results: Results) -> pl.DataFrame:
    """Return the capacities that have a limit and are used or could be, most valuable first.

    `one_percent` is what one per cent more would be worth: the marginal value times a hundredth of the total.
    """
    table = results.table("capacities").filter(pl.col("total").is_not_null() & (pl.col("total") > 0.0))
    table = said_over(results, table, ("existing", "built", "total", "peak_use"), ("marginal_value", "annual_cost"))
    return table.with_columns(
        marginal_value=pl.col("marginal_value").clip(lower_bound=0.0),
        peak=pl.col("peak_use") / pl.col("total"),
        one_percent=pl.col("marginal_value").clip(lower_bound=0.0) * pl.col("total") * 0.01,
    ).sort(["one_percent", "utilisation", "element"], descending=[True, True, False])
