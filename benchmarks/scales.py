"""How well the balance finds a bad scale: random chains of 40 scales, one of which drifts, and months without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.flowing import flowing
from lodeworks.network import Network
from lodeworks.network.live import Feed, Live, Tag

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result
    from lodeworks.watch.balance import Balance, Findings

__all__ = ["GOOD", "Scales", "false_calls", "found", "read", "run_scales", "scales"]

Floats = NDArray[np.float64]
GOOD = 14 * 24  # windows of an hour that are learnt from


@dataclass(frozen=True, eq=False)
class Scales:
    """A chain with scales and its true flows by the hour.

    `flow` has a row an hour and a column a tag (of levels: their change an hour).
    """

    net: Network
    live: Live
    level: NDArray[np.bool_]
    flow: Floats
    room: Floats


def scales(seed: int, hours: int, count: int = 40, vary: float = 0.005, day: bool = False) -> Scales:
    """Return a chain of at least so many flows, with scales on so many of them and a level on every store.

    Rates wander by some per cent, yields by `vary`, both slowly (0.8 from hour to hour); balances close to what lies
    on belts. With `day` they close over a day only: within it an hour's flow comes and goes unseen.
    """
    rng = np.random.default_rng(seed)
    step = "1 d" if day else ""
    chain = flowing(seed, step)
    while not count <= len(_places(chain.net)) <= count + 4:
        seed += 100_000
        chain = flowing(seed, step)
    net = chain.net
    links = net.coefficients
    places, keys = _places(net), list(zip(links.element.tolist(), links.balance.tolist(), strict=True))
    acts, held = len(net.activities), len(net.stores)
    recipe = np.zeros((len(places), acts + held))
    np.add.at(recipe, (np.array([places.index(key) for key in keys], np.intp), links.activity), links.amount)
    gather = np.array([[float(b == at) for _, at in places] for b in range(len(net.balances.grid))])
    close = gather @ recipe
    for s in range(held):
        close[net.stores.balance[s], acts + s] -= 1.0
    nominal = np.zeros(acts + held)
    nominal[:acts] = chain.nominal[net.activities.element]
    size = np.concatenate([nominal[:acts], 0.02 * chain.room[net.stores.balance]])
    inverse = size[:, None] * np.linalg.pinv(close * size)  # all move by like shares, so that balances close
    wander = 1.0 + 0.05 * _slow(rng, (hours, acts), 0.8) + 0.03 * _slow(rng, (hours, 1), 0.95)
    x = nominal * np.concatenate([wander, np.ones((hours, held))], axis=1)
    x[:, acts:] = 0.02 * chain.room[net.stores.balance] * _slow(rng, (hours, held), 0.3)
    yields = vary * _slow(rng, (hours, len(places)), 0.8) * np.abs(recipe @ nominal)
    through = 0.5 * gather @ np.abs(recipe @ nominal)
    on_belts = 0.01 * _slow(rng, (hours + 1, len(close)), 0.0) * through
    if day:
        within = np.sin(np.pi * (np.arange(hours + 1) % 24) / 24.0)[:, None]
        on_belts = (within + 0.05) * _slow(rng, (hours + 1, len(close)), 0.98) * through
    x = x - (x @ close.T + yields @ gather.T + np.diff(on_belts, axis=0)) @ inverse.T
    flow = x @ recipe.T + yields
    chosen = np.sort(rng.choice(len(places), count, replace=False))
    names = [element.name for element in net.elements]
    tags = [Tag(f"s{k}", "", "", names[places[k][0]], "", "flow", "sensor", "t/h", 0.0, np.inf, "", "", 10.0, "plc", "",
                commodity=net.balances.commodity[places[k][1]]) for k in chosen]
    tags += [Tag(f"l{s}", "", "", names[net.stores.element[s]], "", "level", "sensor", "t", 0.0, np.inf, "", "", 10.0,
                 "plc", "") for s in range(held)]
    live = Live("scales", "", "", feeds=(Feed("plc", "mqtt", "", "", ""),), tags=tuple(tags))
    level = np.array([tag.reads == "level" for tag in tags])
    true = np.concatenate([np.abs(flow[:, chosen]), x[:, acts:]], axis=1)
    return Scales(net, live, level, true, chain.room[net.stores.balance])


def _places(net: Network) -> list[tuple[int, int]]:
    links = net.coefficients
    return list(dict.fromkeys(zip(links.element.tolist(), links.balance.tolist(), strict=True)))


def _slow(rng: np.random.Generator, shape: tuple[int, int], hold: float) -> Floats:
    """Return noise of unit size that holds on from row to row (AR(1))."""
    fresh = rng.standard_normal(shape)
    found = np.empty(shape)
    found[0] = fresh[0]
    for t in range(1, shape[0]):
        found[t] = hold * found[t - 1] + np.sqrt(1.0 - hold**2) * fresh[t]
    return found


def read(of: Scales, seed: int, bias: Floats | None = None) -> Floats:
    """Return what tags say: half a per cent off from the beginning, one per cent of noise an hour, levels to 0.3 %."""
    rng = np.random.default_rng(seed + 7)
    hours, count = of.flow.shape
    standing = 0.005 * rng.standard_normal(count)
    share = 1.0 + standing + 0.01 * rng.standard_normal((hours, count)) + (bias if bias is not None else 0.0)
    wrong = 0.003 * of.room * rng.standard_normal((hours + 1, len(of.room)))
    said = of.flow * np.where(of.level, 1.0, share)
    said[:, of.level] += np.diff(wrong, axis=0)
    return said


def found(seed: int, bias: float, *, hours: int = 24) -> tuple[str, Findings, int]:
    """Let one of 40 scales drift for so many hours after a good week; return its tag, what is told, and the hour.

    The hour is the first at whose end it is told, or -1.
    """
    return _found(scales(seed, GOOD + hours), seed, bias, step=1, learnt=GOOD, first=3)


def found_by_day(seed: int, bias: float, *, learnt: int = 14, days: int = 7) -> tuple[str, Findings, int]:
    """Let one of 40 scales of a chain that closes by the day drift for so many days; as `found`, with the day told."""
    return _found(scales(seed, 24 * (learnt + days), day=True), seed, bias, step=24, learnt=learnt, first=1)


def _found(of: Scales, seed: int, bias: float, *, step: int, learnt: int, first: int) -> tuple[str, Findings, int]:
    """Let a scale drift after so many good windows of `step` hours; it is looked for from the window `first` on."""
    which = int(np.random.default_rng(seed + 13).choice(np.flatnonzero(~of.level)))
    drift = np.zeros(of.flow.shape)
    drift[step * learnt:, which] = bias
    means, balance = _learnt(of, read(of, seed, drift), step, learnt)
    order = [of.live.tags[t].name for t in balance.tags]
    assert order == [tag.name for tag in of.live.tags]
    name, findings = of.live.tags[which].name, balance.look(means)
    for window in range(first, len(means) - learnt + 1):
        findings = balance.look(means[:learnt + window])
        if any(suspect.tag == name for suspect in findings.suspects):
            return name, findings, window
    return name, findings, -1


def false_calls(seed: int, days: int = 30) -> tuple[int, float]:
    """Return how often something is told of good scales in so many days after a good week, and the largest z."""
    return _false_calls(scales(seed, GOOD + 24 * days), seed, step=1, learnt=GOOD)


def false_calls_by_day(seed: int, *, learnt: int = 14, days: int = 60) -> tuple[int, float]:
    """As `false_calls`, of a chain that closes by the day."""
    return _false_calls(scales(seed, 24 * (learnt + days), day=True), seed, step=24, learnt=learnt)


def _false_calls(of: Scales, seed: int, *, step: int, learnt: int) -> tuple[int, float]:
    means, balance = _learnt(of, read(of, seed), step, learnt)
    z = balance.scores(means)[learnt:]
    told = z > balance.z
    begun = int(told[0]) + int((told[1:] & ~told[:-1]).sum())
    return begun, float(z.max())


def _learnt(of: Scales, said: Floats, step: int, learnt: int) -> tuple[Floats, Balance]:
    """Return what tags say as means of windows of `step` hours, and a balance that has learnt the first of them."""
    from lodeworks.watch.balance import Balance

    means: Floats = said.reshape(-1, step, said.shape[1]).mean(axis=1)
    balance = Balance(of.net, of.live, hours=float(step))
    balance.learn(means[:learnt])
    return means, balance


def run_scales(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Yield the share found within a day (where balances close by the day, a week), of each size of drift; and calls a
    month where there is none.
    """
    from benchmarks.registry import Result

    for case in cases:
        chains = int(case.arguments["chains"])
        for closes, told_in, search, calls, months in (
            ("", "hours", found, false_calls, 1.0), ("by day, ", "days", found_by_day, false_calls_by_day, 2.0),
        ):
            for bias in (0.01, 0.02, 0.03, 0.05):
                every = [search(seed, bias if seed % 2 else -bias) for seed in range(chains)]
                for what, value in _power(every, told_in):
                    yield Result(benchmark.name, case.name, f"{closes}{bias:.0%} {what}", value)
            number = float(np.mean([calls(seed)[0] for seed in range(chains)])) / months
            yield Result(benchmark.name, case.name, f"{closes}false calls a month", number)


def _power(every: list[tuple[str, Findings, int]], told_in: str) -> Iterator[tuple[str, float]]:
    """Yield shares of drifts that are named, named alone, named or told as likely, and of others told, in per cent."""
    named = [when >= 0 for _, _, when in every]
    alone = [when >= 0 and next(s for s in f.suspects if s.tag == name).others == () for name, f, when in every]
    told = [name in {s.tag for s in f.suspects} | {o for s in f.suspects for o in s.others} for name, f, _ in every]
    wrong = [bool(f.suspects) and not t for (_, f, _), t in zip(every, told, strict=True)]
    yield "named, %", 100.0 * float(np.mean(named))
    yield "named alone, %", 100.0 * float(np.mean(alone))
    yield "named or as likely, %", 100.0 * float(np.mean(told))
    yield "another told, %", 100.0 * float(np.mean(wrong))
    when = [when for _, _, when in every if when >= 0]
    if when:
        yield f"{told_in}, median", float(np.median(when))
