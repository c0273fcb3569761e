"""Plans over stages and scenarios against answers worked out by hand.

The chain: ore at 1 CNY/t becomes metal at 3 CNY/t in smelters that can be built; one step of a year. A smelter of
1 t/h earns 2 CNY/t × 8,760 h = 17,520 CNY a year when it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import optimise
from lodeworks.plan.pathway import PathwayAnswer, information, optimise_pathway, pathway_tables

EARNS = 17_520.0


def chain(years: list[int] = (), *, expansion: dict[str, Any] | None = None, **more: Any) -> Chain:  # type: ignore[assignment]
    horizon = {"start": "2026-01-01", "step": "1 a", "length": "1 a", "discount": "0 %/a", "last": "4 a"}
    horizon |= {"stages": list(years)} | more.pop("horizon", {})
    if not years:
        del horizon["last"]
    smelter = {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"},
               "expansion": {"most": "100 t/h", "cost": "40000 CNY/(t/h)", "life": "8 a", **(expansion or {})}}
    return Chain.model_validate({
        "chain": "smelters", "horizon": horizon, "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "ore", "price": "1 CNY/t"}},
        "processes": {"smelter": smelter, **more.pop("processes", {})},
        "demands": {"sell": {"commodity": "metal", "price": "3 CNY/t", "most": "7 t/h", **more.pop("sell", {})}},
        **more,
    })


def planned(years: list[int] = (), **more: Any) -> PathwayAnswer:  # type: ignore[assignment]
    return optimise_pathway(compile_pathway(chain(years, **more)))


def decided(answer: PathwayAnswer) -> dict[tuple[str, str], float]:
    pathway = answer.pathway
    return {
        (name, pathway.stages[pathway.vintages.stage[v]].name): float(answer.decided[v])
        for v, name in enumerate(pathway.vintages.element)
    }


def test_a_plan_of_one_stage_of_a_year_is_the_plan_without_stages_at_its_present_value() -> None:
    plain = optimise(compile_network(chain(horizon={"discount": "6 %/a"})))
    answer = planned([2026], horizon={"discount": "6 %/a", "last": "1 a"})
    assert answer.objective == pytest.approx(plain.program.objective(plain.x) / 1.06, rel=1e-12)
    assert answer.slices[0].built(0) == pytest.approx(plain.built(0))


def test_what_lives_through_both_stages_is_built_once() -> None:
    answer = planned([2026, 2030])
    assert decided(answer) == {("smelter", "2026"): pytest.approx(7.0), ("smelter", "2030"): pytest.approx(0.0)}
    assert answer.objective == pytest.approx(7.0 * (8.0 * EARNS - 40_000.0))


def test_what_wears_out_is_replaced_and_what_is_left_of_it_at_the_end_is_salvage() -> None:
    answer = planned([2026, 2030], expansion={"life": "4 a"})
    assert decided(answer) == {("smelter", "2026"): pytest.approx(7.0), ("smelter", "2030"): pytest.approx(7.0)}
    assert answer.objective == pytest.approx(7.0 * (8.0 * EARNS - 80_000.0))
    long = planned([2026, 2030], expansion={"life": "16 a"})
    assert long.objective == pytest.approx(7.0 * (8.0 * EARNS - 20_000.0))


def test_money_is_discounted_at_the_end_of_its_year_and_investment_at_its_stage() -> None:
    answer = planned([2026, 2030], horizon={"discount": "10 %/a"}, expansion={"per_stage": "5 t/h"})
    worth = EARNS * sum(1.1 ** -(j + 1) for j in range(8))
    late = EARNS * sum(1.1 ** -(j + 1) for j in range(4, 8))
    half = (1 - 1.1**-4) / (1 - 1.1**-8)
    assert decided(answer) == {("smelter", "2026"): pytest.approx(5.0), ("smelter", "2030"): pytest.approx(2.0)}
    assert answer.objective == pytest.approx(5.0 * (worth - 40_000.0) + 2.0 * (late - 40_000.0 * 1.1**-4 * half))


def test_an_investment_is_paid_back_at_its_own_cost_of_capital() -> None:
    """Only what its life has still to run after the last stage hangs on it; in a plan of a year, its yearly share."""
    own = (1 - 1.05**-4) / (1 - 1.05**-8)
    answer = planned([2026], horizon={"discount": "10 %/a"}, expansion={"discount": "5 %/a"})
    assert answer.objective == pytest.approx(7.0 * (EARNS * sum(1.1 ** -(j + 1) for j in range(4)) - 40_000.0 * own))
    weighed = planned([2026], horizon={"discount": "10 %/a"}, expansion={"discount": "5 %/a"}, stages={"2026": {"weight": "3 a"}})
    annuity = 40_000.0 * 0.05 / (1 - 1.05**-8)
    assert weighed.objective == pytest.approx(7.0 * 3.0 * (EARNS - annuity))
    year = optimise(compile_network(chain(horizon={"discount": "10 %/a"}, expansion={"discount": "5 %/a"})))
    assert year.program.objective(year.x) == pytest.approx(7.0 * (EARNS - annuity))


@pytest.mark.parametrize(("moment", "shift"), [("end", 1.0), ("middle", 0.5), ("begin", 0.0)])
def test_the_moment_of_a_years_money_can_be_chosen(moment: str, shift: float) -> None:
    answer = planned([2026, 2030], horizon={"discount": "10 %/a", "money_at": moment})
    assert answer.objective == pytest.approx(7.0 * (EARNS * sum(1.1 ** -(j + shift) for j in range(8)) - 40_000.0))


def test_a_stage_counts_as_many_years_of_money_as_its_weight_says() -> None:
    """Operation counts so often, and of what is built the yearly share; the discount's own years change nothing."""
    annuity = 40_000.0 * 0.1 / (1 - 1.1**-8)
    answer = planned([2026, 2030], horizon={"discount": "10 %/a"}, stages={"2026": {"weight": "3 a"}, "2030": {"weight": "1.5 a"}})
    assert answer.objective == pytest.approx(7.0 * 4.5 * (EARNS - annuity))
    own = {str(year): {"weight": f"{sum(1.1 ** -(t + j + 1) for j in range(4))} a"} for year, t in ((2026, 0), (2030, 4))}
    settings: dict[str, Any] = {"horizon": {"discount": "10 %/a"}, "expansion": {"per_stage": "5 t/h"}}
    assert planned([2026, 2030], stages=own, **settings).objective == pytest.approx(planned([2026, 2030], **settings).objective)


