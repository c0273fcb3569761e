"""Ceilings: for each of the four models, and for many stations side by side, a numba program that knows nothing else.

Each is as one would write it for speed.

Each keeps what the engine keeps unless told otherwise: queues over time, the mean and a histogram of waits and of
times in the system, states of machines as shares of time, and counts; and draws from a stream for each purpose
(SplitMix64, a counter and a key). `bare` is M/M/3 with one stream and the queue's mean alone: not comparable, shown
for honesty. Times are in hours; an event is an arrival, an end of an activity, a failure or a repair.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

__all__ = ["bare", "hall", "line", "queue", "stations", "trucks"]

_compiled: Any = numba.njit(cache=True, error_model="numpy", boundscheck=False)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ROW, _BINS = 1023 - 14, 960  # bins of 1/32 octave from 2 ** -14 h


@_compiled
def _keys(seed: int, count: int) -> Any:
    """Return a key for each stream, far from one another."""
    keys = np.empty(count, np.uint64)
    for i in range(count):
        keys[i] = _mix(np.uint64(seed * 1000 + i + 1) * np.uint64(0xD1342543DE82EF95))
    return keys


@_compiled
def _mix(z: Any) -> Any:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@_compiled
def _uniform(keys: Any, i: int) -> float:
    keys[i] += _GOLDEN
    return (float(_mix(keys[i]) >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


@_compiled
def _exponential(keys: Any, i: int, mean: float) -> float:
    return -mean * math.log(_uniform(keys, i))


@_compiled
def _lognormal(keys: Any, i: int, mu: float, sigma: float) -> float:
    """Box and Muller."""
    r = math.sqrt(-2.0 * math.log(_uniform(keys, i)))
    return math.exp(mu + sigma * r * math.cos(2.0 * math.pi * _uniform(keys, i)))


@_compiled
def _triangular(keys: Any, i: int, a: float, b: float, c: float) -> float:
    u = _uniform(keys, i)
    if u * (c - a) < b - a:
        return a + math.sqrt(u * (b - a) * (c - a))
    return c - math.sqrt((1.0 - u) * (c - b) * (c - a))


@_compiled
def _count(histogram: Any, stay: float) -> None:
    k = 0
    if stay > 0.0:
        k = int(np.float64(stay).view(np.int64) >> 47) - 32 * _ROW + 1
        k = min(max(k, 0), _BINS - 1)
    histogram[k] += 1


@_compiled
def _push(times: Any, who: Any, count: int, at: float, what: int) -> int:
    i = count
    while i > 0:
        parent = (i - 1) >> 1
        if times[parent] <= at:
            break
        times[i], who[i] = times[parent], who[parent]
        i = parent
    times[i], who[i] = at, what
    return count + 1


@_compiled
def _pop(times: Any, who: Any, count: int) -> int:
    """Take out the first; the caller has read it."""
    count -= 1
    at, what = times[count], who[count]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= count:
            break
        if child + 1 < count and times[child + 1] < times[child]:
            child += 1
        if times[child] >= at:
            break
        times[i], who[i] = times[child], who[child]
        i = child
    times[i], who[i] = at, what
    return count


@_compiled
def queue(seed: int, hours: float) -> tuple[int, Any]:
    """M/M/3, load 0.8; return events, and (mean number waiting, mean wait, mean time in the system, share busy)."""
    keys = _keys(seed, 2)
    room = 1 << 16
    came = np.empty(room)  # of those who wait, around
    head = tail = 0
    ends = np.full(3, np.inf)
    began = np.empty(3)  # when who is served came
    waits, stays = np.zeros(_BINS, np.int64), np.zeros(_BINS, np.int64)
    last = area = wait = stay = busy_area = 0.0
    events = served = started = busy = most = 0
    arrival = _exponential(keys, 0, 25.0 / 60.0)
    while True:
        k = 0
        for i in range(1, 3):
            if ends[i] < ends[k]:
                k = i
        now = min(arrival, ends[k])
        if now > hours:
            break
        events += 1
        area += (now - last) * (tail - head)
        busy_area += (now - last) * busy
        last = now
        if arrival <= ends[k]:
            arrival = now + _exponential(keys, 0, 25.0 / 60.0)
            if busy < 3:
                for i in range(3):
                    if ends[i] == np.inf:
                        ends[i] = now + _exponential(keys, 1, 1.0)
                        began[i] = now
                        break
                busy += 1
                started += 1
                _count(waits, 0.0)
            else:
                came[tail & (room - 1)] = now
                tail += 1
                most = max(most, tail - head)
        else:
            served += 1
            stay += now - began[k]
            _count(stays, now - began[k])
            if tail > head:
                began[k] = came[head & (room - 1)]
                head += 1
                wait += now - began[k]
                _count(waits, now - began[k])
                started += 1
                ends[k] = now + _exponential(keys, 1, 1.0)
            else:
                ends[k] = np.inf
                busy -= 1
    return events, np.array([area / hours, wait / started, stay / served, busy_area / hours / 3.0])


@_compiled
def bare(seed: int, hours: float) -> tuple[int, Any]:
    """M/M/3 with one stream and the mean number waiting, no more."""
    keys = _keys(seed, 1)
    ends = np.full(3, np.inf)
    now = area = 0.0
    waiting = busy = events = 0
    arrival = _exponential(keys, 0, 25.0 / 60.0)
    while now < hours:
        k = 0
        for i in range(1, 3):
            if ends[i] < ends[k]:
                k = i
        events += 1
        at = min(arrival, ends[k])
        area += waiting * (at - now)
        now = at
        if arrival <= ends[k]:
            arrival = now + _exponential(keys, 0, 25.0 / 60.0)
            if busy < 3:
                busy += 1
                for i in range(3):
                    if ends[i] == np.inf:
                        ends[i] = now + _exponential(keys, 0, 1.0)
                        break
            else:
                waiting += 1
        elif waiting > 0:
            waiting -= 1
            ends[k] = now + _exponential(keys, 0, 1.0)
        else:
            busy -= 1
            ends[k] = np.inf
    return events, np.array([area / now])


_WORKING, _STARVED, _BLOCKED, _DOWN = 0, 1, 2, 3


@_compiled
def line(seed: int, hours: float) -> tuple[int, Any]:
    """Five machines, buffers of two between them, failures by working time; blocked after service.

    Return events, and (made an hour, the middle machine's share working and down, its buffer's level and mean wait).
    """
    n, room = 5, 2
    service, between, repair = 1.0 / 60.0, 100.0 / 60.0, 10.0 / 60.0
    keys = _keys(seed, 3 * n)
    at = np.full(n, np.inf)  # a machine's next event: end of work, failure or repair
    state = np.full(n, _STARVED)
    since = np.zeros(n)
    shares = np.zeros((n, 4))
    left = np.zeros(n)  # work left while down
    to_failure = np.empty(n)
    fails = np.zeros(n, np.bool_)  # whether the next event is a failure
    born = np.zeros(n)  # of the lot on the machine
    held = np.zeros(n, np.int64)  # in the buffer after a machine
    entered, births = np.zeros((n, room)), np.zeros((n, room))
    first = np.zeros(n, np.int64)
    area, last, wait = np.zeros(n), np.zeros(n), np.zeros(n)
    waits, ages = np.zeros((n, _BINS), np.int64), np.zeros(_BINS, np.int64)
    ends, starts, failures = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    taken = np.zeros(n, np.int64)
    now = age = 0.0
    events = 0
    for m in range(n):
        to_failure[m] = _exponential(keys, n + m, between)
    look = np.empty(4 * n, np.int64)
    looks = 1
    look[0] = 0
    while True:
        while looks > 0:  # machines that may start, or get rid of what they hold
            looks -= 1
            m = look[looks]
            if state[m] == _BLOCKED and held[m] < room:
                i = (first[m] + held[m]) % room
                area[m] += (now - last[m]) * held[m]
                last[m] = now
                held[m] += 1
                entered[m, i], births[m, i] = now, born[m]
                shares[m, _BLOCKED] += now - since[m]
                state[m], since[m] = _STARVED, now
                look[looks] = m + 1
                looks += 1
            if state[m] == _STARVED and (m == 0 or held[m - 1] > 0):
                if m > 0:
                    b = m - 1
                    i = first[b]
                    area[b] += (now - last[b]) * held[b]
                    last[b] = now
                    held[b] -= 1
                    first[b] = (i + 1) % room
                    born[m] = births[b, i]
                    wait[b] += now - entered[b, i]
                    taken[b] += 1
                    _count(waits[b], now - entered[b, i])
                    if state[b] == _BLOCKED:
                        look[looks] = b
                        looks += 1
                else:
                    born[m] = now
                shares[m, _STARVED] += now - since[m]
                state[m], since[m] = _WORKING, now
                starts[m] += 1
                left[m] = _exponential(keys, m, service)
                fails[m] = to_failure[m] < left[m]
                at[m] = now + min(to_failure[m], left[m])
        m = 0
        for i in range(1, n):
            if at[i] < at[m]:
                m = i
        if at[m] > hours:
            break
        now = at[m]
        events += 1
        if state[m] == _DOWN:
            shares[m, _DOWN] += now - since[m]
            state[m], since[m] = _WORKING, now
            to_failure[m] = _exponential(keys, n + m, between)
            fails[m] = to_failure[m] < left[m]
            at[m] = now + min(to_failure[m], left[m])
        elif fails[m]:
            failures[m] += 1
            shares[m, _WORKING] += now - since[m]
            state[m], since[m] = _DOWN, now
            left[m] -= to_failure[m]
            at[m] = now + _exponential(keys, 2 * n + m, repair)
        else:
            shares[m, _WORKING] += now - since[m]
            to_failure[m] -= left[m]
            at[m] = np.inf
            ends[m] += 1
            since[m] = now
            if m == n - 1:
                age += now - born[m]
                _count(ages, now - born[m])
                state[m] = _STARVED
            else:
                state[m] = _BLOCKED
            look[0] = m
            looks = 1
    return events, np.array([
        ends[n - 1] / hours, shares[2, _WORKING] / hours, shares[2, _DOWN] / hours, area[2] / hours, wait[2] / taken[2],
    ])


@_compiled
def _accrue(now: float, k: int, last: Any, area: Any, level: int) -> None:
    area[k] += (now - last[k]) * level
    last[k] = now


@_compiled
def trucks(seed: int, hours: float) -> tuple[int, Any]:
    """Let 100 trucks go round: two loaders, one unloader, two pumps where those fill up that would not last a trip.

    Return events, and (trips an hour, waiting to load, wait to load, wait to unload, fillings an hour).
    """
    n = 100
    laden, empty, reserve, tank, fill = 4.0, 2.4, 6.4, 40.0, 600.0
    spread = math.log1p(0.04)
    mu = (math.log(25.0 / 60.0) - 0.5 * spread, math.log(20.0 / 60.0) - 0.5 * spread)
    sigma = math.sqrt(spread)
    keys = _keys(seed, 4)
    times, who = np.empty(n + 1), np.empty(n + 1, np.int64)
    count = 0
    place = np.zeros(n, np.int64)  # 0 loading, 1 unloading, 2 at a pump, 3 driving, 4 returning
    fuel, born, came = np.full(n, tank), np.zeros(n), np.zeros(n)
    waiting = np.zeros((3, 128), np.int64)  # at loaders, unloader and pumps, around
    head, tail = np.zeros(3, np.int64), np.zeros(3, np.int64)
    busy, servers = np.zeros(3, np.int64), np.array([2, 1, 2])
    area, busy_area, last, busy_last = np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3)
    wait, started = np.zeros(3), np.zeros(3, np.int64)
    waits, ages = np.zeros((3, _BINS), np.int64), np.zeros(_BINS, np.int64)
    driving, driving_area, driving_last = np.zeros(2, np.int64), np.zeros(2), np.zeros(2)
    done = np.zeros(5, np.int64)
    age = filled = now = 0.0
    events = 0
    for k in range(n):
        waiting[0, k] = k
    tail[0] = n
    freed, joined = 0, -1
    while True:
        for at in (freed, joined):
            while at >= 0 and busy[at] < servers[at] and tail[at] > head[at]:
                k = waiting[at, head[at] & 127]
                _accrue(now, at, last, area, tail[at] - head[at])
                _accrue(now, at, busy_last, busy_area, busy[at])
                head[at] += 1
                busy[at] += 1
                started[at] += 1
                wait[at] += now - came[k]
                _count(waits[at], now - came[k])
                place[k] = at
                if at == 0:
                    born[k] = now
                    work = _triangular(keys, 0, 0.5 / 60.0, 1.0 / 60.0, 1.8 / 60.0)
                elif at == 1:
                    work = _triangular(keys, 1, 0.2 / 60.0, 0.4 / 60.0, 0.6 / 60.0)
                else:
                    work = (tank - fuel[k]) / fill
                    filled += tank - fuel[k]
                    fuel[k] = tank
                count = _push(times, who, count, now + work, k)
        if times[0] > hours:
            break
        now, k = times[0], who[0]
        count = _pop(times, who, count)
        events += 1
        was = place[k]
        done[was] += 1
        freed, joined = -1, -1
        if was <= 2:
            freed = was
            _accrue(now, was, busy_last, busy_area, busy[was])
            busy[was] -= 1
        if was <= 1:
            _accrue(now, was, driving_last, driving_area, driving[was])
            driving[was] += 1
            if was == 1:
                age += now - born[k]
                _count(ages, now - born[k])
            place[k] = 3 + was
            count = _push(times, who, count, now + _lognormal(keys, 2 + was, mu[was], sigma), k)
            continue
        if was == 2:
            joined = 0
        else:
            way = was - 3
            _accrue(now, way, driving_last, driving_area, driving[way])
            driving[way] -= 1
            fuel[k] -= empty if way == 1 else laden
            joined = 1 if way == 0 else 2 if fuel[k] < reserve else 0
        _accrue(now, joined, last, area, tail[joined] - head[joined])
        came[k] = now
        waiting[joined, tail[joined] & 127] = k
        tail[joined] += 1
    return events, np.array([
        done[1] / hours, area[0] / hours, wait[0] / started[0], wait[1] / started[1], done[2] / hours,
    ])


@_compiled
def _next_arrival(keys: Any, i: int, now: float, mean: float, day: Any) -> float:
    """Return when the next comes: an exponential amount of the rate by hours of the day, used up."""
    left = _exponential(keys, i, mean)
    hour = int(now)
    at = now
    while True:
        rate = day[hour % 24]
        until = (hour + 1 - at) * rate
        if until > left:
            return at + left / rate
        left -= until
        hour += 1
        at = float(hour)


@_compiled
def hall(seed: int, hours: float) -> tuple[int, Any]:
    """Run a service hall: three kinds of cases checked by six guides, then 24 windows and ten kiosks.

    Return events, and (served an hour, and the mean wait of window cases, at windows and at kiosks; waiting outside).
    """
    day = np.array([0, 0, 0, 0, 0, 0, 0, 0, .4, .9, 1, .8, .5, .5, .8, .9, .7, .3, 0, 0, 0, 0, 0, 0])
    gap = np.array([45.71 / 3600.0, 106.67 / 3600.0, 181.33 / 3600.0])
    keys = _keys(seed, 8)
    size = 64
    times, who = np.empty(size), np.empty(size, np.int64)
    slot_kind, slot_born = np.zeros(size, np.int64), np.zeros(size)
    free = np.arange(size - 1, -1, -1)
    frees = size - 6
    room = 1 << 12
    entered, births = np.zeros((5, room)), np.zeros((5, room))  # queues: three kinds at guides, windows, kiosks
    head, tail = np.zeros(5, np.int64), np.zeros(5, np.int64)
    area, last, wait = np.zeros(5), np.zeros(5), np.zeros(5)
    taken, waits, ages = np.zeros(5, np.int64), np.zeros((5, _BINS), np.int64), np.zeros((2, _BINS), np.int64)
    busy, busy_area, busy_last = np.zeros(5, np.int64), np.zeros(5), np.zeros(5)
    pools, pool_area, pool_last = np.zeros(3, np.int64), np.zeros(3), np.zeros(3)
    there = np.array([0, 0, 10])
    pool_of = np.array([0, 0, 0, 1, 2])
    mu = (math.log(12.0 / 60.0) - 0.5 * math.log1p(0.25), math.log(5.0 / 60.0) - 0.5 * math.log1p(0.16))
    sigma = (math.sqrt(math.log1p(0.25)), math.sqrt(math.log1p(0.16)))
    arrivals = np.empty(3)
    for i in range(3):
        arrivals[i] = _next_arrival(keys, i, 0.0, gap[i], day)
    change = 8.5
    is_open = False
    count, events, served = 0, 0, 0
    age = 0.0
    while True:
        source = 0
        for i in range(1, 3):
            if arrivals[i] < arrivals[source]:
                source = i
        end = times[0] if count > 0 else np.inf
        now = min(change, end, arrivals[source])
        if now > hours:
            break
        freed, joined, birth = -1, -1, now
        if now == change:
            is_open = not is_open
            there[0], there[1] = (6, 24) if is_open else (0, 0)
            change = now + (11.5 if is_open else 12.5)
            freed = 0
        elif now == end:
            events += 1
            slot = who[0]
            count = _pop(times, who, count)
            kind, birth = slot_kind[slot], slot_born[slot]
            free[frees] = slot
            frees += 1
            freed = pool_of[kind]
            _accrue(now, kind, busy_last, busy_area, busy[kind])
            _accrue(now, freed, pool_last, pool_area, pools[freed])
            busy[kind] -= 1
            pools[freed] -= 1
            if kind < 2:
                joined = 3 + kind
            else:
                out = 0 if kind == 2 else 1
                served += out
                age += now - birth
                _count(ages[out], now - birth)
        else:
            events += 1
            joined = source
            arrivals[source] = _next_arrival(keys, source, now, gap[source], day)
        if joined >= 0:
            _accrue(now, joined, last, area, tail[joined] - head[joined])
            i = tail[joined] & (room - 1)
            entered[joined, i], births[joined, i] = now, birth
            tail[joined] += 1
        for pool in (freed, pool_of[joined] if joined >= 0 else -1):
            if pool < 0:
                continue
            low, high = (0, 3) if pool == 0 else (pool + 2, pool + 3)
            for q in range(low, high):
                while pools[pool] < there[pool] and tail[q] > head[q]:
                    i = head[q] & (room - 1)
                    _accrue(now, q, last, area, tail[q] - head[q])
                    _accrue(now, q, busy_last, busy_area, busy[q])
                    _accrue(now, pool, pool_last, pool_area, pools[pool])
                    head[q] += 1
                    taken[q] += 1
                    wait[q] += now - entered[q, i]
                    _count(waits[q], now - entered[q, i])
                    busy[q] += 1
                    pools[pool] += 1
                    frees -= 1
                    slot = free[frees]
                    slot_kind[slot], slot_born[slot] = q, births[q, i]
                    if pool == 0:
                        work = _triangular(keys, 3 + q, 1.0 / 60.0, 2.0 / 60.0, 4.0 / 60.0)
                    else:
                        work = _lognormal(keys, 3 + q, mu[pool - 1], sigma[pool - 1])
                    count = _push(times, who, count, now + work, slot)
    return events, np.array([
        served / hours, wait[0] / taken[0], wait[3] / taken[3], wait[4] / taken[4],
        (area[0] + area[1] + area[2]) / hours,
    ])


_LAST, _AREA, _WAIT, _BUSY, _BEGAN, _BIRTH = 0, 1, 2, 3, 4, 5  # of a station, floats
_HEAD, _TAIL, _LEVEL, _MOST, _WORKING, _SERVED = 0, 1, 2, 3, 4, 5  # and whole numbers: a cache line each


@_compiled
def stations(seed: int, hours: float, count: int) -> tuple[int, Any]:
    """Run so many queues side by side, each with a server of its own, load 0.8.

    A station's state is two cache lines, its keys and the bins of its waits beside; the event list is one heap. Return
    events, and (mean number waiting, mean wait, mean time in the system, share busy) of all together.
    """
    keys = _keys(seed, 2 * count)
    times, who = np.empty(2 * count + 1), np.empty(2 * count + 1, np.int64)
    floats, whole = np.zeros((count, 8)), np.zeros((count, 8), np.int64)
    room = 1 << 12 if count < 256 else 16 * count
    came, after = np.empty(room), np.arange(1, room + 1)  # of those who wait, linked
    waits, stays = np.zeros((count, _BINS), np.int32), np.zeros(_BINS, np.int64)
    pending = free = events = started = 0
    stay = 0.0
    for i in range(count):
        pending = _push(times, who, pending, _exponential(keys, 2 * i, 1.25), i)
    while times[0] <= hours:
        now, event = times[0], who[0]
        pending = _pop(times, who, pending)
        events += 1
        i = event if event < count else event - count
        birth = -1.0
        if event < count:
            pending = _push(times, who, pending, now + _exponential(keys, 2 * i, 1.25), i)
            if whole[i, _WORKING] == 0:
                birth = now
            else:
                floats[i, _AREA] += (now - floats[i, _LAST]) * whole[i, _LEVEL]
                floats[i, _LAST] = now
                lot = free
                free = after[lot]
                came[lot] = now
                if whole[i, _LEVEL] == 0:
                    whole[i, _HEAD] = lot
                else:
                    after[whole[i, _TAIL]] = lot
                whole[i, _TAIL] = lot
                whole[i, _LEVEL] += 1
                whole[i, _MOST] = max(whole[i, _MOST], whole[i, _LEVEL])
        else:
            whole[i, _SERVED] += 1
            whole[i, _WORKING] = 0
            floats[i, _BUSY] += now - floats[i, _BEGAN]
            stay += now - floats[i, _BIRTH]
            _count(stays, now - floats[i, _BIRTH])
            if whole[i, _LEVEL] > 0:
                lot = whole[i, _HEAD]
                whole[i, _HEAD] = after[lot]
                after[lot] = free
                free = lot
                floats[i, _AREA] += (now - floats[i, _LAST]) * whole[i, _LEVEL]
                floats[i, _LAST] = now
                whole[i, _LEVEL] -= 1
                birth = came[lot]
        if birth >= 0.0:
            whole[i, _WORKING] = 1
            floats[i, _BEGAN], floats[i, _BIRTH] = now, birth
            floats[i, _WAIT] += now - birth
            _count(waits[i], now - birth)
            started += 1
            pending = _push(times, who, pending, now + _exponential(keys, 2 * i + 1, 1.0), count + i)
    for i in range(count):
        floats[i, _AREA] += (hours - floats[i, _LAST]) * whole[i, _LEVEL]
        floats[i, _BUSY] += (hours - floats[i, _BEGAN]) * whole[i, _WORKING]
    return events, np.array([
        floats[:, _AREA].sum() / hours, floats[:, _WAIT].sum() / started, stay / whole[:, _SERVED].sum(),
        floats[:, _BUSY].sum() / hours / count,
    ])
