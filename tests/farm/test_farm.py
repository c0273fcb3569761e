"""A farm runs every scenario of its file, keeps each as a run of its own, and says the same however it is run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import lodeworks
from lodeworks import InputError, RunError
from lodeworks.farm.engine import farm
from lodeworks.farm.local import workers_for
from lodeworks.farm.task import Outcome, Task, packed, work
from lodeworks.runs import read_run

CHAIN = """
chain: works
horizon: {start: 2026-01-01, length: 6 h}
commodities: {coal: {unit: t}, coke: {unit: t}}
supplies: {mine: {commodity: coal, price: 500 CNY/t}}
processes: {oven: {inputs: {coal: 1.25 t}, outputs: {coke: 1 t}, capacity: 20 t/h}}
demands: {steel: {commodity: coke, price: 2000 CNY/t, most: 25 t/h, least: 5 t/h}}
"""
FARM = """
chain: works.yaml
scenarios:
  base: {}
  shut: {set: {processes.oven.capacity: 0 t/h, demands.steel.least: , demands.steel.amount: 1 t/h}, title: {zh: 停产}}
  lost: {set: {supplies.mine.most: 2 t/h, demands.steel.least: , processes.oven.min_load: 50 %}}
grid:
  supplies.mine.price: [400 CNY/t, 600 CNY/t]
  demands.steel.price: [1800 CNY/t, 2200 CNY/t]
