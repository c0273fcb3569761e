"""What a plan over slices builds: every vintage, what may be decided and what it is worth, and capacity by stage."""

from __future__ import annotations

import numpy as np
import polars as pl

from lodeworks.network.arrays import Floats
from lodeworks.plan.pathway.answer import PathwayAnswer

__all__ = ["candidates", "capacity_by_stage", "decided_vintages"]


def decided_vintages(answer: PathwayAnswer) -> pl.DataFrame:
    """One row an element and stage of decision, also where nothing is decided."""
    pathway, net = answer.pathway, answer.pathway.network
    vintages, rows = pathway.vintages, []
    for v, name in enumerate(vintages.element):
        element = net.elements[net.element_number[name]]
        decided, invest = float(answer.decided[v]), float(vintages.invest[v])
        rows.append((
            name, element.kind, _unit(element.kind, element.unit), pathway.stages[vintages.stage[v]].name,
            pathway.stages[vintages.first[v]].name, pathway.stages[vintages.last[v] - 1].name, decided, invest,
            invest * decided, float(vintages.charge[v]) * decided, -_reduced(answer, v),
        ))
    return pl.DataFrame(rows, orient="row", schema={
        **dict.fromkeys(("element", "kind", "unit", "stage", "stands_from", "stands_to"), pl.String),
        **dict.fromkeys(("decided", "unit_investment", "investment", "charged", "net_value"), pl.Float64),
    })


def _unit(kind: str, unit: str) -> str:
    return unit if kind in ("store", "fleet") else f"{unit}/h"


def _reduced(answer: PathwayAnswer, vintage: int) -> float:
    """Return what one more unit of capacity of a vintage would cost the objective."""
    made = answer.composition
    column = int(made.links.vintage[vintage])
    vintages, pathway = answer.pathway.vintages, answer.pathway
    size, name = float(vintages.size[vintage]), vintages.element[vintage]
    full = float(answer.reduced[column])
    for number, piece in enumerate(pathway.slices):  # what is built in whole lumps is a number held in each slice
        if vintages.first[vintage] <= piece.stage < vintages.last[vintage]:
            part, p = made.parts[number], pathway.plants[number][name]
            if made.program.integer[made.built(number, p)]:
                each = size * pathway.part(number, vintage) / part.columns.built_size(part.network, p)
                full += each * float(answer.reduced[made.built(number, p)])
    return full / size


def candidates(answer: PathwayAnswer) -> pl.DataFrame:
    """What may be decided, best first: what one more unit earns over all stages it stands in, and what it costs."""
    pathway, net = answer.pathway, answer.pathway.network
    vintages, rows = pathway.vintages, []
    for v, name in enumerate(vintages.element):
        element = net.elements[net.element_number[name]]
        decided, charge = float(answer.decided[v]), float(vintages.charge[v])
        net_value = -_reduced(answer, v)
        most = float(vintages.most[v])
        rows.append((
            pathway.stages[vintages.stage[v]].name, name, element.kind, element.commodity,
            _unit(element.kind, element.unit), most if np.isfinite(most) else None, decided, net_value + charge, charge,
            net_value, net_value * decided, float(vintages.invest[v]) * decided,
            net_value / float(vintages.invest[v]) if vintages.invest[v] > 0.0 else None,
        ))
    frame = pl.DataFrame(rows, orient="row", schema={
        **dict.fromkeys(("stage", "element", "kind", "commodity", "unit"), pl.String),
        **dict.fromkeys(("buildable", "built", "marginal_value", "annual_cost", "net_value", "earns", "investment",
                         "net_return"), pl.Float64),
    }).sort(["net_return", "earns"], descending=True, nulls_last=True)
    return frame if pathway.stages[0].name else frame.drop("stage")


def _faded(shares: Floats, stage: int) -> float:
    """Return what share of a vintage goes from the stage before to this one."""
    return max(0.0, float(shares[stage - 1] - shares[stage])) if stage else 0.0


def capacity_by_stage(answer: PathwayAnswer) -> pl.DataFrame:
    """Capacity by stage, one row an element that can grow or changes: existing, retired, decided, built, total."""
    pathway = answer.pathway
    vintages, rows = pathway.vintages, []
    firsts = [next(i for i, piece in enumerate(pathway.slices) if piece.stage == y) for y in range(len(pathway.stages))]
    nets = [pathway.slices[i].network for i in firsts]
    names = [net.elements[e].name for net in nets for e in net.plants.element]
    for name in dict.fromkeys(names):
        existing, built = [], []
        for i, net in zip(firsts, nets, strict=True):
            own = [p for p in range(len(net.plants)) if net.elements[net.plants.element[p]].name == name]
            existing.append(float(net.plants.existing[own[0]]) if own else 0.0)
            built.append(answer.slices[i].built(own[0]) if own else 0.0)
            if own and net.plants.closable[own[0]]:  # what is closed is no longer there
                existing[-1], built[-1] = existing[-1] + built[-1], 0.0
        may_close = any(name == nets[0].elements[e].name for e in nets[0].plants.element[nets[0].plants.closable])
        early = any(name == nets[0].elements[e].name for e in nets[0].plants.element[nets[0].plants.early])
        changes = max(built) > 0.0 or len(set(existing)) > 1 or name in vintages.element or may_close
        if not np.isfinite(existing).all() or not changes:
            continue
        element = nets[0].elements[nets[0].element_number[name]]
        for y, stage in enumerate(pathway.stages):
            mine = [v for v, n in enumerate(vintages.element) if n == name]
            decided = sum(float(answer.decided[v]) for v in mine if vintages.stage[v] == y)
            gone = max(existing[y - 1] - existing[y], 0.0) if y else 0.0
            if early and y:  # what was there, and what is new, and is no longer there
                new = sum(float(answer.decided[v]) * pathway.part(firsts[y], v) for v in mine if vintages.first[v] == y)
                gone += max(built[y - 1] + new - built[y], 0.0)
            else:
                gone += sum(float(answer.decided[v]) for v in mine if vintages.last[v] == y and not vintages.fades[v])
                gone += sum(_faded(vintages.shares[v], y) * float(answer.decided[v]) for v in mine if vintages.fades[v])
            rows.append((name, element.kind, element.commodity, _unit(element.kind, element.unit), stage.name,
                         existing[y], gone, decided, built[y], existing[y] + built[y]))
    return pl.DataFrame(rows, orient="row", schema={
        **dict.fromkeys(("element", "kind", "commodity", "unit", "stage"), pl.String),
        **dict.fromkeys(("existing", "retired", "decided", "built", "total"), pl.Float64),
    })
