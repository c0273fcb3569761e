"""One cause, not two hundred alarms: the chain's graph folds what follows under what it follows from.

Each alarm is a *symptom* of an element: it moves less or more than it should, a store is empty or full, or something
else is wrong with it. What moves is tied together by balances, and trouble travels both ways along them: who gets too
little starves those after it, who takes too little backs up those before it. So of a balance with producers P,
consumers C and stores S

    less P -> S empty, less C, more of other P      more P -> S full, more C, less of other P
    less C -> S full,  less P, more of other C      more C -> S empty, more P, less of other C
    S empty -> less C, more P                       S full -> less P, more C

(a store that will be empty or full soon follows as one that is, and nothing follows from it yet) and of one element any
symptom may follow from another; a sensor that is lost says nothing of its element. A symptom may follow only from one
that came before it, as far as clocks and periods can tell. Trouble passes through what is off its plan without an
alarm, not through an element that runs as planned, and not across a store that is neither empty nor full. Nor does who
gets too little starve those after it while something of it is still sold that need not be: the sale gives way first; as
does what is bought where too little is taken. The causes
are the fewest alarms from which all others follow. Nothing is taken away: every alarm stands in exactly one cause, and
alarms of life safety are never folded. An element without alarms of its own that would explain several causes of the
same half hour is named as suspected.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Network
from lodeworks.network.live import AlarmRule, Live, Tag
from lodeworks.watch.against_plan import Against, Now
from lodeworks.watch.bound import AT_REST
from lodeworks.watch.time_left import outer_balance

__all__ = ["Alarm", "Cause", "Causes", "Symptom", "giving_way", "held_of"]

_WINDOW_MS = 24 * 3_600_000  # what stood a day longer is not what brought this about
_TOGETHER_MS = 30 * 60_000
_NEVER_MS = 1 << 60
_OF_THE_SENSOR = ("stale", "bad", "stuck")
_MOVES = ("flow", "load", "speed", "state")
_SOON = {"empty": "empties", "full": "fills"}


class Alarm(Protocol):
    """What is read of an alarm; `alarms.now.AlarmNow` is one."""

    @property
    def alarm(self) -> str:
        """Its name."""

    @property
    def rule(self) -> str:
        """Its rule."""

    @property
    def level(self) -> str:
        """Which threshold of the rule: HH, H, L or LL; anything for other kinds."""

    @property
    def priority(self) -> int:
        """From 1, the most urgent."""

    @property
    def began(self) -> int:
        """When the condition came about, by source time (ms)."""


@dataclass(frozen=True)
class Symptom:
    """What an alarm says of the chain.

    `sign` is ``less``, ``more``, ``empty``, ``full``, ``empties`` or ``fills`` (soon), ``other`` or, where it is about
    the sensor, ``lost``.
    `error` is by how much (ms) its time may be wrong: the clock of its feed and a period of its tag.
    """

    alarm: str
    element: str
    sign: str
    at: int
    error: int
    priority: int
    life_safety: bool


@dataclass(frozen=True)
class Cause:
    """One card: an alarm, or an element that is suspected, and what follows from it.

    Attributes
    ----------
    alarm
        The alarm nothing explains; empty where the element is suspected only.
    folded
        Alarms that follow, in the order they came.
    after
        For each of them the alarm it follows from directly (empty: from the suspected element).
    elements
        Whom its alarms are about, and who is off the plan without an alarm and follows at once from one of them; each
        stands in one card, so that what cards cost adds up.
    """

    alarm: str
    element: str
    at: int
    folded: tuple[str, ...] = ()
    after: Mapping[str, str] | None = None
    elements: tuple[str, ...] = ()

    @property
    def suspected(self) -> bool:
        """Whether no alarm of the element says so."""
        return not self.alarm


Key = tuple[str, str]


class Causes:
    """Folds alarms along the graph of a network."""

    def __init__(self, net: Network, live: Live) -> None:
        self.live = live
        self._rules = {rule.name: rule for rule in live.rules}
        self._clock = {feed.name: feed.clock_s for feed in live.feeds}
        self._follows, self._across = _relations(net)
        watched = {live.tags[live.place[rule.tag]].element for rule in live.rules if rule.tag in live.place}
        kinds = ("process", "route", "supply", "demand")
        self._unwatched = [e.name for e in net.elements if e.kind in kinds and e.name not in watched]

    def symptoms(self, alarms: Iterable[Alarm]) -> list[Symptom]:
        """Return what alarms say of the chain, the first first."""
        found = [self._symptom(alarm) for alarm in alarms]
        return sorted(found, key=lambda s: (s.at, s.priority, s.alarm))

    def fold(
        self, alarms: Iterable[Alarm], held: Mapping[str, str] | None = None, giving: frozenset[str] = frozenset()
    ) -> list[Cause]:
        """Return the causes of alarms that stand, the one with the most consequences first.

        Parameters
        ----------
        held
            What elements and stores are known to be (see `held_of`): ``less``, ``more`` or ``normal``, and ``empty``,
            ``full`` or ``between``.
        giving
            Trades that go on and give way first (see `giving_way`).
        """
        found, known = self.symptoms(alarms), held or {}
        if not found:
            return []
        nodes = [*found, *self._silent(found, known)]
        edges = self._edges(nodes, known, giving)
        reach = _closure(edges)[: len(found), : len(found)] & _before(found)
        roots = _cover(reach)
        causes = self._suspects(found, _assigned(edges, reach, roots), roots, known, giving)
        told = sorted(causes, key=lambda cause: (-len(cause.folded), cause.at, cause.alarm))
        return _with_elements(told, nodes, edges, len(found))

    # ---- inside --------------------------------------------------------------------------------------

    def _symptom(self, alarm: Alarm) -> Symptom:
        rule = self._rules.get(alarm.rule)
        tag = self.live.tags[self.live.place[rule.tag]] if rule is not None and rule.tag in self.live.place else None
        error = 1000.0 * (tag.period_s + self._clock.get(tag.feed, 0.0)) if tag is not None else 0.0
        sign = _sign(rule, tag, alarm.level) if rule is not None and tag is not None else "other"
        return Symptom(alarm.alarm, tag.element if tag is not None else "", sign, alarm.began, round(error),
                       alarm.priority, rule is not None and rule.life_safety)

    def _silent(self, found: Sequence[Symptom], held: Mapping[str, str]) -> list[Symptom]:
        """Return what trouble may pass through though no alarm stands: what is known to be off its plan."""
        there = {(s.element, s.sign) for s in found}
        known = {(name, sign) for name, sign in held.items() if sign in ("less", "more", "empty", "full")}
        return [Symptom("", name, sign, 0, _NEVER_MS, 9, False) for name, sign in sorted(known - there)]

    def _edges(
        self, nodes: Sequence[Symptom], held: Mapping[str, str], giving: frozenset[str]
    ) -> NDArray[np.bool_]:
        """Return from which symptom (row) which other may follow at once, shape (n, n)."""
        may = np.zeros((len(nodes), len(nodes)), bool)
        places: dict[Key, list[int]] = {}
        for i, symptom in enumerate(nodes):
            if symptom.element and symptom.sign != "lost":
                places.setdefault((symptom.element, symptom.sign), []).append(i)
        for key, rows in places.items():
            for other in self._after(key, held, giving, places):
                may[np.ix_(rows, places[other])] = True
        np.fill_diagonal(may, False)
        may[:, [s.life_safety for s in nodes]] = False
        return may & _before(nodes)

    def _after(
        self, key: Key, held: Mapping[str, str], giving: frozenset[str], there: Iterable[Key]
    ) -> list[Key]:
        """Return which of the symptoms that are there may follow from one."""
        followed = self._follows.get(key, set())
        return [other for other in there if (
            other[0] == key[0]
            or (other in followed and not _refuted(self._across.get((key, other), ()), held, giving - {other[0]}))
        )]

    def _suspects(
        self, found: Sequence[Symptom], own: Mapping[int, tuple[int, int]], roots: Sequence[int],
        held: Mapping[str, str], giving: frozenset[str],
    ) -> list[Cause]:
        """Return the causes, those together under an element without alarms that would explain several of them."""
        together: dict[int, str] = {}
        left = [r for r in roots if not found[r].life_safety and found[r].sign != "other"]
        while len(left) > 1:
            near = [r for r in left if found[r].at - found[left[0]].at <= _TOGETHER_MS]
            keys = {(found[r].element, found[r].sign) for r in near}
            reach = {name: self._after((name, "less"), held, giving, keys) for name in self._unwatched}
            name = max(reach, key=lambda n: len(reach[n]), default="")
            mine = [r for r in near if name and (found[r].element, found[r].sign) in reach[name]]
            if len(mine) > 1:
                together |= dict.fromkeys(mine, name)
            left = [r for r in left if r not in (mine if len(mine) > 1 else left[:1])]
        causes = []
        for name in dict.fromkeys(together.values()):
            mine = [r for r in roots if together.get(r) == name]
            causes.append(self._card(found, own, "", name, mine))
        alone = [r for r in roots if r not in together]
        return causes + [self._card(found, own, found[r].alarm, found[r].element, [r]) for r in alone]

    def _card(
        self, found: Sequence[Symptom], own: Mapping[int, tuple[int, int]], alarm: str, element: str,
        roots: Sequence[int],
    ) -> Cause:
        folded = [i for i in range(len(found)) if own[i][0] in roots and found[i].alarm != alarm]
        after = {found[i].alarm: "" if i in roots else found[own[i][1]].alarm for i in folded}
        return Cause(alarm, element, min(found[r].at for r in roots), tuple(found[i].alarm for i in folded), after)


def _before(found: Sequence[Symptom]) -> NDArray[np.bool_]:
    """Say of which symptom (row) another may have come later, as far as clocks tell, and within a day; shape (n, n)."""
    at = np.array([s.at for s in found], np.int64)
    error = np.array([s.error for s in found], np.int64)
    unsure = error[:, None] + error[None, :]
    return (at[:, None] <= at[None, :] + unsure) & (at[None, :] - at[:, None] <= _WINDOW_MS + unsure)


def held_of(
    against: Against, now: Now, *, near: float = 0.05, least: float = 0.05
) -> dict[str, str]:
    """Return what is known of elements and stores, from what is held against the plan.

    Parameters
    ----------
    near
        The share of its room within which a store is ``empty`` or ``full``; else it is ``between``.
    least
        The share of its plan below which an element's deviation is none.
    """
    found = {}
    store_of = {against.net.elements[e].name: s for s, e in enumerate(against.net.stores.element)}
    for deviation in now.deviations:
        name = deviation.element
        if deviation.what == "level" and np.isfinite(deviation.present):
            room = against.planned.room(store_of[name])
            share = deviation.present / room if np.isfinite(room) and room > 0.0 else 0.5
            found[name] = "empty" if share <= near else "full" if share >= 1.0 - near else "between"
        elif deviation.what == "flow" and deviation.state == "known" and name not in found:
            small = least * max(abs(deviation.planned), 1e-9)
            off = "less" if deviation.deviation < 0.0 else "more"
            found[name] = off if abs(deviation.deviation) > small else "normal"
    return found


def giving_way(against: Against, now: Now, *, least: float = 0.05) -> frozenset[str]:
    """Return the trades that need not be and go on: what is sold, or bought, beyond a share of its plan."""
    net = against.net
    acts = net.activities
    owed = {net.elements[e].name for e in acts.element[(acts.lower.scale != 0.0) | (acts.lower.series >= 0)]}
    kinds = {element.name: element.kind for element in net.elements}
    return frozenset(
        d.element for d in now.deviations
        if d.what == "flow" and d.state == "known" and kinds[d.element] in ("supply", "demand")
        and d.element not in owed and d.present > least * max(d.planned, 1e-9)
    )


def _sign(rule: AlarmRule, tag: Tag, level: str) -> str:
    if rule.kind in _OF_THE_SENSOR:
        return "lost"
    if rule.kind == "discrete":
        words = {number: en.strip().lower() for number, en, _ in tag.words}
        rest = [words.get(state, "off" if state == 0 else "") in AT_REST for state in rule.states]
        return "less" if tag.reads == "state" and any(rest) else "other"
    if rule.kind == "time_left":
        down, up = (math.isfinite(end) for end in rule.ends)
        return "other" if down == up or tag.reads != "level" else _SOON["empty" if down else "full"]
    if rule.kind not in ("limit", "deviation"):
        return "other"
    side = next((limit.side for limit in rule.limits if limit.level == level), "")
    if tag.reads == "level":
        return {"low": "empty", "high": "full"}.get(side, "other")
    return {"low": "less", "high": "more"}.get(side, "other") if tag.reads in _MOVES else "other"


def _relations(net: Network) -> tuple[dict[Key, set[Key]], dict[tuple[Key, Key], tuple[tuple[str, ...], ...]]]:
    """Return what may follow from each symptom, and across which stores where it jumps over them.

    The second gives, for a pair that is tied by balances, what may hold it up at each of them: stores, and trades that
    give way first (sales where too little comes, purchases where too little is taken).
    """
    links, names = net.coefficients, [element.name for element in net.elements]
    outer = [outer_balance(net, s) for s in range(len(net.stores))]
    doors = {*net.stores.filling.tolist(), *net.stores.emptying.tolist()}
    kinds = {element.name: element.kind for element in net.elements}
    follows: dict[Key, set[Key]] = {}
    across: dict[tuple[Key, Key], list[tuple[str, ...]]] = {}
    for b in range(len(net.balances.grid)):
        mine = [int(i) for i in np.flatnonzero(links.balance == b) if int(links.activity[i]) not in doors]
        makers = {names[links.element[i]] for i in mine if links.amount[i] > 0.0}
        takers = {names[links.element[i]] for i in mine if links.amount[i] < 0.0}
        stores = tuple(names[net.stores.element[s]] for s, at in enumerate(outer) if at == b)
        sales = tuple(sorted(name for name in takers if kinds[name] == "demand"))
        purchases = tuple(sorted(name for name in makers if kinds[name] == "supply"))
        for sources, others, short, long, way in (
            (makers, takers, "empty", "full", sales), (takers, makers, "full", "empty", purchases),
        ):
            for one in sources:
                for sign, opposite, level in (("less", "more", short), ("more", "less", long)):
                    own = follows.setdefault((one, sign), set())
                    own |= {(store, sign) for store in stores for sign in (level, _SOON[level])}
                    jumps = [(other, sign) for other in others - {one}] + [(peer, opposite) for peer in sources - {one}]
                    own |= set(jumps)
                    for other in jumps:
                        gives = way if sign == "less" and other[1] == "less" else ()
                        across.setdefault(((one, sign), other), []).append((*stores, *gives))
        for store in stores:
            follows.setdefault((store, "empty"), set()).update(
                [(taker, "less") for taker in takers] + [(maker, "more") for maker in makers])
            follows.setdefault((store, "full"), set()).update(
                [(maker, "less") for maker in makers] + [(taker, "more") for taker in takers])
    res = net.resources
    for r, a in zip(res.use_resource, res.use_activity, strict=True):  # without vehicles or crews less is done
        follows.setdefault((res.name[r], "less"), set()).add((names[net.activities.element[a]], "less"))
    return follows, {pair: tuple(stores) for pair, stores in across.items()}


def _with_elements(
    causes: Sequence[Cause], nodes: Sequence[Symptom], edges: NDArray[np.bool_], count: int
) -> list[Cause]:
    """Return the causes with their elements; of the nodes the first `count` are alarms, the others are silent."""
    card = {alarm: k for k, cause in enumerate(causes) for alarm in (cause.alarm, *cause.folded) if alarm}
    own: dict[str, int] = {}
    for node in nodes[:count]:
        own.setdefault(node.element, card[node.alarm])
    for i, k in zip(*np.nonzero(edges[:count, count:]), strict=True):
        own.setdefault(nodes[count + int(k)].element, card[nodes[int(i)].alarm])
    for k, cause in enumerate(causes):
        if cause.suspected:
            own[cause.element] = k
    own.pop("", None)
    return [replace(cause, elements=tuple(name for name, its in own.items() if its == k))
            for k, cause in enumerate(causes)]


def _refuted(across: Sequence[tuple[str, ...]], held: Mapping[str, str], giving: frozenset[str]) -> bool:
    """Say whether a jump cannot be: each way has a store that is neither empty nor full, or a trade that gives way."""
    return bool(across) and all(any(held.get(one) == "between" or one in giving for one in held_up)
                                for held_up in across)


def _closure(edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return what follows from what in any number of steps, each also from itself."""
    reach = edges | np.eye(len(edges), dtype=bool)
    while True:
        square = reach.astype(np.float32)
        further = (square @ square) > 0.0
        if np.array_equal(further, reach):
            return reach
        reach = further


def _cover(reach: NDArray[np.bool_]) -> list[int]:
    """Return the fewest symptoms that explain all, taken greedily: the one of most, of equals the first of them."""
    left = np.ones(len(reach), bool)
    roots = []
    while left.any():
        best = int(np.argmax((reach & left).sum(axis=1)))  # they stand in the order they came
        roots.append(best)
        left &= ~reach[best]
    return roots


def _assigned(
    edges: NDArray[np.bool_], reach: NDArray[np.bool_], roots: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Return for each alarm its root and the alarm it follows from, by the fewest steps; roots from themselves."""
    own: dict[int, tuple[int, int]] = {}
    for root in roots:
        own[root] = root, root
    count = len(reach)
    for root in roots:
        front, seen = [(root, root)], {root}
        while front:
            after = []
            for i, alarm in front:
                for j in np.flatnonzero(edges[i]).tolist():
                    if j in seen:
                        continue
                    seen.add(j)
                    after.append((j, j if j < count else alarm))
                    if j < count and j not in own and reach[root, j]:
                        own[j] = root, alarm
            front = after
    return own
