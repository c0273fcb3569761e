"""What people ask of one plan beside its optimum: the front of two goals, and what plans almost as good look like.

Composes reading, engine and run as `lodeworks.verbs` does; which assumptions matter is asked by a tornado, which is a
farm (`lodeworks.farm`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.drafts import scratch
from lodeworks.errors import InputError, Problem, nearest

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.chain.entities import Chain
    from lodeworks.network.arrays import Element, Network, Objective
    from lodeworks.network.pathway import Pathway
    from lodeworks.plan.engine import Answer
    from lodeworks.plan.pathway.answer import PathwayAnswer
    from lodeworks.plan.recorded import Recorder
    from lodeworks.plan.tradeoff import Target
    from lodeworks.plan.verify import Residuals

__all__ = ["Alternatives", "Pareto", "alternatives", "pareto"]


@dataclass(frozen=True)
class _Study:
    """A manifest and tables, as views read them; `chain` is the chain as plain data."""

    manifest: dict[str, Any]
    chain: dict[str, Any] = field(repr=False)
    _tables: Mapping[str, pl.DataFrame] = field(repr=False)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables."""
        return tuple(self._tables)

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name."""
        return self._tables[name]


class Pareto(_Study):
    """The front of two goals; `plans` are those of its points where they were kept."""

    @property
    def front(self) -> pl.DataFrame:
        """A row a point, from the first goal's best to the second's."""
        return self.table("front")


class Alternatives(_Study):
    """The ranges of what may be built among plans that are almost as good as the best."""

    @property
    def ranges(self) -> pl.DataFrame:
        """A row a capacity or sum."""
        return self.table("ranges")


def pareto(
    chain: Chain | str | Path,
    between: tuple[str, str] = ("profit", "emissions"),
    *,
    points: int = 9,
    sets: Sequence[str] = (),
    overlays: Sequence[str | Path] = (),
    out: str | Path | None = None,
    replace: bool = False,
    gap: float = 1e-6,
    method: str = "",
    programs: str | Path | None = None,
    form: str = "lp",
    progress: Callable[[str], None] | None = None,
    command: str = "",
) -> Pareto:
    """Find the front of two goals; where `out` is given, the plan of every point is kept as a run in its ``points``.

    Parameters
    ----------
    between
        Two of ``profit``, ``cost``, ``output:COMMODITY``, ``emissions:COMMODITY``.
    points
        How many, ends included; at least 2. The knee comes on top.
    programs, form
        A folder for the file of every program that is solved, ``lp`` or ``mps``.

    Raises
    ------
    InputError
        If the chain has errors, or the goals are none.
    InfeasibleError, UnboundedError, SolverError
        If there is no plan that may be used; nothing is written.
    RunError
        If `out` cannot be written.
    """
    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.plan.tradeoff import front
    from lodeworks.runs import refuse_folder
    from lodeworks.verbs import checked, plan_of

    if out is not None:
        refuse_folder(out, replace=replace)
    if points < 2:
        raise InputError(Problem("too few points", element="--points", found=str(points), expected="2 or more"))
    started = time.perf_counter()
    entity = checked(chain, sets=sets, overlays=overlays)
    subject: Network | Pathway
    risk: dict[str, float] = {}
    if has_slices(entity):
        pathway = compile_pathway(entity)
        subject, network = pathway, pathway.network
        if pathway.risk.weight > 0.0:
            risk = {"tail": pathway.risk.tail, "weight": pathway.risk.weight}
    else:
        subject = network = compile_network(entity)
    first, second = _goals(entity, network, between)
    if entity.objective.risk is not None:
        _risk_first(network.objective, first, between)
    record = _recorder(programs, form, network.name, replace=replace)
    found = front(subject, first, second, points=points, gap=gap, method=method, record=record, progress=progress)
    names = [f"{number:02d}" for number in range(1, len(found.points) + 1)]
    base = _manifest(found.points[0].answer)
    tables = {"front": _front_table(found, names), "front_capacities": _front_capacities(found, names)}
    plans = {
        name: plan_of(entity, _manifest(point.answer), _tables(point.answer), laps=point.answer.timings,
                      command=command)
        for name, point in zip(names, found.points, strict=True)
    } if out is not None else {}
    tables |= _named_tables(network)
    residuals = [_residuals(point.answer) for point in found.points]
    manifest = {
        **{key: base[key] for key in ("chain", "title", "size", "solver", "currency")},
        "horizon": {**base["horizon"], **({"stages": base["stages"]["names"]} if "stages" in base else {})},
        "kind": "pareto", "status": "optimal", "verified": all(r.good for r in residuals),
        "goals": [{"goal": g.goal, "commodity": g.commodity, "unit": g.unit} for g in (first, second)],
        "risk": risk, "knee": names[found.knee] if found.knee >= 0 else None, "solves": found.solves,
        "command": command,
        "created": time.strftime("%Y-%m-%dT%H:%M:%S"), "timings": {"all": time.perf_counter() - started},
        "tables": {name: table.columns for name, table in tables.items()},
    }
    result = Pareto(manifest, entity.model_dump(mode="json"), tables)
    if out is not None:
        _write(out, result, {f"points/{name}": plan.write for name, plan in plans.items()}, replace=replace)
    return result


def alternatives(
    chain: Chain | str | Path,
    *,
    within: float = 0.03,
    sums: Sequence[str] = (),
    amounts: Sequence[str] = (),
    sets: Sequence[str] = (),
    overlays: Sequence[str | Path] = (),
    out: str | Path | None = None,
    replace: bool = False,
    gap: float = 1e-6,
    method: str = "",
    programs: str | Path | None = None,
    form: str = "lp",
    progress: Callable[[str], None] | None = None,
    command: str = "",
) -> Alternatives:
    """Find the least and the most that may be built of everything in plans almost as good as the best.

    Parameters
    ----------
    within
        The share of the objective that may be given up.
    sums
        Capacities taken together: ``hydrogen=psa+electrolyser``. Over stages: what is decided in all of them.
    amounts
        Elements whose amount over the horizon is asked about, alone or together: ``trucks``, ``power=a+b``. Over stages
        and scenarios: of all years, on the mean.
    programs, form
        A folder for the file of every program that is solved, ``lp`` or ``mps``.

    Raises
    ------
    InputError
        If the chain has errors, names nothing that may be built, or a sum names what is not there.
    InfeasibleError, UnboundedError, SolverError
        If there is no plan that may be used; nothing is written.
    RunError
        If `out` cannot be written.
    """
    from importlib.metadata import version

    from lodeworks.network import compile_network, compile_pathway, has_slices
    from lodeworks.plan.tradeoff import ranges
    from lodeworks.runs import refuse_folder
    from lodeworks.verbs import checked

    if out is not None:
        refuse_folder(out, replace=replace)
    started = time.perf_counter()
    entity = checked(chain, sets=sets, overlays=overlays)
    stages: dict[str, Any] = {}
    subject: Network | Pathway
    if has_slices(entity):
        pathway = compile_pathway(entity)
        subject, network, able = pathway, pathway.network, list(dict.fromkeys(pathway.vintages.element))
        stages = {"stages": [stage.name for stage in pathway.stages if stage.name]}
    else:
        subject = network = compile_network(entity)
        able = [network.elements[int(e)].name for e in network.plants.element[network.plants.expandable]]
    targets = _targets(network, able, sums, amounts)
    record = _recorder(programs, form, network.name, replace=replace)
    found = ranges(subject, targets, within=within, gap=gap, method=method, record=record, progress=progress)
    tables = {**_range_tables(found), **_named_tables(network)}
    objective = network.objective
    manifest = {
        "kind": "alternatives", "chain": network.name, "title": {"en": network.title_en, "zh": network.title_zh},
        "status": "optimal", "verified": True, "within": within, "solves": found.solves,
        "objective": {"goal": objective.goal, "value": found.best, "unit": objective.unit}, "limit": found.limit,
        "solver": {"name": "HiGHS", "version": version("highspy")}, "currency": network.currency,
        "horizon": {"start": network.start.isoformat(), "step_h": network.hours, "steps": network.steps, **stages},
        "command": command, "created": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "timings": {"all": time.perf_counter() - started},
        "tables": {name: table.columns for name, table in tables.items()},
    }
    result = Alternatives(manifest, entity.model_dump(mode="json"), tables)
    if out is not None:
        _write(out, result, {}, replace=replace)
    return result


# ---- what is asked ----------------------------------------------------------------------------------


def _recorder(folder: str | Path | None, form: str, title: str, *, replace: bool) -> Recorder | None:
    """Return what keeps the programs that are solved, where a folder is given for them."""
    if folder is None:
        return None
    from lodeworks.plan.recorded import Recorder, refuse_programs

    refuse_programs(folder, replace=replace)
    return Recorder(folder, form, title=title)


def _risk_first(own: Objective, first: Objective, between: Sequence[str]) -> None:
    """Refuse what would be answered for a part of the question only: risk is weighed in the first goal, or nowhere."""
    if (own.goal, own.commodity) == (first.goal, first.commodity):
        return
    raise InputError(Problem(
        "risk is weighed in the goal of the chain's own objective, which comes first in a front",
        element="--between", found=" ".join(between),
        expected=f"{':'.join(filter(None, (own.goal, own.commodity)))} first, "
        "or an objective without risk, as `--set objective.risk=` makes it",
    ))


def _goals(chain: Chain, network: Network, between: Sequence[str]) -> tuple[Objective, Objective]:
    from lodeworks.network.goal import GOALS, goal_of

    problems, goals = [], []
    for text in between:
        goal, _, commodity = text.partition(":")
        if goal not in GOALS:
            problems.append(Problem("not a goal", element="--between", found=text, suggestion=nearest(goal, GOALS),
                                    expected="profit, cost, output:COMMODITY or emissions:COMMODITY"))
            continue
        needs = goal in ("output", "emissions")
        commodity = commodity or (chain.objective.commodity if needs and chain.objective.goal == goal else "")
        if needs and commodity not in chain.commodities:
            some = _with_some(network, goal)
            problems.append(Problem(f"{goal} of which commodity?", element="--between", found=text,
                                    expected=_one_of(goal, some), suggestion=nearest(commodity, some)))
            continue
        made = goal_of(network, goal, commodity if needs else "")
        if needs and not made.weight.any():
            why = "no demand takes it" if goal == "output" else "nothing brings it into the chain or out of it"
            problems.append(Problem(f"the {goal} of {commodity} is nought in every plan: {why}", element="--between",
                                    found=text, expected=_one_of(goal, _with_some(network, goal))))
            continue
        goals.append(made)
    if len(goals) == 2 and (goals[0].goal, goals[0].commodity) == (goals[1].goal, goals[1].commodity):
        problems.append(Problem("both goals are the same", element="--between", found=" ".join(between),
                                expected="two goals that differ"))
    if problems:
        raise InputError(problems)
    return goals[0], goals[1]


def _with_some(network: Network, goal: str) -> list[str]:
    """Return the commodities that have some output, or emissions."""
    from lodeworks.network.goal import goal_of

    named = dict.fromkeys(network.balances.commodity)
    return [commodity for commodity in named if goal_of(network, goal, commodity).weight.any()]


def _one_of(goal: str, commodities: Sequence[str]) -> str:
    if not commodities:
        return f"another goal: nothing has {goal} here"
    return f"{goal}:COMMODITY, one of {', '.join(commodities[:12])}{' …' if len(commodities) > 12 else ''}"


def _capacity_unit(element: Element) -> str:
    return f"{element.unit}/h" if element.kind in ("process", "route") else element.unit


def _targets(
    network: Network, able: Iterable[str], sums: Sequence[str], amounts: Sequence[str]
) -> list[Target]:
    """Return every capacity that may be built, and the sums and amounts asked for; `able` are what may be built."""
    from lodeworks.plan.tradeoff import Target

    elements = [network.elements[network.element_number[name]] for name in able]
    units = {element.name: _capacity_unit(element) for element in elements}
    targets = [Target(name, "built", (name,), unit) for name, unit in dict(units).items()]
    problems = []
    known = {"built": units, "amount": {element.name: element.unit for element in network.elements}}
    for kind, option, texts in (("built", "--sum", sums), ("amount", "--amount", amounts)):
        for text in texts:
            name, equals, right = text.partition("=")
            parts = tuple(part.strip() for part in (right if equals else name).split("+"))
            lost = [part for part in parts if part not in known[kind]]
            for part in lost:
                what = "names nothing that may be built" if kind == "built" else "names no element"
                problems.append(Problem(what, element=option, found=part, suggestion=nearest(part, known[kind]),
                                        expected="one of " + ", ".join(list(known[kind])[:12])))
            if not lost:
                units_found = sorted({known[kind][part] for part in parts})
                if len(units_found) > 1:
                    problems.append(Problem("a sum of different units", element=option, found=", ".join(units_found),
                                            expected="elements counted in one unit"))
                targets.append(Target(name.strip(), kind, parts, known[kind][parts[0]]))
    if not targets and not problems:
        problems.append(Problem("nothing of this chain may be built", element=f"chain {network.name}",
                                expected="an `expansion`, or --amount ELEMENT"))
    if problems:
        raise InputError(problems)
    return targets


# ---- what was found ---------------------------------------------------------------------------------


def _front_table(found: Any, names: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    first, second = found.goals
    per = f"{first.unit}/{second.unit}"
    rows = [(name, point.kind, point.first, first.unit, point.second, second.unit, point.exchange, per)
            for name, point in zip(names, found.points, strict=True)]
    schema = {"point": pl.String, "kind": pl.String, "first": pl.Float64, "first_unit": pl.String,
              "second": pl.Float64, "second_unit": pl.String, "exchange": pl.Float64, "exchange_unit": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _front_capacities(found: Any, names: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    rows = []
    for name, point in zip(names, found.points, strict=True):
        net, built = _built(point.answer)
        for element, amount in built.items():
            rows.append((name, element, amount, _capacity_unit(net.elements[net.element_number[element]])))
    schema = {"point": pl.String, "element": pl.String, "built": pl.Float64, "unit": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _manifest(answer: Answer | PathwayAnswer) -> dict[str, Any]:
    from lodeworks.plan import plan_manifest
    from lodeworks.plan.engine import Answer
    from lodeworks.plan.pathway import pathway_manifest

    return plan_manifest(answer) if isinstance(answer, Answer) else pathway_manifest(answer)


def _tables(answer: Answer | PathwayAnswer) -> dict[str, pl.DataFrame]:
    from lodeworks.plan import plan_tables
    from lodeworks.plan.engine import Answer
    from lodeworks.plan.pathway import pathway_tables

    return plan_tables(answer) if isinstance(answer, Answer) else pathway_tables(answer)


def _residuals(answer: Answer | PathwayAnswer) -> Residuals:
    from lodeworks.plan.engine import Answer

    return answer.residuals if isinstance(answer, Answer) else answer.found.residuals


def _built(answer: Answer | PathwayAnswer) -> tuple[Network, dict[str, float]]:
    """Return a network that has the names, and what is built of each element; over stages, what is decided in all."""
    from lodeworks.plan.engine import Answer

    if isinstance(answer, Answer):
        net, plants = answer.network, answer.network.plants
        able = (p for p in range(len(plants)) if plants.expandable[p])
        return net, {net.elements[int(plants.element[p])].name: answer.built(p) for p in able}
    built: dict[str, float] = {}
    for element, decided in zip(answer.pathway.vintages.element, answer.decided, strict=True):
        built[element] = built.get(element, 0.0) + float(decided)
    return answer.pathway.network, built


def _range_tables(found: Any) -> dict[str, pl.DataFrame]:
    import numpy as np
    import polars as pl

    rows, extremes = [], []
    for item in found.ranges:
        target = item.target
        most = item.most if np.isfinite(item.most) else None
        rows.append((target.name, target.kind, target.unit, item.least, item.best, most))
        for end, values in zip(("least", "most"), item.others, strict=True):
            extremes += [
                (target.name, end, other.target.name, other.target.unit, float(value) if np.isfinite(value) else None)
                for other, value in zip(found.ranges, values, strict=True)
            ]
    text, number = pl.String, pl.Float64
    return {
        "ranges": pl.DataFrame(rows, orient="row", schema={
            "target": text, "kind": text, "unit": text, "least": number, "best": number, "most": number}),
        "extremes": pl.DataFrame(extremes, orient="row", schema={
            "target": text, "end": text, "other": text, "unit": text, "value": number}),
    }


def _named_tables(network: Network) -> dict[str, pl.DataFrame]:
    from lodeworks.network.names import commodities, elements

    return {"elements": elements(network), "commodities": commodities(network)}


def _write(
    out: str | Path, study: _Study, inside: Mapping[str, Callable[[Path], Any]], *, replace: bool
) -> None:
    """Write a study and the runs inside it as one folder, whole or not at all."""
    import json

    from lodeworks.runs import place_run, write_run

    with scratch() as drafts:
        draft = drafts / "run"
        write_run(draft, study.manifest, {name: study.table(name) for name in study.tables},
                  {"chain.json": json.dumps(study.chain, ensure_ascii=False, indent=1)})
        for name, write in inside.items():
            write(draft / name)
        files = {str(path.relative_to(draft)): path.read_bytes() for path in sorted(draft.rglob("*")) if path.is_file()}
        place_run(out, files, replace=replace)
