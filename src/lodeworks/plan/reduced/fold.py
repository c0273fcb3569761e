r"""The program of typical days, stores linked through the year: the program of the whole in fewer columns.

The whole is laid out with the series of each day those of the day that stands for it. Then every column of a day is
written as the column of its kind, and the level of a store as

.. math:: L_{d,h} = S_d + \Delta_{k(d),h}, \qquad \Delta_{k,0} = 0

with :math:`S_d` of each day of the year, so that what is stored in one week can be used in another (Kotzur, Markewitz,
Robinius and Stolten, Applied Energy 213, 2018). In matrices :math:`x = M z`; the rows of :math:`A M` that have become
equal are kept once. No block knows of this: lags, ramps and minimum times go from one day to the next as they stand in
the year. A store is within its bounds when the day's start and the highest and lowest :math:`\Delta` of its kind are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from lodeworks.network.arrays import Floats, Grid, Ints, Network
from lodeworks.plan.columns import Columns
from lodeworks.plan.naming import Named, Names
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program
from lodeworks.plan.reduced.typical import Days, days_of

__all__ = ["Small", "folded_columns", "named_days", "unfolded"]


@dataclass(frozen=True, eq=False)
class Small:
    """A program of one or more networks in the columns of their typical days, and the way back.

    Attributes
    ----------
    columns
        Whence they are.
    rows
        Of each run of rows whence they are, and whether those are rows of the whole or columns they limit.
    """

    program: Program
    expand: Any
    columns: Origin
    rows: tuple[tuple[Origin, bool], ...]


@dataclass(frozen=True, eq=False)
class Origin:
    """The column or row of the whole that each of fewer stands for, and what it is of it, shapes (count,).

    `word` is the number of one of `WORDS`; `number` the day it is of, the kind of days, or -1.
    """

    of: Ints
    word: Ints
    number: Ints

    @classmethod
    def joined(cls, parts: Sequence[Origin]) -> Origin:
        """Return the origins of several, one after another."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("of", "word", "number")))

    @classmethod
    def plain(cls, of: Any, word: int = 0, number: Any = -1) -> Origin:
        """Return those that are columns or rows of the whole, or what a word says of them."""
        of = np.asarray(of, np.int64)
        return cls(of, np.full(len(of), word, np.int32), np.broadcast_to(np.asarray(number, np.int32), of.shape))

    def moved(self, by: int) -> Origin:
        """Return them where a part of the whole begins at `by`."""
        return replace(self, of=self.of + by)

    def named(self, names: Names) -> Names:
        """Return what each is called, of the names of the whole."""
        steps = np.where((self.word > 0) & (self.number >= 0), self.number, names.step[self.of])
        keys, stem = np.unique(self.word.astype(np.int64) * len(names.stems) + names.stem[self.of], return_inverse=True)
        stems = [f"{WORDS[key // len(names.stems)]} {names.stems[key % len(names.stems)]}".strip() for key in keys]
        return Names(tuple(stems), stem.ravel().astype(np.int32), steps.astype(np.int32))


# What a column or row is, of the one of the whole that it is named after: the level of a store at a day's start, its
# course in a kind of days, the lowest and highest of that; and their limits.
WORDS = ("", "day start of", "course of", "lowest of", "highest of", "course below highest of",
         "course above lowest of", "least of", "most of")
_START, _COURSE, _LOWEST, _HIGHEST, _BELOW, _ABOVE, _LEAST, _MOST = range(1, len(WORDS))


