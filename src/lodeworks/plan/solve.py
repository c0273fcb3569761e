"""Handing a program to HiGHS and taking back what it found, with a progress line and a clean stop.

Nothing here says whether an answer is right: see `verify`. What a failed solve means in the chain's words is
told by `explain`.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lodeworks.errors import SolverError
from lodeworks.network.arrays import Floats
from lodeworks.plan.program import Program

__all__ = ["MANY", "RACE", "Outcome", "Progress", "Resolver", "Runner", "hand_over", "linear_method", "solve"]

Progress = Callable[[str], None]

# Above this many nonzeros an interior point with crossover beats the dual simplex on yearly chains.
_LARGE = 300_000
# From this many whole numbers on a program is one of units on and off. Let go or fixed, the dual simplex then beats
# the interior point forty times (twenty units over a quarter: 5 s against 180 s), since few of its rows bind.
MANY = 500
# The method that is a race of methods (`lodeworks.plan.race`); where there is none, methods are chosen by size.
RACE = "race"
# HiGHS's numbers for the two ways of the simplex.
_DUAL, _PRIMAL = 1, 4
# By how much a row of a scaled program may be missed and count as kept.
_HOLDS = 1e-9
# Seconds a cancelled solver may take to stop by itself.
_GRACE = 3.0


@dataclass(frozen=True)
class Runner:
    """One solver of a race: how it ended, after how many seconds.

    `ended` is ``won``, ``stopped`` (another was first) or why it lost.
    """

    method: str
    seconds: float
    ended: str


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solver came back with.

    Attributes
    ----------
    status
        ``optimal``, ``time limit`` (a feasible answer, not proved best), ``infeasible``, ``unbounded``.
    x, y
        Columns and row duals; empty where there is no answer.
    gap
        For whole-number programs the relative gap the solver proved, else nought.
    race
        How each solver fared, where several were run at once (`lodeworks.plan.race`).
    """

    status: str
    x: Floats
    y: Floats
    gap: float
    method: str
    seconds: float
    iterations: int
    race: tuple[Runner, ...] = ()


