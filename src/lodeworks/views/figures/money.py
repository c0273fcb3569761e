"""Money: from sales through firms to what it is spent on, by firm and by site. Sums of the table `costs`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.folding import smallest
from lodeworks.views.figures.style import INK, PALETTE, empty, faded, height_for, pattern, styled
from lodeworks.views.numbers import digits, money, money_scale, percent
from lodeworks.views.results import Results
from lodeworks.views.sums import firms_money, money_by
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["BY_FIRM", "BY_SITE", "FLOW", "money_bars", "money_flow", "money_flow_rows", "money_rows"]

_WHOLE = "*"
_MOST = 36
"""So many firms, sources and outlays of money are drawn for themselves."""
_ITEMS = (
    "revenue",
    "inside sales",
    "purchase",
    "inside purchases",
    "operating",
    "freight",
    "fixed",
    "investment",
    "building",
    "salvage",
    "renewal",
    "tax",
    "interest",
    "profit_tax",
    "storage",
    "start",
    "stop",
    "on",
    "unserved",
    "policy",
    "in store",
    "on the way",
)
_INSIDE = ("inside sales", "inside purchases")


def money_rows(results: Results, by: str = "owner") -> pl.DataFrame:
    """Return money by firm (``owner``) or ``site`` and item; the amounts add up to all money of the plan."""
    summed = firms_money if by == "owner" else money_by
    return summed(results, [by, "item"]).sort([by, "item"])


def money_bars(results: Results, language: str = "en", by: str = "owner") -> go.Figure:
    """Draw what comes in and goes out for each firm or site, and what is left."""
    rows = money_rows(results, by)
    if by == "owner" and (not _sold_by_firms(results) or _passes_on(rows)):
        rows = rows.filter(pl.col("owner") != "")
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    name = words.owner if by == "owner" else words.site
    net = rows.group_by(by, maintain_order=True).agg(pl.col("amount").sum()).sort("amount")
    groups = net[by].to_list()
    divisor, unit = money_scale(float(rows["amount"].abs().max() or 0.0), words.currency, language)  # type: ignore[arg-type]
    figure = go.Figure()
    there = set(rows["item"])
    for k, item in enumerate([*(item for item in _ITEMS if item in there), *sorted(there - set(_ITEMS))]):
        amounts = dict(rows.filter(pl.col("item") == item).select(by, "amount").iter_rows())
        figure.add_bar(
            orientation="h",
            y=[name(g) for g in groups],
            x=[amounts.get(g, 0.0) / divisor for g in groups],
            name=words.say(_word(item)),
            marker={"color": PALETTE[k % len(PALETTE)], "pattern": pattern(k)},
            hovertemplate="%{y}: %{x:,.4~r} " + unit + "<extra>" + words.say(_word(item)) + "</extra>",
        )
    figure.add_scatter(
        mode="markers",
        y=[name(g) for g in groups],
        x=[v / divisor for v in net["amount"]],
        marker={"symbol": "diamond", "size": 12, "color": INK, "line": {"color": "white", "width": 2}},
        name=words.pick("In all", "合计") if words.counted else words.pick("What is left", "净额"),
        hovertemplate="%{y}: %{x:,.4~r} " + unit + "<extra></extra>",
    )
    ends = dict(rows.group_by(by).agg(pl.col("amount").clip(lower_bound=0.0).sum()).iter_rows())
    figure.add_scatter(
        mode="text",
        y=[name(g) for g in groups],
        x=[ends[g] / divisor for g in groups],
        text=[f" ◆ {digits(v / divisor) if abs(v) >= 0.1 * divisor else money(v, words.currency, language)}"
              for v in net["amount"]],
        textposition="middle right",
        cliponaxis=False,
        textfont={"color": INK, "size": 13},
        showlegend=False,
        hoverinfo="skip",
    )
    low = float(rows.group_by(by).agg(pl.col("amount").clip(upper_bound=0.0).sum())["amount"].min() or 0.0)  # type: ignore[arg-type]
    high = max(ends.values())
    room = 0.22 * (high - low)
    figure.update_xaxes(range=[(low - 0.3 * room) / divisor, (high + room) / divisor], tickformat=",")
    figure.update_layout(barmode="relative")
    figure.update_xaxes(title_text=unit)
    figure = styled(figure, height=height_for(len(groups), least=230, each=52) + 90)
    figure.update_layout(legend_y=-64 / figure.layout.height)
    return figure


def _passes_on(rows: pl.DataFrame) -> bool:
    """Whether what no firm owns only passes on what it buys, so that nothing of it is left or lacking."""
    rest = rows.filter(pl.col("owner") == "")
    return bool(rest["item"].is_in(_INSIDE).any()) and abs(float(rest["amount"].sum())) <= 1e-9 * float(
        rest["amount"].abs().sum())


def _word(item: str) -> str:
    return "penalty" if item in ("unserved", "policy") else item


def money_flow_rows(results: Results) -> pl.DataFrame:
    """Return where each firm's money comes from and goes to, by item and commodity; it adds up to the profit."""
    rows = firms_money(results, ["owner", "item", "commodity"])
    return rows.filter(pl.col("amount") != 0.0).sort(pl.col("amount").abs(), descending=True)


