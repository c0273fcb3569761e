"""Shares of time in the states of a chain: in the long run, or over a stretch from a known start.

Only matrices are known here; what their states are is `explore`'s affair. Every answer is held against the equations it
solves before it is given.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse import linalg as sla

from lodeworks.errors import SimulationError

__all__ = ["Shares", "long_run", "over_time"]

Floats = npt.NDArray[np.float64]
Shares = tuple[Floats, float]  # of each state, and the largest residual relative to the rates

_DIRECT = 3_000  # states up to which the equations are solved directly; a factorisation of more fills up
_MOST_FACTORISED = 20_000
_TOLERANCE = 1e-10
_ROUNDING = 3e-16
_STEADY = 1e-13
_MOST_SWEEPS = 20_000
_MOST_STEPS = 400_000


def long_run(generator: sparse.csr_matrix, start: Floats) -> Shares:
    """Return the long-run shares of time; where the states fall apart, weighed by where the start leads.

    Parameters
    ----------
    generator
        Rates an hour, rows adding to nought, shape (states, states).
    start
        Probability of each state at time nought, shape (states,).

    Raises
    ------
    SimulationError
        If no method gives shares that satisfy the equations of balance.
    """
    found = _Parts(generator).steady(start)
    return found, _checked(generator, found)


def over_time(generator: sparse.csr_matrix, start: Floats, begin: float, end: float) -> Shares:
    """Return the mean shares of time between two instants, from the distribution at time nought.

    The distribution p is found by uniformisation (Jensen 1953), no further than to where it has become steady. Its
    integral x over the stretch satisfies x Q = p(end) - p(begin) (Kemeny and Snell 1976): among states that are left
    for good that has one solution; in a part that is never left, x is told by the time spent there, which is what
    leads there in the end less what is still on its way.

    Raises
    ------
    SimulationError
        If it takes too many steps, or no method satisfies the equations.
    """
    parts = _Parts(generator)
    steady = parts.steady(start)
    early = _later(generator, start, begin, steady)
    late = _later(generator, early, end - begin, steady)
    if np.abs(early - steady).sum() <= 10.0 * _STEADY:
        return steady, _checked(generator, steady)
    spent, change = np.zeros(len(start)), late - early
    passing = parts.passing
    if len(passing):
        spent[passing] = _solved(generator[passing][:, passing].T.tocsc(), change[passing])
    into = np.asarray(spent @ generator).ravel()
    for members, leads, q, shares in zip(parts.members, parts.leads, parts.within, parts.shares, strict=True):
        hours = float(leads @ start) * (end - begin) - float(leads[passing] @ spent[passing])
        spent[members] = _integral(q, (change - into)[members], shares, hours)
    residual = float(np.abs(generator.T @ spent - change).max())
    scale = max(1.0, float(np.max(-generator.diagonal() * np.abs(spent))))
    if residual > _TOLERANCE * scale:
        raise SimulationError(f"the shares of time do not satisfy their equations: {residual / scale:.2g} off")
    return spent / (end - begin), residual / scale


class _Parts:
    """The parts of a chain's states that are never left, and the states that are.

    Attributes
    ----------
    leads
        For each part, the probability to end up in it, from every state, shape (states,).
    within, shares
        For each part, the generator of its states alone, and the long-run shares of time in them.
    """

    def __init__(self, generator: sparse.csr_matrix) -> None:
        self.generator = generator
        count, classes = csgraph.connected_components(generator, directed=True, connection="strong")
        rates = generator.tocoo()
        left = np.zeros(count, bool)
        left[classes[rates.row[(rates.data > 0.0) & (classes[rates.row] != classes[rates.col])]]] = True
        self.members = [np.flatnonzero(classes == k) for k in np.flatnonzero(~left)]
        self.passing = np.flatnonzero(left[classes])
        self.leads = [self._leading_to(members) for members in self.members]
        self.within = [generator[members][:, members].tocsr() for members in self.members]
        self.shares = [_stationary(q) for q in self.within]

    def _leading_to(self, members: npt.NDArray[np.int64]) -> Floats:
        found = np.zeros(self.generator.shape[0])
        if len(self.members) == 1:
            return np.ones(len(found))
        found[members] = 1.0
        if len(self.passing):
            rows = self.generator[self.passing]
            found[self.passing] = _solved(rows[:, self.passing].tocsc(), -np.asarray(rows @ found).ravel())
        return found

    def steady(self, start: Floats) -> Floats:
        """Return the long-run shares of time from a start."""
        found = np.zeros(len(start))
        for members, leads, shares in zip(self.members, self.leads, self.shares, strict=True):
            found[members] = float(leads @ start) * shares
        return found


def _stationary(q: sparse.csr_matrix) -> Floats:
    """Return the stationary distribution of a chain whose states all communicate."""
    count = q.shape[0]
    if count == 1:
        return np.ones(1)
    if count > _DIRECT:
        found = _swept(q.T.tocsc(), np.zeros(count), np.full(count, 1.0 / count))
        if found is not None and _off(q, found) <= _TOLERANCE:
            return found
        _refuse_to_factorise(count)
    last = -np.asarray(q[-1, :-1].todense()).ravel()  # with the weight of the last state set to one
    found = np.append(np.atleast_1d(sla.spsolve(q[:-1, :-1].T.tocsc(), last)), 1.0)
    return np.clip(found, 0.0, None) / found.sum()


def _swept(a: sparse.csc_matrix, b: Floats, first: Floats) -> Floats | None:
    """Return x with a x = b by sweeps of Gauss and Seidel, or None where they come to rest too early.

    Where b is nought x is a distribution. For generators the sweeps converge (Stewart 1994, chapter 3), quickly in the
    order in which states are found from the start.
    """
    lower = sla.splu(sparse.tril(a).tocsc(), permc_spec="NATURAL", diag_pivot_thresh=0.0)
    upper = sparse.triu(a, 1).tocsr()
    shares = not np.any(b)
    x, best, least, since = first, first, np.inf, 0
    for k in range(_MOST_SWEEPS):
        x = lower.solve(b - upper @ x)
        if shares:
            x /= x.sum()
        if k % 10 == 9:
            off = float(np.abs(a @ x - b).max()) / (float(np.max(-a.diagonal() * np.abs(x))) or 1.0)
            if off < least:
                best, least, since = x, off, 0 if off < 0.95 * least else since + 1
            else:
                since += 1
            if least <= _ROUNDING or since > 30:
                break
    return best if least <= _TOLERANCE else None


def _off(q: sparse.csr_matrix, shares: Floats) -> float:
    """Return the largest error of balance of a state, relative to the largest flow through one."""
    flow = float(np.max(-q.diagonal() * shares))
    return float(np.abs(q.T @ shares).max()) / flow if flow else 0.0


def _checked(q: sparse.csr_matrix, shares: Floats) -> float:
    residual = _off(q, shares)
    if residual > _TOLERANCE:
        raise SimulationError(f"the long-run shares do not satisfy the equations of balance: {residual:.2g} off")
    return residual


def _later(generator: sparse.csr_matrix, start: Floats, hours: float, steady: Floats) -> Floats:
    """Return the distribution after some hours, by uniformisation."""
    if hours <= 0.0:
        return start
    rate = 1.02 * float(-generator.diagonal().min())
    if not rate:
        return start
    step = sparse.csr_matrix((sparse.identity(generator.shape[0]) + generator.multiply(1.0 / rate)).T)
    now = start
    left = hours
    stretch = min(left, 200.0 / rate)
    steps = 0
    while left > 0.0:
        length = min(stretch, left)
        now, taken = _poisson_sum(step, now, rate * length)
        left -= length
        steps += taken
        if np.abs(now - steady).sum() <= _STEADY:
            return steady
        if steps > _MOST_STEPS:
            raise SimulationError("the times of the chain lie too far apart to follow it from its start; say "
                                  "`kind: steady` for its long run")
    return now


def _poisson_sum(step: sparse.csr_matrix, start: Floats, mean: float) -> tuple[Floats, int]:
    """Return the mean over a Poisson number of steps; the tail beyond 1e-16 is left out."""
    most = int(mean + 9.0 * np.sqrt(mean) + 30.0)
    weight = np.exp(-mean)
    now, total, summed = start, weight * start, weight
    for k in range(1, most + 1):
        now = step @ now
        weight *= mean / k
        total = total + weight * now
        summed += weight
    return total / summed, most


def _integral(q: sparse.csr_matrix, change: Floats, steady: Floats, hours: float) -> Floats:
    """Return x with x Q = change and a sum of `hours`, in a part whose states all communicate."""
    if q.shape[0] > _DIRECT and (found := _swept(q.T.tocsc(), change, hours * steady)) is not None:
        return np.asarray(found + (hours - found.sum()) * steady)
    last = int(np.argmax(steady))
    keep = np.flatnonzero(np.arange(q.shape[0]) != last)
    rest = np.zeros(q.shape[0])
    if len(keep):
        rest[keep] = _solved(q[keep][:, keep].T.tocsc(), change[keep])
    return np.asarray(rest + (hours - rest.sum()) * steady)


def _solved(a: sparse.csc_matrix, b: Floats) -> Floats:
    """Return x with a x = b, where that is one x."""
    if not np.any(b):
        return np.zeros(len(b))
    found = _swept(a, b, np.zeros(len(b))) if len(b) > _DIRECT else None
    if found is not None:
        return found
    _refuse_to_factorise(len(b))
    return np.atleast_1d(sla.spsolve(a, b))


def _refuse_to_factorise(count: int) -> None:
    """Refuse what would take hours and all memory.

    Raises
    ------
    SimulationError
        If there are too many states for a factorisation.
    """
    if count > _MOST_FACTORISED:
        raise SimulationError(f"the equations of {count:,} states do not converge: their times lie too far apart; "
                              "solve a smaller chain")
