"""Faults of stages, scenarios and projects: each is told where it is written, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chain.check.written import told

BASE = """\
chain: smelters
horizon: {start: 2026-01-01, step: 73 d, length: 1 a, stages: [2026, 2031], last: 5 a, discount: 6 %/a}
commodities: {ore: {unit: t}, metal: {unit: t}}
stages: {2031: {budget: 2 MCNY, set: {demands: {sell: {most: 9 t/h}}}}}
scenarios: {boom: {probability: 30 %, set: {demands.sell.price: 4 CNY/t}}, bust: {probability: 70 %}}
objective: {goal: profit, risk: {level: 80 %, weight: 30 %}}
supplies: {mine: {commodity: ore, price: 1 CNY/t}}
processes:
  a: {inputs: {ore: 1 t}, outputs: {metal: 1 t}, expansion: {most: 2 t/h, lump: 2 t/h, needs: [b], life: 9 a}}
  b: {inputs: {ore: 1 t}, outputs: {metal: 1 t}, expansion: {most: 2 t/h, lump: 2 t/h}}
  old: {inputs: {ore: 1 t}, outputs: {metal: 1 t}, capacity: 3 t/h, retires: {2029: 1 t/h}}
demands: {sell: {commodity: metal, price: 3 CNY/t, most: 7 t/h}}
"""


def test_the_chain_is_sound_as_it_stands(tmp_path: Path) -> None:
    assert told(BASE, tmp_path) == ""


def test_a_life_that_ends_with_the_only_stage_it_may_begin_in_is_none_that_is_short(tmp_path: Path) -> None:
    changes = (("stages: [2026, 2031]", "stages: [2026, 2031, 2034]"), ("last: 5 a", "last: 9 a"), ("life: 9 a", "life: 3 a"))
    assert "processes.a.expansion.life: the life is shorter than a stage" in told(BASE, tmp_path, *changes)
    late = (("needs: [b], life: 3 a", "needs: [b], life: 3 a, per_stage: 0 t/h"),
            ("set: {demands:", "set: {processes.a.expansion.per_stage: 2 t/h, demands:"))
    assert told(BASE, tmp_path, *changes, *late) == ""


def test_a_firm_with_accounts_has_no_rate_beside_its_loans(tmp_path: Path) -> None:
    changes = (("supplies:", "firms: {mill: {cash: 1 MCNY}}\nsupplies:"), ("a: {inputs", "a: {owner: mill, inputs"),
               ("life: 9 a", "discount: 3 %/a"))
    assert ("processes.a.expansion.discount: what a firm with accounts builds costs what its loans do; found 3 %/a"
            in told(BASE, tmp_path, *changes))


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("[2026, 2031]", "[2031, 2026]", "horizon.stages: stages are out of order; found 2026 after 2031"),
    ("[2026, 2031]", "[2026, soon]", "horizon.stages.2: not a whole number; found 'soon'"),
    ("last: 5 a", "last: 18 month", "horizon.last: a stage lasts whole years"),
    ("6 %/a", "-100 %/a", "horizon.discount: money cannot lose all its value in a year; found -100 %/a"),
    ("life: 9 a", "discount: -100 %/a", "processes.a.expansion.discount: money cannot lose all its value in a year"),
    ("6 %/a", "6 %/a, money_at: ende", "horizon.money_at: not a moment of a year; found ende"),
    ("2031: {budget", "2032: {budget", "stages.2032: no stage begins in this year"),
    ("budget: 2 MCNY", "weight: 0 a", "stages.2031.weight: money of a stage counts for something; found 0 a"),
    ("{most: 9 t/h}", "{mosst: 9 t/h}", "stages.2031.set.demands.sell.mosst: unknown key 'mosst'; did you mean 'most'?"),
    ("{most: 9 t/h}", "{most: soon}", "stages.2031.set.demands.sell.most: there is no profile or calendar of this name; found soon"),
    ("{most: 9 t/h}", "{most: 9 kWh}", "stages.2031.set.demands.sell.most: kWh is energy"),
    ("demands.sell.price", "demands.sel.price",
     "scenarios.boom.set.demands.sel.price: there is no such element; did you mean 'sell'?"),
    ("30 %, set", "30 %, sett", "scenarios.boom.sett: unknown key 'sett'; did you mean 'set'?"),
    ("probability: 70 %", "probability: 60 %", "scenarios: the scenarios' probabilities do not add up to 1; found 0.9"),
    ("probability: 70 %", "probability: 0 %", "scenarios.bust.probability: a scenario that cannot come"),
    ("weight: 30 %", "weight: 100 %", "objective.risk.weight: must be at least nought and below one; found 100 %"),
    ("capacity: 3 t/h, retires: {2029: 1 t/h}", "may_close: true, expansion: {most: 1 t/h}",
     "processes.old.may_close: may close without a capacity that exists"),
    ("capacity: 3 t/h", "may_close: true, expansion: {most: 1 t/h}, fixed_cost: 1 CNY/(t/h)/a, capacity: 3 t/h",
     "processes.old.may_close: what may be closed and what may be built are two elements"),
    ("life: 9 a", "life: 9 a, may_close: true",
     "warning: chain.yaml:9 processes.a.expansion.may_close: closing it saves nothing; expected an `expansion.fixed`"),
    ("needs: [b]", "needs: [d]", "processes.a.expansion.needs: there is no project of this name; found d"),
    ("needs: [b]", "needs: [old]", "processes.a.expansion.needs: there is no project of this name; found old"),
    ("{most: 2 t/h, lump: 2 t/h}", "{most: 2 t/h}", "processes.a.expansion.needs: not a whole project; found b"),
    ("{most: 2 t/h, lump: 2 t/h}", "{most: 2 t/h, lump: 2 t/h, needs: [a]}",
     "processes.a.expansion.needs: projects need one another in a circle: none could be first; found a → b → a"),
    ("supplies:", "investment: {choices: {parks: {of: [], most: 1}}}\nsupplies:",
     "investment.choices.parks.of: a choice among no projects; expected names of what may be built"),
    ("2029: 1 t/h", "2029: 4 t/h", "processes.old.retires: more retires than there is"),
    ("2029: 1 t/h", "later: 1 t/h", "processes.old.retires.later: not a year"),
    ("life: 9 a", "life: 3 a", "warning: chain.yaml:9 processes.a.expansion.life: the life is shorter than a stage"),
    ("life: 9 a", "lead: 9 a", "processes.a.expansion.lead: it takes longer to build than from the first stage"),
])
def test_a_fault_is_told_where_it_is_written(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in told(BASE, tmp_path, (old, new))


def test_what_may_be_built_must_be_so_in_every_stage(tmp_path: Path) -> None:
    changed = told(BASE, tmp_path, ("{demands: {sell: {most: 9 t/h}}}", "{processes.b.expansion: }"), ("needs: [b]", "needs: []"))
    assert "what may be built of b differs from the first stage and scenario" in changed