def money_flow(results: Results, language: str = "en") -> go.Figure:
    """Draw money from sales through firms to what it is spent on and what is left, as a Sankey picture."""
    rows = money_flow_rows(results)
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    labels: dict[str, str] = {}
    tints: dict[str, str] = {}
    links: list[tuple[str, str, float]] = []

    def node(key: str, label: str, tint: str) -> str:
        labels[key], tints[key] = label, tint
        return key

    if not _sold_by_firms(results):
        rows = rows.with_columns(owner=pl.lit(_WHOLE))
    inside = pl.col("item").is_in(_INSIDE)
    for owner, amount in rows.filter(inside).group_by("owner", maintain_order=True).agg(pl.sum("amount")).iter_rows():
        firm = node(f"firm {owner}", _firm(owner, words), PALETTE[0])
        middle = node("inside", words.say("traded inside"), PALETTE[4])
        links.append((firm, middle, -amount) if amount < 0.0 else (middle, firm, amount))
    for row in rows.filter(~inside).iter_rows(named=True):
        firm = node(f"firm {row['owner']}", _firm(row["owner"], words), PALETTE[0])
        if row["amount"] > 0.0:
            title = words.commodity(row["commodity"]) or words.say(_word(row["item"]))
            links.append((node(f"in {row['commodity'] or row['item']}", title, PALETTE[2]), firm, row["amount"]))
        else:
            key = row["item"] if row["item"] != "purchase" else f"purchase {row['commodity']}"
            title = words.say(_word(row["item"]))
            if row["item"] == "revenue":
                key, title = f"revenue {row['commodity']}", _taken(words, row["commodity"])
            if row["item"] == "purchase":
                title = words.pick(
                    f"Bought: {words.commodity(row['commodity'])}", f"外购{words.commodity(row['commodity'])}"
                )
            links.append((firm, node(f"out {key}", title, PALETTE[1]), -row["amount"]))
    for owner, left in rows.group_by("owner", maintain_order=True).agg(pl.col("amount").sum()).iter_rows():
        if left > 0.0:
            links.append((f"firm {owner}", node("profit", words.say("profit"), INK), left))
        elif left < 0.0:
            links.append((node("loss", words.say("loss"), PALETTE[3]), f"firm {owner}", -left))
    merged: dict[tuple[str, str], float] = {}
    for source, target, amount in _folded(links, labels, tints, words):
        merged[source, target] = merged.get((source, target), 0.0) + amount
    number = {key: i for i, key in enumerate(labels)}
    figure = go.Figure(
        go.Sankey(
            node={
                "label": list(labels.values()),
                "color": [tints[key] for key in labels],
                "pad": 16,
                "thickness": 12,
                "line": {"width": 0},
                "hovertemplate": "%{label}<extra></extra>",
            },
            link={
                "source": [number[s] for s, _ in merged],
                "target": [number[t] for _, t in merged],
                "value": list(merged.values()),
                "color": [faded(tints[s]) for s, _ in merged],
                "customdata": [money(v, words.currency, language) for v in merged.values()],
                "hovertemplate": "%{source.label} → %{target.label}<br>%{customdata}<extra></extra>",
            },
        )
    )
    return styled(figure, height=max(420, 24 * len(labels)), legend=False)


def _folded(
    links: list[tuple[str, str, float]], labels: dict[str, str], tints: dict[str, str], words: Words,
) -> list[tuple[str, str, float]]:
    """Draw the smallest of what comes in, of firms and of what goes out as one where they are too many to be read."""
    for group in ("in ", "firm ", "out "):
        sizes = ((key, amount) for link in links for key, amount in ((link[0], link[2]), (link[1], link[2])))
        few = smallest((pair for pair in sizes if pair[0].startswith(group)), _MOST)
        for key in few:
            tints[group] = tints[key]
            del labels[key]
        if few:
            labels[group] = words.pick(f"Other ({len(few)})", f"其他（{len(few)}项）")
        links = [(group if s in few else s, group if t in few else t, amount) for s, t, amount in links]
    return links


def _sold_by_firms(results: Results) -> bool:
    """Whether most of the revenue belongs to named firms; else firms are only where money goes out."""
    revenue = money_by(results, ["item", "owner"]).filter(pl.col("item") == "revenue")
    unnamed = float(revenue.filter(pl.col("owner") == "")["amount"].sum())
    return unnamed <= 0.5 * float(revenue["amount"].sum())


def _firm(owner: str, words: Words) -> str:
    return words.site("") if owner == _WHOLE else words.owner(owner)


def _taken(words: Words, commodity: str = "") -> str:
    """Return what is said of money paid to be rid of something: a demand with a price below nought."""
    said = words.pick("Paid to be taken", "付费处置")
    return f"{said}{words.pick(': ', '：')}{words.commodity(commodity)}" if commodity else said


