"""One `qbell run` searches its layout once and compiles no circuit twice."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import qiskit
from qiskit import QuantumCircuit

from qbell.campaigns.run import run
from qbell.campaigns.spec import read_spec
from qbell.circuits import measurement
from qbell.circuits.device_passes import DevicePasses
from qbell.devices.layout import ghz

MITIGATED = '[mitigation]\nmethod = "tensored"\nshots = 50\n'
FAKE = '[backend]\nname = "fake_pittsburgh"\n'
CAMPAIGNS = {
    "fake": ('family = "ghz"\nn = 3', 'design = "full"\nshots = 20', FAKE),
    "two qubits": ('family = "ghz"\nn = 2', 'design = "full"\nshots = 20', FAKE),
    "axis": ('family = "ghz"\nn = 3', 'design = "full"\nshots = 20\naxis = "x"', FAKE),
    "xi": ('family = "ghz"\nn = 3', 'design = "random3"\ndraws = 90', FAKE),
    "ancillas": ('family = "ghz"\nlayout = "constant"\nn = 2', 'design = "full"\nshots = 20', FAKE),
    "aer": ('family = "ising"\nn = 4\nu = -1.5', 'design = "full"\nshots = 20\naxis = "y"', ""),
    "matrix product": ('family = "w"\nn = 13', 'design = "random"\ndraws = 80', ""),
    "file": ('circuit = "own.qasm"', 'design = "full"\nshots = 20', ""),
    "file on a device": ('circuit = "own.qasm"', 'design = "full"\nshots = 20', FAKE),
}
OWN = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\nh q[0]; cx q[0],q[1]; cx q[1],q[2];\n'


def operations(circuit: QuantumCircuit) -> tuple[Any, ...]:
    """What a circuit does, whatever the identity of its parameters."""
    qubits = {bit: place for place, bit in enumerate(circuit.qubits)}
    bits = {bit: place for place, bit in enumerate(circuit.clbits)}
    return (
        circuit.num_qubits,
        *(
            (
                item.operation.name,
                tuple(qubits[bit] for bit in item.qubits),
                tuple(bits[bit] for bit in item.clbits),
                tuple(map(operations, blocks)) if blocks else str(item.operation.params),
            )
            for item in circuit.data
            for blocks in (getattr(item.operation, "blocks", ()),)
        ),
    )


@pytest.mark.first_and_last
@pytest.mark.device
@pytest.mark.parametrize("name", CAMPAIGNS)
def test_nothing_is_searched_or_compiled_twice(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: Counter[tuple[Any, ...]] = Counter()
    searches: list[int] = []
    passes_for, search = qiskit.generate_preset_pass_manager, ghz.best_layout
    in_plain_gates, compile_on = measurement.in_plain_gates, DevicePasses.run

    def counted_passes(**options: Any) -> Any:
        passes = passes_for(**options)
        compile_one = passes.run

        def counted(circuit: QuantumCircuit) -> Any:
            device = getattr(options.get("backend"), "name", None)
            compiled[(*operations(circuit), device, str(options.get("initial_layout")))] += 1
            return compile_one(circuit)

        passes.run = counted
        return passes

    def counted_plain(circuit: QuantumCircuit, gates: tuple[str, ...]) -> QuantumCircuit:
        compiled[operations(circuit)] += 1
        return in_plain_gates(circuit, gates)

    def counted_on(self: DevicePasses, circuit: QuantumCircuit, wires: Any) -> Any:
        compiled[(*operations(circuit), self.backend.name, wires and str(list(wires)))] += 1
        return compile_on(self, circuit, wires)

    def counted_search(*given: Any, **more: Any) -> Any:
        searches.append(1)
        return search(*given, **more)

    monkeypatch.setattr(qiskit, "generate_preset_pass_manager", counted_passes)
    monkeypatch.setattr(measurement, "in_plain_gates", counted_plain)
    monkeypatch.setattr(DevicePasses, "run", counted_on)
    monkeypatch.setattr(ghz, "best_layout", counted_search)
    (tmp_path / "own.qasm").write_text(OWN)
    state, schedule, backend = CAMPAIGNS[name]
    path = tmp_path / "spec.toml"
    mitigated = "" if "random" in schedule else MITIGATED
    path.write_text(
        f"seed = 1\n[state]\n{state}\n[schedule]\n{schedule}\n{backend}"
        f"[estimate]\nresamples = 200\n{mitigated}"
    )
    run(read_spec(path), tmp_path / "out")
    assert len(searches) == ("ghz" in state and "constant" not in state)
    assert compiled
    twice = {key: count for key, count in compiled.items() if count > 1}
    assert not twice
