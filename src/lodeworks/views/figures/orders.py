"""Orders of a simulation: which come late, and by when each is delivered, with what probability.

Every number is one of the run's tables `orders` and `deliveries`; here they are only written as dates and drawn.
"""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.clock import at_clock, milliseconds
from lodeworks.views.figures.style import DASHES, PALETTE, empty, styled
from lodeworks.views.numbers import digits, percent, scale_of
from lodeworks.views.results import Results, horizon_hours, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["ORDERS", "late_words"]

_DATES = {"due": "due_at", "done_05": "by_05", "done_50": "by_50", "done_95": "by_95"}
_MOST_ORDERS = 12


def order_rows(results: Results) -> pl.DataFrame:
    """Return the orders by their due dates."""
    rows = optional_table(results, "orders")
    if rows is None:
        return pl.DataFrame()
    return rows.sort("due", maintain_order=True).with_columns(
        **{at: at_clock(results, pl.col(hours)) for hours, at in _DATES.items()}, days=pl.col("delay") / 24.0)


def orders(results: Results, language: str = "en") -> go.Figure:
    """Draw in what share of replications each order is complete by when, and when it is due."""
    rows = order_rows(results).head(_MOST_ORDERS)
    if rows.is_empty():
        return empty(language)
    words, each = Words(results, language), results.table("deliveries")
    end = horizon_hours(results)
    figure = go.Figure()
    for k, (name, ordered, due, count) in enumerate(rows.select("name", "ordered", "due", "replications").iter_rows()):
        done = each.filter((pl.col("name") == name) & pl.col("done").is_not_null())["done"].sort()
        hours = pl.Series([ordered, *done, end])
        share = [0.0, *(100.0 * (i + 1) / count for i in range(len(done))), 100.0 * len(done) / count]
        colour = PALETTE[k % len(PALETTE)]
        figure.add_scatter(
            x=milliseconds(results, hours), y=share, mode="lines", name=words.element(name),
            line={"shape": "hv", "color": colour, "width": 2.5, "dash": DASHES[k % len(DASHES)]},
            hovertemplate=f"{words.element(name)}: %{{x|%Y-%m-%d %H:%M}}, %{{y:.0f}} %<extra></extra>",
        )
        if due is not None and due <= end:
            figure.add_vline(x=float(milliseconds(results, pl.Series([due]))[0]),
                             line={"color": colour, "width": 1.5, "dash": "dot"})
    figure = styled(figure, height=380)
    figure.update_xaxes(type="date")
    figure.update_yaxes(range=[0, 104], ticksuffix=words.pick(" %", "%"),
                        title_text=words.pick("of the replications have all of it", "已全部交付的重复占比"))
    return figure


def late_words(results: Results, language: str, row: dict[str, object]) -> str:
    """Return of an order whether it comes late, in a few words."""
    words = Words(results, language)
    late, complete, days = (float(row[name] or 0.0) for name in ("late", "complete", "days"))  # type: ignore[arg-type]
    if complete == 0.0:
        some, whole = float(row["delivered"]), float(row["amount"])  # type: ignore[arg-type]
        divisor, unit = scale_of(whole, str(row["unit"]), language)
        shown = digits(some / divisor), digits(whole / divisor)
        return words.pick(f"{shown[0]} of {shown[1]} {unit} by the end", f"期末交{shown[0]}（共{shown[1]}{unit}）")
    if row["due"] is None:
        return words.pick(f"complete in {percent(complete)}", f"完成概率{percent(complete, 'zh')}")
    if late >= 0.9995 and complete >= 0.9995:
        shown_days = f"{days:.0f}" if days >= 10.0 else digits(round(days, 1))
        return words.pick(f"{shown_days} days late", f"误期{shown_days}天")
    return words.pick(f"{percent(1.0 - late)} in time", f"按期概率{percent(1.0 - late, 'zh')}")


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), order_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    told = [f"{words.element(row['name'])}{words.pick(': ', '：')}{late_words(results, language, row)}"
            for row in rows.head(6).iter_rows(named=True)]
    if len(rows) == 1:
        told += [words.pick(f"{share} of 100 by {at:%Y-%m-%d %H:%M}", f"{share}%的把握不迟于{at:%Y-%m-%d %H:%M}")
                 for share in (50, 95) if (at := rows[f"by_{share}"][0]) is not None]
    return words.pick("; ", "；").join(told) + words.pick(". Dotted: when it is due.", "。点线为交期。")


ORDERS = View(
    "orders", "Which orders come late", "哪些订单误期",
    (Column("name", "Order", "订单", "element"), Column("due_at", "Due", "交期", "time"),
     Column("amount", "Amount", "数量", "amount", "unit"),
     Column("delivered", "Delivered by the end", "期末已交", "amount", "unit"),
     Column("late", "Late in", "误期概率", "percent"), Column("low", "from", "低", "percent"),
     Column("high", "to", "高", "percent"),
     Column("days", "Days late, of those late", "误期者平均天数", "number"),
     Column("by_05", "5 % by", "5%已交于", "time"), Column("by_50", "Half by", "半数已交于", "time"),
     Column("by_95", "95 % by", "95%已交于", "time")),
    order_rows, orders, _sentence,
)
