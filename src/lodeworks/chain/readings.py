"""What a tag may read: the usual unit, the titles, and whether lives depend on it.

`flow`, `level`, `load` and `state` are of the tag's element and are counted by its commodity; all others have a
dimension of their own. A quantity that is not here may be named by a chain's `limits`, in their unit.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OF_ELEMENT", "READINGS", "Reading", "priority"]


@dataclass(frozen=True)
class Reading:
    """A thing read: `unit` is the usual one, and any of its dimension will do; `least` is the least there can be."""

    unit: str
    title_en: str
    title_zh: str
    life_safety: bool = False
    severity: str = "major"
    least: float = 0.0


ANY = float("-inf")
OF_ELEMENT = ("flow", "level", "load", "state")

READINGS: dict[str, Reading] = {
    "flow": Reading("", "flow", "流量"),
    "level": Reading("", "level", "存量"),
    "load": Reading("%", "load", "负荷"),
    "state": Reading("", "state", "状态"),
    "people": Reading("person", "people", "人数", True, "severe"),
    "stay": Reading("h", "longest stay", "最长停留", True, "severe"),
    "position": Reading("m", "position", "位置", least=ANY),
    "distance": Reading("m", "distance", "距离"),
    "methane": Reading("%", "methane", "甲烷", True, "life"),
    "co": Reading("ppm", "carbon monoxide", "一氧化碳", True, "life"),
    "co2": Reading("%", "carbon dioxide", "二氧化碳", True, "life"),
    "oxygen": Reading("%", "oxygen", "氧气", True, "life"),
    "hydrogen_sulphide": Reading("ppm", "hydrogen sulphide", "硫化氢", True, "life"),
    "hydrogen": Reading("%", "hydrogen in air", "空气中氢气", True, "life"),
    "temperature": Reading("degC", "temperature", "温度", False, "major", ANY),
    "humidity": Reading("%", "humidity", "湿度"),
    "air_speed": Reading("m/s", "air speed", "风速", True, "severe"),
    "air_pressure": Reading("Pa", "air pressure difference", "风压差", False, "severe", ANY),
    "pressure": Reading("kPa", "pressure", "压力", least=ANY),
    "dust": Reading("mg/m3", "dust", "粉尘", False, "major"),
    "smoke": Reading("", "smoke", "烟雾", True, "life"),
    "fire": Reading("", "fire", "明火", True, "life"),
    "water_level": Reading("m", "water level", "水位", True, "severe", ANY),
    "water_inflow": Reading("m3/h", "water inflow", "涌水量", True, "severe"),
    "speed": Reading("m/s", "speed", "速度"),
    "vibration": Reading("mm/s", "vibration", "振动"),
    "sound": Reading("dB", "sound", "声级", least=ANY),
    "current": Reading("A", "current", "电流"),
    "voltage": Reading("V", "voltage", "电压"),
    "power": Reading("kW", "power", "功率", least=ANY),
    "energy": Reading("kWh", "energy", "电量"),
    "charge": Reading("%", "charge of its battery", "电池电量"),
    "share": Reading("%", "share", "占比"),
    "money": Reading("CNY", "money", "金额", least=ANY),
    "count": Reading("", "count", "计数"),
    "time": Reading("s", "time", "时间"),
}

# Consequence × time allowed (up to 5 minutes, up to 30, longer): WATCH A4, after the matrix of EEMUA 191.
_MINUTES = (5.0, 30.0)
_PRIORITY = {"life": (1, 1, 2), "severe": (1, 2, 3), "major": (2, 3, 3), "minor": (3, 4, 4)}
SEVERITIES = tuple(_PRIORITY)


def priority(severity: str, hours: float) -> int:
    """Return the priority of an alarm, 1 (most urgent) to 4, by how bad it is and how long one has."""
    column = sum(hours * 60.0 > limit + 1e-9 for limit in _MINUTES)
    return _PRIORITY[severity][column]
