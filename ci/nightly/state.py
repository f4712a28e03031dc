"""What lives from one campaign to the next: a folder that one campaign at a time may write.

    lock             held while a campaign runs (flock: the kernel frees it, however the campaign dies)
    corpus/TARGET/   the inputs, each named by the SHA-1 of its content, so that half a file shows
    work/TARGET/     what the engines write while they run; harvested into corpus/
    set-aside/       what was in a corpus and is no input
    findings/        one folder for each finding: see triage.py
    campaign.json    the campaign under way, or the last one
    history.jsonl    a line for each campaign that came to its end
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from place import Trouble, most_input

LEAST_DISK = 64 << 20  # bytes free, below which nothing is begun
LEAST_MEMORY = 512 << 20
MARK = "PERSIST_NIGHTLY_STATE"  # in the environment of everything that a campaign starts


class Busy(Trouble):
    """Another campaign holds the state."""


def write(path: Path, data: bytes) -> None:
    """Whole or not at all, also when the machine stops."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def write_json(path: Path, value: object) -> None:
    write(path, (json.dumps(value, indent=1) + "\n").encode())


def read_json(path: Path) -> Any:
    """None: not there, or not JSON."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def name_of(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def read_input(path: Path) -> bytes | None:
    """None: no input of the fuzzer; it is never opened when it is not a plain file."""
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > most_input():
            return None
        return path.read_bytes()
    except OSError:
        return None


@dataclass(frozen=True)
class Scrubbed:
    kept: int
    renamed: int
    set_aside: int


class State:
    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.campaign = self.folder / "campaign.json"
        self.history = self.folder / "history.jsonl"
        self.findings = self.folder / "findings"
        self.logs = self.folder / "logs"
        self.said: list[str] = []  # what was found out while taking hold of it

    def corpus(self, target: str) -> Path:
        return self.folder / "corpus" / target

    def work(self, target: str) -> Path:
        return self.folder / "work" / target

    # ---- one campaign at a time ----

    def take(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / "lock").open("a+")
        except OSError as error:
            raise Trouble(f"cannot write the state '{self.folder}': {error.strerror}; "
                          "give a folder that can be written with --state DIR") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"a campaign runs on '{self.folder}' already ({self._holder()}); "
                       "wait for it, or give another folder with --state DIR") from error
        before = self._holder()
        if before:
            self.said.append(f"the campaign before ({before}) was killed; going on from what it left")
        self._lock.truncate(0)
        self._lock.write(f"process {os.getpid()} on {socket.gethostname()} "
                         f"since {time.strftime('%Y-%m-%d %H:%M:%S')}")
        self._lock.flush()
        ended = self.end_orphans()
        if ended:
            self.said.append(f"ended {ended} processes of it")
        self.check_room()

    def release(self) -> None:
        self._lock.truncate(0)  # an empty lock is one that was given back
        self._lock.close()

    def _holder(self) -> str:
        self._lock.seek(0)
        return self._lock.read().strip()

    def end_orphans(self) -> int:
        """Processes that a killed campaign or program left behind, known by their environment."""
        wanted = f"{MARK}={self.folder}".encode()
        ended = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                marked = wanted in (process / "environ").read_bytes().split(b"\0")
                if marked and int(process.name) != os.getpid():
                    os.kill(int(process.name), signal.SIGKILL)
                    ended += 1
            except OSError:
                continue  # it ended, or is somebody else's
        return ended

    def check_room(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < LEAST_DISK:
            raise Trouble(f"'{self.folder}' has {free >> 20} MiB free, and a campaign needs "
                          f"{LEAST_DISK >> 20}; make room or give another folder with --state DIR")
        lines = Path("/proc/meminfo").read_text().splitlines()
        memory = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines}
        if memory.get("MemAvailable", LEAST_MEMORY) < LEAST_MEMORY:
            raise Trouble(f"{memory['MemAvailable'] >> 20} MiB of memory are available, and a "
                          f"campaign needs {LEAST_MEMORY >> 20}")

    # ---- the corpus ----

    def keep(self, target: str, data: bytes) -> bool:
        """Was it new?"""
        path = self.corpus(target) / name_of(data)
        if path.exists():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(".part")
        part.write_bytes(data)
        part.replace(path)
        return True

    def _set_aside(self, path: Path) -> None:
        folder = self.folder / "set-aside"
        folder.mkdir(exist_ok=True)
        path.rename(folder / f"{path.name[:64]}-{time.time_ns()}")

    def scrub(self, target: str) -> Scrubbed:
        """People put files there, and machines stop: what is no input leaves the corpus."""
        folder = self.corpus(target)
        folder.mkdir(parents=True, exist_ok=True)
        kept = renamed = aside = 0
        for path in sorted(folder.iterdir()):
            if path.name == ".part":
                path.unlink()
                continue
            data = read_input(path)
            if data is None:
                self._set_aside(path)
                aside += 1
            elif path.name != name_of(data):
                self.keep(target, data)
                path.unlink()
                renamed += 1
            else:
                kept += 1
        return Scrubbed(kept, renamed, aside)

    def lend(self, target: str) -> Path:
        """A copy for engines to write to: they are killed in the middle of a file."""
        work = self.work(target)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        for path in self.corpus(target).iterdir():
            shutil.copyfile(path, work / path.name)
        return work

    def harvest(self, target: str) -> int:
        """What engines found, whole files only; how many were new."""
        work = self.work(target)
        new = 0
        for path in sorted(work.iterdir()) if work.is_dir() else []:
            data = read_input(path)
            # Both engines' files are named by their content here; another name is half a file.
            if data and path.name == name_of(data):
                new += self.keep(target, data)
        shutil.rmtree(work, ignore_errors=True)
        return new
