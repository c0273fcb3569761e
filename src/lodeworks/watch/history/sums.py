"""What the files of a closed day were when they were written, size and checksum, and whether they still are.

A Parquet file that a disk has changed may be read without a word, with other values or fewer of them. So beside each
day stands ``2026-11-25.sums.json``. What is done about a file that is another is the affair of `embedded`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from lodeworks.files import written_whole
from lodeworks.watch.sentence import Sentence

__all__ = ["Sums"]

_BYTES = 16
_CUT = b"PAR1"


class Sums:
    """The sums of the days in a folder. What is read once is remembered; one process writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[date, dict[str, tuple[int, str]]] = {}

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.sums.json"

    def write(self, day: date, files: Iterable[Path]) -> None:
        """Remember what these files are now; what is known of others of the day stays."""
        found = self.known(day) | {file.name: (file.stat().st_size, _sum_of(file)) for file in files if file.exists()}
        with written_whole(self._path(day)) as draft:
            draft.write_text(json.dumps(found), encoding="utf-8")
        self._known[day] = found

    def forget(self, day: date) -> None:
        """Forget a day: its files are about to change, or gone."""
        self._path(day).unlink(missing_ok=True)
        self._known.pop(day, None)

    def known(self, day: date) -> dict[str, tuple[int, str]]:
        """Return size and sum of each file of a day; none where none were written, or they cannot be read."""
        if day not in self._known:
            try:
                told = json.loads(self._path(day).read_text(encoding="utf-8"))
                self._known[day] = {name: (int(size), str(content)) for name, (size, content) in told.items()}
            except (OSError, ValueError, TypeError, AttributeError):
                return {}
        return self._known[day]

    def fault(self, day: date, file: Path, *, content: bool) -> Sentence | None:
        """Say what of a file is not as it was written; of one without sums, only what shows at its ends.

        `content` reads all of it, which takes a second for a gigabyte.
        """
        size = file.stat().st_size
        told = self.known(day).get(file.name)
        if told is None:
            with file.open("rb") as opened:
                begins = opened.read(4)
                opened.seek(max(0, size - 4))
                ends = opened.read(4)
            return None if begins == ends == _CUT else Sentence("it has no beginning or no end", "文件头或文件尾缺失")
        if size != told[0]:
            return Sentence(f"it has {size:,} bytes, {told[0]:,} were written",
                            f"现为 {size:,} 字节，写入时为 {told[0]:,} 字节")
        if content and _sum_of(file) != told[1]:
            return Sentence("its content is not what was written", "内容与写入时不符")
        return None


def _sum_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=_BYTES)).hexdigest()
