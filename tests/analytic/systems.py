"""The systems whose answers are known: chains as plain data, without a horizon."""

from __future__ import annotations

from typing import Any

__all__ = [
    "assembly", "busy", "by_day", "cases", "double_ended", "feedback", "first_due", "haulage", "line", "long_line", "open_by_day",
    "oven", "queue", "repairmen", "replenished", "ring", "shop", "staffed", "station", "tandem", "two_classes",
]

Sections = dict[str, Any]
SOLD = {"out": {"commodity": "done", "price": "5 CNY/case"}}
BOUGHT = {"people": {"commodity": "job", "price": "1 CNY/case"}}


def _coming(between: str = "exponential(1 h)", **more: Any) -> Sections:
    return {"people": {"commodity": "job", "arrivals": {"between": between, **more}}}


def station(take: str, give: str, time: str, *, batch: int = 1, **runs: Any) -> Sections:
    """A process that makes one thing of another, batch by batch."""
    return {"inputs": {take: "1 case"}, "outputs": {give: "1 case"}, "runs": {"batch": f"{batch} case", "time": time, **runs}}


def cases(*names: str) -> Sections:
    """Commodities that are counted in cases."""
    return {name: {"unit": "case"} for name in names}


def _stores(**commodities: str) -> Sections:
    return {name: {"commodity": commodity, "end": "free"} for name, commodity in commodities.items()}


def queue(time: str, servers: int = 1, between: str = "exponential(1 h)", **more: Any) -> Sections:
    """Customers, a store they wait in, servers."""
    return {
        "supplies": _coming(between, **more.pop("arrivals", {})),
        "stores": {"waiting": {"commodity": "job", "end": "free", **more.pop("store", {})}},
        "processes": {"desk": {**station("job", "done", time, servers=servers), **more}}, "demands": SOLD,
    }


def line(*, buffer: int, first: str = "exponential(1 h)", second: str = "exponential(1 h)", blocking: str = "after",
         failures: dict[str, str] | None = None) -> Sections:
    """Two machines with a buffer between them; the first never starves, the last is never blocked."""
    found = long_line([first, second], [buffer], blocking=blocking)
    if failures:
        found["processes"]["m1"]["failures"] = failures
    return found


def long_line(times: list[str], buffers: list[int], *, blocking: str = "after", failures: Any = None) -> Sections:
    """Machines m1, m2, … with buffers between them."""
    names = ["job", *(f"mid{i}" for i in range(1, len(times))), "done"]
    broken = {"failures": failures} if failures else {}
    return {
        "commodities": cases(*names), "supplies": BOUGHT,
        "stores": {f"b{i}": {"commodity": f"mid{i}", "end": "free", "capacity": f"{size} case"}
                   for i, size in enumerate(buffers, start=1)},
        "processes": {f"m{i}": {**station(names[i - 1], names[i], time, blocking=blocking), **broken}
                      for i, time in enumerate(times, start=1)},
        "demands": SOLD,
    }


def two_classes(*, time: str = "exponential(1 h)", preempts: bool = False) -> Sections:
    """Urgent and plain customers at one server, each one in four hours."""
    return {
        "commodities": cases("rush", "job", "done"),
        "supplies": {name: {"commodity": c, "arrivals": {"between": "exponential(4 h)"}}
                     for name, c in (("urgent", "rush"), ("plain", "job"))},
        "stores": _stores(r="rush", j="job"),
        "processes": {"desk": {
            "outputs": {"done": "1 case"}, "runs": {"batch": "1 case", "time": time},
            "modes": {"first": {"inputs": {"rush": "1 case"}, "runs": {"priority": 1, "preempts": preempts}},
                      "then": {"inputs": {"job": "1 case"}, "runs": {"priority": 2}}}}},
        "demands": SOLD,
    }


def first_due() -> Sections:
    """Two kinds of customers, each one in four hours: of those that wait the one due first, at once or in weeks."""
    found = queue("exponential(1 h)", between="exponential(4 h)", arrivals={"due": "0 h"}, store={"order": "due"})
    found["supplies"]["patient"] = {"commodity": "job", "arrivals": {"between": "exponential(4 h)", "due": "1000 h"}}
    return found


def busy(time: str, **more: Any) -> Sections:
    """One machine that always has work."""
    return {"supplies": BOUGHT, "demands": SOLD, "processes": {"desk": {**station("job", "done", time, **more.pop("runs", {})), **more}}}


def tandem() -> Sections:
    """Two stations one after the other."""
    return {"supplies": _coming(), "stores": _stores(q="job", m="mid"),
            "processes": {"one": station("job", "mid", "exponential(0.5 h)"), "two": station("mid", "done", "exponential(0.6 h)")},
            "demands": SOLD}


def feedback() -> Sections:
    """Of those served at the first station a fifth go round again, a half go on to the second, the others leave."""
    return {
        "commodities": cases("job", "mid", "done"), "supplies": _coming(), "stores": _stores(q="job", m="mid"),
        "processes": {
            "one": {"inputs": {"job": "1 case"}, "outputs": {"job": "1 case", "mid": "1 case", "done": "1 case"},
                    "reference": "mid", "chance": {"job": "20 %", "mid": "50 %", "done": "30 %"},
                    "runs": {"batch": "1 case", "time": "exponential(0.4 h)"}},
            "two": station("mid", "done", "exponential(0.8 h)"),
        },
        "demands": SOLD,
    }


