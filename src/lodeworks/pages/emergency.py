"""What an incident looks like to the desk: steps with clocks, people by zone, ways out, contacts, the log, the report.

All of it is read from the journal's rows; this only puts titles and the order of a screen to it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, Response

from lodeworks.network.live import Live
from lodeworks.pages.answers import Language, worded
from lodeworks.pages.desk import Desk
from lodeworks.pages.hub import Hub
from lodeworks.pages.told import row_told
from lodeworks.pages.words import LANGUAGES, Titles, who
from lodeworks.watch.clock import speed_of
from lodeworks.watch.incident_report import report_book, report_page
from lodeworks.watch.incidents import IncidentNow
from lodeworks.watch.ways import Way, gassed, ways_out

__all__ = ["emergency_router", "told_incident"]

_LOG = 60
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def emergency_router(desk: Desk, hub: Hub) -> APIRouter:
    """Return the routes of incidents."""
    routes = APIRouter(prefix="/api")

    def found(name: str, language: str) -> IncidentNow:
        incident = hub.incidents().get(name)
        if incident is None or language not in LANGUAGES:
            raise HTTPException(404, "no such incident")
        return incident

    @routes.get("/incidents")
    def incidents(language: Language) -> JSONResponse:
        """Return every incident, the open ones in full, the newest first."""
        titles = Titles(desk.live, language)
        hub.follow()
        known = sorted(hub.incidents().values(), key=lambda i: (bool(i.closed), -i.opened))
        gas = gassed(desk.live, hub.told.alarms.values())
        kinds = [{"name": k.name, "title": titles.pick(k.title_en, k.title_zh)} for k in desk.live.incidents]
        told = [told_incident(desk.live, one, gas, titles) for one in known[:20]]
        clock = {"now": desk.clock(), "speed": speed_of(desk.clock)}
        return worded(desk.live, language, {"incidents": told, "kinds": kinds, **clock})

    @routes.get("/incident/{name}/report")
    def report(name: str, language: str = "zh") -> HTMLResponse:
        return HTMLResponse(report_page(desk.live, found(name, language), language))

    @routes.get("/incident/{name}/workbook")
    def workbook(name: str, language: str = "zh") -> Response:
        incident = found(name, language)
        with tempfile.TemporaryDirectory() as folder:
            content = report_book(desk.live, incident, Path(folder) / "report.xlsx", language).read_bytes()
        named = "".join(c for c in incident.name if c.isascii() and (c.isalnum() or c in "-_")) or "incident"
        headers = {"content-disposition": f'attachment; filename="{named}.xlsx"'}
        return Response(content, media_type=_KIND, headers=headers)

    return routes


def told_incident(live: Live, incident: IncidentNow, gas: frozenset[str], titles: Titles) -> dict[str, Any]:
    """Return an incident as a browser is told it; ways out are those of the zones to be left."""
    roles = {
        part.role: (titles.pick(part.title_en, part.title_zh) or part.role, part.person) for part in incident.parts
    }
    ways = ways_out(live, incident.blocked, gas) if not incident.closed else {}
    sites = {zone.name: zone.site for zone in live.zones}
    return {
        "name": incident.name, "title": titles.pick(incident.title_en, incident.title_zh), "drill": incident.drill,
        "opened": incident.opened, "by": who(incident.opened_by, titles.language), "closed": incident.closed,
        "people": incident.people,
        "alarm": titles.of(incident.alarm.partition(":")[0]) if incident.alarm else "",
        "parts": [{"role": role, "title": title, "person": person} for role, (title, person) in roles.items()],
        "steps": [
            {
                "name": step.name, "text": titles.pick(step.text_en, step.text_zh), "due": step.due,
                "role": roles.get(step.role, (step.role, ""))[0], "person": roles.get(step.role, ("", ""))[1],
                "done": step.done, "by": who(step.done_by, titles.language), "late": step.done > step.due,
                "clears": bool(step.clears),
                "zone": titles.of(step.clears) if step.clears else "",
            }
            for step in incident.steps
        ],
        "zones": [
            {
                "title": titles.pick(zone.title_en, zone.title_zh), "count": zone.count, "at": zone.at,
                "way": _way(ways.get(sites.get(zone.zone, "")), titles),
            }
            for zone in incident.zones
        ],
        "contacts": [
            {"name": name, "title": roles.get(name, (name, ""))[0], "number": number}
            for name, number in incident.contacts
        ],
        "ways": [
            {
                "name": way.name, "title": titles.pick(way.title_en, way.title_zh), "gas": way.name in gas,
                "blocked": way.name in incident.blocked,
            }
            for way in live.roadways
        ],
        "log": [row_told(live, row, titles) for row in reversed(incident.log[-_LOG:])],
    }


def _way(way: Way | None, titles: Titles) -> dict[str, Any] | None:
    if way is None:
        return None
    return {
        "to": way.to, "metres": way.metres, "gas": way.gas_m, "minutes": way.seconds / 60.0,
        "sites": [titles.of(site) for site in way.sites],
    }
