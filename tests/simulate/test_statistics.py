"""Statistics over replications: numbers known by hand, and promises of coverage kept on numbers with a known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from lodeworks.simulate.statistics import (
    Precision,
    best_of,
    interval,
    mser5,
    paired,
    quantile_interval,
    warm_up,
    welch,
    wilson,
)
from lodeworks.simulate.statistics.laws import binomial_up_to, student

SEED = 20240229


def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def autoregressive(random: np.random.Generator, shape: tuple[int, int], phi: float) -> np.ndarray:
    """Return series around nought with a variance of one, each value leaning on the one before."""
    x = random.standard_normal(shape)
    for i in range(1, shape[1]):
        x[:, i] = phi * x[:, i - 1] + math.sqrt(1.0 - phi * phi) * x[:, i]
    return x


# The laws behind intervals


@pytest.mark.parametrize("degrees", [1, 1.5, 2, 3, 9, 19.7, 39, 40, 41, 199, 999, 1e4])
def test_students_quantile_is_scipys(degrees: float) -> None:
    for alpha in (0.9, 0.5, 0.1, 0.05, 1e-3, 1e-8):
        assert student(degrees, alpha) == pytest.approx(stats.t.isf(alpha / 2.0, degrees), rel=1e-12)
    assert student(degrees, 1.0) == 0.0


def test_without_a_degree_of_freedom_there_is_no_quantile() -> None:
    assert math.isnan(student(0, 0.05))


@pytest.mark.parametrize("n", [1, 2, 10, 200, 1000])
@pytest.mark.parametrize("p", [0.01, 0.5, 0.95])
def test_the_binomial_law_is_scipys(n: int, p: float) -> None:
    assert binomial_up_to(n, p) == pytest.approx(special.bdtr(np.arange(n), n, p), rel=1e-11, abs=1e-300)


# The mean


def test_the_interval_of_a_mean_is_the_one_worked_by_hand():
    found = interval([1.0, 2.0, 3.0, 4.0, 5.0])  # s² = 2.5, t(4) = 2.776445
    assert found.mean == 3.0
    assert found.half == pytest.approx(2.7764451 * math.sqrt(2.5 / 5), rel=1e-7)
    assert (found.low, found.high) == (found.mean - found.half, found.mean + found.half)
    assert (found.count, found.level) == (5, 0.95)


def test_two_replications_give_an_interval_and_one_does_not():
    assert interval([0.0, 2.0]).half == pytest.approx(12.7062047, rel=1e-7)
    for few in ([], [1.0]):
        with pytest.raises(ValueError, match="at least two"):
            interval(few)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 / 3])
def test_equal_values_leave_no_width(value):
    found = interval([value] * 7)
    assert (found.mean, found.low, found.high, found.half) == (value, value, value, 0.0)


def test_a_small_spread_on_a_large_value_is_not_lost():
    assert interval(1e9 + np.array([1.0, 2.0, 3.0])).half == pytest.approx(interval([1.0, 2.0, 3.0]).half, rel=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_refused(bad):
    for ask in (interval, mser5, lambda x: quantile_interval(x, 0.5), lambda x: warm_up([x]), lambda x: best_of([x])):
        with pytest.raises(ValueError, match="finite"):
            ask([1.0, bad, 2.0])


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, math.nan])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="strictly between"):
        interval([1.0, 2.0], level)


@pytest.mark.parametrize(("n", "level"), [(2, 0.95), (5, 0.95), (5, 0.8), (30, 0.99)])
def test_the_interval_covers_the_mean_as_often_as_it_says(n, level):
    x = rng().normal(3.0, 2.0, (40_000, n))
    half = np.array(interval([0.0, *[1.0] * (n - 1)], level).half) / np.std([0.0, *[1.0] * (n - 1)], ddof=1)
    covered = np.abs(x.mean(axis=1) - 3.0) <= half * x.std(axis=1, ddof=1)
    for row in range(50):  # the fast form is the function's own
        found = interval(x[row], level)
        assert (found.low <= 3.0 <= found.high) == covered[row]
    assert covered.mean() == pytest.approx(level, abs=0.006)


# Differences


def test_a_paired_difference_is_the_interval_of_the_differences():
    a, b = [5.0, 7.0, 9.0], [4.0, 5.0, 6.0]
    assert paired(a, b) == interval([1.0, 2.0, 3.0])
    assert paired(b, a).mean == -2.0


def test_common_random_numbers_make_a_difference_surer():
    random = rng()
    common, own = random.normal(0.0, 10.0, 50), random.normal(0.0, 1.0, (2, 50))
    together = paired(common + own[0] + 1.0, common + own[1])
    apart = paired(common + own[0] + 1.0, random.normal(0.0, 10.0, 50) + own[1])
    assert together.half < apart.half / 5
    assert together.low < 1.0 < together.high


def test_pairs_need_two_of_a_length():
    with pytest.raises(ValueError, match="not 2 and 3"):
        paired([1.0, 2.0], [1.0, 2.0, 3.0])


def test_the_interval_between_two_of_their_own_is_that_of_welch():
    a, b = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9], [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8]
    by_scipy = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    found = welch(a, b)
    assert (found.low, found.high) == pytest.approx((by_scipy.low, by_scipy.high), rel=1e-9)
    assert found.count == 6
    assert welch([2.0, 2.0], [1.0, 1.0]).half == 0.0
    with pytest.raises(ValueError, match="at least two"):
        welch([1.0], [1.0, 2.0])


# Shares


def test_the_score_interval_has_its_known_numbers():
    found = wilson(8, 10)
    assert (found.mean, found.count) == (0.8, 10)
    assert (found.low, found.high) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert found.half == pytest.approx((found.high - found.low) / 2)


def test_trials_that_all_end_alike_still_leave_doubt():
    z2 = 1.959963984540054**2
    none, every = wilson(0, 20), wilson(20, 20)
    assert (none.low, every.high) == (0.0, 1.0)
    assert none.high == pytest.approx(z2 / (20 + z2))
    assert every.low == pytest.approx(20 / (20 + z2))


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_of_trials_is_refused(successes, trials):
    with pytest.raises(ValueError, match="no share"):
        wilson(successes, trials)


def test_the_score_interval_covers_the_share_about_as_often_as_it_says():
    n = 30
    ends = np.array([(w.low, w.high) for w in (wilson(k, n) for k in range(n + 1))])
    random = rng()
    shares = random.uniform(0.05, 0.95, 40_000)
    hits = random.binomial(n, shares)
    covered = (ends[hits, 0] <= shares) & (shares <= ends[hits, 1])
    assert covered.mean() == pytest.approx(0.95, abs=0.006)


# Quantiles


def test_the_interval_of_a_median_of_ten_is_the_second_to_the_ninth():
    found = quantile_interval(np.arange(10.0, 0.0, -1.0), 0.5)  # P(1 or fewer of 10) = 11/1024 < 2.5 %, P(2) is more
    assert (found.mean, found.low, found.high, found.half, found.count) == (5.0, 2.0, 9.0, 3.5, 10)


def test_too_few_values_leave_an_end_open():
    found = quantile_interval(np.arange(1.0, 21.0), 0.95)
    assert (found.mean, found.high, found.half) == (19.0, math.inf, math.inf)
    assert math.isfinite(found.low)
    assert quantile_interval(np.arange(1.0, 21.0), 0.05).low == -math.inf
    alone = quantile_interval([3.0], 0.5)
    assert (alone.low, alone.mean, alone.high) == (-math.inf, 3.0, math.inf)
    with pytest.raises(ValueError, match="at least one"):
        quantile_interval([], 0.5)


@pytest.mark.parametrize(("q", "n", "rank"), [(0.07, 100, 7), (0.29, 100, 29), (0.9, 10, 9), (0.91, 10, 10), (0.001, 10, 1)])
def test_the_point_is_the_least_value_with_that_share_at_or_below(q, n, rank):
    assert quantile_interval(np.arange(1.0, n + 1.0), q).mean == rank


@pytest.mark.parametrize("q", [0.0, 1.0, -0.1, math.nan])
def test_a_quantile_lies_between_nought_and_one(q):
    with pytest.raises(ValueError, match="strictly between"):
        quantile_interval([1.0, 2.0], q)


@pytest.mark.parametrize(("q", "n"), [(0.5, 25), (0.9, 60), (0.05, 200), (0.95, 30)])
def test_the_interval_of_a_quantile_covers_it_whatever_the_distribution(q, n):
    """The chance depends on the ranks of the ends alone: it is told exactly, and seen on skewed numbers."""
    ranks = quantile_interval(np.arange(1.0, n + 1.0), q)
    low, high = ranks.low, ranks.high
    below = stats.binom(n, q)
    missed_low, missed_high = below.cdf(low - 1), below.sf(high - 1)
    assert max(missed_low, missed_high) <= 0.025
    if math.isfinite(low):
        assert below.cdf(low) > 0.025  # the next rank would have missed too often
    if math.isfinite(high):
        assert below.sf(high - 2) > 0.025
    x = np.sort(rng().pareto(1.2, (20_000, n)), axis=1)
    true = stats.lomax(1.2).ppf(q)
    over = x[:, int(low) - 1] <= true if math.isfinite(low) else True
    under = x[:, int(high) - 1] >= true if math.isfinite(high) else True
    assert np.mean(over & under) == pytest.approx(1.0 - missed_low - missed_high, abs=0.006)


# The warm-up


def test_mser_leaves_out_a_start_that_is_plainly_other():
    assert mser5([100.0] * 10 + [1.0] * 40) == 10
    assert mser5([100.0] * 12 + [1.0] * 38) == 15  # a cut falls between batches of five


def test_mser_leaves_out_nothing_of_a_constant():
    assert mser5([0.1] * 50) == 0


def test_mser_is_least_where_the_definition_says():
    x = rng().normal(0.0, 1.0, 203) + 4.0 * np.exp(-np.arange(203) / 15.0)
    z = x[:200].reshape(40, 5).mean(axis=1)
    by_hand = [np.sum((z[d:] - z[d:].mean()) ** 2) / (40 - d) ** 2 for d in range(21)]
    assert mser5(x) == 5 * int(np.argmin(by_hand))


def test_mser_looks_in_the_first_half_only():
    assert mser5([5.0] * 45 + [1.0] * 5) <= 25
    assert mser5(np.arange(100.0)) == 50


def test_mser_needs_two_batches():
    assert mser5([1.0] * 10) == 0
    with pytest.raises(ValueError, match="at least 10"):
        mser5([1.0] * 9)


def test_a_planted_transient_is_found_and_the_rest_is_steady():
    random, buckets, scale = rng(), 400, 20.0
    bias = -8.0 * np.exp(-np.arange(buckets) / scale)
    for _ in range(20):
        found = warm_up(10.0 + bias + autoregressive(random, (10, buckets), 0.5))
        assert found.steady, found.reason
        assert found.reason == ""
        assert 2.0 * scale <= found.cut <= 7.0 * scale  # what is left of 8 is between 1.1 and 0.01
        assert found.cut % 5 == 0


def test_leaving_the_warm_up_out_takes_the_bias_away():
    x = 10.0 - 8.0 * np.exp(-np.arange(400) / 20.0) + autoregressive(rng(), (20, 400), 0.5)
    assert not interval(x.mean(axis=1)).high >= 10.0
    rest = interval(x[:, warm_up(x).cut :].mean(axis=1))
    assert rest.mean == pytest.approx(10.0, abs=0.1)


def test_a_steady_series_is_seldom_called_otherwise():
    random = rng()
    found = [warm_up(10.0 + autoregressive(random, (10, 200), 0.6)) for _ in range(200)]
    assert np.mean([w.steady for w in found]) > 0.9
    assert np.mean([w.cut for w in found]) < 40


@pytest.mark.parametrize(("slope", "way"), [(0.02, "rises"), (-0.02, "falls")])
def test_a_trend_is_not_steady(slope, way):
    """A backlog that grows from halfway on: MSER finds no start to leave out, the slopes tell."""
    growth = slope * np.maximum(np.arange(200) - 100, 0)
    found = warm_up(10.0 + growth + autoregressive(rng(), (10, 200), 0.5))
    assert not found.steady
    assert "trend" in found.reason
    assert way in found.reason


def test_a_series_that_grows_throughout_is_not_steady_and_says_the_cut_is_late():
    found = warm_up(np.arange(200.0) + autoregressive(rng(), (5, 200), 0.5))
    assert not found.steady
    assert "may not have ended" in found.reason
    assert found.cut >= 90


def test_a_trend_that_is_sure_but_small_is_no_matter():
    x = 1000.0 + 0.1 * np.arange(200) + 0.01 * rng().standard_normal((10, 200))
    x[:, :100] = x[:, 100:]  # so that the cut is not late, only the second half drifts, by 1 %
    assert warm_up(x).steady


def test_a_drift_that_may_be_chance_is_not_called_a_trend_but_one_replication_cannot_tell():
    slopes = np.array([0.2, -0.1, 0.25, -0.1])  # together up by a quarter of the mean
    x = 10.0 + slopes[:, None] * np.maximum(np.arange(100) - 50, 0) + 3.0 * (np.arange(100) % 2)
    assert warm_up(x).steady
    assert "trend" in warm_up(x[2:3]).reason


def test_every_replication_is_cut_alike_by_their_average():
    x = 5.0 + rng().standard_normal((8, 100))
    x[0, :20] += 30.0
    assert warm_up(x).cut == mser5(x.mean(axis=0)) == 20


def test_nothing_but_noughts_is_steady():
    assert warm_up(np.zeros((3, 40))) == warm_up(np.full((1, 40), 0.1))
    assert warm_up(np.zeros((3, 40))).steady


def test_too_few_buckets_are_told_and_a_wrong_shape_is_refused():
    found = warm_up(np.ones((3, 9)))
    assert (found.cut, found.steady) == (0, False)
    assert "too few" in found.reason
    for wrong in (np.ones(20), np.ones((0, 20)), np.ones((2, 2, 20))):
        with pytest.raises(ValueError, match="expected"):
            warm_up(wrong)


# How many replications


def prefixes_met(x: np.ndarray, precision: Precision) -> list[int]:
    return [n for n in range(precision.least, len(x) + 1)
            if interval(x[:n], precision.level).half <= precision.relative * abs(interval(x[:n]).mean)]


def test_replications_are_enough_at_the_first_number_that_was_met_and_stayed_so():
    x = rng().normal(10.0, 1.0, 400)
    precision = Precision(relative=0.03)
    met = set(prefixes_met(x, precision))
    first = next(n for n in range(2, 400) if all(m in met for m in range(n, n + 6)))
    assert precision.replications_enough(x) == first


def test_one_may_stop_once_it_has_stayed_precise_for_as_long_as_it_looks_ahead():
    x = rng().normal(10.0, 1.0, 400)
    precision = Precision(relative=0.03)
    stop = next(n for n in range(1, 400) if precision.satisfied(x[:n]))
    assert precision.replications_enough(x[:stop]) == stop - 5
    assert precision.replications_enough(x[: stop - 1]) is None


def test_precision_lost_while_looking_ahead_starts_anew():
    x = [10.0, 10.1, 9.9, 10.0, 10.1, 14.0, *[10.0, 10.1, 9.9] * 100]
    precision = Precision(relative=0.02, least=3)
    assert 5 in prefixes_met(np.array(x), precision)
    found = precision.replications_enough(x)
    assert found is not None
    assert found > 6
    assert not precision.satisfied(x[:6])
    assert Precision(relative=0.02, least=3, ahead=0).replications_enough(x) < 6


def test_precision_that_was_lost_later_no_longer_satisfies():
    x = [*[10.0] * 20, 30.0]
    precision = Precision()
    assert precision.satisfied(x[:-1])
    assert not precision.satisfied(x)
    assert precision.replications_enough(x) == 10


def test_equal_values_are_enough_as_soon_as_they_may_be():
    same = [0.1] * 40
    assert Precision().replications_enough(same) == 10
    assert not Precision().satisfied(same[:14])
    assert Precision().satisfied(same[:15])
    assert Precision().satisfied([0.0] * 15)
    assert not Precision().satisfied([])


def test_beyond_a_hundred_it_looks_ahead_in_proportion():
    met_at_200 = Precision(least=200)
    assert not met_at_200.satisfied([1.0] * 209)
    assert met_at_200.satisfied([1.0] * 210)


def test_a_mean_of_nought_is_never_precise():
    assert Precision().replications_enough([1.0, -1.0] * 200) is None


def test_the_number_found_is_about_what_theory_says():
    """Half width 1.96 s/√n = 2 % of the mean at n = (1.96 · 0.3 / 0.02)² = 864 for a spread of 30 %."""
    found = Precision().replications_enough(rng().normal(1.0, 0.3, 2000))
    assert found == pytest.approx(864, rel=0.15)


@pytest.mark.parametrize("wrong", [{"relative": 0.0}, {"least": 1}, {"ahead": -1}, {"level": 1.0}])
def test_a_precision_that_means_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must be|at least|ahead|strictly"):
        Precision(**wrong)


# The best


def test_the_best_and_its_differences_are_those_worked_by_hand():
    samples = [[1.0, 2.0, 3.0], [4.0, 6.0, 8.0], [4.0, 5.0, 9.0]]
    found = best_of(samples)
    assert found.best == 1  # the first of equals
    assert [d.mean for d in found.differences] == [-4.0, 0.0, 0.0]
    assert found.differences[0] == paired(samples[0], samples[1], 0.975)  # two comparisons share the 5 %
    assert found.differences[0].half == pytest.approx(6.2053468 / math.sqrt(3), rel=1e-6)  # t(2) at 98.75 %
    assert found.differences[1].half == 0.0
    assert found.keep == (1, 2)  # the first is off by -4 ± 3.58


def test_what_is_surely_worse_is_not_kept():
    random = rng()
    samples = np.array([[10.0], [5.0], [10.0]]) + random.normal(0.0, 5.0, 40) + random.normal(0.0, 0.5, (3, 40))
    found = best_of(samples)
    assert found.best in (0, 2)
    assert found.keep == (0, 2)
    assert found.differences[1].high < 0.0


def test_what_is_kept_is_what_the_paired_intervals_leave_in_doubt():
    random = rng()
    for _ in range(300):
        samples = random.standard_normal(6) + random.standard_normal((4, 6)) + [[0.0], [0.5], [1.0], [2.0]]
        doubted = tuple(i for i in range(4) if all(paired(samples[i], other, 1 - 0.05 / 3).high >= 0 for other in samples))
        assert best_of(samples).keep == doubted


def test_less_may_be_better():
    samples = np.array([[1.0], [2.0], [3.0]]) + 0.1 * rng().standard_normal((3, 20))
    found = best_of(samples, larger=False)
    assert (found.best, found.keep) == (0, (0,))
    assert found.differences[2].low > 0.0
    assert best_of(-samples).keep == found.keep


def test_an_alternative_is_excluded_by_any_other_not_by_the_best_alone():
    """The best of the sample is uncertain; the second is not, and beats the third for sure."""
    wild = 12.0 + np.array([20.0, -20.0] * 10)
    found = best_of([wild, 10.0 + 0.1 * (np.arange(20) % 3), 5.0 + 0.1 * (np.arange(20) % 2)])
    assert found.best == 0
    assert found.differences[2].high > 0.0
    assert found.keep == (0, 1)


def test_equals_are_kept_together_and_one_alone_is_the_best():
    x = rng().standard_normal(10)
    assert best_of([x, x, x - 1.0]).keep == (0, 1)
    alone = best_of([x])
    assert (alone.best, alone.keep, alone.differences[0].half) == (0, (0,), 0.0)


def test_the_true_best_is_kept_as_often_as_promised_however_close_the_others():
    random, kept, found = rng(), 0, 0
    truth = np.array([[0.0], [0.0], [-0.05], [-0.1], [0.05]])
    for _ in range(1000):
        selection = best_of(truth + random.standard_normal(10) + random.standard_normal((5, 10)), level=0.8)
        kept += 4 in selection.keep
        found += selection.best == 4
    assert kept >= 1000 * 0.8
    assert found < 500  # the mean alone would often have missed it


def test_with_many_replications_only_the_true_best_is_kept():
    truth = np.array([[0.0], [0.3], [0.6], [1.0]])
    assert best_of(truth + rng().standard_normal((4, 1000))).keep == (3,)


def test_a_comparison_needs_two_replications_and_a_table():
    with pytest.raises(ValueError, match="at least two"):
        best_of([[1.0], [2.0]])
    for wrong in (np.ones(3), np.ones((0, 3))):
        with pytest.raises(ValueError, match="expected"):
            best_of(wrong)
