"""From replications to the table of orders: when each was delivered in full, and in how many replications too late.

Only a demand with one order can be told: of several, the place where they wait keeps sums. Nothing is drawn here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.noted import Noted
from lodeworks.simulate.statistics import wilson

if TYPE_CHECKING:
    import polars as pl

__all__ = ["deliveries", "orders_table"]


def deliveries(outcome: Outcome) -> pl.DataFrame:
    """Return of each demand's one order, in every replication, what was delivered of it and when it was complete.

    Returns
    -------
    polars.DataFrame
        ``name`` of the demand, ``replication``, ``ordered`` and ``due`` in hours since the start (due null where none
        is given), ``amount`` and ``delivered`` by the end in ``unit``, ``done`` (hours since the start; null where it
        is not).
    """
    import polars as pl

    net, built, rows = outcome.network, outcome.built, []
    end = float(built.model.marks[-1])
    for e, coming in net.discrete.arrivals.items():
        name = net.elements[e].name
        place = f"orders of {name}"
        once = len(coming.at) == 1 and len(coming.amounts) == 1 and coming.every == 0.0 and not net.cut
        if not once or place not in built.places or not 0.0 <= coming.at[0] < end:
            continue
        ordered, p = coming.at[0], built.places.index(place)
        due = ordered + coming.due.parameters[0] if coming.due and coming.due.family == "constant" else None
        for i, replication in enumerate(outcome.replications):
            notes = replication.notes[-1]
            done = ordered + float(notes[Noted.LOT_STAY.of(p)]) if notes[Noted.N_OUT.of(p)] > 0.0 else None
            rows.append((name, i, ordered, due, coming.amounts[0], float(notes[Noted.OUT.of(p)]), done,
                         built.units[p]))
    return pl.DataFrame(rows, orient="row", schema={
        "name": pl.String, "replication": pl.Int64, "ordered": pl.Float64, "due": pl.Float64, "amount": pl.Float64,
        "delivered": pl.Float64, "done": pl.Float64, "unit": pl.String,
    })


def orders_table(each: pl.DataFrame, end: float) -> pl.DataFrame:
    """Return each order over its replications.

    Parameters
    ----------
    each
        As `deliveries` returns it.
    end
        The end of the horizon, in hours since the start.

    Returns
    -------
    polars.DataFrame
        ``complete``: the share of replications that delivered all of it; ``late`` with ``low`` and ``high``: the share
        in which it was due before it was, by Wilson; ``done_05``, ``done_50``, ``done_95``: hours by which that share
        of replications had (null beyond the end); ``delay``: mean hours after the due date of those that were late
        and complete (null where none was).
    """
    import polars as pl

    rows = []
    for (name,), one in each.group_by("name", maintain_order=True):
        due, count = one["due"][0], len(one)
        done = one["done"].fill_null(np.inf).to_numpy()
        too_late = np.zeros(count, dtype=bool) if due is None else (done > due + 1e-6) & (due < end)
        late = wilson(int(too_late.sum()), count)
        whole = too_late & np.isfinite(done)
        by = np.sort(done)[np.minimum(count - 1, np.ceil(np.array([0.05, 0.5, 0.95]) * count).astype(int) - 1)]
        rows.append((
            name, one["ordered"][0], due, one["amount"][0], one["delivered"].mean(), one["unit"][0],
            float(np.isfinite(done).mean()), late.mean, late.low, late.high,
            *(float(hour) if np.isfinite(hour) else None for hour in by),
            float((done[whole] - due).mean()) if whole.any() else None, count,
        ))
    return pl.DataFrame(rows, orient="row", schema={
        "name": pl.String, "ordered": pl.Float64, "due": pl.Float64, "amount": pl.Float64, "delivered": pl.Float64,
        "unit": pl.String, "complete": pl.Float64, "late": pl.Float64, "low": pl.Float64, "high": pl.Float64,
        "done_05": pl.Float64, "done_50": pl.Float64, "done_95": pl.Float64, "delay": pl.Float64,
        "replications": pl.Int64,
    })
