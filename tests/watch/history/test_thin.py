"""Thinning: no spike is lost, of no quality, and thinning twice is thinning once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lodeworks.watch.history.thin import Thinner, extremes
from lodeworks.watch.samples import Quality


@st.composite
def series(draw):
    n = draw(st.integers(1, 120))
    at = np.cumsum(draw(hnp.arrays(np.int64, n, elements=st.integers(1, 50))))
    value = draw(hnp.arrays(np.float64, n, elements=st.floats(-5, 5)))
    quality = draw(hnp.arrays(np.uint8, n, elements=st.sampled_from([0, 0, 0, 1, 2, 3])))
    return at, value, quality


def thinned(at, value, quality, points, cuts=()):
    thinner = Thinner(0, int(at[-1]) + 1, points)
    for part in zip(*(np.split(column, list(cuts)) for column in (at, value, quality)), strict=True):
        thinner.add(*part)
    return thinner.series()


@settings(max_examples=150, deadline=None)
@given(series(), st.integers(2, 40))
def test_the_extremes_of_each_quality_stay(columns, points):
    at, value, quality = columns
    found = thinned(at, value, quality, points)
    assert found.n_raw == len(at)
    assert (np.diff(found.at) > 0).all()
    for grade in np.unique(quality):
        kept, all_ = found.value[found.quality == grade], value[quality == grade]
        if len(at) > points:
            assert len(kept) <= 2 * max(points // 2, 1)
        if grade != Quality.BAD:
            assert kept.min() == all_.min()
            assert kept.max() == all_.max()
        else:
            assert found.at[found.quality == grade][0] == at[quality == grade][0]
            assert found.at[found.quality == grade][-1] == at[quality == grade][-1]
    sound = value[quality != Quality.BAD]
    if len(sound):
        assert (found.low, found.high) == (sound.min(), sound.max())
    else:
        assert np.isnan(found.low)


@settings(max_examples=150, deadline=None)
@given(series(), st.integers(2, 40))
def test_thinning_twice_with_the_same_edges_is_thinning_once(columns, points):
    at, value, quality = columns
    edges = np.unique(np.linspace(0, at[-1] + 1, points + 1).round().astype(np.int64))
    once = extremes(at, value, quality, edges)
    parts = [
        rows + start for start, rows in (
            (cut, extremes(at[cut:end], value[cut:end], quality[cut:end], edges))
            for cut, end in ((0, len(at) // 2), (len(at) // 2, len(at))) if end > cut
        )
    ]
    rows = np.concatenate(parts)
    again = rows[extremes(at[rows], value[rows], quality[rows], edges)]
    np.testing.assert_array_equal(once, again)


def test_few_samples_are_not_thinned():
    found = thinned(np.arange(10), np.arange(10.0), np.zeros(10, np.uint8), 10)
    assert found.value.tolist() == list(range(10))
    assert not found.thinned


def test_a_long_series_is_thinned_on_the_way(monkeypatch):
    """What is gathered stays bounded, and the answer is the one of everything at once."""
    monkeypatch.setattr("lodeworks.watch.history.thin._ENOUGH", 500)
    rng = np.random.default_rng(2)
    at, value, quality = np.arange(5000), rng.normal(size=5000), np.zeros(5000, np.uint8)
    whole = thinned(at, value, quality, 100)
    by_part = thinned(at, value, quality, 100, cuts=range(300, 5000, 300))
    np.testing.assert_array_equal(whole.at, by_part.at)
    np.testing.assert_array_equal(whole.value, by_part.value)
    assert by_part.n_raw == 5000


def test_a_peak_of_a_calibration_does_not_hide_a_real_one():
    at = np.arange(1000)
    value, quality = np.full(1000, 0.3), np.zeros(1000, np.uint8)
    value[500], quality[500] = 2.0, Quality.TEST
    value[501] = 1.2
    found = thinned(at, value, quality, 10)
    assert {(2.0, Quality.TEST), (1.2, Quality.GOOD)} <= set(zip(found.value.tolist(), found.quality.tolist(), strict=True))


@pytest.mark.parametrize("points", [1, 2, 3])
def test_the_fewest_points_still_show_both_extremes(points):
    found = thinned(np.arange(100), np.sin(np.arange(100.0)), np.zeros(100, np.uint8), points)
    assert len(found.at) == 2
