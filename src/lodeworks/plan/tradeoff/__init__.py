"""One program asked many things: the front of two goals, and how different a plan may be that is almost as good."""

from lodeworks.plan.tradeoff.front import Front, Point, front
from lodeworks.plan.tradeoff.ranges import Range, Ranges, Target, ranges

__all__ = ["Front", "Point", "Range", "Ranges", "Target", "front", "ranges"]
