"""The top of the report: the chain's name, what was asked, and the few figures everybody asks for first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from math import isfinite
from typing import Any

import polars as pl

from lodeworks.views.numbers import at_most, money, quantity
from lodeworks.views.report.markup import both, in_both
from lodeworks.views.results import Results, horizon_hours, optional_table
from lodeworks.views.sums import emission, flow_sums, money_by
from lodeworks.views.words import Words

__all__ = [
    "better_text",
    "card",
    "certified_text",
    "emitted",
    "heading",
    "horizon_text",
    "key_figures",
    "limited_text",
    "rolled_text",
    "sold",
    "solution_text",
    "status_word",
    "title_of",
]

_MOST_GOODS = 3
_BEST = 1e-4  # what is as near is called optimal: the gap unless another is asked for


def horizon_text(results: Results, language: str) -> str:
    """Return the stretch of time in words."""
    state = results.manifest.get("state")
    if state is not None:
        begin, end = (datetime.fromisoformat(str(state[key])).strftime("%Y-%m-%d %H:%M") for key in ("at", "until"))
        return f"自 {begin} 至 {end}" if language == "zh" else f"{begin} to {end}"
    hours = horizon_hours(results)
    start = datetime.fromisoformat(str(results.manifest["horizon"]["start"])).date().isoformat()
    steps = results.manifest["horizon"]["steps"]
    step_h, segments = float(results.manifest["horizon"]["step_h"]), results.manifest["horizon"].get("segments")
    cut = (f"{steps:,} 个时段，每段 {step_h:g} 小时", f"{steps:,} steps of {step_h:g} h")
    if segments:
        cut = (f"{segments:,} 个长短不一的分段，基本步长 {step_h:g} 小时",
               f"{segments:,} segments, in steps of {step_h:g} h")
    length = (
        ("一年", "a year")
        if hours in (8760.0, 8784.0)
        else (f"{hours / 24:g} 天", f"{hours / 24:g} days")
        if hours >= 48.0
        else (f"{hours:g} 小时", f"{hours:g} hours")
    )
    stages = (results.manifest.get("stages") or {}).get("names") or []
    if stages:
        last = int(stages[-1]) + max(1, round(results.manifest["stages"]["years"][-1])) - 1  # in which the last ends
        years = f"{stages[0]}–{last}" if last > int(stages[0]) else stages[0]
        count = len(stages)
        if language == "zh":
            when = f"{years}年，{count} 个阶段，每阶段以{length[0]}代表，{cut[0]}"
        else:
            named = f"{count} stage{'s' if count > 1 else ''}"
            when = f"{years} in {named}, each {length[1]} of {cut[1]}"
        return when + _slice_text(results, language)
    if language == "zh":
        return f"自 {start} 起{length[0]}，{cut[0]}" + _slice_text(results, language)
    return f"{length[1]} from {start}, {cut[1]}" + _slice_text(results, language)


def _slice_text(results: Results, language: str) -> str:
    """Say which stage and scenario tables by step are of, and that money is that of all."""
    chosen = results.manifest.get("slice") or {}
    if not chosen:
        return ""
    zh = language == "zh"
    names = []
    if "stage" in chosen:
        names.append(f"{chosen['stage']}年阶段" if zh else f"stage {chosen['stage']}")
    if "scenario" in chosen:
        titles = results.manifest["scenarios"].get("titles", {}).get(chosen["scenario"], {})
        title = titles.get(language) or chosen["scenario"]
        names.append(f"情景“{title}”" if zh else f"scenario {title}")
    if "period" in chosen:
        names.append(f"时段“{chosen['period']}”" if zh else f"period {chosen['period']}")
    risky = "risk" in (results.manifest.get("scenarios") or {})
    of = [(en, cn) for key, en, cn in (("stage", "stages", "阶段"), ("scenario", "scenarios", "情景"),
                                       ("period", "periods", "时段")) if key in chosen]
    how = [(en, cn) for key, en, cn in (("stage", "discounted", "折现"), ("scenario", "on the mean", "期望值"))
           if key in chosen]
    if zh:
        weighed = "；目标值为期望值与最差情形均值的加权" if risky else ""
        counted = f"（{'、'.join(cn for _, cn in how)}）" if how else ""
        return f"；物流与产能为{'、'.join(names)}，资金为全部{'、'.join(cn for _, cn in of)}合计{counted}{weighed}"
    weighed = "; the objective weighs the mean of all with the mean of the worst" if risky else ""
    counted = f", {' and '.join(en for en, _ in how)}" if how else ""
    shown = f"flows and capacities of {', '.join(names)}"
    return f"; {shown}, money of all {' and '.join(en for en, _ in of)}{counted}{weighed}"


def sold(results: Results) -> pl.DataFrame:
    """Return what demands took of each commodity over the horizon, best paid first; not what is paid to be taken."""
    taken = (
        flow_sums(results)
        .filter(pl.col("kind") == "demand")
        .group_by(["commodity", "unit"], maintain_order=True)
        .agg(amount=-pl.col("amount").sum())
    )
    paid = (
        money_by(results, ["item", "commodity"]).filter(pl.col("item") == "revenue").select("commodity", paid="amount")
    )
    return (
        taken.join(paid, on="commodity", how="left")
        .filter((pl.col("amount") > 0.0) & (pl.col("paid").fill_null(0.0) >= 0.0))
        .sort([pl.col("paid").fill_null(0.0), "amount"], descending=True)
    )


def emitted(results: Results) -> tuple[str, float, str] | None:
    """Return the commodity that is carbon dioxide, how much of it arose, and its unit; None where there is none."""
    name = emission(results)
    if not name:
        return None
    rows = flow_sums(results).filter(
        (pl.col("commodity") == name) & (pl.col("amount") > 0.0) & (pl.col("kind") != "store")
    )
    return (name, float(rows["amount"].sum()), rows["unit"][0]) if len(rows) else None


def heading(results: Results) -> str:
    """Return the report's header."""
    manifest = results.manifest
    status = in_both(lambda lang: Words(results, lang).say(status_word(manifest)))
    good = manifest.get("verified", False)
    badge = both("✓ 已独立验证", "✓ verified apart from the solver") if good else both("✗ 未通过验证", "✗ not verified")
    limited = limited_text(manifest)
    kind = "badge" if status_word(manifest) == "within gap" else "badge bad"
    far = f"<span class='{kind}'>{both(limited[1], limited[0])}</span>" if limited else ""
    return (
        f"<p class='kicker'>{both('产业链最优方案', 'The chain at its best')}</p>"
        f"<h1>{in_both(lambda lang: title_of(results, lang))}</h1>"
        f"<p class='when'>{in_both(lambda lang: horizon_text(results, lang))}</p>"
        f"<p class='badges'><span class='badge'>{status}</span>{far}"
        f"<span class='badge {'good' if good else 'bad'}'>{badge}</span></p>"
    )


