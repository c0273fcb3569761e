"""Kiwifruit: whole visits, once, in season, by who knows how and has the days; what is saved is sold; the matching is the best there is."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_matrix

from lodeworks.verbs import check, claims_of, plan, read

CASE = "cases/kiwifruit"
KNOWS = {"e1": {"canker", "soft_rot"}, "e2": {"canker", "soft_rot"}, "e3": {"pollination"}, "e6": {"harvest", "soft_rot"},
         "e4": {"pruning", "pollination", "soil"}, "e5": {"pruning", "soil", "harvest"}, "e7": {"canker", "pruning", "soil"}}
WEEKS = list(csv.DictReader(Path(CASE, "weeks.csv").read_text(encoding="utf-8").splitlines()))


@pytest.fixture(scope="module")
def chain():
    return read(CASE)


@pytest.fixture(scope="module")
def season():
    return plan(CASE, gap=1e-3)


@pytest.fixture(scope="module")
def visits(season):
    rows = texts(season).filter((pl.col("commodity") == "visits") & (pl.col("kind") == "process") & (pl.col("amount") > 1e-6))
    return [(*name.split("_", 2), WEEKS.index(next(w for w in WEEKS if w["week"] == str(time)[:10])), amount)
            for name, time, amount in rows.select("element", "time", "amount").iter_rows()]


def texts(run):
    return run.flows.with_columns(pl.col("element", "commodity", "kind", "site").cast(pl.String))


def days_of(process):
    (quantity,) = process.pools.values()
    return quantity.value


def test_neither_the_case_nor_a_variant_has_a_fault():
    for path in (CASE, f"{CASE}/variants/no-gift-boxes.yaml"):
        assert check(path) == []


def test_what_a_visit_may_save_follows_from_mu_skill_and_risk(chain):
    """Of 1,040 kg a mu (D03) a share for each fault, times how unskilled he is, and for diseases the risk of his place."""
    shares = {"pruning": 0.028, "soil": 0.024, "pollination": 0.056, "harvest": 0.048, "canker": 0.03, "soft_rot": 0.055}
    growers = {name: [float(number) for number in re.findall(r"[\d.]+", site.note)]
               for name, site in chain.sites.items() if re.fullmatch(r"g\d\d", name)}
    for name, (mu, faults, canker, soft_rot) in growers.items():
        for technique, share in shares.items():
            risk = {"canker": canker, "soft_rot": soft_rot}.get(technique, 1.0)
            assert chain.stores[f"{name}_{technique}"].initial.value == pytest.approx(1040.0 * mu * share * faults * risk, abs=0.51)
    assert (len(growers), growers["g01"][0]) == (18, 20.0)                              # A051


def test_every_visit_is_whole_and_no_need_is_visited_twice(visits):
    assert all(amount == pytest.approx(1.0) for *_, amount in visits)
    assert len({(grower, technique) for _, grower, technique, *_ in visits}) == len(visits)


def test_who_comes_knows_the_technique_and_comes_in_its_season(visits):
    for expert, _, technique, week, _ in visits:
        assert technique in KNOWS[expert]
        assert WEEKS[week][f"{technique}_window"] == "1"


def test_no_expert_has_more_days_than_there_are_and_some_have_not_enough(chain, visits):
    used = defaultdict(float)
    for expert, grower, technique, week, _ in visits:
        used[expert, week] += days_of(chain.processes[f"{expert}_{grower}_{technique}"])
    for (expert, week), days in used.items():
        assert days <= chain.pools[expert].amount.value * float(WEEKS[week][f"{expert}_days"]) + 1e-6
    assert len(visits) < 108


def test_all_fruit_that_is_kept_or_saved_is_sold(chain, season, visits):
    on_vine = sum(s.initial.value for s in chain.stores.values() if s.commodity.endswith("_on_vine"))
    saved = sum(chain.stores[f"{grower}_{technique}"].initial.value for _, grower, technique, *_ in visits)
    sold = texts(season).filter((pl.col("kind") == "demand") & pl.col("commodity").is_in(["first", "second"]))
    assert -float(sold["amount"].sum()) == pytest.approx(on_vine + saved, rel=1e-6)


def test_teaching_is_worth_more_than_a_million(season):
    untaught = plan(f"{CASE}/variants/untaught.yaml").objective
    assert 1e6 < season.objective - untaught < 2e6


def test_it_is_the_small_orchards_that_wait(chain, visits):
    needs = {name: store.initial.value for name, store in chain.stores.items() if store.commodity.startswith("lost_to")}
    served = {f"{grower}_{technique}" for _, grower, technique, *_ in visits}
    for technique in ("pollination", "harvest"):
        own = {name: kg for name, kg in needs.items() if name.endswith(technique)}
        waiting = [kg for name, kg in own.items() if name not in served]
        assert np.median(waiting) < 0.7 * np.median([kg for name, kg in own.items() if name in served])


def test_at_one_price_the_plan_is_the_best_matching_of_eligible_pairs(chain):
    """The same question as a transport problem of its own: pairs and weeks, needs once, days of experts."""
    flat = ["demands.gift_boxes.price=11 CNY/kg", "demands.supermarkets.price=11 CNY/kg",
            "demands.wholesale_second.price=4.5 CNY/kg"]
    nobody = [f"pools.{expert}.amount=0 workday/week" for expert in KNOWS]
    gained = plan(CASE, sets=flat, gap=1e-3).objective - plan(CASE, sets=[*flat, *nobody]).objective
    worth = {"first_on_vine": 11.0 - 1.45, "second_on_vine": 4.5 - 1.45}
    gains, needs, days = [], [], []
    for name, process in chain.processes.items():
        if name.startswith("pick"):
            continue
        expert, need = name.split("_", 1)
        technique = need.split("_", 1)[1]
        saved = sum(worth[c] * flow.amount.times.value for c, flow in process.outputs.items() if c in worth)
        for week, row in enumerate(WEEKS):
            if row[f"{technique}_window"] == "1" and float(row[f"{expert}_days"]):
                gains.append(saved - process.cost.times.value * float(row[f"{technique}_fee"]))
                needs.append(need)
                days.append((expert, week, days_of(process)))
    columns = np.arange(len(gains))
    need_rows = {need: i for i, need in enumerate(dict.fromkeys(needs))}
    day_rows = {pair: i for i, pair in enumerate(dict.fromkeys((e, w) for e, w, _ in days))}
    once = coo_matrix((np.ones(len(gains)), ([need_rows[n] for n in needs], columns)))
    busy = coo_matrix(([d for *_, d in days], ([day_rows[e, w] for e, w, _ in days], columns)))
    found = milp(-np.array(gains), integrality=np.ones(len(gains)), bounds=(0, 1), options={"mip_rel_gap": 1e-3}, constraints=[
        LinearConstraint(once, -np.inf, 1.0), LinearConstraint(busy, -np.inf, [chain.pools[e].amount.value for e, _ in day_rows])])
    assert gained == pytest.approx(-found.fun, rel=5e-3)


def test_the_claims_have_their_verdicts():
    assert {v.id: v.verdict for v in claims_of(CASE)} == {"D03": "holds", "D02": "needs assumption"}
