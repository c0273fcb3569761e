"""The verbs `journal`, `backtest` and `scales`: what they print of a live reading's folder, and with which exit code."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from lodeworks.network.compile_live import compile_live
from lodeworks.verbs.reading import checked
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Samples
from tests.mine import MINE
from tests.test_cli import lodeworks
from tests.watch.works import WORKS, ms


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
    assert "dispatch, 0.04" in done.stdout  # an hour was watched, not the seven days that are asked for
    assert "by priority: " in done.stdout
    assert "told most often are 100% of all: ch4_face.limit:H" in done.stdout
    assert "per_ten_minutes" in done.stderr
    assert "EEMUA" in done.stderr
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


NOW = "2026-03-20 09:40"
FLOWS = {"washed": ("washing", ""), "washery_coal": ("washing", "coal"), "charged": ("coking", "clean"), "coke_belt": ("coking", "")}


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine days of a works; since a day the scale of the coal that is washed reads 5 % too little."""
    folder, now = tmp_path_factory.mktemp("weighed"), ms(NOW)
    tags = {name: {"element": element, "reads": "flow", "period": "10 min", **({"commodity": of} if of else {})}
            for name, (element, of) in FLOWS.items()}
    tags["heap_level"] = {"element": "heap", "reads": "level", "period": "10 min"}
    (folder / "works.yaml").write_text(yaml.safe_dump({**WORKS, "tags": tags}))
    live = compile_live(checked(folder / "works.yaml"))
    at = np.arange(now - 9 * 86_400_000, now, 600_000)
    rng = np.random.default_rng(4)
    washed, coke = 30.0 + 2.0 * np.sin(at / 7e6), 22.0 + 1.5 * np.cos(at / 9e6)
    level = 150.0 + np.concatenate([[0.0], np.cumsum((washed - 1.37 * coke) / 6.0)[:-1]])
    history = open_history(folder / "data" / "history", [tag.name for tag in live.tags])
    for name, true in (("washed", washed), ("washery_coal", 1.8 * washed), ("charged", 1.37 * coke), ("coke_belt", coke)):
        said = true * (1.0 + 0.01 * rng.standard_normal(len(at)))
        if name == "washery_coal":
            said = np.where(at >= now - 86_400_000, 0.95 * said, said)
        number = live.place[name]
        history.write(Samples.of([number] * len(at), at.tolist(), at.tolist(), said.tolist(), [0] * len(at)))
    said = level + 0.3 * rng.standard_normal(len(at))
    history.write(Samples.of([live.place["heap_level"]] * len(at), at.tolist(), at.tolist(), said.tolist(), [0] * len(at)))
    history.close()
    return folder


def test_scales_names_the_one_that_drifts(weighed: Path) -> None:
    done = lodeworks("scales", weighed / "works.yaml", "--data", weighed / "data", "--at", NOW, "--days", 7)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("washery_coal reads -")
    assert "4 scales checked, the least of them" in done.stderr
    said = json.loads(lodeworks("scales", weighed / "works.yaml", "--data", weighed / "data", "--at", NOW, "--days", 7, "--json").stdout)
    assert [one["tag"] for one in said["suspects"]] == ["washery_coal"]
    assert said["suspects"][0]["size"] == pytest.approx(-0.05, abs=0.015)
    shows = {one["tag"]: one for one in said["shows"]}
    assert set(shows) == set(FLOWS)
    assert all(0.008 <= one["share"] < 0.05 and one["hours"] == 24.0 for one in shows.values())


@pytest.mark.parametrize(("at", "said"), [("2026-03-13 09:40", "too little is known to judge scales"), ("yesterday", "not a time")])
def test_scales_says_what_it_lacks(weighed: Path, at: str, said: str) -> None:
    done = lodeworks("scales", weighed / "works.yaml", "--data", weighed / "data", "--at", at)
    assert done.returncode == 2
    assert said in done.stderr
