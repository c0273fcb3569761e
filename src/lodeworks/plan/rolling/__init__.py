"""Plans with many whole numbers over a long horizon: decided window by window, and bounded by the whole."""

from lodeworks.plan.rolling.horizon import Rolled, Window, rolling_pathway, rolling_plan

__all__ = ["Rolled", "Window", "rolling_pathway", "rolling_plan"]
