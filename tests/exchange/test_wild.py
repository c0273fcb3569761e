"""Whatever PyPSA's components can say, in any combination: it goes there and back with one optimum, or is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

pypsa = pytest.importorskip("pypsa")

from hypothesis import given, settings  # noqa: E402 (PyPSA first: without it there is nothing to compare with)
from hypothesis import strategies as st  # noqa: E402

from lodeworks.chain.entities import Chain  # noqa: E402
from lodeworks.errors import InfeasibleError, InputError  # noqa: E402
from lodeworks.exchange import export_pypsa, import_pypsa  # noqa: E402
from lodeworks.network import compile_network, compile_pathway, has_slices  # noqa: E402
from lodeworks.plan import optimise  # noqa: E402
from lodeworks.plan.pathway import optimise_pathway  # noqa: E402
from tests.exchange.networks import saved  # noqa: E402
from tests.exchange.wild import FEATURES, OVER_PERIODS, wild_network  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def planned(chain: Chain) -> float | None:
    """Return the optimum; nothing where there is none."""
    try:
        if has_slices(chain):
            return optimise_pathway(compile_pathway(chain), gap=0.0).objective
        answer = optimise(compile_network(chain), gap=0.0)
    except InfeasibleError:
        return None
    return answer.program.objective(answer.x)


def goes_there_and_back(network: object, folder: Path) -> str:
    """Return what became of a network: refused on the way in or out, without a plan, or the same; else it fails."""
    refused: InputError | None = None
    found = None
    try:
        chain, left = import_pypsa(saved(network, folder))
        assert left == []
        found = planned(chain)
        export_pypsa(chain, folder / "back.nc", replace=True)
        again, _ = import_pypsa(folder / "back.nc")
    except InputError as error:
        refused = error
    if refused is not None:
        assert all(problem.element for problem in refused.problems)
        return "refused"
    if found is None:
        return "no plan"
    assert planned(again) == pytest.approx(found, rel=1e-6, abs=1e-6)
    return "the same"


@pytest.mark.parametrize(("feature", "key"), [("inflow below nought", "inflow"), ("store sign", "sign")])
def test_what_a_store_of_pypsa_says_and_a_chain_cannot_is_refused_by_name(feature: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        import_pypsa(saved(wild_network({feature}, 5), tmp_path))
    assert {problem.key for problem in caught.value.problems} == {key}


# What PyPSA 1.4 finds, which takes it some seconds for each.
FOUND = {
    (0, "mesh, second line, transformer, transformer shift, transformer types"): 5114.186065028777,
    (1, "mesh, second line, transformer, transformer shift, transformer types"): 17427.053081120426,
    (1, "mesh, transformer shift over time"): 15154.181773311973,
    (1, "mesh, series capacitor, transformer shift"): 28846.13647915873,
    (0, "a bid"): 3591.6914663469183,
    (0, "given charge, given store level, store growth, unit growth"): 5225.3568058298515,
    (0, "carbon at least, efficiency over time"): 7560.568454938464,
    (0, "holding cost over time, store loss over time, unit loss over time"): 5129.984879647079,
    (1, "holding cost over time, store loss over time, unit loss over time"): 15991.112843795912,
}


@pytest.mark.parametrize(("seed", "features"), FOUND)
def test_what_changes_over_time_and_turns_voltages_has_pypsas_optimum_there_and_back(seed: int, features: str, tmp_path: Path) -> None:
    chain, left = import_pypsa(saved(wild_network(set(features.split(", ")), seed), tmp_path))
    assert left == []
    assert planned(chain) == pytest.approx(FOUND[seed, features], rel=1e-12)
    assert export_pypsa(chain, tmp_path / "back.nc") == []
    again, left = import_pypsa(tmp_path / "back.nc")
    assert left == []
    assert planned(again) == pytest.approx(FOUND[seed, features], rel=1e-12)


ALONE = sorted(FEATURES)
BOTH = sorted({*FEATURES, *OVER_PERIODS} - {"scenarios", "unequal hours", "unequal all"})


@settings(max_examples=3)
@given(features=st.sets(st.sampled_from(ALONE), min_size=1, max_size=4), seed=st.integers(0, 999))
def test_any_choice_of_what_components_say_goes_there_and_back(features: set[str], seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    goes_there_and_back(wild_network(features, seed), tmp_path_factory.mktemp("wild"))


@settings(max_examples=2)
@given(features=st.sets(st.sampled_from(BOTH), min_size=1, max_size=3), seed=st.integers(0, 999))
def test_any_choice_over_investment_periods_goes_there_and_back(features: set[str], seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    goes_there_and_back(wild_network(features | {"stores by period"}, seed, (2030, 2035, 2042)), tmp_path_factory.mktemp("wild"))
