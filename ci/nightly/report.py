"""Everything that a campaign leaves to be read, in one folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import formats
import page
from state import write, write_json


def write_inputs(record: dict[str, Any], folder: Path) -> None:
    """Those of open findings, by the names that they are committed under: a CI job keeps this folder."""
    shutil.rmtree(folder / "regressions", ignore_errors=True)
    for finding in formats.open_findings(record):
        if Path(finding["input"]).is_file():
            write(folder / "regressions" / Path(finding["regression"]).name,
                  Path(finding["input"]).read_bytes())


def write_all(record: dict[str, Any], past: list[dict[str, Any]], folder: Path) -> list[Path]:
    """The files, the one for people first."""
    texts = {
        "index.html": page.render(record, past, folder),
        "summary.md": formats.markdown(record),
        "junit.xml": formats.junit(record),
        "results.sarif": formats.sarif(record),
        "history.jsonl": "".join(json.dumps(entry) + "\n" for entry in past),
    }
    for name, text in texts.items():
        write(folder / name, text.encode())
    write_json(folder / "campaign.json", record)
    write_inputs(record, folder)
    return [folder / name for name in texts]
