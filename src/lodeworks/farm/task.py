"""One scenario, worked out wherever it is sent: a checked chain goes in, the files of its run come out.

Nothing is written here but in a folder that is gone afterwards; whoever asked puts the run in its place. A scenario
that has no answer is an answer too.
"""

from __future__ import annotations

import pickle
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lodeworks.drafts import scratch

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain

__all__ = ["FINDINGS", "Outcome", "Task", "packed", "work"]

FINDINGS = ("infeasible", "unbounded")
"""Ends without a plan that would be the same again; all others may be tried again."""


@dataclass(frozen=True)
class Task:
    """A scenario as it is sent: nothing in it refers to a file.

    Attributes
    ----------
    chain
        The checked chain, pickled and compressed.
    about
        What the manifest says of the scenario.
    """

    name: str
    verb: str
    chain: bytes
    options: Mapping[str, Any]
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a scenario ended; `files` are those of its run folder, by name, where it has one."""

    status: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    why: str = ""
    seconds: float = 0.0


def packed(chain: Chain) -> bytes:
    """Return a chain as it is sent."""
    return zlib.compress(pickle.dumps(chain), 1)


def work(task: Task) -> Outcome:
    """Work a scenario out; whatever goes wrong with it is told, not raised."""
    from lodeworks.errors import InfeasibleError, LodeworksError, UnboundedError

    started = time.perf_counter()
    try:
        status, files = _run(task)
        return Outcome(status, files, "", time.perf_counter() - started)
    except InfeasibleError as error:
        status, why = "infeasible", str(error)
    except UnboundedError as error:
        status, why = "unbounded", str(error)
    except LodeworksError as error:
        status, why = "no answer", str(error)
    except MemoryError:
        status, why = "out of memory", "not enough memory for this scenario; use longer steps or fewer workers"
    except Exception as error:
        status, why = "fault", f"a fault of Lodeworks itself ({type(error).__name__}: {error})"
    return Outcome(status, {}, why, time.perf_counter() - started)


def _run(task: Task) -> tuple[str, dict[str, bytes]]:
    from lodeworks import verbs

    chain = pickle.loads(zlib.decompress(task.chain))
    if task.verb == "plan":
        result: Any = verbs.plan(chain, threads=1, **task.options)
    else:
        result = verbs.simulate(chain, **task.options)
    result.manifest["scenario"] = dict(task.about)
    with scratch() as folder:
        place = result.write(folder / "run")
        return str(result.manifest["status"]), {path.name: path.read_bytes() for path in sorted(place.iterdir())}
