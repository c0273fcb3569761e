"""The shortest way out, around what is blocked and round gas where that can be; against a plain search."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.network.live import Live, Roadway, Zone
from lodeworks.watch.alarms.now import AlarmNow
from lodeworks.watch.ways import Way, gassed, ways_out
from tests.watch.alarms.plant import plant, rule


def mine(*roads, refuges=()) -> Live:
    roadways = tuple(Roadway(name, name, name, a, b, metres, exit=b == "outside", gas=f"gas_{name}") for name, a, b, metres in roads)
    zones = tuple(Zone(f"z{site}", "", "", site, None, None, False, "", refuge=True) for site in refuges)
    return Live("m", "", "", roadways=roadways, zones=zones)


LOOP = mine(("shaft", "bottom", "outside", 300.0), ("main", "bottom", "face", 500.0), ("return", "face", "bottom", 800.0), ("drift", "face", "outside", 2000.0),
            refuges=("face",))


def test_the_shortest_way_and_the_next_when_it_is_blocked():
    assert ways_out(LOOP)["face"] == Way("face", "out", ("main", "shaft"), ("face", "bottom", "outside"), 800.0, 0.0)
    assert ways_out(LOOP, {"main"})["face"].roadways == ("return", "shaft")
    assert ways_out(LOOP, {"main", "return"})["face"].roadways == ("drift",)
    assert ways_out(LOOP, {"shaft"})["bottom"].roadways == ("main", "drift")


def test_gas_is_gone_round_however_far_and_gone_through_only_if_there_is_no_other_way():
    assert ways_out(LOOP, gas={"main", "shaft"})["face"] == Way("face", "out", ("drift",), ("face", "outside"), 2000.0, 0.0)
    way = ways_out(LOOP, {"drift"}, {"main", "shaft"})["face"]
    assert way.roadways == ("return", "shaft")
    assert (way.metres, way.gas_m) == (1100.0, 300.0)


def test_a_refuge_where_there_is_no_way_out_and_none_where_there_is_neither():
    cut = ways_out(LOOP, {"shaft", "drift"})
    assert cut["bottom"] == Way("bottom", "refuge", ("main",), ("bottom", "face"), 500.0, 0.0)
    assert cut["face"] == Way("face", "refuge", (), ("face",), 0.0, 0.0)
    assert ways_out(LOOP, {"shaft", "main", "return"})["bottom"] is None
    assert ways_out(mine()) == {}


def test_roadways_whose_gas_tag_alarms_are_gassed():
    base = plant(["gas_main"], [rule("high", "gas_main", H=1.0)])
    live = Live("m", "", "", tags=base.tags, rules=base.rules, roadways=LOOP.roadways)
    alarm = AlarmNow("high:H", "high", "H", 1, "dispatch", "", "active, acknowledged", ("shelved",))
    assert gassed(live, [alarm]) == {"main"}
    assert gassed(live, []) == frozenset()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 50)), min_size=1, max_size=12), st.sets(st.integers(0, 11)))
def test_no_way_is_shorter_by_a_plain_search(edges, blocked):
    roads = [(f"r{n}", f"s{a}", f"s{b}" if b else "outside", float(metres)) for n, (a, b, metres) in enumerate(edges) if a]
    closed = {f"r{n}" for n in blocked}
    best: dict[str, float] = {"outside": 0.0}
    for _, (name, a, b, metres) in itertools.product(range(8), roads):
        if name not in closed:
            for one, other in ((a, b), (b, a)):
                if other in best:
                    best[one] = min(best.get(one, float("inf")), best[other] + metres)
    for site, way in ways_out(mine(*roads), closed).items():
        assert (None if way is None else way.metres) == best.get(site)
        if way is not None:
            assert way.sites[0] == site
            assert way.sites[-1] == "outside"
            assert not closed & set(way.roadways)
