"""Families whose ends are known or read off: their estimates, curves and draws."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from scipy import optimize, special

from lodeworks.simulate.fit.family import Estimate, Family, Floats

__all__ = ["SIMPLE"]

_ERLANG_K: Final = np.arange(2.0, 51.0)


def _uniform(x: Floats) -> Estimate:
    low, high = float(x[0]), float(x[-1])
    return (low, high), -x.size * math.log(high - low)


def _uniform_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return np.clip((x - p[0]) / (p[1] - p[0]), 0.0, 1.0)


def _uniform_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return rng.uniform(p[0], p[1], n)


def _exponential(x: Floats) -> Estimate:
    mean = float(np.mean(x))
    return (mean,), -x.size * (math.log(mean) + 1.0)


def _exponential_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return -np.expm1(-x / p[0])


def _exponential_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return rng.exponential(p[0], n)


# Families on the positive numbers: a value of nought rules them out.


def _gamma_likelihood(shape: Floats | float, mean: float, log_mean: float, n: int) -> Floats:
    """Return the log-likelihood for a shape, `log_mean` being the mean of the logarithms."""
    k = np.asarray(shape, dtype=np.float64)
    return np.asarray(n * (k * (np.log(k / mean) - 1.0) - special.gammaln(k) + (k - 1.0) * log_mean), dtype=np.float64)


def _gamma(x: Floats) -> Estimate:
    if x[0] <= 0.0:
        return None
    mean = float(np.mean(x))
    log_mean = float(np.mean(np.log(x)))
    s = -float(np.mean(np.log(x / mean)))
    if s <= 0.0:
        return None
    k = (3.0 - s + math.sqrt((s - 3.0) ** 2 + 24.0 * s)) / (12.0 * s)
    if k < 1e4:  # above, the start is exact to the last digits and the differences below are not
        for _ in range(20):
            gap = math.log(k) - float(special.digamma(k)) - s
            step = gap / (1.0 / k - float(special.polygamma(1, k)))
            k = k - step if step < k else k / 2.0
            if abs(step) < 1e-10 * k:
                break
    return (mean, mean / math.sqrt(k)), float(_gamma_likelihood(k, mean, log_mean, x.size))


def _gamma_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    k = (p[0] / p[1]) ** 2
    return np.asarray(special.gammainc(k, x * (k / p[0])), dtype=np.float64)


def _gamma_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    k = (p[0] / p[1]) ** 2
    return rng.gamma(k, p[0] / k, n)


def _erlang(x: Floats) -> Estimate:
    if x[0] <= 0.0:
        return None
    mean = float(np.mean(x))
    likelihoods = _gamma_likelihood(_ERLANG_K, mean, float(np.mean(np.log(x))), x.size)
    best = int(np.argmax(likelihoods))
    return (float(_ERLANG_K[best]), mean), float(likelihoods[best])


def _erlang_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return np.asarray(special.gammainc(p[0], x * (p[0] / p[1])), dtype=np.float64)


def _erlang_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return rng.gamma(p[0], p[1] / p[0], n)


def _lognormal(x: Floats) -> Estimate:
    if x[0] <= 0.0:
        return None
    logs = np.log(x)
    mu, variance = float(np.mean(logs)), float(np.var(logs))
    if not 0.0 < variance < 300.0:
        return None
    mean = math.exp(mu + variance / 2.0)
    likelihood = -x.size * (mu + 0.5 * math.log(2.0 * math.pi * variance) + 0.5)
    return (mean, mean * math.sqrt(math.expm1(variance))), likelihood


def _of_logs(p: tuple[float, ...]) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm."""
    variance = math.log1p((p[1] / p[0]) ** 2)
    return math.log(p[0]) - variance / 2.0, math.sqrt(variance)


def _lognormal_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    mu, sigma = _of_logs(p)
    return special.ndtr((np.log(x) - mu) / sigma)


def _lognormal_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    mu, sigma = _of_logs(p)
    return rng.lognormal(mu, sigma, n)


def _weibull(x: Floats) -> Estimate:
    if x[0] <= 0.0:
        return None
    logs = np.log(x)
    top = float(logs[-1])
    below = logs - top
    log_mean = float(np.mean(below))

    def score(shape: float) -> float:
        weights = np.exp(shape * below)
        return float(weights @ below) / float(np.sum(weights)) - 1.0 / shape - log_mean

    low = high = 1.2825 / float(np.std(logs))
    while score(low) > 0.0:
        low /= 2.0
    while score(high) < 0.0:
        high *= 2.0
    shape = low if low == high else float(optimize.brentq(score, low, high, rtol=1e-10))
    log_scale = top + math.log(float(np.mean(np.exp(shape * below)))) / shape
    likelihood = x.size * (math.log(shape) - shape * log_scale + (shape - 1.0) * (log_mean + top) - 1.0)
    return (shape, math.exp(log_scale)), likelihood


def _weibull_cdf(p: tuple[float, ...], x: Floats) -> Floats:
    return -np.expm1(-((x / p[1]) ** p[0]))


def _weibull_draw(p: tuple[float, ...], rng: np.random.Generator, n: int) -> Floats:
    return p[1] * rng.weibull(p[0], n)


SIMPLE: Final = (
    Family("uniform", ("low", "high"), _uniform, _uniform_cdf, _uniform_draw),
    Family("exponential", ("mean",), _exponential, _exponential_cdf, _exponential_draw),
    Family("gamma", ("mean", "sd"), _gamma, _gamma_cdf, _gamma_draw),
    Family("erlang", ("k", "mean"), _erlang, _erlang_cdf, _erlang_draw),
    Family("lognormal", ("mean", "sd"), _lognormal, _lognormal_cdf, _lognormal_draw),
    Family("weibull", ("shape", "scale"), _weibull, _weibull_cdf, _weibull_draw),
)