def test_what_takes_long_to_build_is_paid_at_once_and_there_later() -> None:
    answer = planned([2026, 2030], expansion={"lead": "3 a", "life": "4 a"})
    assert decided(answer) == {("smelter", "2026"): pytest.approx(7.0)}
    assert answer.objective == pytest.approx(7.0 * (4.0 * EARNS - 40_000.0))


def test_existing_capacity_retires_and_is_replaced() -> None:
    old = {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "6 t/h", "retires": {"2028": "4 t/h"}}
    answer = planned([2026, 2030], processes={"old": old}, expansion={"cost": "80000 CNY/(t/h)"})
    # in 2026 a new t/h earns 8 × 17,520 > 80,000 where it adds output; what stands already serves 6 of the 7 t/h
    assert decided(answer) == {("smelter", "2026"): pytest.approx(1.0), ("smelter", "2030"): pytest.approx(4.0)}


def test_a_stages_budget_binds() -> None:
    answer = planned([2026, 2030], stages={"2026": {"budget": "120000 CNY"}})
    assert decided(answer) == {("smelter", "2026"): pytest.approx(3.0), ("smelter", "2030"): pytest.approx(4.0)}
    both = planned([2026, 2030], stages={"2026": {"budget": "120000 CNY"}}, investment={"budget": "200000 CNY"})
    assert decided(both) == {("smelter", "2026"): pytest.approx(3.0), ("smelter", "2030"): pytest.approx(2.0)}


def test_a_stages_settings_hold_from_it_on() -> None:
    answer = planned([2026, 2030, 2034], stages={"2030": {"set": {"demands": {"sell": {"most": "3 t/h"}}}}},
                     expansion={"life": "40 a"})
    stood = [piece.x[piece.columns.rate[1]] for piece in answer.slices]
    assert stood == pytest.approx([7.0, 3.0, 3.0])


def test_a_reserve_is_spread_over_the_stages_in_which_it_earns_most() -> None:
    answer = planned([2026, 2030], stages={"2030": {"set": {"demands.sell.price": "5 CNY/t"}}},
                     policies={"reserve": {"sum": {"mine": 1}, "most": "350400 t", "over": "all"}})
    # 350,400 t are 10 t/h over 4 years: 7 at the later, better price and 3 before
    assert [piece.x[piece.columns.rate[1]] for piece in answer.slices] == pytest.approx([3.0, 7.0])


def test_a_supplys_total_is_all_there_is_over_the_years() -> None:
    answer = planned([2026, 2030], supplies={"mine": {"commodity": "ore", "price": "1 CNY/t", "total": "350400 t"}},
                     stages={"2030": {"set": {"demands.sell.price": "5 CNY/t"}}})
    assert [piece.x[piece.columns.rate[1]] for piece in answer.slices] == pytest.approx([3.0, 7.0])


