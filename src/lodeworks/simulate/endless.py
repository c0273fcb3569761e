"""What comes without limit and is moved on without limit and in no time: it is brought as it is wanted.

A supply without limit gives whatever is asked for. A route or process without capacity and without a time asks for
ever, unless what it brings has only so much room. Where it has not, it keeps two batches of who takes from there, and
what they take while something is on its way; where nobody limits what is taken, nothing says how much, and the chain is
refused.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping

from lodeworks.errors import InputError, Problem
from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Arc, Draft, Transition

__all__ = ["bring_as_wanted"]


def bring_as_wanted(
    d: Draft, stored: set[int], busiest: Mapping[int, float], top: y.Floats, told: Container[int],
) -> None:
    """Let what nothing limits start when less than a batch is left where it goes, for what makes it two.

    Parameters
    ----------
    stored
        Places that have stores.
    busiest
        The largest batch that comes to or leaves a place, by place.
    top
        The most an hour of each activity, shape (activities,).
    told
        Activities that a plan tells how much to do: they do no more.

    Raises
    ------
    InputError
        Naming what would run without end, and what may limit it.
    """
    free = [t for t in d.transitions if t.activity not in told and _takes_no_time(d, t)]
    given = {p for p, place in enumerate(d.places) if place.spring}
    while more := {arc.place for t in free if _all_in(t.inputs, given) for arc in t.outputs} - given:
        given |= more
    gone = {p for p, place in enumerate(d.places) if place.leaves}
    while more := {arc.place for t in free if _all_in(t.outputs, gone) for arc in t.inputs} - gone:
        gone |= more
    problems = []
    for t in (t for t in free if _all_in(t.inputs, given)):
        p = t.outputs[0].place
        takers = [o for o in d.transitions if any(arc.place == p for arc in o.inputs)]
        without_end = t.outputs[0].lag > 0.0 or all(_holds_all(d, arc.place) for arc in t.outputs)
        if _all_in(t.outputs, gone) or (without_end and not takers):
            problems.append(Problem(
                "what comes without limit is moved on without limit, in no time, and taken without limit",
                element=t.name, found=" → ".join(d.places[arc.place].name for arc in (t.inputs[0], t.outputs[0])),
                expected=f"a `most` where it comes from or is sold, or for {t.name} a `capacity` or `runs` with a time",
            ))
        elif without_end:
            per, batch = t.outputs[0].amount / t.batch, max(busiest[p], *(_most_at_once(o, p) for o in takers))
            wanted = 2.0 * batch + t.outputs[0].lag * sum(_rate(o, p, top) for o in takers)
            if p in stored:  # what comes at once must fit
                wanted = min(wanted, d.places[p].capacity)
            d.places[p].capacity = max(d.places[p].capacity, wanted)
            t.ints |= {y.T_REORDER: p}
            t.floats |= {y.T_ORDER_AT: max(0.0, wanted - batch), y.T_ORDER_TO: wanted, y.T_PER_ORDER: per}
    if problems:
        raise InputError(problems)


def _takes_no_time(d: Draft, t: Transition) -> bool:
    """Say whether neither machines nor pools nor orders keep a transition from starting again at once."""
    held = d.groups[t.group].servers or t.uses or t.ints.get(y.T_REORDER, y.NONE) != y.NONE
    return bool(t.inputs and t.outputs) and not held and d.is_at_once(t)


def _all_in(arcs: list[Arc], places: set[int]) -> bool:
    return all(arc.place in places for arc in arcs)


def _holds_all(d: Draft, p: int) -> bool:
    place = d.places[p]
    return place.leaves or place.let_go or math.isinf(place.capacity)


def _most_at_once(t: Transition, p: int) -> float:
    """Return the most of a place that a transition takes with one start."""
    wanted = max(1.0, t.floats[y.T_ORDER_TO] / (t.batch * t.floats[y.T_PER_ORDER])) if y.T_ORDER_TO in t.floats else 1.0
    return wanted * sum(arc.amount for arc in t.inputs if arc.place == p)


def _rate(t: Transition, p: int, top: y.Floats) -> float:
    """Return the most an hour that a transition takes of a place; nought where it has no limit of its own."""
    most = float(top[t.activity]) if t.activity != y.NONE else math.inf
    return most * sum(arc.amount for arc in t.inputs if arc.place == p) / t.batch if math.isfinite(most) else 0.0
