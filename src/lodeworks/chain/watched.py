"""What the live reading's entities mean when what was left out is filled in: a tag's site, commodity and unit, the row
of the limits table that holds for it, and the names of the alarms that are made by themselves.

The checks and the compiler ask the same questions here; nothing is judged, and no record is made.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import numpy as np

from lodeworks.chain.addresses import topic_under
from lodeworks.chain.entities import Alarm, Chain, Element, PlaceLimit, Process, Quantity, Route, Store, Tag
from lodeworks.chain.measures import Measures
from lodeworks.chain.profiles import varying
from lodeworks.chain.readings import OF_ELEMENT, READINGS
from lodeworks.units import UnitProblem, parse_quantity

__all__ = ["ELEMENT_SECTIONS", "OWN", "SYSTEM_ALARMS", "SYSTEM_TAGS", "Watched"]

ELEMENT_SECTIONS = ("processes", "supplies", "demands", "routes", "stores", "fleets", "pools", "policies")
OWN = "lodeworks"
SYSTEM_TAGS = ("lag_s", "queue", "refused", "late", "values_per_s", "disk_free_gb")
FEED_TAGS = ("connected", "lag_s", "refused")
SYSTEM_ALARMS = ("lag_s", "queue", "disk_free_gb")
FEED_ALARMS = ("connected", "refused")
LEVELS = ("HH", "H", "L", "LL")


class Watched:
    """A chain's live entities, with what is left out filled in. Faulty references give empty answers."""

    def __init__(self, chain: Chain, measures: Measures) -> None:
        self.chain = chain
        self.measures = measures
        self._rows: dict[tuple[str, str, str], str] = {}
        self._wholes: dict[str, PlaceLimit] = {}

    @cached_property
    def elements(self) -> dict[str, tuple[str, Element]]:
        """Section and entity of each element, by name."""
        return {name: (section, entity) for section in ELEMENT_SECTIONS
                for name, entity in getattr(self.chain, section).items()}

    # ---- tags ---------------------------------------------------------------------------------------

    def element(self, tag: Tag) -> Element | None:
        """Return the element a tag is bound to."""
        return self.elements[tag.element][1] if tag.element in self.elements else None

    def site(self, tag: Tag) -> str:
        """Return where a tag is: as said, at its element, or at the start of its route."""
        if tag.site:
            return tag.site
        entity = self.element(tag)
        if isinstance(entity, Route):
            return entity.from_
        own: str = getattr(entity, "site", "") if entity is not None else ""
        if own:
            return own
        zone = self.chain.zones.get(tag.zone)
        if zone is not None and zone.site:
            return zone.site
        return next(iter(self.chain.sites)) if len(self.chain.sites) == 1 else ""

    def commodity(self, tag: Tag) -> str:
        """Return the commodity a tag of an element counts; empty where there is none."""
        if tag.commodity:
            return tag.commodity
        entity = self.element(tag)
        if entity is None or tag.reads not in OF_ELEMENT:
            return ""
        if isinstance(entity, Process):
            try:
                return self.measures.reference_of(entity)
            except (StopIteration, IndexError):
                return ""
        return str(getattr(entity, "commodity", ""))

    def usual_unit(self, tag: Tag) -> str:
        """Return the unit whose dimension a tag must have; empty where it is a plain number or not known."""
        commodity = self.chain.commodities.get(self.commodity(tag))
        if tag.reads in ("flow", "level"):
            if commodity is None:
                return ""
            return f"{commodity.unit}/h" if tag.reads == "flow" and self.kind(tag) != "counter" else commodity.unit
        if tag.reads == "money":
            return self.chain.currency
        return self.quantity_unit(tag.reads)

    def quantity_unit(self, quantity: str) -> str:
        """Return the usual unit of a quantity; of one that only `limits` name, that of its first row with one."""
        if quantity in READINGS:
            return READINGS[quantity].unit
        return next((row.unit for row in self.chain.limits.values() if row.quantity == quantity and row.unit), "")

    def unit(self, tag: Tag) -> str:
        """Return the unit a tag is sent in."""
        return tag.unit or self.usual_unit(tag)

    def kind(self, tag: Tag) -> str:
        """Return what kind of tag it is."""
        return tag.kind or ("state" if tag.reads == "state" or tag.words else "sensor")

    def feed(self, tag: Tag) -> str:
        """Return where a tag comes from; empty where that is not said and there are several feeds."""
        if tag.feed or len(self.chain.feeds) != 1:
            return tag.feed
        return next(iter(self.chain.feeds))

    def address(self, name: str) -> str:
        """Return what a tag is called in its feed: as said, its name, or its name under the topics of its feed."""
        tag = self.chain.tags[name]
        feed = self.chain.feeds.get(self.feed(tag))
        if tag.address or feed is None or feed.kind != "mqtt":
            return tag.address or name
        return topic_under(feed.address, name)

    def life_safety(self, tag: Tag | None) -> bool:
        """Say whether lives depend on what a tag reads."""
        return tag is not None and tag.reads in READINGS and READINGS[tag.reads].life_safety

    def severity(self, quantity: str) -> str:
        """Return how bad it is to be beyond the limit of a quantity."""
        return READINGS[quantity].severity if quantity in READINGS else "major"

    # ---- limits -------------------------------------------------------------------------------------

    def row(self, tag: Tag) -> str:
        """Return the name of the row of the limits table that holds for a tag; empty where none does."""
        key = tag.place, tag.reads, self.site(tag)
        if key not in self._rows:
            self._rows[key] = self._row(*key) if tag.place else ""
        return self._rows[key]

    def _row(self, place: str, quantity: str, site: str) -> str:
        fits = [
            name for name, row in self.chain.limits.items()
            if row.place == place and row.quantity == quantity and row.site in ("", site)
        ]
        replaced = {self.chain.limits[name].overrides for name in fits}
        left = [name for name in fits if name not in replaced]
        return max(left, key=lambda name: bool(self.chain.limits[name].site), default="")

    def whole(self, name: str) -> PlaceLimit:
        """Return a row with what it does not say taken from the row it overrides."""
        if name not in self._wholes:
            self._wholes[name] = self._whole(name)
        return self._wholes[name]

    def _whole(self, name: str) -> PlaceLimit:
        row, seen = self.chain.limits[name], {name}
        below = row.overrides
        while below in self.chain.limits and below not in seen:
            seen.add(below)
            other = self.chain.limits[below]
            blank = [
                field for field, info in PlaceLimit.model_fields.items()
                if getattr(row, field) == info.get_default(call_default_factory=True)
                and field not in ("overrides", "site", "reason", "by", "second", "note", "ranges")
            ]
            row = row.model_copy(update={field: getattr(other, field) for field in blank})
            below = other.overrides
        return row

    def row_unit(self, row: PlaceLimit) -> str:
        """Return the unit of a row's numbers."""
        if row.unit or row.quantity not in READINGS:
            return row.unit
        return READINGS[row.quantity].unit

    # ---- actions ------------------------------------------------------------------------------------

    def above(self, name: str) -> list[str]:
        """Return the items an item of work is part of, nearest first; a ring holds the item itself and ends."""
        items = self.chain.actions
        found: list[str] = []
        above = items[name].parent
        while above in items and above not in found:
            found.append(above)
            above = items[above].parent
        return found

    # ---- numbers ------------------------------------------------------------------------------------

    def value(self, quantity: Quantity, own: str, to: str = "") -> float:
        """Return a number in `to` (or in `own`); one without a unit is in `own`.

        Raises
        ------
        UnitProblem
            If its unit is of another dimension.
        """
        return self.measures.to(quantity if quantity.unit else Quantity(quantity.value, own), to or own)

    def difference(self, quantity: Quantity, own: str, to: str = "", per: str = "") -> float:
        """Return a difference, or with `per` its change over that time: a kelvin is a degree then."""
        unit, wanted = (text.replace("degC", "K") for text in (quantity.unit, to or own))
        own = own.replace("degC", "K")
        over = f"/{per}" if per else ""
        unit = unit or (f"({own}){over}" if own else f"1{over}" if over else "")
        return quantity.value * self.measures.units.factor(unit, f"({wanted or '1'}){over}" if over else wanted)

    def change(self, alarm: Alarm, quantity: Quantity, unit: str) -> float:
        """Return how far an alarm's value goes, from a number in its tag's unit: of a `rate`, an hour; or in hours."""
        if alarm.kind == "time_left":
            return self.value(quantity, "h")
        return self.difference(quantity, unit, per="h" if alarm.kind == "rate" else "")

    def limit(self, alarm: Alarm, quantity: Quantity, unit: str) -> float:
        """Return a limit of an alarm as its value is compared with it, from a number in its tag's unit.

        Raises
        ------
        UnitProblem
            If its unit is of another dimension.
        """
        if alarm.kind in ("rate", "deviation"):
            return self.change(alarm, quantity, unit)
        return self.value(quantity, "h" if alarm.kind == "time_left" else unit)

    def store(self, alarm: Alarm) -> Store | None:
        """Return the store whose level an alarm's tag reads."""
        tag = self.chain.tags.get(alarm.tag)
        return self.chain.stores.get(tag.element) if tag is not None and tag.reads == "level" else None

    def ends(self, alarm: Alarm, unit: str) -> dict[str, float]:
        """Return the levels, in the tag's unit, at which the level of an alarm by time left is ``empty`` or ``full``.

        They are as said, else the store's least and most; of shares that vary, none. A store without a capacity is
        never full.
        """
        if alarm.bound is not None:
            return {alarm.ends: self.value(alarm.bound, unit)}
        store = self.store(alarm)
        if store is None:
            return {}
        shares = {"empty": (store.min_level, 0.0), "full": (store.max_level, 1.0)}
        found = {}
        for end, (level, usual) in shares.items():
            if alarm.ends not in ("", end) or (level is not None and (level.profile or level.times is None)):
                continue
            share = usual if level is None or level.times is None else self.measures.fraction(level.times)
            if store.capacity is not None:
                own = self.measures.unit_of(store.commodity)
                found[end] = share * self.measures.amount(store.capacity, store.commodity) \
                    * self.measures.units.factor(own, unit)
            elif end == "empty":
                found[end] = 0.0
        return found

    def loss(self, alarm: Alarm) -> float:
        """Return the share an hour that the store of an alarm loses by itself; its mean where it changes over time."""
        store = self.store(alarm)
        if store is None or store.loss is None:
            return 0.0
        return float(np.mean(varying(store.loss, "1/h", self.chain, self.measures.units)))

    def seconds(self, quantity: Quantity | None) -> float:
        """Return a time in seconds; nought where there is none."""
        return self.measures.to(quantity, "s") if quantity is not None else 0.0

    def metres(self, quantity: Quantity) -> float:
        """Return a length in metres."""
        return self.measures.to(quantity, "m")

    def stretch(self, text: str) -> tuple[float, float] | None:
        """Return a stretch such as ``420 m .. 480 m`` in metres; None where it is none."""
        parts = re.split(r"\s*(?:\.\.|…|~|至)\s*", text.strip())
        if len(parts) != 2:
            return None
        try:
            low, high = (parse_quantity(part) for part in parts)
            low = low if low.unit else Quantity(low.value, high.unit)
            found = self.metres(low), self.metres(high)
        except (ValueError, UnitProblem):
            return None
        return found if found[0] < found[1] else None

    # ---- alarms made by themselves ------------------------------------------------------------------

    @cached_property
    def made(self) -> tuple[str, ...]:
        """Names of the alarms that are made by themselves; none where nothing is watched."""
        chain = self.chain
        if not chain.tags:
            return ()
        found = [f"{name}.limit" for name, tag in chain.tags.items() if self.row(tag)]
        found += [f"{name}.{kind}" for name in chain.tags for kind in ("stale", "bad")]
        found += [f"{name}.over" for name, zone in chain.zones.items() if zone.count in chain.tags
                  and (zone.forbidden or zone.most is not None)]
        found += [f"{name}.stay" for name, zone in chain.zones.items() if zone.stay in chain.tags
                  and zone.longest is not None]
        found += [f"{OWN}.{name}.limit" for name in SYSTEM_ALARMS]
        found += [f"{OWN}.{feed}.{name}.limit" for feed in self.feeds for name in FEED_ALARMS]
        return tuple(found)

    @cached_property
    def feeds(self) -> tuple[str, ...]:
        """Names of the feeds; a chain with tags and none of its own is watched in rehearsal."""
        return tuple(self.chain.feeds) or (("rehearsal",) if self.chain.tags else ())

    @cached_property
    def system_tags(self) -> tuple[str, ...]:
        """Names of the tags of the system itself."""
        if not self.chain.tags:
            return ()
        each = [f"{OWN}.{feed}.{name}" for feed in self.feeds for name in FEED_TAGS]
        return (*(f"{OWN}.{name}" for name in SYSTEM_TAGS), *each)

    def levels(self, alarm: Alarm) -> dict[str, Quantity]:
        """Return the limits an alarm states, from the highest down."""
        given: dict[str, Any] = {level: getattr(alarm, level) for level in LEVELS}
        return {level: quantity for level, quantity in given.items() if quantity is not None}
