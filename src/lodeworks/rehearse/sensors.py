"""What a sensor makes of a truth: noise, resolution, range, missing samples, and how late a sample comes.

Every number depends on the seed, the tag's name and the number of the sample alone: blocks may be cut as one likes,
and one tag more changes no other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Floats
from lodeworks.network.live import Tag

__all__ = ["Sensor", "key_of", "normal", "sensor_of", "uniform", "wander"]

# By quantity: standard deviation of the noise and the resolution, in the usual unit of `chain.readings`.
_KNOWN: dict[str, tuple[float, float]] = {
    "methane": (0.008, 0.01), "co": (0.4, 1.0), "co2": (0.005, 0.01), "oxygen": (0.03, 0.1),
    "hydrogen_sulphide": (0.1, 0.1), "temperature": (0.1, 0.1), "humidity": (0.5, 0.1), "air_speed": (0.04, 0.01),
    "air_pressure": (8.0, 1.0), "dust": (0.05, 0.01), "water_level": (0.004, 0.001), "water_inflow": (1.5, 0.1),
    "speed": (0.02, 0.01), "current": (1.0, 0.1), "sound": (0.8, 0.1), "position": (0.05, 0.1), "charge": (0.05, 0.1),
}
_WHOLE = ("people", "count", "smoke", "fire")
_MISSING = 0.001  # share of samples that never come
_DELAY_MS = 40.0  # mean


@dataclass(frozen=True)
class Sensor:
    """How one tag is sampled: every `period_ms` from `phase_ms` on."""

    key: int
    period_ms: int
    phase_ms: int
    noise: float
    resolution: float
    low: float
    high: float

    def numbers(self, begin_ms: int, end_ms: int) -> NDArray[np.int64]:
        """Return the numbers of the samples from `begin_ms` to before `end_ms`, both since the rehearsal began."""
        first = -(-(begin_ms - self.phase_ms) // self.period_ms)
        last = -(-(end_ms - self.phase_ms) // self.period_ms)
        return np.arange(max(first, 0), max(last, 0), dtype=np.int64)

    def times(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return when samples are taken, ms since the rehearsal began."""
        return numbers * self.period_ms + self.phase_ms

    def read(self, truth: Floats, numbers: NDArray[np.int64]) -> Floats:
        """Return what is read where the truth is so."""
        value = truth + self.noise * normal(self.key, numbers) if self.noise > 0.0 else truth.copy()
        if self.resolution > 0.0:
            value = np.round(np.round(value / self.resolution) * self.resolution, 9)
        return np.clip(value, self.low, self.high)

    def there(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which samples come at all."""
        return uniform(self.key ^ 0x5BD1E995, numbers) >= _MISSING

    def delay_ms(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how late samples come."""
        late = -_DELAY_MS * np.log(uniform(self.key ^ 0x1B873593, numbers))
        return np.minimum(late, 2000.0).astype(np.int64)


def sensor_of(tag: Tag, seed: int) -> Sensor:
    """Return the sensor of a tag: known kinds as they are built, others with a thousandth of their range."""
    noise, resolution = _KNOWN.get(tag.quantity or tag.reads, (-1.0, -1.0))
    span = tag.high - tag.low
    if tag.kind == "state" or tag.reads in _WHOLE:
        noise, resolution = 0.0, 1.0
    elif tag.kind == "counter":
        noise, resolution = 0.0, 0.001
    elif noise < 0.0:
        noise, resolution = (0.002 * span, 0.0005 * span) if np.isfinite(span) else (0.0, 0.001)
    key = key_of(seed, tag.name)
    period = max(1, round(tag.period_s * 1000))
    return Sensor(key, period, int(key % period), noise, resolution, tag.low, tag.high)


def key_of(seed: int, *names: str) -> int:
    """Return a number of 63 bits that stands for a seed and some names."""
    text = "\0".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1


def uniform(key: int, numbers: NDArray[np.int64]) -> Floats:
    """Return a number in (0, 1) for each of some numbers (splitmix64, Steele et al. 2014, of key and number)."""
    with np.errstate(over="ignore"):
        z = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    found: Floats = ((z >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return found


def normal(key: int, numbers: NDArray[np.int64]) -> Floats:
    """Return a standard normal number for each of some numbers."""
    from scipy.special import ndtri

    found: Floats = ndtri(uniform(key, numbers))
    return found


def wander(key: int, hours: Floats, *, slow_h: float) -> Floats:
    """Return what wanders slowly about nought with deviation one: an Ornstein-Uhlenbeck process of memory `slow_h`.

    It is worked out from hour nought on a grid of a twentieth of its memory, and runs straight in between.
    """
    step = slow_h / 20.0
    count = int(np.ceil(float(np.max(hours, initial=0.0)) / step)) + 2
    keep = float(np.exp(-step / slow_h))
    shocks = normal(key, np.arange(count, dtype=np.int64)) * np.sqrt(1.0 - keep**2)
    shocks[0] /= np.sqrt(1.0 - keep**2)
    from scipy.signal import lfilter

    values = lfilter([1.0], [1.0, -keep], shocks)
    return np.asarray(np.interp(hours, np.arange(count) * step, values), np.float64)
