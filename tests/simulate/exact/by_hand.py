"""Two machines in a line that fail and share a repairer, simulated by hand: no code of the engine's, nor of the solver's."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Station", "line_by_hand"]


@dataclass(frozen=True)
class Station:
    """Mean hours of a job, to a failure and of a repair; whether the clock to a failure runs while it does not work."""

    work: float
    between: float
    repair: float
    calendar: bool
    before: bool = False  # whether it begins only when there is room for what it makes


def line_by_hand(stations: tuple[Station, Station], buffer: int, hours: float, seed: int) -> dict[str, float]:
    """Return throughput, mean stock and shares of time, from one run of competing exponential clocks.

    The first machine never starves and the last is never blocked after its work. A machine that is down keeps its job,
    and what it has finished; the repairer takes machines in the order in which they failed.
    """
    dice = random.Random(seed)
    stock, made, now = 0, 0, 0.0
    busy, done = [False, False], [False, False]  # has a job; has finished it and waits for room
    down: list[int] = []  # in the order of failure; the first is being repaired
    spent = {"stock": 0.0, "down": [0.0, 0.0], "waits": [0.0, 0.0], "works": [0.0, 0.0]}

    def room() -> bool:
        reserved = int(busy[0] and stations[0].before)
        return stock + reserved < buffer

    def settle() -> None:
        nonlocal stock
        moved = True
        while moved:
            moved = False
            if done[0] and 0 not in down and stock < buffer:
                done[0], busy[0], moved = False, False, True
                stock += 1
            if not busy[1] and 1 not in down and stock:
                busy[1], moved = True, True
                stock -= 1
            if not busy[0] and 0 not in down and (not stations[0].before or room()):
                busy[0], moved = True, True

    settle()
    while now < hours:
        rates = []
        for i, s in enumerate(stations):
            works = busy[i] and not done[i] and i not in down
            rates.append(("end", i, 1.0 / s.work if works else 0.0))
            rates.append(("fail", i, 1.0 / s.between if i not in down and (works or s.calendar) else 0.0))
        if down:
            rates.append(("repair", down[0], 1.0 / stations[down[0]].repair))
        total = sum(rate for _, _, rate in rates)
        step = min(dice.expovariate(total), hours - now) if total else hours - now
        spent["stock"] += step * stock
        for i in range(2):
            spent["down"][i] += step * (bool(down) and down[0] == i)
            spent["waits"][i] += step * (i in down[1:])
            spent["works"][i] += step * (busy[i] and not done[i] and i not in down)
        now += step
        if now >= hours or not total:
            break
        what, i = pick(dice, rates, total)
        if what == "fail":
            down.append(i)
        elif what == "repair":
            down.remove(i)
        elif i == 1:
            busy[1], made = False, made + 1
        elif stations[0].before:
            busy[0], stock = False, stock + 1
        else:
            done[0] = True
        settle()
    return {
        "made": made / hours, "stock": spent["stock"] / hours,
        **{f"m{i + 1} {what}": spent[what][i] / hours for i in range(2) for what in ("down", "waits", "works")},
    }


def pick(dice: random.Random, rates: list[tuple[str, int, float]], total: float) -> tuple[str, int]:
    """Return which clock has gone off."""
    at = dice.random() * total
    for what, i, rate in rates:
        at -= rate
        if at < 0.0 and rate:
            return what, i
    return max(rates, key=lambda row: row[2])[:2]
