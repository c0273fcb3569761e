"""Random chains: no error where a plan exists, and what `reach` calls unreachable has no plan."""

from __future__ import annotations

import pytest

from lodeworks.chain.check import check_chain
from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network
from lodeworks.plan import optimise
from tests.parity.random_chain import random_chain

ANY_MASS = 1e9  # the recipes of random chains keep no mass


def errors(chain: Chain) -> list[str]:
    return [str(p) for p in check_chain(chain, tolerance=ANY_MASS) if p.severity == "error"]


@pytest.mark.parametrize("seed", range(61))
def test_a_random_chain_has_no_error(seed: int) -> None:
    assert errors(random_chain(seed)) == []


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_what_cannot_be_reached_cannot_be_planned(share: float) -> None:
    """Demands made strict: where there is a plan, there must be no error."""
    told = planned = 0
    for seed in range(60):
        data = random_chain(seed).model_dump(mode="json")
        for demand in data.get("demands", {}).values():
            if demand.pop("unserved", None) is not None:
                amount = demand["amount"]
                amount["times"] = f"{share * float(amount['times'].split()[0])} t/h"
        chain = Chain.model_validate(data)
        found = errors(chain)
        told += bool(found)
        try:
            optimise(compile_network(chain))
        except InfeasibleError:
            continue
        planned += 1
        assert found == [], seed
    assert told > 3, told
    assert planned > 3, planned


def strict(process: dict, supply: str, **horizon: object) -> Chain:
    """Return a chain that must deliver 10 t/h out of no more than `supply` of ore."""
    return Chain.model_validate({
        "chain": "strict", "horizon": {"start": "2026-01-01", "length": "8 h", **horizon},
        "commodities": {"ore": {"unit": "t", "let_go": True}, "iron": {"unit": "t"}}, "sites": {"a": {}},
        "supplies": {"mine": {"commodity": "ore", "price": "1 CNY/t", "most": supply}},
        "processes": {"furnace": process},
        "demands": {"mill": {"commodity": "iron", "price": "9 CNY/t", "amount": "10 t/h"}},
    })


LATE_INPUT = {"inputs": {"ore": {"amount": "1 t", "lag": "4 h"}}, "outputs": {"iron": "1 t"}}
THRIFTY = {"inputs": {"ore": "1 t"}, "outputs": {"iron": "1 t"}, "capacity": "20 t/h",
           "part_load": {"ore": {"50 %": 0.8, "100 %": 1}}}


def test_inputs_due_after_the_horizon_are_not_needed() -> None:
    """Of the last four hours' ore nothing is taken within the horizon; where it is cyclic all is."""
    data = strict(LATE_INPUT, "profile", cyclic=False).model_dump(mode="json")
    data["profiles"] = {"profile": {"values": [0, 0, 0, 0, 10, 10, 10, 10], "unit": "t/h"}}
    short = Chain.model_validate(data)
    optimise(compile_network(short))
    assert errors(short) == []
    assert any("more iron than can arrive" in told for told in errors(strict(LATE_INPUT, "5 t/h")))


def test_a_process_may_take_less_at_part_load() -> None:
    thrifty = strict(THRIFTY, "8.1 t/h")
    optimise(compile_network(thrifty))
    assert errors(thrifty) == []
    assert any("more iron than can arrive" in told for told in errors(strict(THRIFTY, "7.9 t/h")))
