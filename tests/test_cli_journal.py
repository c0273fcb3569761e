"""The verbs `journal` and `backtest`: what they print of a live reading's folder, and with which exit code."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest

from lodeworks.network.compile_live import compile_live
from lodeworks.verbs.reading import checked
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Samples
from tests.mine import MINE
from tests.test_cli import lodeworks


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A mine that was watched for an hour, gas coming and going, in its folder."""
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    live = compile_live(checked(tmp_path / "mine.yaml"))
    folder = tmp_path / "data"
    history, journal = open_history(folder / "history", [tag.name for tag in live.tags]), Journal(folder / "journal.sqlite")
    begin = round(time.time() * 1000) - 3_600_000
    engine = Engine(live, journal, history, started=begin)
    at = begin + np.arange(0, 3_600_000, 5000, dtype=np.int64)
    gas = 0.7 + 0.5 * np.sin(np.arange(len(at)) / 20.0)
    for first in range(0, len(at), 60):
        part = slice(first, first + 60)
        batch = Samples(np.full(len(at[part]), live.place["ch4_face"], np.int32), at[part], at[part], gas[part], np.zeros(len(at[part]), np.uint8))
        engine.feed(batch, int(at[part][-1]), history.write(batch))
    engine.tick(int(at[-1]) + 100)
    journal.close()
    history.close()
    return folder


def test_a_whole_journal_and_what_the_desk_was_told(watched: Path, tmp_path: Path) -> None:
    done = lodeworks("journal", watched, "--xlsx", tmp_path / "rows.xlsx")
    assert done.returncode == 0, done.stderr
    assert "each as it was written" in done.stdout
    assert "announced" in done.stdout
    assert (tmp_path / "rows.xlsx").exists()
    assert lodeworks("journal", watched, "--xlsx", tmp_path / "rows.xlsx").returncode == 2


def test_a_row_that_was_changed_is_named_with_exit_code_2(watched: Path) -> None:
    with sqlite3.connect(watched / "journal.sqlite") as other:
        other.execute("DROP TRIGGER journal_same_rows")
        other.execute("UPDATE journal SET note = 'nothing happened' WHERE number = 3")
    other.close()
    done = lodeworks("journal", watched)
    assert done.returncode == 2
    assert "row 3: the row is not what was written" in done.stderr


def test_a_folder_without_a_journal_is_told(tmp_path: Path) -> None:
    done = lodeworks("journal", tmp_path)
    assert done.returncode == 2
    assert "no such journal" in done.stderr


def test_a_limit_is_tried_on_what_is_stored(watched: Path, tmp_path: Path) -> None:
    chain = tmp_path / "mine.yaml"
    as_it_is = json.loads(lodeworks("backtest", chain, "ch4_face.limit:H", "--data", watched, "--days", "1", "--json").stdout)
    changed = json.loads(lodeworks("backtest", chain, "ch4_face.limit:H", "--data", watched, "--days", "1", "--limit", "5", "--json").stdout)
    journal = Journal(watched / "journal.sqlite", read_only=True)
    live = [one for one in journal.occurrences() if one.rule == "ch4_face.limit"]
    assert as_it_is["occurrences_before"] == as_it_is["occurrences_after"] == len(live) > 3
    assert (changed["before"], changed["after"]) == (as_it_is["before"], 0)
    done = lodeworks("backtest", chain, "ch4_fase.limit:H", "--data", watched)
    assert done.returncode == 2
    assert "ch4_face.limit:H" in done.stderr
