"""An outline is read strictly: from the chain's folder, GeoJSON in degrees, something to draw and not too much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.chain.outline import read_outline
from lodeworks.errors import InputError

SQUARE = [[104.5, 26.0], [105.0, 26.0], [105.0, 26.5], [104.5, 26.5], [104.5, 26.0]]


def chain(outline: str = "districts.geojson") -> Chain:
    return Chain.model_validate({"chain": "region", "horizon": {"start": "2026-01-01", "length": "1 d"}, "map": {"outline": outline, "review_number": "GS(2024)0650"}})


def read(folder: Path, content: object, outline: str = "districts.geojson"):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "districts.geojson").write_text(text, encoding="utf-8")
    return read_outline(chain(outline), folder)


def test_lines_of_every_kind_are_read(tmp_path):
    line = {"type": "LineString", "coordinates": SQUARE[:2]}
    collection = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}, {"type": "Feature", "geometry": None},
        {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}},
        {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [line, {"type": "Point", "coordinates": [1, 2]}]}},
        {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": [SQUARE[:3]]}},
    ]}
    found = read(tmp_path, collection)
    assert [len(one) for one in found] == [5, 5, 5, 2, 3]
    assert found[0][0] == (104.5, 26.0)


def test_a_chain_without_one_has_none(tmp_path):
    assert read_outline(chain(""), tmp_path) == ()


@pytest.mark.parametrize(("content", "words"), [
    ("no json", "is no GeoJSON"), ({"features": []}, "is no GeoJSON"), ({"type": "Topology"}, "'Topology' is no kind of geometry"),
    ({"type": "LineString", "coordinates": [[30_000_000.0, 26.0], [105.0, 26.0]]}, "no longitude and latitude in degrees"),
    ({"type": "LineString", "coordinates": [["x", 26.0], [105.0, 26.0]]}, "is no GeoJSON"), ({"type": "Point", "coordinates": [105.0, 26.0]}, "nothing to draw"),
    ({"type": "LineString", "coordinates": [[105.0, 26.0]] * 200_001}, "too fine to be drawn"), ("[" * 100_000, "is no GeoJSON"), ([], "is no GeoJSON"),
])
def test_what_cannot_be_drawn_is_refused_by_name(tmp_path, content, words):
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    problem = caught.value.problems[0]
    assert (problem.element, problem.key) == ("map", "outline")
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["../districts.geojson", "/etc/hostname", "a/../../b.geojson", "..\\b.geojson"])
def test_only_files_of_the_chains_folder_are_read(tmp_path, name):
    with pytest.raises(InputError, match="stands in the folder of its chain"):
        read(tmp_path, {"type": "Polygon", "coordinates": [SQUARE]}, name)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_outline(chain("other.geojson"), tmp_path)
