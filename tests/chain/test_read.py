"""A chain is read from wherever it is, and knows where each part of it was written."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest

from lodeworks.chain import read_chain, read_with_origin, write_chain
from lodeworks.chain.entities import Flow, Lag, Quantity, Varying
from lodeworks.chain.xlsx import column_letters, read_sheets

CHAIN = """\
chain: first
horizon:
  start: 2026-01-01
  length: 1 d
commodities:
  coal: {unit: t}
  焦炭: {unit: t, title: 焦炭}
firms:
  meijin:
processes:
  coking:
    owner: meijin
    inputs: {coal: 1.37 t}
    outputs: {焦炭: {amount: 1 t, lag: 2 h}}
    capacity: 380万吨/年
    cost: 1e3
    availability: shifts
    source: B01
  "no":
    inputs: {coal: 1}
calendars:
  shifts: {hours: [08:00-17:00], days: [mon]}
stores:
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "chain.yaml").write_text(CHAIN, encoding="utf-8")
    return tmp_path


def test_a_chain_is_read_as_it_was_meant(folder: Path) -> None:
    chain = read_chain(folder)
    coking = chain.processes["coking"]
    assert chain.horizon.start == dt.datetime(2026, 1, 1)
    assert coking.inputs == {"coal": Flow(amount=Quantity(1.37, "t"))}
    assert coking.outputs["焦炭"].lag == Lag(shares={"2 h": Quantity(1.0)})
    assert coking.capacity == Quantity(380.0, "万吨/年")
    assert coking.cost == Varying(times=Quantity(1000.0))
    assert coking.availability == Varying(profile="shifts")
    assert coking.source == {"*": "B01"}
    assert chain.commodities["焦炭"].title.zh == "焦炭"
    assert chain.calendars["shifts"].hours == ["08:00-17:00"]
    assert list(chain.processes) == ["coking", "no"]
    assert chain.stores == {}
    assert "meijin" in chain.firms


def test_a_folder_and_its_file_are_one_chain(folder: Path) -> None:
    assert read_chain(folder) == read_chain(folder / "chain.yaml") == read_chain(str(folder))


@pytest.mark.parametrize(
    ("element", "key", "place"),
    [
        ("processes.coking", "capacity", "chain.yaml:15"), ("processes.coking", "inputs.coal", "chain.yaml:13"),
        ("processes.coking", "ramp_up", "chain.yaml:11"), ("processes.coking", "", "chain.yaml:11"),
        ("horizon", "length", "chain.yaml:4"), ("horizon", "step", "chain.yaml:2"), ("routes.r", "to", "chain.yaml"),
    ],
)
def test_each_part_knows_its_line(folder: Path, element: str, key: str, place: str) -> None:
    assert read_with_origin(folder)[1].locate(element, key) == place


def test_a_section_may_be_a_table(folder: Path) -> None:
    text = CHAIN[: CHAIN.index("processes:")] + "processes: processes.csv\n"
    (folder / "chain.yaml").write_text(text, encoding="utf-8")
    (folder / "processes.csv").write_text(
        "name,title.zh,capacity [Mt/a],inputs.coal,outputs,on_off,expansion.cost,# remark\n"
        'coking,焦化,3.8,1.37 t,"{焦炭: 1 t}",TRUE,2 MCNY,mine\n'
        "# a row of remarks\n"
        "other,,500 kt/a,,,,,\n", encoding="gb18030")
    chain, origin = read_with_origin(folder)
    coking, other = chain.processes["coking"], chain.processes["other"]
    assert coking.title.zh == "焦化"
    assert coking.capacity == Quantity(3.8, "Mt/a")
    assert coking.inputs == {"coal": Flow(amount=Quantity(1.37, "t"))}
    assert coking.outputs == {"焦炭": Flow(amount=Quantity(1.0, "t"))}
    assert coking.on_off is True
    assert coking.expansion is not None
    assert coking.expansion.cost == Quantity(2.0, "MCNY")
    assert other.capacity == Quantity(500.0, "kt/a")
    assert origin.locate("processes.other", "capacity") == "processes.csv row 4"


def test_profiles_are_filled_from_their_tables(folder: Path) -> None:
    (folder / "chain.yaml").write_text(CHAIN + "profiles:\n  a: {table: p.csv}\n  b: {table: p.csv, column: tariff}\n",
                                       encoding="utf-8")
    (folder / "p.csv").write_text("time,tariff [CNY/kWh],a\n0,0.5,1\n1,0.25,\n2,1e-1,\n", encoding="utf-8")
    profiles = read_chain(folder).profiles
    assert profiles["a"].values == [1.0]
    assert profiles["b"].values == [0.5, 0.25, 0.1]
    assert profiles["b"].unit == "CNY/kWh"
    assert profiles["b"].table == profiles["b"].column == ""


def test_long_profiles_are_written_beside_the_chain_and_short_ones_in_it(folder: Path) -> None:
    (folder / "chain.yaml").write_text(
        CHAIN + f"profiles:\n  long: {{values: {[i / 7 for i in range(60)]}}}\n  short: {{daily: {[1.0] * 24}}}\n", encoding="utf-8")
    chain = read_chain(folder)
    write_chain(chain, folder / "out")
    written = (folder / "out" / "chain.yaml").read_text(encoding="utf-8")
    assert (folder / "out" / "profiles.csv").read_text(encoding="utf-8-sig").startswith("long")
    assert "table: profiles.csv" in written
    assert "daily:" in written
    assert read_chain(folder / "out") == chain


def test_a_workbook_keeps_units_in_headings_and_titles_in_a_row_of_their_own(folder: Path) -> None:
    chain = read_chain(folder)
    write_chain(chain, folder / "chain.xlsx")
    rows = read_sheets(folder / "chain.xlsx")["processes"].rows
    column = rows[0].index("capacity [万吨/年]")
    assert rows[1][column] == "capacity 产能"
    assert rows[2][column] == 380.0
    with zipfile.ZipFile(folder / "chain.xlsx") as package:
        assert b'topLeftCell="B3"' in package.read("xl/worksheets/sheet4.xml")
    found, origin = read_with_origin(folder / "chain.xlsx")
    assert found == chain
    assert origin.locate("processes.coking", "capacity") == f"processes!{column_letters(column)}3"


def test_replacing_a_folder_keeps_what_is_not_the_chains(folder: Path) -> None:
    (folder / "README.md").write_text("mine", encoding="utf-8")
    chain = read_chain(folder, sets=["processes.coking.capacity=1 t/h"])
    write_chain(chain, folder, replace=True)
    assert (folder / "README.md").read_text(encoding="utf-8") == "mine"
    assert read_chain(folder) == chain
    assert sorted(item.name for item in folder.iterdir()) == ["README.md", "chain.yaml"]


def test_a_write_that_fails_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lodeworks.errors import RunError

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    chain = read_chain(folder)
    monkeypatch.setattr(Path, "write_text", full)
    for target in ("out.yaml", "out.json", "out"):
        with pytest.raises(RunError, match="No space left on device"):
            write_chain(chain, folder / target)
    assert [item.name for item in folder.iterdir()] == ["chain.yaml"]
