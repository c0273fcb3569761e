"""The kernel's machine code: kept, loaded without its compiler, and not believed when it is not whole."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lodeworks.cases import case_folder
from lodeworks.simulate import compile_kernel, native

LEAN = frozenset({"pools"})
CODE = {"enter": ("a_function", b"\x00\n\x01" * 50), "put": ("another", b"\n")}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(native, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_what_is_kept_is_read_as_it_was_written(folder):
    assert not native.is_kept(LEAN)
    native._keep(LEAN, CODE)
    assert native._kept(LEAN) == CODE
    assert len(list(folder.iterdir())) == 1, "no draft is left"


@pytest.mark.parametrize("spoil", [
    lambda whole: whole[:-1], lambda whole: whole[:40], lambda whole: b"", lambda whole: whole[:-9] + b"?" + whole[-8:],
    lambda whole: whole.replace(b'"sha256"', b'"md5"', 1), lambda whole: whole.replace(b'"entries"', b'"parts"', 1),
    lambda whole: b"[]\n" + whole.partition(b"\n")[2],
], ids=["short", "cut in its head", "empty", "changed", "no hash told", "no parts told", "a list for a head"])
def test_what_is_not_whole_is_compiled_anew(folder, spoil):
    native._keep(LEAN, CODE)
    (file,) = folder.iterdir()
    file.write_bytes(spoil(file.read_bytes()))
    assert not native.is_kept(LEAN)


def test_another_processor_or_compiler_has_code_of_its_own(folder, monkeypatch):
    native._keep(LEAN, CODE)
    monkeypatch.setattr(native, "version", lambda name: "0.0")
    assert not native.is_kept(LEAN)


def test_another_variant_has_code_of_its_own(folder):
    native._keep(LEAN, CODE)
    assert not native.is_kept(frozenset())


def test_where_nothing_can_be_kept_nothing_is(monkeypatch):
    monkeypatch.setattr(native, "cache_folder", lambda: None)
    native._keep(LEAN, CODE)
    assert not native.is_kept(LEAN)


def test_a_change_of_any_source_that_is_compiled_is_another_state():
    """Whatever the kernel's modules import of ours is among the sources that name the folder."""
    compile_kernel()
    code = "import sys, lodeworks.simulate.entries\nprint(*[m for m in sys.modules if m.startswith('lodeworks.simulate.')])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    package = {"lodeworks.simulate." + name.removesuffix("/*") for name in native._COMPILED}
    by_package = subprocess.run(
        [sys.executable, "-c", code.replace(".entries", "")], capture_output=True, text=True, check=True).stdout.split()
    assert {".".join(name.split(".")[:3]) for name in set(told) - set(by_package)} <= package


def test_a_simulation_starts_without_the_compiler(tmp_path):
    """A later start loads the code alone: the compiler takes longer to import than a small run takes, SciPy a tenth of a second."""
    compile_kernel()
    code = (
        "import sys\nfrom lodeworks import simulate\n"
        f"done = simulate({str(case_folder('first-chain'))!r}, replications=2)\n"
        "import json\nprint(json.dumps([done.manifest['events'] > 0, 'numba' in sys.modules, 'scipy.special' in sys.modules]))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(told.splitlines()[-1]) == [True, False, False]
