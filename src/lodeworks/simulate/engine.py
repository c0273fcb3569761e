"""Running replications: each with streams of its own, on as many threads as there are cores, each certified.

What a replication is made of is in the kernel; how many are run, and what is left out of them, is decided here. What
they tell is in `tables`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lodeworks.errors import InputError, Problem, SimulationError
from lodeworks.network import Network
from lodeworks.said import Said
from lodeworks.simulate import layout as y
from lodeworks.simulate.addresses import addresses
from lodeworks.simulate.build import build, fresh_state, keyed
from lodeworks.simulate.certify import broken_identities
from lodeworks.simulate.draft import Built
from lodeworks.simulate.keys import stream_key
from lodeworks.simulate.native import Kernel, compiled_kernel, is_kept
from lodeworks.simulate.statistics import Precision
from lodeworks.simulate.stillness import why_still
from lodeworks.simulate.variants import VARIANTS, needs, variant_of

__all__ = ["Outcome", "Replication", "compile_kernel", "fill", "replicate", "run_once"]

_STRETCH = 2_000_000
_MOST_LOTS = 1 << 20
_ENDLESS_FROM, _MOST_EVENTS = 4_000_000, 1e11
_MOST_REPLICATIONS = 1000
_AHEAD = 200  # replications from a state on


@dataclass(frozen=True, eq=False)
class Replication:
    """What one replication leaves: sums at the marks, histograms of stays, how many events.

    Attributes
    ----------
    notes
        Accumulators at the marks that are kept, shape (kept, width); see `kernel.notes` for the order.
    areas
        Levels added up over time, of every place at every mark, shape (marks, places).
    histogram
        How many stays by checkpoint, place and bin, as `bins` reads them.
    ages
        Amounts by their age when they left, of what cools, shape (checkpoints, rows, bins); see `P_AGES`.
    still
        Why nothing moves any more, in words; empty where something does.
    short
        When who takes from a place first found too little, in hours, shape (places,); infinite where never.
    followed
        Sums of what is followed at every mark, shape (marks, columns); see `Outcome.followed`.
    """

    number: int
    notes: y.Floats
    areas: y.Floats
    histogram: y.Ints
    ages: y.Floats
    events: int
    seconds: float
    supplied: y.Floats
    still: Said
    short: y.Floats
    followed: y.Floats


@dataclass(frozen=True, eq=False)
class Outcome:
    """All replications of a chain.

    Attributes
    ----------
    warm_up
        Hours left out at the start of each.
    kept
        Numbers of the marks of which replications keep all sums: the last, and those at which a warm-up may end.
    precise
        Whether the precision asked for was reached; None where none was.
    interrupted
        Whether fewer were run than asked for, because the user stopped them.
    asked
        How many replications were wanted.
    wanted
        Share of each main mean that half its interval was to be; None where that was not asked.
    followed
        Columns of the notes that are kept at every mark: what is made by each transition whose targets are a plan's.
    """

    network: Network
    built: Built
    replications: tuple[Replication, ...]
    seed: int
    warm_up: float
    kept: y.Ints
    precise: bool | None = None
    interrupted: bool = False
    asked: int = 0
    wanted: float | None = None
    followed: y.Ints = field(default_factory=lambda: np.zeros(0, np.int64))


def compile_kernel() -> None:
    """Compile the kernel, or read it from the machine's cache if that has been done."""
    for features in VARIANTS:
        compiled_kernel(features)


def run_once(
    built: Built, seed: int, replication: int, stop: Callable[[], bool] | None = None,
    reached: Callable[[float], None] | None = None,
) -> y.State:
    """Run one replication to its horizon and return the state it ends in.

    While it runs `stop` is asked whether to, and `reached` is told the share of the horizon that is done.

    A run that needs more lots than there is room for begins again with more room: its numbers are the same.

    Raises
    ------
    SimulationError
        If it never gets on in time or never ends, an identity is broken, or lots pile up without end.
    """
    m = keyed(built, seed, replication)
    kernel = compiled_kernel(variant_of(needs(built.model, built.tables)))
    lots = max(built.lots, 4096 + 4 * len(built.tables["mi"]) + 4 * sum(fleet.count for fleet in built.fleets))
    while True:
        s = fresh_state(built, lots)
        where = addresses(m, s)
        fill(kernel, built, where, s, seed, replication)
        code = kernel.begin(where)
        while code == y.PAUSED:
            if stop is not None and stop():
                raise KeyboardInterrupt
            code = kernel.run(where, _STRETCH)
            _refuse_endless(built, s)
            if reached is not None:
                reached(min(1.0, float(s.now[0]) / float(built.model.marks[-1])))
        if code == y.FULL and lots < _MOST_LOTS:
            lots *= 4
            built.lots = max(built.lots, lots)  # others will want as much
            continue
        break
    if code == y.FULL:
        worst = int(np.argmax(s.pi[:, y.P_COUNT]))
        load = s.pf[worst, y.P_IN] / max(s.pf[worst, y.P_OUT], 1e-12)
        raise SimulationError(
            f"{built.places[worst]} fills without end: {int(s.pi[worst, y.P_COUNT]):,} lots at hour {s.now[0]:.6g}; "
            + (why_still(built, s) or f"more arrives than is served, a load of {load:.3g}")
        )
    if code == y.ZERO_TIME:
        busiest = int(np.argmax(s.ti[:, y.T_STARTS]))
        raise SimulationError(
            f"time stands still at hour {s.now[0]:.6g}: {built.transitions[busiest]} starts again and again in no "
            "time; give it a time or a batch"
        )
    broken = broken_identities(built, s) or _overlooked(kernel, built, s, where)
    if broken:
        raise SimulationError("the run contradicts itself and is not shown: " + "; ".join(broken[:5]))
    return s


