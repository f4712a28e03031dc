"""Programs that a campaign runs: their time is bounded, their output logged, and none outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from engines import die_with_parent
from place import ROOT

GRACE = 6  # seconds that a program has to end in; a campaign itself has 10
TELL = 60  # seconds between two looks at what a long one says


class Stopped(Exception):
    """Somebody asked the campaign to end."""


@dataclass(frozen=True)
class Ended:
    status: int | None  # None: its time was over
    seconds: float
    log: Path

    @property
    def how(self) -> str:
        return "not done in time" if self.status is None else f"exit {self.status}"

    def last(self, lines: int = 8) -> str:
        return last_lines(self.log, lines)


def last_lines(log: Path, lines: int) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.strip().splitlines()[-lines:])


def end_group(process: subprocess.Popen[bytes]) -> None:
    for number, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue


def wait(process: subprocess.Popen[bytes], until: float, tell: Callable[[], None]) -> int | None:
    """None: it is time, and the process still runs."""
    while True:
        left = until - time.monotonic()
        try:
            return process.wait(max(0.0, min(TELL, left)))
        except subprocess.TimeoutExpired:
            if left <= TELL:
                return None
            tell()


def run(command: Sequence[str | Path], log: Path, seconds: float,
        environment: dict[str, str] | None = None, say: Callable[[str], None] | None = None) -> Ended:
    """In a group of its own, which ends as a whole; `say` hears now and then how far it is."""
    def tell() -> None:
        if say:
            say(f"  {time.monotonic() - began:.0f} s: {last_lines(log, 1)[:100] or 'nothing said yet'}")

    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    status: int | None
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            env=environment, start_new_session=True, preexec_fn=die_with_parent)
        try:
            status = wait(process, began + seconds, tell)
        finally:
            end_group(process)
    return Ended(status, time.monotonic() - began, log)


def listen() -> None:
    """From now on SIGTERM, SIGINT and SIGHUP are raised as Stopped, once."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    for number in numbers:
        signal.signal(number, stop)
