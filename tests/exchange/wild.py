"""Small PyPSA networks with any choice of the things that PyPSA's components can say, each drawn on its own.

A feature changes a network that is feasible without it: `base_network` has slack on every bus. What a chain cannot say
of a feature must be refused by name; what it says must have PyPSA's optimum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pypsa

__all__ = ["FEATURES", "OVER_PERIODS", "base_network", "wild_network"]

STEPS = 5
FEATURES: dict[str, Callable[[Any, np.random.Generator], None]] = {}


def base_network(rng: np.random.Generator, years: tuple[int, ...] = ()) -> Any:
    """Return two buses of power and one of heat over a few hours, with what is dear and what may be let go on each."""
    weight = float(rng.choice([1.0, 2.0, 0.5]))
    times = pd.date_range("2026-03-01", periods=STEPS, freq="h")
    n = pypsa.Network(snapshots=times)
    if years:
        n.snapshots = pd.MultiIndex.from_product([years, times], names=["period", "timestep"])
        n.investment_periods = list(years)
    n.snapshot_weightings = n.snapshot_weightings.astype(float) * weight
    for carrier, co2 in (("AC", 0.0), ("heat", 0.0), ("gas", 0.2), ("wind", 0.0), ("battery", 0.0), ("peak", 0.3)):
        n.add("Carrier", carrier, co2_emissions=co2)
    for bus, carrier in (("a", "AC"), ("b", "AC"), ("h", "heat")):
        n.add("Bus", bus, carrier=carrier, v_nom=380.0)
        n.add("Load", f"load {bus}", bus=bus, p_set=_series(n, rng, 5, 40))
        n.add("Generator", f"peak {bus}", bus=bus, carrier="peak", p_nom=500.0, marginal_cost=_number(rng, 150, 300), efficiency=0.4)
        n.add("Generator", f"sink {bus}", bus=bus, carrier="wind", sign=-1.0, p_nom=500.0, marginal_cost=3.0)
        n.add("Generator", f"gas {bus}", bus=bus, carrier="gas", p_nom=_number(rng, 10, 40), marginal_cost=_number(rng, 20, 60),
              efficiency=_number(rng, 0.3, 0.6))
    n.add("Generator", "wind", bus="a", carrier="wind", p_nom_extendable=True, capital_cost=_number(rng, 5, 60),
          p_max_pu=_series(n, rng, 0, 1))
    n.add("Line", "line", bus0="a", bus1="b", x=_number(rng, 0.1, 2), s_nom=_number(rng, 5, 20))
    n.add("Link", "link", bus0="a", bus1="h", efficiency=_number(rng, 0.5, 3), p_nom=_number(rng, 3, 9))
    n.add("StorageUnit", "unit", bus="b", carrier="battery", p_nom=_number(rng, 3, 9), max_hours=3.0, efficiency_store=0.9,
          efficiency_dispatch=0.8, state_of_charge_initial=4.0)
    n.add("Store", "tank", bus="h", carrier="battery", e_nom=_number(rng, 9, 30), e_initial=3.0)
    return n


def wild_network(features: Any, seed: int, years: tuple[int, ...] = ()) -> Any:
    """Return the base with features by name, in the order in which they stand in `FEATURES`."""
    rng = np.random.default_rng(seed)
    n = base_network(rng, years)
    known = {**FEATURES, **OVER_PERIODS}
    for name in sorted(features, key=list(known).index):
        known[name](n, rng)
    return n


def _number(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.round(rng.uniform(low, high), 3))


def _series(n: Any, rng: np.random.Generator, low: float, high: float) -> Any:
    return np.round(rng.uniform(low, high, len(n.snapshots)), 3)


def _feature(add: Callable[[Any, np.random.Generator], None]) -> Callable[[Any, np.random.Generator], None]:
    FEATURES[add.__name__.strip("_").replace("_", " ")] = add
    return add


def _set(n: Any, kind: str, name: str, **columns: Any) -> None:
    part = n.c[kind]
    for key, value in columns.items():
        if isinstance(value, np.ndarray):
            part.dynamic[key][name] = value
        else:
            part.static.loc[name, key] = value
            if key in part.dynamic and name in part.dynamic[key]:
                del part.dynamic[key][name]


def _of(kind: str, **draws: Any) -> Callable[[str], None]:
    """Make a feature of columns drawn by functions of a generator of random numbers."""

    def named(text: str, names: tuple[str, ...] = ()) -> None:
        default = {"generators": "gas a", "links": "link", "stores": "tank", "storage_units": "unit", "lines": "line",
                   "loads": "load a"}[kind]

        def add(n: Any, rng: np.random.Generator) -> None:
            for name in names or (default,):
                _set(n, kind, name, **{key: draw(n, rng) if callable(draw) else draw for key, draw in draws.items()})

        FEATURES[text] = add

    return named


def _u(low: float, high: float) -> Callable[[Any, np.random.Generator], float]:
    return lambda n, rng: _number(rng, low, high)


def _t(low: float, high: float) -> Callable[[Any, np.random.Generator], Any]:
    return lambda n, rng: _series(n, rng, low, high)


def _once(low: float, high: float) -> Callable[[Any, np.random.Generator], Any]:
    """Draw one number, given in the second step only."""

    def draw(n: Any, rng: np.random.Generator) -> Any:
        found = np.full(len(n.snapshots), np.nan)
        found[1] = _number(rng, low, high)
        return found

    return draw


_of("generators", p_min_pu=_u(0.05, 0.5))("must run")
_of("generators", p_min_pu=_t(0.05, 0.5), p_max_pu=_t(0.6, 1))("must run over time")
_of("generators", p_max_pu=_t(0.6, 1.4))("more than is there")
_of("generators", p_min_pu=_t(-0.4, 0.2))("a generator that takes")
_of("generators", p_max_pu=_t(-0.4, -0.1), p_min_pu=-0.5)("a generator that only takes")
_of("generators", p_set=_t(3, 9))("given dispatch")
_of("generators", marginal_cost=_t(-20, 60))("cost over time")
_of("generators", marginal_cost_quadratic=_u(0.1, 0.5))("quadratic cost")
_of("generators", ramp_limit_up=_u(0.05, 0.4), ramp_limit_down=_u(0.05, 0.4))("ramps")
_of("generators", ramp_limit_up=_t(0.05, 0.4))("ramps over time")
_of("generators", ramp_limit_up=_u(0.05, 0.4), p_init=_u(0, 9))("ramps from a known rate")
_of("generators", e_sum_max=_u(5, 30))("most energy")
_of("generators", e_sum_min=_u(5, 30))("least energy")
_of("generators", sign=_u(0.5, 2))("a sign that is no one")
_of("generators", p_nom_extendable=True, capital_cost=_u(5, 30), p_nom_min=_u(0, 9), p_nom_max=_u(10, 60))("growth")
_of("generators", p_nom_extendable=True, capital_cost=_u(5, 30), p_nom_mod=_u(3, 9))("modules")
_of("generators", p_nom_extendable=True, overnight_cost=_u(5e4, 9e4), discount_rate=_u(0, 0.1), lifetime=20.0, fom_cost=1.0)("overnight")
_of("generators", p_nom_extendable=True, capital_cost=-1.0, p_nom_max=30.0)("a capital cost below nought")
_of("generators", active=False)("a plant that is away")
_of("generators", build_year=2050, lifetime=3.0)("a build year without periods")
_of("generators", p_nom=float("inf"))("endless capacity")
_of("generators", committable=True, p_min_pu=_u(0.2, 0.5), start_up_cost=_u(0, 500))("committable")
_of("generators", committable=True, p_min_pu=_u(0.2, 0.5), start_up_cost=_u(0, 500), shut_down_cost=_u(0, 300), stand_by_cost=_u(0, 30),
    min_up_time=3, min_down_time=2, up_time_before=1)("committable with times")
_of("generators", committable=True, p_min_pu=0.3, ramp_limit_up=_u(0.2, 0.5), ramp_limit_down=_u(0.2, 0.5),
    ramp_limit_start_up=_u(0.3, 0.5), ramp_limit_shut_down=_u(0.3, 0.5), start_up_cost=_u(0, 300))("committable with ramps")
_of("generators", committable=True, p_min_pu=0.3, p_nom_extendable=True, p_nom_max=40.0, capital_cost=_u(5, 30),
    start_up_cost=_u(0, 300))("committable that is built")
_of("generators", start_up_cost=_t(0, 300), committable=True, p_min_pu=0.3)("start costs over time")
_of("generators", up_time_before=0, down_time_before=1, min_down_time=3, committable=True, p_min_pu=0.3)("off before")
_of("generators", stand_by_cost=9.0, start_up_cost=99.0, min_up_time=4)("words of commitment without it")
_of("generators", efficiency=_t(0.3, 0.6))("efficiency over time")


@_feature
def _a_bid(n: Any, rng: np.random.Generator) -> None:
    n.add("Generator", "bid", bus="a", carrier="bids", p_nom=9.0, p_max_pu=-0.1, p_min_pu=-_series(n, rng, 0.1, 1.2),
          marginal_cost=_series(n, rng, 10, 250))
    n.add("Carrier", "bids")


_of("generators", maintainable=True, maintenance_duration=2.0)("maintenance")
_of("generators", p_nom_set=9.0, p_nom_extendable=True, capital_cost=7.0)("given size")
_of("loads", p_set=_t(-40, 40))("a load that gives")
_of("loads", sign=_u(-2, -0.5))("a load with a sign")
_of("loads", sign=1.0)("a load the other way")
_of("loads", active=False)("a load that is away")
_of("loads", p_set=_u(3, 30))("a load of one number")
_of("links", p_min_pu=-1.0)("a link both ways")
_of("links", p_min_pu=_t(-0.5, 0.4), p_max_pu=_t(0.5, 1))("link bounds over time")
_of("links", p_max_pu=_t(-0.5, -0.1), p_min_pu=-0.7)("a link backwards only")
_of("links", efficiency=_t(0.5, 3))("link efficiency over time")
_of("links", efficiency=_t(-0.5, 3))("link efficiency of both signs")
_of("links", efficiency=_u(-2, -0.5))("a link that takes at both ends")
_of("links", efficiency=0.0)("a link that gives nothing")
_of("links", ramp_limit_up=_u(0.05, 0.4), ramp_limit_down=_u(0.05, 0.4), p_init=_u(0, 3))("link ramps")
_of("links", committable=True, p_min_pu=_u(0.2, 0.5), start_up_cost=_u(0, 50), stand_by_cost=_u(0, 9))("committable link")
_of("links", committable=True, p_min_pu=_u(0.2, 0.5), min_up_time=2, min_down_time=3, shut_down_cost=20.0)("committable link with times")
_of("links", p_nom_extendable=True, capital_cost=_u(1, 20), p_nom_max=_u(3, 30))("link growth")
_of("links", p_nom_extendable=True, capital_cost=_u(1, 20), p_nom_mod=_u(2, 5))("link modules")
_of("links", marginal_cost=_t(-20, 20))("link cost over time")
_of("links", marginal_cost_quadratic=0.3)("quadratic link cost")
_of("links", delay=2)("delay")
_of("links", delay=2, cyclic_delay=False)("delay that ends")
_of("links", p_set=_u(1, 3))("given link dispatch")
_of("links", active=False)("a link that is away")
_of("links", p_nom=0.0)("a link of nought")
_of("stores", e_cyclic=True)("cyclic store")
_of("stores", standing_loss=_u(0, 0.1))("store loss")
_of("stores", standing_loss=_t(0, 0.1))("store loss over time")
_of("stores", standing_loss=_t(0, 0.1), e_cyclic=True)("cyclic store loss over time")
_of("stores", e_min_pu=_t(0, 0.1), e_max_pu=_t(0.3, 1))("store levels over time")
_of("stores", e_min_pu=-1.0)("a store that may owe")
_of("stores", e_min_pu=-1.0, e_nom_extendable=True, capital_cost=_u(0.1, 9), standing_loss=0.02)("a store that may owe and grows")
_of("stores", e_nom_extendable=True, capital_cost=_u(0.1, 5), e_nom_max=40.0, e_nom_min=4.0)("store growth")
_of("stores", e_nom_extendable=True, capital_cost=_u(0.1, 5), e_nom_mod=5.0)("store modules")
_of("stores", marginal_cost=_u(-5, 5))("store cost")
_of("stores", marginal_cost=_t(-5, 5))("store cost over time")
_of("stores", marginal_cost_storage=_u(0, 5))("holding cost")
_of("stores", marginal_cost_storage=_t(0, 5))("holding cost over time")
_of("stores", marginal_cost_storage=_u(-5, 0), e_min_pu=-0.2)("holding cost below nought")
_of("stores", marginal_cost_quadratic=0.2)("quadratic store cost")
_of("stores", sign=-1.0)("store sign")
_of("stores", active=False)("a store that is away")
_of("stores", e_set=_once(2, 6))("given store level")
_of("stores", p_set=_u(0, 0.4))("given store dispatch")
_of("stores", e_initial=99.0)("more in store than fits")
_of("stores", e_initial_per_period=True, e_cyclic_per_period=True)("words of periods without them")
_of("storage_units", cyclic_state_of_charge=True)("cyclic unit")
_of("storage_units", standing_loss=_u(0, 0.1))("unit loss")
_of("storage_units", standing_loss=_t(0, 0.1))("unit loss over time")
_of("storage_units", efficiency_store=_t(0.7, 1))("filling over time")
_of("storage_units", efficiency_dispatch=_t(0.7, 1), standing_loss=_t(0, 0.1))("emptying over time")
_of("storage_units", inflow=_t(0, 9))("inflow")
_of("storage_units", inflow=_t(0, 40), spill_cost=_u(1, 90))("spill cost")
_of("storage_units", inflow=_t(0, 40), spill_cost=_t(-2, 90))("spill cost over time")
_of("storage_units", inflow=_t(-2, 4))("inflow below nought")
_of("storage_units", p_nom_extendable=True, capital_cost=_u(1, 20), p_nom_max=20.0)("unit growth")
_of("storage_units", p_nom_extendable=True, capital_cost=_u(1, 20), p_nom_mod=4.0)("unit modules")
_of("storage_units", p_nom_extendable=True, capital_cost=_u(1, 20), p_nom_min=2.0, inflow=_t(0, 9))("unit growth with inflow")
_of("storage_units", p_max_pu=_t(0, 1), p_min_pu=_t(-1, 0))("unit bounds over time")
_of("storage_units", p_min_pu=_t(0.05, 0.1), p_max_pu=1.0, inflow=_t(4, 9))("a unit that must run")
_of("storage_units", p_max_pu=_t(-0.2, -0.1), p_min_pu=-1.0)("a unit that must fill")
_of("storage_units", p_max_pu=0.0)("a unit that never empties")
_of("storage_units", p_min_pu=0.0, inflow=_t(0, 5))("a unit that never fills")
_of("storage_units", p_max_pu=1.7)("a unit that empties faster")
_of("storage_units", marginal_cost=_t(-3, 9))("unit cost over time")
_of("storage_units", marginal_cost_storage=_u(0, 5))("unit holding cost")
_of("storage_units", marginal_cost_storage=_t(0, 5))("unit holding cost over time")
_of("storage_units", marginal_cost_quadratic=0.2)("quadratic unit cost")
_of("storage_units", state_of_charge_set=_once(2, 6))("given charge")
_of("storage_units", p_set=_once(-1, 1))("given unit dispatch")
_of("storage_units", p_dispatch_set=_once(0.5, 0.5))("given emptying")
_of("storage_units", p_store_set=_once(0.5, 0.5))("given filling")
_of("storage_units", max_hours=0.0)("a unit that holds nothing")
_of("storage_units", sign=-1.0)("unit sign")
_of("storage_units", active=False)("a unit that is away")
_of("lines", s_max_pu=_t(0.3, 1))("line share over time")
_of("lines", s_nom_extendable=True, capital_cost=_u(1, 20), s_nom_max=20.0, s_nom_min=2.0)("line growth")
_of("lines", s_nom_extendable=True, capital_cost=_u(1, 20), s_nom_mod=4.0)("line modules")
_of("lines", s_nom_set=4.0, s_nom_extendable=True, capital_cost=_u(1, 20))("given line size")
_of("lines", active=False)("a line that is away")
_of("lines", v_ang_max=0.001)("angles")
_of("lines", s_max_pu=1.4)("a line that carries more")


@_feature
def _second_line(n: Any, rng: np.random.Generator) -> None:
    n.add("Line", "second", bus0="b", bus1="a", x=_number(rng, 0.1, 2), s_nom=_number(rng, 3, 9), s_max_pu=0.7)


@_feature
def _mesh(n: Any, rng: np.random.Generator) -> None:
    n.add("Bus", "m", carrier="AC", v_nom=float(rng.choice([380.0, 220.0])))
    n.add("Line", "to m", bus0="a", bus1="m", x=_number(rng, 0.1, 2), s_nom=9.0)
    n.add("Line", "from m", bus0="m", bus1="b", x=_number(rng, 0.1, 2), s_nom=9.0, s_nom_extendable=bool(rng.integers(2)),
          capital_cost=_number(rng, 1, 9))


@_feature
def _series_capacitor(n: Any, rng: np.random.Generator) -> None:
    n.add("Line", "pushed", bus0="a", bus1="b", x=-_number(rng, 0.02, 0.09), s_nom=_number(rng, 3, 9))


@_feature
def _line_types(n: Any, rng: np.random.Generator) -> None:
    for k in range(2):
        n.add("Line", f"typed {k}", bus0="a", bus1="b", type="Al/St 240/40 4-bundle 380.0" if k else "243-AL1/39-ST1A 110.0",
              length=_number(rng, 5, 90), num_parallel=_number(rng, 1, 3), s_nom=_number(rng, 3, 9))


@_feature
def _transformer(n: Any, rng: np.random.Generator) -> None:
    n.add("Transformer", "t", bus0="a", bus1="b", x=_number(rng, 0.01, 0.2), s_nom=_number(rng, 3, 9), tap_ratio=_number(rng, 0.8, 1.2))


@_feature
def _transformer_growth(n: Any, rng: np.random.Generator) -> None:
    n.add("Transformer", "t grows", bus0="b", bus1="a", x=0.1, s_nom=7.0, s_nom_extendable=True, capital_cost=_number(rng, 1, 9),
          tap_side=int(rng.integers(2)), tap_ratio=1.1)


@_feature
def _transformer_shift(n: Any, rng: np.random.Generator) -> None:
    n.add("Transformer", "t shifts", bus0="b", bus1="a", x=0.1, s_nom=7.0, phase_shift=_number(rng, -2, 2))


@_feature
def _transformer_shift_over_time(n: Any, rng: np.random.Generator) -> None:
    n.add("Transformer", "t sways", bus0="a", bus1="b", x=0.2, s_nom=6.0, phase_shift=_series(n, rng, -2, 2))


@_feature
def _transformer_types(n: Any, rng: np.random.Generator) -> None:
    n.add("Transformer", "t typed", bus0="a", bus1="b", type="100 MVA 220/110 kV", num_parallel=_number(rng, 1, 3), tap_position=2, s_nom=1.0)
    n.add("TransformerType", "ours", s_nom=5.0, vsc=9.0, vscr=2.0, phase_shift=-1.0, tap_neutral=1, tap_step=2.0)
    n.add("Transformer", "t of ours", bus0="b", bus1="a", type="ours")


@_feature
def _transformer_shift_chosen(n: Any, rng: np.random.Generator) -> None:
    n.add("Transformer", "t turns", bus0="b", bus1="a", x=0.1, s_nom=7.0, phase_shift_min=-9.0, phase_shift_max=9.0)


@_feature
def _direct_current(n: Any, rng: np.random.Generator) -> None:
    for bus in ("d1", "d2", "d3"):
        n.add("Bus", bus, carrier="DC", v_nom=200.0)
    n.add("Carrier", "DC")
    for k, (x, y) in enumerate((("d1", "d2"), ("d2", "d3"), ("d3", "d1"))):
        n.add("Line", f"dc {k}", bus0=x, bus1=y, r=_number(rng, 0.1, 2), x=_number(rng, 0.1, 2), s_nom=_number(rng, 2, 6))
    n.add("Link", "in", bus0="a", bus1="d1", p_nom=9.0, p_min_pu=-1.0)
    n.add("Link", "out", bus0="b", bus1="d2", p_nom=9.0, p_min_pu=-1.0, efficiency=0.9)


@_feature
def _lossy_cable(n: Any, rng: np.random.Generator) -> None:
    n.add("Link", "cable", bus0="a", bus1="b", p_nom=_number(rng, 2, 9), p_min_pu=-1.0 if rng.integers(2) else 0.0,
          efficiency=_number(rng, 0.5, 1.0), marginal_cost=_number(rng, -0.5, 2))


@_feature
def _gaining_cable(n: Any, rng: np.random.Generator) -> None:
    n.add("Link", "gain", bus0="a", bus1="b", p_nom=_number(rng, 2, 9), p_min_pu=-0.5, efficiency=_number(rng, 1.0, 1.5),
          marginal_cost=9.0)


@_feature
def _cable_over_time(n: Any, rng: np.random.Generator) -> None:
    n.add("Link", "cable t", bus0="a", bus1="b", p_nom=5.0, p_min_pu=-_series(n, rng, 0, 1), p_max_pu=_series(n, rng, 0.5, 1),
          efficiency=_series(n, rng, 0.5, 1))


@_feature
def _cogeneration(n: Any, rng: np.random.Generator) -> None:
    n.add("Link", "chp", bus0="a", bus1="h", bus2="b", bus3="a", efficiency=_number(rng, 0.5, 1), efficiency2=_number(rng, -0.5, 0.5),
          efficiency3=_number(rng, -0.3, 0.2), p_nom=_number(rng, 3, 9), marginal_cost=_number(rng, 0, 5))


@_feature
def _cogeneration_both_ways(n: Any, rng: np.random.Generator) -> None:
    n.add("Link", "chp back", bus0="a", bus1="h", bus2="b", efficiency=_number(rng, 0.5, 1), efficiency2=_number(rng, -0.5, 0.5),
          p_nom=3.0, p_min_pu=-1.0, marginal_cost=_number(rng, 0, 5))


@_feature
def _link_at_one_bus(n: Any, rng: np.random.Generator) -> None:
    n.add("Link", "loop", bus0="a", bus1="a", efficiency=0.5, p_nom=4.0, p_min_pu=0.2)


@_feature
def _lagged_cogeneration(n: Any, rng: np.random.Generator) -> None:
    n.add("Link", "late", bus0="a", bus1="h", bus2="b", efficiency=0.7, efficiency2=0.2, delay2=3, p_nom=4.0, marginal_cost=1.0)


@_feature
def _carbon(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "co2", sense="<=", carrier_attribute="co2_emissions", constant=_number(rng, 80, 160))


@_feature
def _carbon_exactly(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "co2 =", sense="==", carrier_attribute="co2_emissions", constant=_number(rng, 80, 120))


@_feature
def _carbon_at_least(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "co2 >", sense=">=", carrier_attribute="co2_emissions", constant=_number(rng, 40, 90))


@_feature
def _carbon_in_a_year(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "co2 y", sense="<=", carrier_attribute="co2_emissions", investment_period=2030, constant=9.0)


@_feature
def _carbon_of_batteries(n: Any, rng: np.random.Generator) -> None:
    n.c.carriers.static.loc["battery", "co2_emissions"] = _number(rng, -0.3, 0.3)


@_feature
def _limit_on_gas(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "gas", type="operational_limit", carrier_attribute="gas", sense="<=", constant=_number(rng, 30, 90))


@_feature
def _limit_on_wind(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "wind", type="operational_limit", carrier_attribute="wind", sense="<=", constant=_number(rng, -30, 30))


@_feature
def _limit_on_batteries(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "battery", type="operational_limit", carrier_attribute="battery", sense="<=", constant=_number(rng, -2, 2))


@_feature
def _limit_on_building(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "build", type="tech_capacity_expansion_limit", carrier_attribute="wind", sense="<=", constant=3.0)


@_feature
def _limit_on_wires(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "wires", type="transmission_volume_expansion_limit", carrier_attribute="AC", sense="<=", constant=3.0)


@_feature
def _growth_of_a_carrier(n: Any, rng: np.random.Generator) -> None:
    n.c.carriers.static.loc["wind", "max_growth"] = 5.0


@_feature
def _weights_of_money(n: Any, rng: np.random.Generator) -> None:
    n.snapshot_weightings["objective"] = n.snapshot_weightings["stores"] * 12.0


@_feature
def _weights_of_generators(n: Any, rng: np.random.Generator) -> None:
    n.snapshot_weightings["generators"] = n.snapshot_weightings["stores"] * 3.0


@_feature
def _unequal_money(n: Any, rng: np.random.Generator) -> None:
    n.snapshot_weightings["objective"] = _series(n, rng, 1, 9)


@_feature
def _unequal_generators(n: Any, rng: np.random.Generator) -> None:
    n.snapshot_weightings["generators"] = _series(n, rng, 1, 9)


@_feature
def _unequal_hours(n: Any, rng: np.random.Generator) -> None:
    n.snapshot_weightings["stores"] = np.resize([1.0, 2.0, 2.0, 1.0, 3.0], len(n.snapshots))


@_feature
def _unequal_all(n: Any, rng: np.random.Generator) -> None:
    for column in ("objective", "generators", "stores"):
        n.snapshot_weightings[column] = np.resize([1.0, 2.0, 2.0, 1.0, 3.0], len(n.snapshots))


@_feature
def _scenarios(n: Any, rng: np.random.Generator) -> None:
    n.set_scenarios({"dry": 0.3, "wet": 0.7})
    loads = n.c.loads.dynamic["p_set"]
    for column in loads.columns:
        if column[0] == "wet":
            loads[column] = np.round(loads[column] * rng.uniform(0.5, 1.1), 3)


def _of_periods(text: str, **draws: Any) -> None:
    """Make a feature of investment periods, on each of the components that can come and go."""
    for kind, name in (("generators", "gas a"), ("links", "link"), ("stores", "tank"), ("storage_units", "unit"), ("lines", "line")):

        def add(n: Any, rng: np.random.Generator, kind: str = kind, name: str = name) -> None:
            _set(n, kind, name, **{key: draw(n, rng) if callable(draw) else draw for key, draw in draws.items()})

        OVER_PERIODS[f"{name} {text}"] = add


OVER_PERIODS: dict[str, Callable[[Any, np.random.Generator], None]] = {}
_of_periods("comes later", build_year=2035)
_of_periods("goes early", build_year=2020, lifetime=12.0)
_of_periods("stands once", build_year=2035, lifetime=3.0)
_of_periods("is never there", build_year=2050)


def _over_periods(add: Callable[[Any, np.random.Generator], None]) -> Callable[[Any, np.random.Generator], None]:
    OVER_PERIODS[add.__name__.strip("_").replace("_", " ")] = add
    return add


@_over_periods
def _weights_of_periods(n: Any, rng: np.random.Generator) -> None:
    count = len(n.investment_periods)
    n.investment_period_weightings["objective"] = np.round(rng.uniform(1, 4, count), 3)
    n.investment_period_weightings["years"] = np.round(rng.uniform(2, 7, count), 3)


@_over_periods
def _weights_of_years(n: Any, rng: np.random.Generator) -> None:
    n.investment_period_weightings["years"] = [5.0, 7.0, 6.0][: len(n.investment_periods)]


@_over_periods
def _stores_by_period(n: Any, rng: np.random.Generator) -> None:
    _set(n, "stores", "tank", e_initial_per_period=True)
    _set(n, "storage_units", "unit", cyclic_state_of_charge_per_period=True)


@_over_periods
def _stores_by_period_too(n: Any, rng: np.random.Generator) -> None:
    _set(n, "stores", "tank", e_cyclic_per_period=True, e_initial_per_period=True)
    _set(n, "storage_units", "unit", state_of_charge_initial_per_period=True)


@_over_periods
def _stores_over_all(n: Any, rng: np.random.Generator) -> None:
    _set(n, "stores", "tank", e_cyclic=True)
    _set(n, "storage_units", "unit", cyclic_state_of_charge=True, cyclic_state_of_charge_per_period=bool(rng.integers(2)))


@_over_periods
def _carbon_in_a_period(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "co2 p", sense="<=", carrier_attribute="co2_emissions", investment_period=2035, constant=_number(rng, 80, 500))


@_over_periods
def _carbon_in_no_period(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "co2 n", sense="<=", carrier_attribute="co2_emissions", investment_period=2031, constant=1.0)


@_over_periods
def _carbon_over_all(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "co2 all", sense="<=", carrier_attribute="co2_emissions", constant=_number(rng, 300, 2000))


@_over_periods
def _gas_in_a_period(n: Any, rng: np.random.Generator) -> None:
    n.add("GlobalConstraint", "gas p", type="operational_limit", sense="<=", carrier_attribute="gas", investment_period=2030,
          constant=_number(rng, 80, 300))


@_over_periods
def _plants_by_period(n: Any, rng: np.random.Generator) -> None:
    for year in n.investment_periods:
        n.add("Generator", f"new {year}", bus="b", carrier="gas", p_nom_extendable=True, capital_cost=_number(rng, 5, 90), build_year=year,
              lifetime=float(rng.choice([3.0, 8.0, np.inf])), marginal_cost=_number(rng, 20, 60), efficiency=0.5,
              p_nom_max=float(rng.choice([9.0, np.inf])), p_nom_mod=float(rng.choice([0.0, 4.0])))


@_over_periods
def _wires_by_period(n: Any, rng: np.random.Generator) -> None:
    for year in n.investment_periods:
        n.add("Line", f"wire {year}", bus0="a", bus1="b", x=_number(rng, 0.1, 2), s_nom_extendable=True, capital_cost=_number(rng, 1, 9),
              build_year=year, lifetime=float(rng.choice([3.0, 8.0, np.inf])))


@_over_periods
def _units_by_period(n: Any, rng: np.random.Generator) -> None:
    for year in n.investment_periods:
        n.add("StorageUnit", f"battery {year}", bus="a", p_nom_extendable=True, capital_cost=_number(rng, 1, 9), build_year=year,
              lifetime=float(rng.choice([3.0, 8.0, np.inf])), max_hours=4.0, efficiency_store=0.9,
              cyclic_state_of_charge_per_period=True)


@_over_periods
def _a_committable_that_stands_alone(n: Any, rng: np.random.Generator) -> None:
    _set(n, "generators", "gas b", committable=True, p_min_pu=0.4)


@_over_periods
def _a_committable_with_costs(n: Any, rng: np.random.Generator) -> None:
    _set(n, "generators", "gas b", committable=True, p_min_pu=0.4, start_up_cost=50.0, min_up_time=3)