def _overlooked(kernel: Kernel, built: Built, s: y.State, where: Any) -> list[str]:
    """Return what could go on at the end of a run although no event will set it going: it would stand for ever."""
    kept = {name: getattr(s, name).copy() for name in ("ti", "gi", "mi", "pi")}
    kernel.look_again(where)
    moved = np.flatnonzero((s.ti[:, [y.T_STARTS, y.T_ENDS]] != kept["ti"][:, [y.T_STARTS, y.T_ENDS]]).any(axis=1))
    come = np.flatnonzero(s.pi[:, y.P_N_IN] != kept["pi"][:, y.P_N_IN])
    if not len(moved) and not len(come):
        for name, table in kept.items():  # reasons to wait may be told in another order
            getattr(s, name)[:] = table
        return []
    what = built.transitions[moved[0]] if len(moved) else f"what comes into {built.places[come[0]]}"
    return [f"{what} could go on at the end, and nothing let it look"]


def _refuse_endless(built: Built, s: y.State) -> None:
    """Refuse a run that would take for ever, judged by how far its first events have come.

    Raises
    ------
    SimulationError
        Naming what happens so often.
    """
    events, horizon = int(s.c[y.C_EVENTS]), float(built.model.marks[-1])
    if events < _ENDLESS_FROM or events * horizon <= _MOST_EVENTS * float(s.now[0]):
        return
    counts = [(int(n), f"starts of {name}") for n, name in zip(s.ti[:, y.T_STARTS], built.transitions, strict=True)]
    counts += [(int(n), f"failures of {name}") for n, name in zip(s.gi[:, y.G_FAILURES], built.groups, strict=True)]
    counts += [(int(row[y.S_N]), f"arrivals in {built.places[row[y.S_PLACE]]}") for row in s.si]
    most, what = max(counts)
    raise SimulationError(
        f"events without end: {events:,} of them by hour {s.now[0]:.3g} of {horizon:g}, {most:,} of them {what}; "
        "give longer times, larger batches or a shorter horizon"
    )


def fill(kernel: Kernel, built: Built, where: Any, s: y.State, seed: int, replication: int) -> None:
    """Put what stores hold at the start into them, and vehicles with full tanks where they wait or set out from."""
    for p, amount in enumerate(built.tables["initial"]):
        if amount > 0.0:
            kernel.put(where, p, float(amount), 0.0, 0.0, np.inf, 0.0, 0.0, y.NONE)
    number = 0
    for fleet in built.fleets:
        edges = np.cumsum([chance for _, chance in fleet.roads])
        drawn = np.random.Generator(np.random.Philox(key=np.array(
            stream_key(seed, replication, fleet.name, "on the road"), np.uint64))).random(fleet.count)
        for road in np.searchsorted(edges, drawn, side="right").tolist():
            place = fleet.roads[road][0] if road < len(edges) else fleet.home
            kernel.put(where, place, 1.0, 0.0, 0.0, np.inf, fleet.tank, fleet.service, number)
            number += 1
            if place != fleet.home:
                s.lf[s.pi[place, y.P_TAIL], y.L_LOAD] = 1.0
                s.pf[fleet.home, y.P_BEGUN] -= 1.0
                s.pf[place, y.P_BEGUN] += 1.0
                for pool, units in fleet.crew:
                    s.rf[pool, [y.R_USED, y.R_SEIZED, y.R_BEGUN]] += units


