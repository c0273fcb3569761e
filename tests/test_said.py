"""What a run says is one line in two languages, and reads as the English one."""

from __future__ import annotations

import pickle

from lodeworks.said import Said, some_of


def test_a_line_is_its_english_text_and_keeps_the_chinese_on_its_way() -> None:
    line = pickle.loads(pickle.dumps(Said("no store", "没有储存")))
    assert (line, line.zh) == ("no store", "没有储存")


def test_of_many_names_some_are_told() -> None:
    assert (few := some_of(["a", "b"], 2)) == "a, b"
    assert few.zh == "a、b"
    assert (many := some_of(["a", "b", "c", "d"], 2)) == "a, b and 2 more"
    assert many.zh == "a、b等4项"
