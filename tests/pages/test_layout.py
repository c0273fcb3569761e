"""Where sites stand: apart, on the field, to scale where they have positions, and all of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lodeworks import read
from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Live, Roadway, Route, Site
from lodeworks.pages.layout import HEIGHT, WIDTH, placed
from lodeworks.pages.mapped import map_tags, mapped
from tests.pages.plant import mine, tag


def graph(n: int, ways: list[tuple[int, int, float]]) -> Live:
    sites = tuple(Site(f"s{k}", f"Site {k}", f"场所 {k}") for k in range(n))
    return Live("m", "M", "矿", sites=sites, roadways=tuple(Roadway(f"w{k}", "", "", f"s{a}", f"s{b}", m) for k, (a, b, m) in enumerate(ways)))


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 16), st.integers(0, 2**32 - 1), st.booleans())
@example(16, 31, False)
@example(16, 94, False)
@example(13, 54, False)
@example(16, 31, True)
def test_no_two_sites_lie_on_one_another(n, seed, tall):
    rng = np.random.default_rng(seed)
    ways = [(k, int(rng.integers(0, k)), float(rng.uniform(20, 2000))) for k in range(1, n)]
    ways += [(int(a), int(b), 100.0) for a, b in rng.integers(0, n, (n // 3, 2)) if a != b]
    found = placed(graph(n, ways), tall=tall)
    at = np.array(list(found.at.values()))
    assert len(at) == n
    assert (at > [84, 33]).all()  # whole boxes are on the field
    assert (at < np.array(found.size) - [84, 33]).all()
    gap = np.abs(at[:, None] - at[None])
    over = (gap[..., 0] < 168) & (gap[..., 1] < 66)
    assert over.sum() == n  # each only with itself
    assert found.size[0] < 520 or not tall  # what a phone shows without scrolling sideways, and can still be read


def test_what_is_near_on_foot_stands_nearer_than_what_is_far():
    where = placed(graph(4, [(0, 1, 80.0), (1, 2, 1500.0), (2, 3, 80.0)])).at

    def far(a: str, b: str) -> float:
        return math.dist(where[a], where[b])

    assert far("s0", "s1") < far("s1", "s2")
    assert far("s2", "s3") < far("s0", "s2") < far("s0", "s3") * 1.05


def test_no_site_lies_under_a_way_between_others():
    live = compile_live(read("cases/faer-mine"))
    at = placed(live).at
    half = np.array([168.0, 66.0]) / 2
    for way in live.roadways:
        a, b = np.array(at[way.site]), np.array(at[way.site_to])
        on = a + (b - a) * np.linspace(0.0, 1.0, 101)[:, None]
        for name, point in at.items():
            if name not in (way.site, way.site_to):
                assert not (np.abs(on - point) < half).all(axis=1).any(), (way.site, way.site_to, name)


def test_what_no_way_joins_stands_below_and_pulls_nothing_apart():
    live = graph(6, [(k, k + 1, 300.0) for k in range(4)])
    alone = placed(replace(live, tags=(tag("power", "Power", "功率", "s5", "power", "kW", 0.0, 1.0),), place={})).at
    assert alone["s5"][1] > max(y for name, (_, y) in alone.items() if name != "s5")


def test_with_positions_the_scale_holds_against_the_great_circle():
    live = mine()
    found = placed(live)

    def haversine(a: Site, b: Site) -> float:
        p, q = math.radians(a.latitude), math.radians(b.latitude)
        h = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
        return 2 * 6_371_000 * math.asin(math.sqrt(h))

    first, last = live.sites[0], live.sites[-1]
    drawn = math.dist(found.at[first.name], found.at[last.name]) * found.metres / 100.0
    assert drawn == pytest.approx(haversine(first, last), rel=0.01)
    assert found.at["washery"][1] < found.at["face_11"][1]  # north is up


def test_on_a_phone_north_stays_up_and_nothing_claims_to_be_to_scale():
    live = mine()
    found = placed(live, tall=True)
    assert found.region
    assert found.metres == 0.0
    assert found.at["washery"][1] < found.at["face_11"][1]
    told = mapped(live, "en", (((104.0, 26.0), (105.0, 26.5)),), tall=True)
    assert told["outline"] == []  # it would lie beside the sites it belongs to
    assert (told["width"], told["height"]) == found.size


def test_what_lies_far_stands_at_the_edge_in_its_direction_and_the_rest_keeps_its_room():
    live = mine()
    market = Site("market", "Market", "市场", 23.1, 113.3)
    with_market = replace(live, sites=(*live.sites, market), tags=(*live.tags, tag("sold", "Sold", "销量", "market", "flow", "t/h", 0.0, 9.0)), place={})
    found, alone = placed(with_market), placed(live)
    assert list(found.far) == ["market"]
    assert found.far["market"] == pytest.approx(920e3, rel=0.05)
    assert found.metres == pytest.approx(alone.metres)
    x, y = found.at["market"]
    assert x > WIDTH * 0.8  # to the south-east
    assert y > HEIGHT / 2
    assert mapped(with_market, "en")["sites"][-1]["far"] > 9e5


def test_without_positions_there_is_no_scale():
    live = mine()
    assert placed(replace(live, sites=tuple(replace(s, latitude=None) for s in live.sites))).metres == 0.0


def test_a_chain_without_sites_has_an_empty_field():
    assert placed(Live("m", "M", "矿")).at == {}


def test_the_map_tells_sites_ways_routes_and_people():
    live = mine()
    told = mapped(live, "zh")
    assert {s["title"] for s in told["sites"]} == {"1101 工作面", "1101 回风巷", "主运皮带", "洗煤厂"}
    face = next(s for s in told["sites"] if s["name"] == "face_11")
    assert face["zones"] == [{"title": "1101 工作面", "count": live.place["people_face"], "most": 25, "refuge": False, "forbidden": False}]
    assert [way["exit"] for way in told["ways"]] == [False, True]
    assert {tile["tag"] for tile in told["tiles"]} == set(map_tags(live))


def test_an_outline_lies_where_the_sites_are_and_says_whose_it_is():
    """Lines through two sites pass through their places; what is far off the field is left out."""
    live = Live("r", "R", "区", sites=tuple(Site(f"s{k}", "", "", 26.0 + 0.4 * (k // 2), 104.5 + 0.7 * (k % 2)) for k in range(4)),
                routes=tuple(Route(f"r{k}", "", "", "s0", f"s{k}", "coal") for k in (1, 2, 3)), review_number="GS(2024)0650")
    where = placed(live)
    line = [(site.longitude, site.latitude) for site in live.sites]
    assert where.on_field(line) == pytest.approx(np.array([where.at[site.name] for site in live.sites]), abs=0.1)
    told = mapped(live, "zh", (line, [(10.0, 50.0), (11.0, 51.0)], [*line, line[0]]))
    assert len(told["outline"]) == 2
    assert told["outline"][1].endswith("Z")
    assert told["review_number"] == "GS(2024)0650"
    assert mapped(live, "zh")["outline"] == []
    assert mapped(graph(3, [(0, 1, 100.0), (1, 2, 100.0)]), "zh", (line,))["outline"] == []  # no map, so nothing lies under it
