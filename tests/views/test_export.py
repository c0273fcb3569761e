"""The workbook holds the same sums as the run."""

from __future__ import annotations

from pathlib import Path

import fastexcel
import polars as pl
import pytest

from lodeworks.errors import RunError
from lodeworks.views.export import SHEET_ROWS, export, sheets
from tests.views.synthetic import Made


@pytest.fixture(scope="module")
def book(run: Made, tmp_path_factory: pytest.TempPathFactory) -> fastexcel.ExcelReader:
    return fastexcel.read_excel(export(run, tmp_path_factory.mktemp("export") / "out.xlsx"))


def column(book: fastexcel.ExcelReader, sheet: str, name: str) -> list[object]:
    return book.load_sheet(sheet).to_polars()[name].to_list()


def test_money_comes_back_as_it_went(book: fastexcel.ExcelReader, run: Made) -> None:
    assert sum(column(book, "costs", "amount")) == pytest.approx(run.manifest["objective"]["value"])  # type: ignore[arg-type]
    assert "two_towns" in book.load_sheet("about").to_polars().columns


@pytest.mark.parametrize("sheet", ["flows by year", "flows by month"])
def test_flows_are_summed_and_lose_nothing(book: fastexcel.ExcelReader, run: Made, sheet: str) -> None:
    table = run.table("flows").filter(pl.col("amount") > 0.0)
    amounts = [a for a in column(book, sheet, "amount") if a > 0.0]  # type: ignore[operator]
    ovens = sum(
        a
        for a, e, c in zip(
            column(book, sheet, "amount"),
            column(book, sheet, "element"),  # type: ignore[misc]
            column(book, sheet, "commodity"),
            strict=True,
        )
        if (e, c) == ("ovens", "coke")
    )
    coke = table.filter((pl.col("element") == "ovens") & (pl.col("commodity") == "coke"))["amount"].sum()
    assert ovens == pytest.approx(coke)
    assert len(amounts) >= 6


def test_means_of_levels_are_within_their_bounds(run: Made) -> None:
    rows = sheets(run)["levels by month"]
    assert rows.height == 12
    assert ((rows["least"] <= rows["mean"]) & (rows["mean"] <= rows["most"])).all()


def test_long_tables_stay_in_the_run_folder(run: Made) -> None:
    made = sheets(run)
    assert "flows" not in made
    assert "levels" in made
    assert all(len(table) <= SHEET_ROWS for table in made.values())


def test_names_that_look_like_formulas_stay_text(run: Made, tmp_path: Path) -> None:
    elements = run.table("elements").with_columns(title_en=pl.lit("=1+1"), title_zh=pl.lit("http://x"))
    book = fastexcel.read_excel(export(run.having(elements=elements), tmp_path / "x.xlsx"))
    assert column(book, "elements", "title_en")[0] == "=1+1"


def test_a_workbook_is_not_written_over_unless_asked(run: Made, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("mine")
    with pytest.raises(RunError, match="exists"):
        export(run, tmp_path / "x.xlsx")
    assert (tmp_path / "x.xlsx").read_text() == "mine"