def status_word(manifest: Mapping[str, Any]) -> str:
    """Return the word of the views for how good the plan is: optimal, as good as was asked for, or feasible."""
    status = str(manifest["status"])
    bounded = manifest.get("certified") or manifest.get("rolling")
    gap = bounded["gap"] if bounded else manifest.get("mip_gap") or 0.0
    if status != "optimal" or (gap is not None and gap <= _BEST):
        return status
    return "feasible" if manifest.get("certified") else "within gap"


def limited_text(manifest: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return how much better the best may be than what was found, in English and Chinese; None where it is the best.

    Plans on fewer steps or by windows have a bound of their own.
    """
    gap = manifest.get("mip_gap")
    if gap is None or (manifest.get("status") not in ("time limit", "not proved best", "solution")
                       and status_word(manifest) != "within gap"):
        return None
    if manifest.get("rolling"):
        return None
    if not isfinite(gap):
        return "how much better the best is is not known", "与最优的差距未知"
    return f"the best is at most {at_most(gap)} better", f"最优至多再好 {at_most(gap, 'zh')}"


def certified_text(certified: Mapping[str, Any]) -> tuple[str, str]:
    """Return how far a plan decided on fewer steps can be from the best, in English and Chinese."""
    count, gap, days = f"{certified['pieces']:,}", certified["gap"], certified["by"] == "days"
    many = "s" if certified["pieces"] != 1 else ""
    on_en, on_zh = (f"{count} typical day{many}", f"{count} 个典型日") if days else (
        f"{count} merged step{many}", f"{count} 个合并时段")
    far_en, far_zh = ("how far from the best is not known", "与最优的差距未知") if gap is None else (
        f"at most {at_most(gap)} from the best", f"与最优的差距不超过 {at_most(gap, 'zh')}")
    said_en, said_zh = f"Built on {on_en}, run on all: {far_en}", f"按 {on_zh}决定新建，按全部时段运行：{far_zh}"
    better = certified.get("better")
    if not better:
        return said_en, said_zh
    if better == "neither":
        return (f"{said_en}; typical days and merged steps built equally good plans here",
                f"{said_zh}；此处典型日与合并时段同样好")
    en, zh = ("typical days", "典型日") if better == "days" else ("merged steps", "合并时段")
    return f"{said_en}; {en} built the better plan here", f"{said_zh}；此处{zh}更优"


def rolled_text(rolled: Mapping[str, Any]) -> tuple[str, str]:
    """Return how far a plan decided window by window can be from the best, in English and Chinese."""
    count, length, gap = rolled["windows"], f"{rolled['window_h']:g}", rolled["gap"]
    return (f"On and off decided in {count} windows of {length} h: at most {at_most(gap)} from the best",
            f"启停按 {count} 个 {length} 小时窗口逐段决定：与最优的差距不超过 {at_most(gap, 'zh')}")


def _amount_of(manifest: Mapping[str, Any]) -> Callable[[float, str, str], str]:
    """Return what writes amounts of a plan's objective."""
    return money if manifest["objective"]["unit"] == manifest.get("currency") else quantity


def solution_text(manifest: Mapping[str, Any]) -> tuple[str, str]:
    """Return how a solution another solver found compares, in English and Chinese."""
    told, objective = manifest["solution"], manifest["objective"]
    amount = _amount_of(manifest)
    (en, better_en), (zh, better_zh) = (
        [amount(told[key], objective["unit"], language) for key in ("objective", "better_here_by")]
        for language in ("en", "zh"))
    if not told.get("lawful", True):
        return (f"The solution given comes to {en}, but takes losses off otherwise than the law; this plan keeps it",
                f"给定解的目标值为 {zh}，但其亏损弥补不符合规定；本方案按规定弥补")
    if told["better_here_by"] <= 0.0:
        return f"The solution given comes to {en}, and is taken", f"给定解的目标值为 {zh}，已采用"
    return (f"The solution given comes to {en}; with its whole numbers {better_en} better",
            f"给定解的目标值为 {zh}；保留其整数决策还可改进 {better_zh}")


def better_text(manifest: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what a plan from a state is worth beside going on as planned, in English and Chinese; none of others."""
    state, objective = manifest.get("state") or {}, manifest["objective"]
    if (found := state.get("as_planned")) is None:
        return None
    until = datetime.fromisoformat(state["until"]).strftime("%m-%d %H:%M")
    if "why" in found:
        return (f"Nobody can go on as planned until {until}: {found['why']}",
                f"到 {until} 无法按原计划继续：{found['why']}")
    if found["better_by"] <= 0.0:
        return f"Until {until} going on as planned is as good.", f"到 {until}，按原计划继续同样好。"
    amount = _amount_of(manifest)
    en, zh = (amount(found["better_by"], objective["unit"], language) for language in ("en", "zh"))
    return (f"Better than going on as planned by {en} until {until}, counting what is then left.",
            f"到 {until}，比按原计划继续更优 {zh}（含届时存量的价值）。")


def title_of(results: Results, language: str) -> str:
    """Return the chain's title, or its name."""
    title = results.manifest.get("title") or {}
    first, second = ("zh", "en") if language == "zh" else ("en", "zh")
    return str(title.get(first) or title.get(second) or results.manifest["chain"])


def key_figures(results: Results) -> str:
    """Return the cards of key figures."""
    objective = results.manifest["objective"]
    currency = results.manifest.get("currency", "")

    def worth(value: float, unit: str) -> Callable[[str], str]:
        return lambda lang: money(value, unit, lang) if unit == currency else quantity(value, unit, lang)

    cards = [
        card(
            lambda lang: Words(results, lang).goal(objective["goal"]),
            worth(objective["value"], objective["unit"]),
            "main",
        )
    ]
    if objective["goal"] not in ("profit", "cost"):
        left = float(results.table("costs")["amount"].sum())
        cards.append(card(lambda lang: Words(results, lang).pick("Money left", "资金净额"), worth(left, currency)))
    for row in sold(results).head(_MOST_GOODS).iter_rows(named=True):
        label = partial(_sold_label, results, row["commodity"], bool(row["paid"]))
        cards.append(card(label, partial(quantity, row["amount"], row["unit"])))
    carbon = emitted(results)
    if carbon is not None:
        name, amount, unit = carbon
        cards.append(
            card(
                lambda lang: Words(results, lang).pick(
                    f"{Words(results, lang).commodity(name)} emitted", f"{Words(results, lang).commodity(name)}排放"
                ),
                lambda lang: quantity(amount, unit, lang),
            )
        )
    decided = optional_table(results, "vintages")
    built = float((results.table("capacities") if decided is None else decided)["investment"].sum())
    if built > 0.0:
        cards.append(
            card(lambda lang: Words(results, lang).pick("To be invested", "新增投资"), worth(built, currency))
        )
    loans = optional_table(results, "loans")
    if loans is not None and not {"stage", "scenario"} & set(loans.columns):  # there a sum would mix what is apart
        lent = float(loans["drawn"].sum())
        cards.append(card(lambda lang: Words(results, lang).pick("Lent", "银行放款"), worth(lent, currency)))
    short = optional_table(results, "unserved")
    if short is not None:
        count = short["demand"].n_unique()
        cards.append(
            card(
                lambda lang: Words(results, lang).pick("Demands short", "未满足的需求"),
                lambda lang: Words(results, lang).pick(f"{count}", f"{count} 项"),
                "warn",
            )
        )
    return "<div class='cards'>" + "".join(cards) + "</div>"


def _sold_label(results: Results, commodity: str, paid: bool, language: str) -> str:
    words, chosen = Words(results, language), results.manifest.get("slice") or {}
    stage, period = chosen.get("stage", ""), chosen.get("period", "")
    when = words.pick(f", {stage}", f"，{stage}年") if stage else ""
    when += words.pick(f", {period}", f"，时段{period}") if period else ""
    if words.counted or not paid:
        return f"{words.commodity(commodity)}{when}"
    return words.pick(f"{words.commodity(commodity)} sold{when}", f"{words.commodity(commodity)}外销{when}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def card(label: Callable[[str], str], value: Callable[[str], str], tone: str = "") -> str:
    """Return one card: what it is about, and its figure."""
    name = in_both(lambda lang: _capital(label(lang)))
    inside = f"<div class='label'>{name}</div><div class='value'>{in_both(value)}</div>"
    return f"<div class='card {tone}'>{inside}</div>"
