"""Quantities a person writes, and the registry that converts them.

A `Quantity` is a number and the unit it was written with; it is kept as written, so that writing a chain
gives back what was read. `Units` turns units into factors, with Chinese names and the chain's own counting
units. Engines never see either: their arrays are in canonical units (the commodity's own, hours,
kilometres, the chain's currency).
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

__all__ = ["Quantity", "UnitProblem", "Units", "alone", "parse_quantity"]

# Lengths of time are those of the planning calendar: a year of 365 days, a month a twelfth of it.
# Nm3 is a dimension of its own: a normal cubic metre is an amount of gas, not a volume of space.
_DEFINITIONS = """
k- = 1e3 = _ = kilo-
h- = 1e2
c- = 1e-2
m- = 1e-3
M- = 1e6
G- = 1e9
T- = 1e12
P- = 1e15
µ- = 1e-6 = u-
百- = 1e2
千- = 1e3
万- = 1e4
十万- = 1e5
百万- = 1e6
千万- = 1e7
亿- = 1e8
十亿- = 1e9
百亿- = 1e10
千亿- = 1e11
万亿- = 1e12
meter = [length] = m = metre = 米
gram = [mass] = g = 克
second = [time] = s = 秒
kelvin = [temperature]; offset: 0 = K
degC = kelvin; offset: 273.15 = °C = 摄氏度
ampere = [current] = A
normal_cubic_metre = [normal_volume] = Nm3 = 标方 = 标立方米 = 标准立方米
CNY = [currency] = 元 = yuan = RMB = 人民币
USD = [currency_usd] = 美元
EUR = [currency_eur] = 欧元
percent = 0.01
permille = 0.001
ppm = 1e-6
tonne = 1e6 g = t = ton = 吨
kilogram_zh = 1e3 g = 公斤 = 千克
km_zh = 1e3 m = 公里
minute = 60 s = min = 分钟
hour = 60 min = h = hr = 小时
day = 24 h = d = 天 = 日
week = 7 d = 周
year = 365 d = a = yr = 年
month = 730 h = mo = 月 = 个月
litre = 1e-3 m ** 3 = L = l = 升
cubic_metre = m ** 3 = m3 = 立方米 = 方
square_metre = m ** 2 = m2 = 平方米
square_kilometre = 1e6 m ** 2 = km2 = 平方公里
hectare = 1e4 m ** 2 = ha = 公顷
mu = 2000 / 3 m ** 2 = 亩
newton = kg * m / s ** 2 = N
joule = N * m = J = 焦
watt = J / s = W = 瓦
watt_hour = W * h = Wh = 瓦时
kilowatt_zh = 1e3 W = 千瓦
kilowatt_hour_zh = kW * h = 度 = 千瓦时
calorie = 4.1868 J = cal = 卡
kilocalorie_zh = 4186.8 J = 大卡
standard_coal_tonne = 29.3076e9 J = tce = 吨标煤 = 吨标准煤 = t标煤
standard_coal_gram = 29307.6 J = gce = 克标煤
pascal = N / m ** 2 = Pa
bar = 1e5 Pa
volt = W / A = V = 伏
hertz = 1 / s = Hz = 赫兹
decibel = [sound_level] = dB = 分贝
radian = [angle] = rad = 弧度
degree = 0.017453292519943295 rad = deg
"""
_COUNTING = "person = [person] = 人 | vehicle = [vehicle] = 辆 | trip = [trip] = 趟 | piece = [piece] = 件 = 个"

_SYMBOLS = str.maketrans({"％": "%", "·": "*", "×": "*", "÷": "/", "^": "^"})
_NUMBER = re.compile(
    r"""\s*(?P<value>[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?P<unit>.*)\Z""",
    re.DOTALL,
)


class UnitProblem(ValueError):
    """A unit that is not known, or one of the wrong dimension."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the unit it was written in; ``unit`` is ``""`` when plainly dimensionless."""

    value: float
    unit: str = ""

    def __str__(self) -> str:
        number = repr(int(self.value)) if _prints_as_integer(self.value) else repr(self.value)
        return f"{number} {self.unit}" if self.unit else number

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Read text such as ``"3.8 Mt/a"`` or a bare number; write text back."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            parse_quantity,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _plain, return_schema=core_schema.any_schema()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Describe a quantity to editors: text that starts with a number, or a number."""
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[+-]?[.\d]"}]}


def _prints_as_integer(value: float) -> bool:
    return math.isfinite(value) and value == int(value) and abs(value) < 1e15


def _plain(quantity: Quantity) -> str | float | int:
    if quantity.unit:
        return str(quantity)
    return int(quantity.value) if _prints_as_integer(quantity.value) else quantity.value


def parse_quantity(text: object) -> Quantity:
    """Read a number and its unit: ``3.8 Mt/a``, ``20t/d``, ``380万吨/年``, ``60 %``, ``1e3``.

    Raises
    ------
    ValueError
        If there is no finite number at the start.
    """
    if isinstance(text, Quantity):
        return text
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise ValueError("expected a number with its unit, such as '3.8 Mt/a'")
    if isinstance(text, int | float):
        if not math.isfinite(text):
            raise ValueError("expected a finite number")
        return Quantity(float(text))
    match = _NUMBER.match(unicodedata.normalize("NFKC", text))
    if match is None:
        raise ValueError("expected a number with its unit, such as '3.8 Mt/a'")
    value = float(match["value"].replace(",", ""))
    if not math.isfinite(value):
        raise ValueError("expected a finite number")
    unit = " ".join(match["unit"].split())
    if unit[:1] in (",", "."):
        raise ValueError("expected a number with its unit, such as '3.8 Mt/a' (decimals take a point)")
    return Quantity(value, unit)


@lru_cache(maxsize=4096)
def _pint_text(unit: str) -> str:
    """Rewrite a unit as people write it into one pint reads: ``MCNY per t/d`` is ``(MCNY)/(t/d)``."""
    text = unicodedata.normalize("NFKC", unit).translate(_SYMBOLS).replace("%", " percent ").replace("°C", "degC")
    parts = re.split(r"\s+per\s+|^per\s+|\s*每\s*", text)
    parts = [part.strip() or "1" for part in parts]
    out = f"({parts[0]})"
    for part in parts[1:]:
        out += f"/({part})"
    return re.sub(r"(?<=[^\W\d])\^?(-?\d+)(?=$|[\s*/)])", _power, out)


def _power(match: re.Match[str]) -> str:
    """``km2`` and ``m3`` are names of their own; only ``^`` marks a power."""
    return f"**{match[1]}" if match[0].startswith("^") else match[0]


_alone = False


def alone() -> None:
    """Say that this process is ours alone, so that nobody else in it wants of pint what we do not."""
    global _alone
    _alone = True


def _pint() -> ModuleType:
    """Return pint, in a process of our own without Dask.

    Pint loads Dask wherever it is installed, to know its arrays. It is given none here, and Dask takes longer to load
    than pint and all its units.
    """
    if not _alone or "pint" in sys.modules or "dask" in sys.modules:
        import pint

        return pint
    sys.modules["dask"] = None  # type: ignore[assignment]  # how Python is told that a module is not there
    try:
        import pint
    finally:
        del sys.modules["dask"]
    return pint


class Units:
    """The units one chain knows: the built-in ones and the counting units it declares.

    Parameters
    ----------
    own
        The chain's own units: name to definition. An empty definition (or the name itself) makes a new
        thing to count (``pair``); a quantity makes a multiple (``dozen: 12 pair``).
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._own = dict(own or {})
        self._factors: dict[tuple[str, str], float] = {}
        self._parsed: dict[str, Any] = {}
        self._offsets: dict[str, bool] = {}

    @staticmethod
    def of(own: Mapping[str, str]) -> Units:
        """Return the units with these of the chain's own; the same ones again for the same words."""
        return _units_of(tuple(own.items()))

    @cached_property
    def _registry(self) -> pint.UnitRegistry[Any]:
        registry: pint.UnitRegistry[Any] = _pint().UnitRegistry(None, on_redefinition="raise")
        for line in _DEFINITIONS.strip().splitlines() + _COUNTING.split("|"):
            registry.define(line.strip())
        for name, definition in self._own.items():
            text = definition.strip()
            body = f"[{name}]" if text in ("", name) else _pint_text(text)
            _try_unit(name, definition, lambda line=f"{name} = {body}": registry.define(line))  # type: ignore[misc]
        for name, definition in self._own.items():
            _try_unit(name, definition, lambda name=name: registry.get_root_units(name))  # type: ignore[misc]
        return registry

    def _parse(self, unit: str) -> Any:
        """Return pint's unit; reading one takes far longer than using it, so each is read once."""
        if unit not in self._parsed:
            self._parsed[unit] = self._parse_anew(unit)
        return self._parsed[unit]

    def _parse_anew(self, unit: str) -> Any:
        if not unit:
            return self._registry.Unit("")
        registry = self._registry
        try:
            quantity = registry.parse_expression(_pint_text(unit), case_sensitive=True)
            parsed = quantity.units if hasattr(quantity, "units") else registry.Unit("")
            magnitude = getattr(quantity, "magnitude", quantity)
        except Exception as error:
            raise UnitProblem(f"unknown unit {unit!r}") from error
        if magnitude != 1:
            raise UnitProblem(f"unit {unit!r} carries a number of its own")
        return parsed

    def known(self, unit: str) -> bool:
        """Say whether `unit` is one this chain can convert."""
        try:
            self._parse(unit)
        except UnitProblem:
            return False
        return True

    def dimension(self, unit: str) -> str:
        """Name the dimension of `unit` in plain words, such as ``mass / time``."""
        return _dimension_words(self._parse(unit).dimensionality)

    def factor(self, unit: str, to: str) -> float:
        """Return the number that turns an amount in `unit` into one in `to`.

        Raises
        ------
        UnitProblem
            If either is unknown, or the two differ in dimension; the message names both dimensions.
        """
        key = (unit, to)
        if key not in self._factors:
            source, target = self._parse(unit), self._parse(to)
            if source.dimensionality != target.dimensionality:
                found, wanted = self.dimension(unit), self.dimension(to)
                raise UnitProblem(f"{unit or 'a plain number'} is {found}, not {wanted} ({to or 'plain number'})")
            try:
                self._factors[key] = float(self._registry.Quantity(1.0, source).to(target).magnitude)
            except Exception as error:
                raise UnitProblem(f"{unit!r} does not convert to {to!r}") from error
        return self._factors[key]

    def convert(self, quantity: Quantity, to: str) -> float:
        """Return `quantity` as a number of `to`; temperatures with their offset."""
        if quantity.unit == to:
            return quantity.value
        if self._is_offset(quantity.unit) or self._is_offset(to):
            self.factor(quantity.unit.replace("degC", "K"), to.replace("degC", "K"))
            written = self._registry.Quantity(quantity.value, self._parse(quantity.unit))
            return float(written.to(self._parse(to)).magnitude)
        return quantity.value * self.factor(quantity.unit, to)

    def base(self, quantity: Quantity) -> tuple[float, dict[str, float]]:
        """Return a quantity in base units, and the powers of its dimensions."""
        found: Any = self._registry.Quantity(quantity.value, self._parse(quantity.unit)).to_base_units()
        return float(found.magnitude), {str(k): float(v) for k, v in found.dimensionality.items()}

    def _is_offset(self, unit: str) -> bool:
        if unit not in self._offsets:
            self._offsets[unit] = str(self._parse(unit)) == "degC"
        return self._offsets[unit]


@lru_cache(maxsize=16)
def _units_of(own: tuple[tuple[str, str], ...]) -> Units:
    return Units(dict(own))


def _try_unit(name: str, definition: str, step: Callable[[], object]) -> None:
    try:
        step()
    except Exception as error:
        raise UnitProblem(f"unit {name!r} cannot be defined as {definition!r}: {error}") from error


def _dimension_words(dimensions: Mapping[str, float]) -> str:
    """``{"[mass]": 1, "[length]": 2, "[time]": -2}`` reads better as ``energy``."""
    named = {
        (("[length]", 2.0), ("[mass]", 1.0), ("[time]", -2.0)): "energy",
        (("[length]", 2.0), ("[mass]", 1.0), ("[time]", -3.0)): "power",
        (("[length]", 2.0),): "area",
        (("[length]", 3.0),): "volume",
        (("[length]", 1.0), ("[time]", -1.0)): "speed",
        (): "dimensionless",
    }
    key = tuple(sorted((name, float(power)) for name, power in dimensions.items()))
    if key in named:
        return named[key]
    powers = dict(key)
    times = powers.get("[mass]", 0.0)
    if times and powers.get("[length]") == 2.0 * times:  # money per power reads better than by length, mass and time
        left = powers.pop("[time]", 0.0) + 2.0 * times
        del powers["[mass]"], powers["[length]"]
        word = ("power", left + times) if left * times < 0.0 else ("energy", left)
        key = (*powers.items(), (word[0], times), ("[time]", word[1]))

    def side(sign: int) -> str:
        words = []
        for name, power in key:
            if power * sign > 0:
                exponent = abs(power)
                words.append(name.strip("[]").replace("_", " ") + (f"^{exponent:g}" if exponent != 1 else ""))
        return " · ".join(words)

    above, below = side(1), side(-1)
    return f"{above or '1'} / {below}" if below else above
