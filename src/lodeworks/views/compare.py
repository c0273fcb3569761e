"""What changed between runs and why it matters: money by item, capacities, flows, marginal values.

The first run is what the others are compared with. Differences are of sums of the runs' tables; those of money
by item add up to the difference of all money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from lodeworks.errors import RunError
from lodeworks.views.numbers import digits, money, percent, quantity, unit_words
from lodeworks.views.rates import said_over
from lodeworks.views.results import Results
from lodeworks.views.sums import flow_sums, mean_prices, money_by
from lodeworks.views.view import Column
from lodeworks.views.words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Comparison", "Comparisons", "compare"]

_MOST_ROWS = 12
_MOST_NAMED = 4


@dataclass(frozen=True, eq=False)
class Comparison:
    """Tables of what changed; each has columns before, after and change, largest change first.

    Attributes
    ----------
    first, second
        The runs; `names` are what they are called.
    money, money_by_element, capacities, flows, values
        Money by item, money by element, total and built capacity, flows over the horizon by element and
        commodity, mean marginal values by commodity and site.
    """

    first: Results
    second: Results
    names: tuple[str, str]
    money: pl.DataFrame
    money_by_element: pl.DataFrame
    capacities: pl.DataFrame
    flows: pl.DataFrame
    values: pl.DataFrame

    def sentences(self, language: str = "en") -> list[str]:
        """Return what changed and why it matters, in words."""
        return _sentences(self, language)

    def render(self, language: str = "en") -> RenderableType:
        """Return the comparison for the terminal."""
        return _render(self, language)


@dataclass(frozen=True, eq=False)
class Comparisons:
    """The comparisons of several runs with the first of them; Rich prints them in `language`."""

    pairs: tuple[Comparison, ...]
    language: str = "en"

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, number: int) -> Comparison:
        return self.pairs[number]

    def __rich__(self) -> RenderableType:
        from rich.console import Group

        return Group(*(pair.render(self.language) for pair in self.pairs))


def compare(*results: Results, names: Sequence[str] = (), language: str = "en") -> Comparisons:
    """Compare runs with the first of them.

    Parameters
    ----------
    names
        What to call the runs; their folders, else their chains' names, unless given.
    language
        The language they are printed in, ``en`` or ``zh``.

    Raises
    ------
    RunError
        If there are fewer than two runs, or their money is not of one kind.
    """
    if len(results) < 2:
        raise RunError("comparing needs two runs or more")
    called = list(names) or [_name(i, run) for i, run in enumerate(results)]
    first = results[0]
    for other in results[1:]:
        if other.manifest.get("currency") != first.manifest.get("currency"):
            raise RunError(
                f"runs in {first.manifest.get('currency')} and {other.manifest.get('currency')} cannot be compared"
            )
    pairs = [_pair(first, other, (called[0], name)) for other, name in zip(results[1:], called[1:], strict=True)]
    return Comparisons(tuple(pairs), language)


def _name(number: int, run: Results) -> str:
    folder = getattr(run, "folder", None)
    return str(folder) if folder else f"{number + 1}: {run.manifest['chain']}"


def _pair(first: Results, second: Results, names: tuple[str, str]) -> Comparison:
    def capacity(run: Results) -> pl.DataFrame:
        return run.table("capacities").drop_nulls("total").select("element", "kind", "unit", amount=pl.col("total"))

    def value(run: Results) -> pl.DataFrame:
        return mean_prices(run).select("commodity", "site", "unit", amount="mean")

    return Comparison(
        first,
        second,
        names,
        money=_change(money_by(first, ["item"]), money_by(second, ["item"]), ["item"]),
        money_by_element=_change(
            money_by(first, ["element", "item"]), money_by(second, ["element", "item"]), ["element", "item"]
        ),
        capacities=said_over(
            first, _change(capacity(first), capacity(second), ["element", "kind", "unit"]),
            ("before", "after", "change"),
        ),
        flows=_change(_net(first), _net(second), ["element", "commodity", "unit"], relative=True),
        values=_change(value(first), value(second), ["commodity", "site", "unit"], relative=True),
    )


def _net(run: Results) -> pl.DataFrame:
    """What each element gave to or took from each commodity; what a route carried is what arrived by it."""
    rows = flow_sums(run).filter((pl.col("kind") != "route") | (pl.col("amount") > 0.0))
    return rows.group_by(["element", "commodity", "unit"], maintain_order=True).agg(pl.col("amount").sum())


def _change(before: pl.DataFrame, after: pl.DataFrame, keys: list[str], *, relative: bool = False) -> pl.DataFrame:
    both = (
        before.rename({"amount": "before"})
        .join(after.rename({"amount": "after"}), on=keys, how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("before", "after").fill_null(0.0))
    )
    size = pl.max_horizontal(pl.col("before").abs(), pl.col("after").abs())
    both = both.with_columns(change=pl.col("after") - pl.col("before")).filter(
        pl.col("change").abs() > 1e-7 * _common(size, keys)
    )
    order = pl.col("change").abs() / (size if relative else 1.0)
    return both.sort([order, *(pl.col(k) for k in keys)], descending=[True, *(False for _ in keys)])


def _common(size: pl.Expr, keys: list[str]) -> pl.Expr:
    """The largest size of the rows that are counted in one unit: what is tiny beside it is rounding."""
    return size.max().over("unit") if "unit" in keys else size.max()


def _sentences(found: Comparison, language: str) -> list[str]:
    words = Words(found.second, language)
    before, after = found.first.manifest["objective"], found.second.manifest["objective"]
    if (before["goal"], before["unit"]) != (after["goal"], after["unit"]):
        return [
            words.pick(
                "The goals differ, so the objectives cannot be set side by side.", "目标不同，目标值不可直接比较。"
            )
        ]
    change = float(after["value"]) - float(before["value"])
    size = abs(float(before["value"]))
    share = f" ({'+' if change > 0 else ''}{percent(change / size)})" if size > 0.0 else ""
    goal = words.goal(after["goal"])
    if abs(change) <= 1e-9 * max(size, 1e-300):
        lines = [
            words.pick(
                f"{goal} is the same: {words.amount(after['value'], after['unit'])}.",
                f"{goal}不变：{words.amount(after['value'], after['unit'])}。",
            )
        ]
    else:
        lines = [
            words.pick(
                f"{goal} {'rises' if change > 0 else 'falls'} by {words.amount(abs(change), after['unit'])}{share} to "
                f"{words.amount(after['value'], after['unit'])}.",
                f"{goal}{'增加' if change > 0 else '减少'}{words.amount(abs(change), after['unit'])}{share}，为"
                f"{words.amount(after['value'], after['unit'])}。",
            )
        ]
    for row in found.money_by_element.head(3).iter_rows(named=True):
        better = row["change"] > 0.0
        name, item = words.element(row["element"]), words.say(row["item"])
        amount = money(abs(row["change"]), words.currency, language)
        lines.append(
            words.pick(
                f"{name}, {item.lower()}: {amount} {'more' if better else 'less'} money.",
                f"{name}（{item}）：资金{'增加' if better else '减少'}{amount}。",
            )
        )
    lines += _stopped(found, words)
    for row in found.capacities.head(2).iter_rows(named=True):
        lines.append(
            words.pick(
                f"{words.element(row['element'])} goes from {quantity(row['before'], row['unit'], 'en')} to "
                f"{quantity(row['after'], row['unit'], 'en')}.",
                f"{words.element(row['element'])}由{quantity(row['before'], row['unit'], 'zh')}变为"
                f"{quantity(row['after'], row['unit'], 'zh')}。",
            )
        )
    for row in found.values.head(2).iter_rows(named=True):
        what, place, unit = (
            words.commodity(row["commodity"]),
            words.site(row["site"]),
            unit_words(row["unit"], language),
        )
        was, now = digits(row["before"]), digits(row["after"])
        lines.append(
            words.pick(
                f"One more unit of {what} ({place}) was worth {was}, now {now} {unit}.",
                f"{what}（{place}）每多一单位的价值由{was}变为{now} {unit}。",
            )
        )
    return lines


def _stopped(found: Comparison, words: Words) -> list[str]:
    """Say which lines stop, and which run less by a twentieth or more, the most first."""
    kinds = found.second.table("elements").filter(pl.col("kind") == "process").select("element")
    ran = found.flows.join(kinds, on="element", how="semi").group_by("element", maintain_order=True).agg(
        before=pl.col("before").abs().max(), after=pl.col("after").abs().max())
    size = pl.col("before").max()
    still = ran.filter((pl.col("after") <= 1e-6 * size) & (pl.col("before") > 1e-6 * size))
    less = ran.filter((pl.col("after") > 1e-6 * size) & (pl.col("after") < 0.95 * pl.col("before"))).sort(
        pl.col("after") / pl.col("before"))
    lines = []
    if len(still):
        names, more = _listed(still, words)
        lines.append(words.pick(f"Stops: {names}{more}.", f"停产：{names}{more}。"))
    if len(less):
        shares = [f"{words.element(row['element'])} ({percent(row['after'] / row['before'] - 1.0)})"
                  for row in less.head(_MOST_NAMED).iter_rows(named=True)]
        _, more = _listed(less, words)
        named = words.pick(", ", "、").join(shares)
        lines.append(words.pick(f"Runs less: {named}{more}.", f"产量减少：{named}{more}。"))
    return lines


def _listed(rows: pl.DataFrame, words: Words) -> tuple[str, str]:
    """Return the first names of a table of elements, and how many more there are."""
    names = [words.element(name) for name in rows["element"].head(_MOST_NAMED)]
    left = len(rows) - len(names)
    return words.pick(", ", "、").join(names), words.pick(f" and {left} more", f"等{len(rows)}个") if left else ""


def _render(found: Comparison, language: str) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from lodeworks.views.terminal import rich_table

    words = Words(found.second, language)
    parts: list[Any] = [Text(f"{found.names[0]} → {found.names[1]}", style="bold")]
    parts += [Text("• " + line) for line in found.sentences(language)]
    sections = (
        ("Money by item", "各项资金", found.money, (Column("item", "Item", "科目", "word"),), "money", ""),
        (
            "Money by element",
            "各环节资金",
            found.money_by_element,
            (Column("element", "Element", "环节", "element"), Column("item", "Item", "科目", "word")),
            "money",
            "",
        ),
        ("Capacities", "产能", found.capacities, (Column("element", "Element", "环节", "element"),), "amount", "unit"),
        (
            "Flows",
            "流量",
            found.flows,
            (Column("element", "Element", "环节", "element"), Column("commodity", "Commodity", "物料", "commodity")),
            "amount",
            "unit",
        ),
        (
            "Marginal values, mean",
            "平均边际价值",
            found.values,
            (Column("commodity", "Commodity", "物料", "commodity"), Column("site", "Site", "场所", "site")),
            "price",
            "unit",
        ),
    )
    for en, zh, table, names, kind, unit in sections:
        if len(table):
            numbers = tuple(
                Column(n, e, z, kind, unit)
                for n, e, z in (("before", "Before", "之前"), ("after", "After", "之后"), ("change", "Change", "变化"))
            )
            parts += [
                Text(""),
                rich_table(table.head(_MOST_ROWS), (*names, *numbers), words, words.pick(en, zh), of=len(table)),
            ]
    return Group(*parts)
