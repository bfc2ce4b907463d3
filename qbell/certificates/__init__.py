"""What the data certify: depths of nonlocality and entanglement, p-values, tests of the data."""

from qbell.certificates.certificate import Certificate, Claims
from qbell.certificates.certify import certify
from qbell.certificates.depths import (
    Depths,
    bell_qubits_limit,
    depths,
    depths_of_log,
    entanglement_limit,
    no_signalling_limit,
    nonlocality_limit,
)
from qbell.certificates.local_realism import LocalRealism, local_limit, local_realism
from qbell.certificates.no_signalling import no_signalling_p
from qbell.certificates.random_settings import settings_p
from qbell.certificates.tested_correlator import TestedCorrelator

__all__ = [
    "Certificate",
    "Claims",
    "Depths",
    "LocalRealism",
    "TestedCorrelator",
    "bell_qubits_limit",
    "certify",
    "depths",
    "depths_of_log",
    "entanglement_limit",
    "local_limit",
    "local_realism",
    "no_signalling_limit",
    "no_signalling_p",
    "nonlocality_limit",
    "settings_p",
]
