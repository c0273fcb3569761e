"""Looking ahead and planning anew from now, in processes of their own: `lodeworks simulate --from` and `plan --from`.

What a child is and what becomes of it is in `errands`; here is what it is given: the state it begins from, kept in its
folder beside the run it makes. What runs say is in `outlook`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import RunError
from lodeworks.watch.errands import Errand, Errands, folders_of
from lodeworks.watch.state import Snapshot, write_state

if TYPE_CHECKING:
    from lodeworks.runs import Run

__all__ = ["KINDS", "Ahead", "latest"]

KINDS = ("simulate", "plan")


class Ahead(Errands):
    """Starts children on one chain; at most one of each kind at a time.

    Parameters
    ----------
    chain
        The chain as the command line takes it.
    folder, more
        As of `Errands`.
    changed
        What is laid over the chain, as the command line takes it: ``--set`` and ``--overlay`` with their values.
    """

    def __init__(self, chain: Path, folder: Path, changed: Sequence[str] = (), **more: Any) -> None:
        super().__init__(folder, **more)
        self.chain, self.changed = chain, tuple(changed)

    def start(self, kind: str, state: Snapshot, options: Sequence[str] = ()) -> Errand:
        """Start a child from a state; one of the kind that still runs is stopped first.

        Raises
        ------
        WatchError
            If the state cannot be written or the child cannot be started.
        """
        folder = self.room(kind)
        file = write_state(folder / "state.json", state)
        plan = state.data.get("plan")
        follow = ("--plan", str(plan)) if kind == "simulate" and plan else ()
        arguments = [kind, str(self.chain), *self.changed, "--from", str(file), "--out", str(folder / "run"), *follow]
        arguments += options
        return self.send(kind, arguments, folder=folder, checked=_no_run)


def latest(folder: Path, kind: str) -> tuple[Run, int] | None:
    """Return the newest run of a kind that can be read, and when it was begun (ms); none where there is none.

    Runs of other processes, and of those before a restart, are found as well; half-written ones are never seen.
    """
    from lodeworks.runs import read_run

    for found in folders_of(folder, kind):
        try:
            return read_run(found / "run"), int(found.name.partition("-")[2])
        except RunError:
            continue  # it still runs, or left nothing; what became of it is told by its errand
    return None


def _no_run(errand: Errand) -> str:
    from lodeworks.runs import read_run

    try:
        read_run(errand.run)
    except RunError as error:
        return str(error)
    return ""
