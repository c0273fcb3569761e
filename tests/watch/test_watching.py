"""`lodeworks watch` as somebody uses it: a broker sends, an alarm comes, a page answers, and nothing is lost when it falls."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import paho.mqtt.client as paho
import pytest
import yaml

from tests.test_cli import lodeworks
from tests.watch import plant, servers


def yard(address: str) -> dict:
    return {
        "chain": "yard", "horizon": {"start": "2026-11-26", "length": "2 d", "cyclic": False},
        "sites": {"pit": {}, "plant": {}}, "commodities": {"coal": {"unit": "t"}, "clean": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "coal", "site": "plant", "most": "300 t/h", "price": "200 CNY/t"}},
        "processes": {"washing": {"site": "plant", "inputs": {"coal": "1 t"}, "outputs": {"clean": "0.7 t"},
                                  "capacity": "250 t/h"}},
        "demands": {"coke": {"commodity": "clean", "site": "plant", "price": "900 CNY/t"}},
        "feeds": {"scada": {"kind": "mqtt", "address": address}},
        "tags": {
            "washing_rate": {"element": "washing", "reads": "flow", "unit": "t/h", "period": "1 s", "address": "yard/w"},
            "gas": {"site": "pit", "reads": "methane", "unit": "%", "place": "face", "low": "0 %", "high": "4 %",
                    "period": "1 s", "address": "yard/gas"},
        },
        "limits": {"face_methane": {
            "place": "face", "quantity": "methane", "high": "1.0 %", "source": "assumed", "dated": "2026-01-01",
            "cause": "gas", "consequence": "explosion", "response": "withdraw", "respond": "1 min",
        }},
    }


@pytest.fixture
def watching(tmp_path: Path, broker: servers.Broker) -> Iterator[tuple[Path, int, subprocess.Popen]]:
    file = tmp_path / "yard.yaml"
    file.write_text(yaml.safe_dump(yard(f"mqtt://127.0.0.1:{broker.port}")))
    port = servers.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "lodeworks", "watch", str(file), "--data", str(tmp_path / "data"), "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    servers.wait_for(port, process, 60.0)
    yield tmp_path / "data", port, process
    process.send_signal(signal.SIGTERM)
    process.wait(40)
    assert process.returncode == 0


def journal(data: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect((data / "journal.sqlite").as_uri() + "?mode=ro", uri=True)) as kept:
        return kept.execute("SELECT subject, event FROM journal ORDER BY number").fetchall()


def test_gas_rises_and_the_alarm_survives_the_fall_of_what_judges_it(watching, broker) -> None:
    data, port, _ = watching
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()

    def send(gas: float) -> None:
        client.publish("yard/gas", json.dumps({"value": gas}), qos=1).wait_for_publish(10)

    send(0.4)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/en/wall", timeout=20) as page:
        assert page.status == 200
    plant.until(lambda: (data / "health.json").exists() and json.loads((data / "health.json").read_text())["written"] > 0, 30)
    send(1.3)
    plant.until(lambda: ("gas.limit:H", "announced") in journal(data), 30)

    before = plant.process_of("ingest", data)
    os.kill(before, signal.SIGKILL)
    plant.until(lambda: plant.process_of("ingest", data) not in (0, before), 30)
    send(0.2)
    plant.until(lambda: ("gas.limit:H", "ended") in journal(data), 30)
    assert journal(data).count(("gas.limit:H", "announced")) == 1
    client.disconnect()
    client.loop_stop()


def test_what_cannot_be_watched_is_told_before_anything_starts(tmp_path: Path) -> None:
    plain = yard("mqtt://127.0.0.1:1")
    for section in ("feeds", "tags", "limits"):
        del plain[section]
    file = tmp_path / "plain.yaml"
    file.write_text(yaml.safe_dump(plain))
    done = lodeworks("watch", file, "--data", tmp_path / "data")
    assert done.returncode == 2
    assert "nothing of this chain is watched" in done.stderr
    assert not (tmp_path / "data").exists()

    faulty = yard("mqtt://127.0.0.1:1")
    faulty["tags"]["gas"]["reads"] = "metane"
    file.write_text(yaml.safe_dump(faulty))
    done = lodeworks("watch", file, "--data", tmp_path / "data")
    assert done.returncode == 2
    assert "metane" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("option", [("--speed", "60"), ("--script", "shift.yaml")])
def test_what_is_a_rehearsals_is_refused_without_one(tmp_path: Path, option: tuple[str, str]) -> None:
    file = tmp_path / "yard.yaml"
    file.write_text(yaml.safe_dump(yard("mqtt://127.0.0.1:1")))
    done = lodeworks("watch", file, "--data", tmp_path / "data", *option)
    assert done.returncode == 2
    assert "--rehearse" in done.stderr
