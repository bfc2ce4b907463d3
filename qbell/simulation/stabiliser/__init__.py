"""Clifford preparations of a hundred qubits and more, with a device's noise as Paulis."""
