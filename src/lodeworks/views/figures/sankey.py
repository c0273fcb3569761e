"""The chain as a Sankey picture of the whole horizon: who gives and takes how much, by mass or by energy.

Bands between elements and commodities are the flows added up over time and sites. What a route carries stays
within its commodity; only what it loses leaves. Where the chain feeds itself (a mine that burns its own power)
the band that closes the circle is drawn to and from stubs, so that every sum stays as it is. Many small elements
that give and take the same are drawn as one, and labels are as long as their column has room; the rest is told when
pointed at, and stands in the table. Where there are very many all the same, the smallest of a kind become one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.folding import smallest
from lodeworks.views.figures.style import MUTED, PALETTE, empty, faded, styled
from lodeworks.views.numbers import quantity
from lodeworks.views.results import Results
from lodeworks.views.sums import emission, flow_sums
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["ENERGY", "MASS", "sankey", "sankey_rows"]

_MOST = 60
"""So many elements, and so many commodities, are drawn for themselves."""
_FACTOR = {"mass": ("mass_kg", 1e-3, "t"), "energy": ("energy_MJ", 1e-3, "GJ")}
_LIKE = 4  # so many small elements of one kind become one
_SMALL = 0.04  # of the widest band
_WIDTH_PX, _CHARACTER_PX = 1040.0, 6.6
_KIND_COLOUR = {
    "process": PALETTE[0],
    "supply": PALETTE[2],
    "demand": PALETTE[1],
    "let_go": "#999999",
    "fleet": PALETTE[5],
    "unserved": PALETTE[3],
}


def sankey_rows(results: Results, by: str = "mass") -> pl.DataFrame:
    """Return what each element gives to (positive) or takes from each commodity, in t or GJ, largest first.

    Carbon dioxide is left out of the mass: most of it is air, which nobody handed in.
    """
    column, factor, unit = _FACTOR[by]
    weights = results.table("commodities").select("commodity", weight=pl.col(column) * factor)
    sums = (
        flow_sums(results).group_by(["element", "kind", "commodity"], maintain_order=True).agg(pl.col("amount").sum())
    )
    sums = sums.filter(pl.col("commodity") != emission(results))
    rows = sums.join(weights, on="commodity").filter(pl.col("weight").is_not_null())
    rows = rows.select("element", "kind", "commodity", amount=pl.col("amount") * pl.col("weight"), unit=pl.lit(unit))
    largest = rows["amount"].abs().max()
    tiny = 1e-6 * float(largest) if isinstance(largest, float) else 0.0
    return rows.filter(pl.col("amount").abs() > tiny).sort(pl.col("amount").abs(), descending=True)


def sankey(results: Results, language: str = "en", by: str = "mass") -> go.Figure:
    """Draw who gives and takes what over the horizon.

    Parameters
    ----------
    by
        ``mass`` (t) or ``energy`` (GJ); commodities without the one are left out of its picture.
    """
    rows = sankey_rows(results, by)
    if rows.is_empty():
        return empty(language)
    words, unit = Words(results, language), rows["unit"][0]
    rows, many = _alike(rows)
    kinds = dict(rows.select("element", "kind").iter_rows())
    commodities = rows["commodity"].unique(maintain_order=True).to_list()
    tints = {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(commodities)}
    links, folded = _links(rows, kinds)
    nodes = list(dict.fromkeys(end for link in links for end in (link.source, link.target)))
    number = {node: i for i, node in enumerate(nodes)}
    titles = [_label(node, words, many, folded) for node in nodes]
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": _fitting(nodes, titles, links, language),
                "customdata": titles,
                "pad": 18,
                "thickness": 12,
                "line": {"width": 0},
                "color": [
                    _KIND_COLOUR.get(kinds.get(name, name), MUTED) if kind in ("element", "others") else "#a9b1bc"
                    for kind, name in nodes
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            link={
                "source": [number[link.source] for link in links],
                "target": [number[link.target] for link in links],
                "value": [link.amount for link in links],
                "color": [faded(tints.get(link.commodity, MUTED)) for link in links],
                "customdata": [
                    f"{words.commodity(link.commodity) or words.say('other')} {quantity(link.amount, unit, language)}"
                    for link in links
                ],
                "hovertemplate": "%{source.customdata} → %{target.customdata}<br>%{customdata}<extra></extra>",
            },
        )
    )
    return styled(figure, height=min(1500, max(440, 24 * len(nodes))), legend=False)


def _links(rows: pl.DataFrame, kinds: dict[str, str]) -> tuple[list[_Link], dict[str, int]]:
    """Return the bands without circles, and how many of each kind (and of commodities) are drawn as one."""
    few = _few(rows)
    rare = smallest(rows.select("commodity", "amount").iter_rows(), _MOST)
    sums: dict[tuple[tuple[str, str], tuple[str, str], str], float] = {}
    for e, c, a in rows.select("element", "commodity", "amount").iter_rows():
        element = ("others", kinds[e]) if e in few else ("element", e)
        commodity, named = (("others", "commodity"), "") if c in rare else (("commodity", c), c)
        key = (element, commodity, named) if a > 0.0 else (commodity, element, named)
        sums[key] = sums.get(key, 0.0) + abs(a)
    folded: dict[str, int] = {}
    for name in few:
        folded[kinds[name]] = folded.get(kinds[name], 0) + 1
    if rare:
        folded["commodity"] = len(rare)
    return _without_circles([_Link(source, target, a, c) for (source, target, c), a in sums.items()]), folded


def _few(rows: pl.DataFrame) -> frozenset[str]:
    """Return the smallest elements where they are too many; the only one of its kind among them stays itself."""
    found = smallest(rows.select("element", "amount").iter_rows(), _MOST)
    kinds = dict(rows.filter(pl.col("element").is_in(list(found))).select("element", "kind").iter_rows())
    return frozenset(name for name in found if sum(kind == kinds[name] for kind in kinds.values()) > 1)


def _alike(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Add up small elements of one kind that give and take the same commodities, under the name of the largest.

    Returns
    -------
    pl.DataFrame, dict
        The rows, and of how many elements a name now stands for the others.
    """
    small = _SMALL * float(rows["amount"].abs().max() or 0.0)  # type: ignore[arg-type]
    flows: dict[str, list[tuple[str, float]]] = {}
    kinds = dict(rows.select("element", "kind").iter_rows())
    for element, commodity, amount in rows.select("element", "commodity", "amount").iter_rows():
        flows.setdefault(element, []).append((commodity, amount))
    groups: dict[tuple[str, tuple[tuple[str, bool], ...]], list[str]] = {}
    for element, own in flows.items():
        if max(abs(amount) for _, amount in own) < small and kinds[element] != "let_go":
            signs = tuple(sorted((commodity, amount > 0.0) for commodity, amount in own))
            groups.setdefault((kinds[element], signs), []).append(element)
    merged = {name: own[0] for own in groups.values() if len(own) >= _LIKE for name in own}
    many = {own[0]: len(own) for own in groups.values() if len(own) >= _LIKE}
    summed = (
        rows.with_columns(pl.col("element").replace(merged))
        .group_by(["element", "kind", "commodity", "unit"], maintain_order=True).agg(pl.col("amount").sum())
    )
    return summed.sort(pl.col("amount").abs(), descending=True), many


