"""The chains that are measured, made in Python from fixed random numbers; every number in its canonical unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lodeworks.chain.entities import Chain

__all__ = ["CHAINS", "ladder", "long_store", "odd_units", "units", "works"]

Floats = npt.NDArray[np.float64]


def _chain(name: str, steps: int, **sections: Any) -> Chain:
    """Return a chain of hourly steps from its sections."""
    return Chain.model_validate({
        "chain": name,
        "horizon": {"start": "2026-01-01", "step": "1 h", "length": f"{steps} h", "cyclic": False},
        **sections,
    })


def works(steps: int, sites: int = 1, *, grow: bool = True) -> Chain:
    """Return coal, coke, gas, hydrogen and power at each of some works, and one station their pipes meet at.

    A mine whose availability changes by the hour feeds a coke oven that can neither stop nor turn quickly; its gas
    makes hydrogen or power, or is let go; hydrogen is stored, piped and must meet an hourly demand; power is bought
    and sold at hourly prices. With `grow`, hydrogen plant and tank can be built.
    """
    rng = np.random.default_rng(2026)
    hour = np.arange(steps)
    day = 1.0 + 0.35 * np.sin(2.0 * np.pi * (hour - 9) / 24.0)
    parts: dict[str, dict[str, Any]] = {key: {} for key in ("processes", "supplies", "demands", "routes", "stores")}
    profiles: dict[str, Any] = {
        "hydrogen demand": _profile(200.0 * sites * day * rng.uniform(0.9, 1.1, steps), "kg/h"),
        "hydrogen price": _profile(rng.uniform(14.0, 34.0, steps), "CNY/kg"),
    }
    for number in range(sites):
        site = f"works{number}"
        profiles |= {
            f"open {site}": _profile(rng.uniform(0.55, 1.0, steps), ""),
            f"buy {site}": _profile(0.52 * day * rng.uniform(0.85, 1.15, steps), "CNY/kWh"),
            f"sell {site}": _profile(0.36 * day * rng.uniform(0.85, 1.15, steps), "CNY/kWh"),
            f"coke price {site}": _profile(rng.uniform(900.0, 1500.0, steps), "CNY/t"),
        }
        for key, elements in _one_works(site, grow=grow).items():
            parts[key] |= elements
    parts["demands"]["station"] = {"commodity": "hydrogen", "site": "station", "amount": "hydrogen demand"}
    parts["demands"]["market"] = {
        "commodity": "hydrogen", "site": "station", "price": "hydrogen price", "most": f"{150 * sites} kg/h",
    }
    parts["stores"]["station tank"] = {"commodity": "hydrogen", "site": "station", "capacity": f"{1500 * sites} kg"}
    return _chain(
        "works", steps, **parts, profiles=profiles,
        sites={"station": {}, **{f"works{number}": {} for number in range(sites)}},
        commodities={
            "coal": {"unit": "t"}, "coke": {"unit": "t"}, "gas": {"unit": "Nm3", "let_go": True},
            "tail_gas": {"unit": "Nm3", "let_go": True}, "hydrogen": {"unit": "kg"}, "power": {"unit": "kWh"},
        },
    )


def _one_works(site: str, *, grow: bool) -> dict[str, dict[str, Any]]:
    psa: dict[str, Any] = {
        "inputs": {"gas": "23.4 Nm3", "power": "2.3 kWh"}, "outputs": {"hydrogen": "1 kg", "tail_gas": "12.2 Nm3"},
        "reference": "hydrogen", "capacity": "320 kg/h", "cost": "1.1 CNY/kg",
    }
    tank: dict[str, Any] = {"commodity": "hydrogen", "capacity": "2000 kg"}
    if grow:
        psa["expansion"] = {"most": "150 kg/h", "cost": "91200 CNY/(kg/h)", "life": "20 a"}
        tank["expansion"] = {"most": "6000 kg", "cost": "4000 CNY/kg", "life": "25 a"}
    processes = {
        "mine": {
            "inputs": {"power": "20 kWh"}, "outputs": {"coal": "1 t"}, "capacity": "110 t/h",
            "availability": f"open {site}", "cost": "260 CNY/t",
        },
        "oven": {
            "inputs": {"coal": "1.37 t", "power": "45 kWh"}, "outputs": {"coke": "1 t", "gas": "215 Nm3"},
            "reference": "coke", "capacity": "60 t/h", "min_load": "0.6", "cost": "310 CNY/t",
            "ramp_up": "0.05 1/h", "ramp_down": "0.08 1/h",
        },
        "psa": psa,
        "gas power": {
            "inputs": {"gas": "0.625 Nm3"}, "outputs": {"power": "1 kWh"}, "capacity": "12000 kWh/h",
            "cost": "0.05 CNY/kWh",
        },
        "tail power": {
            "inputs": {"tail_gas": "1.43 Nm3"}, "outputs": {"power": "1 kWh"}, "capacity": "3000 kWh/h",
            "cost": "0.06 CNY/kWh",
        },
    }
    return {
        "processes": {f"{name} {site}": {"site": site, **process} for name, process in processes.items()},
        "supplies": {
            f"buy {site}": {"commodity": "power", "site": site, "price": f"buy {site}", "most": "40000 kWh/h"},
        },
        "demands": {
            f"sell {site}": {"commodity": "power", "site": site, "price": f"sell {site}", "most": "60000 kWh/h"},
            f"coke {site}": {"commodity": "coke", "site": site, "price": f"coke price {site}", "most": "80 t/h"},
        },
        "routes": {
            f"pipe {site}": {
                "commodity": "hydrogen", "from": site, "to": "station", "capacity": "430 kg/h", "cost": "0.3 CNY/kg",
                "loss": "0.01",
            },
        },
        "stores": {
            f"yard {site}": {"commodity": "coal", "site": site, "capacity": "5000 t"},
            f"holder {site}": {"commodity": "gas", "site": site, "capacity": "80000 Nm3", "loss": "0.0002 1/h"},
            f"tank {site}": {"site": site, **tank},
        },
    }


def ladder(steps: int, rungs: int = 300) -> Chain:
    """Return many commodities, each made from the one before and from power; some have a store."""
    rng = np.random.default_rng(7)
    commodities = {"power": {"unit": "kWh"}, **{f"c{k}": {"unit": "t"} for k in range(rungs + 1)}}
    processes = {
        f"make c{k + 1}": {
            "inputs": {f"c{k}": f"{1.0 + rng.uniform(0.0, 0.02)!r} t", "power": f"{rng.uniform(1, 9)!r} kWh"},
            "outputs": {f"c{k + 1}": "1 t"}, "capacity": f"{rng.uniform(120, 160)!r} t/h",
            "cost": f"{rng.uniform(0, 1)!r} CNY/t",
        }
        for k in range(rungs)
    }
    return _chain(
        "ladder", steps, commodities=commodities, processes=processes,
        supplies={
            "c0": {"commodity": "c0", "price": "10 CNY/t"},
            "power": {"commodity": "power", "price": "power price"},
        },
        demands={"out": {"commodity": f"c{rungs}", "price": "out price", "most": "100 t/h"}},
        stores={f"s{k}": {"commodity": f"c{k}", "capacity": "500 t"} for k in range(10, rungs, 30)},
        profiles={
            "power price": _profile(rng.uniform(0.2, 0.9, steps), "CNY/kWh"),
            "out price": _profile(rng.uniform(900, 1600, steps), "CNY/t"),
        },
    )


def odd_units(steps: int, sites: int = 1) -> Chain:
    """Return the works with coal in millions of tonnes, hydrogen in milligrams: coefficients from 1e-12 to 1e9."""
    written = works(steps, sites).model_dump(mode="json")
    for name, unit in {"coal": "Mt", "hydrogen": "mg", "power": "GWh"}.items():
        written["commodities"][name]["unit"] = unit
    return Chain.model_validate(written)


def long_store(steps: int) -> Chain:
    """Return one store that carries a steady supply to a demand of a few hours a month: one long chain of levels."""
    rng = np.random.default_rng(11)
    price = rng.uniform(50.0, 100.0, steps) + np.where(np.arange(steps) % 730 < 24, 400.0, 0.0)
    return _chain(
        "long store", steps,
        commodities={"ore": {"unit": "t"}},
        supplies={"ore": {"commodity": "ore", "price": "80 CNY/t", "most": "1 t/h"}},
        demands={"ore out": {"commodity": "ore", "price": "ore price", "most": "40 t/h"}},
        stores={"heap": {"commodity": "ore", "capacity": "1000 t", "loss": "0.00001 1/h"}},
        profiles={"ore price": _profile(price, "CNY/t")},
    )


def units(steps: int, count: int) -> Chain:
    """Return power units that start, stop and turn slowly, a reservoir, dear imports, and a load of day and night."""
    rng = np.random.default_rng(1)
    size = rng.uniform(50.0, 200.0, count)
    total = float(size.sum())
    load = total * (0.55 + 0.25 * np.sin(2.0 * np.pi * (np.arange(steps) - 9) / 24.0)) * rng.uniform(0.9, 1.1, steps)
    works = {
        f"unit{i}": {
            "outputs": {"power": "1 MWh"}, "capacity": f"{size[i]} MWh/h", "min_load": f"{rng.uniform(30, 60)} %",
            "on_off": True, "cost": f"{rng.uniform(150, 400)} CNY/MWh",
            "start_cost": f"{size[i] * rng.uniform(20, 99)} CNY",
            "min_up": f"{rng.integers(2, 8)} h", "min_down": f"{rng.integers(2, 6)} h",
            "ramp_up": f"{rng.uniform(20, 50)} %/h", "ramp_down": f"{rng.uniform(20, 50)} %/h",
            "start_load": "60 %", "stop_load": "60 %",
        } for i in range(count)
    }
    return _chain(
        "units", steps, objective="cost", commodities={"power": {"unit": "MWh"}}, processes=works,
        profiles={"load": _profile(load, "MWh/h")}, demands={"grid": {"commodity": "power", "amount": "load"}},
        supplies={"import": {"commodity": "power", "price": "900 CNY/MWh"}},
        stores={"reservoir": {"commodity": "power", "capacity": f"{total} MWh", "loss": "0.1 %/h",
                              "charge": f"{0.1 * total} MWh/h", "discharge": f"{0.1 * total} MWh/h"}},
    )


def _profile(values: Floats, unit: str) -> dict[str, Any]:
    return {"values": np.round(values, 4).tolist(), "unit": unit}


CHAINS: dict[str, Callable[..., Chain]] = {
    "works": works, "ladder": ladder, "odd units": odd_units, "long store": long_store,
    "units": units,
}
