"""A PyPSA network file (NetCDF) as plain arrays: components with their columns and series. Nothing is judged here.

A network of several investment periods or scenarios is a source for each of them (`slices`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lodeworks.errors import InputError, Problem
from lodeworks.files import written_whole

__all__ = ["LISTS", "Component", "Lists", "Source", "nothing_of", "open_network", "source_of", "write_lists"]

Floats = npt.NDArray[np.float64]

# Names of component lists in the file; longer ones before those they begin with.
LISTS = (
    "buses", "carriers", "generators", "loads", "links", "lines", "line_types", "transformers", "transformer_types",
    "stores", "storage_units", "global_constraints", "processes", "shunt_impedances", "sub_networks", "shapes",
)
_WEIGHTS = ("objective", "stores", "generators")
_WANTED = (
    "a network written by PyPSA's export_to_netcdf; what it keeps as CSV, HDF5 or Excel becomes one by "
    "pypsa.Network('here').export_to_netcdf('there.nc')"
)


@dataclass
class Component:
    """One list of a network: names, columns by attribute, and series by attribute and name."""

    names: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    series: dict[str, dict[str, Floats]] = field(default_factory=dict)

    def text(self, i: int, attribute: str, default: str = "") -> str:
        """Return a text; the default where it is not given."""
        value = self.columns[attribute][i] if attribute in self.columns else default
        return default if value is None or value != value else str(value)

    def number(self, i: int, attribute: str, default: float) -> float:
        """Return a number; the default where it is not given."""
        value = self.columns[attribute][i] if attribute in self.columns else default
        return float(default if value is None or (isinstance(value, str) and not value) else value)

    def flag(self, i: int, attribute: str, default: bool = False) -> bool:
        """Return whether something is so."""
        return bool(self.columns[attribute][i]) if attribute in self.columns else default

    def varying(self, i: int, attribute: str, default: float) -> float | Floats:
        """Return the series of a thing, else its number."""
        own = self.series.get(attribute, {}).get(self.names[i])
        return own if own is not None else self.number(i, attribute, default)


@dataclass
class Source:
    """A network in one period and scenario: its components, the first instant, and what each snapshot weighs.

    `period` is the year of an investment period; nothing where there are none.
    """

    name: str
    components: dict[str, Component]
    start: np.datetime64
    objective: Floats
    stores: Floats
    generators: Floats
    period: int | None = None

    def __getitem__(self, key: str) -> Component:
        return self.components.setdefault(key, Component())

    def stands(self, kind: str, i: int) -> bool:
        """Return whether a component is there in this period: built by its beginning and not yet at its life's end."""
        part = self[kind]
        if not part.flag(i, "active", True):
            return False
        if self.period is None:
            return True
        built, life = part.number(i, "build_year", 0.0), part.number(i, "lifetime", np.inf)
        return built <= self.period < built + life


def open_network(path: Path) -> Any:
    """Return a network file's data set, loaded.

    Raises
    ------
    InputError
        If there is none, or it is no NetCDF file of a network.
    """
    if not path.exists():
        raise InputError(Problem("there is no such file", file=str(path)))
    if path.is_dir():
        raise InputError(Problem("a folder, not a NetCDF file", file=str(path), expected=_WANTED))
    try:
        import xarray
    except ModuleNotFoundError as error:
        raise InputError(Problem("reading a network file needs xarray and netCDF4", found="not installed",
                                 expected="pip install 'lodeworks[pypsa]'")) from error
    try:
        with xarray.open_dataset(path, engine="netcdf4", decode_timedelta=False) as data:
            data.load()
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(Problem("not a NetCDF file", file=str(path), found=str(error).splitlines()[0],
                                 expected=_WANTED)) from None
    if "buses_i" not in data.coords or "snapshots" not in data.coords:
        raise InputError(Problem("a NetCDF file, but not of a PyPSA network", file=str(path),
                                 found=", ".join(list(map(str, data.variables))[:6]) or "nothing",
                                 expected=f"buses_i and snapshots among its variables: {_WANTED}"))
    return data


def source_of(data: Any, path: Path, period: int | None = None) -> Source:
    """Return what a data set of one period and scenario holds."""
    components = {name: Component() for name in LISTS}
    for name in LISTS:
        if f"{name}_i" in data.coords:
            components[name].names = [str(v) for v in data.coords[f"{name}_i"].values]
    for name in (str(key).removesuffix("_i") for key in data.coords if str(key).endswith("_i")):
        if name not in (*LISTS, "scenarios") and "_t_" not in name:  # of a later version, or of somebody's own
            components[name] = Component([str(v) for v in data.coords[f"{name}_i"].values])
    for key in map(str, data.data_vars):
        for name in sorted(LISTS, key=len, reverse=True):
            if key.startswith(f"{name}_t_"):
                attribute, values = key[len(name) + 3:], data[key].values
                owners = [str(v) for v in data.coords[f"{key}_i"].values] if values.ndim == 2 else []
                columns = {owner: np.asarray(values[:, k], float) for k, owner in enumerate(owners)}
                components[name].series[attribute] = columns
                break
            if key.startswith(f"{name}_"):
                components[name].columns[key[len(name) + 1:]] = data[key].values
                break
    count = int(data.sizes["snapshots"])
    given = next((key for key in ("snapshots_snapshot", "snapshots_timestep") if key in data), "snapshots")
    times = np.asarray(data[given].values)
    dated = np.issubdtype(times.dtype, np.datetime64)
    start = times[0] if dated else np.datetime64(f"{period if period is not None else 2013}-01-01")

    def weights(key: str) -> Floats:
        names = (f"snapshots_{key}", "snapshots_weightings")  # before PyPSA 0.18 there was one weight for all
        name = names["snapshots_weightings" in data and not any(f"snapshots_{k}" in data for k in _WEIGHTS)]
        return np.asarray(data[name].values, float).ravel() if name in data else np.ones(count)

    return Source(str(data.attrs.get("network_name") or "") or path.stem, components, start, weights("objective"),
                  weights("stores"), weights("generators"), period)


