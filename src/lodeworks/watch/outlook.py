"""What the runs from now say: bands of stocks and when they run out (a look ahead), and what a plan made anew changes.

Numbers as pages show them; moments in milliseconds UTC. The runs are made by children of `ahead`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import RunError
from lodeworks.network.arrays import Floats
from lodeworks.watch.planned import utc_ms
from lodeworks.watch.time_left import urgency

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.runs import Run

__all__ = ["Band", "Change", "RunsOut", "bands", "changes", "covers", "runs_out"]

_HOUR = 3_600_000.0


@dataclass(frozen=True, eq=False)
class Band:
    """What a store will hold: the mean and quantiles over the runs, shape (moments,)."""

    store: str
    unit: str
    at: NDArray[np.int64]
    mean: Floats
    q05: Floats
    q25: Floats
    q50: Floats
    q75: Floats
    q95: Floats


@dataclass(frozen=True)
class RunsOut:
    """A store that may run out within the look ahead.

    `share` is in how many of the runs it did, between `low` and `high` with 95 % confidence. With one chance in twenty
    it runs out before `early`, and as often as not before `middle`; moments beyond the look ahead are none.
    """

    store: str
    level: float
    unit: str
    share: float
    low: float
    high: float
    early: int | None
    middle: int | None
    late: int | None
    hours: float | None

    @property
    def urgency(self) -> str:
        """How urgent it is, by the hours until the early moment."""
        return urgency(self.hours) if self.hours is not None else "later"


@dataclass(frozen=True)
class Change:
    """What a plan made anew does otherwise, over the hours it covers.

    Attributes
    ----------
    what
        ``flow`` (mean rate, per hour), ``level`` (what is held at the end) or ``unserved`` (amount not delivered).
    before, after
        In the plan that was followed, and in the new one.
    first_before, first_after
        Of a flow: the rates now; of others as `before` and `after`.
    """

    what: str
    element: str
    kind: str
    unit: str
    before: float
    after: float
    first_before: float
    first_after: float

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before


def bands(run: Run, zone: str) -> tuple[Band, ...]:
    """Return the bands of a look ahead, in the order of its stores.

    Raises
    ------
    RunError
        If the run is no look ahead.
    """
    frame, found = run.table("bands"), []
    parts = frame.partition_by(["store"], as_dict=True, maintain_order=True) if len(frame) else {}
    for (store,), rows in parts.items():
        numbers = [rows[name].to_numpy() for name in ("mean", "q05", "q25", "q50", "q75", "q95")]
        found.append(Band(str(store), str(rows["unit"][0]), _utc(rows["time"].to_list(), zone), *numbers))
    return tuple(found)


def covers(run: Run, zone: str) -> tuple[int, int]:
    """Return from when until when (ms) a run from the present looks.

    Raises
    ------
    RunError
        If the run did not begin from a state.
    """
    state = run.manifest.get("state")
    if not isinstance(state, dict) or not {"at", "until"} <= state.keys():
        raise RunError(f"{run.folder}: not a run from a state of the present")
    at, until = _utc([dt.datetime.fromisoformat(state[key]) for key in ("at", "until")], zone).tolist()
    return at, until


def runs_out(run: Run, zone: str) -> tuple[RunsOut, ...]:
    """Return which stores may run out, the likeliest first; those that never did are left out.

    Raises
    ------
    RunError
        If the run is no look ahead.
    """
    begin = int(_utc([dt.datetime.fromisoformat(run.manifest["state"]["at"])], zone)[0])
    found = []
    for row in run.table("runs_out").iter_rows(named=True):
        if row["share"] > 0.0:
            hours = [row[f"hours_{q}"] for q in ("q05", "q50", "q95")]
            early, middle, late = (begin + round(h * _HOUR) if h is not None else None for h in hours)
            found.append(RunsOut(row["store"], row["level"], row["unit"], row["share"], row["low"], row["high"],
                                 early, middle, late, hours[0]))
    return tuple(found)


def changes(new: Run, old: Run, *, least: float = 1e-6) -> tuple[Change, ...]:
    """Return what a plan made anew does otherwise than the one that was followed, what moves most money first.

    Both are looked at over the hours the new one covers. What is not delivered stands first, then flows, then stocks,
    each by how much more or less there is of it times what the new plan holds its commodity to be worth on average. A
    share of less than `least` of the larger of the two is no change.

    Raises
    ------
    RunError
        If either has not the tables of a plan.
    """
    begin, end = (dt.datetime.fromisoformat(new.manifest["state"][key]) for key in ("at", "until"))
    found = [
        *_rates(new, old, begin, end), *_levels(new, old, end), *_unserved(new, old, begin, end),
    ]
    told = [c for c in found if abs(c.difference) > max(least * max(abs(c.before), abs(c.after)), 1e-9)]
    worth, order = _worth(new), {"unserved": 0, "flow": 1, "level": 2}
    return tuple(sorted(told, key=lambda c: (order[c.what], -abs(c.difference) * worth.get(c.element, 0.0))))


def _worth(run: Run) -> dict[str, float]:
    """Return what a unit of each element's commodity is worth in a plan: the mean over sites and time."""
    import polars as pl

    values = run.table("marginal_values").filter(pl.col("what").cast(pl.String) == "balance")
    mean = values.group_by(pl.col("commodity").cast(pl.String)).agg(pl.col("value").abs().mean())
    known = run.table("elements").select(pl.col("element", "commodity").cast(pl.String)).join(mean, on="commodity")
    return dict(zip(known["element"].to_list(), known["value"].to_list(), strict=True))


