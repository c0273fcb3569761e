"""The kernel's own sources run as plain Python, slowly, so that faults can be planted in them line by line."""

from __future__ import annotations

import importlib
import sys
import types
from dataclasses import replace
from pathlib import Path

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.build import fresh_state, keyed
from lodeworks.simulate.draft import Built
from lodeworks.simulate.lanes import LANES
from lodeworks.simulate.variants import FEATURES

Fault = tuple[str, str, str]  # module, text as it stands, text in its place

MOST_EVENTS = 12_000  # half as many again as the longest sound run has
_KERNEL = (
    "machines", "work", "pools", "ready", "aside", "starting", "ending", "failures", "calls", "under_way", "notes", "near",
    "loop",
)
_ORDER = ("logarithm", "streams", "events", "time", "lots", *(f"kernel.{name}" for name in _KERNEL))
_NAMES = {"scalars": "c", "full_tallies": "full"}


class Tables:
    """Model and state as attributes, in the place of addresses."""

    def __init__(self, m: y.Model, s: y.State) -> None:
        for held in (m, s):
            for name in held._fields:
                setattr(self, name, getattr(held, name))
        self.heap_key = s.heap_time.view(np.int64)
        self.tally_word = s.tally.view(np.int64)
        for name in FEATURES:
            setattr(self, name, True)


def _stand_in() -> types.ModuleType:
    """Return a module that offers what `lodeworks.simulate.compiled` does, without a compiler."""
    real = importlib.import_module("lodeworks.simulate.compiled")
    module = types.ModuleType("lodeworks.simulate.compiled")
    for name in dir(real):
        if name.isupper() and not name.startswith("_"):
            field = _NAMES.get(name.lower(), name.lower())
            setattr(module, name, lambda w, field=field: getattr(w, field))
    for name in ("compiled", "hot"):
        setattr(module, name, lambda function: function)
    module.ask = lambda table, cell: None  # type: ignore[attr-defined]
    return module


def _lanes_stand_in() -> types.ModuleType:
    """Return a module that offers what `lodeworks.simulate.lanes` does: lanes are an array."""
    module = types.ModuleType("lodeworks.simulate.lanes")
    module.__dict__.update(
        LANES=LANES,
        four_from=lambda n: np.uint64(n) + np.arange(LANES, dtype=np.uint64),
        as_bits=lambda x: np.float64(x).view(np.int64),
        as_float=lambda bits: bits.view(np.float64),
    )
    return module


def kernel_with(faults: tuple[Fault, ...] = ()) -> dict[str, types.ModuleType]:
    """Return the kernel's modules read anew with faults planted; each text must stand there exactly once."""
    importlib.import_module("lodeworks.simulate.kernel")  # the real one, before its parts are taken for others
    package = Path(importlib.import_module("lodeworks.simulate").__file__ or "").parent
    names = ["lodeworks.simulate.compiled", "lodeworks.simulate.lanes", *(f"lodeworks.simulate.{name}" for name in _ORDER)]
    before = {name: sys.modules.get(name) for name in names}
    found: dict[str, types.ModuleType] = {}
    try:
        sys.modules[names[0]], sys.modules[names[1]] = _stand_in(), _lanes_stand_in()
        for name in _ORDER:
            text = package.joinpath(*name.split(".")).with_suffix(".py").read_text(encoding="utf-8")
            for module, old, new in faults:
                if module == name:
                    assert text.count(old) == 1, f"{name}: {old!r} stands there {text.count(old)} times"
                    text = text.replace(old, new)
            module_ = types.ModuleType(f"lodeworks.simulate.{name}")
            sys.modules[module_.__name__] = module_
            exec(compile(text, f"{name}.py", "exec"), module_.__dict__)
            found[name] = module_
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
    return found


def seldom_noted(built: Built) -> Built:
    """Return the tables with a mark in twenty: as plain Python, writing sums down takes longer than the events."""
    return replace(built, model=built.model._replace(marks=built.model.marks[19::20].copy()))


def run_interpreted(
    built: Built, seed: int, replication: int, faults: tuple[Fault, ...] = (), trace: int = 0
) -> tuple[y.State, int]:
    """Return the state in which a replication ends, and the kernel's last code; with so many rows of trace."""
    modules = kernel_with(faults)
    loop, lots = modules["kernel.loop"], modules["lots"]
    m = keyed(built, seed, replication)
    s = fresh_state(built, 2048, trace)
    w = Tables(m, s)
    with np.errstate(over="ignore"):
        for p, amount in enumerate(built.tables["initial"]):
            if amount > 0.0:
                lots.put(w, p, float(amount), 0.0, 0.0, np.inf, 0.0, 0.0, y.NONE)
        number = 0
        for fleet in built.fleets:
            for _ in range(fleet.count):
                lots.put(w, fleet.home, 1.0, 0.0, 0.0, np.inf, fleet.tank, fleet.service, number)
                number += 1
        code = loop.begin(w)
        if code == y.PAUSED:
            code = loop.run(w, MOST_EVENTS)
    return s, code
