"""Where the sites of a chain stand on its schematic: by their positions on the earth, or by the metres between them.

With latitude and longitude of every site the map is an equirectangular one at the mean latitude (its error is below
0.1 % over 100 km at 26° N), so a scale bar holds. Without, as underground, sites stand by the ways between them, like
a metro map: their metres order the distances but are not to scale. Sites that would lie on one another are moved
apart. One far from all others, such as a market in another province, stands at the edge in its direction, with how far
it is. No boundary is shown but in an outline that the chain brings, which is put under the sites to the same scale.
On a tall field, as a phone has it, both directions are stretched to its room: north stays up, but nothing is to scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.live import Live

__all__ = ["HEIGHT", "WIDTH", "Placed", "placed"]

WIDTH, HEIGHT = 1600.0, 800.0
_TALL_WIDTH, _TALL_LEAST, _TALL_SITE = 500.0, 300.0, 80.0
"""A tall field has room for two boxes side by side, and so much height for each site beyond the least."""
_EDGE = 110.0
_ROOM = (236.0, 112.0)
"""How much room a site's box and words need, across and down."""
_FAR = 4.0
"""So many times the usual distance from the middle is far."""
_BOX = (172.0, 70.0)
"""A site's box, as it is drawn, with a little air."""
_DEGREE_M = 111_195.0  # of latitude, on a sphere of 6,371 km


