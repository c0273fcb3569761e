"""Plans that decide what is built on fewer steps, and what that costs: merged steps, typical days, a certified gap."""

from lodeworks.plan.reduced.certify import Certified, certified_pathway, certified_plan
from lodeworks.plan.reduced.merge import edges_of_segments, merged
from lodeworks.plan.reduced.typical import typical_days

__all__ = ["Certified", "certified_pathway", "certified_plan", "edges_of_segments", "merged", "typical_days"]
