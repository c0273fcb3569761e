"""A report as a real browser prints it: every figure fits the paper, and stands as before when printing is over."""

from __future__ import annotations

from pathlib import Path

import lodeworks
from lodeworks.chain.entities import Chain
from lodeworks.views.report import write_report
from tests.pages.browser import browsing, read

PRINTED = """
const widths = () => Array.from(document.querySelectorAll(".plot"), p => Math.round(p.querySelector(".main-svg").getBoundingClientRect().width));
const folded = () => document.querySelectorAll(".panel[hidden]").length;
const before = folded();
window.dispatchEvent(new Event("beforeprint"));
const printed = [widths(), folded()];
window.dispatchEvent(new Event("afterprint"));
const buttons = Array.from(document.querySelector(".plot").querySelectorAll(".modebar-btn"), one => one.dataset.title);
return [before, ...printed, widths(), folded(), document.querySelectorAll(".plot").length, buttons];
"""


def test_figures_wider_than_the_paper_are_printed_smaller_and_not_cut(tmp_path: Path) -> None:
    plan = lodeworks.plan(Chain.model_validate({
        "chain": "mine", "horizon": {"start": "2026-01-01", "length": "2 h"},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "supplies": {"seam": {"commodity": "ore", "most": "2 t/h"}},
        "processes": {"works": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "2 t/h"}},
        "demands": {"sell": {"commodity": "metal", "price": "9 CNY/t"}},
    }))
    page = write_report(plan, tmp_path / "report.html", language="en")
    with browsing(1280, 900) as driver:
        driver.get(page.as_uri())
        folded, printed, still, after, again, figures, buttons = read(driver, PRINTED)
    assert len(printed) == figures > 3, "also what no panel shows is drawn"
    assert max(printed) <= 621
    assert max(after) > 1000
    assert folded == again > still == 0
    assert buttons == ["Download plot as a PNG", "Download as SVG, sharp at any size"]
