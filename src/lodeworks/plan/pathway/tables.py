"""From a plan over slices to the tables of a run: those of every slice under one another, and those of the pathway.

Tables of slices gain the columns `stage`, `scenario` and `period` where there are such. `costs` holds money of one
passing of the horizon (`amount`), of all years of the stage (`over_stage`) and what it counts in its scenario's
objective (`discounted`); the sum of `probability × discounted` is the objective where risk is not weighed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from lodeworks.network.names import commodities, elements
from lodeworks.plan.pathway.accounts import accounts_tables
from lodeworks.plan.pathway.answer import PathwayAnswer
from lodeworks.plan.pathway.building import candidates, capacity_by_stage, decided_vintages
from lodeworks.plan.pathway.information import Information
from lodeworks.plan.pathway.stocks import stocks
from lodeworks.plan.tables import plan_tables

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["pathway_tables"]

_BUILDING = ("investment", "building", "salvage", "renewal")
_COMMON = ("elements", "commodities", "candidates")


def pathway_tables(answer: PathwayAnswer, known: Information | None = None) -> dict[str, pl.DataFrame]:
    """Return every table of a plan over slices by name; `known` adds what information is worth."""
    net = answer.pathway.network
    parts: dict[str, list[pl.DataFrame]] = {}
    for number, piece in enumerate(answer.slices):
        for name, table in plan_tables(piece).items():
            if name not in _COMMON:
                own = _costs(answer, number, table) if name == "costs" else table
                own = _decided(answer, number, table) if name == "capacities" else own
                own = _for_all_periods(answer, number, table) if name == "policies" else own
                parts.setdefault(name, []).append(own.select(*_labels(answer, number), pl.all()))
    building = _building(answer)
    parts["costs"].append(building)
    for name, some in accounts_tables(answer).items():
        parts.setdefault(name, []).extend(some)
    tables = {name: pl.concat(some, how="diagonal_relaxed") for name, some in parts.items()}
    tables["policies"] = pl.concat([tables["policies"], _overall(answer)], how="diagonal_relaxed")
    tables |= {
        "elements": elements(net), "commodities": commodities(net), "candidates": candidates(answer),
        "vintages": decided_vintages(answer), "pathway": capacity_by_stage(answer),
        "stages": _stages(answer, tables["costs"]),
    }
    if answer.pathway.carried:
        tables["stocks"] = stocks(answer)
    if answer.pathway.scenarios[0].name:
        tables["scenarios"] = _scenarios(answer, known)
    return tables


def _labels(answer: PathwayAnswer, number: int) -> list[pl.Expr]:
    pathway, piece = answer.pathway, answer.pathway.slices[number]
    names = {
        "stage": pathway.stages[piece.stage].name, "scenario": pathway.scenarios[piece.scenario].name,
        "period": piece.period,
    }
    return [pl.lit(name).cast(pl.Categorical).alias(key) for key, name in names.items() if name]


def _costs(answer: PathwayAnswer, number: int, table: pl.DataFrame) -> pl.DataFrame:
    piece = answer.pathway.slices[number]
    return table.with_columns(
        over_stage=pl.col("amount") * piece.passes, discounted=pl.col("amount") * piece.money,
        probability=pl.lit(answer.pathway.scenarios[piece.scenario].probability),
    )


def _decided(answer: PathwayAnswer, number: int, table: pl.DataFrame) -> pl.DataFrame:
    """Give capacities what is invested in this stage; what a unit costs over its life is told by `vintages`."""
    pathway = answer.pathway
    mine = pathway.vintages.stage == pathway.slices[number].stage
    spent: dict[str, float] = {}
    for v in np.flatnonzero(mine):
        name = pathway.vintages.element[v]
        spent[name] = spent.get(name, 0.0) + float(answer.decided[v] * pathway.vintages.invest[v])
    return table.with_columns(
        investment=pl.col("element").replace_strict(spent, default=0.0, return_dtype=pl.Float64),
        annual_cost=pl.lit(None, pl.Float64),
    )


def _for_all_periods(answer: PathwayAnswer, number: int, table: pl.DataFrame) -> pl.DataFrame:
    """Give what easing a limit on capacities is worth for all periods, though one of them holds its row."""
    piece = answer.pathway.slices[number]
    common = pl.col("policy").is_in(list(piece.network.sums.name))
    times = pl.when(common).then(piece.times).otherwise(1.0)
    return table.with_columns(marginal_value=pl.col("marginal_value") * times)


def _building(answer: PathwayAnswer) -> pl.DataFrame:
    """Money for what is decided in each stage, and what of it is left after the last; common to all scenarios."""
    pathway, net = answer.pathway, answer.pathway.network
    vintages, rows = pathway.vintages, []
    for v, name in enumerate(vintages.element):
        decided = float(answer.decided[v])
        if decided <= 0.0:
            continue
        element = net.elements[net.element_number[name]]
        stage = pathway.stages[vintages.stage[v]]
        names = (element.name, element.kind, element.commodity, element.site, element.owner)
        if not stage.name:
            share = -float(vintages.charge[v]) * decided
            rows.append(("", "investment", *names, share, share, share))
            continue
        paid = float(vintages.invest[v]) * decided
        rows.append((stage.name, "building", *names, -paid, -paid, -paid * stage.discount))
        left = paid * stage.discount - float(vintages.charge[v]) * decided
        end = sum(s.years for s in pathway.stages)
        worth = left * (1.0 + pathway.rate) ** end
        rows.append((stage.name, "salvage" if left >= 0.0 else "renewal", *names, worth, worth, left))
    for number, policy in enumerate(pathway.overall):
        for w, scenario in enumerate(pathway.scenarios):
            slack = answer.composition.links.slack[number, w]
            missed = float(sum(answer.found.x[int(s)] for s in slack if s >= 0))
            if missed > 0.0:
                fine = -policy.penalty * missed
                stage = pathway.stages[policy.stage] if policy.stage >= 0 else None
                over = fine * stage.years / pathway.meant if stage is not None and stage.name else fine
                rows.append(("" if stage is None else stage.name, "policy", policy.name, "policy", "", "",
                             scenario.name, fine, over, fine * policy.worth))
    text = ["stage", "item", "element", "kind", "commodity", "site", "owner"]
    frame = pl.DataFrame(rows, orient="row", schema={
        **dict.fromkeys(text, pl.String), "amount": pl.Float64, "over_stage": pl.Float64, "discounted": pl.Float64,
    }).with_columns(
        scenario=pl.when(pl.col("item") == "policy").then(pl.col("owner")).otherwise(pl.lit("")),
        owner=pl.when(pl.col("item") == "policy").then(pl.lit("")).otherwise(pl.col("owner")),
        currency=pl.lit(net.currency),
    )
    chance = {scenario.name: scenario.probability for scenario in pathway.scenarios if scenario.name}
    frame = frame.with_columns(
        probability=pl.col("scenario").replace_strict(chance, default=1.0, return_dtype=pl.Float64)
    )
    dropped = [key for key, there in (("stage", pathway.stages[0].name), ("scenario", pathway.scenarios[0].name))
               if not there]
    return frame.drop(dropped).with_columns(pl.col([c for c in ("stage", "scenario") if c not in dropped])
                                            .cast(pl.Categorical))


def _stages(answer: PathwayAnswer, costs: pl.DataFrame) -> pl.DataFrame:
    """One row a stage: its years, and its money on the mean of scenarios, undiscounted and discounted.

    `building_discounted` is what is paid; what of it is left after the last stage, `left_discounted`, is in it, and so
    is what is paid on for lives that end within a stage, `renewal_discounted`.
    """
    pathway, rows = answer.pathway, []
    staged = costs if "stage" in costs.columns else costs.with_columns(stage=pl.lit(""))
    building = pl.col("item").is_in(_BUILDING)

    def total(stage: str, column: str, which: Callable[[], pl.Expr]) -> float:
        own = staged.filter((pl.col("stage").cast(pl.String) == stage) & which())
        return float((own[column] * own["probability"]).sum())

    for stage in pathway.stages:
        rows.append((
            stage.name, stage.start + pathway.base, stage.years, stage.discount,
            stage.budget if np.isfinite(stage.budget) else None,
            -total(stage.name, "amount", lambda: pl.col("item") == "building"),
            total(stage.name, "over_stage", lambda: ~building), total(stage.name, "discounted", lambda: ~building),
            total(stage.name, "discounted", lambda: building),
            total(stage.name, "discounted", lambda: pl.col("item") == "salvage"),
            total(stage.name, "discounted", lambda: pl.col("item") == "renewal"),
        ))
    return pl.DataFrame(rows, orient="row", schema={
        "stage": pl.String, **dict.fromkeys((
            "year", "years", "discount", "budget", "investment", "running", "running_discounted",
            "building_discounted", "left_discounted", "renewal_discounted",
        ), pl.Float64),
    })


def _scenarios(answer: PathwayAnswer, known: Information | None) -> pl.DataFrame:
    """One row a scenario: its objective, and what it would be if it were known, or had the mean been planned for."""
    pathway = answer.pathway
    sign = -1.0 if answer.composition.program.maximise else 1.0
    rows: list[tuple[Any, ...]] = []
    for w, scenario in enumerate(pathway.scenarios):
        running = answer.outcome(w)
        rows.append((
            scenario.name, scenario.title_en, scenario.title_zh, scenario.probability, running,
            running + sign * answer.building, known.known[w] if known is not None else None,
            known.of_mean_plan[w] if known is not None and known.of_mean_plan else None,
        ))
    return pl.DataFrame(rows, orient="row", schema={
        **dict.fromkeys(("scenario", "title_en", "title_zh"), pl.String),
        **dict.fromkeys(("probability", "running", "objective", "if_known", "of_mean_plan"), pl.Float64),
    })


def _overall(answer: PathwayAnswer) -> pl.DataFrame:
    """What policies over several slices come to in each scenario, their limits, and what easing them is worth."""
    from lodeworks.plan.pathway.links import policy_amounts

    made, pathway = answer.composition, answer.pathway
    found = next(((block, first) for block, first in made.program.blocks if block.name == "overall"), None)
    rows = []
    for number, policy in enumerate(pathway.overall):
        for w, scenario in enumerate(pathway.scenarios):
            if policy.scenario not in (-1, w):
                continue
            both = [0.0, 0.0]  # the sum, and with the share's denominator added
            for part, piece in zip(made.parts, pathway.slices, strict=True):
                for i, limit in enumerate((0.0, -1.0)):
                    cols, values = policy_amounts(part.network, part.columns, policy.name, limit)
                    amount = float(values @ answer.found.x[part.column + cols])
                    both[i] += (piece.scenario == w) * policy.times(piece) * amount
            sums, others = both[0], both[1] - both[0]
            value = (sums / others if others > 0.0 else 0.0) if policy.is_share else sums
            ease = 0.0
            if found is not None:
                own = found[0].owner == number * len(pathway.scenarios) + w
                dual = np.abs(answer.found.y[found[1] : found[1] + len(own)][own]).sum()
                ease = float(dual) * (others if policy.is_share else 1.0) / scenario.probability / policy.worth
            stage = pathway.stages[policy.stage].name if policy.stage >= 0 else None
            rows.append((stage, scenario.name, policy.name, value, *(v if np.isfinite(v) else None for v in (
                policy.least, policy.most)), "" if policy.is_share else policy.unit, ease))
    frame = pl.DataFrame(rows, orient="row", schema={
        "stage": pl.String, "scenario": pl.String, "policy": pl.String, "value": pl.Float64, "least": pl.Float64,
        "most": pl.Float64, "unit": pl.String, "marginal_value": pl.Float64,
    })
    there = {"stage": pathway.stages[0].name, "scenario": pathway.scenarios[0].name}
    frame = frame.drop([key for key, name in there.items() if not name])
    return frame.with_columns(pl.col([key for key, name in there.items() if name]).cast(pl.Categorical))
