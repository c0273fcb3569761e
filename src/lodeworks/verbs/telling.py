"""What every run tells of how it was made and of its chain: seconds, versions, sites, sources, assumptions."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.chain.claims import Verdict
    from lodeworks.chain.entities import Chain

__all__ = ["PathLike", "Watch", "hash_of", "tables_of_chain", "versions"]


PathLike = str | Path


class Watch:
    """Seconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.restart()

    def restart(self) -> None:
        """Begin a lap now."""
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a lap and begin the next."""
        now = time.perf_counter()
        self.laps[name] = now - self._since
        self._since = now


def hash_of(written: dict[str, Any]) -> str:
    """Return the hash of a chain as written, by which a run knows what it ran on."""
    return hashlib.sha256(json.dumps(written, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of what a result rests on."""
    import platform
    from importlib.metadata import version

    names = ("lodeworks", "highspy", "numba", "numpy", "scipy", "polars")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def tables_of_chain(chain: Chain, verdicts: Sequence[Verdict]) -> dict[str, pl.DataFrame]:
    """Return what a report tells of the chain besides the plan: sites, sources, assumptions and claims."""
    import polars as pl

    sites = [
        (name, site.title.text("en", name), site.title.text("zh", name),
         site.latitude.value if site.latitude else None, site.longitude.value if site.longitude else None)
        for name, site in chain.sites.items()
    ]
    tables = {
        "sites": pl.DataFrame(sites, orient="row", schema={
            "site": pl.String, "title_en": pl.String, "title_zh": pl.String, "latitude": pl.Float64,
            "longitude": pl.Float64,
        }),
        "sources": _texts(["id", *type(next(iter(chain.sources.values()))).model_fields] if chain.sources else ["id"], [
            (name, *(str(value) for _, value in source)) for name, source in chain.sources.items()
        ]),
        "assumptions": _texts(["element", "key", "value", "source", "range"], _assumptions(chain)),
    }
    if verdicts:
        names = ["id", "title_en", "title_zh", "verdict", "printed", "computed", "computed_zh", "note_en", "note_zh"]
        tables["claims"] = _texts(names, [tuple(str(getattr(v, n)) for n in names) for v in verdicts])
    return tables


def _texts(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(rows, orient="row", schema=dict.fromkeys(names, pl.String))


def _assumptions(chain: Chain) -> list[tuple[str, ...]]:
    """Return where every number with a source note comes from: element, key, value, source, range."""
    from lodeworks.chain.entities import named

    rows: list[tuple[str, ...]] = []
    for section, name, entity in named(chain):
        written = entity.model_dump(mode="json") if isinstance(getattr(entity, "source", None), dict) else {}
        for key, source in written.get("source", {}).items():
            value = _reach(written, key)
            rows.append((f"{section}.{name}", key, value, str(source), str(written.get("ranges", {}).get(key, ""))))
    return rows


def _reach(written: Any, key: str) -> str:
    """Return the value at a dotted key, as text; empty where there is none."""
    for part in key.split("."):
        if not isinstance(written, dict) or part not in written:
            return ""
        written = written[part]
    return written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)
