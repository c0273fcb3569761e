"""Mean-value analysis of a closed network of queues with one kind of customer: exact, by adding one after the other.

Only numbers are known here; which chains are such networks is said in `closed`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Closed", "Station", "mean_values"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Station:
    """A station: mean hours of service, how many at a time (nought: all), visits in a round."""

    service: float
    servers: int
    visits: float

    @property
    def demand(self) -> float:
        """Hours of service in a round."""
        return self.service * self.visits


@dataclass(frozen=True)
class Closed:
    """What is found: rounds an hour, and how many are at each station, shape (stations,)."""

    rounds: float
    present: Floats


def mean_values(stations: list[Station], customers: int) -> Closed:
    """Return the means of a closed network by exact mean-value analysis.

    Stations of one or more servers need exponential times and any order that does not look at them; stations that serve
    all at once need nothing (Baskett, Chandy, Muntz and Palacios 1975).

    Notes
    -----
    Reiser and Lavenberg (1980): who arrives sees the network with one customer less. For several servers that takes the
    chances that few are present; that of none follows from the throughput of the network without the station (Reiser
    1981), as what is left of one after all others loses its digits.
    """
    several = tuple(i for i, station in enumerate(stations) if station.servers > 1)
    rounds, present = _Analysis(stations, customers).of(frozenset(range(len(stations))), several)
    return Closed(float(rounds[-1]), present)


class _Analysis:
    def __init__(self, stations: list[Station], customers: int) -> None:
        self.stations, self.customers = stations, customers
        self.known: dict[frozenset[int], tuple[Floats, Floats]] = {}

    def of(self, there: frozenset[int], several: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Return rounds an hour with 0, 1, … customers, and who is where with all, of the network of some stations."""
        if there in self.known:
            return self.known[there]
        demand = np.array([s.demand if i in there else 0.0 for i, s in enumerate(self.stations)])
        servers = np.array([s.servers for s in self.stations])
        without = {i: self.of(there - {i}, several)[0] for i in several if i in there}
        chances = {i: np.eye(1, self.stations[i].servers)[0] for i in without}  # that 0, 1, … are present
        rounds, present = np.zeros(self.customers + 1), np.zeros(len(demand))
        for n in range(1, self.customers + 1):
            stay = demand * np.where(servers == 0, 1.0, 1.0 + present)
            for i, shares in chances.items():
                c = servers[i]
                idle = float(np.arange(c - 1, 0, -1) @ shares[: c - 1])  # servers free of who arrives, on average
                stay[i] = demand[i] / c * (1.0 + present[i] + idle)
            total = float(stay.sum())
            rounds[n] = n / total if total else np.inf
            present = rounds[n] * stay if total else present
            for i, shares in chances.items():
                none = shares[0] * rounds[n] / without[i][n] if np.isfinite(without[i][n]) else 0.0
                chances[i] = np.append(none, demand[i] * rounds[n] * shares[:-1] / np.arange(1, len(shares)))
        self.known[there] = rounds, present
        return self.known[there]
