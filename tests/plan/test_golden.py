"""Every block has a golden LP: the rows it makes of a tiny chain, as text worked out by hand.

To add one, write the chain here and its rows into `golden/<block>.lp`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import Network, compile_network, window
from lodeworks.network.arrays import Before
from lodeworks.plan.blocks import BLOCKS, MONEY_BLOCKS
from lodeworks.plan.books import books_of
from lodeworks.plan.columns import lay_out
from lodeworks.plan.naming import column_names

FOLDER = Path(__file__).parent / "golden"
OVEN = {"inputs": {"coal": "2 t"}, "outputs": {"coke": "1 t"}}
MONEY: dict[str, Any] = {
    "accounts": {"period": "1 h"},
    "firms": {"smith": {"cash": "100 CNY", "profit_tax": "20 %", "dividend": "3 CNY", "collateral": "70 CNY",
                        "credit": {"line": "60 CNY"}, "debts": {"line": {"amount": "40 CNY", "due": "2026-01-01 02:00"}}}},
    "lenders": {"bank": {"most": "90 CNY"}},
    "loans": {"line": {"lender": "bank", "rate": "10 %/h", "term": "2 h", "repayment": "equal principal", "renewal": True,
                       "total": "80 CNY", "turnover": "50 %", "pledge": "50 %"}},
}
WHOLE = {"most": "2 t/h", "lump": "2 t/h"}
CHAINS: dict[str, dict[str, Any]] = {
    "choices": {
        "investment": {"choices": {"oven": {"of": ["a", "b", "c"], "most": 2}}},
        "processes": {"a": {**OVEN, "expansion": {**WHOLE, "excludes": ["b"]}}, "b": {**OVEN, "expansion": WHOLE},
                      "c": {**OVEN, "expansion": {**WHOLE, "excludes": ["a"]}}},
    },
    "capacity_sums": {
        "investment": {"capacities": {"firm": {"sum": {"oven": "90 %", "mill": 0.1}, "least": "4000 kg/h"},
                                      "size": {"sum": {"yard": 1, "oven": "-4 h"}, "most": "0 t"}}},
        "processes": {"oven": {**OVEN, "capacity": "3 t/h", "expansion": {"lump": "2 t/h", "most": "6 t/h"}},
                      "mill": {**OVEN, "capacity": "24 t/d", "expansion": {}}},
        "stores": {"yard": {"commodity": "coke", "capacity": "9 t", "expansion": {}}},
    },
    "needs": {"processes": {"a": {**OVEN, "expansion": {**WHOLE, "needs": ["b"]}}, "b": {**OVEN, "expansion": WHOLE}}},
    "balance": {
        "processes": {"oven": {"inputs": {"coal": "2 t"}, "outputs": {"coke": {"amount": "1 t", "lag": "1 h"}}},
                      "mill": {"inputs": {"coal": "1 t"}, "outputs": {"coke": "1 t"}, "capacity": "4 t/h", "on_off": True,
                               "start_inputs": {"coal": "5 t"}},
                      "kiln": {"inputs": {"coal": "1 t"}, "reference": "coal",
                               "outputs": {"coke": {"amount": {"profile": "half", "times": "4 t"}, "lag": "1 h"}}}},
        "supplies": {"mine": {"commodity": "coal", "price": "1 CNY/t"}},
        "demands": {"sell": {"commodity": "coke", "price": "9 CNY/t"}},
        "stores": {"yard": {"commodity": "coke", "capacity": "9 t", "loss": {"profile": "half", "times": "20 %/h"}}},
    },
    "units_on": {"processes": {"oven": {
        **OVEN, "capacity": "4 t/h", "unit": "2 t/h", "min_load": "25 %", "availability": "half", "on_off": True,
        "expansion": {}}}},
    "unit_down_time": {"processes": {"oven": {
        **OVEN, "capacity": "4 t/h", "unit": "2 t/h", "min_down": "2 h", "on_off": True, "expansion": {}}}},
    "unit_ramps": {"processes": {"oven": {
        **OVEN, "capacity": "4 t/h", "unit": "2 t/h", "min_load": "25 %", "ramp_up": "50 %/h", "ramp_down": "60 %/h",
        "on_off": True}}},
    "reserves": {
        "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t"}, "ready": {"unit": "t"}},
        "processes": {
            "oven": {**OVEN, "capacity": "4 t/h", "availability": "half", "on_off": True, "expansion": {"most": "2 t/h"},
                     "reserves": {"ready": {"way": "both", "most": "25 %"}}},
            "mill": {**OVEN, "capacity": "6 t/h", "on_off": True, "unit": "2 t/h", "reserves": {"ready": {"most": "50 %"}}}}},
    "least_stay": {
        "supplies": {"mine": {"commodity": "coal", "price": "1 CNY/t"}},
        "processes": {"oven": OVEN},
        "stores": {"yard": {"commodity": "coal", "capacity": "9 t", "least_stay": "90 min",
                            "loss": {"profile": "half", "times": "20 %/h"}},
                   "heap": {"commodity": "coke", "capacity": "9 t", "least_stay": "1 h"}},
    },
    "gathering": {
        "commodities": {"coal": {"unit": "t", "step": "3 h"}, "coke": {"unit": "t", "step": "3 h"}, "power": {"unit": "kWh"}},
        "processes": {"a": {"inputs": {"coal": "1 t", "power": "4 kWh"}, "step": "3 h"},
                      "b": {"outputs": {"coke": "1 t"}, "inputs": {"power": "5 kWh"}, "step": "3 h"}},
    },
    "capacity": {"processes": {"oven": {**OVEN, "capacity": "3 t/h", "availability": "half", "expansion": {"most": "2 t/h"}}}},
    "minimum_load": {"processes": {"oven": {
        **OVEN, "capacity": "3 t/h", "min_load": "40 %", "availability": "half", "expansion": {"most": "2 t/h"}}}},
    "mode_shares": {"processes": {"oven": {"outputs": {"coke": "1 t"}, "modes": {
        "a": {"inputs": {"coal": "2 t"}, "share_least": "20 %"}, "b": {"inputs": {"coal": "3 t"}, "share_most": "70 %"}}}}},
    "commitment": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "min_load": "25 %", "on_off": True}}},
    "starts": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "on_off": True, "start_cost": "5 CNY"}}},
    "up_time": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "on_off": True, "min_up": "90 min"}}},
    "down_time": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "on_off": True, "min_down": "2 h"}}},
    "carried": {"processes": {
        "oven": {**OVEN, "capacity": "4 t/h", "on_off": True, "min_load": "25 %", "ramp_up": "50 %/h", "ramp_down": "25 %/h",
                 "stop_load": "50 %"},
        "mill": {"inputs": {"coal": "1 t"}, "capacity": "6 t/h", "ramp_up": "50 %/h", "ramp_down": "50 %/h"}}},
    "start_limit": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "on_off": True, "start_load": "25 %"}}},
    "stop_limit": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "on_off": True, "stop_load": "50 %"}}},
    "fill_order": {"supplies": {"mine": {"commodity": "coal", "most": "5 t/h", "tiers": [
        {"most": "2 t/h", "price": "9 CNY/t"}, {"most": "3 t/h", "price": "7 CNY/t"}]}}},
    "ramp_up": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "ramp_up": "25 %/h"}}},
    "ramp_down": {"processes": {"oven": {**OVEN, "capacity": "4 t/h", "ramp_down": "50 %/h"}}},
    "store_capacity": {"stores": {"yard": {"commodity": "coke", "capacity": "9 t", "expansion": {"most": "6 t"}}}},
    "store_floor": {"stores": {"yard": {"commodity": "coke", "capacity": "9 t", "min_level": "half", "expansion": {"most": "6 t"}}}},
    "store_doors": {"stores": {"yard": {
        "commodity": "coke", "capacity": "8 t", "charge_share": "25 %/h", "discharge_share": "50 %/h",
        "expansion": {"most": "6 t"}}}},
    "store_either": {"stores": {"yard": {
        "commodity": "coke", "capacity": "8 t", "discharge": "3 t/h", "charge_efficiency": "80 %", "exclusive": True}}},
    "store_speed": {"stores": {"yard": {"commodity": "coke", "capacity": "9 t", "charge": "2 t/h", "discharge": "3 t/h",
                                        "loss": {"profile": "half", "times": "20 %/h"}}}},
    "shelf_life": {
        "supplies": {"mine": {"commodity": "coal", "price": "1 CNY/t"}},
        "processes": {"oven": OVEN},
        "stores": {"yard": {"commodity": "coal", "capacity": "9 t", "shelf_life": "2 h"},
                   "heap": {"commodity": "coke", "capacity": "9 t", "shelf_life": "1 h"}},
    },
    "resources": {
        "pools": {"crew": {"amount": "6 person", "availability": "half"}},
        "processes": {"oven": {**OVEN, "pools": {"crew": "2 person/(t/h)"}}},
    },
    "blend_quality": {
        "commodities": {"lean": {"unit": "t", "quality": {"ash": "8 %"}}, "rich": {"unit": "t", "quality": {"ash": "12 %"}},
                        "coke": {"unit": "t"}},
        "processes": {"oven": {"outputs": {"coke": "1 t"}, "blends": {
            "mix": {"amount": "2 t", "from": ["lean", "rich"], "limits": {"ash": {"most": "11 %"}}}}}},
    },
    "cycles": {
        "commodities": {"power": {"unit": "kWh"}}, "sites": {"a": {}, "b": {}, "c": {}},
        "routes": {
            "ab": {"commodity": "power", "from": "a", "to": "b", "capacity": "9 kWh/h", "min_load": "-100 %", "reactance": 0.5},
            "cb": {"commodity": "power", "from": "c", "to": "b", "capacity": "9 kWh/h", "min_load": "-100 %", "reactance": 0.25},
            "ac": {"commodity": "power", "from": "a", "to": "c", "capacity": "9 kWh/h", "min_load": "-100 %", "reactance": 2,
                   "phase_shift": {"profile": "half", "times": "0.5 rad"}},
        },
    },
    "policies": {
        "processes": {"oven": OVEN},
        "supplies": {"mine": {"commodity": "coal", "price": "1 CNY/t"}},
        "policies": {"cap": {"sum": {"oven": 1}, "most": "7 t"},
                     "share": {"sum": {"oven": 1}, "share_of": {"mine": 1}, "least": "30 %"}},
    },
    "cash": {**MONEY, "supplies": {"mine": {"commodity": "coal", "owner": "smith", "price": "5 CNY/t"}},
             "processes": {"oven": {**OVEN, "owner": "smith"}},
             "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t", "price": "20 CNY/t"}},
             "demands": {"sell": {"commodity": "coke", "price": "30 CNY/t"}}},
    "debt": MONEY,
    "renewal": MONEY,
    "profit_tax": {**MONEY, "supplies": {"mine": {"commodity": "coal", "owner": "smith", "price": "5 CNY/t"}}},
    "taxable": {**MONEY, "firms": {"smith": {**MONEY["firms"]["smith"], "loss_carry": "5 a"}},
                "horizon": {"start": "2026-12-31T22:00", "length": "3 h"}, "accounts": {"period": "1 h"},
                "supplies": {"mine": {"commodity": "coal", "owner": "smith", "price": "5 CNY/t"}}},
    "losses_used": {**MONEY, "firms": {"smith": {**MONEY["firms"]["smith"], "loss_carry": "5 a",
                                                 "losses": {"2022": "7 CNY", "2021": "9 CNY"}}},
                    "horizon": {"start": "2026-12-31T22:00", "length": "3 h"}},
    "credit": MONEY,
    "drawn_once": {**MONEY, "loans": {"line": {**MONEY["loans"]["line"], "revolving": False}}},
    "turnover": {**MONEY, "demands": {"sell": {"commodity": "coke", "owner": "smith", "price": "30 CNY/t"}}},
    "pledge": MONEY,
    "lending": MONEY,
    "loan_total": MONEY,
    "budget": {
        "investment": {"budget": "50 CNY"},
        "processes": {"oven": {**OVEN, "expansion": {"most": "2 t/h", "cost": "30 CNY/(t/h)"}}},
    },
}


def compiled(sections: dict[str, Any]) -> Network:
    return compile_network(Chain.model_validate({
        "chain": "golden", "horizon": {"start": "2026-01-01", "length": "3 h"},
        "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t"}},
        "profiles": {"half": {"values": [1.0, 0.5, 1.0]}}, **sections,
    }))


def rendered(name: str) -> str:
    """Return a block's rows of its chain as text, a row a line."""
    net = compiled(CHAINS[name])
    if name == "carried":  # a window, whose oven has been on for 5 h at 3 t/h, and whose mill ran at 2 t/h
        net = replace(window(net, 1, 3), before=Before(np.array([3.0, 2.0]), np.array([5.0, np.nan])))
    columns = lay_out(net)
    names = column_names(net, columns).spoken()
    of_money = next((make for make in MONEY_BLOCKS if make.__name__ == name), None)
    block = (
        next(make for make in BLOCKS if make.__name__ == name)(net, columns) if of_money is None
        else of_money(books_of(net, columns))
    )
    lines = []
    for r in range(len(block)):
        terms: dict[str, float] = {}
        for k in np.flatnonzero(block.row == r):
            terms[names[block.col[k]]] = terms.get(names[block.col[k]], 0.0) + float(block.value[k])
        left = " ".join(f"{value:+.6g} {column}" for column, value in terms.items() if value)
        low, high = (float(side[r]) + 0.0 for side in (block.lower, block.upper))
        bounds = f"= {low:.6g}" if low == high else f"<= {high:.6g}" if np.isinf(low) else f">= {low:.6g}"
        assert low == high or np.isinf(low) or np.isinf(high) or name == "store_speed"
        if low != high and not np.isinf(low) and not np.isinf(high):
            bounds = f"in [{low:.6g}, {high:.6g}]"
        lines.append(f"{left} {bounds}")
    return "\n".join(lines) + "\n"


def test_every_block_has_a_golden_lp() -> None:
    names = {make.__name__ for make in (*BLOCKS, *MONEY_BLOCKS)}
    assert names == set(CHAINS)
    assert names == {path.stem for path in FOLDER.glob("*.lp")}


@pytest.mark.parametrize("name", sorted(CHAINS))
def test_a_blocks_rows_are_those_worked_out_by_hand(name: str) -> None:
    assert rendered(name) == (FOLDER / f"{name}.lp").read_text(encoding="utf-8")
