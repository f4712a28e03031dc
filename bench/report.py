"""The results as text, as Markdown for the README, and as plots."""
from __future__ import annotations

import importlib
import xml.sax.saxutils
from pathlib import Path
from typing import Any, Callable

from rows import PEERS, SCALING, THREADS, TRACES

BEGIN, END = "<!-- output: bench -->", "<!-- end -->"
Found = dict[str, Any]


# ---- tables ----


def limit_of(row: Found) -> str:
    limits = {trace: cell["limit"] for trace, cell in row["traces"].items()}
    if not limits or None in limits.values():
        return ""
    usual = next(iter(limits.values()))
    others = [f"{trace}: {limit:.2f}" for trace, limit in limits.items() if limit != usual]
    return f"{usual:.2f} ×" + (f" ({', '.join(others)})" if others else "")


def cell_of(row: Found, trace: str) -> str:
    cell = row["traces"].get(trace)
    if cell is None:
        return "–"
    low, high = cell["quartiles"]
    mark = "" if cell["pass"] else " !"
    return f"{cell['ratio']:.3f} ({low:.3f}–{high:.3f}){mark}"


def note_numbers(found: Found) -> dict[str, int]:
    """Numbered as the rows first mention them."""
    names = dict.fromkeys(note for row in found["rows"] for note in row["notes"])
    return {name: number for number, name in enumerate(names, 1)}


def lines_of(found: Found, table: str, numbers: dict[str, int]) -> list[list[str]]:
    head = ["against", "at most", *TRACES, "verdict"]
    body = []
    for row in found["rows"]:
        if row["table"] == table:
            notes = "".join(f"[{numbers[note]}]" for note in row["notes"])
            cells = [cell_of(row, trace) for trace in TRACES]
            label = f"{row['against']} {notes}".rstrip()
            body.append([label, limit_of(row), *cells, row["verdict"]])
    return [head, *body]


def tables_of(found: Found) -> list[str]:
    return list(dict.fromkeys(row["table"] for row in found["rows"]))


def aligned(lines: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in lines
    )


def median_times(found: Found) -> list[list[str]]:
    largest = {
        (s["program"], s["mode"], s["trace"]): s["ns"][1]
        for s in sorted(found["samples"], key=lambda s: int(s["requests"]))
        if s["threads"] == 1
    }
    head = ["ns per call (median)", *TRACES, *(f"{trace}, known" for trace in "abd"),
            *(f"{trace}, written" for trace in TRACES)]
    columns = [("time", t) for t in TRACES] + [("sites", t) for t in "abd"] + [
        ("write", t) for t in TRACES
    ]
    body = []
    for peer in PEERS.values():
        times = [largest.get((peer.program, mode, trace)) for mode, trace in columns]
        body.append([peer.label, *("–" if ns is None else f"{ns:.2f}" for ns in times)])
    return [head, *body]


def conditions(found: Found) -> str:
    machine, n = found["machine"], found["requests"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['compilers'][0]}; ratios of "
        f"processor time, where it says so of wall time: medians of {found['rounds']} rounds (first "
        f"and third quartile), {n['bump']} requests a sample, {n['touch']} where memory is touched. "
        f"Load average before: {machine['load']:.1f}; above 1, wall time tells of others' work too."
    )


def text(found: Found) -> str:
    numbers = note_numbers(found)
    parts = []
    for table in tables_of(found):
        parts.append(f"{table}\n\n{aligned(lines_of(found, table, numbers))}")
    parts.append(aligned(median_times(found)))
    parts.append("\n".join(f"{trace}: {what}" for trace, what in found["traces"].items()))
    parts.append("\n".join(f"[{number}] {found['notes'][name]}" for name, number in numbers.items()))
    parts.append(conditions(found))
    return "\n\n".join(parts)


def markdown(found: Found) -> str:
    numbers = note_numbers(found)
    parts = []
    for table in tables_of(found):
        lines = lines_of(found, table, numbers)
        lines.insert(1, ["---"] * len(lines[0]))
        parts.append(f"**{table}**\n\n" + "\n".join("| " + " | ".join(l) + " |" for l in lines))
    parts.append("\n".join(f"- {trace}: {what}" for trace, what in found["traces"].items()))
    parts.append(
        "\n".join(f"- [{number}] {found['notes'][name]}" for name, number in numbers.items())
    )
    parts.append(conditions(found))
    return "\n\n".join(parts)


