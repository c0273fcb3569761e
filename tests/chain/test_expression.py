"""Expressions are read with ordinary precedence, or refused at the character where they stop making sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeworks.chain.expression import ExpressionProblem, names_in, parse_expression


@pytest.mark.parametrize(("text", "at", "words"), [
    ("a = 2", 3, "=="), ("a >", 4, "the end"), ("(a", 3, "`)`"), ("foo(a)", 1, "no function"), ("min()", 5, "name or a number"),
    ("abs(a, b)", 1, "one value"), ("a b", 3, "operator"), ("12ab > 1", 1, "backquotes"), ("`a > 1", 1, "not closed"),
    ("a $ 1", 3, "means nothing"), ("", 1, "the end"), ("a > 1 and", 10, "the end"), ("`` > 1", 1, "empty"),
    ("(" * 70 + "a", 61, "deep"), ("a" * 4001, 4000, "characters"), ("__import__(x)", 1, "no function"),
])
def test_what_is_no_expression_is_refused_at_its_place(text, at, words):
    with pytest.raises(ExpressionProblem) as caught:
        parse_expression(text)
    assert caught.value.at == at
    assert words in str(caught.value)


def test_names_are_told_with_their_place():
    assert names_in(parse_expression("甲烷_T0 > 1 and `belt-1 v` < min(a.b, 甲烷_T0)")) == {"甲烷_T0": 1, "belt-1 v": 15, "a.b": 32}


def test_a_point_ends_no_number():
    assert names_in(parse_expression("1.5e3 < a or .5 > b")) == {"a": 9, "b": 19}


@given(st.text(alphabet="ab1. ()+-*/<>=!,`andornotmix≤", max_size=40))
def test_any_text_is_read_or_refused_in_words(text):
    assert 0 <= _fault_at(text) <= len(text) + 1


def _fault_at(text: str) -> int:
    try:
        parse_expression(text)
    except ExpressionProblem as error:
        return error.at
    return 0
