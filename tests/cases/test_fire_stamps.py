"""Fire-safety stamps: one stamp an order, in season; nobody is told twice for gain; every shop shows what is worth most there and then."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from lodeworks.verbs import check, claims_of, plan, read

CASE = "cases/fire-stamps"
HOUSEHOLDS = {"old_town": 1900, "station": 1100, "market": 1300, "schools": 1500, "new_estates": 2300, "mine_housing": 1200,
              "hillside": 900, "resettled": 1400, "park": 700}
SEASONS = {"stove": ("2026-01-05", "2026-02-22"), "fireworks": ("2026-02-02", "2026-03-01"),
           "forest": ("2026-03-02", "2026-03-29"), "children": ("2026-01-19", "2026-03-08")}
FIRST = (1.0 - math.exp(-0.25)) / 0.25           # of the first contacts in a neighbourhood so many tell somebody new


@pytest.fixture(scope="module")
def chain():
    return read(CASE)


@pytest.fixture(scope="module")
def best():
    return plan(CASE)


def texts(table):
    return table.with_columns(pl.col(pl.Categorical).cast(pl.String))


def stamped(run):
    """Return orders stamped by shop, design and week."""
    rows = texts(run.flows).filter((pl.col("commodity") == "order") & (pl.col("kind") == "process") & (pl.col("amount") < -1e-6))
    return [(*name.split("_", 1), str(time)[:10], -amount)
            for name, time, amount in rows.select("element", "time", "amount").iter_rows()]


def told(run, chain):
    """Return contacts and households told, by design and neighbourhood."""
    sold = texts(run.flows).filter(pl.col("kind") == "demand")
    contacts = dict(sold.group_by("element").agg(-pl.col("amount").sum()).iter_rows())
    worth = texts(run.table("costs")).filter(pl.col("item") == "revenue")
    worth = dict(worth.group_by("element").agg(pl.col("amount").sum()).iter_rows())
    return {name: (contacts[name], money * FIRST / chain.demands[name].tiers[0].price.times.value, demand.site)
            for name, money in worth.items() for demand in [chain.demands[name]]}


def test_neither_the_case_nor_a_variant_has_a_fault():
    for path in (CASE, f"{CASE}/variants/one-each.yaml"):
        assert check(path) == []


def test_there_are_as_many_designs_shops_and_orders_as_is_printed(chain):
    assert len({name.split("_", 1)[1] for name in chain.processes}) == 11
    assert 10 <= len(chain.supplies) <= 19
    days = list(csv.DictReader(Path(CASE, "days.csv").read_text(encoding="utf-8").splitlines()))
    means = {key: sum(float(day[key]) for day in days) / len(days) for key in days[0] if key.endswith("_orders")}
    assert 1000 <= sum(s.most.times.value * means[s.most.profile] for s in chain.supplies.values()) <= 1200


def test_every_order_carries_one_stamp(best):
    orders = texts(best.flows).filter(pl.col("kind") == "supply")
    came = {(site, str(time)[:10]): amount for site, time, amount in orders.select("site", "time", "amount").iter_rows()}
    used = defaultdict(float)
    for shop, _, week, amount in stamped(best):
        used[shop, week] += amount
    assert dict(used) == pytest.approx(came, rel=1e-6)


def test_stamps_of_a_season_lie_out_in_it_only(best):
    weeks = defaultdict(set)
    for _, design, week, _ in stamped(best):
        weeks[design].add(week)
    for design, (first, last) in SEASONS.items():
        assert first <= min(weeks[design])
        assert max(weeks[design]) <= last


def test_what_is_counted_as_told_is_no_more_than_random_contacts_tell_and_near_it(best, chain):
    for contacts, households, zone in told(best, chain).values():
        number = HOUSEHOLDS[zone]
        exact = number * (1.0 - math.exp(-contacts / number))
        assert households <= exact * (1.0 + 1e-6)
        assert households >= exact - 0.03 * number                                  # a chord is below its curve
    reached = [(contacts, households) for contacts, households, _ in told(best, chain).values()]
    assert 0.55 < sum(h for _, h in reached) / sum(c for c, _ in reached) < 0.8      # the rest meets somebody told before


def test_households_in_reach_of_several_shops_are_counted_once(best, chain):
    """By inclusion and exclusion over the shops: who is reached by one, less who is by two, and so on, from the orders stamped."""
    orders = defaultdict(lambda: defaultdict(float))
    for shop, design, _, amount in stamped(best):
        for contact, flow in chain.processes[f"{shop}_{design}"].outputs.items():
            orders[f"told_{contact}"][shop] += amount * flow.amount.times.value
    reached = told(best, chain)
    overlap = 0
    for name, by_shop in orders.items():
        contacts, households, zone = reached[name]
        assert sum(by_shop.values()) == pytest.approx(contacts, rel=1e-6)             # every order's bag goes somewhere
        shares = [1.0 - math.exp(-amount / HOUSEHOLDS[zone]) for amount in by_shop.values()]
        union = sum((-1.0) ** (count + 1) * math.prod(some)
                    for count in range(1, len(shares) + 1) for some in combinations(shares, count))
        overlap += union < 0.95 * sum(shares)
        assert -0.03 * HOUSEHOLDS[zone] <= households - union * HOUSEHOLDS[zone] <= 1e-6 * HOUSEHOLDS[zone]
    assert overlap > 20


def test_every_shop_shows_what_is_worth_most_there_and_then(best, chain):
    values = texts(best.marginal_values).filter(pl.col("what") == "balance")
    worth = dict(values.group_by("commodity").agg(pl.col("value").max()).iter_rows())
    each = {name: sum(flow.amount.times.value * worth[commodity] for commodity, flow in process.outputs.items())
            for name, process in chain.processes.items()}
    always = [design for design in {name.split("_", 1)[1] for name in chain.processes} if design not in SEASONS]
    for shop, design, week, _ in stamped(best):
        others = [*always, *(d for d, (first, last) in SEASONS.items() if first <= week <= last)]
        assert each[f"{shop}_{design}"] == pytest.approx(max(each[f"{shop}_{d}"] for d in others), rel=1e-6)


def test_a_plan_tells_far_more_than_stamps_handed_out_once(best, chain):
    once = plan(f"{CASE}/variants/one-each.yaml")
    assert best.objective > 1.7 * once.objective
    assert sum(h for _, h, _ in told(best, chain).values()) > 1.5 * sum(h for _, h, _ in told(once, chain).values())


def test_fewer_orders_tell_less_and_many_more_not_much_more(best, chain):
    ten, many = plan(f"{CASE}/variants/ten-shops.yaml"), plan(f"{CASE}/variants/per-shop.yaml")
    assert 0.8 * best.objective < ten.objective < best.objective
    assert best.objective < many.objective < 2.0 * best.objective
    assert max(h / HOUSEHOLDS[zone] for _, h, zone in told(many, chain).values()) < 1.0


def test_whole_weeks_cost_less_than_one_per_cent(best):
    whole = plan(f"{CASE}/variants/whole-weeks.yaml", gap=0.01)
    assert 0.985 * best.objective < whole.objective <= best.objective * (1.0 + 1e-9)
    shown = [(shop, week) for shop, _, week, _ in stamped(whole)]
    assert len(shown) == len(set(shown)) == 14 * 12


def test_the_claims_have_their_verdicts():
    assert {v.id: v.verdict for v in claims_of(CASE)} == {"K33": "holds", "K33b": "holds"}