figures: [amount.steel, money.purchase]
"""
# `shut` is told by the check of the chain, so the farm that runs leaves it out.
GOOD = "\n".join(line for line in FARM.splitlines() if not line.startswith("  shut"))
LIST = ["base", "lost", *(f"mine.price-{p}-CNY-t_steel.price-{s}-CNY-t" for p in (400, 600) for s in (1800, 2200))]


def place(folder: Path, text: str = GOOD, chain: str = CHAIN) -> Path:
    (folder / "works.yaml").write_text(chain, encoding="utf-8")
    (folder / "farm.yaml").write_text(text, encoding="utf-8")
    return folder / "farm.yaml"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("farm")
    farm(place(folder), out=folder / "out", workers=2)
    return folder


def results(folder: Path) -> pl.DataFrame:
    return read_run(folder).table("results").drop("seconds")


def test_every_scenario_has_a_row_in_the_order_of_the_file(done: Path) -> None:
    table = results(done / "out")
    assert table["scenario"].to_list() == LIST
    assert table["status"].to_list() == ["optimal", "infeasible", *["optimal"] * 4]


def test_a_scenario_is_what_a_single_plan_with_its_settings_is_to_the_last_digit(done: Path) -> None:
    for row in results(done / "out").filter(pl.col("status") == "optimal").iter_rows(named=True):
        sets = [f"{key}={row[key]}" for key in ("supplies.mine.price", "demands.steel.price") if row[key]]
        plan = lodeworks.plan(done / "works.yaml", sets=sets)
        run = read_run(done / "out" / "runs" / row["scenario"])
        assert row["objective"] == plan.objective
        assert run.manifest["chain_hash"] == plan.manifest["chain_hash"]
        for name in ("rates", "marginal_values", "costs", "capacities"):
            assert_frame_equal(run.table(name), plan.table(name), check_exact=True)


def test_figures_are_those_of_the_run_by_hand(done: Path) -> None:
    row = results(done / "out").row(0, named=True)
    assert row["objective"] == pytest.approx(6 * 20 * (2000 - 1.25 * 500))
    assert row["amount.steel [t]"] == pytest.approx(120.0)
    assert row["money.purchase [CNY]"] == pytest.approx(-6 * 20 * 1.25 * 500)


def test_a_scenario_without_a_plan_says_why_and_does_not_stop_the_rest(done: Path) -> None:
    row = results(done / "out").row(1, named=True)
    assert row["objective"] is None
    assert "mine" in row["why"]
    assert "cannot all hold" in row["why"]


def test_the_table_is_there_as_csv_and_workbook_too(done: Path) -> None:
    assert pl.read_csv(done / "out" / "results.csv")["scenario"].to_list() == LIST
    assert pl.read_excel(done / "out" / "results.xlsx")["scenario"].to_list() == LIST


def test_starting_again_runs_only_what_is_missing_or_changed(tmp_path: Path) -> None:
    file = place(tmp_path, GOOD.replace("  lost: {set: {supplies.mine.most: 2 t/h, demands.steel.least: , processes.oven.min_load: 50 %}}\n", ""))
    first = farm(file, out=tmp_path / "out", workers=1)
    made = {name: (tmp_path / "out/runs" / name / "manifest.json").stat().st_mtime_ns for name in first.results["scenario"]}
    assert first.manifest["kept"] == 0
    file.write_text(file.read_text().replace("600 CNY/t", "650 CNY/t"))  # two of the grid are new, base and two are not
    (tmp_path / "out/runs/base/manifest.json").unlink()  # a run that is not whole
    (tmp_path / "out/runs/base").joinpath("flows.parquet").unlink()
    for path in (tmp_path / "out/runs/base").iterdir():
        path.unlink()
    again = farm(file, out=tmp_path / "out", workers=1)
    assert again.manifest["kept"] == 2
    for name in again.results["scenario"]:
        stays = name in made and name != "base"
        assert ((tmp_path / "out/runs" / name / "manifest.json").stat().st_mtime_ns == made.get(name)) == stays
    (tmp_path / "works.yaml").write_text(CHAIN.replace("20 t/h", "21 t/h"), encoding="utf-8")
    assert farm(file, out=tmp_path / "out", workers=1).manifest["kept"] == 0


def test_a_simulation_farm_gives_means_with_their_intervals(tmp_path: Path) -> None:
    chain = (
        "chain: till\nhorizon: {start: 2026-01-01, length: 20 h, cyclic: false}\ncommodities: {person: {unit: case}}\n"
        "units: {case: case}\nprocesses: {serve: {inputs: {person: 1 case}, outputs: {served: 1 case}, "
        "runs: {batch: 1 case, time: exponential(0.05 h)}}}\n"
        "supplies: {door: {commodity: person, arrivals: {between: exponential(0.1 h)}}}\n"
        "demands: {gone: {commodity: served}}\n"
    ).replace("{person: {unit: case}}", "{person: {unit: case}, served: {unit: case}}")
    file = place(tmp_path, "chain: works.yaml\nverb: simulate\noptions: {replications: 3, seed: 5}\n"
                           "grid: {processes.serve.runs.time: [exponential(0.05 h), exponential(0.06 h)]}\n"
                           "figures: [mean.serve.rate]\n", chain)
    table = results(Path(farm(file, out=tmp_path / "out", workers=1).folder))
    means = [lodeworks.simulate(file.parent / "works.yaml", sets=[f"processes.serve.runs.time={t}"], replications=3, seed=5)
             .statistics.filter((pl.col("name") == "serve") & (pl.col("measure") == "rate"))["mean"][0]
             for t in ("exponential(0.05 h)", "exponential(0.06 h)")]
    assert table["status"].to_list() == ["finished"] * 2
    assert table[next(c for c in table.columns if c.startswith("mean."))].to_list() == means


def test_a_table_of_scenarios_reads_from_csv_and_from_a_workbook_alike(tmp_path: Path) -> None:
    import xlsxwriter

    rows = [["scenario", "supplies.mine.price [CNY/t]", "demands.steel.price"], ["a", 400, "1800 CNY/t"], ["b", 450, ""]]
    (tmp_path / "rows.csv").write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    with xlsxwriter.Workbook(str(tmp_path / "rows.xlsx")) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)
    tables = []
    for name in ("rows.csv", "rows.xlsx"):
        file = place(tmp_path, f"chain: works.yaml\ntable: {name}\n")
        tables.append(farm(file, out=tmp_path / name.replace(".", "-"), workers=1).results.drop("seconds"))
    assert_frame_equal(*tables)
    assert tables[0]["objective"].to_list() == pytest.approx([120 * (1800 - 500), 120 * (2000 - 562.5)])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chain: works.yaml\nscenarioes: {a: {}}", "did you mean 'scenarios'"),
        ("chain: nowhere.yaml\nscenarios: {a: {}}", "no such file"),
        ("chain: works.yaml", "there are no scenarios"),
        ("scenarios: {a: {}}", "chain is missing"),
        ("chain: works.yaml\nverb: plann\nscenarios: {a: {}}", "did you mean 'plan'"),
        ("chain: works.yaml\nscenarios: {'a/b': {}}", "not a name for a folder"),
        ("chain: works.yaml\nscenarios: {a: {sets: {x: 1}}}", "did you mean 'set'"),
        ("chain: works.yaml\nscenarios: {a: {overlay: none.yaml}}", "no such file"),
        ("chain: works.yaml\ngrid: {supplies.mine.price: []}", "an axis without levels"),
        ("chain: works.yaml\ngrid: {supplies.mine.price: [1 CNY/t, 1 CNY/t]}", "of the same name"),
        ("chain: works.yaml\nscenarios: {A: {}, a: {}}", "of the same name"),
        ("chain: works.yaml\ntable: rows.csv\n", "no such file"),
        ("chain: works.yaml\noptions: {time_limit: 3 t}\nscenarios: {a: {}}", "options.time_limit"),
        ("chain: works.yaml\noptions: {seed: 3}\nscenarios: {a: {}}", "not an option of plan"),
        ("chain: works.yaml\nfigures: [builds.oven]\nscenarios: {a: {}}", "did you mean 'built'"),
        ("chain: works.yaml\nscenarios: {a: {set: {processes.ovn.capacity: 1 t/h}}}", "did you mean 'oven'"),
        ("chain: works.yaml\nscenarios: {a: {set: {processes.oven.capacity: 1 kWh}}}", "processes.oven.capacity"),
        ("- a\n- b\n", "not the file of a farm"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        farm(place(tmp_path, text), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_all_that_is_wrong_is_told_at_once_and_what_scenarios_share_once(tmp_path: Path) -> None:
    text = GOOD.replace("demands.steel.price: [1800 CNY/t, 2200 CNY/t]", "demands.steal.price: [1800 CNY/t]")
    text = text.replace("base: {}", "base: {set: {horizon.lenth: 2 h}}")
    with pytest.raises(InputError) as told:
        farm(place(tmp_path, text), out=tmp_path / "out")
    said = str(told.value)
    assert said.count("did you mean 'steel'") == 1
    assert "and 1 more" in said
    assert "did you mean 'length'" in said
    assert "scenario base" in said


def test_a_check_of_a_chain_speaks_for_its_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="scenario shut"):
        farm(place(tmp_path, FARM), out=tmp_path / "out")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    file = place(tmp_path)
    lodeworks.plan(tmp_path / "works.yaml", out=tmp_path / "run")
    before = (tmp_path / "run/manifest.json").read_bytes()
    with pytest.raises(RunError, match="a plan is there"):
        farm(file, out=tmp_path / "run")
    assert (tmp_path / "run/manifest.json").read_bytes() == before


def test_processes_are_no_more_than_memory_and_scenarios_allow() -> None:
    assert workers_for(1_000_000, 50, available=7e9) == 1
    assert workers_for(1_000, 1, available=1e12) == 1
    assert workers_for(1_000, 50, available=1e12) == len(os.sched_getaffinity(0))


def test_a_scenario_that_runs_out_of_memory_is_told_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def starve(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("lodeworks.verbs.plan", starve)
    from lodeworks.chain.entities import Chain

    chain = Chain.model_validate({"chain": "c", "horizon": {"start": "2026-01-01", "length": "1 h"}})
    assert work(Task("a", "plan", packed(chain), {})).status == "out of memory"


# ---- when processes and machines die ----------------------------------------------------------------

SLOW = """
chain: slow
horizon: {start: 2026-01-01, length: %s}
commodities: {coal: {unit: t}, coke: {unit: t}}
supplies: {mine: {commodity: coal, price: 500 CNY/t}}
processes: {oven: {inputs: {coal: 1.25 t}, outputs: {coke: 1 t}, capacity: 20 t/h}}
demands: {steel: {commodity: coke, price: 2000 CNY/t, most: 25 t/h}}
"""


def children_of(pid: int) -> list[int]:
    return [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]


def test_a_process_that_is_killed_costs_no_scenario(tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_once(_: str) -> None:
        mine = [p for p in children_of(os.getpid()) if b"lodeworks.farm.local" in Path(f"/proc/{p}/cmdline").read_bytes()]
        if mine and not killed:
            os.kill(mine[0], signal.SIGKILL)
            killed.append(mine[0])

    made = farm(place(tmp_path), out=tmp_path / "out", workers=1, progress=kill_once)
    assert killed
    assert made.results["status"].to_list() == ["optimal", "infeasible", *["optimal"] * 4]


def test_a_scenario_whose_process_dies_each_time_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lodeworks.farm import local

    monkeypatch.setattr(local, "_send", lambda *_: None)
    monkeypatch.setattr(local, "_receive", lambda *_: (_ for _ in ()).throw(EOFError()))
    (_, outcome), = local.on_processes([Task("a", "plan", b"", {})], 1)
    assert outcome.status == "died"
    assert "memory" in outcome.why
    assert isinstance(outcome, Outcome)


def test_ctrl_c_keeps_what_is_finished_and_ends_the_processes(tmp_path: Path) -> None:
    slow = SLOW % "6000 h"
    file = place(tmp_path, "chain: works.yaml\nscenarios: {quick: {set: {horizon.length: 2 h}}}\n"
                           "grid: {supplies.mine.price: [1 CNY/t, 2 CNY/t, 3 CNY/t, 4 CNY/t]}\n", slow)
    process = subprocess.Popen(
        [sys.executable, "-c", "from lodeworks.cli import main; main()", "farm", str(file), "--out", "out", "--workers", "1"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    kept = tmp_path / "out/runs/quick/manifest.json"
    until = time.monotonic() + 60
    while not kept.exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
    workers = children_of(process.pid)
    os.kill(process.pid, signal.SIGINT)
    out, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "kept" in told
    assert "not run yet" in out
    assert workers
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    manifest = read_run(tmp_path / "out").manifest
    assert manifest["status"] == "interrupted"
    ended = read_run(tmp_path / "out").table("results")
    assert ended["status"][0] == "optimal"
    assert "not run" in ended["status"].to_list()
    file.write_text("chain: works.yaml\nscenarios: {quick: {set: {horizon.length: 2 h}}}\n")
    assert farm(file, out=tmp_path / "out").manifest["kept"] == 1


# ---- on a cluster -----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start(*command: str) -> subprocess.Popen[bytes]:
    program = ("import sys; sys.argv[0] = 'dask'; from dask.__main__ import main; sys.exit(main())")
    return subprocess.Popen([sys.executable, "-c", program, *command], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    port = free_port()
    process = start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    yield f"tcp://127.0.0.1:{port}"
    end(process)


def worker(address: str) -> subprocess.Popen[bytes]:
    return start("worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", "/tmp")


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_table_and_a_worker_killed_costs_nothing(
    done: Path, tmp_path: Path, scheduler: str
) -> None:
    workers = [worker(scheduler), worker(scheduler)]
    try:
        file = place(tmp_path, GOOD)
        killed: list[int] = []

        def kill_one(text: str) -> None:
            if text.startswith(("1 of", "2 of")) and not killed:
                workers[0].kill()
                killed.append(workers[0].pid)

        made = farm(file, out=tmp_path / "out", dask=scheduler, progress=kill_one)
        assert killed
        assert_frame_equal(results(Path(made.folder)), results(done / "out"), check_exact=True)
        for name in LIST:
            if name != "lost":
                here, there = (read_run(folder / "out/runs" / name) for folder in (done, tmp_path))
                assert_frame_equal(here.table("flows"), there.table("flows"), check_exact=True, categorical_as_str=True)
    finally:
        for process in workers:
            end(process)


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_told_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lodeworks import cli

    monkeypatch.setattr(import_module("lodeworks.farm.cluster"), "_PATIENCE_S", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    monkeypatch.setattr(sys, "argv", ["lodeworks", "farm", str(place(tmp_path)), "--out", str(tmp_path / "out"),
                                      "--dask", address])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert f"no Dask scheduler answers at this address; found {address}" in capsys.readouterr().err


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tcp://host:port"):
        farm(place(tmp_path), out=tmp_path / "out", dask="localhost")


def test_without_dask_the_farm_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"lodeworks\[dask\]"):
        farm(place(tmp_path), out=tmp_path / "out", dask="tcp://127.0.0.1:1")


def test_a_farm_on_this_machine_never_loads_the_cluster_s_library(tmp_path: Path) -> None:
    file = place(tmp_path, "chain: works.yaml\nscenarios: {a: {}}\n")
    code = (f"import sys; from lodeworks.farm.engine import farm; farm({str(file)!r}, out={str(tmp_path / 'out')!r}); "
            "sys.exit('distributed' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
