"""The states of an alarm, as data, and the pure step from one to the next.

The terms are those of OPC UA Part 9 (5.8): active, acknowledged, shelved, suppressed, out of service, latched,
silenced. An alarm's *condition* is one of seven; over it lie three *covers* (shelved, suppressed by design, out of
service), under any of which it is not announced. What happens is put down by the engine; nothing here knows of time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["ACTIVE", "COVERS", "TABLE", "UNACKNOWLEDGED", "Act", "Condition", "Event", "State", "step"]


class Condition(StrEnum):
    """What an alarm is, whatever covers it. `HIDDEN` is active and never announced, because something covers it."""

    NORMAL = "normal"
    HIDDEN = "active, not announced"
    ACTIVE_UNACKNOWLEDGED = "active, unacknowledged"
    ACTIVE_ACKNOWLEDGED = "active, acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned, unacknowledged"
    LATCHED_UNACKNOWLEDGED = "latched, unacknowledged"
    LATCHED_ACKNOWLEDGED = "latched, acknowledged"


class Event(StrEnum):
    """What can befall an alarm. `END` of a rule that latches is `LATCH`."""

    BEGIN = "begin"
    END = "end"
    LATCH = "latch"
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"
    RE_ALARM = "re-alarm"
    SILENCE = "silence"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    REMOVE = "remove from service"
    RESTORE = "return to service"


class Act(StrEnum):
    """What follows: the desk is told, or the deed makes no sense in this state."""

    ANNOUNCE = "announce"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class State:
    """An alarm's condition, its three covers, and whether its sound was silenced (which is not acknowledging)."""

    condition: Condition = Condition.NORMAL
    shelved: bool = False
    suppressed: bool = False
    out_of_service: bool = False
    silent: bool = False

    @property
    def covered(self) -> bool:
        """Whether anything keeps it from being announced."""
        return self.shelved or self.suppressed or self.out_of_service

    @property
    def active(self) -> bool:
        """Whether what it watches is so now."""
        return self.condition in ACTIVE

    @property
    def acknowledged(self) -> bool:
        """Whether nobody needs to acknowledge it."""
        return self.condition not in UNACKNOWLEDGED

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to show: normal, and not covered."""
        return self.condition is Condition.NORMAL and not self.covered


_N, _H = Condition.NORMAL, Condition.HIDDEN
_AU, _AA = Condition.ACTIVE_UNACKNOWLEDGED, Condition.ACTIVE_ACKNOWLEDGED
_RU = Condition.RETURNED_UNACKNOWLEDGED
_LU, _LA = Condition.LATCHED_UNACKNOWLEDGED, Condition.LATCHED_ACKNOWLEDGED

ACTIVE = frozenset({_H, _AU, _AA})
UNACKNOWLEDGED = frozenset({_AU, _RU, _LU})

COVERS: dict[Event, tuple[str, bool]] = {
    Event.SHELVE: ("shelved", True), Event.UNSHELVE: ("shelved", False),
    Event.SUPPRESS: ("suppressed", True), Event.UNSUPPRESS: ("suppressed", False),
    Event.REMOVE: ("out_of_service", True), Event.RESTORE: ("out_of_service", False),
}
"""What each event does to the covers. Laying one that lies, or lifting one that does not, is refused."""

_SAME: tuple[Act, ...] = ()
_TELL = (Act.ANNOUNCE,)
_NO = (Act.REFUSE,)

TABLE: dict[Event, dict[Condition, tuple[Condition, Condition, tuple[Act, ...]]]] = {
    # event: {condition: (next when nothing covers it, next under a cover, what follows when nothing covers it)}
    Event.BEGIN: {
        _N: (_AU, _H, _TELL), _H: (_H, _H, _SAME), _AU: (_AU, _AU, _SAME), _AA: (_AA, _AA, _SAME),
        _RU: (_AU, _AU, _TELL), _LU: (_AU, _AU, _TELL), _LA: (_AU, _AU, _TELL),
    },
    Event.END: {
        _N: (_N, _N, _SAME), _H: (_N, _N, _SAME), _AU: (_RU, _RU, _SAME), _AA: (_N, _N, _SAME),
        _RU: (_RU, _RU, _SAME), _LU: (_LU, _LU, _SAME), _LA: (_LA, _LA, _SAME),
    },
    Event.LATCH: {  # what nobody was told of does not latch
        _N: (_N, _N, _SAME), _H: (_N, _N, _SAME), _AU: (_LU, _LU, _SAME), _AA: (_LA, _LA, _SAME),
        _RU: (_RU, _RU, _SAME), _LU: (_LU, _LU, _SAME), _LA: (_LA, _LA, _SAME),
    },
    Event.ACKNOWLEDGE: {
        _N: (_N, _N, _NO), _H: (_AA, _AA, _SAME), _AU: (_AA, _AA, _SAME), _AA: (_AA, _AA, _NO),
        _RU: (_N, _N, _SAME), _LU: (_LA, _LA, _SAME), _LA: (_LA, _LA, _NO),
    },
    Event.RESET: {  # only what is gone and acknowledged (Part 9, Reset)
        _N: (_N, _N, _NO), _H: (_H, _H, _NO), _AU: (_AU, _AU, _NO), _AA: (_AA, _AA, _NO),
        _RU: (_RU, _RU, _NO), _LU: (_LU, _LU, _NO), _LA: (_N, _N, _SAME),
    },
    Event.RE_ALARM: {
        _N: (_N, _N, _SAME), _H: (_H, _H, _SAME), _AU: (_AU, _AU, _TELL), _AA: (_AU, _AA, _TELL),
        _RU: (_RU, _RU, _SAME), _LU: (_LU, _LU, _SAME), _LA: (_LA, _LA, _SAME),
    },
    # The last cover is lifted: what is active is announced. After shelving and out of service also what had been
    # acknowledged, since whoever covered it may have left; suppression comes and goes by itself, and tells only anew.
    Event.UNSHELVE: {
        _N: (_N, _N, _SAME), _H: (_AU, _H, _TELL), _AU: (_AU, _AU, _TELL), _AA: (_AU, _AA, _TELL),
        _RU: (_RU, _RU, _SAME), _LU: (_LU, _LU, _SAME), _LA: (_LA, _LA, _SAME),
    },
    Event.UNSUPPRESS: {
        _N: (_N, _N, _SAME), _H: (_AU, _H, _TELL), _AU: (_AU, _AU, _TELL), _AA: (_AA, _AA, _SAME),
        _RU: (_RU, _RU, _SAME), _LU: (_LU, _LU, _SAME), _LA: (_LA, _LA, _SAME),
    },
}
TABLE[Event.RESTORE] = TABLE[Event.UNSHELVE]


def step(state: State, event: Event) -> tuple[State, tuple[Act, ...]]:
    """Return what a state becomes by an event, and what follows. Every state takes every event.

    What is refused leaves the state as it is. An announcement ends a silence.
    """
    if event is Event.SILENCE:
        if state.acknowledged or state.silent or state.covered:
            return state, _NO
        return replace(state, silent=True), _SAME
    if event in COVERS:
        cover, laid = COVERS[event]
        if getattr(state, cover) is laid:
            return state, _NO
        state = replace(state, **{cover: laid})  # type: ignore[arg-type]
        if laid:
            return state, _SAME
    shown, under, acts = TABLE[event][state.condition]
    if state.covered:
        condition, acts = under, tuple(act for act in acts if act is not Act.ANNOUNCE)
    else:
        condition = shown
    silent = state.silent and condition in UNACKNOWLEDGED and Act.ANNOUNCE not in acts
    return replace(state, condition=condition, silent=silent), acts
