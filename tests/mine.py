"""A small watched mine, as the tests of the live reading's language use it: one of everything, without a fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lodeworks.chain import Chain
from lodeworks.chain.conform import conform
from lodeworks.chain.origin import Document
from lodeworks.chain.yaml import parse_yaml

MINE = """
chain: mine
title: {en: A mine, zh: 小煤矿}
horizon: {start: 2026-03-02, step: 1 h, length: 1 d}
commodities: {raw_coal: {unit: t, title: {en: raw coal, zh: 原煤}}, coal_in_place: {unit: t}}
sites:
  face: {title: {en: Face 1201, zh: 1201工作面}}
  junction: {}
  shaft: {}
supplies: {seam: {commodity: coal_in_place, site: face}}
processes:
  cutting: {title: {en: shearer, zh: 采煤机}, site: face, inputs: {coal_in_place: 1 t}, outputs: {raw_coal: 1 t}, capacity: 200 t/h}
routes:
  belt: {title: {en: belt, zh: 主运皮带}, commodity: raw_coal, from: face, to: shaft, distance: 800 m, capacity: 240 t/h}
stores: {bunker: {commodity: raw_coal, site: shaft, capacity: 500 t, initial: 100 t, end: free}}
demands: {sales: {commodity: raw_coal, site: shaft, amount: 100 t/h, price: 500 CNY/t}}
feeds:
  ring: {kind: mqtt, address: "mqtt://broker", clock: 20 ms}
tags:
  ch4_t0: {site: face, reads: methane, place: face_corner, low: 0, high: 4, period: 5 s, zone: face_zone}
  ch4_face: {site: face, reads: methane, place: face, low: 0 %, high: 4 %, period: 5 s}
  air: {site: face, reads: air_speed, place: face, high: 15 m/s}
  belt_flow: {element: belt, reads: flow}
  belt_speed: {element: belt, reads: speed, at: 0 m, high: 6 m/s}
  belt_state: {element: belt, reads: state, words: {0: {en: stopped, zh: 停}, 1: {en: runs, zh: 运行}, 2: {en: fault, zh: 故障}}}
  bunker_level: {element: bunker, reads: level}
  people: {reads: people, zone: face_zone}
  stay: {reads: stay, zone: face_zone}
  in_goaf: {reads: people, zone: goaf}
  robot_at: {element: belt, reads: position}
  roller: {element: belt, reads: temperature, high: 150 degC, unit: degC}
limits:
  T0:
    place: face_corner
    quantity: methane
    high: 1.0
    cut: 1.5
    restore: 1.0
    source: rule book
    dated: 2026-02-01
    cause: {en: not enough air at the corner, zh: 上隅角风量不足}
    consequence: {en: it may explode, zh: 可能爆炸}
    response: {en: "stop, cut power and withdraw", zh: 停止作业、切断电源、撤出人员}
    respond: 5 min
  T1: {place: face, quantity: methane, high: 1 %, cut: 1.5 %, restore: 1 %, source: rule book, dated: 2026-02-01,
       cause: gas comes out, consequence: it may explode, response: withdraw, respond: 5 min}
  T1_ours: {place: face, quantity: methane, high: 0.8 %, overrides: T1, reason: gassy seam, by: engineer 7, second: chief 2}
  air: {place: face, quantity: air_speed, low: 0.25, high: 4 m/s, source: rule book, dated: 2026-02-01,
        cause: doors, consequence: gas gathers, response: look at doors and fan, respond: 30 min}
alarms:
  slip:
    tag: belt_speed
    L: 1.5 m/s
    LL: 1 m/s
    deadband: 0.1 m/s
    on_delay: 3 s
    unless: belt_state != 1
    cause: {en: it is wet, zh: 打滑}
    consequence: fire
    response: {en: stop it and look, zh: 停机检查}
    respond: 10 min
    severity: severe
  warms: {tag: roller, kind: rate, H: 5 degC/min, deadband: 1 K/min, window: 10 min,
          cause: bearing, consequence: fire, response: change it, respond: 8 h, severity: major}
  broken: {tag: belt_state, kind: discrete, states: [故障], cause: motor, consequence: no coal, response: mend, respond: 30 min, severity: major}
  spill: {kind: expression, expression: belt_flow > 100 and belt_state == 0, unless: broken, cause: sensor,
          consequence: wrong books, response: look, respond: 2 h, severity: minor}
  behind: {tag: belt_flow, kind: deviation, L: -40 t/h, cause: stops, consequence: too little coal, response: ask, respond: 1 h, severity: major}
  lasts: {tag: bunker_level, kind: time_left, ends: empty, L: 30 min, LL: 600 s, deadband: 5 min, window: 10 min,
          cause: belt stands, consequence: no coal, response: call the mine, respond: 15 min, severity: major}
  frozen: {tag: ch4_face, kind: stuck, window: 1 h, cause: broken, consequence: blind, response: change it, respond: 1 h}
zones:
  face_zone: {title: {en: face, zh: 工作面}, site: face, most: 15, longest: 8 h, count: people, stay: stay}
  goaf: {title: {en: goaf, zh: 采空区}, site: face, forbidden: true, count: in_goaf}
roadways:
  gate: {from: face, to: junction, length: 600 m, zone: face_zone, gas: ch4_t0}
  way_out: {from: junction, to: shaft, length: 0.4 km, exit: true}
cameras: {eye: {title: belt head, site: shaft, zone: face_zone}}
rounds:
  robot: {route: belt, by: robot 1, start: 20 m, end: 780 m, speed: 0.5 m/s, every: 2 h, position: robot_at, tags: [roller],
          stops: [400 m], gaps: [420 m .. 480 m]}
incidents:
  gas:
    starts: [ch4_t0.limit, slip]
    roles: {dispatcher: {en: dispatcher, zh: 调度员}, captain: 带班领导}
    steps:
      warn: {do: {en: call the face, zh: 通知工作面}, role: dispatcher, within: 2 min}
      out: {do: withdraw everybody, role: captain, within: 30 min, clears: face_zone}
    zones: [face_zone]
    contacts: {rescue: "119"}
actions:
  year: {title: the year, owner: chief, due: 2026-12-31, counts: {post: 5}}
  posts: {parent: year, level: post, count: 3, evidence: list of posts}
  more: {parent: year, level: post, count: 2, owner: deputy, due: 2026-06-30 18:00, state: under way}
screens:
  wall: {rows: [[ch4_t0, people], [face_zone, eye]], width: 3840}
"""


def document(text: str = MINE) -> Document:
    """Return the mine as data, to be changed."""
    parsed = parse_yaml(text, "mine.yaml")
    assert isinstance(parsed.data, dict)
    return Document(parsed.data, "mine.yaml", Path(), parsed.places("mine.yaml"), parsed.problems)


def mine(**changes: Any) -> Chain:
    """Return the mine with sections' elements changed: ``mine(tags={"air": {"unit": "t"}})``; None takes one away."""
    made = document()
    for section, elements in changes.items():
        here = made.data.setdefault(section, {})
        for name, keys in elements.items():
            if keys is None:
                del here[name]
                continue
            if not isinstance(keys, dict):
                here[name] = keys
                continue
            entity = dict(here.get(name, {}))
            for key, value in keys.items():
                if value is None:
                    entity.pop(key, None)
                else:
                    entity[key] = value
            here[name] = entity
    return conform(made)