@dataclass
class Lists:
    """Components on their way into a file, by kind and name: attributes, and those that change over time."""

    fixed: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    series: dict[str, dict[str, dict[str, Floats]]] = field(default_factory=dict)

    def add(self, kind: str, name: str, columns: dict[str, Any]) -> None:
        """Add a component; numbers over time go into series."""
        fixed = self.fixed.setdefault(kind, {}).setdefault(name, {})
        for key, value in columns.items():
            if isinstance(value, np.ndarray) and np.all(value == value[0]):
                value = float(value[0])
            if isinstance(value, np.ndarray):
                self.series.setdefault(kind, {}).setdefault(key, {})[name] = value
            else:
                fixed[key] = value

    def over(self, kind: str, name: str, key: str, count: int) -> Floats:
        """Return an attribute over time, the same in all steps where it does not change."""
        own = self.series.get(kind, {}).get(key, {}).get(name)
        return own if own is not None else np.full(count, float(self.fixed[kind][name].get(key, nothing_of(key))))


def write_lists(
    path: Path, name: str, times: Any, hours: Floats, made: list[Lists], chances: dict[str, float],
    meta: dict[str, Any], periods: dict[str, Floats] | None = None, counted: Floats | float = 1.0,
) -> None:
    """Write component lists as a network file; whole or not at all.

    Parameters
    ----------
    times, hours
        When each snapshot begins, and how long it lasts.
    made
        Those of each scenario, of the same components in the same order; one where there are none.
    chances
        Probability of each scenario; empty where there are none.
    periods, counted
        Years of investment periods and what each counts, of which all have the times; how often each snapshot counts.
    """
    import json

    import xarray

    data = xarray.Dataset(attrs={
        "network__multi_invest": int(periods is not None), "network_name": name, "network_pypsa_version": "1.0.0",
        "network_srid": 4326, "crs": json.dumps({}), "meta": json.dumps(meta, ensure_ascii=False),
    })
    data.coords["snapshots"] = ("snapshots", np.arange(len(times)))
    data["snapshots_timestep" if periods else "snapshots_snapshot"] = ("snapshots", times.astype("datetime64[ns]"))
    for key, times_hours in (("objective", counted), ("stores", 1.0), ("generators", counted)):
        data[f"snapshots_{key}"] = ("snapshots", hours * times_hours)
    if periods:
        years = periods["period"].astype(np.int64)
        data["snapshots_period"] = ("snapshots", np.repeat(years, len(times) // len(years)))
        data.coords["investment_periods"] = ("investment_periods", years)
        for key in ("objective", "years"):
            data[f"investment_periods_{key}"] = ("investment_periods", periods[key])
    apart = ("scenario",) if chances else ()
    if chances:
        data.coords["scenario"] = ("scenario", np.array(list(chances), object))
        data["scenario_weight"] = ("scenario", np.array(list(chances.values())))
    for kind, things in made[0].fixed.items():
        data.coords[f"{kind}_i"] = (f"{kind}_i", np.array(list(things), object))
        for key in dict.fromkeys(key for own in made for columns in own.fixed[kind].values() for key in columns):
            filled = next(columns[key] for own in made for columns in own.fixed[kind].values() if key in columns)
            nothing = "" if isinstance(filled, str) else False if isinstance(filled, bool) else nothing_of(key)
            table = [[own.fixed[kind][thing].get(key, nothing) for thing in things] for own in made]
            values = np.array(table, object if isinstance(filled, str) else None)
            data[f"{kind}_{key}"] = ((*apart, f"{kind}_i"), values if chances else values[0])
        for key in dict.fromkeys(key for own in made for key in own.series.get(kind, {})):
            index = f"{kind}_t_{key}_i"
            rows = [thing for thing in things if any(thing in own.series.get(kind, {}).get(key, {}) for own in made)]
            data.coords[index] = (index, np.array(rows, object))
            values = np.stack([
                np.stack([own.over(kind, thing, key, len(times)) for thing in rows], axis=1) for own in made], axis=1)
            data[f"{kind}_t_{key}"] = (("snapshots", *apart, index), values if chances else values[:, 0])
    with written_whole(path) as draft:
        data.to_netcdf(draft, engine="netcdf4")


def nothing_of(key: str) -> float:
    """Return the value at which an attribute says nothing."""
    if key.startswith(("ramp_limit", "state_of_charge_set", "e_set", "investment_period", "p_init")):
        return float("nan")
    if key.endswith("_max") or key == "lifetime":
        return float("inf")
    ones = ("up_time_before", "efficiency", "sign", "p_max_pu", "e_max_pu", "s_max_pu", "max_hours", "v_nom")
    return 1.0 if key.startswith(ones) else 0.0
