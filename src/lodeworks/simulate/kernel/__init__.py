"""The event kernel: one compiled loop that runs any network of places, transitions, machines, pools and carriers.

A transition starts when its inputs are there, its outputs have room (where it must have), a machine is free, up and on
shift, and its pools can be seized. What an event changes puts the transitions it may concern on a list, which is worked
off before the next event. The order of simultaneous events is that of the ``RANK_`` codes, then of scheduling.
"""

from lodeworks.simulate.kernel.loop import begin, look_again, run
from lodeworks.simulate.kernel.notes import note

__all__ = ["begin", "look_again", "note", "run"]
