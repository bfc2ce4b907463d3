"""Passes that are kept for many circuits compile as passes made for each."""

import pytest
from qiskit import QuantumCircuit, generate_preset_pass_manager
from qiskit.providers.fake_provider import GenericBackendV2

from qbell.circuits.device_passes import SEED_TRANSPILER, DevicePasses
from tests.support.laws import crooked

CHAIN = [(k, k + 1) for k in range(5)]


@pytest.mark.parametrize("level", [1, 3])
def test_kept_passes_compile_as_new_ones(level: int) -> None:
    """On given qubits, on the compiler's, and where it has to swap."""
    device = GenericBackendV2(6, coupling_map=[*CHAIN, *(edge[::-1] for edge in CHAIN)], seed=2)
    passes = DevicePasses(device, level)
    line = QuantumCircuit(3)
    line.h(0)
    line.cx(0, 1)
    line.cx(1, 2)
    for circuit, wires in [
        (line, [2, 3, 4]),
        (line, [5, 4, 3]),
        (crooked(), None),
        (crooked(), (0, 2, 5, 3)),
        (line, None),
        (crooked(), [3, 2, 1, 0]),
        (line, [2, 3, 4]),
    ]:
        new = generate_preset_pass_manager(
            level, device, seed_transpiler=SEED_TRANSPILER, initial_layout=wires and list(wires)
        )
        found, expected = passes.run(circuit, wires), new.run(circuit)
        assert found == expected
        assert found.layout == expected.layout
        if wires is not None:
            assert found.layout.initial_index_layout(filter_ancillas=True) == list(wires)
