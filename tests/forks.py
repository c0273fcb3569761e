"""Processes of their own that cost little: forked from one that has read the program already.

What a start from nothing costs is measured elsewhere, and the commands themselves are started by the tests that are
about them.
"""

from __future__ import annotations

import multiprocessing

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["lodeworks.pages.server", "lodeworks.watch.ingest", "tests.pages.plant", "tests.pages.browser", "tests.watch.plant"])
