"""No text of a problem can be forgotten: each that the source makes has its Chinese, filled in with the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lodeworks.chinese.matching import TABLES, filled
from lodeworks.chinese.words import DIMENSIONS, LIBRARIES, WORDS
from tests.chinese.in_source import read, texts_of

ROOMS = [
    "chain", "network", "units.py", "simulate/build.py", "simulate/endless.py", "simulate/following.py",
    "simulate/exact/explore.py", "simulate/exact/qualify.py", "simulate/exact/solve.py",
    "simulate/fit/column.py", "simulate/fit/proposing.py", "verbs", "exchange", "farm", "sensitivity.py", "rehearse",
    "plan", "simulate/compare.py", "watch", "pages", "views", "runs.py", "cases.py", "cli",
]
# Modules whose sentences are no problems: they stand beside their Chinese, or are titles, descriptions and names.
BESIDE = {
    "chain/__init__.py", "chain/entities", "chain/readings.py", "chain/live_kinds.py", "chain/reference.py",
    "chain/schema.py", "verbs", "farm/engine.py", "farm/table.py", "farm/task.py", "farm/tornado.py", "farm/local.py",
    "rehearse", "runs.py", "cases.py", "cli", "plan", "simulate/compare.py", "watch", "pages", "views",
    "network/live_health.py", "network/live_rules.py", "network/names.py",
}
HELD = {"plan/reduced/certify.py"}  # yet a module that holds sentences of problems
SAME = {"share 0", "p_nom inf", "cyclic_delay True"}  # keys with what may be written there
NOT_TOLD = {
    "processes", "global_constraints", "lines", "transformers", "buses", "inf", "True", "False",  # as files have them
    "carried", "element", "commodity", "what", "{}?mode=ro",  # no texts at all
    "part {}", "let go", "checking scenario {} of {}", " and {} more", "chain {}", "round {}, {} {}",
    "{}, run on all steps: ", "{}, run on all steps",  # names, and how far it is
    "needs assumption",  # verdicts of claims, which the table of claims tells in both languages
    "a window of many times ",  # where its tag is missing, which is told first
    "needs {} = {}", "{} (holds at {})", "{}, apart by {}",
    "equal principal", "equal instalments", "equal installments", "equal payments", "constant principal",
    "interest only", "at maturity", "single payment", "at the end", "lump sum", "interest at the end",
    "interest with principal", "all at maturity",  # what a user may write for a way to repay
    "--set {}",  # the place of a fault
    "{} fuel",  # the name of a commodity
    "in store", "on its way", "load {}", "choice between {}", "tier {}", "choice {}",  # names of what is made
    "to refuel", "to service", "mean-value analysis", "Markov chain", "the long run", "hours {} to {} from the start",
}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    trees = read(ROOMS)
    return texts_of(trees, {path for path in trees if str(path) in HELD or not str(path).startswith(tuple(BESIDE))})


def test_every_text_has_its_chinese(texts):
    known = {english for table in TABLES for english in table}
    missing = {text: place for text, place in texts.items() if text not in known and text not in NOT_TOLD}
    assert not missing, "write its Chinese in one of src/lodeworks/chinese/of_*.py:\n" + "\n".join(
        f"  {place}  {text!r}" for text, place in missing.items())


def test_no_chinese_is_kept_for_what_nobody_says(texts):
    aside = {"text, or {en, zh}", "a time, or {time: share}", "a list", "a value"}  # made of a mapping
    left = [english for table in TABLES for english in table if english not in texts and english not in aside]
    assert not left, "no source says this any more:\n" + "\n".join(map(repr, left))


def test_a_text_and_its_chinese_fill_in_the_same():
    for table in (*TABLES, LIBRARIES):
        for english, chinese in table.items():
            assert sorted(set(filled(chinese))) == list(range(1, english.count("{}") + 1)), (english, chinese)


def test_each_text_stands_once():
    every = [english for table in TABLES for english in table]
    assert len(every) == len(set(every)), [english for english in set(every) if every.count(english) > 1]


def test_the_chinese_is_chinese():
    """Nothing was left in English: what stays are keys, units and what a user writes."""
    for table in (*TABLES, LIBRARIES, WORDS, DIMENSIONS):
        for english, chinese in table.items():
            assert chinese.strip(), english
            if english == chinese:
                assert "{" in english or ":" in english or english.startswith("pip ") or " " not in english or english in SAME, english


def test_a_new_text_would_be_noticed():
    """A text is found in a call, in one through a function that hands it on, and in a sentence of its own."""
    tree = ast.parse(
        "def told(what, where):\n    return Problem(what, element=where, found='too much')\n"
        "def f(n, much):\n    yield told(f'no {n!r} more', 'x')\n    yield Problem(why(n), expected='so ' + str(n))\n"
        "def why(n):\n    '''Say why not.'''\n    return 'this is enough' if n else f'{n} is plainly not enough'\n"
    )
    found = texts_of({Path("x.py"): tree}, {Path("x.py")})
    assert set(found) == {"too much", "no {} more", "so {}", "this is enough", "{} is plainly not enough"}
