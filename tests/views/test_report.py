"""The report is one file in two languages that fetches nothing, and says what the tables say."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from lodeworks.errors import RunError
from lodeworks.views.numbers import money
from lodeworks.views.report import write_report
from lodeworks.views.report.prose import bottleneck_text
from tests.views.synthetic import Made


@pytest.fixture(scope="module")
def page(run: Made, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = write_report(run, tmp_path_factory.mktemp("report") / "r.html")
    assert path.stat().st_size < 8_000_000
    return path.read_text(encoding="utf-8")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def without_scripts(page: str) -> str:
    return re.sub(r"<script>.*?</script>", "", page, flags=re.S)


def test_it_fetches_nothing(page: str) -> None:
    tags = Tags()
    tags.feed(without_scripts(page))
    for tag, attributes in tags.seen:
        assert tag not in ("link", "img", "iframe", "object", "embed"), tag
        for name in ("src", "srcset", "poster", "action"):
            assert name not in attributes, (tag, name)
        assert not (attributes.get("href") or "#").startswith(("http", "//"))
    assert "@import" not in page.split("</style>")[0]
    assert "url(" not in page.split("</style>")[0]
    assert "default-src 'none'" in page


def test_plotly_is_inlined_once(page: str) -> None:
    from plotly.offline import get_plotlyjs

    assert page.count(get_plotlyjs()[:200]) == 1


def test_it_opens_in_the_language_asked_for(run: Made, tmp_path: Path, page: str) -> None:
    assert '<html lang="zh-CN">' in page
    english = write_report(run, tmp_path / "en.html", language="en").read_text(encoding="utf-8")
    assert '<html lang="en">' in english


def test_both_languages_are_in_it_and_no_text_is_in_one_only(page: str) -> None:
    body = without_scripts(page).split("<main", 1)[1]
    body = re.sub(r'<script type="application/json".*', "", body, flags=re.S)
    zh, en = body.count('<span lang="zh-CN">'), body.count('<span lang="en">')
    assert zh == en > 50
    bare = re.sub(r'<span lang="zh-CN">.*?</span>|<div lang="zh-CN">.*?</table>', "", body, flags=re.S)
    bare = re.sub(r"<noscript>.*?</noscript>|<[^>]*>", "", bare, flags=re.S)
    assert not re.findall(r"[一-鿿]+", bare)


def test_chinese_titles_are_in_the_chinese_spans(page: str) -> None:
    for text in ("两镇煤焦链", "焦炉", "山地煤业", "瓶颈在哪里", "来源与假设", "煤气上限"):
        assert text in page


def test_figures_are_data_with_each_array_once(page: str) -> None:
    data = {
        name: json.loads(re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S).group(1))  # type: ignore[union-attr]
        for name in ("arrays", "figures")
    }
    assert all({"dtype", "bdata"} <= set(array) for array in data["arrays"])
    assert len({json.dumps(a) for a in data["arrays"]}) == len(data["arrays"])
    places = set(re.findall(r'data-figure="([^"]+)"', page))
    assert places == set(data["figures"])
    assert all(set(figure) == {"zh", "en"} for figure in data["figures"].values())


def test_every_figure_has_its_table_behind_a_button(page: str) -> None:
    for after in page.split("data-figure=")[1:]:
        assert "<details><summary>" in after.split("<section", 1)[0].split("data-figure=")[0]


def test_the_objective_is_the_manifest_s(page: str, run: Made) -> None:
    objective = run.manifest["objective"]
    for language in ("zh", "en"):
        assert money(objective["value"], objective["unit"], language) in page


def test_bottlenecks_are_told_in_words(run: Made) -> None:
    row = run.table("capacities").filter(pl.col("element") == "ovens").row(0, named=True)
    assert bottleneck_text(run, row, "en") == (
        "Coke ovens: one more t/h of capacity is worth 250 kCNY over the horizon; it binds over 3,000 of 8,760 hours."
    )
    assert (
        bottleneck_text(run, row, "zh")
        == "焦炉的产能每增加 1 吨/时，规划期内价值 25 万元；受限时间为8,760 小时中的 3,000 小时。"
    )
    psa = run.table("capacities").filter(pl.col("element") == "psa").row(0, named=True)
    assert "more would pay" in bottleneck_text(run, psa, "en")


def test_what_users_wrote_cannot_break_the_page(page: str) -> None:
    assert "Growth <b>21 %</b>" not in page
    assert "Growth &lt;b&gt;21 %&lt;/b&gt;" in page
    assert "Coal &amp; coke of two towns" in page


def test_a_title_that_ends_a_script_stays_text(run: Made, tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    elements = run.table("elements").with_columns(title_en=pl.lit(evil), title_zh=pl.lit(evil))
    page = write_report(run.having(elements=elements), tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page


def test_claims_and_verification_are_in_it(page: str) -> None:
    for text in ("✗", "不成立", "needs an assumption", "原始残差", "Primal residual", "1.0e-12", "short by 0.6"):
        assert text in page


def test_sections_without_rows_are_left_out(run: Made, tmp_path: Path) -> None:
    bare = run.having(claims=run.table("claims").head(0), candidates=run.table("candidates").head(0))
    page = write_report(bare, tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'id="claims"' not in page
    assert 'id="candidates"' not in page


def test_what_falls_short_is_said_at_the_top(run: Made, tmp_path: Path) -> None:
    short = (
        run.table("flows")
        .filter(pl.col("element") == "coke_sales")
        .head(5)
        .select(
            demand="element",
            commodity="commodity",
            site="site",
            unit="unit",
            time="time",
            hours="hours",
            amount=pl.lit(2.0),
        )
    )
    page = write_report(run.having(unserved=short), tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Coke sales: 10 t short, over 5 hours." in page
    assert "焦炭销售：缺 10 吨，共 5 小时。" in page


def test_a_run_of_whatever_goal_has_a_report(run: Made, tmp_path: Path) -> None:
    made = run.having()
    made.manifest = {**run.manifest, "objective": {"goal": "emissions", "value": 5e5, "unit": "t"}}
    assert "50 万吨" in write_report(made, tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_file_is_not_written_over_unless_asked(run: Made, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    path.write_text("mine")
    with pytest.raises(RunError, match="exists"):
        write_report(run, path)
    assert path.read_text() == "mine"
    write_report(run, path, replace=True)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


def test_a_place_that_cannot_be_written_is_told(run: Made, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        write_report(run, tmp_path / "file" / "r.html")
