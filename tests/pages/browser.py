"""A real browser and a real server, started and ended by the test that uses them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--mute-audio",
)
SERVE = "import sys; from pathlib import Path; from lodeworks.pages import serve; from tests.pages import plant; serve(plant.mine(), Path(sys.argv[1]), port=int(sys.argv[2]))"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(folder: Path, code: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """As `serving`, with what the server says next on its console."""
    with _process(folder, code, 0) as (address, process):
        yield address, process.stdout.readline


@contextmanager
def serving(folder: Path, code: str = SERVE, port: int = 0) -> Iterator[str]:
    """Run the pages over a folder in a process of its own; yield the address."""
    with _process(folder, code, port) as (address, _):
        yield address


@contextmanager
def _process(folder: Path, code: str, port: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = port or free_port()
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    process = subprocess.Popen([sys.executable, "-c", code, str(folder), str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=folder)
    try:
        line = process.stdout.readline()
        assert line.startswith("http"), line + process.stdout.read()
        yield f"http://localhost:{port}", process
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()


@contextmanager
def browsing(width: int = 1920, height: int = 1080) -> Iterator:
    """A headless chromium of its own, with its own folder; without one the test is left out, saying so, but never in CI."""
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
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        sized(driver, width, height)
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def sized(driver, width: int, height: int) -> None:
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})


def until(condition, seconds: float = 10.0):
    """Wait for something to become true, and return it; what a page has just drawn anew, or not yet, is asked again."""
    from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

    end = time.monotonic() + seconds
    while True:
        with suppress(NoSuchElementException, StaleElementReferenceException):
            if found := condition():
                return found
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.1)


def axe() -> str:
    """The script of axe-core, as the package `selenium-axe-python` of the extra `test` carries it."""
    [script] = [one for one in metadata.files("selenium-axe-python") or () if one.name == "axe.min.js"]
    return Path(script.locate()).read_text(encoding="utf-8")


def errors(driver) -> list[str]:
    """What the browser's console complains of, but for pictures that are not there."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE" and "/api/camera/" not in entry["message"]]
