"""All certificates, in the order of the summary: to add one, declare it in a file of its own and
list it here."""

from qbell.certificates.acceptance import ACCEPTANCE_P
from qbell.certificates.anytime import P_ANY
from qbell.certificates.bell_qubits import BELL_QUBITS
from qbell.certificates.chance_outcomes import OUTCOMES_P
from qbell.certificates.entanglement_depth import ENTANGLEMENT_DEPTH
from qbell.certificates.no_signalling import NO_SIGNALLING_P
from qbell.certificates.no_signalling_depth import NO_SIGNALLING_DEPTH
from qbell.certificates.nonlocality_depth import NONLOCALITY_DEPTH
from qbell.certificates.p_value import P_VALUE
from qbell.certificates.quantum_limits import QUANTUM_P
from qbell.certificates.random_settings import SETTINGS_P
from qbell.certificates.separability import SEPARABILITY
from qbell.certificates.statement import Check, Depth, PValue, Statement
from qbell.certificates.svetlichny_depth import SVETLICHNY_DEPTH

P_VALUES: tuple[PValue, ...] = (P_VALUE, P_ANY)
DEPTHS: tuple[Depth, ...] = (
    BELL_QUBITS,
    NONLOCALITY_DEPTH,
    NO_SIGNALLING_DEPTH,
    SVETLICHNY_DEPTH,
    ENTANGLEMENT_DEPTH,
    SEPARABILITY,
)
CHECKS: tuple[Check, ...] = (NO_SIGNALLING_P, SETTINGS_P, QUANTUM_P, OUTCOMES_P, ACCEPTANCE_P)
CLAIMS: tuple[PValue | Depth, ...] = (*P_VALUES, *DEPTHS)
"""Statements on nature, in the order of the summary."""
ROWS: tuple[Statement, ...] = (*DEPTHS, *P_VALUES, *CHECKS)
"""In the order of the tables."""
