"""The works of `tests.watch.works` as a site that is served: its chain as a file, its plan as a run, what was measured."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.network.live import Live
from lodeworks.runs import read_run
from lodeworks.verbs import plan
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.history import open_history
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Samples
from tests.watch.works import TAGS, WORKS, ZONE

LIVE = Live("works", "Works", "工厂", tags=TAGS, titles=(("washing", "Washing", "洗选"), ("heap", "Heap", "煤堆"), ("coking", "Coking", "焦化"), ("clean", "Clean coal", "精煤"), ("coke", "Coke", "焦炭")), timezone=ZONE)
SAID = {"wash_belt": 30.0, "coke_belt": 20.0, "steel_belt": 18.0, "engine_power": 4000.0, "heap_level": 20.0, "holder_level": 3000.0}


def built(folder: Path) -> None:
    """Write the chain, its plan from yesterday on, and a history of the last five hours."""
    data: dict[str, Any] = {**WORKS, "horizon": {"start": str(dt.date.today() - dt.timedelta(days=1)), "length": "3 d"}, "simulation": {"replications": 8, "seed": 1}}
    (folder / "works.yaml").write_text(yaml.safe_dump(data, allow_unicode=True))
    plan(folder / "works.yaml", out=folder / "week").write(folder / "week", replace=True)


def measure(folder: Path, now: int, hours: float = 5.0) -> None:
    """Let every tag have read what is said for some hours, each ten seconds, until now."""
    at = np.arange(now - round(hours * 3_600_000), now + 1, 10_000, dtype=np.int64)
    parts = [Samples(np.full(len(at), LIVE.place[name], np.int32), at, at, np.full(len(at), value), np.zeros(len(at), np.uint8)) for name, value in SAID.items()]
    where = WatchFolder(folder / "watch")
    names = [tag.name for tag in LIVE.tags]
    history = open_history(where.history, names)
    history.write(Samples.joined(parts))
    history.close()
    beat(folder, now)


def beat(folder: Path, now: int) -> None:
    """Let everything be measured now."""
    names, where = [tag.name for tag in LIVE.tags], WatchFolder(folder / "watch")
    numbers = [LIVE.place[name] for name in SAID]
    Present.create(where.present, names).set(Samples.of(numbers, [now] * len(numbers), [now] * len(numbers), list(SAID.values()), [0] * len(numbers)), now)


def serve_works(folder: Path, port: int) -> None:
    """Serve it, with the plan and the chain to look ahead from."""
    from lodeworks.pages import serve
    from lodeworks.watch.against_plan import Against
    from lodeworks.watch.planned import Planned

    network = compile_network(Chain.model_validate(yaml.safe_load((folder / "works.yaml").read_text())))
    against = Against(network, Planned.of_run(read_run(folder / "week"), network, zone=ZONE), LIVE)
    serve(LIVE, folder / "watch", port=port, against=against, chain=folder / "works.yaml", network=lambda: network)
