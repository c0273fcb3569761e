"""Whatever bytes are read, only an `InputError` comes out."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks.chain import read_chain
from lodeworks.errors import InputError

CASE = """\
chain: 六盘水
title: {en: Chain, zh: 链}
horizon: {start: 2026-01-01, step: 1 h, length: 1 d}
commodities: {coal: {unit: t, heat: {from: 960 degC, least: 720 degC, loss: 12 K/h}}, coke: &c {unit: t}, gas: *c}
processes:
  coking:
    inputs: {coal: 1.37 t}
    outputs: {coke: {amount: 1 t, lag: {0 h: 30 %, 2 h: 70 %}}}
    capacity: 3.8 Mt/a
    part_load: {coal: {50 %: 1.15}}
    modes: {hot: {inputs: {gas: 1}}}
    blends: {mix: {amount: 1, from: [coal, coke], limits: {ash: {most: 10 %}}}}
demands: {steel: {commodity: coke, price: {profile: p, times: 3 CNY/t}, tiers: [{price: 3}]}}
profiles: {p: {table: p.csv}}
sources: sources.csv
"""
PIECES = ["{", "}", "[", "]", ":", " ", "\n", "  ", "- ", "&a ", "*a", "!!", "|", ">", "'", '"', "#", "null", "true", "1e999", ".nan",
          "-", "?", "%", ",", "\t", "\x00", "\ufeff", "overlay: ", "<<: ", "table: ", "../", "0", "9" * 400, "chain", "sites.csv"]


@pytest.fixture(autouse=True)
def every_problem_has_its_chinese() -> None:
    """What is drawn here by chance reads as English by chance."""


quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def read(files: dict[str, bytes], sets: tuple[str, ...] = ()) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        with contextlib.suppress(InputError):
            read_chain(Path(folder) / next(iter(files)), sets=sets)


@pytest.mark.parametrize("name", ["chain.yaml", "chain.json", "chain.xlsx"])
@quick
@given(content=st.binary(max_size=300))
def test_bytes(name: str, content: bytes) -> None:
    read({name: content})


@pytest.mark.parametrize("name", ["chain.yaml", "chain.json"])
@quick
@given(text=st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_text(name: str, text: str) -> None:
    read({name: text.encode("utf-8", "surrogatepass")})


@quick
@given(place=st.integers(0, len(CASE)), cut=st.integers(0, 12), piece=st.sampled_from(PIECES) | st.text(max_size=4))
def test_a_mutated_chain(place: int, cut: int, piece: str) -> None:
    text = CASE[:place] + piece + CASE[place + cut :]
    read({"chain.yaml": text.encode("utf-8", "surrogatepass"), "p.csv": b"p\n1\n2\n", "sources.csv": b"name,year\nB01,2024\n"})


@quick
@given(table=st.binary(max_size=200) | st.lists(st.sampled_from([*PIECES, "name", "p", ",", ";", "\r\n"]), max_size=40).map(
    lambda parts: "".join(parts).encode()))
def test_tables(table: bytes) -> None:
    read({"chain.yaml": CASE.encode(), "p.csv": table, "sources.csv": table})


@quick
@given(setting=st.one_of(
    st.text(max_size=30),
    st.tuples(st.lists(st.sampled_from(["processes", "coking", "inputs", "demands", "steel", "tiers", "1", "price", "x", ""]), max_size=6)
              .map(".".join), st.text(max_size=8)).map("=".join)))
def test_settings(setting: str) -> None:
    read({"chain.yaml": CASE.encode(), "p.csv": b"p\n1\n", "sources.csv": b"name\nB01\n"}, (setting,))


def _workbook() -> bytes:
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("chain").write_column(0, 0, ["chain", "horizon.start", "horizon.length"])
        book.add_worksheet("sites").write_row(0, 0, ["name", "latitude"])
    return buffer.getvalue()


WORKBOOK = _workbook()


@quick
@given(place=st.integers(0, len(WORKBOOK)), cut=st.integers(0, 40), piece=st.binary(max_size=8))
def test_a_mutated_workbook(place: int, cut: int, piece: bytes) -> None:
    read({"chain.xlsx": WORKBOOK[:place] + piece + WORKBOOK[place + cut :]})


@quick
@given(content=st.binary(max_size=60))
def test_a_mutated_parquet_table(content: bytes) -> None:
    read({"chain.yaml": CASE.replace("sources.csv", "s.parquet").encode(), "p.csv": b"p\n1\n", "s.parquet": b"PAR1" + content + b"PAR1"})
