"""The command line: what it prints, where, and with which exit code; never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHAIN = """\
chain: works
horizon: {start: 2026-01-01, length: 1 d}
commodities:
  coal: {unit: t}
  coke: {unit: t}
supplies:
  mine: {commodity: coal, price: 500 CNY/t}
processes:
  oven: {inputs: {coal: 1.25 t}, outputs: {coke: 1 t}, capacity: 20 t/h}
demands:
  steel: {commodity: coke, price: 2000 CNY/t, most: 25 t/h}
"""


def lodeworks(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", "from lodeworks.cli import main; main()", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, timeout=120, check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "works.yaml"
    path.write_text(CHAIN, encoding="utf-8")
    return path


@pytest.fixture
def run(chain: Path) -> Path:
    out = chain.parent / "run"
    assert lodeworks("plan", chain, "--out", out).returncode == 0
    return out


def test_check_of_a_good_chain_says_so(chain: Path) -> None:
    done = lodeworks("check", chain)
    assert done.returncode == 0
    assert "0 errors" in done.stderr


def test_check_names_file_line_element_and_nearest_word(chain: Path) -> None:
    chain.write_text(CHAIN.replace("capacity: 20 t/h", "capcity: 20 t/h").replace("most: 25 t/h", "most: 25 t"))
    done = lodeworks("check", chain)
    assert done.returncode == 2
    assert "works.yaml:9" in done.stderr
    assert "capacity" in done.stderr
    found = json.loads(lodeworks("check", chain, "--json").stdout)["problems"]
    assert any(p["element"] == "processes.oven" and p["suggestion"] == "capacity" for p in found)


def test_one_wrong_heading_of_a_long_table_is_not_told_for_every_row(chain: Path) -> None:
    """In JSON every row is there; people read the first and how many more; a figure written with commas takes its heading's unit."""
    chain.write_text(CHAIN.replace("demands:\n  steel: {commodity: coke, price: 2000 CNY/t, most: 25 t/h}\n", "demands: sold.csv\n"))
    rows = "".join(f'town_{i},coke,"2,000",{i + 1}\n' for i in range(12))
    (chain.parent / "sold.csv").write_text(f"name,commodity,price [CNY/t],most [t]\n{rows}")
    done = lodeworks("check", chain)
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert [line.count("sold.csv row") for line in told] == [1, 1, 1, 1]
    assert told[-1] == "error: … and 9 more like this, to sold.csv row 13"
    assert len(json.loads(lodeworks("check", chain, "--json").stdout)["problems"]) == 12


