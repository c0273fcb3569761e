"""What pages tell a reader to type: the guide's Python, DuckDB and Excel do what it says, commands and keys are there."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import polars as pl
import pytest
from pydantic import BaseModel

import lodeworks
from lodeworks.cases import case_folder
from lodeworks.chain.entities import Chain
from lodeworks.chain.yaml import load_yaml
from lodeworks.runs import read_run
from lodeworks.views.export import export

GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the guide's reader is after its second chapter: a chain of their own and a run of it."""
    made = tmp_path_factory.mktemp("reader")
    shutil.copytree(case_folder("first-chain"), made / "my-first")
    lodeworks.plan(made / "my-first").write(made / "runs" / "first")
    return made


def test_every_block_of_python_runs_in_its_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")
    shutil.rmtree(folder / "runs" / "first")  # the first block writes it
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    assert len(blocks("python")) >= 2
    for block in blocks("python"):
        exec(compile(block, "guide.md", "exec"), names)  # the guide's own words
    assert isinstance(names["flows"], pandas.DataFrame)
    assert len(names["flows"]) == len(names["plan"].flows) > 0


def test_every_block_for_duckdb_gives_the_sums_of_the_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(folder)
    flows = read_run("runs/first").table("flows")
    (block,) = blocks("sql")
    rows = {(element, commodity): amount for element, commodity, amount in duckdb.sql(block).fetchall()}
    wanted = flows.group_by(pl.col("element", "commodity").cast(pl.String)).agg(pl.col("amount").sum())
    assert rows == {(e, c): pytest.approx(a, abs=1e-6) for e, c, a in wanted.iter_rows()}


def test_the_workbook_has_a_sheet_a_table_with_all_its_rows(folder: Path) -> None:
    run = read_run(folder / "runs" / "first")
    export(run, folder / "first.xlsx")
    sheets = pl.read_excel(folder / "first.xlsx", sheet_id=0)
    for name in ("flows", "capacities", "costs"):
        assert len(sheets[name]) == len(run.table(name))


def test_the_first_watched_chain_is_a_sound_one(tmp_path: Path) -> None:
    """What a newcomer copies has no fault, and its alarm starts its incident."""
    from lodeworks.verbs.watching import live_of

    text = GUIDE.with_name("watched.md").read_text(encoding="utf-8")
    (tmp_path / "chain.yaml").write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert lodeworks.check(tmp_path) == []
    live = live_of(tmp_path)
    assert [incident.starts for incident in live.incidents] == [("gas.limit",)]

PAGES = sorted([*GUIDE.parent.glob("*.md"), *GUIDE.parents[1].glob("README*.md"), *GUIDE.parents[1].glob("cases/*/README.md")])


def said_in(page: Path, *languages: str) -> list[str]:
    """Return the blocks of a page in one of some languages."""
    found = re.findall(r"```(\w*)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [text for language, text in found if language in languages]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_command_of_a_page_has_the_options_it_is_given(page: Path) -> None:
    """Named as they are printed; what they do is told by the tests of each."""
    import typer

    from lodeworks.cli.app import app

    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    lines = [line.strip() for block in said_in(page, "", "sh") for line in block.replace("\\\n", " ").splitlines()]
    for line in lines:
        if line.startswith("lodeworks "):
            _, verb, *words = [word for word in shlex.split(line, comments=True) if word not in "|&&"]
            command = verbs[verb]
            command.make_parser(command.context_class(command)).parse_args(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_what_a_page_writes_of_a_chain_is_in_the_language(page: Path) -> None:
    for block in said_in(page, "yaml"):
        written = load_yaml(block, page.name)
        if isinstance(written, dict) and written.keys() <= Chain.model_fields.keys():
            assert list(unknown(Chain, written)) == []


def unknown(kind: Any, written: Any, where: str = "") -> Iterator[str]:
    """Yield the keys of what is written that its kind has not; any number may be one over time."""
    if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(written, dict):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        over_time = {"profile", "times", "fixed", "amount", "lag"} if "profile" in written else set()
        for key, value in written.items():
            if key in fields:
                yield from unknown(fields[key].annotation, value, f"{where}{key}.")
            elif key not in over_time:
                yield f"{where}{key}"
    elif get_origin(kind) is dict and isinstance(written, dict):
        for key, value in written.items():
            yield from unknown(get_args(kind)[1], value, f"{where}{key}.")
    elif get_origin(kind) in (UnionType, Union):
        models = [one for one in get_args(kind) if isinstance(one, type) and issubclass(one, BaseModel)]
        if len(models) == 1:
            yield from unknown(models[0], written, where)


def test_a_slip_on_a_page_would_be_found() -> None:
    assert list(unknown(Chain, {"processes": {"a": {"capacty": "3 t/h", "expansion": {"lumb": "2 t/h"}}}})) == [
        "processes.a.capacty", "processes.a.expansion.lumb"]


def test_the_energy_system_of_the_docs_is_planned_and_comes_to_what_is_told(tmp_path: Path) -> None:
    text = GUIDE.with_name("systems.md").read_text(encoding="utf-8")
    (tmp_path / "chain.yaml").write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert lodeworks.check(tmp_path) == []
    plan = lodeworks.plan(tmp_path)
    assert plan.objective == pytest.approx(1.988e9, rel=1e-3)
    decided = {(e, s): v for e, s, v in plan.table("vintages").select("element", "stage", "decided").iter_rows() if v > 1e-6}
    assert decided["sun_field", "2026"] == pytest.approx(20.0 + 20.0 * (1.2**5 - 1.0))  # growth
    assert {s for e, s in decided if e == "turbine"} == {"2031"}  # it takes four years
    assert decided["capture", "2036"] == pytest.approx(1.64, abs=5e-3)
    turbine = plan.table("vintages").row(by_predicate=(pl.col("element") == "turbine") & (pl.col("decided") > 1e-6), named=True)
    assert 0.35 < turbine["charged"] / turbine["investment"] < 0.45  # the rest is salvage
    pathway = plan.table("pathway").filter(element="turbine")
    assert pathway["existing"].to_list() == [45.0, 45.0, 30.0]
    limits = {(s, n): (v, m) for s, n, v, m in plan.table("policies").filter(pl.col("marginal_value").abs() > 1e-3)
              .select("stage", "policy", "value", "marginal_value").iter_rows()}
    assert limits["2026", "firm"][0] == pytest.approx(115.0)  # the margin
    assert limits["2036", "carbon"] == (pytest.approx(290.0), pytest.approx(95e3, rel=5e-3))
    shares = {(s, n): v for s, n, v in plan.table("policies").filter(pl.col("period").is_null()).select("stage", "policy", "value").iter_rows()}
    assert shares["2036", "green"] >= 0.55 - 1e-7
    assert all(shares[stage, "old"] <= 0.6 for stage in ("2026", "2031", "2036"))
    heat = plan.flows.filter((pl.col("element") == "turbine") & (pl.col("mode") == "extracting") & (pl.col("commodity") == "heat"))
    assert heat["amount"].sum() > 0.0
