"""What is wrong with a chain, told in Chinese.

Nothing here finds a fault: problems are made where they are found, in English, and this room is loaded when somebody
who reads Chinese is told of them.
"""

from __future__ import annotations

from lodeworks.chinese.matching import in_chinese
from lodeworks.chinese.telling import place, told

__all__ = ["in_chinese", "place", "told"]