@dataclass(frozen=True)
class Placed:
    """Positions of sites on a field of a size; 100 of it are `metres`, nought where it is no map or not to scale.

    `far` are those at the edge, with their distance (m) from the middle of the others. Of a map `middle` is the
    longitude and latitude from which metres are counted east and south, and `shift` where they are counted from on the
    field. A `region` is what stands by its positions on the earth, to scale or not.
    """

    at: dict[str, tuple[float, float]]
    metres: float
    far: dict[str, float] = field(default_factory=dict)
    middle: tuple[float, float] = (0.0, 0.0)
    shift: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (WIDTH, HEIGHT)
    region: bool = False

    def on_field(self, line: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Return where points (longitude, latitude) of a line lie on the field of a map, shape (points, 2)."""
        east_south = _metres(np.asarray(line, np.float64), self.middle)
        found: NDArray[np.float64] = east_south * (100.0 / self.metres) + np.array(self.shift)
        return found


def placed(live: Live, *, tall: bool = False) -> Placed:
    """Place every site that a way or a route touches, or that has a tag; `tall` for who holds a phone."""
    touched = {site for way in live.roadways for site in (way.site, way.site_to)}
    touched |= {site for route in live.routes for site in (route.site, route.site_to)}
    touched |= {tag.site for tag in live.tags}
    names = [site.name for site in live.sites if site.name in touched]
    if not names:
        return Placed({}, 0.0)
    sites = [site for site in live.sites if site.name in touched]
    size = (_TALL_WIDTH, _TALL_LEAST + _TALL_SITE * len(names)) if tall else (WIDTH, HEIGHT)
    field_size = np.array(size)
    if all(site.latitude is not None and site.longitude is not None for site in sites):
        degrees = np.array([(float(site.longitude or 0.0), float(site.latitude or 0.0)) for site in sites])
        middle = float(degrees[:, 0].mean()), float(degrees[:, 1].mean())
        found = _by_positions(names, _metres(degrees, middle), field_size, stretched=tall)
        return replace(found, middle=middle, size=size, region=True)
    apart = _beside(_apart(_by_ways(live, names, field_size), field_size), _joined(live, names), field_size)
    where = {name: (round(x, 1), round(y, 1)) for name, (x, y) in zip(names, apart.tolist(), strict=True)}
    return Placed(where, 0.0, size=size)


def _metres(degrees: NDArray[np.float64], middle: tuple[float, float]) -> NDArray[np.float64]:
    """Return metres east and south of the middle for longitudes and latitudes, shape (points, 2)."""
    across = _DEGREE_M * math.cos(math.radians(middle[1]))
    return np.stack([(degrees[:, 0] - middle[0]) * across, (middle[1] - degrees[:, 1]) * _DEGREE_M], axis=1)


def _by_positions(
    names: list[str], points: NDArray[np.float64], size: NDArray[np.float64], *, stretched: bool
) -> Placed:
    """Fit the sites that lie together, and put the rest at the edge where their direction meets it."""
    middle = np.median(points, axis=0)
    away = np.hypot(*(points - middle).T)
    far = away > max(_FAR * float(np.median(away)), 1.0)
    if far.sum() > len(names) / 3:
        far[:] = False
    fitted, metres = np.zeros_like(points), 0.0
    fitted[~far], metres = _fitted(points[~far], size, stretched=stretched)
    half = size / 2.0 - _EDGE
    for k in np.flatnonzero(far):
        turn = (points[k] - points[~far].mean(axis=0)) / half
        fitted[k] = size / 2.0 + half * turn / max(np.abs(turn).max(), 1e-12)
    apart = _apart(fitted, size)
    where = {name: (round(x, 1), round(y, 1)) for name, (x, y) in zip(names, apart.tolist(), strict=True)}
    near = int(np.flatnonzero(~far)[0])
    shift = fitted[near] - points[near] * (100.0 / metres if metres else 0.0)
    return Placed(where, metres, {names[k]: float(away[k]) for k in np.flatnonzero(far)},
                  shift=(float(shift[0]), float(shift[1])))


def _by_ways(live: Live, names: list[str], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place sites by the ways between them; what no way joins to the most stands in a row below."""
    far = _distances(len(names), _joined(live, names))
    most = max(range(len(names)), key=lambda k: int(np.isfinite(far[k]).sum()))
    inside = np.flatnonzero(np.isfinite(far[most]))
    alone = np.flatnonzero(~np.isfinite(far[most]))
    fitted = np.zeros((len(names), 2))
    spread = _spread(far[np.ix_(inside, inside)])  # along the first direction it is the longest
    fitted[inside], _ = _fitted(spread[:, ::-1] if size[1] > size[0] else spread, size, stretched=True)
    if len(alone):
        left = 1.0 - _ROOM[1] / (size[1] - 2.0 * _EDGE)
        fitted[inside, 1] = _EDGE + (fitted[inside, 1] - _EDGE) * left
        fitted[alone, 0] = np.linspace(_EDGE, size[0] - _EDGE, len(alone) + 2)[1:-1]
        fitted[alone, 1] = size[1] - _EDGE
    return fitted


def _joined(live: Live, names: list[str]) -> list[tuple[int, int, float]]:
    """Return what joins two of the sites, with how far apart they shall stand: the root of the metres, so that a way
    of 80 m beside one of 1,200 m can still be read; never less than a third of the usual."""
    place = {name: k for k, name in enumerate(names)}
    ways: list[tuple[str, str, float | None]] = [(w.site, w.site_to, w.metres) for w in live.roadways]
    ways += [(r.site, r.site_to, r.metres) for r in live.routes]
    known = [metres for _, _, metres in ways if metres]
    usual = float(np.median(known)) if known else 1.0
    return [(place[one], place[other], max(1 / 3, math.sqrt((m or usual) / usual))) for one, other, m in ways]


def _distances(n: int, joined: list[tuple[int, int, float]]) -> NDArray[np.float64]:
    """Return the shortest ways between all; infinite between what nothing joins."""
    far = np.full((n, n), np.inf)
    np.fill_diagonal(far, 0.0)
    for i, j, length in joined:
        far[i, j] = far[j, i] = min(far[i, j], length)
    for k in range(n):
        far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1])
    return far