def project(earning: float, cost: float, **expansion: Any) -> dict[str, Any]:
    """A project of 1 t/h that earns some CNY/t."""
    return {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "cost": f"{2.0 - earning} CNY/t",
            "expansion": {"most": "1 t/h", "lump": "1 t/h", "cost": f"{cost} CNY/(t/h)", "life": "30 a", **expansion}}


def best_by_hand(gains: dict[str, float], allowed: Any) -> float:
    """Return the most that a set of projects earns, trying all of them."""
    sets = [[name for i, name in enumerate(gains) if number >> i & 1] for number in range(2 ** len(gains))]
    return max(sum(gains[name] for name in chosen) for chosen in sets if allowed(chosen))


def test_projects_that_exclude_or_need_one_another_are_chosen_as_by_trying_them_all() -> None:
    earning = {"a": (1.6, 50_000.0), "b": (1.5, 40_000.0), "c": (0.2, 90_000.0), "d": (1.9, 60_000.0)}
    gains = {name: 8 * 8760.0 * e - cost * 8 / 30 for name, (e, cost) in earning.items()}
    extra = {"a": {"excludes": ["b"]}, "d": {"needs": ["c"]}}
    answer = planned([2026, 2030], expansion={"most": "0 t/h"}, processes={
        name: project(*earning[name], **extra.get(name, {})) for name in earning
    }, investment={"choices": {"two": {"of": ["a", "b", "c", "d"], "most": 2}}})
    expected = best_by_hand(gains, lambda s: not {"a", "b"} <= set(s) and ("d" not in s or "c" in s) and len(s) <= 2)
    assert answer.objective == pytest.approx(expected)


def test_a_project_that_needs_another_waits_for_its_stage() -> None:
    answer = planned([2026, 2030], expansion={"most": "0 t/h"}, processes={
        "dam": project(0.0, 1_000.0, lead="2 a"), "mill": project(1.9, 1_000.0, needs=["dam"]),
    })
    found = decided(answer)
    assert (found["dam", "2026"], found["mill", "2026"], found["mill", "2030"]) == pytest.approx((1.0, 0.0, 1.0))


# ---- scenarios ---------------------------------------------------------------------------------------

LUCK = {"bad": {"probability": "40 %", "set": {"demands.sell.most": "2 t/h"}}, "good": {"probability": "60 %"}}


def test_what_is_built_is_the_same_whatever_comes() -> None:
    # a year's share of 40,000 over 8 a without interest is 5,000; above 2 t/h a smelter earns 60 % of 17,520
    answer = planned(scenarios=LUCK)
    assert decided(answer) == {("smelter", ""): pytest.approx(7.0)}
    assert answer.objective == pytest.approx(0.4 * 2 * EARNS + 0.6 * 7 * EARNS - 7 * 5_000.0)
    dear = planned(scenarios=LUCK, expansion={"cost": "88000 CNY/(t/h)"})  # 11,000 a year is more than 10,512
    assert decided(dear) == {("smelter", ""): pytest.approx(2.0)}


def test_risk_is_weighed_by_the_mean_of_the_worst() -> None:
    # at level 60 % the worst is the bad scenario alone; the first 2 t/h earn in both
    risk = {"goal": "profit", "risk": {"level": "60 %", "weight": "50 %"}}
    answer = planned(scenarios=LUCK, objective=risk)
    built = 7.0 if 0.5 * 0.6 * EARNS > 5_000.0 else 2.0
    assert decided(answer) == {("smelter", ""): pytest.approx(built)}
    good, bad = built * EARNS, 2 * EARNS
    mean, worst = 0.4 * bad + 0.6 * good, bad
    assert answer.objective == pytest.approx(0.5 * mean + 0.5 * worst - built * 5_000.0)
    wary = planned(scenarios=LUCK, objective={"goal": "profit", "risk": {"level": "60 %", "weight": "60 %"}})
    assert decided(wary) == {("smelter", ""): pytest.approx(2.0)}


def test_the_worst_share_may_cut_a_scenario_in_two() -> None:
    # level 50 %: the worst half is the bad scenario's 40 % and 10 % of the good one
    answer = planned(scenarios=LUCK, objective={"goal": "profit", "risk": {"level": "50 %", "weight": "50 %"}})
    mean, worst = (0.4 * 2 + 0.6 * 7) * EARNS, (0.4 * 2 + 0.1 * 7) / 0.5 * EARNS
    assert answer.objective == pytest.approx(0.5 * mean + 0.5 * worst - 7 * 5_000.0)


