"""Small systems of other tools have, as chains, the optima their tools' tests publish; see tests/data/peers."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeworks import check, plan

PEERS = Path(__file__).parent.parent / "data" / "peers"
# The optimum as published, in the unit it is published in, and the accuracy it is published with.
OPTIMA = {
    "genx-dcopf": (395.171391, 1.0, 1e-8),
    "genx-electrolyzer": (-34275.8599, 1e6, 1e-4),
    "genx-three-zones": (6960.20855, 1e6, 1e-9),
    "temoa-utopia": (34853.6835, 1e6, 1e-8),
}
# The same program written out from the tool's equations and solved to the last digit, where what is published is not.
EXACT = {"genx-electrolyzer": -34277.0607169581}


def test_every_system_has_its_published_optimum() -> None:
    assert set(OPTIMA) == {folder.name for folder in PEERS.iterdir() if folder.is_dir()}


@pytest.mark.parametrize("name", OPTIMA)
def test_a_system_has_the_optimum_its_own_tool_finds(name: str) -> None:
    published, unit, accuracy = OPTIMA[name]
    assert not check(PEERS / name)
    found = plan(PEERS / name).manifest["objective"]["value"] / unit
    assert found == pytest.approx(published, rel=accuracy)
    if name in EXACT:
        assert found == pytest.approx(EXACT[name], rel=1e-9)
