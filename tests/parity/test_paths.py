"""A program for SimPy that draws from our streams runs the same sample path as the chain, to every departure."""

from __future__ import annotations

import numpy as np
import pytest
import simpy

from lodeworks.network import compile_network
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build
from lodeworks.simulate.tables import measures
from tests.parity.paths import Draws, Path, path_of, path_of_trace
from tests.parity.systems_in_simpy import SYSTEMS
from tests.simulate.faults import TO_BE_CAUGHT_TWICE
from tests.simulate.interpreted import run_interpreted, seldom_noted
from tests.simulate.running import chain, simulate

HOURS = 600.0
IN_SHORT = dict.fromkeys(SYSTEMS, 120.0) | {"office": 300.0}  # where few come, longer


def path_in_simpy(name: str, hours: float, seed: int, replication: int) -> Path:
    env, path = simpy.Environment(), Path()
    SYSTEMS[name][1](env, Draws(seed, replication), path)
    env.run(hours)
    return path


def differences(found: Path, expected: Path) -> list[str]:
    """Return in words where two paths are not the same to a billionth of an hour; what the second does not tell is not asked."""
    told = []
    for what in ("ends", "lost", "waits"):
        for name, times in getattr(expected, what).items():
            here, there = np.sort(getattr(found, what).get(name, [])), np.sort(times)
            if len(here) != len(there):
                told.append(f"{what} of {name}: {len(here)} and {len(there)}")
            elif not np.allclose(here, there, rtol=1e-9, atol=1e-9):
                told.append(f"{what} of {name}: first apart at {there[~np.isclose(here, there, rtol=1e-9, atol=1e-9)][0]:.9g}")
    here, there = (found.departed, *found.late), (expected.departed, *expected.late)
    if not np.allclose(here, there, rtol=1e-9, atol=1e-9):
        told.append(f"departed, late and by how much: {here} and {there}")
    return told


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize(("seed", "replication"), [(1, 0), (2, 5)])
def test_two_programs_run_one_path(name: str, seed: int, replication: int) -> None:
    system, _, step = SYSTEMS[name]
    found, expected = path_of(system(), HOURS, step, seed, replication), path_in_simpy(name, HOURS, seed, replication)
    assert sum(map(len, expected.ends.values())) > 100
    assert differences(found, expected) == []


@pytest.mark.parametrize("name", ["clinic", "works", "counter"])
def test_means_that_are_shown_are_those_of_that_path(name: str) -> None:
    system, _, step = SYSTEMS[name]
    shown = measures(simulate(chain(HOURS, step, **system()), 3))
    for replication in range(3):
        path = path_in_simpy(name, HOURS, 1, replication)
        assert shown["exit", "done@here", "in"][replication] == pytest.approx(len(path.ages) / HOURS, rel=1e-9)
        assert shown["exit", "done@here", "age"][replication] == pytest.approx(np.mean(path.ages), rel=1e-9)
        for place, waits in path.waits.items():
            assert shown["queue", place, "wait"][replication] == pytest.approx(np.mean(waits), rel=1e-9)
        for place, lost in path.lost.items():
            gone = shown["queue", place, "turned away"] + shown["queue", place, "reneged"]
            assert gone[replication] == pytest.approx(len(lost) / HOURS, rel=1e-9)


