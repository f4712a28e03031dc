"""The gate: the plain command on every file, then the same with run-time errors, for machines of 64
and of 32 bits, and the tests that no contract contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import results
import second
import trust
from goals import Run, prove
from sources import ROOT, Inventory, Trouble, axioms, contracted, inventory

INVALID_POINTER = "-warn-invalid-pointer"
# To WP no object stands behind a `void *`, so that this check cannot hold of one that is read from
# memory. (Where it is off, every access is checked all the same.)
READS_VOID_POINTERS = {"src/persistentalloc.c"}

# Time limits with slack: the slowest goal takes a few seconds on an idle machine.
LIMITS = ["-wp-cache", "none", "-wp-par", "2", "-wp-timeout", "20"]
RUN_TIME_ERRORS = [
    "-wp-rte",
    "-warn-unsigned-overflow",
    "-warn-unsigned-downcast",
    "-warn-pointer-downcast",
    INVALID_POINTER,
]
# A smoke test passes when its prover runs out of time: it costs the whole limit. The contracts are
# the same for both machines.
SMOKE = ["-wp-smoke-tests", "-wp-smoke-timeout", "1"]
RUNS: dict[str, list[str]] = {
    "bits64": ["-machdep", "gcc_x86_64", *RUN_TIME_ERRORS, *LIMITS, *SMOKE],
    "plain": [],
    "bits32": ["-machdep", "gcc_x86_32", *RUN_TIME_ERRORS, *LIMITS],
}
SHOWN = ["plain", "bits64", "bits32"]
AT_ONCE = 2


def no_cache() -> None:
    if (ROOT / ".frama-c").exists():
        raise Trouble(".frama-c would let the prover believe old verdicts; remove it", 4)


def chosen(source: str | None) -> list[str]:
    sources = contracted()
    if source is None:
        return sources
    if source not in sources:
        raise Trouble(f"no contracts to prove in '{source}'; there are: {' '.join(sources)}", 2)
    return [source]


def _options(name: str, one: Inventory) -> list[str]:
    """A header's inline functions are proved once, with the core; but plain means plain."""
    options = list(RUNS[name])
    if one.source in READS_VOID_POINTERS and INVALID_POINTER in options:
        options.remove(INVALID_POINTER)
    elsewhere = sorted(f for f, file in one.defined.items() if file != one.source)
    if name == "plain" or one.source == "src/persist.c" or not elsewhere:
        return options
    return [*options, "-wp-skip-fct", ",".join(elsewhere)]


def all_runs(inventories: Sequence[Inventory], only: Sequence[str] = ()) -> list[Run]:
    names = [name for name in RUNS if not only or name in only]
    with ThreadPoolExecutor(AT_ONCE if len(names) > 1 else 1) as pool:
        started = [
            pool.submit(prove, name, one.source, one.defined, _options(name, one))
            for one in inventories
            for name in names
        ]
        runs = [future.result() for future in started]
    return sorted(runs, key=lambda run: (run.source != "src/persist.c", run.source, SHOWN.index(run.name)))


def one_function(function: str) -> int:
    for source in contracted():
        one = inventory(source)
        if function in one.defined:
            runs = []
            for name in SHOWN:
                options = [*_options(name, one), "-wp-fct", function]
                runs.append(prove(name, source, one.defined, options))
                show(runs[-1])
            failed = [line for run in runs for line in run.failed]
            say(failed)
            print("one function: not the gate")
            return 1 if failed else 0
    names = sorted({f for source in contracted() for f in inventory(source).defined})
    raise Trouble(f"no function '{function}' with contracts; there are: {' '.join(names)}", 2)


def show(run: Run) -> None:
    smoke = f", {len(run.smoke)} of them smoke tests" if run.smoke else ""
    print(
        f"{run.source}, {run.name}: Proved goals: {run.proved} / {run.total}{smoke},"
        f" in {run.seconds:.0f} s",
        flush=True,
    )


def say(lines: Sequence[str]) -> None:
    for line in lines:
        print(line)


def plain(source: str | None) -> int:
    """The plain command alone, on each file: what a reader of the README runs."""
    runs = all_runs([inventory(name) for name in chosen(source)], ["plain"])
    for run in runs:
        show(run)
    failed = [line for run in runs for line in run.failed]
    say(failed)
    return 1 if failed else 0


def gate(source: str | None, accept: bool) -> int:
    inventories = [inventory(name) for name in chosen(source)]
    stated = axioms()
    runs = all_runs(inventories)
    for run in runs:
        show(run)
    failed = [line for run in runs for line in run.failed]
    failed += [f"stated without proof: {line}" for line in stated]
    failed += trust.faults([inventory(name) for name in contracted()])
    failed += [line for machine in second.MACHINES for line in second.opinion(machine)]
    results.write_details(runs, inventories, len(stated))
    if source is None and not failed:
        text = results.summary(runs, inventories, len(stated))
        if accept:
            results.SUMMARY.parent.mkdir(exist_ok=True)
            results.SUMMARY.write_text(text)
        changed = results.differences(text)
        failed += [f"proofs/results/goals.txt: {line}" for line in changed]
        if changed:
            failed.append("the goals are others than committed: look, then `./build.sh prove --accept`")
    say(failed)
    if source is not None:
        print("one file: not the gate")
    return 1 if failed else 0
