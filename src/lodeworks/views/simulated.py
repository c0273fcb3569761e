"""The terminal's tables of a simulation, and of distributions proposed for values. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Group
    from rich.table import Table

__all__ = ["fits", "statistics"]

# What the terminal shows of each kind; the rest is in the run's tables.
_SHOWN = {
    "queue": ("level", "wait", "expired", "reneged", "turned away", "let go", "late", "tardiness"),
    "exit": ("in", "age", "late", "tardiness"), "run": ("rate",),
}


def statistics(manifest: Mapping[str, Any], rows: pl.DataFrame) -> Group:
    """Return the main statistics as a table, what never happened left out."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{manifest['chain']}: {manifest['replications']} replications, certified")
    for name in ("what", "name", "measure"):
        table.add_column(name)
    for name in ("mean", "95 % interval"):
        table.add_column(name, justify="right")
    table.add_column("unit")
    for row in rows.iter_rows(named=True):
        if row["mean"] != 0.0 and row["measure"] in _SHOWN.get(row["kind"], (row["measure"],)):
            between = f"{row['low']:.4g} .. {row['high']:.4g}"
            table.add_row(row["kind"], row["name"], row["measure"], f"{row['mean']:.5g}", between, row["unit"])
    return Group(table, *(Text(line) for line in manifest["log"]))


def fits(proposed: Iterable[Any]) -> Table:
    """Return proposed distributions as a table: what to write, and how well it fits."""
    from rich.table import Table

    table = Table()
    table.add_column("write")
    for name in ("p-value", "largest distance", "AIC"):
        table.add_column(name, justify="right")
    for fit in proposed:
        table.add_row(fit.text, f"{fit.p_value:.3f}", f"{fit.ks:.4f}", f"{fit.aic:.1f}")
    return table
