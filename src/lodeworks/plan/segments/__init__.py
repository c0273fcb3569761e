"""Plans of fewer, longer steps with a bound on what that costs: neighbouring steps merged, and the answer certified."""

from lodeworks.plan.segments.certify import Certified, certified_plan
from lodeworks.plan.segments.merge import edges_of_segments, merged

__all__ = ["Certified", "certified_plan", "edges_of_segments", "merged"]
