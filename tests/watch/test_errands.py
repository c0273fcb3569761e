"""Errands leave what they were asked and what they found where any process finds it; a half one is never taken for an answer."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.errands import Errand, Errands

CHILD = """
import sys
said = sys.argv[1]
if said == "fails": sys.exit("error: too little is known")
print('{"n": 3}' if said == "json" else "no json")
"""


def sent(folder: Path, said: str, **asked) -> Errand:
    own = Errands(folder, command=(sys.executable, "-c", CHILD), keep=2)
    own.send("backtest", [said], asked=asked)
    until = time.monotonic() + 20.0
    while (found := own.poll("backtest")) is None or found.status == "running":
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def test_an_answer_and_what_was_asked_are_found_after_a_restart(tmp_path: Path) -> None:
    assert Errands(tmp_path).last("backtest") is None
    found = sent(tmp_path, "json", alarm="gas:H", by="li")
    assert (found.status, found.answer()) == ("done", {"n": 3})
    again = Errands(tmp_path).last("backtest")
    assert again == found
    assert again.asked == {"alarm": "gas:H", "by": "li"}


def test_who_fails_or_prints_no_answer_says_so(tmp_path: Path) -> None:
    assert (sent(tmp_path, "fails").status, sent(tmp_path, "fails").told) == ("failed", "error: too little is known")
    odd = sent(tmp_path, "odd")
    assert (odd.status, "no answer as JSON" in odd.told) == ("missing", True)
    with pytest.raises(WatchError, match="no answer as JSON"):
        odd.answer()


def test_what_became_of_a_child_is_said_in_both_languages_and_after_a_restart(tmp_path: Path) -> None:
    errands = Errands(tmp_path, command=(sys.executable, "-c"), limit_s=0.3)
    sent = {"late": "import time; time.sleep(30)", "failed": "import sys; sys.exit('no plan meets every demand and limit')", "killed": "import os; os.kill(os.getpid(), 9)", "missing": "print('x')"}
    for kind, program in sent.items():
        errands.limit_s = 0.3 if kind == "late" else 60.0
        errands.send(kind, [program])
        while (ended := errands.poll(kind)) is not None and ended.status == "running":
            time.sleep(0.02)
        again = Errands(tmp_path).last(kind)
        assert ended is not None
        assert again is not None
        assert (ended.status, again.says("zh")) == (kind, ended.says("zh"))
        assert any("\u4e00" <= letter <= "\u9fff" for letter in ended.says("zh"))
        assert ended.says("en") in ended.says("zh") or kind in ("late", "killed")  # what a child said is quoted


def test_what_a_command_says_in_chinese_is_shown_in_chinese(tmp_path: Path) -> None:
    program = "import os; open(os.environ['LODEWORKS_SAID'], 'w', encoding='utf-8').write('数据太少'); raise SystemExit('error: too little')"
    errands = Errands(tmp_path, command=(sys.executable, "-c"))
    errands.send("scales", [program])
    while (ended := errands.poll("scales")) is not None and ended.status == "running":
        time.sleep(0.02)
    assert ended is not None
    assert (ended.says("en"), ended.says("zh")) == ("error: too little", "数据太少")


def test_what_did_not_end_is_no_answer_and_old_ones_go(tmp_path: Path) -> None:
    first = sent(tmp_path, "json")
    (tmp_path / f"backtest-{first.began + 10_000}").mkdir()  # a server died while it ran
    assert Errands(tmp_path).last("backtest") == first
    (tmp_path / f"backtest-{first.began + 20_000}").mkdir()
    (tmp_path / f"backtest-{first.began + 20_000}" / "ended.json").write_text("{")
    assert Errands(tmp_path).last("backtest") == first
    sent(tmp_path, "json")
    assert not first.folder.exists()
