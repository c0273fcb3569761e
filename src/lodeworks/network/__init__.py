"""A chain as flat arrays: what engines see. See `arrays` for the records and `compile` for how they are made."""

from lodeworks.network.arrays import Grid, Network
from lodeworks.network.begin import begin
from lodeworks.network.compile import compile_network
from lodeworks.network.keeping import going_on, planned_rates
from lodeworks.network.pathway import Pathway
from lodeworks.network.stages import compile_pathway, has_slices
from lodeworks.network.window import window

__all__ = [
    "Grid", "Network", "Pathway", "begin", "compile_network", "compile_pathway", "going_on", "has_slices",
    "planned_rates", "window",
]
