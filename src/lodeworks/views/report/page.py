"""The page: which sections there are, in which order, and how a view becomes a panel of one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from lodeworks.views.figures import ACCOUNTS, VIEWS, views_of
from lodeworks.views.figures.calendar import calendar_view, loans_view
from lodeworks.views.figures.leaving import LEAVING
from lodeworks.views.figures.pathway import PATHWAY, SCENARIOS, STAGES
from lodeworks.views.figures.rounds import ROUND_VIEWS
from lodeworks.views.report.figuredata import FigureData
from lodeworks.views.report.headline import heading, key_figures, title_of
from lodeworks.views.report.markup import both, folded, in_both, table
from lodeworks.views.report.prose import (
    assumptions,
    bottlenecks_in_words,
    claims_list,
    policies,
    sources,
    unserved_text,
    verification,
)
from lodeworks.views.results import Results, optional_table
from lodeworks.views.slices import sliced
from lodeworks.views.view import View
from lodeworks.views.words import Words

__all__ = ["Page", "page"]

_BROAD = ("sankey", "region", "calendar")
"""Figures that are scrolled sideways on a narrow screen, for squeezed they could not be read."""


class Page:
    """Collects the sections of one run's page and the figures they show."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.figures = FigureData()
        self.sections: list[str] = []
        self.contents: list[str] = []
        self._zh, self._en = Words(results, "zh"), Words(results, "en")

    def section(self, key: str, title: tuple[str, str], *parts: str, short: tuple[str, str] | None = None) -> None:
        """Add a section; one with nothing in it is left out."""
        inside = "\n".join(part for part in parts if part)
        if inside:
            self.contents.append(f'<a href="#{key}">{both(*(short or title))}</a>')
            self.sections.append(f'<section id="{key}"><h2>{both(*title)}</h2>\n{inside}</section>')

    def view(self, view: View, *, titled: bool = False) -> str:
        """Return a view: its sentence, its figure, its table behind a button. Nothing where there are no rows."""
        rows = view.rows(self.results)
        if rows.is_empty():
            return ""
        parts = [f"<h3>{both(view.title_zh, view.title_en)}</h3>"] if titled else []
        parts.append(f'<p class="seen">{in_both(lambda lang: view.sentence(self.results, lang))}</p>')
        if view.figure is not None:
            drawn = {language: view.figure(self.results, language) for language in ("zh", "en")}
            self.figures.add(view.key, drawn)
            broad = view.key.startswith(_BROAD)
            if broad:
                parts.append(f'<p class="pan">{both("左右滑动查看全图", "Slide sideways to see it all")}</p>')
            height = int(drawn["zh"].layout.height or 400)
            label = escape(f"{view.title_zh} / {view.title_en}")
            parts.append(
                f'<div class="figure{" broad" if broad else ""}"><div class="plot" role="img" aria-label="{label}" '
                f'data-figure="{escape(view.key)}" style="min-height:{height}px"></div></div>'
            )
        parts.append(folded(table(rows, view.columns, self._zh, self._en), len(rows)))
        return "\n".join(parts)

    def tabs(self, key: str, views: Sequence[View]) -> str:
        """Return several views of which one is seen at a time; in print all are."""
        shown = [(view, inside) for view in views if (inside := self.view(view))]
        if len(shown) < 2:
            return "".join(inside for _, inside in shown)
        buttons, panels = [], []
        for i, (view, inside) in enumerate(shown):
            buttons.append(
                f'<button type="button" role="tab" aria-selected="{str(i == 0).lower()}" aria-controls="{key}-{i}">'
                f"{both(view.title_zh, view.title_en)}</button>"
            )
            name = f'<h3 class="paper">{both(view.title_zh, view.title_en)}</h3>'
            panels.append(f'<div class="panel" id="{key}-{i}"{" hidden" if i else ""}>{name}{inside}</div>')
        return f'<div class="tabs" role="tablist">{"".join(buttons)}</div>{"".join(panels)}'


