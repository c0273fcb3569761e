"""Faults planted in the kernel are caught: by its certificate, or because it stands still, goes wild or breaks off."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.network import compile_network
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build
from lodeworks.simulate.certify import broken_identities
from tests.analytic.systems import repairmen
from tests.simulate.faults import TO_BE_CAUGHT_TWICE
from tests.simulate.interpreted import run_interpreted, seldom_noted
from tests.simulate.running import chain
from tests.simulate.varied import VARIED

# What is wrong: the chain that shows it, the module, the text as it stands and what is planted in its place.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "a lot is dropped now and then": (
        "queue", "lots", '    accrue_place(w, p)\n    LF(w)[lot, L_AMOUNT] = amount\n',
        '    accrue_place(w, p)\n    if SCALARS(w)[C_NUMBER] % 97 == 0:\n        amount = 0.0\n    LF(w)[lot, L_AMOUNT] = amount\n'),
    "the count of a place misses what comes in": (
        "queue", "lots", "    PI(w)[p, P_N_IN] += 1\n    PF(w)[p, P_LEVEL] += amount\n", "    PF(w)[p, P_LEVEL] += amount\n"),
    "a level does not rise": (
        "line", "lots", "    PF(w)[p, P_LEVEL] += amount\n    PF(w)[p, P_IN]", "    PF(w)[p, P_IN]"),
    "a level does not fall": (
        "line", "lots", "        PF(w)[p, P_LEVEL] -= part\n", ""),
    "a level is not added up over time": (
        "queue", "lots", "        PF(w)[p, P_AREA] += dt * PF(w)[p, P_LEVEL]\n", ""),
    "a level is added up after it has changed": (
        "queue", "lots", "    now = NOW(w)[0]\n    accrue_place(w, p)\n    left = amount\n",
        "    now = NOW(w)[0]\n    left = amount\n"),
    "a stay is counted twice": (
        "queue", "lots", "        PF(w)[p, P_STAY] += part * stay\n", "        PF(w)[p, P_STAY] += 2.0 * part * stay\n"),
    "a stay is counted from the birth": (
        "kiln", "lots", "        stay = now - LF(w)[lot, L_ENTERED]\n        PF(w)[p, P_STAY] += part",
        "        stay = now - LF(w)[lot, L_BORN]\n        PF(w)[p, P_STAY] += part"),
    "more is taken than is noted": (
        "kiln", "lots", "        PF(w)[p, P_OUT] += part\n        if RARE", "        PF(w)[p, P_OUT] += 0.99 * part\n        if RARE"),
    "a part of a lot stays whole": (
        "kiln", "lots", "            LF(w)[lot, L_AMOUNT] = here - part\n", "            pass\n"),
    "a lot's way back is not linked": (
        "shifts", "lots", "        LI(w)[before, L_PREV] = lot\n", "        pass\n"),
    "capacity is ignored": (
        "line", "lots", "        capacity == math.inf\n", "        True\n"),
    "a lot that gives up is not counted": (
        "queue", "kernel.calls", "        PI(w)[p, P_N_RENEGED] += 1\n", ""),
    "a lot that gives up keeps its place in the level": (
        "queue", "kernel.calls", "    PF(w)[p, P_LEVEL] -= amount\n", ""),
    "what perishes is not counted": (
        "kiln", "kernel.calls", "        PF(w)[p, P_EXPIRED] += amount\n", ""),
    "the stay of what perishes is forgotten": (
        "kiln", "kernel.calls", "    PF(w)[p, P_STAY] += amount * stay\n", ""),
    "a repair is skipped": (
        "line", "kernel.failures", "    GI(w)[g, G_REPAIRS] += 1\n", "    GI(w)[g, G_REPAIRS] += 0\n"),
    "a failure is not counted": (
        "queue", "kernel.failures", "    GI(w)[g, G_FAILURES] += 1\n    MI(w)[machine", "    MI(w)[machine"),
    "a machine that failed is not marked as down": (
        "queue", "kernel.failures", "    MI(w)[machine, M_DOWN] = 1\n    if GI", "    if GI"),
    "a repairer is never given back": (
        "queue", "kernel.failures", "    if crew != NONE:\n        change_pool(w, crew, -1.0)\n", ""),
    "a repairer is taken twice": (
        "queue", "kernel.pools", "        change_pool(w, r, 1.0)\n        repair(w, machine)\n",
        "        RF(w)[r, R_USED] += 1.0\n        change_pool(w, r, 1.0)\n        repair(w, machine)\n"),
    "what a pool gives back is not noted": (
        "shifts", "kernel.pools", "        RF(w)[r, R_RELEASED] -= used\n", "        pass\n"),
    "a run ends without giving its pool back": (
        "shifts", "kernel.ending", "            change_pool(w, USES(w)[u, U_POOL], -USE_AMOUNT(w)[u])\n", "            pass\n"),
    "a run starts without its input": (
        "line", "kernel.starting", "        if is_plain(w, role):\n            take(w, p, amount, job)\n", "        if is_plain(w, role):\n            pass\n"),
    "a run takes more than its recipe": (
        "kiln", "kernel.starting", "        if is_plain(w, role):\n            take(w, p, amount, job)\n", "        if is_plain(w, role):\n            take(w, p, 1.5 * amount, job)\n"),
    "a run gives its output twice": (
        "line", "kernel.ending", "                AF(w)[a, A_FLOWED] += amount\n                if RARE(w) and p == TI",
        "                AF(w)[a, A_FLOWED] += 2.0 * amount\n                if RARE(w) and p == TI"),
    "a part of a batch gives a whole batch's output": (
        "kiln", "kernel.ending", "            amount = AF(w)[a, A_AMOUNT] * share\n            if RARE(w) and TI(w)[t, T_BEFORE] == 1:",
        "            amount = AF(w)[a, A_AMOUNT]\n            if RARE(w) and TI(w)[t, T_BEFORE] == 1:"),
    "a run starts without its pass": (
        "spur", "kernel.starting", "            take(w, p, amount, job)\n            if role != ROLE_LADEN:",
        "            if role != ROLE_PASS:\n                take(w, p, amount, job)\n            if role != ROLE_LADEN:"),
    "a part of a batch takes a whole one's pass": (
        "spur", "kernel.starting", "        elif role in (ROLE_CARRIER, ROLE_LADEN, ROLE_PASS):\n",
        "        elif role in (ROLE_CARRIER, ROLE_LADEN, ROLE_PASS):\n            amount = AF(w)[a, A_AMOUNT]\n"),
    "an end is not counted": (
        "line", "kernel.ending", "    TI(w)[t, T_ENDS] += 1\n", ""),
    "a start is not counted": (
        "line", "kernel.starting", "    TI(w)[t, T_STARTS] += 1\n", ""),
    "runs under way are not counted down": (
        "line", "kernel.ending", "    count_job(w, t, -1)\n", ""),
    "hours of a state are lost": (
        "line", "kernel.machines", "        SHARES(w)[g, old] += spent\n", "        SHARES(w)[g, old] += 0.999 * spent\n"),
    "hours of a state are counted twice": (
        "shifts", "kernel.machines", "            spent = on\n", "            pass\n"),
    "a vehicle is lost on its way": (
        "trucks", "kernel.ending", "                carried = True\n                AF(w)[a, A_FLOWED] += 1.0\n",
        "                carried = True\n                AF(w)[a, A_FLOWED] += 1.0\n                if JI(w)[job, J_NUMBER] % 50 == 0:\n"
        "                    continue\n"),
    "a vehicle is doubled": (
        "trucks", "kernel.ending", "                LF(w)[PI(w)[p, P_TAIL], L_LOAD] = share\n",
        "                LF(w)[PI(w)[p, P_TAIL], L_LOAD] = share\n                if JI(w)[job, J_NUMBER] % 50 == 0:\n"
        "                    put(w, p, 1.0, born, made, math.inf, 1.0, 1.0, 9)\n"),
    "a vehicle burns what it never filled": (
        "trucks", "kernel.ending", "        JF(w)[job, J_GAUGE0] -= TF(w)[t, T_BURN0]\n", "        JF(w)[job, J_GAUGE0] -= 3.0 * TF(w)[t, T_BURN0]\n"),
    "what is on its way is lost": (
        "belt", "kernel.ending", "    AF(w)[a, A_FLOWED] += amount\n    t = JI", "    free_job(w, job)\n    return\n    t = JI"),
    "nobody looks whether a tank would last": (
        "trucks", "kernel.ending", "            low = JF(w)[job, J_GAUGE0] < AF(w)[a, A_TEST] * (1.0 - TINY)\n",
        "            low = False\n"),
    "the event list forgets the event moved on deletion": (
        "queue", "events", "            _up(w, i, key, moved)\n        else:\n            _down(w, i, key, moved)\n    if last",
        "            pass\n        else:\n            pass\n    if last"),
    "the event list sinks to the later child": (
        "shifts", "events", "            child += (3 if k3 < k2 else 2) if right < left else (1 if k1 < k0 else 0)\n",
        "            child += (3 if k3 < k2 else 2) if right > left else (1 if k1 < k0 else 0)\n"),
    "a few events leave in any order": (
        "line", "events", "    j0, n0 = i2 if m2 < m0 else i0,", "    j0, n0 = i0,"),
    "deleting leaves the last event in the list": (
        "queue", "events", "        take_out(w, i)\n", "        take_out(w, i)\n        SCALARS(w)[C_HEAP] += 1\n"),
    "an end of patience stays in the list": (
        "queue", "lots", "        cancel(w, BASE(w)[5] + 2 * lot + 1)\n", "        pass\n"),
    **{what: (name, *TO_BE_CAUGHT_TWICE[what]) for what, name in {
        "the latest due date is served first": "shifts",
        "what has come stays on order": "kiln",
        "a vehicle burns nothing on its way": "trucks",
        "a tank is filled and stays as it was": "trucks",
        "a machine that failed later is repaired first": "fitters",
    }.items()},
}


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    crowded = repairmen()
    crowded["pools"]["fitters"]["amount"] = "1 person"
    crowded["processes"]["desk"]["failures"]["between"] = "exponential(2 h)"  # most of the five machines wait for the one
    chains = {**VARIED, "fitters": lambda: chain(100.0, 10.0, **crowded)}
    return {name: seldom_noted(build(compile_network(make()))) for name, make in chains.items()}


@pytest.mark.parametrize("name", [*VARIED, "fitters"])
def test_the_sound_kernel_is_never_accused(built: dict[str, Any], name: str) -> None:
    state, code = run_interpreted(built[name], 7, 0)
    assert code == y.DONE
    assert broken_identities(built[name], state) == []


@pytest.mark.parametrize("what", FAULTS)
def test_a_planted_fault_is_caught(built: dict[str, Any], what: str) -> None:
    name, module, old, new = FAULTS[what]
    try:
        state, code = run_interpreted(built[name], 7, 0, ((module, old, new),))
    except (IndexError, RecursionError, ValueError, ZeroDivisionError, OverflowError):
        return  # it broke off, which nobody overlooks
    assert code != y.DONE or broken_identities(built[name], state)
