"""One campaign: engines side by side or in turn, their corpus shared, their findings sorted."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from engines import ENGINES, Afl, Worker, check_alive
from findings import Finding, Findings, outcomes
from place import (BUILD, Trouble, build_target, is_own, most_input, print_table,
                   quiet_environment, replay_of, seeds_of, targets)

PROGRESS = 4.0  # seconds between two lines
SEEDED = 1.0  # seconds until what was known before is loaded, about
EXCHANGE = 1.0  # seconds between two looks at what AFL++ kept
STALLED = 60  # seconds without an execution: more than an input may take
MOST_FILES = 3000  # of a stored corpus, before it is merged to what covers something


@dataclass(frozen=True)
class Options:
    engines: tuple[str, ...]
    seconds: float
    jobs: int
    sanitizer: str
    target: str
    fresh: bool  # no seeds, no earlier corpus, and none kept
    stop_at_first: bool
    cmplog: bool = False  # the last AFL++ worker logs comparisons
    corpus: Path | None = None  # instead of the one under build/
    findings: Path | None = None  # likewise
    results: Path = BUILD / "results" / "fuzz.json"
    foreign: tuple[Path, ...] = ()  # other machines' corpora, read while it runs
    stop_at: frozenset[str] = frozenset()  # when all of these kinds are found
    seed: int | None = None  # of the engines


@dataclass
class Shift:
    """Workers that run at the same time."""
    engines: dict[str, int]  # how many of each
    seconds: float


def shifts(options: Options) -> list[Shift]:
    """Side by side when there is a job for each; else one after the other."""
    if options.jobs < len(options.engines):
        share = options.seconds / len(options.engines)
        return [Shift({engine: options.jobs}, share) for engine in options.engines]
    each, rest = divmod(options.jobs, len(options.engines))
    return [Shift({engine: each + (i < rest) for i, engine in enumerate(options.engines)},
                  options.seconds)]


class Campaign:
    def __init__(self, options: Options) -> None:
        self.options = options
        (BUILD / "fuzz").mkdir(parents=True, exist_ok=True)
        self.scratch = Path(tempfile.mkdtemp(prefix=f"{options.target}-", dir=BUILD / "fuzz"))
        self.corpus = (self.scratch / "corpus" if options.fresh
                       else options.corpus or BUILD / "corpus" / options.target)
        self.corpus.mkdir(parents=True, exist_ok=True)
        # Findings are judged by the same sanitizer as the engines run with.
        self.replay = replay_of(options.sanitizer, options.target)
        self.findings = Findings(options.target, self.replay, options.findings)
        self.workers: list[Worker] = []
        self.stopped_by: str | None = None
        self.began = time.monotonic()
        self.began_at = time.time()
        self.progress: dict[str, tuple[float, int]] = {}
        self.series: list[dict[str, object]] = []  # what `say` said, for plots
        self.moved: dict[Path, tuple[float, int]] = {}  # when a worker last executed something

    # ---- before ----

    def prepare(self) -> None:
        for shift in shifts(self.options):
            for engine in shift.engines:
                print(f"building the target '{self.options.target}' for {engine} "
                      f"(sanitizer: {self.options.sanitizer})", flush=True)
                for _ in range(shift.engines[engine]):
                    folder = self.scratch / f"{engine}-{len(self.workers)}"
                    self.workers.append(ENGINES[engine](
                        folder, self.options.target, self.options.sanitizer, self.corpus,
                        self.options.fresh, self.options.seed))
        self.divide_labour()
        if not self.options.fresh:
            self.prune()
            self.replay_known()

    def divide_labour(self) -> None:
        """AFL++ has a main worker where there is somebody to synchronise with."""
        afl = [worker for worker in self.workers if isinstance(worker, Afl)]
        for worker in self.workers:
            worker.foreign = self.options.foreign
        if afl:
            afl[0].main = len(afl) > 1 or bool(self.options.foreign)
            if self.options.cmplog:
                afl[-1].log_comparisons()

    def prune(self) -> None:
        """A corpus grows with every campaign: what covers nothing of its own is left out."""
        files = sum(1 for _ in self.corpus.iterdir())
        if files <= MOST_FILES:
            return
        target = self.options.target
        program = build_target("fuzz", self.options.sanitizer, target, target) / target
        merged = self.scratch / "merged"
        merged.mkdir()
        done = subprocess.run(
            [program, "-merge=1", "-detect_leaks=0", f"-max_len={most_input()}", merged,
             self.corpus], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600,
            cwd=self.scratch, env=quiet_environment(), check=False)
        kept = sum(1 for _ in merged.iterdir())
        if done.returncode != 0 or kept == 0:
            return  # as it was: too many files are better than too few
        for path in self.corpus.iterdir():
            if not (merged / path.name).exists():
                path.unlink()
        print(f"merged the corpus of earlier runs: {kept} of {files} files cover something new")

    def replay_known(self) -> None:
        """Inputs that broke something once, or were kept by earlier runs, come first."""
        paths = [path for path in (*seeds_of(self.options.target), self.corpus) if path.is_dir()]
        try:
            done = subprocess.run([self.replay, *paths], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=300,
                                  env=quiet_environment(), check=False)
            if done.returncode == 0:
                return
        except subprocess.TimeoutExpired:
            pass
        for property_, path in outcomes(self.replay, paths):
            if property_ != "clean":
                self.add_finding("replay", path)
                if path.parent == self.corpus:
                    path.unlink()

    # ---- while it runs ----

    def add_finding(self, engine: str, path: Path) -> None:
        after = max(0.0, path.stat().st_mtime - self.began_at) if engine != "replay" else 0.0
        finding = self.findings.add(engine, after, path)
        if finding is not None:
            how = "" if finding.reproduced else " (does not happen again)"
            print(f"finding: property {finding.property}, by {engine} after "
                  f"{finding.seconds:.1f} s{how}: {finding.command()}", flush=True)
            for worker in self.workers:
                worker.control.ignore(self.findings.ignored())

    def collect(self, workers: list[Worker]) -> None:
        for worker in workers:
            for path in worker.found():
                self.add_finding(worker.engine, path)

    def exchange(self, workers: list[Worker]) -> None:
        """What AFL++ keeps goes to the shared corpus, by a name that its content gives it; libFuzzer
        reads that folder again and again, and so does our mutator within AFL++."""
        for worker in workers:
            for path in worker.new_in_queue() if isinstance(worker, Afl) else []:
                data = path.read_bytes()
                name = hashlib.sha1(data).hexdigest()
                if not (self.corpus / name).exists():
                    part = self.corpus.with_name(f".{self.scratch.name}.part")
                    part.write_bytes(data)
                    part.replace(self.corpus / name)

    def sample(self, workers: list[Worker]) -> None:
        """How far each engine is, for plots and estimates."""
        for engine in dict.fromkeys(worker.engine for worker in workers):
            mine = [worker for worker in workers if worker.engine == engine]
            self.series.append({
                "engine": engine, "seconds": round(time.monotonic() - self.began, 1),
                "executions": sum(worker.control.read("executions") for worker in mine),
                "corpus": max(worker.corpus_files() for worker in mine),
                "edges": max(worker.edges() for worker in mine)})

    def say(self, workers: list[Worker]) -> None:
        now = time.monotonic()
        for engine in dict.fromkeys(worker.engine for worker in workers):
            mine = [worker for worker in workers if worker.engine == engine]
            executions = sum(worker.control.read("executions") for worker in mine)
            before, earlier = self.progress.get(engine, (self.began, 0))
            self.progress[engine] = now, executions
            found = sum(finding.engine == engine for finding in self.findings.list)
            corpus = max(worker.corpus_files() for worker in mine)
            edges = max(worker.edges() for worker in mine)
            print(f"{now - self.began:6.0f} s  {engine:9}  {executions:12,} executions  "
                  f"{(executions - earlier) / max(now - before, 0.001):9,.0f}/s  "
                  f"corpus {corpus:5}  edges {edges:4}  findings {found}", flush=True)

    def is_time(self, workers: list[Worker], until: float) -> bool:
        """An engine that is still loading on a busy machine gets to its first execution."""
        now = time.monotonic()
        return now < until or (now < until + STALLED and any(
            worker.running() and worker.control.read("executions") == 0 for worker in workers))

    def watch(self, workers: list[Worker], until: float) -> None:
        said = exchanged = time.monotonic()
        soon = said + SEEDED
        while self.stopped_by is None and self.is_time(workers, until):
            time.sleep(0.1)
            now = time.monotonic()
            if now >= soon:
                soon = until
                self.sample(workers)
            self.collect(workers)
            if self.is_enough():
                return
            for worker in workers:
                self.check_moves(worker, now)
                if not worker.running():
                    if not worker.goes_on():
                        check_alive(worker)
                    worker.wait()
                    worker.start()
            if now - exchanged >= EXCHANGE:
                exchanged = now
                self.exchange(workers)
            if now - said >= PROGRESS:
                said = now
                self.sample(workers)
                self.say(workers)

    def check_moves(self, worker: Worker, now: float) -> None:
        """An engine that hangs is as bad as one that died."""
        executions = worker.control.read("executions")
        since, before = self.moved.get(worker.folder, (now, -1))
        if executions != before or not worker.running():
            self.moved[worker.folder] = now, executions
        elif now - since > STALLED:
            raise Trouble(f"{worker.engine} executes nothing since {STALLED} s:\n"
                          f"{worker.last_words()}")

    def is_enough(self) -> bool:
        found = {finding.property for finding in self.findings.list}
        return bool(found) and (self.options.stop_at_first or
                                bool(self.options.stop_at) and self.options.stop_at <= found)

    def run_shift(self, shift: Shift) -> None:
        workers = [worker for worker in self.workers if worker.engine in shift.engines]
        until = time.monotonic() + shift.seconds
        try:
            for worker in workers:
                worker.control.ignore(self.findings.ignored())
                worker.start()
                self.progress.setdefault(worker.engine, (time.monotonic(), 0))
            self.watch(workers, until)
        finally:
            for worker in workers:
                worker.ask_to_stop()
            for worker in workers:
                worker.wait()
        self.collect(workers)
        self.exchange(workers)
        self.sample(workers)
        for worker in workers:
            if worker.control.read("executions") == 0 and self.stopped_by is None:
                raise Trouble(f"{worker.engine} executed nothing:\n{worker.last_words()}")

    def stop(self, number: int, _frame: FrameType | None) -> None:
        self.stopped_by = signal.Signals(number).name

    def run(self) -> int:
        before = {number: signal.signal(number, self.stop)
                  for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.prepare()
            print(f"fuzzing '{self.options.target}' for {self.options.seconds:g} s, "
                  f"{len(self.workers)} workers", flush=True)
            self.began = time.monotonic()
            self.began_at = time.time()
            for shift in shifts(self.options):
                if self.stopped_by is None and not self.is_enough():
                    self.run_shift(shift)
            self.report()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            shutil.rmtree(self.scratch, ignore_errors=True)
        return 1 if self.findings.list else 0

    # ---- after ----

    def engine_results(self) -> list[dict[str, object]]:
        results: list[dict[str, object]] = []
        for engine in self.options.engines:
            mine = [worker for worker in self.workers if worker.engine == engine]
            seconds = max(worker.ran for worker in mine)
            executions = sum(worker.control.read("executions") for worker in mine)
            stabilities = [s for s in (worker.stability() for worker in mine) if s is not None]
            results.append({
                "engine": engine,
                "workers": len(mine),
                "seconds": round(seconds, 2),
                "executions": executions,
                "execs_per_second": round(executions / seconds) if seconds else 0,
                "allocations_checked": sum(worker.control.read("calls") for worker in mine),
                "throws": sum(worker.control.read("throws") for worker in mine),
                "corpus_files": max(worker.corpus_files() for worker in mine),
                "edges": max(worker.edges() for worker in mine),
                "stability": min(stabilities) if stabilities else None,
                "findings": [str(finding.shown()) for finding in self.findings.list
                             if finding.engine == engine],
            })
        return results

    def report(self) -> None:
        results = self.engine_results()
        rows: list[tuple[str, ...]] = [
            ("engine", "workers", "seconds", "executions", "exec/s", "calls/s", "throws/s",
             "corpus", "edges", "stability", "findings")]
        for result in results:
            seconds = float(str(result["seconds"])) or 1.0
            rows.append((
                str(result["engine"]), str(result["workers"]), f"{seconds:.1f}",
                f"{result['executions']:,}", f"{result['execs_per_second']:,}",
                f"{int(str(result['allocations_checked'])) / seconds:,.0f}",
                f"{int(str(result['throws'])) / seconds:,.0f}", str(result["corpus_files"]),
                str(result["edges"]),
                "-" if result["stability"] is None else f"{result['stability']}%",
                str(len(self.findings.list) if len(results) == 1
                    else len([f for f in self.findings.list if f.engine == result["engine"]]))))
        print()
        print_table(rows)
        print(flush=True)
        for finding in self.findings.list:
            print_finding(finding)
        if self.stopped_by:
            print(f"stopped by {self.stopped_by}: this is what was done so far")
        path = self.options.results
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({
            "target": self.options.target, "sanitizer": self.options.sanitizer,
            "stopped_by": self.stopped_by, "engines": results, "series": self.series,
            "findings": [{
                "kind": finding.property, "property": finding.property_,
                "promise": finding.promise, "here": finding.here, "engine": finding.engine,
                "seconds": round(finding.seconds, 2), "file": str(finding.shown()),
                "reproduced": finding.reproduced} for finding in self.findings.list],
        }, indent=2) + "\n")
        part.replace(path)


def print_finding(finding: Finding) -> None:
    print(f"property {finding.property}: found by {finding.engine} after {finding.seconds:.1f} s")
    if finding.property_ != finding.property:
        print(f"    that breaks {finding.property_}: {finding.here}")
    if finding.promise:
        print(f"    promised: {finding.promise}\n    and yet: {finding.here}")
    print(f"    {finding.command()}", flush=True)


def every_target(options: Options, names: list[str]) -> int:
    """One target after the other, and a table of all."""
    rows: list[tuple[str, ...]] = [
        ("target", "executions", "calls", "after s", "engine", "finding", "promise broken")]
    for name in names:
        sanitizer = options.sanitizer if is_own(name) else "none"
        campaign = Campaign(replace(options, target=name, sanitizer=sanitizer))
        campaign.run()
        if campaign.stopped_by:
            break
        executions, calls = (sum(worker.control.read(field) for worker in campaign.workers)
                             for field in ("executions", "calls"))
        found = [(f"{finding.seconds:.1f}", finding.engine, finding.property,
                  finding.promise or finding.here) for finding in campaign.findings.list]
        for number, finding in enumerate(found or [("", "", "none", "")]):
            head = (name, f"{executions:,}", f"{calls:,}") if number == 0 else ("", "", "")
            rows.append((*head, *finding))
    print()
    print_table(rows, left=(0, 5, 6))
    return 1 if any(row[5] != "none" for row in rows[1:]) else 0


def main(options: Options) -> int:
    try:
        if options.target == "all":
            return every_target(options, targets())
        return Campaign(options).run()
    except OSError as error:
        raise Trouble(str(error)) from error
    finally:
        sys.stdout.flush()
