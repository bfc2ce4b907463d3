"""Correlators of few qubits from covering designs."""