def test_the_package_runs_as_a_command(chain: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "lodeworks", "check", str(chain)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_plan_prints_a_summary_and_writes_a_run(chain: Path, tmp_path: Path) -> None:
    done = lodeworks("plan", chain, "--out", tmp_path / "run")
    assert done.returncode == 0
    assert "660" in done.stdout
    assert (tmp_path / "run" / "manifest.json").exists()


def test_plan_json_is_the_manifest(chain: Path) -> None:
    manifest = json.loads(lodeworks("plan", chain, "--json").stdout)
    assert manifest["objective"]["value"] == pytest.approx(660_000)


def test_set_changes_one_number(chain: Path) -> None:
    done = lodeworks("plan", chain, "--set", "processes.oven.capacity=240t/d", "--json")
    assert json.loads(done.stdout)["objective"]["value"] == pytest.approx(330_000)


def test_set_of_an_unknown_key_suggests_the_nearest(chain: Path) -> None:
    done = lodeworks("plan", chain, "--set", "processes.ovn.capacity=240t/d")
    assert done.returncode == 2
    assert "oven" in done.stderr


def test_an_overlay_changes_what_it_names(chain: Path, tmp_path: Path) -> None:
    (tmp_path / "cheap.yaml").write_text("supplies: {mine: {price: 400 CNY/t}}")
    done = lodeworks("plan", chain, "--overlay", tmp_path / "cheap.yaml", "--json")
    assert json.loads(done.stdout)["objective"]["value"] == pytest.approx(24 * 20 * 1500)


def test_a_run_that_exists_is_kept(chain: Path, run: Path) -> None:
    done = lodeworks("plan", chain, "--out", run)
    assert done.returncode == 2
    assert "--replace" in done.stderr
    assert lodeworks("plan", chain, "--out", run, "--replace").returncode == 0


def test_no_plan_has_exit_code_3_and_says_why(chain: Path) -> None:
    chain.write_text(CHAIN.replace("most: 25 t/h", "least: 15 t/h") + "policies: {cap: {sum: {oven: 1}, most: 100 t}}\n")
    done = lodeworks("plan", chain)
    assert done.returncode == 3
    assert "steel" in done.stderr
    assert "cap" in done.stderr


def test_endless_gain_has_exit_code_4_and_says_what_earns(chain: Path) -> None:
    chain.write_text(CHAIN.replace(", most: 25 t/h", "").replace(", capacity: 20 t/h", ""))
    done = lodeworks("plan", chain)
    assert done.returncode == 4
    assert "1,375" in done.stderr
    assert "mine" in done.stderr


def test_show_prints_a_summary_a_table_and_csv(run: Path) -> None:
    assert "660" in lodeworks("show", run).stdout
    assert "oven" in lodeworks("show", run, "capacities").stdout
    csv = lodeworks("show", run, "costs", "--csv").stdout
    assert csv.startswith("item,element")
    assert lodeworks("show", run, "nothing").returncode == 2


def test_compare_says_what_changed(chain: Path, run: Path, tmp_path: Path) -> None:
    lodeworks("plan", chain, "--set", "processes.oven.capacity=24t/h", "--out", tmp_path / "more")
    done = lodeworks("compare", run, tmp_path / "more")
    assert done.returncode == 0
    assert "oven" in done.stdout
    assert lodeworks("compare", run).returncode == 2


def test_export_and_report_write_files(run: Path, tmp_path: Path) -> None:
    assert lodeworks("export", run, tmp_path / "out.xlsx").returncode == 0
    assert (tmp_path / "out.xlsx").stat().st_size > 1000
    assert lodeworks("export", run, tmp_path / "out.xlsx").returncode == 2
    assert lodeworks("report", run).returncode == 0
    assert "<html" in (run / "report.html").read_text(encoding="utf-8")[:500]


def test_convert_goes_to_a_workbook_and_back(chain: Path, tmp_path: Path) -> None:
    assert lodeworks("convert", chain, tmp_path / "works.xlsx").returncode == 0
    assert lodeworks("convert", tmp_path / "works.xlsx", tmp_path / "folder").returncode == 0
    done = lodeworks("plan", tmp_path / "folder", "--json")
    assert json.loads(done.stdout)["objective"]["value"] == pytest.approx(660_000)


def test_schema_is_json() -> None:
    assert "processes" in json.loads(lodeworks("schema").stdout)["properties"]


def test_cases_are_listed_and_a_new_folder_made_from_one(tmp_path: Path) -> None:
    assert "first-chain" in lodeworks("cases").stdout
    assert lodeworks("new", tmp_path / "mine", "--from", "first-chain").returncode == 0
    assert lodeworks("check", tmp_path / "mine").returncode == 0
    assert lodeworks("new", tmp_path / "mine").returncode == 2
    assert "did you mean" in lodeworks("new", tmp_path / "other", "--from", "frist-chain").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("frobnicate",), ("plan",), ("plan", "nowhere.yaml"), ("plan", "x.yaml", "--gap", "-1"), ("show", "nowhere"),
        ("plan", "x.yaml", "--method", "magic"), ("plan", "x.yaml", "--report"), ("report", "nowhere"), ("compare", "a", "b"),
    ],
)
def test_a_faulty_command_has_exit_code_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert lodeworks(*arguments, cwd=tmp_path).returncode == 2


