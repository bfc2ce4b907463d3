"""Ctrl-C at any moment: one line and exit code 130.

Before a command begins and after it has ended there is nothing to tidy up, and the process ends at
once: a module that is being imported may take an exception for a fault of its own. While the
command runs, Ctrl-C raises KeyboardInterrupt, so that it leaves nothing half-written; a second
Ctrl-C does not wait for that.
"""

import _thread
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

STOPPED = 130  # exit code after Ctrl-C, as of a shell


class _State:
    """Of this process, as its signal handlers are."""

    process = 0  # that set the handlers; its forks are silent
    pressed = False


def at_once() -> None:
    """From now on Ctrl-C ends the process where it stands."""
    with suppress(ValueError):  # outside the main thread, where nobody presses Ctrl-C
        signal.signal(signal.SIGINT, _end)
        sys.unraisablehook = _swallowed
        _State.process, _State.pressed = os.getpid(), False


@contextmanager
def tidily() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, if ``at_once`` was called before."""
    if signal.getsignal(signal.SIGINT) is not _end:
        yield
        return
    signal.signal(signal.SIGINT, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _end)


def pressed() -> bool:
    """Whether a command was interrupted, whatever became of the exception."""
    return _State.pressed


def message() -> str:
    """``stopped``, with the command that goes on where there is one.

    `qbell extend` might add a second part if it were given again.
    """
    words = sys.argv[1:]
    if words[:1] == ["extend"]:
        folders = [word for word in words[1:] if os.path.isdir(word)]
        ask = shlex.join(["qbell", "status", *folders[:1]])
        return f"stopped; whether the part is registered, and its jobs: {ask}"
    resumable = words[:1] in (["run"], ["submit"], ["fetch"]) or (
        words[:1] == ["scan"] and any(word.split("=")[0] == "--out" for word in words)
    )
    return f"stopped; to go on: {shlex.join(['qbell', *words])}" if resumable else "stopped"


def _end(_signal: int, _frame: Any) -> None:
    if os.getpid() == _State.process:
        with suppress(OSError):
            shown = "\r\x1b[K\x1b[?25h" if os.isatty(2) else ""  # the cursor, by a progress bar
            os.write(2, f"{shown}error: {message()}\n".encode(errors="replace"))
    os._exit(STOPPED)


def _raise(_signal: int, _frame: Any) -> None:
    _State.pressed = True
    signal.signal(signal.SIGINT, _end)
    raise KeyboardInterrupt


def _swallowed(unraisable: Any) -> None:
    """KeyboardInterrupt where Python cannot raise it, as in a destructor: once more, later."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        signal.signal(signal.SIGINT, _raise)
        later = threading.Timer(0.01, _thread.interrupt_main)  # not in here, where it is lost again
        later.daemon = True
        later.start()
    else:
        sys.__unraisablehook__(unraisable)
