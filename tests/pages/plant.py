"""A small mine to look at: tags of each kind, and what a recorder would have written of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from lodeworks.network.live import (
    AlarmRule,
    Camera,
    Feed,
    Limit,
    LimitRow,
    Live,
    Roadway,
    Route,
    Site,
    Tag,
    Zone,
)
from lodeworks.pages.desk import Desk, open_desk
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.deeds import Deeds
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Quality, Samples


def tag(name, en, zh, site, reads, unit, low, high, *, kind="sensor", place="", quantity="", period=1.0, feed="kj", zone="", words=(), metres=None):
    return Tag(name, en, zh, "", site, reads, kind, unit, low, high, place, quantity or reads, period, feed, name, zone, metres, words=words)


def mine(*, sites: int = 4, more: int = 0) -> Live:
    """Four places underground with gas, air, temperature, a belt and people; `more` tags for crowds."""
    places = [
        Site("face_11", "Face 1101", "1101 工作面", 26.1, 104.7), Site("return_11", "Return airway 1101", "1101 回风巷", 26.11, 104.7),
        Site("belt_main", "Main belt", "主运皮带", 26.12, 104.72), Site("washery", "Washery", "洗煤厂", 26.15, 104.75),
    ][:sites]
    tags = [
        tag("face_gas_t0", "Methane, upper corner", "上隅角甲烷", "face_11", "methane", "%", 0.0, 4.0, place="T0"),
        tag("face_gas_t1", "Methane, face", "工作面甲烷", "face_11", "methane", "%", 0.0, 4.0, place="T1"),
        tag("face_co", "CO, face", "工作面一氧化碳", "face_11", "co", "ppm", 0.0, 100.0),
        tag("face_temperature", "Temperature, face", "工作面温度", "face_11", "temperature", "°C", 0.0, 50.0),
        tag("face_air", "Air speed, face", "工作面风速", "face_11", "air_speed", "m/s", 0.0, 8.0),
        tag("shearer_state", "Shearer", "采煤机", "face_11", "state", "", 0.0, 2.0, kind="state", words=((0, "stopped", "停机"), (1, "cutting", "割煤"), (2, "fault", "故障"))),
        tag("return_gas", "Methane, return airway", "回风巷甲烷", "return_11", "methane", "%", 0.0, 4.0, place="T2"),
        tag("return_dust", "Dust, return airway", "回风巷粉尘", "return_11", "dust", "mg/m3", 0.0, 20.0),
        tag("return_door", "Air door", "风门", "return_11", "state", "", 0.0, 1.0, kind="state", words=((0, "closed", "关闭"), (1, "open", "开启"))),
        tag("belt_rate", "Coal on the main belt", "主运皮带煤量", "belt_main", "flow", "t/h", 0.0, 1200.0, feed="plc"),
        tag("belt_speed", "Belt speed", "皮带速度", "belt_main", "speed", "m/s", 0.0, 5.0, feed="plc"),
        tag("belt_power", "Drive power", "驱动功率", "belt_main", "power", "kW", 0.0, 900.0, feed="plc"),
        tag("belt_total", "Coal since midnight", "零点以来煤量", "belt_main", "flow", "t", 0.0, 30000.0, kind="counter", feed="plc"),
        tag("washery_feed", "Washery feed", "入洗原煤", "washery", "flow", "t/h", 0.0, 1000.0, feed="plc"),
        tag("washery_clean", "Clean coal", "精煤", "washery", "flow", "t/h", 0.0, 700.0, feed="plc"),
        tag("washery_silo", "Raw coal silo", "原煤仓", "washery", "level", "t", 0.0, 8000.0, feed="plc"),
        tag("people_face", "People at face 1101", "1101 工作面人数", "face_11", "count", "person", 0.0, 60.0, feed="people", zone="zone_face"),
        tag("people_return", "People in the return airway", "回风巷人数", "return_11", "count", "person", 0.0, 20.0, feed="people", zone="zone_return"),
        *(tag(f"extra_{k}", f"Extra {k}", f"测点 {k}", places[k % len(places)].name, "temperature", "°C", 0.0, 100.0, feed="plc") for k in range(more)),
        tag("lodeworks.lag_s", "Lag of the recorder", "记录滞后", "", "lag", "s", 0.0, 60.0, feed="lodeworks"),
    ]
    tags = [t for t in tags if t.site in {"", *(p.name for p in places)}]
    names = {t.name for t in tags}
    rules = [
        AlarmRule("gas_t0", "Methane high at the upper corner", "上隅角甲烷超限", "face_gas_t0", "limit", 1, "gas rises", "explosion", "Stop work, withdraw people, cut is by the statutory system", 300.0, (Limit("H", "high", 1.0, 0.1, "t0"),), life_safety=True),
        AlarmRule("gas_t1", "Methane high at the face", "工作面甲烷超限", "face_gas_t1", "limit", 1, "gas rises", "explosion", "Stop work, withdraw people", 300.0, (Limit("H", "high", 1.0, 0.1, "t1"),), life_safety=True),
        AlarmRule("hot", "Face too warm", "工作面温度高", "face_temperature", "limit", 3, "air is short", "people suffer", "Raise the air flow", 1800.0, (Limit("H", "high", 30.0, 0.5),)),
        AlarmRule("slip", "Main belt slips", "主运皮带打滑", "belt_speed", "limit", 2, "wet drum", "fire", "Stop the belt and look", 600.0, (Limit("L", "low", 2.5, 0.1),)),
        AlarmRule("frozen_co", "CO sensor frozen", "一氧化碳传感器冻结", "face_co", "stuck", 3, "sensor", "blind", "Have it changed", 3600.0, window_s=600.0),
    ]
    return Live(
        "mine", "Faer mine", "发耳煤矿",
        feeds=(Feed("kj", "mqtt", "", "Gas monitoring copy", "监控系统副本"), Feed("plc", "opcua", "", "Belt controller", "皮带控制器"), Feed("people", "mqtt", "", "People location", "人员定位"), Feed("lodeworks", "push", "", "Lodeworks", "Lodeworks")),
        tags=tuple(tags),
        limits=(LimitRow("t0", "T0", "methane", "%", None, 1.0, 1.5, 1.0, "AQ 1029-2019", "2020-05-01"), LimitRow("t1", "T1", "methane", "%", None, 1.0, 1.5, 1.0, "AQ 1029-2019", "2020-05-01")),
        rules=tuple(r for r in rules if r.tag in names),
        zones=tuple(z for z in (Zone("zone_face", "Face 1101", "1101 工作面", "face_11", 25, 8 * 3600.0, False, "people_face"), Zone("zone_return", "Return airway", "回风巷", "return_11", 8, None, False, "people_return")) if z.count in names),
        roadways=(Roadway("r1", "Face to return", "工作面至回风", "face_11", "return_11", 320.0), Roadway("r2", "Face to belt", "工作面至皮带", "face_11", "belt_main", 900.0, exit=True)),
        cameras=(Camera("cam_belt", "Main belt head", "主运皮带机头", "belt_main", "", ""),),
        sites=tuple(places), routes=(Route("belt", "Main belt", "主运皮带", "face_11", "washery", "coal", 1800.0),),
    )


def level(t: Tag, k: int, at: np.ndarray | float) -> np.ndarray:
    """What a tag reads at a time (ms): a slow wave inside its range; states stand still."""
    seconds = np.asarray(at, float) / 1000.0
    if t.kind == "state":
        return np.full(seconds.shape, float(1 if len(t.words) > 2 else 0))
    share = 0.45 + 0.18 * np.sin(seconds / (40.0 + 7 * k) + k)
    value = t.low + share * (t.high - t.low) * (0.35 if t.quantity in ("methane", "co") else 1.0)
    return np.round(value) if t.kind == "counter" or t.unit == "person" else value


def recorded(folder: Path, live: Live, now: int, *, span_s: float = 1800.0, every_s: float = 5.0) -> Desk:
    """Write what a recorder would have written until now, and open the desk over it."""
    desk = open_desk(live, folder)
    at = np.arange(now - int(1000 * span_s), now + 1, int(1000 * every_s), dtype=np.int64)
    parts = [
        Samples(np.full(len(at), k, np.int32), at, at + 120, level(t, k, at), np.zeros(len(at), np.uint8))
        for k, t in enumerate(live.tags)
    ]
    whole = Samples.joined(parts)
    desk.history.write(whole)
    present = Present.create(desk.folder.present, [t.name for t in live.tags])
    present.set(whole, now)
    return desk


def sample(live: Live, name: str, at: int, value: float, quality: Quality = Quality.GOOD, received: int | None = None) -> Samples:
    return Samples.of([live.place[name]], [at], [at + 120 if received is None else received], [value], [quality])


class Recorder:
    """The recorder without its process: history, present and the real alarm engine over one folder, fed by the second."""

    def __init__(self, folder: Path, live: Live, start: int) -> None:
        self.live, self.start, self.now = live, start, start
        self.folder = WatchFolder(folder)
        self.history = open_history(self.folder.history, [t.name for t in live.tags])
        self.present = Present.create(self.folder.present, [t.name for t in live.tags])
        self.journal = Journal(self.folder.journal)
        self.deeds = Deeds(self.folder.journal)
        self.engine = Engine(live, self.journal, self.history, started=start)

    def tick(self, values: dict[str, float] | None = None, *, now: int | None = None, silent: tuple[str, ...] = ()) -> None:
        """Let a second pass: every tag reads its wave, or what is said; then do what people asked for."""
        self.now = self.now + 1000 if now is None else now
        given = values or {}
        tags = [k for k, t in enumerate(self.live.tags) if t.name not in silent]
        value = [given.get(self.live.tags[k].name, float(level(self.live.tags[k], k, self.now))) for k in tags]
        samples = Samples.of(tags, [self.now] * len(tags), [self.now] * len(tags), value, [Quality.GOOD] * len(tags))
        number = self.history.write(samples)
        self.present.set(samples, self.now)
        self.engine.feed(samples, self.now, number)
        for deed in self.deeds.open():
            self.engine.apply(deed, self.now)

    def close(self) -> None:
        for opened in (self.history, self.journal, self.deeds):
            opened.close()


@contextmanager
def going_on(recorder: Recorder, tick: Callable[[], None]) -> Iterator[Recorder]:
    """A recorder that ticks by itself while pages are looked at, and is closed in the end."""
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(0.05):
            tick()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield recorder
    finally:
        stop.set()
        thread.join()
        recorder.close()
