"""What is heard at a desk, in a real browser whose tones and voice are written down: sound before words, bursts, repeats."""

from __future__ import annotations

import pytest

from lodeworks.pages.alarms import heard
from lodeworks.watch.alarms.voice import SOUNDS
from tests.pages.browser import count, errors, keys, press, read, serving, texts, until
from tests.pages.plant import mine

PLANT = """
import sys, threading, time
from pathlib import Path
import lodeworks.pages.alarms as alarms
from lodeworks.pages import serve
from tests.pages.plant import Recorder, mine
alarms.REPEAT_S, alarms.MOST = 2.0, 2
now = lambda: time.time_ns() // 1_000_000
folder = Path(sys.argv[1])
recorder = Recorder(folder, mine(), now() - 1000)
calm = {"face_gas_t0": 0.4, "face_gas_t1": 0.4, "face_temperature": 20.0, "belt_speed": 3.0}
def go_on():
    while True:
        gas = {"face_gas_t0": 1.3} if (folder / "gas").exists() else {}
        more = {"face_gas_t1": 1.2, "face_temperature": 33.0, "belt_speed": 1.0} if (folder / "burst").exists() else {}
        recorder.tick({**calm, **gas, **more}, now=now())
        time.sleep(0.25)
threading.Thread(target=go_on, daemon=True).start()
serve(mine(), folder, port=int(sys.argv[2]))
"""
# What a browser has, as far as the page asks for it; what would be heard is written into `heard`.
EARS = """
window.heard = [];
class Param { setValueAtTime() {} exponentialRampToValueAtTime() {} }
class Node { constructor() { this.frequency = { set value(hertz) { window.heard.push(hertz); } }; this.gain = new Param(); } connect(to) { return to; } start() {} stop() {} }
window.AudioContext = class { constructor() { this.state = localStorage.getItem("strict") ? "suspended" : "running"; this.currentTime = 0; this.destination = {}; } createOscillator() { return new Node(); } createGain() { return new Node(); } resume() { if (navigator.userActivation.isActive) { this.state = "running"; this.onstatechange?.(); } } close() {} };
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: { pending: false, getVoices: () => VOICES, speak: (one) => window.heard.push(`${one.lang} ${one.voice ? "" : "no voice "}${one.text}`), cancel() {}, addEventListener() {}, removeEventListener() {} } });
"""


@pytest.fixture
def listening(window):
    """A browser that has voices, and writes down what would be heard."""
    driver = window(1440, 900)
    put = []

    def of(voices: str = '[{lang: "zh-CN"}, {lang: "en-GB"}]'):
        put.append(driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": EARS.replace("VOICES", voices)}))
        return driver

    yield of
    for one in put:
        driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", one)


def words(driver) -> list[str]:
    return [one for one in heard_by(driver) if isinstance(one, str)]


def heard_by(driver) -> list[str | float]:
    """The words, and the tones in Hz, that would have been heard since the page was loaded."""
    return read(driver, "return window.heard")


def says(driver, name: str, css: str = ".lw-desk .lw-button") -> None:
    """Wait until the switch of the sound says this."""
    until(lambda: any(name in one for one in texts(driver, css)))


def test_the_table_of_sounds_is_the_servers_and_names_every_desk():
    table = heard(mine(), "zh")
    assert (table["wall"], table["wanted"]) == (False, False)
    assert table["desks"] == [{"name": "dispatch", "title": "调度"}]
    assert table["sounds"]["1"]["tones"] == SOUNDS[1].tones
    assert set(table["sounds"]) == {"1", "2", "3", "4"}


def test_the_sound_comes_first_what_is_new_is_said_and_life_is_said_again_until_it_is_acknowledged(listening, tmp_path):
    with serving(tmp_path, PLANT) as address:
        driver = listening()
        driver.get(f"{address}/zh/alarms")
        says(driver, "声音：关")
        (tmp_path / "gas").touch()
        until(lambda: count(driver, "tr.lw-alarm-row"))
        assert heard_by(driver) == []  # nobody asked to hear anything yet
        keys(driver, "v")
        until(lambda: words(driver))
        all_heard = heard_by(driver)
        assert all_heard[:5] == list(SOUNDS[1].tones)
        assert words(driver)[0] == "zh-CN 上隅角甲烷超限，高限，1.3 %"
        until(lambda: len(words(driver)) >= 2)
        assert words(driver)[1] == words(driver)[0]  # again, since lives depend on it
        driver.refresh()  # it is still on after a reload
        until(lambda: words(driver))
        (tmp_path / "burst").touch()
        burst = until(lambda: next((one for one in words(driver) if "另有" in one), ""))
        assert burst == "zh-CN 工作面甲烷超限，高限，1.2 %。主运皮带打滑，低限，1 米/秒。另有1条"
        keys(driver, "v")
        says(driver, "声音：关")
        before = heard_by(driver)
        until(lambda: count(driver, "tr.lw-alarm-row"))
        assert heard_by(driver) == before
        assert errors(driver) == []


def test_a_browser_without_a_voice_for_the_language_says_so(listening, tmp_path):
    with serving(tmp_path, PLANT) as address:
        driver = listening('[{lang: "zh-CN"}]')
        driver.get(f"{address}/en/alarms")
        says(driver, "Sound: off")
        assert not count(driver, ".lw-desk .lw-note.lw-warn")
        press(driver, ".lw-desk .lw-button", part="Sound: off")
        assert until(lambda: texts(driver, ".lw-desk .lw-note.lw-warn")) == ["Tones only: this browser has no voice for English."]
        driver.get(f"{address}/zh/alarms")
        says(driver, "声音：开")
        assert not count(driver, ".lw-desk .lw-note.lw-warn")
        (tmp_path / "gas").touch()
        driver.execute_script("localStorage.setItem('strict', 1)")  # nothing may sound before the page was touched
        driver.get(f"{address}/zh/wall")
        press(driver, ".lw-ear", "声音：关")  # a wall's switch is not the desk's
        says(driver, "声音：开", ".lw-ear")
        assert until(lambda: words(driver))[0] == "zh-CN 上隅角甲烷超限，高限，1.3 %"
        driver.refresh()
        says(driver, "声音未启用：点按以允许", ".lw-ear")
        assert words(driver) == heard_by(driver)  # no tones
        press(driver, ".lw-ear")  # which allows it, and does not switch it off
        says(driver, "声音：开", ".lw-ear")
        until(lambda: len(heard_by(driver)) > 5)
        assert errors(driver) == []
