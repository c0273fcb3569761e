"""What the next events will touch is asked for from memory while this one is worked off.

Where there are many elements most of what an event reads lies far off, and who waits for it line by line waits long.
But an event rises in the event list before its time comes: as it comes into the fourth level from the top its own row
is asked for, in the third what that names, in the second all that is near, and at the top the lot it will take. Nothing
here changes anything.
"""

from __future__ import annotations

from lodeworks.simulate.compiled import (
    AHEAD,
    AI,
    BASE,
    GI,
    HEAP_EVENT,
    JI,
    LI,
    MI,
    NEAR,
    PI,
    RARE,
    SCALARS,
    SI,
    TI,
    XI,
    ask,
    hot,
)
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints

__all__ = ["ask_ahead"]

LINE = 8  # numbers in a cache line


@hot
def ask_ahead(w: Ints) -> None:
    """Ask for what the events will touch that have just risen in the event list."""
    if SCALARS(w)[C_HEAP] < ASKED_FROM:
        return
    sources, groups = BASE(w)[1], BASE(w)[2]
    event = HEAP_EVENT(w)[SCALARS(w)[C_PATH + 3]]
    if _is_job(w, event):
        ask(JI(w), (_job(w, event), J_TRANSITION))
    elif sources <= event < groups:
        ask(SI(w), (event - sources, S_PLACE))
        ask(NEAR(w), (len(TI(w)) + event - sources, 0))
    event = HEAP_EVENT(w)[SCALARS(w)[C_PATH + 2]]
    if _is_job(w, event):
        t = JI(w)[_job(w, event), J_TRANSITION]
        ask(NEAR(w), (t, 0))
        ask(TI(w), (t, T_LISTED))
        _ask_more_of_transition(w, t)
    event = HEAP_EVENT(w)[SCALARS(w)[C_PATH + 1]]
    if _is_job(w, event):
        job = _job(w, event)
        t = JI(w)[job, J_TRANSITION]
        ask(MI(w), (JI(w)[job, J_MACHINE], M_STATE))
        ask(GI(w), (NEAR(w)[t, N_GROUP], G_IDLE))
        _ask_place(w, NEAR(w)[t, N_PLACE])
        _ask_place(w, NEAR(w)[t, N_TO])
        _ask_stream(w, NEAR(w)[t, N_STREAM])
        ask(AI(w), (NEAR(w)[t, N_ARC], 0))
        ask(AI(w), (NEAR(w)[t, N_ARC] + 1, 0))
    elif sources <= event < groups:
        near = len(TI(w)) + event - sources
        p = NEAR(w)[near, N_PLACE]
        ask(PI(w), (p, P_HEAD))
        ask(PI(w), (p, P_HEAD + LINE))
        ask(TI(w), (NEAR(w)[near, N_TRANSITION], T_LISTED))
        ask(GI(w), (NEAR(w)[near, N_GROUP], G_IDLE))
        _ask_stream(w, NEAR(w)[near, N_ARRIVALS])
    event = HEAP_EVENT(w)[0]
    if _is_job(w, event):
        t = JI(w)[_job(w, event), J_TRANSITION]
        ask(LI(w), (PI(w)[NEAR(w)[t, N_PLACE], P_HEAD], L_NEXT))
        _ask_draw(w, NEAR(w)[t, N_STREAM])
    elif sources <= event < groups:
        near = len(TI(w)) + event - sources
        p = NEAR(w)[near, N_PLACE]
        ask(LI(w), (PI(w)[p, P_TAIL], L_NEXT))
        _ask_draw(w, NEAR(w)[near, N_ARRIVALS])
        machine = GI(w)[NEAR(w)[near, N_GROUP], G_IDLE]
        if machine != NONE:  # what arrives is begun at once
            t = NEAR(w)[near, N_TRANSITION]
            ask(MI(w), (machine, M_STATE))
            ask(PI(w), (p, P_HEAD + 2 * LINE))
            _ask_more_of_transition(w, t)
            _ask_stream(w, NEAR(w)[near, N_STREAM])
            ask(AI(w), (NEAR(w)[near, N_ARC], 0))


@hot
def _is_job(w: Ints, event: int) -> bool:
    """Return whether an event is a job's, and not that of a lot whose patience ends."""
    return event >= BASE(w)[5] and (not RARE(w) or (event - BASE(w)[5]) & 1 == 0)


@hot
def _job(w: Ints, event: int) -> int:
    return (event - BASE(w)[5]) >> 1


@hot
def _ask_more_of_transition(w: Ints, t: int) -> None:
    ask(TI(w), (t, T_LISTED + LINE))
    ask(TI(w), (t, T_LISTED + 2 * LINE))


@hot
def _ask_place(w: Ints, p: int) -> None:
    ask(PI(w), (p, P_HEAD))
    ask(PI(w), (p, P_HEAD + LINE))
    ask(PI(w), (p, P_HEAD + 2 * LINE))


@hot
def _ask_stream(w: Ints, stream: int) -> None:
    """Ask for a stream's first line; its draws made ahead fill another."""
    ask(XI(w), (stream, X_DRAWN))


@hot
def _ask_draw(w: Ints, stream: int) -> None:
    ask(AHEAD(w), (stream, XI(w)[stream, X_DRAWN] & (X_AHEAD - 1)))
