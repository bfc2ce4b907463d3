"""Files of a campaign with one thing changed, their checksums mended or not."""

import hashlib
import json
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 7, 2**31, 2**63, 10**30, -(10**30), 0.5, -0.0, 1e300, 1e-300),
    *("", "0", "x", "X" * 300, "\x1b[2J", "\ud800", "../..", "nan", "full", "aer", "2026-11-29"),
    *([], {}, [[]], [None], [1, 2, 3], {"a": 1}, [["x"]], "é", "1e999"),
)
WORDS = (
    *(
        "0",
        "-1",
        "1e400",
        "nan",
        "inf",
        "9" * 400,
        "2",
        "1000000",
        "pi",
        "q",
        "x",
        "u",
        "U",
        "[",
        "]",
    ),
    *("{", "}", "(", ")", ";", ",", '"', "'", "=", "*", "/", "^", "ctrl @", "pow(2) @", "inv @"),
    *(
        "measure",
        "reset",
        "if",
        "for",
        "while",
        "gate g a { g a; }",
        "include",
        "true",
        "'\\x1b[2J'",
    ),
    *("int", "gphase(1)", "barrier", "opaque", "//", "/*", "\u00e9", "\ud800", "#", "\r", "ghz"),
)
KEPT = 60  # answers of each function that are remembered
CELLS = ("", "0", "-1", "x", "1e9", "XYX", "0101", "2", "nan", "é", '"', "9" * 30, "X", "\x00")


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in plain data."""
    found = [path]
    items = value.items() if isinstance(value, dict) else []
    items = enumerate(value) if isinstance(value, list) else items
    for key, item in items:
        found += _places(item, (*path, key))
    return found


def _in_json(text: str, rng: random.Random) -> str:
    """One value replaced, left out, or doubled."""
    record = json.loads(text)
    place = rng.choice(_places(record)[1:])
    parent = record
    for key in place[:-1]:
        parent = parent[key]
    key, how = place[-1], rng.random()
    if how < 0.15:
        del parent[key]
    elif how < 0.25 and isinstance(parent, list):
        parent.insert(key, parent[key])
    elif how < 0.3 and isinstance(parent, dict):
        parent[str(rng.choice(CELLS))] = parent[key]
    else:
        parent[key] = rng.choice(ODD)
    return json.dumps(record)


def _in_csv(text: str, rng: random.Random) -> str:
    """A cell, a line or the head changed."""
    lines = text.split("\n")
    row = rng.randrange(len(lines))
    cells = lines[row].split(",")
    how = rng.random()
    if how < 0.6:
        cells[rng.randrange(len(cells))] = rng.choice(CELLS)
    elif how < 0.7:
        cells.append(rng.choice(CELLS))
    elif how < 0.8:
        cells.pop()
    lines[row] = ",".join(cells)
    if how > 0.9:
        lines.insert(rng.randrange(len(lines)), lines[row])
    elif how > 0.8:
        del lines[row]
    return "\n".join(lines)


def _in_text(text: str, rng: random.Random) -> str:
    """A word, number or sign replaced, left out or doubled; or a line moved."""
    parts = re.findall(r"\w+|\s+|[^\w\s]", text)
    places = [place for place, part in enumerate(parts) if not part.isspace()]
    place, how = rng.choice(places), rng.random()
    if how < 0.4:
        parts[place] = rng.choice(WORDS)
    elif how < 0.6:
        parts[place] = parts[rng.choice(places)]
    elif how < 0.75:
        parts[place] = ""
    elif how < 0.85:
        parts[place] *= 2
    else:
        lines = text.split("\n")
        lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))
        return "\n".join(lines)
    return "".join(parts)


def damaged(content: bytes, name: str, rng: random.Random) -> bytes:
    """Another content: by structure, or a byte flipped, cut out or put in."""
    how = rng.random()
    if how < 0.7 and name.endswith((".toml", ".qasm")):
        return _in_text(content.decode(), rng).encode("utf-8", "surrogatepass")
    if how < 0.7 and name.endswith((".json", ".csv")):
        change = _in_json if name.endswith(".json") else _in_csv
        return change(content.decode(), rng).encode("utf-8", "surrogatepass")
    place = rng.randrange(max(1, len(content)))
    if how < 0.8:
        return content[:place]
    if how < 0.9:
        return content[:place] + bytes([rng.randrange(256)]) + content[place + 1 :]
    if how < 0.95:
        return content[:place] + content[place + rng.randrange(1, 20) :]
    return content[:place] + rng.randbytes(rng.randrange(1, 8)) + content[place:]


def mend(folder: Path, name: str) -> None:
    """Make all checksums fit to a file that was changed, as far as they can be found."""
    changed = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if name.startswith("jobs/") and name.endswith(".csv"):
        _rewrite(folder / name.replace(".csv", ".json"), ("attempts", -1, "sha256"), changed)
    _rewrite(folder / "run.json", ("sha256", name), changed)
    for home in ("", "partial/"):
        if name.startswith(home):
            _rewrite(folder / home / "scan.json", ("sha256", name.removeprefix(home)), changed)
    _rewrite(folder / "campaign.json", ("sha256", name), changed)
    if name == "parts/2.csv":
        _rewrite(folder / "parts/2.json", ("sha256",), changed)
    after = _check(folder / "campaign.json", ("hardware", "check"))
    for number in (2, 3):
        _rewrite(folder / f"parts/{number}.json", ("after",), after)
        after = _check(folder / f"parts/{number}.json", ("check",))


def _rewrite(path: Path, keys: tuple[Any, ...], value: Any) -> None:
    try:
        record = json.loads(path.read_text())
        parent = record
        for key in keys[:-1]:
            parent = parent[key]
        if parent[keys[-1]] is not None and value is not None:
            parent[keys[-1]] = value
            path.write_text(json.dumps(record))
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        pass


def _check(path: Path, without: tuple[str, ...]) -> Any:
    """Write the checksum of a record into it."""
    from qbell.util.atomic_files import to_json

    try:
        record = json.loads(path.read_text())
        settled = {key: value for key, value in record.items() if key not in without}
        record["check"] = hashlib.sha256(to_json(settled).encode()).hexdigest()
        path.write_text(json.dumps(record))
    except (OSError, ValueError, AttributeError, UnicodeEncodeError):
        return None
    return record["check"]


def contents(folder: Path, *patterns: str) -> tuple[tuple[str, bytes], ...]:
    """Names and contents of files below a folder: what functions that read them depend on."""
    found = sorted({path for pattern in patterns for path in folder.glob(pattern)})
    return tuple((str(path), path.read_bytes()) for path in found if path.is_file())


def remember(patch: Any, function: Any, depends: Callable[..., Any]) -> None:
    """Let a function be called once for the same content, wherever in qbell it is imported.

    Args:
        patch: pytest's ``monkeypatch``.
        function: to be remembered: what it returned, or the error that it raised.
        depends: of the same arguments; all that its answer depends on.
    """
    known: dict[Any, tuple[Any, BaseException | None]] = {}

    def call(*args: Any, **named: Any) -> Any:
        key = depends(*args, **named)
        if key not in known:
            while len(known) >= KEPT:
                known.pop(next(iter(known)))
            try:
                known[key] = function(*args, **named), None
            except Exception as error:
                known[key] = None, error.with_traceback(None)
        known[key] = known.pop(key)  # the last used is dropped last
        answer, error = known[key]
        if error is not None:
            raise error
        return answer

    for name, module in list(sys.modules.items()):
        if name.startswith("qbell.") and vars(module).get(function.__name__) is function:
            patch.setattr(module, function.__name__, call)
