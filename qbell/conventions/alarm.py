"""When a test of the data raises an alarm."""

ALARM = 0.001
"""P-value below which what was tested is taken to be wrong, and statements that rest on it fall.

The same for every test of an assumption: that the data do not signal, that settings were drawn
uniformly, that jobs do not drift, that qubits are alike or read independently. Data that keep to
the assumption raise a false alarm with at most this probability.
"""
