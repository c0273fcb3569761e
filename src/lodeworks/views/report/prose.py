"""The plain words of the report: bottlenecks, policies, sources and assumptions, and how it was verified."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from lodeworks.views.figures.capacities import bottleneck_rows
from lodeworks.views.figures.claims import claim_rows
from lodeworks.views.numbers import amounts_told, digits, money, quantity, unit_words
from lodeworks.views.report.headline import certified_text, limited_text, rolled_text, solution_text
from lodeworks.views.report.markup import both, folded, in_both, table
from lodeworks.views.report.raced import race_text
from lodeworks.views.results import Results, horizon_hours, optional_table
from lodeworks.views.view import Column
from lodeworks.views.words import Words

__all__ = [
    "assumptions",
    "bottleneck_text",
    "bottlenecks_in_words",
    "claims_list",
    "policies",
    "sources",
    "unserved_text",
    "verification",
]

_MOST = 6


def bottlenecks_in_words(results: Results) -> str:
    """Return the most valuable bottlenecks, a sentence each, in both languages."""
    rows = bottleneck_rows(results).head(_MOST)
    items = [f"<li>{in_both(partial(bottleneck_text, results, row))}</li>" for row in rows.iter_rows(named=True)]
    return f"<ol class='plain'>{''.join(items)}</ol>" if items else ""


def bottleneck_text(results: Results, row: dict[str, Any], language: str) -> str:
    """Return what one more unit of a capacity is worth, and what it would cost where that is known."""
    words, unit = Words(results, language), str(row["unit"])
    name, per = words.element(str(row["element"])), unit_words(unit, language)
    kind = str(row["kind"])
    objective = str(results.manifest["objective"]["unit"])
    worth = money(float(row["marginal_value"]), objective, language)
    hours, total = float(row["binding_hours"]), horizon_hours(results)
    zh_what = {"demand": "需求上限", "supply": "供给上限", "store": "库容", "fleet": "车辆", "pool": "数量"}.get(
        kind, "产能"
    )
    zh_what = "运力" if kind == "route" else zh_what
    en_what = {"demand": "sales", "supply": "supply", "store": "room", "route": "carrying capacity"}.get(
        kind, "capacity"
    )
    if kind == "demand" and words.counted:
        en_what = "demand"
    when = (
        words.pick("in every hour", "全部时段")
        if hours >= 0.999 * total
        else words.pick(
            f"over {digits(hours)} of {digits(total)} hours", f"{digits(total)} 小时中的 {digits(hours)} 小时"
        )
    )
    en = f"{name}: one more {per} of {en_what} is worth {worth} over the horizon; it binds {when}."
    zh = f"{name}的{zh_what}每增加 1 {per}，规划期内价值 {worth}；受限时间为{when}。"
    cost = row.get("annual_cost")
    if isinstance(cost, float) and cost > 0.0:
        price = money(cost, objective, language)
        ahead = float(row["marginal_value"]) > cost * (1 + 1e-6)
        en += f" Building and keeping it costs {price}" + (": more would pay." if ahead else ", so no more is built.")
        zh += f"新建并维持的成本为 {price}，" + ("继续扩建划算。" if ahead else "因此不再扩建。")
    return words.pick(en, zh)


def policies(results: Results) -> str:
    """Return the policy limits and what easing each is worth; nothing where there are none."""
    rows = optional_table(results, "policies")
    if rows is None:
        return ""
    summed = (
        rows.group_by("policy", maintain_order=True)
        .agg(
            windows=pl.len(),
            value=pl.col("value").mean(),
            least=pl.col("least").first(),
            most=pl.col("most").first(),
            unit=pl.col("unit").first(),
            marginal_value=pl.col("marginal_value").mean(),
        )
        .with_columns(each=pl.lit(f"{results.manifest['objective']['unit']}/") + pl.col("unit"))
    )
    named = [summed.with_columns(policy=_titles_of(summed["policy"], results, k)) for k in ("zh", "en")]
    columns = (
        Column("policy", "Limit", "约束"),
        Column("windows", "Times it applies", "适用次数", "number"),
        Column("value", "Mean", "平均值", "price", "unit"),
        Column("least", "Not less than", "下限", "price", "unit"),
        Column("most", "Not more than", "上限", "price", "unit"),
        Column("marginal_value", "Easing it by one is worth", "放宽一单位的价值", "price", "each"),
    )
    zh, en = Words(results, "zh"), Words(results, "en")
    return "".join(
        f'<div lang="{tag}">{table(part, columns, zh, en)}</div>'
        for tag, part in (("zh-CN", named[0]), ("en", named[1]))
    )


def _titles_of(names: pl.Series, results: Results, language: str) -> pl.Series:
    """Titles of policies; the total of a supply or demand, and its orders, are named after it."""
    words = Words(results, language)
    titles = {name: entity.get("title") or {} for name, entity in (results.chain.get("policies") or {}).items()}

    def title(name: str) -> str:
        for start, en, zh in (("total of ", "total of {}", "{}的总量"), ("orders of ", "orders of {}", "{}的订单")):
            if name.startswith(start) and name not in titles:
                return words.pick(en, zh).format(words.element(name.removeprefix(start)))
        return titles.get(name, {}).get(language) or name

    return pl.Series([title(name) for name in names], dtype=pl.String)


def claims_list(results: Results) -> str:
    """Return the claims as a table with a mark, a word and a note each."""
    rows = claim_rows(results)
    mark = {"holds": ("✓", "good"), "fails": ("✗", "bad"), "needs assumption": ("?", "ask")}
    body = []
    zh, en = Words(results, "zh"), Words(results, "en")
    for row in rows.iter_rows(named=True):
        sign, tone = mark.get(row["verdict"], ("", ""))
        note = both(row["note_zh"] or row["note_en"] or "", row["note_en"] or row["note_zh"] or "")
        body.append(
            f"<tr><td>{both(row['id'], row['id'])}</td>"
            f"<td>{both(row['title_zh'] or row['title_en'] or '', row['title_en'] or row['title_zh'] or '')}"
            f"<div class='note'>{note}</div></td><td>{_told(row['printed'], row['printed'])}</td>"
            f"<td>{_told(row['computed_zh'], row['computed'])}</td>"
            f"<td class='verdict {tone}'>{sign} {both(zh.say(row['verdict']), en.say(row['verdict']))}</td></tr>"
        )
    heads = "".join(
        f"<th scope='col'>{both(z, e)}</th>"
        for z, e in (("编号", "#"), ("说法", "Claim"), ("原文", "Printed"), ("复算", "Recomputed"), ("结论", "Verdict"))
    )
    return (f"<div class='scroll whole'><table class='claims'><thead><tr>{heads}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table></div>")


def _told(chinese: str | None, english: str | None) -> str:
    """Return amounts of a claim in the units each language is used to, whichever they were written in."""
    return both(amounts_told(chinese or "", "zh"), amounts_told(english or "", "en"))


def sources(results: Results) -> str:
    """Return the sources behind a button; nothing where the chain names none."""
    rows = optional_table(results, "sources")
    if rows is None:
        return ""
    known = (
        ("id", "#", "编号"),
        ("title", "Source", "来源"),
        ("entity", "About", "对象"),
        ("quantity", "Figure", "指标"),
        ("value", "Value", "数值"),
        ("unit", "Unit", "单位"),
        ("year", "Year", "年份"),
        ("quote", "Words", "原文"),
    )
    columns = tuple(Column(*names) for names in known if names[0] in rows.columns and (rows[names[0]] != "").any())
    inside = table(rows, columns, Words(results, "zh"), Words(results, "en"))
    return folded(inside, len(rows))


def assumptions(results: Results) -> str:
    """Return every number of the chain with where it comes from, assumed ones first."""
    rows = optional_table(results, "assumptions")
    if rows is None:
        return ""
    guessed = pl.col("source").str.to_lowercase().str.contains("assum|假设|假定")
    rows = rows.with_columns(
        _guess=guessed,
        path=pl.col("element") + "." + pl.col("key"),
        element=pl.col("element").str.split_exact(".", 1).struct.field("field_1").fill_null(pl.col("element")),
    ).sort("_guess", descending=True, maintain_order=True)
    columns = (
        Column("element", "Element", "环节", "element"),
        Column("path", "What", "参数", "path"),
        Column("value", "Value", "数值", "told"),
        Column("range", "Plausible range", "合理范围", "told"),
        Column("source", "From", "依据", "word"),
    )
    count = int(rows["_guess"].sum())
    ranged = int((rows["range"] != "").sum()) if "range" in rows.columns else 0
    said = both(
        f"{len(rows)} 项数据注明了依据，其中 {count} 项为假设；{ranged} 项给出了合理范围。",
        f"{len(rows)} entries say where numbers come from; {count} of them are assumed. "
        f"{ranged} {'has' if ranged == 1 else 'have'} a plausible range.",
    )
    return f"<p>{said}</p>" + folded(table(rows, columns, Words(results, "zh"), Words(results, "en")), len(rows))


def verification(results: Results) -> str:
    """Return how the answer was checked, and by what it was made."""
    manifest = results.manifest
    residuals, size, solver = (manifest.get(k) or {} for k in ("residuals", "size", "solver"))
    good = manifest.get("verified", False)
    said = both(
        "求解之后，另用原始（未缩放）问题逐条核对：每个平衡与限制是否满足（原始残差）、每个边际价值是否相符（对偶残差）、"
        "方案与其理论上限相差多少（间隙）。三者均应接近零。" + ("本方案通过。" if good else "本方案未通过，请勿使用。"),
        "After solving, the answer was checked against the original, unscaled problem: does every balance and limit "
        "hold (primal residual), does every marginal value agree (dual residual), and how far is the plan from its "
        "theoretical bound (gap)? All should be near nought. "
        + ("This plan passes." if good else "This plan fails: do not use it."),
    )
    lines = [
        (("原始残差", "Primal residual"), _small(residuals.get("primal"))),
        (("对偶残差", "Dual residual"), _small(residuals.get("dual"))),
        (("间隙", "Gap"), _small(residuals.get("gap"))),
        (
            ("问题规模", "Size"),
            both(_size(size, "zh"), _size(size, "en")),
        ),
        (
            ("求解器", "Solver"),
            both(*[f"{solver.get('name', '')} {solver.get('version', '')} {solver.get('method', '')}"] * 2),
        ),
        (("用时", "Time"), both(*_time(manifest.get("timings") or {}))),
        (("数据指纹", "Fingerprint of the chain"), both(*[str(manifest.get("chain_hash", ""))[:16]] * 2)),
        (("计算时间", "Made"), both(*[str(manifest.get("created", "")).replace("T", " ")] * 2)),
    ]
    if size.get("integers"):
        how = (
            "边际价值取自整数固定后的线性问题",
            "Marginal values are from the linear problem with whole numbers fixed",
        )
        lines.append(
            (("整数决策", "Whole numbers"), both(f"{size['integers']:,}，{how[0]}", f"{size['integers']:,}. {how[1]}"))
        )
    if (limited := limited_text(manifest)) is not None:
        lines.append((("精度", "How near the best"), both(limited[1], limited[0])))
    if (runners := solver.get("race")) is not None:
        said_en, said_zh = race_text(runners)
        lines.append((("求解器竞速", "Race of solvers"), both(said_zh, said_en)))
    if (certified := manifest.get("certified")) is not None:
        said_en, said_zh = certified_text(certified)
        lines.append((("时段归并", "Fewer steps"), both(said_zh, said_en)))
    if (rolled := manifest.get("rolling")) is not None:
        said_en, said_zh = rolled_text(rolled)
        lines.append((("窗口", "Windows"), both(said_zh, said_en)))
    if manifest.get("solution") is not None:
        said_en, said_zh = solution_text(manifest)
        lines.append((("给定解", "Solution given"), both(said_zh, said_en)))
    body = "".join(f"<tr><th scope='row'>{both(*name)}</th><td>{text}</td></tr>" for name, text in lines)
    return f"<p>{said}</p><div class='scroll whole'><table class='facts'><tbody>{body}</tbody></table></div>"


def _size(size: dict[str, int], language: str) -> str:
    columns, rows, nonzeros = (f"{size.get(name, 0):,}" for name in ("columns", "rows", "nonzeros"))
    if language == "zh":
        return f"{columns} 个变量，{rows} 条约束，{nonzeros} 个非零系数"
    return f"{columns} columns, {rows} rows, {nonzeros} nonzeros"


def _small(value: object) -> str:
    text = f"{value:.1e}" if isinstance(value, float) else "–"
    return both(text, text)


def _time(timings: dict[str, float]) -> tuple[str, str]:
    total = sum(timings.values())
    return (
        f"{total:.1f} 秒（求解 {timings.get('solve', 0.0):.1f} 秒）",
        f"{total:.1f} s (solving {timings.get('solve', 0.0):.1f} s)",
    )


def unserved_text(results: Results) -> str:
    """Return what was not served, in words; nothing where all was."""
    rows = optional_table(results, "unserved")
    if rows is None:
        return ""
    summed = rows.group_by(["demand", "unit"], maintain_order=True).agg(pl.col("amount").sum(), pl.col("hours").sum())
    shown = summed.with_columns(pl.col("demand", "unit").cast(pl.String)).iter_rows(named=True)
    items = "".join(f"<li>{in_both(partial(_short, results, row))}</li>" for row in shown)
    return (
        f"<div class='alert'><strong>{both('未能满足的需求', 'Demands that fall short')}</strong><ul>{items}</ul></div>"
    )


def _short(results: Results, row: dict[str, Any], language: str) -> str:
    words = Words(results, language)
    name, amount, hours = (
        words.element(row["demand"]),
        quantity(row["amount"], row["unit"], language),
        digits(row["hours"]),
    )
    return words.pick(f"{name}: {amount} short, over {hours} hours.", f"{name}：缺 {amount}，共 {hours} 小时。")