def folded_columns(
    parts: Sequence[Part], programs: Sequence[Program], scaled: Program, days: Sequence[Days]
) -> Small:
    """Write a scaled program in the columns of typical days, those of each part by its own days.

    Parameters
    ----------
    programs
        Each part's own program, for where its blocks stand. What links the parts stays, in the few columns.
    """
    ends = parts[-1].row + parts[-1].rows
    smalls, expands, of_columns, of_rows = [], [], [], []
    for part, own, kinds in zip(parts, programs, days, strict=True):
        rows, columns = slice(part.row, part.row + part.rows), slice(part.column, part.column + part.columns.count)
        piece = replace(
            scaled, cost=scaled.cost[columns], offset=0.0, lower=scaled.lower[columns], upper=scaled.upper[columns],
            integer=scaled.integer[columns], matrix=sparse.csr_array(scaled.matrix[rows][:, columns]),
            row_lower=scaled.row_lower[rows], row_upper=scaled.row_upper[rows], blocks=own.blocks,
        )
        folding = _Folding(part.network, part.columns, piece, kinds, days_of(part.network)[1])
        small, whence, (kept, limits) = folding.small()
        smalls.append(small)
        of_columns.append(whence.moved(part.column))
        of_rows += [(Origin.plain(kept).moved(part.row), True), (limits.moved(part.column), False)]
        expands.append(sparse.csr_array(folding.expand))
    after = parts[-1].column + parts[-1].columns.count
    beside = len(scaled.cost) - after
    expand = sparse.csr_array(sparse.block_diag([*expands, sparse.eye_array(beside)] if beside else expands))
    below = sparse.csr_array(scaled.matrix[ends:] @ expand)
    apart = sparse.csr_array(sparse.block_diag([small.matrix for small in smalls]))
    wide = sparse.csr_array((apart.data, apart.indices, apart.indptr), shape=(apart.shape[0], apart.shape[1] + beside))

    def over(name: str, rest: Floats) -> Floats:
        return np.concatenate([*(getattr(small, name) for small in smalls), rest])

    program = Program(
        over("cost", scaled.cost[after:]), scaled.offset, over("lower", scaled.lower[after:]),
        over("upper", scaled.upper[after:]),
        np.concatenate([*(small.integer for small in smalls), scaled.integer[after:]]),
        sparse.csr_array(sparse.vstack([wide, below])), over("row_lower", scaled.row_lower[ends:]),
        over("row_upper", scaled.row_upper[ends:]), (), scaled.maximise,
    )
    of_columns.append(Origin.plain(np.arange(after, len(scaled.cost))))
    of_rows.append((Origin.plain(np.arange(ends, len(scaled.row_lower))), True))
    return Small(program, expand, Origin.joined(of_columns), tuple(of_rows))


def named_days(small: Small, whole: Named) -> Named:
    """Return the program of typical days with names, of those of the whole."""
    parts = [origin.named(whole.rows if of_rows else whole.columns) for origin, of_rows in small.rows]
    return Named(small.program, small.columns.named(whole.columns), Names.joined(parts), whole.title)


def unfolded(small: Small, z: Floats) -> Floats:
    """Return the scaled columns of the whole."""
    x: Floats = small.expand @ z[: small.expand.shape[1]]
    return x


