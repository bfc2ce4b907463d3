"""The passes written out give what Qiskit's preset gives, gate by gate."""

import subprocess
import sys

import pytest
from qiskit import QuantumCircuit, generate_preset_pass_manager
from qiskit.circuit.random import random_circuit

import qbell
from qbell.circuits.measurement import BASIS, compile_for


@pytest.mark.parametrize("seed", range(8))
def test_random_circuits_come_out_as_of_the_preset(seed: int) -> None:
    circuit = random_circuit(4 + seed % 3, 10, max_operands=4, seed=seed)
    preset = generate_preset_pass_manager(optimization_level=1, basis_gates=BASIS)
    assert compile_for(circuit, None) == preset.run(circuit)


@pytest.mark.slow
def test_states_come_out_as_of_the_preset() -> None:
    preset = generate_preset_pass_manager(optimization_level=1, basis_gates=BASIS)
    constant_depth = qbell.ghz(8, layout="constant")  # branches on measured ancillas
    for state in (constant_depth, qbell.ghz(6), qbell.ising(6, -1.0), qbell.double_well(5, -1.0)):
        circuit = state.preparation().circuit
        assert compile_for(circuit, None) == preset.run(circuit)


@pytest.mark.slow
def test_no_other_package_is_loaded() -> None:
    program = (
        "import sys, qbell; from qbell.circuits.measurement import compile_for;"
        "compile_for(qbell.ghz(3).circuit(), None);"
        "sys.exit('qiskit_ibm_runtime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_is_unitary_by_definition_is_taken_apart() -> None:
    inner = QuantumCircuit(2, name="mine")
    inner.h(0)
    inner.cx(0, 1)
    outer = QuantumCircuit(3)
    outer.append(inner.to_gate().control(1), [2, 0, 1])
    assert set(compile_for(outer, None).count_ops()) <= set(BASIS)
