"""Scenarios on a Dask cluster: sent to its scheduler, worked out by its workers, collected here.

A worker that dies loses nothing: the scheduler gives its scenarios to others. Dask is imported only when a cluster
is asked for.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

from lodeworks.errors import InputError, Problem, RunError
from lodeworks.farm.task import Outcome, Task, work

__all__ = ["on_cluster"]

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/:]+:\d{1,5}")
_PATIENCE_S = 10.0
_WORKERS_WITHIN_S = 30.0
# Scenarios under way for each thread of the cluster: one at work, one waiting.
_AHEAD = 2


def connect(address: str) -> Any:
    """Return a client of the scheduler at an address.

    Raises
    ------
    InputError
        If Dask is not installed, nothing answers there, there are no workers, or they run another Lodeworks.
    """
    if not _ADDRESS.fullmatch(address):
        raise InputError(Problem("not the address of a Dask scheduler", element="--dask", found=address,
                                 expected="tcp://host:port"))
    try:
        from distributed import Client
    except ImportError:
        raise InputError(Problem("Dask is not installed", element="--dask",
                                 expected="`pip install 'lodeworks[dask]'`, here and on the workers")) from None
    for name in ("distributed", "distributed.client", "distributed.comm.core"):  # what goes wrong is told here
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client: Any = Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(Problem(
            "no Dask scheduler answers at this address", element="--dask", found=address,
            expected="one that runs: start `dask scheduler`, and `dask worker` with its address",
        )) from error
    try:
        _check_workers(client, address)
    except BaseException:
        client.close()
        raise
    return client


def _check_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_WORKERS_WITHIN_S)
    except TimeoutError:
        raise InputError(Problem("the scheduler has no workers", element="--dask", found=address,
                                 expected=f"a worker: dask worker {address}")) from None
    mine = _version()
    try:
        theirs = client.run(_version)
    except Exception as error:  # whatever a worker without Lodeworks says
        raise InputError(Problem(f"the workers cannot run Lodeworks: {error}", element="--dask", found=address,
                                 expected=f"Lodeworks {mine} installed on every worker")) from error
    others = {worker: version for worker, version in theirs.items() if version != mine}
    if others:
        worker, version = next(iter(others.items()))
        raise InputError(Problem("a worker runs another Lodeworks", element="--dask", found=f"{worker}: {version}",
                                 expected=mine))


def _version() -> str:
    from importlib.metadata import version

    return version("lodeworks")


def on_cluster(tasks: Iterable[Task], client: Any, address: str) -> Iterator[tuple[Task, Outcome]]:
    """Work tasks out on a cluster, handing on each as it ends; whatever ends the iteration calls the rest off.

    Raises
    ------
    RunError
        If the scheduler goes away; what was handed on before is not lost.
    """
    from distributed import as_completed

    waiting: dict[Any, Task] = {}
    source = iter(tasks)
    ended = as_completed(loop=client.loop)
    stamp = time.time_ns()
    try:
        while True:
            room = max(1, _AHEAD * sum(client.ncores().values())) - len(waiting)
            for _, task in zip(range(room), source, strict=False):
                future = client.submit(work, task, pure=False, key=f"lodeworks-{stamp}-{task.name}")
                waiting[future] = task
                ended.add(future)
            if not waiting:
                return
            future = next(ended)
            task = waiting.pop(future)
            yield task, _outcome(future, address)
            future.release()
    except (OSError, TimeoutError) as error:
        raise _gone(address) from error
    finally:
        for future in waiting:
            if client.status == "running":
                future.cancel()
        client.close()


def _outcome(future: Any, address: str) -> Outcome:
    from distributed import KilledWorker

    if future.status in ("cancelled", "lost"):
        raise _gone(address)
    try:
        outcome: Outcome = future.result()
        return outcome
    except KilledWorker:
        return Outcome("died", {}, "every worker that tried it was ended; most often that is a lack of memory: "
                                   "use longer steps, a shorter horizon or larger workers")
    except OSError:
        raise
    except Exception as error:  # what a worker could not even begin
        return Outcome("fault", {}, f"the worker could not run it ({type(error).__name__}: {error})")


def _gone(address: str) -> RunError:
    return RunError(f"the Dask scheduler at {address} is gone; scenarios that were finished are kept, and the same "
                    "command goes on with the rest")
