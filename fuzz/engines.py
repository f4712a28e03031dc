"""The two engines, each as workers: processes that fuzz one target until they are told to stop."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from control import Control
from place import (Trouble, build_target, most_input, quiet_environment, runnable,
                   seeds_of)

CONTROL = "PERSIST_FUZZ_CONTROL"  # names each worker's own file to all its processes
HANG = 10  # seconds that one input may take
GRACE = 8  # seconds to end in


def die_with_parent() -> None:
    """In a new worker: no fuzzer outlives a driver that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def holders(name: str, value: str) -> list[int]:
    """The processes that were started with this in their environment."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # ended since, or another user's
            if f"{name}={value}".encode() in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found


class Worker(ABC):
    engine: str

    def __init__(self, folder: Path, target: str, sanitizer: str, corpus: Path, fresh: bool,
                 seed: int | None) -> None:
        self.folder = folder
        self.target = target
        self.corpus = corpus
        self.seeds = [] if fresh else seeds_of(target)
        self.fresh = fresh  # from nothing
        self.seed = seed  # of its random numbers; None: as the engine pleases
        self.foreign: tuple[Path, ...] = ()  # other machines' corpora; of AFL++, the main reads them
        folder.mkdir(parents=True)
        self.control = Control(folder / "control")
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.ran = 0.0  # seconds, of earlier processes
        self.program = self.build(sanitizer)

    @abstractmethod
    def build(self, sanitizer: str) -> Path: ...

    @abstractmethod
    def command(self) -> list[str | Path]: ...

    def environment(self) -> dict[str, str]:
        return quiet_environment() | {CONTROL: str(self.control.path)}

    @abstractmethod
    def found(self) -> list[Path]:
        """Inputs that made the target die, so far."""

    @abstractmethod
    def corpus_files(self) -> int: ...

    @abstractmethod
    def edges(self) -> int: ...

    def stability(self) -> float | None:
        """Percent; None: this engine does not say."""
        return None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=self.environment(), start_new_session=True,
                preexec_fn=die_with_parent)
        self.started = time.monotonic()

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def seconds(self) -> float:
        return self.ran + (time.monotonic() - self.started if self.process else 0.0)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.running():
            self.process.send_signal(signal.SIGINT)

    def wait(self) -> None:
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # AFL++ gives its targets groups of their own, and may leave one behind stopped.
        for number in holders(CONTROL, str(self.control.path)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.ran = self.seconds()
        self.process = None

    def last_words(self) -> str:
        text = self.log.read_text(errors="replace")
        text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x0f", "", text)
        lines = [line for line in text.splitlines() if line.strip()]
        return "\n".join(lines[-12:])

    @abstractmethod
    def goes_on(self) -> bool:
        """After the process ended by itself: it found something, and another one is to be started.
        Anything else is trouble."""


class LibFuzzer(Worker):
    engine = "libfuzzer"

    def build(self, sanitizer: str) -> Path:
        self.read = 0
        self.status = (0, 0)  # edges, corpus files
        return runnable(build_target("fuzz", sanitizer, self.target, self.target) / self.target)

    def command(self) -> list[str | Path]:
        seed = [] if self.seed is None else [f"-seed={self.seed}"]
        return [
            self.program, f"-max_len={most_input()}", "-detect_leaks=0", "-reload=1",
            f"-artifact_prefix={self.folder}/", f"-timeout={HANG}", "-rss_limit_mb=4096",
            "-print_final_stats=1", *seed, self.corpus, *self.seeds, *self.foreign]

    def found(self) -> list[Path]:
        return sorted(path for kind in ("crash", "timeout", "oom", "leak")
                      for path in self.folder.glob(f"{kind}-*"))

    def goes_on(self) -> bool:
        assert self.process is not None
        return self.process.returncode in (1, 70, 71, 77) and bool(self.found())

    def _follow(self) -> None:
        """Reads on in the log: lines such as `#1024 NEW cov: 199 ft: 905 corp: 71/2345b ...`."""
        if not self.log.exists():
            return  # it was never started: what was known already broke something
        with self.log.open("rb") as log:
            log.seek(self.read)
            new = log.read()
        whole = new.rfind(b"\n") + 1
        self.read += whole
        for found in re.finditer(rb"cov: (\d+) ft: \d+ corp: (\d+)/", new[:whole]):
            self.status = int(found[1]), int(found[2])

    def corpus_files(self) -> int:
        self._follow()
        return self.status[1]

    def edges(self) -> int:
        self._follow()
        return self.status[0]


class Afl(Worker):
    engine = "afl"
    workers = 0

    def build(self, sanitizer: str) -> Path:
        folder = build_target("afl", sanitizer, self.target, self.target, "mutator.so")
        self.mutator = folder / "mutator.so"
        self.name = f"w{Afl.workers}"
        Afl.workers += 1
        self.copied: set[str] = set()
        self.in_ = self.folder / "in"
        self.out = self.folder.parent / "afl"  # of all workers: they synchronise there
        self.main = False
        self.comparisons: Path | None = None  # the program built for CMPLOG
        return folder / self.target

    def log_comparisons(self) -> None:
        self.comparisons = build_target("afl", "cmplog", self.target, self.target) / self.target

    def start(self) -> None:
        """Copies the seeds: AFL++ takes one folder."""
        shutil.rmtree(self.in_, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)
        self.out.mkdir(exist_ok=True)
        self.in_.mkdir()
        (self.in_ / "version-only").write_bytes(b"\x01")
        for folder in [] if self.fresh else [*self.seeds, self.corpus]:
            for path in folder.iterdir() if folder.is_dir() else []:
                if path.name == "README.md":
                    continue
                # libFuzzer, running already, replaces inputs by shorter ones.
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_size > 0:
                        shutil.copyfile(path, self.in_ / path.name)
        super().start()

    def command(self) -> list[str | Path]:
        more: list[str | Path] = [] if self.seed is None else ["-s", f"{self.seed}"]
        for folder in self.foreign if self.main else ():
            more += ["-F", folder]
        if self.comparisons is not None:
            more += ["-c", self.comparisons]
        return ["afl-fuzz", "-i", self.in_, "-o", self.out, "-M" if self.main else "-S", self.name,
                *more, "-m", "none", "-t", f"{HANG * 1000}", "-G", f"{most_input()}", "--",
                self.program]

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "AFL_CUSTOM_MUTATOR_LIBRARY": str(self.mutator),
            "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
            "AFL_NO_AFFINITY": "1",
            "AFL_NO_UI": "1",
            "AFL_SKIP_CPUFREQ": "1",
            "AFL_SKIP_CRASHES": "1",
            "AFL_NO_CRASH_README": "1",
            "AFL_IGNORE_UNKNOWN_ENVS": "1",
            "AFL_FAST_CAL": "1",
            "PERSIST_FUZZ_FEED": str(self.corpus),
        }

    @property
    def state(self) -> Path:
        return self.out / self.name

    def found(self) -> list[Path]:
        return sorted(path for kind in ("crashes", "hangs")
                      for path in self.state.glob(f"{kind}/id:*"))

    def goes_on(self) -> bool:
        return False  # it survives what it finds

    def new_in_queue(self) -> list[Path]:
        """What it kept since the last time, but what it was given."""
        new = [path for path in sorted(self.state.glob("queue/id:*"))
               if path.name not in self.copied and ",orig:" not in path.name
               and ",sync:" not in path.name]
        self.copied.update(path.name for path in new)
        return new

    def corpus_files(self) -> int:
        return sum(1 for _ in self.state.glob("queue/id:*"))

    def _statistic(self, name: str) -> str:
        try:
            text = (self.state / "fuzzer_stats").read_text()
        except OSError:
            return ""
        found = re.search(rf"^{name}\s*: (.*)$", text, re.M)
        return found[1].strip() if found else ""

    def edges(self) -> int:
        try:
            last = (self.state / "plot_data").read_text().splitlines()[-1]
            plotted = int(last.split(",")[-1])
        except (OSError, ValueError, IndexError):
            plotted = 0
        return max(plotted, int(self._statistic("edges_found") or 0))

    def stability(self) -> float | None:
        text = self._statistic("stability")
        return float(text.rstrip("%")) if text else None


ENGINES: dict[str, type[Worker]] = {"libfuzzer": LibFuzzer, "afl": Afl}


def check_alive(worker: Worker) -> None:
    """A worker that ended and found nothing did not fuzz: never to be taken for `clean`."""
    assert worker.process is not None
    raise Trouble(f"{worker.engine} ended by itself (exit {worker.process.returncode}):\n"
                  f"{worker.last_words()}")
