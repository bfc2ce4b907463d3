"""The first steps: a spec to start from, and what works here."""

from pathlib import Path
from typing import Annotated, Any

import typer

from qbell.cli import completion
from qbell.cli.app import Json, app
from qbell.cli.output import print_json, say
from qbell.errors import QbellError


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("campaign.toml"),
    family: Annotated[
        str,
        typer.Option(
            help="Family of the state: ghz, ising, ...", autocompletion=completion.families
        ),
    ] = "ghz",
    num_qubits: Annotated[int, typer.Option("-n", help="Number of qubits.")] = 6,
    backend: Annotated[str, typer.Option(help="aer, fake_* or an IBM device.")] = "aer",
    as_json: Json = False,
) -> None:
    """Write a spec to start from, with every key explained.

    It runs as it is. A file that is there is never written over.

    Example: qbell init my_ising.toml --family ising -n 8
    """
    from qbell.campaigns.spec import parse_spec
    from qbell.campaigns.template import template
    from qbell.util.atomic_files import write_text

    if path.suffix != ".toml":
        raise QbellError(f"{path}: expected a name that ends in .toml")
    if path.exists() or path.is_symlink():
        raise QbellError(f"{path} is there already; give another name, or remove it")
    text = template(family=family, num_qubits=num_qubits, backend=backend)
    import tomllib

    parse_spec(tomllib.loads(text), text, name=path.stem, folder=path.parent)
    write_text(path, text)
    if as_json:
        print_json({"file": str(path), "next": [f"qbell plan {path}", f"qbell run {path}"]})
    say(f"wrote {path}; next: edit it, then qbell plan {path}, and qbell run {path}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is installed here, which backends work, and how fast.

    Example: qbell doctor --json
    """
    from qbell.campaigns.doctor import examine

    found = examine()
    if as_json:
        print_json(found)
        return
    for name, value in _lines(found):
        print(f"{name:<22}{value}")


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    lines = [("python", found["python"]), ("system", found["system"])]
    lines += [(name, version or "MISSING") for name, version in found["packages"].items()]
    for name, extra in found["extras"].items():
        there = "installed" if extra["installed"] else f"missing: pip install 'qbell[{name}]'"
        lines.append((f"extra {name}", f"{there}  ({extra['for']})"))
    snapshots = found["backends"]["snapshots"]
    lines += [
        ("backend aer", "works" if found["backends"]["aer"] else "DOES NOT WORK"),
        ("backends fake_*", f"{snapshots} snapshots" if snapshots else "none: they need extra ibm"),
        ("IBM account", "found" if found["ibm_account"] else "none saved, none in the environment"),
        ("cores", str(found["cores"])),
        ("kernels are kept", "yes" if found["numba_cache"] else "no: each start compiles anew"),
    ]
    seconds = found["seconds"]
    said = "not measured" if seconds is None else f"{seconds} s for GHZ, N = 6, 64 x 1000 shots"
    lines.append(("speed", said))
    return lines
