"""The journal: nothing in it changes unseen, nothing stands in it twice, nothing half."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import fastexcel
import pytest

from lodeworks.errors import WatchError
from lodeworks.watch import journal as journal_module
from lodeworks.watch.journal import Journal, Row
from lodeworks.watch.occurrences import Occurrence, occurrences


def rows(count: int, start: int = 0) -> list[Row]:
    return [
        Row(1000 + n, "alarm", f"gas{n}", "began", value=n / 7, note=f"note number {n:05d} 瓦斯", data={"n": n}, key=f"k{n}")
        for n in range(start, start + count)
    ]


def filled(path: Path, count: int = 50) -> Journal:
    journal = Journal(path)
    for n in range(0, count, 10):
        journal.append(rows(min(10, count - n), n), written=5)
    return journal


def test_rows_are_read_back_as_written(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    put = journal.append([Row(7, "alarm", "甲烷", "began", "wang", 1.25, "why", {"rule": "r", "level": "H"}, "k")], written=9)
    assert journal.since(0) == put
    [row] = put
    assert (row.number, row.at, row.written, row.value, row.data["level"]) == (1, 7, 9, 1.25, "H")
    assert journal.since(1) == []
    assert journal.between(7, 8) == put
    assert journal.between(8, 9) == []


def test_the_same_event_is_one_row(tmp_path):
    journal = filled(tmp_path / "journal.sqlite", 20)
    assert journal.append(rows(20)) == []
    assert len(journal.append(rows(25))) == 5
    assert len(journal.append([Row(1, "a", "s", "e"), Row(1, "a", "s", "e")])) == 2  # without a key each is itself
    assert journal.last() == 27
    assert journal.verify() == []


def test_no_value_is_none_and_infinite_data_is_refused_whole(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([Row(1, "a", "s", "e", value=float("nan"))])
    assert journal.since(0)[0].value is None
    with pytest.raises(ValueError, match="JSON"):
        journal.append([Row(1, "a", "s", "fits"), Row(1, "a", "s", "e", data={"x": float("inf")})])
    assert journal.last() == 1


@pytest.mark.parametrize("value", [-0.0, 0.0, 1e300, -1e-300, 2.0**53, -(2.0**60), 0.1, float("inf"), 5e-324])
def test_a_value_is_read_back_as_it_was_hashed(tmp_path, value):
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([Row(1, "alarm", "gas:H", "began", value=value)], written=1)
    assert journal.verify() == []
    assert journal.since(0)[0].value == value
    journal.close()


def test_rows_can_be_neither_changed_nor_deleted(tmp_path):
    journal = filled(tmp_path / "journal.sqlite")
    for statement in ("UPDATE journal SET note = '' WHERE number = 3", "DELETE FROM journal WHERE number = 3"):
        with sqlite3.connect(journal.path) as other, pytest.raises(sqlite3.IntegrityError, match="rows of the journal stay"):
            other.execute(statement)
        other.close()


@pytest.mark.parametrize("number", [1, 2, 23, 50])
def test_one_flipped_byte_in_the_file_is_found_and_its_row_named(tmp_path, number):
    filled(tmp_path / "journal.sqlite").close()
    content = bytearray((tmp_path / "journal.sqlite").read_bytes())
    text = f"note number {number - 1:05d}".encode()
    place = content.index(text) + len(text) - 1
    content[place] ^= 1
    (tmp_path / "journal.sqlite").write_bytes(content)
    assert [fault.number for fault in Journal(tmp_path / "journal.sqlite").verify()] == [number]


@pytest.mark.parametrize("column", ["at", "written", "kind", "subject", "event", "user", "value", "note", "data", "key", "hash"])
@pytest.mark.parametrize("number", [7, 50])
def test_each_column_is_under_the_hash(tmp_path, column, number):
    journal = filled(tmp_path / "journal.sqlite")
    with sqlite3.connect(journal.path) as other:
        other.execute("DROP TRIGGER journal_same_rows")
        other.execute(f"UPDATE journal SET {column} = '99' WHERE number = ?", (number,))
    other.close()
    assert [fault.number for fault in journal.verify()] == [number]


def test_a_row_hashed_with_minus_nought_before_the_file_took_its_sign_is_whole(tmp_path, monkeypatch):
    """So were rows of rates written once; any other value in its place is still none that was written."""
    written = journal_module._columns
    value = 7
    monkeypatch.setattr(journal_module, "_columns", lambda row: tuple(-0.0 if n == value and one == 0.0 else one for n, one in enumerate(written(row))))
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([Row(n, "alarm", "gas", "began", value=float(n % 2)) for n in range(6)])
    monkeypatch.undo()
    journal.append([Row(9, "alarm", "gas", "began", value=0.0)])
    assert journal.verify() == []
    with sqlite3.connect(journal.path) as other:
        other.execute("DROP TRIGGER journal_same_rows")
        other.execute("UPDATE journal SET value = 1e-300 WHERE number = 3")
        other.execute("UPDATE journal SET value = 0 WHERE number = 4")
    other.close()
    assert [fault.number for fault in journal.verify()] == [3, 4]


def test_rows_taken_out_are_missed_in_the_middle_and_at_the_end(tmp_path):
    journal = filled(tmp_path / "journal.sqlite")
    with sqlite3.connect(journal.path) as other:
        other.execute("DROP TRIGGER journal_kept_rows")
        other.execute("DELETE FROM journal WHERE number BETWEEN 20 AND 22")
        other.execute("DELETE FROM journal WHERE number > 48")
    other.close()
    found = journal.verify()
    faults = {fault.number: fault.message for fault in found}
    assert [fault.message_zh for fault in found] == ["第 20 至 22 行缺失", "该行与写入时不一致：校验值不符", "第 49 至 50 行在末尾缺失"]
    assert "rows 20 to 22 are missing" in faults[20]
    assert "rows 49 to 50 are missing at the end" in faults[49]


def test_a_file_that_is_damaged_is_told_with_the_row_from_which(tmp_path):
    filled(tmp_path / "journal.sqlite", 400).close()
    content = bytearray((tmp_path / "journal.sqlite").read_bytes())
    page = content.index(b"note number 00300") // 4096 * 4096
    content[page:page + 4096] = b"\xff" * 4096
    (tmp_path / "journal.sqlite").write_bytes(content)
    faults = Journal(tmp_path / "journal.sqlite").verify()
    assert faults
    assert 1 < faults[0].number <= 301


def test_what_is_no_journal_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("something else entirely, and long enough" * 100)
    with pytest.raises(WatchError, match="cannot be opened"):
        Journal(tmp_path / "notes.txt")
    with pytest.raises(WatchError, match="no such journal"):
        Journal(tmp_path / "none.sqlite", read_only=True)


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")

    def fails() -> None:
        with journal.transaction():
            journal.append(rows(3))
            journal.keep("state", b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert journal.last() == 0
    assert journal.kept("state") is None
    journal.append(rows(3))
    assert journal.verify() == []


def test_a_reader_beside_the_writer_sees_what_is_done_and_cannot_write(tmp_path):
    writer = filled(tmp_path / "journal.sqlite", 10)
    reader = Journal(tmp_path / "journal.sqlite", read_only=True)
    assert reader.last() == 10
    writer.append(rows(1, 10))
    assert [row.number for row in reader.since(10)] == [11]
    with pytest.raises(WatchError, match="cannot be written"):
        reader.append(rows(1, 11))


def test_a_killed_writer_leaves_a_whole_journal(tmp_path):
    code = (
        "import sys\nfrom lodeworks.watch.journal import Journal, Row\n"
        "journal = Journal(sys.argv[1])\nn = 0\n"
        "while True:\n"
        "    with journal.transaction():\n"
        "        journal.append([Row(n + k, 'a', 's', 'e', key=f'{n + k}') for k in range(5)])\n"
        "        journal.keep('seen', str(n + 5).encode())\n"
        "    n += 5\n    print(n, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "journal.sqlite")], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = int(child.stdout.readline())
        time.sleep(0.05)
        child.kill()
        told = max([told, *(int(line) for line in child.stdout if line.endswith("\n"))])
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.verify() == []
    assert journal.last() >= told  # what was told to be written is there
    assert int(journal.kept("seen") or b"0") == journal.last()  # and what is kept belongs to it


def test_the_workbook_has_every_row_as_text_that_is_no_formula(tmp_path):
    journal = filled(tmp_path / "journal.sqlite", 20)
    journal.append([Row(0, "note", "=1+1", "http://x", note="=cmd()")])
    path = journal.to_xlsx(tmp_path / "journal.xlsx")
    sheet = fastexcel.read_excel(path).load_sheet("journal").to_polars()
    assert sheet.height == 21
    assert sheet["at"][0] == "1970-01-01 08:00:01.000+08:00"
    assert sheet["subject"][20] == "=1+1"
    assert sheet["row"].to_list() == list(range(1, 22))
    with pytest.raises(WatchError, match="exists already"):
        journal.to_xlsx(path)


def test_occurrences_are_read_with_corrections_applied():
    def row(at, event, name, **data):
        return Row(at, "alarm", "gas:H", event, data={"occurrence": name, "rule": "gas", "level": "H", **data})

    assert occurrences([
        row(10, "began", "gas:H#1", since=8), row(20, "ended", "gas:H#1"), row(30, "began", "gas:H#2", since=30),
        row(40, "began", "gas:H#3", since=40), row(30, "void", "gas:H#2"),
        row(10, "corrected", "gas:H#1", began=9, ended=19, since=7), Row(1, "alarm", "gas:H", "acknowledged"),
    ]) == [Occurrence(9, "gas", "H", 19, 7), Occurrence(40, "gas", "H", None, 40)]


def test_the_workbook_has_the_alarms_as_corrected(tmp_path):
    def row(at, event, name, **data):
        return Row(at, "alarm", "gas:H", event, data={"occurrence": name, "rule": "gas", "level": "H", **data})

    with contextlib.closing(Journal(tmp_path / "journal.sqlite")) as journal:
        journal.append([row(10_000, "began", "1", since=8_000), row(20_000, "began", "2", since=20_000), row(20_000, "void", "2"),
                        row(10_000, "corrected", "1", began=9_000, ended=19_000, since=7_000)])
        path = journal.to_xlsx(tmp_path / "journal.xlsx")
    sheet = fastexcel.read_excel(path).load_sheet("alarms as corrected").to_polars()
    assert sheet.rows() == [("gas", "H", "1970-01-01 08:00:07.000+08:00", "1970-01-01 08:00:09.000+08:00", "1970-01-01 08:00:19.000+08:00")]
