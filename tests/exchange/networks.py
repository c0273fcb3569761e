"""Random PyPSA networks that hold what a chain can say of them, always feasible."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypsa

__all__ = ["committed_network", "optimum", "periods_network", "random_network", "saved", "scenarios_network", "sector_network",
           "switching_network"]

logging.getLogger("pypsa").setLevel(logging.ERROR)
logging.getLogger("linopy").setLevel(logging.ERROR)


def optimum(network: pypsa.Network) -> float:
    """Return the whole cost PyPSA finds, what exists of what can grow included."""
    status, condition = network.optimize(
        solver_name="highs", io_api="direct", log_to_console=False, output_flag=False, mip_rel_gap=0.0, progress=False,
        multi_investment_periods=network.has_investment_periods)
    assert (status, condition) == ("ok", "optimal")
    return float(network.objective) + float(network.objective_constant)


def saved(network: pypsa.Network, folder: Path) -> Path:
    path = folder / "network.nc"
    network.export_to_netcdf(str(path))
    return path


def random_network(seed: int) -> pypsa.Network:
    """Return a network of a few buses over a day or less."""
    rng = np.random.default_rng(seed)

    def maybe(p: float) -> bool:
        return bool(rng.random() < p)

    def number(low: float, high: float) -> float:
        return float(np.round(rng.uniform(low, high), 3))

    steps, weight = int(rng.choice([4, 6, 9])), float(rng.choice([1.0, 2.0, 3.0, 0.5]))
    n = pypsa.Network(snapshots=pd.date_range("2026-03-01", periods=steps, freq="h"))
    n.snapshot_weightings = n.snapshot_weightings.astype(float) * weight
    for carrier, co2 in (("AC", 0.0), ("heat", 0.0), ("gas", 0.2), ("wind", 0.0), ("battery", 0.0), ("peak", 0.3)):
        n.add("Carrier", carrier, co2_emissions=co2)
    buses = [f"b{k}" for k in range(rng.integers(2, 5))]
    for bus in buses:
        n.add("Bus", bus, carrier="AC", x=number(5, 9), y=number(50, 54), v_nom=380.0)
    n.add("Bus", "heat", carrier="heat")

    def series(low: float, high: float) -> Any:
        return np.round(rng.uniform(low, high, steps), 3)

    def capacity(prefix: str = "p_nom", size: float = 60.0) -> dict[str, Any]:
        if maybe(0.5):
            return {prefix: number(0.3 * size, size)}
        return {f"{prefix}_extendable": True, f"{prefix}_min": number(0, 9) if maybe(0.5) else 0.0,
                f"{prefix}_max": number(20, 2 * size) if maybe(0.5) else np.inf, "capital_cost": number(5, 90)}

    for k, bus in enumerate(buses):
        n.add("Load", f"load {k}", bus=bus, p_set=series(-5, 40) if maybe(0.2) else series(5, 40))
        n.add("Generator", f"peak {k}", bus=bus, carrier="peak", p_nom=500.0, marginal_cost=number(90, 200), efficiency=0.4)
        n.add("Generator", f"sink {k}", bus=bus, carrier="wind", sign=-1.0, p_nom=90.0)
        n.add("Generator", f"wind {k}", bus=bus, carrier="wind", p_max_pu=series(0, 1), marginal_cost=number(0, 1), **capacity())
        more: dict[str, Any] = {}
        if maybe(0.4):
            more = {"ramp_limit_up": number(0.2, 0.9), "ramp_limit_down": number(0.2, 0.9)}
        more |= capacity()
        if maybe(0.3):
            more |= {"p_min_pu": number(0.01, 0.1), "p_max_pu": series(0.5, 1.0)}
        n.add("Generator", f"gas {k}", bus=bus, carrier="gas", efficiency=number(0.3, 0.6),
              marginal_cost=series(20, 60) if maybe(0.4) else number(20, 60), **more)
    n.add("Load", "heat demand", bus="heat", p_set=series(3, 12))
    n.add("Generator", "boiler", bus="heat", carrier="gas", p_nom=50.0, marginal_cost=number(20, 60), efficiency=0.9)
    for k in range(rng.integers(1, 5)):
        a, b = rng.choice(len(buses), 2, replace=False)
        n.add("Line", f"line {k}", bus0=buses[a], bus1=buses[b], x=number(0.1, 2.0), s_max_pu=number(0.6, 1.0),
              **capacity("s_nom", 40.0))
    a, b = rng.choice(len(buses), 2, replace=False)
    n.add("Link", "cable", bus0=buses[a], bus1=buses[b], efficiency=number(0.8, 1.0), p_min_pu=-1.0 if maybe(0.5) else 0.0,
          marginal_cost=number(0, 1), **capacity(size=30.0))
    n.add("Link", "chp", bus0=buses[0], bus1="heat", bus2=buses[-1], efficiency=number(0.5, 3.0), efficiency2=number(-0.2, 0.1),
          marginal_cost=number(0, 9), **capacity(size=20.0))
    for k in range(rng.integers(0, 3)):
        cyclic = maybe(0.5)
        n.add("StorageUnit", f"unit {k}", bus=str(rng.choice(buses)), carrier="battery", max_hours=number(1, 6),
              efficiency_store=number(0.8, 1.0), efficiency_dispatch=number(0.8, 1.0), standing_loss=number(0, 0.02),
              cyclic_state_of_charge=cyclic, state_of_charge_initial=0.0 if cyclic else number(0, 9),
              inflow=series(0, 4) if maybe(0.4) else 0.0, marginal_cost=number(0, 3), **capacity(size=25.0))
    if maybe(0.6):
        n.add("Store", "tank", bus="heat", carrier="battery", e_cyclic=maybe(0.5), standing_loss=number(0, 0.02),
              e_min_pu=0.1 if maybe(0.3) else 0.0, e_initial=5.0, marginal_cost=number(0, 0.5) if maybe(0.4) else 0.0,
              **capacity("e_nom", 40.0))
        if not n.stores.e_nom_extendable.iloc[0]:
            n.stores["e_nom"] = 60.0
        else:
            n.stores["e_nom_min"] = 10.0
    if maybe(0.5):
        n.add("GlobalConstraint", "co2", type="primary_energy", carrier_attribute="co2_emissions", sense="<=",
              constant=number(1.0, 1.6) * 0.75 * 20.0 * steps * weight * (len(buses) + 1))
    if maybe(0.3):
        n.add("GlobalConstraint", "gas", type="operational_limit", carrier_attribute="gas", sense="<=",
              constant=number(10, 30) * steps * weight)
    return n


def committed_network(seed: int) -> pypsa.Network:
    """Return one bus with four units that may be off, held by minimum up times and ramps, under a load that swings."""
    rng = np.random.default_rng(seed)
    steps = 10
    n = pypsa.Network(snapshots=pd.date_range("2026-03-01", periods=steps, freq="h"))
    n.snapshot_weightings = n.snapshot_weightings.astype(float) * float(rng.choice([0.5, 1.0, 2.0]))
    n.add("Bus", "b", carrier="AC")
    n.add("Carrier", "AC")
    n.add("Load", "load", bus="b", p_set=np.round(rng.uniform(20.0, 170.0, steps), 2))
    n.add("Generator", "peak", bus="b", p_nom=500.0, marginal_cost=200.0)
    n.add("Generator", "sink", bus="b", sign=-1.0, p_nom=500.0, marginal_cost=20.0)
    for k in range(4):
        least, up = float(np.round(rng.uniform(0.2, 0.5), 2)), int(rng.integers(2, 6))
        speeds = {f"ramp_limit_{way}": float(np.round(rng.uniform(0.15, 0.5), 2)) for way in ("up", "down")}
        edges = {f"ramp_limit_{edge}": round(float(rng.uniform(least, least + speeds[f"ramp_limit_{way}"])), 2)
                 for edge, way in (("start_up", "up"), ("shut_down", "down"))}
        n.add("Generator", f"unit {k}", bus="b", committable=True, p_nom=float(np.round(rng.uniform(30, 60), 1)),
              p_min_pu=least, marginal_cost=float(np.round(rng.uniform(20, 60), 2)),
              start_up_cost=float(np.round(rng.uniform(0, 900), 1)), min_up_time=up, up_time_before=up + int(rng.integers(2)),
              **(speeds if k % 2 else {}), **(edges if k else {}))
    return n


def switching_network(seed: int) -> pypsa.Network:
    """Return those units with costs of stopping and of being on, off or on before the start, some from a known rate."""
    n, rng = committed_network(seed), np.random.default_rng([seed, 7])
    units = n.c.generators.static
    for name in (f"unit {k}" for k in range(4)):
        units.loc[name, "shut_down_cost"] = round(float(rng.uniform(0, 800)), 1)
        units.loc[name, "min_down_time"] = int(rng.integers(0, 4))
        units.loc[name, "stand_by_cost"] = round(float(rng.uniform(0, 150)), 1)
        if rng.random() < 0.4:
            units.loc[name, "up_time_before"], units.loc[name, "down_time_before"] = 0, int(rng.integers(0, 4))
        else:
            units.loc[name, "up_time_before"] = int(rng.integers(1, 6))
            if rng.random() < 0.6:
                units.loc[name, "p_init"] = round(float(units.loc[name, "p_nom"] * rng.uniform(units.loc[name, "p_min_pu"], 1)), 2)
    n.c.generators.dynamic["stand_by_cost"]["unit 0"] = np.round(rng.uniform(0, 300, len(n.snapshots)), 1)
    return n


def periods_network(seed: int) -> pypsa.Network:
    """Return a network over three investment periods in which plants, wires and stores come and go.

    Weights of money and of amounts are drawn, not discounted from one another; loads, wind and prices change by period.
    """
    rng = np.random.default_rng(seed)

    def number(low: float, high: float) -> float:
        return float(np.round(rng.uniform(low, high), 3))

    years, steps = [2030, 2035, 2042], 5
    n = pypsa.Network()
    n.snapshots = pd.MultiIndex.from_product(
        [years, pd.date_range("2030-01-01", periods=steps, freq="2h")], names=["period", "timestep"])
    n.investment_periods = years
    n.investment_period_weightings["years"] = [5.0, 7.0, 6.0] if seed % 2 else [4.5, 7.0, 3.0]
    n.investment_period_weightings["objective"] = [number(3, 5), number(2, 4), number(1, 3)]
    weights = n.snapshot_weightings.astype(float) * 2.0
    if seed % 2:
        weights["objective"], weights["generators"] = 730.0, 365.0
    n.snapshot_weightings = weights

    def series(low: float, high: float) -> pd.Series:
        return pd.Series(np.round(rng.uniform(low, high, 3 * steps), 3), index=n.snapshots)

    for carrier, co2 in (("AC", 0.0), ("gas", 0.2), ("wind", 0.0), ("peak", 0.3)):
        n.add("Carrier", carrier, co2_emissions=co2)
    buses = ["a", "b", "c"]
    for k, bus in enumerate(buses):
        n.add("Bus", bus, carrier="AC", v_nom=380.0)
        n.add("Load", f"load {bus}", bus=bus, p_set=series(5, 40) if k else series(-5, 40))
        n.add("Generator", f"peak {bus}", bus=bus, carrier="peak", p_nom=500.0, marginal_cost=number(90, 200), efficiency=0.4)
        n.add("Generator", f"sink {bus}", bus=bus, carrier="wind", sign=-1.0, p_nom=90.0)
    n.add("Generator", "old gas", bus="a", carrier="gas", p_nom=30.0, marginal_cost=series(20, 60), efficiency=0.4,
          build_year=2010, lifetime=int(rng.choice([21, 26, 40])))
    n.add("Generator", "planned gas", bus="b", carrier="gas", p_nom=20.0, marginal_cost=number(20, 50), efficiency=0.5,
          build_year=int(rng.choice([2032, 2036])), ramp_limit_up=0.5, p_max_pu=series(0.7, 1.0))
    scale = float(weights["objective"].iloc[0]) * steps
    for year in years:
        for k, bus in enumerate(buses):
            n.add("Generator", f"wind {bus} {year}", bus=bus, carrier="wind", p_nom_extendable=True, build_year=year,
                  lifetime=float(rng.choice([5, 12, 30, np.inf])), capital_cost=number(1, 8) * scale / 10, p_max_pu=series(0, 1),
                  p_nom_min=number(0, 3), p_nom_max=np.inf if k else 25.0)
        n.add("Store", f"tank {year}", bus="a", e_nom_extendable=True, build_year=year, lifetime=int(rng.choice([6, 30])),
              capital_cost=number(0.2, 2) * scale / 10, e_cyclic_per_period=True, standing_loss=0.01)
    n.add("Generator", "bought", bus="c", carrier="gas", p_nom_extendable=True, p_nom_mod=8.0, p_nom_max=40.0,
          capital_cost=number(5, 20) * scale / 10, marginal_cost=number(30, 60), efficiency=0.6)
    for k, (x, y) in enumerate((("a", "b"), ("b", "c"), ("c", "a"))):
        size = {"s_nom": 20.0} if k < 2 else {"s_nom_extendable": True, "capital_cost": number(1, 5) * scale / 10}
        n.add("Line", f"line {k}", bus0=x, bus1=y, x=number(0.1, 2.0), **size,
              **({"build_year": 2035, "lifetime": 7 if seed % 2 else 50} if k == 2 else {}))
    n.add("StorageUnit", "unit", bus="b", p_nom=9.0, max_hours=3.0, efficiency_store=0.9, state_of_charge_initial=4.0,
          state_of_charge_initial_per_period=True)
    n.add("StorageUnit", "dam", bus="c", p_nom=4.0, max_hours=9.0, efficiency_dispatch=0.8, state_of_charge_initial=7.0,
          inflow=series(0, 3), standing_loss=0.02, marginal_cost=1.0)
    n.add("Store", "cavern", bus="a", e_nom=25.0, e_cyclic=True, standing_loss=0.01)
    n.add("Store", "pile", bus="b", e_nom_extendable=True, e_initial=0.0, e_nom_max=30.0, capital_cost=number(0.1, 1) * scale / 10)
    n.add("GlobalConstraint", "co2", type="primary_energy", carrier_attribute="co2_emissions", sense="<=",
          constant=number(0.8, 1.2) * 12.0 * steps * 16.0 * float(weights["generators"].iloc[0]))
    n.add("GlobalConstraint", "co2 late", type="primary_energy", carrier_attribute="co2_emissions", sense="<=",
          investment_period=2042, constant=number(0.5, 1.0) * 8.0 * steps * 4.0 * float(weights["generators"].iloc[0]))
    return n


def scenarios_network(seed: int) -> pypsa.Network:
    """Return a random network in three scenarios of loads, wind, prices and a limit; what is built is one for all."""
    n = random_network(seed)
    rng = np.random.default_rng(1000 + seed)
    n.set_scenarios({"dry": 0.25, "mean": 0.5, "wet": 0.25})
    for name in ("dry", "wet"):
        loads, most = n.c.loads.dynamic["p_set"], n.c.generators.dynamic["p_max_pu"]
        for frame, top in ((loads, np.inf), (most, 1.0)):
            for column in frame.columns:
                if column[0] == name and (frame is loads or column[1].startswith("wind")):
                    frame[column] = np.minimum(np.round(frame[column] * rng.uniform(0.6, 1.3), 4), top)
        prices = n.c.generators.static["marginal_cost"]
        prices.loc[name] = np.round(prices.loc[name].to_numpy() * rng.uniform(0.7, 1.5), 3)
        limits = n.c.global_constraints.static
        if len(limits):
            limits.loc[name, "constant"] = (limits.loc[name, "constant"] * 1.1).to_numpy()
    return n


def sector_network(seed: int) -> pypsa.Network:
    """Return a network of the kinds that PyPSA-Eur makes of a continent: power, gas, hydrogen, heat, cars and carbon.

    Links have up to five ends, some of which take; carbon in the air is a store that may be owed.
    """
    rng = np.random.default_rng(seed)
    steps = 6

    def number(low: float, high: float) -> float:
        return float(np.round(rng.uniform(low, high), 3))

    n = pypsa.Network(snapshots=pd.date_range("2026-01-01", periods=steps, freq="3h"))
    n.snapshot_weightings.loc[:, :] = 3.0

    def series(low: float, high: float) -> pd.Series:
        return pd.Series(np.round(rng.uniform(low, high, steps), 3), index=n.snapshots)

    def grows(low: float, high: float) -> dict[str, Any]:
        return {"p_nom_extendable": True, "capital_cost": number(low, high)}

    units = {"AC": "MWh_el", "H2": "MWh_LHV", "heat": "MWh_th", "EV": "MWh_el"}
    for carrier, co2 in (*dict.fromkeys(units, 0.0).items(), ("gas", 0.2), ("co2", 0.0), ("wind", 0.0), ("hydro", 0.0)):
        n.add("Carrier", carrier, co2_emissions=co2)
    for bus in ("air", "stored"):
        n.add("Bus", f"co2 {bus}", carrier="co2", unit="t_co2")
    n.add("Bus", "gas", carrier="gas", unit="MWh_LHV")
    n.add("Generator", "gas", bus="gas", carrier="gas", p_nom_extendable=True, marginal_cost=number(15, 30))
    n.add("Store", "gas store", bus="gas", e_nom=1e4, e_cyclic=True)
    n.add("Store", "air", bus="co2 air", e_nom_extendable=True, e_min_pu=-1.0)
    n.add("Store", "stored", bus="co2 stored", e_nom_extendable=True, e_nom_max=number(20, 60), capital_cost=number(1, 5),
          marginal_cost=-number(10, 40))
    for x in ("a", "b"):
        power, hydrogen, heat, car = (f"{x} {carrier}" for carrier in units)
        for (carrier, unit), bus in zip(units.items(), (power, hydrogen, heat, car), strict=True):
            n.add("Bus", bus, carrier=carrier, unit=unit)
        for bus, low, high in ((power, 20, 60), (heat, 5, 25), (car, 1, 5)):
            n.add("Load", bus, bus=bus, p_set=series(low, high))
        n.add("Load", f"{x} works", bus="co2 air", p_set=-number(0.5, 2))
        n.add("Generator", f"{x} wind", bus=power, carrier="wind", p_nom_min=number(0, 5), p_nom_max=number(60, 150),
              marginal_cost=0.01, p_max_pu=series(0, 1), **grows(5, 30))
        for bus in (power, heat):
            n.add("Generator", f"{bus} shed", bus=bus, p_nom=500.0, marginal_cost=900.0)
        n.add("Link", f"{x} turbine", bus0="gas", bus1=power, bus2="co2 air", efficiency=0.41, efficiency2=0.198,
              marginal_cost=number(1, 5), **grows(2, 9))
        n.add("Link", f"{x} capture", bus0="gas", bus1=power, bus2=heat, bus3="co2 air", bus4="co2 stored", efficiency=0.35,
              efficiency2=0.4, efficiency3=0.02, efficiency4=0.178, **grows(9, 30))
        n.add("Link", f"{x} electrolysis", bus0=power, bus1=hydrogen, bus2=heat, efficiency=0.62, efficiency2=0.2, **grows(3, 10))
        n.add("Link", f"{x} fuel cell", bus0=hydrogen, bus1=power, efficiency=0.5, **grows(3, 10))
        n.add("Link", f"{x} heat pump", bus0=power, bus1=heat, efficiency=number(2, 3.5), **grows(3, 10))
        n.add("Link", f"{x} air capture", bus0=power, bus1="co2 stored", bus2="co2 air", bus3=heat, efficiency=1.0,
              efficiency2=-1.0, efficiency3=-0.4, p_nom_max=4.0, **grows(5, 9))
        for bus, loss in ((hydrogen, 0.0), (heat, 0.01)):
            n.add("Store", bus, bus=bus, e_nom_extendable=True, e_cyclic=True, standing_loss=loss, capital_cost=number(0.1, 1))
        n.add("Link", f"{x} charger", bus0=power, bus1=car, efficiency=0.9, p_nom=20.0, p_max_pu=series(0.5, 1))
        n.add("Link", f"{x} back", bus0=car, bus1=power, efficiency=0.9, p_nom=10.0, p_max_pu=series(0.5, 1))
        n.add("Store", car, bus=car, e_nom=30.0, e_cyclic=True, e_min_pu=series(0, 0.5))
    n.add("Link", "pipeline", bus0="a H2", bus1="b H2", p_min_pu=-1.0, **grows(1, 4))
    n.add("Link", "cable", bus0="a AC", bus1="b AC", p_min_pu=-1.0, p_nom=15.0)
    for k in range(2):
        n.add("Line", f"line {k}", bus0="a AC", bus1="b AC", x=number(0.1, 1), s_nom=10.0, s_nom_extendable=k == 0,
              s_nom_min=10.0, s_max_pu=0.7, capital_cost=number(1, 4))
    n.add("StorageUnit", "dam", bus="a AC", carrier="hydro", p_nom=12.0, max_hours=20.0, efficiency_dispatch=0.9,
          efficiency_store=0.0, p_min_pu=0.0, inflow=series(0, 9), cyclic_state_of_charge=True)
    n.add("StorageUnit", "pumps", bus="b AC", carrier="hydro", p_nom=8.0, max_hours=6.0, efficiency_dispatch=0.87,
          efficiency_store=0.87, cyclic_state_of_charge=True)
    n.add("GlobalConstraint", "co2", type="primary_energy", carrier_attribute="co2_emissions", sense="<=",
          constant=number(50, 200))
    return n
