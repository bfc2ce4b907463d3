"""The circuit library: what is committed is right by two routes, and what writes it is careful."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit.library import RXGate
from qiskit.quantum_info import Statevector, partial_trace

from qbell import QbellError
from qbell.circuits.files import load_circuit, read_circuit, write_circuit
from qbell.circuits.gate_counts import count_gates
from qbell.library import ENTRIES, Entry, check_library, write_library
from qbell.library.branches import branches
from qbell.library.check import prepared_fidelity, target_of
from qbell.library.entries import entry_of
from qbell.library.table import Row, read_table
from qbell.states import FAMILIES
from tests.support.paths import ROOT

FOLDER = ROOT / "circuits"
ROWS = read_table(FOLDER)
CSV = (FOLDER / "circuits.csv").read_text(encoding="utf-8")
SMALL = tuple(
    entry
    for entry in ENTRIES
    if entry.num_qubits == 4 and entry.family in ("ghz", "w", "twisting", "ising")
)


# --- what is committed --------------------------------------------------------------------------


@pytest.mark.slow
def test_the_committed_library_is_as_its_table_says() -> None:
    checked = check_library(FOLDER, most_qubits=16)
    assert [one for one in checked if one.faults] == []
    assert sum(one.fidelity is not None for one in checked) > 80


def test_the_committed_library_is_the_one_that_is_written() -> None:
    """Every entry is there, and nothing else; few files, and small ones."""
    assert [row.file for row in ROWS] == [entry.file for entry in ENTRIES]
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".qasm", ".csv", ".md"}
    assert len(files) == len(ROWS) + 2 < 120
    assert sum(path.stat().st_size for path in files) < 2e6
    families = {row.family for row in ROWS}
    assert set(FAMILIES) - families == {"chain", "plus", "product", "quench", "stars", "xxz"}


def coherently(circuit: QuantumCircuit) -> QuantumCircuit:
    """Measurements deferred: what a bit decides, the qubit it was read from decides instead."""
    made = QuantumCircuit(*circuit.qregs)
    source = {}
    for item in circuit.data:
        name = item.operation.name
        if name == "measure":
            source[item.clbits[0]] = item.qubits[0]
        elif name == "if_else":
            bit, value = item.operation.condition
            assert int(value) == 1
            (block,) = [block for block in item.operation.blocks if block is not None]
            for inner in block.data:
                assert inner.operation.name == "x"
                qubit = item.qubits[block.find_bit(inner.qubits[0]).index]
                made.cx(source[bit], qubit)
        else:
            made.append(item)
    return made


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.file, marks=[pytest.mark.nightly] * (number % 3 != 1))
        for number, row in enumerate(row for row in ROWS if row.n <= 10)
    ],
)
def test_states_by_qiskits_state_vectors(row: Row) -> None:
    """By Qiskit's own parser, parameters and state vectors, none of which the check uses."""
    circuit = qasm3.loads((FOLDER / row.file).read_text(encoding="utf-8"))
    names = row.inputs.split()
    assert sorted(parameter.name for parameter in circuit.parameters) == sorted(names)
    values = {name: 1.3 - 0.6 * place for place, name in enumerate(names)}
    circuit = circuit.assign_parameters(values)
    target = target_of(entry_of(row.file), values)
    assert np.linalg.norm(target) == pytest.approx(1)
    if circuit.num_clbits:
        state = Statevector(coherently(circuit))
        reduced = partial_trace(state, range(row.n, circuit.num_qubits)).data
        fidelity = float((target.conj() @ reduced @ target).real)
    else:
        fidelity = abs(np.vdot(target, Statevector(circuit).data)) ** 2
    assert fidelity == pytest.approx(float(row.fidelity), abs=1e-9)


# --- writing ------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    write_library(tmp_path / "one", entries=SMALL)
    write_library(tmp_path / "two", entries=SMALL)
    first = contents(tmp_path / "one")
    assert first == contents(tmp_path / "two")
    write_library(tmp_path / "one", entries=SMALL)
    assert contents(tmp_path / "one") == first


