"""How a chain changes: investment stages over the years, scenarios of what may come, and periods that stand for more.

Stages and scenarios hold settings in the language of ``--set``: a dotted path and the value it takes, or the same as nested keys.
"""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from lodeworks.chain.entities.attribute import Element, Entity, Measure, attr
from lodeworks.units import Quantity

__all__ = ["Period", "Scenario", "Stage", "settings"]


class Period(Entity):
    """A stretch of the horizon that comes more often than once: a typical day of a season, say."""

    length: Quantity = attr("length", "长度", "How long it is.", measure=Measure.DURATION, required=True)
    times: Quantity = attr(
        "times", "次数", "How often it comes in the time the horizon stands for; need not be whole.", measure=Measure.NUMBER,
        required=True,
    )


class _Changed(Element):
    """What stages and scenarios share."""

    @model_validator(mode="before")
    @classmethod
    def _dotted(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("set"), dict):
            return {**value, "set": {path: str(item) for path, item in settings(value["set"]).items()}}
        return value


class Stage(_Changed):
    """What is different from this stage on; its name is the year it begins in, one of the horizon's `stages`."""

    budget: Quantity | None = attr("budget", "投资预算", "Most money for what is decided in this stage.", measure=Measure.MONEY)
    weight: Quantity | None = attr(
        "weight", "折现年数", "How many years of money it counts in the objective; its years, discounted, unless given.",
        measure=Measure.DURATION,
    )
    set: dict[str, str] = attr(
        "set", "变动", "What changes from this stage on: `{demands.x.most: 300 t/d}`, dotted or nested; nothing takes away.",
        factory=dict,
    )


class Scenario(_Changed):
    """One of the ways things may come: what is built is decided before, how it runs is decided after."""

    probability: Quantity = attr(
        "probability", "概率", "How probable it is; those of all scenarios add up to 1.", measure=Measure.FRACTION, required=True
    )
    set: dict[str, str] = attr(
        "set", "变动", "What is different in it: `{supplies.river.most: 20 t/h}`, dotted or nested, laid over every stage.",
        factory=dict,
    )


def settings(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested changes as dotted paths with one value each; nothing, which takes away, is an empty text."""
    from lodeworks.chain.origin import is_null, resolve
    from lodeworks.chain.yaml import flow_text

    found: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(item, dict) and item:
            found |= settings(item, f"{prefix}{key}.")
        elif isinstance(item, list | dict):
            found[prefix + key] = flow_text(resolve(item))
        else:
            found[prefix + key] = "" if is_null(item) else item
    return found
