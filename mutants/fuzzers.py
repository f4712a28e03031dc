"""The harness as a checker: replay of the corpus, the contracts executed, libFuzzer and AFL++ from
nothing, and the sanitizers alone."""
from __future__ import annotations

import re
import shutil
import tempfile
import time
from pathlib import Path

from checker import Checker
from model import ROOT, Mutant, Outcome, Trouble, Verdict
from process import Finished
from source import without_bodies
from tree import Tree

_HANG = 10  # seconds an input may take
_REPLAY_SECONDS = 20  # for all inputs, which take a fraction of one
_MOST_INPUT = 193  # bytes; fuzz/format.h
_CORE = ("src/persist.c", "src/persistentalloc.c", "src/throw.c")
_CODE = {
    "core": _CORE,
    "process": _CORE,
    "fixalloc": ("src/persist.c", "src/fixalloc.c", "src/fixslab.c"),
}
# The target that runs a layer, and the inputs made for it.
_TARGET = {"core": "core", "process": "core", "fixalloc": "fixalloc"}
_SEEDS = ("corpus/seeds", "corpus/regressions")
_CORPUS = {"core": _SEEDS, "process": _SEEDS, "fixalloc": ("corpus/fixalloc",)}
_FIXALLOC = ("fuzz/objects.c", "fuzz/objects.h", "fuzz/targets/fixalloc.c", "fuzz/targets/fixalloc")
_INPUTS = (
    *(
        f"fuzz/{path.name}"
        for path in sorted((ROOT / "fuzz").glob("*.[ch]"))
        if f"fuzz/{path.name}" not in _FIXALLOC
    ),
    "fuzz/meson.build",
    "ci/build",
    "meson.build",
    "meson_options.txt",
)
_OURS = ("fuzz/targets/core.c", "fuzz/targets/core")
_HARNESS = {"core": _OURS, "process": _OURS, "fixalloc": _FIXALLOC}


def _what(output: str) -> str:
    """Which property the harness or a sanitizer names."""
    for pattern in (
        r"property:? ([\w.-]+)",
        r"^SUMMARY: (\w+: [\w-]+)",
        r"runtime error: (.*)$",
        r"(ERROR: libFuzzer: [\w -]+)",
    ):
        match = re.search(pattern, output, re.M)
        if match:
            return match.group(1)
    lines = output.strip().splitlines()
    return lines[-1][:100] if lines else "died"


def _built(tree: Tree, mutant: Mutant | None, variant: str, *targets: str) -> str:
    """Why the build failed, if it did; of the source itself it may not."""
    error = tree.build(variant, *targets)
    if error and mutant is None:
        raise Trouble(f"the source does not build as {variant}:\n{error}")
    return error


def _replayed(
    tree: Tree,
    mutant: Mutant | None,
    variant: str,
    target: str,
    corpus: tuple[str, ...],
    **environment: str,
) -> Verdict:
    program = f"fuzz/{target}_replay"
    if error := _built(tree, mutant, variant, program):
        return Verdict(Outcome.KILLED, 0.0, "does not build: " + error.strip()[-200:])
    done = tree.run([f"build/{variant}/{program}", *corpus], _REPLAY_SECONDS, environment=environment)
    if done.status == 0 and not done.cut:
        return Verdict(Outcome.SURVIVED, done.seconds, "")
    return Verdict(Outcome.KILLED, done.seconds, "hangs" if done.cut else _what(done.output))


class Replay(Checker):
    name = "replay"
    about = "replay of corpus/"
    layers = ("core", "process", "fixalloc")
    sees = frozenset(("64", "poison"))
    inputs = _INPUTS
    own_inputs = {layer: (*_HARNESS[layer], *_CORPUS[layer]) for layer in _HARNESS}
    code = _CODE

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        return _replayed(tree, mutant, "fuzz-address", _TARGET[layer], _CORPUS[layer])


class Contracts(Checker):
    """The contracts, compiled, are the only judge: without the model that the replay asks."""

    name = "contracts"
    about = "replay of corpus/ with the contracts executed (E-ACSL), the oracle off"
    layers = ("core",)
    sees = frozenset(("64", "poison"))
    inputs = (*_INPUTS, "fuzz/targets/contracts.c", "fuzz/executed", *_SEEDS)
    own_inputs = _HARNESS
    code = _CODE
    whole = False
    _EXECUTED = ("src/persist.h", "src/refill.h", "src/sys.h", "src/persist.c")

    def reads(self, layer: str, mutant: Mutant | None) -> list[str]:
        said = [without_bodies(name, None, ()) for name in self._EXECUTED]
        return [*super().reads(layer, mutant), *said]

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        variant = "fuzz-address-contracts"
        off = {"PERSIST_FUZZ_ORACLE": "off"}
        return _replayed(tree, mutant, variant, "contracts", _CORPUS[layer], **off)


