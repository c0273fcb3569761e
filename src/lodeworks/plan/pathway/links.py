"""What links the slices of a pathway, one function each; the registry is the list `LINKS`.

A link is a function of the composition that returns a `Block` of rows over columns of the whole program, and says
in `Block.names` what each owner's rows are called in messages. Its formula stands in its docstring, from which
docs/formulation.md is made.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.network.pathway import Overall, Pathway, Scenario
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.books import Books
from lodeworks.plan.columns import Columns
from lodeworks.plan.pathway.compose import Composition
from lodeworks.plan.pathway.firms import year_money
from lodeworks.plan.pathway.flows import weights_of
from lodeworks.plan.pathway.stocks import handed_on, handed_room, left_over

__all__ = ["LINKS", "policy_amounts"]


def standing(made: Composition) -> Block:
    r"""What is built of a plant in a slice is what stands of its vintages.

    .. math:: b_{p\sigma} - \sum_{y:\, p \text{ of } y \text{ alive in } \sigma} s_{py\sigma}\, k_{py} = 0

    for each slice σ: a vintage y stands in the stages that begin after its lead time and within its life, in all their
    scenarios and periods. What is decided is thus the same whatever comes (non-anticipativity). The share s is one, or,
    where lives are to count in part, that of the years of the stage in which its life ends that it lives. What may be
    closed early stands at most so.
    """
    pathway = made.pathway
    pairs = [
        (number, name, p) for number, plants in enumerate(pathway.plants) for name, p in plants.items()
        if not made.parts[number].network.plants.closable[p]
    ]
    rows = Rows("standing", tuple(
        made.parts[number].said(f"what stands of {name}") for number, name, _ in pairs
    ))
    for owner, (number, name, p) in enumerate(pairs):
        part = made.parts[number]
        early = bool(part.network.plants.early[p])
        line = rows.add(owner, -np.inf if early else 0.0, 0.0, 1)
        rows.term(line, made.built(number, p), part.columns.built_size(part.network, p))
        for vintage in pathway.standing(number, name):
            stands = float(pathway.vintages.size[vintage]) * pathway.part(number, int(vintage))
            rows.term(line, int(made.links.vintage[vintage]), -stands)
    return rows.done()


def closing(made: Composition) -> Block:
    r"""What has been closed stays closed, and is the same in all scenarios and periods of a stage.

    .. math:: b_{py} - b_{p,y-1} \le K_{p,y-1} - K_{py} + \sum_{v \text{ new in } y} s_{pvy}\, k_{pv},
              \qquad b_{p\sigma} - b_{py} = 0

    for each plant p that may be closed. Of what exists -b is what is closed, and what retires by a stage may have been
    closed before. Of what was built b is what is left: no more than before and what is new. Whatever is closed of
    it is the oldest, which ends first (later vintages live as long), so that its amount alone need be known.
    """
    pathway = made.pathway
    stages = [piece.stage for piece in pathway.slices]
    first = {stage: stages.index(stage) for stage in stages}
    pairs = []
    for number, named in enumerate(pathway.plants):
        plants = made.parts[number].network.plants
        pairs += [(number, name, p) for name, p in named.items() if plants.closable[p] or plants.early[p]]
    rows = Rows("closing", tuple(made.parts[number].said(f"what is closed of {name}") for number, name, _ in pairs))
    for owner, (number, name, p) in enumerate(pairs):
        stage = pathway.slices[number].stage
        leads = first[stage] == number
        if leads and stage == 0:
            continue
        before = first[stage - 1] if leads else first[stage]
        q = pathway.plants[before][name]
        there, here = (made.parts[i].network.plants.existing[j] for i, j in ((before, q), (number, p)))
        early = bool(made.parts[number].network.plants.early[p])
        least = float(there - here) if leads and not early else 0.0
        line = rows.add(owner, -np.inf if leads else 0.0, least, 1)
        for sign, slice_, plant in ((1.0, number, p), (-1.0, before, q)):
            part = made.parts[slice_]
            rows.term(line, made.built(slice_, plant), sign * part.columns.built_size(part.network, plant))
        for vintage in pathway.standing(number, name) if leads and early else ():
            if pathway.vintages.first[vintage] == stage:
                stands = float(pathway.vintages.size[vintage]) * pathway.part(number, int(vintage))
                rows.term(line, int(made.links.vintage[vintage]), -stands)
    return rows.done()


def stage_budget(made: Composition) -> Block:
    r"""All that is decided in a stage costs no more than its budget, and all of all stages no more than theirs.

    .. math:: \sum_p I_{py}\, k_{py} \le B_y, \qquad \sum_y \sum_p I_{py}\, k_{py} \le B

    in money of the day, undiscounted.
    """
    pathway, vintages = made.pathway, made.pathway.vintages
    names = (*(f"the budget of stage {stage.name}" for stage in pathway.stages), "the investment budget")
    rows = Rows("stage_budget", names)
    costly = vintages.invest > 0.0
    for owner, limit in enumerate([*(stage.budget for stage in pathway.stages), pathway.budget]):
        mine = costly if owner == len(pathway.stages) else costly & (vintages.stage == owner)
        if np.isfinite(limit):
            line = rows.add(owner, -np.inf, limit, 1)
            for vintage in np.flatnonzero(mine):
                money = float(vintages.invest[vintage] * vintages.size[vintage])
                rows.term(line, int(made.links.vintage[vintage]), money)
    return rows.done()


def growth(made: Composition) -> Block:
    r"""What is decided in a stage is no more than a seed, growth of what stood, and growth of what has been built.

    .. math:: \sum_{p \in G} k_{py} \le S + ((1+r)^{n} - 1) \sum_{p \in G} (K_{p,y-1} + b_{p,y-1})
              + ((1+l)^{n} - 1) \Big(\phi^{t_y} E + \sum_q w_q \sum_{v<y} \phi^{t_y - t_{v+1}} k_{qv}\Big)

    with n the years of the stage before (its own of the first, before which what exists stood), t the year a stage
    begins, E what was known at the start and 1 - φ what is forgotten in a year. Limits on the growth of what stands
    are those of TEMOA and of market studies; knowledge that fades is that of Leibowicz, Krey and Grubler, Technological
    Forecasting and Social Change 109 (2016), as ZEN-garden writes it.
    """
    pathway, vintages, columns = made.pathway, made.pathway.vintages, made.links.vintage
    stages = pathway.stages
    rows = Rows("growth", tuple(
        f"the growth of {limit.name} in stage {stage.name}" for limit in pathway.growths for stage in stages))
    first = [next(i for i, piece in enumerate(pathway.slices) if piece.stage == y) for y in range(len(stages))]
    names = np.array(vintages.element)
    for number, limit in enumerate(pathway.growths):
        for y, stage in enumerate(stages):
            mine = np.flatnonzero(np.isin(names, limit.of) & (vintages.stage == y))
            if not len(mine):
                continue
            years = stages[max(y - 1, 0)].years
            grows, learns = ((1.0 + rate) ** years - 1.0 for rate in (limit.rate, limit.learns))
            kept = (1.0 - limit.fades) ** stage.start
            before = first[max(y - 1, 0)]
            part, plants = made.parts[before], pathway.plants[before]
            stood = sum(float(part.network.plants.existing[plants[name]]) for name in limit.of)
            most = limit.seed + grows * stood + learns * kept * limit.known
            line = rows.add(number * len(stages) + y, -np.inf, most, 1)
            for v in mine:
                rows.term(line, int(columns[v]), float(vintages.size[v]))
            for name in limit.of if y and grows else ():
                size = part.columns.built_size(part.network, plants[name])
                rows.term(line, made.built(before, plants[name]), -grows * size)
            for name, factor in zip(limit.learnt, limit.factor, strict=True):
                for v in np.flatnonzero((names == name) & (vintages.stage < y)) if learns else ():
                    since = stage.start - stages[vintages.stage[v] + 1].start
                    rows.term(line, int(columns[v]),
                              -learns * float(factor * vintages.size[v]) * (1.0 - limit.fades) ** since)
    return rows.done()


def overall(made: Composition) -> Block:
    r"""A policy over several slices keeps its limits in each scenario, or misses them at a penalty.

    .. math:: \underline{B} \le \sum_\sigma n_\sigma \sum_a w_a X_{a\sigma} + e^- - e^+ \le \overline{B}

    over the slices σ of the scenario and X the amounts of one passing: of all stages, n the times a slice's horizon
    passes in its stage; or, of one stage with periods, n the times a period comes in what the horizon stands for; for a
    share :math:`\sum_\sigma n_\sigma (\sum_a w_a X_{a\sigma} - s \sum_a w'_a X_{a\sigma}) \ge 0` or :math:`\le 0`.
    """
    pathway = made.pathway
    scenarios = pathway.scenarios
    names = tuple(
        _policy_words(pathway, policy, scenario) for policy in pathway.overall for scenario in scenarios
    )
    rows = Rows("overall", names)
    for number, policy in enumerate(pathway.overall):
        for w in range(len(scenarios)):
            if policy.scenario not in (-1, w):
                continue
            for side, limit in enumerate((policy.least, policy.most)):
                if not np.isfinite(limit):
                    continue
                bound = 0.0 if policy.is_share else limit
                low, high = (bound, np.inf) if side == 0 else (-np.inf, bound)
                line = rows.add(number * len(scenarios) + w, low, high, 1)
                for part, piece in zip(made.parts, pathway.slices, strict=True):
                    if piece.scenario == w and policy.times(piece) > 0.0:
                        cols, values = policy_amounts(part.network, part.columns, policy.name, limit)
                        rows.term(np.broadcast_to(line, cols.shape), part.column + cols, policy.times(piece) * values)
                slack = int(made.links.slack[number, w, side])
                if slack >= 0:
                    rows.term(line, slack, 1.0 if side == 0 else -1.0)
    return rows.done()


def _policy_words(pathway: Pathway, policy: Overall, scenario: Scenario) -> str:
    """Name a policy over several slices: over all stages, in a stage, or of a chain without stages."""
    stage = pathway.stages[policy.stage].name
    where = " over all stages" if policy.stage < 0 else f" in stage {stage}" if stage else ""
    return f"the policy {policy.name}{where}" + (f" in scenario {scenario.name}" if scenario.name else "")


def policy_amounts(net: Network, cols: Columns, name: str, limit: float) -> tuple[Ints, Floats]:
    """Return columns and coefficients of a policy's sum over a whole horizon, less its share of the other sum."""
    pol = net.policies
    p = pol.name.index(name)
    terms = [(pol.term_policy, pol.term_activity, pol.term_over, 1.0)]
    if pol.is_share[p]:
        terms.append((pol.other_policy, pol.other_activity, pol.other_over, -limit))
    columns, values = [np.zeros(0, np.int32)], [np.zeros(0)]
    for owners, activities, weights, scale in terms:
        for i in np.flatnonzero(owners == p):
            hours = net.grids[net.activities.grid[activities[i]]].hours(net.hours)
            columns.append((cols.rate[activities[i]] + np.arange(len(hours))).astype(np.int32))
            values.append(scale * net.on_grid(weights, net.activities.grid[activities], int(i)) * hours)
    return np.concatenate(columns), np.concatenate(values)


