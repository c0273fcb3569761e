"""A small works that is watched: a belt, a bunker, a machine that breaks down, gas, people and a robot."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.network.compile_live import compile_live
from lodeworks.rehearse import Rehearsal, rehearsal_of, script_of

STATES = {"0": {"en": "stopped"}, "1": {"en": "runs"}, "2": {"en": "fault"}}
LIMITED: dict[str, Any] = {
    "unit": "%", "source": "written for this test", "dated": "2026", "respond": "5 min",
    "cause": {"en": "gas"}, "consequence": {"en": "it burns"}, "response": {"en": "stop"},
}
SMALL: dict[str, Any] = {
    "chain": "small-works", "horizon": {"start": "2026-12-01", "length": "3 d", "cyclic": False},
    "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}, "rock": {"unit": "t"}},
    "sites": {"pit": {}, "works": {}, "road": {}},
    "supplies": {"seam": {"commodity": "rock", "site": "pit"}},
    "processes": {
        "cut": {"site": "pit", "inputs": {"rock": "1 t"}, "outputs": {"ore": "1 t"}, "capacity": "60 t/h",
                "runs": {"batch": "3 t"}, "failures": {"between": "exponential(5 h)", "repair": "30 min"}},
        "smelt": {"site": "works", "inputs": {"ore": "2 t"}, "outputs": {"metal": "1 t"}, "capacity": "25 t/h",
                  "runs": {"batch": "2 t"}},
    },
    "routes": {"belt": {"commodity": "ore", "from": "pit", "to": "works", "capacity": "90 t/h", "distance": "600 m"}},
    "stores": {"bunker": {"commodity": "ore", "site": "works", "capacity": "400 t", "initial": "100 t", "end": "free"}},
    "demands": {"sold": {"commodity": "metal", "site": "works", "price": "1 CNY/t"}},
    "feeds": {"plant": {"kind": "rehearsal"}, "gas": {"kind": "rehearsal"}, "robot": {"kind": "rehearsal"}},
    "limits": {"ch4": {"place": "face", "quantity": "methane", "high": "1 %", "cut": "1.5 %", "restore": "1 %", **LIMITED}},
    "tags": {
        "cut_flow": {"reads": "flow", "element": "cut", "commodity": "ore", "feed": "plant", "period": "5 s", "high": "120 t/h"},
        "cut_state": {"reads": "state", "element": "cut", "feed": "plant", "period": "2 s", "words": STATES},
        "belt_flow": {"reads": "flow", "element": "belt", "feed": "plant", "period": "5 s"},
        "belt_sum": {"reads": "flow", "element": "belt", "feed": "plant", "kind": "counter", "period": "10 s"},
        "belt_speed": {"reads": "speed", "element": "belt", "feed": "plant", "period": "1 s", "low": "0 m/s", "high": "4 m/s"},
        "belt_state": {"reads": "state", "element": "belt", "feed": "plant", "period": "2 s", "words": STATES},
        "bunker_level": {"reads": "level", "element": "bunker", "feed": "plant", "period": "10 s"},
        "smelt_load": {"reads": "load", "element": "smelt", "feed": "plant", "period": "10 s"},
        "ch4": {"reads": "methane", "site": "pit", "place": "face", "zone": "face", "feed": "gas", "period": "5 s", "low": "0 %", "high": "4 %"},
        "ch4_road": {"reads": "methane", "site": "road", "place": "face", "zone": "road", "feed": "gas", "period": "5 s", "low": "0 %", "high": "4 %"},
        "air": {"reads": "air_speed", "site": "pit", "zone": "face", "feed": "gas", "period": "10 s", "low": "0 m/s", "high": "15 m/s"},
        "fan_state": {"reads": "state", "site": "pit", "zone": "face", "feed": "gas", "period": "10 s", "words": STATES},
        "in_face": {"reads": "people", "site": "pit", "zone": "face", "feed": "gas", "period": "10 s"},
        "in_road": {"reads": "people", "site": "road", "zone": "road", "feed": "gas", "period": "10 s"},
        "in_all": {"reads": "people", "site": "works", "zone": "all", "feed": "gas", "period": "10 s"},
        "longest": {"reads": "stay", "site": "works", "zone": "all", "feed": "gas", "period": "60 s"},
        "where": {"reads": "position", "element": "belt", "feed": "robot", "period": "1 s"},
        "roller": {"reads": "temperature", "element": "belt", "feed": "robot", "period": "1 s", "low": "-20 degC", "high": "200 degC"},
        "noise": {"reads": "sound", "element": "belt", "feed": "robot", "period": "1 s"},
    },
    "zones": {
        "face": {"site": "pit", "most": 12, "count": "in_face"}, "road": {"site": "road", "most": 6, "count": "in_road"},
        "all": {"most": 30, "longest": "12 h", "count": "in_all", "stay": "longest"},
    },
    "rounds": {"ride": {"route": "belt", "by": "robot", "start": "0 m", "end": "600 m", "speed": "1 m/s", "every": "30 min",
                        "position": "where", "tags": ["roller", "noise"], "stops": ["300 m"], "gaps": ["400 m .. 460 m"]}},
}


def rehearsal(*events: dict[str, Any], hours: float = 2.0, at_h: float = 8.0, seed: int = 3) -> Rehearsal:
    """Return a rehearsal of the small works that begins at an hour of its first day, with events planted."""
    chain = Chain.model_validate(SMALL)
    live, network = compile_live(chain), compile_network(chain)
    begin = dt.datetime(2026, 12, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))) + dt.timedelta(hours=at_h)
    script = script_of({"events": list(events)}, live)
    return rehearsal_of(live, network, script, at_h=at_h, hours=hours, begin_ms=round(begin.timestamp() * 1000), seed=seed)
