"""The mathematics chapter of the docs, made from the docstrings of the blocks.

``python -m lodeworks.plan.formulation docs/formulation.md`` writes it.

What a block's rows are is said where they are made; here only the order and the frame are given.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

from lodeworks.plan.block import Block
from lodeworks.plan.blocks import BLOCKS, MONEY_BLOCKS
from lodeworks.plan.pathway.links import LINKS

__all__ = ["formulation"]

_HEAD = """\
# The plan's program

Made from the code by `python -m lodeworks.plan.formulation docs/formulation.md`; do not edit.

A plan is a linear program, mixed-integer where units may be off, capacity is built in lumps, or tiers of
prices must be used in order. Columns are the rates of activities x (units per hour, constant within a step of
the activity's own), the levels of stores L at the end of each step of their balance, capacity built k, and
where they occur units on u, starts v, policy slack e and gathered flows q; where firms keep accounts their
cash C, draws d, renewals w and balances B of loans, and tax on profit T, with losses carried on a year's profit P or
loss V, and what is used U of a loss. Rates and levels are never
negative; every limit that is a plain bound on one column is a bound and no row.

The objective is profit (revenue less purchases, operating cost, freight, taxes, storage, starts, upkeep, the
yearly share of investments, penalties, interest and tax on profit of firms with accounts), or least cost,
most output or least emissions. Demands that may fall short earn their penalty for what is served, and owe it
for all beforehand.

Time: an activity's step j and a balance's step t share the hours h. A day's rate feeds an hourly balance
evenly, an hour's rate is added up in a daily one.

A marginal value is what the objective gains from one more unit: of a commodity handed to a balance, of
capacity, of a bound of a supply or demand, of a pool or vehicle, of easing a policy.
"""

_PATHWAY = """
# The plan over stages, scenarios and periods

Every stage, every scenario of it and every period of that is a *slice*: a program of its own, made by the blocks above,
without money for what is built. Slices stand beside one another in one program and are linked by few rows. What is
decided is a column for each element and stage, a *vintage*; what is built in a slice is what stands of its vintages.

With discount r a year, v = 1/(1+r), a stage that begins T years after the first and lasts D years, and a horizon of
H years that stands for each of them, the objective is the net present value at the beginning of the first stage:

$$
\\sum_\\omega \\pi_\\omega \\sum_y \\frac{1}{H} \\sum_{j=0}^{D_y-1} v^{T_y+j+s}\\, c^\\top x_{y\\omega}
\\;-\\; \\sum_y \\sum_p I_{py}\\, v^{T_y}\\, \\frac{1-w_p^{m_{py}}}{1-w_p^{n_p}}\\, k_{py}
$$

c is the money of one passing of the horizon, s the moment of a year at which its money counts (1 its end, 1/2 its
middle, 0 its beginning), I what a unit costs when it is decided, n its life and m the years of the stages it stands
in; w is v unless the investment has a discount of its own. The last factor is one where a whole life lies within the
stages; else the rest of the life's annuity is the salvage that is left at the end. Capacity stands in a stage when it
is alive at its beginning; where its life ends within a stage it is paid on at its annuity to the stage's end, or
(`expiring: share`) a share of it stands there and m is the years it lives. Without stages, an investment counts its
yearly share. A stage with a weight W of its own counts W / H in place of the inner sum, and of what stands in it W
times its annuity.

Where the horizon is made of periods, H is the years that all of them stand for, and c the money of one passing of a
period times how often it comes.

Where firms keep accounts, the blocks of their money above hold with other periods y: the moment at which the first
stage begins, and the end of every year, in each scenario. What a year brings is a column F for each slice (year money
below); what is decided in a stage is paid at its beginning, which is the end of the year before. Interest and tax of a
year count in the objective as that year's other money does; principal does not.
"""


def formulation() -> str:
    """Return the chapter as Markdown."""
    blocks: list[Callable[..., Block]] = [*BLOCKS, *MONEY_BLOCKS]
    return "".join([_HEAD, *map(_section, blocks), _PATHWAY, *map(_section, LINKS)])


def _section(make: Callable[..., Block]) -> str:
    text = inspect.cleandoc(make.__doc__ or "")
    title = make.__name__.replace("_", " ").capitalize()
    return f"\n## {title}\n\n{_markdown(text)}\n"


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
