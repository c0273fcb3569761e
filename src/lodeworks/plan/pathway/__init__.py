"""The plan over slices: stages, scenarios, and what links their capacities, money and sums."""

from lodeworks.plan.pathway.answer import PathwayAnswer, optimise_pathway
from lodeworks.plan.pathway.compose import Composition, compose

__all__ = ["Composition", "PathwayAnswer", "compose", "optimise_pathway"]
