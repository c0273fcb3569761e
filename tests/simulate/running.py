"""Small chains for the tests of the discrete engine, written as data, and runs of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from lodeworks.network import compile_network
from lodeworks.simulate import replicate
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.tables import measures


def chain(length: float = 20_000.0, step: float = 100.0, **sections: Any) -> Any:
    """Return a chain of one site whose commodities are counted in cases."""
    import yaml

    from lodeworks.verbs import read

    data = {
        "chain": "test", "horizon": {"start": "2026-01-01", "length": f"{length} h", "step": f"{step} h"},
        "units": {"case": "case"}, "sites": {"here": {}}, **sections,
    }
    data.setdefault("commodities", {name: {"unit": "case"} for name in ("job", "mid", "done")})
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chain.yaml"
        file.write_text(yaml.safe_dump(data, sort_keys=False))
        return read(file)


def simulate(entity: Any, replications: int = 16, seed: int = 1, warm_up: float = 0.0) -> Outcome:
    """Run replications of a chain."""
    return replicate(compile_network(entity), replications=replications, seed=seed, warm_up=warm_up)


def z_of(outcome: Outcome, kind: str, name: str, measure: str, exact: float) -> float:
    """Return how many standard errors a mean lies off the exact answer."""
    values = measures(outcome)[kind, name, measure]
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    return (float(np.mean(values)) - exact) / error if error > 0 else float(np.mean(values)) - exact


__all__ = ["chain", "simulate", "z_of"]
