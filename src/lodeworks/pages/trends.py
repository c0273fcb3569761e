"""Trends: any tags over any stretch of time, as lines, as a heat map of days and hours, and as a table."""

from __future__ import annotations

from pathlib import Path

import nicegui
from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed

__all__ = ["ECHARTS", "Series", "trends_page"]

_ELEMENTS = Path(nicegui.__file__).parent / "elements"
ECHARTS, PLOTLY = (str(_ELEMENTS / name / "dist") for name in ("echart", "plotly"))


class Series(
    ui.element, component="series.js",
    esm={"lodeworks-live": "live", "nicegui-echart": ECHARTS, "nicegui-plotly": PLOTLY},
):
    """Series of some tags, drawn with the ECharts that NiceGUI carries; the browser fetches the numbers itself.

    Parameters
    ----------
    tags
        Places in `Live.tags`.
    language
        ``zh`` or ``en``.
    span
        ``hour``, ``day``, ``week``, ``month`` or ``year``.
    until
        The end, ms; 0 is now.
    hour
        The beginning (ms) of an hour whose flows are shown below; 0 is none.
    """

    def __init__(self, tags: list[int], language: str, span: str = "hour", until: int = 0, hour: int = 0) -> None:
        super().__init__()
        self._props.update({"tags": tags, "language": language, "span": span, "until": until, "hour": hour})


def trends_page(
    desk: Desk, language: str, visitor: Visitor, tags: str, span: str, until: int, hour: int = 0,
) -> None:
    """Build the page; tags that are not known are left out."""
    places = desk.live.place
    names = tags.split(",")[:8]
    numbers = [places.get(name, int(name) if name.isdecimal() and len(name) < 9 else -1) for name in names]
    with framed(desk.live, language, "trends", visitor):
        known = [n for n in numbers if 0 <= n < len(desk.live.tags)]
        Series(known, language, span, max(0, until), max(0, hour)).classes("lw-hold")