def _rates(new: Run, old: Run, begin: dt.datetime, end: dt.datetime) -> list[Change]:
    import polars as pl

    hours = (end - begin).total_seconds() / 3600.0
    each = []
    for run in (old, new):
        rates = run.table("rates").filter(~pl.col("mode").cast(pl.String).str.contains(": "))
        part = _within(rates, begin, end).with_columns(
            amount=pl.col("rate") * pl.col("shared") / hours,
            first=pl.when(pl.col("time") <= begin).then("rate").otherwise(0.0),
        )
        names = pl.col("element", "kind", "unit").cast(pl.String)
        each.append(part.group_by(names).agg(pl.col("amount", "first").sum()))
    both = each[1].join(each[0], on=["element", "kind", "unit"], how="left", suffix="_old").fill_null(0.0)
    return [
        Change("flow", row["element"], row["kind"], row["unit"], row["amount_old"], row["amount"], row["first_old"],
               row["first"])
        for row in both.sort("element").iter_rows(named=True) if row["kind"] != "store"
    ]


def _levels(new: Run, old: Run, end: dt.datetime) -> list[Change]:
    import polars as pl

    each = [{str(store): (level, unit) for store, level, unit in
             run.table("levels").filter(pl.col("time") == end).select("store", "level", "unit").iter_rows()}
            for run in (old, new)]
    return [
        Change("level", store, "store", str(unit), each[0][store][0], level, each[0][store][0], level)
        for store, (level, unit) in each[1].items() if store in each[0]
    ]


def _unserved(new: Run, old: Run, begin: dt.datetime, end: dt.datetime) -> list[Change]:
    import polars as pl

    each: list[dict[str, tuple[float, str]]] = []
    for run in (old, new):
        part = _within(run.table("unserved"), begin, end).with_columns(
            amount=pl.col("amount") * pl.col("shared") / pl.col("hours"))
        summed = part.group_by(pl.col("demand", "unit").cast(pl.String)).agg(pl.col("amount").sum())
        each.append({row["demand"]: (row["amount"], row["unit"]) for row in summed.iter_rows(named=True)})
    found = []
    for demand in sorted(each[0].keys() | each[1].keys()):
        before, after = (known.get(demand, (0.0, ""))[0] for known in each)
        unit = each[1].get(demand, each[0].get(demand, (0.0, "")))[1]
        found.append(Change("unserved", demand, "demand", unit, before, after, before, after))
    return found


def _within(frame: pl.DataFrame, begin: dt.datetime, end: dt.datetime) -> pl.DataFrame:
    """Return the steps that touch a window, with the hours they share with it."""
    import polars as pl

    ends = pl.col("time") + pl.duration(milliseconds=(pl.col("hours") * _HOUR).round().cast(pl.Int64))
    shared = pl.min_horizontal(ends, pl.lit(end)) - pl.max_horizontal(pl.col("time"), pl.lit(begin))
    return frame.with_columns(shared=shared.dt.total_milliseconds() / _HOUR).filter(pl.col("shared") > 0.0)


def _utc(times: list[dt.datetime], zone: str) -> NDArray[np.int64]:
    epoch = dt.datetime(1970, 1, 1)
    return np.array([utc_ms(round((t - epoch).total_seconds() * 1000.0), zone) for t in times], np.int64)