@pytest.mark.slow
def test_a_stopped_writer_leaves_whole_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it is stopped: whole circuits, and no table that promises others."""
    whole = tmp_path / "whole"
    write_library(whole, entries=SMALL)
    real = Path.write_text
    for stop_at in range(1, len(SMALL) + 3):
        calls = 0

        def failing(path: Path, text: str, *, stop_at: int = stop_at, **more: str) -> int:
            nonlocal calls
            calls += 1
            if calls == stop_at:
                real(path, text[: len(text) // 2], **more)
                raise KeyboardInterrupt
            return real(path, text, **more)

        folder = tmp_path / f"stopped {stop_at}"
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_text", failing)
            with pytest.raises(KeyboardInterrupt):
                write_library(folder, entries=SMALL)
        found, expected = contents(folder), contents(whole)
        assert found.items() <= expected.items()
        assert ("circuits.csv" in found) == (stop_at == len(SMALL) + 2)


def test_unknown_families_are_refused(tmp_path: Path) -> None:
    with pytest.raises(QbellError, match=r"no family 'wz'; use some of ghz, ising"):
        write_library(tmp_path / "x", ["wz"])
    assert not (tmp_path / "x").exists()


# --- checking -----------------------------------------------------------------------------------


def faults(folder: Path) -> dict[str, tuple[str, ...]]:
    return {one.file: one.faults for one in check_library(folder) if one.faults}


@pytest.mark.slow
def test_every_kind_of_damage_is_found(tmp_path: Path) -> None:
    """A gate changed, a file gone, one too many, a table or a page that is of another library."""
    folder = tmp_path / "library"
    write_library(folder, entries=SMALL)
    assert faults(folder) == {}
    good = contents(folder)

    def damaged(name: str, old: str, new: str) -> dict[str, tuple[str, ...]]:
        text = good[name].decode()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))
        found = faults(folder)
        (folder / name).write_bytes(good[name])
        return found

    w = "w/n=4.qasm"
    assert "fidelity" in damaged(w, "ry(", "ry(0.01 + ")[w][0]
    assert damaged(w, "\ncx q", "\ncx q[0], q[1];\ncx q")[w][1] == (
        "two_qubit_gates: 6 in the file, 5 in the table"
    )
    assert "not a readable circuit" in damaged(w, "cx q", "cx w")[w][0]
    twisting = "twisting/n=4,time=input.qasm"
    assert "fidelity" in damaged(twisting, "rzz(time)", "rzz(1.01*time)")[twisting][0]
    other_name = good[twisting].decode().replace("time", "moment").encode()
    (folder / twisting).write_bytes(other_name)
    assert faults(folder)[twisting] == ("inputs: moment in the file, time in the table",)
    (folder / twisting).write_bytes(good[twisting])
    constant = "ghz/n=4,layout=constant.qasm"
    assert "fidelity" in damaged(constant, "  x q[0];\n", "  z q[0];\n")[constant][0]
    ising = "ising/n=4,u=-0.5.qasm"
    assert set(damaged("circuits.csv", "0.9975", "0.9976")) == {ising, "README.md"}
    assert damaged("README.md", "| 3 |", "| 4 |") == {
        "README.md": ("it is not the page of this table",)
    }
    (folder / w).rename(folder / "w" / "n=5.qasm")
    found = faults(folder)
    assert set(found) == {w, "w/n=5.qasm"}
    assert found[w] == ("it is not there",)
    assert found["w/n=5.qasm"] == ("it is not in the table",)


def test_a_table_that_is_none(tmp_path: Path) -> None:
    for text, words in [
        (None, "cannot be read"),
        ("file,fidelity\nx,1\n", "other columns"),
        (
            CSV.replace(",1,", ",one,", 1),
            r"csv, line 2: fidelity 'one'; expected a number from 0 to 1",
        ),
        (CSV.replace(",1,", ",nan,", 1), "fidelity 'nan'; expected a number"),
        (CSV.replace(",1,", ",1e999,", 1), "fidelity '1e999'; expected a number"),
        (CSV.replace("ghz,4", "ghz,four", 1), r"csv, line 2: n 'four'; expected a whole number"),
        (CSV.replace("ghz,4", "ghz,-4", 1), "n '-4'; expected a whole number"),
        (CSV.replace("ghz,4", "ghz," + "9" * 5000, 1), "expected a whole number"),
        (CSV.replace("ghz,4", "ghz", 1), "line 2: 9 cells, and 10 columns"),
        (CSV.replace("ghz,4", "ghz,4,4", 1), "line 2: 11 cells"),
        (CSV.replace("layout=line", 'layout="line', 1), "is not a CSV table"),
        (CSV.replace("layout=log", "layout=line"), "lists ghz/n=4,layout=line.qasm twice"),
        ("", "other columns"),
        ("\0", "other columns"),
    ]:
        if text is not None:
            (tmp_path / "circuits.csv").write_text(text)
        with pytest.raises(QbellError, match=words):
            check_library(tmp_path)


@pytest.mark.slow
def test_columns_must_be_those_of_the_name(tmp_path: Path) -> None:
    """A row that says another state than its file's name, a family that there is not."""
    write_library(tmp_path, entries=SMALL)
    good = (tmp_path / "circuits.csv").read_text()
    ghz, w = "ghz/n=4,layout=line.qasm", "w/n=4.qasm"
    for old, new, file, words in (
        ("ghz,4,layout=line", "ghz,5,layout=line", ghz, "n: 4 by its name, 5 in the table"),
        ("ghz,4,layout=line", "w,4,layout=line", ghz, "family: ghz by its name, w in the table"),
        ("ghz,4,layout=line", "ghz,4,", ghz, "parameters: layout=line by its name, none in"),
        ("w,4,,", "w,4,layout=line,", w, "parameters: none by its name, layout=line in the"),
    ):
        assert old in good
        (tmp_path / "circuits.csv").write_text(good.replace(old, new, 1))
        assert faults(tmp_path)[file][0].startswith(words)
    for name in ("wz/n=4.qasm", "../w/n=4.qasm"):
        (tmp_path / "circuits.csv").write_text(good.replace(w, name, 1))
        assert faults(tmp_path)[name][0].startswith("the library has no family")