def page(results: Results, language: str) -> str:
    """Return the whole page as text."""
    results = sliced(results) if results.manifest["kind"] == "plan" else results
    made = Page(results)
    if results.manifest["kind"] == "simulation":
        from lodeworks.views.report.simulation_page import fill_simulation, simulation_cards, simulation_heading

        fill_simulation(made)
        top, cards, alert = simulation_heading(results), simulation_cards(results), ""
    elif results.manifest["kind"] != "plan":
        from lodeworks.views.report.many_page import fill_many, many_heading

        fill_many(made)
        top, cards, alert = many_heading(results), "", ""
    else:
        _fill_calendar(made)
        _fill_pathway(made)
        _fill(made)
        _fill_rounds(made)
        top, cards, alert = heading(results), key_figures(results), unserved_text(results)
    texts = {
        name: (files(__package__) / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")
    }
    titles = {lang: title_of(results, lang) for lang in ("zh", "en")}
    from plotly.offline import get_plotlyjs

    return Template(texts["page.html"]).substitute(
        lang="en" if language == "en" else "zh-CN",
        title_plain=escape(titles[language]),
        title_zh=escape(titles["zh"]),
        title_en=escape(titles["en"]),
        css=texts["page.css"],
        bar_title=both(titles["zh"], titles["en"]),
        heading=top,
        cards=cards,
        alert=alert,
        toc_label="目录 / Contents",
        toc="".join(made.contents),
        sections="\n".join(made.sections),
        data=made.figures.scripts(),
        plotly=get_plotlyjs(),
        script=texts["page.js"],
        footer=both(
            "由 Lodeworks 生成。文中每个数字都来自结果数据表；图形只做汇总，不另行计算。",
            "Made by Lodeworks. Every number comes from the run's tables; figures only add up and group.",
        ),
    )


def _fill_calendar(made: Page) -> None:
    """Add what is done when, where a plan has few columns of time or stages to show it in."""
    views = [view for view in (calendar_view(made.results), loans_view(made.results)) if view is not None]
    if views:
        title = views[0].title_zh, views[0].title_en
        made.section("calendar", title, made.tabs("calendar", views), short=("日程", "Calendar"))


def _fill_pathway(made: Page) -> None:
    """Add what only a plan over stages or scenarios has; what follows shows the slice the heading names."""
    made.section(
        "pathway",
        ("分阶段路径", "The pathway, stage by stage"),
        made.tabs("pathway", [PATHWAY, LEAVING, STAGES]),
        short=("路径", "Pathway"),
    )
    made.section(
        "scenarios", ("各情景结果", "What may come"), made.view(SCENARIOS), short=("情景", "Scenarios")
    )


def _fill_rounds(made: Page) -> None:
    """Add how near the best a plan on fewer steps or in windows is."""
    made.section(
        "rounds", ("离最优有多近", "How near the best"), *(made.view(view) for view in ROUND_VIEWS),
        short=("精度", "How near"),
    )


def _fill(made: Page) -> None:
    """Add the sections in the order a reader asks."""
    results, counted = made.results, Words(made.results, "en").counted
    fixed = {view.key: view for view in VIEWS}
    own = [view for view in views_of(results) if view.key not in fixed]
    group = {name: [view for view in own if view.key.startswith(name)] for name in ("hours_", "months_", "heat_")}
    made.section(
        "year",
        ("流向总览", "The chain at a glance"),
        made.tabs("year", [fixed["sankey_mass"], fixed["sankey_energy"], fixed["sankey_money"]]),
        short=("流向", "Flows"),
    )
    made.section(
        "bottlenecks",
        ("瓶颈在哪里", "What holds the chain back"),
        bottlenecks_in_words(results),
        made.view(fixed["bottlenecks"]),
        short=("瓶颈", "Bottlenecks"),
    )
    made.section(
        "candidates",
        ("最值得补的环节", "The best missing links"),
        made.view(fixed["candidates"]),
        short=("补链", "Missing links"),
    )
    made.section("region", ("区域示意图", "The region"), made.view(fixed["region"]), short=("区域", "Region"))
    made.section(
        "money",
        ("从哪里来", "Where it comes from") if counted else ("钱从哪里来，到哪里去", "Where the money is"),
        made.tabs("money", _money_views(results, fixed)),
        short=("构成", "Shares") if counted else ("资金", "Money"),
    )
    made.section(
        "firms",
        ("企业账目", "The firms' books"),
        *([made.tabs("firms", ACCOUNTS)] if optional_table(results, "statements") is not None else []),
        short=("企业", "Firms"),
    )
    hourly = float(results.manifest["horizon"]["step_h"]) <= 1.0
    made.section(
        "hours",
        ("逐时运行", "Hour by hour") if hourly else ("各时段运行", "Step by step"),
        made.tabs("hours", group["hours_"]),
        short=("逐时", "Hours") if hourly else ("时段", "Steps"),
    )
    made.section("months", ("逐月", "Month by month"), made.tabs("months", group["months_"]), short=("逐月", "Months"))
    made.section(
        "heat",
        ("储存与价值的变化", "Stores and values over time"),
        made.tabs("heat", group["heat_"]),
        short=("储存", "Stores"),
    )
    made.section(
        "use",
        ("产能及利用", "Capacities and their use"),
        made.view(fixed["capacities"]),
        made.view(fixed["duration"], titled=True),
        short=("产能", "Capacities"),
    )
    made.section(
        "values", ("边际价值", "What one more unit is worth"), made.view(fixed["prices"]), short=("价值", "Values")
    )
    made.section("policies", ("政策约束", "Policy limits"), policies(results), short=("政策", "Policies"))
    if optional_table(results, "claims") is not None:
        said = fixed["claims"].sentence
        made.section(
            "claims",
            ("公开数据复核", "Printed claims, recomputed"),
            f'<p class="seen">{in_both(lambda lang: said(results, lang))}</p>',
            claims_list(results),
            short=("复核", "Claims"),
        )
    made.section(
        "sources",
        ("来源与假设", "Sources and assumptions"),
        assumptions(results),
        sources(results),
        short=("来源", "Sources"),
    )
    made.section("verified", ("如何验证", "How it was verified"), verification(results), short=("验证", "Verification"))


def _money_views(results: Results, fixed: dict[str, View]) -> list[View]:
    """By firm only where firms are named, and by site."""
    named = (results.table("costs")["owner"] != "").any()
    return [fixed["money_by_firm"], fixed["money_by_site"]] if named else [fixed["money_by_site"]]
