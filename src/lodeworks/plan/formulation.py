"""The mathematics chapter of the docs, made from the docstrings of the blocks.

``python -m lodeworks.plan.formulation docs/formulation.md`` writes it.

What a block's rows are is said where they are made; here only the order and the frame are given.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from lodeworks.plan.blocks import BLOCKS

__all__ = ["formulation"]

_HEAD = """\
# The plan's program

Made from the code by `python -m lodeworks.plan.formulation docs/formulation.md`; do not edit.

A plan is a linear program, mixed-integer where units may be off, capacity is built in lumps, or tiers of
prices must be used in order. Columns are the rates of activities x (units per hour, constant within a step of
the activity's own), the levels of stores L at the end of each step of their balance, capacity built k, and
where they occur units on u, starts v, policy slack e and gathered flows q. Rates and levels are never
negative; every limit that is a plain bound on one column is a bound and no row.

The objective is profit (revenue less purchases, operating cost, freight, taxes, storage, starts, upkeep, the
yearly share of investments, penalties), or least cost, most output or least emissions. Demands that may fall
short earn their penalty for what is served, and owe it for all beforehand.

Time: an activity's step j and a balance's step t share the hours h. A day's rate feeds an hourly balance
evenly, an hour's rate is added up in a daily one.

A marginal value is what the objective gains from one more unit: of a commodity handed to a balance, of
capacity, of a bound of a supply or demand, of a pool or vehicle, of easing a policy.
"""


def formulation() -> str:
    """Return the chapter as Markdown."""
    parts = [_HEAD]
    for make in BLOCKS:
        text = inspect.cleandoc(make.__doc__ or "")
        title = make.__name__.replace("_", " ").capitalize()
        parts.append(f"\n## {title}\n\n{_markdown(text)}\n")
    return "".join(parts)


def _markdown(text: str) -> str:
    """Turn the docstring's math directives into Markdown's."""
    text = re.sub(r":math:`([^`]+)`", r"$\1$", text)
    lines, block = [], False
    for line in text.splitlines():
        one_line = re.match(r"\.\. math:: (.+)", line)
        if one_line:
            lines += ["$$", one_line[1]]
            block = True
        elif line.startswith(".. math::"):
            lines.append("$$")
            block = True
        elif block and line and not line.startswith(" "):
            lines += ["$$", "", line]
            block = False
        elif not (block and not line):
            lines.append(line.strip() if block else line)
    if block:
        lines.append("$$")
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(formulation(), encoding="utf-8")
