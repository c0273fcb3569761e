"""What runs when: elements that run now and then, over a calendar of few columns.

A calendar is made where a chain decides on and off, where its steps are a day or longer, and of plans over stages. Its
cells are sums of the tables of a run; how they are drawn stands in `figures/calendar.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from lodeworks.views.rates import said_over
from lodeworks.views.results import Results, horizon_hours, optional_table

__all__ = ["Calendar", "calendar_of", "loans_of", "spells"]

_MOST_COLUMNS = 60
_MOST_HOURS = 168  # a week by the hour is still read
_LONG_STEP = 24.0  # what is decided for a day or longer is decided now and then
_LEAST = 1e-6  # of the most an element runs in a column
_KINDS = ("process", "route")
_CELL = {
    "element": pl.String, "site": pl.String, "unit": pl.String, "column": pl.Int64, "amount": pl.Float64,
    "stands": pl.Float64, "change": pl.Float64, "under_way": pl.Boolean, "of": pl.String,
}


@dataclass(frozen=True)
class Calendar:
    """Elements over columns of time or stages.

    Attributes
    ----------
    names
        What each column is: the instant it begins, or its stage.
    called
        What it is called: a stage with the years it stands for, such as 2030–32.
    edges
        Where columns begin and end: instants, one more than columns; empty of stages.
    cells
        A row an element and column in which it runs: `amount` of `unit`, of stages a year; of stages also what
        `stands` at the end (capacity, in `of`), its `change` on the column before, and whether building is `under_way`.
    elements
        All elements it could show, with their sites, in the chain's order; those that never run too.
    whole
        Whether its elements are those the chain switches on and off.
    """

    names: tuple[str, ...]
    called: tuple[str, ...]
    edges: tuple[datetime, ...]
    cells: pl.DataFrame
    elements: pl.DataFrame
    whole: bool

    @property
    def stages(self) -> bool:
        """Whether its columns are stages."""
        return not self.edges

    def headings(self, *, brief: bool = False) -> list[str]:
        """Return what columns are headed; `brief` leaves out the year where all are days of one or two years."""
        if brief and not self.stages and len({name[5:] for name in self.names}) == len(self.names):
            return [name[5:] for name in self.names]
        return list(self.called)


def calendar_of(results: Results) -> Calendar | None:
    """Return the calendar of a plan; None where all runs all the time, or steps are short and nothing is switched."""
    if results.manifest["kind"] != "plan":
        return None
    if results.manifest.get("stages"):
        return _by_stage(results)
    chosen = _switched(results)
    rates = results.table("rates").filter(pl.col("kind").cast(pl.String).is_in(_KINDS))
    rates = rates.with_columns(pl.col("element", "unit").cast(pl.String))
    if chosen:
        rates = rates.filter(pl.col("element").is_in(chosen))
    if rates.is_empty() or (not chosen and float(results.manifest["horizon"]["step_h"]) < _LONG_STEP):
        return None
    edges = _edges(rates)
    cells = _in_columns(rates, edges)
    elements = _elements(results, chosen or rates["element"].unique().to_list())
    cells = elements.join(cells, on="element", maintain_order="left_right")
    if not chosen:  # what always runs needs no calendar, but where it takes turns with others of its place
        now_and_then = pl.len().over("element") < len(edges) - 1
        cells = cells.filter(now_and_then | ((pl.col("site") != "") & now_and_then.any().over("site")))
    if cells.is_empty() or len(edges) < 3 or len(cells) == len(elements) * (len(edges) - 1):
        return None  # nothing is ever off
    names = tuple(f"{edge:%Y-%m-%d}" if _whole_days(edges) else f"{edge:%Y-%m-%d %H:%M}" for edge in edges[:-1])
    blank = {name: pl.lit(None, dtype=kind).alias(name) for name, kind in _CELL.items() if name not in cells.columns}
    cells = cells.with_columns(*blank.values()).select(*_CELL)
    return Calendar(names, names, tuple(edges), cells, elements, bool(chosen))


def loans_of(results: Results) -> Calendar | None:
    """Return when each loan is drawn, of a plan of one stage and scenario; None where none is or periods are too many.

    An element is a firm's loan, named `firm: loan`; they are sorted by lender, firm and when they are first drawn.
    """
    loans = optional_table(results, "loans")
    if loans is None or {"stage", "scenario"} & set(loans.columns):
        return None
    begins = loans["time"].unique().sort().to_list()
    periods = loans.with_columns(column=pl.col("time").rank("dense").cast(pl.Int64) - 1)
    drawn = periods.filter(pl.col("drawn") > _LEAST * pl.col("drawn").max())
    if drawn.is_empty() or not 2 <= len(begins) <= _MOST_COLUMNS:
        return None
    start = datetime.fromisoformat(str(results.manifest["horizon"]["start"])).replace(tzinfo=None)
    edges = (*begins, start + timedelta(hours=horizon_hours(results)))
    cells = drawn.select(
        "lender", "firm", element=pl.col("firm") + ": " + pl.col("loan"), site=pl.lit(""), unit="currency",
        column="column", amount="drawn",
        stands=pl.lit(None, pl.Float64), change=pl.lit(None, pl.Float64), under_way=pl.lit(None, pl.Boolean),
        of=pl.lit(None, pl.String))
    first = pl.col("column").min().over("element")
    cells = cells.sort("lender", "firm", first, "element", "column").select(*_CELL)
    names = tuple(f"{begin:%Y-%m-%d}" for begin in begins)
    elements = loans.select(element=pl.col("firm") + ": " + pl.col("loan"), site=pl.lit("")).unique(maintain_order=True)
    return Calendar(names, names, edges, cells, elements, whole=False)


def _switched(results: Results) -> list[str]:
    """Return what the chain switches on and off."""
    sections = (results.chain.get(section) or {} for section in ("processes", "routes"))
    return [name for own in sections for name, entity in own.items() if (entity or {}).get("on_off") is True]


def _elements(results: Results, names: Sequence[str]) -> pl.DataFrame:
    """Return elements with their sites, by site and then as the chain has them."""
    table = results.table("elements").select(pl.col("element", "site").cast(pl.String).fill_null(""))
    sites = optional_table(results, "sites")
    order = {site: i for i, site in enumerate(sites["site"])} if sites is not None else {}
    place = pl.col("site").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return table.filter(pl.col("element").is_in(list(names))).sort(place, maintain_order=True)


def _edges(rates: pl.DataFrame) -> list[datetime]:
    """Return where columns begin, and where the last ends: steps where they are few, else days, weeks or months."""
    until = pl.col("time") + pl.duration(milliseconds=(3.6e6 * pl.col("hours")).cast(pl.Int64))
    begin, end = rates.select(pl.col("time").min(), until.max().alias("until")).row(0)
    length = (end - begin) / timedelta(hours=1.0)
    step = float(rates.group_by("hours").len().sort("len", "hours")["hours"][-1])  # the commonest
    if length / step <= (_MOST_HOURS if step <= 1.0 else _MOST_COLUMNS):
        return _every(begin, end, step)
    for width in (24.0, 168.0):
        if length / width <= _MOST_COLUMNS:
            return _every(begin.replace(hour=0, minute=0), end, width)
    months = pl.datetime_range(begin.replace(day=1, hour=0, minute=0), end, "1mo", closed="left", eager=True).to_list()
    return [begin, *months[1:], end]


def _every(begin: datetime, end: datetime, hours: float) -> list[datetime]:
    count = int(np.ceil((end - begin) / timedelta(hours=hours) - 1e-9))
    return [*(begin + k * timedelta(hours=hours) for k in range(count)), end]


def _whole_days(edges: Sequence[datetime]) -> bool:
    return all(edge.hour == edge.minute == 0 for edge in edges)


def _in_columns(rates: pl.DataFrame, edges: Sequence[datetime]) -> pl.DataFrame:
    """Return how much each element brought in each column in which it ran; a step over several is shared by time."""
    running = rates.filter(pl.col("rate") > 0.0)
    at = np.array(edges, dtype="datetime64[ms]").astype(np.float64) / 3.6e6
    begins = running["time"].to_numpy().astype("datetime64[ms]").astype(np.float64) / 3.6e6
    ends = begins + running["hours"].to_numpy()
    first = np.searchsorted(at, begins + 1e-9, side="right") - 1
    last = np.searchsorted(at, ends - 1e-9, side="left") - 1
    count = np.maximum(last - first + 1, 1)
    row = np.repeat(np.arange(len(running)), count)
    column = np.repeat(first, count) + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    hours = np.minimum(ends[row], at[np.minimum(column + 1, len(at) - 1)]) - np.maximum(begins[row], at[column])
    cells = pl.DataFrame({
        "element": running["element"].gather(row), "unit": running["unit"].str.strip_suffix("/h").gather(row),
        "column": column.astype(np.int64), "amount": running["rate"].to_numpy()[row] * hours,
    })
    cells = cells.group_by("element", "unit", "column").agg(pl.col("amount").sum()).sort("element", "column")
    return cells.filter(pl.col("amount") > _LEAST * pl.col("amount").max().over("element"))


def _by_stage(results: Results) -> Calendar | None:
    """Return what is built, what comes to its end and which processes run for a time, over stages."""
    whole: Results = getattr(results, "whole", results)
    names = tuple(whole.manifest["stages"]["names"])
    if len(names) < 2:
        return None
    place = {name: k for k, name in enumerate(names)}
    used = _a_year(results, whole).with_columns(
        column=pl.col("stage").replace_strict(place, return_dtype=pl.Int64)).drop("stage")
    used = used.filter(pl.col("amount") > _LEAST * pl.col("amount").max().over("element"))
    standing = _standing(results, place)
    now_and_then = used.group_by("element").len().filter(pl.col("len") < len(names))["element"]
    moving = standing.filter(pl.col("change").fill_null(0.0).abs() > 1e-9)["element"]
    chosen = [*set(now_and_then.to_list()) | set(moving.to_list())]
    cells = used.join(standing, on=["element", "column"], how="full", coalesce=True)
    cells = cells.filter(pl.col("element").is_in(chosen)).with_columns(pl.col("amount").fill_null(0.0))
    cells = cells.filter((pl.col("amount") > 0.0) | (pl.col("stands") > 1e-9) | pl.col("under_way")
                         | (pl.col("change").abs() > 1e-9))
    if cells.is_empty():
        return None
    elements = _elements(results, chosen)
    units = dict(used.select("element", "unit").iter_rows())
    cells = elements.join(cells.drop("unit"), on="element", maintain_order="left").with_columns(
        unit=pl.col("element").replace_strict(units, default=None, return_dtype=pl.String))
    order = cells.filter((pl.col("amount") > 0.0) | pl.col("under_way")).group_by("element").agg(
        begins=pl.col("column").min(), lasts=pl.col("column").max())
    cells = cells.join(order, on="element", how="left", maintain_order="left").sort(
        "begins", "lasts", maintain_order=True, nulls_last=True).select(*_CELL)
    years = whole.manifest["stages"]["years"]
    called = tuple(map(_with_years, names, years))
    return Calendar(names, called, (), cells, elements, whole=False)


def _with_years(name: str, years: float) -> str:
    """Return a stage that stands for several years with the last of them: 2030–32."""
    if not name.isdigit() or years < 2.0:
        return name
    last = str(int(name) + round(years) - 1)
    return f"{name}–{last[-2:] if last[:-2] == name[:-2] else last}"


def _a_year(results: Results, whole: Results) -> pl.DataFrame:
    """Return what each element brings a year in each stage, of the scenario that is looked at."""
    rates = whole.table("rates").filter(pl.col("kind").cast(pl.String) == "process")
    chosen = (results.manifest.get("slice") or {}).get("scenario", "")
    if chosen and "scenario" in rates.columns:
        rates = rates.filter(pl.col("scenario").cast(pl.String) == chosen)
    many, hours = pl.lit(1.0), horizon_hours(whole)
    periods = whole.manifest.get("periods") or {}
    if periods and "period" in rates.columns:
        times = dict(zip(periods["names"], periods["times"], strict=True))
        many = pl.col("period").cast(pl.String).replace_strict(times, return_dtype=pl.Float64)
        passed = rates.select("period", "time", "hours").unique()
        hours = float(passed.select((pl.col("hours") * many).sum()).item())
    return rates.with_columns(pl.col("element", "stage").cast(pl.String),
                              unit=pl.col("unit").cast(pl.String).str.strip_suffix("/h")).group_by(
        "element", "unit", "stage").agg(amount=(pl.col("rate") * pl.col("hours") * many).sum() * 8760.0 / hours)


def _standing(results: Results, place: dict[str, int]) -> pl.DataFrame:
    """Return what stands of each capacity by stage, how that differs from before, and whether more is on its way."""
    pathway, vintages = optional_table(results, "pathway"), optional_table(results, "vintages")
    if pathway is None or vintages is None:
        return pl.DataFrame(schema={k: _CELL[k] for k in ("element", "column", "stands", "change", "under_way", "of")})
    column = pl.col("stage").cast(pl.String).replace_strict(place, return_dtype=pl.Int64)
    said = said_over(results, pathway.with_columns(pl.col("unit").cast(pl.String)), ("total", "existing"))
    rows = said.select("element", column=column, stands="total", of="unit").sort("element", "column").with_columns(
        change=pl.col("stands").diff().over("element"))
    first, until = (pl.col(name).cast(pl.String).replace_strict(place, default=len(place), return_dtype=pl.Int64)
                    for name in ("stage", "stands_from"))
    begun = vintages.filter(pl.col("decided") > 1e-9).select("element", column=pl.int_ranges(first, until))
    begun = begun.explode("column").drop_nulls().unique().with_columns(under_way=pl.lit(True))
    return rows.join(begun, on=["element", "column"], how="left").with_columns(pl.col("under_way").fill_null(False))


def spells(calendar: Calendar) -> pl.DataFrame:
    """Return stretches in which elements run without a break: from which column until which, and how much in all.

    Of stages the amount is the mean of a year.
    """
    running = calendar.cells.filter(pl.col("amount") > 0.0).with_row_index("row")
    spell = (pl.col("column").diff().over("element").fill_null(1) != 1).cum_sum().over("element")
    order = running.group_by("element", spell.alias("spell"), maintain_order=True).agg(
        pl.col("site", "unit").first(), pl.col("row").first(), begin=pl.col("column").first(),
        end=pl.col("column").last(), columns=pl.len(),
        amount=pl.col("amount").mean() if calendar.stages else pl.col("amount").sum(),
    )
    names = pl.Series(calendar.called, dtype=pl.String)
    return order.sort("row").with_columns(
        since=names.gather(order.sort("row")["begin"]), until=names.gather(order.sort("row")["end"])
    ).drop("row", "spell")
