"""Numbers as people read them: sensible digits, and the multiples each language is used to.

Chinese readers get 万 and 亿, English ones k and M. Only the writing changes; nothing here rounds what is kept.
"""

from __future__ import annotations

import math
import re

__all__ = [
    "LEAST_HOURS", "MULTIPLES", "Scale", "amounts_told", "at_most", "counted", "digits", "duration", "money",
    "money_scale", "percent", "quantity", "scale_of", "unit_words",
]

LEAST_HOURS = 1.0 / 3600.0
"""What lasts less than a second is written and drawn as nothing, or as a second."""

Scale = tuple[float, str]

_EN: dict[str, tuple[Scale, ...]] = {
    "t": ((1e6, "Mt"), (1e3, "kt"), (1.0, "t")),
    "kg": ((1e9, "Mt"), (1e6, "kt"), (1e3, "t"), (1.0, "kg")),
    "kWh": ((1e9, "TWh"), (1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh")),
    "MWh": ((1e6, "TWh"), (1e3, "GWh"), (1.0, "MWh")),
    "MJ": ((1e9, "PJ"), (1e6, "TJ"), (1e3, "GJ"), (1.0, "MJ")),
    "GJ": ((1e6, "PJ"), (1e3, "TJ"), (1.0, "GJ")),
    "Nm3": ((1e9, "bn Nm³"), (1e6, "million Nm³"), (1.0, "Nm³")),
    "m3": ((1e9, "bn m³"), (1e6, "million m³"), (1.0, "m³")),
    "kWh/h": ((1e6, "GW"), (1e3, "MW"), (1.0, "kW")),
    "MWh/h": ((1e3, "GW"), (1.0, "MW")),
    "kW": ((1e6, "GW"), (1e3, "MW"), (1.0, "kW")),
    "MW": ((1e3, "GW"), (1.0, "MW")),
}
_ZH: dict[str, tuple[Scale, ...]] = {
    "t": ((1e8, "亿吨"), (1e4, "万吨"), (1.0, "吨")),
    "kg": ((1e7, "万吨"), (1e3, "吨"), (1.0, "千克")),
    "kWh": ((1e8, "亿千瓦时"), (1e4, "万千瓦时"), (1.0, "千瓦时")),
    "MWh": ((1e5, "亿千瓦时"), (10.0, "万千瓦时"), (1.0, "兆瓦时")),
    "MJ": ((1e9, "拍焦"), (1e6, "太焦"), (1e3, "吉焦"), (1.0, "兆焦")),
    "GJ": ((1e6, "拍焦"), (1e3, "太焦"), (1.0, "吉焦")),
    "Nm3": ((1e8, "亿标方"), (1e4, "万标方"), (1.0, "标方")),
    "m3": ((1e8, "亿立方米"), (1e4, "万立方米"), (1.0, "立方米")),
    "kWh/h": ((1e4, "万千瓦"), (1.0, "千瓦")),
    "MWh/h": ((10.0, "万千瓦"), (1.0, "兆瓦")),
    "kW": ((1e4, "万千瓦"), (1.0, "千瓦")),
    "MW": ((10.0, "万千瓦"), (1.0, "兆瓦")),
}
_ZH_WORDS = {
    "CNY": "元",
    "t": "吨",
    "kg": "千克",
    "g": "克",
    "s": "秒",
    "min": "分",
    "h": "时",
    "a": "年",
    "d": "天",
    "kWh": "千瓦时",
    "MWh": "兆瓦时",
    "Nm3": "标方",
    "m3": "立方米",
    "m2": "平方米",
    "km": "公里",
    "m": "米",
    "MJ": "兆焦",
    "GJ": "吉焦",
    "vehicle": "辆",
    "vehicles": "辆",
    "pair": "双",
    "person": "人",
    "crew": "班组",
    "Mt": "百万吨",
    "MCNY": "百万元",
    "project": "个项目",
    "list": "份清单",
    "team": "支队伍",
    "post": "个岗位",
    "firm": "家企业",
    "month": "个月",
    "order": "单",
    "kt": "千吨",
    "kW": "千瓦",
    "MW": "兆瓦",
    "trip": "趟",
    "case": "件",
    "tree": "株",
    "ladle": "包",
    "visit": "次",
    "contact": "次",
    "workday": "工日",
    "lot": "批",
    "mu": "亩",
    "week": "周",
    "household": "户",
    "households": "户",
}
MULTIPLES = {"Mt": ("t", 1e6), "kt": ("t", 1e3), "MCNY": ("CNY", 1e6), "GCNY": ("CNY", 1e9)}
"""Multiples that somebody wrote, each of what it is one."""
_TIMES = ((72.0, "d", "天"), (1.0, "h", "小时"), (1.0 / 60.0, "min", "分钟"), (LEAST_HOURS, "s", "秒"))
_WRITTEN = re.compile(r"(-?[\d,.]+) ([亿万]?)(元|吨|度)(?:/(年|月|天|日|吨))?")
_PER = {"年": "a", "月": "month", "天": "d", "日": "d", "吨": "t"}
_MULTIPLE = re.compile(r"([-−]?\d[\d,.]*) (Mt|kt|MCNY|GCNY)\b")
_COUNTED = re.compile(r"(-?[\d,.]+) (project|list|team|post|firm|month|window|vehicle)\b")
_THINGS = frozenset({  # which English counts
    "case", "contact", "firm", "household", "ladle", "list", "lot", "order", "post", "project", "team", "tree", "trip",
    "visit", "workday",
})
_EN_WORDS = {"Nm3": "Nm³", "m3": "m³", "m2": "m²"}


def digits(value: float) -> str:
    """Return a number with three or four digits that mean something."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size < 1e-9:
        return "0"
    if size < 1e-3:
        return f"{value:.2g}".replace("-", "−", 1) if value < 0.0 else f"{value:.2g}"
    places = 0 if size >= 999.5 else 1 if size >= 99.95 else 2 if size >= 0.995 else 3
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def percent(share: float, language: str = "en") -> str:
    """Return a share as a percentage; Chinese sets no space before the sign."""
    value = 100.0 * share
    places = 0 if abs(value) >= 99.95 or abs(value - round(value)) < 0.005 else 1
    return f"{value:.{places}f}{'' if language == 'zh' else ' '}%".replace("-", "−")


def at_most(share: float, language: str = "en") -> str:
    """Return a bound as a percentage of two digits, rounded up, so that what is said holds: 0.011 %, 0.47 %, 12 %."""
    value = 100.0 * share
    if value <= 0.0:
        return percent(0.0, language)
    value = max(value, 1e-4)
    places = max(0, 1 - math.floor(math.log10(value)))
    rounded = math.ceil(value * 10.0**places - 1e-6) / 10.0**places
    text = f"{rounded:.{places}f}"
    return f"{text.rstrip('0').rstrip('.') if places else text}{'' if language == 'zh' else ' '}%"


def duration(hours: float, language: str = "en") -> str:
    """Return a time in the unit that reads best: 12 min, 3.5 h, 4.2 d."""
    if not math.isfinite(hours):
        return "–"
    if hours < LEAST_HOURS:
        return "0分钟" if language == "zh" else "0 min"
    least, en, zh = next((unit for unit in _TIMES if hours >= 0.9995 * unit[0]), _TIMES[-1])
    return f"{digits(hours / min(least, 24.0))}{zh if language == 'zh' else ' ' + en}"


def scale_of(size: float, unit: str, language: str) -> Scale:
    """Return the divisor and unit in which an amount of this size reads best."""
    scales = (_ZH if language == "zh" else _EN).get(unit)
    if scales is None and unit in MULTIPLES:
        base, many = MULTIPLES[unit]
        divisor, words = scale_of(abs(size) * many, base, language)
        return divisor / many, words
    if scales is None and unit[-2:] in ("/a", "/d") and unit[:-2] in _EN:
        divisor, words = scale_of(abs(size), unit[:-2], language)
        return divisor, f"{words}/{unit_words(unit[-1], language)}"
    if scales is None:
        words = unit_words(unit, language)
        if language == "zh":
            return (1e8, f"亿{words}") if size >= 1e8 else (1e4, f"万{words}") if size >= 1e5 else (1.0, words)
        return (1e6, f"million {words}") if size >= 1e6 else (1.0, words)
    return next((scale for scale in scales if abs(size) >= 0.9995 * scale[0]), scales[-1])


def quantity(value: float, unit: str, language: str) -> str:
    """Return an amount with the multiple of its unit that reads best."""
    divisor, words = scale_of(abs(value), unit, language)
    number = digits(value / divisor)
    many = "s" if language == "en" and words in _THINGS and number not in ("1", "−1") else ""
    return f"{number} {words}{many}".rstrip()


def money_scale(size: float, currency: str, language: str) -> Scale:
    """Return the divisor and unit in which a sum of money of this size reads best; what is no money is counted."""
    if counted(currency):
        return scale_of(size, currency, language)
    if language == "zh":
        yuan = _ZH_WORDS.get(currency, currency)
        return (1e8, f"亿{yuan}") if size >= 0.9995e8 else (1e4, f"万{yuan}") if size >= 0.9995e4 else (1.0, yuan)
    if size >= 0.9995e6:
        return 1e6, f"M{currency}"
    return (1e3, f"k{currency}") if size >= 0.9995e4 else (1.0, currency)


def counted(currency: str) -> bool:
    """Whether sums are of a unit of the chain's own: no currency, whose codes are capitals."""
    return bool(currency) and not currency.isupper()


def money(value: float, currency: str, language: str) -> str:
    """Return a sum of money: 12.3 亿元, 1,230 MCNY."""
    divisor, words = money_scale(abs(value), currency, language)
    return f"{digits(value / divisor)} {words}"


def unit_words(unit: str, language: str) -> str:
    """Return a unit in the language's words: CNY/(t/h) is 元/(吨/时) in Chinese."""
    words = _ZH_WORDS if language == "zh" else _EN_WORDS
    scales = _ZH if language == "zh" else _EN
    unit = re.sub(r"\((\w+)\)", r"\1", re.sub(r"\b(k|M)Wh/h\b", r"\1W", unit))
    if unit in scales and unit not in words:
        return scales[unit][-1][1]
    return re.sub(r"[A-Za-z]\w*", lambda match: words.get(match.group(), match.group()), unit)


def _in_ten_thousands(match: re.Match[str]) -> str:
    base, many = MULTIPLES[match[2]]
    return quantity(float(match[1].replace(",", "").replace("−", "-")) * many, base, "zh")


def amounts_told(text: str, language: str) -> str:
    """Return amounts as somebody wrote them, in the units and multiples of a language: 160 亿元 is 16,000 MCNY."""
    if language == "zh":
        return unit_words(_MULTIPLE.sub(_in_ten_thousands, text), "zh")

    def written(match: re.Match[str]) -> str:
        number, many, unit, per = match.groups()
        value = float(number.replace(",", "")) * {"亿": 1e8, "万": 1e4}.get(many, 1.0)
        if unit == "元":
            divisor, name = (1e6, "MCNY") if abs(value) >= 1e6 else (1.0, "CNY")
        else:
            divisor, name = next(s for s in _EN["t" if unit == "吨" else "kWh"] if abs(value) >= s[0] or s[0] == 1.0)
        return f"{digits(value / divisor)} {name}" + (f"/{_PER[per]}" if per else "")

    def counted(match: re.Match[str]) -> str:
        return f"{match[1]} {match[2]}" + ("" if match[1] in ("1", "-1") else "s")

    return _COUNTED.sub(counted, unit_words(_WRITTEN.sub(written, text).replace(" 元/", " CNY/"), "en"))
