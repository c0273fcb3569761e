"""Scalars are those a person means, and every key knows its line."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lodeworks.chain.yaml import decode, dump_yaml, flow_text, load_yaml, parse_yaml
from lodeworks.errors import InputError


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"), ("No", "No"), ("on", "on"), ("off", "off"), ("yes", "yes"), ("y", "y"),
        ("true", True), ("False", False), ("08:00", "08:00"), ("8:30:15", "8:30:15"),
        ("1e3", 1000.0), ("1.5E-2", 0.015), (".5", 0.5), ("-3", -3), ("12", 12), ("007", "007"), ("0x1F", "0x1F"), ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"), ("~", None), ("null", None), ("", None), ("'null'", "null"), ("'12'", "12"),
        ("!!str 12", "12"), (".inf", math.inf), ("3.8 Mt/a", "3.8 Mt/a"), ("=", "="), ("六盘水", "六盘水"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(written: str, meant: Any) -> None:
    found = load_yaml(f"a: {written}")["a"]
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize("text", ["\n", "two\n\n", "one\n", "\n\nthree", "焦炭\n\n"])
def test_lines_that_end_empty_do_not_run_on_into_what_follows(text: str) -> None:
    parsed = parse_yaml(dump_yaml({"a": {"note": text, "b": {"c": "d"}}}) + "\n" + dump_yaml({"e": {"note": text}}) + "\nf: g\n")
    assert not parsed.problems
    assert parsed.data == {"a": {"note": text, "b": {"c": "d"}}, "e": {"note": text}, "f": "g"}


def test_keys_are_always_text() -> None:
    assert load_yaml("{no: 1, null: 2, 12: 3, true: 4, 08:00: 5}") == {"no": 1, "null": 2, "12": 3, "true": 4, "08:00": 5}


def test_every_key_knows_its_line() -> None:
    lines = parse_yaml("a: 1\nb:\n  c: {d: 2}\n  e:\n    - f: 3\n").lines
    assert lines == {"a": 1, "b": 2, "b.c": 3, "b.c.d": 3, "b.e": 4, "b.e.1": 5, "b.e.1.f": 5}


def test_a_key_written_twice_names_both_lines() -> None:
    with pytest.raises(InputError, match="'a' is written twice, on lines 1 and 3"):
        load_yaml("a: 1\nb: 2\na: 3\n")


def test_repeats_and_merges_are_read() -> None:
    assert load_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n") == {
        "a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 2}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_comes_in_the_encodings_of_the_office(encoding: str) -> None:
    assert decode("名称: 焦炉煤气".encode(encoding), "a.yaml") == "名称: 焦炉煤气"


@pytest.mark.parametrize(
    "value",
    ["no", "null", "12", "1e3", "08:00", "", " a ", "a: b", "{a", "#b", "*c", "two\nlines", "\x85", "\u2028", "\ufeff", "焦炭", "- a", "<<", "~"],
)
def test_text_is_written_so_that_it_stays_text(value: str) -> None:
    assert load_yaml(dump_yaml({"a": {"b": value, value: 1}})) == {"a": {"b": value, value: 1}}
    assert load_yaml(flow_text({value: [value]})) == {value: [value]}
