"""A real browser and a real server, started and ended by the test that uses them.

A server is a process of its own, forked from one that has read the program already: what a start costs is measured
elsewhere (`test_shift_browser` and `test_serve` start the command itself).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.forks import FORKS

# How long is waited for what is to come: it ends as soon as it is there, and a busy computer takes what it takes.
WAIT_S = 60.0
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--mute-audio",
)
SERVE = "import sys; from pathlib import Path; from lodeworks.pages import serve; from tests.pages import plant; serve(plant.mine(), Path(sys.argv[1]), port=int(sys.argv[2]))"

# The field of the remark in the dialog that is open.
NOTE = ".q-dialog label:last-of-type input"

def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(folder: Path, code: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """As `serving`, with what the server says next on its console."""
    with _process(folder, code, 0) as (address, said, _):
        yield address, said


@contextmanager
def mortal(folder: Path, code: str = SERVE, port: int = 0) -> Iterator[tuple[str, int]]:
    """As `serving`, with the number of the server's process, for who means to stop or kill it."""
    with _process(folder, code, port) as (address, _, number):
        yield address, number


@contextmanager
def serving(folder: Path, code: str = SERVE, port: int = 0) -> Iterator[str]:
    """Run the pages over a folder in a process of its own; yield the address."""
    with _process(folder, code, port) as (address, *_):
        yield address


@contextmanager
def _process(folder: Path, code: str, port: int) -> Iterator[tuple[str, Callable[[], str], int]]:
    port = port or free_port()
    reader, writer = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_run, args=(code, str(folder), port, writer))
    process.start()
    writer.close()
    with reader, open(reader.fileno(), encoding="utf-8", closefd=False) as console:
        try:
            line = console.readline()
            assert line.startswith("http"), line + console.read()
            yield f"http://localhost:{port}", console.readline, process.pid
        finally:
            process.terminate()
            process.join(30)
            os.set_blocking(reader.fileno(), False)
            print(console.read())  # shown where the test fails
            assert process.exitcode is not None, "the server does not end"


def _run(code: str, folder: str, port: int, console: Connection) -> None:
    """Run code in this process as `python -c` would, told a folder and a port; what it prints goes to the console."""
    os.dup2(console.fileno(), 1)
    os.dup2(console.fileno(), 2)
    os.chdir(folder)
    sys.argv = ["-c", folder, str(port)]
    exec(code, {"__name__": "__main__"})


# What a page still waits for, and when it was last given another element (words that change are no drawing).
WATCHED = """
  window.asking = 0; window.drawnAt = 0;
  const ask = window.fetch;
  window.fetch = (...given) => { window.asking += 1; return ask(...given).finally(() => { window.asking -= 1; }); };
  const isElement = (node) => node.nodeType === 1;
  new MutationObserver((all) => { if (all.some((one) => [...one.addedNodes, ...one.removedNodes].some(isElement))) window.drawnAt = performance.now(); }).observe(document, {childList: true, subtree: true});
"""


@contextmanager
def browsing(width: int = 1920, height: int = 1080, *, asked: bool = False) -> Iterator:
    """A headless chromium of its own, with its own folder; without one the test is left out, saying so, but never in CI.

    `asked` has it write down what it asks of whom, which slows it.
    """
    if not CHROMIUM or not DRIVER:
        assert not os.environ.get("CI"), "chromium and its driver are not installed (apt: chromium, chromium-driver)"
        pytest.skip("chromium and its driver are not installed")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    profile = tempfile.mkdtemp(prefix="lodeworks-browser-")
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", **({"performance": "ALL"} if asked else {})})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        sized(driver, width, height)
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCHED})
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def sized(driver, width: int, height: int) -> None:
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})


# What a driver says where the page was drawn anew, or is being loaded, between finding a thing and asking it.
AFRESH = (
    "stale element reference", "does not belong to the document", "No node with given id", "target frame detached", "aborted by navigation",
    "loader has changed while resolving nodes", "no such execution context", "Execution context was destroyed", "Inspected target navigated or closed",
)
SHOWN = "const shown = (css) => [...document.querySelectorAll(css)].filter((one) => one.checkVisibility()), words = (one) => (one.innerText ?? one.textContent).trim();"
# One that can be reached is not switched off, and nothing lies over it: in a dialog that moves in they come one by one.
FREE = """const free = (one) => {
  if (!one || one.disabled) return false;
  one.scrollIntoView({block: "nearest", behavior: "instant"});
  const r = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2));
};"""


def until(condition, seconds: float = WAIT_S):
    """Wait for something to become true, and return it; a page that was just drawn anew, or is being loaded, is asked again."""
    from selenium.common.exceptions import NoSuchElementException, WebDriverException

    end = time.monotonic() + seconds
    while True:
        try:
            if found := condition():
                return found
        except WebDriverException as error:
            if not isinstance(error, NoSuchElementException) and not any(words in str(error.msg) for words in AFRESH):
                raise
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.1)


