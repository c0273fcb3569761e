"""A chain as flat arrays: what engines see. See `arrays` for the records and `compile` for how they are made."""

from lodeworks.network.arrays import Grid, Network
from lodeworks.network.compile import compile_network

__all__ = ["Grid", "Network", "compile_network"]
