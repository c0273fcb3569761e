"""Small systems of other tools have, as chains, the optima their tools' tests publish; see tests/data/peers."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeworks import check, plan

PEERS = Path(__file__).parent.parent / "data" / "peers"
# The optimum as published, in the unit it is published in, and how many digits of it there are.
OPTIMA = {
    "genx-three-zones": (6960.20855, 1e6, 1e-9),
    "temoa-utopia": (34853.6835, 1e6, 1e-8),
}


def test_every_system_has_its_published_optimum() -> None:
    assert set(OPTIMA) == {folder.name for folder in PEERS.iterdir() if folder.is_dir()}


@pytest.mark.parametrize("name", OPTIMA)
def test_a_system_has_the_optimum_its_own_tool_finds(name: str) -> None:
    published, unit, digits = OPTIMA[name]
    assert not check(PEERS / name)
    assert plan(PEERS / name).manifest["objective"]["value"] / unit == pytest.approx(published, rel=digits)
