"""Records of what binds several activities or plants together: policies, shares, blends, loops, choices and sums.

They are part of the network, see `arrays`; how a chain becomes them is said in the modules that compile it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lodeworks.network.kinds import Bools, Floats, Ints, Varying

__all__ = ["Blends", "CapacitySums", "Choices", "Cycles", "Policies", "Reserves", "Shares", "StartFlows"]


@dataclass(frozen=True)
class Policies:
    """Limits on sums of flows; a share limit has been brought to the form sum - share × other >= or <= 0.

    `term` and `other` are what one unit of an activity counts: the means over the horizon of `term_over`, `other_over`.
    `overall` marks those that in a plan over stages hold for all of them together.
    """

    name: tuple[str, ...]
    unit: tuple[str, ...]
    least: Floats
    most: Floats
    is_share: Bools
    every: Ints
    penalty: Floats
    overall: Bools
    term_policy: Ints
    term_activity: Ints
    term: Floats
    term_over: Varying
    other_policy: Ints
    other_activity: Ints
    other: Floats
    other_over: Varying


@dataclass(frozen=True)
class Shares:
    """Bounds on a mode's share of its process's rate: lower × total <= rate <= upper × total."""

    activity: Ints
    element: Ints
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Blends:
    """Quality limits: the sum of weight × rate over a limit's component activities is at most nought."""

    name: tuple[str, ...]
    grid: Ints
    row: Ints
    activity: Ints
    weight: Floats


@dataclass(frozen=True)
class Cycles:
    """Loops of routes whose flows divide by physics: around each, the sum of weight × rate and of `shift` is nought.

    `shift` is the phase shift of each route in each loop, in radians, along the loop.
    """

    cycle: Ints
    activity: Ints
    weight: Floats
    shift: Varying


@dataclass(frozen=True)
class Choices:
    """How many of some whole projects may stand: least <= number of lumps of its plants <= most."""

    name: tuple[str, ...]
    least: Floats
    most: Floats
    row: Ints
    plant: Ints


@dataclass(frozen=True)
class StartFlows:
    """What each start of a plant takes from a balance."""

    plant: Ints
    balance: Ints
    amount: Floats


@dataclass(frozen=True)
class Reserves:
    """Room an activity keeps of a plant to run more (`up`) or less (`down`): at most a share of what is on."""

    activity: Ints
    plant: Ints
    up: Bools
    down: Bools
    most: Floats


@dataclass(frozen=True)
class CapacitySums:
    """Weighed sums of capacities that stand, existing and built: least <= sum <= most, in the unit of the limit."""

    name: tuple[str, ...]
    unit: tuple[str, ...]
    least: Floats
    most: Floats
    row: Ints
    plant: Ints
    weight: Floats
