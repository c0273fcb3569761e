"""Firms' books: what they add, loans, and cash over time; only runs with accounts have them. Statements stand apart."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.statements import SHORT, STATEMENTS
from lodeworks.views.figures.style import DASHES, PALETTE, empty, height_for, pattern, styled
from lodeworks.views.numbers import money, money_scale, percent
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["ACCOUNTS", "ADDED", "CASH", "LOANS", "added", "cash", "loan_rows"]

_MOST_LINES = 8
_MOST_BARS = 30


def added_rows(results: Results) -> pl.DataFrame:
    """Return output value, value added and cash of each firm that has any, the largest output first."""
    rows = optional_table(results, "value_added")
    if rows is None:
        return pl.DataFrame(schema={"firm": pl.String, "output_value": pl.Float64})
    return rows.filter(
        pl.any_horizontal(pl.col("output_value", "value_added", "cash").abs() > 0.0)
    ).sort("output_value", descending=True)


def loan_rows(results: Results) -> pl.DataFrame:
    """Return each loan of each firm over the horizon: drawn, carried on, repaid, interest, most owed."""
    rows = optional_table(results, "loans")
    if rows is None:
        return pl.DataFrame(schema={"firm": pl.String, "drawn": pl.Float64})
    return rows.group_by(["firm", "loan", "lender"], maintain_order=True).agg(
        granted=pl.col("granted").first(), drawn=pl.col("drawn").sum(), renewed=pl.col("renewed").sum(),
        repaid=pl.col("due").sum() - pl.col("renewed").sum(), interest=pl.col("interest").sum(),
        owed=pl.col("owed").last(), value=pl.col("marginal_value").sum(),
    ).filter((pl.col("drawn") > 0.0) | (pl.col("renewed") > 0.0) | (pl.col("repaid") > 0.0) | (pl.col("value") > 1e-9)
             ).sort(["drawn", "value"], descending=True)


def _cash(results: Results) -> pl.DataFrame:
    rows = optional_table(results, "statements")
    if rows is None:
        return pl.DataFrame(schema={"firm": pl.String, "time": pl.Datetime("ms"), "amount": pl.Float64})
    own = rows.filter((pl.col("statement") == "balance sheet") & (pl.col("line") == "cash"))
    return own.select("firm", "time", "amount")


def cash(results: Results, language: str = "en") -> go.Figure:
    """Draw the cash of the firms whose cash moves most, at the end of each period."""
    rows = _cash(results)
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    moved = rows.group_by("firm", maintain_order=True).agg(spread=pl.col("amount").max() - pl.col("amount").min())
    chosen = moved.sort("spread", descending=True)["firm"].head(_MOST_LINES).to_list()
    divisor, unit = money_scale(float(rows.select(pl.col("amount").abs().max()).item()), words.currency, language)
    figure = go.Figure()
    for k, firm in enumerate(chosen):
        part = rows.filter(pl.col("firm") == firm)
        times, amounts = part["time"].to_list(), (part["amount"] / divisor).to_list()
        if len(times) > 1:  # the last period is drawn to its end
            times, amounts = [*times, times[-1] + (times[-1] - times[-2])], [*amounts, amounts[-1]]
        figure.add_scatter(
            x=times, y=amounts, mode="lines", name=words.owner(firm),
            line={"color": PALETTE[k % len(PALETTE)], "dash": DASHES[k % len(DASHES)], "width": 2.2, "shape": "hv"},
            hovertemplate="%{x|%Y-%m-%d}: %{y:,.3g}",
        )
    figure = styled(figure, height=380)
    figure.update_yaxes(title_text=unit, rangemode="tozero")
    return figure


def added(results: Results, language: str = "en") -> go.Figure:
    """Draw output value, value added and cash of operation side by side."""
    rows = added_rows(results).head(_MOST_BARS).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    largest = max(abs(value) for value in rows["output_value"])
    divisor, unit = money_scale(largest, words.currency, language)
    figure = go.Figure()
    names = [words.owner(firm) for firm in rows["firm"]]
    for k, column in enumerate(ADDED.columns[1:4]):
        figure.add_bar(
            x=(rows[column.name] / divisor).to_list(), y=names, orientation="h",
            name=column.title_zh if language == "zh" else column.title_en,
            marker={"color": PALETTE[k], "pattern": pattern(k)}, hovertemplate="%{y}: %{x:,.3g}",
        )
    figure = styled(figure, height=height_for(3 * len(rows), each=18))
    figure.update_xaxes(title_text=unit)
    figure.update_layout(barmode="group", legend_traceorder="reversed")
    return figure


def _cash_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), _cash(results)
    if rows.is_empty():
        return words.say("nothing")
    values = results.table("marginal_values").filter(pl.col("what") == "cash")
    worth = values.group_by("name").agg(pl.col("value").max()).sort("value", descending=True)
    least, firms = float(rows["amount"].min()), rows["firm"].n_unique()  # type: ignore[arg-type]
    text = words.pick(f"Cash of {firms} firms at the end of each period; the least is "
                      f"{money(least + 0.0, words.currency, language)}.",
                      f"{firms}家企业各期末现金；最低为{money(least + 0.0, words.currency, language)}。")
    if worth.is_empty() or worth["value"][0] <= 1e-9:
        return text + words.pick(" Nowhere is cash short.", "现金均不紧张。")
    name, value = words.owner(str(worth["name"][0])), money(float(worth["value"][0]), words.currency, language)
    return text + words.pick(
        f" Shortest is {name}: one more {words.currency} at the right time earns {value}.",
        f"最紧张的是{name}：适时多{money(1.0, words.currency, 'zh')}现金可多赚{value}。")


def _added_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), optional_table(results, "value_added")
    if rows is None:
        return words.say("nothing")
    sums = rows.select(pl.col("output_value", "sales_inside", "value_added", "cash").sum()).row(0, named=True)

    def say(amount: float) -> str:
        return money(amount, words.currency, language)

    output, twice = sums["output_value"], sums["sales_inside"]
    share = percent(twice / output) if output > 0.0 else percent(0.0)
    return words.pick(
        f"Output value adds up to {say(output)}, of which {say(twice)} ({share}) is counted more than once because "
        f"firms sell to one another; value added is {say(sums['value_added'])}, "
        f"cash from operation {say(sums['cash'])}.",
        f"产值合计{say(output)}，其中{say(twice)}（{share}）因企业间销售而重复计算；增加值{say(sums['value_added'])}，"
        f"经营现金{say(sums['cash'])}。")


def _loan_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), loan_rows(results)
    if rows.is_empty():
        return words.pick("No loan is drawn.", "没有提款。")
    drawn, renewed = (money(float(rows[name].sum()), words.currency, language) for name in ("drawn", "renewed"))
    interest = money(float(rows["interest"].sum()), words.currency, language)
    firms = rows.filter(pl.col("drawn") > 0.0)["firm"].n_unique()
    carried = float(rows["renewed"].sum()) > 0.0
    on = words.pick(f", carry on {renewed} without repaying first,", f"，无还本续贷{renewed}") if carried else ""
    who, pay = ("1 firm draws", "pays") if firms == 1 else (f"{firms} firms draw", "pay")
    return words.pick(f"{who} {drawn}{on} and {pay} {interest} of interest.",
                      f"{firms}家企业提款{drawn}{on}，付息{interest}。")


ADDED = View(
    "added", "Output value, value added, cash", "产值、增加值与现金",
    (
        Column("firm", "Firm", "企业", "owner"),
        Column("output_value", "Output value", "产值", "money"),
        Column("value_added", "Value added", "增加值", "money"),
        Column("cash", "Cash from operation", "经营现金", "money"),
        Column("sales_outside", "Sold outside", "对外销售", "money"),
        Column("sales_inside", "Sold inside the chain", "链内销售", "money"),
        Column("bought_outside", "Bought outside", "对外采购", "money"),
        Column("bought_inside", "Bought inside", "链内采购", "money"),
    ),
    added_rows, added, _added_sentence,
)
LOANS = View(
    "lending", "Loans", "贷款",
    (
        Column("firm", "Firm", "企业", "owner"),
        Column("loan", "Loan", "贷款", "loan"),
        Column("lender", "Lender", "银行", "lender"),
        Column("granted", "May owe", "授信余额上限", "money"),
        Column("drawn", "Drawn", "提款", "money"),
        Column("renewed", "Carried on", "续贷", "money"),
        Column("repaid", "Repaid", "还款", "money"),
        Column("interest", "Interest", "利息", "money"),
        Column("owed", "Owed at the end", "期末余额", "money"),
        Column("value", "One more granted earns", "多授信一元的价值", "number"),
    ),
    loan_rows, None, _loan_sentence,
)
CASH = View(
    "cash", "Cash", "现金",
    (Column("firm", "Firm", "企业", "owner"), Column("time", "Period", "期初日", "time"),
     Column("amount", "Cash at its end", "期末现金", "money")),
    _cash, cash, _cash_sentence,
)
ACCOUNTS: tuple[View, ...] = (CASH, SHORT, LOANS, ADDED, STATEMENTS)
"""The views of runs with accounts."""
