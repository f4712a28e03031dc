"""Commands with a time limit, whose whole family dies with them, and with us."""
from __future__ import annotations

import dataclasses
import os
import pathlib
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

_GRACE = 1.0  # seconds
_live: set[subprocess.Popen[bytes]] = set()
_live_lock = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Finished:
    status: int  # of the command; negative: the signal that ended it
    output: str  # both streams
    seconds: float
    cut: bool  # we ended it: time was up, or `enough` had seen what it waits for


def _inherited() -> dict[str, str]:
    """Without what would change how a checker works."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PERSIST_FUZZ_", "AFL_", "CMOCKA_")) and not name.endswith("SAN_OPTIONS")
    }


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Asks first: AFL++ ends its target then, which has a session of its own and may be stopped."""
    _signal(child.pid, signal.SIGTERM)
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        pass
    _signal(child.pid, signal.SIGKILL)


def kill_all() -> None:
    with _live_lock:
        for child in _live:
            _signal(child.pid, signal.SIGTERM)
        time.sleep(_GRACE)
        for child in _live:
            _signal(child.pid, signal.SIGKILL)


def run(
    command: Sequence[str],
    cwd: pathlib.Path,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    enough: Callable[[str], bool] | None = None,
    keep_open: int | None = None,
) -> Finished:
    """Runs the command in a process group of its own. `enough` sees each line of the output and
    ends the command by saying true. `keep_open`: a descriptor that the command inherits."""
    started = time.monotonic()
    child = subprocess.Popen(
        command,
        cwd=cwd,
        # frama-c looks for files from PWD, not from where it runs.
        env={**_inherited(), "PWD": str(cwd), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=() if keep_open is None else (keep_open,),
    )
    with _live_lock:
        _live.add(child)
    assert child.stdout is not None
    text = bytearray()
    seen = 0
    cut = False
    with selectors.DefaultSelector() as ready, child.stdout:
        ready.register(child.stdout, selectors.EVENT_READ)
        while not cut:
            left = started + seconds - time.monotonic()
            if left <= 0 or not ready.select(left):
                cut = True
                break
            piece = os.read(child.stdout.fileno(), 65536)
            if not piece:
                break
            text += piece
            while enough is not None and (end := text.find(b"\n", seen)) >= 0:
                line = text[seen:end].decode(errors="replace")
                seen = end + 1
                if enough(line):
                    cut = True
                    break
        if cut:
            _kill(child)
        try:
            status = child.wait(max(1.0, started + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:  # it closed its output and went on
            cut = True
            _kill(child)
            status = child.wait()
    _signal(child.pid, signal.SIGKILL)  # what it may have left behind
    with _live_lock:
        _live.discard(child)
    return Finished(status, text.decode(errors="replace"), time.monotonic() - started, cut)