# What is wrong: the system that shows it, the module, the text as it stands and what is planted in its place.
FAULTS = {
    "due dates are not looked at": (
        "office", "lots", "    elif rule == RULE_DUE:\n", "    elif rule == 99:\n"),
    "what is late is not counted": (
        "office", "lots", "            PI(w)[p, P_N_LATE] += 1\n            PF(w)[p, P_TARDY] += now - due\n",
        "            PF(w)[p, P_TARDY] += now - due\n"),
    "how late is counted from the birth": (
        "office", "lots", "            PF(w)[p, P_TARDY] += now - due\n", "            PF(w)[p, P_TARDY] += now - born\n"),
    "a product has no due date": (
        "office", "lots", "            JF(w)[job, J_DUE] = min(JF(w)[job, J_DUE], LF(w)[lot, L_DUE])\n", ""),
    "what was cut by closing goes on where it was": (
        "office", "time", "    if shift == SHIFT_RESTART and end < math.inf:\n", "    if False:\n"),
    "orders that wait are not counted against the stock": (
        "shop", "kernel.starting", "            position -= PF(w)[TI(w)[t, T_BACKLOG], P_LEVEL]\n", "            pass\n"),
    "orders that come do not let the shop look": (
        "shop", "kernel.calls", "                if TI(w)[t, T_REORDER] != NONE:", "                if False:"),
    "what is under way is not counted in the stock": (
        "shop", "kernel.starting", "        position = PF(w)[p, P_LEVEL] + TF(w)[t, T_ON_ORDER]\n",
        "        position = PF(w)[p, P_LEVEL]\n"),
    "the longest queue is joined": (
        "checkout", "kernel.ready", "            if queue < least:\n", "            if least == math.inf or queue > least:\n"),
    "who is served does not count in a queue": (
        "checkout", "kernel.ready", "                queue += TI(w)[user, T_ACTIVE] * AF(w)[TI(w)[user, T_IN0], A_AMOUNT]\n",
        "                pass\n"),
    "a machine that waits for a fitter is forgotten": (
        "works", "kernel.pools", "        RI(w)[r, R_CREW] = MI(w)[machine, M_CREW_NEXT]\n", "        RI(w)[r, R_CREW] = NONE\n"),
    "a tank is filled in no time": (
        "trucks", "kernel.starting", "        work += JF(w)[job, J_FILL] * TF(w)[t, T_PER_FILL]\n", "        pass\n"),
    "a tank takes what a whole one holds": (
        "trucks", "kernel.starting", "            amount = AF(w)[a, A_AMOUNT] - JF(w)[job, J_GAUGE0]\n", "            amount = AF(w)[a, A_AMOUNT]\n"),
    "a vehicle fills up when it need not": (
        "trucks", "kernel.ending", "            low = JF(w)[job, J_GAUGE0] < AF(w)[a, A_TEST] * (1.0 - TINY)\n",
        "            low = JF(w)[job, J_GAUGE0] < 1.5 * AF(w)[a, A_TEST]\n"),
    "the last vehicle back sets out first": (
        "trucks", "lots", "    rule = PI(w)[p, P_RULE] if RARE(w) else RULE_FIFO\n", "    rule = RULE_LIFO\n"),
    "the urgent do not come first": (
        "counter", "kernel.ending", "    look_at_group(w, g)\n\n\n@compiled\ndef resume_aside",
        "    for i in range(GI(w)[g, G_T1] - 1, GI(w)[g, G_T0] - 1, -1):\n        list_transition(w, MODES(w)[i])\n\n\n@compiled\ndef resume_aside"),
    "patience ends at once for who waits second": (
        "counter", "lots", "            patience = now + draw(", "            patience = now + (PI(w)[p, P_COUNT] < 2) * draw("),
    "of two outcomes the other comes out": (
        "clinic", "kernel.ready", "    return JI(w)[job, J_OUTCOME] == a\n", "    return JI(w)[job, J_OUTCOME] != a\n"),
    **{what: (name, *TO_BE_CAUGHT_TWICE[what]) for what, name in {
        "the latest due date is served first": "office",
        "what has come stays on order": "shop",
        "a vehicle burns nothing on its way": "trucks",
        "a tank is filled and stays as it was": "trucks",
        "a machine that failed later is repaired first": "works",
    }.items()},
}


def path_interpreted(name: str, *faults: tuple[str, str, str]) -> tuple[Path, int]:
    """Return the path that the kernel's sources run as plain Python, with faults planted, and the kernel's last code."""
    system, _, step = SYSTEMS[name]
    built = seldom_noted(build(compile_network(chain(IN_SHORT[name], step, **system()))))
    state, code = run_interpreted(built, 1, 0, faults, trace=40_000)
    return path_of_trace(built, state.trace[: state.c[y.C_TRACED]], state), code


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_sound_kernel_is_never_accused(name: str) -> None:
    found, code = path_interpreted(name)
    assert code == y.DONE
    assert differences(found, path_in_simpy(name, IN_SHORT[name], 1, 0)) == []


@pytest.mark.parametrize("what", FAULTS)
def test_a_planted_fault_leaves_the_path(what: str) -> None:
    name, *fault = FAULTS[what]
    try:
        found, code = path_interpreted(name, tuple(fault))
    except (IndexError, RecursionError, ValueError):
        return  # it broke off, which nobody overlooks
    assert code != y.DONE or differences(found, path_in_simpy(name, IN_SHORT[name], 1, 0))
