"""What people do: rehearse a chain. Reads it, runs it, plants what the script says, and sends it where it is wanted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from zoneinfo import ZoneInfo

from lodeworks import verbs
from lodeworks.chain.state import State
from lodeworks.errors import InputError, Problem
from lodeworks.network import Network, begin, compile_network, has_slices
from lodeworks.network.arrays import Floats
from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Live
from lodeworks.network.window import finer
from lodeworks.rehearse.deliver import deliver, target_of, write_replay, write_truth
from lodeworks.rehearse.frames import Frames
from lodeworks.rehearse.rehearsal import OWN, Rehearsal, rehearsal_of
from lodeworks.rehearse.script import Script, read_script
from lodeworks.runs import Run, read_run
from lodeworks.said import some_of
from lodeworks.simulate import targets_of
from lodeworks.verbs.watching import folder_of
from lodeworks.watch.clock import HELD, Clock, Rehearsed, head_start, set_clock
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.journal import now_ms
from lodeworks.watch.present import recorded_until

__all__ = ["HOURS", "Done", "begins_after", "rehearse", "rehearse_into"]

HOURS = 8.0
"""How long a rehearsal goes on unless said."""
PACE_H = 0.1
"""By the end of each such part of an hour what follows a plan has done its part of it."""
_NAMED = 6


def rehearse(
    chain: str | Path, *, sets: Sequence[str] = (), overlays: Sequence[str | Path] = (),
    script: str | Path | None = None, hours: float = HOURS, seed: int = 1, at: str = "", begin_ms: int | None = None,
    plan: str | Path | None = None,
) -> Rehearsal:
    """Return the rehearsal of a chain: an iterator of blocks of samples, with the truth beside.

    Parameters
    ----------
    script
        A file of what is planted.
    at
        The moment of the chain's horizon it begins at; its first day at this time of day unless given.
    begin_ms
        What the clock of the samples says at its beginning: `at` in the chain's time zone unless given.
    plan
        The run of a plan of this chain: what runs begins as it stands there and follows it.

    Raises
    ------
    InputError
        If the chain or the script has errors, nothing of the chain is watched, or its horizon is too short.
    SimulationError
        If the simulation cannot be believed.
    """
    entity = verbs.checked(chain, sets=sets, overlays=overlays)
    if has_slices(entity):
        raise InputError(Problem("a rehearsal is of a chain of one horizon", element="horizon",
                                 found="stages, scenarios or periods"))
    live, network = compile_live(entity), compile_network(entity)
    if not any(not tag.name.startswith(OWN) for tag in live.tags):
        raise InputError(Problem("nothing of this chain is watched, so there is nothing to rehearse", element="tags",
                                 expected="tags in the chain"))
    planted = read_script(script, live) if script is not None else Script()
    moment = _moment(network, live, at, hours, begin_ms)
    zone = ZoneInfo(live.timezone)
    began = round(moment.replace(tzinfo=zone).timestamp() * 1000) if begin_ms is None else begin_ms
    at_h = (moment - network.start.replace(tzinfo=None)).total_seconds() / 3600.0
    begun = _planned(network, read_run(plan)) if plan is not None else None
    return rehearsal_of(live, network, planted, at_h=at_h, hours=hours, begin_ms=began, seed=seed, begun=begun)


def _planned(network: Network, run: Run) -> Callable[[float, float], tuple[Network, Mapping[int, Floats]]]:
    """Return what gives the network as a plan stands at an hour, with what it wants run until another.

    Raises
    ------
    InputError
        If the run is none of a plan of one horizon.
    """
    if run.manifest["kind"] != "plan" or run.has_slices:
        raise InputError(Problem("not the run of a plan of one horizon", file=str(run.folder), element="plan"))
    tables = {name: run.table(name) for name in ("levels", "rates", "capacities")}
    built = {name: float(amount) for name, amount in tables.pop("capacities").select("element", "built").iter_rows()
             if amount}

    def begun(first_h: float, last_h: float) -> tuple[Network, Mapping[int, Floats]]:
        start = network.start.replace(tzinfo=None)
        moments = [start + dt.timedelta(hours=hours) for hours in (first_h, last_h)]
        state = State(moments[0], moments[1], first_h / network.hours, last_h / network.hours,
                      built=built)
        cut = begin(network, state, plan=tables, runs=True)
        # A plan's hour is followed evenly: at the hour's target alone all would run at full speed, and then stand.
        cut = finer(cut, max(1, round(cut.hours / PACE_H)))
        return cut, targets_of(cut, tables["rates"])

    return begun


def _moment(network: Network, live: Live, at: str, hours: float, begin_ms: int | None) -> dt.datetime:
    """Return the moment of the horizon a rehearsal begins at."""
    start = network.start.replace(tzinfo=None)
    end = start + dt.timedelta(hours=network.length_h)
    if hours <= 0.0:
        raise InputError(Problem("a rehearsal takes time", element="hours", found=f"{hours:g}", expected="above 0"))
    if at:
        try:
            moment = dt.datetime.fromisoformat(at)
        except ValueError:
            problem = Problem("not a time", element="at", found=at, expected="such as 2026-12-01 06:30")
            raise InputError(problem) from None
        if moment.tzinfo is not None:
            raise InputError(Problem("times are local, without a time zone", element="at", found=at))
    elif begin_ms is None:
        moment = start
    else:
        moment = dt.datetime.fromtimestamp(begin_ms / 1000.0, ZoneInfo(live.timezone)).replace(tzinfo=None)
        if moment < start or moment + dt.timedelta(hours=hours) > end:  # another year: as on its first day
            moment = dt.datetime.combine(start.date(), moment.time())
            moment += dt.timedelta(days=1) if moment < start else dt.timedelta()
    if moment < start or moment + dt.timedelta(hours=hours) > end:
        raise InputError(Problem("the rehearsal is not within the chain's horizon", element="at",
                                 found=f"{moment} and {hours:g} h", expected=f"within {start} to {end}"))
    return moment


def _waits(to: str) -> int | None:
    """Return the time (ms) at which the clock of a folder is held until a rehearsal begins; none where none is."""
    clock = Clock(WatchFolder(Path(to)).clock) if to and "://" not in to else None
    return clock() if clock is not None and clock.speed == HELD else None


def begins_after(folder: Path, begin: int, speed: float, zone: str) -> None:
    """See that nothing was recorded in a folder later than a rehearsal begins that has a clock of its own.

    Time only goes on: set back, what was recorded would be the future, and alarms of it would stand until it is over.

    Raises
    ------
    InputError
        If something was.
    """
    until = recorded_until(WatchFolder(folder).present)
    if until > begin:
        told = [dt.datetime.fromtimestamp(at / 1000.0, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
                for at in (begin, until)]
        raise InputError(Problem(
            f"at {speed:g} times real time a rehearsal begins before what this folder has recorded",
            file=str(folder), element="speed", found=f"a beginning at {told[0]} and records until {told[1]}",
            expected="a folder of its own, and all started together: "
                     f"lodeworks watch CHAIN --data FOLDER --rehearse --speed {speed:g}"))


def _clock(made: Rehearsal, to: str, speed: float) -> AbstractContextManager[None]:
    """Let the folder of a live reading keep the clock of a rehearsal that is faster or slower than real.

    Raises
    ------
    InputError
        If the folder has feeds that are no rehearsal, whose clock is the real one.
    """
    if speed == 1.0 or "://" in to:
        return nullcontext()
    others = [feed.name for feed in made.live.feeds if feed.kind != "rehearsal"]
    if others:
        raise InputError(Problem("a rehearsal that is not in real time needs a clock that real feeds do not have",
                                 element="speed", found=f"{speed:g} beside {', '.join(others)}", expected="1"))
    begun = now_ms()
    until = begun + round(made.hours * 3_600_000 / speed)
    return set_clock(Path(to), Rehearsed(begun, made.begin_ms, speed, until))


def _tell(made: Rehearsal, told: Callable[[str], None]) -> None:
    after = [event for event in made.truths.script.events if event.at_s >= made.hours * 3600.0]
    if after:
        some = some_of([f"{event.kind} at {event.at_s / 60.0:g} min" for event in after], _NAMED)
        told(f"the rehearsal of {made.hours:g} h is over before this begins: {some}")
    if made.empty:
        some = some_of(made.empty, _NAMED)
        told(f"these stores begin empty, since what they hold at first is left to a plan: {some}; expected --plan RUN "
             "to begin as it stands there, or their `initial`")


class Done:
    """What a rehearsal has sent, and where the truth stands."""

    def __init__(self, sent: int, truth: Path, planted: int, passes: int) -> None:
        self.sent, self.truth, self.planted, self.passes = sent, truth, planted, passes


def rehearse_into(
    chain: str | Path, to: str = "", *, speed: float = 1.0, hours: float = HOURS, script: str | Path | None = None,
    seed: int = 1, at: str = "", sets: Sequence[str] = (), overlays: Sequence[str | Path] = (),
    plan: str | Path | None = None,
    progress: Callable[[str], None] | None = None, stop: Callable[[], bool] = lambda: False,
    told: Callable[[str], None] = lambda text: None,
) -> Done:
    """Rehearse a chain and send it: to a broker (``mqtt://…``), the folder of a live reading, or a ``.parquet`` file.

    Unless said, it goes to the folder ``watch/CHAIN`` of the current one. Sent faster than real, samples begin so far
    in the past that the last of them is of now: no sample is ever of the future. A folder keeps the rehearsal's clock
    meanwhile. What is odd about it, such as stores that begin empty, is `told`.

    Raises
    ------
    InputError
        If it would begin before what its folder has recorded.
    WatchError
        If it cannot be sent or written; else as `rehearse`.
    """
    if to.endswith(".parquet"):
        made = rehearse(chain, sets=sets, overlays=overlays, script=script, hours=hours, seed=seed, at=at,
                        plan=plan)
        _tell(made, told)
        truth = Path(to).with_suffix(".truth.json")
        sent = write_replay(made, Path(to))
        write_truth(made, truth)
        return Done(sent, truth, len(made.planted()), len(made.passes()))
    ahead_ms = head_start(hours * 3_600_000, speed)
    waits = _waits(to) if speed != 1.0 else None
    begin = now_ms() - ahead_ms if waits is None else waits
    made = rehearse(chain, sets=sets, overlays=overlays, script=script, hours=hours, seed=seed, at=at,
                    begin_ms=begin, plan=plan)
    _tell(made, told)
    if speed != 1.0 and "://" in to:
        told(f"at {speed:g} times real time through a broker: whoever listens keeps his own clock, shows these samples "
             "as behind and lets alarms and stocks go by that clock; expected --speed 1 to be seen as live, or "
             "--to FOLDER, which keeps the rehearsal's clock")
    to = to or str(folder_of(made.live, None))
    if ahead_ms and waits is None and "://" not in to:
        begins_after(Path(to), begin, speed, made.live.timezone)
    folder = Path("rehearsals") if "://" in to else Path(to) / "rehearsals"
    truth = folder / f"{made.live.name}-{begin}.json"
    late = now_ms() - ahead_ms - begin if waits is None else 0  # reading and simulating took a while
    made.begin_ms += late
    write_truth(made, truth)
    frames = Frames(made.live, made.truths, Path(to), made.begin_ms, speed) if "://" not in to else None
    with target_of(made.live, to) as target, _clock(made, to, speed):
        sent = deliver(made, target, speed=speed, stop=stop, progress=progress,
                       shown=frames.draw if frames else lambda until: None)
    return Done(sent, truth, len(made.planted()), len(made.passes()))