def read(driver, script: str, *given):
    """What one script finds; it is asked again where the page was being loaded, so it must only look."""
    return until(lambda: [driver.execute_script(script, *given)])[0]


def drawn(driver, seconds: float = WAIT_S) -> None:
    """Wait until a page is there: its line stands, all it asked for has come, and nothing was put on it for a moment."""
    until(lambda: driver.execute_script("return window.did_handshake && window.asking === 0 && performance.now() - window.drawnAt > 250;"), seconds)


def texts(driver, css: str) -> list[str]:
    """What is written in all that is shown of a kind, read at one moment: no drawing comes in between."""
    return read(driver, SHOWN + "return shown(arguments[0]).map(words);", css)


def text(driver, css: str) -> str:
    """What is written in the first of a kind; nothing where there is none."""
    return next(iter(texts(driver, css)), "")


def count(driver, css: str) -> int:
    """How many there are of a kind, shown or not."""
    return read(driver, "return document.querySelectorAll(arguments[0]).length;", css)


def press(driver, css: str, words: str = "", *, part: str = "", seconds: float = WAIT_S) -> None:
    """Press the first of a kind, once it is there and free, as a hand would: one that says just `words`, or `part` and more.

    None is meant that is switched off; where another is free already, the first is waited for. It is found, seen to be
    free, and pressed by one script, which says whether it did: nothing is pressed that was drawn anew meanwhile, and
    nothing twice.
    """
    script = f"""(() => {{ {SHOWN} {FREE}
      const all = {json.dumps(words)}, part = {json.dumps(part)};
      const one = shown({json.dumps(css)}).find((one) => !one.disabled && (!all || words(one) === all) && words(one).includes(part));
      if (!free(one)) return false;
      one.dispatchEvent(new PointerEvent("pointerdown", {{bubbles: true}}));
      const held = one.closest("[tabindex], a[href], button, input, select, textarea");
      held ? held.focus({{preventScroll: true}}) : document.activeElement?.blur();
      one.click();
      return true;
    }})()"""
    told = {"expression": script, "userGesture": True, "returnByValue": True}

    def pressed() -> bool:
        answer = driver.execute_cdp_cmd("Runtime.evaluate", told)
        assert "exceptionDetails" not in answer, answer
        return answer["result"]["value"]

    until(pressed, seconds)


def keys(driver, *pressed: str) -> None:
    """Press keys where the page has its focus: that needs no element, which might be drawn anew."""
    from selenium.webdriver import ActionChains

    ActionChains(driver).send_keys(*pressed).perform()


def fill(driver, css: str, words: str, seconds: float = WAIT_S) -> None:
    """Write words into the first field of a kind, once it is there and free, in place of what stands in it."""
    script = f"""{SHOWN} {FREE}
      const [one] = shown(arguments[0]);
      if (!free(one)) return false;
      one.focus();
      one.select();
      return document.execCommand("insertText", false, arguments[1]) && one.value === arguments[1];"""
    until(lambda: driver.execute_script(script, css, words), seconds)


def confirm(driver, words: str = "", first: str = "", seconds: float = WAIT_S) -> None:
    """Fill in and confirm the dialog that is open: what is asked for besides the remark, and the remark."""
    if first:
        fill(driver, ".q-dialog .q-card input", first, seconds)
    if words:
        fill(driver, NOTE, words, seconds)
    press(driver, ".q-dialog .lw-do", seconds=seconds)
    until(lambda: not count(driver, ".q-dialog"), seconds)


@cache
def _axe() -> str:
    """The script of axe-core, as the package `selenium-axe-python` of the extra `test` carries it."""
    [script] = [one for one in metadata.files("selenium-axe-python") or () if one.name == "axe.min.js"]
    return Path(script.locate()).read_text(encoding="utf-8")


def serious(driver) -> list[tuple[str, str, str]]:
    """What axe finds serious or critical on the page once nothing moves in: how much, which rule, and where first."""
    until(lambda: read(driver, "return document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity);"))
    if not read(driver, "return window.axe !== undefined"):
        driver.execute_script(_axe())
    found = driver.execute_async_script("const done = arguments[0]; axe.run(document).then(r => done(r.violations.map(v => [v.impact, v.id, v.nodes[0].html.slice(0, 150)])))")
    return [(impact, rule, where) for impact, rule, where in found if impact in ("serious", "critical")]


def errors(driver) -> list[str]:
    """What the browser's console complains of, but for pictures that are not there."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE" and "/api/camera/" not in entry["message"]]
