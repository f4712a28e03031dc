"""What every checker is: something that looks at a tree and says whether it notices the mutant."""
from __future__ import annotations

import abc
from collections.abc import Mapping

from model import ROOT, Mutant, Verdict
from source import plain, plain_file, with_headers
from tree import Tree


class Checker(abc.ABC):
    name: str
    about: str  # one line for the table
    layers: tuple[str, ...]
    sees: frozenset[str]  # the builds (objects.BUILDS) that it looks at
    inputs: tuple[str, ...]  # folders and files, beside src/, that its verdict depends on,
    own_inputs: Mapping[str, tuple[str, ...]] = {}  # and more, by layer
    code: Mapping[str, tuple[str, ...]]  # by layer, the sources that it links
    version: str = "1"  # changes when the recipe does
    whole: bool = True  # sees what the compiler makes of all, and no function by itself
    patient: bool = False  # one that it lets live takes a minute
    counts: bool = True  # a mutant that it lets live is a survivor

    def reads(self, layer: str, mutant: Mutant | None) -> list[str]:
        """What of src/ decides, the mutant in it. Comments are nothing to a compiler."""
        parts: list[str] = []
        for name in with_headers(*self.code[layer]):
            if mutant is not None and mutant.file == name:
                text = plain(mutant.apply((ROOT / name).read_bytes()).decode())
            else:
                text = plain_file(name)
            parts += [name, text]
        return parts

    def apart(self, layers: list[str]) -> list[str]:
        """Those of the layers that stand for all: where the same code is linked, the same is tried."""
        return list({self.code[layer]: layer for layer in reversed(layers)}.values())

    def recipe(self) -> str:
        """Whatever else the verdict depends on: budgets."""
        return ""

    def hurry(self) -> None:
        """From now on a sample is tried, in minutes."""

    def learn(self, layer: str, seconds: float) -> None:
        """How long it took to let the source live."""

    @abc.abstractmethod
    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        """The tree holds the mutant already, or the source itself if there is none."""
