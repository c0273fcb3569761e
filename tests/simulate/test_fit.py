"""Fitting: the family that made the values is found, and bad data are told by row."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.cli import main
from lodeworks.simulate.fit import FitError, propose, read_column

RNG = np.random.default_rng(7)
SAMPLES = {
    "exponential": RNG.exponential(2.0, 800), "lognormal": RNG.lognormal(0.0, 0.8, 800),
    "uniform": RNG.uniform(1.0, 3.0, 800), "triangular": RNG.triangular(1.0, 2.0, 6.0, 800),
}


@pytest.mark.parametrize("family", SAMPLES)
def test_the_family_that_made_the_values_is_among_the_first_three(family):
    found = propose(SAMPLES[family])
    assert family in [fit.family for fit in found[:3]]


def test_a_mixture_is_better_told_by_its_quantiles():
    humps = np.concatenate([RNG.normal(1.0, 0.05, 500), RNG.normal(9.0, 0.05, 500)])
    assert propose(humps)[0].family == "empirical"


def test_values_below_nought_are_told():
    with pytest.raises(FitError, match="row"):
        propose(np.array([1.0, 2.0, -3.0, *np.ones(20)]))


def test_an_unknown_column_is_told_with_those_there_are(tmp_path):
    file = tmp_path / "times.csv"
    file.write_text("minutes\n" + "\n".join(str(x) for x in SAMPLES["uniform"]))
    with pytest.raises(FitError, match="minutes"):
        read_column(file, "minuts")


@pytest.mark.parametrize(("unit", "told"), [("xyz", True), ("min", False), ("", False)])
def test_a_unit_that_is_none_is_told(tmp_path, capsys, monkeypatch, unit, told):
    file = tmp_path / "times.csv"
    file.write_text("minutes\n" + "\n".join("3" for _ in range(20)))
    monkeypatch.setattr("sys.argv", ["lodeworks", "fit", str(file), "minutes", "--unit", unit])
    with pytest.raises(SystemExit):
        main()
    assert ("'xyz' is no unit by itself" in capsys.readouterr().err) == told


def test_the_command_prints_what_to_write(tmp_path, capsys, monkeypatch):
    file = tmp_path / "times.csv"
    file.write_text("minutes\n" + "\n".join(str(x) for x in SAMPLES["exponential"]))
    monkeypatch.setattr("sys.argv", ["lodeworks", "fit", str(file), "minutes", "--unit", "min"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    assert "exponential(" in capsys.readouterr().out
