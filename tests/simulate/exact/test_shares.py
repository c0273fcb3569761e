"""Shares of time against matrix exponentials, over random generators that may fall apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.linalg import expm

from lodeworks.simulate.exact import shares
from lodeworks.simulate.exact.shares import long_run, over_time


def drawn(seed: int, size: int, density: float) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    q = dice.exponential(1.0, (size, size)) * (dice.random((size, size)) < density)
    np.fill_diagonal(q, 0.0)
    return q - np.diag(q.sum(axis=1)), dice.dirichlet(np.ones(size))


def averaged(q: np.ndarray, start: np.ndarray, begin: float, end: float) -> np.ndarray:
    """The mean of start exp(q t) over the stretch, by the exponential of a block matrix (Van Loan 1978)."""
    n = len(q)
    both = expm(np.block([[q, np.eye(n)], [np.zeros((n, 2 * n))]]) * (end - begin))
    return (start @ expm(q * begin)) @ both[:n, n:] / (end - begin)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.floats(0.1, 0.7), st.floats(0.0, 9.0), st.floats(0.1, 20.0))
def test_over_a_stretch(seed, size, density, begin, hours):
    q, start = drawn(seed, size, density)
    found, residual = over_time(sparse.csr_matrix(q), start, begin, begin + hours)
    assert found == pytest.approx(averaged(q, start, begin, begin + hours), abs=1e-9)
    assert residual < 1e-10


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.floats(0.1, 0.7))
def test_in_the_long_run(seed, size, density):
    q, start = drawn(seed, size, density)
    found, _ = long_run(sparse.csr_matrix(q), start)
    assert found @ q == pytest.approx(np.zeros(size), abs=1e-9)
    parts = expm(q * 40.0)
    for _ in range(40):  # far enough for slow ones
        parts = parts @ parts
        parts /= parts.sum(axis=1, keepdims=True)
    assert found == pytest.approx(start @ parts, abs=1e-6)


def test_sweeps_give_what_a_factorisation_gives(monkeypatch):
    q, start = drawn(7, 60, 0.1)
    q += np.diag(np.full(59, 0.1), 1) + np.diag(np.full(59, 0.1), -1)
    q -= np.diag(q.sum(axis=1))
    direct = long_run(sparse.csr_matrix(q), start)[0], over_time(sparse.csr_matrix(q), start, 0.0, 5.0)[0]
    monkeypatch.setattr(shares, "_DIRECT", 1)
    swept = long_run(sparse.csr_matrix(q), start)[0], over_time(sparse.csr_matrix(q), start, 0.0, 5.0)[0]
    assert swept[0] == pytest.approx(direct[0], abs=1e-12)
    assert swept[1] == pytest.approx(direct[1], abs=1e-12)


def test_many_states_by_sweeps():
    """A birth-death chain of 5,000 states, whose shares are a geometric sequence."""
    count, load = 5_000, 0.99
    q = sparse.diags([np.full(count - 1, load), np.full(count - 1, 1.0)], [1, -1]).tolil()
    q.setdiag(-np.asarray(q.sum(axis=1)).ravel())
    found, residual = long_run(sparse.csr_matrix(q), np.eye(1, count)[0])
    weights = load ** np.arange(count)
    assert found == pytest.approx(weights / weights.sum(), rel=1e-9, abs=1e-15)
    assert residual < 1e-12
