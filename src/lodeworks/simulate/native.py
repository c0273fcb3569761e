"""The kernel's machine code: each variant kept on this machine once compiled, and called without its compiler.

Importing the compiler and letting it read its own cache takes some 0.6 s, more than all else a small run does; the code
itself is a hundred kilobytes that are in place within milliseconds. What is kept is known by the sources, the compiler
and the processor it was made for, so that a change of any of them compiles anew.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lodeworks.simulate.layout import Ints

__all__ = ["Kernel", "cache_folder", "compiled_kernel", "is_kept"]

_COMPILED = (
    "layout", "addresses", "compiled", "lanes", "logarithm", "streams", "events", "time", "lots", "kernel/*", "entries",
)


@cache
def cache_folder() -> Path | None:
    """Return where compiled code is kept, one folder for each state of the sources; None where none can be.

    The compiler's own cache looks at one file at a time and would miss a change in a function that is called.
    """
    sources = [path for name in _COMPILED for path in sorted(Path(__file__).parent.glob(f"{name}.py"))]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    asked = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(asked) if asked else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lodeworks"
    folder = base / f"kernel-{state}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


class Kernel:
    """A variant of the compiled kernel: its functions, which take the array of addresses that `addresses` gives.

    They run without holding the interpreter, so that threads run at the same time.
    """

    def __init__(self, entries: dict[str, tuple[str, bytes]]) -> None:
        engine = _engine()
        for _, code in entries.values():
            engine.add_object_file(_binding().ObjectFileRef.from_data(code))
        engine.finalize_object()
        self._engine = engine  # holds the code
        word, number = ctypes.c_int64, ctypes.c_double
        self._enter = _called(engine, entries["enter"][0], ctypes.c_void_p, word, word)
        self._put = _called(engine, entries["put"][0], ctypes.c_void_p, word, *[number] * 6, word)

    def begin(self, where: Ints) -> int:
        """Set everything going at time nought; return a code."""
        return _answer(self._enter, where.ctypes.data, 0, 0)

    def run(self, where: Ints, events: int) -> int:
        """Run on for at most so many events; return why it stopped."""
        return _answer(self._enter, where.ctypes.data, 1, events)

    def look_again(self, where: Ints) -> int:
        """Let everything look again at the end of a run; what starts or delivers then was overlooked before."""
        return _answer(self._enter, where.ctypes.data, 2, 0)

    def put(
        self, where: Ints, place: int, amount: float, born: float, made: float, due: float,
        gauge0: float, gauge1: float, carrier: int,
    ) -> None:
        """Let a lot come into a place."""
        _answer(self._put, where.ctypes.data, place, amount, born, made, due, gauge0, gauge1, carrier)


@cache
def compiled_kernel(features: frozenset[str]) -> Kernel:
    """Return the variant with these features, from what is kept on this machine; compiled and kept where nothing is."""
    entries = _kept(features)
    if entries is None:
        from lodeworks.simulate.entries import compile_entries

        entries = compile_entries(features)
        _keep(features, entries)
    return Kernel(entries)


def is_kept(features: frozenset[str]) -> bool:
    """Return whether a variant's machine code of these sources, for this machine, is kept on it."""
    return _kept(features) is not None


def _file(features: frozenset[str]) -> Path | None:
    """Return the file that holds the code, or would: it is named by features, the compiler's versions and processor."""
    folder, binding = cache_folder(), _binding()
    if folder is None:
        return None
    processor = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    made_for = version("numba"), version("llvmlite"), binding.get_process_triple(), *processor, sorted(features)
    return folder / f"{hashlib.sha256(repr(made_for).encode()).hexdigest()[:16]}.code"


def _keep(features: frozenset[str], entries: dict[str, tuple[str, bytes]]) -> None:
    """Write the code: a line that tells what follows and its hash, and then the code of each entry."""
    file = _file(features)
    if file is None:
        return
    body = b"".join(code for _, code in entries.values())
    head = {"sha256": hashlib.sha256(body).hexdigest(), "entries": [(k, n, len(c)) for k, (n, c) in entries.items()]}
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_bytes(json.dumps(head).encode() + b"\n" + body)
    draft.replace(file)


def _kept(features: frozenset[str]) -> dict[str, tuple[str, bytes]] | None:
    """Return the code that is kept; None where there is none, or not all of it is there as it was written."""
    file = _file(features)
    if file is None or not file.exists():
        return None
    head, _, body = file.read_bytes().partition(b"\n")
    try:
        told = json.loads(head)
        whole, parts = told["sha256"], told["entries"]
    except (ValueError, TypeError, KeyError):  # not what is written now
        return None
    if hashlib.sha256(body).hexdigest() != whole:
        return None
    entries, begin = {}, 0
    for name, function, length in parts:
        entries[name] = function, body[begin : begin + length]
        begin += length
    return entries


@cache
def _binding() -> Any:
    import llvmlite.binding as binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def _engine() -> Any:
    binding = _binding()
    machine = binding.Target.from_default_triple().create_target_machine(
        binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten(), jit=True)
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)


def _called(engine: Any, name: str, *kinds: Any) -> Any:
    """Return a function of the engine, ready to be called: where its answer and an error go, and what it takes."""
    return ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *kinds)(engine.get_function_address(name))


def _answer(function: Any, *arguments: float) -> int:
    """Call a function and return its answer.

    Raises
    ------
    RuntimeError
        If it ends with an error; the functions raise none.
    """
    answer, error = ctypes.c_int64(), ctypes.c_void_p()
    status = function(ctypes.byref(answer), ctypes.byref(error), *arguments)
    if status != 0:
        raise RuntimeError(f"the kernel ended with status {status}")
    return answer.value
