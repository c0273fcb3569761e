"""Lodeworks: check, plan, simulate and watch an industrial chain written once, as data.

The public names are here and are loaded when first used, so that ``import lodeworks`` stays light.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # without `typing`, so that a Ctrl-C soon after the start comes where somebody hears it
if TYPE_CHECKING:
    from typing import Any

    from lodeworks.chain.entities import Chain
    from lodeworks.errors import (
        InfeasibleError,
        InputError,
        LodeworksError,
        PlanError,
        RunError,
        SimulationError,
        SolverError,
        UnboundedError,
    )
    from lodeworks.farm.engine import farm
    from lodeworks.farm.tornado import tornado
    from lodeworks.plan import Plan
    from lodeworks.runs import read_run
    from lodeworks.sensitivity import alternatives, pareto
    from lodeworks.simulate import Simulation
    from lodeworks.verbs import check, plan, read, simulate

__all__ = [
    "Chain",
    "InfeasibleError",
    "InputError",
    "LodeworksError",
    "Plan",
    "PlanError",
    "RunError",
    "Simulation",
    "SimulationError",
    "SolverError",
    "UnboundedError",
    "alternatives",
    "check",
    "farm",
    "pareto",
    "plan",
    "read",
    "read_run",
    "simulate",
    "tornado",
]

_ROOMS = {
    "lodeworks.chain.entities": ("Chain",),
    "lodeworks.errors": (
        "InfeasibleError", "InputError", "LodeworksError", "PlanError", "RunError", "SimulationError", "SolverError",
        "UnboundedError",
    ),
    "lodeworks.farm.engine": ("farm",),
    "lodeworks.farm.tornado": ("tornado",),
    "lodeworks.sensitivity": ("alternatives", "pareto"),
    "lodeworks.runs": ("read_run",),
    "lodeworks.verbs": ("check", "plan", "read", "simulate"),
    "lodeworks.simulate.result": ("Simulation",),
}


def __getattr__(name: str) -> Any:
    if name == "Plan":
        return import_module("lodeworks.plan.result").Plan
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module 'lodeworks' has no attribute {name!r}")


class _House(ModuleType):
    """The package, in which ``lodeworks.plan`` is the verb although a folder of that name holds its engine.

    Importing a subpackage would put it in the verb's place; ``from lodeworks.plan import …`` does not need that.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _House
