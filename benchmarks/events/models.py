"""The four models whose events are counted, as chains, and what every program tells of them to be compared.

An event is an arrival, the end of an activity (a service, a drive, a filling), a failure or a repair: what happens at
an instant of its own. What happens in its wake at the same instant is not counted.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["MODELS", "Model", "built", "events_of", "read_chain"]


@dataclass(frozen=True)
class Model:
    """A chain without horizon, and what is told of a run.

    Attributes
    ----------
    hours
        Hours of a whole measurement, some millions of events.
    step
        Hours of the horizon's step.
    figures
        From (network built, state, hours) to the figures that `by_hand` returns too, by these names.
    """

    name: str
    about: str
    chain: dict[str, Any]
    hours: float
    step: float
    told: tuple[str, ...]
    figures: Callable[[Any, Any, float], list[float]]


def read_chain(chain: dict[str, Any], hours: float, step: float) -> Any:
    """Return a chain read from data, with its horizon."""
    from lodeworks.verbs import read

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chain.json"
        horizon = {"start": "2026-01-01", "length": f"{hours} h", "step": f"{step} h", "cyclic": False}
        file.write_text(json.dumps({**chain, "horizon": horizon}))
        return read(file)


def built(model: Model, hours: float) -> Any:
    """Return the tables of a model for so many hours, rounded to whole steps."""
    from lodeworks.network import compile_network
    from lodeworks.simulate.build import build

    return build(compile_network(read_chain(model.chain, max(1, round(hours / model.step)) * model.step, model.step)))


def events_of(state: Any) -> int:
    """Return how many events a state has seen, counted as in every other program here."""
    from lodeworks.simulate import layout as y

    return int(
        state.si[:, y.S_N].sum() + state.ti[:, y.T_ENDS].sum() + state.gi[:, y.G_FAILURES].sum()
        + state.gi[:, y.G_REPAIRS].sum()
    )


def _queue_figures(b: Any, s: Any, hours: float) -> list[float]:
    from lodeworks.simulate import layout as y

    p, out, g = b.places.index("job@hall"), b.places.index("done@hall"), b.groups.index("desk")
    return [
        s.pf[p, y.P_AREA] / hours, s.pf[p, y.P_LOT_STAY] / s.pi[p, y.P_N_OUT],
        s.pf[out, y.P_LOT_STAY] / s.pi[out, y.P_N_OUT], s.shares[g, y.WORKING] / hours / 3.0,
    ]


def _line_figures(b: Any, s: Any, hours: float) -> list[float]:
    from lodeworks.simulate import layout as y

    p, g = b.places.index("c@hall"), b.groups.index("m2")
    out = b.places.index("done@hall")
    return [
        s.pi[out, y.P_N_IN] / hours, s.shares[g, y.WORKING] / hours, s.shares[g, y.DOWN] / hours,
        s.pf[p, y.P_AREA] / hours, s.pf[p, y.P_LOT_STAY] / s.pi[p, y.P_N_OUT],
    ]


def _truck_figures(b: Any, s: Any, hours: float) -> list[float]:
    from lodeworks.simulate import layout as y

    home, end = b.places.index("trucks waiting"), b.places.index("road at unloading")
    unload, refuel = b.transitions.index("road.unload"), b.transitions.index("trucks.refuel")
    return [
        s.ti[unload, y.T_ENDS] / hours, s.pf[home, y.P_COUNT_AREA] / hours,
        s.pf[home, y.P_LOT_STAY] / s.pi[home, y.P_N_OUT], s.pf[end, y.P_LOT_STAY] / s.pi[end, y.P_N_OUT],
        s.ti[refuel, y.T_ENDS] / hours,
    ]


def _hall_figures(b: Any, s: Any, hours: float) -> list[float]:
    from lodeworks.simulate import layout as y

    out = b.places.index("done@hall")
    doors = [b.places.index(f"{name}@hall") for name in ("window_case", "kiosk_case", "unready")]
    waits = [b.places.index(f"{name}@hall") for name in ("window_case", "ready", "simple")]
    return [
        s.pi[out, y.P_N_IN] / hours, *(s.pf[p, y.P_LOT_STAY] / s.pi[p, y.P_N_OUT] for p in waits),
        float(np.sum(s.pf[doors, y.P_AREA])) / hours,
    ]


_QUEUE = {
    "chain": "mm3", "units": {"case": "case"}, "sites": {"hall": {}},
    "commodities": {"job": {"unit": "case"}, "done": {"unit": "case"}},
    "supplies": {"people": {"commodity": "job", "arrivals": {"between": "exponential(25 min)"}}},
    "stores": {"queue": {"commodity": "job", "end": "free"}},
    "processes": {"desk": {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case"},
                           "runs": {"batch": "1 case", "time": "exponential(1 h)", "servers": 3}}},
    "demands": {"out": {"commodity": "done", "price": "1 CNY/case"}},
}

_LOTS = ("job", "a", "b", "c", "d", "done")
_LINE = {
    "chain": "line", "units": {"case": "case"}, "sites": {"hall": {}},
    "commodities": {name: {"unit": "case"} for name in _LOTS},
    "supplies": {"people": {"commodity": "job", "price": "1 CNY/case"}},
    "stores": {name: {"commodity": name, "capacity": "2 case", "end": "free"} for name in "abcd"},
    "processes": {
        f"m{i}": {"inputs": {_LOTS[i]: "1 case"}, "outputs": {_LOTS[i + 1]: "1 case"},
                  "runs": {"batch": "1 case", "time": "exponential(1 min)"},
                  "failures": {"between": "exponential(100 min)", "repair": "exponential(10 min)", "clock": "working"}}
        for i in range(5)
    },
    "demands": {"out": {"commodity": "done", "price": "1 CNY/case"}},
}

_TRUCKS = {
    "chain": "haulage", "sites": {"pit": {}, "works": {}},
    "commodities": {"coal": {"unit": "t"}, "fuel": {"unit": "kg"}},
    "supplies": {"mine": {"commodity": "coal", "site": "pit", "price": "1 CNY/t"},
                 "station": {"commodity": "fuel", "site": "pit", "price": "1 CNY/kg"}},
    "routes": {"road": {
        "commodity": "coal", "from": "pit", "to": "works", "distance": "40 km", "fleet": "trucks", "load": "1 min",
        "unload": "1 min",
        "haul": {"load": "triangular(0.5 min, 1 min, 1.8 min)", "laden": "lognormal(25 min, 5 min)",
                 "unload": "triangular(0.2 min, 0.4 min, 0.6 min)", "empty": "lognormal(20 min, 4 min)",
                 "loaders": 2, "unloaders": 1},
    }},
    "fleets": {"trucks": {
        "vehicles": 100, "payload": "31 t", "speed": "100 km/h",
        "fuel": {"fuel": {"laden": "0.1 kg/km", "empty": "0.06 kg/km"}}, "tank": "40 kg",
        "refuel": {"site": "pit", "pumps": 2, "rate": "600 kg/h"},
    }},
    "demands": {"ovens": {"commodity": "coal", "site": "works", "price": "20 CNY/t"}},
}

_CHECK = {"batch": "1 case", "time": "triangular(1 min, 2 min, 4 min)", "crew": {"guides": "1 person"}}
_HALL = {
    "chain": "hall", "units": {"case": "case"}, "sites": {"hall": {}},
    "commodities": {name: {"unit": "case"} for name in
                    ("window_case", "kiosk_case", "unready", "ready", "simple", "told", "done")},
    "calendars": {"staffed": {"hours": ["08:30-20:00"]}},
    "profiles": {"day": {
        "daily": [0, 0, 0, 0, 0, 0, 0, 0, 0.4, 0.9, 1, 0.8, 0.5, 0.5, 0.8, 0.9, 0.7, 0.3, 0, 0, 0, 0, 0, 0]}},
    "supplies": {
        name: {"commodity": commodity, "arrivals": {"between": f"exponential({gap} s)", "profile": "day"}}
        for name, commodity, gap in (("to_windows", "window_case", 45.71), ("to_kiosks", "kiosk_case", 106.67),
                                     ("mistaken", "unready", 181.33))
    },
    "pools": {"guides": {"amount": "6 person", "availability": "staffed"},
              "windows": {"amount": "24 person", "availability": "staffed"}},
    "stores": {f"of_{name}": {"commodity": name, "end": "free"} for name in
               ("window_case", "kiosk_case", "unready", "ready", "simple")},
    "processes": {
        "check_window": {"inputs": {"window_case": "1 case"}, "outputs": {"ready": "1 case"},
                         "runs": {**_CHECK, "servers": 6}},
        "check_kiosk": {"inputs": {"kiosk_case": "1 case"}, "outputs": {"simple": "1 case"},
                        "runs": {**_CHECK, "servers": 6, "priority": 1}},
        "find_mistakes": {"inputs": {"unready": "1 case"}, "outputs": {"told": "1 case"},
                          "runs": {**_CHECK, "servers": 6, "priority": 2}},
        "window": {"inputs": {"ready": "1 case"}, "outputs": {"done": "1 case"},
                   "runs": {"batch": "1 case", "time": "lognormal(12 min, 6 min)", "servers": 24,
                            "crew": {"windows": "1 person"}}},
        "kiosk": {"inputs": {"simple": "1 case"}, "outputs": {"done": "1 case"},
                  "runs": {"batch": "1 case", "time": "lognormal(5 min, 2 min)", "servers": 10}},
    },
    "demands": {"served": {"commodity": "done", "price": "1 CNY/case"},
                "sent_home": {"commodity": "told", "price": "1 CNY/case"}},
}

MODELS = {
    model.name: model
    for model in (
        Model("queue", "M/M/3, load 0.8, 10^6 customers", _QUEUE, 1e6 / 2.4, 100.0,
              ("waiting", "wait", "time in the system", "share busy"), _queue_figures),
        Model("line", "five machines in line, buffers of two, breakdowns", _LINE, 8000.0, 100.0,
              ("made an hour", "third works", "third down", "second buffer", "wait in it"), _line_figures),
        Model("trucks", "100 trucks, 2 loaders, 1 unloader, 2 pumps", _TRUCKS, 2400.0, 100.0,
              ("trips an hour", "waiting to load", "wait to load", "wait to unload", "fillings an hour"),
              _truck_figures),
        Model("hall", "a service hall, day after day", _HALL, 24.0 * 400.0, 0.5,
              ("served an hour", "wait for a guide", "wait for a window", "wait for a kiosk", "waiting at the door"),
              _hall_figures),
    )
}
