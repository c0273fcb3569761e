"""Statistics over independent replications: intervals, the end of the warm-up, how many are enough, which is best.

Here is what can be said of numbers that replications have given, one number or one series each. How a replication is
run, which numbers it gives and how they are written down is said elsewhere; nothing here draws a random number or
knows what is simulated. Every interval is over replications, never over the correlated values within one.
"""

from lodeworks.simulate.statistics.beginning import WarmUp, mser5, trend, warm_up
from lodeworks.simulate.statistics.best import Selection, best_of
from lodeworks.simulate.statistics.enough import Precision
from lodeworks.simulate.statistics.intervals import Interval, interval, paired, quantile_interval, welch, wilson

__all__ = [
    "Interval",
    "Precision",
    "Selection",
    "WarmUp",
    "best_of",
    "interval",
    "mser5",
    "paired",
    "quantile_interval",
    "trend",
    "warm_up",
    "welch",
    "wilson",
]
