"""What every checker is: something that looks at a tree and says whether it notices the mutant."""
from __future__ import annotations

import abc

from model import Mutant, Verdict
from tree import Tree


class Checker(abc.ABC):
    name: str
    about: str  # one line for the table
    layers: tuple[str, ...]
    sees: frozenset[str]  # the builds (objects.BUILDS) that it looks at
    inputs: tuple[str, ...]  # folders and files, beside src/, that its verdict depends on
    version: str = "1"  # changes when the recipe does
    reads_contracts: bool = False  # else comments are nothing to it
    counts: bool = True  # a mutant that it lets live is a survivor

    def recipe(self) -> str:
        """Whatever else the verdict depends on: budgets."""
        return ""

    def hurry(self) -> None:
        """From now on a sample is tried, in minutes."""

    @abc.abstractmethod
    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        """The tree holds the mutant already, or the source itself if there is none."""
