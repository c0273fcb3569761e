"""Where a rehearsal goes: to a broker, to the folder of a live reading beside, or into a file to be replayed.

To a broker and a folder it goes in real time, or so many times as fast; a file is written at once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import numpy as np

from lodeworks.errors import WatchError
from lodeworks.network.live import Live
from lodeworks.rehearse.rehearsal import Rehearsal
from lodeworks.watch.deeds import Deed, Deeds
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.samples import Quality, Samples
from lodeworks.watch.sources.address import parts_of

__all__ = ["Broker", "Folder", "Target", "deliver", "target_of", "write_replay", "write_truth"]

_PATIENCE_S = 10.0
_WORDS = {int(quality): quality.name.lower() for quality in Quality}


class Target(Protocol):
    """Something that samples can be sent to."""

    def send(self, samples: Samples) -> None:
        """Send samples."""

    def ask(self, deed: Deed) -> None:
        """Have somebody at the desk do something, where there is a desk."""


class Folder:
    """The folder of a live reading on this computer: what is put down in ``incoming/FEED`` is read there, and what is
    asked for is done by its recorder.
    """

    def __init__(self, live: Live, path: Path) -> None:
        self._live, self._path = live, path
        self._feeds = np.array([tag.feed for tag in live.tags])

    def send(self, samples: Samples) -> None:
        """Put a file down for each feed."""
        from lodeworks.watch.sources.spool import drop

        feeds = self._feeds[samples.tag]
        for feed in np.unique(feeds):
            own = samples.take(feeds == feed)
            rows = [{"tag": self._live.tags[n].name, "time": at, "value": value, "quality": _WORDS[quality]}
                    for n, at, value, quality in _rows(own)]
            drop(self._path / "incoming" / str(feed), json.dumps(rows).encode())

    def ask(self, deed: Deed) -> None:
        """Put a deed down for the recorder."""
        with closing(Deeds(WatchFolder(self._path).journal)) as deeds:
            deeds.ask(deed, asked=deed.asked)


class Broker:
    """A broker: every tag on its own topic, or with others of its device where its address says so (``topic#key``).

    The password is that of ``LODEWORKS_PASSWORD_REHEARSAL`` in the environment.
    """

    def __init__(self, live: Live, address: str) -> None:
        """Connect.

        Raises
        ------
        WatchError
            If the address is none, the client library is missing, or the broker does not answer.
        """
        try:
            import paho.mqtt.client as mqtt
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError:
            raise WatchError("the MQTT client is not installed; expected pip install 'lodeworks[watch]'") from None
        parts, host, port = parts_of(address, {"mqtt": 1883, "mqtts": 8883}, "no broker's address", "mqtt://host:1883")
        self._live = live
        self._prefix = f"{parts.path.strip('/')}/" if parts.path.strip("/") else ""
        # Acknowledged by the broker, so that nothing is lost on the way to it.
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.max_inflight_messages_set(1000)
        self._client.max_queued_messages_set(0)
        if parts.username:
            self._client.username_pw_set(
                unquote(parts.username), os.environ.get("LODEWORKS_PASSWORD_REHEARSAL"))
        if parts.scheme == "mqtts":
            self._client.tls_set()
        try:
            self._client.connect(host, port)
        except (OSError, ValueError) as error:
            raise WatchError(f"{host}:{port}: no broker answers: {error}") from error
        self._client.loop_start()
        until = time.monotonic() + _PATIENCE_S
        while not self._client.is_connected():
            if time.monotonic() > until:
                self._client.loop_stop()
                raise WatchError(f"{host}:{port}: the broker does not let this user in")
            time.sleep(0.01)
        self._last: mqtt.MQTTMessageInfo | None = None

    def send(self, samples: Samples) -> None:
        """Publish samples; those of one device and moment are one message."""
        devices: dict[tuple[str, int], dict[str, Any]] = {}
        for n, at, value, quality in _rows(samples):
            tag = self._live.tags[n]
            topic, _, key = (tag.address or tag.name).partition("#")
            told = {"time": at, "quality": _WORDS[quality]}
            if key:
                devices.setdefault((topic, at), dict(told))[key] = value
            else:
                self._publish(topic, {**told, "value": value})
        for (topic, _), content in devices.items():
            self._publish(topic, content)

    def ask(self, deed: Deed) -> None:
        """Do nothing: whoever listens to a broker has a desk of his own."""

    def _publish(self, topic: str, content: dict[str, Any]) -> None:
        self._last = self._client.publish(self._prefix + topic, json.dumps(content), qos=1)

    def close(self) -> None:
        """Wait until all has been taken, and part."""
        if self._last is not None:
            self._last.wait_for_publish(_PATIENCE_S)
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def target_of(live: Live, to: str) -> Iterator[Target]:
    """Open where a rehearsal goes."""
    if "://" not in to:
        yield Folder(live, Path(to))
        return
    broker = Broker(live, to)
    try:
        yield broker
    finally:
        broker.close()


def deliver(
    rehearsal: Rehearsal, target: Target, *, speed: float = 1.0, seconds: float = 1.0,
    stop: Callable[[], bool] = lambda: False, progress: Callable[[str], None] | None = None,
    shown: Callable[[int], None] = lambda until: None,
    sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic,
) -> int:
    """Send a rehearsal as time goes by; return how many samples were sent.

    Parameters
    ----------
    speed
        How many times as fast as it happens.
    seconds
        How long, by the clock on the wall, what is sent together is gathered.
    stop
        Asked between blocks.
    shown
        Told after each block until when (ms since 1970) what happened has been sent.
    """
    begun, sent, deeds = clock(), 0, rehearsal.deeds()
    for until, samples in rehearsal.blocks(seconds * speed):
        left = begun + (until - rehearsal.begin_ms) / 1000.0 / speed - clock()
        if left > 0.0:
            sleep(left)
        if stop():
            break
        while deeds and deeds[0].asked <= until:
            target.ask(deeds.pop(0))
        if len(samples):
            target.send(samples)
            sent += len(samples)
        shown(until)
        if progress is not None:
            progress(f"{(until - rehearsal.begin_ms) / 3_600_000:.2f} h of {rehearsal.hours:g} h, {sent:,} samples")
    return sent


def write_replay(rehearsal: Rehearsal, path: Path) -> int:
    """Write all samples as a Parquet file to be replayed: tag, time, value, quality, received; return how many.

    Raises
    ------
    WatchError
        If it cannot be written.
    """
    import polars as pl

    samples = rehearsal.samples()
    names = np.array([tag.name for tag in rehearsal.live.tags])
    categories = pl.col("tag", "quality").cast(pl.Categorical)
    frame = pl.DataFrame({
        "tag": names[samples.tag], "time": samples.at.astype("datetime64[ms]"), "value": samples.value,
        "quality": [_WORDS[int(q)] for q in samples.quality], "received": samples.received.astype("datetime64[ms]"),
    }).with_columns(pl.col("time", "received").dt.replace_time_zone("UTC"), categories)
    draft = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(draft, compression="zstd")
        draft.replace(path)
    except OSError as error:
        raise WatchError(f"{path}: the replay cannot be written: {error}") from error
    return len(samples)


def write_truth(rehearsal: Rehearsal, path: Path) -> None:
    """Write what is planted and which limits are passed beside, as JSON.

    Raises
    ------
    WatchError
        If it cannot be written.
    """
    truth = {
        "chain": rehearsal.live.name, "seed": rehearsal.seed, "begin": rehearsal.begin_ms, "hours": rehearsal.hours,
        "planted": rehearsal.planted(), "passes": rehearsal.passes(),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise WatchError(f"{path}: the truth cannot be written: {error}") from error


def _rows(samples: Samples) -> Iterator[tuple[int, int, float | None, int]]:
    """Yield tag, time, value (none where there is no number) and quality."""
    values = [value if np.isfinite(value) else None for value in samples.value.tolist()]
    return zip(samples.tag.tolist(), samples.at.tolist(), values, samples.quality.tolist(), strict=True)
