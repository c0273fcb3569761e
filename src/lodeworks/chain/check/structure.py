"""The shape of the chain: what nobody makes or takes, where things are, and what is cited."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from lodeworks.chain.check.context import Context, both_ways, flows_of, given_by, has_flows, taken_by
from lodeworks.chain.entities import Flow, named
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import UnitProblem

__all__ = ["cited_sources", "dead_ends", "demand_at_all", "idle", "recipes", "sites"]

Balance = tuple[str, str]  # commodity, site ("" where shared by all)


def recipes(context: Context) -> Iterator[Problem]:
    """A process takes or gives something, and its reference is one of its flows."""
    for name, process in context.chain.processes.items():
        where = f"processes.{name}"
        flows = [*given_by(process), *taken_by(process)]
        if not flows:
            yield Problem("a process that takes and gives nothing", element=where, expected="inputs or outputs")
            continue
        reference = process.reference
        if reference and reference in context.chain.commodities and reference not in flows:
            yield Problem("the reference is not among its flows", element=where, key="reference", found=reference,
                          expected=f"one of {', '.join(flows)}", suggestion=nearest(reference, flows))
            continue
        counted = context.commodity_of(process)
        for key in ("outputs", "inputs"):
            flow = getattr(process, key).get(counted)
            if flow is not None and _is_nought(context, flow, counted):
                yield Problem("the amount of the reference commodity is nought", element=where,
                              key=f"{key}.{counted}", found=str(flow.amount.model_dump()),
                              expected="more than 0" + (" in every step" if flow.amount.profile else ""))


def _is_nought(context: Context, flow: Flow, commodity: str) -> bool:
    """Say whether an amount is nought at some time; what cannot be read is told where profiles and units are."""
    if not flow.amount.profile:
        return flow.amount.times is not None and flow.amount.times.value == 0.0
    try:
        return context.usable(commodity) and float(np.min(context.measures.amounts(flow, commodity))) == 0.0
    except (UnitProblem, InputError):
        return False


def sites(context: Context) -> Iterator[Problem]:
    """In a chain of several sites, every element says where it is."""
    chain = context.chain
    if len(chain.sites) < 2:
        return
    for section in ("processes", "supplies", "demands", "stores"):
        for name, entity in getattr(chain, section).items():
            if entity.site:
                continue
            commodities = context.places(entity)
            known = [chain.commodities[c] for c in commodities if c in chain.commodities]
            if known and all(commodity.shared for commodity in known):
                continue
            yield Problem("where it is, in a chain of several sites", element=f"{section}.{name}", key="site",
                          found="nothing", expected=f"one of {', '.join(list(chain.sites)[:8])}")


def _balance(context: Context, commodity: str, site: str) -> Balance:
    entity = context.chain.commodities.get(commodity)
    if entity is not None and entity.shared:
        return commodity, ""
    return commodity, site or (next(iter(context.chain.sites)) if len(context.chain.sites) == 1 else "")


class _Ends:
    """Which balances something fills and something empties: by making or using, and by carrying."""

    def __init__(self, context: Context) -> None:
        chain = context.chain

        def at(commodity: str, site: str) -> Balance:
            return _balance(context, commodity, site)

        self.made: set[Balance] = {at(s.commodity, s.site) for s in chain.supplies.values()}
        self.used: set[Balance] = {at(d.commodity, d.site) for d in chain.demands.values()}
        for process in chain.processes.values():
            taken, given = flows_of(process)
            self.made |= {at(commodity, site) for commodity, site in given}
            self.used |= {at(commodity, site) for commodity, site in taken}
        for store in chain.stores.values():
            self.made |= {at(to, store.site) for to in (store.expires_to, store.reneges_to) if to}
            if store.end != "cyclic":
                self.used.add(at(store.commodity, store.site))
                if store.initial is not None:
                    self.made.add(at(store.commodity, store.site))
        self.used |= {(c, s) for c, e in chain.commodities.items() if e.let_go for s in ("", *chain.sites)}
        self.links = [(at(r.commodity, r.from_), at(r.commodity, r.to)) for r in chain.routes.values()]
        self.links += [(at(r.commodity, r.to), at(r.commodity, r.from_)) for r in chain.routes.values() if both_ways(r)]
        for route in chain.routes.values():
            fleet = chain.fleets.get(route.fleet)
            if fleet is not None:
                site = fleet.refuel.site if fleet.refuel is not None else ""
                self.used |= {at(fuel, site or route.from_) for fuel in fleet.fuel}
        self.filled, self.emptied = set(self.made), set(self.used)
        for _ in self.links:
            self.filled |= {to for origin, to in self.links if origin in self.filled}
            self.emptied |= {origin for origin, to in self.links if to in self.emptied}


def _where(balance: Balance) -> str:
    return f"{balance[0]} at {balance[1]}" if balance[1] else balance[0]


def dead_ends(context: Context) -> Iterator[Problem]:
    """Commodities nobody makes or takes, stores nothing reaches, routes from or to nowhere."""
    chain, ends = context.chain, _Ends(context)
    mentioned = {balance for balance in ends.made | ends.used if balance[0] in chain.commodities}
    for name in chain.commodities:
        own = {balance for balance in mentioned if balance[0] == name}
        links = [link for link in ends.links if link[0][0] == name]
        flows = {balance for balance in own if balance in ends.made} | {b for b in own if b in ends.used}
        real = {b for b in flows if b in ends.made or not chain.commodities[name].let_go}
        if not real and not links and not any(s.commodity == name for s in chain.stores.values()):
            if not _is_named(context, name):
                yield _warning(f"commodities.{name}", "", "nothing makes, takes, carries or holds it")
            continue
        users = _users(context, name)
        for balance in sorted(own):
            if balance in users and balance not in ends.filled:
                yield _warning(f"commodities.{name}", "", f"nothing makes or brings {_where(balance)}, "
                               f"which {users[balance]} takes")
            if balance in ends.made and balance not in ends.emptied:
                yield _warning(f"commodities.{name}", "", f"nothing takes {_where(balance)}, which is made there; "
                               "its surplus cannot be let go")
    for name, store in chain.stores.items():
        balance = _balance(context, store.commodity, store.site)
        if balance not in ends.filled or balance not in ends.emptied:
            what = "nothing fills it" if balance not in ends.filled else "nothing draws on it"
            yield _warning(f"stores.{name}", "", f"{what}: there is no use for {_where(balance)}")
    for name, route in chain.routes.items():
        start = _balance(context, route.commodity, route.from_)
        end = _balance(context, route.commodity, route.to)
        if start not in ends.filled:
            yield _warning(f"routes.{name}", "from", f"nothing to carry: no {_where(start)}")
        elif end not in ends.emptied:
            yield _warning(f"routes.{name}", "to", f"nothing takes {_where(end)}")


def _is_named(context: Context, name: str) -> bool:
    return any(name in (*p.inputs, *p.outputs) for p in context.chain.processes.values())


def _users(context: Context, commodity: str) -> dict[Balance, str]:
    """Return the first user of each balance of a commodity."""
    found: dict[Balance, str] = {}
    for name, demand in context.chain.demands.items():
        if demand.commodity == commodity:
            found.setdefault(_balance(context, commodity, demand.site), name)
    for name, process in context.chain.processes.items():
        for taken, site in flows_of(process)[0]:
            if taken == commodity:
                found.setdefault(_balance(context, commodity, site), name)
    for route in context.chain.routes.values():
        fleet = context.chain.fleets.get(route.fleet)
        if fleet is not None and commodity in fleet.fuel:
            site = fleet.refuel.site if fleet.refuel is not None else ""
            found.setdefault(_balance(context, commodity, site or route.from_), route.fleet)
    return found


def idle(context: Context) -> Iterator[Problem]:
    """Things declared and not used: fleets without routes, pools nobody uses."""
    chain = context.chain
    served = {route.fleet for route in chain.routes.values()}
    for name in chain.fleets:
        if name not in served:
            yield _warning(f"fleets.{name}", "", "no route uses this fleet")
    sections = (chain.processes, chain.supplies, chain.demands, chain.routes)
    users = [user for section in sections for user in section.values()]
    used = {pool for user in users for pool in user.pools}
    used |= {pool for user in users if user.runs is not None for pool in user.runs.crew}
    used |= {pool for p in chain.processes.values() for m in p.modes.values() if m.runs for pool in m.runs.crew}
    used |= {pool for fleet in chain.fleets.values() for pool in fleet.crew}
    repaired = (getattr(user, "failures", None) for user in users)
    used |= {broken.crew for broken in repaired if broken is not None}
    for name in chain.pools:
        if name not in used:
            yield _warning(f"pools.{name}", "", "nothing uses this pool")


def demand_at_all(context: Context) -> Iterator[Problem]:
    """A chain without demands makes nothing; one of things to watch or to do only need not make any."""
    chain = context.chain
    if not chain.commodities and (chain.tags or chain.actions):
        return
    if not context.chain.demands:
        yield _warning("demands", "", "there is no demand, so nothing needs to be made")
    if not any(has_flows(process) for process in context.chain.processes.values()) and not context.chain.supplies:
        yield _warning("supplies", "", "there is no supply and no process, so nothing can be made")


def cited_sources(context: Context) -> Iterator[Problem]:
    """Rows of `sources` that are cited are listed; words such as `assumed` are not rows."""
    known = context.chain.sources
    if not known:
        return
    for section, name, entity in named(context.chain):
        cited = getattr(entity, "source", None)
        for key, text in cited.items() if isinstance(cited, dict) else ():
            for row in re.split(r"[,;，；\s]+", text):
                if row and row not in known and re.fullmatch(r"[A-Za-z]{0,12}[-_]?\d[\w-]*", row):
                    yield Problem("no source of this id is listed", element=f"{section}.{name}",
                                  key=f"source.{key}", found=row, expected="a row of sources",
                                  suggestion=nearest(row, known), severity="warning")


def _warning(element: str, key: str, message: str) -> Problem:
    return Problem(message, element=element, key=key, severity="warning")
