"""What the parts of the analysis tell each other: layers, mutants, verdicts."""
from __future__ import annotations

import dataclasses
import enum
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "mutants"

LAYERS: dict[str, tuple[str, ...]] = {
    "core": ("src/persist.c", "src/persist.h", "src/refill.h", "src/sys.h"),
    "process": (
        "src/persistentalloc.c",
        "src/throw.c",
        "src/throw.h",
        "src/threads.h",
        "src/watch.h",
        "src/testing.h",
    ),
    "fixalloc": ("src/fixalloc.c", "src/fixalloc.h", "src/fixslab.c", "src/fixslab.h"),
    "os": ("src/sys_posix.c", "src/persist_posix.h", "src/sys_static.c", "src/threads_posix.c"),
}


class Trouble(Exception):
    """Ends the run with one line on standard error and this exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One small change of one file: bytes [start, end) become `text`."""

    id: str
    layer: str
    file: str
    function: str  # "" outside of functions
    operator: str
    start: int
    end: int
    text: str
    line: int
    description: str

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]


class Outcome(enum.Enum):
    KILLED = "killed"
    SURVIVED = "survived"
    BLIND = "blind"  # the mutant changes nothing in any build that the checker looks at


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one checker says of one mutant."""

    outcome: Outcome
    seconds: float  # until it was sure
    detail: str  # which property, goal or test noticed
    cost: float = 0.0  # seconds that the trial took, building included


def layer_of(file: str) -> str:
    for layer, files in LAYERS.items():
        if file in files:
            return layer
    raise Trouble(f"{file} belongs to no layer: say which in mutants/model.py")
