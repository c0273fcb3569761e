"""The terminal's tables of a simulation, and of distributions proposed for values. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Group
    from rich.table import Table

__all__ = [
    "beside_exact", "beside_plan", "choices", "differences", "fits", "orders", "runs_out", "selection", "statistics",
]

# What the terminal shows of each kind; the rest is in the run's tables.
_SHOWN = {
    "queue": ("level", "wait", "temperature", "too cold", "expired", "reneged", "turned away", "let go", "late",
              "tardiness"),
    "exit": ("in", "age", "temperature", "too cold", "late", "tardiness"), "run": ("rate",),
}

_MOST_DIFFERENCES = 40
_MOST_NAMES = 4


def statistics(
    manifest: Mapping[str, Any], rows: pl.DataFrame, chosen: pl.DataFrame | None = None,
    out: pl.DataFrame | None = None, ordered: pl.DataFrame | None = None,
) -> Group:
    """Return the main statistics as a table, what never happened left out; before it what `runs_out` of a state.

    After it come the `orders`, where there are any, and how the chain was meant.
    """
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
    parts: list[Any] = [] if out is None else [runs_out(manifest, out)]
    parts += [table]
    parts += [] if ordered is None or ordered.is_empty() else [orders(manifest, ordered)]
    parts += [] if chosen is None else [choices(chosen)]
    return Group(*parts, *(Text(line) for line in manifest["log"]))


def runs_out(manifest: Mapping[str, Any], rows: pl.DataFrame) -> Table:
    """Return which stores run out from a state on, in how many replications and when."""
    from rich.table import Table

    state = manifest["state"]
    at, until = (str(state[key]).replace("T", " ")[:16] for key in ("at", "until"))
    table = Table(title=f"what runs out from {at} to {until} (-: not by then)")
    table.add_column("store")
    for name in ("now", "runs out in", "5 % before", "half before", "95 % before"):
        table.add_column(name, justify="right")
    for row in rows.iter_rows(named=True):
        hours = (row[f"hours_{q}"] for q in ("q05", "q50", "q95"))
        table.add_row(row["store"], f"{row['level']:.5g} {row['unit']}", f"{row['share']:.1%}",
                      *("-" if h is None else f"{h:.3g} h" for h in hours))
    return table


def orders(manifest: Mapping[str, Any], rows: pl.DataFrame) -> Table:
    """Return which orders come late, in what share of replications, and by when they are complete."""
    from datetime import datetime, timedelta

    from rich.table import Table

    start = datetime.fromisoformat(manifest["horizon"]["start"])

    def at(hours: float | None) -> str:
        return "-" if hours is None else f"{start + timedelta(hours=hours):%Y-%m-%d %H:%M}"

    table = Table(title="orders (-: not by the end)")
    table.add_column("of")
    for name in ("due", "delivered", "late in", "95 % interval", "half complete by", "95 % by"):
        table.add_column(name, justify="right")
    for row in rows.iter_rows(named=True):
        table.add_row(
            row["name"], at(row["due"]), f"{row['delivered']:.5g} of {row['amount']:.5g} {row['unit']}",
            f"{row['late']:.1%}", f"{row['low']:.1%} .. {row['high']:.1%}", at(row["done_50"]), at(row["done_95"]))
    return table


def choices(rows: pl.DataFrame) -> Table:
    """Return how the chain was meant: each named choice with what it was and for whom."""
    from rich import box
    from rich.table import Table

    table = Table(title="how it was meant (docs/semantics.md)", box=box.SIMPLE_HEAD, title_justify="left")
    for column in ("choice", "here", "of"):
        table.add_column(column)
    for (choice, value), group in rows.group_by(["choice", "value"], maintain_order=True):
        names = [name for name in group["name"].to_list() if name]
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        table.add_row(str(choice), str(value), ", ".join(names[:_MOST_NAMES]) + more or "all")
    return table


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


def differences(name: str, rows: pl.DataFrame) -> Group:
    """Return what differs between two simulations for sure, and how many other means there are."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    sure = rows.filter(rows["sure"])
    way = "paired" if len(rows) and rows["paired"][0] else "not paired: seeds, replications or horizons differ"
    table = Table(title=f"{name}: what differs, 95 % intervals, {way}")
    for column in ("name", "measure"):
        table.add_column(column)
    for column in ("base", "other", "difference", "interval"):
        table.add_column(column, justify="right")
    table.add_column("unit")
    for row in sure.head(_MOST_DIFFERENCES).iter_rows(named=True):
        means = f"{row['base']:.5g}", f"{row['other']:.5g}", f"{row['difference']:+.4g}"
        table.add_row(row["name"], row["measure"], *means, f"{row['low']:+.4g} .. {row['high']:+.4g}", row["unit"])
    more = f"{len(sure)} means differ for sure" + (
        f", the first {_MOST_DIFFERENCES} are shown" if len(sure) > _MOST_DIFFERENCES else "")
    return Group(table, Text(f"{more}; {len(rows) - len(sure)} others may be the same."))


