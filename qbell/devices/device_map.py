"""A device's couplings and readout errors as plain data, for a picture."""

from typing import Any

from qbell.devices.record.record import calibrated, readout_probabilities


def device_map(device: Any, qubits: tuple[int, ...] | None = None) -> dict[str, Any] | None:
    """Who is coupled to whom, and how often each qubit is read wrongly.

    Args:
        device: a BackendV2.
        qubits: the physical qubit of each qubit of the state, if they are chosen.

    Returns:
        ``name``; ``calibrated``, ISO 8601 or None; ``edges``, pairs of qubits, each once;
        ``readout_error``, the mean of P(1|0) and P(0|1) of each qubit, or None where it is not
        said; ``qubits``, as given. None of a device without couplings.

    >>> from qiskit.providers.fake_provider import GenericBackendV2
    >>> device_map(GenericBackendV2(3, coupling_map=[[0, 1], [1, 0], [1, 2]], seed=1))["edges"]
    [[0, 1], [1, 2]]
    """
    target = getattr(device, "target", None)
    coupling = None if target is None else target.build_coupling_map()
    if target is None or coupling is None:
        return None
    measured = (target["measure"] or {}) if "measure" in target.operation_names else {}
    errors: list[float | None] = []
    for qubit, both in enumerate(readout_probabilities(device)):
        mean = getattr(measured.get((qubit,)), "error", None)
        errors.append(mean if both is None else sum(both) / 2)
    return {
        "name": str(getattr(device, "name", "the device")),
        "calibrated": calibrated(device),
        "edges": [list(edge) for edge in sorted({tuple(sorted(e)) for e in coupling.get_edges()})],
        "readout_error": errors,
        "qubits": None if qubits is None else list(qubits),
    }
