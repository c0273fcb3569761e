"""An axis of hours that reaches from seconds to months, with marks a clock knows."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from lodeworks.views.numbers import LEAST_HOURS, duration

__all__ = ["duration_axis"]

_MARKS = (
    1 / 3600, 5 / 3600, 15 / 3600, 1 / 60, 5 / 60, 0.25, 1.0, 4.0, 12.0, 24.0, 72.0, 168.0, 720.0, 2160.0, 8760.0,
)
_FAR = (1 / 3600, 10 / 3600, 1 / 60, 10 / 60, 1.0, 6.0, 24.0, 168.0, 720.0, 8760.0)  # where they would crowd
_CLOSE = (  # where the others stand too far apart
    *(k / 3600 for k in (1, 2, 5, 10, 20, 30)), *(k / 60 for k in (1, 2, 3, 5, 7, 10, 15, 20, 30)),
    1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0,
    *(24.0 * k for k in (1, 1.5, 2, 3, 4, 5, 7, 10, 14, 20, 30, 45, 60, 90)),
)


def duration_axis(figure: go.Figure, language: str, low: float, high: float) -> None:
    """Give a figure a logarithmic x axis of hours between two ends; what is shorter than a second lies at a second."""
    low, high = max(low, LEAST_HOURS) / 1.6, max(high, 2.0 * LEAST_HOURS) * 1.6
    fitting = _CLOSE if high < 60.0 * low else _MARKS if high < 1e4 * low else _FAR
    marks = [mark for mark in fitting if low <= mark <= high]
    figure.update_xaxes(type="log", range=[math.log10(low), math.log10(high)], tickvals=marks,
                        ticktext=[duration(mark, language) for mark in marks])
