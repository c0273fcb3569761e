"""The hands and eyes of the browser tests themselves: what is pressed is pressed once, and nothing but a new drawing is waited out."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.pages.browser import browsing, fill, press, text, texts, until

PAGE = """<body><p class="t" style="display: none">hidden</p><p class="t">  seen </p>
<button class="b" disabled>Go</button><button class="b">Go on</button><button class="b">Go</button><input value="old">
<button class="b" title="another" style="position: relative; z-index: 1">Go</button>
<div id="over" style="position: fixed; inset: 0"></div>
<script>
  window.told = [];
  for (const one of document.querySelectorAll(".b")) one.addEventListener("click", () => told.push(`${one.textContent}${one.title} ${navigator.userActivation.isActive}`));
  document.querySelector("input").addEventListener("input", (event) => told.push(event.target.value));
  setInterval(() => { for (const one of document.querySelectorAll(".t")) one.replaceWith(one.cloneNode(true)); }, 1);
  setTimeout(() => document.querySelector("#over").remove(), 400);
</script>"""


def test_what_is_drawn_anew_all_the_time_is_read_and_what_lies_free_is_pressed_once():
    with browsing() as driver:
        driver.get("data:text/html;charset=utf-8," + quote(PAGE))
        assert texts(driver, ".t") == ["seen"]
        assert text(driver, ".none") == ""
        press(driver, ".b", "Go")  # the first that is on, after what lay over it is gone, and not the other that is free
        fill(driver, "input", "新")
        assert driver.execute_script("return told") == ["Go true", "新"]
        with pytest.raises(AssertionError, match="did not come in time"):
            press(driver, ".b", "Stop", seconds=0.2)


@pytest.mark.parametrize("words", ["stale element reference: stale element not found", 'unhandled inspector error: {"message":"Node with given id does not belong to the document"}', "target frame detached", "aborted by navigation"])
def test_a_page_that_was_drawn_anew_is_asked_again(words):
    from selenium.common.exceptions import WebDriverException

    asked = []

    def look():
        asked.append(1)
        if len(asked) < 3:
            raise WebDriverException(words)
        return "there"

    assert until(look, 1.0) == "there"


@pytest.mark.parametrize("words", ["javascript error: x is not defined", "tab crashed", "session deleted", "timeout", "no such window"])
def test_any_other_trouble_is_told_at_once(words):
    from selenium.common.exceptions import WebDriverException

    def look():
        raise WebDriverException(words)

    with pytest.raises(WebDriverException, match=words):
        until(look, 1.0)
