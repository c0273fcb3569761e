"""The fluid reading of a chain: the best that could be done, over years of hours (LP and MILP)."""

from lodeworks.plan.engine import Answer, optimise
from lodeworks.plan.nearest import nearest
from lodeworks.plan.result import Plan, plan_manifest
from lodeworks.plan.tables import plan_tables

__all__ = ["Answer", "Plan", "nearest", "optimise", "plan_manifest", "plan_tables"]
