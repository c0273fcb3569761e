"""A notebook shows a summary and a picture without a network."""

from __future__ import annotations

from lodeworks.views.notebook import notebook_html
from tests.views.synthetic import Made


def test_a_notebook_shows_a_summary_and_a_picture(run: Made) -> None:
    html = notebook_html(run)
    assert "Coal &amp; coke of two towns" in html
    assert "Plotly.newPlot" in html
    assert "<script src=" not in html
