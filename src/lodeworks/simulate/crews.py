"""The units of pools that a run holds: all taken together, or pool by pool in order, holding those it has.

In order, a run passes through one transition for each pool but the last; its material waits between them, and a unit
of its machines is held from the first. This can deadlock, as in fact; `stillness` then tells who waits for whom.
"""

from __future__ import annotations

from lodeworks.network.arrays import Running
from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Arc, Draft, Group, Place, Pool, Transition

__all__ = ["add_with_crew"]


def add_with_crew(d: Draft, t: Transition, run: Running, pools: dict[str, int], unit: str) -> None:
    """Add a transition that holds the crew of its runs, after those that wait for its pools in order."""
    crew = [(pools[name], amount) for name, amount in run.crew.items()]
    if run.seize == "together" or len(crew) < 2:
        t.uses = [(pool, 1, 1, amount) for pool, amount in sorted(crew)]
        d.transition(t)
        return
    machines = d.pool(Pool(f"{t.name} machines", float(run.servers)))
    held = [(machines, 0, 1, 1.0)]
    for k, (pool, amount) in enumerate(crew[:-1]):
        name = f"{t.name}.{d.pools[pool].name}"
        waiting = d.place(Place(f"{t.name} with {d.pools[pool].name}", unit=unit))
        group = Group(name, ints={y.G_SHIFT: y.SHIFT_SUSPEND, y.G_SERIES: d.groups[t.group].ints[y.G_SERIES]})
        first = Transition(name, d.group(group), d.constant(0.0), batch=t.batch, priority=t.priority, inputs=t.inputs,
                           outputs=[Arc(waiting, t.batch)])
        first.ints[y.T_KEEPS_MADE] = 1
        first.uses = [(pool, 1, 0, amount), *([(machines, 1, 0, 1.0)] if k == 0 else [])]
        first.floats = {y.T_LEAST: 1.0, y.T_LINGER: t.floats[y.T_LINGER]}  # part batches are refused by `check`
        d.transition(first)
        t.inputs = [Arc(waiting, t.batch)]
        held.append((pool, 0, 1, amount))
    t.uses = [*held, (crew[-1][0], 1, 1, crew[-1][1])]
    d.transition(t)