def replicate(
    network: Network, *, replications: int | None = None, seed: int | None = None, warm_up: float | None = None,
    precision: float | None = None, targets: Mapping[int, y.Floats] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Outcome:
    """Run independent replications of a network; the same seed gives the same numbers on any count of cores.

    Parameters
    ----------
    replications
        How many; the fewest where a precision is asked for. Unless given, the chain's, or 200 from a state on.
    warm_up
        Hours left out; where the chain's kind is steady and none is given, they are found by MSER-5.
    precision
        Share of each main mean that half its interval may be: replications go on until it is (to 1,000 at most).
    targets
        What activities may have started by the end of each base step, by activity; see `build`.

    Raises
    ------
    InputError
        If the warm-up leaves nothing of the horizon.
    SimulationError
        As `run_once`, or if a steady state is asked for where there is none.
    """
    from lodeworks.simulate.steady import marks_kept, refuse_overload

    own = network.discrete
    start = own.seed if seed is None else seed
    cut = own.warm_up if warm_up is None else warm_up
    asked = own.precision if precision is None else precision
    horizon = network.length_h
    if not 0.0 <= cut < horizon:
        raise InputError(Problem("the warm-up leaves nothing of the horizon", element="simulation", key="warm_up",
                                 found=f"{cut:g} h", expected=f"less than {horizon:g} h"))
    ahead = network.cut
    count = (_AHEAD if ahead else own.replications) if replications is None else replications
    built = build(network, targets, count if ahead else 1)
    if progress is not None:
        progress(_compiling(built))
    outcome = Outcome(network, built, (), start, cut, marks_kept(network, built, cut), asked=count, wanted=asked,
                      followed=_followed(built, targets or {}))
    rule = Precision(asked) if asked is not None else None
    if rule is not None:
        count = max(count, rule.least)
    steady = own.kind == "steady"
    if steady:
        refuse_overload(network, built)
    try:
        outcome = _settled(_with_more(outcome, count, progress), cut, steady=steady)
        while rule is not None and not _precise(outcome, rule) and len(outcome.replications) < _MOST_REPLICATIONS:
            more = len(outcome.replications) + max(rule.ahead, len(outcome.replications) // 4)
            outcome = _settled(_with_more(outcome, min(more, _MOST_REPLICATIONS), progress), cut, steady=steady)
    except _Stopped as stopped:
        outcome = _settled(stopped.outcome, cut, steady=steady)
    if rule is not None:
        outcome = replace(outcome, precise=_precise(outcome, rule))
    return outcome


def _followed(built: Built, targets: Mapping[int, y.Floats]) -> y.Ints:
    """Return where in a row of notes stands what is made by each transition that has targets, in their order."""
    from lodeworks.simulate.tables import run_column

    return np.array([run_column(built, t) + 1 for t, a in enumerate(built.activity) if a in targets], np.int64)


def _settled(outcome: Outcome, given: float, *, steady: bool) -> Outcome:
    """Return the outcome without its warm-up, so that what is precise is judged by what will be shown."""
    from lodeworks.simulate.steady import steady_from

    return replace(outcome, warm_up=steady_from(outcome, given)) if steady else outcome


class _Stopped(Exception):
    """The user stopped the run; at least two replications are finished."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = replace(outcome, interrupted=True)


def _compiling(built: Built) -> str:
    kept = is_kept(variant_of(needs(built.model, built.tables)))
    return "running" if kept else "compiling the engine (once on a machine, half a minute)"


def _with_more(outcome: Outcome, count: int, progress: Callable[[str], None] | None) -> Outcome:
    """Run replications until there are `count`; what is finished is kept if the user stops them."""
    stopped = False
    under_way: dict[int, float] = {}

    def told() -> None:
        if progress is not None:
            behind = max(count - len(done) - sum(list(under_way.values())), 0.0)
            left = (time.perf_counter() - first) / max(count - before - behind, 1e-9) * behind
            progress(f"replication {len(done)} of {count}, {left:.0f} s left")

    def one(number: int) -> Replication:
        begun = time.perf_counter()

        def reached(share: float) -> None:
            under_way[number] = share
            told()

        s = run_once(outcome.built, outcome.seed, number, lambda: stopped, reached)
        kept = y.CHECKPOINTS if not outcome.network.cut else 0
        return Replication(
            number, s.notes[outcome.kept], s.notes[:, : y.NOTES_PLACE * len(s.pi) : y.NOTES_PLACE].copy(),
            s.histogram[: s.c[y.C_STAYS] if kept else 0].copy(), s.ages[:kept].copy(),
            int(s.c[y.C_EVENTS]), time.perf_counter() - begun,
            s.pf[:, y.P_SUPPLIED].copy(), why_still(outcome.built, s), s.pf[:, y.P_SHORT].copy(),
            s.notes[:, outcome.followed],
        )

    first = time.perf_counter()
    done = list(outcome.replications)
    before = len(done)
    compiled_kernel(variant_of(needs(outcome.built.model, outcome.built.tables)))  # by one, before all of them ask
    pool = ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1))
    try:
        for result in _in_order(pool, one, range(len(done), count)):
            done.append(result)
            under_way.pop(result.number, None)
            told()
    except KeyboardInterrupt:
        stopped = True
        if len(done) < 2:
            raise
        raise _Stopped(replace(outcome, replications=tuple(done))) from None
    except BaseException:
        stopped = True
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return replace(outcome, replications=tuple(done))


def _in_order(
    pool: ThreadPoolExecutor, one: Callable[[int], Replication], numbers: range
) -> Iterator[Replication]:
    """Yield results in the order of their numbers, with no more than a few waiting to be taken."""
    ahead = 4 * (os.cpu_count() or 1)
    waiting: list[Future[Replication]] = []
    for number in numbers:
        waiting.append(pool.submit(one, number))
        if len(waiting) >= ahead:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _precise(outcome: Outcome, rule: Precision) -> bool:
    from lodeworks.simulate.precision import is_precise

    return is_precise(outcome, rule)
