"""Bad input as a new user would meet it: each gives one clear message and exit code 2, and no traceback."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lodeworks.chain import read_chain, write_chain
from lodeworks.errors import InputError

HEAD = "chain: x\nhorizon: {start: 2026-01-01, length: 1 d}\n"
COAL = HEAD + "commodities:\n  coal: {unit: t}\n  coke: {unit: t}\n"

# what is wrong: (the YAML text, what the message must say)
TEXTS: dict[str, tuple[str, list[str]]] = {
    "empty file": ("", ["the file is empty"]),
    "only a comment": ("# nothing\n", ["the file is empty"]),
    "a list": ("- a\n- b\n", ["this is not a chain", "a list"]),
    "one word": ("hello\n", ["this is not a chain"]),
    "broken braces": (HEAD + "sites: {a: {b: 1\n", ["this is not YAML", "chain.yaml:"]),
    "a tab for indentation": (HEAD + "sites:\n\ta: {}\n", ["this is not YAML", "chain.yaml:4"]),
    "two documents": (HEAD + "---\nchain: y\n", ["a second document", "chain.yaml:3"]),
    "a python object": (HEAD + "note: !!python/object/apply:os.system [ls]\n", ["tags are not read here"]),
    "a binary tag": (HEAD + "note: !!binary aGVsbG8=\n", ["tags are not read here"]),
    "an unknown alias": (HEAD + "sites: {a: *b}\n", ["`*b` has no `&b`"]),
    "nesting without end": (HEAD + "note: " + "[" * 200 + "]" * 200 + "\n", ["nested deeper"]),
    "an alias bomb": (
        HEAD + "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)), ["too large"]),
    "a mapping as a key": (HEAD + "{a: 1}: b\n", ["a key must be text"]),
    "no chain name": ("horizon: {start: 2026-01-01, length: 1 d}\n", ["chain", "is missing"]),
    "no horizon": ("chain: x\n", ["horizon is missing", "start, step, length"]),
    "no start": ("chain: x\nhorizon: {length: 1 d}\n", ["horizon.start", "is missing"]),
    "horizon is a word": ("chain: x\nhorizon: year\n", ["wrong shape", "'year'", "start, step, length"]),
    "a time zone": ("chain: x\nhorizon: {start: '2026-01-01T00:00+08:00', length: 1 d}\n", ["without a time zone", "chain.yaml:2"]),
    "universal time": ("chain: x\nhorizon: {start: 2026-01-01T00:00:00Z, length: 1 d}\n", ["without a time zone"]),
    "a day that is none": ("chain: x\nhorizon: {start: 2026-02-30, length: 1 d}\n", ["there is no such date", "2026-02-30"]),
    "a 29th of February": ("chain: x\nhorizon: {start: 2026-02-29, length: 1 d}\n", ["there is no such date"]),
    "a date the wrong way round": ("chain: x\nhorizon: {start: 01/02/2026, length: 1 d}\n", ["not a date", "2026-01-01"]),
    "a bare year": ("chain: x\nhorizon: {start: 2026, length: 1 a}\n", ["not a date", "'2026'"]),
    "length without number": ("chain: x\nhorizon: {start: 2026-01-01, length: year}\n", ["not a number with a unit", "'year'"]),
    "a misspelt section": (HEAD + "proceses: {}\n", ["unknown section", "did you mean 'processes'", "chain.yaml:3"]),
    "a foreign section": (HEAD + "turbines: {}\n", ["unknown section", "one of chain"]),
    "a misspelt key": (COAL + "processes:\n  p: {inputs: {coal: 1}, capcity: 3 t/h}\n", ["processes.p.capcity", "did you mean 'capacity'", "chain.yaml:7"]),
    "a duplicate key": (COAL + "processes:\n  p:\n    capacity: 3 t/h\n    capacity: 4 t/h\n", ["written twice", "lines 8 and 9"]),
    "a duplicate element": (HEAD + "sites:\n  a: {}\n  a: {}\n", ["'a' is written twice", "lines 4 and 5"]),
    "a duplicate section": (HEAD + "sites: {}\nsites: {}\n", ["'sites' is written twice"]),
    "a section as a list": (HEAD + "sites: [a, b]\n", ["wrong shape", "a list of 2", "names with values"]),
    "an element as a list": (HEAD + "processes:\n  p: [a]\n", ["processes.p", "wrong shape"]),
    "an element as text": (HEAD + "processes:\n  p: coke\n", ["processes.p", "wrong shape", "'coke'"]),
    "capacity in words": (HEAD + "processes:\n  p: {capacity: lots}\n", ["processes.p.capacity", "'lots'", "3.8 Mt/a"]),
    "capacity as a boolean": (HEAD + "processes:\n  p: {capacity: true}\n", ["processes.p.capacity", "not a number"]),
    "capacity not a number": (HEAD + "processes:\n  p: {capacity: .nan}\n", ["processes.p.capacity", "finite"]),
    "capacity without end": (HEAD + "processes:\n  p: {capacity: .inf}\n", ["processes.p.capacity", "finite"]),
    "a number too large": (HEAD + "processes:\n  p: {capacity: 1e999 t/h}\n", ["processes.p.capacity", "finite"]),
    "a decimal comma": (HEAD + "processes:\n  p: {capacity: '3,8 t/h'}\n", ["processes.p.capacity", "not a number with a unit"]),
    "yes for a boolean": (HEAD + "processes:\n  p: {on_off: yes}\n", ["processes.p.on_off", "true or false", "'yes'"]),
    "inputs as a list": (HEAD + "processes:\n  p: {inputs: [coal]}\n", ["processes.p.inputs", "names with values"]),
    "an input without amount": (HEAD + "processes:\n  p: {inputs: {coal: }}\n", ["processes.p.inputs.coal", "nothing is given"]),
    "an input with a wrong key": (HEAD + "processes:\n  p: {inputs: {coal: {amout: 1 t}}}\n", ["did you mean 'amount'"]),
    "no unit of a commodity": (HEAD + "commodities:\n  coal: {}\n", ["commodities.coal.unit", "is missing"]),
    "a name with a point": (HEAD + "sites: {a.b: {}}\n", ["must not hold a point"]),
    "a name of nothing": (HEAD + "sites: {'': {}}\n", ["must not be empty"]),
    "a name with spaces round it": (HEAD + "sites: {' a': {}}\n", ["begin or end with a space"]),
    "text in a profile": (HEAD + "profiles: {p: {values: [1, two, 3]}}\n", ["profiles.p.values", "value 2", "'two'"]),
    "NaN in a profile": (HEAD + "profiles: {p: {values: [1, .nan]}}\n", ["profiles.p.values", "value 2"]),
    "a gap in a profile": (HEAD + "profiles: {p: {daily: [1, , 3]}}\n", ["chain.yaml:3"]),
    "no table of that name": (HEAD + "processes: processes.csv\n", ["there is no such table", "processes.csv"]),
    "a section in a document": (HEAD + "processes: report.docx\n", ["not the name of a table", "report.docx"]),
    "a route to nowhere": (HEAD + "routes: {r: {commodity: coal, from: a}}\n", ["routes.r.to", "is missing"]),
    "a fleet without speed": (HEAD + "fleets: {f: {vehicles: 3, payload: 31 t}}\n", ["fleets.f.speed", "is missing"]),
    "a tier as text": (HEAD + "supplies: {s: {commodity: coal, tiers: [cheap]}}\n", ["supplies.s.tiers", "'cheap'"]),
    "an overlay of nothing": ("overlay:\nsites: {}\n", ["`overlay` names the chain"]),
    "an overlay of what is not there": ("overlay: base.yaml\n", ["there is no such file", "base.yaml"]),
    "an overlay of itself": ("overlay: chain.yaml\n", ["lead back to themselves"]),
    "a varying of nothing": (HEAD + "processes: {p: {cost: {}}}\n", ["processes.p.cost", "expected a quantity"]),
}


def told(read: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        read()
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert all(problem.file and problem.message for problem in caught.value.problems)
    for word in ("pydantic", "Traceback", "https://", "Input should", "validation error", "object at 0x"):
        assert word not in message
    return message


def lacks(message: str, parts: list[str]) -> list[str]:
    return [part for part in parts if part not in message]


@pytest.mark.parametrize("case", TEXTS)
def test_a_bad_text_is_told(case: str, tmp_path: Path) -> None:
    text, parts = TEXTS[case]
    (tmp_path / "chain.yaml").write_text(text, encoding="utf-8")
    message = told(lambda: read_chain(tmp_path))
    assert not lacks(message, parts), message


BYTES: dict[str, tuple[str, bytes, list[str]]] = {
    "a PDF as YAML": ("chain.yaml", b"%PDF-1.7\n%\xe2\xe3", ["this is a PDF"]),
    "a PDF as a workbook": ("chain.xlsx", b"%PDF-1.7\n%\xe2\xe3", ["a PDF document", "whatever its name says"]),
    "text as a workbook": ("chain.xlsx", b"chain: x\n", ["no workbook"]),
    "an old workbook": ("chain.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", [".xls workbook", ".xlsx"]),
    "an empty workbook file": ("chain.xlsx", b"", ["no workbook"]),
    "half a workbook": ("chain.xlsx", b"PK\x03\x04" + b"\x00" * 60, ["a broken workbook"]),
    "a workbook as YAML": ("chain.yaml", b"PK\x03\x04\x14\x00", ["a workbook"]),
    "a picture as YAML": ("chain.yaml", b"\x89PNG\r\n\x1a\n\x00", ["a picture"]),
    "bytes that are no text": ("chain.yaml", b"chain: \x00\x01\xff\xff", ["this is not text"]),
    "broken JSON": ("chain.json", b'{"chain": "x",\n "horizon": }', ["this is not JSON", "chain.json:2"]),
    "JSON with a key twice": ("chain.json", b'{"chain": "x", "chain": "y"}', ["'chain' is written twice"]),
    "a suffix nobody reads": ("chain.docx", b"x", ["this kind of file"]),
}


@pytest.mark.parametrize("case", BYTES)
def test_bad_bytes_are_told(case: str, tmp_path: Path) -> None:
    name, content, parts = BYTES[case]
    (tmp_path / name).write_bytes(content)
    message = told(lambda: read_chain(tmp_path / name))
    assert not lacks(message, parts), message


# tables beside the chain: the section or profile, the table's text, what the message must say
TABLES: dict[str, tuple[str, str, list[str]]] = {
    "an empty table": ("processes", "", ["the table is empty"]),
    "no column of names": ("processes", "id,capacity\np,3\n", ["headed `name`", "processes.csv"]),
    "an unknown heading": ("processes", "name,capcity\np,3\n", ["unknown heading 'capcity'", "did you mean 'capacity'"]),
    "a heading twice": ("processes", "name,capacity,capacity\np,3,4\n", ["two columns are headed 'capacity'"]),
    "a name twice": ("processes", "name,capacity\np,3\np,4\n", ["'p' is written twice", "processes.csv row 3"]),
    "a row without name": ("processes", "name,capacity\n,3\n", ["the row has no name", "processes.csv row 2"]),
    "a row too long": ("processes", "name,capacity\np,3,4,5\n", ["more cells than headings", "row 2"]),
    "text for a number": ("processes", "name,capacity [t/h]\np,lots\n", ["processes.csv row 2 processes.p.capacity", "'lots'"]),
    "a unit of a text": ("processes", "name,site [t]\np,a\n", ["takes no unit"]),
    "broken braces in a cell": ("processes", 'name,inputs\np,"{coal: 1"\n', ["processes.csv row 2", "this is not YAML"]),
    "an open quote": ("processes", 'name,note\np,"half\n', ["this is not a table"]),
    "a missing column": ("profile", "time,b\n1,2\n", ["has no column 'p'", "time"]),
    "text in a column": ("profile", "p\n1\nn/a\n3\n", ["p.csv row 3", "'n/a'"]),
    "a gap in a column": ("profile", "t,p\n1,1\n2,\n3,3\n", ["p.csv row 3", "a gap"]),
    "NaN in a column": ("profile", "p\n1\nNaN\n", ["p.csv row 3", "'NaN'"]),
    "an empty column": ("profile", "t,p\n1,\n2,\n", ["is empty"]),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_bad_table_is_told(case: str, tmp_path: Path) -> None:
    what, text, parts = TABLES[case]
    own = "processes: processes.csv\n" if what == "processes" else "profiles: {p: {table: p.csv}}\n"
    (tmp_path / "chain.yaml").write_text(HEAD + own, encoding="utf-8")
    (tmp_path / ("processes.csv" if what == "processes" else "p.csv")).write_text(text, encoding="utf-8")
    message = told(lambda: read_chain(tmp_path))
    assert not lacks(message, parts), message


def test_a_table_of_many_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "chain.yaml").write_text(HEAD + "processes: big.csv\n", encoding="utf-8")
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(2_000_000_000)
    assert "too large" in told(lambda: read_chain(tmp_path))


def test_a_broken_parquet_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "chain.yaml").write_text(HEAD + "processes: p.parquet\n", encoding="utf-8")
    (tmp_path / "p.parquet").write_bytes(b"PAR1" + b"\x07" * 40 + b"PAR1")
    assert "not a Parquet table" in told(lambda: read_chain(tmp_path))


def test_a_file_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "liupanshui.yaml").write_text(HEAD, encoding="utf-8")
    message = told(lambda: read_chain(tmp_path / "liupanshi.yaml"))
    assert not lacks(message, ["there is no such file", "did you mean 'liupanshui.yaml'"])


def test_a_folder_without_a_chain_is_told(tmp_path: Path) -> None:
    assert "holds no chain.yaml" in told(lambda: read_chain(tmp_path))


# ---- workbooks --------------------------------------------------------------------------------------


def sheet(book: Any, name: str, rows: list[list[Any]]) -> Any:
    made = book.add_worksheet(name)
    for number, row in enumerate(rows):
        made.write_row(number, 0, row)
    return made


def formula_without_result(path: Path) -> None:
    """Take the stored result of the formula out, as programs do that write formulas and calculate none."""
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in members.items():
            package.writestr(name, content.replace(b"<f>1+1</f><v>0</v>", b"<f>1+1</f>"))


def unknown_sheet(book: Any, processes: Any) -> None:
    sheet(book, "proceses", [["name"], ["q"]])


WORKBOOKS: dict[str, tuple[Callable[[Any, Any], Any], list[str]]] = {
    "merged cells": (lambda book, s: s.merge_range("B3:C3", "5 t/h"), ["merged cells", "processes!B3:C3"]),
    "an error cell": (lambda book, s: s.write_formula("B2", "=A1/0", None, "#REF!"), ["processes!B2", "#REF!"]),
    "a formula nobody calculated": (lambda book, s: s.write_formula("B2", "=1+1"), ["processes!B2", "no stored result", "=1+1"]),
    "text for a number": (lambda book, s: s.write_string("B2", "lots"), ["processes!B2", "'lots'"]),
    "a date for a number": (
        lambda book, s: s.write_number("B2", 46023, book.add_format({"num_format": "yyyy-mm-dd"})), ["processes!B2", "2026-01-01"]),
    "a misspelt sheet": (unknown_sheet, ["'proceses'", "did you mean 'processes'"]),
    "a name twice": (lambda book, s: s.write_row("A3", ["p", 4]), ["written twice", "processes!A3"]),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_bad_workbook_is_told(case: str, tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    spoil, parts = WORKBOOKS[case]
    path = tmp_path / "chain.xlsx"
    with Workbook(path) as book:
        sheet(book, "chain", [["key", "value"], ["chain", "x"], ["horizon.start", "2026-01-01"], ["horizon.length", "1 d"]])
        spoil(book, sheet(book, "processes", [["name", "capacity [t/h]"], ["p", 3]]))
    formula_without_result(path)
    message = told(lambda: read_chain(path))
    assert not lacks(message, parts), message


def test_a_workbook_without_the_sheet_chain_is_told(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(tmp_path / "a.xlsx") as book:
        sheet(book, "Tabelle1", [["a"]])
    assert "no sheet `chain`" in told(lambda: read_chain(tmp_path / "a.xlsx"))


# ---- all at once, and what reading must not lose ----------------------------------------------------


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "chain.yaml").write_text(
        HEAD + "comodities: {}\nprocesses: processes.csv\nprofiles: {p: {table: p.csv}}\n", encoding="utf-8")
    (tmp_path / "processes.csv").write_text("name,capacity\na,lots\nb,3\nc,some\n", encoding="utf-8")
    (tmp_path / "p.csv").write_text("p\n1\nx\n", encoding="utf-8")
    message = told(lambda: read_chain(tmp_path, sets=["processes.d.capacity=3"]))
    assert not lacks(message, ["comodities", "processes.csv row 2", "processes.csv row 4", "p.csv row 3", "processes.d"])


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD, encoding="utf-8")
    chain = read_chain(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text("precious", encoding="utf-8")
    assert "already" in told(lambda: write_chain(chain, tmp_path / "b.yaml"))
    assert "already" in told(lambda: write_chain(chain, tmp_path))
    assert (tmp_path / "b.yaml").read_text(encoding="utf-8") == "precious"
