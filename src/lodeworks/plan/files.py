"""A program as an LP or MPS file for any solver, its names such as every reader takes.

What is written has the sense and the constant of the plan's objective, so its optimum is the plan's. Both forms say
the same: every bound that is not the usual one is written out, whole numbers with theirs, since readers differ in what
they take for granted. A row without bounds says nothing and is left out; one with two sides is two where the form, or
many of its readers, cannot say it. Lines are made of arrays, a part at a time, so that memory is the program's own and
little more.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl
from scipy import sparse

from lodeworks.errors import InputError, Problem, RunError
from lodeworks.files import written_whole
from lodeworks.network.arrays import Floats
from lodeworks.plan.naming import Named, Names
from lodeworks.plan.program import Program

__all__ = ["CONSTANT", "KINDS", "plain_names", "refuse_file", "write_program"]

# Rows with coefficients below this, or above its inverse, are multiplied; a share of the largest below which one is
# what is left of a difference.
_SMALL, _NOISE = 1e-6, 2e-15
# Terms written at a time.
_PART = 500_000
# Readers cut or refuse names that are longer (255 letters), and a step is still to be added.
_LONGEST = 230
# Words of the LP form, which no name may be.
_WORD = re.compile(
    r"st|subject|such|that|min(imi[sz]e|imum)?|max(imi[sz]e|imum)?|bounds?|free|inf(inity)?|gen(erals?)?|int(egers?)?|"
    r"bin(ary|aries)?|semis?|sc|sos[12]?|sin|end|obj|constant", re.IGNORECASE)
# Gurobi passes over a bare number in the objective of an LP file, so the constant is a column that is one.
CONSTANT = "constant"


def refuse_file(path: str | Path, *, replace: bool) -> Path:
    """Return the path of a program's file.

    Raises
    ------
    InputError
        If it is there already, or its suffix is neither ``.lp`` nor ``.mps``.
    """
    target = Path(path)
    if target.suffix.lower() not in KINDS:
        raise InputError(Problem("this kind of file is not written", file=str(target), expected=".lp or .mps"))
    if target.exists() and not replace:
        raise InputError(Problem("there is a file of this name already", file=str(target),
                                 expected="another name, or --replace"))
    return target


def write_program(named: Named, path: str | Path, *, replace: bool = False) -> None:
    """Write a program; the suffix says which form.

    Raises
    ------
    InputError
        As `refuse_file`.
    RunError
        If it cannot be written.
    """
    target = refuse_file(path, replace=replace)
    try:
        with written_whole(target) as part, part.open("w", encoding="utf-8", newline="\n") as file:
            KINDS[target.suffix.lower()](named, file)
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror or error}; nothing was changed") from None


def plain_names(names: Names) -> pl.Series:
    """Return names that files of both forms can hold: of ASCII letters and digits, none twice.

    The LP form has no other letters; those of other scripts stand as their code, ``u7126``.
    """
    coded = [_coded(stem) for stem in names.stems]
    step = pl.Series(names.step)
    stem = pl.Series(coded, dtype=pl.String)[pl.Series(names.stem)]
    table = pl.DataFrame({"stem": stem, "step": step}).select(
        name=pl.when(pl.col("step") < 0).then(pl.col("stem")).otherwise(pl.format("{}_{}", "stem", "step"))
    )
    return _apart(table["name"])


def _apart(names: pl.Series) -> pl.Series:
    """Return names none of which is there twice."""
    table = pl.DataFrame({"name": names})
    while table["name"].is_duplicated().any():
        table = table.with_columns(number=pl.int_range(1, pl.len() + 1).over("name")).select(
            name=pl.when(pl.col("number") > 1).then(pl.format("{}__{}", "name", "number")).otherwise("name"))
    return table["name"]


def _coded(stem: str) -> str:
    letters = "".join(c if c.isascii() or not c.isalnum() else f"u{ord(c):04x}" for c in stem)
    plain = re.sub(r"\W+", "_", re.sub(r"^the ", "", letters), flags=re.ASCII).strip("_") or "x"
    if not re.match(r"[^\W\d_eE]", plain) or _WORD.fullmatch(plain):  # digits and e begin a number
        plain = f"x_{plain}"
    if len(plain) > _LONGEST:
        plain = f"{plain[:_LONGEST - 9]}_{zlib.crc32(stem.encode()):08x}"
    return plain


@dataclass(frozen=True, eq=False)
class _Sayable:
    """A program in the sense that is asked for, rows and names as a file can say them."""

    title: str
    program: Program
    columns: pl.Series
    rows: pl.Series

    @classmethod
    def of(cls, named: Named, *, ranges: bool) -> _Sayable:
        """Return it with rows of two sides as two where they cannot be one: `ranges` says whether the form has such."""
        program = named.program
        low, high = program.row_lower, program.row_upper
        apart = np.isfinite(low) & np.isfinite(high) & ((low > high) if ranges else (low != high))
        kept = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
        order = np.repeat(kept, 1 + apart[kept])
        second = np.append(False, order[1:] == order[:-1])
        rows = plain_names(named.rows)[pl.Series(order)]
        if second.any():
            rows = _apart(pl.DataFrame({"name": rows, "second": second}).select(
                pl.when("second").then(pl.col("name") + "__most").otherwise("name")).to_series())
        sign = -1.0 if program.maximise else 1.0
        said = _sized(replace(
            program, matrix=sparse.csr_array(program.matrix[order]),
            row_lower=np.where(second, -np.inf, low[order]),
            row_upper=np.where(apart[order] & ~second, np.inf, high[order]),
        ))
        return cls(named.title, replace(said, cost=sign * program.cost, offset=sign * program.offset),
                   plain_names(named.columns), rows)

    @property
    def sense(self) -> str:
        """Return the word for what is to be done with the objective."""
        return "maximize" if self.program.maximise else "minimize"


def _sized(program: Program) -> Program:
    """Multiply rows of very small or large numbers by a power of two, which changes no digit and no solution.

    Solvers take coefficients below a billionth for nought: so would be a limit in kt on what is counted in kg.
    """
    matrix = program.matrix
    filled = np.diff(matrix.indptr) > 0
    starts, amount = matrix.indptr[:-1][filled], np.abs(matrix.data)
    if not len(starts):
        return program
    largest = np.maximum.reduceat(amount, starts)
    real = np.where(amount > _NOISE * np.repeat(largest, np.diff(matrix.indptr)[filled]), amount, np.inf)
    least = np.minimum.reduceat(real, starts)
    far = (least < _SMALL) | (largest > 1.0 / _SMALL)
    factor = np.ones(matrix.shape[0])
    factor[filled] = np.where(far, 2.0 ** -np.round(0.5 * (np.log2(least) + np.log2(largest))), 1.0)
    data = matrix.data * np.repeat(factor, np.diff(matrix.indptr))
    return replace(
        program, matrix=sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape),
        row_lower=program.row_lower * factor, row_upper=program.row_upper * factor,
    )


def _numbers(values: Floats, *, signed: bool = False) -> pl.Series:
    """Write numbers with the fewest digits that read back as the same."""
    text = pl.Series("text", values + 0.0, dtype=pl.Float64).cast(pl.String)
    if signed:
        text = pl.DataFrame([text]).select(
            pl.when(pl.col("text").str.starts_with("-")).then("text").otherwise("+" + pl.col("text"))).to_series()
    return text


def _lines(file: IO[str], *parts: pl.Series | str, where: Any = None) -> None:
    """Write a line for each row of some parallel parts; those of `where` only."""
    text = _glued(*parts, where=where)
    if len(text):
        file.write("\n".join(text.to_list()))
        file.write("\n")


def _pieces(indptr: Any) -> Iterator[tuple[int, int]]:
    """Yield the first and the one after the last of runs of rows (or columns) with so many terms together."""
    first, count = 0, len(indptr) - 1
    while first < count:
        last = max(first + 1, int(np.searchsorted(indptr, indptr[first] + _PART, side="right")) - 1)
        yield first, min(last, count)
        first = last


def _write_lp(named: Named, file: IO[str]) -> None:
    said = _Sayable.of(named, ranges=False)  # some readers know none, others want them on one line
    program, names = said.program, said.columns
    file.write(f"\\ {said.title}\n{said.sense}\nobj:\n")
    used = np.flatnonzero(program.cost)
    one = bool(program.offset) or not len(names)  # and so a program without columns has one
    _lines(file, _numbers(program.cost[used], signed=True), " ", names[pl.Series(used)])
    if not len(used) and len(names):
        file.write(f"0 {names[0]}\n")
    if one:
        file.write(f"{program.offset:+.17g} {CONSTANT}\n")
    file.write("subject to\n")
    matrix = program.matrix
    for first, last in _pieces(matrix.indptr):
        count = np.diff(matrix.indptr[first : last + 1])
        span = slice(matrix.indptr[first], matrix.indptr[last])
        low, high = program.row_lower[first:last], program.row_upper[first:last]
        head = _glued(said.rows[first:last], ":")
        sense = _where(low == high, "= ", _where(np.isfinite(high), "<= ", ">= "))
        tail = _glued(sense, _numbers(np.where(np.isfinite(high), high, low)))
        body = pl.DataFrame({
            "row": np.repeat(np.arange(last - first), count),
            "term": _glued(_numbers(matrix.data[span], signed=True), " ", names[pl.Series(matrix.indices[span])]),
        })
        begins = np.append(0, np.cumsum(count))[:-1][count > 0]
        at, ends = np.zeros(len(body), bool), np.zeros(len(body), bool)
        at[begins] = True
        ends[begins + count[count > 0] - 1] = True
        row = body["row"]
        _lines(file, _where(at, _glued(head, "\n")[row], ""), body["term"], _where(ends, _glued("\n", tail)[row], ""))
        _lines(file, head, f" 0 {names[0] if len(names) else CONSTANT} ", tail, where=count == 0)
    _lp_bounds(said, file)
    whole = np.flatnonzero(program.integer)
    if len(whole):
        file.write("general\n")
        _lines(file, names[pl.Series(whole)])
    file.write("end\n")


def _lp_bounds(said: _Sayable, file: IO[str]) -> None:
    program, names = said.program, said.columns
    low, high = program.lower, program.upper
    fixed = low == high
    free = np.isneginf(low) & np.isposinf(high)
    usual = (low == 0.0) & np.isposinf(high) & ~program.integer
    file.write("bounds\n")
    if program.offset or not len(names):
        file.write(f"{CONSTANT} = 1\n")
    _lines(file, names, " free", where=free)
    _lines(file, names, " = ", _numbers(low), where=fixed)
    least = _where(np.isneginf(low), "-inf", _numbers(low))
    _lines(file, least, " <= ", names, " <= ", _numbers(high), where=np.isfinite(high) & ~fixed)
    _lines(file, names, " >= ", _numbers(low), where=np.isposinf(high) & ~free & ~usual)


def _write_mps(named: Named, file: IO[str]) -> None:
    said = _Sayable.of(named, ranges=True)
    program = said.program
    low, high = program.row_lower, program.row_upper
    file.write(f"* {said.title}\nNAME lodeworks\nOBJSENSE\n    {said.sense[:3].upper()}\nROWS\n N  obj\n")
    kinds = _where(low == high, " E  ", _where(np.isfinite(high), " L  ", " G  "))
    _lines(file, kinds, said.rows)
    file.write("COLUMNS\n")
    _mps_columns(said, file)
    file.write("RHS\n")
    if program.offset:  # by the form's own rule what stands at the objective is taken off
        file.write(f" rhs obj {-program.offset:.17g}\n")
    right = np.where(np.isfinite(high), high, low)
    _lines(file, " rhs ", said.rows, " ", _numbers(right), where=right != 0.0)
    ranged = np.isfinite(low) & np.isfinite(high) & (low != high)
    if ranged.any():
        file.write("RANGES\n")
        _lines(file, " rng ", said.rows, " ", _numbers(np.where(ranged, high - low, 0.0)), where=ranged)
    _mps_bounds(said, file)
    file.write("ENDATA\n")


def _mps_columns(said: _Sayable, file: IO[str]) -> None:
    """Write column after column, the objective first; whole numbers between their marks."""
    program, names = said.program, said.columns
    matrix = program.matrix.tocsc()
    rows = pl.concat([pl.Series(["obj"]), said.rows.rename("")])
    first_entry = (program.cost != 0.0) | (np.diff(matrix.indptr) == 0)  # a column in nothing is named all the same
    turn = np.diff(program.integer, prepend=False)
    marks = 0
    for first, last in _pieces(matrix.indptr):
        own, span = first_entry[first:last], slice(matrix.indptr[first], matrix.indptr[last])
        count = np.diff(matrix.indptr[first : last + 1]) + own
        starts = np.append(0, np.cumsum(count))[:-1]
        costs = np.zeros(int(count.sum()), bool)
        costs[starts[own]] = True
        row, value = np.zeros(len(costs), np.int64), np.zeros(len(costs))
        row[~costs], value[~costs] = matrix.indices[span] + 1, matrix.data[span]
        value[costs] = program.cost[first:last][own]
        column = np.repeat(np.arange(last - first), count)
        mark = [""] * (last - first)
        for at in np.flatnonzero(turn[first:last]):
            marks += 1
            word = "INTORG" if program.integer[first + at] else "INTEND"
            mark[at] = f" MARK{marks} 'MARKER' '{word}'\n"
        begins = np.zeros(len(costs), bool)
        begins[starts] = True
        head = pl.Series(mark, dtype=pl.String)[pl.Series(column)]
        name = names[first:last][pl.Series(column)]
        _lines(file, _where(begins, head, ""), " ", name, " ", rows[pl.Series(row)], " ", _numbers(value))
    if program.integer[-1:].any():
        file.write(f" MARK{marks + 1} 'MARKER' 'INTEND'\n")


def _mps_bounds(said: _Sayable, file: IO[str]) -> None:
    program, names = said.program, said.columns
    low, high = program.lower, program.upper
    fixed, free = low == high, np.isneginf(low) & np.isposinf(high)
    file.write("BOUNDS\n")
    _lines(file, " FX bnd ", names, " ", _numbers(low), where=fixed)
    _lines(file, " FR bnd ", names, where=free)
    _lines(file, " MI bnd ", names, where=np.isneginf(low) & ~free)
    # The least before the most: a most of nought or less would else take the least away.
    _lines(file, " LO bnd ", names, " ", _numbers(low),
           where=np.isfinite(low) & ~fixed & ((low != 0.0) | (high <= 0.0)))
    _lines(file, " UP bnd ", names, " ", _numbers(high), where=np.isfinite(high) & ~fixed)
    # A whole number without a most would else be nought or one.
    _lines(file, " PL bnd ", names, where=np.isposinf(high) & program.integer & ~free)


def _where(mask: Any, yes: pl.Series | str, no: pl.Series | str) -> pl.Series:
    """Return one text or the other, shape that of the mask."""
    given = {name: text for name, text in (("yes", yes), ("no", no)) if isinstance(text, pl.Series)}
    table = pl.DataFrame({"mask": pl.Series(mask, dtype=pl.Boolean), **given})
    said = [pl.col(name) if name in given else pl.lit(text) for name, text in (("yes", yes), ("no", no))]
    return table.select(pl.when("mask").then(said[0]).otherwise(said[1])).to_series()


def _glued(*parts: pl.Series | str, where: Any = None) -> pl.Series:
    """Return parallel parts put together to a text for each row; for those of `where` only."""
    table = pl.DataFrame([p.alias(str(i)) for i, p in enumerate(parts) if isinstance(p, pl.Series)])
    if where is not None:
        table = table.filter(pl.Series(where))
    said = [pl.lit(p) if isinstance(p, str) else pl.col(str(i)) for i, p in enumerate(parts)]
    return table.select(pl.concat_str(said)).to_series()


KINDS: dict[str, Callable[[Named, IO[str]], None]] = {".lp": _write_lp, ".mps": _write_mps}
