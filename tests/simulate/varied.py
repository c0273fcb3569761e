"""A handful of small chains that between them use everything the kernel can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.simulate.running import chain
from tests.simulate.test_language import COMMODITIES, ONE, OUT, coming, desk, haulage


def queue() -> Any:
    """Two servers that break down, a crew of one, impatient people, a bounded room."""
    return chain(
        600.0, step=10.0, supplies=coming(between="exponential(24 min)"),
        stores={"q": {"commodity": "job", "end": "free", "capacity": "6 case", "patience": "exponential(2 h)"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "lognormal(50 min, 20 min)", "servers": 2},
                                failures={"between": "exponential(10 h)", "repair": "gamma(1 h, 30 min)",
                                          "crew": "fitter"})},
        pools={"fitter": {"amount": "1 person"}}, demands=OUT,
    )


def line() -> Any:
    """Three machines, small buffers, breakdowns by the calendar, blocking after and before service."""
    def station(take: str, give: str, **more: Any) -> dict[str, Any]:
        runs = {"batch": "1 case", "time": "erlang(3, 1 h)", **more.pop("runs", {})}
        return {"inputs": {take: "1 case"}, "outputs": {give: "1 case"}, "runs": runs, **more}

    names = ("job", "a", "b", "done")
    return chain(
        600.0, step=10.0, commodities={name: {"unit": "case"} for name in names},
        supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        stores={name: {"commodity": name, "end": "free", "capacity": "2 case"} for name in ("a", "b")},
        processes={
            "one": station("job", "a", failures={"between": "exponential(20 h)", "repair": "2 h", "clock": "calendar"}),
            "two": station("a", "b", runs={"blocking": "before"},
                           failures={"between": "weibull(2, 15 h)", "repair": "1 h", "interval": "start"}),
            "three": station("b", "done", failures={"between": "30 h", "repair": "3 h", "unload": True}),
        },
        demands=OUT,
    )


def shifts() -> Any:
    """Two products on one machine by day, the urgent one pushes the other aside; set-ups, due dates, batches."""
    return chain(
        720.0, step=1.0, commodities={name: {"unit": "case"} for name in ("job", "rush", "done", "waste")},
        calendars={"day": {"hours": ["08:00-18:00"]}},
        supplies={"people": {"commodity": "job", "arrivals": {"between": "exponential(90 min)", "due": "uniform(2 h, 9 h)"}},
                  "urgent": {"commodity": "rush", "arrivals": {"between": "exponential(6 h)"}}},
        stores={"q": {"commodity": "job", "end": "free", "order": "due", "shelf_life": "30 h"},
                "r": {"commodity": "rush", "end": "free", "order": "lifo"}},
        processes={"desk": {
            "availability": "day", "runs": {"batch": "1 case", "time": "30 min", "setup": "5 min"},
            "outputs": {"done": "1 case", "waste": "1 case"}, "chance": {"done": "80 %", "waste": "15 %"},
            "reference": "done",
            "modes": {"plain": {"inputs": ONE, "runs": {"priority": 2, "crew": {"staff": "1 person"}}},
                      "fast": {"inputs": {"rush": "1 case"}, "runs": {"priority": 1, "preempts": True, "time": "1 h",
                                                                      "crew": {"staff": "1 person"}}}},
        }},
        pools={"staff": {"amount": "2 person", "failures": {"between": "exponential(40 h)", "repair": "3 h"}}},
        demands={**OUT, "bin": {"commodity": "waste", "price": "0 CNY/case"}},
    )


def kiln() -> Any:
    """Batches of up to eight that linger, orders at a level, goods that perish into something else."""
    return chain(
        600.0, step=10.0, commodities={**COMMODITIES, "stale": {"unit": "case"}},
        supplies={**coming(between="exponential(20 min)"),
                  "shop": {"commodity": "waste", "price": "1 CNY/case",
                           "runs": {"batch": "1 case", "time": "5 h", "order_at": "6 case", "order_to": "20 case"}}},
        stores={"q": {"commodity": "job", "end": "free"},
                "shelf": {"commodity": "waste", "initial": "10 case", "end": "free"},
                "m": {"commodity": "mid", "end": "free", "shelf_life": "4 h", "expires_to": "stale"}},
        processes={"kiln": {"inputs": {"job": "1 case", "waste": "0.25 case"}, "outputs": {"mid": "1 case"},
                            "runs": {"batch": "8 case", "time": "2 h", "linger": "90 min"}},
                   "pack": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"},
                            "runs": {"batch": "2 case", "time": "triangular(20 min, 30 min, 70 min)", "least": "50 %"}}},
        demands={**OUT, "bin": {"commodity": "stale", "price": "0 CNY/case"}},
    )


def trucks() -> Any:
    """Vehicles with tanks, one pump, services, drivers by day; a belt that stops."""
    entity = haulage(
        fleet={"fuel": {"fuel": {"laden": "0.2 kg/km", "empty": "0.1 kg/km"}}, "tank": "10 kg",
               "refuel": {"site": "a", "pumps": 1, "rate": "9 kg/h"}, "crew": {"drivers": "1 person"},
               "upkeep": {"every": "400 km", "time": "uniform(1 h, 3 h)", "bays": 1}},
        route={"haul": {"load": "exponential(10 min)", "loaders": 1, "unloaders": 1}},
        pools={"drivers": {"amount": "3 person", "availability": "long"}},
        calendars={"long": {"hours": ["00:00-12:00"]}},
    )
    return entity


def belt() -> Any:
    """A belt that breaks down between two places, and sends lots by chance."""
    return chain(
        600.0, step=10.0, sites={"a": {}, "b": {}}, commodities={"job": {"unit": "case"}, "done": {"unit": "case"}},
        supplies={"people": {"commodity": "job", "site": "a", "arrivals": {"between": "exponential(30 min)",
                                                                        "amount": "discrete(1 case: 60 %, 3 case: 40 %)"}}},
        stores={"q": {"commodity": "job", "site": "a", "end": "free"},
                "end": {"commodity": "job", "site": "b", "end": "free", "capacity": "5 case"}},
        routes={"belt": {"commodity": "job", "from": "a", "to": "b", "lag": "1 h", "capacity": "6 case/h",
                         "runs": {"batch": "1 case", "time": "10 min"},
                         "failures": {"between": "exponential(10 h)", "repair": "2 h"}}},
        processes={"desk": {"site": "b", "inputs": ONE, "outputs": {"done": "1 case"},
                            "runs": {"batch": "1 case", "time": "exponential(15 min)"}}},
        demands={"out": {"commodity": "done", "site": "b", "price": "1 CNY/case"}},
    )


def spur() -> Any:
    """A pool of rates that closes and fails, for part batches, for whole ones, and for a sale that takes the rest."""
    return chain(
        480.0, step=1.0, commodities=COMMODITIES, supplies=coming(between="exponential(90 min)", amount="2 case"),
        stores={"q": {"commodity": "job", "end": "free", "capacity": "30 case"},
                "yard": {"commodity": "mid", "end": "free", "capacity": "20 case"}},
        processes={"wash": {"inputs": ONE, "outputs": {"mid": "1 case"}, "pools": {"spur": 1, "wharf": 0.5},
                            "runs": {"batch": "5 case", "time": "gamma(40 min, 20 min)", "least": "40 %", "linger": "2 h",
                                     "priority": 1}},
                   "load": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"}, "pools": {"spur": 0.5},
                            "runs": {"batch": "3 case", "time": "lognormal(30 min, 10 min)", "blocking": "before"}}},
        pools={"spur": {"amount": "4 case/h", "availability": "open",
                        "failures": {"between": "exponential(30 h)", "repair": "2 h", "clock": "calendar"}},
               "wharf": {"amount": "2 case/h"}},
        profiles={"open": {"values": ([0.0] * 6 + [1.0] * 12 + [0.5] * 6) * 20}},
        demands={"out": {"commodity": "done", "price": "1 CNY/case", "pools": {"wharf": 0.2}}},
    )


VARIED: dict[str, Callable[[], Any]] = {
    "queue": queue, "line": line, "shifts": shifts, "kiln": kiln, "trucks": trucks, "belt": belt, "spur": spur,
}