def _fitting(nodes: list[tuple[str, str]], titles: list[str], links: list[_Link], language: str) -> list[str]:
    """Return labels that stay in their column: names end where the next column's begin.

    A label stands right of its node, in the last column left of it; a commodity that goes to one end alone, whose
    name would lie upon the end's, is not labelled.
    """
    after: dict[tuple[str, str], list[tuple[str, str]]] = {node: [] for node in nodes}
    for link in links:
        after[link.source].append(link.target)
    depths: dict[tuple[str, str], int] = {}
    columns = 1 + max(_depth(node, after, depths) for node in nodes)
    room = _WIDTH_PX / max(columns - 1, 1) / (_CHARACTER_PX * (2.0 if language == "zh" else 1.0))
    longest = max(10 if language == "zh" else 22, round(1.3 * room))
    title = dict(zip(nodes, titles, strict=True))
    labels = []
    for node in nodes:
        ends = after[node]
        hidden = len(ends) == 1 and not after[ends[0]] and len(title[node]) + len(title[ends[0]]) > room
        text = title[node]
        half = longest // 2  # ends often tell names apart
        cut = text if len(text) <= longest or columns <= 3 else f"{text[:half].rstrip()}…{text[1 - half:].lstrip()}"
        labels.append("" if hidden and node[0] == "commodity" else cut)
    return labels


def _depth(
    node: tuple[str, str], after: dict[tuple[str, str], list[tuple[str, str]]], known: dict[tuple[str, str], int]
) -> int:
    """Return how many bands the longest way from a node has; links make no circle."""
    if node not in known:
        known[node] = max((1 + _depth(to, after, known) for to in after[node]), default=0)
    return known[node]