def _flow_sentence(results: Results, language: str) -> str:
    words = Words(results, language)
    rows = money_by(results, ["item", "commodity"])
    into = float(rows.filter(pl.col("amount") > 0.0)["amount"].sum())
    out = -float(rows.filter(pl.col("amount") < 0.0)["amount"].sum())
    spent = rows.filter(pl.col("amount") < 0.0).group_by("item", maintain_order=True).agg(pl.sum("amount"))
    spent = spent.sort("amount")
    cash = partial(money, currency=words.currency, language=language)
    if spent.is_empty():
        told = (f"{cash(into)} come in; nothing goes out.", f"收入{cash(into)}，没有支出。")
        if words.counted:
            told = (f"{cash(into)} in all.", f"合计{cash(into)}。")
        return words.pick(*told) if into > 0.0 else words.say("nothing")
    top = spent.row(0, named=True)
    share = percent(-top["amount"] / out)
    item = _taken(words) if top["item"] == "revenue" else words.say(_word(top["item"]))
    if into <= 0.0:
        return words.pick(
            f"{cash(out)} go out and nothing comes in. The largest outlay is {item.lower()}: {share}.",
            f"支出{cash(out)}，没有收入。最大的支出是{item}，占{share}。",
        )
    left = (f"{cash(into - out)} are left", f"剩余{cash(into - out)}") if into >= out else (
        f"{cash(out - into)} are lacking", f"差额{cash(out - into)}")
    return words.pick(
        f"{cash(into)} come in, {cash(out)} go out and {left[0]}. The largest outlay is {item.lower()}: {share}.",
        f"收入{cash(into)}，支出{cash(out)}，{left[1]}。最大的支出是{item}，占{share}。",
    )


def _bars_sentence(by: str) -> Callable[[Results, str], str]:
    def sentence(results: Results, language: str) -> str:
        words = Words(results, language)
        rows = money_rows(results, by)
        if by == "owner" and _passes_on(rows):
            rows = rows.filter(pl.col("owner") != "")
        net = rows.group_by(by, maintain_order=True).agg(pl.sum("amount")).sort("amount", descending=True)
        if net.is_empty():
            return words.say("nothing")
        name = words.owner if by == "owner" else words.site
        cash = partial(money, currency=words.currency, language=language)
        if by == "owner" and not _sold_by_firms(results):
            return _spent_sentence(net, words)
        first, last = net.row(0), net.row(-1)
        total, left = float(net["amount"].sum()), ("", "") if words.counted else (" left", "净额")
        text = words.pick(
            f"Of {cash(total)}{left[0]} in all, most is at {name(first[0])} ({cash(first[1])}).",
            f"合计{left[1]}{cash(total)}，其中最多的是{name(first[0])}（{cash(first[1])}）。",
        )
        if len(net) == 1:
            text = words.pick(f"In all {cash(total)}{left[0] and ' are'}{left[0]}.", f"合计{left[1]}{cash(total)}。")
        else:
            text += words.pick(
                f" Least is at {name(last[0])} ({cash(last[1])}).", f"最少的是{name(last[0])}（{cash(last[1])}）。"
            )
        if words.counted:
            return text
        if by == "owner" and rows["item"].is_in(_INSIDE).any():
            return text + words.pick(
                " Goods handed from one to another inside the chain count at chain prices.",
                "链内相互交付的物料按链内价格计。",
            )
        return text + words.pick(
            " Goods handed from one to another inside the chain carry no price here.", "链内相互交付的物料在此不计价。"
        )

    return sentence


def _spent_sentence(net: pl.DataFrame, words: Words) -> str:
    """What is said where sales are not given to firms."""
    spent = net.filter((pl.col("owner") != "") & (pl.col("amount") < 0.0)).sort("amount")
    text = words.pick(
        "Sales and freight are not given to firms in this chain; what each firm itself spends is shown.",
        "本链的销售与运费未划归企业，图中为各企业自身的支出。",
    )
    if len(spent):
        name, amount = words.owner(spent["owner"][0]), money(-float(spent["amount"][0]), words.currency, words.language)
        text += words.pick(f" Most is spent by {name}: {amount}.", f"支出最多的是{name}：{amount}。")
    return text


def _rows(by: str) -> Callable[[Results], pl.DataFrame]:
    return lambda results: money_rows(results, by)


_ITEM = Column("item", "Item", "科目", "word")
_AMOUNT = Column("amount", "Amount", "金额", "money")
FLOW = View(
    "sankey_money",
    "By money",
    "按资金",
    (
        Column("owner", "Firm", "企业", "owner"),
        _ITEM,
        Column("commodity", "Commodity", "物料", "commodity"),
        _AMOUNT,
    ),
    money_flow_rows,
    money_flow,
    _flow_sentence,
)
BY_FIRM = View(
    "money_by_firm",
    "Money by firm",
    "各企业的收支",
    (Column("owner", "Firm", "企业", "owner"), _ITEM, _AMOUNT),
    _rows("owner"),
    partial(money_bars, by="owner"),
    _bars_sentence("owner"),
)
BY_SITE = View(
    "money_by_site",
    "Money by site",
    "各场所的收支",
    (Column("site", "Site", "场所", "site"), _ITEM, _AMOUNT),
    _rows("site"),
    partial(money_bars, by="site"),
    _bars_sentence("site"),
)
