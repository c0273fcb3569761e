"""Figures: one module a figure, one function a figure, all registered here as views.

A figure is built from a run's tables by ``function(results, language)`` and is a Plotly figure, used unchanged
by notebooks, the report and web pages.
"""

from __future__ import annotations

from lodeworks.views.figures.accounts import ACCOUNTS
from lodeworks.views.figures.calendar import calendar_view, calendar_wide
from lodeworks.views.figures.candidates import CANDIDATES, candidates
from lodeworks.views.figures.capacities import BOTTLENECKS, USE, bottlenecks, use
from lodeworks.views.figures.claims import CLAIMS, claims
from lodeworks.views.figures.dispatch import dispatch, hours_view, months, months_view
from lodeworks.views.figures.duration import DURATION, duration
from lodeworks.views.figures.heat import heat, heat_views
from lodeworks.views.figures.money import BY_FIRM, BY_SITE, FLOW, money_bars, money_flow
from lodeworks.views.figures.prices import PRICES, prices
from lodeworks.views.figures.region import REGION, region
from lodeworks.views.figures.sankey import ENERGY, MASS, sankey
from lodeworks.views.results import Results, horizon_hours, optional_table
from lodeworks.views.sums import key_balances
from lodeworks.views.view import View

__all__ = [
    "ACCOUNTS",
    "VIEWS",
    "bottlenecks",
    "calendar_view",
    "calendar_wide",
    "candidates",
    "claims",
    "dispatch",
    "duration",
    "heat",
    "money_bars",
    "money_flow",
    "months",
    "prices",
    "region",
    "sankey",
    "use",
    "views_of",
]

VIEWS: tuple[View, ...] = (
    MASS,
    ENERGY,
    FLOW,
    REGION,
    DURATION,
    USE,
    BOTTLENECKS,
    CANDIDATES,
    PRICES,
    BY_FIRM,
    BY_SITE,
    CLAIMS,
)
"""The views every run has."""


_MONTH = 744.0
"""Hours of the longest month: what goes in longer steps is not known by the month."""


def views_of(results: Results) -> list[View]:
    """Return every view of a run: the common ones, and those of its own balances, stores and values."""
    balances = key_balances(results)
    hours = [hours_view(results, commodity, site) for commodity, site in balances]
    monthly = horizon_hours(results) > 1000.0 and float(results.manifest["horizon"]["step_h"]) <= _MONTH
    by_month = [months_view(results, commodity, site) for commodity, site in balances if monthly]
    accounts = ACCOUNTS if optional_table(results, "statements") is not None else ()
    calendar = calendar_view(results)
    return [*VIEWS, *accounts, *([calendar] if calendar is not None else []), *hours, *by_month, *heat_views(results)]
