"""The report's plots: SVG that takes its colours from the page, each with what it shows in words."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib  # type: ignore[import]

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "persist", "font.size": 11,
                            "axes.spines.top": False, "axes.spines.right": False})

from matplotlib import pyplot

import history

Axes = Any  # matplotlib 3.6 says nothing of its types
Record = dict[str, Any]
# Drawn in these, which the page then gives a light and a dark value.
SERIES = ("#000001", "#000002", "#000003", "#000004", "#000005", "#000006")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))


@dataclass(frozen=True)
class Plot:
    title: str
    words: str  # the text alternative
    svg: str


def recolour(svg: str, number: int) -> str:
    """Of the page, not of matplotlib; ids that differ from plot to plot."""
    svg = svg[svg.index("<svg"):]
    for i, colour in enumerate(SERIES):
        svg = svg.replace(colour, f"var(--series-{i})")
    svg = svg.replace("#000000", "var(--text)").replace("#cccccc", "var(--line)")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\bid="', f'id="p{number}-', svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#p{number}-", svg)
    # Text inherits the page's colour rather than SVG's black.
    return svg.replace("<svg ", '<svg class="plot" aria-hidden="true" ', 1)


def drawn(number: int, title: str, words: str, draw: Callable[[Axes], None],
          x: str, y: str, height: float = 3.1) -> Plot:
    figure, axes = pyplot.subplots(figsize=(7.2, height))
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    draw(axes)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(axis="y", color="#cccccc", linewidth=0.6)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    return Plot(title, words, recolour(out.getvalue(), number))


def lines(record: Record, field: str) -> dict[str, list[tuple[float, float]]]:
    """By target and engine, over the longest slice: programs of other slices have other edges."""
    found: dict[str, list[tuple[float, float]]] = {}
    for target in dict.fromkeys(part["target"] for part in record["slices"]):
        ran = [part for part in record["slices"] if part["target"] == target and part.get("series")]
        longest: Record = max(ran, key=lambda part: float(part["asked_seconds"]), default={})
        for sample in longest.get("series", []):
            if sample[field]:
                found.setdefault(f"{target} {longest['slice']} {sample['engine']}", []).append(
                    (sample["seconds"], sample[field]))
    return found


def speed_lines(record: Record) -> dict[str, list[tuple[float, float]]]:
    """By engine, over the seconds of the whole campaign; a gap between two slices."""
    found: dict[str, list[tuple[float, float]]] = {}
    offset = 0.0
    for part in record["slices"]:
        series = part.get("series") or []
        for engine in dict.fromkeys(sample["engine"] for sample in series):
            mine = [sample for sample in series if sample["engine"] == engine]
            points = found.setdefault(engine, [])
            if points:
                points.append((offset, math.nan))
            for before, after in zip(mine, mine[1:]):
                took = after["seconds"] - before["seconds"]
                if took > 0.5:
                    points.append((offset + after["seconds"],
                                   (after["executions"] - before["executions"]) / took))
        offset += max((sample["seconds"] for sample in series), default=0.0)
    return found


def in_words(name: str, points: list[tuple[float, float]], unit: str) -> str:
    values = [y for _, y in points if not math.isnan(y)]
    if not values:
        return ""
    return (f"{name}: from {values[0]:,.0f} to {values[-1]:,.0f} {unit}, at least {min(values):,.0f}, "
            f"at most {max(values):,.0f}.")


def over_time(number: int, title: str, unit: str, series: dict[str, list[tuple[float, float]]]) -> Plot | None:
    if not any(len(points) > 1 for points in series.values()):
        return None

    def draw(axes: Axes) -> None:
        for i, (name, points) in enumerate(series.items()):
            axes.plot([x for x, _ in points], [y for _, y in points], color=SERIES[i % len(SERIES)],
                      linestyle=DASHES[i % len(DASHES)], label=name)
        axes.set_ylim(bottom=0)

    words = " ".join(in_words(name, points, unit) for name, points in series.items())
    return drawn(number, title, words, draw, "seconds", unit)


def bars(number: int, title: str, unit: str, values: dict[str, float]) -> Plot | None:
    if not values:
        return None
    shown = dict(sorted(values.items(), key=lambda item: -item[1])[:20])

    def draw(axes: Axes) -> None:
        axes.barh(list(shown)[::-1], list(shown.values())[::-1], color=SERIES[0])
        axes.grid(visible=False)

    slowest = next(iter(shown))
    words = f"{title}: {len(values)} in all; the most is {slowest} with {shown[slowest]:,.2f} {unit}."
    return drawn(number, title, words, draw, unit, "", 0.8 + 0.24 * len(shown))


def kill_times(record: Record) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for gate in record.get("gates", []):
        for mutant in (gate.get("figures") or {}).get("mutants", []) if gate["gate"] == "mutate" else []:
            for checker, verdict in mutant.get("verdicts", {}).items():
                if verdict["outcome"] == "killed":
                    found.setdefault(checker, []).append(max(verdict["seconds"], 0.001))
    return found


def kill_plot(number: int, record: Record) -> Plot | None:
    times = kill_times(record)
    if not times:
        return None

    def draw(axes: Axes) -> None:
        for i, (checker, seconds) in enumerate(sorted(times.items())):
            axes.plot(sorted(seconds), range(1, len(seconds) + 1), color=SERIES[i % len(SERIES)],
                      linestyle=DASHES[i % len(DASHES)], label=checker)
        axes.set_xscale("log")

    words = "Time to kill. " + " ".join(
        f"{checker}: {len(seconds)} mutants, half of them within {sorted(seconds)[len(seconds) // 2]:.2f} s."
        for checker, seconds in sorted(times.items()))
    return drawn(number, "Mutants killed within a time", words, draw, "seconds", "mutants")


def trend(number: int, past: list[Record]) -> Plot | None:
    recent = past[-30:]
    names = sorted({name for entry in recent for name in entry.get("speeds", {})})[:len(SERIES)]
    if len(recent) < 2 or not names:
        return None

    def draw(axes: Axes) -> None:
        for i, name in enumerate(names):
            axes.plot(range(len(recent)), [entry["speeds"].get(name, math.nan) for entry in recent],
                      color=SERIES[i], linestyle=DASHES[i], marker="o", markersize=3, label=name)
        axes.set_xticks(range(len(recent)), [entry["id"][4:8] for entry in recent], rotation=60)
        axes.set_ylim(bottom=0)

    words = f"Speed over the last {len(recent)} campaigns. " + " ".join(
        f"{name}: {recent[-1]['speeds'].get(name, 0):,} per second in the last." for name in names)
    return drawn(number, f"Speed over the last {len(recent)} campaigns", words, draw, "campaign",
                 "executions/s")


def all_plots(record: Record, past: list[Record]) -> list[Plot]:
    made = [
        over_time(0, "Coverage over time", "edges", lines(record, "edges")),
        over_time(1, "Corpus over time", "inputs", lines(record, "corpus")),
        over_time(2, "Executions per second", "executions/s", speed_lines(record)),
        kill_plot(3, record),
        bars(4, "Proof time", "seconds", history.goal_seconds(record)),
        trend(5, past),
    ]
    return [plot for plot in made if plot is not None]
