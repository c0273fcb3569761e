"""A column of measurements, read from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lodeworks.errors import did_you_mean
from lodeworks.simulate.fit.family import FitError, Floats, listed

__all__ = ["read_column"]


def read_column(path: str | Path, column: str) -> Floats:
    """Return a column of numbers from a csv or parquet file; rows count from one, without the header.

    Raises
    ------
    FitError
        If there is no such file or column, or a cell is empty or not a number.
    """
    import polars as pl

    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise FitError(f"{path}: expected a file ending in .csv or .parquet")
    if not path.is_file():
        raise FitError(f"{path}: there is no such file")
    try:
        table = pl.read_csv(path, infer_schema=False) if kind == ".csv" else pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise FitError(f"{path}: cannot be read as {kind[1:]}: {reason}") from error
    if column not in table.columns:
        hint = did_you_mean(column, table.columns)
        raise FitError(f"{path}: no column {column!r}; there are {', '.join(map(repr, table.columns))}{hint}")
    cells = table[column]
    if cells.dtype == pl.String:
        numbers = cells.str.strip_chars().cast(pl.Float64, strict=False)
    elif cells.dtype.is_numeric():
        numbers = cells.cast(pl.Float64)
    elif cells.dtype == pl.Null:
        numbers = pl.Series(column, [None] * len(cells), dtype=pl.Float64)
    else:
        raise FitError(f"{path}: column {column!r} holds no numbers but {cells.dtype}")
    bad = numbers.is_null().arg_true().to_list()
    if bad:
        told = listed(f"row {i + 1} {_cell(cells[i])}" for i in bad)
        raise FitError(f"{path}: column {column!r} holds cells that are not numbers: {told}")
    return numbers.to_numpy().astype(np.float64)


def _cell(cell: object) -> str:
    return "is empty" if cell is None or not str(cell).strip() else f"is {str(cell)!r}"
