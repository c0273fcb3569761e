"""Runs that hold many plans are told in both languages, as text and as a report, from their tables alone."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

import lodeworks
from lodeworks.runs import read_run
from lodeworks.views.figures.farm import farm_views
from lodeworks.views.many import many_summary, many_views
from lodeworks.views.report import write_report
from lodeworks.views.view import written
from lodeworks.views.words import Words
from tests.views.synthetic import Made

CHAIN = """
chain: boilers
title: {en: Boilers, zh: 锅炉}
horizon: {start: 2026-01-01, length: 4 h, discount: 0 %/a}
objective: cost
units: {puff: puff}
commodities: {heat: {unit: MWh}, co2: {unit: puff, let_go: true, title: {zh: 烟气}}}
processes:
  coal: {outputs: {heat: 1 MWh, co2: 1 puff}, cost: 10 CNY/MWh, capacity: 10 MW, ranges: {cost: 8 .. 14 CNY/MWh}}
  gas: {outputs: {heat: 1 MWh, co2: 0.4 puff}, cost: 30 CNY/MWh, capacity: 5 MW, expansion: {cost: 4 CNY/MW, most: 9 MW, life: 4 h}}
  power: {outputs: {heat: 1 MWh, co2: 0.1 puff}, cost: 90 CNY/MWh, capacity: 4 MW}
