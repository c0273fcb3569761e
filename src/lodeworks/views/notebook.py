"""A run as a notebook shows it: a short summary and one picture, the chain as a Sankey by mass or by money."""

from __future__ import annotations

from html import escape

from lodeworks.views.results import Results

__all__ = ["notebook_html"]


def notebook_html(results: Results, language: str = "en") -> str:
    """Return a short summary and a picture as HTML; Plotly's script comes with it, so that it works offline."""
    import io

    from rich.console import Console

    from lodeworks.views.figures.money import money_flow
    from lodeworks.views.figures.sankey import sankey, sankey_rows
    from lodeworks.views.slices import sliced
    from lodeworks.views.terminal import summary

    console = Console(file=io.StringIO(), width=110, color_system=None)
    with console.capture() as captured:
        console.print(summary(results, language))
    results = sliced(results)
    figure = money_flow(results, language) if sankey_rows(results).is_empty() else sankey(results, language)
    figure.update_layout(width=960)
    picture = figure.to_html(full_html=False, include_plotlyjs=True, config={"displaylogo": False})
    return f"<pre>{escape(captured.get())}</pre>{picture}"