def solve(
    program: Program,
    *,
    time_limit: float | None = None,
    gap: float = 1e-4,
    method: str = "",
    presolve: bool = True,
    threads: int = 0,
    nodes: int | None = None,
    start: Floats | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Solve a (scaled) program.

    Parameters
    ----------
    time_limit
        Seconds after which the best answer found so far is returned.
    gap
        Relative gap at which a whole-number program counts as solved.
    method
        ``simplex``, ``ipm`` or empty to choose by size.
    presolve
        Whether the solver may reduce the program first.
    threads
        Threads the solver may use; nought leaves it to the solver.
    nodes
        How many nodes of a whole-number search are looked at, at most.
    start
        A feasible answer to start a whole-number search from.
    progress
        Called now and then with a short text: iterations or gap, and seconds so far.

    Raises
    ------
    SolverError
        If the solver stops without an answer and without a proof that there is none.
    MemoryError
        If there is not enough memory for the solver.
    KeyboardInterrupt
        If the user stops it.
    """
    integers = bool(program.integer.any())
    method = "simplex" if integers else linear_method(program, method)
    highs = _ready_solver(integers, gap=gap, threads=threads, method=method)
    if not presolve:
        highs.setOptionValue("presolve", "off")
    if time_limit is not None:
        highs.setOptionValue("time_limit", float(time_limit))
    if nodes is not None:
        highs.setOptionValue("mip_max_nodes", nodes)

    def hand_over() -> None:
        _hand_over(highs, program)
        if start is not None:
            import highspy

            solution = highspy.HighsSolution()
            solution.col_value = start.tolist()
            highs.setSolution(solution)

    started = time.perf_counter()
    _run(highs, progress, hand_over)
    seconds = time.perf_counter() - started
    return _read_back(highs, program, method if not integers else "branch and cut", seconds)


def linear_method(program: Program, method: str = "") -> str:
    """Return how to solve what is left of a program once its whole numbers are let go or fixed, or the method given."""
    many = int(program.integer.sum()) >= MANY
    return method if method not in ("", RACE) else ("ipm" if program.matrix.nnz > _LARGE and not many else "simplex")


class Resolver:
    """A solver that keeps a program and is asked again with other costs and bounds, beginning where it last ended.

    Raises what `solve` raises.
    """

    def __init__(
        self, *, gap: float = 1e-4, method: str = "", threads: int = 0, progress: Progress | None = None
    ) -> None:
        self._gap, self._method, self._threads, self._progress = gap, method, threads, progress
        self._highs: Any = None
        self._last: Floats | None = None

    def solve(self, program: Program, *, fresh: bool = False, far: bool = False) -> Outcome:
        """Solve a program whose matrix is that of the last one; `fresh` forgets where the last ended, for the simplex.

        So does `far`, for a program so large that the interior point gets to where all is different before the simplex
        has walked there (the front of the shoe works' month: 5 s against 40 s).
        """
        integers = bool(program.integer.any())
        started = time.perf_counter()
        method = "simplex"
        first = linear_method(program, self._method)
        if self._highs is None or fresh or (far and first == "ipm"):
            method = "simplex" if fresh else first
            self._highs = _ready_solver(integers, gap=self._gap, threads=self._threads, method=method)
            change = partial(_hand_over, self._highs, program)
        else:
            if not integers:
                self._highs.setOptionValue("solver", "simplex")
                self._highs.setOptionValue("simplex_strategy", _PRIMAL if self._still_holds(program) else _DUAL)
            change = partial(self._change, program)
        _run(self._highs, self._progress, change)
        found = _read_back(self._highs, program, "branch and cut" if integers else method,
                           time.perf_counter() - started)
        self._last = found.x if found.status == "optimal" else None
        return found

    def _still_holds(self, program: Program) -> bool:
        """Say whether the last answer keeps within a program's rows.

        From there the primal simplex goes on whatever the costs are; the dual one, which is for rows that no longer
        hold, would have to begin anew where costs have changed too.
        """
        if self._last is None:
            return False
        activity = program.matrix @ self._last
        return bool((activity <= program.row_upper + _HOLDS).all() and (activity >= program.row_lower - _HOLDS).all())

    def _change(self, program: Program) -> None:
        columns, rows = np.arange(len(program.cost), dtype=np.int32), np.arange(len(program.row_lower), dtype=np.int32)
        self._highs.changeColsCost(len(columns), columns, program.cost)
        self._highs.changeObjectiveOffset(program.offset)
        self._highs.changeRowsBounds(len(rows), rows, program.row_lower, program.row_upper)


def _ready_solver(integers: bool, *, gap: float, threads: int, method: str) -> Any:
    """Return a silent solver with the options all programs share."""
    highs = _silent_solver()
    highs.setOptionValue("threads", threads)
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9 if not integers else 1e-8)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
    if not integers:
        highs.setOptionValue("solver", method)
    return highs


def hand_over(program: Program) -> Any:
    """Return a silent solver that holds a program."""
    highs = _silent_solver()
    highs.setOptionValue("output_flag", False)
    _hand_over(highs, program)
    return highs


def _silent_solver() -> Any:
    """Return a solver that prints nothing, not even its name when callbacks are set up."""
    import highspy

    class Silent(highspy.Highs):  # type: ignore[misc, unused-ignore]
        def enableCallbacks(self) -> None:  # noqa: N802 (the solver's own name)
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Silent()  # type: ignore[no-untyped-call]


def _hand_over(highs: Any, program: Program) -> None:
    """Pass every array in one call; setting the attributes of HiGHS's own struct is several times slower."""
    import highspy

    matrix = program.matrix.tocsc()
    rows, columns = matrix.shape
    status = highs.passModel(
        columns, rows, matrix.nnz, int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize),
        program.offset, program.cost, program.lower, program.upper, program.row_lower, program.row_upper,
        matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
        program.integer.astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise SolverError("the solver refused the program")


def _run(highs: Any, progress: Progress | None, prepare: Callable[[], None]) -> None:
    """Hand over and run in a thread, so that a Ctrl-C is heard, telling how far it is from the solver's own log lines.

    The solver looks at a cancellation now and then only; after a moment's grace it is left to itself. It runs once on
    nothing before it is handed a program: a thread that first needs memory of its own when there is none left is
    ended by the C library, and the process with it.
    """
    if progress is not None:
        highs.setOptionValue("output_flag", True)
        highs.setOptionValue("log_to_console", False)
        highs.cbLogging += lambda event: _tell(event.message, progress)
    highs.HandleUserInterrupt = True
    done = threading.Event()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            highs.run()
            prepare()
            highs.run()
        except RuntimeError as error:  # a worker thread could not be started
            faults.append(MemoryError(str(error)) if _NO_THREAD in str(error) else error)
        except BaseException as error:  # told by the thread that waits
            faults.append(error)
        finally:
            done.set()

    try:
        threading.Thread(target=work, daemon=True, name="solver").start()
    except RuntimeError as error:
        raise MemoryError(str(error)) from None
    try:
        while not done.wait(0.2):
            pass
    except KeyboardInterrupt:
        highs.cancelSolve()
        done.wait(_GRACE)
        raise
    if faults:
        raise faults[0]


# What the C library says where there is no memory (or no more threads) for one.
_NO_THREAD = "Resource temporarily unavailable"
_LOG_LINE = re.compile(r"^\s*[A-Z]?\s+\d+.*\s(?P<seconds>[\d.]+)s?\s*$")


def _tell(message: str, progress: Progress) -> None:
    line = " ".join(message.split())
    if _LOG_LINE.match(message.rstrip("\n")):
        progress(line)


def _read_back(highs: Any, program: Program, method: str, seconds: float) -> Outcome:
    import highspy

    status = highs.getModelStatus()
    info = highs.getInfo()
    names = highspy.HighsModelStatus
    iterations = max(info.simplex_iteration_count, 0) + max(info.ipm_iteration_count, 0)
    integers = bool(program.integer.any())
    feasible = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    found = {
        names.kOptimal: "optimal",
        names.kModelEmpty: "optimal",
        names.kInfeasible: "infeasible",
        names.kUnbounded: "unbounded",
        names.kUnboundedOrInfeasible: "infeasible or unbounded",
    }.get(status, "")
    if status in (names.kTimeLimit, names.kIterationLimit, names.kSolutionLimit, names.kInterrupt):
        if status == names.kInterrupt:
            raise KeyboardInterrupt
        if not feasible:
            raise SolverError("the time limit passed before a first plan was found; allow more time")
        found = "time limit"
    if status in (names.kMemoryLimit, names.kNotset):  # not set: it could not allocate what it needs to begin
        raise MemoryError("the solver ran out of memory")
    if not found:
        raise SolverError(f"the solver stopped without an answer: {highs.modelStatusToString(status)}")
    empty = np.zeros(0)
    if found not in ("optimal", "time limit"):
        return Outcome(found, empty, empty, 0.0, method, seconds, iterations)
    solution = highs.getSolution()
    x = np.asarray(solution.col_value, float)
    y = np.asarray(solution.row_dual, float) if solution.dual_valid else np.zeros(len(program.row_lower))
    if status == names.kModelEmpty:
        x, y = np.clip(np.zeros(len(program.cost)), program.lower, program.upper), np.zeros(len(program.row_lower))
    gap = float(info.mip_gap) if integers else 0.0
    return Outcome(found, x, y, gap, method, seconds, iterations)
