"""Rehearsals: the simulation run as a plant that publishes samples, with faults planted by a script."""

from lodeworks.rehearse.deliver import Broker, Folder, deliver, write_replay, write_truth
from lodeworks.rehearse.rehearsal import Rehearsal, rehearsal_of
from lodeworks.rehearse.script import Script, read_script, script_of
from lodeworks.rehearse.verb import rehearse

__all__ = [
    "Broker", "Folder", "Rehearsal", "Script", "deliver", "read_script", "rehearsal_of", "rehearse", "script_of",
    "write_replay", "write_truth",
]
