"""The pathway: what stands in each stage, where its money goes, and what each scenario brings."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.leaving import LEAVING
from lodeworks.views.figures.placing import in_two_lines
from lodeworks.views.figures.style import PALETTE, empty, pattern, styled
from lodeworks.views.numbers import digits, money, money_scale, percent, scale_of
from lodeworks.views.rates import said_over
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["PATHWAY", "PATHWAY_VIEWS", "SCENARIOS", "STAGES", "changes"]

_MOST_PANELS = 8
_TITLE = 20  # letters in a line above a panel: two panels side by side on a phone have room


def pathway_rows(results: Results) -> pl.DataFrame:
    """Return capacity by element and stage, those on which most is decided first."""
    table = optional_table(results, "pathway")
    if table is None or not results.manifest.get("stages"):
        return PATHWAY.nothing()
    spent = results.table("vintages").group_by("element").agg(pl.col("investment").sum())
    order = table.join(spent, on="element", how="left").with_columns(
        rank=pl.col("investment").fill_null(0.0).rank("dense", descending=True),
        unit=pl.col("unit").cast(pl.String),
    )
    order = order.sort(["rank", "element", "stage"], maintain_order=True).drop("rank", "investment")
    return said_over(results, order, ("existing", "retired", "decided", "built", "total"))


def changes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the stages of each element in which something is decided, or more or less of it stands than before."""
    before = pl.col("total").shift(1).over("element")
    moved = (pl.col("total") - before).abs() > 1e-9 * pl.max_horizontal("total", before)
    return rows.filter((pl.col("decided") > 1e-9) | moved.fill_null(value=False))


def pathway_figure(results: Results, language: str = "en") -> go.Figure:
    """Draw what exists and what is built in each stage, stacked, an element a panel."""
    from plotly.subplots import make_subplots

    rows = pathway_rows(results)
    names = _standing(rows)["element"].unique(maintain_order=True).to_list()[:_MOST_PANELS]
    if not names:
        return empty(language)
    words = Words(results, language)
    wide = min(2, len(names))
    high = -(-len(names) // wide)
    largest = rows.group_by("element").agg(pl.col("total").max(), pl.col("unit").first())
    scales = {name: scale_of(size, unit, language) for name, size, unit in largest.iter_rows()}
    parts = (("existing", words.pick("Existing", "现有")), ("built", words.pick("Built", "新建")))
    figure = make_subplots(
        rows=high, cols=wide, vertical_spacing=0.12 / high + 0.08, horizontal_spacing=0.12,
        subplot_titles=[in_two_lines(f"{words.element(n)} ({scales[n][1]})", _TITLE) for n in names],
    )
    told: set[str] = set()
    for k, name in enumerate(names):
        own = rows.filter(pl.col("element") == name)
        for j, (column, label) in enumerate(parts):
            if not (own[column] > 1e-9).any():
                continue
            figure.add_bar(
                x=own["stage"].cast(pl.String).to_list(), y=(own[column] / scales[name][0]).to_list(), name=label,
                legendgroup=column, showlegend=column not in told,
                marker={"color": PALETTE[(7, 2)[j]], "pattern": pattern(j)},
                hovertemplate=f"{label} %{{x}}: %{{y:.4g}}<extra></extra>", row=k // wide + 1, col=k % wide + 1,
            )
            told.add(column)
    figure = styled(figure, height=120 + 210 * high)
    figure.update_layout(barmode="stack", margin_t=54, legend_y=-60 / figure.layout.height)
    figure.update_xaxes(type="category", categoryorder="array",
                        categoryarray=rows["stage"].cast(pl.String).unique(maintain_order=True).sort().to_list())
    figure.update_annotations(font_size=13)
    return figure


def _pathway_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), pathway_rows(results)
    stages = results.manifest["stages"]["names"]
    built = rows.filter(pl.col("decided") > 1e-9)["element"].n_unique()
    text = words.pick(
        f"From {stages[0]} to {stages[-1]} the plan builds {_things(built)} in {len(stages)} stages.",
        f"{stages[0]}至{stages[-1]}年分{len(stages)}个阶段，方案新建{built}项产能。",
    )
    gone = rows.filter(pl.col("retired") > 1e-9)["element"].n_unique()
    if gone:
        text += words.pick(f" Of {_things(gone)} some retires or comes to the end of its life.",
                           f"{gone}项有产能退役或到期。")
    never = rows["element"].n_unique() - _standing(rows)["element"].n_unique()
    if never:
        text += words.pick(f" {_things(never).capitalize()} that may be built never stand{'s' if never == 1 else ''}.",
                           f"{never}项可建而始终未建。")
    return text


