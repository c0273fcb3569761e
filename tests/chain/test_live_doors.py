"""What is watched stays the same through a workbook and through tables: planners keep tags, limits and work in Excel."""

from __future__ import annotations

import pytest

from lodeworks.chain import read_chain, write_chain
from lodeworks.network.compile_live import compile_live
from tests.mine import mine

DOORS = {"workbook": ("mine.xlsx", ""), "tables": ("mine", "csv"), "yaml": ("mine.yaml", ""), "json": ("mine.json", "")}


@pytest.mark.parametrize("door", DOORS)
def test_the_mine_comes_back_through_every_door(door, tmp_path):
    name, tables = DOORS[door]
    chain = mine()
    write_chain(chain, tmp_path / name, tables=tables)
    back = read_chain(tmp_path / name)
    assert back == chain
    assert compile_live(back) == compile_live(chain)


def test_tags_are_one_row_each_with_units_in_the_heading(tmp_path):
    write_chain(mine(), tmp_path / "mine", tables="csv")
    lines = (tmp_path / "mine" / "tags.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("name,")
    assert len(lines) == 1 + len(mine().tags)
    assert any(heading.startswith("period") for heading in lines[0].split(","))


def test_a_faulty_cell_of_a_table_is_told_by_its_row(tmp_path):
    from lodeworks.verbs import check

    write_chain(mine(), tmp_path / "mine", tables="csv")
    file = tmp_path / "mine" / "tags.csv"
    rows = file.read_text(encoding="utf-8-sig").splitlines()
    at = next(number for number, row in enumerate(rows) if row.startswith("air,"))
    rows[at] = rows[at].replace("air_speed", "air_sped")
    file.write_text("\n".join(rows), encoding="utf-8")
    problem = next(p for p in check(tmp_path / "mine") if p.key == "reads")
    assert problem.file == f"tags.csv row {at + 1}"
    assert problem.suggestion == "air_speed"
