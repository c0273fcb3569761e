"""Of which means a precision is asked, whether they have it, and what is told where they have not.

When a mean is precise enough is in `statistics`; how many more replications are then run is in `engine`.
"""

from __future__ import annotations

import math

import numpy as np

from lodeworks.said import Said
from lodeworks.simulate import layout as y
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.statistics import Precision, interval
from lodeworks.simulate.tables import measures

__all__ = ["imprecise", "is_precise", "main_measures"]


def main_measures(outcome: Outcome) -> dict[tuple[str, str, str], y.Floats]:
    """Return what a precision is asked of: what leaves the chain, what is sold, and stays in stores' queues."""
    network = outcome.network
    sales = {e.name for e in network.elements if e.kind == "demand"}
    stored = {int(b) for b in network.stores.balance}
    names = {outcome.built.places[p] for p, b in enumerate(outcome.built.balance) if b in stored}
    return {
        key: values for key, values in measures(outcome).items()
        if np.any(values) and (
            (key[0] == "exit" and key[2] == "in") or (key[0] == "run" and key[2] == "rate" and key[1] in sales)
            or (key[0] == "queue" and key[2] == "wait" and key[1] in names)
        )
    }


def is_precise(outcome: Outcome, rule: Precision) -> bool:
    """Return whether every main mean is as precise as the rule asks, and has been for as long as it must stay so."""
    return all(rule.satisfied(values) for values in main_measures(outcome).values())


def imprecise(outcome: Outcome) -> list[Said]:
    """Return that the precision asked for was not reached, with the mean that is known worst; else nothing."""
    if outcome.wanted is None or outcome.precise:
        return []
    known = {key: _known_to(values) for key, values in main_measures(outcome).items()}
    (_, name, measure), worst = max(known.items(), key=lambda row: row[1])
    count = len(outcome.replications)
    asked = _percent(outcome.wanted)
    said = f"not every main mean is known to {asked}, as was asked, after {count:,} replications"
    said_zh = f"重复{count:,}次后，并非每个主要均值都达到要求的精度{asked}"
    if worst <= outcome.wanted:
        return [Said(f"{said}: not for long enough", f"{said_zh}：达到的时间还不够长")]
    most = _round(count * (worst / outcome.wanted) ** 2) if math.isfinite(worst) else 0
    enough, enough_zh = (f"; some {most:,} would do", f"；约需{most:,}次") if most else ("", "")
    return [Said(f"{said}: {measure} of {name} is known to {_percent(worst)}{enough}",
                 f"{said_zh}：{name}（{measure}）的精度为{_percent(worst)}{enough_zh}")]


def _percent(share: float) -> str:
    return f"{100.0 * share:.2g} %"


def _round(count: float) -> int:
    return int(float(f"{count:.2g}"))


def _known_to(values: y.Floats) -> float:
    """Return half the interval of a mean over the mean; infinite where that is nought."""
    found = interval(values)
    return found.half / abs(found.mean) if found.mean else math.inf
