"""Propose a distribution for measured times or amounts, as the text that is written in a chain file.

Here stand the estimates, the test of each and the reading of a column of measurements. What a text in a chain file may
say is not decided here, nor are units converted: the unit is only written behind the numbers. Draws for a simulation
come from the kernel's own streams.

Every family is fitted by maximum likelihood; families on the positive numbers begin at nought. The Kolmogorov-Smirnov
distance is measured to a curve fitted to the same values, which makes it smaller than the textbook table supposes (the
Lilliefors effect): its p-value is therefore had by drawing 200 samples from the fitted curve, fitting each anew and
counting how often one lies as far off. Values rounded coarsely when noted down follow no smooth curve, and a large
sample shows it.
"""

from lodeworks.simulate.fit.column import read_column
from lodeworks.simulate.fit.family import FitError
from lodeworks.simulate.fit.proposing import Fit, propose

__all__ = ["Fit", "FitError", "propose", "read_column"]