demands: {town: {commodity: heat, price: 0 CNY/MWh, amount: 10 MW}}
"""
FARM = "chain: boilers.yaml\ngrid: {processes.coal.cost: [8 CNY/MWh, 10 CNY/MWh, 12 CNY/MWh]}\n"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("many")
    (folder / "boilers.yaml").write_text(CHAIN, encoding="utf-8")
    (folder / "farm.yaml").write_text(FARM, encoding="utf-8")
    chain = folder / "boilers.yaml"
    lodeworks.farm(folder / "farm.yaml", out=folder / "farm", workers=1)
    lodeworks.tornado(chain, out=folder / "tornado", workers=1)
    lodeworks.pareto(chain, ("cost", "emissions:co2"), points=4, out=folder / "pareto")
    lodeworks.alternatives(chain, within=0.2, out=folder / "alternatives")
    return {kind: folder / kind for kind in ("farm", "tornado", "pareto", "alternatives")}


@pytest.mark.parametrize("kind", ["farm", "tornado", "pareto", "alternatives"])
def test_each_kind_is_told_as_text_and_as_a_page_in_both_languages(folders: dict[str, Path], kind: str) -> None:
    run = read_run(folders[kind])
    for language, title in (("en", "Boilers"), ("zh", "锅炉")):
        console = Console(width=200, record=True, file=StringIO())
        console.print(many_summary(run, language))
        assert title in console.export_text()
        for view in many_views(run):
            assert len(view.sentence(run, language)) > 8
            if view.figure is not None:
                assert len(view.figure(run, language).data) > 0
    page = write_report(run, folders[kind] / "page.html", language="zh").read_text(encoding="utf-8")
    assert "锅炉" in page
    assert "Boilers" in page


def test_a_figure_of_a_front_holds_the_points_of_the_table(folders: dict[str, Path]) -> None:
    run = read_run(folders["pareto"])
    curve = many_views(run)[0].figure(run, "en").data[0]  # type: ignore[misc]
    assert list(curve.x) == pytest.approx(run.table("front")["second"].to_list())
    assert list(curve.y) == pytest.approx(run.table("front")["first"].to_list())


def test_an_element_counted_in_two_ways_has_two_bars(folders: dict[str, Path], tmp_path: Path) -> None:
    lodeworks.alternatives(folders["farm"].parent / "boilers.yaml", within=0.2, amounts=["gas"], out=tmp_path / "out")
    (view,) = many_views(read_run(tmp_path / "out"))
    assert view.figure is not None
    names = view.figure(read_run(tmp_path / "out"), "en").data[0].y
    assert len(set(names)) == len(names) == 2


def test_ranges_that_move_nothing_are_said_and_not_drawn(folders: dict[str, Path], tmp_path: Path) -> None:
    still = (folders["farm"].parent / "boilers.yaml").read_text(encoding="utf-8")
    still = still.replace(", ranges: {cost: 8 .. 14 CNY/MWh}", "").replace("cost: 90 CNY/MWh", "cost: 90 CNY/MWh, ranges: {cost: 80 .. 95 CNY/MWh}")
    (tmp_path / "still.yaml").write_text(still, encoding="utf-8")
    lodeworks.tornado(tmp_path / "still.yaml", out=tmp_path / "out", workers=1)
    run = read_run(tmp_path / "out")
    (view,) = many_views(run)
    assert view.figure is None
    assert view.sentence(run, "en") == "The one stated range does not move the objective."


@pytest.mark.parametrize(
    ("objectives", "kind", "said"),
    [((100.0, 90.0, None), "scatter", ["not run yet", "  −10 CNY", "  100 CNY"]),
     ((100.0, 20.0, None), "bar", [" not run yet", " 20 CNY", " 100 CNY"])],
)
def test_scenarios_that_come_to_nearly_the_same_are_told_apart(
    run: Made, objectives: tuple[float | None, ...], kind: str, said: list[str]
) -> None:
    """Bars from nought would all look alike: points then, with how far each is from the first."""
    table = pl.DataFrame({
        "scenario": ["as it is", "dear", "late"], "status": ["optimal", "optimal", "not run"], "objective": objectives,
        "unit": ["CNY", "CNY", None], "why": pl.Series([None] * 3, dtype=pl.String), "seconds": [1.0, 1.0, None],
    })
    farm = Made({**run.manifest, "kind": "farm", "varied": []}, dict(run.chain), {
        name: run.table(name) for name in ("elements", "commodities", "sites")} | {"results": table})
    (view,) = farm_views(farm)
    assert view.figure is not None
    drawn = view.figure(farm, "en").data[0]
    assert drawn.type == kind
    assert [text.strip() for text in drawn.text] == [text.strip() for text in said]


def test_a_farm_that_changes_one_of_many_settings_at_a_time_says_which(run: Made) -> None:
    """A column for each setting would stand empty; two languages say the same setting."""
    settings = [f"processes.{name}.capacity" for name in ("ovens", "psa", "mine", "gas_power")]
    table = pl.DataFrame({
        "scenario": ["as it is", *settings], "status": ["optimal"] * 5, "objective": [100.0, 90.0, 80.0, 70.0, 60.0],
        **{path: [None, *("1 t/h" if path == other else None for other in settings)] for path in settings},
        "unit": ["CNY"] * 5, "why": pl.Series([None] * 5, dtype=pl.String), "seconds": [1.0] * 5,
    })
    farm = Made({**run.manifest, "kind": "farm", "varied": settings}, dict(run.chain), {
        name: run.table(name) for name in ("elements", "commodities", "sites")} | {"results": table})
    (view,) = farm_views(farm)
    assert [column.name for column in view.columns] == ["scenario", "changed", "status", "objective"]
    for language, said in (("en", "Coke ovens: capacity 1 t/h"), ("zh", "焦炉: 产能 1 吨/时")):
        cells = written(view.rows(farm), view.columns, Words(farm, language))[1]
        assert [row[1] for row in cells][:2] == ["–", said]


def test_a_scenario_is_called_by_its_title_in_each_language(run: Made) -> None:
    rows = pl.DataFrame({"scenario": ["base", "dry"], "status": ["optimal"] * 2, "objective": [5.0, 9.0], "unit": ["CNY"] * 2,
                         "why": [None, None], "seconds": [0.1, 0.1]}, schema_overrides={"why": pl.String})
    titles = {"base": {"en": "as it is", "zh": "现状"}, "dry": {"zh": "枯水年"}}
    farm = Made({**run.manifest, "kind": "farm", "varied": [], "titles": titles}, dict(run.chain), {"results": rows})
    (view,) = farm_views(farm)
    for language, names in (("en", ["as it is", "枯水年"]), ("zh", ["现状", "枯水年"])):
        cells = written(view.rows(farm), view.columns, Words(farm, language))[1]
        assert [row[0] for row in cells] == names
        assert list(view.figure(farm, language).data[0].y) == names[::-1]  # type: ignore[misc]
        assert names[1] in view.sentence(farm, language)


def test_a_wide_farm_is_told_by_what_each_scenario_is_called(folders: dict[str, Path]) -> None:
    """Names of a grid are long; on a terminal the values they are made of stand in their place."""
    run = read_run(folders["farm"])
    wide = run.table("results").with_columns(size=pl.lit("9 MW"), **{f"built.x{k} [MW]": pl.lit(1.0) for k in range(6)})
    made = Made({**run.manifest, "varied": [*run.manifest["varied"], "size"], "chosen_figures": True}, run.chain, {"results": wide})
    console = Console(width=200, record=True, file=StringIO())
    console.print(many_summary(made))
    text = console.export_text()
    assert "8 CNY/MWh · 9 MW" in text
    assert "cost-8-CNY-MWh" not in text
    assert "lodeworks show RUN results --csv" in text