class _Link(NamedTuple):
    source: tuple[str, str]
    target: tuple[str, str]
    amount: float
    commodity: str


def _without_circles(links: list[_Link]) -> list[_Link]:
    """Keep the largest links that make no circle; lead each other one to a stub and back from another."""
    after: dict[tuple[str, str], set[tuple[str, str]]] = {}
    kept = []
    for link in sorted(links, key=lambda link: -link.amount):
        if _reaches(after, link.target, link.source):
            kept.append(link._replace(target=("used", link.commodity)))
            kept.append(link._replace(source=("returned", link.commodity)))
        else:
            after.setdefault(link.source, set()).add(link.target)
            kept.append(link)
    return kept


def _reaches(after: dict[tuple[str, str], set[tuple[str, str]]], start: tuple[str, str], end: tuple[str, str]) -> bool:
    seen, open_ends = {start}, [start]
    while open_ends:
        here = open_ends.pop()
        if here == end:
            return True
        further = after.get(here, set()) - seen
        seen |= further
        open_ends.extend(further)
    return False


def _label(node: tuple[str, str], words: Words, many: dict[str, int], folded: dict[str, int]) -> str:
    kind, name = node
    if kind == "others":
        return words.pick(f"Other: {folded[name]} × {words.say(name)}", f"其他{folded[name]}项：{words.say(name)}")
    if kind == "element" and name in many:
        return words.pick(f"{many[name]} such as {words.element(name)}", f"{words.element(name)}等{many[name]}项")
    if kind == "element":
        return words.say("let_go") if name.partition(" let go")[1] else words.element(name)
    title = words.commodity(name)
    if kind == "commodity":
        return title
    return words.pick(f"{title} ({words.say(kind)})", f"{title}（{words.say(kind)}）")


def _sentence(by: str) -> Callable[[Results, str], str]:
    def sentence(results: Results, language: str) -> str:
        words, rows = Words(results, language), sankey_rows(results, by)
        if rows.is_empty():
            return words.say("nothing")
        said = (_widest(rows, words), _traded(rows, words), _folded(rows, words))
        return words.pick(" ", "").join(part for part in said if part) or words.say("nothing")

    return sentence


def _widest(rows: pl.DataFrame, words: Words) -> str:
    made = rows.filter(pl.col("amount") > 0.0)
    if made.is_empty():  # all comes out of stores
        return ""
    most = made.row(0, named=True)
    commodity, element = words.commodity(most["commodity"]), words.element(most["element"])
    amount = quantity(most["amount"], most["unit"], words.language)
    return words.pick(f"The widest band is {commodity} from {element}: {amount}.",
                      f"最宽的一条是{element}产出的{commodity}：{amount}。")


def _traded(rows: pl.DataFrame, words: Words) -> str:
    """Say what is sold, bought and let go; not what is nought, for in an hour as measured nobody may measure it."""
    told = []
    for kind, given, english, chinese in (
        ("demand", False, "leave the chain as sales", "外销"), ("supply", True, "are bought in", "外购"),
        ("let_go", False, "are let go unused", "放散"),
    ):
        part = rows.filter((pl.col("kind") == kind) & ((pl.col("amount") > 0.0) == given))
        if not part.is_empty():
            amount = quantity(abs(float(part["amount"].sum())), part["unit"][0], words.language)
            told.append(words.pick(f"{amount} {english}", f"{chinese}{amount}"))
    if not told:
        return ""
    *before, last = told
    return words.pick(f"{', '.join(before)} and {last}." if before else f"{last}.", "，".join(told) + "。")


def _folded(rows: pl.DataFrame, words: Words) -> str:
    few = len(_few(_alike(rows)[0]))
    return words.pick(f"The {few} smallest are drawn as “other”; the table has all.",
                      f"最小的{few}项合并为“其他”，明细见表。") if few else ""


def _rows(by: str) -> Callable[[Results], pl.DataFrame]:
    return lambda results: sankey_rows(results, by)


_COLUMNS = (
    Column("element", "Element", "环节", "element"),
    Column("kind", "Kind", "类别", "word"),
    Column("commodity", "Commodity", "物料", "commodity"),
    Column("amount", "Gives (+) or takes (−)", "产出(+)/消耗(−)", "amount", "unit"),
)
MASS = View("sankey_mass", "By mass", "按质量", _COLUMNS, _rows("mass"), partial(sankey, by="mass"), _sentence("mass"))
ENERGY = View(
    "sankey_energy", "By energy", "按能量", _COLUMNS, _rows("energy"), partial(sankey, by="energy"), _sentence("energy")
)