def replace_block(text: str, block: str) -> str:
    """The text with what stands between the two comments replaced."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"has no '{BEGIN}' with '{END}' after it")
    return f"{before}{BEGIN}\n{block}\n{END}{after}"


# ---- plots ----


def value_of(found: Found, figure: str, **wanted: object) -> float | None:
    """The median of the sample with the most requests that is as wanted."""
    fits = [s for s in found["samples"] if all(s[key] == value for key, value in wanted.items())]
    if not fits:
        return None
    best: Found = max(fits, key=lambda s: int(s["requests"]))
    return float(best[figure][1])


def bars(axes: Any, found: Found, figure: str, mode: str, traces: tuple[str, ...]) -> str:
    peers = [
        peer
        for peer in PEERS.values()
        if value_of(found, figure, program=peer.program, mode=mode, threads=1) is not None
    ]
    said = []
    for i, trace in enumerate(traces):
        values = [
            value_of(found, figure, program=p.program, mode=mode, trace=trace, threads=1) or 0.0
            for p in peers
        ]
        places = [p + i / (len(traces) + 1) for p in range(len(peers))]
        axes.barh(places, values, height=1 / (len(traces) + 1), label=f"trace {trace}")
        shown = ", ".join(f"{p.label} {v:.3g}" for p, v in zip(peers, values) if v)
        said.append(f"Trace {trace}: {shown}.")
    axes.set_yticks([p + 0.4 for p in range(len(peers))], [peer.label for peer in peers])
    axes.invert_yaxis()
    return " ".join(said)


def plot_times(axes: Any, found: Found) -> str:
    said = bars(axes, found, "ns", "time", TRACES)
    axes.set_xscale("log")
    axes.set_xlabel("ns per call, logarithmic")
    return said


def plot_memory(axes: Any, found: Found) -> str:
    said = bars(axes, found, "resident", "write", ("a", "b"))
    axes.set_xlabel("resident bytes per requested byte")
    return said


def plot_threads(axes: Any, found: Found) -> str:
    said = []
    for program in SCALING:
        values = [
            value_of(found, "wall", program=program, mode="time", trace="b", threads=threads,
                     requests=found["requests"]["thread"])
            for threads in THREADS
        ]
        if None not in values:
            axes.plot(THREADS, values, marker="o", label=PEERS[program].label)
            shown = ", ".join(f"{v:.3g}" for v in values if v is not None)
            said.append(f"{PEERS[program].label}: {shown}.")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(THREADS, [str(threads) for threads in THREADS])
    axes.set_xlabel(f"threads, on {found['machine']['cores']} cores")
    axes.set_ylabel("wall time, ns per call of one thread")
    return f"With {', '.join(map(str, THREADS))} threads: " + " ".join(said)


PLOTS: dict[str, tuple[str, Callable[[Any, Found], str]]] = {
    "times": ("Time per call by trace", plot_times),
    "threads": ("Time per call against threads, trace b", plot_threads),
    "memory": ("Resident memory, every byte written", plot_memory),
}


def describe(svg: Path, title: str, said: str) -> None:
    """Title and text alternative where readers of the screen look for them."""
    head, tag, rest = svg.read_text().partition("<svg ")
    attributes, _, body = rest.partition(">")
    escape = xml.sax.saxutils.escape
    svg.write_text(
        f'{head}{tag}role="img" aria-labelledby="title desc" {attributes}>\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="desc">{escape(said)}</desc>{body}'
    )


def plot(found: Found, directory: Path) -> list[Found]:
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "persist"
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    plots = []
    for name, (title, draw) in PLOTS.items():
        figure, axes = pyplot.subplots(figsize=(9, 7), layout="constrained")
        said = draw(axes, found)
        axes.set_title(title)
        axes.legend()
        file = directory / f"bench-{name}.svg"
        figure.savefig(file, metadata={"Date": None})
        pyplot.close(figure)
        describe(file, title, said)
        plots.append({"file": file.name, "title": title, "text": said})
    return plots
