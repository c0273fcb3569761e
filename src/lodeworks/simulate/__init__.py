"""The discrete engine: what happens in fact, with batches, machines, breakdowns, queues and shifts."""

from lodeworks.simulate.ahead import ahead_tables
from lodeworks.simulate.compare import best_simulation, compare_simulations, compare_with_plan
from lodeworks.simulate.engine import Outcome, compile_kernel, replicate
from lodeworks.simulate.following import against_plan, targets_of, with_built
from lodeworks.simulate.result import Simulation, simulation_manifest
from lodeworks.simulate.tables import simulation_tables
from lodeworks.simulate.trace import replay, trace_tables

__all__ = [
    "Outcome", "Simulation", "against_plan", "ahead_tables", "best_simulation", "compare_simulations",
    "compare_with_plan", "compile_kernel", "replay", "replicate", "simulation_manifest", "simulation_tables",
    "targets_of", "trace_tables", "with_built",
]
