"""Exact answers: a chain of exponential and phase-type times solved as a Markov chain, beside its simulation."""

from lodeworks.simulate.exact.solve import (
    Exact,
    Solvable,
    exact_manifest,
    exact_table,
    exactly,
    solvable,
)
from lodeworks.simulate.tables import measured_stretch

__all__ = ["Exact", "Solvable", "exact_manifest", "exact_table", "exactly", "measured_stretch", "solvable"]
