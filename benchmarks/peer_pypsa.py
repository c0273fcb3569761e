"""A chain said to PyPSA: buses, links, generators and stores for balances, processes, trade and stores.

It knows what the benchmarks use, with every number in its canonical unit, and refuses the rest: what is measured on
both sides must be the same problem. It shares no code with our own compiling of a chain.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.chain.entities import Chain, Demand, Expansion, Process, Quantity, Supply, Varying

if TYPE_CHECKING:
    import highspy
    import pypsa

__all__ = ["build", "from_file_to_file", "hand_over", "hand_over_by_file", "network_of", "objective_of", "optimise"]

_FREE = 1e9  # PyPSA wants a size for what has no limit; no flow of the benchmarks comes near it


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep PyPSA's warnings and log to itself; what it answers is compared, not trusted."""
    loggers = [logging.getLogger(name) for name in ("pypsa", "linopy")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@_quietly()
def network_of(chain: Chain) -> pypsa.Network:
    """Return the chain as a PyPSA network, one bus a balance."""
    import pypsa

    n = pypsa.Network()
    n.set_snapshots(range(round(chain.horizon.length.value / chain.horizon.step.value)))
    writer = _Writer(chain, n)
    for name, process in chain.processes.items():
        writer.process(name, process)
    for name, route in chain.routes.items():
        assert route.capacity is not None
        writer.link(
            name, writer.bus(route.commodity, route.from_),
            {writer.bus(route.commodity, route.to): 1.0 - _number(route.loss, "")},
            size=writer.rate(route.capacity, route.commodity),
            cost=writer.series(route.cost, f"CNY/{writer.unit(route.commodity)}"),
        )
    for name, supply in chain.supplies.items():
        writer.trade(name, supply, 1.0)
    for name, demand in chain.demands.items():
        writer.demand(name, demand)
    for name, store in chain.stores.items():
        assert store.capacity is not None
        unit = writer.unit(store.commodity)
        size = _number(store.capacity, unit)
        grown = writer.growth(store.expansion, unit, f"CNY/{unit}", size, "e_nom", 1.0)
        n.add("Store", name, bus=writer.bus(store.commodity, store.site), e_nom=size, e_cyclic=True,
              standing_loss=writer.series(store.loss, "1/h"), **grown)
    for bus in list(n.c.buses.static.index):
        if chain.commodities[bus.split("@")[0]].let_go:
            n.add("Generator", f"let go {bus}", bus=bus, sign=-1.0, p_nom=_FREE)
    return n


@_quietly()
def build(n: pypsa.Network) -> Any:
    """Build PyPSA's model, as its own `optimize` does before it solves."""
    return n.optimize.create_model(include_objective_constant=False)


@_quietly()
def hand_over(model: Any) -> highspy.Highs:
    """Hand the model to HiGHS in memory, without names: the fastest door there is."""
    solver: highspy.Highs = model.to_highspy(set_names=False)
    return solver


def objective_of(n: pypsa.Network, value: float) -> float:
    """Return the profit a minimised objective stands for: what is there already costs nothing to build."""
    given = 0.0
    for component, size in ((n.c.links.static, "p_nom"), (n.c.stores.static, "e_nom")):
        grown = component[component[f"{size}_extendable"]]
        given += float((grown["capital_cost"] * grown[size]).sum())
    return -(value - given)


@_quietly()
def hand_over_by_file(model: Any, file: Path) -> highspy.Highs:
    """Hand the model to HiGHS as an LP file, which is what PyPSA does unless told otherwise."""
    import highspy

    model.to_file(file, progress=False)
    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.readModel(str(file))
    return solver


@_quietly()
def optimise(n: pypsa.Network) -> float:
    """Build, solve and read back, as a user of PyPSA would; return the profit."""
    status, condition = n.optimize(
        solver_name="highs", solver_options={"output_flag": False}, include_objective_constant=False, progress=False
    )
    if status != "ok" or n.objective is None:
        raise RuntimeError(f"PyPSA stopped without an answer: {condition}")
    return objective_of(n, n.objective)


@_quietly()
def from_file_to_file(source: Path, target: Path) -> float:
    """Read a network, plan it and write what was found; return the profit."""
    import pypsa

    n = pypsa.Network(source)
    profit = optimise(n)
    n.export_to_netcdf(target)
    return profit


class _Writer:
    """Adds elements of a chain to a network."""

    def __init__(self, chain: Chain, n: pypsa.Network) -> None:
        self.chain, self.n = chain, n
        self.only_site = next(iter(chain.sites), "")
        self.buses: set[str] = set()

    def unit(self, commodity: str) -> str:
        return self.chain.commodities[commodity].unit

    def bus(self, commodity: str, site: str) -> str:
        name = f"{commodity}@{site or self.only_site}"
        if name not in self.buses:
            self.buses.add(name)
            self.n.add("Bus", name)
        return name

    def rate(self, quantity: Quantity, commodity: str) -> float:
        return _number(quantity, f"{self.unit(commodity)}/h")

    def series(self, value: Varying | None, unit: str, missing: float = 0.0) -> Any:
        """Return a number, or an array over the steps."""
        if value is None:
            return missing
        if not value.profile:
            return _number(value.times, unit)
        profile = self.chain.profiles[value.profile]
        if profile.unit != unit or value.times is not None or len(profile.values) != len(self.n.snapshots):
            raise ValueError(f"{value.profile}: expected one value a step, in {unit}, not scaled")
        return np.array(profile.values)

    def link(self, name: str, source: str, targets: dict[str, float], *, size: float, **more: Any) -> None:
        """Add a link that takes one unit from `source`; `targets` tells what it gives (or takes, below nought)."""
        ports: dict[str, Any] = {}
        for port, (bus, efficiency) in enumerate(targets.items(), 1):
            ports |= {f"bus{port}": bus, "efficiency" if port == 1 else f"efficiency{port}": efficiency}
        more["marginal_cost"] = more.pop("cost")
        self.n.add("Link", name, bus0=source, p_nom=size, **ports, **more)

    def process(self, name: str, process: Process) -> None:
        flows = [*process.inputs.values(), *process.outputs.values()]
        changing = any(flow.amount.profile for flow in flows)
        beside = process.modes or process.blends or process.part_load or process.on_off or process.tax or process.step
        if beside or changing:
            raise ValueError(f"{name}: not known to this translation")
        reference = process.reference or next(iter(process.outputs))
        amounts = {
            commodity: sign * _number(flow.amount.times, self.unit(commodity))
            for flows, sign in ((process.inputs, -1.0), (process.outputs, 1.0)) for commodity, flow in flows.items()
        }
        source = next(iter(process.inputs))
        taken = -amounts.pop(source)  # PyPSA counts a link by what it takes at bus0
        assert process.capacity is not None
        size = self.rate(process.capacity, reference)
        grown = self.growth(process.expansion, f"{self.unit(reference)}/h", f"CNY/({self.unit(reference)}/h)", size,
                            "p_nom", taken)
        for key in ("ramp_up", "ramp_down"):
            if getattr(process, key) is not None:
                grown[f"ramp_limit_{key[5:]}"] = _number(getattr(process, key), "1/h")
        self.link(
            name, self.bus(source, process.site),
            {self.bus(commodity, process.site): amount / taken for commodity, amount in amounts.items()},
            size=size * taken, cost=self.series(process.cost, f"CNY/{self.unit(reference)}") / taken,
            p_min_pu=self.series(process.min_load, ""), p_max_pu=self.series(process.availability, "", 1.0), **grown,
        )

    def growth(self, expansion: Expansion | None, unit: str, cost_unit: str, size: float, key: str,
               taken: float) -> dict[str, Any]:
        """Return PyPSA's words for capacity that may be built; its cost is the horizon's part of a yearly payment."""
        if expansion is None:
            return {}
        assert expansion.most is not None
        assert expansion.life is not None
        most = size + _number(expansion.most, unit)
        rate, years = self.chain.horizon.discount.value / 100.0, _number(expansion.life, "a")
        payment = _number(expansion.cost, cost_unit) * rate / (1.0 - (1.0 + rate) ** -years)
        return {
            f"{key}_extendable": True, f"{key}_min": size * taken, f"{key}_max": most * taken,
            "capital_cost": payment * len(self.n.snapshots) / 8760.0 / taken,
        }

    def trade(self, name: str, trade: Supply | Demand, sign: float) -> None:
        if trade.tiers or trade.tax or trade.least or trade.step:
            raise ValueError(f"{name}: not known to this translation")
        unit = self.unit(trade.commodity)
        most = self.series(trade.most, f"{unit}/h", _FREE)
        self.n.add(
            "Generator", name, bus=self.bus(trade.commodity, trade.site), sign=sign, p_nom=float(np.max(most)),
            p_max_pu=most / float(np.max(most)), marginal_cost=sign * self.series(trade.price, f"CNY/{unit}"),
        )

    def demand(self, name: str, demand: Demand) -> None:
        if demand.amount is None:
            self.trade(name, demand, -1.0)
        elif demand.unserved or demand.price or demand.tiers:
            raise ValueError(f"{name}: not known to this translation")
        else:
            amount = self.series(demand.amount, f"{self.unit(demand.commodity)}/h")
            self.n.add("Load", name, bus=self.bus(demand.commodity, demand.site), p_set=amount)


def _number(quantity: Quantity | None, unit: str) -> float:
    """Return a number that must be written in just this unit; nought if it is not given."""
    if quantity is None:
        return 0.0
    if quantity.unit.replace(" ", "") != unit:
        raise ValueError(f"{quantity}: expected {unit or 'a plain number'}")
    return quantity.value
