"""What stands where in the folder of one watched chain, for every process that opens it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["WatchFolder"]


@dataclass(frozen=True, slots=True)
class WatchFolder:
    """The folder given as ``--data``; nothing is made until somebody writes."""

    path: Path

    @property
    def history(self) -> Path:
        """The folder of the history, where no database is named instead."""
        return self.path / "history"

    @property
    def present(self) -> Path:
        """The file of the present values."""
        return self.path / "present"

    @property
    def journal(self) -> Path:
        """The journal, with the deeds and what its writer keeps."""
        return self.path / "journal.sqlite"

    @property
    def damaged(self) -> Path:
        """There while a file has been found damaged and not yet been mended, which the next start does."""
        return self.path / "damaged"

    @property
    def accounts(self) -> Path:
        """Who may come in to the pages."""
        return self.path / "accounts.sqlite"

    @property
    def clock(self) -> Path:
        """What a rehearsal faster or slower than real says of its clock, while it lasts."""
        return self.path / "clock.json"

    @property
    def frames(self) -> Path:
        """The latest picture of each camera, ``<camera>.jpg`` or ``.png``, put there whole by rename."""
        return self.path / "frames"

    @property
    def found(self) -> Path:
        """Pictures of places at which inspection rounds found something, kept with their items."""
        return self.path / "found"