@pytest.mark.parametrize(("weight", "perfect", "stochastic"), [
    (0.0, 3 * (EARNS - 11_000.0), 2 * (EARNS - 11_000.0) - (3.8 * EARNS - 55_000.0)),
    # with risk the bad year counts 0.4 and half of 0.6 more; known, 2 and 7 t/h stand, and the worst is the bad year's
    (0.5, 1.5 * (EARNS - 11_000.0), 2 * (EARNS - 11_000.0) - 0.5 * (3.8 * EARNS + 2 * EARNS - 110_000.0)),
])
def test_information_and_planning_for_all_are_worth_what_they_are_by_hand(weight: float, perfect: float, stochastic: float) -> None:
    """At 11,000 CNY a year a smelter does not pay for the good year alone: 2 t/h stand, known 2 or 7, for the mean 5."""
    answer = planned(scenarios=LUCK, expansion={"cost": "88000 CNY/(t/h)"},
                     objective={"goal": "profit", "risk": {"level": "60 %", "weight": f"{100 * weight} %"}})
    assert answer.objective == pytest.approx(2 * (EARNS - 11_000.0))
    known = information(answer)
    assert known.known == pytest.approx((2 * (EARNS - 11_000.0), 7 * (EARNS - 11_000.0)))
    assert known.perfect_information == pytest.approx(perfect)
    assert known.of_mean_plan == pytest.approx((2 * EARNS - 55_000.0, 5 * EARNS - 55_000.0))
    assert known.stochastic_solution == pytest.approx(stochastic)


def test_stages_and_scenarios_go_together() -> None:
    answer = planned([2026, 2030], scenarios=LUCK)
    assert len(answer.slices) == 4
    assert answer.objective == pytest.approx(7 * (8 * 0.6 * EARNS - 40_000.0) + 8 * 0.4 * 2 * EARNS)


def closing(prices: tuple[str, str], **more: Any) -> PathwayAnswer:
    """Plan with an old smelter of 7 t/h that costs 5,000 CNY a year and t/h to keep, and sales at two prices."""
    old = {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "7 t/h", "fixed_cost": "5000 CNY/(t/h)/a",
           "may_close": True, **more}
    return planned([2026, 2030], expansion={"most": "0 t/h"}, processes={"old": old}, sell={"price": prices[0]},
                   stages={"2030": {"set": {"demands.sell.price": prices[1]}}})


def kept(answer: PathwayAnswer) -> list[float]:
    table = pathway_tables(answer)["pathway"].filter(element="old")
    return table["total"].to_list()


def test_what_does_not_earn_its_upkeep_is_closed_when_it_no_longer_does() -> None:
    answer = closing(("3 CNY/t", "1.1 CNY/t"))
    assert kept(answer) == pytest.approx([7.0, 0.0])
    assert answer.objective == pytest.approx(4.0 * 7.0 * (EARNS - 5_000.0))


def test_what_is_closed_does_not_open_again() -> None:
    loss, gain = 4.0 * 5_000.0, 4.0 * (EARNS - 5_000.0)  # of four years each, for one t/h
    assert kept(closing(("1 CNY/t", "3 CNY/t"))) == pytest.approx([7.0, 7.0])
    assert closing(("1 CNY/t", "3 CNY/t")).objective == pytest.approx(7.0 * (gain - loss))
    assert kept(closing(("1 CNY/t", "1.5 CNY/t"))) == pytest.approx([0.0, 0.0])


def test_what_retires_may_have_been_closed_before() -> None:
    answer = closing(("1 CNY/t", "3 CNY/t"), retires={"2030": "3 t/h"})
    assert kept(answer) == pytest.approx([4.0, 4.0])


def built(prices: Sequence[str], years: Sequence[int] = (2026, 2030), late: str = "", **more: Any) -> PathwayAnswer:
    """Plan with a smelter that may be built and closed, for 5,000 CNY a year and t/h to keep, and a price a stage."""
    new = {"most": "7 t/h", "cost": "8000 CNY per t/h", "fixed": "5000 CNY/(t/h)/a", "life": "20 a", "may_close": True}
    stages = {str(year): {"set": {"demands.sell.price": price}} for year, price in zip(years, prices, strict=True)}
    if late:  # what may be decided in the last stage
        stages[str(years[-1])]["set"]["processes.smelter.expansion.per_stage"] = late
    return planned([*years], expansion=new | more, stages=stages)


