"""What holds for every test here: what is refused is told in Chinese too."""

from __future__ import annotations

from tests.chinese.heard import every_problem_has_its_chinese

__all__ = ["every_problem_has_its_chinese"]