def test_a_place_that_cannot_be_written_is_said_so(chain: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = lodeworks("plan", chain, "--out", tmp_path / "file" / "run")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_ctrl_c_leaves_no_half_run(tmp_path: Path) -> None:
    # A mixed-integer chain that no solver settles in seconds: many units that may be off, at odds with storage.
    rows = "\n".join(
        f"  p{i}: {{inputs: {{coal: {1 + 0.01 * i} t}}, outputs: {{steam: 1 t}}, capacity: {5 + 1.37 * i} t/h, "
        f"min_load: {55 + i} %, on_off: true, start_cost: {40 + 13 * (i % 7)} CNY, ramp_up: 40 %/h}}" for i in range(20)
    )
    shape = ", ".join(str(20 + (7 * i * i) % 83) for i in range(24))
    (tmp_path / "long.yaml").write_text(
        "chain: long\nhorizon: {start: 2026-01-01, length: 90 d}\ncommodities: {coal: {unit: t}, steam: {unit: t}}\n"
        f"processes:\n{rows}\nstores: {{s: {{commodity: steam, capacity: 11 t, loss: 2 %/h}}}}\n"
        "supplies: {buy: {commodity: coal, price: 10 CNY/t}}\n"
        "demands: {sell: {commodity: steam, price: 9 CNY/t, amount: need, unserved: 31 CNY/t}}\n"
        f"profiles: {{need: {{daily: [{shape}], unit: t/h}}}}\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", "from lodeworks.cli import main; main()", "plan", "long.yaml", "--out", "run"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    maps = Path(f"/proc/{process.pid}/maps")
    until = time.monotonic() + 60
    while maps.exists() and "highspy" not in maps.read_text() and time.monotonic() < until:
        time.sleep(0.05)  # the solver's library is loaded when it is about to be handed the program
    time.sleep(0.5)
    assert process.poll() is None, process.communicate()
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nothing was written" in told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["long.yaml"]


def test_a_ctrl_c_while_the_program_is_still_loaded_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n", encoding="utf-8")
    where = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run([sys.executable, "-m", "lodeworks", "check", "works.yaml"], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": where}, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (130, "stopped; nothing was written\n")


@pytest.mark.parametrize(
    ("ended", "code", "said"), [("KeyboardInterrupt", 130, "stopped; nothing was written"),
                                ("MemoryError", 6, "error: not enough memory for a chain of this size")]
)
def test_what_ends_the_serialiser_is_no_fault_of_ours(ended: str, code: int, said: str) -> None:
    """A signal, or the end of memory, while a chain is written reaches us as an error of the serialiser's own."""
    child = (
        "from pydantic import BaseModel, model_serializer\n"
        "from lodeworks import cli\n"
        "class Chain(BaseModel):\n"
        "    @model_serializer\n"
        f"    def written(self): raise {ended}\n"
        "cli.run = lambda: Chain().model_dump()\n"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [("ImportError('libgfortran.so: failed to map segment from shared object')", 6, "not enough memory"),
     ("type('PanicException', (BaseException,), {})('code: 11, Resource temporarily unavailable')", 6, "not enough memory"),
     ("SystemError('error return without exception set')", 6, "not enough memory"),
     ("ImportError('no module named x')", 1, "a fault of Lodeworks itself (ImportError"),
     ("type('PanicException', (BaseException,), {})('index out of bounds')", 1, "a fault of Lodeworks itself (PanicExc")],
)
def test_a_library_that_finds_no_memory_ends_in_one_message(
    error: str, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lodeworks import cli
    from lodeworks.cli import telling

    def fails() -> None:
        raise eval(error)

    monkeypatch.setattr(cli, "run", fails)
    telling.SPOKEN.set("en")  # whatever the command before was asked for
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert said in capsys.readouterr().err


def test_import_and_help_load_nothing_heavy() -> None:
    code = (
        "import sys, lodeworks, lodeworks.cli; heavy = {'numpy', 'scipy', 'polars', 'pydantic', 'pint', 'highspy', 'plotly'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_plan_tells_the_warnings_of_its_chain_and_where_the_rest_are(chain: Path) -> None:
    extra = "".join(f"  spare{k}: {{unit: t}}\n" for k in range(7))
    chain.write_text(CHAIN.replace("  coke: {unit: t}\n", "  coke: {unit: t}\n" + extra), encoding="utf-8")
    done = lodeworks("plan", chain)
    assert done.returncode == 0
    told = done.stderr.splitlines()
    assert [line.split(" ")[0] for line in told[:5]] == ["warning:"] * 5
    assert "works.yaml:6 commodities.spare0" in told[0]
    assert told[5] == f"further warnings: lodeworks check {chain}"
    assert len(told) == 6


def test_a_refusal_is_told_in_the_language_asked_for(chain: Path) -> None:
    capped = CHAIN.replace("most: 25", "least: 15") + "policies: {cap: {sum: {oven: 1}, most: 10 t/h}}\n"
    chain.write_text(capped, encoding="utf-8")
    done = lodeworks("plan", chain, "--language", "zh")
    assert done.returncode == 3
    assert "没有方案能同时满足所有需求与限制" in done.stderr
    assert "coke缺少 120 t，2026-01-01" in done.stderr
    assert "120 t of coke short, 2026-01-01" in lodeworks("plan", chain).stderr
    assert "expected en or zh" in lodeworks("plan", chain, "--language", "fr").stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a place without room")
def test_that_no_room_is_left_is_no_fault_of_ours() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "lodeworks", "schema"], stdout=full, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "LC_ALL": "C"}, check=False)
    assert (done.returncode, done.stderr) == (2, "error: no room is left to write to\n")
