"""The report's plots: SVG that takes its colours from the page, each with what it shows in words."""

from __future__ import annotations

import io
import math
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib  # type: ignore[import]

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "persist", "font.size": 11,
                            "axes.spines.top": False, "axes.spines.right": False})

from matplotlib import pyplot, ticker

import history

Axes = Any  # matplotlib 3.6 says nothing of its types
Record = dict[str, Any]
# Drawn in these, which the page then gives a light and a dark value.
SERIES = ("#000001", "#000002", "#000003", "#000004", "#000005", "#000006")
MARKS = ("o", "s", "^", "D", "v", "P")
MOST_BARS, MOST_ROWS, MOST_CAMPAIGNS = 20, 40, 30
HEIGHT = 3.1  # inches
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
          x: str, y: str, height: float = HEIGHT) -> Plot:
    figure, axes = pyplot.subplots(figsize=(7.2, height))
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    draw(axes)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    for axis in (axes.xaxis, axes.yaxis):
        if isinstance(axis.get_major_formatter(), ticker.ScalarFormatter):
            axis.set_major_formatter(ticker.StrMethodFormatter("{x:,.10g}"))
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


def goal_plot(number: int, record: Record) -> Plot | None:
    """The slowest goals: the many that are closed at once would hide them."""
    slowest_run: dict[str, str] = {}
    every = history.goal_seconds(record)
    for name in every:  # the same goal is tried in several runs
        goal = name.rpartition(" (")[0]
        if every[name] > every.get(slowest_run.get(goal, ""), 0.0):
            slowest_run[goal] = name
    values = {name: every[name] for name in slowest_run.values()}
    if not values:
        return None
    shown = dict(sorted(values.items(), key=lambda item: -item[1])[:MOST_BARS])

    def draw(axes: Axes) -> None:
        names = [name.removeprefix("typed_") for name in shown]
        axes.barh([shortened(name) for name in names][::-1], list(shown.values())[::-1],
                  color=SERIES[0])
        axes.tick_params(axis="y", labelsize=8)
        axes.grid(visible=False)

    slowest = next(iter(shown))
    words = (f"{len(values)} goals took a prover 0.1 s or more; the {len(shown)} slowest are shown, each in "
             "its slowest run. "
             f"The slowest is {slowest.removeprefix('typed_')} with {shown[slowest]:.2f} s.")
    return drawn(number, "Proof time per goal", words, draw, "seconds", "", 0.8 + 0.22 * len(shown))


def shortened(name: str) -> str:
    """Both ends of a long name: they say which function and which goal."""
    return name if len(name) <= 44 else f"{name[:22]}…{name[-21:]}"


def tried_mutants(record: Record) -> list[Record]:
    return [mutant for mutant in history.figures(record, "mutate").get("mutants", [])
            if mutant.get("verdicts")]


def kill_plot(number: int, record: Record) -> Plot | None:
    """A row for each mutant; of many, how many were killed within a time."""
    mutants = tried_mutants(record)
    times: dict[str, dict[str, float]] = {}
    for mutant in mutants:
        for checker, verdict in mutant["verdicts"].items():
            if verdict["outcome"] == "killed":
                times.setdefault(checker, {})[mutant["id"]] = max(float(verdict["seconds"]), 0.001)
    if not times:
        return None
    few = len(mutants) <= MOST_ROWS
    rows = [mutant["id"] for mutant in mutants][::-1]

    def draw(axes: Axes) -> None:
        for i, (checker, killed) in enumerate(sorted(times.items())):
            colour = SERIES[i % len(SERIES)]
            if few:
                axes.plot(list(killed.values()), [rows.index(id) for id in killed], color=colour,
                          linestyle="", marker=MARKS[i % len(MARKS)], markersize=6, label=checker)
            else:
                axes.plot(sorted(killed.values()), range(1, len(killed) + 1), color=colour,
                          linestyle=DASHES[i % len(DASHES)], label=checker)
        axes.set_xscale("log")
        if few:
            axes.set_yticks(range(len(rows)), [shortened(id) for id in rows], fontsize=8)

    words = f"Time to kill, of {len(mutants)} mutants. " + " ".join(
        f"{checker}: {len(killed)}, half of them within {statistics.median_high(killed.values()):.2f} s, "
        f"the slowest {max(killed, key=lambda id: killed[id])} in {max(killed.values()):.1f} s."
        for checker, killed in sorted(times.items()))
    height = 1.3 + 0.24 * len(rows) if few else HEIGHT
    return drawn(number, "Time to kill per mutant", words, draw, "seconds",
                 "" if few else "mutants", height)


def trend(number: int, title: str, unit: str, past: list[Record],
          values: Callable[[Record], dict[str, float]]) -> Plot | None:
    """One line for each name, over the last campaigns."""
    recent = past[-MOST_CAMPAIGNS:]
    names = sorted({name for entry in recent for name in values(entry)})[:len(SERIES)]
    if len(recent) < 2 or not names:
        return None

    def draw(axes: Axes) -> None:
        for i, name in enumerate(names):
            axes.plot(range(len(recent)), [values(entry).get(name, math.nan) for entry in recent],
                      color=SERIES[i], linestyle=DASHES[i], marker=MARKS[i], markersize=4, label=name)
        axes.set_xticks(range(len(recent)), [f"{entry['id'][4:6]}-{entry['id'][6:8]}"
                                             for entry in recent], rotation=60, fontsize=8)
        axes.set_ylim(bottom=0)

    words = f"Over the last {len(recent)} campaigns. " + " ".join(
        in_words(name, [(i, values(entry).get(name, math.nan)) for i, entry in enumerate(recent)], unit)
        for name in names)
    return drawn(number, title, words, draw, "campaign", unit)


def kept(entry: Record) -> dict[str, float]:
    """The corpus, and what it covers, of a line of the history."""
    found = {f"{target} inputs": float(files) for target, files in entry.get("corpus", {}).items()}
    return found | {f"{target} {kind}": float(covered)
                    for target, kinds in entry.get("coverage", {}).items()
                    for kind, covered in kinds.items()}


def all_plots(record: Record, past: list[Record]) -> list[Plot]:
    made = [
        over_time(0, "Coverage over time", "edges", lines(record, "edges")),
        over_time(1, "Corpus over time", "inputs", lines(record, "corpus")),
        over_time(2, "Executions per second", "executions/s", speed_lines(record)),
        kill_plot(3, record),
        goal_plot(4, record),
        trend(5, "Speed over the last campaigns", "executions/s", past,
              lambda entry: entry.get("speeds", {})),
        trend(6, "Corpus and coverage over the last campaigns", "inputs, or places covered", past, kept),
    ]
    return [plot for plot in made if plot is not None]