@pytest.mark.slow
def test_what_cannot_be_compared_is_a_fault(tmp_path: Path) -> None:
    """Too few qubits for the state of the name, a page that is no text: no traceback."""
    write_library(tmp_path, entries=SMALL)
    w = tmp_path / "w" / "n=4.qasm"
    w.write_text('OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nh q;\n')
    (tmp_path / "README.md").write_bytes(b"\xff\xfe")
    found = faults(tmp_path)
    assert found["w/n=4.qasm"][0].startswith("its state cannot be compared (ValueError")
    assert found["README.md"] == ("it is not the page of this table",)
    (tmp_path / "README.md").unlink()
    (tmp_path / "README.md").mkdir()
    assert "README.md" in faults(tmp_path)
    w.write_text("OPENQASM 3.0;\nqubit[")
    assert faults(tmp_path)["w/n=4.qasm"][0].startswith("is not a readable circuit")
    file = "ising/n=4,start=plus,layers=9,angles=input.qasm"
    w.rename(tmp_path / file)
    (tmp_path / file).write_text(
        "OPENQASM 3.0;\ninput float a;\nqubit[4] q;\nU(a, 0, 0) q[0];\n", encoding="utf-8"
    )
    row = f'"{file}",ising,4,start=plus;layers=9;angles=input,4,1,0,0,1,a\n'
    text = (tmp_path / "circuits.csv").read_text()
    (tmp_path / "circuits.csv").write_text(text + row)
    assert "KeyError" in faults(tmp_path)[file][0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.qpy", "w/x.QASM", "deep/er/x.qasm3", "x.qasm"])
def test_files_that_no_row_lists_are_found(tmp_path: Path, name: str) -> None:
    write_library(tmp_path, entries=SMALL)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    assert faults(tmp_path) == {name: ("it is not in the table",)}


@pytest.mark.slow
def test_one_family_is_added_to_what_is_there(tmp_path: Path) -> None:
    """The table and the page describe all files in the folder, in the library's order."""
    some = [entry for entry in SMALL if entry.family in ("ghz", "twisting")]
    write_library(tmp_path, entries=some)
    written = write_library(tmp_path, ["w"], entries=SMALL)
    assert [row.file for row in written] == ["w/n=4.qasm"]
    assert faults(tmp_path) == {}
    expected = [entry.file for entry in SMALL if entry.family != "ising"]
    assert [row.file for row in read_table(tmp_path)] == expected
    whole = tmp_path / "whole"
    write_library(whole, [row.family for row in read_table(tmp_path)], entries=SMALL)
    there = contents(whole)
    for file, content in there.items():
        assert (tmp_path / file).read_bytes() == content
    # What is gone is not listed any more.
    (whole / "ghz" / "n=4,layout=log.qasm").unlink()
    write_library(whole, ["w"], entries=SMALL)
    assert faults(whole) == {}
    # A table that cannot be read is not written over.
    (whole / "circuits.csv").write_text("mine\n")
    with pytest.raises(QbellError, match="other columns"):
        write_library(whole, ["w"], entries=SMALL)
    assert (whole / "circuits.csv").read_text() == "mine\n"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.file)
