"""What the manifest of a plan over slices says besides that of any plan: its stages, scenarios and periods."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lodeworks.plan.pathway.answer import PathwayAnswer
from lodeworks.plan.pathway.information import Information, worst_mean
from lodeworks.plan.result import plan_manifest

__all__ = ["pathway_manifest"]


def pathway_manifest(answer: PathwayAnswer, known: Information | None = None) -> dict[str, Any]:
    """Return what the manifest says; `known` adds the value of information."""
    pathway, program = answer.pathway, answer.composition.program
    manifest = plan_manifest(answer.slices[0])
    manifest["objective"] = {**manifest["objective"], "value": answer.objective}
    manifest["size"] = program.size
    if pathway.stages[0].name:
        manifest["stages"] = {
            "names": [stage.name for stage in pathway.stages], "years": [stage.years for stage in pathway.stages],
            "discount": pathway.rate,
        }
    if pathway.slices[0].period:
        own = [piece for piece in pathway.slices if piece.stage == piece.scenario == 0]
        manifest["periods"] = {"names": [piece.period for piece in own], "times": [piece.times for piece in own]}
    if pathway.scenarios[0].name:
        manifest["scenarios"] = {
            "names": [scenario.name for scenario in pathway.scenarios],
            "probabilities": [scenario.probability for scenario in pathway.scenarios],
            "titles": {s.name: {"en": s.title_en, "zh": s.title_zh} for s in pathway.scenarios},
            **_measured(answer),
        }
        if known is not None:
            manifest["scenarios"]["information"] = {
                key: value for key, value in asdict(known).items() if key not in ("known", "of_mean_plan")
            }
    return manifest


def _measured(answer: PathwayAnswer) -> dict[str, Any]:
    """The mean of all outcomes, and where risk is weighed the mean of the worst."""
    pathway = answer.pathway
    sign = -1.0 if answer.composition.program.maximise else 1.0
    costs = [sign * answer.outcome(w) + answer.building for w in range(len(pathway.scenarios))]
    probability = [scenario.probability for scenario in pathway.scenarios]
    found: dict[str, Any] = {"expected": sign * sum(p * c for p, c in zip(probability, costs, strict=True))}
    if pathway.risk.weight > 0.0:
        import numpy as np

        worst = worst_mean(costs, np.array(probability), pathway.risk.tail)
        found["risk"] = {"level": 1.0 - pathway.risk.tail, "weight": pathway.risk.weight, "worst": sign * worst}
    return found
