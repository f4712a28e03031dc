"""Programs that a campaign runs: their time is bounded, their output logged, and none outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from engines import die_with_parent
from place import ROOT

GRACE = 6  # seconds that a program has to end in; a campaign itself has 10


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
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
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


def run(command: Sequence[str | Path], log: Path, seconds: float,
        environment: dict[str, str] | None = None) -> Ended:
    """In a group of its own, which ends as a whole."""
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    status: int | None
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            env=environment, start_new_session=True, preexec_fn=die_with_parent)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
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
