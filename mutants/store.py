"""What was found out before, so that only what changed is tried again: one line of JSON for each
result, appended as a whole, so that a run can be killed at any moment."""
from __future__ import annotations

import hashlib
import json
import os
import pathlib
import threading
from collections.abc import Iterable
from typing import Any


def digest(parts: Iterable[bytes | str]) -> str:
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()[:32]


class Store:
    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        self._known: dict[str, Any] = {}
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            for line in path.read_text().splitlines():
                try:
                    entry = json.loads(line)
                    self._known[entry["key"]] = entry["value"]
                except (json.JSONDecodeError, KeyError, TypeError):
                    continue  # the line that a killed run was writing

    def get(self, key: str) -> Any | None:
        with self._lock:
            return self._known.get(key)

    def put(self, key: str, value: Any) -> None:
        # A line break first: a broken last line spoils itself alone.
        line = "\n" + json.dumps({"key": key, "value": value}) + "\n"
        with self._lock:
            self._known[key] = value
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
