"""Programs of expressions are worth what the same words mean in Python, row by row; the unknown stays unknown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeworks.errors import InputError
from lodeworks.network.expression import compiled

numbers = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])


def grown(inner):
    pairs = st.tuples(inner, st.sampled_from(["+", "-", "*", "<", "<=", ">", ">=", "==", "!="]), inner)
    return st.one_of(
        pairs.map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"(({p[0]}) != 0 {p[1]} ({p[2]}) != 0)"),
        inner.map(lambda e: f"(not {e})"), inner.map(lambda e: f"-{e}"), inner.map(lambda e: f"abs({e})"),
        st.tuples(inner, inner).map(lambda p: f"min({p[0]}, {p[1]})"), st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
    )


expressions = st.recursive(st.sampled_from(["a", "b", "1.5", "2"]), grown, max_leaves=12)


@given(expressions, st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
def test_the_value_is_that_of_the_same_words_in_python(text, rows):
    columns = {"a": np.array([a for a, _ in rows]), "b": np.array([b for _, b in rows])}
    program = compiled(text)
    expected = [float(eval(text, {"__builtins__": {}, "min": min, "max": max, "abs": abs}, {"a": a, "b": b})) for a, b in rows]
    found = np.broadcast_to(program(columns), len(rows))
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(("text", "value"), [
    ("x > 1", math.nan), ("x > 1 and 0", 0.0), ("x > 1 or 1", 1.0), ("not x", math.nan), ("x > 1 and 1", math.nan),
    ("x + 1", math.nan), ("1 / 0", math.nan), ("0 / 0 == 0", math.nan), ("min(x, 1)", math.nan), ("2 > 1", 1.0),
])
def test_what_is_not_known_stays_unknown_unless_the_rest_decides_it(text, value):
    assert compiled(text)({"x": np.nan}) == pytest.approx(value, nan_ok=True)


def test_comparisons_in_a_row_hold_all():
    assert compiled("1 < a <= 3")({"a": [1.0, 2.0, 3.0, 4.0]}).tolist() == [0.0, 1.0, 1.0, 0.0]


def test_columns_and_single_values_are_combined():
    assert compiled("a > limit")({"a": np.arange(3.0), "limit": 1.0}).tolist() == [0.0, 0.0, 1.0]


def test_a_missing_column_is_told():
    with pytest.raises(KeyError):
        compiled("a > 1")({})


def test_no_expression_is_an_input_error():
    with pytest.raises(InputError, match="character 4"):
        compiled("a >")