def selection(what: str, rows: pl.DataFrame, *, least: bool) -> Group:
    """Return which of several simulations is best by one mean, and how sure that is."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{what}: {'the least' if least else 'the most'} is best; 95 % for all together")
    table.add_column("run")
    for column in ("mean", "to the best", "interval"):
        table.add_column(column, justify="right")
    for column in ("unit", "verdict"):
        table.add_column(column)
    for row in rows.iter_rows(named=True):
        apart = ("", "") if row["low"] == row["high"] == 0.0 else (
            f"{row['difference']:+.4g}", f"{row['low']:+.4g} .. {row['high']:+.4g}")
        table.add_row(row["run"], f"{row['mean']:.5g}", *apart, row["unit"], row["verdict"])
    doubt = rows.filter(rows["verdict"] == "may be best")
    if not len(doubt):
        return Group(table, Text("One is best for sure."))
    enough = max((int(n) for n in doubt["enough"].drop_nulls()), default=0)
    more = f" Some {enough:,} replications would tell; these are {rows['replications'][0]}." if enough else ""
    return Group(table, Text(f"{len(doubt)} may be the best; which is not told yet.{more}"))


def beside_plan(plan: str, simulation: str, rows: pl.DataFrame) -> Table:
    """Return a plan's mean rates beside a simulation's, which are called by the names of their runs."""
    from rich.table import Table

    table = Table(title=f"{plan} planned, {simulation} simulated: mean rates")
    table.add_column("element")
    for column in ("planned", "simulated", "95 % interval", "share of plan"):
        table.add_column(column, justify="right")
    table.add_column("unit")
    for row in rows.iter_rows(named=True):
        share = f"{row['mean'] / row['planned']:.1%}" if row["planned"] else "-"
        between = f"{row['low']:.4g} .. {row['high']:.4g}"
        table.add_row(row["name"], f"{row['planned']:.5g}", f"{row['mean']:.5g}", between, share, row["unit"])
    return table


def beside_exact(manifest: Mapping[str, Any], rows: pl.DataFrame) -> Group:
    """Return simulated means beside exact ones, with the difference in standard errors."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    made = manifest["exact"]
    states = f", {made['states']:,} states" if made["states"] else ""
    table = Table(title=f"{manifest['chain']}: simulated and exact ({made['method']}{states})")
    for column in ("what", "name", "measure"):
        table.add_column(column)
    for column in ("simulated", "exact", "difference", "in standard errors"):
        table.add_column(column, justify="right")
    table.add_column("unit")
    for row in rows.iter_rows(named=True):
        if row["measure"] in (*_SHOWN.get(row["kind"], (row["measure"],)), "wait by Little"):
            off = "-" if row["off"] is None else f"{row['off']:+.2f}"
            table.add_row(row["kind"], row["name"], row["measure"], f"{row['simulated']:.5g}", f"{row['exact']:.7g}",
                          f"{row['difference']:+.2g}", off, row["unit"])
    met = f"; balance met to {made['residual']:.1g}" if made["states"] else ""
    return Group(table, Text(f"Exact means of {made['stretch']}{met}."))
