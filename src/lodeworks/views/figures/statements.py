"""Firms' three statements as people read them: items, sums of each group, results; and the lines that cash held back.

Sums stand in no table of a run: they are added up here from its lines, so that they cannot disagree with them.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from lodeworks.views.numbers import money, percent
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["SHORT", "STATEMENTS", "short_rows", "statement_rows"]

_NAMES = ("firm", "statement", "group", "line")
_SCHEMA = {**dict.fromkeys(_NAMES, pl.String), "first": pl.Float64, "amount": pl.Float64}
_AFTER = ("interest", "profit_tax", "investment", "renewal")  # what is taken off after operation
_CALLED = {  # an item has another name where it is earned and where it is paid
    ("profit", "investment"): "written off", ("profit", "profit"): "net profit",
    ("cash flow", "investment"): "paid for plant", ("cash flow", "renewal"): "paid for plant anew",
}
_GROUPS = {"investment": "investing"}  # which as an item of costs is a yearly share
_DEAR = 0.1  # money that would earn more than this beyond itself is short; to save a loan's interest earns less


def statement_rows(results: Results) -> pl.DataFrame:
    """Return each line of each firm over the horizon, with sums of each group; the balance sheet is that of its end."""
    rows = optional_table(results, "statements")
    if rows is None:
        return pl.DataFrame(schema=_SCHEMA)
    grouped = rows.group_by(_NAMES, maintain_order=True).agg(
        first=pl.col("amount").first(),
        amount=pl.when((pl.col("statement") == "balance sheet").first())
        .then(pl.col("amount").last()).otherwise(pl.col("amount").sum()),
    )
    made = [row for (firm,), own in grouped.group_by("firm", maintain_order=True) for row in _arranged(str(firm), own)]
    return pl.DataFrame(made, schema=_SCHEMA, orient="row")


Row = tuple[str, str, str, str, float, float]


def _arranged(firm: str, own: pl.DataFrame) -> Iterator[Row]:
    """Yield a firm's lines in the order of its statements, each group with its sum."""

    def part(statement: str, group: str) -> list[Row]:
        kept = own.filter((pl.col("statement") == statement) & (pl.col("group") == group))
        return [
            (firm, statement, _GROUPS.get(group, group), _CALLED.get((statement, line), line), first, amount)
            for line, first, amount in kept.select("line", "first", "amount").iter_rows()
        ]

    def total(statement: str, name: str, rows: list[Row]) -> Row:
        return (firm, statement, "total", name, sum(row[4] for row in rows), sum(row[5] for row in rows))

    after = {_CALLED.get(("profit", line), line) for line in _AFTER}
    items = part("profit", "items")
    operating = [row for row in items if row[3] not in after]
    taken = [row for row in items if row[3] in after and row[3] != "profit_tax"]
    tax = [row for row in items if row[3] == "profit_tax"]
    yield from operating
    if firm and items:
        yield total("profit", "ebitda", operating)
        yield from taken
        yield total("profit", "before tax", [*operating, *taken])
        yield from tax
    else:
        yield from [*taken, *tax]
    yield from part("profit", "result")
    for group in ("operation", "investment", "financing"):
        rows = part("cash flow", group)
        if rows:
            yield from rows
            yield total("cash flow", f"from {group}", rows)
    yield from part("cash flow", "result")
    yield from part("tax on profit", "items")
    yield from part("tax on profit", "result")
    assets = part("balance sheet", "assets")
    claims = [*part("balance sheet", "liabilities"), *part("balance sheet", "equity")]
    if assets:
        yield from assets
        yield total("balance sheet", "all assets", assets)
        yield from claims
        yield total("balance sheet", "all claims", claims)


def _statement_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), statement_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    profit = rows.filter((pl.col("statement") == "profit") & (pl.col("group") == "result") & (pl.col("firm") != ""))
    gain = money(float(profit["amount"].sum()), words.currency, language)
    losing = profit.filter(pl.col("amount") < 0.0)
    lose = {0: "none of them loses", 1: "one of them loses"}.get(len(losing), f"{len(losing)} of them lose")
    return words.pick(f"{len(profit)} firms earn {gain} after tax; {lose} money.",
                      f"{len(profit)}家企业税后利润合计{gain}；"
                      + (f"其中{len(losing)}家亏损。" if len(losing) else "均不亏损。"))


# ---- what cash held back ------------------------------------------------------------------------------


