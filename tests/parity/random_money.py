"""Random chains with firms: owners, chain prices, cash, loans and taxes laid over a random chain."""

from __future__ import annotations

from typing import Any

import numpy as np

from lodeworks.chain.entities import Chain
from tests.parity.random_chain import random_chain

__all__ = ["random_money"]


def random_money(seed: int, *, ample: bool = False) -> Chain:
    """Return a chain of two or three firms drawn from a seed; with `ample` cash it is as feasible as without firms."""
    rng = np.random.default_rng([seed, 77])
    data: dict[str, Any] = random_chain(seed).model_dump(mode="json")

    def maybe(p: float) -> bool:
        return bool(rng.random() < p)

    def number(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 3)

    steps = int(data["horizon"]["length"].split()[0])
    period = int(rng.choice([4, 6, 12]))
    firms = [f"f{i}" for i in range(rng.integers(2, 4))]
    for name, commodity in data["commodities"].items():
        step = commodity.get("step", "")
        if step and period % int(step.split()[0]):
            del commodity["step"]
        if maybe(0.7) and not commodity.get("let_go"):
            commodity["price"] = f"{number(2, 25)} CNY/t"
            if maybe(0.3):
                commodity["prices"] = {str(rng.choice(list(data["sites"]))): f"{number(2, 25)} CNY/t"}
        assert name
    for section in ("processes", "supplies", "demands", "routes", "stores"):
        for element in data.get(section, {}).values():
            if maybe(0.8):
                element["owner"] = str(rng.choice(firms))
            if section in ("supplies", "demands") and maybe(0.4):
                element["payment"] = f"{rng.integers(1, 12)} h"
    data["accounts"] = {"period": f"{period} h"}
    data["lenders"] = {"bank": {"most": f"{number(500, 6000)} CNY"} if maybe(0.4) else {}}
    data["loans"] = {f"l{k}": _loan(rng, maybe, number, period) for k in range(rng.integers(1, 4))}
    scale = 1e7 if ample else 1.0
    data["firms"] = {firm: _firm(rng, maybe, number, data["loans"], steps, scale) for firm in firms}
    if maybe(0.3):
        data["firms"][firms[0]] |= {"owners": {firms[1]: 0.4}, "dividend": f"{number(0, 50)} CNY"}
    return Chain.model_validate(data)


def _loan(rng, maybe, number, period: int) -> dict[str, Any]:
    loan: dict[str, Any] = {
        "lender": "bank", "rate": f"{number(0.0005, 0.004)} 1/h", "term": f"{period * int(rng.integers(1, 4))} h",
        "repayment": str(rng.choice(["bullet", "equal principal", "annuity"])), "renewal": maybe(0.5),
    }
    if maybe(0.4):
        loan["payout"] = f"{rng.integers(1, 9)} h"
    if maybe(0.3):
        loan["total"] = f"{number(200, 3000)} CNY"
    if maybe(0.3):
        loan["turnover"] = number(0.001, 0.01)
    if maybe(0.3):
        loan["pledge"] = number(0.3, 0.9)
    other = np.random.default_rng(int(rng.integers(1 << 30)))  # what came later, so that the rest is drawn as before
    if other.random() < 0.3:
        loan["revolving"] = False
    if other.random() < 0.25:
        loan["repayment"] = "single payment"
    if loan["repayment"] != "annuity" and other.random() < 0.3:
        loan["rates"] = {f"2026-01-01T{hour:02d}:00": f"{other.uniform(0.0005, 0.006):.6f} 1/h"
                         for hour in other.choice(np.arange(1, 20), 2, replace=False)}
    terms = round(float(loan["term"].split()[0]) / period)
    if terms > 1 and loan["repayment"] in ("equal principal", "annuity") and other.random() < 0.5:
        loan["grace"] = f"{period * int(other.integers(1, terms))} h"
    return loan


def _firm(rng, maybe, number, products: dict[str, Any], steps: int, scale: float) -> dict[str, Any]:
    loans = list(products)
    single = products[loans[0]]["repayment"] == "single payment"
    firm: dict[str, Any] = {
        "cash": f"{number(0, 1500) * scale} CNY", "collateral": f"{number(0, 2000)} CNY",
        "credit": {loan: f"{number(100, 3000)} CNY" for loan in loans if maybe(0.8)},
    }
    if maybe(0.5):
        firm["profit_tax"] = number(0.1, 0.3)
        if scale == 1.0 and int(1e6 * firm["profit_tax"]) % 3 == 0:
            firm |= {"loss_carry": "5 a", "losses": {"2022": "30 CNY", "2020": "1 kCNY", "2025": "200 CNY"}}
    if maybe(0.3):
        hour = int(rng.integers(1, steps))
        firm["debts"] = {loans[0]: {"amount": f"{number(50, 400)} CNY", "due": f"2026-01-01 {hour:02d}:00"}}
        if single:
            firm["debts"][loans[0]]["accrued"] = f"{number(0, 20)} CNY"
    if maybe(0.2):
        firm["least_cash"] = f"{number(0, 30)} CNY"
    return firm
