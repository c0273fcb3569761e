"""Pictures for the camera tiles of a rehearsal, drawn: plain, schematic, and each labelled as drawn.

A picture says when it was drawn, on it and in its comment, which is how a tile knows how old it is; it is written
whole, so that nobody sees half of one. Its words are English; a second one has them in Chinese, where there is a font.
What is seen is for `scenes`; cameras with an address of their own are left to whoever reads them.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from lodeworks.errors import WatchError
from lodeworks.files import written_whole
from lodeworks.network.live import Live
from lodeworks.rehearse.scenes import Belt, Machine, Scene, Tank, scene_of
from lodeworks.rehearse.truths import Truths
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.frames import EVERY_S, comment_of, frame_path

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["Frames", "drawn"]

WIDTH, HEIGHT = 480, 270
_QUALITY = 82
_INK, _SOFT, _GROUND = (226, 232, 238), (150, 163, 176), (34, 38, 42)
_STATES = {"runs": (95, 201, 138), "stopped": (125, 138, 151), "fault": (255, 90, 82)}
_COAL, _WATER, _HOT = (44, 42, 40), (58, 120, 176), (255, 106, 40)
# By file name, which the library finds where systems keep fonts; without any there are pictures in English alone.
_CHINESE = ("NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "msyh.ttc",
            "PingFang.ttc", "SourceHanSansSC-Regular.otf")
_WORDS = {
    "label": ("drawn by the rehearsal", "演练所绘"), "people": ("people {n}", "人员 {n}"),
    "belt": ("{title}: {speed:.1f} m/s, load {load:.0f} %", "{title}：{speed:.1f} 米/秒，负荷{load:.0f}%"),
    "stands": ("{title}: stands", "{title}：停止"), "hot": ("hot roller {place}", "托辊过热 {place}"),
    "runs": ("runs", "运行"), "stopped": ("stopped", "停止"), "fault": ("fault", "故障"),
}


class Frames:
    """Draws every camera of a chain that has no address, at most every two seconds by the clock on the wall.

    Parameters
    ----------
    folder
        The folder of the live reading.
    begin_ms
        What the clock of the rehearsal says at its beginning.
    speed
        How many times as fast as real it goes.

    Raises
    ------
    WatchError
        If there are cameras to draw and the library is missing.
    """

    def __init__(self, live: Live, truths: Truths, folder: Path, begin_ms: int, speed: float = 1.0) -> None:
        cameras = [camera for camera in live.cameras if not camera.address]
        if cameras:
            try:
                import PIL  # noqa: F401
            except ImportError:
                raise WatchError("what draws the cameras is not installed; expected pip install 'lodeworks[watch]'"
                                 ) from None
        self._sees = {camera.name: scene_of(live, truths, camera) for camera in cameras}
        self._titles = {camera.name: {"en": camera.title_en or camera.title_zh or camera.name,
                                      "zh": camera.title_zh or camera.title_en or camera.name} for camera in cameras}
        self._languages = ("en",) if not cameras or _font(14, "zh") is None else ("en", "zh")
        self._zone, self._begin_ms = ZoneInfo(live.timezone), begin_ms
        self._folder = WatchFolder(folder).frames
        self._every_ms = 1000.0 * EVERY_S * max(speed, 1.0)
        self._last = -1e18

    def draw(self, at_ms: int) -> None:
        """Draw all cameras as of a time of the rehearsal's clock, if it is time again.

        Raises
        ------
        WatchError
            If a picture cannot be written.
        """
        if not self._sees or at_ms - self._last < self._every_ms:
            return
        self._last = float(at_ms)
        hour = (at_ms - self._begin_ms) / 3_600_000.0
        told = dt.datetime.fromtimestamp(at_ms / 1000.0, self._zone).strftime("%Y-%m-%d %H:%M:%S")
        for name, see in self._sees.items():
            scene = see(hour)
            for language in self._languages:
                picture = drawn(scene, self._titles[name][language], told, language)
                path = frame_path(self._folder, name, language)
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with written_whole(path) as draft:
                        picture.save(draft, "JPEG", quality=_QUALITY, comment=comment_of(at_ms))
                except OSError as error:
                    raise WatchError(f"{path}: the picture of a camera cannot be written: {error}") from error


def drawn(scene: Scene, title: str, told: str, language: str = "en") -> Any:
    """Return the picture of a scene (a Pillow image, 480 × 270), with its title, its time and that it is drawn.

    In Chinese (``zh``) a font with its signs must be on the computer.
    """
    from PIL import Image, ImageDraw

    def font(size: int) -> Any:
        return _font(size, language)

    image = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    pen = ImageDraw.Draw(image)
    pen.polygon([(0, 205), (WIDTH, 190), (WIDTH, HEIGHT), (0, HEIGHT)], fill=(26, 29, 32))  # the floor
    for k in range(5):  # props of the roadway, which give it depth
        x = 30 + k * 105
        pen.line([(x, 26), (x + 8, 205 - k * 3)], fill=(46, 52, 58), width=4)
    labels = [
        *_tanks(pen, scene.tanks, language), *_machines(pen, scene.machines, scene.at_h, language),
        *_belts(pen, scene.belts, scene.at_h, language),
    ]
    _people(pen, scene.people)
    for share, colour in ((scene.gas, (222, 214, 150)), (scene.smoke, (120, 118, 116))):
        if share > 0.0:
            image = Image.blend(image, _cloud(colour, scene.at_h), 0.74 * share)
    pen = ImageDraw.Draw(image)
    for label in labels:  # words are read through any haze: each has a ground of its own
        left, top, right, bottom = pen.textbbox(label.at, label.text, font=font(label.size), anchor=label.anchor)
        pen.rectangle([left - 3, top - 2, right + 3, bottom + 2], fill=_GROUND)
        pen.text(label.at, label.text, font=font(label.size), fill=label.colour, anchor=label.anchor)
    pen.rectangle([0, 0, WIDTH, 24], fill=(10, 14, 18))
    pen.text((8, 3), title, font=font(14), fill=_INK)
    pen.text((WIDTH - 8, 3), told, font=font(14), fill=_INK, anchor="ra")
    pen.rectangle([0, HEIGHT - 22, WIDTH, HEIGHT], fill=(93, 27, 73))
    pen.text((8, HEIGHT - 21), _say("label", language), font=font(14), fill=(255, 255, 255))
    if scene.people is not None:
        counted = _say("people", language, n=scene.people)
        pen.text((WIDTH - 8, HEIGHT - 21), counted, font=font(14), fill=_INK, anchor="ra")
    return image


class _Label(NamedTuple):
    at: tuple[float, float]
    text: str
    size: int
    colour: tuple[int, int, int]
    anchor: str = "la"


def _say(key: str, language: str, **more: Any) -> str:
    return _WORDS[key][language == "zh"].format(**more)


def _title(of: Belt | Machine | Tank, language: str) -> str:
    return (of.title_zh or of.title) if language == "zh" else of.title


def _belts(pen: ImageDraw, belts: tuple[Belt, ...], at_h: float, language: str) -> list[_Label]:
    """Draw belts one over another: rollers, the load as a heap on it, and marks that move when it does."""
    labels = []
    for k, belt in enumerate(belts):
        y = 226 - 46 * k
        runs = belt.speed > 0.05
        phase = (at_h * 3600.0 * belt.speed * 12.0) % 36.0 if runs else 0.0
        if belt.load > 0.02:
            heap = 3.0 + 13.0 * min(belt.load, 1.2)
            top = [(x, y - 3 - heap * (0.75 + 0.25 * (((x + int(phase)) // 18) % 2))) for x in range(14, WIDTH - 13, 9)]
            pen.polygon([(14, y - 3), *top, (WIDTH - 14, y - 3)], fill=_COAL, outline=(78, 76, 72))
        pen.line([(10, y), (WIDTH - 10, y)], fill=(92, 99, 106) if runs else (70, 74, 78), width=6)
        for x in range(-36, WIDTH, 36):
            mark = x + phase
            if runs and 10 <= mark <= WIDTH - 22:
                pen.line([(mark, y), (mark + 12, y)], fill=(168, 176, 184), width=2)
        for x in range(28, WIDTH - 10, 53):
            pen.ellipse([x - 5, y + 3, x + 5, y + 13], fill=(62, 68, 74), outline=(110, 118, 126))
        told = _say("belt" if runs else "stands", language,
                    title=_title(belt, language), speed=belt.speed, load=100.0 * belt.load)
        labels.append(_Label((WIDTH - 14, y - 36), told, 13, _INK if runs else _STATES["fault"], "ra"))
        if belt.hot is not None:
            labels.append(_glow(pen, 28 + 53 * 3, y + 8, belt.hot, language))
    return labels


def _glow(pen: ImageDraw, x: float, y: float, hot: tuple[float, float], language: str) -> _Label:
    """Draw a roller that glows, the larger the hotter; its label says at which metre."""
    metres, heat = hot
    size = 10.0 + 0.22 * max(heat - 40.0, 0.0)
    for k in range(5, 0, -1):
        r, share = size * k / 4.0, 0.20 * (6 - k)
        colour = tuple(round(g + (h - g) * share) for g, h in zip(_GROUND, _HOT, strict=True))
        pen.ellipse([x - r, y - r, x + r, y + r], fill=colour)
    pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=(255, 226, 150))
    told = _say("hot", language, place=f"K{int(metres) // 1000}+{int(metres) % 1000:03d}")
    # What other belts are called stands on the right.
    return _Label((x - 1.25 * size - 5, y - 2), told, 13, (255, 160, 96), "ra")


def _machines(pen: ImageDraw, machines: tuple[Machine, ...], at_h: float, language: str) -> list[_Label]:
    """Draw machines as boxes with a drum that turns while they run."""
    labels = []
    for k, machine in enumerate(machines):
        left, top = 12 + 136 * k, 34
        colour = _STATES[machine.state]
        pen.rectangle([left, top, left + 128, top + 58], fill=(48, 55, 62), outline=colour, width=2)
        x, y, turn = left + 24, top + 36, at_h * 3600.0 * 1.3 if machine.state == "runs" else 0.0
        pen.ellipse([x - 15, y - 15, x + 15, y + 15], outline=colour, width=3)
        for arm in range(3):
            angle = turn + arm * 2.0 * math.pi / 3.0
            pen.line([(x, y), (x + 14 * math.cos(angle), y + 14 * math.sin(angle))], fill=colour, width=3)
        title = _short(_title(machine, language), 10 if language == "zh" else 21)
        labels += [_Label((left + 6, top + 3), title, 11, _INK),
                   _Label((left + 50, top + 28), _say(machine.state, language), 14, colour)]
    return labels


def _tanks(pen: ImageDraw, tanks: tuple[Tank, ...], language: str) -> list[_Label]:
    """Draw tanks from the right, as full as they are."""
    labels = []
    for k, tank in enumerate(tanks[:2]):
        right, top, bottom = WIDTH - 14 - 112 * k, 52, 104
        left = right - 60
        level = bottom - (bottom - top) * tank.share
        pen.rectangle([left, level, right, bottom], fill=_WATER if tank.water else _COAL)
        pen.line([(left, top), (left, bottom), (right, bottom), (right, top)], fill=_SOFT, width=2)
        told = f"{_short(_title(tank, language), 16)} {100 * tank.share:.0f} %"
        labels.append(_Label((right, top - 18), told, 12, _INK, "ra"))
    return labels


def _people(pen: ImageDraw, people: int | None) -> None:
    """Draw so many people in a row, with lamps; of many the first twelve."""
    for k in range(min(people or 0, 12)):
        x, y = 30 + 22 * k, 184 + 3 * (k % 2)
        pen.ellipse([x - 5, y - 30, x + 5, y - 20], fill=(236, 190, 90))
        pen.line([(x, y - 20), (x, y)], fill=(210, 120, 60), width=8)
        pen.line([(x, y), (x - 4, y + 16)], fill=(60, 74, 92), width=4)
        pen.line([(x, y), (x + 4, y + 16)], fill=(60, 74, 92), width=4)
        pen.ellipse([x - 2, y - 33, x + 2, y - 29], fill=(255, 255, 220))


def _short(title: str, most: int) -> str:
    return title if len(title) <= most else title[: most - 1] + "…"


def _cloud(colour: tuple[int, int, int], at_h: float) -> Any:
    """Return haze: bands that drift."""
    from PIL import Image, ImageDraw, ImageFilter

    image = Image.new("RGB", (WIDTH, HEIGHT), colour)
    pen = ImageDraw.Draw(image)
    shift = int(at_h * 3600.0 * 6.0) % 160
    for k in range(-1, 5):
        x = k * 160 + shift
        pen.ellipse([x - 70, 60 + 22 * (k % 3), x + 90, 150 + 22 * (k % 3)],
                    fill=tuple(max(0, c - 34) for c in colour))
    return image.filter(ImageFilter.GaussianBlur(22))


@functools.cache
def _font(size: int, language: str = "en") -> Any:
    """Return the library's own font, or one with Chinese signs (none where the computer has no such font)."""
    from PIL import ImageFont

    if language != "zh":
        return ImageFont.load_default(size)
    for name in _CHINESE:
        try:
            return ImageFont.truetype(name, size)
        except OSError:  # not on this computer: the next is tried
            continue
    return None
