"""What a user who reads Chinese meets when a chain is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lodeworks.chinese import in_chinese, told
from lodeworks.chinese.matching import TABLES
from lodeworks.cli import app
from lodeworks.errors import Problem
from lodeworks.said import spoken_here

WRONG = """\
chain: x
horizon: {start: 2026-01-01, length: 1 d}
commodities:
  coal: {unit: t}
  coke: {unit: furlong}
processes:
  ovens: {inputs: {coal: 1 t}, outputs: {coke: 1 t}, capcity: 3 t/h}
supplies:
  mine: {commodity: cole, price: 300 CNY}
"""


def chain(folder: Path) -> Path:
    (folder / "chain.yaml").write_text(WRONG, encoding="utf-8")
    return folder


def test_a_problem_says_in_chinese_what_it_says_in_english():
    problem = Problem("unknown key 'capcity'", "processes.csv row 3", "processes.ovens", "capcity",
                      found="a list of 2", expected="one of capacity, cost", suggestion="capacity")
    assert told(problem) == ("processes.csv 第 3 行 processes.ovens.capcity：未知的键 'capcity'；现为含 2 项的列表；"
                             "应为以下之一：capacity, cost；是否想写 'capacity'？")


@pytest.mark.parametrize(("english", "chinese"), [
    ("t/h is mass / time, not energy (kWh)", "t/h 的量纲是质量 / 时间，而不是能量（kWh）"),
    ("profile 'sun' and its factor do not measure this: unknown unit 'furlong'",
     "曲线 'sun' 与其倍数不是这个量：未知单位 'furlong'"),
    ("nothing makes or brings coal at liuzhi, which ovens takes", "没有东西生产或运来 liuzhi 的 coal，而 ovens 要取用它"),
    ("this is not YAML: while parsing a flow mapping did not find expected ',' or '}'",
     "不是 YAML：解析 `{…}` 时没有遇到应有的 ',' or '}'"),
    ("no distribution 'lognormall'; did you mean 'lognormal'?", "没有分布 'lognormall'；是否想写 'lognormal'？"),
])
def test_what_is_filled_in_is_told_in_chinese_too(english, chinese):
    assert in_chinese(english) == chinese


@pytest.mark.parametrize("table", TABLES, ids=lambda table: next(iter(table)))
def test_whatever_is_filled_in_the_text_is_known_by_what_is_fixed(table):
    """No text is taken for another, and what was filled in stands where the Chinese has it."""
    for english, chinese in table.items():
        parts = [f"'name{number}'" for number in range(1, english.count("{}") + 1)]
        pieces = english.split("{}")
        said = pieces[0] + "".join(part + piece for part, piece in zip(parts, pieces[1:], strict=True))
        for number, part in enumerate(parts, start=1):
            chinese = re.sub(rf"\{{{number}w?\}}", lambda _, part=part: part, chinese)
        assert in_chinese(said).replace(" ", "") == chinese.replace(" ", ""), english


def test_a_title_is_that_of_the_place():
    """The start of a horizon is 起始; the start of a round is 起点位置."""
    missing = Problem("`start` (start) is missing", element="horizon", key="start")
    assert told(missing) == "horizon.start：缺少 `start`（起始）"
    assert told(Problem("start is missing", element="rounds.belt", key="start")) == "rounds.belt.start：缺少起点位置"


def test_a_users_own_name_stays_as_it_is_though_it_be_a_word_of_ours():
    assert in_chinese("lends nothing") == "没有放贷"
    assert in_chinese("nothing takes store, which is made there; its surplus cannot be let go") is not None
    assert told(Problem("it is part of itself", element="actions.commodity", found="store")).endswith("现为 store")


def test_a_text_that_nobody_put_into_chinese_stays_english():
    assert in_chinese("a text of no table") is None
    assert told(Problem("a text of no table", element="x")) == "x：a text of no table"


def test_check_tells_every_problem_in_chinese(tmp_path):
    found = CliRunner().invoke(app, ["check", str(chain(tmp_path)), "--language", "zh"])
    assert found.exit_code == 2
    lines = found.stderr.splitlines()
    assert "错误：chain.yaml:7 processes.ovens.capcity：未知的键 'capcity'；是否想写 'capacity'？" in lines
    assert lines[-1] == f"{tmp_path}：{len(lines) - 1} 个错误，0 个警告"
    assert all(line.startswith("错误：chain.yaml:") for line in lines[:-1])


def test_many_alike_are_told_in_short(tmp_path):
    rows = "".join(f"p{n},no\n" for n in range(9))
    (tmp_path / "sites.csv").write_text(f"name,latitude\n{rows}", encoding="utf-8")
    (tmp_path / "chain.yaml").write_text("chain: x\nhorizon: {start: 2026-01-01, length: 1 d}\nsites: sites.csv\n", encoding="utf-8")
    found = CliRunner().invoke(app, ["check", str(tmp_path), "--language", "zh"])
    assert "错误：……另有 6 处同类问题，直至 sites.csv 第 10 行" in found.stderr


def test_json_holds_both_languages(tmp_path):
    found = CliRunner().invoke(app, ["check", str(chain(tmp_path)), "--json"])
    problem = json.loads(found.stdout)["problems"][0]
    assert problem["message"] == "unknown key 'capcity'"
    assert problem["zh"].startswith("chain.yaml:7 processes.ovens.capcity：未知的键 'capcity'")


def lodeworks(*arguments: str, **environment: str) -> str:
    env = {**os.environ, "LC_ALL": "", "LC_MESSAGES": "", "LANG": "", **environment, "PYTHONUTF8": "1"}
    return subprocess.run([sys.executable, "-m", "lodeworks", *arguments], capture_output=True, text=True,
                          encoding="utf-8", env=env, check=False).stderr


@pytest.mark.parametrize(("environment", "language"), [
    ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"), ({}, "en"),
    ({"LC_MESSAGES": "zh_TW.UTF-8", "LANG": "en_GB.UTF-8"}, "zh"), ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
])
def test_the_language_of_the_environment_is_found_as_by_any_program(environment, language, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, said in environment.items():
        monkeypatch.setenv(name, said)
    assert spoken_here() == language


def test_a_command_speaks_the_language_of_the_environment(tmp_path):
    assert lodeworks("plan", str(chain(tmp_path)), LANG="zh_CN.UTF-8").startswith("错误：chain.yaml")


@pytest.mark.parametrize("verb", [
    ["plan"], ["simulate"], ["convert", "out.yaml"], ["export", "lp"], ["watch"], ["ingest"], ["serve"], ["rehearse"],
    ["backtest", "a"], ["scales"],
])
def test_every_command_that_reads_a_chain_refuses_it_in_chinese(verb, tmp_path, monkeypatch, capsys):
    from lodeworks import cli

    chain(tmp_path)
    monkeypatch.chdir(tmp_path)
    name, *rest = verb
    path = ["lp", str(tmp_path), "x.lp"] if name == "export" else [str(tmp_path), *rest]
    monkeypatch.setattr(sys, "argv", ["lodeworks", name, *path, "--language", "zh"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert "错误：chain.yaml:7 processes.ovens.capcity：未知的键 'capcity'；是否想写 'capacity'？" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "told"), [
    (["plan", "x", "--method", "foo"], "--method 的值不对：应为 simplex、ipm 或 race"),
    (["check"], "缺少参数"), (["plan", "x", "--methd", "ipm"], "没有选项 --methd"), (["plann"], "没有命令 'plann'"),
    (["farm", "x.yaml", "--out", "y", "--workers", "two"], "--workers"),
])
def test_what_is_wrong_with_a_command_is_told_in_chinese(arguments, told, monkeypatch, capsys):
    from lodeworks import cli

    monkeypatch.setattr(sys, "argv", ["lodeworks", *arguments])
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert (said := capsys.readouterr().err).startswith("错误：")
    assert told in said
