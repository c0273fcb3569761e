"""The plan over slices: stages, scenarios, and what links their capacities, money and sums."""

from lodeworks.plan.pathway.answer import PathwayAnswer, optimise_pathway
from lodeworks.plan.pathway.compose import Composition, compose
from lodeworks.plan.pathway.information import Information, information
from lodeworks.plan.pathway.result import pathway_manifest
from lodeworks.plan.pathway.tables import pathway_tables

__all__ = ["Composition", "Information", "PathwayAnswer", "compose", "information", "optimise_pathway",
           "pathway_manifest", "pathway_tables"]
