"""How likely the next input would still have shown something new.

Good and Turing: the chance that the next draw is of a kind not seen yet is estimated by how often
draws were the first of their kind. Over the last half of a campaign that share, discoveries by
executions, is at least the chance at its end, for the chance only falls: a bound, on average. It is
that of *these* engines' draws, which learn: not a promise of what an adversary would find.
"""

from __future__ import annotations

from typing import Any

SENTENCE = ("Over the last half of the executions {discoveries:,} of {executions:,} reached something "
            "that no input before had: by Good–Turing the chance that one more execution of these "
            "engines shows anything new is at most about {chance:.1e}, and a finding would have to be "
            "among those.")


def steps(part: dict[str, Any]) -> list[tuple[float, int, int]]:
    """Between two looks at an engine: when, executions, corpus files won; of all engines in time's order.
    What an engine only loads comes first, and is no discovery: the corpus of the campaign did not grow."""
    found = []
    series = part.get("series") or []
    for engine in dict.fromkeys(sample["engine"] for sample in series):
        mine = [sample for sample in series if sample["engine"] == engine]
        found += [(after["seconds"], after["executions"] - before["executions"],
                   max(0, after["corpus"] - before["corpus"])) for before, after in zip(mine, mine[1:])]
    found.sort()
    loaded = sum(won for _, _, won in found) - (part["corpus_after"] - part["corpus_before"])
    new = []
    for seconds, executions, won in found:
        old = max(0, min(loaded, won))
        loaded -= old
        new.append((seconds, executions, won - old))
    return new


def samples(slices: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Executions and discoveries, summed over the slices in the order in which they ran."""
    points: list[tuple[int, int]] = []
    executions = discoveries = 0
    for part in slices:
        for _, ran, won in steps(part):
            executions += ran
            discoveries += won
            points.append((executions, discoveries))
    return points


def estimate(slices: list[dict[str, Any]]) -> dict[str, Any] | None:
    """None: too little was executed to say."""
    points = samples(slices)
    if len(points) < 2:
        return None
    half = next(i for i, point in enumerate(points) if point[0] * 2 >= points[-1][0])
    executions = points[-1][0] - points[half][0]
    # One more than was seen: nothing seen in n draws does not make the chance 0.
    discoveries = points[-1][1] - points[half][1]
    if executions <= 0:
        return None
    chance = (discoveries + 1) / executions
    return {"executions": executions, "discoveries": discoveries, "chance": chance,
            "sentence": SENTENCE.format(executions=executions, discoveries=discoveries,
                                        chance=chance)}
