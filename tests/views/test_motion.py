"""The schematic: boxes never cover each other, the flow goes to the right, sites stand where they are on earth."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeworks import verbs
from lodeworks.runs import read_run
from lodeworks.views.report import motion
from lodeworks.views.report.motion import drawn
from lodeworks.views.report.moves import offs_of
from lodeworks.views.report.schematic import BOX, MAP_HEIGHT, WIDTH, Card, Node, flow, shelves, spots


def card(site: str, names: list[str]) -> Card:
    return Card(site, [Node(name, site, station=False) for name in names])


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40), st.integers(1, 15))
def test_boxes_do_not_cover_each_other_and_stay_in_their_card(pairs, count):
    names = [f"n{i}" for i in range(count)]
    one = card("", names)
    flow(one, [(f"n{a}", f"n{b}") for a, b in pairs], headed=True)
    for a, b in itertools.combinations(one.nodes, 2):
        assert abs(a.x - b.x) >= BOX[0] or abs(a.y - b.y) >= BOX[1]
    for node in one.nodes:
        assert 0 <= node.x <= one.width - BOX[0]
        assert 0 <= node.y <= one.height - BOX[1]
    assert one.width <= WIDTH


def test_a_flow_goes_from_left_to_right():
    one = card("", ["c", "a", "b"])
    flow(one, [("a", "b"), ("b", "c")], headed=False)
    assert [n.name for n in sorted(one.nodes, key=lambda n: n.x)] == ["a", "b", "c"]


def test_a_circle_is_drawn_all_the_same():
    one = card("", ["a", "b", "c"])
    flow(one, [("a", "b"), ("b", "c"), ("c", "a")], headed=False)
    assert len({n.x for n in one.nodes}) == 3


def test_cards_stand_beside_each_other_without_covering():
    cards = [card(str(i), [f"n{k}" for k in range(i + 1)]) for i in range(6)]
    for one in cards:
        flow(one, [], headed=True)
    end = shelves(cards, 100.0)
    for a, b in itertools.combinations(cards, 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
    assert end == max(one.y + one.height for one in cards)


@pytest.mark.parametrize(("text", "ends"), [
    ("metal in the furnace of taker 11", "taker 11"), ("coal by truck: at unloading", "at unloading"), ("ovens", "ovens"),
])
def test_a_name_too_long_for_its_box_keeps_the_end_that_tells_it_from_others(text, ends):
    lines = motion._lines(text, BOX[0] - 12.0)
    assert len(lines) <= 2
    assert lines[-1].endswith(ends)


def test_what_is_under_way_stands_still_while_its_only_machine_is_down_or_all_are_off_shift():
    stops = [[0, 1.0, 2.0, "down", 1], [1, 1.0, 2.0, "down", 2], [1, 4.0, 6.0, "off", 2], [1, 5.0, 7.0, "off", 2]]
    assert offs_of(stops, 3) == [[[1.0, 2.0]], [[5.0, 6.0]], []]


def test_sites_with_coordinates_stand_as_on_earth():
    at = spots(["mine", "works", "town"], [], {"mine": (-50.0, 0.0), "works": (20.0, -5.0), "town": (-40.0, 30.0)})
    right = (at["works"][0] - at["mine"][0]) / 70.0
    down = (at["mine"][1] - at["town"][1]) / 30.0
    assert right > 0.0
    assert right == pytest.approx(down)
    assert all(0 < x < WIDTH and 0 < y < MAP_HEIGHT for x, y in at.values())


def test_sites_without_coordinates_follow_their_routes():
    at = spots(["c", "a", "b"], [("a", "b"), ("b", "c"), ("b", "a")], {})
    assert at["a"][0] < at["b"][0] < at["c"][0]


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loop") / "run"
    verbs.simulate("cases/hydrogen-loop", replications=2, trace=12.0, out=folder)
    run = read_run(folder)
    return run, drawn(run, run.table("motion"))


def test_trucks_drive_between_the_sites_of_their_route(loop):
    _, data = loop
    names = [site[3] for site in data["sites"]]
    lanes = {what: {data["lanes"][-1 - m[2]][:2] == [names.index("mines"), names.index("coking works")]
                    for m in data["moves"] if m[3] == what} for what in ("laden", "empty")}
    assert True in lanes["laden"]
    assert True not in lanes["empty"]


def test_every_way_between_sites_is_on_a_lane_and_every_other_run_in_a_station(loop):
    run, data = loop
    stations = {i for i, node in enumerate(data["nodes"]) if node["station"]}
    for _, _, where, what in data["moves"]:
        assert (what == "work") == (where >= 0)
        assert where in stations if where >= 0 else -1 - where < len(data["lanes"])
    assert len(data["moves"]) == run.table("motion").filter(run.table("motion")["kind"] == "run").height


def test_a_level_is_what_the_trace_says_last(loop):
    run, data = loop
    rows = run.table("motion").filter(run.table("motion")["name"] == "hydrogen@works")
    index = next(i for i, node in enumerate(data["nodes"]) if node["full"][1] == "hydrogen")
    assert data["levels"][index][-1][1] == pytest.approx(rows["value"][-1], rel=1e-4)


def test_stations_that_stood_still_are_drawn_too(tmp_path):
    verbs.simulate("cases/shoe-works", replications=2, trace=24.0, out=tmp_path / "run")
    run = read_run(tmp_path / "run")
    data = drawn(run, run.table("motion"))
    assert {"cutting", "printing", "stitching", "soling", "finishing"} <= {n["full"][1] for n in data["nodes"]}
    assert data["lanes"] == data["sites"] == data["cards"] == []
    assert any(kind == "off" for *_, kind, _ in data["stops"])
    cutting = next(i for i, n in enumerate(data["nodes"]) if n["full"][1] == "cutting")
    shift = [[8.0, 12.0], [13.5, 17.5]]  # what is under way moves in these hours only
    closed = [[a, b] for (_, a), (b, _) in itertools.pairwise([*shift, [24.0, 24.0]])]
    assert data["offs"][cutting] == [[0.0, 8.0], *closed]
    assert data["begin"] == 8.0
    assert any(a <= data["open"] < b for a, b in shift)


def test_where_too_much_moves_the_picture_ends_with_what_is_drawn(loop, monkeypatch):
    run, data = loop
    monkeypatch.setattr(motion, "_MOST_MOVES", 100)
    fewer = drawn(run, run.table("motion"))
    assert len(fewer["moves"]) <= 100
    assert fewer["begin"] < fewer["end"] < data["end"]
