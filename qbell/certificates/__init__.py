"""What the data certify: depths of nonlocality and entanglement, p-values, tests of the data."""

from qbell.certificates.bell_qubits import bell_qubits_limit
from qbell.certificates.certificate import Certificate, Claims
from qbell.certificates.certify import certify, contradicted
from qbell.certificates.depths import Depths, depths, depths_of_log
from qbell.certificates.entanglement_depth import entanglement_limit
from qbell.certificates.local_realism import LocalRealism, local_limit, local_realism
from qbell.certificates.no_signalling import no_signalling_p
from qbell.certificates.no_signalling_depth import no_signalling_limit
from qbell.certificates.nonlocality_depth import nonlocality_limit
from qbell.certificates.random_settings import settings_p
from qbell.certificates.statement import Statement
from qbell.certificates.tested_correlator import TestedCorrelator

__all__ = [
    "Certificate",
    "Claims",
    "Depths",
    "LocalRealism",
    "Statement",
    "TestedCorrelator",
    "bell_qubits_limit",
    "certify",
    "contradicted",
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
