"""Random PyPSA networks that hold what a chain can say of them, always feasible."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypsa

__all__ = ["committed_network", "optimum", "random_network", "saved"]

logging.getLogger("pypsa").setLevel(logging.ERROR)
logging.getLogger("linopy").setLevel(logging.ERROR)


def optimum(network: pypsa.Network) -> float:
    """Return the whole cost PyPSA finds, what exists of what can grow included."""
    status, condition = network.optimize(
        solver_name="highs", io_api="direct", log_to_console=False, output_flag=False, mip_rel_gap=0.0, progress=False)
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
