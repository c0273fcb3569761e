"""Chains drawn at random that can be solved exactly: short lines with failures, crews, pools, chance, impatience."""

from __future__ import annotations

import random
from typing import Any

from tests.analytic import systems as of

__all__ = ["FEATURES", "drawn", "drawn_modes"]

Sections = dict[str, Any]
FEATURES = (
    "stages", "before", "failures", "crew", "start to start", "open", "shared", "staff", "priority", "chance",
    "batches", "patience", "balking",
)


def drawn(seed: int, features: frozenset[str] = frozenset(FEATURES)) -> Sections:
    """Return a chain of one to three stations; every feature allowed is there by chance."""
    return _Draw(random.Random(seed), features).chain()


class _Draw:
    def __init__(self, dice: random.Random, features: frozenset[str]) -> None:
        self.dice, self.features = dice, features
        self.stations = dice.choice([1, 2, 2, 3])
        self.names = ["job", *(f"mid{i}" for i in range(1, self.stations)), "done"]
        self.found: Sections = {
            "commodities": {name: {"unit": "case"} for name in self.names}, "stores": {}, "processes": {}, "pools": {},
            "demands": {"out": {"commodity": "done", "price": "5 CNY/case"}}, "supplies": {},
        }

    def has(self, feature: str, chance: float = 0.5) -> bool:
        return feature in self.features and self.dice.random() < chance

    def time(self, mean: float = 1.0) -> str:
        mean = round(mean * self.dice.uniform(0.5, 1.5), 3)
        return f"erlang({self.dice.choice([2, 3])}, {mean} h)" if self.has("stages", 0.4) else f"exponential({mean} h)"

    def chain(self) -> Sections:
        self._begins()
        if self.has("crew", 0.7):
            self.found["pools"]["fitters"] = {"amount": f"{self.dice.choice([1, 1, 2])} person"}
        if self.has("staff"):
            self.found["pools"]["staff"] = {"amount": f"{self.dice.choice([1, 2])} person"}
        for i in range(1, self.stations + 1):
            self.found["processes"][f"m{i}"] = self._station(i)
            if i < self.stations:
                self.found["stores"][f"b{i}"] = {
                    "commodity": self.names[i], "end": "free", "capacity": f"{self.dice.choice([2, 3])} case"}
        if "waste" in self.found["commodities"]:
            self._waste()
        return self.found

    def _begins(self) -> None:
        if self.dice.random() < 0.4:
            self.found["supplies"]["people"] = {"commodity": "job", "price": "1 CNY/case"}
            return
        arrivals = {"between": self.time()}
        store = {"commodity": "job", "end": "free", "capacity": f"{self.dice.choice([2, 3])} case"}
        if self.has("batches", 0.3):
            arrivals["amount"] = "discrete(1 case: 60 %, 2 case: 40 %)"
        elif self.has("patience", 0.4):
            store["patience"] = "exponential(2 h)"
        if self.has("balking", 0.3):
            arrivals["balk_at"] = "2 case"
        self.found["supplies"]["people"] = {"commodity": "job", "arrivals": arrivals}
        self.found["stores"]["q"] = store

    def _station(self, i: int) -> Sections:
        runs: Sections = {"batch": "1 case", "time": self.time(), "servers": self.dice.choice([1, 1, 2])}
        if self.has("before"):
            runs["blocking"] = "before"
        if "staff" in self.found["pools"] and self.dice.random() < 0.7:
            runs["crew"] = {"staff": "1 person"}
        if self.has("priority"):
            runs["priority"] = self.dice.choice([0, 1, 2])
        if self.has("batches", 0.3):
            runs |= {"batch": "2 case", "least": self.dice.choice(["50 %", "100 %"])}
        station: Sections = {"inputs": {self.names[i - 1]: "1 case"}, "outputs": {self.names[i]: "1 case"}, "runs": runs}
        if self.has("chance", 0.4):
            station["outputs"]["waste"] = "1 case"
            station |= {"chance": {self.names[i]: "70 %", "waste": "30 %"}, "reference": self.names[i]}
            self.found["commodities"]["waste"] = {"unit": "case"}
        if self.has("failures", 0.7):
            station["failures"] = self._failures()
        return station

    def _failures(self) -> Sections:
        stages = self.has("stages", 0.3)
        found: Sections = {
            "between": "erlang(2, 8 h)" if stages else f"exponential({self.dice.choice([5, 10, 20])} h)",
            "repair": "erlang(2, 2 h)" if self.has("stages", 0.3) else f"exponential({self.dice.choice([1, 2, 4])} h)",
            "clock": self.dice.choice(["working", "calendar"]),
        }
        if self.has("start to start", 0.4):
            found["interval"] = "start"
        for key in ("unload", "load"):
            if self.has("open", 0.4):
                found[key] = True
        if "fitters" in self.found["pools"]:
            found["crew"] = "fitters"
        return found

    def _waste(self) -> None:
        """What is waste is burnt, after waiting in a small store."""
        self.found["commodities"]["ash"] = {"unit": "case"}
        self.found["stores"]["w"] = {"commodity": "waste", "end": "free", "capacity": "4 case"}
        self.found["processes"]["burn"] = {
            "inputs": {"waste": "1 case"}, "outputs": {"ash": "1 case"}, "runs": {"batch": "1 case", "time": self.time(0.5)}}
        self.found["demands"]["ashes"] = {"commodity": "ash", "price": "0 CNY/case"}


def drawn_modes(seed: int) -> Sections:
    """Return a desk for urgent and plain ones: set-ups, pre-emption, failures, impatience, staff that may be away."""
    draw = _Draw(random.Random(seed), frozenset({"stages"}))
    dice, time = draw.dice, draw.time
    found = of.two_classes(preempts=dice.random() < 0.6)
    for store in found["stores"].values():
        store["capacity"] = f"{dice.choice([1, 2])} case"
        if dice.random() < 0.3:
            store["patience"] = "exponential(3 h)"
    desk = found["processes"]["desk"]
    desk["runs"] |= {"servers": dice.choice([1, 1, 2]), "time": time()}
    desk["modes"]["then"]["runs"]["time"] = time()
    if dice.random() < 0.6:
        desk["runs"]["setup"] = time(0.5)
    if dice.random() < 0.6:
        desk["failures"] = {"between": time(8.0), "repair": time(1.5), "clock": dice.choice(["working", "calendar"]),
                            "interval": dice.choice(["repair", "start"]), "load": dice.random() < 0.3}
    if dice.random() < 0.4:
        found["pools"] = {"staff": {"amount": "1 person"}}
        desk["runs"]["crew"] = {"staff": "1 person"}
        if dice.random() < 0.5:
            found["pools"]["staff"]["failures"] = {"between": "exponential(10 h)", "repair": time(2.0)}
    return found