def outcome(made: Composition) -> Block:
    r"""What a scenario's operation costs, where risk is weighed.

    .. math:: z_\omega - \sum_{\sigma \in \omega} m_\sigma\, c_\sigma^\top x_\sigma = \text{constants}

    with m what money of a slice counts in its scenario; interest and tax of firms with accounts belong to it. The
    objective is then the cost of building and

    .. math:: (1-\lambda) \sum_\omega \pi_\omega z_\omega
              + \lambda \Big(\eta + \frac{1}{1-\alpha} \sum_\omega \pi_\omega s_\omega\Big)

    the mean of all and the mean of the worst share 1-α (Rockafellar and Uryasev 2000).
    """
    pathway = made.pathway
    rows = Rows("outcome", tuple(f"the cost of scenario {scenario.name}" for scenario in pathway.scenarios))
    if made.links.threshold < 0:
        return rows.done()
    for w in range(len(pathway.scenarios)):
        mine = [number for number, piece in enumerate(pathway.slices) if piece.scenario == w]
        fixed = sum(pathway.slices[number].money * made.programs[number].offset for number in mine)
        line = rows.add(w, fixed, fixed, 1)
        rows.term(line, int(made.links.outcome[w]), 1.0)
        for number in mine:
            cost = made.programs[number].cost
            used = np.flatnonzero(cost)
            rows.term(
                np.broadcast_to(line, used.shape), made.parts[number].column + used.astype(np.int32),
                -pathway.slices[number].money * cost[used],
            )
        if pathway.accounts:
            books = Books(pathway.accounts[w], made.links.money[w], ())
            columns, values, _ = books.financing(weights_of(pathway, w))
            rows.term(np.broadcast_to(line, columns.shape), columns, -values)
    return rows.done()


def shortfall(made: Composition) -> Block:
    r"""By how much a scenario's cost is above the threshold of the worst.

    .. math:: s_\omega + \eta - z_\omega \ge 0
    """
    rows = Rows("shortfall", tuple(f"the shortfall of scenario {scenario.name}" for scenario in made.pathway.scenarios))
    links = made.links
    for w in range(len(made.pathway.scenarios) if links.threshold >= 0 else 0):
        line = rows.add(w, 0.0, np.inf, 1)
        rows.term(line, int(links.shortfall[w]), 1.0)
        rows.term(line, links.threshold, 1.0)
        rows.term(line, int(links.outcome[w]), -1.0)
    return rows.done()


LINKS: tuple[Callable[[Composition], Block], ...] = (
    standing, closing, stage_budget, growth, overall, outcome, shortfall, year_money, handed_on, handed_room, left_over,
)
