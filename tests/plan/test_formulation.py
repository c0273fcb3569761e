"""The mathematics chapter is that of the code."""

from __future__ import annotations

from pathlib import Path

from lodeworks.plan.blocks import BLOCKS, MONEY_BLOCKS
from lodeworks.plan.formulation import formulation


def test_the_chapter_is_up_to_date() -> None:
    written = (Path(__file__).parents[2] / "docs" / "formulation.md").read_text(encoding="utf-8")
    assert written == formulation(), "run: python -m lodeworks.plan.formulation docs/formulation.md"


def test_every_block_states_a_formula() -> None:
    for make in (*BLOCKS, *MONEY_BLOCKS):
        assert ":math:" in (make.__doc__ or "") or ".. math::" in (make.__doc__ or ""), make.__name__


def test_formulas_open_and_close() -> None:
    assert formulation().count("$$") % 2 == 0
