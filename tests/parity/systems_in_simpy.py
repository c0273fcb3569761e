"""Systems of middling size, each told twice: as a chain, and as a program for SimPy that shares only its random numbers.

What is compared is the whole sample path. Between them they use chance and going round, blocking, failures and a shared
crew, priorities and patience, due dates over shifts, orders that wait for goods ordered at a level, the shortest queue,
and vehicles with tanks. No two things happen at one instant but by cause, so that the order of the draws is defined.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import simpy

from tests.analytic.systems import SOLD, cases, station
from tests.parity.paths import Draws, Path

__all__ = ["SYSTEMS"]

Sections = dict[str, Any]
Process = Iterator[Any]


def _people(between: str, commodity: str = "job", **more: Any) -> Sections:
    return {"commodity": commodity, "arrivals": {"between": between, **more}}


def _door(env: Any, between: Callable[[], float], visit: Callable[[], Process]) -> Process:
    while True:
        yield env.timeout(between())
        env.process(visit())


# A clinic: two doctors, of whom six in ten patients go on to a laboratory, and of these a quarter back.

def clinic() -> Sections:
    return {
        "commodities": cases("job", "test", "done"),
        "supplies": {"people": _people("exponential(30 min)")},
        "stores": {"hall": {"commodity": "job", "end": "free"}, "bench": {"commodity": "test", "end": "free"}},
        "processes": {
            "doctor": {"inputs": {"job": "1 case"}, "outputs": {"test": "1 case", "done": "1 case"}, "reference": "test",
                       "chance": {"test": "60 %", "done": "40 %"},
                       "runs": {"batch": "1 case", "time": "erlang(4, 30 min)", "servers": 2}},
            "laboratory": {"inputs": {"test": "1 case"}, "outputs": {"job": "1 case", "done": "1 case"},
                           "reference": "done", "chance": {"job": "25 %", "done": "75 %"},
                           "runs": {"batch": "1 case", "time": "uniform(10 min, 30 min)"}},
        },
        "demands": SOLD,
    }


def clinic_in_simpy(env: Any, draws: Draws, path: Path) -> None:
    doctors, bench = simpy.Resource(env, 2), simpy.Resource(env, 1)
    seen, tried = draws.erlang(4, 0.5, "doctor"), draws.uniform(1 / 6, 1 / 2, "laboratory")
    after_doctor, after_bench = draws.number("doctor", "chance"), draws.number("laboratory", "chance")

    def turn_at(resource: Any, name: str, place: str, time: Callable[[], float]) -> Process:
        came = env.now
        with resource.request() as turn:
            yield turn
            path.wait(place, env.now - came)
            yield env.timeout(time())
        path.end(name, env.now)

    def patient() -> Process:
        came = env.now
        while True:
            yield from turn_at(doctors, "doctor", "job@here", seen)
            if after_doctor() > 0.6:
                break
            yield from turn_at(bench, "laboratory", "test@here", tried)
            if after_bench() > 0.25:
                break
        path.leave(env.now - came)

    env.process(_door(env, draws.exponential(0.5, "people", "between"), patient))


# A line of three stations with room for two between them, two of which break down and share a fitter; a full door turns away.

def works() -> Sections:
    def broken(hours: str, repair: str) -> Sections:
        return {"failures": {"between": f"exponential({hours})", "repair": repair, "crew": "fitters"}}

    return {
        "commodities": cases("job", "a", "b", "done"), "supplies": {"people": _people("exponential(30 min)")},
        "stores": {name: {"commodity": c, "end": "free", "capacity": f"{room} case"}
                   for name, c, room in (("door", "job", 3), ("one", "a", 2), ("two", "b", 2))},
        "pools": {"fitters": {"amount": "1 person"}},
        "processes": {"cut": {**station("job", "a", "exponential(25 min)"), **broken("6 h", "exponential(2 h)")},
                      "sew": {**station("a", "b", "uniform(30 min, 60 min)", servers=3), **broken("4 h", "uniform(1 h, 2 h)")},
                      "pack": station("b", "done", "lognormal(24 min, 9 min)")},
        "demands": SOLD,
    }


def works_in_simpy(env: Any, draws: Draws, path: Path) -> None:
    door, one, two = (simpy.Store(env, capacity=room) for room in (3, 2, 2))
    fitter = simpy.Resource(env, 1)

    def comes() -> Process:
        between = draws.exponential(0.5, "people", "between")
        while True:
            yield env.timeout(between())
            if len(door.items) < 3:
                yield door.put([env.now, env.now])
            else:
                path.lose("job@here", env.now)

    def machine(name: str, before: Any, after: Any, time: Callable[[], float], until: Any = None, repair: Any = None) -> Process:
        place = {door: "job@here", one: "a@here", two: "b@here"}[before]
        good_for = until() if until else float("inf")
        while True:
            lot = yield before.get()
            path.wait(place, env.now - lot[0])
            left = time()
            while good_for < left:
                yield env.timeout(good_for)
                left -= good_for
                with fitter.request() as turn:
                    yield turn
                    yield env.timeout(repair())
                good_for = until()
            yield env.timeout(left)
            good_for -= left
            if after is not None:
                lot = [env.now, lot[1]]
                yield after.put(lot)
                lot[0] = env.now  # when it found room
            else:
                path.leave(env.now - lot[1])
            path.end(name, env.now)

    env.process(machine("cut", door, one, draws.exponential(25 / 60, "cut"), draws.exponential(6.0, "cut", "failure"),
                        draws.exponential(2.0, "cut", "repair")))
    of_sew = draws.uniform(0.5, 1.0, "sew"), draws.exponential(4.0, "sew", "failure"), draws.uniform(1.0, 2.0, "sew", "repair")
    for _ in range(3):
        env.process(machine("sew", one, two, *of_sew))
    env.process(machine("pack", two, None, draws.lognormal(0.4, 0.15, "pack")))
    env.process(comes())


# A counter with two clerks, the urgent first, and plain people who give up after an hour and a half.

def counter() -> Sections:
    return {
        "commodities": cases("rush", "job", "done"),
        "supplies": {"urgent": _people("exponential(2 h)", "rush"), "plain": _people("exponential(40 min)")},
        "stores": {"r": {"commodity": "rush", "end": "free"}, "j": {"commodity": "job", "end": "free", "patience": "90 min"}},
        "processes": {"desk": {
            "outputs": {"done": "1 case"}, "runs": {"batch": "1 case", "time": "exponential(1 h)", "servers": 2},
            "modes": {"first": {"inputs": {"rush": "1 case"}, "runs": {"priority": 1}},
                      "then": {"inputs": {"job": "1 case"}, "runs": {"priority": 2}}}}},
        "demands": SOLD,
    }


def counter_in_simpy(env: Any, draws: Draws, path: Path) -> None:
    desk = simpy.PriorityResource(env, 2)
    times = {"desk.first": draws.exponential(1.0, "desk.first"), "desk.then": draws.exponential(1.0, "desk.then")}

    def person(name: str, place: str, priority: int, patience: float) -> Process:
        came = env.now
        with desk.request(priority=priority) as turn:
            yield turn | env.timeout(patience)
            path.wait(place, env.now - came)
            if not turn.triggered:
                path.lose(place, env.now)
                return
            yield env.timeout(times[name]())
        path.end(name, env.now)
        path.leave(env.now - came)

    env.process(_door(env, draws.exponential(2.0, "urgent", "between"), lambda: person("desk.first", "rush@here", 1, 1e9)))
    env.process(_door(env, draws.exponential(2 / 3, "plain", "between"), lambda: person("desk.then", "job@here", 2, 1.5)))


# An office open from eight to eighteen: the earliest due date first; what is not done by closing begins again.

def office() -> Sections:
    return {
        "commodities": cases("job", "done"), "calendars": {"day": {"hours": ["08:00-18:00"]}},
        "supplies": {"people": _people("exponential(3 h)", due="uniform(2 h, 60 h)")},
        "stores": {"tray": {"commodity": "job", "end": "free", "order": "due"}},
        "processes": {"desk": {**station("job", "done", "uniform(10 min, 110 min)", shift_end="restart"), "availability": "day"}},
        "demands": SOLD,
    }


def office_in_simpy(env: Any, draws: Draws, path: Path) -> None:
    between, due = draws.exponential(3.0, "people", "between"), draws.uniform(2.0, 60.0, "people", "due")
    time = draws.uniform(1 / 6, 11 / 6, "desk")
    tray: list[tuple[float, float]] = []
    news = [env.event()]

    def comes() -> Process:
        while True:
            yield env.timeout(between())
            tray.append((env.now + due(), env.now))
            news[0].succeed()
            news[0] = env.event()

    def desk() -> Process:
        while True:
            opens = max(env.now, 24.0 * (env.now // 24.0) + 8.0) if env.now % 24.0 < 18.0 else 24.0 * (env.now // 24.0) + 32.0
            if opens > env.now:
                yield env.timeout(opens - env.now)
            elif not tray:
                yield news[0]
            else:
                first = min(tray)
                tray.remove(first)
                path.wait("job@here", env.now - first[1])
                work, closes = time(), 24.0 * (env.now // 24.0) + 18.0
                if env.now + work > closes:
                    yield env.timeout(closes + 14.0 - env.now)
                yield env.timeout(work)
                path.end("desk", env.now)
                path.leave(env.now - first[1], max(0.0, env.now - first[0]))

    env.process(comes())
    env.process(desk())


# A shop: what is sold is ordered anew when stock and what is under way, less the orders that wait, is down to four.

def shop() -> Sections:
    return {
        "commodities": cases("done"),
        "supplies": {"order": {"commodity": "done", "price": "1 CNY/case", "runs": {
            "batch": "1 case", "time": "uniform(2 h, 9 h)", "order_at": "4 case", "order_to": "9 case"}}},
        "stores": {"shelf": {"commodity": "done", "initial": "9 case", "end": "free"}},
        "demands": {"out": {"commodity": "done", "price": "2 CNY/case", "runs": {"batch": "1 case", "time": "0 h"},
                            "arrivals": {"between": "exponential(1 h)", "amount": "discrete(1 case: 50 %, 3 case: 50 %)"}}},
    }


def shop_in_simpy(env: Any, draws: Draws, path: Path) -> None:
    stock, ordered, waiting = [9], [0], deque[float]()
    between, amount = draws.exponential(1.0, "out", "between"), draws.number("out", "amount")
    time = draws.uniform(2.0, 9.0, "order")

    def settle() -> None:
        while stock[0] and waiting:
            stock[0] -= 1
            path.wait("orders of out", env.now - waiting.popleft())
            path.end("out", env.now)
        short = 9 - (stock[0] + ordered[0] - len(waiting))
        if short >= 5:
            ordered[0] += short
            env.process(delivery(short))

    def delivery(count: int) -> Process:
        yield env.timeout(time())
        path.end("order", env.now)
        stock[0] += count
        ordered[0] -= count
        settle()

    def customers() -> Process:
        while True:
            yield env.timeout(between())
            waiting.extend([env.now] * (1 if amount() <= 0.5 else 3))
            settle()

    env.process(customers())


# Two queues, and who comes joins the one with fewer waiting and served.

def checkout() -> Sections:
    return {
        "commodities": cases("job", "a", "b", "done"), "supplies": {"people": _people("exponential(30 min)")},
        "stores": {name: {"commodity": name, "end": "free"} for name in ("job", "a", "b")},
        "processes": {
            "join": {"inputs": {"job": "1 case"}, "runs": {"batch": "1 case", "time": "0 h", "routing": "shortest"},
                     "modes": {"left": {"outputs": {"a": "1 case"}}, "right": {"outputs": {"b": "1 case"}}}},
            "one": station("a", "done", "exponential(50 min)"), "two": station("b", "done", "exponential(1 h)"),
        },
        "demands": SOLD,
    }


def checkout_in_simpy(env: Any, draws: Draws, path: Path) -> None:
    desks = {name: simpy.Resource(env, 1) for name in "ab"}
    times = {"a": draws.exponential(5 / 6, "one"), "b": draws.exponential(1.0, "two")}

    def person() -> Process:
        chosen = min("ab", key=lambda name: (desks[name].count + len(desks[name].queue), name))
        path.end({"a": "join.left", "b": "join.right"}[chosen], env.now)
        path.wait("job@here", 0.0)
        came = env.now
        with desks[chosen].request() as turn:
            yield turn
            path.wait(f"{chosen}@here", env.now - came)
            yield env.timeout(times[chosen]())
        path.end({"a": "one", "b": "two"}[chosen], env.now)
        path.leave(env.now - came)

    env.process(_door(env, draws.exponential(0.5, "people", "between"), person))


# Six trucks, one loader, two unloaders; one pump, whose tank is filled by a lorry now and then.

def trucks() -> Sections:
    return {
        "sites": {"a": {}, "b": {}}, "units": {"case": "case"}, "commodities": {**cases("job"), "fuel": {"unit": "kg"}},
        "supplies": {"people": {"commodity": "job", "site": "a", "price": "1 CNY/case"},
                     "lorry": {"commodity": "fuel", "site": "a", "arrivals": {
                         "between": "uniform(3 h, 8 h)", "amount": "uniform(15 kg, 40 kg)"}}},
        "stores": {"pump_tank": {"commodity": "fuel", "site": "a", "initial": "20 kg", "end": "free"}},
        "routes": {"road": {"commodity": "job", "from": "a", "to": "b", "distance": "10 km", "fleet": "trucks", "haul": {
            "load": "exponential(6 min)", "loaders": 1, "unload": "uniform(5 min, 20 min)", "unloaders": 2,
            "laden": "uniform(20 min, 50 min)", "empty": "uniform(15 min, 40 min)"}}},
        "fleets": {"trucks": {"vehicles": 6, "payload": "10 case", "speed": "20 km/h", "tank": "10 kg",
                              "fuel": {"fuel": {"laden": "0.2 kg/km", "empty": "0.1 kg/km"}},
                              "refuel": {"site": "a", "pumps": 1, "rate": "40 kg/h"}}},
        "demands": {"out": {"commodity": "job", "site": "b", "price": "20 CNY/case"}},
    }


def trucks_in_simpy(env: Any, draws: Draws, path: Path) -> None:
    loader, unloader, pump = simpy.Resource(env, 1), simpy.Resource(env, 2), simpy.Resource(env, 1)
    fuel = simpy.Container(env, init=20.0)
    load, unload = draws.exponential(0.1, "road.load"), draws.uniform(1 / 12, 1 / 3, "road.unload")
    laden, empty = draws.uniform(1 / 3, 5 / 6, "road.drive"), draws.uniform(1 / 4, 2 / 3, "road.return")

    def truck() -> Process:
        tank = 10.0
        while True:
            with loader.request() as turn:
                yield turn
                yield env.timeout(load())
            path.end("road.load", env.now)
            yield env.timeout(laden())
            path.end("road.drive", env.now)
            with unloader.request() as turn:
                yield turn
                yield env.timeout(unload())
            path.end("road.unload", env.now)
            path.leave()
            yield env.timeout(empty())
            path.end("road.return", env.now)
            tank -= 0.2 * 10.0 + 0.1 * 10.0
            if tank < 3.0 - 1e-9:  # a trip's worth
                with pump.request() as turn:
                    yield turn
                    yield fuel.get(10.0 - tank)
                    yield env.timeout((10.0 - tank) / 40.0)
                tank = 10.0
                path.end("trucks.refuel", env.now)

    def lorry() -> Process:
        between, amount = draws.uniform(3.0, 8.0, "lorry", "between"), draws.uniform(15.0, 40.0, "lorry", "amount")
        while True:
            yield env.timeout(between())
            yield fuel.put(amount())

    for _ in range(6):
        env.process(truck())
    env.process(lorry())


# The chain, the program, and the chain's step.
SYSTEMS: dict[str, tuple[Callable[[], Sections], Callable[[Any, Draws, Path], None], float]] = {
    "clinic": (clinic, clinic_in_simpy, 10.0), "works": (works, works_in_simpy, 10.0),
    "counter": (counter, counter_in_simpy, 10.0), "office": (office, office_in_simpy, 1.0),
    "shop": (shop, shop_in_simpy, 10.0), "checkout": (checkout, checkout_in_simpy, 10.0),
    "trucks": (trucks, trucks_in_simpy, 10.0),
}
