"""What is told while a plan is made: the solver's log lines in plain words."""

from __future__ import annotations

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.cli.telling import in_words
from lodeworks.network import compile_pathway
from lodeworks.plan.pathway import information, optimise_pathway
from lodeworks.plan.reduced import certified_pathway
from tests.plan.reduced.test_over_slices import sunny


@pytest.mark.parametrize(("line", "words"), [
    ("21088 6.2191644842e+04 Pr: 8101(5692.8) 16.7s", "21,088 iterations, 8,101 limits still to meet, 17 s"),
    ("44085 6.2428404155e+04 Pr: 0(0); Du: 0(2.04281e-14) 65.4s", "44,085 iterations, 65 s"),
    ("0 -0.0000000000e+00 Ph1: 0(0) 4.7s", "0 iterations, 5 s"),
    ("9 1.0e+00 Pr: 1(2.5) 0.7s", "9 iterations, 1 limit still to meet, 1 s"),
    ("J 0 0 0 0.00% -inf 105717.896485 Large 0 0 0 0 0.2s", "no plan near the best yet, 0 branches, 0 s"),
    ("T 0 0 0 0.00% -4573.972643 -410.7649397 1013.53% 0 0 0 866 0.2s", "no plan near the best yet, 0 branches, 0 s"),
    ("1300 12 640 41.00% 8167.431364 8247.145029 0.97% 0 0 0 1257 61.6s",
     "a plan at most 0.97 % from the best, 1,300 branches, 62 s"),
    ("12 1.2e+03 -1.3e+03 1.2e-04 3.2e-05 2.0e-01 3s", "12 iterations, 3 s"),
    ("round 2, 600 segments: 21088 6.2e+04 Pr: 8101(5692.8) 16.7s",
     "round 2, 600 segments: 21,088 iterations, 8,101 limits still to meet, 17 s"),
    ("window 1 of 8", "window 1 of 8"), ("3 of 9 points", "3 of 9 points"), ("12 of 40, 2 failed, 31 s", "12 of 40, 2 failed, 31 s"),
])
def test_the_solvers_lines_are_told_in_plain_words(line: str, words: str) -> None:
    assert in_words(line) == words


def test_which_plan_of_many_is_being_made_is_told() -> None:
    """Rounds on fewer steps, and the plans beside one over scenarios."""
    heard: list[str] = []
    pathway = compile_pathway(Chain.model_validate({
        **sunny(2), "scenarios": {"bright": {"probability": "50 %"}, "dark": {"probability": "50 %", "set": {
            "processes.engine.cost": "1500 CNY/MWh"}}}}))
    information(optimise_pathway(pathway), progress=heard.append)
    certified_pathway(pathway, days=1, within=float("inf"), options={"progress": heard.append})
    for words in ("if bright were known: ", "for the mean of all scenarios: ",
                  "round 1, 1 days: ", "round 1, 1 days, run on all steps: ", "round 1, 1 days, bound: "):
        assert any(text.startswith(words) for text in heard), words
