"""The exceptions a user can meet, and the problem record they carry.

    LodeworksError                exit code 1
    ├── InputError                exit code 2: something the user wrote is wrong; carries every problem found
    ├── RunError                  exit code 2: a run folder cannot be read, or cannot be written
    ├── WatchError                exit code 2: a journal, a history or a source cannot be opened, read or written
    │   ├── AwayError             exit code 1: what is written to cannot be reached now; trying again may help
    │   └── DamagedError          exit code 1: a file is damaged; it is mended at the next start
    ├── SimulationError           exit code 5: a simulation never ends, grows without end, or contradicts itself
    └── PlanError                 the plan has no usable answer
        ├── InfeasibleError       exit code 3: no plan meets every demand and limit; carries the conflict
        ├── UnboundedError        exit code 4: profit without limit; carries the loop that earns it
        └── SolverError           exit code 5: the solver stopped without an answer that could be verified

A message says what is wrong, where, what was found and what would be right. Nothing here knows how a
message is printed; that is for the command line and the views.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

__all__ = [
    "SAID",
    "AwayError",
    "DamagedError",
    "InfeasibleError",
    "InputError",
    "LodeworksError",
    "PlanError",
    "Problem",
    "RunError",
    "SimulationError",
    "SolverError",
    "UnboundedError",
    "WatchError",
    "did_you_mean",
    "nearest",
]


SAID = "LODEWORKS_SAID"
"""The variable of the environment with the file into which a command writes what it fails of in Chinese, if it can say
it: a page that sent it shows that.
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what the user wrote.

    `element` is a dotted path such as ``processes.psa`` and `key` the attribute in it, which may be a
    dotted path of its own (``expansion.cost``). `severity` is ``"error"`` or ``"warning"``; a warning never
    stops a run.
    """

    message: str
    file: str = ""
    element: str = ""
    key: str = ""
    found: str = ""
    expected: str = ""
    suggestion: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, ".".join(p for p in (self.element, self.key) if p)) if part)
        text = f"{where}: {self.message}" if where else self.message
        if self.found:
            text += f"; found {self.found}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.suggestion:
            text += f"; did you mean {self.suggestion!r}?"
        return text

    def as_dict(self) -> dict[str, str]:
        """Return the fields as plain text, for JSON."""
        return asdict(self)


class LodeworksError(Exception):
    """Anything Lodeworks reports to its user; `zh` says the same in Chinese where a page may show it."""

    exit_code = 1
    zh = ""

    def told(self, language: str) -> str:
        """Return what it says in ``en`` or ``zh``; in English where there is no Chinese."""
        return self.zh if language == "zh" and self.zh else str(self)


class InputError(LodeworksError):
    """What the user wrote cannot be used; `problems` holds every fault found, not only the first."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RunError(LodeworksError):
    """A run folder is missing, unfinished or cannot be written."""

    exit_code = 2


class WatchError(LodeworksError):
    """What the live reading keeps or listens to cannot be opened, read or written."""

    exit_code = 2

    def __init__(self, text: str, zh: str = "") -> None:
        super().__init__(text)
        self.zh = zh


class AwayError(WatchError):
    """A store that cannot be reached now: the disk is full, the database away; whoever keeps us running tries again."""

    exit_code = 1


class DamagedError(WatchError):
    """A file that holds rubbish: whoever keeps us running starts us again, and then it is mended."""

    exit_code = 1


class PlanError(LodeworksError):
    """The plan has no answer that may be used."""


class InfeasibleError(PlanError):
    """No plan meets every demand and limit; `reasons` tells the conflict in the chain's words.

    `mended` are what would mend it, in Chinese where it can be said.
    """

    exit_code = 3

    def __init__(self, reasons: Sequence[str], mended: Sequence[str] = ()) -> None:
        self.reasons = tuple(reasons)
        if mended:
            self.zh = "没有方案能同时满足所有需求与限制，补上以下缺口方可：\n" + "\n".join(f"  {m}" for m in mended)
        super().__init__("no plan meets every demand and limit\n" + "\n".join(f"  {r}" for r in self.reasons))


class UnboundedError(PlanError):
    """The objective can be improved without limit; `reasons` tells by what."""

    exit_code = 4

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("the plan can earn without limit\n" + "\n".join(f"  {r}" for r in self.reasons))


class SolverError(PlanError):
    """The solver stopped without an answer that passed verification."""

    exit_code = 5


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like `word`, or ``""`` when none is close."""
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: the known one it may be meant for, or ``""``."""
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else ""


class SimulationError(LodeworksError):
    """A simulation that never ends, grows without end, or contradicts itself."""

    exit_code = 5
