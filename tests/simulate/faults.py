"""Faults planted in the kernel for more than one test: the module, the text as it stands and what is planted in its place."""

from __future__ import annotations

from tests.simulate.interpreted import Fault

__all__ = ["TO_BE_CAUGHT_TWICE"]

TO_BE_CAUGHT_TWICE: dict[str, Fault] = {
    "the latest due date is served first": (
        "lots", "LF(w)[after, L_DUE] > due:", "LF(w)[after, L_DUE] < due:"),
    "what has come stays on order": (
        "kernel.ending", "                    TF(w)[t, T_ON_ORDER] -= amount\n                put", "                    pass\n                put"),
    "a vehicle burns nothing on its way": (
        "kernel.ending", "        JF(w)[job, J_GAUGE0] -= TF(w)[t, T_BURN0]\n", "        pass\n"),
    "a tank is filled and stays as it was": (
        "kernel.starting", "            JF(w)[job, J_GAUGE0] = AF(w)[a, A_AMOUNT]\n", ""),
    "a machine that failed later is repaired first": (
        "kernel.failures", "            MI(w)[RI(w)[crew, R_CREW_LAST], M_CREW_NEXT] = machine\n        RI(w)[crew, R_CREW_LAST] = machine\n",
        "            MI(w)[machine, M_CREW_NEXT] = RI(w)[crew, R_CREW]\n            RI(w)[crew, R_CREW] = machine\n            return\n"
        "        RI(w)[crew, R_CREW_LAST] = machine\n"),
}