def _spread(far: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points in the plane whose distances are as near as can be to those given.

    They begin at the two largest parts of the Gram matrix (Torgerson 1952) and are moved by majorisation of the stress
    weighted by 1/distance² (de Leeuw 1977; Gansner, Koren and North 2005), so that near ones are right first.
    """
    n = len(far)
    if n < 3:
        return np.stack([np.linspace(0.0, 1.0, n), np.zeros(n)], axis=1)
    centre = np.eye(n) - 1.0 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ (far**2) @ centre)
    points: NDArray[np.float64] = (vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0)))[:, ::-1]
    # The sign of an eigenvector is nobody's choice: the first site stands left and above.
    points = points * np.where(points[0] > 0.0, -1.0, 1.0)
    apart = far + np.eye(n)
    weight = (1.0 - np.eye(n)) / apart**2
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    for _ in range(200):
        gap = points[:, None] - points[None]
        now = np.sqrt((gap**2).sum(axis=2)) + np.eye(n) * 1.0 + 1e-9
        pull = weight * far / now
        moved = inverse @ ((np.diag(pull.sum(axis=1)) - pull) @ points)
        if np.abs(moved - points).max() < 1e-4:
            break
        points = moved
    return points


def _fitted(
    points: NDArray[np.float64], size: NDArray[np.float64], *, stretched: bool
) -> tuple[NDArray[np.float64], float]:
    """Fit points into a field; maps keep their proportions unless `stretched`. Return metres for 100, nought then."""
    room = size - 2.0 * _EDGE
    span = points.max(axis=0) - points.min(axis=0)
    scale = room / np.where(span > 0.0, span, np.inf)
    if not stretched:
        scale = np.full(2, scale[scale > 0.0].min() if (scale > 0.0).any() else 1.0)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2.0
    fitted = (points - middle) * scale + size / 2.0
    return fitted, 100.0 / float(scale.max()) if scale.max() > 0.0 and not stretched else 0.0


def _apart(points: NDArray[np.float64], size: NDArray[np.float64], rounds: int = 300) -> NDArray[np.float64]:
    """Move what lies too near apart, a little at a time, along the shorter way out."""
    at = np.clip(points, _EDGE * 0.9, size - _EDGE * 0.9)
    room = np.array(_ROOM)
    for _ in range(rounds):
        near = (room - np.abs(at[:, None] - at) > 0.5).all(axis=-1)
        pairs = np.argwhere(np.tril(near, -1))
        if not len(pairs):
            return at
        for i, j in pairs:
            gap = at[i] - at[j]
            over = room - np.abs(gap)
            if (over > 0.5).all():
                axis = int(over[1] <= over[0])
                push = 0.5 * over[axis] * (1.0 if gap[axis] >= 0.0 else -1.0)
                at[i, axis] += push
                at[j, axis] -= push
        at = np.clip(at, _EDGE * 0.9, size - _EDGE * 0.9)
    return _into_gaps(at, size)


def _beside(
    points: NDArray[np.float64], joined: list[tuple[int, int, float]], size: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move sites off the straight ways between others, under which they would seem to lie on the way.

    Each is pushed out of what crosses its box, mostly the shorter way, now and then far or the other way, so that two
    ways do not push it to and fro (by drawn numbers, but always the same). The best of all rounds is kept, as not every
    graph can be drawn so.
    """
    drawn = np.random.default_rng(0)
    ends = np.array(sorted({(min(i, j), max(i, j)) for i, j, _ in joined if i != j}), np.intp).reshape(-1, 2)
    share = np.linspace(0.025, 0.975, 39)[:, None, None]
    half = np.array(_BOX) / 2.0 + 6.0
    at, best, fewest = points.copy(), points, math.inf
    for _ in range(150):
        a, b = at[ends[:, 0]], at[ends[:, 1]]
        on = a + (b - a) * share  # points of each way, shape (39, ways, 2)
        gap = at[:, None, None] - on  # from them to each site
        over = (np.abs(gap) < half).all(axis=-1)
        own = (ends == np.arange(len(at))[:, None, None]).any(axis=-1)
        over &= ~own[:, None]
        if over.sum() < fewest:
            best, fewest = at.copy(), int(over.sum())
        if not fewest:
            break
        for site in np.flatnonzero(over.any(axis=(1, 2))):
            way = int(over[site].sum(axis=0).argmax())
            along = b[way] - a[way]
            across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
            side = 1.0 if float((at[site] - a[way]) @ across) >= 0.0 else -1.0
            at[site] += drawn.uniform(10.0, 120.0) * side * (1.0 if drawn.random() < 0.75 else -1.0) * across
        at = _apart(at, size, rounds=20)
    return best


def _into_gaps(points: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put each site whose box still lies on another into the nearest gap, as where many crowd at the edge."""
    at, box = points.copy(), np.array(_BOX)
    edge = _EDGE * 0.9
    axes = [np.arange(edge, long - edge + 1.0, step / 2.0) for long, step in zip(size, box, strict=True)]
    cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    for i in range(len(at)):
        others = np.delete(at, i, axis=0)
        if not np.any(np.all(np.abs(others - at[i]) < box, axis=1)):
            continue
        covered: NDArray[np.bool_] = np.any(np.all(np.abs(cells[:, None] - others[None]) < box, axis=2), axis=1)
        free = cells[~covered]
        if len(free):
            at[i] = free[int(np.argmin(((free - at[i]) ** 2).sum(axis=1)))]
    return at
