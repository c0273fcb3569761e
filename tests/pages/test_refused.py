"""What could not be taken in is told on the page of the system itself: what, why, how often, in both languages."""

from __future__ import annotations

import json

import pytest
from nicegui.testing import User

from lodeworks.pages.refused import refused_rows
from lodeworks.pages.words import say
from lodeworks.watch.sources.gate import MARKED, REFUSED
from tests.pages.conftest import NOW
from tests.pages.visiting import visit


def told(desk, refused, marked, examples):
    content = {"feeds": {"scada": {"connected": True, "refused": refused, "marked": marked, "examples": examples}, "calm": {"refused": {}, "marked": {}}}}
    (desk.folder.path / "health.json").write_text(json.dumps(content), encoding="utf-8")


def test_what_was_refused_and_marked_is_told_with_the_last_of_each(desk):
    told(desk, {REFUSED["unknown"]: 1204}, {MARKED["late"]: 3},
         [{"at": NOW - 2000 + n, "reason": "unknown", "what": f"mine/x{n}<script>"} for n in range(5)])
    unknown, late = refused_rows(desk, "zh")
    assert unknown.cells[:4] == ["scada", "名称或主题不是该来源的测点", "拒收", "1,204"]
    assert unknown.cells[4][0] == "mine/x4<script>; mine/x3<script>; mine/x2<script>"
    assert late.cells == ["scada", "迟到的样本", "保留并标记", "3", ("", "")]

    async def act(user: User) -> None:
        await user.open("/en/health")
        await user.should_see("Refused and marked (2)", retries=40)

    visit(desk, act)


def test_before_anything_was_taken_in_nothing_is_refused(desk):
    (desk.folder.path / "health.json").unlink(missing_ok=True)
    assert refused_rows(desk, "en") == []


@pytest.mark.parametrize("reason", [*REFUSED, *MARKED])
def test_every_reason_is_told_in_both_languages(reason):
    assert say(f"came {reason}", "zh") != say(f"came {reason}", "en")
