"""Ways out on foot: the shortest from every place of a mine, around what is blocked and, if it can be, around gas.

Roadways are edges in metres, walked either way. Outside is where roadways marked as exits lead. Where no way is free,
the way with the fewest metres of gas is given and said to be one; where none is left at all, the way to a refuge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from lodeworks.network.live import Live, Roadway
from lodeworks.watch.alarms.now import AlarmNow

__all__ = ["SPEED_M_S", "Way", "gassed", "ways_out"]

SPEED_M_S = 1.0
"""How fast people walk, for the time a way takes: an assumption, slower in smoke and uphill."""

_GAS_WEIGHT = 1.0e6  # a metre of gas counts as so many metres of air: any way round is taken first


@dataclass(frozen=True)
class Way:
    """A way from a site: the roadways one after another, and the sites they pass.

    `to` is ``out`` or ``refuge``; `gas_m` how many of its `metres` lie in gas.
    """

    start: str
    to: str
    roadways: tuple[str, ...]
    sites: tuple[str, ...]
    metres: float
    gas_m: float

    @property
    def seconds(self) -> float:
        """How long it takes at `SPEED_M_S`."""
        return self.metres / SPEED_M_S


def gassed(live: Live, alarms: Iterable[AlarmNow]) -> frozenset[str]:
    """Return the roadways whose gas tag has an active alarm, whoever covers it."""
    active = {alarm.rule for alarm in alarms if alarm.active}
    tags = {rule.tag for rule in live.rules if rule.name in active}
    return frozenset(roadway.name for roadway in live.roadways if roadway.gas and roadway.gas in tags)


def ways_out(
    live: Live, blocked: Collection[str] = (), gas: Collection[str] = (), refuges: Collection[str] | None = None,
) -> dict[str, Way | None]:
    """Return the way out of every site that roadways touch; None where there is neither way out nor refuge.

    Parameters
    ----------
    blocked, gas
        Names of roadways that cannot be walked, and of those in gas.
    refuges
        Sites with a refuge; those of the zones that are one unless given.
    """
    if refuges is None:
        refuges = {zone.site for zone in live.zones if zone.refuge}
    free = [roadway for roadway in live.roadways if roadway.name not in blocked]
    found: dict[str, Way | None] = dict.fromkeys(
        site for roadway in live.roadways for site in ((roadway.site,) if roadway.exit else
                                                      (roadway.site, roadway.site_to)))
    outside = {roadway.site_to for roadway in live.roadways if roadway.exit}
    for goal, ends in (("out", outside), ("refuge", set(refuges))):
        for site, way in _shortest(free, ends, frozenset(gas), goal).items():
            if site in found and found[site] is None:
                found[site] = way
    return {site: way for site, way in found.items() if site not in outside}


def _shortest(free: list[Roadway], ends: set[str], gas: frozenset[str], goal: str) -> dict[str, Way]:
    """The way from each site to the nearest of some ends, by Dijkstra's method from all ends at once."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    sites = sorted({site for roadway in free for site in (roadway.site, roadway.site_to)} | ends)
    place = {site: number for number, site in enumerate(sites)}
    if not ends or not free:
        return {site: Way(site, goal, (), (site,), 0.0, 0.0) for site in ends}
    best: dict[tuple[int, int], tuple[float, Roadway]] = {}
    for roadway in free:
        weight = max(roadway.metres, 1e-3) * (_GAS_WEIGHT if roadway.name in gas else 1.0)
        pair = (place[roadway.site], place[roadway.site_to])
        for key in (pair, pair[::-1]):
            if key[0] != key[1] and (key not in best or weight < best[key][0]):
                best[key] = (weight, roadway)  # of roadways side by side the shorter
    rows, columns = (np.array([key[side] for key in best], np.int32) for side in (0, 1))
    weights = np.array([weight for weight, _ in best.values()])
    graph = csr_array((weights, (rows, columns)), shape=(len(sites), len(sites)))
    distance, toward, _ = dijkstra(graph, indices=[place[end] for end in sorted(ends)], min_only=True,
                                   return_predecessors=True)
    found = {}
    for site in sites:
        at = place[site]
        if not np.isfinite(distance[at]):
            continue
        path, walked = [at], []
        while toward[path[-1]] >= 0:
            path.append(int(toward[path[-1]]))
            walked.append(best[(path[-2], path[-1])][1])
        found[site] = Way(
            site, goal, tuple(roadway.name for roadway in walked), tuple(sites[number] for number in path),
            sum(roadway.metres for roadway in walked), sum(roadway.metres for roadway in walked if roadway.name in gas),
        )
    return found
