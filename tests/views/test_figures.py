"""Figures show what the tables hold: totals are the same, spikes are kept, both languages are spoken."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest

from lodeworks.views.figures import VIEWS, views_of
from lodeworks.views.figures.capacities import bottleneck_rows
from lodeworks.views.figures.dispatch import (
    DAYS_IN_VIEW,
    dispatch,
    dispatch_rows,
    hours_view,
    month_rows,
    months,
)
from lodeworks.views.figures.duration import duration_rows
from lodeworks.views.figures.heat import day_by_hour, heat
from lodeworks.views.figures.money import money_bars, money_flow, money_flow_rows, money_rows
from lodeworks.views.figures.placing import Labels
from lodeworks.views.figures.region import places, region
from lodeworks.views.figures.sankey import sankey, sankey_rows
from lodeworks.views.figures.thinning import kept_steps
from lodeworks.views.sums import key_balances
from lodeworks.views.view import View
from tests.views.synthetic import Made

LANGUAGES = ("en", "zh")


def numbers(values: object) -> np.ndarray:
    return np.asarray(values, dtype=float)


def test_every_view_draws_a_figure_in_both_languages(run: Made) -> None:
    views = views_of(run)
    assert len({view.key for view in views}) == len(views) > len(VIEWS)
    for view in views:
        for language in LANGUAGES:
            assert view.figure is not None
            figure = view.figure(run, language)
            assert isinstance(figure, go.Figure)
            assert len(figure.data) > 0
            assert view.sentence(run, language)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.key)
def test_chinese_figures_speak_chinese(run: Made, view: View) -> None:
    assert view.figure is not None
    text = view.figure(run, "zh").to_json()
    english = (
        set(run.table("elements")["title_en"]) | set(run.table("commodities")["title_en"]) | {"Range", "Mean", "let go"}
    )
    for title in english:
        assert not re.search(rf'"{re.escape(title)}[ ",]', text), f"{view.key} says {title}"


def test_a_run_with_nothing_in_it_still_draws(run: Made) -> None:
    bare = run.having(**{name: run.table(name).head(0) for name in run.tables})
    for view in VIEWS:
        assert view.figure is not None
        assert view.figure(bare, "zh") is not None
        assert view.rows(bare).is_empty()


def test_the_mass_picture_adds_up_to_the_flows_table(run: Made) -> None:
    rows = sankey_rows(run, "mass")
    coke = run.table("flows").filter((pl.col("commodity") == "coke") & (pl.col("amount") > 0.0))["amount"].sum()
    assert rows.filter((pl.col("commodity") == "coke") & (pl.col("amount") > 0.0))["amount"].sum() == pytest.approx(
        coke
    )
    for (_,), part in rows.group_by("commodity"):
        assert abs(part["amount"].sum()) < 1e-6 * part["amount"].abs().sum()


@pytest.mark.parametrize("by", ["mass", "energy"])
def test_bands_of_a_sankey_are_the_rows_of_its_table(run: Made, by: str) -> None:
    rows, link = sankey_rows(run, by), sankey(run, "en", by).data[0].link
    drawn = numbers(link.value)
    # A band that closes a circle is drawn twice, to a stub and from another; there is none in this chain.
    assert drawn.sum() == pytest.approx(rows["amount"].abs().sum())
    assert sorted(drawn) == pytest.approx(sorted(rows["amount"].abs()))


def crowd(run: Made, count: int) -> Made:
    """The same chain with many works that buy coal, each less than the one before and none so small as to be like others."""
    mine = run.table("flows").filter(pl.col("commodity") == "coal", pl.col("amount") > 0.0).head(1)
    widest = sankey_rows(run, "mass")["amount"].abs().max()
    small = [mine.with_columns(element=pl.lit(f"works_{k}", dtype=pl.Categorical), kind=pl.lit("process", dtype=pl.Categorical), amount=pl.lit(-widest * (0.9 - 0.001 * k))) for k in range(count)]
    return run.having(flows=pl.concat([run.table("flows"), *small]))


def test_of_very_many_elements_the_smallest_are_one_band_and_the_table_has_all(run: Made) -> None:
    many = crowd(run, 150)
    rows, figure = sankey_rows(many, "mass"), sankey(many, "en", "mass")
    labels = list(figure.data[0].node.label)
    assert rows["element"].n_unique() > 150
    folded = next(int(found[1]) for label in labels if (found := re.fullmatch(r"Other: (\d+) × process", label)))
    assert 0 <= rows["element"].n_unique() - 60 - folded <= rows["kind"].n_unique()  # the only one of its kind stays itself
    assert len(labels) < 90
    assert numbers(figure.data[0].link.value).sum() == pytest.approx(rows["amount"].abs().sum())
    assert figure.layout.height > 960
    view = next(view for view in VIEWS if view.key == "sankey_mass")
    few = sum(int(found[1]) for label in labels if (found := re.match(r"Other: (\d+) ×", label)))
    assert f"The {few} smallest are drawn as “other”; the table has all." in view.sentence(many, "en")
    assert f"最小的{few}项合并为“其他”" in view.sentence(many, "zh")
    assert "other" not in view.sentence(run, "en")


def test_what_all_comes_out_of_stores_is_told_too(run: Made) -> None:
    drained = run.having(flows=run.table("flows").filter(pl.col("kind") == "demand"))
    view = next(view for view in VIEWS if view.key == "sankey_mass")
    assert re.fullmatch(r"[\d.,]+ \S+ leave the chain as sales\.", view.sentence(drained, "en"))
    assert view.sentence(drained, "zh").startswith("外销")


def test_of_very_many_firms_the_smallest_are_one_and_money_still_adds_up(run: Made) -> None:
    costs = run.table("costs")
    paid = costs.filter(pl.col("amount") < 0.0).head(1)
    many = run.having(costs=pl.concat([costs, *(paid.with_columns(owner=pl.lit(f"firm_{k}", dtype=costs.schema["owner"]), amount=pl.lit(-1.0 - k)) for k in range(80))]))
    sankeys = {name: money_flow(of, "en").data[0] for name, of in (("few", run), ("many", many))}
    labels = list(sankeys["many"].node.label)
    assert any(re.fullmatch(r"Other \(\d+\)", label) for label in labels)
    assert len(labels) < 70
    more = numbers(sankeys["many"].link.value).sum() - numbers(sankeys["few"].link.value).sum()
    assert more == pytest.approx(2.0 * sum(1.0 + k for k in range(80)))  # what is paid, and the loss it is paid from


@pytest.mark.parametrize(("keep", "english", "chinese"), [
    (pl.col("amount") > 0.0, "come in; nothing goes out.", "没有支出"), (pl.col("amount") < 0.0, "go out and nothing comes in. The largest outlay is", "没有收入"),
])
def test_the_sentence_under_a_money_picture_says_what_is_drawn_of_one_side_alone(run: Made, keep: pl.Expr, english: str, chinese: str) -> None:
    view = next(view for view in VIEWS if view.key == "sankey_money")
    one = run.having(costs=run.table("costs").filter(keep))
    assert english in view.sentence(one, "en")
    assert chinese in view.sentence(one, "zh")


def test_a_chain_that_feeds_itself_keeps_its_sums(run: Made) -> None:
    flows = run.table("flows")
    power = flows.filter(pl.col("element") == "mine", pl.col("commodity") == "electricity")
    burnt = power.with_columns(element=pl.lit("ovens", dtype=pl.Categorical), amount=pl.lit(900.0))
    less = flows.with_columns(amount=pl.when(pl.col("element") == "grid").then(100.0).otherwise(pl.col("amount")))
    circle = run.having(flows=pl.concat([less, burnt]))
    figure, rows = sankey(circle, "en", "energy").data[0], sankey_rows(circle, "energy")
    into: dict[int, float] = {}
    out: dict[int, float] = {}
    for source, target, value in zip(figure.link.source, figure.link.target, figure.link.value, strict=True):
        out[source] = out.get(source, 0.0) + value
        into[target] = into.get(target, 0.0) + value
    label = {text: i for i, text in enumerate(figure.node.customdata)}
    assert {"Electricity (from the chain)", "Electricity (to earlier stages)"} <= set(label)
    power_in = rows.filter((pl.col("commodity") == "electricity") & (pl.col("amount") > 0.0))["amount"].sum()
    assert into[label["Electricity"]] == pytest.approx(power_in)
    assert out[label["Electricity"]] == pytest.approx(power_in)


def test_money_by_any_grouping_is_the_objective(run: Made) -> None:
    profit = run.manifest["objective"]["value"]
    for rows in (money_rows(run, "owner"), money_rows(run, "site"), money_flow_rows(run)):
        assert rows["amount"].sum() == pytest.approx(profit, rel=1e-12)


def test_money_bars_add_up_to_the_objective(run: Made) -> None:
    figure = money_bars(run, "en", "site")
    total = sum(float(numbers(trace.x).sum()) for trace in figure.data if trace.type == "bar")
    assert total * 1e6 == pytest.approx(run.manifest["objective"]["value"], rel=1e-9)


def test_the_money_picture_ends_in_the_objective(run: Made) -> None:
    figure = money_flow(run, "en").data[0]
    ends = {text: i for i, text in enumerate(figure.node.label)}
    profit = sum(v for t, v in zip(figure.link.target, figure.link.value, strict=True) if t == ends["Profit"])
    loss = sum(v for s, v in zip(figure.link.source, figure.link.value, strict=True) if s == ends.get("Loss"))
    assert profit - loss == pytest.approx(run.manifest["objective"]["value"])


def test_sales_without_owners_are_not_laid_on_a_firm(run: Made) -> None:
    unowned = run.having(
        costs=run.table("costs").with_columns(
            owner=pl.when(pl.col("item") == "revenue").then(pl.lit("")).otherwise(pl.col("owner"))
        )
    )
    figure = money_bars(unowned, "en", "owner")
    assert "No owner given" not in {name for trace in figure.data for name in trace.y}
    assert "whole chain" in money_flow(unowned, "en").data[0].node.label


def test_thinning_keeps_every_extreme() -> None:
    rng = np.random.default_rng(7)
    series = rng.normal(size=(3, 20_000))
    series[1, 12_345] = 99.0
    series[2, 777] = -99.0
    kept = kept_steps(series, 1200)
    assert len(kept) < 2500
    assert {12_345, 777, 0, 19_999} <= set(kept)
    assert (np.diff(kept) > 0).all()
    assert (series[:, kept].max(axis=1) == series.max(axis=1)).all()
    assert (series[:, kept].min(axis=1) == series.min(axis=1)).all()


def test_few_steps_are_all_drawn() -> None:
    assert kept_steps(np.arange(10.0), 100).tolist() == list(range(10))


def test_the_hours_open_on_two_weeks_and_hold_the_year(run: Made) -> None:
    figure = dispatch(run, "en", "coke", "river")
    first, last = (np.datetime64(end) for end in figure.layout.xaxis.range)
    assert (last - first) / np.timedelta64(1, "D") <= DAYS_IN_VIEW
    assert figure.layout.xaxis.rangeslider.visible
    assert all(len(trace.y) == 8761 for trace in figure.data)  # each hour, and the end of the last


def test_a_few_hundred_steps_are_shown_whole_and_no_strip_is_told_of(run: Made) -> None:
    flows = run.table("flows").filter(pl.col("time") < pl.col("time").min() + pl.duration(days=15))
    short = run.having(flows=flows)
    figure = dispatch(short, "en", "coke", "river")
    first, last = (np.datetime64(end) for end in figure.layout.xaxis.range)
    assert (last - first) / np.timedelta64(1, "D") == 15.0
    assert not figure.layout.xaxis.rangeslider.visible
    assert "strip" not in hours_view(short, "coke", "river").sentence(short, "en")
    assert "strip" in hours_view(run, "coke", "river").sentence(run, "en")


def test_the_hours_show_a_spike_of_one_hour(run: Made) -> None:
    figure = dispatch(run, "en", "gas", "river")
    tallest = max(float(numbers(trace.y).max()) for trace in figure.data)
    assert tallest == pytest.approx(6000.0, rel=1e-5)


def test_stacks_above_and_below_add_to_nought(run: Made) -> None:
    figure = dispatch(run, "en", "hydrogen", "river")
    total = sum(numbers(trace.y) for trace in figure.data)
    assert np.abs(total).max() < 1e-4


def test_hours_and_months_are_the_table_summed(run: Made) -> None:
    flows = run.table("flows").filter(pl.col("commodity") == "coke")
    made = dispatch_rows(run, "coke", "river")
    assert made["into"].sum() == pytest.approx(flows.filter(pl.col("amount") > 0.0)["amount"].sum())
    by_month = month_rows(run, "coke", "river")
    assert by_month["month"].n_unique() == 12
    assert by_month.filter(pl.col("element") == "ovens")["amount"].sum() == pytest.approx(made["into"].sum())
    bars = months(run, "en", "coke", "river")
    assert sum(float(numbers(trace.y).sum()) for trace in bars.data) == pytest.approx(0.0, abs=1e-6)


def test_balances_that_swing_most_are_chosen(run: Made) -> None:
    assert key_balances(run, 1) == [("coke", "river")]
    assert ("electricity", "") not in key_balances(run, 9)


def test_heat_maps_put_hours_where_they_belong(run: Made) -> None:
    values = run.table("marginal_values").filter(pl.col("commodity") == "electricity").select("time", "value")
    grid, days = day_by_hour(values, at_end=False)
    assert grid.shape == (24, 365)
    assert len(days) == 365
    assert (grid[:8] == 0.3).all()
    assert (grid[8:] == 0.6).all()


def test_a_level_belongs_to_the_hour_it_ends(run: Made) -> None:
    levels = run.table("levels").select("time", value="level")
    grid, days = day_by_hour(levels, at_end=True)
    assert grid.shape == (24, 365)
    assert str(days[0]) == "2026-01-01"
    assert grid[0, 0] == levels["value"][0]
    assert grid[23, 364] == levels["value"][-1]


@pytest.mark.parametrize(("step", "count"), [(24, 365), (4, 2190), (0.25, 35_040)])
def test_other_steps_than_an_hour_fill_the_map(step: float, count: int) -> None:
    start = np.datetime64("2026-01-01", "ms")
    times = start + np.round(np.arange(count) * step * 3_600_000).astype("timedelta64[ms]")
    grid, days = day_by_hour(pl.DataFrame({"time": times, "value": np.arange(count, dtype=float)}), at_end=False)
    assert grid.shape == (24, 365)
    assert not np.isnan(grid).any()
    assert grid.T.ravel()[:24].mean() == pytest.approx({24: 0.0, 4: 2.5, 0.25: 47.5}[step])
    assert len(days) == 365


def test_steps_of_any_length_fill_their_hours_of_the_map() -> None:
    """From 22:00, of 30 minutes, of 90, and of 25 hours; what is held at their ends, and what holds from their beginnings."""
    edges = np.datetime64("2026-01-01T22:00", "ms") + np.array([0, 30, 120, 1620]) * np.timedelta64(60_000, "ms")
    for at_end in (False, True):
        values = pl.DataFrame({"time": edges[1:] if at_end else edges[:-1], "value": [1.0, 4.0, 9.0]})
        grid, days = day_by_hour(values, at_end=at_end, span=(edges[0], edges[-1]))
        assert len(days) == 3
        assert np.isnan(grid[:22, 0]).all()
        assert grid[22:, 0].tolist() == [2.5, 4.0]
        assert (grid[:, 1] == 9.0).all()
        assert grid[0, 2] == 9.0
        assert np.isnan(grid[1:, 2]).all()


def test_a_heat_map_holds_typed_numbers(run: Made) -> None:
    assert '"bdata"' in heat(run, "en", "level", "tank").to_json()


def test_duration_accounts_for_every_hour(run: Made) -> None:
    rows = duration_rows(run)
    assert (rows["full"] + rows["part"] + rows["idle"]).to_list() == [8760.0] * 3


def test_bottlenecks_are_those_that_bind_and_pay(run: Made) -> None:
    assert bottleneck_rows(run)["element"].to_list() == ["ovens", "psa", "tank"]


def test_sites_stand_where_they_are_and_far_ones_at_the_rim(run: Made) -> None:
    spots = {spot.site: spot for spot in places(run)}
    assert spots["river"].north > spots["park"].north > spots["hill"].north
    assert spots["park"].east > spots["river"].east > spots["hill"].east
    assert spots["market"].far == pytest.approx(900.0, rel=0.05)
    assert spots["hill"].far == 0.0
    north_south = (spots["river"].north - spots["hill"].north) / 0.5
    assert north_south == pytest.approx(111.2, rel=0.01)
    assert len(region(run, "zh").data) > 4


def test_labels_do_not_cover_each_other() -> None:
    labels = Labels()
    assert labels.place([(0, 0), (100, 0)], 50, 10) == 0
    assert labels.place([(10, 0), (100, 0)], 50, 10) == 1
    assert labels.place([(10, 0), (90, 0)], 50, 10) is None
    assert labels.place([(10, 0), (140, 0)], 50, 10, anyhow=True) == 1


def test_many_small_elements_that_give_and_take_alike_are_one_band_and_no_sum_changes(run: Made) -> None:
    flows = run.table("flows")
    one = flows.filter((pl.col("element") == "grid") & (pl.col("commodity") == "electricity"))
    small = [one.with_columns(element=pl.lit(f"roof {k}", dtype=pl.Categorical), amount=pl.col("amount").abs() * 1e-3 * (k + 1))
             for k in range(6)]
    crowded = run.having(flows=pl.concat([flows, *small]))
    figure, rows = sankey(crowded, "en", "energy").data[0], sankey_rows(crowded, "energy")
    assert not {f"roof {k}" for k in range(6)} & set(figure.node.customdata)
    given = rows.filter(pl.col("element").str.starts_with("roof") | (pl.col("element") == "grid"))["amount"].sum()
    at = list(figure.node.customdata).index("7 such as Grid")
    assert sum(v for s, v in zip(figure.link.source, figure.link.value, strict=True) if s == at) == pytest.approx(given)


def test_values_by_the_day_or_longer_are_a_line_and_no_hour_of_the_day_is_told(run: Made) -> None:
    from lodeworks.views.figures.heat import heat, heat_views

    levels = run.table("levels")
    days = levels.unique("time", keep="first", maintain_order=True).head(9).with_row_index("n").with_columns(
        time=pl.datetime(2026, 1, 2) + pl.duration(days=7 * pl.col("n"))).drop("n")
    days = days.with_columns(pl.col("time").cast(levels.schema["time"]), level=pl.int_range(9).cast(pl.Float64))
    weekly = run.having(levels=days.select(levels.columns))
    name = str(days["store"][0])
    assert heat(weekly, "en", "level", name).data[0].type == "scatter"
    view = next(view for view in heat_views(weekly) if view.key == f"heat_level_{name}_")
    assert "most about 2026-02-27 and least about 2026-01-02" in view.sentence(weekly, "en")
