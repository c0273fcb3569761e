"""Every link between slices has a golden LP: its rows for a tiny chain of stages and scenarios, worked out by hand.

To add one, write the chain here and its rows into `golden_links/<link>.lp`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_pathway
from lodeworks.plan.pathway import Composition, compose
from lodeworks.plan.pathway.links import LINKS
from tests.plan.test_golden import column_names

FOLDER = Path(__file__).parent / "golden_links"
OVEN = {"inputs": {"coal": "2 t"}, "outputs": {"coke": "1 t"}, "capacity": "1 t/h"}
TWO = {"start": "2026-01-01", "step": "1 a", "length": "1 a", "stages": [2026, 2030], "last": "2 a", "discount": "0 %/a"}
LUCK = {"dry": {"probability": "40 %", "set": {"supplies.mine.price": "5 CNY/t"}}, "wet": {"probability": "60 %"}}
MINE = {"mine": {"commodity": "coal", "price": "1 CNY/t"}}
CHAINS: dict[str, dict[str, Any]] = {
    "standing": {
        "horizon": {**TWO, "expiring": "share"},
        "processes": {"oven": {**OVEN, "expansion": {"most": "9 t/h", "lump": "3 t/h", "life": "4 a"}},
                      "kiln": {**OVEN, "expansion": {"lead": "1 a"}}, "mill": {**OVEN, "expansion": {"life": "4.5 a"}}},
    },
    "closing": {
        "horizon": TWO, "scenarios": LUCK, "supplies": MINE,
        "processes": {"oven": {**OVEN, "capacity": "5 t/h", "retires": {"2030": "2 t/h"}, "fixed_cost": "9 CNY/(t/h)/a",
                               "may_close": True},
                      "kiln": {**OVEN, "expansion": {"most": "9 t/h", "lump": "3 t/h", "fixed": "4 CNY/(t/h)/a",
                                                     "life": "9 a", "may_close": True}}},
    },
    "stage_budget": {
        "horizon": TWO, "investment": {"budget": "90 CNY"}, "stages": {"2030": {"budget": "50 CNY"}},
        "processes": {"oven": {**OVEN, "expansion": {"lump": "3 t/h", "cost": "7 CNY/(t/h)", "most": "9 t/h"}}},
    },
    "growth": {
        "horizon": TWO, "investment": {"growth": {"ovens": {
            "of": ["oven", "kiln"], "rate": "10 %/a", "seed": "2000 kg/h",
            "experience": {"rate": "20 %/a", "fades": "50 %/a", "of": {"oven": 1, "mill": "50 %"}}}}},
        "processes": {"oven": {**OVEN, "expansion": {"life": "9 a"}}, "mill": {**OVEN, "expansion": {"life": "9 a"}},
                      "kiln": {**OVEN, "expansion": {"lump": "3 t/h", "most": "9 t/h", "life": "9 a"}}},
    },
    "overall": {
        "horizon": TWO, "scenarios": LUCK, "supplies": MINE, "processes": {"oven": OVEN},
        "policies": {"cap": {"sum": {"oven": 1}, "most": "70 t", "over": "all", "penalty": "3 CNY/t"},
                     "share": {"sum": {"oven": 1}, "share_of": {"mine": 1}, "least": "30 %", "over": "all"}},
    },
    "outcome": {
        "horizon": TWO, "scenarios": LUCK, "supplies": MINE, "objective": {"goal": "cost", "risk": {"weight": "50 %"}},
        "processes": {"oven": {**OVEN, "fixed_cost": "9 CNY/(t/h)/a"}},
    },
    "year_money": {
        "horizon": TWO, "supplies": {"mine": {**MINE["mine"], "owner": "smith", "payment": "1 a"}},
        "firms": {"smith": {"cash": "9 CNY"}},
        "processes": {"oven": {**OVEN, "owner": "smith", "cost": "3 CNY/t",
                               "expansion": {"most": "9 t/h", "cost": "8 CNY/(t/h)", "life": "4 a"}}},
    },
    "left_over": {"horizon": TWO, "supplies": MINE,
                  "stores": {"seam": {"commodity": "coal", "initial": "9 t", "end": "2 t"}}},
    "handed_on": {"horizon": TWO, "supplies": MINE,
                  "stores": {"seam": {"commodity": "coal", "initial": "9 t", "end": "2 t"}}},
    "handed_room": {"horizon": TWO, "supplies": MINE, "stores": {"pit": {
        "commodity": "coal", "capacity": "8 t", "end": "free", "min_level": "10 %",
        "expansion": {"most": "9 t", "life": "9 a"}}}},
    "shortfall": {"horizon": TWO, "scenarios": LUCK, "supplies": MINE,
                  "objective": {"goal": "profit", "risk": {"weight": "50 %"}}},
}


def composed(sections: dict[str, Any]) -> Composition:
    return compose(compile_pathway(Chain.model_validate({
        "chain": "golden", "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t"}}, **sections,
    })))


def names_of(made: Composition) -> list[str]:
    """Name every column: a slice's by its stage and scenario, the links' by what they are."""
    pathway, links = made.pathway, made.links
    names: list[str] = []
    for part, piece in zip(made.parts, pathway.slices, strict=True):
        stage, scenario = pathway.stages[piece.stage].name, pathway.scenarios[piece.scenario].name
        label = " ".join(word for word in (stage, scenario) if word)
        names += [f"{name}@{label}" for name in column_names(part.network, part.columns).spoken()]
    own = {int(links.vintage[v]): f"{name} of {pathway.stages[pathway.vintages.stage[v]].name}"
           for v, name in enumerate(pathway.vintages.element)}
    for i, policy in enumerate(pathway.overall):
        for w, scenario in enumerate(pathway.scenarios):
            own |= {int(links.slack[i, w, side]): f"{word} {policy.name} {scenario.name}"
                    for side, word in enumerate(("below", "above"))}
    for w, scenario in enumerate(pathway.scenarios):
        own |= {int(links.outcome[w]): f"cost of {scenario.name}", int(links.shortfall[w]): f"worse by {scenario.name}"}
    for column, flow in zip(links.flow, links.flows, strict=True):
        firm = pathway.accounts[0].firm[flow.firm]
        own[int(column)] = f"money of {firm} paid after {flow.late:g} a{' sold' if flow.sold else ''}"
    for money in links.money:
        own |= dict.fromkeys(range(int(money.cash[0]), links.first + len(links.cost)), "money")
    own[links.threshold] = "threshold"
    return names + [own[len(names) + j] for j in range(len(links.cost))]


def rendered(name: str) -> str:
    made = composed(CHAINS[name])
    names = names_of(made)
    block = next(link for link in LINKS if link.__name__ == name)(made)
    lines = []
    for r in range(len(block)):
        left = " ".join(
            f"{block.value[k]:+.6g} {names[block.col[k]]}" for k in np.flatnonzero(block.row == r) if block.value[k]
        )
        low, high = float(block.lower[r]) + 0.0, float(block.upper[r]) + 0.0
        bounds = f"= {low:.6g}" if low == high else f"<= {high:.6g}" if np.isinf(low) else f">= {low:.6g}"
        lines.append(f"{block.names[block.owner[r]]}: {left} {bounds}")
    return "\n".join(lines) + "\n"


def test_every_link_has_a_golden_lp() -> None:
    names = {link.__name__ for link in LINKS}
    assert names == set(CHAINS)
    assert names == {path.stem for path in FOLDER.glob("*.lp")}


@pytest.mark.parametrize("name", sorted(CHAINS))
def test_a_links_rows_are_those_worked_out_by_hand(name: str) -> None:
    assert rendered(name) == (FOLDER / f"{name}.lp").read_text(encoding="utf-8")


if __name__ == "__main__":
    for chain in CHAINS:
        print(f"--- {chain}\n{rendered(chain)}")
