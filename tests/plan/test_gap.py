"""How far from the best a plan may be: the chain says, whoever plans may say otherwise."""

from __future__ import annotations

import sys

import pytest

from lodeworks.chain.check import check_chain
from lodeworks.chain.entities import Chain
from lodeworks.plan import optimise
from lodeworks.verbs import planning


def chain(gap: str | None) -> Chain:
    return Chain.model_validate({
        "chain": "x", "horizon": {"start": "2026-01-01", "length": "2 h"}, "commodities": {"ore": {"unit": "t"}},
        "objective": {"goal": "profit", **({"gap": gap} if gap else {})},
        "supplies": {"mine": {"commodity": "ore", "most": "1 t/h"}},
        "demands": {"yard": {"commodity": "ore", "price": "5 CNY/t"}},
    })


@pytest.mark.parametrize(("own", "given", "used"), [(None, None, 1e-4), ("2 %", None, 0.02), ("2 %", 1e-6, 1e-6)])
def test_the_gap_is_that_given_or_the_chains(
    monkeypatch: pytest.MonkeyPatch, own: str | None, given: float | None, used: float
) -> None:
    seen: list[float] = []

    def watched(network: object, **options: float) -> object:
        seen.append(options["gap"])
        return optimise(network, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sys.modules["lodeworks.plan"], "optimise", watched)
    planning.plan(chain(own), gap=given)
    assert seen == [pytest.approx(used)]


@pytest.mark.parametrize("gap", ["100 %", "-1 %"])
def test_a_gap_that_lets_all_pass_is_refused(gap: str) -> None:
    (found,) = [problem for problem in check_chain(chain(gap)) if problem.severity == "error"]
    assert (found.element, found.key) == ("objective", "gap")
