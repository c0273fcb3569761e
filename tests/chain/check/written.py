"""What a check says of a chain as it is written, with some of its text changed."""

from __future__ import annotations

from pathlib import Path

import lodeworks

__all__ = ["told"]


def told(text: str, folder: Path, *changes: tuple[str, str]) -> str:
    """Return all problems of a chain written into a folder, one a line; each change is of text that is there."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "chain.yaml").write_text(text, encoding="utf-8")
    return "\n".join(f"{p.severity}: {p}" for p in lodeworks.check(folder / "chain.yaml"))
