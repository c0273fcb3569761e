"""What the live reading sees of a chain: tags, alarm rules, zones, rounds and the rest, by name, in plain units.

The flat arrays of the network say what flows where; the records here say what is measured, when that is an alarm, and
what is done then. Everything a person may have left out is filled in, every quantity is a plain number in the tag's
unit or in seconds, metres and people, and every reference is known to exist. `compile_live` (in `compile_live.py`)
makes one from a chain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from lodeworks.chain.addresses import MOST_SPEED, REGISTER_TYPES, filter_of, register_parts
from lodeworks.chain.live_kinds import ALARM_KINDS, FEED_KINDS, LEVELLED
from lodeworks.network.expression import Program

__all__ = [
    "ALARM_KINDS", "FEED_KINDS", "LEVELLED", "MOST_SPEED", "REGISTER_TYPES", "Action", "AlarmRule", "Camera", "Feed",
    "Incident", "Limit", "LimitRow", "Live", "Roadway", "Round", "Route", "Screen", "Site", "Step", "Tag", "Zone",
    "filter_of", "out_of_coverage_s", "register_parts",
]


@dataclass(frozen=True)
class Feed:
    """Where live data come from: a broker, a gateway, a server, a file, or a rehearsal.

    `kind` is `mqtt`, `sparkplug`, `opcua`, `modbus`, `push`, `replay` or `rehearsal`. `clock_s` is the error its
    clock may have.
    """

    name: str
    kind: str
    address: str
    title_en: str
    title_zh: str
    clock_s: float = 0.1


@dataclass(frozen=True)
class Tag:
    """One thing measured: bound to an element or a site, in one unit.

    `kind` is `sensor` (a value), `counter` (a running total) or `state` (a whole number with `words`). `reads` says
    what it reads: `flow`, `level`, `load` or `state` of its element, `people`, `position`, or a quantity such as
    `methane`, `co`, `temperature`, `air_speed` (see `chain.readings`). Flows, levels and loads stand beside the plan,
    in `unit` (a flow per hour). `place` is the kind of place whose limits hold for `quantity`, which is what it reads
    where that is none of its element's. `low` and `high` are the range of the instrument, infinite where not known.
    `metres` is where along its route it sits, if anywhere. A tag is stale after three of its periods. `factor` brings a
    value to what the plan counts in: the commodity's own unit (of a flow, per hour), or a share of one.
    """

    name: str
    title_en: str
    title_zh: str
    element: str
    site: str
    reads: str
    kind: str
    unit: str
    low: float
    high: float
    place: str
    quantity: str
    period_s: float
    feed: str
    address: str
    zone: str = ""
    metres: float | None = None
    commodity: str = ""
    words: tuple[tuple[int, str, str], ...] = ()
    factor: float = 1.0


@dataclass(frozen=True)
class LimitRow:
    """What is allowed of a quantity in a kind of place, with where that is written.

    A site's own row names the general one it `overrides`, with a reason and a second person, and perhaps a source and
    a date of its own; it holds at `site`, everywhere where that is empty.

    `cut` is what the statutory system cuts power at: shown and recorded here, never acted on.
    """

    name: str
    place: str
    quantity: str
    unit: str
    low: float | None
    high: float | None
    cut: float | None
    restore: float | None
    source: str
    dated: str
    overrides: str = ""
    reason: str = ""
    by: str = ""
    second: str = ""
    site: str = ""
    title_en: str = ""
    title_zh: str = ""


@dataclass(frozen=True)
class Limit:
    """One threshold of a rule: `side` is `high` or `low`; `level` is `HH`, `H`, `L` or `LL`; it ends
    `deadband` back.
    """

    level: str
    side: str
    value: float
    deadband: float = 0.0
    row: str = ""


@dataclass(frozen=True)
class AlarmRule:
    """When something about a tag is an alarm, why that matters, and what to do within what time.

    `kind` is `limit`, `rate`, `deviation` (from the plan), `time_left`, `stuck`, `stale`, `bad`, `discrete` or
    `expression`. `limits` hold for the value, its change an hour (`rate`), the difference from the plan (`deviation`),
    the hours until a level comes to one of its `ends` (`time_left`; below and above, in the tag's unit, infinite where
    there is none; `loss` is the share lost an hour), or the value of `expression`, which is written over tag names.
    `stuck` fires when nothing changed for `window_s`; `discrete` when the value is one of `states`. `priority` is 1
    (most urgent) to 4. `life_safety` ones cannot be shelved. `unless` names rules or an expression over tags under
    which it is suppressed by design; `group` is where the first one out is told; `desk` is who is told.

    `program` is `expression` made ready to run, `unless_program` the condition of suppression; of the latter's names
    `unless_rules` are rules (1 while active, else 0), the others tags. Texts are English, or Chinese where there is no
    English; those in `_zh` the other way about. `row` names the row of the limits table it was made from; `made` says
    that it was made by itself and not written.
    """

    name: str
    title_en: str
    title_zh: str
    tag: str
    kind: str
    priority: int
    cause: str
    consequence: str
    response: str
    respond_s: float
    limits: tuple[Limit, ...] = ()
    states: tuple[int, ...] = ()
    expression: str = ""
    window_s: float = 0.0
    ends: tuple[float, float] = (-math.inf, math.inf)
    loss: float = 0.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    re_alarm_s: float = 0.0
    latched: bool = False
    life_safety: bool = False
    unless: str = ""
    group: str = ""
    desk: str = "dispatch"
    shelve_most_s: float = 8 * 3600.0
    cause_zh: str = ""
    consequence_zh: str = ""
    response_zh: str = ""
    severity: str = "major"
    program: Program | None = field(default=None, compare=False)
    unless_program: Program | None = field(default=None, compare=False)
    unless_rules: tuple[str, ...] = ()
    row: str = ""
    made: bool = False

    @property
    def judged(self) -> tuple[str, ...]:
        """The tags whose samples it judges: its own, or those of its expression."""
        if self.kind != "expression":
            return (self.tag,) if self.tag else ()
        return self.program.names if self.program is not None else ()


@dataclass(frozen=True)
class Zone:
    """Where people are counted: at most so many for at most so long.

    `count` is the tag that counts them, `stay` that of the longest stay of anybody in it.
    """

    name: str
    title_en: str
    title_zh: str
    site: str
    most: int | None
    longest_s: float | None
    forbidden: bool
    count: str
    refuge: bool = False
    stay: str = ""


@dataclass(frozen=True)
class Roadway:
    """A way on foot between two sites of a mine, in metres; `zone` is whose people use it.

    `gas` is the tag that tells whether it can be walked; of an `exit`, `site_to` is outside.
    """

    name: str
    title_en: str
    title_zh: str
    site: str
    site_to: str
    metres: float
    zone: str = ""
    gas: str = ""
    exit: bool = False


@dataclass(frozen=True)
class Camera:
    """A camera: a tile on a screen. `address` is where its frames are read; empty where the rehearsal draws them.

    After three periods without a new frame the last one is old. `metres` is where along its belt it looks; not a number
    where that is not said.
    """

    name: str
    title_en: str
    title_zh: str
    site: str
    zone: str
    address: str
    period_s: float = 5.0
    metres: float = math.nan


@dataclass(frozen=True)
class Round:
    """An inspection round along metres of a route, by a robot or a person.

    `tags` are what it measures as it goes; `position` is the tag of its metres; `gaps` are stretches without coverage.
    """

    name: str
    title_en: str
    title_zh: str
    route: str
    by: str
    start_m: float
    end_m: float
    speed_m_s: float
    every_s: float
    position: str
    tags: tuple[str, ...]
    stops: tuple[float, ...] = ()
    gaps: tuple[tuple[float, float], ...] = ()

    @property
    def longest_gap_s(self) -> float:
        """How long (s) the way through the longest stretch without coverage takes; 0 where there is none."""
        longest = max((high - low for low, high in self.gaps), default=0.0)
        return longest / self.speed_m_s if self.speed_m_s > 0.0 else 0.0


def out_of_coverage_s(rounds: Iterable[Round]) -> dict[str, float]:
    """Return how long (s) each tag that rides along rounds may be silent: through the longest gap of any of them."""
    longest: dict[str, float] = {}
    for one in rounds:
        for name in (*one.tags, one.position):
            longest[name] = max(longest.get(name, 0.0), one.longest_gap_s)
    return longest


@dataclass(frozen=True)
class Step:
    """One step of an incident: who does what within how long; `clears` is the zone that must be empty for it."""

    name: str
    text_en: str
    text_zh: str
    role: str
    within_s: float
    clears: str = ""


@dataclass(frozen=True)
class Incident:
    """A kind of emergency: which alarms start it, who has which part, what is done, in which zones people withdraw."""

    name: str
    title_en: str
    title_zh: str
    starts: tuple[str, ...]
    roles: tuple[tuple[str, str, str], ...]
    steps: tuple[Step, ...]
    zones: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Action:
    """One item of work in a tree: who owes it until when, what shows that it is done.

    `count` is how many like items of its `level` it stands for (posts, lists); `counts` are the totals by level stated
    for what is below it, which add up. `state` is what it was when written: `open`, `under way`, `blocked`, `done`,
    `dropped`; `due` a date, or a date and time, in the chain's time zone.
    """

    name: str
    title_en: str
    title_zh: str
    parent: str
    owner: str
    due: str
    state: str
    evidence: str
    element: str = ""
    count: int = 1
    level: str = ""
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Screen:
    """Which tiles stand on a screen, in rows; empty `rows` means the default made from the chain alone."""

    name: str
    title_en: str
    title_zh: str
    rows: tuple[tuple[str, ...], ...] = ()
    width: int = 1920
    height: int = 1080


@dataclass(frozen=True)
class Site:
    """A site that something watched belongs to, with its position where the chain gives one (degrees, WGS-84)."""

    name: str
    title_en: str
    title_zh: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Route:
    """What carries a commodity between two sites, over so many metres where the chain says how far."""

    name: str
    title_en: str
    title_zh: str
    site: str
    site_to: str
    commodity: str
    metres: float | None = None


@dataclass(frozen=True)
class Live:
    """Everything of a chain that is watched.

    `titles` are the titles (name, English, Chinese) of elements and commodities, and of the owners, levels and desks
    the chain has `terms` for, so that no screen shows an identifier. Times are shown in `timezone` (an IANA name).
    `outline` is a file of the chain's folder to lie under the map, with the `review_number` to print on it; without one
    it is for internal use. The tags of
    the system itself come last, with names that begin with ``lodeworks.``.
    """

    name: str
    title_en: str
    title_zh: str
    feeds: tuple[Feed, ...] = ()
    tags: tuple[Tag, ...] = ()
    limits: tuple[LimitRow, ...] = ()
    rules: tuple[AlarmRule, ...] = ()
    zones: tuple[Zone, ...] = ()
    roadways: tuple[Roadway, ...] = ()
    cameras: tuple[Camera, ...] = ()
    rounds: tuple[Round, ...] = ()
    incidents: tuple[Incident, ...] = ()
    actions: tuple[Action, ...] = ()
    screens: tuple[Screen, ...] = ()
    sites: tuple[Site, ...] = ()
    routes: tuple[Route, ...] = ()
    titles: tuple[tuple[str, str, str], ...] = ()
    timezone: str = "Asia/Shanghai"
    outline: str = ""
    review_number: str = ""
    place: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Number the tags, so that columns of samples can carry numbers instead of names."""
        self.place.update({tag.name: number for number, tag in enumerate(self.tags)})