def stands(answer: PathwayAnswer) -> list[float]:
    return pathway_tables(answer)["pathway"].filter(element="smelter")["total"].to_list()


def test_what_was_built_is_closed_when_it_no_longer_earns_its_upkeep_and_paid_on() -> None:
    answer = built(("3 CNY/t", "1.1 CNY/t"))
    assert stands(answer) == pytest.approx([7.0, 0.0])
    assert answer.objective == pytest.approx(4.0 * 7.0 * (EARNS - 5_000.0) - 8.0 * 7.0 * 8_000.0 / 20.0)
    rows = pathway_tables(answer)["pathway"].filter(element="smelter")
    assert rows["retired"].to_list() == pytest.approx([0.0, 7.0])
    assert stands(built(("3 CNY/t", "1.1 CNY/t"), may_close=False)) == pytest.approx([7.0, 7.0])


def test_what_was_built_and_closed_does_not_open_again_but_may_be_built_anew() -> None:
    loss, gain = 4.0 * (5_000.0 - 8760.0 * 0.1), 4.0 * (EARNS - 5_000.0)  # of four years each, for one t/h
    years, prices = (2026, 2030, 2034), ("3 CNY/t", "1.1 CNY/t", "3 CNY/t")
    keep = built(prices, years, "0 t/h")
    assert stands(keep) == pytest.approx([7.0, 7.0, 7.0])
    assert keep.objective == pytest.approx(7.0 * (2.0 * gain - loss - 12.0 * 8_000.0 / 20.0))
    assert stands(built(prices, years)) == pytest.approx([7.0, 0.0, 7.0])


def test_what_may_be_closed_early_lives_as_long_whenever_it_is_built() -> None:
    stages = {"2028": {"set": {"processes.smelter.expansion.life": "3 a"}}}
    with pytest.raises(InputError, match=r"smelter.expansion.life: what may be closed early must not live shorter"):
        planned([2026, 2028, 2034], expansion={"may_close": True, "life": "9 a"}, stages=stages)


@pytest.mark.parametrize("seed", range(6))
def test_closing_by_amount_is_closing_vintage_by_vintage(seed: int) -> None:
    """A program of its own, in which each vintage is closed apart, has the same optimum."""
    rng = np.random.default_rng(seed)
    prices, years, life = rng.uniform(1.0, 2.4, 5), [2026, 2028, 2030, 2032, 2034], int(rng.choice([4, 6, 20]))
    most, pace, cost = float(rng.uniform(2.0, 9.0)), float(rng.uniform(1.0, 4.0)), float(rng.uniform(100.0, 9000.0))
    answer = built([f"{price} CNY/t" for price in prices], years, life=f"{life} a", cost=f"{cost} CNY per t/h",
                   most=f"{most} t/h", per_stage=f"{pace} t/h", lead=f"{int(rng.choice([0, 2]))} a")
    vintages = answer.pathway.vintages
    count, units = 5, []  # a vintage and the stages it stands in until it is closed
    for v in range(len(vintages)):
        first, last = int(vintages.first[v]), int(vintages.last[v])
        units += [(v, range(first, end)) for end in range(first, last + 1)]
    lasts = np.array([stage.years for stage in answer.pathway.stages])
    stood = np.array([[float(y in stages) for _, stages in units] for y in range(count)])
    of = np.array([[float(v == own) for own, _ in units] for v in range(len(vintages))])
    costs = np.array([vintages.charge[v] for v, _ in units]) + 5_000.0 * lasts @ stood
    earned = lasts * 8760.0 * (prices - 1.0)
    rows = np.block([[-stood, np.eye(count)], [stood, np.zeros((count, count))], [of, np.zeros((len(of), count))]])
    limits = [0.0] * count + [most] * count + [min(pace, most)] * len(of)
    best = linprog(np.append(costs, -earned), rows, limits, bounds=[(0, None)] * len(units) + [(0, 7.0)] * count)
    assert answer.objective == pytest.approx(-best.fun, rel=1e-9, abs=1e-6)


def test_what_may_be_closed_in_a_plan_without_stages_is_kept_only_if_it_earns() -> None:
    def plan(price: str) -> float:
        old = {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "9 t/h", "fixed_cost": "5000 CNY/(t/h)/a",
               "may_close": True}
        answer = optimise(compile_network(chain(expansion={"most": "0 t/h"}, processes={"old": old}, sell={"price": price})))
        return answer.program.objective(answer.x)

    assert plan("3 CNY/t") == pytest.approx(7.0 * (EARNS - 5_000.0))
    assert plan("1.1 CNY/t") == pytest.approx(0.0, abs=1e-6)
