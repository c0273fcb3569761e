"""The report: one HTML file that opens without a network, in Chinese and English, from a run's tables.

`page` lays the sections out, `headline` and `prose` put the run into words, `markup` escapes and `figuredata`
carries the figures. Nothing is fetched: the one script is inlined by Plotly's own call.
"""

from __future__ import annotations

from pathlib import Path

from lodeworks.views.results import Results

__all__ = ["write_report"]


def write_report(results: Results, path: str | Path, *, language: str = "zh", replace: bool = False) -> Path:
    """Write the report of a run and return its path.

    Parameters
    ----------
    path
        The HTML file to write.
    language
        ``zh`` or ``en``: the language the page opens in. Both are in it.
    replace
        Whether a file that is there already may be replaced.

    Raises
    ------
    RunError
        If the file is there already, or cannot be written; nothing is left half written.
    """
    from lodeworks.views.files import write_whole
    from lodeworks.views.report.page import page

    return write_whole(Path(path), lambda: page(results, language).encode(), replace=replace)
