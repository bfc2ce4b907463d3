"""Campaigns on backends of other vendors: their counts, stuck qubits, gates that nobody defined."""

from pathlib import Path

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate

import qbell
from qbell import QbellError
from qbell.campaigns.campaign import Outcome
from qbell.campaigns.run import analyze
from qbell.circuits.measurement import check_defined, compile_for
from qbell.mitigation.calibration import SingularReadout
from tests.support.vendors import READ, Counts, VendorBackend

SPEC = """
[state]
family = "product"
n = 3
theta = [0.4, 0.9, 1.6]
phi = [0.3, 0.0, 1.2]
[schedule]
shots = 60
[hardware]
jobs = 2
reference = 1
reference_shots = 50
[estimate]
resamples = 40
"""


def campaign(folder: Path, backend: VendorBackend, more: str = "") -> Outcome:
    (folder / "spec.toml").write_text(SPEC + more)
    qbell.submit(folder / "spec.toml", folder / "out", backend=backend)
    found = qbell.fetch(folder / "out")
    assert isinstance(found, Outcome)
    return found


@pytest.mark.slow
def test_counts_are_read(tmp_path: Path) -> None:
    outcome = campaign(tmp_path, VendorBackend(READ["words as memory"]))
    assert outcome.summary["noise"] is None
    assert any("the device reports no errors" in note for note in outcome.summary["notes"])
    frame = outcome.result.shots.frame
    for qubit, mean in enumerate((0.372, 0.783, 0.362)):  # sin(theta) cos(phi)
        part = frame[frame["setting"].str[-1 - qubit] == "X"]
        value = (part["count"] * (1 - 2 * part["bitstring"].str[-1 - qubit].astype(int))).sum()
        assert value / part["count"].sum() == pytest.approx(mean, abs=0.26)  # 4 standard errors


def stuck(counts: Counts) -> dict[str, Counts]:
    found: Counts = {}
    for word, count in counts.items():
        found[word[:-1] + "0"] = found.get(word[:-1] + "0", 0) + count
    return {"counts": found}


@pytest.mark.slow
@pytest.mark.parametrize("more", ["", "[mitigation]\nshots = 50\n"])
def test_a_stuck_qubit_ends_the_mitigation_and_not_the_report(tmp_path: Path, more: str) -> None:
    outcome = campaign(tmp_path, VendorBackend(stuck), more)
    for found in (outcome, analyze(tmp_path / "out") if more else outcome):
        assert found.summary["provenance"] == "raw"
        assert "nothing is mitigated: readout calibration: qubit 0" in found.summary["notes"][0]
        assert any("qubit 0, which gave 0 in every shot" in note for note in found.summary["notes"])
        assert found.summary["certificate"]["entanglement_depth"] == 1
    assert (tmp_path / "out" / "report.html").exists()
    with pytest.raises(SingularReadout):
        qbell.read_calibration(tmp_path / "out" / "calibration.csv")


def test_a_gate_that_nobody_defined() -> None:
    """In users' circuits, and where a vendor's part of the compiler places it."""
    backend = VendorBackend(stuck)
    move = Gate("move", 2, [])
    backend.target.add_instruction(move, {(0, 1): None})
    circuit = QuantumCircuit(2)
    circuit.append(move, [0, 1])
    with pytest.raises(QbellError, match=r"cannot be compiled for vendor .*move"):
        compile_for(circuit, backend, [0, 1])
    with pytest.raises(QbellError, match="has the gate move, which has neither a definition"):
        check_defined(circuit, "vendor")
