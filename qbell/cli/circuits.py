"""Preparation circuits: one of them, and the library of them."""

import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qbell.cli import completion
from qbell.cli.app import Json, app, written
from qbell.cli.output import print_record, progress_bar
from qbell.cli.states import Family, Parameters, Qubits, find_state, interaction, takes_a_state
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from qbell.library import Checked

WIDTH = 100  # of a drawing where no terminal says
MAX_DRAWN = 200_000  # qubits x gates: a drawing of some megabytes in some seconds
ASCII = str.maketrans("─│┌┐└┘├┤┬┴┼═║╥╨╩╦╡╞╬╫╪■«»░√π", "-|+++++++++=|+++++++++*<>:v~")


@app.command()
@takes_a_state
def circuit(
    state: Family,
    n: Qubits = None,
    *,
    parameters: Parameters,
    backend: Annotated[str, typer.Option(help="Device to compile for: fake_*.")] = "aer",
    measured: Annotated[
        bool,
        typer.Option(
            "--measured",
            help="Choose qubits as qbell run does, for accurate readout too.",
        ),
    ] = False,
    draw: Annotated[bool, typer.Option("--draw", help="Draw the circuit in text.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", parser=written, metavar="PATH", help="File to write: .qasm or .qpy."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The preparation circuit: depth, two-qubit gates and fidelity. With --backend as compiled for
    a device: also its physical qubits, and the fidelity that the device's calibration predicts.

    With --backend, -o writes the compiled circuit, on all the device's qubits: a comment in it
    says which of them carry the state. Leave --backend out for the circuit of the state alone.

    Example: qbell circuit ghz -n 6 --backend fake_pittsburgh --measured
    """
    from qbell.circuits.files import check_ending, write_circuit
    from qbell.library.circuit_record import circuit_record, file_comment

    if out is not None:
        check_ending(out)
    found, family, notes = find_state("circuit", state, n, parameters)
    compiled, record = circuit_record(found, backend, measured=measured)
    drawing = _drawing(compiled) if draw else ""
    if out is not None:
        write_circuit(compiled, out, file_comment(compiled, {**record, "family": family}))
    record = {
        "family": family,
        "n": record.pop("n"),
        "u": interaction(found),
        **record,
        "file": None if out is None else str(out),
    }
    record["notes"] += [note for note in notes if note not in record["notes"]]
    if draw and as_json:
        record["drawing"] = drawing
    print_record(record, as_json)
    if draw and not as_json:
        print(_plain(drawing))


def _plain(drawing: str) -> str:
    """With signs of ASCII where stdout cannot take the lines of boxes."""
    try:
        drawing.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return drawing.translate(ASCII)
    return drawing


def _drawing(compiled: "QuantumCircuit") -> str:
    """Qiskit's drawing, folded to the width of the terminal.

    Raises:
        QbellError: a circuit so large that nobody could read it, nor a machine hold it.
    """
    used = {qubit for item in compiled.data for qubit in item.qubits}
    if len(used) * len(compiled.data) > MAX_DRAWN:
        raise QbellError(
            f"--draw: the circuit has {len(used)} qubits and {len(compiled.data)} operations; "
            f"drawings go to {MAX_DRAWN} for qubits times operations, use fewer or leave --draw out"
        )
    width = shutil.get_terminal_size((WIDTH, 1)).columns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of an encoding that is not asked for here
        return str(compiled.draw("text", fold=max(width, 40), idle_wires=False))


@app.command()
def library(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", parser=written, metavar="PATH", help="Folder to write; circuits if left out."
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            "--family",
            help="Only this family; may be repeated.",
            autocompletion=completion.families,
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check", help="Folder to compare with the exact states; nothing is written."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the circuit library: OpenQASM 3 files, their table circuits.csv and a README.md; or
    check one: read every file and compare its state with the exact one. Other files of an existing
    library stay, and stay in its table.

    Example: qbell library --family w --out mine
    """
    from qbell.library import check_library, write_library

    if check is not None and (out is not None or family):
        raise QbellError("--check only reads; leave --out and --family out, or --check")
    with progress_bar() as progress:
        if check is not None:
            folder, found = check, check_library(check, progress=progress)
            record = {"folder": str(folder), "files": len(found), **_faults(folder, found)}
        else:
            folder = Path("circuits") if out is None else out
            rows = write_library(folder, family or None, progress=progress)
            record = {"folder": str(folder), "files": len(rows)}
    print_record(record, as_json)


def _faults(folder: Path, found: "tuple[Checked, ...]") -> dict[str, int]:
    """How many files were compared; a fault in any of them is an error."""
    wrong = [one for one in found if one.faults]
    if wrong:
        more = f" (and {len(wrong) - 1} more files)" if len(wrong) > 1 else ""
        raise QbellError(
            f"{folder / wrong[0].file}: {'; '.join(wrong[0].faults)}{more}; restore it, or write "
            "the library anew"
        )
    return {"compared": sum(one.fidelity is not None for one in found)}
