"""Who may import whom: data flows one way, files → chain → network → engine → result → views.

A *room* is a top-level module or folder of the package. Each is listed with the rooms it may import; a room that is not
listed fails the test, so that a new one says where it stands.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "lodeworks"
ENGINES = {"plan", "simulate", "watch"}
ALL = {
    "chain", "chinese", "exchange", "network", "runs", "views", "verbs", "cases", "units", "errors", "said", "drafts", "files", "guarded", "cli", "farm",
    "sensitivity", "rehearse",
    "pages", *ENGINES,
}
MAY_IMPORT = {
    "errors": set(),
    "drafts": set(),  # what is being written and is not yet whole
    "files": {"drafts"},  # a file written whole or not at all
    "guarded": {"drafts", "said", "errors"},  # a long job as a child, and the parent that waits
    "said": set(),  # a line in both languages
    "units": {"errors"},
    "runs": {"drafts", "errors"},
    "cases": {"errors"},
    "chain": {"units", "errors", "drafts", "files"},
    "chinese": {"chain", "errors"},  # what is wrong with a chain, told in Chinese
    "network": {"chain", "units", "errors"},
    "plan": {"network", "runs", "said", "errors", "files"},
    "exchange": {"chain", "network", "units", "errors", "files"},
    "simulate": {"network", "runs", "said", "errors"},
    "watch": {"network", "runs", "errors", "files"},
    "views": {"runs", "units", "errors", "files"},  # and the titles in the table of attributes, see TITLES
    "verbs": ALL - {"chinese", "farm", "sensitivity", "rehearse", "pages", "cli"},
    "rehearse": {"verbs", "chain", "network", "simulate", "watch", "runs", "said", "units", "errors", "files"},  # a simulation as a plant
    "pages": {"verbs", "network", "watch", "views", "runs", "errors"},  # what a browser shows of the live reading
    "sensitivity": {"verbs", "chain", "network", "plan", "runs", "drafts", "errors"},
    "farm": {"verbs", "chain", "network", "runs", "units", "drafts", "guarded", "errors"},  # many runs of the verbs, and what they add up to
    "cli": ALL,
    "__init__": ALL,
    "__main__": ALL,
}
# Where views find the two-language titles of attributes: nothing else of a chain is theirs to read.
TITLES = ("lodeworks.chain.entities", "lodeworks.chain.entities.attribute")


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> list[tuple[int, str]]:
    """Return (line, dotted name) of everything of ours a module imports, also inside functions and for types."""
    inside = path.relative_to(PACKAGE.parent).with_suffix("").parts
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = inside[: len(inside) - node.level]  # a package's own __init__ is one of the parts
                base = ".".join([*above, *([base] if base else [])])
            if base == "lodeworks":
                found += [(node.lineno, f"lodeworks.{alias.name}") for alias in node.names]
            else:
                found.append((node.lineno, base))
    return [(line, name) for line, name in found if name.split(".")[0] == "lodeworks"]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_the_rooms_it_may(path):
    room = room_of(path)
    assert room in MAY_IMPORT, f"{room} is a new room: say in this test what it may import"
    allowed = MAY_IMPORT[room] | {room}
    for line, name in imported(path):
        if room == "views" and name in TITLES:
            continue
        parts = name.split(".")
        assert len(parts) > 1 or room in ("cli", "verbs", "__init__"), f"{path}:{line} imports the whole package"
        if len(parts) > 1 and (parts[1] in ALL or (PACKAGE / parts[1]).exists()):
            assert parts[1] in allowed, f"{path.name}:{line}: {room} must not import {name}"


def test_engines_see_no_entities():
    """Engines read arrays: what they need of the chain has been compiled into the network."""
    for path in modules():
        if room_of(path) in ENGINES:
            for line, name in imported(path):
                assert not name.startswith("lodeworks.chain"), f"{path.name}:{line} imports {name}"
                assert not name.startswith("lodeworks.units"), f"{path.name}:{line} imports {name}"


def test_every_listed_room_that_exists_is_looked_at():
    assert {room_of(p) for p in modules()} >= {"errors", "units", "runs", "chain", "network", "plan", "cli", "verbs"}


HEAVY = ["dask", "distributed", "numba", "pint", "polars", "numpy", "scipy", "highspy", "plotly", "yaml", "pydantic"]


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import lodeworks") == set()


def test_importing_the_command_line_loads_nothing_heavy():
    assert loaded_by("import lodeworks.cli") == set()


def test_the_import_rules_would_be_noticed(tmp_path, monkeypatch):
    """The reading of imports finds relative ones, those in functions and those under TYPE_CHECKING."""
    module = tmp_path / "lodeworks" / "plan" / "x.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "from __future__ import annotations\nfrom . import y\nfrom ..chain import entities\nimport lodeworks.views\n"
        "def f():\n    from lodeworks import simulate\n"
        "if TYPE_CHECKING:\n    from lodeworks.watch.alarms import A\n"
    )
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path / "lodeworks")
    assert sorted(name for _, name in imported(module)) == [
        "lodeworks.chain", "lodeworks.plan", "lodeworks.simulate", "lodeworks.views", "lodeworks.watch.alarms",
    ]
