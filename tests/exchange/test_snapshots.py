"""Networks of PyPSA whose snapshots last differently: segments, with PyPSA's optimum there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pypsa = pytest.importorskip("pypsa")

from lodeworks import check  # noqa: E402 (PyPSA first: without it there is nothing to compare with)
from lodeworks.chain.entities import Chain  # noqa: E402
from lodeworks.errors import InputError  # noqa: E402
from lodeworks.exchange import export_pypsa, import_pypsa  # noqa: E402
from lodeworks.exchange.snapshots import common_step  # noqa: E402
from lodeworks.network import compile_network  # noqa: E402
from lodeworks.plan import optimise  # noqa: E402
from tests.exchange.networks import committed_network, random_network, saved  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
ALL = ["objective", "stores", "generators"]


def cost(chain: Chain) -> float:
    answer = optimise(compile_network(chain), gap=0.0)
    return answer.program.objective(answer.x)


def segmented(seed: int) -> Any:
    """Return a random network, with stores that lose, of snapshots of half an hour to half a day."""
    network = random_network(seed)
    lengths = np.random.default_rng(seed).choice([0.5, 1.0, 2.0, 3.0, 6.0, 12.0], len(network.snapshots))
    network.snapshot_weightings = network.snapshot_weightings.assign(**dict.fromkeys(ALL, lengths))
    network.generators[["ramp_limit_up", "ramp_limit_down"]] = np.nan
    return network


# What PyPSA 1.4 finds, which takes it a second for each.
SEGMENTED = {0: 17209.3095898799, 3: 11825.869927728429}


@pytest.mark.parametrize("seed", SEGMENTED)
def test_snapshots_of_any_length_are_segments_with_pypsas_optimum_there_and_back(seed: int, tmp_path: Path) -> None:
    network = segmented(seed)
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert [p for p in check(chain) if p.severity == "error"] == []
    assert chain.profiles[chain.horizon.segments].values == network.snapshot_weightings.stores.to_list()
    assert cost(chain) == pytest.approx(SEGMENTED[seed], rel=1e-9)
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    back = pypsa.Network(str(tmp_path / "back.nc"))
    assert (back.snapshot_weightings[ALL].to_numpy() == network.snapshot_weightings[ALL].to_numpy()).all()
    assert cost(import_pypsa(tmp_path / "back.nc")[0]) == pytest.approx(SEGMENTED[seed], rel=1e-9)
    begins = (back.snapshots - back.snapshots[0]).total_seconds() / 3600.0
    assert begins.to_list() == (network.snapshot_weightings.stores.cumsum().shift(fill_value=0.0)).to_list()


def test_what_a_store_is_told_to_hold_holds_at_the_end_of_its_snapshot(tmp_path: Path) -> None:
    network = segmented(3)
    network.add("Store", "basin", bus="heat", e_nom=90.0, e_initial=4.0)
    network.stores_t.e_set["basin"] = [np.nan] * (len(network.snapshots) - 2) + [7.0, np.nan]
    chain, left = import_pypsa(saved(network, tmp_path))
    assert left == []
    assert cost(chain) == pytest.approx(11655.784348630132, rel=1e-9)  # what PyPSA 1.4 finds


@pytest.mark.parametrize(("hours", "step"), [
    ([2.0, 2.0], 2.0), ([1.0, 3.0, 12.0], 1.0), ([0.5, 1.0, 1.25], 0.25), ([4.0, 6.0, 10.0], 2.0), ([1 / 3, 1.0], 1 / 3),
    ([1.001, 2.0], 0.001), ([1.0, np.pi], None), ([0.001, 8760.0], None),
])
def test_the_base_step_is_the_longest_that_all_lengths_are_multiples_of(hours: list[float], step: float | None) -> None:
    assert common_step(np.array(hours)) == (pytest.approx(step) if step is not None else None)


def test_what_pypsa_counts_by_the_snapshot_is_refused_by_name_where_these_last_differently(tmp_path: Path) -> None:
    network = committed_network(1)
    network.snapshot_weightings = network.snapshot_weightings.assign(
        **dict.fromkeys(ALL, np.resize([1.0, 3.0], len(network.snapshots))))
    network.add("Bus", "far", carrier="AC")
    network.add("Link", "pipe", bus0="b", bus1="far", p_nom=9.0, delay=2.0, cyclic_delay=False)
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(network, tmp_path))
    assert {(p.element, p.key) for p in caught.value.problems} == {
        *((f"generators.unit {k}", "min_up_time") for k in range(4)), ("links.pipe", "delay"),
        *((f"generators.unit {k}", f"ramp_limit_{way}") for k in (1, 3) for way in ("up", "down"))}


def test_lengths_without_a_step_in_common_are_refused_by_name(tmp_path: Path) -> None:
    network = segmented(3)
    network.snapshot_weightings.loc[network.snapshots[1], ALL] = np.pi
    with pytest.raises(InputError, match=r"snapshots\.weightings\.stores: snapshots of no length, or of no step in common"):
        import_pypsa(saved(network, tmp_path))


def test_what_a_chain_counts_by_the_hour_is_refused_by_name_on_the_way_to_pypsa(tmp_path: Path) -> None:
    chain = Chain.model_validate({
        "chain": "cut", "horizon": {"start": "2026-01-01", "length": "4 h", "cyclic": False, "segments": "lengths"},
        "profiles": {"lengths": {"values": [1, 3]}}, "commodities": {"metal": {"unit": "t"}},
        "demands": {"sale": {"commodity": "metal", "price": "9 CNY/t"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "3 t/h", "on_off": True, "min_up": "2 h", "ramp_up": "50 %/h"}},
    })
    with pytest.raises(InputError) as caught:
        export_pypsa(chain, tmp_path / "cut.nc")
    said = " ".join(str(p) for p in caught.value.problems)
    assert "a ramp over segments of different length" in said
    assert "minimum times over segments of different length" in said
