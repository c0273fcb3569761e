"""One side of one case in a process of its own: ``python -m benchmarks.worker`` reads a task, prints its figures.

A task is one line of JSON on standard input: {"do": one of `TASKS`, "folder": where `prepare` put the case's files}.
The last line printed is JSON: seconds, peak memory in MB and the objective, where there are such.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["TASKS", "main"]

Figures = dict[str, Any]
_REPEATS = 5
_ENOUGH = 10.0  # seconds after which a build is not measured again
_SMALL = 200  # steps below which twice is enough: a smoke test, not a measurement


def prepare(folder: Path, chain: str, arguments: dict[str, Any], peer: dict[str, Any] | None) -> Figures:
    """Write the case's files: the chain as ours, and as PyPSA's; `peer` is the chain it is told, if another one."""
    from benchmarks import peer_pypsa
    from benchmarks.chains import CHAINS, works
    from lodeworks.chain.write import write_chain

    entity = CHAINS[chain](**arguments)
    (folder / "chain.json").write_text(entity.model_dump_json(), encoding="utf-8")
    (folder / "warm.json").write_text(works(24).model_dump_json(), encoding="utf-8")
    write_chain(entity, folder / "chain")
    told = CHAINS[peer["chain"]](**peer["arguments"]) if peer else entity
    peer_pypsa.network_of(told).export_to_netcdf(folder / "chain.nc")
    peer_pypsa.network_of(works(24)).export_to_netcdf(folder / "warm.nc")
    return {}


def build_ours(folder: Path) -> Figures:
    """Time compile + assemble + scale + hand-over to the solver."""
    warm, entity = (_chain(folder / name) for name in ("warm.json", "chain.json"))
    _ours(warm)
    seconds, memory, (program, _) = _best(lambda: _ours(entity), round(entity.horizon.length.value))
    return {"seconds": seconds, "memory": memory, **program.size}


def build_pypsa(folder: Path) -> Figures:
    """Time create_model + hand-over to the solver."""
    from benchmarks import peer_pypsa

    warm, network = (_network(folder / name) for name in ("warm.nc", "chain.nc"))
    peer_pypsa.hand_over(peer_pypsa.build(warm))

    def both() -> Any:
        model = peer_pypsa.build(network)
        return model, peer_pypsa.hand_over(model)

    seconds, memory, (model, _) = _best(both, len(network.snapshots))
    return {"seconds": seconds, "memory": memory, "columns": int(model.nvars), "rows": int(model.ncons)}


def build_pypsa_default(folder: Path) -> Figures:
    """Time the same through the door `n.optimize()` takes unless told otherwise: an LP file that HiGHS reads."""
    from benchmarks import peer_pypsa

    warm, network = (_network(folder / name) for name in ("warm.nc", "chain.nc"))
    file = folder / "model.lp"

    def both() -> Any:
        return peer_pypsa.hand_over_by_file(peer_pypsa.build(network), file)

    peer_pypsa.hand_over_by_file(peer_pypsa.build(warm), file)
    seconds, memory, _ = _best(both, len(network.snapshots))
    return {"seconds": seconds, "memory": memory}


def solve_ours(folder: Path) -> Figures:
    """Time the solver on the built program, and tell what it found after our own verification."""
    from lodeworks.network import compile_network
    from lodeworks.plan import optimise

    answer = optimise(compile_network(_chain(folder / "chain.json")))
    residuals = answer.residuals
    return {
        "seconds": answer.timings["solve"], "objective": answer.program.objective(answer.x), "memory": _peak(),
        "residual": max(residuals.primal, residuals.dual, residuals.gap),
    }


def solve_pypsa(folder: Path) -> Figures:
    """Time HiGHS, as PyPSA would call it, on the model it was handed."""
    from benchmarks import peer_pypsa

    network = _network(folder / "chain.nc")
    solver = peer_pypsa.hand_over(peer_pypsa.build(network))
    solver.setOptionValue("output_flag", False)
    started = time.perf_counter()
    solver.run()
    seconds = time.perf_counter() - started
    if solver.modelStatusToString(solver.getModelStatus()) != "Optimal":
        raise RuntimeError("PyPSA's model was not solved")
    value = solver.getInfo().objective_function_value
    return {"seconds": seconds, "memory": _peak(), "objective": peer_pypsa.objective_of(network, value)}


def file_ours(folder: Path) -> Figures:
    """Time reading, planning and writing a run, imports included."""
    started = time.perf_counter()
    from lodeworks import verbs

    plan = verbs.plan(folder / "chain", out=folder / "run", replace=True)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "memory": _peak(), "objective": plan.manifest["objective"]["value"]}


def file_pypsa(folder: Path) -> Figures:
    """Time reading, planning and writing a network, imports included."""
    started = time.perf_counter()
    from benchmarks import peer_pypsa

    value = peer_pypsa.from_file_to_file(folder / "chain.nc", folder / "solved.nc")
    return {"seconds": time.perf_counter() - started, "memory": _peak(), "objective": value}


def case_ours(folder: Path, case: str, sets: list[str]) -> Figures:
    """Time a case of ours from its folder to the written run."""
    started = time.perf_counter()
    from lodeworks import verbs
    from lodeworks.cases import case_folder

    plan = verbs.plan(case_folder(case), sets=sets, out=folder / "run", replace=True)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds, "memory": _peak(), "verified": plan.manifest["verified"],
        "timings": plan.manifest["timings"], "size": plan.manifest["size"],
    }


def units_ours(folder: Path, arguments: dict[str, Any], rolling: float | None, gap: float) -> Figures:
    """Time planning units on and off, whole or in windows of so many hours; the gap is that of the manifest."""
    from benchmarks.chains import units
    from lodeworks import verbs

    entity = units(**arguments)
    started, used = time.perf_counter(), time.process_time()
    plan = verbs.plan(entity, rolling=rolling, gap=gap)
    rolled = plan.manifest.get("rolling", {})
    return {
        "seconds": time.perf_counter() - started, "cpu": time.process_time() - used, "memory": _peak(),
        "gap": rolled.get("gap", plan.manifest["mip_gap"]), **plan.manifest["size"],
    }


def size_ours(folder: Path, arguments: dict[str, Any], solve: bool) -> Figures:
    """Time building a chain's program and handing it to the solver, or planning it to a verified, written run."""
    from benchmarks.chains import works
    from lodeworks import verbs

    entity = works(**arguments)
    started, used = time.perf_counter(), time.process_time()
    size = verbs.plan(entity, out=folder / "run").manifest["size"] if solve else _ours(entity)[0].size
    return {
        "seconds": time.perf_counter() - started, "cpu": time.process_time() - used, "memory": _peak(), **size,
    }