def _standing(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the stages in which something of an element exists or is built."""
    return rows.filter((pl.col("existing") > 1e-9) | (pl.col("built") > 1e-9))


def _things(count: int) -> str:
    return "one capacity" if count == 1 else f"{count} capacities"


def stage_rows(results: Results) -> pl.DataFrame:
    """Return the money of each stage."""
    table = optional_table(results, "stages")
    if table is None or not results.manifest.get("stages"):
        return STAGES.nothing()
    return table.with_columns(total=pl.col("running_discounted") + pl.col("building_discounted"))


def stage_figure(results: Results, language: str = "en") -> go.Figure:
    """Draw what running and building count in each stage, discounted, and their sum."""
    rows = stage_rows(results)
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    named = (
        ("running_discounted", words.pick("Running", "运行")),
        ("building_discounted", words.pick("Building", "建设")),
    )
    largest = max(abs(value) for column, _ in named for value in rows[column])
    divisor, unit = money_scale(largest, words.currency, language)
    figure = go.Figure()
    for j, (column, label) in enumerate(named):
        figure.add_bar(
            x=rows["stage"].to_list(), y=(rows[column] / divisor).to_list(), name=label,
            marker={"color": PALETTE[(2, 3)[j]], "pattern": pattern(j)},
            hovertemplate=f"{label} %{{x}}: %{{y:.4g}}<extra></extra>",
        )
    figure.add_scatter(
        x=rows["stage"].to_list(), y=(rows["total"] / divisor).to_list(), mode="markers+text",
        name=words.pick("Together", "合计"), text=[digits(v / divisor) for v in rows["total"]],
        textposition="top center", marker={"color": PALETTE[7], "symbol": "diamond", "size": 9},
        hovertemplate="%{x}: %{y:.4g}<extra></extra>",
    )
    figure = styled(figure, height=380)
    figure.update_layout(barmode="relative")
    figure.update_xaxes(type="category")
    figure.update_yaxes(title_text=unit)
    return figure


def _stage_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), stage_rows(results)
    spent = money(float(rows["investment"].sum()), words.currency, language)
    rate = percent(float(results.manifest["stages"]["discount"]), language)
    text = words.pick(
        f"In all {spent} is invested; money is discounted at {rate} a year.",
        f"各阶段共投资{spent}；资金每晚一年，折现{rate}。",
    )
    parts = {name: float(rows[name].sum()) if name in rows.columns else 0.0  # runs of before have none
             for name in ("left_discounted", "renewal_discounted")}
    left, renewed = (money(abs(part), words.currency, language) for part in parts.values())
    if parts["left_discounted"] > 0.0:
        text += words.pick(
            f" Building counts what is paid less what of it is left after the last stage, in all {left}, discounted.",
            f"建设一栏为投资减去末阶段之后的剩余价值（共{left}，折现）。",
        )
    if parts["renewal_discounted"] < 0.0:
        text += words.pick(
            f" It counts {renewed} more, discounted, for what lives that end within a stage cost until its end.",
            f"寿命在阶段中途结束的产能续付至阶段末，另计{renewed}（折现）。",
        )
    spent_whole = (pl.col("budget") > 0.0) & (pl.col("investment") >= 0.999 * pl.col("budget"))
    whole = rows.filter(spent_whole)["stage"].to_list()
    if whole:
        last = whole.pop()
        text += words.pick(
            f" The budget of {', '.join(whole) + ' and ' if whole else ''}{last} is spent whole.",
            f"{'、'.join([*whole, last])}年的预算全部用完。",
        )
    return text


def scenario_rows(results: Results) -> pl.DataFrame:
    """Return what each scenario brings."""
    table = optional_table(results, "scenarios")
    if table is None:
        return SCENARIOS.nothing()
    return table


def scenario_figure(results: Results, language: str = "en") -> go.Figure:
    """Draw each scenario's objective under this plan, if it were known, and under the plan for the mean."""
    rows = scenario_rows(results)
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    title = "title_zh" if language == "zh" else "title_en"
    names = [f"{name} ({percent(p)})" for name, p in rows.select(title, "probability").iter_rows()]
    unit = str(results.manifest["objective"]["unit"])
    divisor, unit = money_scale(float(rows["objective"].abs().max() or 0.0), unit, language)  # type: ignore[arg-type]
    figure = go.Figure()
    for j, (column, label) in enumerate((
        ("objective", words.pick("This plan", "本方案")), ("if_known", words.pick("If it were known", "若事先知晓")),
        ("of_mean_plan", words.pick("Planned for the mean", "按均值规划")),
    )):
        if rows[column].null_count() < len(rows):
            figure.add_bar(
                x=names, y=[None if v is None else v / divisor for v in rows[column]], name=label,
                marker={"color": PALETTE[j], "pattern": pattern(j)},
                hovertemplate=f"{label} %{{x}}: %{{y:.4g}}<extra></extra>",
            )
    figure = styled(figure, height=380)
    figure.update_layout(barmode="group")
    figure.update_yaxes(title_text=unit)
    return figure


def _scenario_sentence(results: Results, language: str) -> str:
    words, said = Words(results, language), results.manifest["scenarios"]
    unit = str(results.manifest["objective"]["unit"])

    def worth(value: float) -> str:
        return money(value, unit, language)

    text = words.pick(
        f"On the mean of {len(said['names'])} scenarios: {worth(said['expected'])}.",
        f"{len(said['names'])}个情景的期望值：{worth(said['expected'])}。",
    )
    if "risk" in said:
        share = percent(1.0 - said["risk"]["level"], language)
        text += words.pick(
            f" The mean of the worst {share}: {worth(said['risk']['worst'])}.",
            f"最差{share}情形的均值：{worth(said['risk']['worst'])}。",
        )
    known = said.get("information")
    if not known and len(said["names"]) > 1 and "rolling" in results.manifest:
        text += words.pick(
            " What it is worth to know what comes is not looked for in windows: "
            "that takes a plan of all windows for each scenario.",
            "按窗口规划时不计算预知的价值：那需要对每个情景按全部窗口各做一次方案。",
        )

    def told(key: str) -> str:
        """Return a value, or between which two it lies where plans are on fewer steps."""
        low, high = known.get(f"{key}_between") or (0.0, 0.0)
        value = known["perfect_information" if key == "perfect" else "stochastic_solution"]
        if high - low <= 1e-6 * abs(said["expected"]):
            return worth(value)
        return words.pick(f"between {worth(low)} and {worth(high)}", f"在{worth(low)}与{worth(high)}之间")

    if known:
        weighed = "risk" in said
        text += words.pick(
            f" To know what comes would be worth {told('perfect')}{', mean and worst weighed' if weighed else ''}.",
            f"若能事先知晓，价值{told('perfect')}{'（期望与最差加权）' if weighed else ''}。",
        )
        if known["stochastic_solution"] is not None:
            text += words.pick(
                f" To plan for all of them instead of their mean is worth {told('stochastic')}.",
                f"按全部情景而非均值规划，价值{told('stochastic')}。",
            )
        elif known["reason"]:
            text += words.pick(f" No plan for the mean to compare with: {known['reason']}.", "均值方案无法比较。")
    return text


PATHWAY = View(
    "pathway", "Capacity by stage", "各阶段产能",
    (
        Column("element", "Element", "环节", "element"),
        Column("stage", "Stage", "阶段"),
        Column("existing", "Existing", "现有", "amount", "unit"),
        Column("retired", "Retired", "退役", "amount", "unit"),
        Column("decided", "Decided", "决定新建", "amount", "unit"),
        Column("built", "Built, standing", "新建在役", "amount", "unit"),
        Column("total", "Total", "合计", "amount", "unit"),
    ),
    pathway_rows, pathway_figure, _pathway_sentence,
)
STAGES = View(
    "stages", "Money by stage", "各阶段资金",
    (
        Column("stage", "Stage", "阶段"),
        Column("years", "Years", "年数", "number"),
        Column("budget", "Budget", "预算", "money"),
        Column("investment", "Invested", "投资", "money"),
        Column("running", "Running, undiscounted", "运行（未折现）", "money"),
        Column("running_discounted", "Running, discounted", "运行（折现）", "money"),
        Column("building_discounted", "Building, discounted", "建设（折现）", "money"),
        Column("total", "Together", "合计", "money"),
    ),
    stage_rows, stage_figure, _stage_sentence,
)
SCENARIOS = View(
    "scenarios", "Scenario by scenario", "各情景结果",
    (
        Column("scenario", "Scenario", "情景"),
        Column("probability", "Probability", "概率", "percent"),
        Column("objective", "This plan", "本方案", "money"),
        Column("if_known", "If it were known", "若事先知晓", "money"),
        Column("of_mean_plan", "Planned for the mean", "按均值规划", "money"),
    ),
    scenario_rows, scenario_figure, _scenario_sentence,
)
PATHWAY_VIEWS: tuple[View, ...] = (PATHWAY, LEAVING, STAGES, SCENARIOS)
"""The views of plans over stages and scenarios; empty for other runs."""