def repairmen() -> Sections:
    """Five machines that always have work, fail after ten hours of it on average, and two who mend them."""
    return {"supplies": BOUGHT, "pools": {"fitters": {"amount": "2 person"}}, "demands": SOLD,
            "processes": {"desk": {**station("job", "done", "1 h", servers=5), "failures": {
                "between": "exponential(10 h)", "repair": "exponential(5 h)", "crew": "fitters"}}}}


def ring(tokens: int) -> Sections:
    """A fixed number that go from one station to the other and back."""
    stores = _stores(a="job", b="mid")
    stores["a"]["initial"] = f"{tokens} case"
    return {"supplies": {}, "stores": stores,
            "processes": {"there": station("job", "mid", "exponential(1 h)"), "back": station("mid", "job", "exponential(1.5 h)")}}


def haulage(vehicles: int) -> Sections:
    """Vehicles between one loader and one unloader."""
    return {
        "sites": {"a": {}, "b": {}}, "commodities": cases("job"),
        "supplies": {"people": {"commodity": "job", "site": "a", "price": "1 CNY/case"}},
        "routes": {"road": {"commodity": "job", "from": "a", "to": "b", "distance": "10 km", "fleet": "trucks",
                            "haul": {"load": "exponential(0.3 h)", "loaders": 1, "unload": "exponential(0.2 h)",
                                     "unloaders": 1, "laden": "gamma(0.7 h, 0.2 h)", "empty": "uniform(0.3 h, 0.7 h)"}}},
        "fleets": {"trucks": {"vehicles": vehicles, "payload": "10 case", "speed": "20 km/h"}},
        "demands": {"out": {"commodity": "job", "site": "b", "price": "20 CNY/case"}},
    }


def oven(*, batch: int = 4, time: str = "exponential(2 h)", **runs: Any) -> Sections:
    """A machine that takes several at once."""
    return {"supplies": _coming(), "stores": _stores(q="job"), "demands": SOLD,
            "processes": {"oven": station("job", "done", time, batch=batch, **runs)}}


def assembly() -> Sections:
    """A frame and a wheel make a cart; each comes by chance and finds room for three."""
    return {
        "commodities": cases("job", "mid", "done"),
        "supplies": {name: {"commodity": c, "arrivals": {"between": "exponential(1 h)"}}
                     for name, c in (("frames", "job"), ("wheels", "mid"))},
        "stores": {name: {"commodity": c, "end": "free", "capacity": "3 case"} for name, c in (("f", "job"), ("w", "mid"))},
        "processes": {"fit": {"inputs": {"job": "1 case", "mid": "1 case"}, "outputs": {"done": "1 case"},
                              "runs": {"batch": "1 case", "time": "exponential(0.5 h)"}}},
        "demands": SOLD,
    }


def replenished(at: int, to: int) -> Sections:
    """A shop that orders up to a level when it is down to another; goods come after three hours."""
    return {
        "supplies": {"order": {"commodity": "done", "price": "1 CNY/case", "runs": {
            "batch": "1 case", "time": "3 h", "order_at": f"{at} case", "order_to": f"{to} case"}}},
        "stores": {"shelf": {"commodity": "done", "initial": f"{to} case", "end": "free"}},
        "demands": {"out": {"commodity": "done", "price": "2 CNY/case", "runs": {"batch": "1 case", "time": "0 h"},
                            "arrivals": {"between": "exponential(1 h)"}}},
    }


def shop(level: int) -> Sections:
    """A shop that orders anew whatever is asked for."""
    return replenished(level - 1, level)


def double_ended(life: str) -> Sections:
    """Goods that come by chance and spoil, orders that wait for them: one and a half an hour."""
    return {
        "supplies": {"made": {"commodity": "done", "arrivals": {"between": "exponential(1 h)"}}},
        "stores": {"shelf": {"commodity": "done", "end": "free", "shelf_life": life}},
        "demands": {"out": {"commodity": "done", "price": "2 CNY/case", "runs": {"batch": "1 case", "time": "0 h"},
                            "arrivals": {"between": "exponential(2 h)"}}},
    }


DAY = [0.2] * 8 + [1.0] * 8 + [0.6] * 8


def by_day(time: str, servers: int) -> Sections:
    """Arrivals that follow the day, from 0.4 to 2 an hour."""
    return {"profiles": {"day": {"daily": DAY}}, **queue(time, servers, "exponential(0.5 h)", arrivals={"profile": "day"})}


def open_by_day(shift_end: str) -> Sections:
    """A server who is there from eight to twenty, and people who come at any time."""
    found = queue("exponential(1 h)", between="exponential(4 h)", availability="day")
    found["processes"]["desk"]["runs"]["shift_end"] = shift_end
    return {"calendars": {"day": {"hours": ["08:00-20:00"]}}, **found}


def staffed() -> Sections:
    """Six desks and two who serve them."""
    found = queue("exponential(1.2 h)", 6)
    found["processes"]["desk"]["runs"]["crew"] = {"staff": "1 person"}
    return {"pools": {"staff": {"amount": "2 person"}}, **found}
