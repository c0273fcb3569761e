"""The look all figures share: fonts by family, a palette for every eye, patterns, and the empty figure.

Colour never tells anything alone: stacks and bars also carry patterns, lines also carry dashes, and labels
stand beside what they name.
"""

from __future__ import annotations

import plotly.graph_objects as go

from lodeworks.views.words import say

__all__ = ["DASHES", "FONT", "INK", "MUTED", "PALETTE", "PATTERNS", "empty", "faded", "height_for", "pattern", "styled"]

FONT = (
    '"Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", '
    '"Helvetica Neue", Arial, sans-serif'
)
PALETTE = ("#4477AA", "#DDAA33", "#228833", "#CC6677", "#66B5D1", "#AA3377", "#999933", "#332288")
"""Paul Tol's colours, told apart in every common form of colour blindness and in grey."""
PATTERNS = ("", "/", ".", "\\", "x", "-", "|", "+")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
INK, MUTED, GRID = "#1f2a37", "#6b7683", "#e6e9ee"


def styled(figure: go.Figure, *, height: int = 420, legend: bool = True) -> go.Figure:
    """Give a figure the common look."""
    figure.update_layout(
        template="none",
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        height=height,
        showlegend=legend,
        colorway=list(PALETTE),
        legend={"orientation": "h", "x": 0.0, "y": -0.12, "yanchor": "top", "font": {"size": 12}},
        hoverlabel={"bgcolor": "white", "bordercolor": GRID, "font": {"family": FONT, "color": INK}},
        bargap=0.32,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#9aa4b1", "activecolor": INK},
    )
    axis = {
        "gridcolor": GRID,
        "zerolinecolor": "#b9c0ca",
        "linecolor": GRID,
        "ticks": "",
        "automargin": True,
        "title": {"font": {"size": 12, "color": MUTED}},
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def pattern(k: int) -> dict[str, object]:
    """Return the pattern of the k-th of several bars: white over its colour."""
    return {
        "shape": PATTERNS[k % len(PATTERNS)],
        "fillmode": "overlay",
        "fgcolor": "white",
        "fgopacity": 0.5,
        "size": 7,
        "solidity": 0.25,
    }


def empty(language: str) -> go.Figure:
    """Return the figure shown where the run has nothing to show."""
    figure = styled(go.Figure(), height=140, legend=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=say("nothing", language), showarrow=False, font={"color": MUTED, "size": 14})
    return figure


def height_for(bars: int, *, least: int = 170, each: int = 30) -> int:
    """Return a height that gives each horizontal bar its room."""
    return max(least, 70 + each * bars)


def faded(colour: str, share: float = 0.35) -> str:
    """Return a colour let through by a share, as Plotly writes it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"
