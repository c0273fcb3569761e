"""The command's long jobs run in a child of their own, so that whatever ends it, somebody is left to say so.

Where memory ends inside a C library, or the system takes the process that holds most of it, that process says no more.
So it is forked at the very beginning, before anything heavy is loaded and any thread exists; the small parent waits,
passes signals on, takes away what the child had half written, and ends as the child did. The live reading is not
guarded: it watches over its own processes. Nor is the Python API, whose process is its user's.

Without `os.fork`, or with ``LODEWORKS_DEBUG`` set (a debugger or profiler sees one process), all runs in one process.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

__all__ = ["ENDED", "GUARDED", "STOPPED", "end_with", "guard", "how_it_ended"]

STOPPED = 130
"""The exit code after a Ctrl-C."""
_ERROR = {"en": "error: ", "zh": "错误："}
ENDED = 6
"""The exit code where memory, a library or the system ended the work."""

_STUDIES = ("plan", "pareto", "alternatives")
_FARMS = ("farm", "tornado")
GUARDED = frozenset((
    *_STUDIES, *_FARMS, "simulate", "import", "export", "report", "check", "convert", "compare", "show", "fit",
    "backtest",
))
_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGCONT")
_LEAST_BYTES = 400_000_000  # of addresses; between 240 and 310 MB OpenBLAS was seen to wait without end
_TWICE_S = 0.5  # a Ctrl-C reaches the child from the terminal and from us; one within this time is the same


def guard() -> None:
    """Return in a child that does what the command line asks for; the parent waits for its end, and ends as it did.

    Returns at once, in the process itself, where nothing is to be guarded.
    """
    command = sys.argv[1:]
    threads = sys.modules.get("threading")
    if (
        not command or command[0] not in GUARDED or "--help" in command or os.environ.get("LODEWORKS_DEBUG")
        or not (hasattr(os, "fork") and hasattr(signal, "sigwait")) or (threads and threads.active_count() > 1)
    ):
        return
    _refuse_too_little(command)
    heard = {signal.SIGCHLD} | {
        number for name in _PASSED_ON if signal.getsignal(number := getattr(signal, name)) is not signal.SIG_IGN
    }
    signal.signal(signal.SIGCHLD, lambda *_: None)  # one that is ignored is not waited for everywhere
    before = signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    listed = _list()
    parent, child = os.getpid(), os.fork()
    if child:
        _wait(child, heard, listed, command)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _once())
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    end_with(parent)
    from lodeworks.drafts import tell_to

    tell_to(listed)


def _refuse_too_little(command: list[str]) -> None:
    """End where the process may take less memory than its libraries need: some of them would wait for it for ever."""
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most == resource.RLIM_INFINITY or most >= _LEAST_BYTES or command[0] not in (*_STUDIES, *_FARMS, "simulate"):
        return
    may, least, language = f"{most / 1e6:,.0f} MB", f"{_LEAST_BYTES / 1e6:,.0f} MB", _language(command)
    told = {
        "en": f"this process may take {may} of memory (ulimit -v), and the libraries alone need {least}; nothing was "
              "written",
        "zh": f"本进程最多可用内存 {may}（ulimit -v），而仅所用的库就需要 {least}；未写出任何内容",
    }
    _say(f"{_ERROR[language]}{told[language]}")
    sys.exit(ENDED)


def end_with(parent: int) -> None:
    """End this process at once when its parent is gone, however that went."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    else:
        import threading
        import time

        def look() -> None:
            while os.getppid() == parent:
                time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=look, daemon=True, name="parent").start()
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _list() -> int:
    """Open the list of drafts that child and parent share."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("lodeworks")
    import tempfile

    handle, name = tempfile.mkstemp()
    os.unlink(name)
    return handle


def _once() -> Callable[[int, FrameType | None], None]:
    """Return what hears a Ctrl-C, but not its second sending."""
    last = -1.0

    def hear(*_: object) -> None:
        nonlocal last
        import time

        now = time.monotonic()
        if last < 0.0 or now - last > _TWICE_S:
            last = now
            raise KeyboardInterrupt

    return hear


def _wait(child: int, heard: set[signal.Signals], listed: int, command: list[str]) -> NoReturn:
    passed_on = set()
    while True:
        number = signal.sigwait(heard)
        if number == signal.SIGCHLD:
            done, status, used = os.wait4(child, os.WNOHANG)
            if done:
                break
        else:
            os.kill(child, number)  # until it is waited for its number is its own
            passed_on.add(number)
    code = os.waitstatus_to_exitcode(status)
    drafts = os.pread(listed, os.fstat(listed).st_size, 0).split(b"\0\0")[0]
    lines = [os.fsdecode(line) for line in drafts.split(b"\0") if line]
    if any(line.startswith(("~", "-")) for line in lines):
        from lodeworks.drafts import clear_away

        clear_away(lines)
    whole = [line[1:] for line in lines if line.startswith("=")]
    if code in (0, STOPPED) or (code > 0 and "!" in lines):
        os._exit(code)
    if -code in passed_on:
        _say(_stopped(whole, _language(command)))
        signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, heard)
        os.kill(os.getpid(), -code)  # whoever sent it sees that it came
        os._exit(128 - code)  # the first process of a container is not ended by a signal of its own
    held = used.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e9 / 1024)
    told = {language: how_it_ended(code, held, command, whole, language) for language in ("en", "zh")}
    language = _language(command)
    _say(f"{_ERROR[language]}{told[language]}")
    from lodeworks.errors import SAID

    if beside := os.environ.get(SAID):
        with open(beside, "w", encoding="utf-8") as said:
            said.write(told["zh"])
    os._exit(ENDED)


def how_it_ended(code: int, held_gb: float, command: list[str], whole: Sequence[str], language: str) -> str:
    """Return what is said of a child that did not come to its own end.

    Parameters
    ----------
    code
        The number of the signal that ended it, negative; or the exit code of a library that ended it.
    held_gb
        The most memory it held, in GB.
    command
        What was asked for.
    whole
        What it had put whole in its place.
    """
    zh = language == "zh"
    why = (_WHY[-signal.SIGABRT] if code > 0 else _WHY.get(code, ("by a signal", "计算被信号终止")))[zh]
    verb = command[0]
    do = _LESS.get(verb, _LESS[""])[zh]
    kept = _GOES_ON[zh] if verb in _FARMS else _kept(whole, language) + ("" if whole else _AS_IT_WAS[zh])
    if zh:
        return (f"{why}（{_name(code, language)}，最多占用内存 {held_gb:.2f} GB）；{kept}；"
                f"可{do}；各种规模所需内存见 docs/limits.md")
    return (f"the work was ended {why} ({_name(code, language)}; it had held at most {held_gb:.2f} GB of memory); "
            f"{kept}; {do}; what sizes take is in docs/limits.md")


# By signal: how the work was ended, in English and Chinese. By their names, as the numbers differ between systems.
_WHY = {
    -int(getattr(signal, name)): told for name, told in {
        "SIGKILL": ("from outside, most often by the system because no memory was left",
                    "计算被外部强制终止，最常见的原因是系统内存不足"),
        "SIGABRT": ("by a library that gave up, most often because it found no memory",
                    "计算被其所用的库中止，最常见的原因是内存不足"),
        "SIGSEGV": ("by a fault in a library, which may be for lack of memory",
                    "计算因所用的库出错而终止，可能是内存不足"),
        "SIGBUS": ("because memory or a file it used was not there, most often where memory or a disk is full",
                   "计算因所用的内存或文件不可用而终止，最常见的原因是内存或磁盘已满"),
        "SIGXCPU": ("at its limit of processor time", "计算达到处理器时间上限而终止"),
    }.items() if hasattr(signal, name)
}
_STEPS = ("use longer steps (horizon.step, or step of a commodity) or a shorter horizon",
          "加长步长（horizon.step，或某种物料的 step）或缩短规划期")
# By verb: what takes less memory.
_LESS = {
    "plan": ("use fewer steps (--segments or --days), windows (--rolling) or longer steps",
             "减少时段（--segments 或 --days）、分窗口规划（--rolling）或加长步长"),
    "pareto": _STEPS, "alternatives": _STEPS,
    **dict.fromkeys(_FARMS, ("use fewer workers (--workers), longer steps or a shorter horizon",
                             "减少进程数（--workers）、加长步长或缩短规划期")),
    "simulate": ("use a shorter horizon, fewer replications or a shorter trace",
                 "缩短仿真期、减少重复次数或缩短记录时长"),
    "": ("a smaller chain, run or file takes less", "改用较小的产业链、运行结果或文件"),
}
_GOES_ON = ("what is finished is kept, the same command goes on with the rest",
            "已完成的部分已保留，重新执行同一命令即可继续")
_AS_IT_WAS = (", and what was there before is as it was", "，原有文件未受影响")


def _stopped(whole: Sequence[str], language: str) -> str:
    return f"{'已停止；' if language == 'zh' else 'stopped; '}{_kept(whole, language)}"


def _kept(whole: Sequence[str], language: str) -> str:
    names = ", ".join(whole)
    if language == "zh":
        return f"已写出的完整：{names}" if whole else "未写出任何内容"
    return f"what was written is whole: {names}" if whole else "nothing was written"


def _name(code: int, language: str) -> str:
    if code > 0:
        return f"exit code {code}" if language == "en" else f"退出码 {code}"
    number = f"signal {-code}" if language == "en" else f"信号 {-code}"
    try:
        return f"{number}, {signal.Signals(-code).name}"
    except ValueError:
        return number


def _language(command: Sequence[str]) -> str:
    """Return the language that is asked for, as `lodeworks.cli.options.Language` takes it."""
    from lodeworks.said import spoken_here

    for asked, given in zip(command, [*command[1:], ""], strict=True):
        language = given if asked == "--language" else asked.removeprefix("--language=")
        if language in ("en", "zh") and asked.startswith("--language"):
            return language
    return spoken_here()


def _say(text: str) -> None:
    """Say a line on standard error, where a line of progress may stand and the cursor be hidden."""
    fresh = "\r\x1b[K\x1b[?25h" if sys.stderr.isatty() else ""
    print(f"{fresh}{text}", file=sys.stderr, flush=True)