def short_rows(results: Results) -> pl.DataFrame:
    """Return the existing lines that ran below their capacity while their firm was short of cash, the most first.

    A firm is short in a period in which one more unit of money would earn a tenth of itself beyond itself. `ran` and
    `otherwise` are shares of capacity in those periods and in all others; `missed` is what was not made in them.
    """
    schema = {"firm": pl.String, "element": pl.String, "periods": pl.Int64, "ran": pl.Float64, "otherwise": pl.Float64,
              "missed": pl.Float64, "unit": pl.String, "worth": pl.Float64}
    statements = optional_table(results, "statements")
    if statements is None:
        return pl.DataFrame(schema=schema)
    values = results.table("marginal_values").filter(pl.col("what") == "cash").select(
        firm=pl.col("name").cast(pl.String), time="time", worth="value").sort("firm", "time")
    lines = results.table("capacities").filter((pl.col("kind") == "process") & (pl.col("existing") > 0.0)).join(
        results.table("elements").select("element", "owner"), on="element", how="left")
    rates = results.table("rates").with_columns(pl.col("element").cast(pl.String)).group_by(
        "element", "time", "hours", maintain_order=True).agg(pl.col("rate").sum())
    found = rates.join(lines.select("element", "owner", "total", unit=pl.col("commodity")), on="element").sort("time")
    if values.is_empty() or found.is_empty():
        return pl.DataFrame(schema=schema)
    joined = found.sort("owner", "time").join_asof(
        values, on="time", by_left="owner", by_right="firm", strategy="backward", check_sortedness=False)
    short = pl.col("worth").fill_null(0.0) > _DEAR
    ran = pl.col("rate") * pl.col("hours")
    could = pl.col("total") * pl.col("hours")
    units = results.table("commodities").select(unit="commodity", of="unit")
    rows = joined.group_by("owner", "element", maintain_order=True).agg(
        periods=pl.col("time").filter(short).len().cast(pl.Int64),
        ran=ran.filter(short).sum() / could.filter(short).sum(),
        otherwise=ran.filter(~short).sum() / could.filter(~short).sum(),
        missed=(could - ran).filter(short).sum(), unit=pl.col("unit").first(), worth=pl.col("worth").max(),
    ).filter((pl.col("periods") > 0) & (pl.col("ran") < 1.0 - 1e-6))
    return rows.join(units, on="unit", how="left").select(
        firm="owner", element="element", periods="periods", ran="ran",
        otherwise=pl.when(pl.col("otherwise").is_nan()).then(None).otherwise(pl.col("otherwise")), missed="missed",
        unit="of", worth="worth",
    ).sort("ran", "missed", descending=[False, True])


def _short_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), short_rows(results)
    if rows.is_empty():
        return words.pick("No line runs below its capacity while its firm is short of cash.",
                          "没有产线在所属企业现金紧张时低于产能运行。")
    still = rows.filter(pl.col("ran") <= 1e-6)
    names = ("、" if language == "zh" else ", ").join(words.element(name) for name in still["element"].head(4))
    more = words.pick(f" and {len(still) - 4} more", f"等{len(still)}条") if len(still) > 4 else ""
    first = rows.row(0, named=True)
    worst = words.element(first["element"])
    count = f"{len(rows)} lines run" if len(rows) > 1 else "one line runs"
    text = words.pick(f"While cash is short, {count} below capacity",
                      f"企业现金紧张期间，{len(rows)}条产线低于产能运行")
    if len(still):
        stand = f"{len(still)} of them stand" if len(rows) > 1 else "it stands"
        text += words.pick(f"; {stand} still: {names}{more}. ", f"，其中{len(still)}条停产：{names}{more}。")
    else:
        text += words.pick(f"; the least is {worst} at {percent(first['ran'])}. ",
                           f"；最低的是{worst}，为产能的{percent(first['ran'])}。")
    top = rows.sort("worth", descending=True).row(0, named=True)
    return text + words.pick(
        f"One more {words.currency} at the right time earns up to {money(top['worth'], words.currency, 'en')}, at "
        f"{words.owner(top['firm'])}.",
        f"适时多{money(1.0, words.currency, 'zh')}现金最多可多赚{money(top['worth'], words.currency, 'zh')}"
        f"（{words.owner(top['firm'])}）。")


STATEMENTS = View(
    "statements", "Statements of the firms", "企业报表",
    (
        Column("firm", "Firm", "企业", "owner"),
        Column("statement", "Statement", "报表", "word"),
        Column("group", "Group", "类别", "word"),
        Column("line", "Line", "项目", "word"),
        Column("first", "First period", "首期", "money"),
        Column("amount", "Horizon, or its end", "全期或期末", "money"),
    ),
    statement_rows, None, _statement_sentence,
)
SHORT = View(
    "short", "Lines short of cash", "缺资金的产线",
    (
        Column("firm", "Firm", "企业", "owner"),
        Column("element", "Line", "产线", "element"),
        Column("periods", "Steps in which cash was short", "现金紧张时段数", "number"),
        Column("ran", "Ran then at", "当时负荷", "percent"),
        Column("otherwise", "Otherwise at", "其余时段负荷", "percent"),
        Column("missed", "Not made then", "当时少产", "amount", unit="unit"),
        Column("worth", "One more earns at most", "多一元现金最多多赚", "number"),
    ),
    short_rows, None, _short_sentence,
)