class LibFuzzer(Checker):
    name = "libfuzzer"
    about = "libFuzzer from an empty corpus"
    layers: tuple[str, ...] = ("core", "process", "fixalloc")
    sees = frozenset(("64", "poison"))
    inputs = _INPUTS
    own_inputs = _HARNESS
    code = _CODE
    patient = True
    seconds = 60
    oracle = True

    def recipe(self) -> str:
        return f"{self.seconds}"

    def hurry(self) -> None:
        self.seconds = 10

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        target = _TARGET[layer]
        if error := _built(tree, mutant, "fuzz-address", f"fuzz/{target}"):
            return Verdict(Outcome.KILLED, 0.0, "does not build: " + error.strip()[-200:])
        scratch = Path(tempfile.mkdtemp(prefix="persist-mutant-"))
        try:
            done = self._fuzz(tree, target, scratch)
        finally:
            shutil.rmtree(scratch)
        if done.status == 0 and not done.cut:
            return Verdict(Outcome.SURVIVED, done.seconds, "")
        return Verdict(Outcome.KILLED, done.seconds, "hangs" if done.cut else _what(done.output))

    def _fuzz(self, tree: Tree, target: str, scratch: Path) -> Finished:
        environment = {} if self.oracle else {"PERSIST_FUZZ_ORACLE": "off"}
        return tree.run(
            [
                f"build/fuzz-address/fuzz/{target}",
                f"-max_total_time={self.seconds}",
                f"-timeout={_HANG}",
                f"-artifact_prefix={scratch}/",
                f"-max_len={_MOST_INPUT}",
                "-detect_leaks=0",
                "-rss_limit_mb=4096",
                "-seed=1",
            ],
            self.seconds + 3 * _HANG,
            environment=environment,
        )


class Sanitizers(LibFuzzer):
    """What an ordinary fuzz target would have caught: the same calls, and nobody who checks."""

    name = "sanitizers"
    about = "libFuzzer with the oracle off: ASan and UBSan alone"
    layers = ("core",)
    counts = False
    patient = False
    seconds = 3
    oracle = False


class Afl(Checker):
    """Fast, without sanitizers; what it has collected is run with them now and then, as a campaign
    does whose other instances have them."""

    name = "afl"
    about = "AFL++ from an empty corpus, its queue under ASan and UBSan"
    layers = ("core", "process", "fixalloc")
    sees = frozenset(("64", "poison"))
    inputs = _INPUTS
    own_inputs = _HARNESS
    code = _CODE
    patient = True
    rounds: tuple[int, ...] = (10, 50)
    variant = "afl-none"

    def recipe(self) -> str:
        return f"{self.rounds} {self.variant}"

    def hurry(self) -> None:
        self.rounds = (20,)

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        target = _TARGET[layer]
        error = _built(tree, mutant, self.variant, f"fuzz/{target}", "fuzz/mutator.so")
        if error := error or _built(tree, mutant, "fuzz-address", f"fuzz/{target}_replay"):
            return Verdict(Outcome.KILLED, 0.0, "does not build: " + error.strip()[-200:])
        scratch = Path(tempfile.mkdtemp(prefix="persist-mutant-"))
        started = time.monotonic()
        try:
            detail = self._fuzz(tree, target, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        outcome = Outcome.KILLED if detail else Outcome.SURVIVED
        return Verdict(outcome, time.monotonic() - started, detail)

    def _fuzz(self, tree: Tree, target: str, scratch: Path) -> str:
        """What it found, or ""."""
        program = f"build/{self.variant}/fuzz/{target}"
        seed = scratch / "seeds" / "empty"
        seed.parent.mkdir()
        seed.write_bytes(b"\1")
        first = tree.run([program, str(seed)], _HANG)
        if first.status != 0 or first.cut:
            return _what(first.output)
        found = scratch / "out" / "default"
        for seconds in self.rounds:
            done = self._round(tree, scratch, seed.parent, program, seconds)
            bad = [*sorted((found / "crashes").glob("id*")), *sorted((found / "hangs").glob("id*"))]
            if bad:
                again = tree.run([program, str(bad[0])], _HANG)
                return "hangs" if again.cut else _what(again.output)
            if done.status != 0 and not done.cut:
                raise Trouble(f"afl: afl-fuzz failed:\n{done.output[-1500:]}")
            queue = [f"build/fuzz-address/fuzz/{target}_replay", str(found / "queue")]
            checked = tree.run(queue, 120)
            if checked.status != 0 or checked.cut:
                return "hangs" if checked.cut else _what(checked.output)
        return ""

    def _round(
        self, tree: Tree, scratch: Path, seeds: Path, program: str, seconds: int
    ) -> Finished:
        command = ["afl-fuzz", "-V", str(seconds), "-i", str(seeds), "-o", str(scratch / "out")]
        command += ["-s", "1", "-m", "none", "-t", str(_HANG * 1000), "-G", str(_MOST_INPUT)]
        return tree.run(
            [*command, "--", program],
            seconds + 3 * _HANG,
            environment={
                "AFL_AUTORESUME": "1",
                "AFL_BENCH_UNTIL_CRASH": "1",
                "AFL_NO_UI": "1",
                "AFL_NO_AFFINITY": "1",
                "AFL_SKIP_CPUFREQ": "1",
                "AFL_FAST_CAL": "1",
                "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
                "AFL_CUSTOM_MUTATOR_LIBRARY": str(
                    tree.root / "build" / self.variant / "fuzz" / "mutator.so"
                ),
            },
        )