def test_names_say_the_state(entry: Entry) -> None:
    assert entry_of(entry.file) == entry


@pytest.mark.parametrize("name", ["w/m=4.qasm", "w/n=x.qasm", "w.qasm", "w/n=4.qpy", "w/n=4.5"])
def test_names_that_say_none(name: str) -> None:
    with pytest.raises(QbellError, match="does not name a state"):
        entry_of(name)


# --- branches -----------------------------------------------------------------------------------


def random_circuit(rng: np.random.Generator) -> QuantumCircuit:
    circuit = QuantumCircuit(4)
    for _ in range(12):
        one, other = (int(qubit) for qubit in rng.choice(4, 2, replace=False))
        circuit.ry(float(rng.normal()), one)
        circuit.rzz(float(rng.normal()), one, other)
        circuit.cx(other, one)
        circuit.rx(float(rng.normal()), other)
    return circuit


def test_branches_of_a_unitary_circuit(rng: np.random.Generator) -> None:
    """One branch: the state vector, in Qiskit's order."""
    circuit = random_circuit(rng)
    assert branches(circuit) == pytest.approx(Statevector(circuit).data[np.newaxis], abs=1e-12)


def summed(states: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.einsum("bi,bj->ij", states, states.conj())


def test_branches_against_deferred_measurement(rng: np.random.Generator) -> None:
    """Conditions, registers, both blocks and a reset: the same density matrix on what is left."""
    circuit = random_circuit(rng)
    measured = QuantumCircuit(4, 2)
    measured.compose(circuit, inplace=True)
    measured.measure([0, 3], [1, 0])
    with measured.if_test((measured.clbits[1], 1)) as otherwise:
        measured.x(1)
        measured.ry(0.3, 2)
    with otherwise:
        measured.h(1)
    with measured.if_test((measured.cregs[0], 2)):
        measured.rx(0.7, 2)
    measured.reset(0)
    after = circuit.copy()
    after.cx(0, 1)
    after.cry(0.3, 0, 2)
    after.x(0)
    after.ch(0, 1)
    after.x(0)
    after.x(3)
    after.append(RXGate(0.7).control(2, annotated=False), [0, 3, 2])
    expected = partial_trace(Statevector(after), [0, 3]).data
    found = summed(branches(measured)).reshape((2,) * 8)
    reduced = np.einsum("abcdaefd->bcef", found).reshape(4, 4)
    assert reduced == pytest.approx(expected, abs=1e-12)
    zero = branches(measured).reshape(-1, 8, 2)
    assert np.abs(zero[:, :, 1]).max() < 1e-12  # qubit 0 was reset


def test_feed_forward_that_is_wrong_is_seen(tmp_path: Path) -> None:
    """A flip that is never made leaves GHZ with the chance of the outcomes that need none."""
    circuit = load_circuit(FOLDER / "ghz" / "n=4,layout=constant.qasm")
    target = target_of(Entry("ghz", 4), {})
    assert prepared_fidelity(circuit, target) == pytest.approx(1, abs=1e-12)
    without = circuit.copy_empty_like()
    for item in circuit.data:
        if item.operation.name != "if_else":
            without.append(item)
    assert prepared_fidelity(without, target) == pytest.approx(1 / 8, abs=1e-12)
    write_circuit(circuit, tmp_path / "x.qpy")
    with pytest.raises(QbellError, match="measures"):
        read_circuit(tmp_path / "x.qpy")


def test_unknown_operations_are_refused() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    with circuit.for_loop(range(2)):
        circuit.x(1)
    with pytest.raises(QbellError, match="cannot follow for_loop"):
        branches(circuit)


def test_gates_in_blocks_are_counted() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure(1, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(2)
    circuit.barrier()
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.cx(0, 2)
        circuit.h(2)
    counts = count_gates(circuit)
    assert (counts.two_qubit_gates, counts.two_qubit_depth, counts.measurements) == (2, 2, 1)
    assert counts.depth == 5
