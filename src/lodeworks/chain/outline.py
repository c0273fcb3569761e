"""The outline a chain's `map` names: a GeoJSON file of its folder, read strictly to the lines that are drawn.

Whether it may be shown (its review number, its datum) is checked with the chain; here is whether there is one to draw.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError, Problem

__all__ = ["read_outline"]

_MOST_BYTES, _MOST_POINTS = 20_000_000, 200_000
_DEEP = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
Line = tuple[tuple[float, float], ...]


def read_outline(chain: Chain, folder: Path) -> tuple[Line, ...]:
    """Return the lines (longitude, latitude, in degrees) of a chain's outline; none where it has none.

    Raises
    ------
    InputError
        If the file is not in the folder, is no GeoJSON, has nothing to draw, or more than can be drawn.
    """
    name = chain.map.outline
    if not name:
        return ()
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise _refused("an outline stands in the folder of its chain", name, "a path within it")
    file = folder / path
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise _refused("an outline too large to be drawn", f"{name}, {file.stat().st_size:,} bytes",
                           f"at most {_MOST_BYTES:,}, made simpler")
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused("the outline cannot be read", f"{name}: {error.strerror}", "a GeoJSON file") from error
    except (ValueError, RecursionError) as error:
        raise _refused("the outline is no GeoJSON", f"{name}: {error}", "a GeoJSON file") from error
    try:
        lines = tuple(_lines(content))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refused("the outline is no GeoJSON", f"{name}: {error}", "lines and polygons in degrees") from error
    points = sum(len(line) for line in lines)
    if not points or points > _MOST_POINTS:
        raise _refused("an outline with nothing to draw" if not points else "an outline too fine to be drawn",
                       f"{name}, {points:,} points", f"lines or polygons, at most {_MOST_POINTS:,} points")
    return lines


def _refused(told: str, found: str, expected: str) -> InputError:
    return InputError(Problem(told, element="map", key="outline", found=found, expected=expected))


def _lines(thing: dict[str, Any]) -> Iterator[Line]:
    """Yield the lines of anything GeoJSON may be; points are none."""
    kind = thing["type"]
    if kind == "FeatureCollection":
        for one in thing["features"]:
            yield from _lines(one)
    elif kind == "Feature":
        if thing["geometry"] is not None:
            yield from _lines(thing["geometry"])
    elif kind == "GeometryCollection":
        for one in thing["geometries"]:
            yield from _lines(one)
    elif kind in _DEEP:
        yield from _of(thing["coordinates"], _DEEP[kind])
    elif kind not in ("Point", "MultiPoint"):
        raise ValueError(f"{kind!r} is no kind of geometry")


def _of(coordinates: list[Any], deep: int) -> Iterator[Line]:
    if deep:
        for one in coordinates:
            yield from _of(one, deep - 1)
        return
    line = tuple((float(point[0]), float(point[1])) for point in coordinates)
    for longitude, latitude in line:
        if not (-180.0 <= longitude <= 180.0 and -90.0 <= latitude <= 90.0):
            raise ValueError(f"({longitude:g}, {latitude:g}) is no longitude and latitude in degrees")
    if len(line) > 1:
        yield line
