"""Links that might be built: what one more unit would earn for each unit of money it costs."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, PALETTE, empty, height_for, styled
from lodeworks.views.numbers import digits, money, quantity
from lodeworks.views.rates import said_over
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["CANDIDATES", "candidate_rows", "candidates"]

_SCHEMA = {
    "element": pl.String,
    "kind": pl.String,
    "commodity": pl.String,
    "unit": pl.String,
    "buildable": pl.Float64,
    "built": pl.Float64,
    "marginal_value": pl.Float64,
    "annual_cost": pl.Float64,
    "net_value": pl.Float64,
    "earns": pl.Float64,
    "investment": pl.Float64,
}


def candidate_rows(results: Results) -> pl.DataFrame:
    """Return what may be built, best first, with the worth of one more unit over its cost (`ratio`)."""
    table = optional_table(results, "candidates")
    table = pl.DataFrame(schema=_SCHEMA) if table is None else table
    table = said_over(results, table, ("buildable", "built"), ("marginal_value", "annual_cost"))
    each = pl.lit(f"{results.manifest['objective']['unit']}/(") + pl.col("unit") + ")"
    rows = table.with_columns(
        each=each,
        ratio=pl.when(pl.col("annual_cost") > 0.0).then(pl.col("marginal_value") / pl.col("annual_cost")),
    )
    return rows.sort(["ratio", "earns"], descending=True, nulls_last=True)


def candidates(results: Results, language: str = "en") -> go.Figure:
    """Draw for each candidate what one more unit would earn for each unit of money it costs; above 1 it pays."""
    rows = candidate_rows(results).filter(pl.col("ratio").is_not_null()).head(16).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    ratios = rows["ratio"].to_list()
    built = [
        words.pick(f"built {quantity(b, u, 'en')}", f"建{quantity(b, u, 'zh')}")
        if b > 1e-9
        else words.pick("not built", "未建")
        for b, u in rows.select("built", "unit").iter_rows()
    ]
    pays = [r >= 1.0 - 1e-6 for r in ratios]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=[words.element(e) for e in rows["element"]],
            x=[max(r, 0.0) for r in ratios],
            text=[f" {_ratio(r)} · {b}" for r, b in zip(ratios, built, strict=True)],
            textposition="outside",
            insidetextanchor="start",
            cliponaxis=False,
            textangle=0,
            marker={
                "color": [PALETTE[2] if p else "#b9c0ca" for p in pays],
                "pattern": {"shape": ["" if p else "/" for p in pays], "fgcolor": "white", "size": 6},
            },
            hovertemplate="%{y}: %{x:.2f}<extra></extra>",
        )
    )
    figure.add_vline(
        x=1.0,
        line={"color": INK, "width": 1.5, "dash": "dash"},
        annotation={
            "text": words.pick("pays from here", "由此起划算"),
            "font": {"size": 12, "color": INK},
            "yref": "paper",
            "y": 1.0,
            "yanchor": "bottom",
        },
        annotation_position="top",
    )
    figure = styled(figure, height=height_for(len(rows)) + 24, legend=False)
    figure.update_layout(margin_t=34)
    most = max(*ratios, 1.2) if ratios else 1.2
    figure.update_xaxes(
        title_text=words.pick("Worth of one more unit over its cost", "多一单位的价值 / 其成本"), range=[0, 1.8 * most]
    )
    return figure


def _ratio(value: float) -> str:
    return digits(value) if value >= 0.005 else "0"


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), candidate_rows(results)
    if rows.is_empty():
        return words.pick("The chain names nothing that may be built.", "本链未列出可新建的项目。")
    built = rows.filter(pl.col("built") > 1e-9)
    spent = money(float(built["investment"].sum()), words.currency, language)
    best = rows.row(0, named=True)
    text = words.pick(
        f"Of {len(rows)} links that might be built the plan builds {len(built)}, for {spent}.",
        f"在{len(rows)}个可建项目中，方案选择新建{len(built)}个，投资{spent}。",
    )
    waiting = rows.filter((pl.col("ratio") > 1.001) & (pl.col("built") <= 1e-9))
    budget = (results.chain.get("investment") or {}).get("budget")
    if len(waiting) and budget:
        text += words.pick(
            f" {len(waiting)} more would pay at the margin, but all share one budget for building.",
            f"另有{len(waiting)}个边际上划算但未建：所有项目共用一个投资预算。",
        )
    elif len(waiting):
        text += words.pick(
            f" A first unit of {len(waiting)} more would earn more than it costs; they wait still, since they are "
            "built only whole, or something else holds them.",
            f"另有{len(waiting)}个首个单位划算但未建：只能整体建设，或受其他条件限制。")
    if best["ratio"] is not None:
        text += words.pick(
            f" The best is {words.element(best['element'])}: at the margin it brings {digits(best['ratio'])} "
            "for each 1 it costs.",
            f"最划算的是{words.element(best['element'])}：每投入1元成本，边际回报{digits(best['ratio'])}元。",
        )
    return text


CANDIDATES = View(
    "candidates",
    "The best missing links",
    "最值得补的环节",
    (
        Column("element", "Element", "环节", "element"),
        Column("buildable", "May be built", "可建", "amount", "unit"),
        Column("built", "Built", "新建", "amount", "unit"),
        Column("marginal_value", "One more unit is worth", "多一单位的价值", "price", "each"),
        Column("annual_cost", "It costs", "其成本", "price", "each"),
        Column("ratio", "Worth over cost", "价值/成本", "number"),
        Column("earns", "Earns above its cost", "超出成本的收益", "money"),
        Column("investment", "Investment", "投资", "money"),
    ),
    candidate_rows,
    candidates,
    _sentence,
)
