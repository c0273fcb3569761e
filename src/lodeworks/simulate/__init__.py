"""The discrete engine: what happens in fact, with batches, machines, breakdowns, queues and shifts."""

from lodeworks.simulate.engine import Outcome, compile_kernel, replicate
from lodeworks.simulate.result import Simulation, simulation_manifest
from lodeworks.simulate.tables import simulation_tables

__all__ = ["Outcome", "Simulation", "compile_kernel", "replicate", "simulation_manifest", "simulation_tables"]
