"""A farm: many independent scenarios of one chain, each a run of its own, and one table of them all.

`scenarios` reads and checks the file that names them, `task` runs one, `local` and `cluster` run many, `table` lays
out what was found, `engine` holds it together. A tornado is a farm whose scenarios are the ends of stated ranges.
"""

from __future__ import annotations

__all__: list[str] = []
