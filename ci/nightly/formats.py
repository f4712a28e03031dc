"""A campaign for other programs: JUnit XML, SARIF 2.1.0 and Markdown."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as xml
from typing import Any

from place import FUZZ, ROOT
from triage import is_open

Record = dict[str, Any]
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LOCATION = re.compile(r"(src/[\w.]+):(\d+)(?::\d+)?")


def open_findings(record: Record) -> list[Record]:
    return [finding for finding in record.get("findings", []) if is_open(finding)]


def cases(record: Record) -> list[tuple[str, str, float, str]]:
    """Group, name, seconds and what is wrong (empty: nothing)."""
    found: list[tuple[str, str, float, str]] = []
    for result in record.get("builds", []):
        found.append(("build", result["variant"], result["seconds"], result["said"]))
    for part in record["slices"]:
        wrong = "" if part["ran"] else "; ".join(part["trouble"])
        found.append(("fuzz", f"{part['target']} {part['slice']}", part["asked_seconds"], wrong))
    for finding in open_findings(record):
        found.append(("findings", f"{finding['property']} {finding['id']}", 0.0, finding["listing"]))
    for result in record.get("gates", []):
        wrong = "" if result["passed"] else result["said"]
        found.append(("gates", result["gate"], result["seconds"], wrong))
    for stage, said in record.get("failed", {}).items():
        found.append(("stages", stage, 0.0, said))
    return found


def printable(text: str) -> str:
    """XML 1.0 has no place for the other control characters."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def junit(record: Record) -> str:
    root = xml.Element("testsuites", name="nightly")
    suites: dict[str, xml.Element] = {}
    for group, name, seconds, wrong in cases(record):
        suite = suites.get(group)
        if suite is None:
            suite = suites[group] = xml.SubElement(root, "testsuite", name=group)
        case = xml.SubElement(suite, "testcase", classname=group, name=name, time=f"{seconds:.3f}")
        if wrong:
            xml.SubElement(case, "failure", message=printable(wrong.splitlines()[0])).text = printable(wrong)
    for suite in suites.values():
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def meanings() -> dict[str, str]:
    """What each property of the oracle says."""
    text = (FUZZ / "report.h").read_text()
    entries = re.findall(r'P\([A-Z_]+,\s*"([a-z-]+)",\s*\\?\s*((?:"[^"]*"\s*\\?\s*)+)\)', text)
    return {name: "".join(re.findall(r'"([^"]*)"', words)) for name, words in entries}


def place_of(finding: Record) -> tuple[str, int]:
    """The line of src/ that the report names first; else the harness, which judged it."""
    found = LOCATION.search(finding["listing"])
    if found and (ROOT / found[1]).is_file():
        return found[1], int(found[2])
    return f"fuzz/targets/{finding['target']}.c", 1


def sarif(record: Record) -> str:
    known = meanings()
    findings = open_findings(record)
    names = sorted({finding["property"] for finding in findings} | set(known))
    results = []
    for finding in findings:
        file, line = place_of(finding)
        results.append({
            "ruleId": finding["property"], "ruleIndex": names.index(finding["property"]),
            "level": "error" if finding["reproduced"] == finding["tried"] else "warning",
            "message": {"text": f"{known.get(finding['property'], finding['property'])}: broken. "
                                f"Reproduced {finding['reproduced']} of {finding['tried']} times; "
                                f"again: {finding['repeat']}"},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": file, "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": line}}}],
            "partialFingerprints": {"finding/v1": finding["id"]},
            "baselineState": "new" if finding["status"] == "new" else "unchanged"})
    rules = [{"id": name, "shortDescription": {"text": known.get(name, name)}} for name in names]
    return json.dumps({
        "$schema": SCHEMA, "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "persist-nightly", "version": "1", "rules": rules}},
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the root of the tree"}}},
            "results": results}]}, indent=1) + "\n"


def verdict(record: Record) -> str:
    missed = record.get("missed", [])
    if missed:
        return f"{len(missed)} to look at: {missed[0]}" + (" …" if len(missed) > 1 else "")
    executions = sum(engine["executions"] for part in record["slices"]
                     for engine in part.get("engines") or [])
    gates = record.get("gates", [])
    told = f"{len(gates)} gate{'s' * (len(gates) > 1)} passed" if gates else "no gate was tried"
    return f"Clean: {executions:,} executions, nothing found, {told}"


def markdown(record: Record) -> str:
    lines = [f"## Nightly campaign {record['id']} of {record['commit'] or 'a tree without git'}", "",
             f"**{verdict(record)}**", ""]
    lines += [f"- {missed}" for missed in record.get("missed", [])]
    lines += [f"- alert: {alert}" for alert in record.get("alerts", [])]
    lines += ["", "| slice | engine | executions | per second | corpus | edges | stability |",
              "|---|---|--:|--:|--:|--:|--:|"]
    for part in record["slices"]:
        for engine in part.get("engines") or []:
            stable = "–" if engine["stability"] is None else f"{engine['stability']}%"
            lines.append(f"| {part['target']} {part['slice']} | {engine['engine']} | "
                         f"{engine['executions']:,} | {engine['execs_per_second']:,} | "
                         f"{engine['corpus_files']:,} | {engine['edges']:,} | {stable} |")
    for part in record.get("coverage", []):
        lines += ["", f"Coverage of `src/` by {part['target']}: " + ", ".join(
            f"{kind} {counts['percent']}% of {counts['count']}"
            for kind, counts in part["total"].items())]
    for result in record.get("gates", []):
        lines.append(f"- {result['gate']}: {'passed' if result['passed'] else 'missed'}, "
                     f"{result['seconds']:.0f} s")
    if record.get("residual"):
        lines += ["", record["residual"]["sentence"]]
    for finding in open_findings(record):
        lines += ["", f"### {finding['property']} ({finding['status']})", "",
                  f"`{finding['repeat']}`", "", "```", finding["listing"].strip()[:4000], "```"]
    return "\n".join(lines) + "\n"
