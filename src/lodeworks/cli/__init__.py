"""The command line: one function a verb, no logic.

Exit codes: 0 done; 1 a fault of ours; 2 something in the files, the folder or the command is wrong; 3 no plan
meets every demand and limit; 4 the plan can earn without limit; 5 no answer could be verified; 6 no memory was left,
or the system ended the work; 130 stopped by Ctrl-C. Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from pathlib import Path
from typing import NoReturn

import typer

from lodeworks.cli import chains, engines, exchange, journal, live, many, rehearsing, results  # each adds its verbs
from lodeworks.cli.app import app
from lodeworks.cli.telling import STOPPED, note, said, stop, tell_problems
from lodeworks.cli.usage import run
from lodeworks.drafts import placed
from lodeworks.errors import SAID, InputError, LodeworksError
from lodeworks.guarded import ENDED
from lodeworks.units import alone

__all__ = ["app", "chains", "engines", "exchange", "journal", "live", "main", "many", "rehearsing", "results"]


def main() -> None:
    """Run the command line; every fault ends in one clear message and an exit code."""
    try:
        alone()
        gc.set_threshold(50_000, 20, 20)  # nothing loaded at the start is garbage; searching it took a twentieth of it
        atexit.register(gc.freeze)  # nor at the end: taking it all apart took a sixth of a short command's time
        run()
    except SystemExit as end:
        if end.code == STOPPED:
            stop()
        raise
    except InputError as error:
        tell_problems(error.problems)
        if beside := os.environ.get(SAID):
            from lodeworks.chinese import told

            Path(beside).write_text("\n".join(map(told, error.problems)), encoding="utf-8")
        sys.exit(error.exit_code)
    except LodeworksError as error:
        note(said(f"error: {error}", f"错误：{_chinese_of(error)}"))
        if (beside := os.environ.get(SAID)) and (zh := _chinese_of(error)) != str(error):
            Path(beside).write_text(zh, encoding="utf-8")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        stop()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        _stop_without_memory()
    except BaseException as error:
        within = _within(error)
        if within == "KeyboardInterrupt":
            stop()
        if within == "MemoryError":
            _stop_without_memory()
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            where = f"{error.filename}: " if error.filename else ""
            note(said(f"error: {where}no room is left to write to", f"错误：{where}写入位置已无空间"))
            sys.exit(InputError.exit_code)
        if os.environ.get("LODEWORKS_DEBUG"):
            raise
        shown = f"{type(error).__name__}: {error}"
        note(said(f"error: a fault of Lodeworks itself ({shown}); set LODEWORKS_DEBUG=1 to see where",
                  f"错误：Lodeworks 自身出错（{shown}）；设 LODEWORKS_DEBUG=1 可看出错之处"))
        sys.exit(LodeworksError.exit_code)


def _chinese_of(error: LodeworksError) -> str:
    """Return what a refusal says in Chinese; in English where nobody has said it in Chinese."""
    from lodeworks.chinese import in_chinese

    return error.zh or in_chinese(str(error)) or str(error)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# What the loader and the C library say where there is no memory for a library, or for a thread.
_NO_MEMORY = ("failed to map segment", "annot allocate memory", "Resource temporarily unavailable",
              "error return without exception set")  # where there was none for an error either


def _within(error: BaseException) -> str:
    """Return what ended a library that tells it in an error of its own: its name, or nothing.

    The serialiser of chains names what interrupted it; libraries that find no memory when they are loaded, or for a
    thread, fail to import, or panic, which is no `Exception`; or fail without saying of what.
    """
    kind, text = type(error).__name__, str(error)
    if kind == "PydanticSerializationError":
        return next((name for name in ("KeyboardInterrupt", "MemoryError") if name in text), "")
    short = any(said in text for said in _NO_MEMORY) and (
        isinstance(error, (ImportError, SystemError)) or kind == "PanicException")
    return "MemoryError" if short else ""


def _stop_without_memory() -> NoReturn:
    there = ", ".join(placed())
    note(said("error: not enough memory for a chain of this size; "
              f"{f'what was written is whole: {there}' if there else 'nothing was written'}; "
              "use longer steps or a shorter horizon",
              f"错误：内存不足以计算这么大的产业链；{f'已写出的完整：{there}' if there else '未写出任何内容'}；"
              "请加长步长或缩短规划期"))
    sys.exit(ENDED)
