"""What holds for every test of chains: what is wrong with one is told in Chinese too."""

from __future__ import annotations

from tests.chinese.heard import every_problem_has_its_chinese

__all__ = ["every_problem_has_its_chinese"]
