"""What people do with a chain, from Python: read, check, plan, simulate. Each composes the rooms of the house.

The command line and notebooks call these; no logic of an engine lives here.
"""

from lodeworks.verbs.exchanging import import_network, write_network, write_program
from lodeworks.verbs.planning import plan, plan_of
from lodeworks.verbs.reading import check, checked, claims_of, read
from lodeworks.verbs.simulating import simulate
from lodeworks.verbs.watching import ingest

__all__ = [
    "check", "checked", "claims_of", "import_network", "ingest", "plan", "plan_of", "read", "simulate",
    "write_network", "write_program",
]