TASKS: dict[str, Callable[..., Figures]] = {
    task.__name__: task
    for task in (
        prepare, build_ours, build_pypsa, build_pypsa_default, solve_ours, solve_pypsa, file_ours, file_pypsa,
        case_ours, size_ours, units_ours,
    )
}


def main() -> None:
    """Do the task on standard input and print its figures."""
    task = json.loads(sys.stdin.read())
    figures = TASKS[task.pop("do")](Path(task.pop("folder")), **task)
    print("\n" + json.dumps(figures), flush=True)


def _ours(entity: Any) -> Any:
    from lodeworks.network import compile_network
    from lodeworks.plan.program import assemble
    from lodeworks.plan.scale import scale
    from lodeworks.plan.solve import _hand_over, _silent_solver

    network = compile_network(entity)
    program, columns = assemble(network)
    solver = _silent_solver()
    _hand_over(solver, scale(network, columns, program).apply(program))
    return program, solver


def _best(build: Callable[[], Any], steps: int) -> tuple[float, float, Any]:
    """Return the least seconds of some builds, the peak memory after the first, and what was built last."""
    least, spent, memory, built = float("inf"), 0.0, 0.0, None
    for _ in range(_REPEATS if steps > _SMALL else 2):
        built = None
        started = time.perf_counter()
        built = build()
        seconds = time.perf_counter() - started
        least, spent, memory = min(least, seconds), spent + seconds, memory or _peak()
        if spent > _ENOUGH:
            break
    return least, memory, built


def _chain(path: Path) -> Any:
    from lodeworks.chain.entities import Chain

    return Chain.model_validate_json(path.read_bytes())


def _network(path: Path) -> Any:
    import pypsa

    return pypsa.Network(path)


def _peak() -> float:
    """Return this process's peak memory in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0**2 if sys.platform == "darwin" else 1024.0)


if __name__ == "__main__":
    main()