class _Folding:
    """Columns of the whole as sums of fewer, and rows made of that."""

    def __init__(self, net: Network, columns: Columns, program: Program, days: Days, steps: int) -> None:
        self.net, self.columns, self.program, self.days, self.steps = net, columns, program, days, steps
        self.kinds = len(days.stands)
        self.count = 0
        self._from: list[Ints] = []
        self._to: list[Ints] = []
        self._origin: list[Origin] = []
        self._row_origin: list[Origin] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._integer: list[Any] = []
        self._rows: list[tuple[Any, Floats, Floats]] = []
        self._level: dict[int, tuple[int, int]] = {}
        left = np.ones(columns.count, bool)
        for first, grid in self._runs():
            left[first : first + grid.count] = False
            self._plain(first, grid)
        for s, first in enumerate(columns.level):
            grid = net.grids[net.balances.grid[net.stores.balance[s]]]
            left[first : first + grid.count] = False
            self._stored(s, int(first), grid)
        self._same(np.flatnonzero(left))
        where = np.concatenate(self._from), np.concatenate(self._to)
        self.expand = sparse.csr_array((np.ones(len(where[0])), where), shape=(columns.count, self.count))

    def _runs(self) -> list[tuple[int, Grid]]:
        net, columns = self.net, self.columns
        found = [*zip(columns.rate, net.activities.grid, strict=True),
                 *zip(columns.on, net.plants.grid, strict=True), *zip(columns.start, net.plants.grid, strict=True),
                 *zip(columns.order, net.activities.grid[net.order[:, 0]], strict=True),
                 *zip(columns.filling, net.balances.grid[net.stores.balance], strict=True),
                 *zip(columns.gathered.first, columns.gathered.grid, strict=True)]
        return [(int(first), net.grids[grid]) for first, grid in found if first >= 0]

    def _in_a_day(self, grid: Grid) -> int:
        """Return how many steps of a grid a day has; nought where days and steps do not fit."""
        count = grid.count // len(self.days)
        whole = grid.count == count * len(self.days) and self.steps % grid.multiple == 0
        return count if whole else 0

    def _new(self, lower: Floats, upper: Floats, integer: Any, origin: Origin) -> Ints:
        self._origin.append(origin)
        numbers = np.arange(self.count, self.count + len(lower), dtype=np.int32)
        self.count += len(lower)
        self._lower.append(lower)
        self._upper.append(upper)
        self._integer.append(integer)
        return numbers

    def _same(self, which: Any) -> None:
        """Keep columns as they are."""
        numbers = self._new(self.program.lower[which], self.program.upper[which], self.program.integer[which],
                            Origin.plain(which))
        self._from.append(np.asarray(which, np.int32))
        self._to.append(numbers)

    def _plain(self, first: int, grid: Grid) -> None:
        """Write the columns of all days of a kind as one.

        Their bounds are equal but where the horizon begins, whose first hour binds no other day.
        """
        n = self._in_a_day(grid)
        own = np.arange(first, first + grid.count, dtype=np.int32)
        if n == 0:
            self._same(own)
            return
        kind = (self.days.kind[:, None] * n + np.arange(n)).ravel()
        lower, upper = np.full(self.kinds * n, np.inf), np.full(self.kinds * n, -np.inf)
        np.minimum.at(lower, kind, self.program.lower[own])
        np.maximum.at(upper, kind, self.program.upper[own])
        stands = own.reshape(-1, n)[self.days.stands].ravel()
        numbers = self._new(lower, upper, self.program.integer[own[: self.kinds * n]], Origin.plain(stands))
        self._from.append(own)
        self._to.append(numbers[kind])

    def _stored(self, s: int, first: int, grid: Grid) -> None:
        """Write levels as a day's own start and its kind's course."""
        n, own = self._in_a_day(grid), np.arange(first, first + grid.count, dtype=np.int32)
        if n <= 1:
            self._same(own)
            return
        days, free = len(self.days), np.full(self.kinds * (n - 1), np.inf)
        daily, stands, each_day = own.reshape(days, n), self.days.stands, np.arange(days, dtype=np.int32)
        courses = daily[stands][:, 1:].ravel()

        def kinds(word: int) -> Origin:
            return Origin.plain(daily[stands, 0], word, stands)

        start = self._new(np.full(days, -np.inf), np.full(days, np.inf), np.zeros(days, bool),
                          Origin.plain(daily[:, 0], _START, each_day))
        course = self._new(-free, free, np.zeros(len(free), bool), Origin.plain(courses, _COURSE))
        none, never = np.zeros(self.kinds), np.zeros(self.kinds, bool)
        bottom = self._new(np.full(self.kinds, -np.inf), none, never, kinds(_LOWEST))
        top = self._new(none, np.full(self.kinds, np.inf), never, kinds(_HIGHEST))
        self._level[s] = int(bottom[0]), int(top[0])
        self._from += [own, own.reshape(days, n)[:, 1:].ravel()]
        place = self.days.kind[:, None] * (n - 1) + np.arange(n - 1)
        self._to += [np.repeat(start, n), course[place.ravel()]]
        each = np.repeat(np.arange(self.kinds), n - 1)
        for ends, low, high, word in ((top, -np.inf, 0.0, _BELOW), (bottom, 0.0, np.inf, _ABOVE)):
            self._bound(np.array([course, ends[each]]).T, np.array([1.0, -1.0]), low, high, Origin.plain(courses, word))
        for bounds, ends, sense in ((self.program.lower[own], bottom, -1.0), (self.program.upper[own], top, 1.0)):
            word = _LEAST if sense < 0.0 else _MOST
            limit = bounds.reshape(days, n)
            widest = (sense * limit).max(axis=1) * sense
            held = np.isfinite(widest)
            self._bound(
                np.array([start, ends[self.days.kind]]).T[held], np.array([1.0, 1.0]),
                widest[held] if sense < 0.0 else -np.inf, widest[held] if sense > 0.0 else np.inf,
                Origin.plain(daily[held, 0], word, each_day[held]),
            )
            d, h = np.nonzero(np.isfinite(limit) & (limit != widest[:, None]))
            for day, hour in zip(d, h, strict=True):  # a level that is given, or an end: few
                terms = [start[day], course[self.days.kind[day] * (n - 1) + hour - 1]] if hour else [start[day]]
                value = float(limit[day, hour])
                self._bound(np.array([terms]), np.ones(len(terms)), value if sense < 0.0 else -np.inf,
                            value if sense > 0.0 else np.inf, Origin.plain(daily[day, hour : hour + 1], word))

    def _bound(
        self, columns: Any, factors: Floats, lower: Floats | float, upper: Floats | float, origin: Origin
    ) -> None:
        """Add rows of a few columns each, shape (rows, terms); `origin` tells which columns of the whole they bound."""
        rows = len(columns)
        if rows:
            self._row_origin.append(origin)
            self._rows.append((
                (columns, np.broadcast_to(factors, columns.shape)), np.broadcast_to(np.asarray(lower, float), (rows,)),
                np.broadcast_to(np.asarray(upper, float), (rows,)),
            ))

    def small(self) -> tuple[Program, Origin, tuple[Ints, Origin]]:
        """Return the program of the few columns, equal rows once; whence they are, and whence its rows.

        Of those the first are rows of the whole, the others limits on its columns.
        """
        matrix = sparse.csr_array(self.program.matrix @ self.expand)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        kept = np.ones(matrix.shape[0], bool)
        highs: list[tuple[Any, Any]] = []
        for block, at in self.program.blocks:
            if block.name in ("store_capacity", "store_floor"):
                highs += self._tops(block.owner, at, block.name == "store_capacity", kept)
        if highs:
            rows, cols = (np.concatenate(part) for part in zip(*highs, strict=True))
            starts = matrix[rows]  # the day's start stands first in its row; the course has the same coefficient
            values = starts.data[starts.indptr[:-1]]
            matrix = sparse.csr_array(matrix + sparse.csr_array((values, (rows, cols)), shape=matrix.shape))
            matrix.sort_indices()
        lower, upper = self.program.row_lower, self.program.row_upper
        chosen = _once(matrix, lower, upper, np.flatnonzero(kept))
        parts, lows, tops = [matrix[chosen]], [lower[chosen]], [upper[chosen]]
        for (columns, factors), low, high in self._rows:
            rows = np.repeat(np.arange(len(columns)), columns.shape[1])
            parts.append(sparse.csr_array((factors.ravel(), (rows, columns.ravel())), shape=(len(columns), self.count)))
            lows.append(low)
            tops.append(high)
        cost: Floats = np.asarray(self.expand.T @ self.program.cost)
        program = Program(
            cost, self.program.offset, np.concatenate(self._lower),
            np.concatenate(self._upper), np.concatenate(self._integer), sparse.csr_array(sparse.vstack(parts)),
            np.concatenate(lows), np.concatenate(tops), (), self.program.maximise,
        )
        limits = Origin.joined([*self._row_origin, Origin.plain(np.zeros(0))])
        return program, Origin.joined(self._origin), (chosen.astype(np.int32), limits)

    def _tops(self, owner: Ints, at: int, upper: bool, kept: Any) -> list[tuple[Any, Any]]:
        """Let the first row of a day stand for all of it where what a store may hold does not vary within the day.

        Returns the rows and the columns of the highest (or lowest) course that come into them.
        """
        net, found = self.net, []
        for s, (bottom, top) in self._level.items():
            rows = at + np.flatnonzero(owner == net.stores.plant[s])
            if not len(rows):
                continue
            n = len(rows) // len(self.days)
            share = net.on_grid(net.stores.high if upper else net.stores.low, net.balances.grid[net.stores.balance], s)
            if np.ptp(share.reshape(len(self.days), n), axis=1).max() > 0.0:
                continue
            table = rows.reshape(len(self.days), n)
            kept[table[:, 1:]] = False
            found.append((table[:, 0], (top if upper else bottom) + self.days.kind))
        return found


def _once(matrix: Any, lower: Floats, upper: Floats, rows: Any) -> Any:
    """Return those of the rows that no earlier row equals, entry by entry."""
    seen: set[bytes] = set()
    chosen = []
    indptr, indices, data = matrix.indptr, matrix.indices, matrix.data
    for r in rows:
        span = slice(indptr[r], indptr[r + 1])
        key = indices[span].tobytes() + data[span].tobytes() + lower[r].tobytes() + upper[r].tobytes()
        if key not in seen:
            seen.add(key)
            chosen.append(r)
    return np.array(chosen, np.int64)
