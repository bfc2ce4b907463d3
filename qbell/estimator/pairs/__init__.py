"""The bound and F0 from pairs of different shots, at any number of qubits."""
