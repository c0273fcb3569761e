"""The kinds of feed and of alarm there are, what an alarm of a kind is called, and which kinds have limits.

What a kind needs beside is for the checks; how it is listened to or judged is for the live reading.
"""

from __future__ import annotations

__all__ = ["ALARM_KINDS", "FEED_KINDS", "LEVELLED", "NEED_LEVELS"]

FEED_KINDS = ("mqtt", "sparkplug", "opcua", "modbus", "push", "replay", "rehearsal")
"""Where live data may come from."""

ALARM_KINDS: dict[str, tuple[str, str]] = {
    "limit": ("limit", "越限"), "rate": ("rate of change", "变化过快"), "deviation": ("off plan", "偏离计划"),
    "time_left": ("time left", "剩余时间不足"), "stuck": ("stuck", "数值不变"),
    "stale": ("no data", "数据中断"), "bad": ("bad data", "数据异常"), "discrete": ("state", "状态报警"),
    "expression": ("condition", "条件报警"),
}
"""Each kind of alarm with its title in English and Chinese."""

NEED_LEVELS = ("limit", "rate", "deviation", "time_left")
"""The kinds of alarm that are nothing without a limit."""

LEVELLED = (*NEED_LEVELS, "expression")
"""The kinds of alarm that may have limits."""
