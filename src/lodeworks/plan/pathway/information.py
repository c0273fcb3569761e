"""What it is worth to know what comes, and to plan for all that may come instead of for its mean.

Beside the plan over scenarios three kinds of plan are made (Birge and Louveaux 2011, ch. 4): for each scenario the best
if it were known (wait and see); for the mean of all scenarios, whose capacities are then run in every scenario. The
value of perfect information is what the first are better by, the value of the stochastic solution what the last is
worse by. Where risk is weighed, all are measured by the same mean of all and mean of the worst.

A planner that does not find the best itself, only a plan and a bound, gives both values as far as these go: between
which two numbers they lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from lodeworks.errors import InfeasibleError
from lodeworks.network.mean import Unlike, mean_accounts, mean_network
from lodeworks.network.pathway import Carried, Overall, Pathway, Risk, Scenario
from lodeworks.plan.pathway.answer import PathwayAnswer, optimise_pathway
from lodeworks.plan.telling import telling

__all__ = ["Information", "Planner", "information", "measured"]

_ROUNDING = 1e-7  # of an objective: what a verified answer may be off by


@dataclass(frozen=True)
class Information:
    """Objectives in the sense the user asked for; None where there is none, with the reason.

    Attributes
    ----------
    known
        Best objective of each scenario, if it were known.
    mean_plan
        Objective of the mean's capacities run in all scenarios, and of each scenario.
    perfect_between, stochastic_between
        The least and the most that perfect information and the stochastic solution are worth; None where plans are the
        best there are, or nothing bounds them.
    """

    known: tuple[float, ...]
    wait_and_see: float
    perfect_information: float
    mean_plan: float | None
    of_mean_plan: tuple[float, ...]
    stochastic_solution: float | None
    reason: str
    perfect_between: tuple[float, float] | None = None
    stochastic_between: tuple[float, float] | None = None


class Planner(Protocol):
    """Plans a pathway otherwise than by solving its program at once."""

    def __call__(self, pathway: Pathway, /, *, held: bool) -> tuple[PathwayAnswer, float]:
        """Return a plan and the objective that no plan can beat, nan where there is none; `held` is what is built."""


def information(
    answer: PathwayAnswer, *, asked: Pathway | None = None, bound: float | None = None, planner: Planner | None = None,
    **options: Any,
) -> Information:
    """Solve the plans beside a plan over scenarios.

    Parameters
    ----------
    asked
        The pathway that is planned, where the answer is of one in which what is decided is held.
    bound
        The objective that no plan can beat, where the answer is not the best itself.
    planner
        What made the answer; `optimise_pathway` with `options` unless given.
    """
    pathway = answer.pathway if asked is None else asked
    sign = -1.0 if answer.composition.program.maximise else 1.0

    def planned(of: Pathway, told: str, *, held: bool = False) -> tuple[PathwayAnswer, float]:
        if planner is not None:
            return planner(of, held=held)
        found = optimise_pathway(of, **telling(options, told))
        return found, found.objective

    def between(worse: tuple[float, float], better: tuple[float, float]) -> tuple[float, float] | None:
        """Return how much better one plan is at least and at most, each given as it was found and its bound."""
        slack = _ROUNDING * max(abs(worse[0]), abs(better[0]))
        low, high = sign * (worse[1] - better[0]) - slack, sign * (worse[0] - better[1]) + slack
        return (max(0.0, low), max(0.0, high)) if planner is not None and np.isfinite([low, high]).all() else None

    own = answer.objective, answer.objective if bound is None else bound
    known, bounds = zip(*(
        (found.objective, best) for found, best in (
            planned(_only(pathway, w), f"if {scenario.name} were known") for w, scenario in enumerate(pathway.scenarios)
        )
    ), strict=True)
    if planner is not None:  # on fewer steps a scenario's own plan may be worse than this one in it, which is one of it
        here = (answer.outcome(w) + sign * answer.building for w in range(len(pathway.scenarios)))
        known = tuple(sign * min(sign * value, sign * own_of_it) for value, own_of_it in zip(known, here, strict=True))
    see, most = (sign * measured(pathway, [sign * value for value in values]) for values in (known, bounds))
    perfect = sign * (answer.objective - see)
    said = Information(known, see, perfect, None, (), None, "", between(own, (see, most)))
    try:
        mean, _ = planned(_of_mean(pathway), "for the mean of all scenarios")
        like = replace(_closed_as(pathway, mean), vintages=pathway.vintages.fixed(mean.decided))
        fixed, best = planned(like, "that plan in all scenarios", held=True)
    except Unlike as error:
        return replace(said, reason=f"scenarios differ in more than numbers ({error})")
    except InfeasibleError as error:
        return replace(said, reason=f"what the mean would build fails: {' '.join(error.reasons[:2])}")
    return replace(
        said, mean_plan=fixed.objective, stochastic_solution=sign * (fixed.objective - answer.objective),
        of_mean_plan=tuple(fixed.outcome(w) + sign * fixed.building for w in range(len(pathway.scenarios))),
        stochastic_between=between((fixed.objective, best), own),
    )


def _closed_as(pathway: Pathway, mean: PathwayAnswer) -> Pathway:
    """Return a pathway in which as much is closed as in the plan of the mean."""
    slices = []
    for piece, own in zip(pathway.slices, pathway.plants, strict=True):
        plants = piece.network.plants
        like = next(i for i, other in enumerate(mean.pathway.slices) if other.stage == piece.stage)
        least, most = plants.least.copy(), plants.most.copy()
        for name, p in own.items():
            if plants.closable[p] or plants.early[p]:
                least[p] = most[p] = mean.slices[like].built(mean.pathway.plants[like][name])
        slices.append(replace(piece, network=replace(piece.network, plants=replace(plants, least=least, most=most))))
    return replace(pathway, slices=tuple(slices))


def measured(pathway: Pathway, costs: Sequence[float]) -> float:
    """Return the mean of costs and the mean of the worst of them, weighed as the objective weighs them."""
    probability = np.array([scenario.probability for scenario in pathway.scenarios])
    mean = float(probability @ np.asarray(costs))
    if pathway.network.objective.goal not in ("profit", "cost") or pathway.risk.weight == 0.0:
        return mean
    return (1.0 - pathway.risk.weight) * mean + pathway.risk.weight * worst_mean(costs, probability, pathway.risk.tail)


def worst_mean(costs: Sequence[float], probability: Any, tail: float) -> float:
    """Return the mean of the worst share `tail` of outcomes (conditional value at risk)."""
    order = np.argsort(costs)[::-1]
    share = np.minimum(np.cumsum(probability[order]), tail)
    return float(np.diff(share, prepend=0.0) @ np.asarray(costs)[order]) / tail


def _only(pathway: Pathway, scenario: int) -> Pathway:
    """Return a pathway of one scenario that is sure."""
    sure = replace(pathway.scenarios[scenario], probability=1.0)
    slices = tuple(replace(piece, scenario=0) for piece in pathway.slices if piece.scenario == scenario)
    overall = tuple(
        replace(policy, scenario=min(policy.scenario, 0)) for policy in pathway.overall
        if policy.scenario in (-1, scenario)
    )
    return replace(
        pathway, slices=slices, scenarios=(sure,), overall=overall, risk=Risk(),
        accounts=pathway.accounts[scenario : scenario + 1],
        carried=tuple(replace(one, scenario=0) for one in pathway.carried if one.scenario == scenario),
    )


def _of_mean(pathway: Pathway) -> Pathway:
    """Return a pathway of the mean of all scenarios."""
    weights = [scenario.probability for scenario in pathway.scenarios]
    groups: dict[tuple[int, str], list[int]] = {}
    for number, piece in enumerate(pathway.slices):
        groups.setdefault((piece.stage, piece.period), []).append(number)
    slices = []
    for numbers in groups.values():
        alike = [pathway.slices[number] for number in numbers]
        net = mean_network([piece.network for piece in alike], [weights[piece.scenario] for piece in alike])
        kept = [piece.accounts for piece in alike if piece.accounts is not None]
        slices.append(replace(
            alike[0], network=net, scenario=0, accounts=mean_accounts(kept, weights) if kept else None,
        ))
    mean = Scenario("mean", "mean", "均值", 1.0)
    return replace(
        pathway, slices=tuple(slices), scenarios=(mean,), overall=_mean_limits(pathway.overall, weights), risk=Risk(),
        accounts=(mean_accounts(pathway.accounts, weights),) if pathway.accounts else (),
        carried=_mean_stocks(pathway.carried, weights),
    )


def _mean_stocks(stocks: Sequence[Carried], weights: Sequence[float]) -> tuple[Carried, ...]:
    """Return carried stocks with the mean of what they begin with, and of what they must end with."""
    groups: dict[tuple[str, int], list[Carried]] = {}
    for stock in stocks:
        groups.setdefault((stock.element, stock.stage), []).append(stock)
    return tuple(
        Carried(name, 0, sum(weights[one.scenario] * one.initial for one in alike),
                alike[0].end if len({one.end for one in alike}) == 1 else
                sum(weights[one.scenario] * one.end for one in alike), alike[0].once, alike[0].ring,
                stage)
        for (name, stage), alike in groups.items()
    )


def _mean_limits(policies: Sequence[Overall], weights: Sequence[float]) -> tuple[Overall, ...]:
    """Return policies with the mean of the limits that differ by scenario."""
    groups: dict[tuple[str, int], list[Overall]] = {}
    for policy in policies:
        groups.setdefault((policy.name, policy.stage), []).append(policy)

    def mean(alike: Sequence[Overall], name: str) -> float:
        values = [float(getattr(policy, name)) for policy in alike]
        if len(set(values)) == 1:
            return values[0]
        return sum(weights[policy.scenario] * value for policy, value in zip(alike, values, strict=True))

    return tuple(
        replace(alike[0], scenario=min(alike[0].scenario, 0), least=mean(alike, "least"), most=mean(alike, "most"),
                penalty=mean(alike, "penalty"))
        for alike in groups.values()
    )
